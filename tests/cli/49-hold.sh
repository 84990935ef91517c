#!/bin/sh
# hold: what is held is not destroyed.  suppress: nothing of a person leaves any
# more, and neither arguments nor the home have the person's key.
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
subject:
  - {file: customers.csv, column: id}
  - {file: visits.csv, column: customer}
files:
  - match: customers.csv
    type: csv
    columns: {id: {token: {domain: person}}, city: keep}
  - match: visits.csv
    type: csv
    columns: {customer: {token: {domain: person}}, city: keep}
  - match: "texts/**"
    type: text
    text: keep
P
mkdir -p data/texts
{ echo id,city; seq 1000 1019 | sed 's/.*/person-&,Ulm/'; } >data/customers.csv
{ echo customer,city; seq 1000 1019 | sed 's/.*/person-&,Bonn\nperson-&,Kiel/'; } >data/visits.csv
echo text >data/texts/1.txt
seal() { owner export data --policy policy.yaml --vendor acme --name "$1" >/dev/null; }
look() { "$HANDOFF" "$@" --home owner; }
seal first
seal second
seal third

# ---- Holds -------------------------------------------------------------------
[ "$(look hold list)" = 'nothing is held' ]
fails 2 '--reason is missing' owner hold add first
fails 2 'of a batch or vendor, or of' owner hold add --reason x
fails 6 'no such batch or vendor' owner hold add nobody --reason x
grep -q 'hint: a person.s key goes on standard input: handoff hold add' err.txt
owner hold add first --reason 'case 4711' --json >hold.json
id=$(jq -r .hold hold.json)
look hold list >out.txt
grep -q "^$id *batch *first .* case 4711" out.txt
look status >out.txt
grep -q '^held:' out.txt
grep -q '  first is held (batch), since 20' out.txt
fails 3 'first: batch-shredded: it is held' owner batch shred first --yes
grep -q 'hint: handoff hold list' err.txt
owner batch shred second --yes >/dev/null # another is not
# The reason is a fact beside the log, and not in it.
! look audit list --json | grep -q "case 4711" || { echo "the reason is in the log"; exit 1; }
owner hold end "$id" >/dev/null
fails 6 'no such hold, or it has been ended' owner hold end "$id"
fails 2 "not a hold's id" owner hold end first
owner hold add acme --reason authority --json >hold.json
fails 3 'it is held' owner batch shred first --yes
owner hold end "$(jq -r .hold hold.json)" >/dev/null
# A person is held with every batch that is about them.
fails 2 'does not go into the arguments' owner hold add --subject person-1003 --reason x
echo person-1003 | owner hold add --subject - --reason access >out.txt
grep -q '^  and with it batch first for acme, sealed$' out.txt
grep -q '^  and with it batch third for acme, sealed$' out.txt
! grep -q 'batch second' out.txt || exit 1 # which is shredded
owner hold end "$(sed -n 's/^\(k-[a-z2-7]*\): held.*/\1/p' out.txt)" >/dev/null
echo person-1003 | owner hold add --subject - --reason access --json >hold.json
jq -e '[.batches[].name] == ["first", "third"]' hold.json >/dev/null
fails 3 'it is about a person who is held' owner batch shred first --yes
look hold list | grep -q '  subject  *-  '
owner hold end "$(jq -r .hold hold.json)" >/dev/null
# A key that nobody has is held, too, and not in silence.
echo person-77 | owner hold add --subject - --reason other >out.txt
grep -q '^no batch here is about this person' out.txt
owner batch shred first --yes >/dev/null
logged batch-shredded 2
logged hold-begun 5

# ---- Suppressions -------------------------------------------------------------
[ "$(look suppress list)" = 'nobody is suppressed' ]
owner batch approve third --yes >/dev/null
fails 2 'does not go into the arguments' owner suppress add --subject person-1007 --reason objection
fails 2 'reason: objection (Art. 21)' owner suppress add --subject - --reason dislike <data/texts/1.txt
fails 2 'key goes on standard input: handoff suppress add --reason objection --subject - <key.txt' owner suppress add person-1007
fails 2 'key goes on standard input: handoff erase' owner erase person-1007
fails 2 'key goes on standard input: handoff report subject' owner report subject person-1007
fails 2 'key goes on standard input: handoff hold add --subject - <key.txt' owner hold add first person-1007 --reason x
fails 2 'of whom?' owner suppress add --reason objection </dev/null
fails 2 'no person'"'"'s key came' owner suppress add --reason objection --subject - </dev/null
fails 2 '--reason is missing' owner suppress add --subject - </dev/null
grep -q 'hint: --reason objection, restriction or withdrawn' err.txt
echo person-1007 | owner suppress add --subject - --reason objection >out.txt
grep -q '  batch third for acme, approved: 1 shard about this person' out.txt
id=$(sed -n 's/^\(u-[a-z2-7]*\): nothing of this person leaves (objection)$/\1/p' out.txt)
! grep -q 'no batch here' out.txt || exit 1
look suppress list | grep -q "^$id *objection *20"
# shellcheck disable=SC2016 # a script of its own
fails 3 'is suppressed already (objection)' sh -c 'echo person-1007 | "$0" suppress add --subject - \
	--reason withdrawn --home owner -i owner.key' "$HANDOFF"
# The key is nowhere in the home.
! grep -rq person-1007 owner || { echo "the key is in the home"; exit 1; }

