#!/bin/sh
# k, l and t of generated rows with six quasi-identifiers (goal: a million
# under 2 s), the exact search on adult.csv with nine, and what a person waits
# for: `plan` on a file of as many rows.
#   BENCH_ROWS (1000000)
set -eu

bench=$(dirname "$HANDOFF")/tests/bench/bench_risk
rows=${BENCH_ROWS:-1000000}
"$bench" rows "$rows"
"$bench" rows "$rows" subjects
case ${SHARED:=../shared} in /*) ;; *) SHARED=$TOP/$SHARED ;; esac
if [ -r "$SHARED/vectors/risk/arx/adult.csv" ]; then
	"$bench" adult "$SHARED/vectors/risk/arx"
else
	echo "adult.csv is not here"
fi

# The same from a file: read, masked, measured.
work=$(mktemp -d "${TMPDIR:-/tmp}/risk-XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir "$work/data"
awk -v n="$rows" 'BEGIN {
	srand(1)
	print "id,a,b,c,d,e,g,s,n"
	for (i = 0; i < n; i++)
		printf "%d,%d,%d,%d,%d,%d,%d,s%d,%d\n", i, 2 * rand(),
		    4 * rand(), 3 * rand(), 5 * rand(), 4 * rand(), 7 * rand(),
		    30 * rand(), 100 * rand()
}' >"$work/data/rows.csv"
cat >"$work/policy.yaml" <<'P'
handoff: 1
project: bench
purpose: bench
recipients: [acme]
retention: 1d
agreements: []
subject: {file: rows.csv, column: id}
files:
  - match: rows.csv
    type: csv
    columns: {id: token, a: keep, b: keep, c: keep, d: keep, e: keep, g: keep, s: keep, n: keep}
risk:
  file: rows.csv
  quasi_identifiers: [a, b, c, d, e, g]
  sensitive: {s: equal, n: ordered}
P
cd "$work"
begin=$(date +%s%N)
"$HANDOFF" plan data --policy policy.yaml --vendor acme >plan.txt 2>err.txt ||
	{ cat err.txt; exit 1; }
end=$(date +%s%N)
echo "plan of $rows rows, end to end: $(((end - begin) / 1000000)) ms"
grep 'k is' plan.txt
