# The dataset of the demonstration is the same every time, holds what it says,
# fits its policy, and its golden answers agree with what a picture shows.
# shellcheck disable=SC2016 # those names are for exiftool
set -eu
for tool in convert exiftool jq; do
	command -v $tool >/dev/null || { echo "no $tool here"; exit 77; }
done

"$TOP/tests/demo/dataset.sh" one 50 16
# (once shows all of what is ours, which has sanitizers in the other build)
if [ "${INTEROP_BIG:-1}" = 1 ]; then
	"$TOP/tests/demo/dataset.sh" two 50 16
	diff -r one two
fi
"$HANDOFF" policy check "$TOP/tests/demo/policy.yaml"

# every IBAN: country and check digits to the end, letters as numbers, mod 97
tail -n +2 one/data/customers.csv | grep -o 'DE[0-9]\{20\}' | awk '
{
	text = substr($0, 5) "1314" substr($0, 3, 2)
	rest = 0
	for (i = 1; i <= length(text); i++)
		rest = (rest * 10 + substr(text, i, 1)) % 97
	if (rest != 1 || substr($0, 5, 1) != "0")
		bad++
}
END { exit bad > 0 || NR != 50 }'
[ "$(jq -c . one/data/records.jsonl | wc -l)" -eq 10 ]
[ "$(find one/data/photos -name '*.jpg' | wc -l)" -eq 16 ]
[ "$(exiftool -q -r -if '$GPSLatitude and $ThumbnailImage and $XMP:Creator and $Comment' \
    -p '$FileName' one/data/photos | wc -l)" -eq 16 ]
[ "$(exiftool -q -r -n -p '$Orientation' one/data/photos | sort -u | wc -l)" -eq 8 ]
[ "$(exiftool -q -r -if '$PNG:Author and $PNG:Comment' -p '$FileName' \
    one/data/scans | wc -l)" -eq 3 ]

# Names as if delivered; the pictures still have their tags, and the tool
# shows them upright.
mkdir fetched
(cd one/data && find photos -name '*.jpg' | sort |
    exiftool -q -n -p '$Directory/$FileName $Orientation "width":$ImageWidth,"height":$ImageHeight' \
	-@ -) >sides
[ "$(wc -l <sides)" -eq 16 ]
n=0
while read -r photo o size; do
	n=$((n + 1))
	id=$(printf '%26s' "$(echo $n | tr 0-9 a-j)" | tr ' ' z)
	cp "one/data/$photo" "fetched/$id.jpg"
	echo "{\"item\":\"$id\",\"original\":\"$photo\",\"orientation\":$o,$size}" >>join.map
done <sides
"$TOP/tests/demo/label.sh" fetched >labels.jsonl
"$HANDOFF" labels check labels.jsonl | grep '^form accepted: items 16 '
"$HANDOFF" labels score -g one/golden.jsonl -j join.map -p 0.8 labels.jsonl
