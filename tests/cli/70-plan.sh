#!/bin/sh
# plan: every file and column decided, or nothing leaves.
set -eu

cat >policy.yaml <<'P'
handoff: 1
project: triage
purpose: train
recipients: [acme]
retention: 90d
agreements: [nda]
files:
  - match: customers.csv
    type: csv
    item_id: id
    columns:
      id: token
      name: drop
      city: keep
  - match: "notes/**"
    exclude: "free text waits for detection"
  - match: "texts/**"
    type: text
    text: keep
  - match: "*.json"
    type: json
    fields:
      who: drop
      what.**: keep
labels: {kind: class, classes: [good, bad], golden: {metric: accuracy, pass: 0.9}}
P
mkdir -p data/notes data/texts/.hidden
printf 'id,name,city\n1,Anna,Ulm\n2,Bert,Bonn\n' >data/customers.csv
echo secret >data/notes/a.txt
echo secret >data/notes/b.txt
echo one >data/texts/1.txt
echo two >data/texts/.hidden/2.txt
echo '{"who":"A","what":{"x":1}}' >data/a.json
echo '{"who":"B","what":{"x":2}}' >data/b.json
plan() { "$HANDOFF" plan data --policy policy.yaml --vendor acme "$@"; }

# fails STATUS TEXT COMMAND...: it ends with that status and says that text
fails() {
	want=$1 text=$2
	shift 2
	rc=0
	"$@" >out.txt 2>err.txt || rc=$?
	[ "$rc" = "$want" ] || { echo "$*: $rc, not $want"; cat err.txt; exit 1; }
	grep -qF -e "$text" err.txt || { echo "$*:"; cat err.txt; exit 1; }
}

# What was meant by a key that no column has: also one that a rule names.
sed 's/^files:/subject: {file: customers.csv, column: nmae}\n&/' policy.yaml >slip.yaml
fails 3 'subject "nmae" of slip.yaml:7 is not in the file' \
	"$HANDOFF" plan data --policy slip.yaml --vendor acme
grep -q '^handoff: hint: did you mean "name"?' err.txt
# A decimal comma, which YAML makes something else of.
comma() { # IN OUT SAYS
	sed "s/$1/$2/" policy.yaml >slip.yaml
	fails 6 "$3" "$HANDOFF" policy check slip.yaml
	grep -q '^handoff: hint: write a decimal with a point' err.txt
}
comma 'pass: 0.9' 'pass: 0,9' 'unexpected "9"'
comma 'pass: 0.9' 'pass: "0,9"' 'expected a number from 0 to 1'
comma 'city: keep' 'city: {generalise: {width: 0,5}}' 'unexpected "5"'
comma 'city: keep' 'city: {generalise: {width: "0,5"}}' 'expected a number'
comma 'city: keep' 'city: {generalise: {bins: [0, 0,5]}}' 'must rise'
sed 's/city: keep/city: {generalise: {bins: [[0], 5]}}/' policy.yaml >slip.yaml
fails 6 'expected a number' "$HANDOFF" policy check slip.yaml

# Files of the same decisions are one line; hidden files count; twice the same.
plan >plan.txt
grep -q '^a.json and 1 more like it  json  (policy.yaml:20)' plan.txt
grep -q '^notes/a.txt and 1 more like it  stay behind: free text' plan.txt
grep -q '^texts/.hidden/2.txt and 1 more like it  text' plan.txt
grep -q '^    name  *drop  *policy.yaml:13' plan.txt
grep -q '^5 files, 6 items, .* leave; 2 stay behind' plan.txt
grep -q 'golden items: accuracy of at least 0.9' plan.txt
grep -q '^customers.csv  csv, comma  (policy.yaml:8)' plan.txt
plan >again.txt
cmp plan.txt again.txt
plan --json >plan.json
[ "$(jq .items plan.json)" = 6 ]
[ "$(jq -r '.decisions[0].example' plan.json)" = a.json ]
[ "$(jq -r '.decisions[] | select(.type == "csv") | .fields[1].action' plan.json)" = drop ]

