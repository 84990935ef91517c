#!/bin/sh
# Facts that gates ask, deleted out of catalog.db by whoever can write the file:
# no gate opens, and the whole check names what is gone.
set -eu
command -v sqlite3 >/dev/null || { echo "no sqlite3 here"; exit 77; }
# shellcheck source=tests/support/two_homes.sh
. "$TOP/tests/support/two_homes.sh"
two_homes

cat >policy.yaml <<'P'
handoff: 1
project: triage
purpose: train
recipients: [acme]
retention: 90d
agreements: [nda]
approve: two
subject: {file: "*.csv", column: who}
files:
  - match: "*.csv"
    type: csv
    columns: {who: token, born: keep}
risk: {file: "*.csv", quasi_identifiers: [born], k: 2}
exposure: {colluding: []}
P
mkdir data
{ echo who,born; seq 1 8 | sed 's/.*/person-&,1970/'; } >data/people.csv
owner export data --policy policy.yaml --vendor acme --name first >/dev/null
echo person-3 | owner suppress add --subject - --reason objection --json >out.json
u=$(jq -r .suppression out.json)
echo person-5 | owner hold add --subject - --reason court --json >out.json
k=$(jq -r .hold out.json)
owner batch approve first --as one --yes >/dev/null
"$HANDOFF" audit verify --home owner >/dev/null
cp -a owner kept
gone() { # SQL: out of a home as it was
	rm -rf owner
	cp -a kept owner
	sqlite3 owner/catalog.db "DELETE FROM facts WHERE $1"
	fails 4 "table facts, row" "$HANDOFF" audit verify --home owner
	grep -q 'is gone, and nothing in the log erased it' err.txt
}

# Who is suppressed.
gone "id='$u'"
fails 4 "row $u subject: is gone" owner plan data --policy policy.yaml --vendor acme
fails 4 "row $u subject: is gone" owner export data --policy policy.yaml \
	--vendor acme --name second
# Whoever knows the person ends that entry and makes another.
owner suppress remove "$u" >/dev/null
echo person-3 | owner suppress add --subject - --reason objection >out.txt
owner plan data --policy policy.yaml --vendor acme |
	grep -q '^1 item of suppressed persons stay'

# Whom a held person's batch is about, and who is held.
gone "member='subjects'"
fails 4 'subjects: is gone' owner batch shred first --yes
gone "id='$k' AND member='subject'"
fails 4 "row $k subject: is gone" owner batch shred first --yes

# What the vendor holds.
gone "member='holds'"
fails 4 'holds: is gone' owner export data --policy policy.yaml --vendor acme \
	--name second

# Who approved: one person is not two.
gone "member='by'"
fails 4 'by: is gone' owner batch approve first --as one --yes

# The vendor's name, its card, the batch's own facts; more than one is counted.
gone "member='name' AND id LIKE 'v-%'"
fails 4 'name: is gone' owner export data --policy policy.yaml --vendor acme
gone "id LIKE 'v-%'"
grep -q '3 facts, the first of them: catalog.db' err.txt

# A release asks for both lists.
rm -rf owner
cp -a kept owner
owner batch approve first --as two --yes >/dev/null
rm -rf kept
cp -a owner kept
for sql in "id='$u'" "member='subjects'"; do
	gone "$sql"
	agent_start owner
	fails 5 'the agent failed' vendor fetch "https://$at" -o work
	grep -q 'agent: catalog.db: table facts, row .*: is gone' agent.log
	agent_stop
	logged release 0
done
