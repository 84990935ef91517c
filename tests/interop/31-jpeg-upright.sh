# Pictures that lie on their side: turned without loss as jpegtran turns them,
# or, where block edges forbid it, left as stored with their Orientation alone.
set -eu
for tool in exiftool cjpeg djpeg jpegtran convert; do
	command -v $tool >/dev/null || { echo "no $tool here"; exit 77; }
done

turn() {
	case $1 in
	2) echo -flip horizontal ;;
	3) echo -rotate 180 ;;
	4) echo -flip vertical ;;
	5) echo -transpose ;;
	6) echo -rotate 90 ;;
	7) echo -transverse ;;
	8) echo -rotate 270 ;;
	esac
}

turned_by_jpegtran() {
	# shellcheck disable=SC2046 # two words
	jpegtran -perfect -copy none $(turn "$1") -outfile t.jpg "$2" \
	    2>/dev/null
}

# with ORDER O FILE: FILE behind an Exif block of two entries, on stdout.
with() {
	printf '\377\330\377\341\0\056Exif\0\0'
	if [ "$1" = MM ]; then
		printf 'MM\0*\0\0\0\010\0\002'
		printf '\001\022\0\003\0\0\0\001\0%b\0\0' "$(printf '\\0%03o' "$2")"
		printf '\001\061\0\002\0\0\0\004Abc\0\0\0\0\0'
	else
		printf 'II*\0\010\0\0\0\002\0'
		printf '\022\001\003\0\001\0\0\0%b\0\0\0' "$(printf '\\0%03o' "$2")"
		printf '\061\001\002\0\004\0\0\0Abc\0\0\0\0\0'
	fi
	tail -c +3 "$3"
}

# try NAME SAMPLING WIDTH HEIGHT [cjpeg switches]
try() {
	name=$1 sample=$2 width=$3 height=$4
	shift 4
	convert -size "${width}x$height" plasma:red-blue -depth 8 -strip p.ppm
	cjpeg -quality 90 -sample "$sample" "$@" -outfile "$name.jpg" p.ppm
	for o in $sides; do
		f=$name-$o
		for order in MM II; do
			with $order "$o" "$name.jpg" >"$f-$order.jpg"
			"$HANDOFF" sanitise "$f-$order.jpg" \
			    -o "$f-$order.out.jpg" >/dev/null
		done
		cmp "$f-MM.out.jpg" "$f-II.out.jpg"
		rm "$f-II.out.jpg"
		want=$name.jpg left=-
		if [ "$o" -eq 1 ]; then
			:
		elif turned_by_jpegtran "$o" "$name.jpg"; then
			want=t.jpg turned=$((turned + 1))
		else
			left=$o kept=$((kept + 1))
		fi
		djpeg -pnm "$want" >want.pnm
		djpeg -pnm "$f-MM.out.jpg" >got.pnm
		cmp want.pnm got.pnm
		echo "$f-MM.out.jpg $left - -" >>expected
	done
	# as a viewer shows it: before and after, upright
	for o in 3 6; do
		convert "$name-$o-MM.jpg" -auto-orient want.ppm
		convert "$name-$o-MM.out.jpg" -auto-orient got.ppm
		[ "$(head -c 15 want.ppm | head -n 2)" = \
		    "$(head -c 15 got.ppm | head -n 2)" ]
		compare -metric MAE want.ppm got.ppm null: 2>off || true
		awk '{ exit !($1 < 300) }' off || { cat off; exit 1; }
	done
}

# Under sanitizers one of each kind of turn: a mirrored one, a half, a quarter and
# one over a diagonal.
sides='1 2 3 4 5 6 7 8' most=7
[ "${INTEROP_BIG:-1}" = 1 ] || sides='1 2 3 6 7' most=4
turned=0 kept=0
try whole444 1x1 96 64
try whole422 2x1 96 64
try whole420 2x2 96 64
try grey 1x1 88 72 -grayscale
try progressive 2x2 96 64 -progressive
try arithmetic 2x2 96 64 -arithmetic
try restart 2x2 96 64 -restart 1
[ $turned -eq $((7 * most)) ] && [ $kept -eq 0 ]
try edge444 1x1 91 61
try edge422 2x1 90 64
try edge420 2x2 96 60
try edgegrey 1x1 91 72 -grayscale
try edgeprog 2x2 90 60 -progressive
[ $kept -gt 10 ]

# What exiftool reads in all of them: Orientation, where it had to stay.
[ "$(exiftool -q -n -s3 -Software whole420-6-MM.jpg)" = Abc ]
exiftool -q -n -T -FileName -Orientation -Software -ExifImageWidth ./*.out.jpg |
    tr '\t' ' ' | sort >found
sort expected | cmp - found
