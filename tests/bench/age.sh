#!/bin/sh
# Sealing and opening one file, beside age, to /dev/null: on all cores and on
# one, in alternated rounds; medians, ratios and the most memory held.  The goals
# are of cores with AVX-512.  Without it OpenSSL's cipher alone, whose speed is
# printed as the most that can be had, is hardly faster than age's.
#   BENCH_MIB (2048)   BENCH_ROUNDS (5)
set -eu

mib=${BENCH_MIB:-2048}
rounds=${BENCH_ROUNDS:-5}
command -v age >/dev/null || { echo "age is not here"; exit 77; }

"$HANDOFF" keygen -o key 2>/dev/null
to=$("$HANDOFF" keygen -y key)
dd if=/dev/urandom of=plain bs=1M count="$mib" status=none
# Both files lie in memory as a copy of large blocks left them.
"$HANDOFF" seal -r "$to" -o sealed plain

# Milliseconds of a command.
took() {
	start=$(date +%s%N)
	"$@" >/dev/null
	echo $((($(date +%s%N) - start) / 1000000))
}
median() { sort -n "$1" | sed -n "$(((rounds + 1) / 2))p"; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }
speed() { awk -v ms="$1" -v mib="$mib" 'BEGIN {
	printf "%.2f GB/s", mib * 1048576 / ms / 1e6 }'; }

# compare WHAT GOAL CORES: ours in ./ours, theirs in ./theirs
compare() {
	ours=$(median ours) theirs=$(median theirs)
	echo "$1, $3: $(speed "$ours") against $(speed "$theirs"):" \
	    "$(ratio "$theirs" "$ours") times as fast (goal $2)"
	echo "    rounds in ms: $(tr '\n' ' ' <ours)| age $(tr '\n' ' ' <theirs)"
}

# pair WHAT GOAL CORES PREFIX...
pair() {
	what=$1 goal=$2 cores=$3
	shift 3
	: >ours
	: >theirs
	i=0
	while [ "$i" -lt "$rounds" ]; do
		case $what in
		seal)
			took "$@" "$HANDOFF" seal -r "$to" plain >>ours
			took "$@" age -e -r "$to" plain >>theirs
			;;
		open)
			took "$@" "$HANDOFF" open -i key sealed >>ours
			took "$@" age -d -i key sealed >>theirs
			;;
		esac
		i=$((i + 1))
	done
	compare "$what" "$goal" "$cores"
}

# Nobody seals or opens faster than the cipher runs.
if command -v openssl >/dev/null; then
	taskset -c 0 openssl speed -evp chacha20-poly1305 -bytes 65536 \
	    -seconds 1 2>/dev/null | awk '/^ChaCha20/ {
		printf "the cipher alone, 1 core: %.2f GB/s\n", $2 / 1e6 }'
fi
pair seal 2.3 "$(nproc) cores"
pair open 3.5 "$(nproc) cores"
pair seal 1.2 "1 core" taskset -c 0
pair open 1.8 "1 core" taskset -c 0

# The most memory held, sampled while it runs.
peak() {
	"$@" >/dev/null &
	most=0
	while now=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' \
	    "/proc/$!/status" 2>/dev/null) && [ -n "$now" ]; do
		most=$now
		sleep 0.02
	done
	wait
	echo "$most"
}
echo "memory: seal $(peak "$HANDOFF" seal -r "$to" plain) KiB," \
    "open $(peak "$HANDOFF" open -i key sealed) KiB (goal under 65536)"
