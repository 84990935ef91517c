#!/bin/sh
# What nothing here reads is refused with the command that makes of it what is
# read: by its ending where no rule takes it, by its bytes where one does.
set -eu

umask 077
cat >policy.yaml <<'P'
handoff: 1
project: demo
purpose: train
recipients: [acme]
retention: 30d
agreements: []
files:
  - {match: "*.csv", type: csv, columns: {id: keep}}
  - {match: "*.json", type: json, fields: {"a.**": keep}}
P
mkdir data
printf 'id\n1\n' >data/a.csv
plan() { "$HANDOFF" plan data --policy policy.yaml --vendor acme; }
says() {
	want=$1
	shift
	rc=0
	plan >out.txt 2>err.txt || rc=$?
	[ "$rc" = "$want" ] || { echo "$rc, not $want"; cat err.txt; exit 1; }
	for text in "$@"; do
		grep -qF -e "$text" err.txt || { echo "no: $text"; cat err.txt; exit 1; }
	done
	rm data/b*
}

printf 'PK\003\004' >"data/b list.xlsx"
says 3 'b list.xlsx: no rule of policy.yaml matches it' \
	"hint: handoff reads CSV: ssconvert 'b list.xlsx' 'b list.csv'"
: >data/b.parquet
says 3 "hint: handoff reads CSV: duckdb -c \"COPY (FROM 'b.parquet')"

# Real files under names that promise something else.
command -v python3 >/dev/null || { echo "no python3 here"; exit 77; }
python3 - <<'P'
import gzip, sqlite3, zipfile
with zipfile.ZipFile("data/b.csv", "w") as z:
    z.writestr("[Content_Types].xml", "<Types/>")
    z.writestr("xl/workbook.xml", "<workbook/>")
P
says 6 'b.csv: is an Excel workbook' 'hint: handoff reads CSV: ssconvert b.csv'
python3 -c 'import sqlite3; d = sqlite3.connect("data/b.csv"); d.execute("create table t(a)"); d.commit()'
says 6 'b.csv: is an SQLite database' 'hint: handoff reads CSV: sqlite3 -header -csv b.csv'
python3 -c 'import gzip; gzip.open("data/b.json", "w").write(b"{}")'
says 6 'b.json: is compressed by gzip' 'hint: handoff reads what is in it: gunzip b.json'
printf 'PAR1,x\n' >data/b.csv
says 3 'b.csv: column "PAR1"'

# A first policy leaves it behind, and says how it is made one that is read:
# by its bytes, whatever it is called, or else by its ending.
mkdir init && cp data/a.csv init/
printf 'PK\003\004' >"init/b list.xlsx"
printf 'PK\003\004' >init/c.xlsx
printf 'PK\003\004' >init/h.bin
printf 'SQLite format 3\0' >init/d.csv
printf '{\\rtf1 hello}' >init/e.txt
printf 'GIF89a\0' >init/f.gif
printf 'PAR1\0\001' >"$(printf 'init/g\nx: y.parquet')"
"$HANDOFF" policy init init -o first.yaml 2>err.txt
grep -B1 'exclude: "is a' first.yaml >excluded.txt
grep -qF "# handoff reads CSV: ssconvert 'b list.xlsx' 'b list.csv'" excluded.txt
[ "$(grep -c ssconvert first.yaml)" = 1 ]
grep -A1 'handoff reads CSV: sqlite3 -header -csv d.csv' excluded.txt | grep -q 'exclude: "is an SQLite database"'
grep -q '# handoff reads text: pandoc -t plain -o e.txt' excluded.txt
grep -q '# handoff reads what is in it: unzip h.bin' excluded.txt
grep -q 'exclude: "not of a format that is read here"' first.yaml
# a line end in a name ends no comment
if grep -q '^x: y' first.yaml; then exit 1; fi
"$HANDOFF" policy check first.yaml >out.txt

# A text has no shape that could be wrong: its name says where to look.
cat >policy.yaml <<'P'
handoff: 1
project: demo
purpose: train
recipients: [acme]
retention: 30d
agreements: []
files:
  - {match: "**", type: text, text: detect}
P
rm data/*
echo words >data/a.gz
plan >out.txt
python3 -c 'import gzip; gzip.open("data/b.gz", "w").write(b"words")'
says 6 'b.gz: is compressed by gzip' 'hint: handoff reads what is in it: gunzip b.gz'
"$HANDOFF" policy check policy.yaml --data data --strict
"$HANDOFF" policy explain policy.yaml a.gz >out.txt
grep -q '^text: {detect: {style: tag' out.txt