# A last line needs no end, and a key has no NUL in it.
printf person-10O8 | owner suppress add --subject - --reason objection >out.txt
grep -q '^no batch here is about this person; .* is the key as the$' out.txt
owner suppress remove "$(sed -n 's/^\(u-[a-z2-7]*\):.*/\1/p' out.txt)" >/dev/null
printf person-1008 | owner suppress add --subject - --reason objection >out.txt
echo person-1008 | owner suppress remove --subject - >/dev/null
printf person-1008 | owner hold add --subject - --reason access --json >hold.json
owner hold end "$(jq -r .hold hold.json)" >/dev/null
printf 'person\0-1008\n' >nul
fails 2 'has a NUL in it' owner suppress add --subject - --reason objection <nul
head -c 5000 /dev/zero | tr '\0' x >long
fails 2 'the answer is too long' owner suppress add --subject - --reason objection <long

# What was sealed before is not released any more; once it ends it is.
look status | grep -q 'batch third is about a person who is suppressed'
agent_start owner
url=https://$at
fails 3 'shard 0 has something that may not leave any more' vendor fetch "$url" -o work
[ "$(look audit list --json | jq -r 'select(.entry.kind == "refused") | .entry.rule')" = suppressed-subject ]
logged release 0
echo person-1007 | owner suppress remove --subject - >/dev/null
# shellcheck disable=SC2016
fails 6 'is not suppressed' sh -c 'echo person-1007 | "$0" suppress remove --subject - \
	--home owner -i owner.key' "$HANDOFF"
vendor fetch "$url" -o work >/dev/null
[ "$(cat work/*.csv | grep -c ',Ulm')" = 20 ]
# What a person is to be told who asks.
today=$(date -u +%Y-%m-%d)
echo person-1007 | owner report subject --subject - >out.txt
grep -q '^third to acme in Netherlands, approved: 1 shard about the person$' out.txt
grep -q '^      project triage, for train, kept 90d$' out.txt
grep -q "^      released, last on $today; to be deleted by $(date -u -d +90days +%Y-%m-%d)\$" out.txt
grep -q '^first to acme in Netherlands, shredded' out.txt
[ "$(grep -c '^      nothing of it was released$' out.txt)" = 2 ]
echo person-1007 | owner report subject --subject - --json |
	jq -e '.suppression == null and .holds == [] and
		[.batches[] | has("released")] == [false, false, true]' >/dev/null
echo person-1007x | owner report subject --subject - >out.txt
grep -q '^no batch here is about this person' out.txt
echo person-77 | owner report subject --subject - --json |
	jq -e '(.holds | length) == 1 and .batches == []' >/dev/null
fails 2 'does not go into the arguments' owner report subject --subject person-1007
fails 2 'too many operands' owner report subject person-1007
agent_stop
logged suppression-added 3
logged suppression-ended 3

# The next one is by id.
echo person-1007 | owner suppress add --subject - --reason restriction --json >out.json
owner suppress remove "$(jq -r .suppression out.json)" >/dev/null
fails 2 'not such an id' owner suppress remove person
"$HANDOFF" audit verify owner/log --key "$(cat owner/log.vkey)" >/dev/null
look audit verify >/dev/null

# ---- Plans and exports leave the person out -------------------------------------
# Nobody is suppressed: nothing is unlocked for a plan, and nothing said of it.
look plan data --policy policy.yaml --vendor acme >out.txt
! grep -q suppress out.txt || { cat out.txt; exit 1; }
echo person-1007 | owner suppress add --subject - --reason withdrawn >/dev/null
echo person-1012 | owner suppress add --subject - --reason objection >/dev/null
owner plan data --policy policy.yaml --vendor acme >out.txt
grep -q '^6 items of suppressed persons stay behind$' out.txt
grep -q '^1 file says of nobody whom it is about (subject:)' out.txt
owner plan data --policy policy.yaml --vendor acme --json >plan.json
[ "$(jq .left_behind.suppressed plan.json)" = 6 ]
[ "$(jq .items plan.json)" = 55 ]
seal without
owner batch approve without --yes >/dev/null
agent_start owner
vendor fetch "https://$at" --batch without -o without >/dev/null
agent_stop
[ "$(cat without/*.csv | grep -c ',Ulm')" = 18 ]
[ "$(cat without/*.csv | grep -c ',Bonn')" = 18 ]
# Those of them whom the vendor has already, it has; nobody else is missing.
cut -d, -f2 work/*.csv | sort -u >had
cut -d, -f2 without/*.csv | sort -u >has
[ "$(comm -23 had has | wc -l)" = 2 ]
[ -z "$(comm -13 had has)" ]
! grep -rq person-10 owner || { echo "a key is in the home"; exit 1; }
# Of what is out a hold suspends the retention.
look status | grep -q 'to be deleted by 20..-..-..$'
owner hold add third --reason audit >/dev/null
look status >status.txt
grep -A1 'to be deleted by 20..-..-..$' status.txt | grep -q '^ *held: not before that ends$'
# A policy that names no subject leaves nobody out, and says so.
sed '/^subject:/,/^files:/{/^files:/!d}' policy.yaml >nobody.yaml
owner plan data --policy nobody.yaml --vendor acme >out.txt
grep -q '^0 items of suppressed persons stay behind$' out.txt
grep -q '^3 files say of nobody whom they are about' out.txt
