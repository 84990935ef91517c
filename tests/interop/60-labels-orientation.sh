# A mark in a picture that lies on its side: where ImageMagick shows it is the
# delivered box, and turning that box back gives the mark as it is stored.
set -eu
for tool in convert exiftool jq; do
	command -v $tool >/dev/null || { echo "no $tool here"; exit 77; }
done
A=aaaaaaaaaaaaaaaaaaaaaaaaaa

# 96 x 64, a white mark of 16 x 8 at (8, 40), on edges of blocks
convert -size 96x64 xc:black -fill white -draw 'rectangle 8,40 23,47' \
    -sampling-factor 1x1 -quality 95 mark.jpg

for o in 1 2 3 4 5 6 7 8; do
	exiftool -q -n -Orientation=$o -o o$o.jpg mark.jpg
	# the mark's place when shown: "16x8+8+40"
	box=$(convert o$o.jpg -auto-orient -threshold 50% -format '%@' info:)
	size=$(convert o$o.jpg -auto-orient -format '%wx%h' info:)
	w=${box%%x*} rest=${box#*x}
	h=${rest%%+*} rest=${rest#*+}
	x=${rest%%+*} y=${rest#*+}

	echo "{\"item\":\"$A\",\"type\":\"jpeg\",\"width\":${size%x*},\"height\":${size#*x}}" >items
	echo "{\"item\":\"$A\",\"original\":\"o$o.jpg\",\"orientation\":$o,\"width\":96,\"height\":64}" >join.map
	echo "{\"item\":\"$A\",\"annotator\":\"a\",\"at\":\"2026-11-01T10:00:00Z\",\"boxes\":[{\"class\":\"mark\",\"x\":$x,\"y\":$y,\"w\":$w,\"h\":$h}]}" >shown.jsonl
	"$HANDOFF" labels convert -t coco -i items -j join.map shown.jsonl >stored.json
	got=$(jq -c '[.images[0].file_name, .images[0].width, .images[0].height, .annotations[0].bbox]' stored.json)
	[ "$got" = "[\"o$o.jpg\",96,64,[8,40,16,8]]" ] || {
		echo "orientation $o: shown at $box in $size, stored at $got"
		exit 1
	}
done
