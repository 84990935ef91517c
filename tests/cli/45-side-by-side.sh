#!/bin/sh
# One home, several commands at once: whoever comes second uses the keeper of
# the first, which stays until nobody needs it; an agent wants its own.
set -eu
HANDOFF=${HANDOFF_QUICK:-$HANDOFF}
# shellcheck source=tests/support/two_homes.sh
. "$TOP/tests/support/two_homes.sh"
owner_unlock='--passphrase-fd 3'
two_homes

cat >policy.yaml <<'P'
handoff: 1
project: triage
purpose: train
recipients: [acme]
retention: 90d
agreements: [nda]
files:
  - match: "**"
    type: text
    text: keep
P
for name in one two three; do
	mkdir $name
	for i in 1 2 3; do echo "$name $i" >$name/$i.txt; done
done
seal() { owner export "$1" --policy policy.yaml --vendor acme --name "$1"; }
state() { "$HANDOFF" batch show "$1" --home owner --json | jq -r .state; }

# An export that has the home, and waits for its passphrase on a pipe: $held is
# its pid, descriptor 8 or 9 the way on.
held='' other=''
trap 'kill -9 $agent $held $other 2>/dev/null || :' EXIT
mkfifo hold8 hold9
hold() { # BATCH N
	"$HANDOFF" export "$1" --policy policy.yaml --vendor acme --name "$1" \
		--home owner --passphrase-fd 3 3<"hold$2" >"out$2" 2>"err$2" &
	case $2 in
	8) held=$! && exec 8>hold8 ;;
	9) other=$! && exec 9>hold9 ;;
	esac
}
# until_asks PID: it has met a keeper, and waits for its passphrase
until_asks() {
	for _ in $(seq 200); do
		# shellcheck disable=SC2013 # words of one line
		for child in $(cat "/proc/$1/task/$1/children"); do
			! tr '\0' ' ' <"/proc/$child/cmdline" |
				grep -q @passphrase || return 0
		done
		sleep 0.05
	done
	echo "$1 does not ask"
	exit 1
}
ended() { # PID STATUS
	rc=0
	wait "$1" || rc=$?
	[ $rc = "$2" ] || { echo "ended with $rc, not $2"; cat out? err?; exit 1; }
}

# ---- Beside an agent
agent_start owner
[ "$(vendor fetch "https://$at")" = 'nothing new: no batch for us yet' ]
seal one >out
grep -q '^batch one .*3 items' out
owner batch approve one --yes >/dev/null
vendor fetch "https://$at" --batch one -o got >/dev/null
cat one/*.txt | sort >want
cat got/*.txt | sort | cmp - want
# A second agent is not wanted, and the first stays.
fails 7 "process $agent, perhaps an agent that runs already" \
	owner agent --listen 127.0.0.1:0
seal one >out
grep -q 'sealed before' out
"$HANDOFF" status --home owner >out
kill -0 "$agent"

# An agent that is told to stop lets an export end that uses its keeper.
hold two 9
until_asks $other
kill "$agent"
for _ in $(seq 200); do
	! grep -q 'other commands still use this home' agent.log || break
	sleep 0.05
done
kill -0 "$agent"
cat owner.pass >&9
exec 9>&-
ended $other 0
ended "$agent" 0
agent='' other=''
[ "$(state two)" = sealed ]

# ---- Two exports: the first waits for the second, which uses its keeper
hold three 8
until_asks $held
owner batch approve two --yes >/dev/null
fails 7 "process $held, perhaps an agent" owner agent --listen 127.0.0.1:0
cp -r one four
hold four 9
until_asks $other
cat owner.pass >&8
exec 8>&-
for _ in $(seq 200); do
	! grep -q 'other commands still use this home' err8 || break
	sleep 0.05
done
[ "$(state three)" = sealed ]
kill -0 $held
seal one >/dev/null
cat owner.pass >&9
exec 9>&-
ended $other 0
ended $held 0
held='' other=''
grep -q '^batch three .*3 items' out8
[ "$(state four)" = sealed ]

# ---- The first is killed: the second says so, and goes on when run again
cp -r one five
cp -r one six
hold five 8
until_asks $held
hold six 9
until_asks $other
kill -9 $held
wait $held || :
exec 8>&-
cat owner.pass >&9
exec 9>&-
ended $other 5
grep -q "shared the home's keeper with ended" err9
held='' other=''
seal five >/dev/null
seal six >/dev/null
[ "$(state six)" = sealed ]
"$HANDOFF" audit verify --home owner >/dev/null
