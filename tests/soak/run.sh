#!/bin/sh
# kill -9 at SOAK_POINTS (1000) random moments of the loop: export, approval,
# release, return, ingest.  After each the same command is run again, as a
# person would, and has to finish the work: no item lost, none twice, nothing
# given out that the log does not have, and a log that verifies.
# usage: tests/soak/run.sh
#
#   SOAK_POINTS   how many kills
#   SOAK_LANES    loops side by side that share the points, each with homes of
#                 its own: most of a loop is waiting, and what a loop verifies
#                 grows with its log
#   SOAK_SEED     which moments; the seed of a run is printed
#   SOAK_DIR      where the homes are made and left after a failure
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
program=${HANDOFF:-$top/build/handoff}
points=${SOAK_POINTS:-1000}
lanes=${SOAK_LANES:-$((points >= 200 ? 4 : 1))}
seed=${SOAK_SEED:-$(od -An -N3 -tu4 /dev/urandom | tr -d ' ')}

# Several lanes: this script once for each, and the sum of what they count.
if [ "$lanes" -gt 1 ]; then
	say=$(mktemp -d "${TMPDIR:-/tmp}/handoff-lanes-XXXXXX")
	i=0 pids=''
	trap 'kill $pids; exit 1' HUP INT TERM
	while [ $i -lt "$lanes" ]; do
		SOAK_LANES=1 SOAK_POINTS=$(((points + i) / lanes)) \
		    SOAK_SEED=$((seed + i)) sh "$0" >"$say/$i" 2>&1 &
		pids="$pids $!"
		i=$((i + 1))
	done
	wait
	cat "$say"/*
	cat "$say"/* | awk '/^[0-9]+ passed, [0-9]+ failed/ { p += $1; x += $3; n++ }
		END { x += '"$lanes"' - n; print p + 0 " passed, " x " failed"
			exit x > 0 }' && rm -rf "$say"
	exit
fi

here=$(mktemp -d "${SOAK_DIR:-${TMPDIR:-/tmp}}/handoff-soak-XXXXXX")
rows=300 texts=40
unset HANDOFF_HOME
umask 077
agent='' port=

for tool in jq setsid; do
	command -v $tool >/dev/null || { echo "soak: no $tool here"; exit 1; }
done

stop() {
	[ -z "$agent" ] || { kill -9 "$agent" 2>/dev/null; wait "$agent"; } || :
	agent=
}
# A failure leaves everything where it is.
ended() {
	rc=$?
	stop
	if [ $rc -eq 0 ]; then
		chmod -R u+w "$here"
		rm -rf "$here"
		return
	fi
	echo "soak: failed at point $n of $points; SOAK_SEED=$seed; see $here"
	tail -n 20 "$here/log" 2>/dev/null || :
	echo "$((n > 0 ? n - 1 : 0)) passed, 1 failed"
}
n=0
trap ended EXIT
trap 'exit 1' HUP INT TERM
fail() { echo "soak: $*"; exit 1; }

cd "$here"
: >log
: >hits
echo "soak: $points points, SOAK_SEED=$seed"
exec 2>>log # where shells say who was killed

# A number from 0 to $1 - 1, the same ones for the same seed.
draws=0
draw() {
	draws=$((draws + 1))
	drawn=$(awk -v s="$seed" -v d=$draws -v m="$1" 'BEGIN {
		x = (s * 7919 + d * 104729) % 2147483647
		for (i = 0; i < 3; i++) # as minstd_rand; srand() ends at 2^31
			x = x * 48271 % 2147483647
		print x % m }')
}

owner() { "$program" "$@" --home owner --identity owner.key; }
vendor() { "$program" "$@" --home vendor --identity vendor.key; }

serve() {
	: >agent.log
	setsid "$program" agent --home owner --identity owner.key \
	    --listen 127.0.0.1:0 >>log 2>agent.log &
	agent=$!
	i=0
	until port=$(sed -n 's/.*listening on 127\.0\.0\.1:\([0-9]*\).*/\1/p' \
	    agent.log) && [ -n "$port" ]; do
		i=$((i + 1))
		[ $i -le 200 ] || fail "the agent did not come up"
		kill -0 "$agent" 2>/dev/null || fail "the agent ended"
		sleep 0.05
	done
}

