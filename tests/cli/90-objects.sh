#!/bin/sh
# Sealed objects that were deleted, cut short or changed: `status` and `doctor`
# see the first two, `audit verify --objects` all of them, and names them.
set -eu

# shellcheck source=tests/support/two_homes.sh
. "$TOP/tests/support/two_homes.sh"
says() { grep -qF -e "$2" "$1" || { echo "no '$2' in $1:"; cat "$1"; exit 1; }; }
verify() { "$HANDOFF" audit verify --objects --home owner; }
"$HANDOFF" doctor >fresh 2>&1 || : # this machine's own faults are no matter
says fresh 'no home here'
two_homes
mkdir data
for i in 1 2 3; do echo "text $i" >data/$i.txt; done
cat >policy.yaml <<'P'
handoff: 1
project: triage
purpose: train
recipients: [acme]
retention: 90d
agreements: [nda]
files:
  - {match: "**", type: text, text: keep}
labels: {kind: class, classes: [odd, even], golden: {metric: accuracy, pass: 0.8}}
P
echo '{"item":"1.txt","class":"odd"}' >golden.jsonl
owner export data --policy policy.yaml --vendor acme --name first \
	--golden golden.jsonl >/dev/null
verify >out
# shard, index, join map, manifest, golden answers, paper
says out 'objects: 6, '
"$HANDOFF" doctor --home owner >out 2>&1 || :
says out '6, of which 0 missing, 0 of another size'
[ "$(find owner/objects -type f | wc -l)" = 6 ]
cp -a owner kept
whole() { rm -rf owner; cp -a kept owner; }

# Each in turn: gone, cut short, and one bit another.
(cd owner && find objects -type f) >names
while read -r name; do
	paper=no
	rm "owner/$name"
	fails 4 'of 6, 1 are missing and 0 altered' verify
	says err.txt "$name: missing: "
	! grep -q 'paper of an agreement' err.txt || paper=yes
	"$HANDOFF" status --home owner >out
	says out missing
	fails 7 'something is wrong' "$HANDOFF" doctor --home owner
	says out.txt '6, of which 1 missing, 0 of another size'
	whole
	truncate -s -1 "owner/$name"
	fails 4 'of 6, 0 are missing and 1 altered' verify
	says err.txt "$name: altered: "
	if [ $paper = no ]; then # its sealed size stands nowhere
		"$HANDOFF" status --home owner >out
		says out 'have another size'
		fails 7 'something is wrong' "$HANDOFF" doctor --home owner
		says out.txt '6, of which 0 missing, 1 of another size'
	fi
	whole
	flip "owner/$name" 100
	fails 4 'of 6, 0 are missing and 1 altered' verify
	says err.txt "$name: altered: "
	whole
done <names

# What was shredded is named no longer; a vendor's home has no objects.
owner batch shred first --yes >/dev/null
verify >out
says out 'objects: 1, '
"$HANDOFF" audit verify --objects --home vendor >out
says out 'objects: 0, '
fails 2 'without DIR' "$HANDOFF" audit verify owner/log --objects --key x
