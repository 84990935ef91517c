#!/bin/sh
# Make the dataset of the demonstration: the same one every time.
# usage: tests/demo/dataset.sh OUT [ROWS [PHOTOS]]        (2000 and 60)
#
#   OUT/data/customers.csv        people, with a complaint each
#   OUT/data/records.jsonl        nested records of visits
#   OUT/data/notes/*.txt          what the visitors wrote, names and all
#   OUT/data/photos/YYYY/MM/*.jpg with position, thumbnail, XMP and comment,
#                                 lying on every side that EXIF knows
#   OUT/data/scans/*.png          with text chunks
#   OUT/golden.jsonl              every fifth photo: the boxes that are there
#
# Nobody in it exists.  Telephone numbers are those that Ofcom keeps for drama
# (07700 900000 to 900999), mail goes to example.com, .net and .org (RFC 2606).
# An IBAN's check digits are right (ISO 13616, mod 97), but no bank has its
# bank code: a German one begins with the number of its clearing area, 1 to 8
# (Deutsche Bundesbank, "Merkblatt Bankleitzahlendatei"), and ours with 0.
set -eu

[ $# -ge 1 ] || { sed -n '2,4s/^# \{0,1\}//p' "$0" >&2; exit 2; }
out=$1 rows=${2:-2000} photos=${3:-60}
here=$(cd "$(dirname "$0")" && pwd)
LC_ALL=C TZ=UTC MAGICK_THREAD_LIMIT=1
export LC_ALL TZ MAGICK_THREAD_LIMIT

mkdir -p "$out/data/notes" "$out/data/scans"
data=$out/data
tmp=$(mktemp -d "${TMPDIR:-/tmp}/handoff-dataset-XXXXXX")
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

awk -f "$here/random.awk" -f "$here/people.awk" \
    -v data="$data" -v rows="$rows"
awk -f "$here/random.awk" -f "$here/scenes.awk" \
    -v photos="$photos" -v golden="$out/golden.jsonl" >"$tmp/scenes"

# Each scene is drawn as it is stored.  Its orientation is only a tag: whoever
# shows the picture turns it.
# name, width, height, orientation, latitude, longitude, time, drawing
tab=$(printf '\t')
: >"$tmp/args"
while IFS=$tab read -r name width height orientation lat lon time drawing; do
	mkdir -p "$data/${name%/*}"
	thumb=$tmp/$(basename "$name")
	convert -size "${width}x$height" gradient:gray35-gray75 \
	    -draw "$drawing" -strip -sampling-factor 1x1 -quality 90 \
	    -write "$data/$name" -thumbnail 160x120 -quality 70 "$thumb"
	cat >>"$tmp/args" <<-EOT
		-Orientation=$orientation
		-Make=Handoff Demo
		-Model=Pocket 3
		-SerialNumber=SN$(basename "$name" .jpg)
		-DateTimeOriginal=$time
		-GPSLatitude=$lat
		-GPSLatitudeRef=N
		-GPSLongitude=$lon
		-GPSLongitudeRef=E
		-GPSAltitude=12
		-XMP:Creator=Visitor 7
		-XMP:Description=At the customer's door
		-Comment=uploaded from a private telephone
		-ThumbnailImage<=$thumb
		$data/$name
		-execute
	EOT
done <"$tmp/scenes"

i=0
while [ $i -lt $((photos / 5)) ]; do
	i=$((i + 1))
	scan=$data/scans/form-$(printf %03d $i).png
	convert -size 320x200 xc:white -fill gray20 \
	    -draw "rectangle 20,$((20 + i * 3)) 300,$((40 + i * 3))" \
	    -draw "rectangle 20,$((60 + i * 3)) $((120 + i * 9)),$((80 + i * 3))" \
	    -strip -define png:exclude-chunks=date,time "$scan"
	cat >>"$tmp/args" <<-EOT
		-PNG:Author=Visitor $((i % 9 + 1))
		-PNG:Comment=customer C-$(printf %06d $((i * 37)))
		-PNG:Title=signature of the customer
		-XMP:Creator=Visitor $((i % 9 + 1))
		-EXIF:Artist=Visitor $((i % 9 + 1))
		$scan
		-execute
	EOT
done
exiftool -@ "$tmp/args" -common_args -q -q -n -overwrite_original
