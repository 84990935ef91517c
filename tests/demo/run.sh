#!/bin/sh
# The whole loop on a made-up dataset, each command printed before it runs.
# usage: tests/demo/run.sh [FOLDER]                          (make demo: ./demo)
#
# An owner and a vendor on one machine, in two homes that share nothing but
# what crosses the wire.  FOLDER is replaced only if it bears our marker; what
# is started here is stopped here.
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
folder=${1:-demo}
marker=.handoff-demo
program=${HANDOFF:-$top/build/handoff}
PATH=$(dirname "$program"):$PATH
export PATH
unset HANDOFF_HOME

die() { echo "demo: $*" >&2; exit 1; }

[ -x "$program" ] || die "$program is not there; make builds it"
for tool in convert exiftool jq; do
	command -v $tool >/dev/null || die "no $tool here; tests/deps.sh installs it"
done
if [ -e "$folder" ] || [ -L "$folder" ]; then
	[ -f "$folder/$marker" ] ||
	    die "$folder is there and not ours: move it away, or name another"
	chmod -R u+w "$folder"
	rm -rf -- "$folder"
fi
mkdir -p "$folder"
echo "made by tests/demo/run.sh; it deletes this folder when run again" \
    >"$folder/$marker"
cd "$folder"

agent=
stop() {
	[ -z "$agent" ] || { kill "$agent" 2>/dev/null && wait "$agent"; } || :
	agent=
}
trap stop EXIT
trap 'exit 1' HUP INT TERM

if [ -t 1 ]; then bold=$(printf '\033[1m') plain=$(printf '\033[0m')
else bold='' plain=''; fi

title() { printf '\n%s== %s%s\n' "$bold" "$*" "$plain"; }

# Print a command as it could be pasted, then run it.  What it writes may go to
# a file; the printing goes where ours does.  $to is what it is redirected to.
exec 5>&1
to=
run() {
	line='$'
	for word; do
		case $word in
		*[!A-Za-z0-9_./:@%+,=-]* | '') word="'$word'" ;;
		esac
		line="$line $word"
	done
	printf '%s%s%s%s\n' "$bold" "$line" "$to" "$plain" >&5
	to=
	"$@" 5>&-
}

# One passphrase file a side, as an unattended machine would have it: a
# descriptor, never an argument or a variable.
umask 077
LC_ALL=C tr -dc 'a-z2-7' </dev/urandom | head -c 32 >owner.pass
LC_ALL=C tr -dc 'a-z2-7' </dev/urandom | head -c 32 >vendor.pass
owner() {
	to=' 3<owner.pass'
	run handoff "$@" --home owner --passphrase-fd 3 3<owner.pass
}
vendor() {
	to=' 3<vendor.pass'
	run handoff "$@" --home vendor --passphrase-fd 3 3<vendor.pass
}

title "A dataset: people, records, notes, photos that know where they were taken"
run "$top/tests/demo/dataset.sh" . "${DEMO_ROWS:-2000}" "${DEMO_PHOTOS:-60}"
cp "$top/tests/demo/policy.yaml" policy.yaml
echo "Both sides promise; this stands for the signed papers." >nda.txt
echo "Article 28 and so on; this stands for the signed papers." >dpa.txt

title "Two homes, and each side's card, compared by fingerprint"
run handoff keygen -o recovery.key 2>recovery.note
recovery=$(handoff keygen -y recovery.key)
owner init --name demo-owner --recovery "$recovery"
to=' >owner.card'
run handoff card --home owner >owner.card
fingerprint() { handoff card --show "$1" --json | jq -r .fingerprint; }
vendor enroll acme --owner owner.card --no-recovery \
    --fingerprint "$(fingerprint owner.card)"
to=' >acme.card'
run handoff card --home vendor >acme.card
owner vendor add acme acme.card --country NL \
    --fingerprint "$(fingerprint acme.card)"

title "Papers in force, and the policy"
today=$(date -u +%Y-%m-%d)
until=$(($(date -u +%Y) + 1))-12-31
owner agreement add acme nda nda.txt --from "$today" --until "$until"
owner agreement add acme dpa dpa.txt --from "$today" --until "$until"
run handoff policy check policy.yaml

title "What would leave, decided before a byte does"
run handoff plan data --home owner --policy policy.yaml --vendor acme

title "Seal it, look at it, let it go"
owner export data --policy policy.yaml --vendor acme \
    --golden golden.jsonl --name first
owner batch approve first --yes

title "The agent serves; the vendor fetches over mutual TLS"
printf '%s$ %s%s\n' "$bold" "handoff agent --home owner --listen 127.0.0.1:0\
 --passphrase-fd 3 3<owner.pass 2>agent.log &" "$plain"
handoff agent --home owner --listen 127.0.0.1:0 --passphrase-fd 3 \
    3<owner.pass 2>agent.log &
agent=$!
i=0
until port=$(sed -n 's/.*listening on 127\.0\.0\.1:\([0-9]*\).*/\1/p' agent.log) &&
    [ -n "$port" ]; do
	i=$((i + 1))
	[ $i -le 100 ] || die "the agent did not come up: $(cat agent.log)"
	kill -0 $agent 2>/dev/null || die "the agent ended: $(cat agent.log)"
	sleep 0.1
done
vendor inbox --agent "127.0.0.1:$port"
vendor fetch "https://127.0.0.1:$port" -o fetched

title "The vendor's own tool labels what came"
printf '%s$ tests/demo/label.sh fetched >labels.jsonl%s\n' "$bold" "$plain"
"$top/tests/demo/label.sh" fetched >labels.jsonl
run handoff labels check labels.jsonl

title "Labels go back, signed and sealed"
vendor return first labels.jsonl

title "The owner takes them in: checked, scored, joined to the originals"
owner ingest --all -o accepted
stop

title "Anyone can check the log, from its files alone"
run handoff audit verify owner/log --key owner/log.vkey

title "A backup that only the recovery key opens"
owner backup backup.age
run handoff status --home owner

title "What to look at, in $folder"
cat <<EOT
  data/customers.csv           what the owner has
  fetched/                     what the vendor got: no names, no positions
      exiftool fetched/*.jpg | grep -i gps    finds nothing
  labels.jsonl                 what the vendor said, in pixels as delivered
  accepted/                    the same under the original names and in the
                               originals' own pixels, as JSONL and COCO;
                               groups.csv for splits that keep people together
  owner/log/                   the log: handoff audit list --home owner
  backup.age                   handoff restore; recovery.key opens it

  handoff status --home owner        what is out, what is due
  handoff batch list --home owner    batches
EOT
