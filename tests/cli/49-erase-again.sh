#!/bin/sh
# A backup brings back who was erased after it, and forgets who was suppressed.  The log that was published
# before knows whom, to this home alone, and erase --log erases them again.
set -eu
# shellcheck source=tests/support/two_homes.sh
. "$TOP/tests/support/two_homes.sh"
"$HANDOFF" keygen -o recovery.key 2>/dev/null
owner init --name demo --recovery "$("$HANDOFF" keygen -y recovery.key)" >/dev/null
"$HANDOFF" card --home owner >owner.card
vendor enroll --no-recovery --owner owner.card \
	--fingerprint "$(print owner.card)" acme >/dev/null
"$HANDOFF" card --home vendor >acme.card
owner vendor add acme acme.card --country NL \
	--fingerprint "$(print acme.card)" >/dev/null
cat >policy.yaml <<'P'
handoff: 1
project: triage
purpose: train
recipients: [acme]
retention: 90d
agreements: []
subject: {file: "*.csv", column: who}
files:
  - {match: "*.csv", type: csv, columns: {who: token, born: keep}}
risk: {file: "*.csv", quasi_identifiers: [born], k: 2}
P
mkdir data
{ echo who,born; for i in 1 2 3 4 5 6; do echo "person-$i,198$((i % 2))"; done; } >data/a.csv
seal() { owner export data --policy policy.yaml --vendor acme --name "$1" >/dev/null; }
erase() { echo "$1" | owner erase --subject - --yes; }
status() { "$HANDOFF" status --home owner || [ $? = 7 ]; }
restore() { # BACKUP: in the home's place, which goes to lost
	rm -rf lost
	mv owner lost
	"$HANDOFF" restore "$1" --home owner -i recovery.key --new-identity owner.key
}
fails 2 'was not made of a backup' owner erase --no-log

# A backup with nobody in it has nobody to bring back, and forgets all the same
# who was suppressed.
owner backup empty.age >/dev/null
seal first
suppress() { echo "$1" | owner suppress add --reason "$2" --subject - --json | jq -r .suppression; }
suppress person-1 objection >/dev/null
suppress person-2 withdrawn >/dev/null
suppress elsewhere restriction >ended
owner suppress remove "$(cat ended)" >/dev/null
owner batch shred first --yes >/dev/null
owner backup whole.age >/dev/null
erase person-3 >/dev/null
erase person-5 >/dev/null
erase person-77 >/dev/null
before=$("$HANDOFF" status --home owner --json | jq .entries)
restore empty.age >/dev/null
status >told
grep -q 'erased or suppressed after' told
# of six persons two stay behind again, for the reasons that they had
stays() { owner plan data --policy policy.yaml --vendor acme --json | jq ".left_behind.suppressed // 0"; }
[ "$(stays)" = 0 ]
owner erase --log lost/log >out.txt
grep -q '^who had been suppressed and is again: 2 persons$' out.txt
grep -q '^who had been erased and was back: 0 persons$' out.txt
[ "$(stays)" = 2 ]
[ "$("$HANDOFF" suppress list --home owner --json | jq -r '.suppressions[].reason' | sort | tr '\n' ' ')" = 'objection withdrawn ' ]
! status | grep -q 'erased or suppressed after' || exit 1
# To others no two of them are alike.
"$HANDOFF" audit list --home lost --kind suppression-named --json | jq -r .entry.person >named
[ "$(sort -u named | wc -l)" = 3 ]
rm -rf owner
mv lost owner

restore whole.age >out.txt
grep -q '^WHO WAS ERASED OR SUPPRESSED SINCE THE BACKUP IS NOT' out.txt
status >told
grep -q 'who was erased or suppressed after the backup is not' told
grep -q '^      handoff erase --log DIR' told
# A backup of it does not make up for that.
owner backup again.age >/dev/null
status >told
grep -q 'who was erased or suppressed after the backup is not' told

