#!/bin/sh
# The law: where data may go, under which facts, asked at plan, at export and
# again at every release.
set -eu
# shellcheck source=tests/support/two_homes.sh
. "$TOP/tests/support/two_homes.sh"
two_homes

mkdir -p data
{ echo id,name,city; seq 20 | sed 's/.*/&,Anna,Ulm/'; } >data/customers.csv
for paper in dpia tia scc sub-processors undertaking covered; do
	echo "the $paper" >"$paper.pdf"
done
sum() { sha256sum "$1.pdf" | cut -d' ' -f1; }
fact() { printf '    %s: {%ssha256: %s, date: 2026-01-10}\n' "$1" "${2-}" "$(sum "$1")"; }

# policy VENDOR: without legal:
policy() {
	cat <<P
handoff: 1
project: triage
purpose: train
recipients: [$1]
retention: 90d
agreements: []
files:
  - match: customers.csv
    type: csv
    columns: {id: token, name: drop, city: keep}
P
}
legal() {
	cat <<P
legal:
  controller: "Clinic, 1 High Street"
  dpo: dpo@clinic.example
  basis: eu-gdpr:A6-1-e
  purposes: [dpv:ScientificResearch]
  data: [pd:Name, pd:City]
P
}
# another NAME COUNTRY [OPTION...]: a vendor with a home of its own
another() {
	name=$1 country=$2
	shift 2
	"$HANDOFF" keygen -o "$name.key" 2>/dev/null
	"$HANDOFF" enroll --no-recovery --owner owner.card --home "$name" -i "$name.key" \
		--fingerprint "$(print owner.card)" "$name" >/dev/null
	"$HANDOFF" card --home "$name" >"$name.card"
	owner vendor add "$name" "$name.card" --country "$country" "$@" \
		--fingerprint "$(print "$name.card")" >/dev/null
}
plan() { owner plan data --policy policy.yaml --vendor "$@"; }
sealed() { owner export data --policy policy.yaml --vendor "$1" --name "$2" >/dev/null; }

# ---- Within the area nothing is new, and the plan says on what grounds -----
policy acme >policy.yaml
plan acme >out.txt
grep -q '^law: Netherlands, dedicated: the Regulation applies there' out.txt
grep -q '^law: countries of 2026-' out.txt
[ "$(plan acme --json | jq -r .legal.tool)" = none ]
plan acme --html sheet >out.txt
grep -q '>On the ground that</th><td>the Regulation applies there<' sheet/plan.html
if grep -q '>tool<\|>digest<\|>own<' sheet/plan.html; then exit 1; fi

# ---- A third country ---------------------------------------------------------
another delhi IN
policy delhi >policy.yaml
fails 3 'policy.yaml:1: vendor delhi: India is a third country' plan delhi
# the page says so as well, with what to do, and what the plan would be
fails 3 'India is a third country' plan delhi --html sheet
grep -q 'Refused: nothing leaves' sheet/plan.html
grep -q '<br><code>under legal: facts:' sheet/plan.html
grep -q 'policy.yaml:7' sheet/plan.html && grep -q '<td>id</td>' sheet/plan.html
fails 3 'India is a third country' sealed delhi x
grep -q 'hint: under legal: facts: *scc: {module: 2' err.txt
{ policy delhi; legal; echo "  facts:"; fact scc "module: 2, "; } >policy.yaml
fails 3 'needs the fact "dpia" (Art. 35)' plan delhi
for paper in dpia sub-processors undertaking; do fact $paper; done >>policy.yaml
fails 3 'policy.yaml:12: vendor delhi: a third country needs the fact "tia"' plan delhi
grep -q 'hint: .*tia: {sha256: DIGEST, date: YYYY-MM-DD}' err.txt
fact tia >>policy.yaml
fails 3 'no agreement "dpa" is in force, which a third country needs' plan delhi
grep -q 'hint: handoff agreement add .*delhi dpa FILE --from' err.txt
owner agreement add delhi dpa nda.txt --from 2026-01-01 --json >dpa.json
fails 3 'no agreement "scc" is in force' plan delhi
owner agreement add delhi scc nda.txt --from 2026-01-01 >/dev/null
fails 3 'the clauses in force are not those that the policy names' plan delhi
grep -q "hint: in force: *sha256: $(sha256sum <nda.txt | cut -d' ' -f1)" err.txt
owner agreement add delhi scc scc.pdf --from 2026-01-01 --json >scc.json
plan delhi >out.txt
grep -q 'law: India, dedicated: a third country, by standard contractual clauses, module 2' out.txt
grep -q 'law: terms eu-gdpr:A6-1-e dpv:ScientificResearch pd:Name pd:City dpv:DataProcessor eu-gdpr:A46-2-c' out.txt
grep -q "law: fact tia of 2026-01-10, $(sum tia | cut -c1-16)" out.txt

