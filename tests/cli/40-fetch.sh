#!/bin/sh
# agent, inbox, fetch: what was approved comes, verified and unpacked; what was
# not is refused, says why, and is in the owner's log.
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
  - match: customers.csv
    type: csv
    item_id: id
    columns:
      id: token
      name: drop
      city: keep
  - match: "texts/**"
    type: text
    text: keep
labels: {kind: class, classes: [good, bad]}
P
mkdir -p data/texts
{ echo id,name,city; seq 300 | sed 's/.*/&,Anna,Ulm/'; } >data/customers.csv
for i in $(seq 40); do echo "text $i" >"data/texts/$i.txt"; done
owner export data --policy policy.yaml --vendor acme --name first >/dev/null

# The agent says where it is, and that it could be.
owner agent --check --listen 127.0.0.1:0 2>check.txt
grep -q 'could listen on 127' check.txt
agent_start owner
url=https://$at

# Not approved: refused by the owner's rule, and logged there.
vendor inbox --agent "$at" --json >inbox.json
[ "$(jq -r '.batches[] | .name + " " + .state' inbox.json)" = "first sealed" ]
[ "$(vendor fetch "$url" -o none)" = \
	"nothing new: 1 waiting for the owner's approval" ]
fails 3 'not been approved' vendor fetch "$url" --batch first -o none
grep -q 'hint: .*approve' err.txt
[ ! -e none ]
logged refused 1
logged release 0
fails 3 'no such batch' vendor fetch "$url" --batch second -o none

# Approved: it comes, once.
owner batch approve first --yes >/dev/null
vendor fetch "$url" -o work >out.txt
grep -q '340 items in 41 files' out.txt
[ "$(wc -l <work/items.jsonl)" = 340 ]
cat work/*.txt | sort >got
cat data/texts/* | sort | cmp - got
[ "$(cat work/*.csv | grep -c ',Ulm')" = 300 ]
! grep -rq Anna work || { echo "a name got out"; exit 1; }
[ -z "$(jq -r .item work/items.jsonl | sort | uniq -d)" ]
logged release 1
logged acknowledged 1
[ "$(vendor fetch "$url" -o work)" = "nothing new: 1 here already (--batch NAME gets it again)" ]
logged release 1
! find work -type f | grep -v '^work/items.jsonl$' |
	grep -v '^work/[a-z2-7]\{26\}\.\(txt\|csv\)$' || exit 1

# Whose and what is here, by name; a damaged state hides no more than a name.
"$HANDOFF" status --home vendor >status.txt
grep -q '^  demo (h-[a-z2-7]*)$' status.txt || { cat status.txt; exit 1; }
grep -q '^  first (b-[a-z2-7]*)$' status.txt || { cat status.txt; exit 1; }
"$HANDOFF" status --home vendor --json |
	jq -e '[.names[.owners[0]], .names[.inbox[0]]] == ["demo", "first"]' >/dev/null
file=$(find vendor/inbox -name state.json)
cp "$file" state.was
echo '{' >"$file"
"$HANDOFF" status --home vendor >status.txt
grep -q '^  b-[a-z2-7]*$' status.txt || { cat status.txt; exit 1; }
grep -q '^  demo (h-' status.txt
cp state.was "$file"

# The receipt checks offline, with a key from the owner's card alone.
"$HANDOFF" receipts --home vendor --json | jq -j '.receipts[0].receipt' >receipt
jq -r .payload owner.card | base64 -d | jq -r .predicate.log >log.vkey
"$HANDOFF" verify -k log.vkey receipt >leaf
[ "$(jq -r '.kind + " " + (.count | tostring)' leaf)" = "release 1" ]

# Named, it comes again, under a release of its own; sealed shards are kept.
vendor fetch "$url" --batch first -o again --keep >/dev/null
for f in work/*; do cmp "$f" "again/${f#work/}"; done
logged release 2
logged acknowledged 2
[ -n "$(find vendor/inbox -name '*.age')" ]

# The vendor's keys are found nowhere outside of keys/, the owner's likewise.
! grep -rqa 'AGE-SECRET-KEY' vendor/inbox vendor/owners work again agent.log ||
	{ echo "a key got out"; exit 1; }

# What follows the release is refused when the batch is withdrawn, the vendor
# suspended, the agreement over.
owner vendor suspend acme >/dev/null
fails 3 'suspended' vendor fetch "$url" --batch first -o none
owner vendor resume acme >/dev/null
id=$("$HANDOFF" agreement list --home owner --json | jq -r '.agreements[0].id')
owner agreement end "$id" >/dev/null
fails 3 'no agreement of type nda' vendor fetch "$url" --batch first -o none
owner agreement add acme nda nda.txt --from 2020-01-01 >/dev/null
owner batch withdraw first >/dev/null
fails 3 'withdrawn' vendor fetch "$url" --batch first -o none
logged release 2
logged refused 4
[ ! -e none ]

# A home that the owner does not know is told so, and is noted once.
vendor=stranger
"$HANDOFF" enroll --no-recovery --owner owner.card --fingerprint "$(print owner.card)" \
	other --home $vendor -i vendor.key >/dev/null
for _ in 1 2; do
	fails 3 'known-keys' "$HANDOFF" inbox --agent "$at" --home $vendor \
		-i vendor.key
done
logged stranger 1

# An owner whose fingerprint nobody compared is not asked.
"$HANDOFF" enroll --no-recovery --owner owner.card third --home third \
	-i vendor.key >/dev/null
fails 3 'not confirmed' "$HANDOFF" inbox --agent "$at" --home third \
	-i vendor.key

# What has ended is not fetched, and that is said.
[ "$(vendor fetch "$url" -o none)" = "nothing new: 1 withdrawn or shredded" ]
vendor fetch "$url" -o none --json |
	jq -e '.here == 0 and .waiting == 0 and .ended == 1' >/dev/null

# Another server than the card's is refused before it is asked anything.
agent_stop
"$HANDOFF" init --name other --no-recovery --home other \
	-i owner.key >/dev/null 2>&1
agent_start other
fails 4 'another key' vendor fetch "https://$at" --owner demo -o none
agent_stop
"$HANDOFF" audit verify owner/log --key log.vkey >/dev/null
