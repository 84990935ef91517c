#!/bin/sh
# detect: dictionary: the patient named in a table that stays behind is found in
# every note, table, document and letter, inflected and misspelt; what is a
# common word as well, only where it is his.
set -eu
# shellcheck source=tests/support/two_homes.sh
. "$TOP/tests/support/two_homes.sh"
two_homes
"$HANDOFF" enroll --no-recovery --home beta -i vendor.key --owner owner.card \
	--fingerprint "$(print owner.card)" beta >/dev/null
"$HANDOFF" card --home beta >beta.card
owner vendor add beta beta.card --country NL \
	--fingerprint "$(print beta.card)" >/dev/null

cat >policy.yaml <<'P'
handoff: 1
project: triage
purpose: train
recipients: [acme, beta]
retention: 90d
agreements: []
offline: allow
subject:
  - {file: patients.csv, column: patient_id}
  - {file: notes.csv, column: patient_id}
  - {file: said.jsonl, field: patient.id}
  - {file: case.json, field: who}
  - {path: "letters/{subject}.txt"}
detect:
  dictionary:
    - file: patients.csv
      columns: {given: PERSON, family: PERSON, phone: PHONE_NUMBER, town: LOCATION, mrn: ID_NUMBER}
    - {file: patients.csv, columns: {kin: PERSON}}
    - {file: staff.json, fields: {"staff[*].given": PERSON, "staff[*].family": PERSON}}
files:
  - {match: patients.csv, exclude: who the patients are stays here}
  - {match: staff.json, exclude: likewise}
  - match: notes.csv
    type: csv
    columns: {n: keep, patient_id: drop, note: {detect: {style: surrogate}}}
  - match: said.jsonl
    type: jsonl
    fields: {n: keep, patient.id: drop, "said[*]": {detect: {style: tag}}}
  - match: case.json
    type: json
    fields: {who: drop, text: {detect: {style: tag}}}
  - match: "letters/*.txt"
    type: text
    text: {detect: {style: number}}
P
mkdir -p data/letters
cat >data/patients.csv <<'P'
patient_id,given,family,phone,town,mrn,kin
P1,Anna Maria,Drobenska,+48 601 202 303,Zgierzka,AX-77120,Ewald Quellbrink
P2,Peter,Frost,,,AX-77121,
P3,Ilknur,Yıldızcan,,,,
P4,Dawn,Rivers,,,,
P
cat >data/staff.json <<'P'
{"staff": [{"given": "Oona", "family": "Vrbkovec"}, {"given": "Ulf", "family": "Frostrup"}]}
P
cat >data/notes.csv <<'P'
n,patient_id,note
1,P1,"the bag of Drobenskiej; frost on the road, call 601202303"
2,P2,"Frost hurts, and Anna Drobneska in the corridor knows (ax 77121)"
3,P3,"Frost came early; Yildizcan'ın bag, and Anna Drobenska's"
4,,"Quellbrink and Oona Vrbkovec wrote, of Zgierzka"
P
cat >data/said.jsonl <<'P'
{"n":1,"said":["Frost is here","ask drobenska"],"patient":{"id":"P2"}}
{"n":2,"said":["Frost is here","ask ilknur"],"patient":{"id":"P3"}}
P
printf '{"text":"Vrbkovec saw:\\nFrost","who":"P2"}\n' >data/case.json
printf 'the bag of Anna Drobenska, and RIVERS, DAWN wins. Frost wins at dawn.\n' >data/letters/a.txt

printf 'Frost wins here.\n' >data/letters/P2.txt

# -- Seen before it leaves: how many, and not who ------------------------------
plan() { "$HANDOFF" plan data --policy "$1" --vendor acme; }
plan policy.yaml >plan.txt
grep -q "the dataset's own names: 11 values of 3 files" plan.txt
plan_json() { "$HANDOFF" plan data --policy policy.yaml --vendor acme --json; }
plan_json | jq -e '.dictionary | .files == 3 and .values == 11 and .words > 12' >/dev/null
"$HANDOFF" plan data --policy policy.yaml --vendor acme --html page >/dev/null
grep -q 'Names that texts are searched for' page/plan.html
if grep -rE 'Drob|Quellb|601202' plan.txt page; then exit 1; fi

# -- What is not there is refused with its place -------------------------------
# slip STATUS TEXT SED
slip() {
	sed "$3" policy.yaml >slip.yaml
	! cmp -s slip.yaml policy.yaml || { echo "$3 changes nothing"; exit 1; }
	fails "$1" "$2" plan slip.yaml
}
slip 3 'slip.yaml:17:17: dictionary: no file that matches "patients.csv" has the column "givn"' \
	's/{given: PERSON/{givn: PERSON/'
slip 3 'slip.yaml:18: dictionary: no file matches "patient.csv"' '18s/patients/patient/'
slip 3 'slip.yaml:19: dictionary: staff.json has paths' '19s/fields/columns/; 19s/"staff\[\*\].//g; 19s/"//g'
slip 3 'has the path "staff[*].familie"' 's/staff\[\*\].family/staff[*].familie/'
slip 3 'letters/P2.txt is no table and no JSON' '18s/patients.csv/letters\/*/'
slip 6 'slip.yaml:18:43: unknown "PERSN"' '18s/PERSON/PERSN/'
grep -q 'did you mean PERSON' err.txt
sed -i 's/^P3,Ilknur/P3,"Ilknur"x/' data/patients.csv
fails 6 'patients.csv: record 3' plan policy.yaml
sed -i 's/"Ilknur"x/Ilknur/' data/patients.csv
sed 's/{given: PERSON/{givn: PERSON/' policy.yaml >slip.yaml
fails 3 'slip.yaml:17:17: dictionary' "$HANDOFF" policy check slip.yaml --data data
"$HANDOFF" policy check policy.yaml --data data --strict >/dev/null

