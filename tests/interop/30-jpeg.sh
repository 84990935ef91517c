# Sanitised JPEG pictures, judged by exiftool and djpeg: no metadata is left,
# and every sample is as it was, whatever the coding.
set -eu
for tool in exiftool cjpeg djpeg jpegtran convert; do
	command -v $tool >/dev/null || { echo "no $tool here"; exit 77; }
done

# What exiftool may still say: the file's own facts, JFIF, Adobe's transform.
nothing_is_left() {
	exiftool -a -G1 -s "$@" | grep '^\[' |
	    grep -v -E '^\[(ExifTool|System|Composite)\]' |
	    grep -v -E '^\[File\] +(FileType|FileTypeExtension|MIMEType|ImageWidth|ImageHeight|EncodingProcess|BitsPerSample|ColorComponents|YCbCrSubSampling) ' |
	    grep -v -E '^\[JFIF\] +(JFIFVersion|ResolutionUnit|XResolution|YResolution) ' |
	    grep -v -E '^\[Adobe\] +(DCTEncodeVersion|APP14Flags0|APP14Flags1|ColorTransform) ' >left || return 0
	echo "$*: left behind:"
	cat left
	return 1
}

same_samples() {
	djpeg -pnm "$1" >before.pnm
	djpeg -pnm "$2" >after.pnm
	cmp before.pnm after.pnm
}

convert -size 203x157 plasma:red-blue -attenuate 0.4 +noise Gaussian \
    -depth 8 -strip photo.ppm
convert photo.ppm -colorspace Gray grey.pgm
convert photo.ppm -resize 64x48 -strip thumb.jpg
head -c 3000 /dev/urandom >profile.icc

cjpeg -quality 92 -sample 1x1 -outfile s444.jpg photo.ppm
cjpeg -quality 92 -sample 2x1 -outfile s422.jpg photo.ppm
cjpeg -quality 92 -sample 2x2 -outfile s420.jpg photo.ppm
cjpeg -quality 92 -sample 1x2 -outfile s440.jpg photo.ppm
cjpeg -quality 92 -sample 4x1 -outfile s411.jpg photo.ppm
cjpeg -quality 92 -rgb -outfile rgb.jpg photo.ppm
cjpeg -quality 92 -restart 2 -outfile restart.jpg photo.ppm
cjpeg -quality 92 -progressive -outfile progressive.jpg photo.ppm
cjpeg -quality 92 -arithmetic -outfile arithmetic.jpg photo.ppm
cjpeg -quality 92 -arithmetic -progressive -outfile both.jpg photo.ppm
cjpeg -quality 92 -optimize -outfile optimised.jpg photo.ppm
cjpeg -quality 92 -outfile grey.jpg grey.pgm
convert photo.ppm -colorspace CMYK -strip cmyk.jpg

# once as it is
for f in s444 s422 s420 s440 s411 rgb restart progressive arithmetic both \
    optimised grey cmyk; do
	"$HANDOFF" sanitise $f.jpg -o $f.plain.jpg >/dev/null
	cmp $f.jpg $f.plain.jpg
	set -- "$@" $f.jpg
done

# and with all that cameras, editors and phones put into it
exiftool -q -n -Orientation=1 -Make=Canary -GPSLatitude=52.1 \
    -GPSLatitudeRef=N -SerialNumber=CANARY1 -XMP:Creator=Canary \
    -IPTC:By-line=Canary -Comment=Canary '-ThumbnailImage<=thumb.jpg' \
    '-ICC_Profile<=profile.icc' -o %f.full.jpg "$@"
for f in s444 s422 s420 s440 s411 rgb restart progressive arithmetic both \
    optimised grey cmyk; do
	cat thumb.jpg >>$f.full.jpg
	printf 'Canary' >>$f.full.jpg
	grep -q Canary $f.full.jpg
	"$HANDOFF" sanitise $f.full.jpg -o $f.clean.jpg >/dev/null
	if grep -q Canary $f.clean.jpg; then exit 1; fi
	same_samples $f.jpg $f.clean.jpg
done
nothing_is_left ./*.clean.jpg

# A file cut short is refused, and nothing is written.
head -c 5000 s420.jpg >cut.jpg
rc=0
"$HANDOFF" sanitise cut.jpg -o cut.out.jpg 2>err || rc=$?
[ $rc -eq 6 ]
[ ! -e cut.out.jpg ]
grep -q 'cut.jpg: .*cut short' err
