#!/bin/sh
# Tables fit a terminal of 80 columns, with names as people give them; what has
# no room is left out there, and nowhere else.
set -eu
command -v python3 >/dev/null || { echo "no python3 here"; exit 77; }
# shellcheck source=tests/support/two_homes.sh
. "$TOP/tests/support/two_homes.sh"
two_homes

for name in data-annotators-berlin labelling-partners-nv; do
	"$HANDOFF" enroll --no-recovery --home $name -i vendor.key \
		--owner owner.card --fingerprint "$(print owner.card)" $name >/dev/null
	"$HANDOFF" card --home $name >$name.card
	owner vendor add $name $name.card --country DE \
		--fingerprint "$(print $name.card)" >/dev/null
	owner agreement add $name nda nda.txt --from 2020-01-01 \
		--until 2099-12-31 >/dev/null
done
cat >policy.yaml <<'P'
handoff: 1
project: radiology-triage
purpose: train
recipients: [data-annotators-berlin]
retention: 90d
agreements: [nda]
files: [{match: "**", type: text, text: keep}]
P
mkdir data
echo text >data/1.txt
batch=chest-xray-reports-2026-q4
owner export data --policy policy.yaml --vendor data-annotators-berlin >/dev/null
owner export data --policy policy.yaml --vendor data-annotators-berlin \
	--name $batch >/dev/null
owner batch approve $batch --yes >/dev/null
agent_start owner
"$HANDOFF" fetch "https://$at" --home data-annotators-berlin -i vendor.key \
	-o work >/dev/null

# fits HOME COMMAND...: on a terminal; what it showed is in ./shown
fits() {
	python3 "$TOP/tests/support/terminal.py" -- "$HANDOFF" "$@" >shown
	[ "$(awk 'length > 80' shown)" = '' ] || { echo "$*:"; cat shown; exit 1; }
}
fits batch list --home owner
grep -q "^$batch  *data-annotators-berlin  *approved  *1  *2" shown
fits vendor list --home owner
grep -q '^data-annotators-berlin  *Germany  *2' shown
fits agreement list --home owner
grep -q '^a-[a-z2-7]*  data-annotators-berlin  nda  *yes' shown
fits batch show $batch --home owner
fits status --home owner
grep -q "^  $batch to data-annotators-berlin\$" shown
fits audit list --home owner
grep -q '^ *2  .* vendor-added ' shown
fits inbox --agent "$at" --home data-annotators-berlin -i vendor.key
grep -q "^$batch  *approved .* here" shown

# Elsewhere all of it is on one line.
"$HANDOFF" agreement list --home owner | grep -q 'IN FORCE .* PAPER'
"$HANDOFF" batch list --home owner | grep -q 'SHARDS$'
n=$("$HANDOFF" status --home owner --json | jq .entries)
[ "$("$HANDOFF" audit list --home owner | wc -l)" = "$n" ]
agent_stop