now() { echo $(($(date +%s%N) / 1000000)); }

# took NAME COMMAND...: run it whole, and keep how long that lasts.
took() {
	name=$1
	shift
	began=$(now)
	"$@" >>log 2>&1 || fail "$*: exit $?"
	echo $(($(now) - began)) >"time-$name"
}

# kill9 NAME COMMAND...: run it in a session of its own, and kill all of that
# at a random moment of the time it usually takes, or a little after.
kill9() {
	name=$1
	shift
	n=$((n + 1))
	draw $(($(cat "time-$name") * 11 / 10 + 2))
	(
		"$@" >>log 2>&1 &
		victim=$!
		sleep "$(printf '%d.%03d' $((drawn / 1000)) $((drawn % 1000)))"
		kill -s KILL -- -"$victim" 2>/dev/null && echo "$name" >>hits
		wait "$victim" 2>/dev/null || :
	) 2>/dev/null
}
# The program itself, as the leader of a session, so that its children die too.
owner9() { exec setsid "$program" "$@" --home owner --identity owner.key; }
vendor9() { exec setsid "$program" "$@" --home vendor --identity vendor.key; }

# The agent dies while a vendor is busy with it; both then begin again.
kill9_agent() {
	name=$1
	shift
	n=$((n + 1))
	draw $(($(cat "time-$name") + 2))
	"$@" >>log 2>&1 &
	busy=$!
	sleep "$(printf '%d.%03d' $((drawn / 1000)) $((drawn % 1000)))"
	kill -0 "$busy" 2>/dev/null && echo "agent: $name" >>hits
	kill -s KILL -- -"$agent" 2>/dev/null || :
	wait "$agent" 2>/dev/null || :
	agent=
	wait "$busy" 2>/dev/null || : # it may fail, or be done already
	serve
}

# Who has something has a receipt for it that checks, and the owner's log has
# the entry.
accounted() {
	"$program" receipts --home vendor --json |
	    jq -j --arg b "$b" '[.receipts[] | select(.name == $b)][0].receipt' \
	    >receipt
	[ -s receipt ] || fail "$b: no receipt for what came"
	"$program" verify -k owner/log.vkey receipt >entry 2>>log ||
	    fail "$b: the receipt does not verify"
	"$program" batch show "$b" --home owner --json >page 2>>log ||
	    fail "$b: no page"
	jq -e --slurpfile e entry '.id == $e[0].batch and
	    ([.releases[] | .shards] | add) >= .shards' page >>log ||
	    fail "$b: released, and not in the log"
}

verified() {
	"$program" audit verify owner/log --key owner/log.vkey >>log 2>&1 ||
	    fail "the log does not verify"
}

# ---- two homes and a dataset --------------------------------------------

"$program" keygen -o owner.key 2>/dev/null
"$program" keygen -o vendor.key 2>/dev/null
"$program" keygen -o recovery.key 2>/dev/null
recovery=$("$program" keygen -y recovery.key)
mkdir data data/notes
awk -v n=$rows 'BEGIN { print "id,name,n"
	for (i = 1; i <= n; i++) print "c" i ",Name " i "," i }' >data/rows.csv
i=0
while [ $i -lt $texts ]; do
	i=$((i + 1))
	echo "text number $i" >"data/notes/$i.txt"
done
head -c 3000000 /dev/urandom | base64 >data/notes/large.txt
cat >policy.yaml <<'EOP'
handoff: 1
project: soak
purpose: soak
recipients: [acme]
retention: 90d
agreements: [nda]
files:
  - match: rows.csv
    type: csv
    item_id: id
    columns: {id: token, name: drop, n: keep}
  - match: "notes/*.txt"
    type: text
    text: keep
labels: {kind: class, classes: [even, odd]}
EOP
items=$((rows + texts + 1))

owner init --name soak --recovery "$recovery" >>log 2>&1 || fail init
"$program" card --home owner >owner.card
print() { "$program" card --show "$1" --json | sed 's/.*"fingerprint":"\([^"]*\)".*/\1/'; }
vendor enroll acme --owner owner.card --no-recovery \
    --fingerprint "$(print owner.card)" >>log 2>&1 || fail enroll
