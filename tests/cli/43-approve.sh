#!/bin/sh
# A sealed batch on one page, and what lets it go: one person or two, papers in
# force, the vendor as it should be.  What ends it, and what an ending says of
# what had left.
set -eu
command -v jq >/dev/null || { echo "no jq here"; exit 77; }

refuses() { # STATUS COMMAND...
	want=$1 rc=0
	shift
	"$@" >out 2>err || rc=$?
	[ $rc -eq "$want" ] || { echo "$*: status $rc, not $want"; cat out err; exit 1; }
}
says() { grep -q -e "$2" "$1" || { echo "no '$2' in $1:"; cat "$1"; exit 1; }; }
"$HANDOFF" keygen -o our.key 2>err
owner() { "$HANDOFF" "$@" --home owner --identity our.key; }
look() { "$HANDOFF" "$@" --home owner; }
print() { "$HANDOFF" card --show "$1" --json | sed 's/.*"fingerprint":"\([^"]*\)".*/\1/'; }
day() { date -u -d "$1" +%Y-%m-%d; }
entries() { look audit list --json | jq -r .entry.kind | grep -cx "$1" || :; }

owner init --no-recovery --name us >out
look card >us.card
"$HANDOFF" enroll --no-recovery --home vendor --identity our.key --owner us.card acme >out
"$HANDOFF" card --home vendor >acme.card
owner vendor add acme acme.card --country NL >out
echo paper >paper.txt
owner agreement add acme nda paper.txt --from 2026-01-01 >out

mkdir data
{ echo id,name,city; seq 30 | sed 's/.*/&,Anna,Ulm/'; } >data/customers.csv
policy() { # APPROVE AGREEMENTS
	cat <<-P
	handoff: 1
	project: triage
	purpose: train-triage-model
	recipients: [acme]
	retention: 90d
	agreements: [$2]
	approve: $1
	files:
	  - match: customers.csv
	    type: csv
	    item_id: id
	    columns: {id: token, name: drop, city: keep}
	P
}
policy self nda >self.yaml
policy two nda >two.yaml
export_batch() { owner export data --policy "$1" --vendor acme --name "$2" >out; }

# ---- Looking
look batch list >out
says out '^no batches; handoff export'
refuses 6 look batch show first
says err 'first: no such batch'
says err 'hint: handoff batch list'
for name in ../x 'a b' -rf .x b-aaaaaaaaaaaaaaaaaaaaaaaaaa; do
	refuses 2 owner export data --policy self.yaml --vendor acme "--name=$name"
	says err '^handoff: export: --name: not 1 to 64 letters'
done
export_batch self.yaml first
look batch list >out
says out '^first  *acme  *sealed  *30 '
look batch show first >page
for line in '^first (b-.*), sealed$' 'vendor  *acme, Netherlands, dedicated$' \
    'NOT CONFIRMED: handoff vendor confirm acme$' \
    'project  *triage$' 'purpose  *train-triage-model$' \
    'contains  *30 items in 1 shard, .*: csv$' \
    'agreements  *nda from 2026-01-01 without end$' 'retention  *90d$' \
    'golden  *none' 'offline  *no$' 'manifest  *revision 1$' \
    'approvals  *0 of 1$' "^Approved now, it can be released until $(day +90days)\\.\$"; do
	says page "$line"
done
[ "$(awk 'length > 80' page | wc -l)" -eq 0 ]
[ "$(wc -l <page)" -le 24 ]
says page "$("$HANDOFF" card --show acme.card --json | jq -r .words)"
look batch show first --json >page.json
jq -e '.to.country == "NL" and .required == "nda" and .revision == 1 and
    .golden == null and .approved_by == []' page.json >result

