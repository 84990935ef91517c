#!/bin/sh
# A row edited by hand, a log cut short, a published log ahead of the database,
# an older database: each is noticed by whatever opens the home, exit 4, and
# nothing of it is served.
set -eu

command -v sqlite3 >/dev/null || { echo "no sqlite3 here"; exit 77; }

refuses() { # STATUS COMMAND...
	want=$1 rc=0
	shift
	"$@" >out 2>err || rc=$?
	[ $rc -eq "$want" ] || { echo "$*: status $rc, not $want"; cat out err; exit 1; }
}
says() { grep -q -e "$2" "$1" || { echo "no '$2' in $1:"; cat "$1"; exit 1; }; }
print() { "$HANDOFF" card --show "$1" --json | sed 's/.*"fingerprint":"\([^"]*\)".*/\1/'; }

"$HANDOFF" keygen -o key 2>/dev/null
"$HANDOFF" init --name clinic --no-recovery -i key --home home >/dev/null
"$HANDOFF" card --home home >clinic.card
"$HANDOFF" enroll acme --owner clinic.card --no-recovery -i key --home vendor \
    -f "$(print clinic.card)" >/dev/null
"$HANDOFF" card --home vendor >acme.card
cp -a home older
"$HANDOFF" vendor add acme acme.card --country NL -i key --home home \
    -f "$(print acme.card)" >/dev/null
echo paper >nda.txt
"$HANDOFF" agreement add acme nda nda.txt --from 2020-01-01 -i key \
    --home home >/dev/null
"$HANDOFF" vendor suspend acme -i key --home home >/dev/null
"$HANDOFF" audit verify --home home >/dev/null
cp -a home kept
whole() { rm -rf home; cp -a kept home; }

noticed() { # WHAT IT SAYS
	refuses 4 "$HANDOFF" audit verify --home home
	says err "$1"
	refuses 4 "$HANDOFF" status --home home
	refuses 4 "$HANDOFF" vendor list --home home
	refuses 4 "$HANDOFF" vendor resume acme -i key --home home
}

# Rows edited by hand: each widens what may be done, or hides what was.
sql() { sqlite3 home/catalog.db "$1"; }
tables=$(sql "SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite%'")
case $tables in *vendor*) ;; *) echo "which tables? $tables"; exit 1 ;; esac
sql "UPDATE vendors SET suspended=NULL"
noticed 'vendor'
whole
sql "UPDATE agreements SET until='2099-01-01T00:00:00Z'"
noticed 'agreement'
whole
sql "DELETE FROM agreements"
noticed 'agreement'
whole
sql "UPDATE home SET backup='2099-01-01T00:00:00Z'"
noticed 'home'
whole
sql "PRAGMA application_id=1"
noticed 'application_id'
whole
# An entry's bytes; then the last entry with its effect.
sql "UPDATE entry SET leaf=CAST(replace(CAST(leaf AS TEXT),'\"nda\"','\"dpa\"') AS BLOB)"
noticed 'entr'
whole
sql "DELETE FROM entry WHERE seq=(SELECT max(seq) FROM entry)"
noticed 'entry'
whole
sql "DELETE FROM entry WHERE seq=(SELECT max(seq) FROM entry); UPDATE tree SET size=size-1; UPDATE vendors SET suspended=NULL"
noticed 'catalog.db'
whole

# An index that has a row as it was meanwhile, which a lookup would find so; a
# trigger of a name that CREATE TRIGGER does not take.
sql "UPDATE agreements SET type='dpa'"
sql "CREATE TABLE was AS SELECT * FROM sqlite_schema WHERE name='agreements_vendor'; PRAGMA writable_schema=ON; DELETE FROM sqlite_schema WHERE name='agreements_vendor'"
sql "UPDATE agreements SET type='nda'; PRAGMA writable_schema=ON; INSERT INTO sqlite_schema SELECT * FROM was; DROP TABLE was"
noticed 'table agreements: row 1 missing from index agreements_vendor'
whole
sql "PRAGMA writable_schema=ON; INSERT INTO sqlite_schema VALUES('trigger','sqlite_t','vendors',0,'CREATE TRIGGER sqlite_t AFTER UPDATE ON vendors BEGIN UPDATE vendors SET suspended=NULL; END')"
noticed 'definition sqlite_t'
whole

# What no row follows from, and what only the whole check reads: a fact.
sql "UPDATE facts SET bytes=x'00' WHERE member='document'"
refuses 4 "$HANDOFF" audit verify --home home
whole

# The published log cut short, changed, or gone while more is published.
rm -rf home/log/tile/entries
refuses 4 "$HANDOFF" audit verify --home home
whole
rm -f home/log/checkpoint
cp older/log/checkpoint home/log/checkpoint
"$HANDOFF" vendor resume acme -i key --home home >/dev/null # it catches up
"$HANDOFF" audit verify --home home >/dev/null
whole

# An older database beside the newer published log; and an older copy of all of
# it but the log.
cp older/catalog.db home/catalog.db
rm -f home/catalog.db-wal home/catalog.db-shm
noticed 'an older copy of it'
whole
rm -rf home
cp -a older home
rm -rf home/log
cp -a kept/log home/log
noticed 'log/: [0-9]* entries are published'
whole

# Another home's log under our name.
cp vendor/log/checkpoint home/log/checkpoint
refuses 4 "$HANDOFF" status --home home
whole
cp vendor/catalog.db home/catalog.db
refuses 4 "$HANDOFF" status --home home
whole
"$HANDOFF" audit verify --home home >/dev/null
