#!/bin/sh
# The built program gives every vector of the age testkit the exit status that
# it names, and releases exactly the bytes that it names before a failure: to a
# pipe as they come, to -o only when all is well.
set -eu

vectors=$SHARED/vectors/age/testdata
[ -d "$vectors" ] || { echo "not here, so not run: $vectors"; exit 77; }

fail() { echo "$1"; bad=1; }

# What opens only where the crypto library has ML-KEM-768.
needs_ml_kem=" armor_hybrid hybrid hybrid_and_x25519 hybrid_grease \
hybrid_multiple_recipients "
# Called header failures there; files cut short, which goes before grammar.
cut_short=" stream_no_nonce stream_short_nonce "

# Bytes of a zlib stream are those of a gzip stream with another head; gzip
# complains about the tail, after writing everything.
unzlib() {
	{ printf '\037\213\010\000\000\000\000\000\000\003'; tail -c +3; } |
	    gzip -dc 2>/dev/null || :
}

field() { sed -n "1,/^\$/s/^$1: //p" "$2" | tr -d '\0'; }

status_of() {
	case $cut_short in *" $1 "*) echo 4; return ;; esac
	if [ "$ml_kem" = no ]; then
		case $needs_ml_kem in
		*" $1 "*) echo 6; return ;;
		esac
	fi
	case $2 in
	success) echo 0 ;;
	"HMAC failure" | "payload failure") echo 4 ;;
	*) echo 6 ;;
	esac
}

# One vector: from standard input to a pipe, and from a file to -o.
judge() {
	name=$1 file=$vectors/$1
	expect=$(LC_ALL=C field expect "$file")
	payload=$(LC_ALL=C field payload "$file")
	LC_ALL=C sed '1,/^$/d' "$file" >sealed
	[ -z "$(LC_ALL=C field compressed "$file")" ] || {
		unzlib <sealed >inflated
		mv inflated sealed
	}
	LC_ALL=C field identity "$file" >keys
	passphrase=$(LC_ALL=C field passphrase "$file" | head -n 1)
	want=$(status_of "$name" "$expect")
	set --
	[ ! -s keys ] || set -- -i keys
	[ -z "$passphrase" ] || set -- --passphrase-fd 3
	# armor_empty names no key at all
	[ $# -gt 0 ] || set -- -i any
	printf '%s\n' "$passphrase" >passphrase

	{
		rc=0
		"$HANDOFF" open "$@" <sealed 3<passphrase 2>said || rc=$?
		echo $rc >ended
	} | cat >plain
	read -r rc <ended
	[ "$rc" = "$want" ] ||
	    fail "$name: $expect: exit $rc, not $want: $(cat said)"
	if [ -n "$payload" ] && [ "$want" != 6 ]; then
		got=$(sha256sum <plain | cut -d ' ' -f 1)
		[ "$got" = "$payload" ] ||
		    fail "$name: released $(wc -c <plain) wrong bytes"
	elif [ -s plain ]; then
		fail "$name: released $(wc -c <plain) bytes"
	fi

	rm -f whole
	rc=0
	"$HANDOFF" open "$@" -o whole sealed 3<passphrase 2>said || rc=$?
	[ "$rc" = "$want" ] || fail "$name: -o: exit $rc, not $want"
	if [ "$rc" = 0 ]; then
		cmp -s plain whole || fail "$name: -o wrote other bytes"
	elif [ -e whole ] || [ -n "$(find . -name '.draft*')" ]; then
		fail "$name: -o left something after a failure"
	fi
}

bad=0 count=0
"$HANDOFF" keygen -o any 2>/dev/null
# The program is asked, so that the list flips by itself.
ml_kem=yes
LC_ALL=C field identity "$vectors/hybrid" >keys
LC_ALL=C sed '1,/^$/d' "$vectors/hybrid" >sealed
"$HANDOFF" open -i keys sealed >plain 2>said ||
    ! grep -q 'has no ML-KEM-768' said || ml_kem=no
for vector in "$vectors"/*; do
	count=$((count + 1))
	# Of a third of them sanitizers see the command; tests/keys has all.
	[ "${INTEROP_BIG:-1}" = 1 ] || [ $((count % 3)) -eq 0 ] || continue
	judge "${vector##*/}"
done
[ "$count" -ge 143 ] || fail "only $count vectors"
[ "$ml_kem" = yes ] ||
    echo "without ML-KEM-768, refused by name:$needs_ml_kem"
exit "$bad"
