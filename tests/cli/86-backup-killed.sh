#!/bin/sh
# kill -9 in the middle of a backup or a restore: there is a whole file, a whole
# home, or nothing; and the next one does it.  KILL_POINTS (12)
set -eu

command -v setsid >/dev/null || { echo "no setsid here"; exit 77; }
points=${KILL_POINTS:-12}
now() { echo $(($(date +%s%N) / 1000000)); }
pause() { sleep "$(awk -v i="$1" -v n="$points" -v t="$2" 'BEGIN {
	printf "%.3f", t * 1.1 * i / n / 1000 }')"; }

"$HANDOFF" keygen -o key 2>/dev/null
"$HANDOFF" keygen -o recovery.key 2>/dev/null
"$HANDOFF" init --name clinic --recovery "$("$HANDOFF" keygen -y recovery.key)" \
    -i key --home home >/dev/null
# Something to copy: an object that is no shard.
mkdir -p home/objects/aa
head -c 40000000 /dev/urandom >home/objects/aa/"$(printf '%064d' 0)"

began=$(now)
"$HANDOFF" backup whole.age --home home -i key >/dev/null
lasts=$(($(now) - began))
i=0
while [ $i -lt "$points" ]; do
	i=$((i + 1))
	rm -f b.age
	setsid "$HANDOFF" backup b.age --home home -i key >/dev/null 2>&1 &
	victim=$!
	pause $i "$lasts"
	kill -s KILL -- "-$victim" 2>/dev/null || :
	wait $victim 2>/dev/null || :
	if [ -e b.age ]; then # then all of it, and logged
		"$HANDOFF" open -i recovery.key b.age | tar t >/dev/null
		"$HANDOFF" audit list --kind backup-made --home home --json |
		    grep -q "$(sha256sum b.age | cut -d ' ' -f 1)"
	fi
	"$HANDOFF" audit verify --home home >/dev/null
done
"$HANDOFF" backup b.age --home home -i key >/dev/null
[ ! -e home/run/backup ]
"$HANDOFF" open -i recovery.key b.age | tar t >names
[ "$(sort names | uniq -d | wc -l)" -eq 0 ]

began=$(now)
"$HANDOFF" restore b.age --home back -i recovery.key --new-identity key >/dev/null
lasts=$(($(now) - began))
i=0
while [ $i -lt "$points" ]; do
	i=$((i + 1))
	rm -rf back
	setsid "$HANDOFF" restore b.age --home back -i recovery.key \
	    --new-identity key >/dev/null 2>&1 &
	victim=$!
	pause $i "$lasts"
	kill -s KILL -- "-$victim" 2>/dev/null || :
	wait $victim 2>/dev/null || :
	[ -z "$(find . -maxdepth 1 -name '.draft-home-*')" ] || : >came
	[ ! -e back ] || "$HANDOFF" audit verify --home back >/dev/null
done
rm -rf back
[ -e came ] || { echo "no kill came in time"; exit 1; }
"$HANDOFF" restore b.age --home back -i recovery.key --new-identity key >/dev/null
cmp home/objects/aa/* back/objects/aa/*
# What the killed ones left is gone; what somebody is making is not.
[ -z "$(find . -maxdepth 1 -name '.draft*')" ] || { ls -a; exit 1; }
mkdir .draft-home-aaaaaaaa .draft-home-bbbbbbbb
flock .draft-home-aaaaaaaa "$HANDOFF" init --name other --no-recovery -i key \
    --home other >/dev/null
[ -e .draft-home-aaaaaaaa ] && [ ! -e .draft-home-bbbbbbbb ]
