#!/bin/sh
# fetch remembers the owner's log: an agent that shows less of it than was seen,
# or another one in its place, is refused, and nothing of its shards is kept.
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
mkdir data
for i in 1 2 3; do echo "text $i" >data/$i.txt; done
owner export data --policy policy.yaml --vendor acme --name first >/dev/null
owner batch approve first --yes >/dev/null
agent_start owner
vendor fetch "https://$at" -o work >/dev/null
agent_stop
cp -a owner older
seen=$(sed -n 2p vendor/owners/*/checkpoint)

# Further on in the true log.
agent_start owner
vendor fetch "https://$at" --batch first -o more >/dev/null
vendor fetch "https://$at" --batch first -o again >/dev/null
agent_stop
now=$(sed -n 2p vendor/owners/*/checkpoint)
[ "$now" -ge $((seen + 2)) ]
cp vendor/owners/*/checkpoint kept

# An older copy of the whole home, which is sound in itself.
cp -a older fork
agent_start fork
fails 4 'log is shorter' vendor fetch "https://$at" --batch first -o none
[ ! -e none/items.jsonl ]
[ -z "$(find none -name '*.txt' 2>/dev/null)" ]
cmp kept vendor/owners/*/checkpoint
agent_stop
# It goes on from there, past what was seen.
while [ "$(sed -n 2p fork/log/checkpoint)" -lt $((now + 2)) ]; do
	"$HANDOFF" agreement add acme nda nda.txt --from 2020-01-01 \
		--home fork -i owner.key >/dev/null
done
agent_start fork
fails 4 'consistency' vendor fetch "https://$at" --batch first -o none
[ -z "$(find none -name '*.txt' 2>/dev/null)" ]
cmp kept vendor/owners/*/checkpoint
agent_stop

# The true one is still believed.
agent_start owner
vendor fetch "https://$at" --batch first -o true >/dev/null
cat data/*.txt | sort >want
cat true/*.txt | sort | cmp - want
agent_stop
