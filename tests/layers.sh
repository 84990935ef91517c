#!/bin/sh
# Fail if a source file includes a folder that tests/layers.txt does not allow,
# or another folder's *_internal.h.  Prints every offence, then says how many.
set -eu

find keys policy gateway -name '*.[ch]' -exec grep -Hn '^#include "' {} + |
awk -v table=tests/layers.txt '
function dir(p) { sub(/\/[^\/]*$/, "", p); return p }
BEGIN {
	while ((getline line < table) > 0) {
		if (line ~ /^#/ || (n = split(line, w, " ")) == 0) continue
		ok[w[1], w[1]] = 1
		for (i = 2; i <= n; i++) ok[w[1], w[i]] = 1
	}
}
{
	split($0, q, ":"); split($0, inc, "\"")
	from = dir(q[1]); to = dir(inc[2])
	if (!((from, to) in ok) ||
	    (inc[2] ~ /_internal\.h$/ && from != to)) {
		print q[1] ":" q[2] ": " from " may not include " inc[2]
		bad++
	}
}
END { if (bad) { print bad " layer offence(s)"; exit 1 } }'

# What a person reads goes through speak(), which cleans it.
if grep -nE '(^|[^a-z_])(v?f?printf|fputs)\(' gateway/cli/*.c |
	grep -vE '^gateway/cli/(speak|progress)\.c:'
then
	echo "gateway/cli prints with speak() (cli.h)"
	exit 1
fi
