#!/bin/sh
# The drill with work under way: a batch is with its vendor, another waits for
# approval, a return lies in quarantine.  The home is lost and restored, with
# its sealed shards in the backup and without, and all of it goes on.
set -eu

print() { "$HANDOFF" card --show "$1" --json | sed 's/.*"fingerprint":"\([^"]*\)".*/\1/'; }
owner() { "$HANDOFF" "$@" --home owner -i key; }
vendor() { "$HANDOFF" "$@" --home vendor -i key; }
fail() { echo "$*"; exit 1; }
agent=
stop() {
	[ -z "$agent" ] || kill "$agent" || :
	[ -z "$agent" ] || wait "$agent" || :
	agent=
}
trap stop EXIT
serve() {
	: >agent.log
	"$HANDOFF" agent --home owner -i key \
		--listen 127.0.0.1:0 >agent.log 2>&1 &
	agent=$!
	i=0
	until grep -q listening agent.log; do
		i=$((i + 1))
		[ $i -le 200 ] || { cat agent.log; fail "no agent"; }
		sleep 0.05
	done
	url=https://127.0.0.1:$(sed -n "s/.*listening on 127.0.0.1:\([0-9]*\).*/\1/p" agent.log)
}
labels() { # FOLDER: one class for each text in it
	for f in "$1"/*.txt; do
		printf '{"item":"%s","annotator":"a","at":"2026-11-01T00:00:00Z","class":"odd"}\n' \
		    "$(basename "$f" .txt)"
	done
}
same_objects() { # folders may be empty in one of them
	(cd lost/objects && find . -type f | sort) >theirs
	(cd owner/objects && find . -type f | sort) >ours
	cmp theirs ours
	while read -r name; do
		cmp "lost/objects/$name" "owner/objects/$name"
	done <theirs
}
facts() { "$HANDOFF" status --home owner --json | jq -S 'del(.entries, .backup, .restored, .wrong, .objects)'; }

"$HANDOFF" keygen -o key 2>/dev/null
"$HANDOFF" keygen -o recovery.key 2>/dev/null
owner init --name clinic --recovery "$("$HANDOFF" keygen -y recovery.key)" >/dev/null
"$HANDOFF" card --home owner >owner.card
vendor enroll acme --owner owner.card --no-recovery -f "$(print owner.card)" >/dev/null
"$HANDOFF" card --home vendor >acme.card
owner vendor add acme acme.card --country NL -f "$(print acme.card)" >/dev/null
echo paper >nda.txt
owner agreement add acme nda nda.txt --from 2020-01-01 >/dev/null

mkdir -p data/texts
for i in 1 2 3 4 5 6; do echo "text $i" >data/texts/$i.txt; done
cat >policy.yaml <<'P'
handoff: 1
project: triage
purpose: train
recipients: [acme]
retention: 90d
agreements: [nda]
files:
  - match: "texts/**"
    type: text
    text: keep
labels: {kind: class, classes: [odd, even]}
P
owner export data --policy policy.yaml --vendor acme --name first >/dev/null
owner batch approve first --yes >/dev/null
owner export data --policy policy.yaml --vendor acme --name second >/dev/null
serve
vendor fetch "$url" -b first -o one >/dev/null
labels one >labels.jsonl
vendor return first labels.jsonl >/dev/null
stop

# What a person is told of it.
"$HANDOFF" status --home owner >out
for line in '^  first to acme$' '^      1 shard of 1 in 1 release; last' \
    'batch second waits for approval' 'a return for batch first waits'; do
	grep -q -e "$line" out || { cat out; fail "status does not say: $line"; }
done
facts >before

# The release's private facts, for those who may see them.
seq=$("$HANDOFF" audit list --home owner --kind release --json | jq .seq)
owner audit show "$seq" --sidecar --json | jq -e .facts >/dev/null
"$HANDOFF" audit show "$seq" --home owner --json | jq -e '.facts == null' >/dev/null

# Lost, and back: with the shards, and without, copied by hand.
owner backup whole.age --objects >out
! grep -q 'not in it' out || { cat out; fail "--objects leaves some out"; }
owner backup small.age >out
grep -q 'not in it: 2 sealed shards' out || { cat out; fail "which are left out?"; }
mv owner lost
"$HANDOFF" restore small.age --home owner -i recovery.key --new-identity key >/dev/null
facts | cmp - before
cp -rn lost/objects/. owner/objects/
same_objects
rm -rf owner
"$HANDOFF" restore whole.age --home owner -i recovery.key --new-identity key >/dev/null
facts | cmp - before
same_objects

# The return that lay there is ingested, under the original names.
owner ingest --all -o accepted >/dev/null
find accepted -name labels.jsonl -exec cat {} + | jq -r .item | sort >items
find data -type f | sed 's,^data/,,' | sort | cmp - items

# The batch that waited is approved and fetched, and a third is begun.
owner batch approve second --yes >/dev/null
owner export data --policy policy.yaml --vendor acme --name third >/dev/null
serve
vendor fetch "$url" -b second -o two >/dev/null
[ "$(cat two/*.txt | sort)" = "$(cat data/texts/*.txt | sort)" ]
labels two >labels2.jsonl
vendor return second labels2.jsonl --json >sent
"$HANDOFF" audit verify --home owner >/dev/null
stop

# Back to a backup from before what the vendor has seen: the home is whole, and
# the vendor, who holds a newer checkpoint of its log, says so and takes nothing.
rm -rf owner
"$HANDOFF" restore whole.age --home owner -i recovery.key --new-identity key >/dev/null
owner batch approve second --yes >/dev/null
serve
rc=0
vendor fetch "$url" -b second -o three >out 2>err || rc=$?
[ $rc -eq 4 ] || { cat out err; fail "two histories: status $rc, not 4"; }
[ ! -e three ] || [ -z "$(find three -type f)" ] || fail "something was published"

# Labels that were sent, and went down with the home, are sent again.
lost=$(jq -r .return sent)
vendor return second labels2.jsonl --json >out
[ "$(jq -r .instead_of out)" = "$lost" ]
again=$(jq -r .return out)
[ "$(jq -r .state out)" = received ]
[ -d "owner/quarantine/$again" ] && [ ! -d "owner/quarantine/$lost" ]
vendor return second labels2.jsonl --json >out
[ "$(jq -r .return out)" = "$again" ] && [ "$(jq -r .instead_of out)" = null ]