# -- One file by itself needs the dataset for its names ------------------------
fails 2 '--dataset DIR' "$HANDOFF" sanitise data/letters/a.txt --as letters/a.txt \
	--policy policy.yaml -o a.txt
[ ! -e a.txt ]
"$HANDOFF" sanitise data/letters/a.txt --as letters/a.txt --policy policy.yaml \
	--dataset data -o a.txt >/dev/null
printf 'the bag of <PERSON_1>, and <PERSON_2> wins. Frost wins at dawn.\n' >want.txt
cmp a.txt want.txt || { cat a.txt; exit 1; }
# Without it common words are what they say.
sed '/^detect:/,/^files:/{/^files:/!d}' policy.yaml >none.yaml
"$HANDOFF" sanitise data/letters/a.txt --as letters/a.txt --policy none.yaml -o b.txt >/dev/null
grep -q 'and RIVERS, DAWN wins' b.txt

# -- Two vendors: nobody leaves, and nothing joins -----------------------------
for v in acme beta; do
	owner export data --policy policy.yaml --vendor $v --name $v >/dev/null
	owner batch approve $v --yes >/dev/null
	owner export --to $v.out --name $v >/dev/null
	"$HANDOFF" fetch $v.out -o $v.work --home "$([ $v = acme ] && echo vendor || echo beta)" \
		-i vendor.key >/dev/null
	if grep -rEi 'drobe|ilknur|y.ld.zcan|quellb|vrbkov|oona |601 ?202|77121|zgierzka' $v.work; then exit 1; fi
	cat $v.work/*.csv >$v.csv
done
strip() { sed 's/^[a-z2-7]*,//; s/^_item,//; s/_[a-z2-7]\{10\}>/>/g' "$1" | sort; }
strip acme.csv >got.csv
cat >want.csv <<'P'
1,"the bag of <PERSON>; frost on the road, call <PHONE_NUMBER>"
2,"<PERSON> hurts, and <PERSON> in the corridor knows (<ID_NUMBER>)"
3,"Frost came early; <PERSON>'ın bag, and <PERSON>'s"
4,"<PERSON> and <PERSON> wrote, of <LOCATION>"
n,note
P
diff want.csv got.csv
cat acme.work/*.jsonl | grep -v '^{"chars\|^{"item"' | sed 's/"_item":"[a-z2-7]*",//' | sort >got.jsonl
cat >want.jsonl <<'P'
{"n":1,"said":["<PERSON> is here","ask <PERSON>"],"patient":{}}
{"n":2,"said":["Frost is here","ask <PERSON>"],"patient":{}}
P
diff want.jsonl got.jsonl
grep -qxF '{"text":"<PERSON> saw:\u000a<PERSON>"}' acme.work/*.json
{ cat want.txt && echo '<PERSON_1> wins here.'; } | sort >want.letters
cat acme.work/*.txt | sort | cmp - want.letters
surrogates() { grep -ohE '<PERSON_[a-z2-7]{10}>' "$1" | sort -u; }
surrogates acme.csv >one
surrogates beta.csv >two
[ "$(wc -l <one)" -ge 4 ]
[ -z "$(comm -12 one two)" ]

# The manifest has a digest of the names, which is that vendor's own.
digest() { jq -r .payload "$1"/inbox/*/manifest | base64 -d | jq -r .predicate.dictionary; }
digest vendor | grep -qE '^[0-9a-f]{64}$'
[ "$(digest vendor)" != "$(digest beta)" ]

# -- Another table is another plan: what was approved is not that --------------
sed 's/^agreements: \[\]/&\nplan: approved/' policy.yaml >strict.yaml
owner plan approve data --policy strict.yaml --vendor acme >/dev/null
echo 'P5,Nobody,Newhere,,,,' >>data/patients.csv
fails 3 'changed since' owner export data --policy strict.yaml --vendor acme --name late

# -- Killed and begun again: the same names, in every shard --------------------
sed -i 's/^purpose: train/purpose: other/; s/^files:/&\n  - {match: "big*.txt", type: text, text: keep}/' policy.yaml
for i in 1 2; do truncate -s 60M data/big$i.txt; done
"$HANDOFF" export data --policy policy.yaml --vendor acme --name big --home owner \
	-i owner.key >/dev/null 2>&1 &
pid=$!
while kill -0 $pid 2>/dev/null &&
	[ "$("$HANDOFF" audit list --home owner | grep -c ' shard-sealed ')" -lt 3 ]; do
	sleep 0.05
done
kill -9 $pid 2>/dev/null || :
wait $pid || :
owner export data --policy policy.yaml --vendor acme --name big --json |
	jq -e ".items == 11 and .shards >= 2" >/dev/null
owner batch approve big --yes >/dev/null
owner export --to big.out --name big >/dev/null
vendor fetch big.out -o big.work >/dev/null
if grep -rEiq 'drobe|ilknur|quellb|vrbkov|601 ?202' big.work; then exit 1; fi
cat big.work/*.csv >big.csv
surrogates big.csv >three
comm -23 one three >lost # those of the same project and vendor
[ ! -s lost ]
