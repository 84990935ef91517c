#!/bin/sh
# The vendor's tool of the demonstration: look at every item that was fetched
# and write one label line for each.
# usage: tests/demo/label.sh FETCHED >labels.jsonl
#
# Pictures get a box round every red (disc), blue (square) and green (triangle)
# shape, as somebody sees it who shows the picture upright.  Rows and texts are
# skipped with a reason.  $LABEL_TIME is the time written, now if not given.
set -eu

[ $# -eq 1 ] || { sed -n '4s/^# //p' "$0" >&2; exit 2; }
at=${LABEL_TIME:-$(date -u +%Y-%m-%dT%H:%M:%SZ)}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/handoff-label-XXXXXX")
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
LC_ALL=C MAGICK_THREAD_LIMIT=1
export LC_ALL MAGICK_THREAD_LIMIT

# The smallest box round what has each colour, everything else being black.
boxes() {
	convert "$1" -auto-orient -alpha off -type TrueColor -fuzz 15% -fill black \
	    \( -clone 0 +opaque 'rgb(208,24,24)' -set label disc \) \
	    \( -clone 0 +opaque 'rgb(24,48,208)' -set label square \) \
	    \( -clone 0 +opaque 'rgb(24,160,48)' -set label triangle \) \
	    -delete 0 -format '%l %@\n' info:
}

picture() {
	boxes "$1" 2>/dev/null | awk -v item="$2" -v at="$at" '
	split($2, n, /[x+]/) == 4 && n[1] > 8 && n[2] > 8 {
		# as a hand does it: a little off, here a little inside
		list = list (list == "" ? "" : ",") "{\"class\":\"" $1 \
		    "\",\"x\":" n[3] + 2 ",\"y\":" n[4] + 1.5 ",\"w\":" \
		    n[1] - 5 ",\"h\":" n[2] - 3.5 "}"
	}
	END {
		# two people share the work
		print "{\"item\":\"" item "\",\"annotator\":\"" \
		    (item < "m" ? "annotator-1" : "annotator-2") \
		    "\",\"at\":\"" at "\",\"boxes\":[" list "]}"
	}'
}

# Ids, one a line, on standard input.
skip() {
	awk -v why="$1" '/^[a-z2-7]+$/ && length($0) == 26 {
		print "{\"item\":\"" $0 \
		    "\",\"state\":\"skipped\",\"reason\":\"" why "\"}"
	}'
}

find "$1" -type f | sort >"$tmp/files"
while IFS= read -r file; do
	name=$(basename "$file")
	item=${name%%.*}
	case $name in
	*.jpg | *.png) picture "$file" "$item" ;;
	*.csv) awk -F '[,;\t|]' 'NR > 1 { gsub(/"/, "", $1); print $1 }' \
	    "$file" | skip "a row, no picture" ;;
	*.jsonl) jq -r '._item // empty' "$file" | skip "a record, no picture" ;;
	*.txt | *.json) echo "$item" | skip "a text, no picture" ;;
	esac
done <"$tmp/files"
