#!/bin/sh
# Somebody who can write to a vendor's home puts a card of his own where its
# owner's stands, rightly signed, of the same name and home.  The vendor's log
# knows which card was confirmed: nothing is asked of him, exit 4.
set -eu

for tool in jq openssl python3; do
	command -v $tool >/dev/null || { echo "no $tool here"; exit 77; }
done
# shellcheck source=tests/support/two_homes.sh
. "$TOP/tests/support/two_homes.sh"
two_homes
mkdir data
echo text >data/1.txt
cat >policy.yaml <<'P'
handoff: 1
project: triage
purpose: train
recipients: [acme]
retention: 90d
agreements: [nda]
offline: allow
files:
  - {match: "**", type: text, text: keep}
labels: {kind: class, classes: [odd, even]}
P
owner export data --policy policy.yaml --vendor acme --name first >/dev/null
owner batch approve first --yes >/dev/null
owner export --name first --to carried >/dev/null
agent_start owner
vendor fetch "https://$at" -b first -o here >/dev/null
printf '{"item":"%s","annotator":"a","at":"2026-11-01T00:00:00Z","class":"odd"}\n' \
	"$(basename here/*.txt .txt)" >labels.jsonl

known=$(echo vendor/owners/h-*)
cp "$known/card" card.kept
python3 "$TOP/tests/support/another_card.py" "$known/card" >evil.card
# It is a card, and it may be given a fingerprint as he likes.
"$HANDOFF" card --show evil.card >/dev/null
cp evil.card "$known/card"
print evil.card >"$known/confirmed"
for what in "inbox --agent $at" "fetch https://$at -b first -o there" \
	'return first labels.jsonl' 'fetch carried -o there'; do
	# shellcheck disable=SC2086
	fails 4 'not the card that was confirmed' vendor $what
done
fails 4 'not the card that was confirmed' "$HANDOFF" owner list --home vendor
[ ! -e there ]

# The right one back, or confirmed again: all is well.
cp card.kept "$known/card"
vendor inbox --agent "$at" >/dev/null
cp evil.card "$known/card"
fails 4 'not the card that was confirmed' vendor inbox --agent "$at"
vendor owner add owner.card -f "$(print owner.card)" >/dev/null
vendor inbox --agent "$at" >/dev/null
"$HANDOFF" audit list --home vendor --json | jq -r .entry.kind >kinds
[ "$(grep -cx owner-confirmed kinds)" = 1 ]
agent_stop
