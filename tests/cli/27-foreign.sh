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
