#!/bin/sh
# risk: population: who does not know who is in the table looks among all of
# whom it is a sample.  The table of those is read, counted, and never leaves.
set -eu

cat >policy.yaml <<'P'
handoff: 1
project: triage
purpose: train
recipients: [acme]
retention: 90d
agreements: []
files:
  - match: "*.csv"
    type: csv
    columns: {sex: keep, born: {generalise: {date: year}}, town: {token: {domain: town}}}
risk:
  file: "*.csv"
  quasi_identifiers: [sex, born, town]
  max: {journalist: 25%}
P
mkdir data
cat >data/sample.csv <<'D'
sex,born,town
f,1980-01-01,Ulm
f,1980-05-05,Ulm
m,1970-01-01,Bonn
m,1960-01-01,Kiel
D
plan() { "$HANDOFF" plan data --policy "$1" --vendor acme; }
fails() { # STATUS TEXT COMMAND...
	want=$1 said=$2
	shift 2
	rc=0
	"$@" >out.txt 2>err.txt || rc=$?
	[ "$rc" = "$want" ] || { echo "$*: $rc"; cat out.txt err.txt; exit 1; }
	grep -qF -e "$said" err.txt || { echo "not $said"; cat err.txt; exit 1; }
}
# Without one it is the prosecutor's, which is never less, and that is said.
fails 3 '3 of 3 classes fail' plan policy.yaml
grep -q 'journalist 100%, 75% (at most: no population is known)' out.txt

# A line a person: others in between, other days of the same year, another
# order of columns.
{
	echo 'town;note;born;sex'
	for day in 01 02 03 04; do
		echo "Ulm;x;1980-02-$day;f"
		echo "Bonn;x;1970-03-$day;m"
		echo "Kiel;x;1960-03-$day;m"
		echo "Bonn;x;1970-03-$day;f"
	done
	echo 'Ulm;x;1980;f'
} >people.csv
of() { # NAME FILE [, COUNT]: a policy with that population
	{
		cat policy.yaml
		echo "  population: {file: $2, sha256: $(sha256sum <"$2" | cut -c1-64)${3:-}}"
	} >"$1.yaml"
}
of all people.csv
plan all.yaml >out.txt
grep -q 'prosecutor 100% at most, 75% on average; journalist 25%, .*(in the population)' out.txt
grep -q 'the thresholds are met' out.txt
"$HANDOFF" plan data --policy all.yaml --vendor acme --json >plan.json
jq -e '.risk[0].journalist | .highest == 0.25 and .population' plan.json >/dev/null
"$HANDOFF" policy explain --prose all.yaml | grep -q 'people.csv", of whom it is a sample'

# A line for each class, with how many.
printf 'sex,born,town,n\nf,1980,Ulm,5\nm,1970,Bonn,4\nm,1960,Kiel,4\n' >census.csv
of counted census.csv ', count: n'
"$HANDOFF" plan data --policy counted.yaml --vendor acme --json >counted.json
jq -c '.risk[0].journalist' plan.json >a
jq -c '.risk[0].journalist' counted.json >b
cmp a b

# Fewer than may be found: told by class, and left behind where that is allowed.
printf 'sex,born,town,n\nf,1980,Ulm,5\nm,1970,Bonn,4\nm,1960,Kiel,3\n' >few.csv
of few few.csv ', count: n'
fails 3 '1 of 3 classes fail, 1 rows' plan few.yaml
grep -q 'fails by journalist: 1 person in 1 row: data/sample.csv row 4\|fails by journalist: 1 person in 1 row: sample.csv row 4' out.txt
echo '  suppress_at_most: 25%' >>few.yaml
plan few.yaml >out.txt
grep -q '1 row stays behind for it' out.txt
# Nobody of a class in the table: as if there were no population.
printf 'sex,born,town,n\nf,1980,Ulm,5\nm,1970,Bonn,4\n' >gap.csv
of gap gap.csv ', count: n'
fails 3 '1 of 3 classes fail' plan gap.yaml

