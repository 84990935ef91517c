#!/bin/sh
# sanitise and preview: one file through its mask.
set -eu

cat >policy.yaml <<'E'
handoff: 1
project: triage
purpose: train
recipients: [acme]
retention: 90d
agreements: []
files:
  - match: data/customers.csv
    type: csv
    item_id: id
    columns:
      id: token
      name: drop
      iban: {mask: {keep_last: 4}}
      city: keep
  - match: "*.jsonl"
    type: jsonl
    fields:
      id: token
      "visits[*].icd": keep
  - match: "*.json"
    type: json
    fields:
      who: drop
      what.**: keep
  - match: notes.txt
    type: text
    text: keep
  - match: "notes/**"
    exclude: "free text waits for detection"
E
mkdir data
printf 'id;name;iban;city\r\n1;"Meier; Anna";DE021203;"K\303\266ln"\r\n' \
	>data/customers.csv

# fails STATUS TEXT COMMAND...: it ends with that status and says that text
fails() {
	want=$1 text=$2
	shift 2
	rc=0
	"$@" >out.txt 2>err.txt || rc=$?
	[ "$rc" = "$want" ] || { echo "$*: $rc, not $want"; cat err.txt; exit 1; }
	grep -qF -e "$text" err.txt || { echo "$*:"; cat err.txt; exit 1; }
}

# What is kept is kept to the byte, the rest is masked, and the record says so.
"$HANDOFF" sanitise data/customers.csv -o c.csv --policy policy.yaml >rec.json
tr -d '\r' <c.csv | sed -n 1p | grep -qx 'id;iban;city'
LC_ALL=C sed -n 2p c.csv | LC_ALL=C grep -Eqx "[a-z2-7]{26};\*{4}1203;\"K$(printf '\303\266')ln\"$(printf '\r')"
[ "$(jq .records rec.json)" = 1 ]
[ "$(jq .sent_bytes rec.json)" = "$(wc -c <c.csv | tr -d ' ')" ]
[ "$(jq .source_bytes rec.json)" = "$(wc -c <data/customers.csv | tr -d ' ')" ]

# The kept digest is that of the source without what was cut.
jq -r '.edits[] | "\(.at) \(.cut)"' rec.json >edits
at=0
: >kept
while read -r from cut; do
	tail -c +$((at + 1)) data/customers.csv | head -c $((from - at)) >>kept
	at=$((from + cut))
done <edits
tail -c +$((at + 1)) data/customers.csv >>kept
[ "$(sha256sum <kept | cut -d' ' -f1)" = "$(jq -r .kept_sha256 rec.json)" ]

# JSON: a whole document, and lines.
printf '{ "who": {"n": "x"}, "what": [1.0e2, {"a": null}] }\n' >a.json
"$HANDOFF" sanitise a.json -o a.out --policy policy.yaml >rec.json
[ "$(cat a.out)" = '{ "what": [1.0e2, {"a": null}] }' ]
printf '{"id":7,"visits":[{"icd":"A01"}]}\n{"id":7}\n' >b.jsonl
"$HANDOFF" sanitise b.jsonl -o b.out --policy policy.yaml >rec.json
[ "$(jq -r .id b.out | sort -u | grep -cE '^[a-z2-7]{26}$')" = 1 ]
[ "$(jq -c 'select(.visits).visits' b.out)" = '[{"icd":"A01"}]' ]

# A long file of lines is planned by its beginning; what comes up only behind
# that is decided as if it had stood there, whatever was written before.
awk 'BEGIN { for (i = 0; i < 130000; i++)
	printf "{\"id\":%d,\"visits\":[{\"icd\":\"A%d\"}]}\n", i, i % 90 }' >long.jsonl
long() { "$HANDOFF" sanitise long.jsonl -o long.out --policy policy.yaml; }
long >rec.json
[ "$(jq -s 'map(.id) | unique | length' long.out)" = 130000 ]
cp long.jsonl same.jsonl
printf '{"visits":[],"id":null}\n{"id":{"id":1}}\n' >>long.jsonl
fails 3 'long.jsonl: path "id.id": no rule names it' long
sed -i '$d' long.jsonl
printf '{"id":"x","visits":[{}]}\n' >>long.jsonl
long >rec.json
[ "$(wc -l <long.out)" = 130002 ]
[ "$(wc -c <long.out)" = "$(jq .sent_bytes rec.json)" ]
[ "$(jq .records rec.json)" = 130002 ]
[ "$(tail -n 2 long.out | head -n 1)" = '{"visits":[],"id":null}' ]
tail -n 1 long.out | grep -Eqx '\{"id":"[a-z2-7]{26}","visits":\[\{\}\]\}'
printf '{"id":}\n' >>long.jsonl
fails 6 'long.jsonl: record 130003: byte ' long
(cat same.jsonl; printf '{"id":1,"id":1}\n'; cat same.jsonl) >long.jsonl
fails 6 'long.jsonl: record 130001: path "id": twice in one object' long
rm -f same.jsonl long.jsonl long.out

