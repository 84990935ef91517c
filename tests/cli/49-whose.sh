#!/bin/sh
# Whole files are somebody's, too: by their path, by what a document says, and
# by the row that names them.  Who is suppressed stays behind with all of it,
# and accepted labels have the person's group.
set -eu
# shellcheck source=tests/support/two_homes.sh
. "$TOP/tests/support/two_homes.sh"
two_homes

# shellcheck disable=SC2016 # bytes, no command
png() {
	printf '\211PNG\r\n\032\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\10\0\0\0\0:~\233U'
	printf '\0\0\0\nIDATx\234c`\0\0\0\2\0\1H\257\244q\0\0\0\0IEND\256B`\202'
}
mkdir -p data/notes data/scans data/cases data/docs data/curves data/visits
{
	echo patient,scan
	for n in 1 2 3 4; do
		echo "p$n,s$n.png"
		echo "p$n,"
	done
} >data/patients.csv
for n in 1 2 3 4; do
	png >data/scans/s$n.png
	echo "a note" >"data/notes/p$n-2026.txt"
	mkdir "data/cases/p$n"
	echo "a case" >"data/cases/p$n/text.txt"
	echo '{"finding":"none"}' >"data/cases/p$n/report.json"
	echo "{\"who\":{\"id\":\"p$n\"},\"x\":$n}" >"data/docs/d$n.json"
	printf 't,mv\n1,2\n' >"data/curves/p$n.csv"
	printf 'day\n2026-01-0%s\n2026-02-0%s\n' $n $n >"data/visits/p$n.csv"
done
echo 'of nobody' >data/readme.txt
cat >policy.yaml <<'P'
handoff: 1
project: triage
purpose: train
recipients: [acme]
retention: 90d
agreements: [nda]
subject:
  - {file: patients.csv, column: patient}
  - {file: "scans/*.png", by: item_ref}
  - {path: "notes/{subject}-*.txt"}
  - {path: "cases/{subject}/**"}
  - {file: "docs/*.json", field: who.id}
  - {path: "curves/{subject}.csv"}
  - {path: "visits/{subject}.csv"}
files:
  - match: patients.csv
    type: csv
    columns: {patient: token, scan: {item_ref: {by: basename}}}
  - match: "scans/*.png"
    type: png
    pixels: keep
  - match: "cases/*/*.txt"
    type: text
    item: folder
    text: keep
  - match: "cases/*/*.json"
    type: json
    item: folder
    fields: {finding: keep}
  - match: "docs/*.json"
    type: json
    fields: {who.id: drop, x: keep}
  - match: "curves/*.csv"
    type: csv
    item: file
    columns: {t: keep, mv: keep}
  - match: "visits/*.csv"
    type: csv
    columns: {day: {shift: {days: 30, by: subject}}}
  - match: "**/*.txt"
    type: text
    text: keep
labels: {kind: class, classes: [good, bad]}
P
plan() { owner plan "$@" --vendor acme; }
look() { "$HANDOFF" "$@" --home owner; }
agreed=$(wc -l <data/patients.csv)
[ "$agreed" = 9 ]
"$HANDOFF" policy check policy.yaml --data data >out.txt
"$HANDOFF" policy explain policy.yaml notes/p1-2026.txt >out.txt
grep -qF 'person: notes/{subject}-*.txt  (policy.yaml:10)' out.txt
"$HANDOFF" policy explain policy.yaml scans/s1.png | grep -qF 'person: item_ref  (policy.yaml:9)'
"$HANDOFF" policy explain --prose policy.yaml >out.txt
grep -qF 'are about the person whose key stands in their path' out.txt
grep -qF 'are about the person whose records name them' out.txt

# ---- A batch from before, and labels on it ------------------------------------
plan data --policy policy.yaml >out.txt
owner export data --policy policy.yaml --vendor acme --name before >/dev/null
owner batch approve before --yes >/dev/null
agent_start owner
vendor fetch "https://$at" --batch before -o before >/dev/null
jq -r .item before/items.jsonl >items
[ "$(wc -l <items)" = 37 ]
sed 's/.*/{"item":"&","annotator":"a","at":"2026-01-01T00:00:00Z","class":"good"}/' \
	items >labels.jsonl
vendor return before labels.jsonl --complete >/dev/null
agent_stop
owner ingest --all -o accepted --json >report.json
groups=accepted/$(jq -r '.returns[0].return' report.json)/groups.csv
group() { sed -n "s|^$1,||p" "$groups"; }
one=$(group 'patients.csv#1')
echo "$one" | grep -qE '^[a-z2-7]{26}$'
for item in 'patients.csv#2' scans/s1.png notes/p1-2026.txt cases/p1 \
	docs/d1.json curves/p1.csv 'visits/p1.csv#1' 'visits/p1.csv#2'; do
	[ "$(group "$item")" = "$one" ] || { echo "$item"; cat "$groups"; exit 1; }
