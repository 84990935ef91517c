#!/bin/sh
# Durable appends a second from one caller and from 64, beside SQLite commits
# of one row and the machine's own rate of fdatasync, in alternated rounds;
# medians.  And how long a log of 10,000 entries takes to open.
#   APPEND_SECONDS (2) a round   BENCH_ROUNDS (5)
set -eu

bench=$TOP/build/tests/bench/bench_append
[ -x "$bench" ] || { echo "$bench is not built"; exit 77; }
seconds=${APPEND_SECONDS:-2}
rounds=${BENCH_ROUNDS:-5}

run() { # FILE ARGUMENTS...
	file=$1
	shift
	mkdir here
	(cd here && "$bench" "$@") >>"$file"
	rm -rf here
}
median() { sort -n "$1" | sed -n "$(((rounds + 1) / 2))p"; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }

i=0
while [ "$i" -lt "$rounds" ]; do
	run one log 1 "$seconds"
	run many log 64 "$seconds"
	run row row "$seconds"
	run sync fdatasync "$seconds"
	i=$((i + 1))
done
row=$(median row)
echo "fdatasync of 4 KiB:        $(median sync)/s"
echo "SQLite, one row a commit:  $row/s"
echo "appends from 1 caller:     $(median one)/s," \
    "$(ratio "$(median one)" "$row") of a row"
echo "appends from 64 callers:   $(median many)/s," \
    "$(ratio "$(median many)" "$row") of a row"
run replay replay 10000
echo "opening 10,000 entries:    $(cat replay) ms"
