#!/bin/sh
# Run every unit test program and every scenario; end with one line of counts.
# usage: tests/check.sh BUILD
#
# Unit programs (BUILD/tests/*/test_*) report through cmocka.  Scenarios are
# tests/cli/NN-*.sh and tests/interop/NN-*.sh; each runs in a folder of its own
# with HANDOFF naming the program.  Exit status 77 means skipped, and the
# scenario has said why.  CHECK_ONLY=PATTERN runs what matches.
set -eu

build=$1
top=$(pwd)
HANDOFF=$top/$build/handoff
TOP=$top
export HANDOFF TOP
passed=0 failed=0 skipped=0
out=$(mktemp -d "${TMPDIR:-/tmp}/handoff-check-XXXXXX")
trap 'rm -rf "$out"' EXIT

want() {
	case $1 in *${CHECK_ONLY:-}*) return 0 ;; *) return 1 ;; esac
}

for t in "$build"/tests/*/test_*; do
	case $t in *.o | *.d) continue ;; esac
	{ [ -x "$t" ] && want "$t"; } || continue
	if "$t" >"$out/log" 2>&1; then
		status=ok
	else
		status=FAILED
	fi
	p=$(grep -c '^\[       OK \]' "$out/log" || :)
	x=$(grep -c '^\[  FAILED  \] [a-z_0-9]*$' "$out/log" || :)
	s=$(grep -c '^\[  SKIPPED \] [a-z_0-9]*$' "$out/log" || :)
	[ "$s" -eq 0 ] || grep 'not here, so not run' "$out/log" | sort -u || :
	if [ $status = FAILED ]; then
		cat "$out/log"
		# cmocka repeats each name in its summary; a crash has neither
		x=$((x > 1 ? x / 2 : 1))
	fi
	passed=$((passed + p)) failed=$((failed + x)) skipped=$((skipped + s / 2))
	echo "$status ${t#"$build"/}: $p passed"
done

for s in tests/cli/[0-9]*.sh tests/interop/[0-9]*.sh; do
	{ [ -f "$s" ] && want "$s"; } || continue
	mkdir "$out/here"
	rc=0
	(cd "$out/here" && sh "$top/$s") >"$out/log" 2>&1 || rc=$?
	case $rc in
	0) passed=$((passed + 1)); echo "ok $s" ;;
	77) skipped=$((skipped + 1)); echo "skipped $s: $(tail -n 1 "$out/log")" ;;
	*) failed=$((failed + 1)); echo "FAILED $s"; cat "$out/log" ;;
	esac
	chmod -R u+w "$out/here"
	rm -rf "$out/here"
done

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
