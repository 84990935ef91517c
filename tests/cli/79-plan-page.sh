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
# with what to do about it, whom it was for, and the policy that refused
grep -q '<br><code>.*other' page/plan.html
grep -q '<th style="width:32%">For</th><td>acme<' page/plan.html
grep -q '<th style="width:32%">Purpose</th><td>train<' page/plan.html
grep -q '<tr><td>\*.txt</td><td>text</td><td class="small">policy.yaml:11</td>' page/plan.html
rm data/c*.csv

# One refusal that is alone has a page, too.
rm -r page
rc=0
"$HANDOFF" plan data --policy policy.yaml --vendor other --html page >out.txt 2>err.txt || rc=$?
[ "$rc" = 3 ]
grep -q 'Refused: nothing leaves' page/plan.html
grep -q '<td>other<' page/plan.html

# Risk that is too high: the plan is there, in words, and says so on top.
i=0
while [ $i -lt 15 ]; do
	echo "person-x$i,19$((40 + i))-03-04,Mr $i,x"
	i=$((i + 1))
done >>data/a.csv
cp policy.yaml risk.yaml
printf 'risk:\n  {file: "*.csv", quasi_identifiers: [born], k: 2, max: {prosecutor: 20%%}}\n' >>risk.yaml
rc=0
"$HANDOFF" plan data --policy risk.yaml --vendor acme --html page >out.txt 2>err.txt || rc=$?
[ "$rc" = 3 ]
grep -q 'Refused: nothing leaves' page/plan.html
grep -q '20 of 20 classes fail.*<br><code>generalise further' page/plan.html
grep -q 'persons in a class, at least (k)</th><td>2<' page/plan.html
grep -q 'prosecutor risk, at most</th><td>20 %<' page/plan.html
grep -q '<td>a.csv row [0-9]*</td>' page/plan.html
[ "$(grep -c '<td>a.csv row' page/plan.html)" = 10 ]
grep -q '>and 10 more<' page/plan.html
if grep -q 'first_files\|l_distinct\|nodes' page/plan.html; then exit 1; fi

# A picture is a line of its own, and a reference is what export would give.
command -v convert >/dev/null || exit 0
mkdir pics
convert -size 8x8 xc:white pics/one.png
convert -size 8x8 xc:black pics/two.jpg
printf 'pic\none.png\ntwo.jpg\n' >pics/list.csv
cat >pics.yaml <<'P'
handoff: 1
project: triage
purpose: train
recipients: [acme]
retention: 90d
agreements: []
files:
  - {match: "*.csv", type: csv, columns: {pic: {item_ref: {by: path}}}}
  - {match: "*.png", type: png, metadata: drop, pixels: keep}
  - {match: "*.jpg", type: jpeg, metadata: drop, pixels: keep}
P
"$HANDOFF" plan pics --policy pics.yaml --vendor acme --html page >out.txt 2>/dev/null
[ "$(grep -c 'the picture itself</td><td><code>pixels: keep' page/plan.html)" = 2 ]
[ "$(grep -c '^    pixels  *keep' out.txt)" = 2 ]
grep -qE '<code>[a-z2-7]{26}\.png</code><br><code>[a-z2-7]{26}\.jpg</code>' page/plan.html