# ---- Approving
owner vendor confirm acme --fingerprint "$(print acme.card)" >out
refuses 2 owner batch approve first --until 2020-01-01
refuses 2 owner batch approve first --until later
refuses 2 owner batch approve first --as ''
refuses 6 owner batch approve second --yes
owner vendor suspend acme >out
refuses 3 owner batch approve first --yes
says err 'acme: the vendor is suspended'
says err 'hint: handoff vendor resume --home owner acme'
says out 'It cannot be approved: acme: the vendor is suspended'
owner vendor resume acme >out
# Nobody is asked without a terminal, and nobody has agreed.
refuses 2 owner batch approve first --as anna </dev/null
says err 'nobody is there to agree; --yes'
says err 'hint: handoff batch approve .*first --yes'
owner batch approve first --yes --until "$(day +10days)" --as anna >out </dev/null
says out "confirmed on $(day today)"
says out "^Approved now, it can be released until $(day +10days)"
says out "^first: approved by anna; it can be released until $(day +10days)\$"
look batch show first >page
says page 'approvals  *1 of 1, by anna$'
says page "^It can be released until $(day +10days)\\.\$"
refuses 3 owner batch approve first --yes
says err 'first: has been approved already'
look batch list --json | jq -e '.batches[0].state == "approved"' >result

refuses 3 owner batch extend first --until "$(day +5days)"
says err 'lasts at least as long'
refuses 3 owner batch extend first --until "$(day +100days)"
says err 'its retention ends on'
refuses 2 owner batch extend first
owner batch extend first --until "$(day +20days)" >out
says out "released until $(day +20days)\$"

# approve: two is two persons, who are named; a script says --yes for them.
export_batch two.yaml second
look batch show second >page
says page "^Approved by two persons, it can be released until $(day +90days)\\.\$"
refuses 2 owner batch approve second --as anna </dev/null
says err 'nobody is there to agree; --yes'
refuses 2 owner batch approve second --as anna --yes --until "$(day +5days)"
says err 'belongs to the second approval'
owner batch approve second --as anna --yes >out
says out 'another person has to approve it too'
[ "$(entries grant-made)" -eq 1 ]
look batch show second >page
says page 'second (b-.*), sealed'
says page 'approvals  *1 of 2, by anna'
refuses 3 owner batch approve second --as anna --yes
says err 'same person'
says err 'hint: a second person'
owner batch approve second --as berta --yes --json >approved.json
jq -e '.approvals == 2 and (.grant | startswith("g-"))' approved.json >result
look batch show second >page
says page 'approvals  *2 of 2, by anna and berta'

# ---- Papers
policy self dpa,nda >dpa.yaml
refuses 3 export_batch dpa.yaml third
owner agreement add acme dpa paper.txt --from 2026-01-01 --until "$(day +3days)" >out
export_batch dpa.yaml third
id=$(look agreement list --json | jq -r '.agreements[] | select(.type == "dpa") | .id')
owner agreement end "$id" >out
look batch show third >page
says page 'dpa: NOT IN FORCE'
says page '^It cannot be approved: .*dpa'
refuses 3 owner batch approve third --yes
says err 'dpa'
says err 'hint: handoff agreement add'
# From the future, and lapsed.
owner agreement add acme dpa paper.txt --from "$(day +1day)" >out
refuses 3 owner batch approve third --yes
owner agreement add acme dpa paper.txt --from 2026-01-01 --until "$(day -1day)" >out
refuses 3 owner batch approve third --yes
owner agreement add acme dpa paper.txt --from 2026-01-01 --until "$(day +7days)" >out
owner batch approve third --yes >out
says out "^third: approved by .*; it can be released until $(day +7days)\$"
refuses 3 owner batch extend third --until "$(day +8days)"
says err "its agreements end on $(day +7days),"

# A grant that is over is not said to let anything go.
export_batch self.yaml brief
owner batch approve brief --yes \
    --until "$(date -u -d +2seconds +%Y-%m-%dT%H:%M:%SZ)" >out
sleep 2.1
look batch show brief >page
says page "^Its grant is over: it could be released until $(day today)\\.\$"
look status >page
says page 'batch brief is approved and no grant is live'
says page 'handoff batch extend brief --until DATE'
owner batch extend brief --until "$(day +2days)" >out
look batch show brief >page
says page "^It can be released until $(day +2days)\\.\$"
owner batch shred brief --yes >out
[ "$(entries batch-shredded)" -eq 1 ]

