#!/bin/sh
# Install what building and testing need and is not here yet (Debian and its
# kin).  Says what it will install first; silent when nothing is missing.
# Uses sudo when not run by root.
set -eu

build="gcc make pkg-config libc6-dev libsodium-dev libssl-dev libjansson-dev
libsqlite3-dev libyaml-dev libturbojpeg0-dev libarchive-dev
libcurl4-openssl-dev libevent-dev libseccomp-dev"

# age, curl, openssl, nginx, tar and the picture tools are the foreign programs
# that ours is tried against; jq and sqlite3 look into what it wrote.
tests="libcmocka-dev age curl openssl nginx-light jq sqlite3 exiftool
imagemagick libjpeg-turbo-progs pngcheck python3 strace procps"

lint="clang clang-format clang-tidy clang-tools cppcheck shellcheck"

# A few packages have the program under another name.
package() {
	case $1 in
	exiftool) echo libimage-exiftool-perl ;;
	*) echo "$1" ;;
	esac
}

command -v dpkg-query >/dev/null || {
	echo "deps: no dpkg here; install these by your system's own means:" \
		"$build" "$tests" "$lint"
	exit 1
}

missing=
for word in $build $tests $lint; do
	p=$(package "$word")
	status=$(dpkg-query -W -f '${Status}' "$p" 2>/dev/null || :)
	case $status in
	*" installed") ;;
	*) missing="$missing $p" ;;
	esac
done
[ -n "$missing" ] || exit 0

sudo=
[ "$(id -u)" -eq 0 ] || sudo=sudo
echo "deps: installing with ${sudo:+sudo }apt-get:$missing"
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get -qq update
# shellcheck disable=SC2086
$sudo env DEBIAN_FRONTEND=noninteractive apt-get -qq -y \
	--no-install-recommends install $missing >/dev/null