# Its digest is that of files as they look: a touched one makes another.
digest=$(jq -r .digest plan.json)
[ "$(plan --json | jq -r .digest)" = "$digest" ]
touch -d 2001-01-01 data/texts/1.txt
[ "$(plan --json | jq -r .digest)" != "$digest" ]

# One file alone.
"$HANDOFF" plan data/customers.csv --policy policy.yaml --vendor acme >one.txt
grep -q '^1 file, 2 items, .* leave; 0 stay behind$' one.txt

# Refusals: in the order of the files, ten unless told otherwise.
echo '{"who":"B","what":{"x":2},"where":1}' >data/c.json
echo x >data/strange.xyz
fails 3 'c.json: path "where": no rule names it (and 1 more' plan --max-refusals 1
fails 3 '2 refusals; nothing leaves' plan
fails 3 '2 refusals; nothing leaves' plan --max-refusals 5
grep -q 'strange.xyz' err.txt
rm data/c.json data/strange.xyz
fails 3 'vendor other: not among the recipients' \
	"$HANDOFF" plan data --policy policy.yaml --vendor other

# What is not what it says, whichever worker meets it.
echo '{"who":' >data/bad.json
fails 6 'bad.json' plan
rm data/bad.json
printf '2,Carl,Kiel\n1,Anna,Ulm\n' >>data/customers.csv
fails 6 'customers.csv:4: record 3: its item id, column "id", is that of record 2' \
	plan
grep -q '^handoff: hint: ids are unique: choose another item_id' err.txt
[ "$(grep -c Carl err.txt)" = 0 ]
printf 'id,name,city\n1,Anna,Ulm\n' >data/customers.csv

# Links and devices are refused by name, not followed.
ln -s /etc/passwd data/texts/link
fails 6 'texts/link: a symbolic link is not followed' plan
rm data/texts/link
mkfifo data/texts/fifo
fails 6 'texts/fifo: neither a file nor a folder' plan
rm data/texts/fifo
printf x >"data/texts/$(printf 'a\377b')"
fails 6 'not UTF-8' plan
rm data/texts/a*b

fails 2 '--policy is missing' "$HANDOFF" plan data --vendor acme
grep -q '^handoff: hint: handoff plan data --policy FILE --vendor acme$' err.txt
fails 2 '--policy and --vendor are missing' "$HANDOFF" plan data
grep -q '^handoff: hint: handoff plan data --policy FILE --vendor NAME$' err.txt
fails 2 '--policy and --vendor are missing' "$HANDOFF" export data
fails 6 'no such file or folder' \
	"$HANDOFF" plan nothing --policy policy.yaml --vendor acme

# Columns that have numbers fit any delimiter: it is not guessed from data, or
# what is dropped would leave in part.
mkdir bare
printf 'Amsterdam;72,5\nParis;80,1\n' >bare/t.csv
cat >bare.yaml <<'P'
handoff: 1
project: p
purpose: q
recipients: [acme]
retention: 1d
agreements: []
files:
  - match: t.csv
    type: csv
    header: no
    columns: {"1": keep, "2": drop}
P
bare() { "$HANDOFF" plan bare --policy bare.yaml --vendor acme; }
fails 6 'bare.yaml:10:13: without a header the delimiter must be named' bare
grep -q 'hint: delimiter: comma, semicolon' err.txt
sed -i 's/header: no/&\n    delimiter: semicolon/' bare.yaml
bare | grep -q '^t.csv  csv, semicolon  (bare.yaml:8)'

# What somebody called a file steers no terminal and begins no line.
mkdir named
touch "named/$(printf 'a\033[2Jb\n0 files, 0 items leave\302\233x.txt')"
cat >named.yaml <<'P'
handoff: 1
project: p
purpose: q
recipients: [acme]
retention: 1d
agreements: []
files: [{match: "**", type: text, text: keep}]
P
"$HANDOFF" plan named --policy named.yaml --vendor acme >named.txt
[ "$(wc -l <named.txt)" = 3 ]
head -1 named.txt | grep -qF 'a?[2Jb?0 files, 0 items leave?x.txt  text'
"$HANDOFF" plan named --policy named.yaml --vendor acme --json |
	grep -qF 'a\u001b[2Jb\n0 files'
