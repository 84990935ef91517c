#!/bin/sh
# A build with sanitizers, which takes cheap passphrases, is made when make is
# told so and not because of what stands in the environment; and is not for use.
set -eu

unset MAKEFLAGS MFLAGS MAKEOVERRIDES SAN FUZZ
tried() { # ARGUMENT...: what make would run
	make -C "$TOP" -n "$@" >out 2>err || rc=$?
}

rc=0
SAN=DNS:example.com FUZZ=1 tried install
[ $rc = 0 ] || { cat err; exit 1; }
grep -q ' build/handoff ' out || { echo "installs what?"; cat out; exit 1; }
if grep 'build-[a-z]*/\|AGE_SCRYPT_LOG_N\|fsanitize' out; then exit 1; fi

for build in SAN=1 FUZZ=1; do
	rc=0
	tried install "$build"
	[ $rc != 0 ] || { echo "$build: installed"; exit 1; }
	grep -q 'sanitizers is not for use' err || { cat err; exit 1; }
done
