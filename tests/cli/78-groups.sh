#!/bin/sh
# groups.csv: what comes of one person has one group, in whichever file it
# stands, so that a split by group does not leak; the group is no token that
# the vendor has seen, and an item without a person has none.
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

# Three persons: two rows and two documents are of c1, one each of c2 and c3.
mkdir data
cat >data/rows.csv <<'D'
id,person,note
1,c1,a
2,c2,b
3,c1,c
D
cat >data/docs.jsonl <<'D'
{"id":"7","who":{"key":"c1"},"note":"d"}
{"id":"8","who":{"key":"c3"},"note":"e"}
{"id":"9","who":{"key":"c1"},"note":"f"}
D
echo nobody >data/plain.txt
cat >policy.yaml <<'P'
handoff: 1
project: triage
purpose: train
recipients: [acme]
retention: 90d
agreements: []
subject:
  - {file: rows.csv, column: person}
  - {file: docs.jsonl, field: who.key}
files:
  - match: rows.csv
    type: csv
    item_id: id
    columns: {id: token, person: {token: {domain: person}}, note: keep}
  - match: docs.jsonl
    type: jsonl
    item_id: id
    fields: {id: token, who.key: {token: {domain: person}}, note: keep}
  - match: plain.txt
    type: text
    text: keep
labels: {kind: class, classes: [good, bad]}
P
# loop NAME: export, approve, fetch, label, return, take in; prints groups.csv
agent=
stop() { [ -z "$agent" ] || { kill "$agent" && wait "$agent"; } || :; agent=; }
trap stop EXIT
loop() {
	owner export data --policy policy.yaml --vendor acme --name "$1" \
		>/dev/null
	owner batch approve "$1" --yes >/dev/null
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
	vendor fetch "https://$at" -o "$1.fetched" >/dev/null
	jq -r .item "$1.fetched/items.jsonl" >items
	[ "$(wc -l <items)" = 7 ]
	sed 's/.*/{"item":"&","annotator":"a","at":"2026-01-01T00:00:00Z","class":"good"}/' \
		items >labels.jsonl
	vendor return "$1" labels.jsonl --complete >/dev/null
	stop
	owner ingest --all -o "$1.accepted" --json >report.json
	[ "$(jq -r '.returns[0].verdict' report.json)" = accepted ]
	mv "$1.accepted/$(jq -r '.returns[0].return' report.json)/groups.csv" \
		"$1.csv"
}
group() { sed -n "s|^$1,||p" first.csv; }

loop first
[ "$(head -n 1 first.csv)" = item,group ]
[ "$(wc -l <first.csv)" = 8 ]
one=$(group 'rows.csv#1') two=$(group 'rows.csv#2') three=$(group 'docs.jsonl#8')
echo "$one" | grep -qE '^[a-z2-7]{26}$'
for item in 'rows.csv#3' 'docs.jsonl#7' 'docs.jsonl#9'; do
	[ "$(group "$item")" = "$one" ] || { cat first.csv; exit 1; }
done
[ "$one" != "$two" ] && [ "$two" != "$three" ] && [ "$one" != "$three" ]
[ -n "$two" ] && [ -n "$three" ] && [ -z "$(group plain.txt)" ]
# keyed: neither the value nor what the vendor has instead of it
if cut -d , -f 2 first.csv | grep -qE '^c[0-9]'; then exit 1; fi
if grep -rqF -e "$one" -e "$two" -e "$three" first.fetched; then exit 1; fi

# The next batch has the same groups: splits made before still hold.
loop second
sort first.csv >a
sort second.csv >b
cmp a b
