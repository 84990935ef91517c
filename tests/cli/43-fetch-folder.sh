#!/bin/sh
# fetch FOLDER: an offline delivery is verified back to the owner's keys, and
# nothing of a folder that was changed on its way is given out.
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
offline: allow
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
owner export --to given --name first >/dev/null

vendor fetch given -o work >out.txt
grep -q '30 items in 30 files' out.txt
cat work/*.txt | sort >got
cat data/* | sort | cmp - got
[ "$(wc -l <work/items.jsonl)" = 30 ]

# Labels for it go back by hand.
jq -c '{item, annotator: "a1", at: "2026-01-01T00:00:00Z", class: "good"}' \
	work/items.jsonl >labels.jsonl
batch=$(jq -r .batch vendor/inbox/*/state.json)
vendor return "$batch" labels.jsonl --complete -o back.age >/dev/null
owner ingest back.age -o accepted >/dev/null
# Nothing that the vendor cannot do is waited for.
"$HANDOFF" status --home owner >out.txt
grep -q '1 shard of 1 in 1 release' out.txt
! grep acknowledged out.txt || exit 1
[ "$(cat accepted/*/labels.jsonl | wc -l)" = 30 ]

# changed FILE STATUS TEXT: the delivery with that file as it now is
changed() {
	rm -rf none vendor/inbox/b-*
	fails "$2" "$3" vendor fetch changed -o none
	[ ! -e none/items.jsonl ] || { echo "$1: published"; exit 1; }
	rm -rf changed
	cp -r given changed
}
cp -r given changed

flip changed/shard-0001.tar.age 300
changed shard 4 'shard 0'
flip changed/shard-0001.index.age 300
changed index 4 'shard 0'
flip changed/shard-0001.index.head 60
changed index 4 'shard 0'
flip changed/manifest.dsse.age 400
changed manifest 4 'manifest'
flip changed/receipt 60
changed receipt 4 ''
rm changed/receipt
changed receipt 6 'receipt'

# Another batch's shard in its place, sealed to the same vendor, is found out.
for i in $(seq 30); do echo "other $i" >"data/$i.txt"; done
owner export data --policy policy.yaml --vendor acme --name second >/dev/null
owner batch approve second --yes >/dev/null
owner export --to other --name second >/dev/null
for f in tar.age index.age index.head; do
	cp other/shard-0001.$f changed/
done
changed all 4 'not the manifest'
cp other/receipt changed/
changed receipt 4 'another batch'
cp other/manifest.dsse.age changed/
changed manifest 4 'another'

# Another vendor's home cannot open it.
"$HANDOFF" enroll --no-recovery --owner owner.card --fingerprint "$(print owner.card)" \
	other --home other-home -i vendor.key >/dev/null
fails 6 'hint: it was made for another vendor' "$HANDOFF" fetch given -o none --home other-home \
	-i vendor.key
