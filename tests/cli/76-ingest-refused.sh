# ingest: returns that are not good enough, returns that add up, returns carried
# by hand; killed anywhere, it loses and doubles nothing.
set -eu

# shellcheck source=tests/support/flip.sh
. "$TOP/tests/support/flip.sh"
command -v jq >/dev/null || { echo "no jq here"; exit 77; }
umask 077
"$HANDOFF" keygen -o owner.key 2>/dev/null
"$HANDOFF" keygen -o vendor.key 2>/dev/null
owner() { "$HANDOFF" "$@" --home owner --identity owner.key; }
vendor() { "$HANDOFF" "$@" --home vendor --identity vendor.key; }
print() { "$HANDOFF" card --show "$1" --json | sed 's/.*"fingerprint":"\([^"]*\)".*/\1/'; }
owner init --name demo --no-recovery >/dev/null
"$HANDOFF" card --home owner >owner.card
vendor enroll --owner owner.card --no-recovery \
	--fingerprint "$(print owner.card)" acme >/dev/null
"$HANDOFF" card --home vendor >acme.card
owner vendor add acme acme.card --country NL \
	--fingerprint "$(print acme.card)" >/dev/null
mkdir -p data
for i in 1 2 3 4 5 6 7 8; do echo "text $i" >data/$i.txt; done
cat >policy.yaml <<'P'
handoff: 1
project: triage
purpose: train
recipients: [acme]
retention: 90d
agreements: []
files:
  - match: "*.txt"
    type: text
    text: keep
labels: {kind: class, classes: [good, bad], golden: {metric: accuracy, pass: 0.9}}
P
echo '{"item":"4.txt","class":"bad"}' >golden.jsonl
owner export data --policy policy.yaml --vendor acme --name first \
	--golden golden.jsonl >/dev/null
owner batch approve first --yes >/dev/null

agent=
stop() { [ -z "$agent" ] || { kill "$agent" && wait "$agent"; } || :; agent=; }
trap stop EXIT
"$HANDOFF" agent --home owner --identity owner.key \
	--listen 127.0.0.1:0 >agent.log 2>&1 &
agent=$!
for _ in $(seq 100); do
	at=$(sed -n 's/.*listening on \(127[0-9.:]*\).*/\1/p' agent.log)
	[ -z "$at" ] || break
	sleep 0.1
done
[ -n "$at" ] || { cat agent.log; exit 1; }
vendor inbox --agent "$at" >/dev/null
vendor fetch "https://$at" -o fetched >/dev/null

# say TEXT CLASS: a label line for the text that says that
say() {
	file=$(grep -l "text $1\$" fetched/*.txt)
	item=${file##*/}
	echo "{\"item\":\"${item%%.*}\",\"annotator\":\"a\",\"at\":\"2026-01-01T00:00:00Z\",\"class\":\"$2\"}"
}
# ingested VERDICT STATUS: the return that waits is judged like that
ingested() {
	rc=0
	owner ingest --all -o accepted --json >report.json 2>err || rc=$?
	got=$(jq -r '.returns[0].verdict' report.json)
	[ "$got $rc" = "$1 $2" ] ||
		{ echo "$got $rc, not $1 $2"; cat report.json err; exit 1; }
	id=$(jq -r '.returns[0].return' report.json)
}
found() { jq -e --arg c "$1" '.labels.found[$c]' "owner/quarantine/$id/findings.json"; }

# The golden item answered wrongly: below the mark; it stays, and can be judged
# again, to the same end.
{ say 4 good; say 1 good; } >l.jsonl
vendor return first l.jsonl >/dev/null
ingested rejected 3
found golden-failed >/dev/null
grep -q 'below the pass mark' "owner/quarantine/$id/findings.txt"
[ ! -e "accepted/$id" ]
owner ingest --all -o accepted | grep -q 'no return waits'
rc=0
owner ingest "$id" -o accepted >/dev/null 2>&1 || rc=$?
[ $rc = 3 ]

# What the vendor's own check would refuse, sent all the same.
{ say 1 ugly; } >l.jsonl
rc=0
vendor return first l.jsonl >/dev/null 2>&1 || rc=$?
[ $rc != 0 ]
vendor return first l.jsonl --force >/dev/null
ingested rejected 6
found unknown-class >/dev/null

