#!/bin/sh
# A table with five columns tokenised: by sanitise, by export, and beside them
# a Python script (csv, hmac), DuckDB (sha256 of the same columns), and the
# bare loop, which is nothing but the HMACs; and of an export what its HMACs,
# digests and cipher would take alone.  Every one writes to this file system and
# syncs.  The same as JSON lines.  Beside the time that passed stands the
# processor time, with its own ratio to the loop: on a machine that does other
# work too it is the one that says something.
#   BENCH_ROWS (2000000)   BENCH_ROUNDS (3)   BENCH_DUCKDB: a folder with
#   @duckdb/node-api in its node_modules (else npm installs it here)
set -eu

rows=${BENCH_ROWS:-2000000}
rounds=${BENCH_ROUNDS:-3}
table=$(dirname "$HANDOFF")/tests/bench/bench_table
command -v jq >/dev/null || { echo "no jq here"; exit 77; }
umask 077
"$table" csv "$rows" >table.csv
"$table" jsonl "$rows" >table.jsonl
mkdir csv jsonl
mv table.csv csv
mv table.jsonl jsonl
csv=$(stat -c %s csv/table.csv) jsonl=$(stat -c %s jsonl/table.jsonl)
echo "    $rows rows: $((csv / 1000000)) MB of CSV, $((jsonl / 1000000)) MB of JSON lines"

columns='id: token, name: token, email: token, phone: token, born: keep,
      postcode: keep, city: keep, iban: token, ip: keep, note: keep,
      weight: keep, amount: keep'
cat >policy.yaml <<P
handoff: 1
project: bench
purpose: bench
recipients: [acme]
retention: 90d
agreements: []
files:
  - match: "**/*.csv"
    type: csv
    item_id: id
    columns: {$columns}
  - match: "**/*.jsonl"
    type: jsonl
    item_id: id
    fields: {$columns}
P
for k in owner vendor recovery; do "$HANDOFF" keygen -o $k.key 2>/dev/null; done
print() { "$HANDOFF" card --show "$1" --json | jq -r .fingerprint; }
owner() { "$HANDOFF" "$@" --home owner --identity owner.key >/dev/null; }
owner init --name bench --recovery "$("$HANDOFF" keygen -y recovery.key)"
"$HANDOFF" card --home owner >owner.card
"$HANDOFF" enroll acme --home vendor --identity vendor.key --no-recovery \
    --owner owner.card --fingerprint "$(print owner.card)" >/dev/null
"$HANDOFF" card --home vendor >acme.card
owner vendor add acme acme.card --country NL --fingerprint "$(print acme.card)"
mv owner before

cat >masked.py <<'P'
import csv, hmac, os, secrets, sys
key = secrets.token_bytes(32)
chosen = {"id", "name", "email", "phone", "iban"}
with open(sys.argv[1], newline="") as i, open("out", "w", newline="") as o:
    rows, out = csv.reader(i), csv.writer(o)
    head = next(rows)
    out.writerow(head)
    at = [n for n, name in enumerate(head) if name in chosen]
    for row in rows:
        for n in at:
            row[n] = hmac.digest(key, row[n].encode(), "sha256").hex()[:26]
        out.writerow(row)
    o.flush()
    os.fsync(o.fileno())
P
cat >duck.mjs <<'P'
import { createRequire } from "node:module";
const { DuckDBInstance } = createRequire(process.argv[2] + "/")("@duckdb/node-api");
const db = await (await DuckDBInstance.create(":memory:")).connect();
await db.run("set threads = " + process.argv[4]);
await db.run(`copy (select * replace (sha256(id) as id, sha256(name) as name,
    sha256(email) as email, sha256(phone) as phone, sha256(iban) as iban)
    from read_csv('${process.argv[3]}', all_varchar = true))
    to 'out' (format csv, header)`);
P

