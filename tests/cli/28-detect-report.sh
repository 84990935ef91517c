#!/bin/sh
# detect --report: what is found in files and folders, counted by entity and
# file; a page with shapes and no value, and a table.
set -eu

umask 022
mkdir -p data/notes
printf 'Patient: Anna Schmidt\nmail anna@example.org\n' >data/notes/a.txt
printf 'call bob@example.org\nor eva@example.org\n' >data/notes/b.txt
printf 'nothing at all\n' >data/notes/c.txt
printf 'who,mail\n1,jo@example.org\n' >'data/=cmd()"x.csv'
printf '\377\330\377\340 a picture' >data/p.jpg
printf 'SQLite format 3\0' >data/d.db
printf 'M\0a\0y\0' >data/u.txt
printf 'pay DE89370400440532013000\n' >single.txt
report() { "$HANDOFF" detect --report rep "$@"; }

report data single.txt >out.txt
[ "$(stat -c %a rep)" = 700 ]
[ "$(stat -c %a rep/detect.html)" = 600 ] && [ "$(stat -c %a rep/detect.csv)" = 600 ]
[ "$(find rep -type f | wc -l)" = 2 ]
grep -q '^EMAIL_ADDRESS  *4 in 3 files$' out.txt
grep -q '^IBAN_CODE  *1 in 1 files$' out.txt
grep -q '^rep/detect.html: 6 finds in 5 files, 3 not read$' out.txt

# A find is shown by its shape; no value is anywhere.
if grep -rq 'Schmidt\|anna@\|bob@\|eva@\|DE89' rep out.txt; then exit 1; fi
grep -q '<code>axxx@xxxxxxx.xxx</code> <span class="small">data/notes/a.txt:2, 100 %' rep/detect.html
grep -q '<code>Axxx Xxxxxxx</code>' rep/detect.html
grep -q 'data/d.db</td>' rep/detect.html && grep -q 'an SQLite database' rep/detect.html
grep -q 'a picture' rep/detect.html && grep -q 'no UTF-8 text' rep/detect.html
grep -q "default-src 'none'" rep/detect.html
if grep -q '<script\|<img\|http:\|https:' rep/detect.html; then exit 1; fi
if command -v xmllint >/dev/null; then
	xmllint --html --noout rep/detect.html 2>parse.txt
	if grep -v 'Tag svg\|Tag rect\|Tag section' parse.txt | grep -q error; then cat parse.txt; exit 1; fi
fi

# The table is what detect says of each file by itself.
python3 - "$HANDOFF" <<'P'
import csv, json, subprocess, sys, collections
rows = list(csv.reader(open('rep/detect.csv', newline='')))
assert rows[0] == ['file', 'entity', 'finds'], rows[0]
got = {(r[0], r[1]): int(r[2]) for r in rows[1:]}
want = collections.Counter()
for path in ['data/=cmd()"x.csv', 'data/notes/a.txt', 'data/notes/b.txt', 'single.txt']:
    for line in subprocess.run([sys.argv[1], 'detect', path], capture_output=True, text=True, check=True).stdout.splitlines():
        want[path, json.loads(line)['entity']] += 1
assert got == dict(want), (got, want)
P
# What a spreadsheet takes for a formula is text.
(cd data && "$HANDOFF" detect --report ../rep2 '=cmd()"x.csv' >/dev/null)
grep -q "^\"'=cmd()\"\"x.csv\",EMAIL_ADDRESS,1" rep2/detect.csv

# As JSON; the same again, byte for byte, whichever child is first.
report --json data single.txt >one.json
jq -e '.n == 6 and .entities.EMAIL_ADDRESS.n == 4 and (.skipped | length) == 3 and
	([.files[].n] | add) == 6 and .files[0].file == "data/=cmd()\"x.csv"' one.json >/dev/null
cp rep/detect.html first.html
for again in 1 2 3; do
	report --json data single.txt >"$again.json"
	cmp "$again.json" one.json
	cmp rep/detect.html first.html
done

# What is looked for, and from which score, is as without.
report --entities IBAN_CODE data single.txt | grep -q ': 1 finds in 5 files'
echo 'Zaphod Beeblebrox' >names.txt
echo 'zaphod beeblebrox was here' >data/notes/z.txt
report --names names.txt --min-score 60 data/notes >out.txt
grep -q '^PERSON  *2 in 2 files' out.txt

# More than one block: lines are counted through.
awk 'BEGIN { for (i = 1; i <= 60000; i++) print "the quick brown fox jumps over " (i == 50000 ? "me@example.org" : "it") }' >long.txt
report --entities EMAIL_ADDRESS long.txt >/dev/null
grep -q 'long.txt:50000, ' rep/detect.html

fails() {
	want=$1 say=$2 rc=0
	shift 2
	"$@" >out.txt 2>err.txt || rc=$?
	[ "$rc" = "$want" ] || { echo "$*: exit $rc"; cat err.txt; exit 1; }
	grep -q "$say" err.txt || { echo "$*: does not say $say"; cat err.txt; exit 1; }
}
fails 2 'not standard input' report
fails 2 'do not go with' report --jsonl text data
fails 2 'report DIR' "$HANDOFF" detect data/notes/a.txt data/notes/b.txt
fails 2 'NOT_ONE' report --entities NOT_ONE data
fails 6 'missing' report missing
rm -r rep
ln -s a.txt data/notes/link
fails 6 'link' report data
[ ! -e rep ]
