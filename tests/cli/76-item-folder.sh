#!/bin/sh
# item: folder: the files of a folder arrive as one item, side by side and in
# one shard, and labels of it come back under the folder's name.
set -eu
# shellcheck source=tests/support/two_homes.sh
. "$TOP/tests/support/two_homes.sh"
for tool in convert exiftool; do
	command -v $tool >/dev/null || { echo "no $tool here"; exit 77; }
done
two_homes

cat >policy.yaml <<'P'
handoff: 1
project: triage
purpose: train
recipients: [acme]
retention: 90d
agreements: []
files:
  - match: index.csv
    type: csv
    columns: {case: drop, scan: {item_ref: {by: path}}, id: {item_ref: {by: identifier}}}
  - match: "cases/*/*.jpg"
    type: jpeg
    item: folder
    metadata: drop
    pixels: keep
  - match: "cases/*/*.json"
    type: json
    item: folder
    fields: {name: drop, age: keep}
  - match: "cases/*/*.csv"
    type: csv
    item: folder
    columns: {t: keep, bpm: keep}
  - match: "cases/*/*.txt"
    type: text
    item: folder
    text: keep
  - match: "single/*.csv"
    type: csv
    item: file
    columns: {t: keep, bpm: keep}
labels: {kind: boxes, classes: [square], golden: {metric: mean_iou, pass: 0.5}}
P
mkdir -p data/single
for c in 1 2 3; do
	mkdir -p "data/cases/$c"
	# the picture is shown turned, and stands last by its name
	convert -size 80x64 xc:black -fill red -draw 'rectangle 8,16 31,23' \
		-sampling-factor 1x1 -quality 98 "data/cases/$c/z.jpg"
	exiftool -q -overwrite_original -n -Orientation=6 "data/cases/$c/z.jpg"
	echo "{\"name\":\"Anna\",\"age\":$c}" >"data/cases/$c/a.json"
	printf 't,bpm\n1,60\n2,61\n' >"data/cases/$c/ecg.csv"
done
# more files than one message between processes has room for
for i in $(seq 100 230); do echo "slice $i" >"data/cases/2/$i.txt"; done
printf 't,bpm\n9,9\n' >data/single/one.csv
printf 'case,scan,id\n1,cases/1/z.jpg,115\n2,cases/2/z.jpg,116\n' >data/index.csv
plan() { owner plan data --policy policy.yaml --vendor acme "$@"; }

# 3 folders, 2 rows, one table.
[ "$(plan --json | jq -c '[.items, .files]')" = '[6,142]' ]
plan >plan.txt

# What cannot be one item, or labelled as one, stops the plan.
convert -size 8x8 xc:white data/cases/3/b.jpg
fails 3 'cases/3: 2 pictures in one item: a label would not say which' plan
rm data/cases/3/b.jpg
sed 's,"cases/[*]/[*].txt","**/*.txt",' policy.yaml >top.yaml
echo top >data/top.txt
fails 3 'top.txt: an item that is a folder, and it lies in none' \
	owner plan data --policy top.yaml --vendor acme
rm data/top.txt
slip() {
	sed "$1" policy.yaml >slip.yaml
	fails 6 "$2" "$HANDOFF" policy check slip.yaml
}
slip '13s/folder/series/' 'slip.yaml:13:11: a jpeg file is of no series'
slip '13s/folder/study/' 'a jpeg file is of no study'
slip '13s/folder/row/' 'a jpeg file has no rows'
slip '13s/folder/case/' 'unknown "case"'
slip '23s/$/\n    item_id: t/' 'item_id names rows, and the items are files or folders'
sed 's/^files:/subject: {file: "cases\/*\/*.csv", column: t}\nfiles:/' policy.yaml >slip.yaml
fails 3 'its rows are about persons' owner plan data --policy slip.yaml --vendor acme

# An answer about an item that is known under its folder's name.
box='{"class":"square","x":8,"y":16,"w":24,"h":8}'
echo "{\"item\":\"cases/1/z.jpg\",\"boxes\":[$box]}" >bad.jsonl
fails 6 'no such item leaves' owner export data --policy policy.yaml \
	--vendor acme --golden bad.jsonl
echo "{\"item\":\"cases/2\",\"boxes\":[$box]}" >golden.jsonl
owner export data --policy policy.yaml --vendor acme --name first \
	--golden golden.jsonl --json >made.json
[ "$(jq .items made.json)" = 6 ]
owner batch approve first --yes >/dev/null
agent_start owner
# shellcheck disable=SC2154 # agent_start sets it
vendor inbox --agent "$at" >/dev/null
vendor fetch "https://$at" -o got >/dev/null

# Side by side, numbered from the picture on, nothing of their names left.
rows=$(grep -l '^_item,' got/*.csv)
dir=$(dirname "$rows")
sed 1d "$rows" >rows.txt
while IFS=, read -r _ scan id; do
	[ -f "$dir/$scan" ] && [ -f "$dir/$id.0001.jpg" ]
done <rows.txt
# 115.txt lies in the second folder, whose picture is named in the second row
[ "$(cut -d, -f3 "$rows" | sed 1d | sort -u | wc -l)" = 1 ]
grep -q "$(cut -d, -f3 "$rows" | sed -n 2p)\.0001\.jpg" "$rows"
big=$(basename "$(find got -name '*.0134.*')" | cut -d. -f1)
[ "$(find got -name "$big.*" | wc -l)" = 134 ]
[ "$(find got -name "$big.*" | sort | sed -n '2,3p;133,134p' | sed 's/.*[.]\(0[0-9]*[.].*\)/\1/' | tr '\n' ' ')" = \
	'0002.txt 0003.txt 0133.json 0134.csv ' ]
[ "$(cat "$dir/$big.0002.txt")" = 'slice 100' ]
[ "$(cat "$dir/$big.0133.json")" = '{"age":2}' ]
[ "$(cat "$dir/$big.0134.csv")" = "$(cat data/cases/2/ecg.csv)" ]
if grep -rq 'Anna' got; then exit 1; fi
# a table that is one item has no ids in it
grep -rlx '9,9' "$dir"/*.csv | xargs head -1 | grep -qx t,bpm


# Labels refer to the item, and come back under the folder, in its picture's own
# pixels.
for id in $(find got -name '*.0001.jpg' | sed 's,.*/,,; s/[.].*//'); do
	echo "{\"item\":\"$id\",\"annotator\":\"a\",\"at\":\"2026-11-01T10:00:00Z\",\"boxes\":[{\"class\":\"square\",\"x\":40,\"y\":8,\"w\":8,\"h\":24}]}"
done >labels.jsonl
vendor return first labels.jsonl >/dev/null
owner ingest --all -o accepted >ingest.txt
labels=$(find accepted -name labels.original.jsonl)
jq -r .item "$labels" | sort | tr '\n' ' ' | grep -qx 'cases/1 cases/2 cases/3 '
[ "$(jq -c '.boxes[0] | [.x, .y, .w, .h]' "$labels" | sort -u)" = '[8,16,24,8]' ]
