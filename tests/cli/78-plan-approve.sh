#!/bin/sh
# plan approve: where the policy wants it, what was not approved, or changed
# since, is not exported.
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
agreements: []
plan: approved
files:
  - {match: "*.csv", type: csv, item_id: id, columns: {id: token, city: keep}}
P
mkdir data
printf 'id,city\n1,Ulm\n2,Bonn\n' >data/a.csv
send() { owner export data --policy policy.yaml --vendor acme "$@"; }
approve() { owner plan approve data --policy policy.yaml --vendor acme "$@"; }

"$HANDOFF" policy check policy.yaml
owner plan data --policy policy.yaml --vendor acme --json | jq -e '.plan == "approved"' >/dev/null
fails 3 'nobody approved this plan for acme' send --name first
grep -q 'hint: handoff plan approve ' err.txt
if "$HANDOFF" audit list --home owner --json | grep -q batch-begun; then exit 1; fi

# Who approves sees it first; the log has that it was, and neither name nor
# digest.
approve --as "Ann Lee" >out.txt
grep -q '^a.csv  csv' out.txt
digest=$(sed -n 's/^approved by Ann Lee: plan //p' out.txt)
[ "$digest" = "$(owner plan data --policy policy.yaml --vendor acme --json | jq -r .digest)" ]
"$HANDOFF" audit list --home owner --json >log.json
jq -e 'select(.entry.kind == "plan-approved") | .entry.n == 1' log.json >/dev/null
if grep -q "$digest\|Ann Lee" log.json; then exit 1; fi
send --name first --json | jq -e '.items == 2' >/dev/null

# It is that plan that was approved: not another choice, not other data, not
# another policy.
fails 3 'changed since' send --sample 1 --name second
approve --sample 1 --json | jq -e '.by != "" and (.plan | length) == 64' >/dev/null
send --sample 1 --name second --json | jq -e '.items == 1' >/dev/null
echo '3,Kiel' >>data/a.csv
fails 3 'changed since' send --name third
# Size and time can be the same again; what is in it is not.
approve >/dev/null
touch -r data/a.csv as-it-was
sed -i 's/Kiel/Graz/' data/a.csv
touch -r as-it-was data/a.csv
fails 3 'changed since' send --name third
sed -i 's/city: keep/city: drop/' policy.yaml
approve >/dev/null
sed -i 's/city: drop/city: keep/' policy.yaml
fails 3 'changed since' send --name third
approve >/dev/null
send --name third --json | jq -e '.items == 3' >/dev/null
sed -i 's/^plan: approved/plan: free/' policy.yaml
echo '4,Rom' >>data/a.csv
send --name fourth --json | jq -e '.items == 4' >/dev/null
"$HANDOFF" audit verify --home owner >/dev/null
fails 3 'recipients' owner plan approve data --policy policy.yaml --vendor beta

# Golden items are a part of what is approved, since they always leave.
sed -i 's/^plan: free/plan: approved/' policy.yaml
echo 'labels: {kind: class, classes: [a, b], golden: {metric: accuracy, pass: 0.9}}' >>policy.yaml
echo '{"item":"a.csv#2","annotator":"o","at":"2026-01-01T00:00:00Z","class":"a"}' >golden.jsonl
echo '{"item":"a.csv#9","annotator":"o","at":"2026-01-01T00:00:00Z","class":"a"}' >bad.jsonl
echo a.csv#1 >one.txt
fails 6 'bad.jsonl:1: no such item leaves' approve --items one.txt --golden bad.jsonl
owner plan data --policy policy.yaml --vendor acme --items one.txt --golden golden.jsonl --json >plan.json
jq -e '.items == 2' plan.json >/dev/null
approve --items one.txt >/dev/null
fails 3 'changed since' send --items one.txt --golden golden.jsonl --name golden
[ "$(approve --items one.txt --golden golden.jsonl --json | jq -r .plan)" = "$(jq -r .digest plan.json)" ]
send --items one.txt --golden golden.jsonl --name golden --json | jq -e '.items == 2' >/dev/null