# What it stands on is in manifest and log.
sealed delhi far
logged legal-decided 1
owner batch approve far --yes >/dev/null
agent_start owner
"$HANDOFF" fetch "https://$at" -o far --home delhi -i delhi.key >/dev/null
manifest=$(find delhi -name 'manifest*' -type f | head -1)
jq -r .payload "$manifest" | base64 -d | jq .predicate.legal >told.json
[ "$(jq -r '.dpv | join(" ")' told.json)" = \
	"eu-gdpr:A6-1-e dpv:ScientificResearch pd:Name pd:City dpv:DataProcessor eu-gdpr:A46-2-c" ]
[ "$(jq -r .policy told.json)" = "$(sha256sum <policy.yaml | cut -d' ' -f1)" ]
[ "$(jq -r .terms.facts.scc.module told.json)" = 2 ]
[ "$(jq -r '.agreements[] | select(.type == "scc") | .sha256' told.json)" = "$(sum scc)" ]
[ "$(jq -r .countries.digest told.json)" = \
	"$("$HANDOFF" countries --csv --home owner | sha256sum | cut -d' ' -f1)" ]

# ---- Clauses that end stop the next release ---------------------------------
sealed delhi later
owner batch approve later --yes >/dev/null
owner agreement end "$(jq -r .agreement scc.json)" >/dev/null
fails 3 'the owner may not release it now' "$HANDOFF" fetch "https://$at" --batch later \
	-o later --home delhi -i delhi.key
[ ! -e later ]
"$HANDOFF" batch show later --home owner | grep -q 'the clauses in force are not those'
[ "$("$HANDOFF" audit list --home owner --json |
	jq -r 'select(.entry.kind == "refused") | .entry.rule' | tail -1)" = terms-missing ]
# So does a lapsed agreement on processing, which the policy did not even name.
owner agreement add delhi scc scc.pdf --from 2026-01-01 >/dev/null
owner agreement end "$(jq -r .agreement dpa.json)" >/dev/null
fails 3 'no agreement of type dpa is in force' "$HANDOFF" fetch "https://$at" \
	--batch later -o later --home delhi -i delhi.key
"$HANDOFF" batch show later --home owner | grep -q 'dpa: NOT IN FORCE'
owner agreement add delhi dpa nda.txt --from 2026-01-01 >/dev/null
"$HANDOFF" fetch "https://$at" --batch later -o later --home delhi -i delhi.key >/dev/null
agent_stop

# ---- Adequate countries, and what lapses of them ----------------------------
another tokyo JP
policy tokyo >policy.yaml
plan tokyo | grep -q 'law: Japan, dedicated: adequate: Decision (EU) 2019/419'
sealed tokyo near
owner batch approve near --yes >/dev/null
# Of the United States only who is certified is covered.
another boston US
{ policy boston; legal; } >policy.yaml
fails 3 'only who is "certified" is covered (Decision (EU) 2023/1795' plan boston
grep -q 'hint: .*covered: {sha256: DIGEST, date: YYYY-MM-DD}  or ' err.txt
{ echo "  facts:"; fact covered; } >>policy.yaml
plan boston | grep -q 'law: United States of America, dedicated: adequate: Decision (EU) 2023/1795'

# A file in the home goes before the table: the decision is annulled, and what
# was sealed under it is not released.
cat >owner/countries.csv <<'C'
date,2026-11-01
country,status,from,until,scope,reference
JP,third,,,,"annulled by C-1/26"
C
policy tokyo >policy.yaml
fails 3 'Japan is a third country' plan tokyo
agent_start owner
fails 3 'the owner may not release it now' "$HANDOFF" fetch "https://$at" --batch near \
	-o near --home tokyo -i tokyo.key
