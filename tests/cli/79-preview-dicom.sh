#!/bin/sh
# preview --sheet of DICOM files: attributes before and after as the plan has
# them, what stays in one line, and nothing said to go that stays; plan --html:
# what of them leaves, for instance.
set -eu

command -v dump2dcm >/dev/null || { echo "no dump2dcm here (dcmtk)"; exit 77; }
mkdir data
# scan NAME NUMBER
scan() {
	cat >dump <<D
(0008,0016) UI [1.2.840.10008.5.1.4.1.1.7]
(0008,0018) UI [1.2.3.$2]
(0008,0020) DA [20260131]
(0008,0060) CS [OT]
(0008,1030) LO [see jane$2@example.org]
(0010,0010) PN [Doe^Jane]
(0010,0020) LO [P$2]
(0010,0040) CS [F]
(0010,1002) SQ
(fffe,e000) na
(0010,0020) LO [Q$2]
(fffe,e00d) na
(fffe,e0dd) na
(0010,1040) LO [1 Main Street]
(0020,000d) UI [1.2.3]
(0020,000e) UI [1.2.3.4]
(0028,0002) US 1
(0028,0004) CS [MONOCHROME2]
(0028,0010) US 1
(0028,0011) US 2
(0028,0100) US 8
(0028,0101) US 8
(0028,0102) US 7
(0028,0103) US 0
(7fe0,0010) OB 4A\\4B
D
	dump2dcm +te dump "$1"
}
scan data/a.dcm 1
scan data/b.dcm 2
cat >policy.yaml <<'P'
handoff: 1
project: triage
purpose: train
recipients: [acme]
retention: 90d
agreements: []
files:
  - match: "*.dcm"
    type: dicom
    profile: basic
    tags: {PatientID: token, PatientSex: keep, StudyDescription: keep, StudyDate: {generalise: {date: year}}}
    pixels: keep
    burned_in: accept
P
page=page/sheet.html
"$HANDOFF" preview data --policy policy.yaml --sheet page >out
grep -q '2 of 2 items' out
# The finds in what is kept are found, with their place.
grep -q '2 with finds that remain' out || { cat out; exit 1; }
grep -q '<mark>jane1@example.org <small>EMAIL_ADDRESS' $page
# Before, after, and by what.
row() { tr '\n' ' ' <$page | sed 's#</tr>#\n#g' | grep "<tr><td>$1<br>" | head -1; }
row PatientID | grep -q 'token.*<del>P1</del>.*<ins>[a-z2-7]\{16,26\}</ins>' ||
	row PatientID | grep -q 'token.*<del>P2</del>.*<ins>[a-z2-7]\{16,26\}</ins>'
row PatientName | grep -q 'constant.*<del>Doe^Jane</del>.*<td class="small">empty</td>'
row StudyDate | grep -q '<del>20260131</del>.*<ins>2026'
row SOPInstanceUID | grep -q '<del>1.2.3.[12]</del>.*<ins>2.25.'
row PatientAddress | grep -q 'drop.*<del>1 Main Street</del>.*<td class="small">goes</td>'
row OtherPatientIDsSequence | grep -q 'drop.*in a sequence: not shown.*<td class="small">goes</td>'
grep -q '; 1 find remains, 6 changes, 2 attributes go' $page
# Kept ones are in one line, no table says that they go, and no bytes are text.
for name in PatientSex Modality Rows PixelData; do
	grep -q "Kept as they are: .*$name" $page
	[ -z "$(row $name)" ] || { row $name; exit 1; }
	if grep -q "<del>$name" $page; then exit 1; fi
done
if grep -q 'Goes:\|kinds of metadata\|DICM' $page; then exit 1; fi
if LC_ALL=C grep -q "$(printf '\357\277\275')" $page; then exit 1; fi
grep -q 'No thumbnail is made of DICOM files' $page

# Up to three masked examples of each, out of several files, and no original.
scan data/c.dcm 3
scan data/d.dcm 4
"$HANDOFF" plan data --policy policy.yaml --vendor acme --html page >out 2>/dev/null
grep -q '^    pixels  *keep' out
page=page/plan.html
line() { tr '\n' ' ' <$page | sed 's#</tr>#\n#g' | grep "<tr><td>$1</td>"; }
[ "$(line PatientID | grep -oE '<code>[a-z2-7]{26}</code>' | sort -u | wc -l)" = 3 ]
[ "$(line StudyDate | grep -o '<code>20260101</code>' | wc -l)" = 1 ]
[ "$(line StudyDescription | grep -o '<code>see jane[1-4]@' | wc -l)" = 3 ]
line PatientAddress | grep -q 'nothing is sent'
line PixelData | grep -q 'no text to show'
line 'the picture itself' | grep -q 'pixels: keep'
if grep -q 'Doe^\|>P[1-4]<\|Main Street\|20260131' $page; then exit 1; fi