# ---- Ending
owner batch withdraw first >out
says out '^first: withdrawn; there is no further release$'
says out 'nothing of it was released'
refuses 3 owner batch withdraw first
says err 'first: has been withdrawn already'
refuses 3 owner batch approve first --yes
refuses 3 owner batch extend first --until "$(day +30days)"

refuses 2 owner batch shred first </dev/null
says err 'nobody is there to agree; --yes'
[ "$(entries batch-shredded)" -eq 1 ]
batch=$(look batch show first --json | jq -r .id)
objects=$(find owner/objects -type f | wc -l)
[ -d "owner/keys/release/shard/$batch" ]
owner batch shred first --yes >out
says out '^first: shredded; 3 keys and 4 objects destroyed$'
says out 'backups made before keep its keys'
[ "$(find owner/objects -type f | wc -l)" -eq $((objects - 4)) ]
[ -z "$(find owner/keys -path "*$batch*" -type f)" ]
owner batch shred "$batch" --yes >out
says out '^first: shredded; 0 keys and 0 objects destroyed$'
[ "$(entries batch-shredded)" -eq 2 ]
# The name is free again.
export_batch self.yaml first

# What has left, has left, and an ending says so.
"$HANDOFF" owner add us.card --fingerprint "$(print us.card)" --home vendor \
    --identity our.key >out
"$HANDOFF" agent --listen 127.0.0.1:0 --home owner --identity our.key >agent.log 2>&1 &
agent=$!
trap '[ -z "$agent" ] || kill $agent 2>/dev/null || :' EXIT
i=0
until grep -q 'listening on' agent.log; do
	i=$((i + 1))
	[ $i -lt 100 ] || { echo "the agent did not come up"; cat agent.log; exit 1; }
	sleep 0.1
done
at=$(sed -n 's/.*listening on //p' agent.log)
"$HANDOFF" fetch "https://$at" --home vendor --identity our.key --batch second -o work >out
# A decision taken beside a running agent holds at once.
owner batch withdraw third >out
says out 'nothing of it was released'
refuses 3 "$HANDOFF" fetch "https://$at" --home vendor --identity our.key \
    --batch third -o none
says err 'withdrawn'
[ ! -e none ]
owner batch withdraw second >out
says out 'too late for what was released to acme: 1 release, 1 acknowledged'
kill $agent
wait $agent
agent=
look batch show second >page
says page '^It was withdrawn on '
says page '^RELEASED .*SHARDS'
owner batch shred second --yes >out
says out 'too late for what was released'

refuses 6 owner stop nobody
owner stop acme >out
says out '^acme: stopped$'
[ "$(grep -c ': withdrawn$' out)" -eq 2 ]
[ "$(grep -c ': shredded$' out)" -eq 3 ]
look vendor list --json | jq -e '.vendors[0].suspended != null' >result
owner stop first --json | jq -e '.batches[0].state == "withdrawn"' >result

# Papers outlast exports and endings, whatever a crash left beside them.
papers() {
	look agreement list --json | jq -r '.agreements[].document.object' |
	while read -r object; do
		echo "$object  owner/objects/$(echo "$object" | cut -c 1-2)/$object"
	done
}
papers | sha256sum -c >out
papers | sed 's/ .*//' | while read -r object; do : >"owner/drafts/object-$object"; done
owner vendor resume acme >out
export_batch self.yaml fourth
papers | sha256sum -c >out
[ "$(find owner/drafts -name 'object-*' | wc -l)" -eq 0 ]

# All of it is in the log, and nobody's name is.
"$HANDOFF" audit verify owner/log --key owner/log.vkey >out
if grep -r -a -q -e anna -e berta -e acme -e triage owner/log; then
	echo "a name stands in the log"
	exit 1
fi
