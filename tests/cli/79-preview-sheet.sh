#!/bin/sh
# preview --sheet: items before and after, riskiest first, on a page that only
# its owner can read and that fetches and runs nothing.
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
    columns: {who: token, name: drop, note: detect, extra: keep}
  - match: "*.jsonl"
    type: jsonl
    fields: {who: token, text: detect, gone: drop}
  - {match: "d*.json", type: json, fields: {who: token, text: keep}}
  - {match: "notes/*.txt", type: text, text: keep}
  - {match: "*.jpg", type: jpeg, metadata: drop, pixels: keep}
  - {match: "*.png", type: png, metadata: drop, pixels: keep}
P
mkdir -p data/notes
{
	echo who,name,note,extra
	i=0
	while [ $i -lt 3000 ]; do
		extra=fine
		[ $i -ne 1234 ] || extra="<script>alert(1)</script>"
		echo "p$((i % 7)),Mr Secret$i,write to x$i@example.org now,$extra"
		i=$((i + 1))
	done
} >data/a.csv
echo '{"who":"p3","text":"Hello, I am at jo@example.org now","gone":{"ip":"10.1.2.3"}}' >data/c.jsonl
echo '{"who":"p3","text":"the text of all that"}' >data/d.json
for i in 1 2 3 4 5; do
	echo "the weather of day $i was fine and nobody was ill" >data/notes/n$i.txt
done
printf 'pay to DE89370400440532013000 \342\200\256now\n' >>data/notes/n4.txt
pictures=
if command -v convert >/dev/null && command -v exiftool >/dev/null; then
	pictures=1
	convert -size 900x300 plasma:red-blue data/p.jpg
	exiftool -q -overwrite_original -Orientation#=6 -Comment=hidden data/p.jpg
	convert -size 40x40 xc:white data/q.png
fi
sheet() { "$HANDOFF" preview data --policy policy.yaml --sheet page "$@"; }
page=page/sheet.html

sheet --sample 30 >out.txt
grep -q '^page/sheet.html: 30 of 3,0[0-9]* items, the riskiest of 3[0-9]* looked at$' out.txt
grep -q 'holds original data' out.txt
[ "$(stat -c %a page)" = 700 ] && [ "$(stat -c %a $page)" = 600 ]
[ "$(ls page)" = sheet.html ]
# Nothing of the data is told, whoever asks.
if grep -q 'Secret\|example.org\|DE89' out.txt; then exit 1; fi
sheet --sample 30 --json >out.json
jq -e '.items == 30 and .with.finds_left == 1 and .with.failing_class == 0 and
	.page == "page/sheet.html" and .looked_at > 300' out.json >/dev/null
if grep -q 'Secret\|example.org\|DE89' out.json; then exit 1; fi

# The page: what remains comes first, with its mark; both sides of it.
grep -q 'must not leave' $page
grep -q '<h2>1. notes/n4.txt</h2>' $page
[ "$(grep -c '<mark>DE89370400440532013000 <small>IBAN_CODE' $page)" -ge 1 ]
grep -q '\[U+202E\]now' $page
grep -q '<del>Mr Secret[0-9]*</del>' $page
grep -q 'write to <del>x[0-9]*@example.org</del> now' $page
grep -q 'write to <ins>&lt;EMAIL_ADDRESS&gt;</ins> now' $page
# of a document what goes is marked where it stands, containers and all
grep -q '<del>,&quot;gone&quot;:{&quot;ip&quot;:&quot;10.1.2.3&quot;}</del>' $page
grep -q 'I am at <ins>&lt;EMAIL_ADDRESS&gt;</ins> now' $page
# one person, one pseudonym, whatever the file
token=$(grep -oE '<ins>&quot;[a-z2-7]{26}&quot;</ins>' $page | sort -u)
[ "$(printf '%s\n' "$token" | wc -l)" = 1 ]
[ "$(grep -oE '<ins>[a-z2-7]{26}</ins>' $page | sort -u | wc -l)" -le 7 ]
grep -q "default-src 'none'; style-src 'unsafe-inline'; img-src data:" $page
if grep -q '<script\|http:\|https:' $page; then exit 1; fi
if command -v xmllint >/dev/null; then
	xmllint --html --noout $page 2>parse.txt
	if grep -v 'Tag section\|Tag mark' parse.txt | grep -q error; then cat parse.txt; exit 1; fi
fi

