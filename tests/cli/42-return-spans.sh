#!/bin/sh
# return, ingest: a span ends within its text, counted in code points.
set -eu
# shellcheck source=tests/support/two_homes.sh
. "$TOP/tests/support/two_homes.sh"
two_homes

cat >policy.yaml <<'P'
handoff: 1
project: triage
purpose: train
recipients: [acme]
retention: 90d
agreements: [nda]
files:
  - match: "**"
    type: text
    text: keep
labels: {kind: spans, classes: [name]}
P
# Nine code points in twelve bytes; none; and a text too large to be held.
mkdir data
printf 'Z\303\274rich \344\270\255\n' >data/short.txt
: >data/empty.txt
yes "$(cat data/short.txt)" | head -n 1500000 >data/long.txt
owner export data --policy policy.yaml --vendor acme --name first >/dev/null
owner batch approve first --yes >/dev/null
agent_start owner
vendor fetch "https://$at" -o work >/dev/null
agent_stop
[ "$(jq -c .chars work/items.jsonl | sort -n | tr '\n' ' ')" = "0 9 13500000 " ]

# span CHARS END: the text of so many code points has a span up to END
span() {
	jq -c --argjson n "$1" --argjson to "$2" 'select(.chars == $n) |
		{item, annotator: "a", at: "2026-01-01T00:00:00Z",
		spans: [{class: "name", start: 0, end: $to}]}' work/items.jsonl
}
for n in "9 10" "9 12" "0 1" "13500000 13500001"; do
	# shellcheck disable=SC2086 # two words
	span $n >out.jsonl
	fails 3 'would be rejected' vendor return first out.jsonl -o out.age
	grep -q 'span-outside' err.txt
	rm -f forced.age
	vendor return first out.jsonl --force -o forced.age >/dev/null 2>&1
	rc=0
	owner ingest forced.age -o accepted >ingest.txt 2>&1 || rc=$?
	[ $rc = 6 ] || [ $rc = 3 ]
	grep -q 'span-outside' ingest.txt
done
{ span 9 9; span 13500000 13500000; } >in.jsonl
vendor return first in.jsonl -o in.age >/dev/null
owner ingest in.age -o accepted >ingest.txt
grep -q '^partial' ingest.txt || { cat ingest.txt; exit 1; }
