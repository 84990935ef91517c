#!/bin/sh
# Sanitised DICOM files, judged by dcmtk and dicom3tools: they are DICOM files,
# none of the values that identify is left anywhere in their bytes, pixels are
# as they were, and broken files are refused.
set -eu
for tool in dump2dcm dcmdump dcmftest dcmconv dcmcjpeg dcmdjpeg dcmcrle dcmdrle; do
	command -v $tool >/dev/null || { echo "no $tool here"; exit 77; }
done

# Whatever a test picture is called.
cat >policy.yaml <<'END'
handoff: 1
project: scans
purpose: test
recipients: [acme]
retention: 1d
agreements: []
files:
  - {match: "**", type: dicom, profile: basic, pixels: keep, burned_in: accept}
END
clean() {
	"$HANDOFF" sanitise --policy policy.yaml --as a.dcm "$1" -o "$2"
}
# refused FILE TEXT: exit 6 and one line that says it, beside a hint
refused() {
	rc=0
	clean "$1" refused.dcm >/dev/null 2>err || rc=$?
	[ $rc -eq 6 ] || { echo "$1: exit $rc"; cat err; exit 1; }
	[ ! -e refused.dcm ]
	[ "$(grep -cv '^handoff: hint: ' err)" = 1 ]
	grep -qF -e "$2" err || { echo "$1: does not say $2"; cat err; exit 1; }
}
# hinted: what the hint says is done, and its result leaves
hinted() {
	rm -f OUT.dcm
	sed -n 's/^handoff: hint: \(dcmconv [^,]*\).*/\1/p' err >hinted.sh
	sh ./hinted.sh
	clean OUT.dcm hinted.dcm >/dev/null
}
tag() { dcmdump -q +P "$1" "$2" | sed -n 's/^[^[]*[[]\(.*\)[]].*/\1/p'; }
# pixels FILE: their digest; of compressed ones as they are.  An icon, which goes,
# is not counted.
pixels() {
	rm -rf raw && mkdir raw
	dcmdump -q +W raw "$1" >/dev/null
	if dcmdump -q "$1" | grep -q '^    *(7fe0,0010)'; then
		rm raw/*.0.raw
	fi
	find raw -type f | sort -V | xargs cat | sha256sum
}
# decoded FILE: the digest of what a decoder makes of its frames
decoded() {
	rm -f decoded.dcm
	syntax=$(dcmdump -q +P TransferSyntaxUID "$1")
	case $syntax in
	*JPEGLS*) dcmdjpls "$1" decoded.dcm && pixels decoded.dcm ;;
	*JPEG2000*)
		pixels "$1" >/dev/null
		find raw -name '*[1-9].raw' | sort -V | xargs cat >frame.j2k
		identify -quiet -format '%#\n' frame.j2k ;;
	*) dcmdjpeg "$1" decoded.dcm 2>/dev/null && pixels decoded.dcm ;;
	esac
}

# Everything here that begins with Canary or 3680043, and the days of 1951, may
# not leave.
root=1.2.826.0.1.3680043.8.498
cat >image.dump <<END
(0008,0005) CS [ISO_IR 192]
(0008,0008) CS [ORIGINAL\\PRIMARY\\AXIAL]
(0008,0012) DA [19510203]
(0008,0016) UI =CTImageStorage
(0008,0018) UI [$root.3]
(0008,0020) DA [19510203]
(0008,0021) DA [19510203]
(0008,002a) DT [19510203040506]
(0008,0030) TM [040506]
(0008,0050) SH [Canary-2]
(0008,0060) CS [CT]
(0008,0070) LO [A maker]
(0008,0080) LO [Canary Hospital]
(0008,0081) ST [Canary Street 5]
(0008,0090) PN [Canary^Doctor]
(0008,1010) SH [CanaryStation]
(0008,1030) LO [Canary study]
(0008,103e) LO [Canary series]
(0008,1070) PN [Canary^Operator]
(0008,1140) SQ
(fffe,e000) na
(0008,1150) UI =CTImageStorage
(0008,1155) UI [$root.3]
(0010,0010) PN [Canary^Nested]
(0040,a170) SQ
(fffe,e000) na
(0008,0100) SH [121320]
(0008,0102) SH [DCM]
(0008,0104) LO [Uncompressed predecessor]
(fffe,e00d) na
(fffe,e0dd) na
(fffe,e00d) na
(fffe,e0dd) na
(0009,0010) LO [CANARY MAKER]
(0009,1001) LO [Canary private]
(0009,1002) SQ
(fffe,e000) na
(0010,0020) LO [Canary-private]
(fffe,e00d) na
(fffe,e0dd) na
(0010,0010) PN [Canary^Jane]
(0010,0020) LO [Canary-1]
(0010,0030) DA [19510203]
(0010,0040) CS [F]
(0010,1010) AS [068Y]
(0010,4000) LT [Canary comments]
(0018,0050) DS [5]
(0018,1000) LO [Canary-serial]
(0020,000d) UI [$root.1]
(0020,000e) UI [$root.2]
(0020,0010) SH [Canary-id]
(0020,0011) IS [1]
(0020,0013) IS [7]
(0020,0032) DS [-1\\-2\\3.5]
(0020,0037) DS [1\\0\\0\\0\\1\\0]
(0020,0052) UI [$root.4]
(0020,4000) LT [Canary image comments]
(0028,0002) US 1
(0028,0004) CS [MONOCHROME2]
(0028,0010) US 16
(0028,0011) US 16
(0028,0030) DS [0.5\\0.5]
(0028,0100) US 8
(0028,0101) US 8
(0028,0102) US 7
(0028,0103) US 0
(0028,0301) CS [NO]
(0028,1052) DS [-1024]
(0028,1053) DS [1]
(0032,1060) LO [Canary procedure]
(0040,0275) SQ
(fffe,e000) na
(0040,0007) LO [Canary step]
(fffe,e00d) na
(fffe,e0dd) na
(6000,0010) US 16
(6000,0011) US 16
(6000,0022) LO [Canary overlay]
(6000,0040) CS [G]
(6000,0050) SS 1\\1
(6000,0100) US 1
(6000,0102) US 0
(6000,3000) OW 6143\\616e\\7972\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0
(7fe0,0010) OB $(awk 'BEGIN { for (i = 0; i < 256; i++)
	printf "%s%02x", i ? "\\" : "", (i * 7 + i / 16) % 256 }')
END
dump2dcm -q +te image.dump explicit.dcm
dump2dcm -q +ti image.dump implicit.dcm
dump2dcm -q +te -e image.dump undefined.dcm
dcmcrle explicit.dcm rle.dcm
dcmcjpeg explicit.dcm lossless.dcm
dcmcjpeg +eb +un explicit.dcm baseline.dcm
# an encoder's word in the frame, which has a place for as many bytes
LC_ALL=C sed 's/JFIF\x00/Canar/' baseline.dcm >commented.dcm
cmp -s baseline.dcm commented.dcm && { echo "no JFIF in the frame"; exit 1; }

for f in explicit implicit undefined rle lossless baseline commented; do
	clean $f.dcm $f.clean.dcm >$f.json
	dcmftest $f.clean.dcm | grep -q '^yes'
	dcmdump -q $f.clean.dcm >$f.txt 2>err
	[ ! -s err ] || { cat err; exit 1; }
	if LC_ALL=C grep -aqi -e canar -e 3680043 -e 195102 $f.clean.dcm; then
		echo "$f: something of it left:"
		LC_ALL=C grep -aoi -e 'canar.*' -e '.*3680043' -e 195102 $f.clean.dcm
		exit 1
	fi
	grep -q '^(0012,0062) CS \[YES\]' $f.txt
	grep -q '^(0028,0303) CS \[REMOVED\]' $f.txt
	grep -q '(0008,0100) SH \[113100\]' $f.txt
	grep -q '(0008,0104) LO \[Uncompressed predecessor\]' $f.txt
	if grep -E '^ *\(([0-9a-f]{3}[13579bdf]|60)' $f.txt; then exit 1; fi
	# one instance is one instance, wherever it is named
	uid=$(tag SOPInstanceUID $f.clean.dcm)
	case $uid in 2.25.*) ;; *) echo "$f: $uid"; exit 1 ;; esac
	[ "$(tag MediaStorageSOPInstanceUID $f.clean.dcm)" = "$uid" ]
	[ "$(tag ReferencedSOPInstanceUID $f.clean.dcm)" = "$uid" ]
	[ "$(tag TransferSyntaxUID $f.dcm)" = "$(tag TransferSyntaxUID $f.clean.dcm)" ]
	[ $f = commented ] || [ "$(pixels $f.dcm)" = "$(pixels $f.clean.dcm)" ]
	[ "$(jq .view.width $f.json)" = 16 ]
done
dcmdrle rle.clean.dcm a.dcm
dcmdjpeg lossless.clean.dcm b.dcm
for f in a b; do
	[ "$(pixels $f.dcm)" = "$(pixels explicit.dcm)" ]
done
# what a decoder makes of the frame without the word is what it was with it
[ "$(decoded baseline.dcm)" = "$(decoded commented.clean.dcm)" ]
# an attribute of the pixels says what is lost nowhere
[ "$(tag PixelSpacing explicit.clean.dcm)" = '0.5\0.5' ]

# Another program's reading of the standard finds no more wrong than before.
if command -v dciodvfy >/dev/null; then
	for f in explicit explicit.clean; do
		dciodvfy $f.dcm 2>&1 | grep '^Error' |
		    sed 's/ = .*//' | sort -u >$f.errors || :
	done
	comm -13 explicit.errors explicit.clean.errors >more.txt
	[ ! -s more.txt ] || { cat more.txt; exit 1; }
fi

# What is refused, what is said, and that it helps.
dcmconv +td explicit.dcm deflated.dcm
refused deflated.dcm 'deflated'
hinted
dcmconv +tb explicit.dcm big.dcm
refused big.dcm 'big endian'
hinted
[ "$(pixels OUT.dcm)" = "$(pixels explicit.dcm)" ]
dcmconv -F explicit.dcm bare.dcm
refused bare.dcm 'no "DICM" at byte 128'
hinted
size=$(wc -c <explicit.dcm)
for cut in 3 100 400 $((size - 140)); do
	head -c $((size - cut)) explicit.dcm >short.dcm
	refused short.dcm 'cut short'
done
{ cat explicit.dcm; printf 'more'; } >long.dcm
refused long.dcm 'cut short'
: >empty.dcm
refused empty.dcm 'an empty file'
printf 'DICM' >word.dcm
refused word.dcm 'no "DICM"'
LC_ALL=C sed 's/PN/PX/' explicit.dcm >vr.dcm
refused vr.dcm 'a VR that there is not'

# What may have text in it needs somebody's word; without a policy, too.
sed 's/^(0028,0301) CS .*/(0028,0301) CS [YES]/' image.dump >burned.dump
dump2dcm -q +te burned.dump burned.dcm
for with in '' '--policy strict.yaml'; do
	sed 's/accept/refuse/' policy.yaml >strict.yaml
	rc=0
	# shellcheck disable=SC2086 # two words or none
	"$HANDOFF" sanitise $with burned.dcm -o refused.dcm 2>err || rc=$?
	[ $rc -eq 3 ] && [ ! -e refused.dcm ]
	grep -q 'BurnedInAnnotation is not NO' err
	grep -q 'burned_in: accept' err
	# shellcheck disable=SC2086
	"$HANDOFF" sanitise $with explicit.dcm -o plain.dcm >/dev/null
done
clean burned.dcm burned.clean.dcm >/dev/null

dir=${SHARED:-../shared}/samples/dicom
[ -d "$dir" ] || { echo "not here, so not run: $dir"; exit 0; }
# identifying FILE: its values that identify, or may; not the shortest, which
# are in the midst of anything
identifying() {
	dcmdump -q +L +P PatientName +P PatientID +P PatientBirthDate \
	    +P AccessionNumber +P ReferringPhysicianName +P InstitutionName \
	    +P InstitutionAddress +P OperatorsName +P StudyDescription \
	    +P SeriesDescription +P StudyInstanceUID +P SeriesInstanceUID \
	    +P SOPInstanceUID +P FrameOfReferenceUID +P DeviceSerialNumber \
	    +P StationName +P PerformingPhysicianName \
	    +P SourceApplicationEntityTitle +P PatientComments "$1" 2>/dev/null |
	    sed -n 's/^[^[]*[[]\(.*\)[]] *#.*/\1/p' |
	    LC_ALL=C awk 'length >= 6 && $0 != "Anonymized" &&
		$0 != "TOSHIBA"' | sort -u # the maker's name, too
}
find "$dir" -name '*.dcm' >list
n=0 blanked=0
while read -r f; do
	rc=0
	clean "$f" clean.dcm >/dev/null 2>err || rc=$?
	case ${f##*/} in
	DICOMDIR* | image_dfl* | *[bB]ig*nd* | *_expb* | *NoMeta* | no_meta* | \
	meta_missing* | *truncated* | rtstruct* | nested_priv* | priv_SQ* | UN_seq* | \
	empty_charset* | badVR* | chrSQ* | SC_rgb_jpeg.dcm | GDCMJ2K_TextGBR*)
		[ $rc -eq 6 ] || { echo "$f: exit $rc"; exit 1; }
		continue ;;
	esac
	[ $rc -eq 0 ] || { cat err; exit 1; }
	n=$((n + 1))
	dcmftest clean.dcm >/dev/null
	dcmdump -q clean.dcm >/dev/null
	identifying "$f" >values
	if [ -s values ] && LC_ALL=C grep -aqFf values clean.dcm; then
		echo "$f: something of it left:"
		LC_ALL=C grep -aoFf values clean.dcm
		exit 1
	fi
	case $f in *_padded*) continue ;; esac # what is behind the pixels goes
	pixels "$f" >before
	pixels clean.dcm >after
	if ! cmp -s before after; then # something in frames was blanked
		decoded "$f" >before 2>/dev/null || continue # not even before
		decoded clean.dcm >after
		cmp before after
		blanked=$((blanked + 1))
	fi
done <list
echo "$n files left, $blanked of them with something blanked"
[ $n -ge 60 ]
[ $blanked -ge 5 ]
