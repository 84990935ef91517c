# shellcheck shell=sh
# An owner and a vendor that know each other, for scenarios; sourced in an empty
# folder.  Whatever agent was started is stopped at the end.

command -v jq >/dev/null || { echo "no jq here"; exit 77; }
umask 077
# shellcheck source=tests/support/flip.sh
. "$TOP/tests/support/flip.sh"
# Identities unlock, since a passphrase costs each command half a second; a
# scenario of passphrases sets owner_unlock='--passphrase-fd 3' before the rest.
"$HANDOFF" keygen -o owner.key 2>/dev/null
"$HANDOFF" keygen -o vendor.key 2>/dev/null
printf 'correct horse\n' >owner.pass
owner_unlock='-i owner.key'
# shellcheck disable=SC2086 # one word or two
owner() { "$HANDOFF" "$@" --home owner $owner_unlock 3<owner.pass; }
vendor() { "$HANDOFF" "$@" --home vendor -i vendor.key; }
# digests FILE...: what is in files, whatever they are called
digests() { sha256sum "$@" | cut -c 1-64 | sort; }
print() { "$HANDOFF" card --show "$1" --json | sed 's/.*"fingerprint":"\([^"]*\)".*/\1/'; }

# two_homes: make them
two_homes() {
	owner init --name demo --no-recovery >/dev/null 2>&1
	"$HANDOFF" card --home owner >owner.card
	vendor enroll --no-recovery --owner owner.card \
		--fingerprint "$(print owner.card)" acme >/dev/null
	"$HANDOFF" card --home vendor >acme.card
	owner vendor add acme acme.card --country NL \
		--fingerprint "$(print acme.card)" >/dev/null
	echo paper >nda.txt
	owner agreement add acme nda nda.txt --from 2020-01-01 >/dev/null
}

# fails STATUS TEXT COMMAND...: it ends with that status and says that text
fails() {
	want=$1 said=$2
	shift 2
	rc=0
	"$@" >out.txt 2>err.txt || rc=$?
	[ "$rc" = "$want" ] ||
		{ echo "$*: $rc, not $want"; cat out.txt err.txt; exit 1; }
	grep -qF -e "$said" err.txt || { echo "$*: does not say $said"; cat err.txt; exit 1; }
}

# agent_start HOME: $agent is its pid, $at its address
agent=''
agent_start() {
	where=$1
	: >agent.log # else the one before it is read, until it has begun
	# shellcheck disable=SC2086
	"$HANDOFF" agent --listen 127.0.0.1:0 --home "$where" \
		$owner_unlock 3<owner.pass >agent.log 2>&1 &
	agent=$!
	for _ in $(seq 200); do
		at=$(sed -n 's/.*listening on //p' agent.log)
		[ -z "$at" ] || return 0
		kill -0 "$agent" 2>/dev/null || break
		sleep 0.05
	done
	echo "the agent did not come up:"
	cat agent.log
	exit 1
}
agent_stop() {
	[ -n "$agent" ] || return 0
	kill "$agent" 2>/dev/null || :
	wait "$agent" || { echo "the agent ended with $?"; cat agent.log; agent=''; exit 1; }
	agent=''
}
trap '[ -z "$agent" ] || { kill -9 "$agent" 2>/dev/null; wait "$agent"; } 2>/dev/null || :' EXIT

# entries KIND: how many the owner's log has
entries() {
	"$HANDOFF" audit list --home owner --kind "$1" --json | wc -l
}

# logged KIND N: it has so many of that kind
logged() {
	n=$(entries "$1")
	[ "$n" = "$2" ] || { echo "$n entries of kind $1, not $2"; exit 1; }
}
