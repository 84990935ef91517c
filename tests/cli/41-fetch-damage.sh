#!/bin/sh
# fetch, stopped and damaged: it goes on where it was, brings again what is bad,
# and gives nothing out that is not the owner's.
set -eu
# shellcheck source=tests/support/two_homes.sh
. "$TOP/tests/support/two_homes.sh"
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
# Two shards and a bit; or one and a bit.
files=36
[ "${INTEROP_BIG:-1}" = 1 ] || files=20
mkdir data
i=0
while [ $i -lt $files ]; do
	openssl rand -base64 3145728 >"data/$i.txt"
	i=$((i + 1))
done
owner export data --policy policy.yaml --vendor acme --name big >/dev/null
owner batch approve big --yes >/dev/null
digests data/* >want
agent_start owner
same() { digests "$1"/*.txt | cmp - want; }

# Killed at any moment, and run again: one release, nothing missing.
i=0 killed=0
until [ $i -ge "${KILLS:-12}" ]; do
	i=$((i + 1))
	setsid "$HANDOFF" fetch "https://$at" -o work --home vendor \
		-i vendor.key >/dev/null 2>&1 &
	pid=$!
	sleep "$(awk -v i=$i 'BEGIN { srand(i * 7919); print 0.02 + rand() * 0.4 }')"
	kill -9 -$pid 2>/dev/null || :
	wait $pid 2>/dev/null && break
	killed=$((killed + 1))
	# A member with a name is whole, whenever one looks.
	for f in work/*.txt; do
		[ ! -e "$f" ] || [ "$(wc -c <"$f")" = "$(wc -c <data/1.txt)" ] ||
			{ echo "$f: not whole"; exit 1; }
	done
done
echo "killed $killed times"
vendor fetch "https://$at" -o work >/dev/null
same work
[ "$(wc -l <work/items.jsonl)" = $files ]
logged release 1
logged acknowledged 1
[ -z "$(find work -name '.draft*')" ]

# begun: a shard's draft is on its way
begun() {
	i=0
	until [ "$(find vendor/inbox -name '*.age' -size +8M | wc -l)" -gt 0 ]; do
		i=$((i + 1))
		[ $i -lt 2000 ] || { echo "nothing came"; exit 1; }
		sleep 0.01
	done
}

# The agent goes away in the middle, and comes back under the same address.
setsid "$HANDOFF" fetch "https://$at" --batch big -o second --home vendor \
	-i vendor.key >fetch.log 2>&1 &
pid=$!
begun
kill -9 "$agent"
wait "$agent" 2>/dev/null || :
was=$at
"$HANDOFF" agent --listen "$was" --home owner -i owner.key \
	>agent.log 2>&1 &
agent=$!
wait $pid || { cat fetch.log; exit 1; }
same second
at=$was

# A draft with a bad byte in it is cut there.
setsid "$HANDOFF" fetch "https://$at" --batch big -o third --keep --home vendor \
	-i vendor.key >/dev/null 2>&1 &
pid=$!
begun
kill -9 -$pid
wait $pid 2>/dev/null || :
draft=$(find vendor/inbox -name '*.age' -size +8M | head -n 1)
flip "$draft" 5000000
vendor fetch "https://$at" --batch big -o third >/dev/null
same third

# What the owner's store has damaged is not given out, and says so.
object=$(find owner/objects -type f -printf '%s %p\n' | sort -rn | sed -n '1s/.* //p')
cp "$object" object.bak
flip "$object" 9000000
fails 4 'shard' vendor fetch "https://$at" --batch big -o fourth
for f in fourth/*.txt; do
	[ ! -e "$f" ] || [ "$(wc -c <"$f")" = "$(wc -c <data/1.txt)" ] ||
		{ echo "$f: not whole"; exit 1; }
done
[ ! -e fourth/items.jsonl ]
# Repaired there, the same command brings the bad chunk alone.
cp object.bak "$object"
vendor fetch "https://$at" --batch big -o fourth >/dev/null
same fourth

# Cut short, likewise.
size=$(stat -c %s "$object")
truncate -s $((size - 100000)) "$object"
rc=0
vendor fetch "https://$at" --batch big -o fifth >out.txt 2>err.txt || rc=$?
[ $rc = 4 ] || [ $rc = 5 ] || { echo "cut short: $rc"; cat err.txt; exit 1; }
[ ! -e fifth/items.jsonl ]
cp object.bak "$object"
vendor fetch "https://$at" --batch big -o fifth >/dev/null
same fifth
agent_stop

