#!/bin/sh
# detect in a policy: what is found in texts, columns and paths does not leave,
# and labels on what does lead back to the original's own characters.
set -eu
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
detect:
  allow: [desk@clinic.example]
  deny: [Project Nightfall]
  recognisers:
    - {entity: WARD, pattern: 'ward [A-Z]\d{2}', score: 80}
files:
  - match: rows.csv
    type: csv
    columns: {id: keep, note: {detect: {style: surrogate, entities: [EMAIL_ADDRESS]}}}
  - match: rows.jsonl
    type: jsonl
    fields: {id: keep, "said[*]": {detect: {style: surrogate, entities: [EMAIL_ADDRESS]}}}
  - match: "notes/*.txt"
    type: text
    text: {detect: {style: number, entities: [EMAIL_ADDRESS, IBAN_CODE, WARD], doubtful: keep}}
labels: {kind: spans, classes: [symptom]}
P
mkdir -p data/notes
cat >data/notes/a.txt <<'T'
Wörtlich: anna@example.org called, IBAN DE89370400440532013000.
anna@example.org has a fever; desk@clinic.example knows. Ward B12, project nightfall.
T
printf 'id,note\n1,"mail anna@example.org, ""soon"""\n2,nothing\n' >data/rows.csv
printf '{"id":1,"said":["ask anna@example.org","\\u00e9"]}\n' >data/rows.jsonl

# -- One file by itself --------------------------------------------------------
"$HANDOFF" sanitise data/notes/a.txt --as notes/a.txt --policy policy.yaml -o a.txt >record.json
cat >want.txt <<'T'
Wörtlich: <EMAIL_ADDRESS_1> called, IBAN <IBAN_CODE_1>.
<EMAIL_ADDRESS_1> has a fever; desk@clinic.example knows. <WARD_1>, <DENIED_1>.
T
cmp a.txt want.txt || { cat a.txt; exit 1; }
[ "$(jq .changes record.json)" = 5 ]

# -- The language: what is not known has its place and a hint ------------------
# slip TEXT SED: the policy so changed is refused, saying that
slip() {
	sed "$2" policy.yaml >slip.yaml
	! cmp -s slip.yaml policy.yaml || { echo "$2 changes nothing"; exit 1; }
	fails 6 "$1" "$HANDOFF" policy check slip.yaml
}
slip 'slip.yaml:15:48: unknown "colour"' '15s/surrogate/colour/'
slip 'slip.yaml:21:90: unknown "maybe"' '21s/doubtful: keep/doubtful: maybe/'
slip 'slip.yaml:11:50: unknown key "sorce"' 's/score: 80/sorce: 80/'
slip 'WARD: pattern' 's/ward \[A-Z\]/ward [A-Z/'
slip 'unknown entity "EMAIL_ADRESS"' '21s/EMAIL_ADDRESS/EMAIL_ADRESS/'
grep -q 'EMAIL_ADDRESS' err.txt
slip 'a domain goes with style: surrogate' '21s/style: number/domain: x/'
slip 'a text is kept, or searched' '21s/text: .*/text: token/'

# -- What is doubtful stops, and says where ------------------------------------
sed '11s/80/30/; 21s/doubtful: keep/doubtful: refuse/' policy.yaml >strict.yaml
fails 3 'may be WARD (30 %), which is doubtful' "$HANDOFF" sanitise data/notes/a.txt \
	--as notes/a.txt --policy strict.yaml -o never.txt
[ ! -e never.txt ]
if grep -q B12 err.txt; then cat err.txt; exit 1; fi

# -- Whatever the blanks are, and what shows nothing hides nothing --------------
nbsp=$(printf '\302\240') shy=$(printf '\302\255') wide=$(printf '\357\274\240')
printf 'a%snna%sexample.org, DE89%s3704%s0044%s0532%s0130%s00, Project%sNight%sfall\n' \
	"$shy" "$wide" "$nbsp" "$nbsp" "$nbsp" "$nbsp" "$nbsp" "$nbsp" "$shy" >data/notes/b.txt
"$HANDOFF" sanitise data/notes/b.txt --as notes/b.txt --policy policy.yaml -o b.txt >/dev/null
[ "$(cat b.txt)" = '<EMAIL_ADDRESS_1>, <IBAN_CODE_1>, <DENIED_1>' ] || { cat b.txt; exit 1; }
rm data/notes/b.txt