# Text is kept, if it is text.
printf 'no names here\n' >notes.txt
"$HANDOFF" sanitise notes.txt -o n.out --policy policy.yaml >rec.json
cmp notes.txt n.out
printf 'J\374rgen\n' >notes.txt
fails 6 'notes.txt: not UTF-8' \
	"$HANDOFF" sanitise notes.txt -o n2.out --policy policy.yaml
[ ! -e n2.out ]

# A path that no rule has, a name without a decision, what stays behind: 3, and
# nothing is written.
cp data/customers.csv other.csv
fails 3 other.csv "$HANDOFF" sanitise other.csv -o x --policy policy.yaml
fails 3 'free text waits' \
	"$HANDOFF" sanitise other.csv -o x --policy policy.yaml --as notes/a
! grep -q 'hint:.*--as' err.txt || exit 1
# The path counts from the top of the dataset: where an end of it would do, or
# what stays behind would leave by another, that is said.
mkdir -p set/data set/notes
cp data/customers.csv set/data/customers.csv
fails 3 'no rule of policy.yaml' \
	"$HANDOFF" sanitise set/data/customers.csv -o x --policy policy.yaml
grep -q '^handoff: hint: --as data/customers.csv, if that is its path' err.txt
cp data/customers.csv notes.csv
{ cat policy.yaml; printf '  - {match: "**", exclude: "the rest"}\n'; } >rest.yaml
fails 3 'the rest' "$HANDOFF" sanitise set/data/customers.csv -o x --policy rest.yaml
grep -q '^handoff: hint: --as data/customers.csv, if that is its path' err.txt
fails 3 'the rest' "$HANDOFF" sanitise notes.csv -o x --policy rest.yaml
grep -q '^handoff: hint: --as PATH says where it lies' err.txt
"$HANDOFF" sanitise set/data/customers.csv -o as.csv --policy rest.yaml \
	--as data/customers.csv >rec.json
[ -s as.csv ]
printf 'id;name;iban;city;new\n1;2;3;4;5\n' >other.csv
fails 3 new "$HANDOFF" sanitise other.csv -o x --policy policy.yaml \
	--as data/customers.csv
printf '{"id":1,"new":2}\n' >new.jsonl
fails 3 new "$HANDOFF" sanitise new.jsonl -o x --policy policy.yaml
# malformed: 6 with the record
printf '{"id":1}\n{"id":}\n' >new.jsonl
fails 6 'new.jsonl: record 2: byte 15: expected a value' \
	"$HANDOFF" sanitise new.jsonl -o x --policy policy.yaml
# no output, no policy
fails 2 'no -o OUT' "$HANDOFF" sanitise a.json --policy policy.yaml
fails 2 'only pictures' "$HANDOFF" sanitise a.json -o x
fails 6 'no such file' "$HANDOFF" sanitise missing -o x
[ ! -e x ]

# A picture needs no policy.
if command -v convert >/dev/null && command -v exiftool >/dev/null; then
	convert -size 16x16 xc:red p.jpg
	exiftool -q -overwrite_original -Comment=secret -GPSLatitude=5 p.jpg
	"$HANDOFF" sanitise p.jpg -o q.jpg >rec.json
	if grep -q secret q.jpg; then exit 1; fi
	[ -z "$(exiftool -s3 -GPSLatitude -Comment q.jpg)" ]
fi

# What is read is not what is written over, by whatever name.
cp data/customers.csv same.csv
ln same.csv alias.csv
fails 2 'is what is read, and would be lost' "$HANDOFF" sanitise same.csv \
	-o alias.csv --policy policy.yaml --as customers.csv
cmp same.csv data/customers.csv

# Before and after are for a terminal alone.
fails 2 'only on a terminal' \
	"$HANDOFF" preview data/customers.csv --policy policy.yaml
printf 'id;name;iban;city\n1;\033[2J;x;\302\233y\n' >data/customers.csv
script -qec "'$HANDOFF' preview data/customers.csv --policy policy.yaml" \
	/dev/null </dev/null | tr -d '\r' >shown
grep -q '^# data/customers.csv#1$' shown
grep -qF -e '- 1;\x1b[2J;x;\xc2\x9by' shown
grep -qE '^\+ [a-z2-7]{26};\*;\\xc2\\x9by$' shown
if grep -q "$(printf '\033')" shown; then exit 1; fi
