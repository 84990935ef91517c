#!/bin/sh
# Every benchmark, one after another: tests/bench/*.sh but this one.  Each runs
# in an empty folder with HANDOFF naming the program and TOP the tree, prints
# what it measured, and exits 77 with a reason when it cannot.
# usage: tests/bench/run.sh [PATTERN]        BENCH_DIR: where the data goes
set -eu

top=$(pwd)
HANDOFF=${HANDOFF:-$top/build/handoff}
TOP=$top
export HANDOFF TOP
here=$(mktemp -d "${BENCH_DIR:-${TMPDIR:-/tmp}}/handoff-bench-XXXXXX")
trap 'rm -rf "$here"' EXIT
trap 'exit 130' INT TERM

echo "$(nproc) cores, load $(cut -d ' ' -f 1-3 /proc/loadavg)"
bad=0
for b in "$top"/tests/bench/*.sh; do
	name=$(basename "$b" .sh)
	[ "$name" != run ] || continue
	case $name in *${1:-}*) ;; *) continue ;; esac
	echo
	echo "== $name"
	mkdir "$here/$name"
	rc=0
	(cd "$here/$name" && sh "$b") || rc=$?
	case $rc in
	0) ;;
	77) echo "skipped" ;;
	*) bad=1; echo "FAILED: exit $rc" ;;
	esac
	rm -rf "${here:?}/$name"
done
exit "$bad"
