#!/bin/sh
# k, l and t of generated rows with six quasi-identifiers (goal: a million
# under 2 s), and the exact search on adult.csv with nine.
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
