#!/bin/sh
# What export holds in memory when files are many: the most of all its
# processes together, sampled, for a tenth of the files and for all of them.
# Goal: under 256 MiB, and flat.
#   MANY_FILES (1000000)
set -eu

files=${MANY_FILES:-1000000}
command -v jq >/dev/null || { echo "no jq here"; exit 77; }
umask 077
for k in owner vendor recovery; do "$HANDOFF" keygen -o $k.key 2>/dev/null; done
print() { "$HANDOFF" card --show "$1" --json | jq -r .fingerprint; }
owner() { "$HANDOFF" "$@" --home owner --identity owner.key >/dev/null; }
owner init --name bench --recovery "$("$HANDOFF" keygen -y recovery.key)"
"$HANDOFF" card --home owner >owner.card
"$HANDOFF" enroll acme --home vendor --identity vendor.key --no-recovery \
    --owner owner.card --fingerprint "$(print owner.card)" >/dev/null
"$HANDOFF" card --home vendor >acme.card
owner vendor add acme acme.card --country NL --fingerprint "$(print acme.card)"
cat >policy.yaml <<'P'
handoff: 1
project: bench
purpose: bench
recipients: [acme]
retention: 90d
agreements: []
files:
  - match: "**/*.txt"
    type: text
    text: keep
P

# make FROM TO: files of ten bytes, 500 a folder
make() {
	python3 - "$1" "$2" <<'END'
import os, sys

for i in range(int(sys.argv[1]), int(sys.argv[2])):
    d = "data/%05d" % (i // 500)
    if i % 500 == 0:
        os.makedirs(d, exist_ok=True)
    with open("%s/%07d.txt" % (d, i), "w") as f:
        f.write("%09d\n" % i)
END
}

# Proportional shares, so that a page that two hold counts once.
all() {
	# shellcheck disable=SC2046 # pids
	for p in $1 $(cat "/proc/$1/task/"*/children 2>/dev/null); do
		sed -n 's/^Pss:[^0-9]*\([0-9]*\).*/\1/p' \
		    "/proc/$p/smaps_rollup" 2>/dev/null || :
	done | awk '{ sum += $1 } END { print sum + 0 }'
}
peak() {
	"$HANDOFF" export data --policy policy.yaml --vendor acme --home owner \
	    --identity owner.key >/dev/null 2>said &
	pid=$!
	most=0
	while kill -0 $pid 2>/dev/null; do
		now=$(all $pid)
		[ "$now" -le "$most" ] || most=$now
		sleep 0.1
	done
	wait $pid || { cat said; exit 1; }
	echo "$most"
}

make 0 $((files / 10))
few=$(peak)
echo "$((files / 10)) files: $few KiB in all processes"
make $((files / 10)) "$files"
many=$(peak)
echo "$files files: $many KiB (goal under 262144)," \
    "$(awk -v a="$many" -v b="$few" 'BEGIN { printf "%.2f", a / b }') times"
