#!/bin/sh
# An export of several shards: a worker that dies costs an attempt, an export
# that dies costs what was not logged, and two cannot work on one batch.
set -eu

umask 077
for k in owner vendor recovery; do "$HANDOFF" keygen -o $k.key 2>/dev/null; done
owner() { "$HANDOFF" "$@" --home owner --identity owner.key; }
print() { "$HANDOFF" card --show "$1" --json | sed 's/.*"fingerprint":"\([^"]*\)".*/\1/'; }
owner init --name demo --recovery "$("$HANDOFF" keygen -y recovery.key)" >/dev/null
"$HANDOFF" card --home owner >owner.card
"$HANDOFF" enroll --owner owner.card --fingerprint "$(print owner.card)" acme \
	--no-recovery --home vendor --identity vendor.key >/dev/null
"$HANDOFF" card --home vendor >acme.card
owner vendor add acme acme.card --country NL --fingerprint "$(print acme.card)" >/dev/null
cat >policy.yaml <<'P'
handoff: 1
project: triage
purpose: train
recipients: [acme]
retention: 90d
agreements: []
files:
  - match: "*.txt"
    type: text
    text: keep
P
# Four shards that cost nothing to read.
mkdir data
for i in 1 2 3 4; do truncate -s $((50 + i))M data/$i.txt; done
begin() {
	"$HANDOFF" export data --policy policy.yaml --vendor acme --name big \
		--home owner --identity owner.key --json >"$1" 2>"$1.err" &
	pid=$!
}
shards() { "$HANDOFF" audit list --home owner | grep -c ' shard-sealed ' || :; }

# The first worker that is seen is killed; the export does not fail.
begin made
victim=
while [ -z "$victim" ] && kill -0 $pid 2>/dev/null; do
	# shellcheck disable=SC2013 # it is one line of words
	for p in $(cat /proc/$pid/task/*/children 2>/dev/null); do
		! tr '\0' ' ' <"/proc/$p/cmdline" 2>/dev/null |
			grep -q '@worker' || victim=$p
	done
done
[ -z "$victim" ] || kill -9 "$victim" 2>/dev/null || :
wait $pid || { cat made.err; exit 1; }
[ "$(jq -c '[.items, .shards]' made)" = '[4,4]' ]
[ "$(shards)" = 4 ]
"$HANDOFF" audit verify --home owner >/dev/null
[ -z "$(ls owner/drafts)" ]

# Killed once some shards are logged: those stay as they are, and no more are
# sealed than were missing.
sed -i 's/purpose: train/purpose: other/' policy.yaml
"$HANDOFF" export data --policy policy.yaml --vendor acme --name two \
	--home owner --identity owner.key --json >second 2>second.err &
pid=$!
while kill -0 $pid 2>/dev/null &&
	[ "$(find owner/objects -type f | wc -l)" -lt 17 ]; do :; done
kill -9 $pid 2>/dev/null || :
wait $pid 2>/dev/null || :
was=$(shards)
[ "$was" -ge 4 ]
owner export data --policy policy.yaml --vendor acme --name two --json \
	>whole 2>whole.err || { cat whole.err; exit 1; }
[ "$(shards)" = 8 ]
[ "$(jq -c '[.items, .shards]' whole)" = '[4,4]' ]
"$HANDOFF" audit verify --home owner >/dev/null
[ -z "$(ls owner/drafts)" ]
# 2 x (4 shards, indexes, joins, and a manifest)
[ "$(find owner/objects -type f | wc -l)" = 26 ]

# Two at once on one batch: one of them does it, the other says so.
sed -i 's/purpose: other/purpose: third/' policy.yaml
third() {
	"$HANDOFF" export data --policy policy.yaml --vendor acme --name three \
		--home owner --identity owner.key --json
}
third >a 2>a.err &
pid=$!
rc=0
third >b 2>b.err || rc=$?
first=0
wait $pid || first=$?
case $first$rc in
00) ;;
02 | 20) cat a.err b.err | grep -q 'another export of this batch is running' ;;
*) cat a.err b.err; exit 1 ;;
esac
third >c
[ "$(shards)" = 12 ]
[ "$(find owner/objects -type f | wc -l)" = 39 ]

# One that is killed and then withdrawn is not gone on with: what it left goes
# with the next export, and what it had logged stays.
sed -i 's/purpose: third/purpose: fourth/' policy.yaml
"$HANDOFF" export data --policy policy.yaml --vendor acme --name four \
	--home owner --identity owner.key >/dev/null 2>&1 &
pid=$!
while kill -0 $pid 2>/dev/null && ! ls owner/drafts/b-*/sealed-* >/dev/null 2>&1
do :; done
kill -9 $pid 2>/dev/null || :
wait $pid 2>/dev/null || :
owner batch withdraw four >/dev/null
was=$(shards)
"$HANDOFF" export data --policy policy.yaml --vendor acme --name five \
	--home owner --identity owner.key >/dev/null
[ "$(shards)" = $((was + 4)) ]
[ -z "$(ls owner/drafts)" ] || { ls -R owner/drafts; exit 1; }
# those of 3 + 1 whole batches, and what the fourth has in the log
manifests=$("$HANDOFF" audit list --home owner | grep -c ' batch-sealed ')
[ "$(find owner/objects -type f | wc -l)" = $((3 * (was + 4) + manifests)) ]
"$HANDOFF" audit verify --home owner >/dev/null