[ "$("$HANDOFF" audit list --home owner --json |
	jq -r 'select(.entry.kind == "refused") | .entry.rule' | tail -1)" = no-transfer ]
"$HANDOFF" batch show near --home owner | grep -q 'Japan is a third country'
# It comes back: the next release is one, and the log says under which table.
sed 's/third,,,,.*/adequate,2026-11-02,,,Decision 2 of 2026/' owner/countries.csv >c.csv
mv c.csv owner/countries.csv
# Nothing signs that file: who plans or exports is told, with what the log has.
table=$("$HANDOFF" countries --csv --home owner | sha256sum | cut -c 1-16)
for command in plan export; do
	owner $command data --policy policy.yaml --vendor tokyo >out.txt 2>err.txt
	grep -q "$command: warning: countries.csv of this home" err.txt
	grep -q "SHA-256, $table" err.txt
done
owner plan data --policy policy.yaml --vendor tokyo --json 2>/dev/null >plan.json
jq -e --arg t "$table" '.legal.countries.own and
	(.legal.countries.digest | startswith($t))' plan.json >/dev/null
before=$(entries legal-decided)
"$HANDOFF" fetch "https://$at" --batch near -o near --home tokyo -i tokyo.key >/dev/null
logged legal-decided $((before + 1))
agent_stop
"$HANDOFF" countries --home owner >out.txt
grep -q '^JP .*Decision 2 of 2026' out.txt
grep -q '^as of 2026-11-01, with countries.csv of this home; all others are third' out.txt
"$HANDOFF" countries | grep -q '^as of 2026-08-05; all others'
# What is not understood stops everything that would ask it.
echo 'US,adequate,2023-07-10,,,' >>owner/countries.csv
fails 6 'countries.csv:4:26: which decision? no reference' plan tokyo
fails 6 'countries.csv:4:26' "$HANDOFF" countries --home owner
rm owner/countries.csv

# ---- A crowd -----------------------------------------------------------------
another many NL --model crowd
policy many >policy.yaml
fails 3 'vendor many: a crowd needs "legal:", which the policy has not' plan many
{ policy many; legal; echo "  facts:"; fact dpia; fact sub-processors; } >policy.yaml
fails 3 'a crowd needs the fact "undertaking" (Art. 28(3)(b))' plan many
fails 3 'a crowd needs the fact "undertaking"' sealed many crowd
fact undertaking >>policy.yaml
owner agreement add many dpa nda.txt --from 2026-01-01 >/dev/null
fails 3 'no agreement "nda" is in force, which a crowd needs' plan many
owner agreement add many nda nda.txt --from 2026-01-01 >/dev/null
[ "$(plan many --json | jq -r .approve)" = two ]
sed 's/pd:City/pd:MedicalHealth/' policy.yaml >art9.yaml
fails 3 'needs "exception"' owner plan data --policy art9.yaml --vendor many
sed 's/^  data:/  exception: eu-gdpr:A9-2-j\n&/' art9.yaml >art9e.yaml
fails 3 'is a crowd, which gets no data of Art. 9 or 10' \
	owner plan data --policy art9e.yaml --vendor many
sed 's/^  data:/  crowd: {special: allow}\n&/' art9e.yaml >art9c.yaml
owner plan data --policy art9c.yaml --vendor many >/dev/null
# Two approve, and the grant is of a month.
sealed many crowd
[ "$(owner batch approve crowd --as ann --yes --json | jq .approvals_needed)" = 2 ]
"$HANDOFF" batch show crowd --home owner >page
grep -q "^Approved now, it can be released until $(date -u -d +30days +%Y-%m-%d),\$" page
grep -q '^or with --until up to ' page
owner batch approve crowd --as ben --yes --json >grant.json
days=$((($(date -d "$(jq -r .until grant.json)" +%s) - $(date +%s)) / 86400))
if [ "$days" -lt 29 ] || [ "$days" -gt 30 ]; then
	echo "a grant of $days days"
	exit 1
fi

# Whoever reads the log finds all of it in order.
"$HANDOFF" audit verify owner/log --key "$(cat owner/log.vkey)" >/dev/null