if [ -n "$pictures" ]; then
	[ "$(grep -o 'src="data:image/jpeg;base64,[^"]*"' $page | wc -l)" = 4 ]
	grep -q 'Goes: .*<del>COM</del>' $page
	# upright, small, and nothing but pixels
	grep -o 'base64,[^"]*' $page | sed 's/base64,//' >thumbs
	for n in 1 2 3 4; do sed -n "${n}p" thumbs | base64 -d >t$n.jpg; done
	for n in 1 2 3 4; do identify -format '%wx%h\n' t$n.jpg; done | sort -u >sizes
	printf '120x360\n40x40\n' | cmp - sizes
	[ -z "$(exiftool -q -s3 -Comment -Orientation t1.jpg t2.jpg t3.jpg)" ]
	if grep -q hidden $page; then exit 1; fi
fi

# The same again; another seed, other rows.
sheet --sample 30 >first.txt
grep -o '<h2>.*</h2>' $page >first
for again in 1 2 3 4 5 6 7 8; do # whichever worker is the first to answer
	sheet --sample 30 >"again$again.txt"
	cmp "again$again.txt" first.txt
	grep -o '<h2>.*</h2>' $page | cmp - first
done
sheet --sample 30 --seed other >/dev/null
if grep -o '<h2>.*</h2>' $page | cmp -s - first; then exit 1; fi

# As many as there are, each kind first.
sheet --sample 4 >out.txt
[ "$(grep -c '<h2>' $page)" = 4 ]
[ "$(grep -oE '<h2>[0-9]*\. [a-z]*' $page | sort -u | wc -l)" = 4 ]
mkdir few && cp data/notes/n1.txt few/
sed 's#notes/\*.txt#*.txt#' policy.yaml >few.yaml
"$HANDOFF" preview few --policy few.yaml --sheet page --sample 500 >out.txt
grep -q '1 of 1 items' out.txt

# Names of members that the policy names are no finds, whatever they look like;
# those that only a wildcard lets go are.  Of equal risk each kind has its turn.
cat >names.yaml <<'P'
handoff: 1
project: triage
purpose: train
recipients: [acme]
retention: 90d
agreements: []
files:
  - match: "*.jsonl"
    type: jsonl
    fields: {'["jo@example.org"].n': keep, "all.**": keep}
  - {match: "*.csv", type: csv, columns: {n: keep, m: keep}}
P
mkdir named
i=0
while [ $i -lt 20 ]; do
	echo '{"jo@example.org": {"n": 1}, "all": {"x": "jo"}}'
	i=$((i + 1))
done >named/a.jsonl
{ echo n,m; seq 20 | sed 's/$/,1/'; } >named/b.csv
"$HANDOFF" preview named --policy names.yaml --sheet page --sample 6 --json >out.json
jq -e '.with.finds_left == 0' out.json >/dev/null || { cat out.json; exit 1; }
if grep -q '<mark>jo@' $page; then exit 1; fi
[ "$(grep -c '<h2>[0-9]. b.csv' $page)" = 3 ]
[ "$(grep -c '<h2>[0-9]. a.jsonl' $page)" = 3 ]
sed -i 's/"x": "jo"/"by@example.org": "jo"/' named/a.jsonl
"$HANDOFF" preview named --policy names.yaml --sheet page --sample 6 --json >out.json
jq -e '.with.finds_left == 5' out.json >/dev/null || { cat out.json; exit 1; }

# Rows of a class that fails come before all others, and then it is refused.
cat >risk.yaml <<'P'
handoff: 1
project: triage
purpose: train
recipients: [acme]
retention: 90d
agreements: []
files:
  - {match: "*.csv", type: csv, columns: {town: keep, mail: keep}}
risk:
  - {file: "*.csv", quasi_identifiers: [town], k: 3}
P
mkdir rows
{
	echo town,mail
	for i in 1 2 3 4 5 6; do echo "A,x$i@example.org"; done
	echo B,
} >rows/r.csv
rc=0
"$HANDOFF" preview rows --policy risk.yaml --sheet page --sample 3 >out.txt 2>err.txt || rc=$?
[ "$rc" = 3 ]
grep -q '1 in a class that fails risk:' out.txt
grep -q '<h2>1. r.csv#7</h2>' $page
grep -q '1 person in its class' $page

# What the plan refuses has no page; nor what was asked for wrongly.
fails() {
	want=$1 say=$2 rc=0
	shift 2
	"$@" >out.txt 2>err.txt || rc=$?
	[ "$rc" = "$want" ] || { echo "$*: exit $rc"; cat err.txt; exit 1; }
	grep -q "$say" err.txt || { echo "$*: does not say $say"; cat err.txt; exit 1; }
}
rm -r page
echo x >data/new.bin
fails 3 'no rule' sheet
[ ! -e page ]
rm data/new.bin
fails 3 'other' sheet --vendor other
fails 2 'sample' sheet --sample 0
fails 2 'sample' sheet --sample 501
fails 2 'as and --records' sheet --as x.csv
fails 2 'go with --sheet' "$HANDOFF" preview data/a.csv --policy policy.yaml --sample 3
fails 2 'policy is missing' "$HANDOFF" preview data --sheet page
echo there >page
fails 6 'page' sheet
