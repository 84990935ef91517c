#!/bin/sh
# export: seals what the plan says, logs it, releases nothing; goes on where it
# was when it was stopped.
set -eu

umask 077
"$HANDOFF" keygen -o owner.key 2>/dev/null
"$HANDOFF" keygen -o vendor.key 2>/dev/null
owner() { "$HANDOFF" "$@" --home owner -i owner.key; }
"$HANDOFF" keygen -o recovery.key 2>/dev/null
owner init --name demo --recovery "$("$HANDOFF" keygen -y recovery.key)" >/dev/null
"$HANDOFF" card --home owner >owner.card
print() { "$HANDOFF" card --show "$1" --json | sed 's/.*"fingerprint":"\([^"]*\)".*/\1/'; }
"$HANDOFF" enroll --no-recovery --owner owner.card --fingerprint "$(print owner.card)" acme \
	--home vendor -i vendor.key >/dev/null
"$HANDOFF" card --home vendor >acme.card
owner vendor add acme acme.card --country NL --fingerprint "$(print acme.card)" >/dev/null

cat >policy.yaml <<'P'
handoff: 1
project: triage
purpose: train
recipients: [acme]
retention: 90d
agreements: [nda]
files:
  - match: customers.csv
    type: csv
    item_id: id
    columns:
      id: token
      name: drop
      city: keep
  - match: "texts/**"
    type: text
    text: keep
labels: {kind: class, classes: [good, bad], golden: {metric: accuracy, pass: 0.9}}
P
mkdir -p data/texts
printf 'id,name,city\n1,Anna,Ulm\n2,Bert,Bonn\n3,Carl,Kiel\n' >data/customers.csv
for i in 1 2 3 4 5; do echo "text $i" >data/texts/$i.txt; done
printf '%s\n' '{"item":"customers.csv#2","class":"good"}' '' \
	'{"item":"texts/4.txt","class":"bad"}' >golden.jsonl
export_it() { owner export data --policy policy.yaml --vendor acme "$@"; }
entries() { "$HANDOFF" audit list --home owner --json | jq -r "$1"; }

# fails STATUS TEXT COMMAND...: it ends with that status and says that text
fails() {
	want=$1 text=$2
	shift 2
	rc=0
	"$@" >out.txt 2>err.txt || rc=$?
	[ "$rc" = "$want" ] || { echo "$*: $rc, not $want"; cat err.txt; exit 1; }
	grep -qF -e "$text" err.txt || { echo "$*:"; cat err.txt; exit 1; }
}

# Without the agreement in force nothing is begun, and the plan says so too.
fails 3 'nda' export_it --name first
fails 3 'nda' "$HANDOFF" plan data --policy policy.yaml --vendor acme --home owner
[ -z "$(find owner/objects -type f)" ]
echo paper >nda.txt
owner agreement add acme nda nda.txt --from 2020-01-01 >/dev/null
before=$(find owner/objects -type f | wc -l)
"$HANDOFF" plan data --policy policy.yaml --vendor acme --home owner >/dev/null

# Golden answers: about items that leave, under the contract.
echo '{"item":"texts/9.txt","class":"bad"}' >bad.jsonl
fails 6 'bad.jsonl:1: no such item leaves' export_it --golden bad.jsonl
printf '\n%s\n' '{"item":"customers.csv#9","class":"bad"}' >bad.jsonl
fails 6 'bad.jsonl:2: no such item leaves' export_it --golden bad.jsonl
echo '{"item":"texts/4.txt","class":"ugly"}' >bad.jsonl
fails 6 'bad.jsonl' export_it --golden bad.jsonl
[ "$(find owner/objects -type f | wc -l)" = "$before" ]

# Sealed, and nothing of the plaintext lies in the home.
export_it --name first --golden golden.jsonl --json >made.json
[ "$(jq -c '[.name, .items, .files, .shards, .resumed]' made.json)" = '["first",8,6,1,false]' ]
! grep -rqa 'Anna\|text 4' owner || { echo "plaintext in the home"; exit 1; }
[ -z "$(ls owner/drafts)" ]
# shard, index, join, golden answers, manifest
[ "$(find owner/objects -type f | wc -l)" = $((before + 5)) ]
"$HANDOFF" audit verify --home owner >/dev/null
"$HANDOFF" audit list --home owner >list.txt
grep -q 'batch-begun .*metric=accuracy .*pass=900000' list.txt
grep -q 'shard-sealed .*items=8 .*shard=0' list.txt
grep -q 'batch-sealed .*items=8 .*shards=1' list.txt
if grep -q ' release ' list.txt; then exit 1; fi

