#!/bin/sh
# Run every fuzz target for a while, some at a time, and say what each did.
# usage: tests/fuzz/run.sh [PATTERN]
#
#   FUZZ_SECONDS  how long each runs: 20
#   FUZZ_JOBS     how many run at a time: one a core
#   FUZZ_CORPUS   a folder that keeps what was found to be new between runs;
#                 without it the corpora in tests/fuzz/corpus are only read
#
# An input that breaks a target is left in build-fuzz/broken/TARGET-*; run the
# target with that file as its operand to see it again.
set -eu

programs=build-fuzz/tests/fuzz
seconds=${FUZZ_SECONDS:-20}
jobs=${FUZZ_JOBS:-$(nproc)}
broken=build-fuzz/broken
out=$(mktemp -d "${TMPDIR:-/tmp}/handoff-fuzz-XXXXXX")
trap 'rm -rf "$out"' EXIT
trap 'exit 130' HUP INT TERM
mkdir -p "$broken"

list() {
	for t in "$programs"/fuzz_*"${1:-}"*; do
		case $t in *.o | *.d) continue ;; esac
		[ ! -x "$t" ] || echo "${t##*/fuzz_}"
	done
}

# One target: its own seeds, a corpus to write to, a ceiling on memory and on
# the time that one input may take.
cat >"$out/one" <<'EOT'
set -eu
name=$1 programs=$2 seconds=$3 broken=$4 out=$5
found=${FUZZ_CORPUS:-$out}/$name
mkdir -p "$found"
seeds=
[ ! -d "tests/fuzz/corpus/$name" ] || seeds=tests/fuzz/corpus/$name
rc=0
"$programs/fuzz_$name" -max_total_time="$seconds" -timeout=10 \
    -rss_limit_mb=1024 -print_final_stats=1 -artifact_prefix="$broken/$name-" \
    "$found" $seeds >"$out/$name.log" 2>&1 || rc=$?
runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$out/$name.log")
if [ $rc -eq 0 ]; then
	echo "ok $name: ${runs:-0} inputs"
	: >"$out/$name.ok"
else
	echo "FAILED $name: exit $rc"
	tail -n 60 "$out/$name.log"
fi
EOT

list "${1:-}" >"$out/list"
[ -s "$out/list" ] || { echo "fuzz: nothing to run in $programs"; exit 1; }
xargs -P "$jobs" -I '{}' sh "$out/one" '{}' "$programs" "$seconds" "$broken" \
    "$out" <"$out/list"

all=$(wc -l <"$out/list")
good=$(find "$out" -name '*.ok' | wc -l)
echo "$good passed, $((all - good)) failed"
[ "$good" -eq "$all" ]
