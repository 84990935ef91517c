#!/bin/sh
# What detect finds of texts whose finds are known ($SHARED/vectors/pii), and
# how fast: recall, precision and F2 by character for each kind of text, recall
# for each kind of find, the recognisers' own cases, and MB/s of notes on one
# core and on all, beside rg with six patterns where it is here.
#   DETECT_MB (64): size of the notes
set -eu

command -v python3 >/dev/null || { echo "no python3 here"; exit 77; }
vectors=${SHARED:-$TOP/../shared}/vectors/pii
[ -f "$vectors/generated_large.jsonl" ] || { echo "no vectors/pii"; exit 77; }

python3 "$TOP/tests/bench/detect.py" "$vectors" "$HANDOFF"

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
echo "one core       $(speed taskset -c 0 "$HANDOFF" detect notes.txt)"
echo "all cores      $(speed "$HANDOFF" detect notes.txt)"
echo "(Presidio publishes about 0.015 MB/s)"
if command -v rg >/dev/null; then
	echo "rg, 6 patterns $(speed taskset -c 0 rg -o -j1 \
	    -e '[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}' \
	    -e '\b(?:\d[ -]?){13,16}\b' -e '\b\d{3}-\d{2}-\d{4}\b' \
	    -e '\b(?:\d{1,3}\.){3}\d{1,3}\b' \
	    -e '\b[A-Z]{2}\d{2}[A-Z0-9]{11,30}\b' \
	    -e '\b\d{1,2}/\d{1,2}/\d{4}\b' notes.txt)"
fi
