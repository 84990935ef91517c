#!/bin/sh
# A command and the keeper of an agent that runs since before the program was
# changed do not take one ask for another; and a home's copy lacks no socket.
set -eu
# shellcheck source=tests/support/two_homes.sh
. "$TOP/tests/support/two_homes.sh"
two_homes

# Another version: one of its asks has another name.
sed 's/offline shards/offline sharts/' "$HANDOFF" >other
chmod +x other
if cmp -s other "$HANDOFF"; then echo "the same program"; exit 1; fi
./other status --home owner >/dev/null
ours=$HANDOFF
HANDOFF=$PWD/other agent_start owner
HANDOFF=$ours
for words in status 'batch list' 'hold list' 'audit verify'; do
	# shellcheck disable=SC2086 # its words
	fails 7 'owner: in use by another version of this program' \
		"$HANDOFF" $words --home owner
	grep -q 'hint: end it and start it anew: its process is in owner/lock' err.txt
done
fails 7 'another version' owner hold add acme --reason x
[ "$(cat owner/lock)" = "$agent" ]
./other status --home owner >/dev/null # its own are answered
agent_stop
logged hold-begun 0

# The same version meets it, and a copy has its sockets made anew.
rm -r owner/run
agent_start owner
"$HANDOFF" status --home owner >/dev/null
owner hold add acme --reason x >/dev/null
agent_stop
logged hold-begun 1
