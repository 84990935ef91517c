#!/bin/sh
# A hierarchy lies beside its policy, wherever the policy is read from, and is
# the file that the policy names or none.
set -eu

mkdir -p rules data
printf 'K35,appendix,gut\nK36,appendix,gut\nL20,skin,skin\n' >rules/icd.csv
digest=$(sha256sum rules/icd.csv | cut -d' ' -f1)
cat >rules/policy.yaml <<P
handoff: 1
project: p
purpose: q
recipients: [acme]
retention: 1d
agreements: []
files:
  - match: visits.csv
    type: csv
    columns:
      icd: {generalise: {hierarchy: {file: icd.csv, level: 2, sha256: $digest}}}
      part: {generalise: {hierarchy: {file: icd.csv, level: 1, sha256: $digest}}}
P
printf 'icd,part\nK35,L20\n,K36\n' >data/visits.csv

# fails_with STATUS TEXT COMMAND...
fails_with() {
	want=$1 text=$2
	shift 2
	rc=0
	"$@" >out 2>err || rc=$?
	[ "$rc" = "$want" ] || { echo "$*: $rc, not $want"; cat err; exit 1; }
	grep -qF -e "$text" err || { echo "$*: does not say $text"; cat err; exit 1; }
}
sanitise() {
	"$HANDOFF" sanitise data/visits.csv --as visits.csv \
		--policy rules/policy.yaml -o masked.csv
}

"$HANDOFF" policy check rules/policy.yaml >out
sanitise >/dev/null
printf 'icd,part\ngut,skin\n,appendix\n' | cmp - masked.csv
"$HANDOFF" policy check rules/policy.yaml --json >out

# The way through a worker: what is sealed has the labels.
if command -v jq >/dev/null; then
	# shellcheck source=tests/support/two_homes.sh
	. "$TOP/tests/support/two_homes.sh"
	two_homes
	sed 's/^agreements/offline: allow\nagreements/' rules/policy.yaml >rules/open.yaml
	owner export data --policy rules/open.yaml --vendor acme --name one >/dev/null
	owner batch approve one --yes >/dev/null
	owner export --to given --name one >/dev/null
	vendor fetch given -o work >/dev/null
	cut -d, -f2- work/*.csv | sort >got
	printf 'icd,part\ngut,skin\n,appendix\n' | sort | cmp - got
fi

printf 'icd,part\nK35,L21\n' >data/visits.csv
rm masked.csv
fails_with 6 'record 1: column "part" (rules/policy.yaml:12): a value that is not in the hierarchy' sanitise
if grep -q L21 err; then exit 1; fi
[ ! -e masked.csv ]

# Another file of that name stops whoever reads the policy, and is named.
printf 'L21,skin,skin\n' >>rules/icd.csv
for c in 'policy check rules/policy.yaml' \
	'plan data --policy rules/policy.yaml --vendor acme'; do
	# shellcheck disable=SC2086
	fails_with 6 'policy.yaml:11: icd.csv is not the file that the policy names' \
		"$HANDOFF" $c
	grep -q "sha256: $(sha256sum rules/icd.csv | cut -d' ' -f1)" err
done
fails_with 6 'is not the file that the policy names' sanitise
rm rules/icd.csv
fails_with 6 'icd.csv' "$HANDOFF" policy check rules/policy.yaml
ln -s ../data/visits.csv rules/icd.csv
fails_with 6 'icd.csv' "$HANDOFF" policy check rules/policy.yaml