# Two returns add up; the second has an item of the first again.
{ say 4 bad; say 1 good; say 2 good; } >l.jsonl
vendor return first l.jsonl >/dev/null
ingested partial 0
[ "$(jq -c '.returns[0].over_all_returns' report.json)" = '{"again":0,"open":5}' ]
[ "$(cut -d, -f1 "accepted/$id/open.csv" | sort | tr '\n' ' ')" = \
	'3.txt 5.txt 6.txt 7.txt 8.txt item ' ]
[ ! -e "owner/quarantine/$id" ]
{ say 2 bad; say 3 good; say 5 good; say 6 good; } >l.jsonl
vendor return first l.jsonl >/dev/null
ingested partial 0
[ "$(jq -c '.returns[0].over_all_returns' report.json)" = '{"again":1,"open":2}' ]
stop

# By hand, and altered on the way: that cannot be opened, whoever did it.
{ say 4 bad; say 7 good; } >l.jsonl
vendor return first l.jsonl -o hand.age >/dev/null
cp hand.age bad.age
flip bad.age $(($(wc -c <bad.age) - 20))
rc=0
owner ingest bad.age -o accepted >/dev/null 2>&1 || rc=$?
[ $rc = 4 ] || { echo "altered: $rc"; exit 1; }
rc=0
owner ingest policy.yaml -o accepted >/dev/null 2>&1 || rc=$?
[ $rc = 6 ]

# Killed at 40 moments, keeper and all; each time the same command again.
count() { "$HANDOFF" audit list --home owner --json | jq -r .entry.kind | grep -c "$1" || :; }
returned=$(count '^returned$') ingested=$(count '^ingested$') done=0
# another return each time
send() {
	{ say 4 bad; say 7 good; } | sed "s/:\"a\"/:\"a$1\"/" >l.jsonl
	vendor return first l.jsonl -o hand.age >/dev/null
}
begun=$(date +%s%N)
owner ingest hand.age -o accepted >/dev/null
whole=$((($(date +%s%N) - begun) / 1000000)) # milliseconds
rm hand.age
done=1 kills=0 tries=0
want=${KILLS:-40}
while [ $kills -lt "$want" ] && [ $tries -lt 100 ]; do
	tries=$((tries + 1))
	[ -e hand.age ] || send $done
	"$HANDOFF" ingest hand.age -o accepted --home owner --identity owner.key \
		>out 2>err &
	pid=$!
	sleep "$(awk -v k=$tries -v w=$whole 'BEGIN { print (1 + k * 7 % 41) / 41 * 1.4 * w / 1000 }')"
	kill -9 $pid 2>/dev/null && kills=$((kills + 1))
	rc=0
	wait $pid 2>/dev/null || rc=$?
	# taken in now, or the last time, just before it was killed
	if [ $rc = 0 ] || { [ $rc = 3 ] && grep -q 'taken in already' err; }; then
		done=$((done + 1))
		rm hand.age
	elif [ $rc != 137 ]; then
		echo "ingest ended with $rc after a kill"
		cat err
		exit 1
	fi
done
if [ -e hand.age ]; then
	rc=0
	owner ingest hand.age -o accepted >out 2>err || rc=$?
	[ $rc = 0 ] || grep -q 'taken in already' err || { cat err; exit 1; }
	done=$((done + 1))
fi
[ $kills -ge $((want / 2)) ] || { echo "only $kills kills"; exit 1; }
[ "$(count '^returned$') $(count '^ingested$')" = \
	"$((returned + done)) $((ingested + done))" ] ||
	{ echo "$done returns, but the log has others"; exit 1; }
[ "$(find accepted -mindepth 1 -maxdepth 1 -type d ! -name '.*' | wc -l)" = $((2 + done)) ]
for d in accepted/r-*; do
	for file in labels.jsonl labels.original.jsonl groups.csv report.json; do
		[ -s "$d/$file" ] || { echo "$d: not whole"; exit 1; }
	done
	[ ! -e "$d/labels.coco.json" ] || { echo "$d: COCO of texts"; exit 1; }
done
owner ingest --all -o accepted | grep -q 'no return waits'
[ "$(find owner/quarantine -mindepth 1 -maxdepth 1 -type d | wc -l)" = 2 ] ||
	{ echo "more than the two rejected ones in quarantine"; exit 1; }
"$HANDOFF" audit verify --home owner >/dev/null
