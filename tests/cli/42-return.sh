#!/bin/sh
# return: labels are judged before they are sent, sealed, sent once, and taken
# in by the owner; by hand as well.
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
labels: {kind: class, classes: [good, bad]}
P
mkdir data
for i in $(seq 30); do echo "text $i" >"data/$i.txt"; done
owner export data --policy policy.yaml --vendor acme --name first >/dev/null
owner batch approve first --yes >/dev/null
agent_start owner
fails 6 'not here' vendor return first policy.yaml
grep -q 'hint: handoff status' err.txt
# Released and stopped by a shard that went bad: the owner is told until the
# vendor has it.
told_nothing() {
	"$HANDOFF" status --home owner >out.txt
	! grep "$1" out.txt || exit 1
}
shard=$(find owner/objects -type f -size +30k)
flip "$shard" 1000
fails 4 'shard 0' vendor fetch "https://$at" -o work
flip "$shard" 1000
"$HANDOFF" status --home owner >out.txt
grep -q 'a release of batch first was not acknowledged, made' out.txt
vendor fetch "https://$at" -o work >/dev/null
told_nothing acknowledged
"$HANDOFF" status --home vendor >out.txt
grep -q '^  demo (h-[a-z2-7]*)$' out.txt
grep -q '^  first (b-[a-z2-7]*)$' out.txt

# label FROM TO CLASS: lines for these items
label() {
	sed -n "$1,$2p" work/items.jsonl | jq -c --arg c "$3" '{item,
		annotator: "a1", at: "2026-01-01T00:00:00Z", class: $c}'
}

# What the owner would reject is not sent, and how to see why is said.
label 1 10 ugly >bad.jsonl
fails 3 'would be rejected' vendor return first bad.jsonl
[ "$(grep -c 'unknown-class .*is not on the list: "good", "bad"' err.txt)" = 10 ]
if grep -q ' more line' out.txt; then exit 1; fi
sed -n 's/^handoff: hint: handoff //p' err.txt >hint
rc=0
# shellcheck disable=SC2046 # its words
"$HANDOFF" $(cat hint) >findings.txt 2>/dev/null || rc=$?
[ $rc = 6 ]
grep -q ugly findings.txt
rc=0
vendor return first bad.jsonl --json >refused.json 2>err.txt || rc=$?
[ $rc = 3 ] && jq -r .report refused.json | grep -q unknown-class
[ -z "$(ls owner/quarantine)" ]
logged returned 0

# Sent: once, whatever is repeated; then in the owner's quarantine, ciphertext.
label 1 10 good >one.jsonl
label 11 20 bad >two.jsonl
vendor return first one.jsonl two.jsonl --json >sent.json
id=$(jq -r .return sent.json)
[ "$(jq -r .state sent.json)" = received ]
logged returned 1
vendor return first one.jsonl two.jsonl --json >again.json
[ "$(jq -r '.return + " " + .state' again.json)" = "$id received" ]
logged returned 1
[ "$(ls "owner/quarantine/$id")" = "1
1.sha256
of" ]
! grep -qa good "owner/quarantine/$id/1" || { echo "in the clear"; exit 1; }
"$HANDOFF" inspect "owner/quarantine/$id/1" >/dev/null
[ -z "$(find vendor/inbox -name 'return-*.age')" ]

# Fetched once more, into another folder, and stopped by a shard that went bad:
# what was all here once can still be returned for.
flip "$shard" 1000
fails 4 'shard 0' vendor fetch "https://$at" -b first -o other
flip "$shard" 1000
[ "$(jq .complete vendor/inbox/*/state.json)" = false ]
# It was released twice, is out once, and the vendor has said that it has it.
"$HANDOFF" status --home owner --json | jq -e '.out[0] | .releases == 2 and
	.shards == 1 and .unacknowledged == 0' >/dev/null
told_nothing acknowledged
vendor return first one.jsonl two.jsonl --json >again.json
[ "$(jq -r .return again.json)" = "$id" ]

# Taken in; of a part of the batch the vendor is told no more.
owner ingest --all -o accepted >/dev/null
[ "$(wc -l <"accepted/$id/labels.jsonl")" = 20 ]
vendor return first one.jsonl two.jsonl --json >again.json
[ "$(jq -r .state again.json)" = received ]

# By hand: a file, which the owner takes in as well.
label 21 30 good >three.jsonl
vendor return first three.jsonl --complete -o carried.age --json >carried.json
[ "$(jq -r .state carried.json)" = written ]
logged returned 1
fails 2 'carried.age: is there already' vendor return first three.jsonl \
	--complete -o carried.age
agent_stop
owner ingest carried.age -o accepted >/dev/null
logged returned 2
[ "$(wc -l <"accepted/$(jq -r .return carried.json)/labels.jsonl")" = 10 ]

# Forced, what would be rejected is sent, and is rejected there.
agent_start owner
label 1 15 ugly >bad.jsonl
vendor return first bad.jsonl --force --agent "$at" --json >forced.json
logged returned 3
fails 6 '1 of 1 return not taken in' owner ingest --all -o accepted
[ "$(grep -c 'unknown-class .*is not on the list' out.txt)" = 10 ]
rest=$(sed -n 's/^[0-9]* more lines: //p' out.txt)
[ "$(grep -c 'unknown-class .*is not on the list' "$rest")" = 15 ]
[ ! -e "accepted/$(jq -r .return forced.json)" ]
vendor return first bad.jsonl --force --agent "$at" --json >again.json
[ "$(jq -r .state again.json)" = refused ]

# A return in many pieces over a line that breaks: killed at any moment, the
# same command ends with one return.
sed -n 1,1p work/items.jsonl | jq -c '.item' >item
awk -v item="$(cat item)" 'BEGIN { for (i = 0; i < 400000; i++)
	printf "{\"item\":%s,\"annotator\":\"a%d\",\"at\":\"2026-01-01T00:00:00Z\",\"class\":\"good\"}\n", item, i % 60000 + i }' \
	>many.jsonl
i=0
until [ $i -ge "${KILLS:-8}" ]; do
	i=$((i + 1))
	setsid "$HANDOFF" return first many.jsonl --force --home vendor \
		--agent "$at" -i vendor.key >/dev/null 2>&1 &
	pid=$!
	sleep "$(awk -v i=$i 'BEGIN { srand(i * 104729); print 0.05 + rand() * 0.8 }')"
	kill -9 -$pid 2>/dev/null || :
	wait $pid 2>/dev/null && break
done
vendor return first many.jsonl --force --agent "$at" >/dev/null
logged returned 4
agent_stop
"$HANDOFF" audit verify owner/log --key "$(cat owner/log.vkey)" >/dev/null

# Of a shredded batch nobody can read what came back: it is not waited for.
last=$("$HANDOFF" batch show first --home owner --json | jq -r '.returns[-1].id')
owner batch shred first --yes >/dev/null
told_nothing 'to be ingested'
owner ingest --all | grep -q 'no return waits'
fails 6 'batch first was shredded' owner ingest "$last"
