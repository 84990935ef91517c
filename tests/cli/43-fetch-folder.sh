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

# A delivery that was long on its way is of the log as it was then, and is no
# forgery; whether it was of this log is found out when the agent is reached.
known=$(echo vendor/owners/h-*)
owner export data --policy policy.yaml --vendor acme --name third >/dev/null
owner batch approve third --yes >/dev/null
cp -a owner fork
agent_start owner
vendor fetch "https://$at" -b third -o third >/dev/null
agent_stop
rm -rf vendor/inbox/b-*
vendor fetch given -o late >out.txt
grep -q '30 items in 30 files' out.txt
[ -e "$known/checkpoint-given" ]
agent_start owner
vendor fetch "https://$at" -b third -o third-again >/dev/null
agent_stop
[ ! -e "$known/checkpoint-given" ]

# Of another history, which the owner's key signed too: that is found out then,
# and the proof of it stays.
"$HANDOFF" hold add third --reason x --home fork -i owner.key >/dev/null
"$HANDOFF" export --to forked --name second --home fork -i owner.key >/dev/null
for i in 1 2 3 4 5 6; do owner hold add third --reason "$i" >/dev/null; done
agent_start owner
vendor fetch "https://$at" -b third -o third-once-more >/dev/null
rm -rf vendor/inbox/b-*
vendor fetch forked -o from-fork >/dev/null
fails 4 'demo: its log' vendor fetch "https://$at" -b third -o none
agent_stop
[ -e "$known/checkpoint-given" ]
[ ! -e none/items.jsonl ]

# A delivery of a longer log than the agent then shows is told as well.
rm "$known/checkpoint-given"
owner export data --policy policy.yaml --vendor acme --name fourth >/dev/null
owner batch approve fourth --yes >/dev/null
cp -a owner older
for i in 1 2 3; do owner hold add fourth --reason "$i" >/dev/null; done
owner export --to fourth --name fourth >/dev/null
vendor fetch fourth -o fourth-out >/dev/null
agent_start older
fails 4 'its log is shorter than it was' vendor fetch "https://$at" -b third -o none
agent_stop
