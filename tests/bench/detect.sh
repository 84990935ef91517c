#!/bin/sh
# What detect finds of texts whose finds are known ($SHARED/vectors/pii), and
# how fast: recall, precision and F2 by character for each kind of text, recall
# for each kind of find, the recognisers' own cases, and MB/s on one core and on
# two, without names and with a million, beside rg with six patterns where it is
# here.
#   DETECT_ROWS (2000000): of the table     DETECT_NAMES (1000000)
#   DETECT_MB (64): size of the prose
set -eu

command -v python3 >/dev/null || { echo "no python3 here"; exit 77; }
vectors=${SHARED:-$TOP/../shared}/vectors/pii
[ -f "$vectors/generated_large.jsonl" ] || { echo "no vectors/pii"; exit 77; }

python3 "$TOP/tests/bench/detect.py" "$vectors" "$HANDOFF"

# per NUMBER NUMBER: their ratio
per() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.1f", a / b }'; }

# The column of notes that a table of 500 MB has.
bench=$(dirname "$HANDOFF")/tests/bench
"$bench/bench_table" csv "${DETECT_ROWS:-2000000}" | tail -n +2 |
    cut -d , -f 10 >column.txt
bytes=$(stat -c %s column.txt)
"$bench/bench_detect" column.txt "${DETECT_NAMES:-1000000}" >speeds
echo
echo "the note column, $((bytes / 1000000)) MB, a note at a time, MB/s:"
awk '{ printf "%-26s one core %.1f, two %.1f (%.2f times; %.1f by the clock)\n",
    NR == 1 ? "all recognisers" : "and a dictionary of names", $1, $2, $2 / $1, $3 }
NR == 1 { plain = $1 }
NR == 2 { printf "%-26s %.2f of the speed without (goal 0.5)\n", "", $1 / plain }' speeds
ours=$(awk 'NR == 1 { print $1 }' speeds)
echo "Presidio publishes 0.015 MB/s: $(per "$ours" 0.015) times as fast (goal for one core 100 MB/s)"
if command -v rg >/dev/null; then
	/usr/bin/env time -f '%U %S' -o took rg -o -j1 \
	    -e '[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}' \
	    -e '\b(?:\d[ -]?){13,16}\b' -e '\b\d{3}-\d{2}-\d{4}\b' \
	    -e '\b(?:\d{1,3}\.){3}\d{1,3}\b' \
	    -e '\b[A-Z]{2}\d{2}[A-Z0-9]{11,30}\b' \
	    -e '\b\d{1,2}/\d{1,2}/\d{4}\b' column.txt >/dev/null || :
	theirs=$(tail -n 1 took | awk -v b="$bytes" '{ print b / 1e6 / ($1 + $2 + 0.001) }')
	echo "rg with six patterns, one core: $(per "$theirs" 1) MB/s, $(per "$theirs" "$ours") times as fast"
fi

# Real prose, a file at once.
mb=${DETECT_MB:-64}
python3 - "$vectors" "$mb" >notes.txt <<'P'
import json, sys
texts = [json.loads(line)["text"] for name in ("meddocan_train", "generated_large")
    for line in open("%s/%s.jsonl" % (sys.argv[1], name))]
left, i = int(sys.argv[2]) * 1000000, 0
while left > 0:
    sys.stdout.write(texts[i % len(texts)] + "\n")
    left -= len(texts[i % len(texts)].encode()) + 1
    i += 1
P
speed() {
	begun=$(date +%s%N)
	"$@" >/dev/null
	awk -v ns=$(($(date +%s%N) - begun)) -v mb="$mb" \
	    'BEGIN { printf "%.1f MB/s", mb / (ns / 1e9) }'
}
echo
echo "clinical notes and letters, $mb MB, a file at once:"
echo "one core       $(speed taskset -c 0 "$HANDOFF" detect notes.txt)"
echo "all cores      $(speed "$HANDOFF" detect notes.txt)"
