# A vendor that looks for the golden items: one wrong label a return, and
# complete returns that differ in one label.  What it sees is the same for
# golden items and the others.
set -eu

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

# Twenty texts, of which the owner knows twelve: those from 5 to 16.
mkdir -p data
i=0
until [ $i -eq 20 ]; do
	i=$((i + 1))
	echo "text $i" >data/$i.txt
	if [ $i -lt 5 ] || [ $i -gt 16 ]; then continue; fi
	echo "{\"item\":\"$i.txt\",\"class\":\"good\"}" >>golden.jsonl
done
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

# say TEXT CLASS [ANNOTATOR]: a label line for the text that says that
say() {
	file=$(grep -l "text $1\$" fetched/*.txt)
	item=${file##*/}
	echo "{\"item\":\"${item%%.*}\",\"annotator\":\"${3:-a}\",\"at\":\"2026-01-01T00:00:00Z\",\"class\":\"$2\"}"
}
# seen FILE [OPTION]: what the vendor sees of the return of those labels, and
# what is left of it without what only that return has
seen() { vendor return first "$@" --json; }
left() { jq -cS 'del(.return, .bytes, .report, .batch)'; }
# ingested MEMBERS: and those of what the owner sees of the one return are $got
ingested() {
	rc=0
	owner ingest --all -o accepted --json >report.json 2>err || rc=$?
	got=$(jq -er ".returns | select(length == 1) | .[0] | [$1] | join(\" \")" \
		report.json)
}

# One wrong label a return.
: >golden
: >other
: >owner.seen
i=0
until [ $i -eq 20 ]; do
	i=$((i + 1))
	say $i bad >l.jsonl
	if [ $i -lt 5 ] || [ $i -gt 16 ]; then to=other; else to=golden; fi
	seen l.jsonl >>$to
	ingested '.verdict, .golden'
	seen l.jsonl >>$to
	echo "$i $got $rc" >>owner.seen
	[ $i -ne 14 ] || cp report.json tenth.json
done
left <golden >golden.seen
left <other >other.seen
[ "$(wc -l <golden.seen) $(wc -l <other.seen)" = '24 16' ]
[ "$(sort -u golden.seen)" = '{"state":"received"}' ] ||
	{ echo "of golden items: $(sort -u golden.seen)"; exit 1; }
[ "$(sort -u other.seen)" = "$(sort -u golden.seen)" ]

# The owner sees more: nothing is judged by fewer than ten, and what was taken
# in until then fails with the tenth.
awk '{ want = $1 < 14 || $1 > 16 ? "partial too few to judge 0" : "rejected failed 3"
	got = $0; sub(/^[0-9]* /, "", got)
	if (got != want) { print "text " $1 ": " got ", not " want; bad = 1 } }
	END { exit bad }' owner.seen
jq -e '.returns[0] | (.unjudged_before | length == 13) and .score.answered == 10
	and .score.golden == 12 and .score.value == 0' tenth.json >/dev/null
table=$(jq -r '.returns[0].table' tenth.json)
for line in 'golden: 10 of 12 items answered so far' \
	'accuracy 0.0000 (95 %: 0.0000 to 0.2775) over 10 answers; judged: fails' \
	'taken in before it could be judged, fails with this one'; do
	echo "$table" | grep -qF "$line" || { echo "not told: $line"; echo "$table"; exit 1; }
done
provisional=$(find accepted -name report.txt -exec \
	grep -l 'not judged: too few, 10 are needed; taken in as provisional' {} +)
[ "$(echo "$provisional" | wc -l)" = 17 ] # and the four from 17 to 20
# No list that stays behind names a golden item.
[ "$(find owner/quarantine -name '*.golden' | wc -l)" = 17 ]
if find owner/quarantine -name '*.golden' -exec grep -l '[a-z]' {} + | grep .; then
	echo "a record names something"
	exit 1
fi

# whole WRONG ANNOTATOR: all labels, wrong from 5 up to WRONG
whole() {
	i=0
	until [ $i -eq 20 ]; do
		i=$((i + 1))
		if [ $i -ge 5 ] && [ $i -le "$1" ]; then say $i bad "$2"
		else say $i good "$2"; fi
	done
}
# Complete returns: five verdicts, and no more of them, whatever comes.
n=0
until [ $n -eq 7 ]; do
	n=$((n + 1))
	whole $((n + 5)) "a$n" >l.jsonl
	[ "$(seen l.jsonl --complete | left)" = '{"state":"received"}' ]
	ingested '.verdict, .golden, .told, .withheld'
	state=$(seen l.jsonl --complete | jq -r .state)
	if [ $n -le 5 ]; then want='rejected false'; else want='received true'; fi
	[ "$state" = "${want% *}" ] ||
		{ echo "complete $n: $state, not ${want% *}"; exit 1; }
	[ "$got $rc" = "rejected failed $want 3" ]
done
whole 4 right >l.jsonl
seen l.jsonl --complete >/dev/null
owner ingest --all -o accepted >out
grep -q '^golden: 12 of 12 items answered so far' out
grep -q 'judged: passes the mark of 0.9000' out
grep -q '^accepted: ' out
grep -q '^its vendor sees: received$' out
grep -q 'speak with it' out
[ "$(seen l.jsonl --complete | left)" = '{"state":"received"}' ]

# What hangs on no golden answer is told at once.
say 5 ugly >l.jsonl
seen l.jsonl --force >/dev/null
ingested .verdict
[ "$(seen l.jsonl --force | left)" = '{"state":"refused"}' ]
stop
"$HANDOFF" audit verify --home owner >/dev/null
