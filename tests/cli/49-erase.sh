#!/bin/sh
# erase: a person is taken out of what the home knows, once nothing of them is
# here any more and no hold says otherwise.
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
subject: {file: "*.csv", column: who}
files:
  - {match: "*.csv", type: csv, columns: {who: token, born: keep}}
risk: {file: "*.csv", quasi_identifiers: [born], k: 2}
P
mkdir data
{ echo who,born; for i in 1 2 3 4 5 6; do echo "person-$i,198$((i % 2))"; done; } >data/a.csv
seal() { owner export data --policy policy.yaml --vendor acme --name "$1" >/dev/null; }
erase() { echo "$1" | owner erase --subject - --yes; }
look() { "$HANDOFF" "$@" --home owner; }
logged() { # KIND COUNT
	[ "$(look audit list --kind "$1" --json | jq -s length)" = "$2" ]
}

seal first
fails 2 'does not go into the arguments' owner erase --subject person-3 --yes
fails 2 '--yes' owner erase --subject - <data/a.csv
grep -q 'hint: handoff erase .*--subject - --yes$' err.txt
# Nobody whom the home knows: it is logged, and nothing was there.
erase person-77 >out.txt
grep -q '^erased from 0 lists$' out.txt
grep -q '^forgotten of what was sent: 0 items$' out.txt
grep -q '^no batch here is about this person' out.txt
grep -q 'is not suppressed: an export of data that has them takes them' out.txt
logged person-erased 1

# While something of the person is here, nothing is forgotten.
echo person-3 | owner suppress add --subject - --reason withdrawn >/dev/null
fails 3 'batch first is about the person, and is still here' erase person-3
grep -q 'hint: handoff batch shred .*first' err.txt
owner batch shred first --yes >/dev/null
# Nor what is held: of the person, of the batch's vendor; of another it is none.
for who in person-3 person-5; do
	echo "$who" | owner hold add --subject - --reason 'case 1' --json | jq -r .hold >"$who"
done
fails 3 'the person, or a batch about the person, is held' erase person-3
owner hold end "$(cat person-3)" >/dev/null
owner hold add acme --reason audit --json | jq -r .hold >of_vendor
fails 3 'is held' erase person-3
owner hold end "$(cat of_vendor)" >/dev/null
logged person-erased 1

# Out of a list of the shard and of what the vendor holds.
echo person-3 | owner erase --subject - --yes --json >out.json
jq -e '.lists == 2 and .sent == 1 and .suppressed and ([.batches[].name] == ["first"])' out.json >/dev/null
erase person-3 >out.txt
grep -q '^erased from 0 lists$' out.txt
! grep -q 'batch first' out.txt || { cat out.txt; exit 1; }
logged person-erased 3
logged shard-subjects 2
logged batch-holds 2
# The others are still known.
fails 3 'is held' erase person-5
erase person-4 >out.txt
grep -q '^erased from 2 lists$' out.txt
grep -q '^  batch first was about this person; what acme was given of it' out.txt
# The log says how often and of how many, and is whole.
look audit list --kind person-erased --json | jq -s -e '[.[].entry.count] == [0,2,0,2]' >/dev/null
"$HANDOFF" audit verify owner/log --key "$(cat owner/log.vkey)" >/dev/null
look audit verify >/dev/null
! grep -rq 'person-[0-9]' owner || { echo "a key is in the home"; exit 1; }
# What leaves next leaves without who is suppressed, and with who is not.
owner export data --policy policy.yaml --vendor acme --name second --json | jq -e '.items == 5' >/dev/null
