#!/bin/sh
# Somebody who can write to the home's folder, and has no secret of it, seals
# keys of his own choice to the branches, whose recipients stand in home.json.
# Nothing is made with them: exit 4, and the file is named.
set -eu

for tool in age jq; do
	command -v $tool >/dev/null || { echo "no $tool here"; exit 77; }
done
# shellcheck source=tests/support/two_homes.sh
. "$TOP/tests/support/two_homes.sh"
two_homes

mkdir data
printf 'id,email\n1,alice@example.com\n2,bob@example.com\n' >data/c.csv
cat >policy.yaml <<'P'
handoff: 1
project: triage
purpose: train
recipients: [acme]
retention: 90d
agreements: [nda]
files:
  - match: "**"
    type: csv
    columns: {id: drop, email: {token: {domain: email}}}
P
export_as() { owner export data --policy policy.yaml --vendor acme --name "$1"; }
export_as first >/dev/null
cp -a owner kept
home=$(jq -r .home owner/keys/home.json)

# replace FILE BRANCH: by a key of zeros, or his own identity, rightly labelled
replace() {
	id=${1#owner/keys/*/*/}
	kind=${1#owner/keys/*/}
	printf '# handoff key v1\n# home %s\n# kind %s\n# id %s\n' \
		"$home" "${kind%%/*}" "${id%.age}" >plain
	case $kind in
	domain/*|seed/*) printf '%064d\n' 0 ;;
	*) "$HANDOFF" keygen 2>/dev/null | grep SECRET ;;
	esac >>plain
	age -r "$(jq -r ".branches.$2" owner/keys/home.json)" -o forged plain
	mv -f forged "$1"
	chmod 600 "$1"
}

# The domain key: every later token would be one that he can reverse.
domain=$(echo owner/keys/export/domain/*.age)
replace "$domain" export
fails 4 "${domain#owner/}" export_as second
[ ! -e owner/drafts/second ]
rm -rf owner
cp -a kept owner

# The key of a shard and of returns.
shard=$(echo owner/keys/release/shard/*/0.age)
replace "$shard" release
owner batch approve first --yes >/dev/null
agent_start owner
fails 5 'status 500' vendor fetch "https://$at" -b first -o got
agent_stop
grep -qF "${shard#owner/}" agent.log
[ ! -e got ] || [ -z "$(find got -type f)" ]
rm -rf owner
cp -a kept owner

# The branch itself, and the root: sealed to the identity that unlocks.
to=$("$HANDOFF" keygen -y owner.key)
for file in root release/branch; do
	case $file in
	root) kind=root id=root ;;
	*) kind=branch id=release ;;
	esac
	printf '# handoff key v1\n# home %s\n# kind %s\n# id %s\n# record %s\n' \
		"$home" $kind $id \
		"$(sha256sum <owner/keys/home.json | cut -c 1-64)" >plain
	"$HANDOFF" keygen 2>/dev/null | grep SECRET >>plain
	age -r "$to" -o forged plain
	mv -f forged owner/keys/$file.age
	fails 4 "keys/$file.age" owner vendor suspend acme
	rm -rf owner
	cp -a kept owner
done
owner vendor suspend acme >/dev/null
