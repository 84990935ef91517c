#!/bin/sh
# Fail on a function over 80 lines or a .c file over 500, and on a file name
# that says nothing.  Works because a function's braces, and nothing else's,
# stand in column one.
set -eu

find keys policy gateway tests -name '*.c' -exec awk '
FNR == 1      { name = "" }
FNR == 501    { print FILENAME ": over 500 lines"; bad = 1 }
/^[a-zA-Z_0-9]+\(/  { name = $0; sub(/\(.*/, "", name) }
/^\{/         { start = FNR }
/^\}/ && name { if (FNR - start > 80) {
			print FILENAME ":" start ": " name " is " FNR - start " lines"
			bad = 1
		}
		name = "" }
END           { exit bad }' {} +

if find keys policy gateway | grep -E '/(util|utils|common|misc|helpers?)\.[ch]$'
then
	echo "a file name must say what is in it"
	exit 1
fi
