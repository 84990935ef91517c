#!/bin/sh
# Run every unit test program and every scenario; end with one line of counts.
# usage: tests/check.sh BUILD
#
# Unit programs (BUILD/tests/*/test_*) report through cmocka.  Scenarios are
# tests/cli/NN-*.sh and tests/interop/NN-*.sh; each runs in a folder of its own
# with HANDOFF naming the program.  Exit status 77 means skipped, and the
# scenario has said why.  HANDOFF_QUICK is the same program but that passphrases
# which it takes cost a 64th, for scenarios of what comes after them.
#
#   CHECK_ONLY  a pattern: run what matches
#   CHECK_JOBS  how many run at a time: one a core and one, as some wait
#   CHECK_SECONDS  what one may take: 300
set -eu

build=$1
top=$(pwd)
HANDOFF=$top/$build/handoff
HANDOFF_QUICK=$top/$build/tests/quick/handoff
TOP=$top
export HANDOFF HANDOFF_QUICK TOP
out=$(mktemp -d "${TMPDIR:-/tmp}/handoff-check-XXXXXX")
CHECK_OUT=$out
export CHECK_OUT
trap 'chmod -R u+w "$out"; rm -rf "$out"' EXIT
trap 'exit 130' HUP INT TERM

# What a test took since $began, in one piece: "3 s, 2.1 of processor time", the
# second of which another's work on the same machine does not change.
cat >"$out/took" <<'EOT'
times >"$at.times"
took="$(($(date +%s) - began)) s, $(awk -F '[ms ]+' 'NR == 2 {
	printf "%.1f", 60 * ($1 + $3) + $2 + $4 }' "$at.times") of processor time"
EOT

# One test: what it has to say in one piece, and "passed failed skipped" into
# a file of its own.
cat >"$out/unit" <<'EOT'
t=$1 at=$CHECK_OUT/$(echo "$1" | tr / _)
began=$(date +%s)
if timeout "${CHECK_SECONDS:-300}" "$t" >"$at.log" 2>&1; then status=ok; else status=FAILED; fi
. "$CHECK_OUT/took"
p=$(grep -c '^\[       OK \]' "$at.log" || :)
x=$(grep -c '^\[  FAILED  \] [a-z_0-9]*$' "$at.log" || :)
s=$(grep -c '^\[  SKIPPED \] [a-z_0-9]*$' "$at.log" || :)
{
	[ "$s" -eq 0 ] || grep 'not here, so not run' "$at.log" | sort -u || :
	if [ $status = FAILED ]; then
		cat "$at.log"
		# cmocka repeats each name in its summary; a crash has neither
		x=$((x > 1 ? x / 2 : 1))
	fi
	echo "$status $t: $p passed, $took"
} >"$at.say"
cat "$at.say"
echo "$p $x $((s / 2))" >"$at.count"
EOT
cat >"$out/scenario" <<'EOT'
s=$1 at=$CHECK_OUT/$(echo "$1" | tr / _)
mkdir "$at.here"
rc=0 began=$(date +%s)
(cd "$at.here" && timeout "${CHECK_SECONDS:-300}" sh "$TOP/$s") >"$at.log" 2>&1 || rc=$?
. "$CHECK_OUT/took"
# Whatever it started has ended, or does so now.
left() { find /proc -maxdepth 2 -name cwd -lname "$at.here*" 2>/dev/null || :; }
if [ -n "$(left)" ] && sleep 2 && [ -n "$(left)" ]; then
	for p in $(left); do
		p=${p%/cwd}
		echo "left behind: $(tr '\0' ' ' <"$p/cmdline")"
		kill -9 "${p#/proc/}" || :
	done >>"$at.log" 2>&1
	rc=1
fi
case $rc in
0) count='1 0 0'; echo "ok $s: $took" >"$at.say" ;;
77) count='0 0 1'; echo "skipped $s: $(tail -n 1 "$at.log")" >"$at.say" ;;
*) count='0 1 0'; { echo "FAILED $s: $took"; cat "$at.log"; } >"$at.say" ;;
esac
cat "$at.say"
chmod -R u+w "$at.here"
rm -rf "$at.here"
echo "$count" >"$at.count"
EOT

# Scenarios take longest and wait for most: they come first, and those against
# other programs before all, so that it ends with short ones on every core; for
# which those of policies, some of which try everything, come before the others.
for s in tests/interop/[0-9]*.sh tests/cli/[0-9]*.sh; do
	[ ! -f "$s" ] || echo "$out/scenario $s"
done >"$out/list"
for t in "$build"/tests/policy/test_* "$build"/tests/[!p]*/test_*; do
	case $t in *.o | *.d) continue ;; esac
	[ ! -x "$t" ] || echo "$out/unit $t"
done >>"$out/list"
grep -e " .*${CHECK_ONLY:-}" "$out/list" >"$out/wanted" || :
xargs -P "${CHECK_JOBS:-$(($(nproc) + 1))}" -L 1 sh <"$out/wanted" || :

# Names of what failed once more, where the end of a log is all that is seen.
grep -h '^FAILED ' "$out"/*.say 2>/dev/null || :
# A test that left no count did not run to its end.
all=$(wc -l <"$out/wanted")
cat "$out"/*.count 2>/dev/null | awk -v all="$all" '
	{ p += $1; x += $2; s += $3 }
	END {
		x += all - NR
		printf "%d passed, %d failed, %d skipped\n", p, x, s
		exit !(x == 0 && p > 0)
	}'
