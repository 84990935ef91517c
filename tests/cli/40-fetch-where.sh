#!/bin/sh
# fetch writes into a folder that is new, empty, or this batch's already: what
# else lies in one is the user's, and the owner's names lead nowhere.
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
  - match: "*.txt"
    type: text
    text: keep
P
mkdir data-one data-two
echo one >data-one/1.txt
echo two >data-two/2.txt
for b in one two; do
	owner export data-$b --policy policy.yaml --vendor acme --name $b >/dev/null
	owner batch approve $b --yes >/dev/null
done
agent_start owner
url=https://$at
want() { vendor fetch "$url" --batch "$@"; }

# A folder with something of the user's, by the name that the owner chose:
# nothing is written over, nothing swept, and nothing released.
mkdir one
echo precious >one/items.jsonl
echo precious >one/.draft-aaaaaaaaaaaaaaaa
cp -R one was
fails 2 'one: something else is in there' want one
grep -q 'hint: .*handoff fetch .* --batch one -o DIR' err.txt
fails 2 'one: something else is in there' want one -o one
diff -r was one

# Nor through a link, to an empty folder either; the user may name one.
mkdir elsewhere
rm -r one
ln -s elsewhere one
fails 2 'one: there, and not a folder' want one
rm one
: >one
fails 2 'one: there, and not a folder' want one
rm one
[ -z "$(ls elsewhere)" ]
logged release 0

# Nor for one that cannot be made.
fails 7 'make nowhere/at/all: No such file or directory' \
	want one -o nowhere/at/all
logged release 0

# An empty one will do; then it is this batch's, and no other's.
mkdir one
want one >out.txt
grep -q '1 item in 1 file, verified' out.txt
cp one/items.jsonl items.one
fails 2 'one: batch one is in there' want two -o one
cmp one/items.jsonl items.one
logged release 1

# The batch itself comes there again, with what the user laid beside it.
echo notes >one/notes
want one >/dev/null
cmp one/items.jsonl items.one
[ "$(cat one/notes)" = notes ]
logged release 2

# Emptied by the user, another one's; then not the first's any more.
rm -r one
want two -o one >/dev/null
cp one/items.jsonl items.two
fails 2 'one: batch two is in there' want one -o one
cmp one/items.jsonl items.two

# A link that the user names is the user's word.
ln -s elsewhere link
want one -o link >/dev/null
cmp elsewhere/items.jsonl items.one
agent_stop
