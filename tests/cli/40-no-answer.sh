#!/bin/sh
# Nobody answers where the owner's agent should be: a terminal is told what is
# waited for, and the wait has an end.
set -eu
command -v python3 >/dev/null || { echo "no python3 here"; exit 77; }
# shellcheck source=tests/support/two_homes.sh
. "$TOP/tests/support/two_homes.sh"
two_homes

# A port that was just given up: refused, at once and each time it is tried.
agent_start owner
agent_stop
fails 5 "https://$at: does not answer: Connection refused (tried for " \
	vendor fetch "https://$at" -o work
grep -q '^handoff: hint: is that its address, .*agent run there' err.txt
[ "$(wc -l <err.txt)" = 2 ]
[ ! -e work ]
fails 5 'nobody-has-this-name.invalid: ' \
	vendor inbox --agent nobody-has-this-name.invalid:8471

# One that takes the call and then says nothing.
cat >silent.py <<'P'
import socket
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
held = []
while True:
    held.append(s.accept())
P
python3 silent.py >port &
agent=$! # ended by the trap, whatever happens
for _ in $(seq 100); do
	[ ! -s port ] || break
	sleep 0.05
done
at=127.0.0.1:$(cat port)
rc=0
python3 "$TOP/tests/support/terminal.py" -- \
	"$HANDOFF" inbox --agent "$at" --home vendor -i vendor.key >seen.txt || rc=$?
[ "$rc" = 5 ] || { echo "$rc, not 5"; cat seen.txt; exit 1; }
grep -q "connecting to $at \\.\\.\\." seen.txt || { cat -v seen.txt; exit 1; }
grep -q "https://$at: does not answer: " seen.txt || { cat -v seen.txt; exit 1; }
kill "$agent"
wait "$agent" || :
agent=''
