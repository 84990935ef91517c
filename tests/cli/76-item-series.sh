#!/bin/sh
# item: series, item: study: DICOM files of one UID are one item, wherever they
# lie and whatever they are called, in the order of their instance numbers; and
# labels of it come back under the UID.
set -eu
# shellcheck source=tests/support/two_homes.sh
. "$TOP/tests/support/two_homes.sh"
for tool in dump2dcm dcmdump; do
	command -v $tool >/dev/null || { echo "no $tool here"; exit 77; }
done
two_homes

root=1.2.826.0.1.3680043.8.498
# slice FILE PATIENT STUDY SERIES INSTANCE
slice() {
	mkdir -p "$(dirname "$1")"
	cat >dump <<D
(0008,0016) UI =CTImageStorage
(0008,0018) UI [$root.$4.$5]
(0008,0060) CS [CT]
(0008,1140) SQ
(fffe,e000) na
(0008,1150) UI =CTImageStorage
(0008,1155) UI [$root.$4.1]
(fffe,e00d) na
(fffe,e0dd) na
(0010,0010) PN [Doe^$2]
(0010,0020) LO [$2]
(0020,000d) UI [$root.$3]
(0020,000e) UI [$root.$4]
(0020,0013) IS [$5]
(0028,0002) US 1
(0028,0004) CS [MONOCHROME2]
(0028,0010) US 2
(0028,0011) US 2
(0028,0100) US 16
(0028,0101) US 16
(0028,0102) US 15
(0028,0103) US 0
(7fe0,0010) OW 000$5\\0002\\0003\\0004
D
	dump2dcm +te -q dump "$1"
}
# Two series of one study and one of another; names and folders say nothing, but
# one's folder is called like its series.
slice data/a/z.dcm Jane 10 11 1
slice data/a/m.dcm Jane 10 11 2
slice data/b/a.dcm Jane 10 11 10
slice data/b/c.dcm Jane 10 12 1
slice data/b/b.dcm Jane 10 12 2
slice "data/$root.21/1.dcm" John 20 21 1
# more files than one message between processes has room for
for i in $(seq 100 190); do
	sed "s/^(0008,0018).*/(0008,0018) UI [$root.21.$i]/; s/^(0020,0013).*/(0020,0013) IS [$i]/" dump >another
	dump2dcm +te -q another "data/$root.21/$((1000 - i)).dcm"
done
cat >policy.yaml <<'P'
handoff: 1
project: scans
purpose: train
recipients: [acme]
retention: 90d
agreements: []
subject: {file: "**/*.dcm", field: PatientID}
files:
  - match: "**/*.dcm"
    type: dicom
    item: series
    profile: basic
    pixels: keep
labels: {kind: class, classes: [normal, fracture]}
P
plan() { owner plan data --policy policy.yaml --vendor acme "$@"; }
[ "$(plan --json | jq -c '[.items, .files]')" = '[3,97]' ]
sed 's/item: series/item: study/' policy.yaml >study.yaml
[ "$(owner plan data --policy study.yaml --vendor acme --json | jq -c '[.items, .files]')" = '[2,97]' ]

# What has no series, what would be known as another item is, and a series of two
# persons stop the plan.
sed '/0020,000e/d' dump >none
dump2dcm +te -q none data/b/none.dcm
fails 6 'b/none.dcm' plan
grep -q 'SeriesInstanceUID' err.txt
rm data/b/none.dcm
slice "data/$root.12" Jane 10 11 4
sed 's/"[*][*].[*].dcm"/"**"/' policy.yaml >all.yaml
fails 6 "$root.12: two items would be known by it" \
	owner plan data --policy all.yaml --vendor acme
rm "data/$root.12"
slice data/a/n.dcm Jack 10 11 3
fails 3 "$root.11: its files are about two persons, and it is one item" plan
rm data/a/n.dcm
sed 's/kind: class, classes: .*/kind: boxes, classes: [square]}/' policy.yaml >boxes.yaml
fails 3 'pictures in one item: a label would not say which' \
	owner plan data --policy boxes.yaml --vendor acme

# One that was asked for by its UID.
echo "$root.12" >list
[ "$(plan --items list --json | jq -c '[.items, .files]')" = '[1,2]' ]
echo "$root.13" >list
fails 6 'list:1: no such item leaves' plan --items list

# Who objected stays behind with all series.
echo Jane | owner suppress add --reason objection --subject - --json >/dev/null
[ "$(plan --json | jq -c '[.items, .left_behind.suppressed]')" = '[1,2]' ]
echo Jane | owner suppress remove --subject - >/dev/null

owner export data --policy policy.yaml --vendor acme --name first --json >made.json
[ "$(jq .items made.json)" = 3 ]
owner batch approve first --yes >/dev/null
agent_start owner
# shellcheck disable=SC2154 # agent_start sets it
vendor inbox --agent "$at" >/dev/null
vendor fetch "https://$at" -o got >/dev/null

# Side by side, by their numbers; of one item one series, another than it was.
[ "$(find got -name '*.dcm' | wc -l)" = 97 ]
[ "$(find got -name '*.0001.dcm' | wc -l)" = 3 ]
# tags NAME FILE...: the first of that name of each file
tags() {
	name=$1
	shift
	dcmdump -q -s +P "$name" "$@" | sed -n 's/.*[[]\(.*\)[]].*/\1/p'
}
tag() { tags "$@" | head -1; }
for first in got/*.0001.dcm; do
	item=${first%.0001.dcm}
	set -- "$item".*.dcm
	tags InstanceNumber "$@" >numbers
	[ "$(wc -l <numbers)" = $# ]
	sort -ncu numbers
	tags SeriesInstanceUID "$@" >series
	[ "$(wc -l <series) $(sort -u series | wc -l)" = "$# 1" ]
	for file; do :; done # the last
	# what refers to the first of its series does so still
	[ "$(tag ReferencedSOPInstanceUID "$file")" = "$(tag SOPInstanceUID "$first")" ]
done
! grep -raqe Doe -e Jane -e John -e 3680043 got || { echo "something of it left"; exit 1; }

# What a vendor calls it leads the owner back.
owner reveal "$(tag SeriesInstanceUID "$first")" data --policy policy.yaml --vendor acme --json -o found.json
[ "$(jq -r '.found[] | select(.value | test("498.[12][12]$")) | .field + .how' found.json)" = SeriesInstanceUIDuid ]

# Labels are of the item, and come back under its UID.
for id in $(find got -name '*.0001.dcm' | sed 's,.*/,,; s/[.].*//'); do
	echo "{\"item\":\"$id\",\"annotator\":\"a\",\"at\":\"2026-11-01T10:00:00Z\",\"class\":\"normal\"}"
done >labels.jsonl
vendor return first labels.jsonl >/dev/null
owner ingest --all -o accepted >ingest.txt
labels=$(find accepted -name labels.original.jsonl)
[ "$(jq -r .item "$labels" | sort | tr '\n' ' ')" = "$root.11 $root.12 $root.21 " ]
# A series that grew is the one that was sent; another is new.
slice data/c/n.dcm Jane 10 12 3
[ "$(plan --new --json | jq -c '[.items, .left_behind.sent]')" = '[0,3]' ]
slice data/c/new.dcm Joan 30 31 1
[ "$(plan --new --json | jq -c '[.items, .left_behind.sent]')" = '[1,3]' ]
