#!/bin/sh
# export with everything on, beside `tar -cf - D | age -r R > F && sync -d F`
# on the same file system, in alternated rounds; medians, ratios, and the most
# memory that any of its processes held.
#   BENCH_ROUNDS (5)   BENCH_SCALE (100): per cent of the files
set -eu

rounds=${BENCH_ROUNDS:-5}
scale=${BENCH_SCALE:-100}
for tool in age convert jq; do
	command -v $tool >/dev/null || { echo "no $tool here"; exit 77; }
done
umask 077
for k in owner vendor recovery; do "$HANDOFF" keygen -o $k.key 2>/dev/null; done
to=$("$HANDOFF" keygen -y recovery.key)
print() { "$HANDOFF" card --show "$1" --json | jq -r .fingerprint; }
owner() { "$HANDOFF" "$@" --home owner --identity owner.key >/dev/null; }
owner init --name bench --recovery "$to"
"$HANDOFF" card --home owner >owner.card
"$HANDOFF" enroll acme --home vendor --identity vendor.key --no-recovery \
    --owner owner.card --fingerprint "$(print owner.card)" >/dev/null
"$HANDOFF" card --home vendor >acme.card
owner vendor add acme acme.card --country NL --fingerprint "$(print acme.card)"
mv owner before
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
  - match: "**/*.jpg"
    type: jpeg
    metadata: drop
    pixels: keep
P

# many COUNT BYTES: text files that differ, 500 a folder
many() {
	awk -v n="$1" -v bytes="$2" 'BEGIN {
		srand(1)
		while (length(base) < bytes) base = base sprintf("%.9f ", rand())
		for (i = 0; i < n; i++) {
			if (i % 500 == 0) {
				dir = sprintf("data/%04d", i / 500)
				system("mkdir -p " dir)
			}
			f = sprintf("%s/%07d.txt", dir, i)
			printf "%07d %s", i, substr(base, 9, bytes - 8) >f
			close(f)
		}
	}'
}

# pictures COUNT: of some 100 KiB, with metadata to drop; every one its own
pictures() {
	convert -size 640x480 plasma:red-blue -attenuate 0.6 +noise Gaussian \
	    -quality 88 base.jpg
	size=$(wc -c <base.jpg)
	i=0
	while [ "$i" -lt "$1" ]; do
		[ $((i % 500)) -ne 0 ] || mkdir -p "data/$((i / 500))"
		i=$((i + 1))
		cp base.jpg "data/$(((i - 1) / 500))/$i.jpg"
	done
	echo "    a picture has $size bytes"
}

large() {
	i=0
	while [ "$i" -lt "$1" ]; do
		i=$((i + 1))
		head -c 192M /dev/urandom | base64 -w 76 | head -c 256M >data/$i.txt
	done
}

took() {
	start=$(date +%s%N)
	"$@"
	echo $((($(date +%s%N) - start) / 1000000))
}
ours() { owner export data --policy policy.yaml --vendor acme; }
# shellcheck disable=SC2317 # took calls it
theirs() { tar -cf - data | age -r "$to" >sealed && sync -d sealed; }
median() { sort -n "$1" | sed -n "$(((rounds + 1) / 2))p"; }

# The most that one of the export's processes held, sampled.
peak() {
	"$HANDOFF" export data --policy policy.yaml --vendor acme --home owner \
	    --identity owner.key >/dev/null &
	pid=$!
	most=0
	while kill -0 $pid 2>/dev/null; do
		for p in $pid $(cat /proc/$pid/task/*/children 2>/dev/null); do
			now=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' \
			    "/proc/$p/status" 2>/dev/null) || :
			[ "${now:-0}" -le "$most" ] || most=$now
		done
		sleep 0.02
	done
	wait $pid
	echo "$most"
}

fresh() { rm -rf owner sealed; cp -r before owner; }

# compare WHAT GOAL
compare() {
	: >a
	: >b
	i=0
	sync
	while [ "$i" -lt "$rounds" ]; do
		fresh
		took ours >>a
		rm -rf owner
		took theirs >>b
		i=$((i + 1))
	done
	fresh
	echo "$1: $(median a) ms against $(median b) ms:" \
	    "$(awk -v a="$(median b)" -v b="$(median a)" 'BEGIN {
		printf "%.2f", a / b }') times as fast (goal $2)"
	echo "    rounds in ms: $(tr '\n' ' ' <a)| tar, age, sync $(tr '\n' ' ' <b)"
	echo "    memory: $(peak) KiB in the largest process (goal under 262144 in all)"
	rm -rf data owner sealed
	mkdir data
}

mkdir data
many $((1000 * scale)) 10240
compare "$((1000 * scale)) files of 10 KiB" 1.0
pictures $((200 * scale))
compare "$((200 * scale)) pictures of 100 KiB" 0.75
large $(((8 * scale + 99) / 100))
compare "$(((8 * scale + 99) / 100)) files of 256 MiB" 0.75