# timed NAME COMMAND...: adds to NAME the milliseconds that passed, to NAME.cpu
# those of the processors, and to NAME.memory the most memory, in KiB, that one
# of its processes held
timed() {
	name=$1
	shift
	began=$(date +%s%N)
	/usr/bin/env time -f '%M %U %S' -o used "$@" >/dev/null
	echo $((($(date +%s%N) - began) / 1000000)) >>"$name"
	tail -n 1 used | awk '{ print $1 }' >>"$name.memory"
	tail -n 1 used | awk '{ print ($2 + $3) * 1000 }' >>"$name.cpu"
}
median() { sort -n "$1" | awk '{ a[NR] = $1 } END { print a[int((NR + 1) / 2)] }'; }
speed() { awk -v b="$1" -v ms="$2" 'BEGIN { printf "%.0f", b / ms / 1000 }'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }

sanitise() {
	rm -f out
	timed "sanitise.$1" "$HANDOFF" sanitise "$1/table.$1" \
	    --policy policy.yaml -o out
}
export_it() {
	rm -rf owner
	cp -a before owner
	timed "export.$1" "$HANDOFF" export "$1" --policy policy.yaml --vendor acme \
	    --home owner --identity owner.key
}

duckdb=${BENCH_DUCKDB:-$(pwd)/peers}
if [ ! -d "$duckdb/node_modules/@duckdb" ] &&
    ! npm install --silent --no-audit --no-fund --prefix "$duckdb" \
	@duckdb/node-api >/dev/null 2>&1; then
	echo "    no @duckdb/node-api here: not compared"
	duckdb=''
fi
# Side by side: one of each a round.
for round in $(seq "$rounds"); do
	timed loop sh -c '"$@" >loop.speed' - "$table" loop "$rows" "$((csv / 1000000))"
	cat loop.speed >>loop.speeds
	for t in jsonl csv; do
		sanitise $t
		export_it $t
	done
	# What was made: objects, and of them the delivered rows (their ids too).
	sealed=$(du -sb owner/objects | cut -f 1)
	"$table" least "$rows" "$((csv / 1000000))" \
	    $((sealed + $(stat -c %s out) + 27 * rows)) "$sealed" >>least.speeds
	if [ -n "$duckdb" ]; then
		rm -f out
		timed duck sh -c "node duck.mjs '$duckdb' csv/table.csv $(nproc) && sync -d out"
	fi
	if [ "$round" -eq 1 ] && command -v python3 >/dev/null; then
		rm -f out
		timed python python3 masked.py csv/table.csv
	fi
done
loop=$(median loop.speeds)
ours=$(median sanitise.csv)
echo "the bare loop (HMACs alone, no output): $loop MB/s, $(median loop.cpu) ms of processors"
say() { # WHAT KIND BYTES GOAL
	ms=$(median "$2")
	mbs=$(speed "$3" "$ms")
	echo "$1: $mbs MB/s, $(ratio "$mbs" "$loop") of the loop ($4)"
	echo "    rounds in ms: $(tr '\n' ' ' <"$2"), memory $(sort -n "$2.memory" | tail -n 1) KiB (goal under 262144)"
	echo "    processors: $(median "$2.cpu") ms, $(awk -v a="$(median loop.cpu)" -v b="$(median "$2.cpu")" \
	    -v x="$3" -v y="$csv" 'BEGIN { printf "%.2f", a / b * x / y }') of the loop"
}
against() { # PEER KIND GOAL
	[ -s "$2" ] || return 0
	echo "sanitise against $1: $(median "$2") ms against $ours ms: $(ratio "$(median "$2")" "$ours") times as fast (goal $3);" \
	    "$(ratio "$(median "$2.cpu")" "$(median sanitise.csv.cpu)") times by processor time"
}
say "sanitise, CSV" sanitise.csv "$csv" "goal 0.83: 550 where the loop does 660"
echo "the least of an export (HMACs of six values, two digests, cipher;" \
    "nothing read or written): $(median least.speeds) MB/s," \
    "$(ratio "$(median least.speeds)" "$loop") of the loop"
say "export, CSV" export.csv "$csv" "goal 0.58: 380 where the loop does 660"
say "sanitise, JSON lines" sanitise.jsonl "$jsonl" "goal 300 MB/s"
say "export, JSON lines" export.jsonl "$jsonl" "no goal"
against DuckDB duck 3.5
against Python python 25
