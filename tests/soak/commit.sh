#!/bin/sh
# kill -9 at SOAK_POINTS (1000) random moments while commands write: of a command
# with its own keeper, and of the keeper that several commands share.  Every
# command that said it was done is in the log exactly once, and the home opens.
# usage: tests/soak/commit.sh
#
#   SOAK_POINTS   how many kills
#   SOAK_SEED     which moments; the seed of a run is printed
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
program=${HANDOFF:-$top/build/handoff}
points=${SOAK_POINTS:-1000}
seed=${SOAK_SEED:-$(od -An -N3 -tu4 /dev/urandom | tr -d ' ')}
here=$(mktemp -d "${SOAK_DIR:-${TMPDIR:-/tmp}}/handoff-soak-XXXXXX")
unset HANDOFF_HOME
umask 077
agent=
n=0
hits=0

for tool in jq setsid pgrep; do
	command -v $tool >/dev/null || { echo "soak: no $tool here"; exit 1; }
done

ended() {
	rc=$?
	rm -f "$here/go"
	[ -z "$agent" ] || kill -s KILL -- "-$agent" 2>/dev/null || :
	wait
	if [ $rc -eq 0 ]; then
		rm -rf "$here"
		return
	fi
	echo "soak: failed at point $n of $points; SOAK_SEED=$seed; see $here"
	echo "$((n > 0 ? n - 1 : 0)) passed, 1 failed"
}
trap ended EXIT
trap 'exit 1' HUP INT TERM
fail() { echo "soak: $*"; exit 1; }

cd "$here"
echo "soak: commits, $points points, SOAK_SEED=$seed"

# Milliseconds from 0 to $1 - 1, the same ones for the same seed.
draws=0
draw() {
	draws=$((draws + 1))
	drawn=$(awk -v s="$seed" -v d=$draws -v m="$1" 'BEGIN {
		x = (s * 7919 + d * 104729) % 2147483647
		for (i = 0; i < 3; i++) # as minstd_rand
			x = x * 48271 % 2147483647
		x = x % m
		printf "%d.%03d", int(x / 1000), x % 1000 }')
}
now() { echo $(($(date +%s%N) / 1000000)); }

"$program" keygen -o key 2>/dev/null
print() { "$program" card --show "$1" --json | sed 's/.*"fingerprint":"\([^"]*\)".*/\1/'; }
"$program" init --name soak --no-recovery -i key --home home >/dev/null
"$program" card --home home >owner.card
"$program" enroll acme --owner owner.card --no-recovery -i key --home vendor \
    -f "$(print owner.card)" >/dev/null
"$program" card --home vendor >acme.card
"$program" vendor add acme acme.card --country NL -i key --home home \
    -f "$(print acme.card)" >/dev/null
echo paper >nda.txt
: >answered

# One command that writes; what it said is kept only if it said that it is done.
add() {
	"$program" agreement add acme nda nda.txt --from 2020-01-01 -i key \
	    --home home --json
}
record() { # FILE: complete answers of it
	jq -rR 'fromjson? | .agreement // empty' "$1" >>answered
}

judge() {
	"$program" status --home home >out 2>err ||
	    { cat err; fail "the home does not open"; }
	"$program" audit list --kind agreement-added --home home --json |
	    jq -r .entry.agreement | sort >logged
	[ -z "$(uniq -d logged)" ] || fail "an entry is there twice"
	sort answered | uniq -d >twice
	[ ! -s twice ] || fail "two commands have the same answer"
	sort answered | comm -23 - logged >lost
	[ ! -s lost ] || { cat lost; fail "answered and not in the log"; }
}

# How long one takes.
began=$(now)
add >one
lasts=$(($(now) - began))
record one

serve() {
	: >agent.log
	setsid "$program" agent --home home --identity key \
	    --listen 127.0.0.1:0 >agent.log 2>&1 &
	agent=$!
	i=0
	until grep -q listening agent.log; do
		i=$((i + 1))
		[ $i -le 400 ] || { cat agent.log; fail "no agent"; }
		sleep 0.02
	done
}

# A writer goes on until its keeper is gone.
writer() {
	while [ -e go ] && add >"w$1.one" 2>/dev/null; do
		cat "w$1.one" >>"w$1"
	done
}

while [ $n -lt "$points" ]; do
	# A command and its keeper, together.
	n=$((n + 1))
	draw $((lasts * 12 / 10 + 2))
	: >one
	(
		exec setsid "$program" agreement add acme nda nda.txt --from \
		    2020-01-01 -i key --home home --json >one 2>/dev/null
	) &
	victim=$!
	sleep "$drawn"
	if kill -s KILL -- "-$victim" 2>/dev/null; then
		hits=$((hits + 1))
	fi
	wait $victim 2>/dev/null || :
	record one
	judge
	[ $n -lt "$points" ] || break

	# The keeper that an agent and three writers share.
	n=$((n + 1))
	serve
	: >go
	rm -f w1 w2 w3
	for w in 1 2 3; do : >w$w; done
	writer 1 & w1=$!
	writer 2 & w2=$!
	writer 3 & w3=$!
	draw $((lasts * 4))
	sleep "$drawn"
	kill -9 "$(pgrep -P "$agent" -x handoff@keeper)" ||
	    fail "the agent has no keeper"
	rm -f go
	wait $w1 $w2 $w3 || :
	wait "$agent" 2>/dev/null || :
	agent=
	for w in 1 2 3; do record w$w; done
	judge
done
"$program" audit verify --home home >/dev/null || fail "does not verify"
[ "$points" -lt 8 ] || [ "$hits" -gt 0 ] || fail "no kill came in time"
echo "soak: $(wc -l <answered) answers, $(wc -l <logged) entries"
echo "$n passed, 0 failed"
