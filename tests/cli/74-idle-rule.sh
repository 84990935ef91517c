#!/bin/sh
# A rule under risk or subject whose pattern has no file protects nothing: the
# plan stops and says so, unless the policy says that such a file may be absent.
set -eu
# shellcheck source=tests/support/two_homes.sh
. "$TOP/tests/support/two_homes.sh"
two_homes

mkdir data
printf 'id,sex\n1,f\n2,m\n3,f\n4,m\n' >data/visits.csv
policy() { # FILE RISK-AND-SUBJECT
	cat >"$1" <<P
handoff: 1
project: triage
purpose: train
recipients: [acme]
retention: 90d
agreements: []
files:
  - match: "*.csv"
    type: csv
    columns: {id: drop, sex: keep}
$2
P
}
plan() { p=$1; shift; "$HANDOFF" plan data --policy "$p" --vendor acme "$@"; }
check() { "$HANDOFF" policy check --strict "$@"; }
says() { grep -q -e "$2" "$1" || { echo "no $2 in:"; cat "$1"; exit 1; }; }

# One letter left out.  A rule in the same line that has a file is not it.
policy risk.yaml 'risk: {file: vists.csv, quasi_identifiers: [sex], k: 2}'
fails 3 'risk.yaml:11: risk: no file matches "vists.csv": nothing would be' \
	plan risk.yaml
says err.txt 'hint: did you mean visits.csv'
fails 3 'no file matches "vists.csv"' \
	owner export data --policy risk.yaml --vendor acme
fails 3 'risk.yaml:11: risk: no file matches' \
	check risk.yaml --data data
policy two.yaml 'risk: [{file: visits.csv, quasi_identifiers: [sex], k: 2}, {file: vists.csv, quasi_identifiers: [sex], k: 3}]'
fails 3 'no file matches "vists.csv"' plan two.yaml

# Whom rows are about: counted, objected and erased by.
policy subject.yaml 'subject: {file: vists.csv, column: id}'
fails 3 'subject.yaml:11: subject: no file matches "vists.csv": whom rows' \
	plan subject.yaml
policy path.yaml 'subject: {path: "photos/{subject}.jpg"}'
fails 3 'subject: no file matches "photos/?*.jpg"' plan path.yaml
says err.txt 'missing: allow'

# All of them are told, with the columns that are not decided.
policy all.yaml 'subject: {file: vists.csv, column: id}
risk: {file: vists.csv, quasi_identifiers: [sex], k: 2}'
fails 3 'subject: no file' plan all.yaml --max-refusals 10
says err.txt 'all.yaml:12: risk: no file matches'

# A policy for several datasets says so; nothing is different but that.
policy allow.yaml 'subject: {file: others.csv, column: id, missing: allow}
risk: {file: others.csv, quasi_identifiers: [sex], k: 5, missing: allow}'
plan allow.yaml >out.txt
check allow.yaml --data data >out.txt 2>&1 || true

# One that another takes every file from is a mistake, whatever it says.
policy dead.yaml 'risk:
  - {file: "v*.csv", quasi_identifiers: [sex]}
  - {file: "*s.csv", quasi_identifiers: [sex], k: 5, missing: allow}'
fails 3 'dead.yaml:13: risk: line 12 takes every file that "*s.csv"' \
	plan dead.yaml
policy covered.yaml 'risk:
  - {file: "*.csv", quasi_identifiers: [sex]}
  - {file: visits.csv, quasi_identifiers: [sex], k: 5}'
fails 3 'covered.yaml:13: risk: never reached: "*.csv" in line 12' \
	check covered.yaml

# What no rule lets leave is never measured.
policy gone.yaml 'risk: {file: notes.txt, quasi_identifiers: [sex], k: 5}'
fails 3 'risk: no rule under files matches "notes.txt"' check gone.yaml
sed 's/files:/&\n  - {match: visits.csv, exclude: "not now"}/' dead.yaml |
	sed 's/"v\*.csv"/visits.csv/' >excluded.yaml
fails 3 'risk: line 8 excludes "visits.csv"' check excluded.yaml
