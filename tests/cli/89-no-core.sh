#!/bin/sh
# Every process of an agent, the command itself too, may leave no core; and as
# another user than root, nobody else of that user can look into it.
set -eu

# shellcheck source=tests/support/two_homes.sh
. "$TOP/tests/support/two_homes.sh"
two_homes
prlimit --pid $$ --core=unlimited 2>/dev/null || :
agent_start owner
n=0
for p in "$agent" $(cat "/proc/$agent/task/$agent/children"); do
	awk '/^Max core file size/ { exit !($5 == 0 && $6 == 0) }' \
		"/proc/$p/limits" || { cat "/proc/$p/limits"; exit 1; }
	# What is undumpable is root's below /proc.
	[ "$(stat -c %u "/proc/$p/environ")" = 0 ]
	if [ "$(id -u)" != 0 ] && cat "/proc/$p/environ" >environ 2>/dev/null; then
		echo "process $p can be looked into"
		exit 1
	fi
	n=$((n + 1))
done
[ $n -ge 3 ] # the command, the keeper, the listener
agent_stop