# Its own log says nothing of it, nor one that is older; another home's is none.
fails 2 'that is the log since the restoration' owner erase --log owner/log
mkdir old
fails 6 'old: checkpoint: no such file' owner erase --log old
fails 4 'lost2' owner erase --log "$(cp -r vendor/log lost2 && echo lost2)"
fails 2 'no-log: each restoration has its log' owner erase --log lost/log --no-log
status | grep -q 'who was erased or suppressed after'

# Those two are found again, and nobody else.
owner erase --log lost/log >out.txt
grep -q '^who had been erased and was back: 2 persons$' out.txt
grep -q '^erased from 4 lists$' out.txt
grep -q '^forgotten of what was sent: 2 items$' out.txt
status >told
! grep -q 'erased or suppressed after' told || { cat told; exit 1; }
erase person-3 | grep -q '^erased from 0 lists$'
erase person-4 | grep -q '^erased from 2 lists$'
"$HANDOFF" audit list --home owner --kind erasures-repeated --json |
	jq -e --argjson n "$before" '.entry.count == 2 and .entry.entries == $n' >/dev/null
"$HANDOFF" audit verify --home owner >/dev/null
# The same person reads the same in both logs, and nobody's key is in them.
who() { "$HANDOFF" audit list --home "$1" --kind person-erased --json | jq -r .entry.person | sed -n "$2p"; }
[ "$(who owner 3)" = "$(who lost 1)" ]
! grep -rq person-3 owner lost || { echo "a key is in a home"; exit 1; }

# What is here again keeps them here, as when they were erased.
owner export data --policy policy.yaml --vendor acme --name second >/dev/null
owner backup whole.age >/dev/null
owner batch shred second --yes >/dev/null
erase person-6 >/dev/null
restore whole.age >/dev/null
fails 3 'somebody who was erased is back: batch second is about the person, and is still here' \
	owner erase --log lost/log
grep -q 'hint: handoff batch shred .*second' err.txt
status | grep -q 'who was erased or suppressed after'
owner batch shred second --yes >/dev/null
owner erase --log lost/log --json | jq -e '.persons == 1 and .lists == 4' >/dev/null
! status | grep -q 'erased or suppressed after' || exit 1

# Where no log survived, that is said out loud, and logged.
restore whole.age >/dev/null
owner erase --no-log | grep -q '^nothing was erased or suppressed again: '
! status | grep -q 'erased or suppressed after' || exit 1
"$HANDOFF" audit list --home owner --kind erasures-repeated --json |
	jq -s -e '.[-1].entry | .count == 0 and .entries == 0' >/dev/null

# Restored twice, and nothing made good between: each has its log, and the one of
# the first accident is not that of the second.
again() { # BACKUP LOST: restore it, the home goes to LOST
	mv owner "$2"
	"$HANDOFF" restore "$1" --home owner -i recovery.key --new-identity owner.key >/dev/null
}
on_list() { "$HANDOFF" suppress list --home owner --json | jq '[.suppressions[] | select(.ended == null)] | length'; }
had=$(on_list)
cp -r owner/log short
owner backup one.age >/dev/null
for p in A B C; do suppress $p objection >/dev/null; done
again one.age lost1
suppress D objection >/dev/null
owner backup two.age >/dev/null
suppress E restriction >/dev/null
again two.age lost3
[ "$(on_list)" = $((had + 1)) ]
fails 2 'the restoration of 20' owner erase --log lost3/log
fails 2 'the log that was published before it is none of these' owner erase --log lost1/log
fails 2 'that log ends at entry' owner erase --log lost1/log --log lost3/log --log short
[ "$(on_list)" = $((had + 1)) ]
status | grep -q 'erased or suppressed after'
owner erase --log lost1/log --log lost3/log | grep -q '^who had been suppressed and is again: 4 persons$'
[ "$(on_list)" = $((had + 5)) ]
! status | grep -q 'erased or suppressed after' || exit 1
# Done again it changes nothing; with one of them said to be gone, half of it.
owner erase --log lost3/log --log lost1/log | grep -q '^who had been suppressed and is again: 0 persons$'
rm -rf lost3
again two.age lost3
fails 2 'the log that was published before it is none of these' owner erase --log lost1/log
owner erase --log lost1/log --no-log | grep -q '^who had been suppressed and is again: 3 persons$'
