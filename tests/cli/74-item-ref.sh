#!/bin/sh
# item_ref: values that name other files become those files' delivered names, so
# that what arrives joins as what left did; a dangling one stops the plan.
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
agreements: []
offline: allow
files:
  - match: visits.csv
    type: csv
    columns:
      n: keep
      photo: {item_ref: {by: path}}
      note: {item_ref: {by: basename}}
      case: {item_ref: {by: identifier}}
      who: token
  - match: "*.jsonl"
    type: jsonl
    fields: {"images[*].file": {item_ref: {by: path}}, "**": keep}
  - match: scene.json
    type: json
    fields: {$..photo: {item_ref: {by: basename}}, "**": keep}
  - match: "private/**"
    exclude: "not released"
  - match: "notes/**"
    type: text
    text: keep
  - match: "photos/**"
    type: text
    text: keep
P
mkdir -p data/photos/a data/photos/b data/notes data/private
for i in 1 2 3; do echo "photo $i" >data/photos/a/p$i.txt; done
echo "photo 3b" >data/photos/b/p3.txt
for i in 1 2; do echo "note $i" >data/notes/n$i.txt; done
echo secret >data/private/s.txt
cat >visits.good <<'C'
n,photo,note,case,who
1,photos/a/p1.txt,n1.txt,p1,x
2,photos/b/p3.txt,n2.txt,n2,y
3,./photos/a/p2.txt,"",p2,z
4,"","",scene,z
C
cp visits.good data/visits.csv
echo '{"k":1,"images":[{"file":"photos/a/p1.txt"},{"file":"photos/b/p3.txt"},{"file":null}]}' \
	>data/rows.jsonl
echo '{"photo":"p2.txt","in":[{"photo": "p1.txt"}]}' >data/scene.json

plan() { "$HANDOFF" plan data --policy policy.yaml --vendor acme --home owner; }
# fails TEXT: the plan is refused, and says that and no value
fails() {
	rc=0
	plan >out.txt 2>err.txt || rc=$?
	[ "$rc" = 3 ] || { echo "plan: $rc"; cat err.txt; exit 1; }
	grep -qF -e "$1" err.txt || { cat err.txt; exit 1; }
	! grep -q 'zzz' err.txt out.txt || { echo 'a value is told'; exit 1; }
}
plan >/dev/null

# Dangling: nowhere, excluded, a table, in two folders.  Record and column are
# told, and what to do.
sed '3s/n2.txt/zzz.txt/' visits.good >data/visits.csv
fails 'visits.csv: record 2: column "note" (policy.yaml:14): names no file that leaves as an item'
sed '2s,photos/a/p1.txt,private/s.txt,' visits.good >data/visits.csv
fails 'visits.csv: record 1: column "photo" (policy.yaml:13): names no file that leaves'
grep -q 'hint: .*excluded' err.txt
sed '4s,./photos/a/p2.txt,rows.jsonl,' visits.good >data/visits.csv
fails 'visits.csv: record 3: column "photo"'
sed '5s/scene/p3/' visits.good >data/visits.csv
fails 'visits.csv: record 4: column "case" (policy.yaml:15): names more than one file that leaves'
grep -q 'hint: {item_ref: {by: path}}' err.txt
cp visits.good data/visits.csv
echo '{"k":2,"images":[{"file":"zzz"}]}' >>data/rows.jsonl
fails 'rows.jsonl: record 2: path "images[*].file" (policy.yaml:'
sed -i 2d data/rows.jsonl
sed -i 's/p1.txt/zzz/' data/scene.json
fails 'scene.json: path "in[*].photo" (policy.yaml:'
sed -i 's/zzz/p1.txt/' data/scene.json
# A file that is gone leaves its references behind.
mv data/notes/n2.txt n2.txt
fails 'visits.csv: record 2: column "note"'
mv n2.txt data/notes/

# send NAME: a batch of that name, as it arrives, in got-NAME
send() {
	owner export data --policy policy.yaml --vendor acme --name "$1" >/dev/null
	owner batch approve "$1" --yes >/dev/null
	owner export --to "given-$1" --name "$1" >/dev/null
	"$HANDOFF" fetch "given-$1" -o "got-$1" --home vendor -i vendor.key >/dev/null
}
# What arrives joins.
send first
mv got-first got
table=$(ls got/*.csv) scene=$(grep -l '"in"' got/*.json)
rows=$(grep -l '"images"' got/*.jsonl)
[ "$(head -1 "$table")" = _item,n,photo,note,case,who ]
# field N: of the row whose n is $1, field $2
field() { awk -F, -v n="$1" -v f="$2" '$2 == n { print $f }' "$table"; }
[ "$(cat "got/$(field 1 3)")" = 'photo 1' ]
[ "$(cat "got/$(field 2 3)")" = 'photo 3b' ]
[ "$(cat "got/$(field 3 3)")" = 'photo 2' ]
[ "$(cat "got/$(field 2 4)")" = 'note 2' ]
[ "$(cat "got/$(field 1 5).txt")" = 'photo 1' ]
[ "$(cat "got/$(field 2 5).txt")" = 'note 2' ]
[ "got/$(field 4 5).json" = "$scene" ]
[ "$(grep -c '""' "$table")" = 2 ] # empty stays empty
[ "$(cat "got/$(jq -r '.images[1].file' "$rows")")" = 'photo 3b' ]
[ "$(jq -c '.images[2].file' "$rows")" = null ]
[ "$(cat "got/$(jq -r '.in[0].photo' "$scene")")" = 'photo 1' ]
! grep -rqE 'photos/|p[123].txt|n[12].txt' got || { echo 'a name left'; exit 1; }

# Another batch has other names.
send second
[ ! -e "got-second/$(field 1 3)" ] || { echo 'one name in two batches'; exit 1; }

# By itself a file has no dataset: the name is made up.
(cd data && "$HANDOFF" sanitise scene.json -o ../alone.json --policy ../policy.yaml >/dev/null)
jq -r .photo alone.json | grep -Eqx '[a-z2-7]{26}'
