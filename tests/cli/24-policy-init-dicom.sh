# policy init over DICOM files: known by their bytes, a whole rule for them; what
# decides each attribute is explained, and the policy's mistakes are told.
set -eu

command -v dump2dcm >/dev/null || { echo "no dump2dcm here (dcmtk)"; exit 77; }
fail() {
	echo "$*"
	exit 1
}
# fails STATUS TEXT COMMAND...: it ends with that status and says that text
fails() {
	want=$1 text=$2
	shift 2
	rc=0
	"$@" >out 2>err || rc=$?
	[ "$rc" = "$want" ] || { echo "$*: $rc, not $want"; cat out err; exit 1; }
	cat out err | grep -qF -e "$text" || { echo "$*:"; cat out err; exit 1; }
}
# scan NAME NUMBER PATIENT BURNED_IN
scan() {
	cat >dump <<E
(0008,0016) UI [1.2.840.10008.5.1.4.1.1.7]
(0008,0018) UI [1.2.3.$2]
(0008,0020) DA [20260131]
(0008,0060) CS [OT]
(0009,0010) LO [MAKER]
(0009,1001) LO [Doe^Jane]
(0010,0010) PN [Doe^Jane]
(0010,0020) LO [$3]
(0010,0040) CS [F]
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
(0028,0301) CS [$4]
(7fe0,0010) OW 0100
E
	dump2dcm -q dump "$1"
}
mkdir -p data/scans/1 data/scans/2
scan data/scans/1/a.dcm 1 P1 NO
scan data/scans/2/b.dcm 2 P2 NO
scan data/scans/2/c.dcm 3 P2 NO
printf 'patient_id,ward\nP1,a\nP2,b\n' >data/people.csv

"$HANDOFF" policy init data -o policy.yaml --vendor acme 2>err
for line in '  - {file: "scans/\*\*/\*.dcm", field: "PatientID"}' \
	'  # 3 files' '    type: dicom' '    item: file' '    profile: basic' \
	'      PatientID: {token: {domain: "patient_id"}}' \
	'    pixels: keep' '    burned_in: refuse'; do
	grep -q -e "^$line\$" policy.yaml || { cat policy.yaml; fail "not proposed: $line"; }
done
sed -i 's/^      ward: .*/      ward: drop/' policy.yaml
"$HANDOFF" policy check policy.yaml --data data --strict >out 2>err || { cat out err; exit 1; }

# What is written in a picture stops it, by its own word.
scan data/scans/2/d.dcm 4 P2 YES
fails 3 'there may be text in the picture' "$HANDOFF" policy check policy.yaml --data data
sed 's/burned_in: refuse/burned_in: accept/' policy.yaml >accept.yaml
"$HANDOFF" policy check accept.yaml --data data >out
rm data/scans/2/d.dcm

# Health keeps what is told of patients; HIPAA has numbers that nothing is
# derived from.
"$HANDOFF" policy init data --profile gdpr-health -q >health.yaml
grep -q '^    options: \[retain_patient_characteristics\]$' health.yaml
"$HANDOFF" policy explain health.yaml scans/1/a.dcm PatientSex >out
grep -q '^attribute "PatientSex": keep' out || { cat out; exit 1; }
"$HANDOFF" policy init data --profile hipaa-safe-harbor -q >hipaa.yaml
grep -q '^      PatientID: random$' hipaa.yaml

# Which line, option or row of the standard decides an attribute of the file.
"$HANDOFF" policy explain policy.yaml scans/1/a.dcm --data data >out
[ "$(grep -c '^attribute' out)" = 21 ] || { cat out; exit 1; }
grep -q '^attribute "(0009,1001)": drop' out
grep -q '^attribute "PatientName": {constant: ""}' out
for row in 'PatientName|Table E.1-1: Z' '(0010,0010)|Table E.1-1: Z' \
	'(0009,1001)|a private attribute' 'PixelData|not in Table E.1-1, and pictures need it'; do
	"$HANDOFF" policy explain policy.yaml scans/1/a.dcm "${row%|*}" >out
	grep -qF "profile: basic  ${row#*|}" out || { cat out; exit 1; }
done
fails 6 '"PatientsName": no attribute' "$HANDOFF" policy explain policy.yaml scans/1/a.dcm PatientsName
grep -q 'hint: did you mean PatientName?' err || { cat err; exit 1; }
fails 6 "is a keyword of PS3.6" "$HANDOFF" policy explain policy.yaml scans/1/a.dcm nothing.like.it

# Warnings, and a line that decides nothing.
sed 's/^      PatientID: .*/&\n      PatientName: keep\n      StudyID: drop/' policy.yaml >weak.yaml
"$HANDOFF" policy check weak.yaml --data data >out 2>&1
grep -q 'keep: "PatientName" is called after' out || { cat out; exit 1; }
grep -q 'attribute "StudyID" is in none of its files' out || { cat out; exit 1; }
sed 's/^      PatientID: .*/      StudyID: token/' policy.yaml >long.yaml
fails 6 'StudyID (SH) has room for 16' "$HANDOFF" policy check long.yaml
