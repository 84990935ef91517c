#!/bin/sh
# Tables fit a terminal of 80 columns, with names as people give them; what has
# no room is left out there, and nowhere else.  What the program says itself
# fits one wherever it goes.
set -eu
command -v python3 >/dev/null || { echo "no python3 here"; exit 77; }
# shellcheck source=tests/support/two_homes.sh
. "$TOP/tests/support/two_homes.sh"
two_homes

for name in data-annotators-berlin labelling-partners-nv; do
	"$HANDOFF" enroll --no-recovery --home $name -i vendor.key \
		--owner owner.card --fingerprint "$(print owner.card)" $name >/dev/null
	"$HANDOFF" card --home $name >$name.card
	owner vendor add $name $name.card --country DE \
		--fingerprint "$(print $name.card)" >/dev/null
	owner agreement add $name nda nda.txt --from 2020-01-01 \
		--until 2099-12-31 >/dev/null
done
cat >policy.yaml <<'P'
handoff: 1
project: radiology-triage
purpose: train
recipients: [data-annotators-berlin]
retention: 90d
agreements: [nda]
files: [{match: "**", type: text, text: keep}]
P
mkdir data
echo text >data/1.txt
batch=chest-xray-reports-2026-q4
owner export data --policy policy.yaml --vendor data-annotators-berlin >/dev/null
owner export data --policy policy.yaml --vendor data-annotators-berlin \
	--name $batch >/dev/null
owner batch approve $batch --yes >/dev/null
agent_start owner
"$HANDOFF" fetch "https://$at" --home data-annotators-berlin -i vendor.key \
	-o work >/dev/null

# fits HOME COMMAND...: on a terminal; what it showed is in ./shown
fits() {
	python3 "$TOP/tests/support/terminal.py" -- "$HANDOFF" "$@" >shown
	[ "$(awk 'length > 80' shown)" = '' ] || { echo "$*:"; cat shown; exit 1; }
}
fits batch list --home owner
grep -q "^$batch  *data-annotators-berlin  *approved  *1  *2" shown
fits vendor list --home owner
grep -q '^data-annotators-berlin  *Germany  *2' shown
fits agreement list --home owner
grep -q '^a-[a-z2-7]*  data-annotators-berlin  nda  *yes' shown
fits batch show $batch --home owner
fits status --home owner
grep -q "^  $batch to data-annotators-berlin\$" shown
fits audit list --home owner
grep -q '^ *2  .* vendor-added ' shown
fits inbox --agent "$at" --home data-annotators-berlin -i vendor.key
grep -q "^$batch  *approved .* here" shown

# Elsewhere all of it is on one line.
"$HANDOFF" agreement list --home owner | grep -q 'IN FORCE .* PAPER'
"$HANDOFF" batch list --home owner | grep -q 'SHARDS$'
n=$("$HANDOFF" status --home owner --json | jq .entries)
[ "$("$HANDOFF" audit list --home owner | wc -l)" = "$n" ]
agent_stop

# Messages: what a newcomer meets, from the first slip to the labels taken in.
# short STATUS COMMAND...
short() {
	want=$1 rc=0
	shift
	"$@" >shown 2>&1 </dev/null || rc=$?
	[ "$rc" = "$want" ] || { echo "$*: $rc, not $want"; cat shown; exit 1; }
	# a long path has a line but for "in"
	[ "$(awk 'length > 80 && NF > 2' shown)" = '' ] ||
		{ echo "$*:"; cat shown; exit 1; }
}
me() { "$HANDOFF" "$@" --home owner -i owner.key; }
you() { "$HANDOFF" "$@" --home vendor -i vendor.key; }
mkdir set set/notes
printf 'id,name,email,city\n1,Anna,a@mail.example,Ulm\n2,Bert,b@mail.example,Bonn\n' \
	>set/people.csv
echo 'Anna wrote' >set/notes/a.txt
printf '%%PDF-1.4\n' >set/b.pdf
short 2 "$HANDOFF" init --name us --home new
short 2 "$HANDOFF" enroll them --owner owner.card --home new
short 2 "$HANDOFF" init --home new
short 0 "$HANDOFF" init --name data-owners-berlin --no-recovery --home new -i owner.key
"$HANDOFF" card --home new >data-owners-berlin.card
short 0 "$HANDOFF" enroll labelling-partners-nv --no-recovery --home new-vendor \
	--owner data-owners-berlin.card -i vendor.key
short 2 "$HANDOFF" card acme.card
short 0 "$HANDOFF" card --show acme.card
short 2 me vendor add us acme.card --country NL --fingerprint lusab
short 4 me vendor add us acme.card --country NL --fingerprint "$(print owner.card)"
short 2 me agreement add acme zzz nda.txt --from 2026-01-01
short 6 me agreement add them dpa nda.txt --from 2026-01-01
short 0 me agreement add acme dpa nda.txt --from 2020-01-01
short 0 "$HANDOFF" policy init set -o p.yaml --vendor acme
sed -i 's/: refuse$/: drop/; s/email: .*/email: {mask: {keep_first: 1, keep_last: 2}}/' p.yaml
echo 'labels: {kind: class, classes: [a, b], golden: {metric: accuracy, pass: 0.8}}' >>p.yaml
short 0 "$HANDOFF" policy check p.yaml --data set
short 0 "$HANDOFF" policy explain p.yaml people.csv
sed '/^      city:/d' p.yaml >q.yaml
short 3 "$HANDOFF" policy check q.yaml --data set
short 3 "$HANDOFF" plan set --policy q.yaml --vendor acme
short 2 "$HANDOFF" plan set
short 0 "$HANDOFF" plan set --policy p.yaml --vendor acme
short 3 "$HANDOFF" plan set --policy p.yaml --vendor other
short 0 me export set --policy p.yaml --vendor acme --name first
short 2 me export set --policy p.yaml --vendor acme --name -x
short 2 me batch approve first
short 0 me batch approve first --yes
agent_start owner
short 0 you inbox --agent "$at"
short 0 you fetch "https://$at" -o work2
short 0 you fetch "https://$at" -o work2
jq -c '{item, class: "a", annotator: "w1", at: "2026-01-01T00:00:00Z"}' \
	work2/items.jsonl >l.jsonl
short 0 you return first l.jsonl --complete
agent_stop
short 0 me ingest --all -o accepted
short 0 me hold add acme --reason x
fits hold list --home owner
short 0 "$HANDOFF" status --home owner
short 0 "$HANDOFF" status --home vendor
short 0 me stop acme
short 2 me suppress add --subject x --reason objection
short 2 "$HANDOFF" keygen --json
short 2 "$HANDOFF" plam
"$HANDOFF" doctor --home owner >shown 2>&1 || :
[ "$(awk 'length > 80' shown)" = '' ] || { cat shown; exit 1; }
