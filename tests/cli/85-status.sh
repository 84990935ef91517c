#!/bin/sh
# What a person is told: nothing that is not so, and each thing that is, with
# what would help.  Entries listed, shown, proven.
set -eu

print() { "$HANDOFF" card --show "$1" --json | sed 's/.*"fingerprint":"\([^"]*\)".*/\1/'; }
owner() { "$HANDOFF" "$@" --home owner -i key; }
told() { "$HANDOFF" status --home owner >told; }
says() { grep -q -e "$1" told || { echo "no '$1':"; cat told; exit 1; }; }
silent() { ! grep -q -e "$1" told || { echo "'$1':"; cat told; exit 1; }; }
refuses() { # STATUS COMMAND...
	want=$1 rc=0
	shift
	"$@" >out 2>err || rc=$?
	[ $rc -eq "$want" ] || { echo "$*: status $rc, not $want"; cat out err; exit 1; }
}
day() { date -u -d "$1 days" +%Y-%m-%d; }

"$HANDOFF" keygen -o key 2>/dev/null
"$HANDOFF" keygen -o recovery.key 2>/dev/null
owner init --name clinic --recovery "$("$HANDOFF" keygen -y recovery.key)" >/dev/null
"$HANDOFF" card --home owner >owner.card
for v in acme beta; do
	"$HANDOFF" enroll $v --owner owner.card --no-recovery -i key --home $v \
	    -f "$(print owner.card)" >/dev/null
	"$HANDOFF" card --home $v >$v.card
done
owner vendor add acme acme.card --country NL -f "$(print acme.card)" >/dev/null

# An agreement that runs out in 10 days, in 60, and one that did; the last is
# nothing to worry about once there is another.
echo paper >paper
owner agreement add acme nda paper --from 2020-01-01 --until "$(day +10)" >/dev/null
owner agreement add acme dpa paper --from 2020-01-01 --until "$(day +60)" >/dev/null
owner agreement add acme scc paper --from 2020-01-01 --until "$(day -3)" >/dev/null
told
says "an agreement with acme ends soon (nda), through $(day +10)"
silent '(dpa)'
says 'an agreement with acme has run out (scc)'
says 'no backup was ever made'
owner agreement add acme scc paper --from 2020-01-01 >/dev/null
told
silent '(scc)'
owner backup b.age >/dev/null
told
silent 'backup was'
says '^out: nothing'
says '^wrong: nothing'
"$HANDOFF" status --home owner --check >out
owner agreement add acme tia paper --from 2020-01-01 --until "$(day -3)" >/dev/null
"$HANDOFF" status --home owner >out
refuses 7 "$HANDOFF" status --home owner --check
grep -q 'an agreement with acme has run out (tia)' out
grep -q '1 thing is wrong' err
owner agreement add acme tia paper --from 2020-01-01 >/dev/null

# A batch: waits, ends soon, is over.
mkdir data
echo text >data/a.txt
cat >policy.yaml <<'P'
handoff: 1
project: triage
purpose: train
recipients: [acme]
retention: 90d
agreements: [nda]
files: [{match: "*.txt", type: text, text: keep}]
labels: {kind: class, classes: [odd, even]}
P
owner export data --policy policy.yaml --vendor acme --name first >/dev/null
told
says 'batch first waits for approval'
says 'handoff batch approve first'
owner batch approve first --yes >/dev/null
told
silent 'waits for approval'
# Approved, with a grant, and a rule says no all the same.
owner vendor suspend acme >/dev/null
told
says 'nothing of batch first is released now'
says 'acme: the vendor is suspended'
"$HANDOFF" status --home owner --check >out
owner vendor resume acme >/dev/null
told
silent 'released now'
nda=$("$HANDOFF" agreement list --home owner --json |
	jq -r '.agreements[] | select(.type == "nda") | .id')
owner agreement end "$nda" >/dev/null
told
says 'nothing of batch first is released now'
says 'agreement "nda" ended on'
owner agreement add acme nda paper --from 2020-01-01 --until "$(day +10)" >/dev/null
owner vendor end acme --yes >/dev/null 2>&1 || owner vendor end acme >/dev/null
told
silent 'an agreement with acme'

# The log: as many lines as entries; one kind; since a day.
entries=$("$HANDOFF" status --home owner --json | jq .entries)
[ "$("$HANDOFF" audit list --home owner | wc -l)" -eq "$entries" ]
[ "$("$HANDOFF" audit list --home owner --json | wc -l)" -eq "$entries" ]
[ "$("$HANDOFF" audit list --home owner --kind agreement-added | wc -l)" -eq 7 ]
[ "$("$HANDOFF" audit list --home owner --since "$(day +1)" | wc -l)" -eq 0 ]
[ "$("$HANDOFF" audit list --home owner --since "$(day -1)" | wc -l)" -eq "$entries" ]
refuses 2 "$HANDOFF" audit list --home owner --since yesterday
# A kind that is none is no empty list.
refuses 2 "$HANDOFF" audit list --home owner --kind foo
grep -q 'no kind of entry is called foo' err
refuses 2 "$HANDOFF" audit list --home owner --kind batch
grep -q 'hint: there are batch-approved, batch-begun, ' err
refuses 2 "$HANDOFF" audit list --home owner --kind relase
grep -q 'hint: did you mean release?' err
# Entries name nobody.
! "$HANDOFF" audit list --home owner --json | grep -q -e acme -e paper ||
	{ echo "a name in the log"; exit 1; }

# A log is judged by its key, and a home is not its log.
refuses 2 "$HANDOFF" audit verify owner/log
grep -q 'hint: handoff audit verify owner/log --key FILE, a copy of log.vkey' err
refuses 6 "$HANDOFF" audit verify owner --key owner/log.vkey
grep -q 'hint: it is a home: its log is owner/log' err

# Every entry is shown and proven, offline, and by nothing but its receipt.
i=0
while [ $i -lt "$entries" ]; do
	"$HANDOFF" audit prove $i --home owner -o $i.receipt
	"$HANDOFF" verify -k owner/log.vkey $i.receipt >$i.leaf
	"$HANDOFF" audit show $i --home owner --json | jq -cS .entry >shown
	jq -cS . $i.leaf | cmp - shown
	i=$((i + 1))
done
refuses 6 "$HANDOFF" audit show "$entries" --home owner
refuses 6 "$HANDOFF" audit prove "$entries" --home owner
refuses 2 "$HANDOFF" audit show first --home owner
refuses 2 "$HANDOFF" audit show -1 --home owner
sed 's/^\(.\{60\}\)./\1A/' 1.receipt >bad.receipt
! "$HANDOFF" verify -k owner/log.vkey bad.receipt >out 2>err || exit 1
refuses 4 "$HANDOFF" verify -k acme/log.vkey 1.receipt

# A vendor's home.
"$HANDOFF" status --home acme >told
says "^owners:"
says '^inbox: nothing'
"$HANDOFF" doctor --home owner >out || [ $? -eq 7 ]
grep -q Landlock out
grep -qE '^[a-z]+ +clock .*Z, (not synchronised \(NTP\); compare it|synchronised|in the past)$' out
