#!/bin/sh
# Backups while others write through the same keeper: each is one moment of the
# home, and the writers are not held up.  BACKUP_ROUNDS (half of KILLS,
# which are 12)
set -eu

rounds=${BACKUP_ROUNDS:-$((${KILLS:-12} / 2))}
print() { "$HANDOFF" card --show "$1" --json | sed 's/.*"fingerprint":"\([^"]*\)".*/\1/'; }

"$HANDOFF" keygen -o key 2>/dev/null
"$HANDOFF" keygen -o recovery.key 2>/dev/null
"$HANDOFF" init --name clinic --recovery "$("$HANDOFF" keygen -y recovery.key)" \
    -i key --home home >/dev/null
"$HANDOFF" card --home home >clinic.card
"$HANDOFF" enroll acme --owner clinic.card --no-recovery -i key --home vendor \
    -f "$(print clinic.card)" >/dev/null
"$HANDOFF" card --home vendor >acme.card
"$HANDOFF" vendor add acme acme.card --country NL -i key --home home \
    -f "$(print acme.card)" >/dev/null
echo paper >nda.txt

"$HANDOFF" agent --home home --identity key --listen 127.0.0.1:0 >agent.log 2>&1 &
agent=$!
trap 'rm -f go; kill $agent 2>/dev/null; wait' EXIT
i=0
until grep -q listening agent.log; do
	i=$((i + 1))
	[ $i -le 200 ] || { cat agent.log; exit 1; }
	sleep 0.05
done

# Two writers, who never stop.
: >go
write() {
	n=0
	while [ -e go ]; do
		"$HANDOFF" agreement add acme nda nda.txt --from 2020-01-01 \
		    -i key --home home --json >>"written-$1" || exit 1
		n=$((n + 1))
	done
}
write 1 &
one=$!
write 2 &
two=$!

i=0
while [ $i -lt "$rounds" ]; do
	i=$((i + 1))
	before=$("$HANDOFF" status --home home --json | jq .entries)
	"$HANDOFF" backup "b$i.age" --home home -i key --json >made
	after=$("$HANDOFF" status --home home --json | jq .entries)
	entries=$(jq .entries made)
	if [ "$before" -gt "$entries" ] || [ "$entries" -ge "$after" ]; then
		echo "round $i: $before $entries $after"
		exit 1
	fi
	rm -rf back
	"$HANDOFF" restore "b$i.age" --home back -i recovery.key \
	    --new-identity key --json >restored
	[ "$(jq .entries restored)" -eq "$entries" ]
	"$HANDOFF" audit verify --home back >/dev/null
	# Every entry of it is the home's own.
	"$HANDOFF" audit list --home back --json | head -n "$entries" >theirs
	"$HANDOFF" audit list --home home --json | head -n "$entries" >ours
	cmp theirs ours
done
rm go
wait $one
wait $two
kill $agent
wait $agent || :
trap - EXIT

# Whatever was answered is there once.
cat written-1 written-2 | jq -r .agreement | sort >answered
"$HANDOFF" audit list --kind agreement-added --home home --json |
    jq -r .entry.agreement | sort >logged
cmp answered logged
"$HANDOFF" audit verify --home home >/dev/null
[ ! -e home/run/backup ]
