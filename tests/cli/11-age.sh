#!/bin/sh
# keygen, seal, open and inspect as a person uses them: what they refuse, what
# they say, and what a refusal leaves behind (nothing).
set -eu

fail() { echo "$1"; [ ! -s said ] || cat said; exit 1; }

# exits WANT COMMAND...: the program's status, what it says in ./said
exits() {
	want=$1
	shift
	rc=0
	"$HANDOFF" "$@" 2>said || rc=$?
	[ "$rc" = "$want" ] || fail "handoff $*: exit $rc, not $want"
}
says() { grep -q -e "$1" said || fail "does not say \"$1\""; }

printf 'two hundred photos\n' >plain

# An identity file is ours alone, is never overwritten, and names its recipient.
exits 0 keygen -o key
[ "$(stat -c %a key)" = 600 ] || fail "key file: mode $(stat -c %a key)"
recipient=$(sed -n 's/^Public key: //p' said)
grep -q "^# public key: $recipient\$" key || fail "key file names another key"
cp key kept
exits 2 keygen -o key
says '^handoff: keygen: key: is there already$'
says 'hint: another name behind -o'
cmp -s key kept || fail "keygen overwrote an identity"
ln -s nowhere link
exits 2 keygen -o link
[ ! -e nowhere ] || fail "keygen followed a link"
rm link
[ "$("$HANDOFF" keygen -y key)" = "$recipient" ] || fail "keygen -y"

# A post-quantum identity works, or says what is missing and leaves nothing.
if "$HANDOFF" keygen --hybrid -o hybrid 2>said; then
	grep -q '^AGE-SECRET-KEY-PQ-1' hybrid || fail "no hybrid identity"
	"$HANDOFF" keygen -y hybrid >team
	exits 0 seal -R team -o sealed plain
	exits 0 open -i hybrid -o again sealed
	cmp -s again plain || fail "open with a hybrid identity"
	rm -f again
else
	says 'has no ML-KEM-768'
	[ ! -e hybrid ] || fail "left a hybrid identity"
	exits 6 keygen --hybrid
fi

# Sealing the same bytes twice repeats nothing.
exits 0 seal -r "$recipient" -o one plain
exits 0 seal -r "$recipient" -o two plain
cmp -s one two && fail "two sealed files are the same"
[ "$(tail -c +169 one | head -c 16 | od -An -tx1)" != \
    "$(tail -c +169 two | head -c 16 | od -An -tx1)" ] || fail "nonce repeated"
[ "$(stat -c %a one)" = 600 ] || fail "sealed file: mode $(stat -c %a one)"

# Any of the identities given opens; file, standard input and - are the same.
exits 0 keygen -o other
for how in one - ''; do
	# shellcheck disable=SC2086
	"$HANDOFF" open -i other -i key $how <one | cmp -s - plain ||
	    fail "open ${how:-without operand}"
done
exits 0 open -i key -o again one
cmp -s again plain || fail "open -o"

# Recipients from a file; several open each for itself.
other=$("$HANDOFF" keygen -y other)
printf '# the team\n%s\n\n%s\n' "$recipient" "$other" >team
exits 0 seal -R team -o shared plain
for k in key other; do
	exits 0 open -i "$k" -o again shared
	cmp -s again plain || fail "open with $k"
done

# Armor.
exits 0 seal -a -r "$recipient" -o armored plain
head -n 1 armored | grep -q '^-----BEGIN AGE ENCRYPTED FILE-----$' ||
    fail "no armor"
exits 0 open -i key -o again armored
cmp -s again plain || fail "open armor"

# A passphrase from a descriptor; never with other recipients.
echo 'correct horse' >passphrase
exits 0 seal --passphrase-fd 3 -o locked plain 3<passphrase
# What people use writes 2^18; builds with sanitizers and HANDOFF_QUICK do not.
nm "$HANDOFF" 2>/dev/null | grep -q __asan_init ||
    grep -aq '^-> scrypt .* 18$' locked || fail "the cost of a passphrase"
exits 0 open --passphrase-fd 3 -o again locked 3<passphrase
cmp -s again plain || fail "open with a passphrase"
exits 6 open --passphrase-fd 0 locked <<-END
	battery staple