# Again under that name: it is done already, and nothing is added.
export_it --name first --golden golden.jsonl --json >again.json
[ "$(jq -r .batch again.json)" = "$(jq -r .batch made.json)" ]
[ "$(find owner/objects -type f | wc -l)" = $((before + 5)) ]
# With other answers, or other files, it is another batch and says so.
fails 2 'batch first is sealed, and was begun with other files' \
	export_it --name first
echo more >data/texts/6.txt
fails 2 'batch first is sealed' export_it --name first --golden golden.jsonl
# Without a name it gets one.
export_it --json >second.json
jq -r .name second.json | grep -Eqx 'triage-20[0-9-]{8}'
export_it --json >third.json
jq -r .name third.json | grep -Eqx 'triage-20[0-9-]{8}-2'

# --dry-run is the plan.
export_it --dry-run | grep -q 'customers.csv  csv'

# The join map leads back, for who has the recovery key.
find owner/objects -type f >objects.txt
while read -r o; do
	age -d -i recovery.key "$o" >plain 2>/dev/null || continue
	if jq -rn 'foreach inputs as $l (null; if $l.path then $l else . end;
	    select($l.value or $l.row) | "\(.path)#\($l.value // $l.row)")' \
	    plain 2>/dev/null | grep -qx 'customers.csv#2'; then joined=1; fi
	if grep -qa '^{"class":"good","item":"customers.csv#2"}' plain; then golden=1; fi
done <objects.txt
[ "${joined:-0}" = 1 ] && [ "${golden:-0}" = 1 ]
mkdir empty
fails 6 'nothing in it leaves' owner export empty --policy policy.yaml --vendor acme

# A record that is not whole is found before anything is begun.
printf 'id,name,city\n1,Anna\n' >data/customers.csv
fails 6 'customers.csv: record 1: 2 fields, and the header has 3' export_it --name torn
[ -z "$("$HANDOFF" batch list --home owner --json | jq -r '.batches[] |
	select(.name == "torn").state')" ]

# A batch withdrawn before it was sealed gives its name free; no other does.
printf 'id,name,city\n1,Anna,Ulm\n' >data/customers.csv
printf 'no text \377\n' >data/texts/6.txt
rc=0
export_it --name torn >/dev/null 2>err.txt || rc=$?
[ "$rc" != 0 ]
[ "$("$HANDOFF" batch list --home owner --json | jq -r '.batches[] |
	select(.name == "torn").state')" = open ]
rm data/texts/6.txt
fails 2 'batch torn is open' export_it --name torn
grep -q 'hint: handoff batch withdraw --home owner torn$' err.txt
owner batch withdraw torn >/dev/null
export_it --name torn --json >torn.json
[ "$(jq -r .resumed torn.json)" = false ]
"$HANDOFF" batch show torn --home owner --json | jq -e '.state == "sealed"' >/dev/null
owner batch withdraw torn >/dev/null
fails 3 'the name is taken' export_it --name torn

# What stays behind is told with the rule that says so, as the plan does.
sed 's/^files:/&\n  - match: "texts\/1.*"\n    exclude: "not asked for in this round, and not in the next one either"\n  - match: "texts\/2.*"\n    exclude: "lost"/' \
	policy.yaml >part.yaml
owner export data --policy part.yaml --vendor acme --name part >part.txt
grep -q '^batch part ' part.txt
sed -n '/stay behind/,/^nothing/p' part.txt >stay.txt
cat >want.txt <<'T'
2 files stay behind:
  1 by part.yaml:8: not asked for in this round, and not in the next one
    either
  1 by part.yaml:10: lost
nothing is released: handoff batch approve part --home owner
T
cmp stay.txt want.txt || { cat part.txt part.yaml; ls data/texts; exit 1; }
printf 'texts/3.txt\n' >some.list
owner export data --policy part.yaml --vendor acme --name some --items some.list \
	>some.txt
grep -q '^3 items stay: not asked for$' some.txt || { cat some.txt; exit 1; }
owner export data --policy part.yaml --vendor acme --name more --items some.list \
	--json >some.json
[ "$(jq -c '[.excluded, .left_behind]' some.json)" = '[2,{"not_selected":3}]' ] ||
	{ cat some.json; exit 1; }
