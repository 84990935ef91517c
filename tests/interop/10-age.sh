#!/bin/sh
# age files both ways between handoff and age: the sizes where chunks begin and
# end, one and twenty recipients, armor, a passphrase, and four thousand chunks
# through pipes (INTEROP_BIG=0 leaves those out).
set -eu

command -v age >/dev/null || { echo "not here, so not run: age"; exit 77; }
command -v age-keygen >/dev/null || { echo "no age-keygen"; exit 77; }

fail() { echo "$1"; exit 1; }

# Each reads the other's identities.
"$HANDOFF" keygen -o ours 2>/dev/null
age-keygen -o theirs 2>/dev/null
a=$(age-keygen -y ours)
b=$("$HANDOFF" keygen -y theirs)
[ "$a" = "$("$HANDOFF" keygen -y ours)" ] || fail "recipient of our identity"
[ "$b" = "$(age-keygen -y theirs)" ] || fail "recipient of their identity"

# Twenty recipients, ours among the last.
i=0
while [ "$i" -lt 18 ]; do
	age-keygen 2>/dev/null | sed -n 's/^# public key: //p'
	i=$((i + 1))
done >twenty
printf '%s\n%s\n' "$a" "$b" >>twenty
[ "$(wc -l <twenty)" = 20 ] || fail "twenty recipients"

for size in 0 1 65535 65536 65537 262144 300000; do
	head -c "$size" /dev/urandom >plain
	for key in ours theirs; do
		to=$("$HANDOFF" keygen -y "$key")
		for armor in '' -a; do
			# shellcheck disable=SC2086
			"$HANDOFF" seal $armor -r "$to" plain |
			    age -d -i "$key" | cmp - plain ||
			    fail "$size bytes, $key $armor: age opens ours"
			# shellcheck disable=SC2086
			age $armor -r "$to" plain |
			    "$HANDOFF" open -i "$key" | cmp - plain ||
			    fail "$size bytes, $key $armor: we open age's"
		done
	done
	"$HANDOFF" seal -R twenty -o sealed plain
	age -d -i ours sealed | cmp - plain || fail "$size bytes: twenty, age"
	rm -f sealed
	age -R twenty -o sealed plain
	"$HANDOFF" open -i theirs sealed | cmp - plain ||
	    fail "$size bytes: twenty, ours"
	rm -f sealed
done

# age takes a passphrase from a terminal alone.  What ours costs is as it likes
# (tests/cli/11-age.sh); its own cost a second each.
quick=${HANDOFF_QUICK:-$HANDOFF}
if command -v script >/dev/null; then
	typed() { # COMMAND, typing the passphrase twice
		{ sleep 1; echo 'correct horse'; sleep 1
		  echo 'correct horse'; sleep 2; } |
		    SHELL=/bin/sh script -qec "$1" /dev/null >/dev/null
	}
	head -c 70000 /dev/urandom >plain
	echo 'correct horse' >passphrase
	"$quick" seal --passphrase-fd 3 -o sealed plain 3<passphrase
	typed 'age -d -o opened sealed'
	cmp opened plain || fail "passphrase: age opens ours"
	rm -f sealed opened
	typed 'age -p -o sealed plain'
	"$HANDOFF" open --passphrase-fd 3 -o opened sealed 3<passphrase
	cmp opened plain || fail "passphrase: we open age's"
	# And ours asks on a terminal too.
	rm -f opened
	typed "'$HANDOFF' open -p -o opened sealed"
	cmp opened plain || fail "passphrase on a terminal"
	rm -f sealed opened
	typed "'$quick' seal -p -o sealed plain"
	typed 'age -d -o opened sealed'
	cmp opened plain || fail "passphrase chosen on a terminal"
fi

[ "${INTEROP_BIG:-1}" = 1 ] || exit 0
# The same 256 MiB each time, from a counter under a fixed key.
stream() {
	head -c 268435456 /dev/zero |
	    openssl enc -aes-128-ctr -nosalt -K 00112233445566778899aabbccddeeff \
		-iv 00000000000000000000000000000000
}
want=$(stream | openssl sha256)
[ "$(stream | "$HANDOFF" seal -r "$a" | age -d -i ours | openssl sha256)" = \
    "$want" ] || fail "256 MiB: age opens ours"
[ "$(stream | age -r "$a" | "$HANDOFF" open -i ours | openssl sha256)" = \
    "$want" ] || fail "256 MiB: we open age's"