END
says 'the passphrase is wrong'
exits 6 open -i key locked
says 'under a passphrase, none given'
exits 2 seal --passphrase-fd 3 -r "$recipient" plain 3<passphrase
says 'cannot be combined'
exits 6 open --passphrase-fd 0 locked </dev/null
says 'no line is left to read a passphrase from'
echo >empty
exits 6 open --passphrase-fd 0 locked <empty
says 'passphrase is empty'
# An identity file may itself be sealed under a passphrase.
exits 0 seal --passphrase-fd 3 -a -o key.age key 3<passphrase
exits 0 open -i key.age --passphrase-fd 3 -o again one 3<passphrase
cmp -s again plain || fail "open with a sealed identity file"

# Grammar, armor, no match: 6.  MAC, tag, truncation: 4.  Nothing is left.
rm -f again
refuses() { # WANT WORDS SED-or-command...
	want=$1 words=$2
	exits "$want" open -i key -o again broken
	says "$words"
	[ ! -e again ] || fail "left something: $words"
	[ -z "$(find . -name '.draft*')" ] || fail "left a draft: $words"
}
sed '1s/v1/v2/' one >broken; refuses 6 'a version of age'
sed '1s/age/egg/' one >broken; refuses 6 'not an age file'
: >broken; refuses 6 'nothing there'
sed '2s/X25519/X25518/' one >broken; refuses 6 'no identity matches'
sed '2s/$/ more/' one >broken; refuses 6 'malformed X25519 stanza'
sed '3s/^.\{4\}//' one >broken; refuses 6 'malformed X25519 stanza'
sed '4s/^--- ..../--- AAAA/' one >broken; refuses 4 'the MAC is wrong'
sed '2s/ X25519/ other/' shared >broken; refuses 6 'no identity matches'
head -c 20 one >broken; refuses 4 'header: cut short'
head -c 100 one >broken; refuses 4 'header: cut short'
head -c 170 one >broken; refuses 4 'payload: cut short'
head -c 190 one >broken; refuses 4 'cut short'
{ cat one; echo; } >broken; refuses 4 'altered'
sed '3s/^.*$/@/' armored >broken; refuses 6 'not canonical base64'
head -n 3 armored >broken; refuses 4 'cut short'
sed '$d' armored >broken; refuses 6 'no END line'
exits 6 open -i other one
says 'no identity matches'

# The whole file is not there yet: what is there keeps its old contents.
echo before >again
head -c 190 one >broken
exits 4 open -i key -o again broken
[ "$(cat again)" = before ] || fail "a failure touched the old file"

# What is no recipient or identity is not repeated back: it may be a secret.
secret=$(grep AGE-SECRET key)
exits 6 seal -r "$secret" plain
grep -q "$secret" said && fail "a secret was printed"
echo "${secret}X" >mistyped
exits 6 open -i mistyped one
says 'line 1: not an age identity'
grep -q "$secret" said && fail "a secret was printed"

# Usage.
exits 2 seal plain
says 'no recipient'
exits 2 open one
says 'no identity'
exits 6 open -i not-there one
says 'no such file'
exits 6 seal -r "$recipient" not-there
exits 6 seal -r "$recipient" -o . plain

# What anyone can tell, without a key.
"$HANDOFF" inspect shared >told
grep -q '^recipients *2 X25519$' told || fail "inspect: $(cat told)"
grep -q '^plain bytes *19$' told || fail "inspect: $(cat told)"
"$HANDOFF" inspect --json armored >told
for want in '"armor":true' '"chunks":1' '"plain_bytes":19' \
    '"recipients":\["X25519"\]'; do
	grep -q -e "$want" told || fail "inspect --json: $(cat told)"
done
"$HANDOFF" inspect locked | grep -q 'scrypt' || fail "inspect: scrypt"
head -c 170 one >broken
exits 4 inspect broken

# A terminal gets armor and text, not binary.
if command -v script >/dev/null; then
	on_terminal() {
		SHELL=/bin/sh script -qec "$1" /dev/null </dev/null >shown || :
		tr -d '\r' <shown >shown.unix
		mv shown.unix shown
	}
	on_terminal "'$HANDOFF' seal -r $recipient plain"
	grep -q 'does not go to a terminal' shown || fail "sealed to a terminal"
	on_terminal "'$HANDOFF' open -i key one"
	grep -q '^two hundred photos$' shown || fail "no text on a terminal"
	printf 'a\000b\033[2J' >binary
	exits 0 seal -r "$recipient" -o one binary
	on_terminal "'$HANDOFF' open -i key one"
	grep -q 'does not go to a terminal' shown || fail "binary on a terminal"
fi