# -- What hides between NULs is not searched, and does not leave ----------------
sed 's/ö/oe/' data/notes/a.txt | iconv -f utf-8 -t utf-16le >data/notes/c.txt
fails 6 'c.txt: line 1: a NUL byte (is it UTF-16?)' "$HANDOFF" sanitise data/notes/c.txt \
	--as notes/c.txt --policy policy.yaml -o never.txt
grep -q 'hint: iconv -f utf-16 -t utf-8' err.txt
fails 6 'notes/c.txt: line 1: a NUL byte' owner plan data --policy policy.yaml --vendor acme
fails 6 'byte 1: a NUL' "$HANDOFF" detect data/notes/c.txt
iconv -f utf-8 -t utf-16 data/notes/a.txt >data/notes/c.txt
fails 6 'c.txt: not UTF-8 text' "$HANDOFF" sanitise data/notes/c.txt \
	--as notes/c.txt --policy policy.yaml -o never.txt
grep -q 'hint: iconv -f utf-16 -t utf-8' err.txt
rm data/notes/c.txt
printf '{"id":1,"said":["fine"]}\n{"id":2,"said":["a\\u0000n\\u0000n\\u0000a"]}\n' >nul.jsonl
fails 6 'record 2: path "said[*]" (policy.yaml:18): a NUL character (is it UTF-16?)' \
	"$HANDOFF" sanitise nul.jsonl --as rows.jsonl --policy policy.yaml -o never.jsonl
printf '{"said":"a\\u0000n"}\n' >nul.jsonl
fails 6 'record 1: a NUL character' "$HANDOFF" detect --jsonl said nul.jsonl
[ ! -e never.txt ] && [ ! -e never.jsonl ]

# -- A batch: nothing of it leaves, and the surrogates are the same ------------
owner export data --policy policy.yaml --vendor acme --name first >/dev/null
owner batch approve first --yes >/dev/null
agent_start owner
vendor fetch "https://$at" -o work >/dev/null
if grep -rE 'anna@|DE8937|B12|[Nn]ightfall' work; then exit 1; fi
find work -name '*.txt' -exec cmp {} want.txt \;
person=$(grep -rhoE '<EMAIL_ADDRESS_[a-z2-7]{10}>' work | sort -u)
[ "$(printf '%s\n' "$person" | wc -l)" = 1 ]
[ "$(grep -rhoF "$person" work | wc -l)" = 2 ]

# The manifest says by which rules.
jq -r .payload vendor/inbox/*/manifest | base64 -d >manifest.json
jq -e '.predicate.detect | test("^[0-9a-f]{64}$")' manifest.json >/dev/null
# Words that are denied are secret, so they cannot be tried against it: it is
# keyed by vendor and project, and the same for the same rules there.
sed 's/^project: .*/project: other/' policy.yaml >other.yaml
for b in again other; do
	p=$b.yaml
	[ -f "$p" ] || p=policy.yaml
	owner export data --policy "$p" --vendor acme --name "$b" >/dev/null
	owner batch approve "$b" --yes >/dev/null
	vendor fetch "https://$at" -o "$b" >/dev/null
done
for m in vendor/inbox/*/manifest; do
	jq -r .payload "$m" | base64 -d | jq -r '.predicate | .project + " " + .detect'
done >detects.txt
[ "$(wc -l <detects.txt)" = 3 ]
[ "$(sort -u detects.txt | wc -l)" = 2 ]
[ "$(cut -d ' ' -f 2 detects.txt | sort -u | wc -l)" = 2 ]

# -- Labels on it come back on the original's own characters -------------------
# "fever" in the text as delivered, in code points
item=$(jq -r 'select(.type == "text").item' work/items.jsonl)
jq -nc --rawfile t want.txt --arg item "$item" '
	([range($t | length)] | map(select($t[. : . + 5] == "fever"))[0]) as $at |
	{item: $item, annotator: "a", at: "2026-01-01T00:00:00Z",
	spans: [{class: "symptom", start: $at, end: ($at + 5)}]}' >labels.jsonl
vendor return first labels.jsonl >/dev/null
owner ingest --all -o accepted >ingest.txt
agent_stop
# The words that a file's spans have in a text.
words() {
	jq -rn --rawfile t "$1" --slurpfile a "$2" \
		'$a[].spans[]? | $t[.start:.end]'
}
[ "$(words want.txt labels.jsonl)" = fever ]
[ "$(words want.txt accepted/*/labels.jsonl)" = fever ]
[ "$(words data/notes/a.txt accepted/*/labels.original.jsonl)" = fever ]
if cmp -s accepted/*/labels.jsonl accepted/*/labels.original.jsonl; then exit 1; fi
