#!/bin/sh
# How easily persons are found again: measured over what leaves, stopped below
# the thresholds, rows left behind where the policy lets them, and the levels
# that would do.
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
# says FILE PATTERN
says() { grep -q -e "$2" "$1" || { echo "no $2 in:"; cat "$1"; exit 1; }; }

mkdir data
cat >data/visits.csv <<'C'
patient,born,zip,ill
p1,1980-01-01,89073,flu
p2,1980-05-01,89074,cold
p3,1980-06-01,89075,flu
p4,1991-01-01,10115,flu
p5,1991-02-01,10117,cold
p6,1970-07-07,50667,gout
p6,1970-07-07,50667,gout
C
policy() { # FILE LINES-OF-RISK
	cat >"$1" <<P
handoff: 1
project: triage
purpose: train
recipients: [acme, beta]
retention: 90d
agreements: []
approve: self
subject: {file: "visits*", column: patient}
files:
  - match: visits.csv
    type: csv
    columns:
      patient: token
      born: {generalise: {date: year}}
      zip: {truncate: 2}
      ill: keep
risk:
  file: "visits*"
  quasi_identifiers: [born, zip]
  sensitive: {ill: equal}
$2
P
}
plan() { p=$1; shift; "$HANDOFF" plan data --policy "$p" --vendor acme "$@"; }

# Measured, and nothing asked: it passes and shows.  The two rows of p6 are one
# person.
policy measure.yaml '  lose_least: granularity'
plan measure.yaml >plan.txt
says plan.txt '^risk of visits\* (measure.yaml:18), by person: born, zip'
says plan.txt '7 rows, 6 persons, 3 classes: k is 1, the largest has 3'
says plan.txt 'unique 16.67%; prosecutor 100% at most, 50% on average'
says plan.txt 'ill: l is 1 distinct'

# Below k nothing leaves, and the class is told by size and rows, no value.
policy k.yaml '  k: 2'
fails 3 '1 of 3 classes fail, 2 rows (k is 1): 1 person: row 6, 7' plan k.yaml
says out.txt 'fails by k: 1 person in 2 rows: visits.csv row 6, 7'
says err.txt 'hint: .*suppress_at_most: 28.58%'
hides '50667|1970|gout' out.txt err.txt
fails 3 '1 of 3 classes fail, 2 rows (k is 1)' \
	"$HANDOFF" policy check k.yaml --data data
fails 3 '1 of 3 classes fail' owner export data --policy k.yaml --vendor acme
"$HANDOFF" batch list --home owner >list.txt
hides triage list.txt

# Each threshold stops by itself.
policy l.yaml '  l: {distinct: 2}'
fails 3 'classes fail' plan l.yaml
says out.txt 'fails by l_distinct: 1 person'
policy t.yaml '  t: 0.2'
fails 3 'classes fail' plan t.yaml
policy unique.yaml '  max: {uniqueness: 10%}'
fails 3 '1 of 3 classes fail' plan unique.yaml
policy marketer.yaml '  max: {marketer: 20%}'
fails 3 'marketer risk is 50%, and may be 20%' plan marketer.yaml
policy prosecutor.yaml '  max: {prosecutor: 33.4%}'
fails 3 '2 of 3 classes fail' plan prosecutor.yaml

# What may stay behind does: the batch has the others, and says how many.
policy few.yaml '  k: 2
  suppress_at_most: 20%'
fails 3 'k is 1' plan few.yaml # 2 of 7 are more
policy some.yaml '  k: 2
  suppress_at_most: 30%'
plan some.yaml --json >plan.json
python3 - <<'P'
import json
r = json.load(open("plan.json"))
assert r["items"] == 5 and r["left_behind"] == {"risk": 2}, r
(x,) = r["risk"]
assert x["met"] and x["k"] == 2 and x["suppressed"] == 2, x
assert x["persons"] == 5 and x["classes"] == 2, x
assert x["prosecutor"]["highest"] == 0.5, x
assert x["thresholds"] == {"k": 2, "suppressed": 0.3}, x
P
owner export data --policy some.yaml --vendor acme --name some >out.txt
says out.txt '5 items of 1 file'

# The search: of all levels, the least that meets them, pasted in and met.
policy search.yaml '  k: 3
  levels:
    born: [{generalise: {date: year}}]
    zip: [keep, {truncate: 2}, {truncate: 1}]
  suppress_at_most: 43%'
plan search.yaml >plan.txt || :
says plan.txt 'least granularity lost (proven):'
says plan.txt '^    born  *{generalise: {date: year}}'
says plan.txt '^    zip  *{truncate: '
policy never.yaml '  k: 50
  levels: {zip: [keep]}'
plan never.yaml >plan.txt 2>/dev/null || :
says plan.txt 'no choice of levels meets the thresholds'

# Levels that part what was together are told by the plan and by a check against
# the data in the same words, with the line.  p1 is 46 on that day, p2 and p3 45.
policy torn.yaml '  levels:
    zip: [keep, {truncate: 1}]
    born:
      - {generalise: {date: year}}
      - {generalise: {age_band: {at: 2026-03-01, width: 1}}}'
