# Detection is linear: callgrind counts the instructions of scanning a text and
# of one twice as long, for texts that all but match each recogniser in turn,
# for beginnings over and over, for what is read as something else, and for texts
# that all but name whom a dictionary knows.  At most 2.2 times as many; and of
# a byte at most 12,000, six times what the dearest of our own rows costs, so
# that no text is a way to keep a worker busy.
set -eu

command -v valgrind >/dev/null || { echo "no valgrind here"; exit 77; }
if nm "$HANDOFF" 2>/dev/null | grep -q __asan_init; then
	echo "this build has sanitizers, which valgrind cannot run"
	exit 77
fi

# count TEST FOLDER ARG...: one dump a scan, in order: of the short text, of the
# long one; the rows that take more than 2.2 times as many into over.
count() {
	program=${HANDOFF%/*}/tests/policy/$1
	[ -x "$program" ] || { echo "no $program here"; exit 77; }
	mkdir "$2" && cd "$2"
	shift 2
	valgrind --tool=callgrind --callgrind-out-file=dump \
		--compress-strings=no --zero-before=scan_counted \
		--dump-after=scan_counted "$program" scan "$@" >texts 2>log ||
		{ cat log; exit 1; }
	# shellcheck disable=SC2046 # one word each
	awk '/^(summary|totals):/ { print $2; nextfile }' $(seq -f dump.%g \
	    $((2 * $(wc -l <texts)))) | paste - - >counts
	[ "$(wc -l <counts)" -eq "$(wc -l <texts)" ]
	paste -d' ' texts counts | awk -v bytes="${1:-0}" -v most=12000 '
	bytes > 0 && $4 / (2 * bytes) > most {
		printf "%s: %d instructions a byte\n", $1, $4 / (2 * bytes) >"slow"
	}
	{ ratio = $4 / $3; if (ratio > worst) { worst = ratio; which = $1 } }
	ratio > 2.2 { print $1 >"over" }
	END { printf "%d texts; at worst %.2f times as many (%s)\n", NR, worst, which }'
	[ -e over ] || : >over
	cd ..
}

count test_detect_dictionary dictionary
[ ! -s dictionary/over ] || { cat dictionary/over; exit 1; }
# Of a kibibyte what is made once, and where a window ends, can be a fifth: what
# seems to grow faster has to show it on texts where it cannot.
count test_detect_linear rows 1024
[ ! -e rows/slow ] || { cat rows/slow; exit 1; }
if [ -s rows/over ]; then
	# shellcheck disable=SC2046 # one word each
	count test_detect_linear again 32768 $(sort -u rows/over)
	[ ! -s again/over ] || { cat again/over; exit 1; }
fi
