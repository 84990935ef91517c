# Sanitised PNG pictures, judged by exiftool, pngcheck and ImageMagick: no
# metadata is left, every sample is as it was, and broken files are refused.
set -eu
for tool in exiftool convert identify; do
	command -v $tool >/dev/null || { echo "no $tool here"; exit 77; }
done

nothing_is_left() {
	exiftool -a -G1 -s "$1" | grep '^\[' |
	    grep -v -E '^\[(ExifTool|System|Composite|File)\]' |
	    grep -v -E '^\[PNG\] +(ImageWidth|ImageHeight|BitDepth|ColorType|Compression|Filter|Interlace|Gamma|SRGBRendering|BackgroundColor|SignificantBits|Palette|Transparency|AnimationFrames|AnimationPlays|WhitePoint[XY]|(Red|Green|Blue)[XY]) ' |
	    grep -v -E '^\[PNG-(pHYs|cICP)\]' >left || return 0
	echo "$1: left behind:"
	cat left
	return 1
}

# A broken file is known to be a PNG by the policy alone.
cat >policy.yaml <<'END'
handoff: 1
project: pictures
purpose: test
recipients: [acme]
retention: 1d
agreements: [nda]
approve: self
files:
  - {match: "**", type: png, metadata: drop, pixels: keep}
END

clean() {
	"$HANDOFF" sanitise --policy policy.yaml --as a.png "$1" -o "$2"
}

samples() {
	identify -quiet -format '%#\n' "$1" 2>/dev/null
}

convert -size 61x47 plasma:red-blue -depth 8 photo.png
convert photo.png -colors 16 PNG8:indexed.png
convert photo.png -colorspace Gray -interlace PNG grey.png
convert photo.png -alpha set -channel A -evaluate set 50% rgba.png
for f in photo indexed grey rgba; do
	exiftool -q -n -Orientation=1 -GPSLatitude=52.1 -PNG:Author=Canary \
	    -XMP:Creator=Canary -Comment=Canary -o $f.full.png $f.png
	printf 'Canary' >>$f.full.png
	clean $f.full.png $f.clean.png >/dev/null
	nothing_is_left $f.clean.png
	if grep -q -e Canary -e 'date:create' $f.clean.png; then exit 1; fi
	[ "$(samples $f.png)" = "$(samples $f.clean.png)" ]
	if command -v pngcheck >/dev/null; then
		pngcheck -q $f.clean.png
	fi
done

exiftool -q -n -Orientation=6 -PNG:Author=Canary -o turned.png photo.png
clean turned.png turned.clean.png >/dev/null
[ "$(exiftool -n -s3 -Orientation turned.clean.png)" = 6 ]
[ -z "$(exiftool -s3 -Author turned.clean.png)" ]

# Broken as the x*.png of PngSuite are, at the byte and by what is put there.
broken() {
	cp photo.clean.png broken.png
	printf '%b' "$2" | dd of=broken.png bs=1 seek="$1" conv=notrunc 2>/dev/null
	rc=0
	clean broken.png broken.out.png 2>/dev/null || rc=$?
	[ $rc -eq 6 ] || { echo "at $1 $2: exit $rc"; exit 1; }
	[ ! -e broken.out.png ]
}
broken 0 '\0011'	 # signature
broken 4 '\012\012' # line ends changed
broken 24 '\0003' # bit depth
broken 25 '\0001' # colour type
broken 30 'A'	 # IHDR's checksum
broken 60 'AB'	 # inside

dir=${SHARED:-../shared}/samples/pngsuite
[ -d "$dir" ] || { echo "not here, so not run: $dir"; exit 0; }
mkdir before after
n=0
find "$dir" -name '*.png' >list
while read -r f; do
	rc=0 n=$((n + 1))
	clean "$f" after/$n.png >/dev/null 2>err || rc=$?
	case $f in
	*/crashers/*)
		[ $rc -eq 0 ] || [ $rc -eq 6 ]
		rm -f after/$n.png ;;
	*/x*.png)
		[ $rc -eq 6 ] && [ ! -e after/$n.png ] ;;
	*)
		[ $rc -eq 0 ] || { cat err; exit 1; }
		cp "$f" before/$n.png ;;
	esac
done <list
for d in before after; do
	(cd $d && identify -quiet -format '%f %#\n' ./*.png) >$d.samples 2>/dev/null ||
	    : # it warns of some
done
[ "$n" -ge 199 ] && [ -s before.samples ]
cmp before.samples after.samples
nothing_is_left after
