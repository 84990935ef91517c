#!/bin/sh
# plan --html: one page, with examples as they would leave and nothing as it is;
# or with what refuses, gathered by cause.
set -eu

umask 022
cat >policy.yaml <<'P'
handoff: 1
project: triage
purpose: train
recipients: [acme]
retention: 90d
agreements: []
files:
  - match: "*.csv"
    type: csv
    columns: {who: token, born: {generalise: {date: year}}, name: drop, note: keep}
  - {match: "*.txt", type: text, text: keep}
P
mkdir data
{
	echo who,born,name,note
	for i in 1 2 3 4 5; do echo "person-$i,198$i-03-04,Mr $i,<script>alert($i)</script>"; done
} >data/a.csv
printf 'Dear \342\200\256Sir <b>\n' >data/b.txt
plan() { "$HANDOFF" plan data --policy policy.yaml --vendor acme "$@"; }

plan --html page >out.txt 2>/dev/null
tail -1 out.txt | grep -qx 'page/plan.html'
[ "$(stat -c %a page)" = 700 ] && [ "$(stat -c %a page/plan.html)" = 600 ]
[ "$(ls page)" = plan.html ]
# What is dropped or replaced is not there; what is kept is, as text.
if grep -q 'person-\|Mr 1\|-03-04' page/plan.html; then exit 1; fi
grep -q '&lt;script&gt;alert(1)' page/plan.html
if grep -q '<script\|<b>Sir\|http:\|https:' page/plan.html; then exit 1; fi
grep -q 'Dear \[U+202E\]Sir &lt;b&gt;' page/plan.html
[ "$(grep -oE '<code>[a-z2-7]{26}</code>' page/plan.html | sort -u | wc -l)" = 3 ]
[ "$(grep -oE '<code>198[1-5]</code>' page/plan.html | wc -l)" = 3 ]
grep -q 'nothing is sent' page/plan.html
# Of a path with several values each is an example.
mkdir several
cat >several.yaml <<'P'
handoff: 1
project: triage
purpose: train
recipients: [acme]
retention: 90d
agreements: []
files:
  - {match: "*.jsonl", type: jsonl, fields: {"tags[*]": keep}}
P
echo '{"tags":["red","blue","red"]}' >several/a.jsonl
"$HANDOFF" plan several --policy several.yaml --vendor acme --html shown >/dev/null 2>&1
grep -q '<code>red</code>' shown/plan.html && grep -q '<code>blue</code>' shown/plan.html
digest=$(plan --json 2>/dev/null | jq -r .digest)
grep -q "$digest" page/plan.html
grep -q "default-src 'none'" page/plan.html
# It is well formed but for HTML's own: a parser of XML reads its body.
if command -v xmllint >/dev/null; then
	xmllint --html --noout page/plan.html 2>parse.txt
	if grep -v 'Tag svg\|Tag rect\|Tag section' parse.txt | grep -q error; then cat parse.txt; exit 1; fi
fi
# Again, over the one before; what a sample leaves out is drawn.
plan --html page --sample 2 >/dev/null 2>&1
grep -q '4 not asked for' page/plan.html && grep -q '<svg' page/plan.html

# Refused: by cause, and all of them, though few are told.
for i in 1 2 3 4; do cp data/a.csv "data/c$i.csv"; sed -i '1s/note/other/' "data/c$i.csv"; done
rc=0
plan --html page --max-refusals 1 >out.txt 2>err.txt || rc=$?
[ "$rc" = 3 ]
[ "$(grep -c '^handoff: plan:' err.txt)" = 1 ]
grep -q 'no rule names it' page/plan.html
grep -qE '<td class="n">4</td>' page/plan.html
if grep -q "$digest\|<svg" page/plan.html; then exit 1; fi