fails 6 'risk (torn.yaml:18): levels: born: level 2 parts what level 1 puts together' \
	plan torn.yaml
grep -v -e warning: -e 'no home here' err.txt >plan.err || :
says plan.err 'hint: line 24 of the policy: each level puts together'
fails 6 'risk (torn.yaml:18)' "$HANDOFF" policy check torn.yaml --data data
grep -v warning: err.txt | sed 's/policy check:/plan:/' | cmp - plan.err

# A column that does not leave does not count, one that is not there stops.
sed 's/^      zip: .*/      zip: drop/' k.yaml >drop.yaml
plan drop.yaml --json >plan.json || :
says plan.json '"not_delivered":\["zip"\]'
sed 's/quasi_identifiers: .*/quasi_identifiers: [zip, brn]/' k.yaml >slip.yaml
fails 3 'visits.csv: column "brn" of risk (slip.yaml:19) is not in the file' \
	plan slip.yaml

# JSON lines: the same rows give the same figures; a file of two parts is one
# table.
mkdir lines
python3 - <<'P'
import csv, json
rows = list(csv.DictReader(open("data/visits.csv")))
for name, part in (("a", rows[:3]), ("b", rows[3:])):
    with open("lines/visits-%s.jsonl" % name, "w") as f:
        for r in part:
            f.write(json.dumps({"patient": {"id": r["patient"]},
                "facts": {"born": r["born"], "zip": r["zip"]}, "ill": [r["ill"]]}) + "\n")
P
cat >lines.yaml <<'P'
handoff: 1
project: triage
purpose: train
recipients: [acme]
retention: 90d
agreements: []
subject: {file: "visits*", field: patient.id}
files:
  - match: "visits*.jsonl"
    type: jsonl
    fields:
      patient.**: drop
      facts.born: {generalise: {date: year}}
      facts.zip: {truncate: 2}
      ill.**: keep
risk:
  file: "visits*"
  quasi_identifiers: [facts.born, "facts.zip"]
  sensitive: {"ill[*]": equal}
  k: 2
P
fails 3 '1 of 3 classes fail, 2 rows (k is 1): 1 person: visits-b.jsonl row 3, ' \
	"$HANDOFF" plan lines --policy lines.yaml --vendor acme
says out.txt '7 rows, 6 persons, 3 classes: k is 1, the largest has 3'
says out.txt 'ill\[\*\]: l is 1 distinct'

# How many stayed behind is in the log and, for the vendor, in the manifest.
"$HANDOFF" audit list --home owner --kind risk-measured --json |
	grep -q '"suppressed":2'

# What leaves is measured as it is spelt: quotes, escapes and null that others
# of the value have not make a row stand out, and are kept.
mkdir spelt
printf 'id,sex\n1,f\n2,"f"\n3,f\n' >spelt/x.csv
printf 'id,sex\n1,"f"\n2,"f"\n3,"f"\n' >spelt/quoted.csv
printf 'id,sex\n1,"f, m"\n2,"f, m"\n3,f\n4,f\n' >spelt/needed.csv
printf '{"id":1,"q":"x"}\n{"id":2,"q":"\\u0078"}\n{"id":3,"q":"x"}\n' >spelt/z.jsonl
printf '{"id":1,"q":1}\n{"id":2,"q":"1"}\n{"id":3,"q":1}\n' >spelt/n.jsonl
printf '{"id":1,"q":""}\n{"id":2,"q":null}\n{"id":3}\n' >spelt/w.jsonl
printf '{"id":1,"q":["a","b"]}\n{"id":2,"q":["a",null,"b"]}\n' >spelt/l.jsonl
spelt() { # FILE FIELD K
	cat >spelt.yaml <<P
handoff: 1
project: triage
purpose: train
recipients: [acme]
retention: 90d
agreements: []
files:
  - {match: "*.csv", type: csv, columns: {id: drop, sex: keep}}
  - {match: "*.jsonl", type: jsonl, missing: allow, fields: {id: drop, q: keep, "q[*]": keep}}
risk: {file: $1, quasi_identifiers: ["$2"], k: $3}
P
	"$HANDOFF" plan spelt --policy spelt.yaml --vendor acme
}
fails 3 '1 of 2 classes fail, 1 rows (k is 1): 1 person: row 2' spelt x.csv sex 2
says err.txt 'hint: values are spelt in several ways'
fails 3 '1 of 2 classes fail, 1 rows (k is 1): 1 person: row 2' spelt z.jsonl q 2
fails 3 '1 of 2 classes fail, 1 rows (k is 1): 1 person: row 2' spelt n.jsonl q 2
fails 3 '3 of 3 classes fail, 3 rows' spelt w.jsonl q 2
fails 3 '2 of 2 classes fail, 2 rows' spelt l.jsonl 'q[*]' 2
spelt quoted.csv sex 3 >out.txt
spelt needed.csv sex 2 >out.txt
# A token is one, whatever its value had around it.
sed 's/sex: keep/sex: token/' spelt.yaml >token.yaml
sed 's/needed.csv/x.csv/; s/k: 2/k: 3/' token.yaml >tokens.yaml
"$HANDOFF" plan spelt --policy tokens.yaml --vendor acme >out.txt