"$program" card --home vendor >acme.card
owner vendor add acme acme.card --country NL \
    --fingerprint "$(print acme.card)" >>log 2>&1 || fail "vendor add"
echo paper >nda.txt
owner agreement add acme nda nda.txt --from "$(date -u +%Y-%m-%d)" \
    --until "$(($(date -u +%Y) + 1))-12-31" >>log 2>&1 || fail agreement

# ---- the steps -----------------------------------------------------------

do_export() { "$1" export data --policy policy.yaml --vendor acme --name "$b"; }
do_approve() { "$1" batch approve "$b" --yes; }
do_fetch() { "$1" fetch "https://127.0.0.1:$port" -b "$b" -o "fetched-$b"; }
do_return() { "$1" return "$b" "labels-$b.jsonl" --complete \
    --agent "127.0.0.1:$port"; }
do_ingest() { "$1" ingest --all -o "accepted-$b"; }

# Every row once, every text once, and nothing else.
whole() {
	for f in "fetched-$b"/*.csv; do
		tail -n +2 "$f" | tr -d '\r' | sed 's/.*,//'
	done | sort -n >rows
	seq $rows | cmp -s - rows || fail "$b: rows are missing or there twice"
	[ "$(cat "fetched-$b"/*.txt | grep -c '^text number')" -eq $texts ] ||
	    fail "$b: texts are missing or there twice"
	[ "$(find "fetched-$b" -name '*.txt' | wc -l)" -eq $((texts + 1)) ] ||
	    fail "$b: more texts than there are"
}

label() {
	at=$(date -u +%Y-%m-%dT%H:%M:%SZ)
	{
		for f in "fetched-$b"/*.csv; do
			tail -n +2 "$f" | cut -d , -f 1 | tr -d '"'
		done
		find "fetched-$b" -name '*.txt' -exec basename {} .txt \;
	} | awk -v at="$at" '{ print "{\"item\":\"" $1 \
	    "\",\"annotator\":\"a\",\"at\":\"" at "\",\"class\":\"odd\"}" }' \
	    >"labels-$b.jsonl"
}

# One line for each original id, and each once.
joined() {
	find "accepted-$b" -name labels.jsonl -exec cat {} + |
	    jq -r .item | sort >originals
	[ "$(wc -l <originals)" -eq $items ] ||
	    fail "$b: $(wc -l <originals) labels of $items items"
	[ "$(sort -u originals | wc -l)" -eq $items ] || fail "$b: labels twice"
}

b=first
took export do_export owner
took approve do_approve owner
serve
took fetch do_fetch vendor
whole
accounted
label
took return do_return vendor
stop
took ingest do_ingest owner
joined
verified

# ---- the points ----------------------------------------------------------

round=0
while [ $n -lt "$points" ]; do
	round=$((round + 1))
	b=s$round
	kill9 export do_export owner9
	do_export owner >>log 2>&1 || fail "$b: export again: exit $?"
	verified
	kill9 approve do_approve owner9
	do_approve owner >>log 2>&1 || : # it may have been approved
	serve
	kill9 fetch do_fetch vendor9
	kill9_agent fetch do_fetch vendor
	do_fetch vendor >>log 2>&1 || fail "$b: fetch again: exit $?"
	whole
	accounted
	label
	kill9 return do_return vendor9
	kill9_agent return do_return vendor
	do_return vendor >>log 2>&1 || fail "$b: return again: exit $?"
	stop
	kill9 ingest do_ingest owner9
	do_ingest owner >>log 2>&1 || fail "$b: ingest again: exit $?"
	joined
	[ "$("$program" batch show "$b" --home owner --json | jq \
	    '[.returns[] | select(.verdict == "accepted")] | length')" -eq 1 ] ||
	    fail "$b: taken in twice"
	verified
	rm -rf "fetched-$b" "accepted-$b"
done
echo "soak: $n points, $(wc -l <hits) in the midst of something," \
    "$round batches"
sort hits | uniq -c
echo "$n passed, 0 failed"