# What is not right is told, and no value with it.
cp people.csv changed.csv
of changed changed.csv
echo 'Rome;x;1999;f' >>changed.csv
fails 6 'changed.csv is not the file that the policy names' plan changed.yaml
grep -q "hint: if it is to be this one: sha256: $(sha256sum <changed.csv | cut -c1-64)" err.txt
printf 'sex,born\nf,1980\n' >less.csv
of less less.csv
fails 3 'less.csv: has no column "town", which less.yaml:13 names' plan less.yaml
fails 3 'has no column "n", which' sh -c "sed 's/sha256: /count: n, sha256: /' all.yaml >n.yaml; \"\$0\" plan data --policy n.yaml --vendor acme" "$HANDOFF"
printf 'sex,born,town,n\nf,when,Ulm,5\n' >bad.csv
of bad bad.csv ', count: n'
fails 6 'bad.csv: record 1: column "born"' plan bad.yaml
printf 'sex,born,town,n\nf,1980,Ulm,many\n' >many.csv
of many many.csv ', count: n'
fails 6 'many.csv: record 1: the count is no whole number' plan many.yaml
of gone people.csv
mv people.csv elsewhere.csv
fails 6 'people.csv: no such file' plan gone.yaml
refused() { # TEXT LINE
	{ cat policy.yaml; echo "  population: $2"; } >wrong.yaml
	fails 6 "$1" "$HANDOFF" policy check wrong.yaml
}
refused 'a population lies in the folder of the policy' '{file: ../a.csv, sha256: aa}'
refused 'expected a SHA-256' '{file: a.csv, sha256: aa}'
refused '"sha256"' '{file: a.csv}'
zeros=$(printf '%064d' 0)
refused 'the count "sex" is a column that is measured' "{file: a.csv, sha256: $zeros, count: sex}"

# ARX's adult data: 3,016 of 30,162, counted once more by other means.
vectors=${SHARED:-}/vectors/risk/arx
[ -f "$vectors/adult.csv" ] || exit 0
rm -r data
mkdir data
cp "$vectors/adult_subset.csv" data/sample.csv
cp "$vectors/adult.csv" adult.csv
cat >adult.yaml <<P
handoff: 1
project: triage
purpose: train
recipients: [acme]
retention: 90d
agreements: []
files:
  - match: "*.csv"
    type: csv
    columns:
      sex: keep
      age: {generalise: {width: 20, top: 60}}
      race: drop
      marital-status: drop
      education: {mask: {keep_first: 2, length: 1}}
      native-country: drop
      workclass: drop
      occupation: drop
      salary-class: drop
risk:
  file: "*.csv"
  quasi_identifiers: [sex, age, education]
  population: {file: adult.csv, sha256: $(sha256sum <adult.csv | cut -c1-64)}
P
"$HANDOFF" plan data --policy adult.yaml --vendor acme --json >plan.json
awk -F ';' '
FNR == 1 { next }
{ class = $1 FS ($2 >= 60 ? 3 : int($2 / 20)) FS substr($5, 1, 2) }
NR == FNR { all[class]++; next }
{ here[class]++; n++ }
END {
	for (c in here) {
		classes++
		sum += all[c]
		marketer += here[c] / all[c]
		if (least == 0 || all[c] < least) least = all[c]
		if (smallest == 0 || here[c] < smallest) smallest = here[c]
	}
	back = classes / sum
	forth = marketer / n
	printf "%d %.9f %.9f %.9f %.9f\n", classes, 1 / smallest, 1 / least,
	    (back > forth ? back : forth), forth
}' adult.csv data/sample.csv >want
jq -r '.risk[0] | [.classes, .prosecutor.highest, .journalist.highest,
	.journalist.average, .marketer] | map(tostring) | join(" ")' plan.json |
	awk '{ printf "%d %.9f %.9f %.9f %.9f\n", $1, $2, $3, $4, $5 }' >got
cmp want got || { cat want got; exit 1; }
