#!/bin/sh
# Exposure over time: two batches that each meet k = 5, and together do not.
set -eu
# shellcheck source=tests/support/two_homes.sh
. "$TOP/tests/support/two_homes.sh"
two_homes
# hides PATTERN FILE...: none of them has it
hides() {
	if grep -E -e "$@"; then
		echo "and should not"
		exit 1
	fi
}
"$HANDOFF" enroll --no-recovery --home beta -i vendor.key --owner owner.card \
	--fingerprint "$(print owner.card)" beta >/dev/null
"$HANDOFF" card --home beta >beta.card
owner vendor add beta beta.card --country NL \
	--fingerprint "$(print beta.card)" >/dev/null

# Twenty persons: ten of each decade, ten of each town, and of those who are of
# both, 7, 3, 3 and 7.
mkdir years towns
echo who,born >years/years.csv
echo who,town >towns/towns.csv
for i in $(seq 0 19); do
	echo "p$i,19$((i / 10 + 7))0" >>years/years.csv
	if [ $((i % 10)) -lt 7 ]; then town=$((i / 10)); else town=$((1 - i / 10)); fi
	echo "p$i,town-$town" >>towns/towns.csv
done
policy() { # NAME COLUMN K [LINE]
	cat >"$1.yaml" <<P
handoff: 1
project: triage
purpose: train
recipients: [acme, beta]
retention: 90d
agreements: []
approve: self
offline: allow
subject: {file: "*.csv", column: who}
files:
  - match: "*.csv"
    type: csv
    columns: {who: token, $2: keep}
risk: {file: "*.csv", quasi_identifiers: [$2], k: $3}
${4:-}
P
}
policy years born 5
policy towns town 5
policy loose town 3
policy group town 5 'exposure: {colluding: [beta]}'
export_to() { # VENDOR NAME DATASET POLICY
	owner export "$3" --policy "$4.yaml" --vendor "$1" --name "$2"
}

# Each by itself is well.
"$HANDOFF" plan years --policy years.yaml --vendor acme --home owner >out.txt
grep -q '^no other batch is held: no more can be told than from this one$' out.txt
"$HANDOFF" plan towns --policy towns.yaml --vendor acme --home owner >/dev/null
export_to acme first years years >/dev/null
# The same again is the same batch, and harms nobody under another name.
export_to acme first years years >/dev/null
export_to acme again years years >/dev/null

# Together they are not, and nothing was begun.
fails 3 'exposure: with what acme has already' export_to acme second towns towns
grep -q '4 of 4 classes fail\|2 of 4 classes fail' err.txt
grep -q 'k is 3' err.txt
mv err.txt export.txt
# A plan is measured as an export is, and says so before one is tried.
plan() { owner plan towns --policy "$1.yaml" --vendor "$2" "$3"; }
fails 3 'exposure: with what acme has already' plan towns acme --quiet
[ "$(sed -n 's/.*exposure: //p' err.txt)" = "$(sed -n 's/.*exposure: //p' export.txt)" ]
grep -q '^with 2 other batches that are held: 20 persons, 4 classes, k is 3; the thresholds are not met$' out.txt
fails 3 'exposure: with what acme has already' owner plan approve towns --policy towns.yaml --vendor acme
plan loose acme --json >plan.json
jq -e '.exposure == {"batches":2,"persons":20,"classes":4,"k":3,"met":true}' plan.json >/dev/null
plan towns beta --json >plan.json
jq -e '.exposure == {"batches":0}' plan.json >/dev/null
owner plan towns --policy towns.yaml --vendor acme --html page >/dev/null 2>&1 || :
grep -q 'What the vendor would then hold' page/plan.html
mv export.txt err.txt
grep -q '3 persons: row' err.txt
hides 'town-|19[78]0|p1' err.txt
"$HANDOFF" batch list --home owner --json | jq -e '[.batches[].name] == ["first","again"]' >/dev/null

# Enough for a policy that asks less; nothing of the other vendor's counts, but
# with those it shares with.
export_to beta beta-years years years >/dev/null
fails 3 'exposure: with what acme and those it shares with have' \
	export_to acme second towns group
owner batch withdraw first --yes >/dev/null
fails 3 'exposure: with what acme has' export_to acme second towns towns
# What nobody was given is not held any more.
owner batch withdraw again --yes >/dev/null
fails 3 'exposure: with what acme and those' export_to acme second towns group
export_to acme second towns towns >/dev/null

# What was released stays held, whatever becomes of the batch.
owner batch approve beta-years --yes >/dev/null
owner export --name beta-years --to delivered >/dev/null
owner batch withdraw beta-years --yes >/dev/null 2>&1 || :
fails 3 'exposure: with what beta has already' export_to beta other towns towns
export_to beta other towns loose >/dev/null

# The log has counts and commitments, and the whole of it is as it was made.
"$HANDOFF" audit list --home owner --kind batch-holds --json >holds.json
grep -q '"count":20' holds.json
hides 'p1|town' holds.json
"$HANDOFF" audit verify owner/log --key "$(cat owner/log.vkey)" >/dev/null
"$HANDOFF" audit verify --home owner >/dev/null

# The report is of then: figures, thresholds, and what was held beside it.
"$HANDOFF" report batch second --home owner >report.txt
grep -q '^second (b-.*), sealed' report.txt
grep -q '^for acme: 20 items in 1 shard, ' report.txt
grep -q '^nothing of it was released' report.txt
grep -q '20 rows, 20 persons, 2 classes: k is 10' report.txt
grep -q '^with 0 other batches that were held: 20 persons, 2 classes, k is 10' \
	report.txt
"$HANDOFF" report batch other --home owner --json >report.json
jq -e '.report.exposure == {"batches":1,"persons":20,"classes":4,"k":3} and
	.report.risk[0].thresholds == {"k":3}' report.json >/dev/null

# A name that nobody has counts as nobody, so it is refused before anything is
# measured.
policy typo town 5 'exposure: {colluding: [betta]}'
for command in plan export; do
	fails 3 'exposure: colluding: betta: no such vendor' \
		owner $command towns --policy typo.yaml --vendor acme
	grep -qF 'hint: did you mean beta?' err.txt
done

# Who is ended and added again holds what it held, under that name or with those
# keys under another.
fails 3 'exposure: with what acme has already' export_to acme third years years
owner vendor end acme >/dev/null
owner vendor add acme acme.card --country NL \
	--fingerprint "$(print acme.card)" >/dev/null
fails 3 'exposure: with what acme has already' export_to acme third years years
owner vendor end acme >/dev/null
owner vendor add gamma acme.card --country NL \
	--fingerprint "$(print acme.card)" >/dev/null
sed 's/acme, beta/gamma/' years.yaml >gamma.yaml
fails 3 'exposure: with what gamma has already' export_to gamma third years gamma
