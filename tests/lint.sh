#!/bin/sh
# Read the sources with the tools that know mistakes by sight: clang-format
# (only whether it would change anything), cppcheck, clang-tidy (.clang-tidy
# says which checks and why) and shellcheck on every script.  Says what each
# found and fails at the end, so that one run shows all.  clang-tidy leaves out
# the tests, which do on purpose what it warns of.
# LINT_ONLY=FOLDER reads the C files below it alone.
set -eu

bad=0
jobs=$(nproc)
flags="-std=c11 -D_GNU_SOURCE -I."

for tool in clang-format clang-tidy cppcheck shellcheck; do
	command -v "$tool" >/dev/null || {
		echo "lint: $tool is not here; make deps installs it"
		exit 1
	}
done

list() { # the C files to read, with the endings given
	# shellcheck disable=SC2086 # several folders
	find ${LINT_ONLY:-keys policy gateway tests} -type f "$@" | sort
}

list -name '*.[ch]' | xargs clang-format --dry-run -Werror || {
	echo "lint: clang-format -i puts that right"
	bad=1
}

# shellcheck disable=SC2046,SC2086 # one word each: our paths have no spaces
cppcheck --quiet -j "$jobs" --std=c11 -D_GNU_SOURCE -I. --inline-suppr \
	--enable=warning,performance,portability --error-exitcode=1 \
	--suppress=missingIncludeSystem $(list -name '*.c') || bad=1

# shellcheck disable=SC2016 # the inner shell's variables
list -name '*.c' | grep -v '^tests/' | xargs -P "$jobs" -n 4 sh -c '
	out=$(clang-tidy --quiet "$@" -- '"$flags"' 2>/dev/null) && exit 0
	printf "%s\n" "$out" | grep -v "^$"
	exit 1' lint || bad=1

scripts=$(find tests .ci docs -type f \( -name '*.sh' -o -name run \))
# shellcheck disable=SC2086
shellcheck -s sh $scripts || bad=1

[ $bad -eq 0 ] || { echo "lint: see above"; exit 1; }