done
[ "$(cut -d, -f2 "$groups" | sort | uniq -c | grep -c ' 9 ')" = 4 ]
[ -z "$(group readme.txt)" ]
# Dates of a file that is one person's move together.
for n in 1 2 3 4; do echo $((31 * 86400)); done >want
for file in before/*.csv; do
	head -n 1 "$file" | grep -qx '_item,day' || continue
	a=$(sed -n 2p "$file" | cut -d, -f2) b=$(sed -n 3p "$file" | cut -d, -f2)
	d=$(($(date -ud "$a" +%s) - $(date -ud "$b" +%s)))
	echo "${d#-}"
done >gaps
cmp want gaps

# ---- Suppressed: nothing of it leaves, and it is counted ----------------------
echo p2 | owner suppress add --subject - --reason objection >out.txt
grep -q 'batch before for acme, .*: 1 shard about this person' out.txt
plan data --policy policy.yaml --json >plan.json
[ "$(jq .left_behind.suppressed plan.json)" = 9 ]
[ "$(jq .suppression.unmatched_files plan.json)" = 1 ]
plan data --policy policy.yaml >out.txt
grep -q '^9 items of suppressed persons stay behind$' out.txt
grep -q '^1 file says of nobody whom it is about' out.txt
owner export data --policy policy.yaml --vendor acme --name without >/dev/null
owner batch approve without --yes >/dev/null
agent_start owner
vendor fetch "https://$at" --batch without -o without >/dev/null
[ "$(jq -r .item without/items.jsonl | wc -l)" = 28 ]
[ "$(cat without/*.png | wc -c)" = "$(($(png | wc -c) * 3))" ]
! grep -h '"x":' without/*.json | grep -q '"x":2' || { echo "d2 has left"; exit 1; }
# A batch of texts alone that was sealed before is not released any more.
sed -e '/^subject:/,/^files:/{/^files:/!d}' policy.yaml |
	sed '/^files:/i subject: {path: "{subject}-2026.txt"}' >notes.yaml
echo p3 | owner suppress add --subject - --reason objection >out.txt
owner suppress remove --subject - >/dev/null <<'K'
p3
K
owner export data/notes --policy notes.yaml --vendor acme --name notes >/dev/null
owner batch approve notes --yes >/dev/null
echo p3 | owner suppress add --subject - --reason objection >out.txt
grep -q 'batch notes for acme, approved: 1 shard about this person' out.txt
fails 3 'something that may not leave any more' \
	vendor fetch "https://$at" --batch notes -o notes
agent_stop

# ---- Samples of persons take their files along --------------------------------
plan data --policy policy.yaml --sample 1 --by subject --json >plan.json 2>err.txt && exit 1
grep -q 'readme.txt: has no subject to be sampled by' err.txt
mv data/readme.txt .
plan data --policy policy.yaml --sample 1 --by subject --json >plan.json
[ "$(jq .items plan.json)" = 9 ]
mv readme.txt data

# ---- Refused ----------------------------------------------------------------
# A row that was taken out does not let the person's scan go.
cp -r data gone
grep -v '^p4' data/patients.csv >gone/patients.csv
fails 3 'scans/s4.png: no record names it, so that nobody knows whom it is about (subject, policy.yaml:9)' \
	plan gone --policy policy.yaml
echo 'p1,s4.png' >>gone/patients.csv
echo 'p4,s4.png' >>gone/patients.csv
fails 3 'scans/s4.png: records of two persons name it' plan gone --policy policy.yaml
sed -i '$d' gone/patients.csv
echo '{"finding":"none"}' >gone/cases/p1/other.json
sed 's|{path: "cases/{subject}/\*\*"}|{path: "cases/*/{subject}.*"}|' policy.yaml >two.yaml
fails 3 'cases/p1: its files are about two persons, and it is one item' \
	plan gone --policy two.yaml
refused() { # TEXT LINE
	sed "s|^  - {path: \"curves.*|  - $2|" policy.yaml >bad.yaml
	fails 6 "policy check: bad.yaml:13:$1" "$HANDOFF" policy check bad.yaml
}
refused '12: {subject} stands once in it' '{path: "curves/*.csv"}'
refused '12: {subject} stands once in it' '{path: "{subject}/{subject}.csv"}'
refused '12: a * beside {subject}' '{path: "curves/{subject}*.csv"}'
refused '12: ** stands between' '{path: "a**/{subject}.csv"}'
refused '35: path is a pattern itself' '{path: "{subject}.csv", file: "*"}'
refused '27: path is a pattern itself' '{file: "a.csv", path: "{subject}.csv"}'
refused '34: one of column, field, path and by' '{file: a.csv, column: x, by: item_ref}'
refused '5: subject needs a file' '{by: item_ref}'
refused '21: unknown "subject"' '{file: "*", by: subject}'
refused '5: {subject} is for path' '{file: "curves/{subject}.csv"}'
