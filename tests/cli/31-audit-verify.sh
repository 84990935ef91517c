#!/bin/sh
# A log made with openssl and printf verifies; each of its files changed or gone
# ends with status 4 and the entry's number.
set -eu

refuses() { # STATUS COMMAND...
	want=$1 rc=0
	shift
	"$@" >out 2>err || rc=$?
	[ $rc -eq "$want" ] || { echo "$*: status $rc, not $want"; cat out err; exit 1; }
}
says() { grep -q -e "$2" "$1" || { echo "no '$2' in $1:"; cat "$1"; exit 1; }; }
hash() { openssl dgst -sha256 -binary; }

"$HANDOFF" sign --new example.com/log -o key 2>err
vkey=$(sed 's/^Verifier key: //' err)

mkdir -p log/tile/0/000.p log/tile/entries/000.p
# Two entries of five bytes, each behind its length.
printf '\0\005first\0\006second' >log/tile/entries/000.p/2
{ printf '\0first' | hash; printf '\0second' | hash; } >log/tile/0/000.p/2
root=$({ printf '\001'; cat log/tile/0/000.p/2; } | hash | base64)
printf 'example.com/log\n2\n%s\n' "$root" | "$HANDOFF" sign -k key >log/checkpoint

"$HANDOFF" audit verify log --key "$vkey" >out
says out '^example.com/log$'
says out "^2 entries, root $root$"
"$HANDOFF" audit verify log --key "$vkey" --json >out
says out '"size":2,"witnessed":false'

bad() { refuses 4 "$HANDOFF" audit verify log --key "$vkey"; says err "$1"; }
whole() { rm -rf log; cp -r kept log; }
cp -r log kept
printf '\0\005first\0\006secord' >log/tile/entries/000.p/2
bad 'audit verify: log: entry 1: '
printf '\0\005first\0\006secon' >log/tile/entries/000.p/2
bad 'entry 1: cut short'
printf '\0\005first\0\006second\0' >log/tile/entries/000.p/2
bad 'entry 1: bytes behind it'
whole
printf '\0\005First\0\006second' >log/tile/entries/000.p/2
{ printf '\0First' | hash; printf '\0second' | hash; } >log/tile/0/000.p/2
bad 'entries 0 to 1: not those of the checkpoint'
whole
rm log/tile/0/000.p/2
bad 'entry 0: tile/0/000.p/2: no such file'
whole
sed -i 's/^2$/1/' log/checkpoint
bad 'signature'
whole
printf 'example.com/log\n3\n%s\n' "$root" | "$HANDOFF" sign -k key >log/checkpoint
bad 'entry 0: tile/entries/000.p/3: no such file'
printf 'example.com/other\n2\n%s\n' "$root" | "$HANDOFF" sign -k key >log/checkpoint
bad 'another origin'
printf 'not a checkpoint\n' >log/checkpoint
bad 'checkpoint'
refuses 6 "$HANDOFF" audit verify . --key "$vkey"
refuses 6 "$HANDOFF" audit verify nowhere --key "$vkey"
refuses 2 "$HANDOFF" audit verify log
refuses 2 "$HANDOFF" audit verify log --key nonsense

# A log of our own origin must hold entries of ours.
id=h-aaaaaaaaaaaaaaaaaaaaaaaaaa
"$HANDOFF" sign --new "handoff.invalid/log/$id" -o ours 2>err
vkey=$(sed 's/^Verifier key: //' err)
whole
printf 'handoff.invalid/log/%s\n2\n%s\n' $id "$root" |
	"$HANDOFF" sign -k ours >log/checkpoint
bad 'entry 0: not an entry in canonical form'

# The first entry creates the home that the origin names.
one() { # HOME
	entry="{\"at\":\"2026-11-23T20:15:00Z\",\"home\":\"$1\",\"kind\":\"home-created\",\"role\":\"owner\",\"salt\":\"00112233445566778899aabbccddeeff\"}"
	rm -rf log
	mkdir -p log/tile/0/000.p log/tile/entries/000.p
	# shellcheck disable=SC2059 # the length as an octal escape
	{
		printf "\\0\\$(printf %03o ${#entry})"
		printf %s "$entry"
	} >log/tile/entries/000.p/1
	{ printf '\0'; printf %s "$entry"; } | hash >log/tile/0/000.p/1
	printf 'handoff.invalid/log/%s\n1\n%s\n' $id \
		"$(base64 log/tile/0/000.p/1)" |
		"$HANDOFF" sign -k ours >log/checkpoint
}
one $id
"$HANDOFF" audit verify log --key "$vkey" >out
says out '^1 entries'
one h-bbbbbbbbbbbbbbbbbbbbbbbbbb
bad 'entry 0: home-created: the home is not the one'

[ -d "${SHARED:-}/vectors/tlog/tessera_log" ] || exit 0
"$HANDOFF" audit verify "$SHARED/vectors/tlog/tessera_log" \
	--key "$SHARED/vectors/tlog/tessera_log/vkey.txt" >out
says out '^15 entries, root rKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=$'
