#!/bin/sh
# Install what is needed and is not here yet (Debian and its kin).  Says first
# what it will install; silent when nothing is missing.  Uses sudo when not run
# by root.
# usage: tests/deps.sh [build|demo|check|bench]    everything without an operand
set -eu

build="gcc make pkg-config libc6-dev libsodium-dev libssl-dev libjansson-dev
libsqlite3-dev libyaml-dev libturbojpeg0-dev libpng-dev libarchive-dev
libcurl4-openssl-dev libevent-dev libseccomp-dev"

# Several tokens at once, where the processor has what it takes.
[ "$(uname -m)" != x86_64 ] || build="$build libipsec-mb-dev"

# The demonstration makes pictures and looks at what came out.
demo="libimage-exiftool-perl imagemagick jq"

# Test libraries; programs that ours is tried against; and jq, sqlite3, strace
# and python3, which look into what it wrote and how.
check="libcmocka-dev zlib1g-dev age curl openssl nginx-light sqlite3
libjpeg-turbo-progs pngcheck python3 python3-stdnum strace procps man-db
time valgrind dcmtk dicom3tools"

# What benchmarks stand beside.
bench="ripgrep"

lint="clang lld clang-format clang-tidy clang-tools cppcheck shellcheck"

case ${1:-all} in
build) words=$build ;;
demo) words="$build $demo" ;;
check) words="$build $demo $check" ;;
bench) words="$build $check $bench" ;;
all) words="$build $demo $check $bench $lint" ;;
*) echo "usage: tests/deps.sh [build|demo|check|bench]" >&2; exit 2 ;;
esac

command -v dpkg-query >/dev/null || {
	echo "deps: no dpkg here; see to it that these are there:"
	# shellcheck disable=SC2086
	echo $words
	exit 0
}

# shellcheck disable=SC2086 # one word each
here=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $words 2>/dev/null |
    sed -n 's/^installed //p')
missing=
for word in $words; do
	printf '%s\n' "$here" | grep -qx "$word" || missing="$missing $word"
done
[ -n "$missing" ] || exit 0

sudo=
[ "$(id -u)" -eq 0 ] || sudo=sudo
echo "deps: installing with ${sudo:+sudo }apt-get:$missing"
$sudo apt-get -qq update
# shellcheck disable=SC2086
$sudo env DEBIAN_FRONTEND=noninteractive apt-get -qq -y \
	--no-install-recommends install $missing >/dev/null
