#!/bin/sh
# Homes: what init and enroll ask for, what they leave, and that a crash in
# the middle leaves nothing that looks like a home.
set -eu
HANDOFF=${HANDOFF_QUICK:-$HANDOFF}

refuses() { # STATUS COMMAND...
	want=$1 rc=0
	shift
	"$@" >out 2>err || rc=$?
	[ $rc -eq "$want" ] || { echo "$*: status $rc, not $want"; cat out err; exit 1; }
}
says() { grep -q -e "$2" "$1" || { echo "no '$2' in $1:"; cat "$1"; exit 1; }; }

echo 'correct horse battery' >pass
"$HANDOFF" keygen -o recovery.key 2>err
recovery=$("$HANDOFF" keygen -y recovery.key)

# Nobody loses a home for want of a word about it.
refuses 2 "$HANDOFF" init --home owner --passphrase-fd 3 3<pass
says err 'recovery RECIPIENT, or --no-recovery'
says err 'hint: handoff keygen -o recovery.key'
refuses 2 "$HANDOFF" init --home owner --recovery age1nonsense --passphrase-fd 3 3<pass
refuses 2 "$HANDOFF" init --home owner --recovery "$recovery" --no-recovery \
    --passphrase-fd 3 3<pass
refuses 2 "$HANDOFF" init --home owner --no-recovery --name 'Our Firm' \
    --passphrase-fd 3 3<pass
says err 'name'
refuses 6 "$HANDOFF" init --home nowhere/owner --no-recovery --passphrase-fd 3 3<pass
[ "$(find . -type f | wc -l)" -eq 4 ] && [ "$(find . -type d)" = . ]

"$HANDOFF" init --home owner --name us --recovery "$recovery" \
    --passphrase-fd 3 3<pass >made
says made '^name  *us$'
says made 'handoff card'
[ "$(stat -c %a owner)" = 700 ]
refuses 2 "$HANDOFF" init --home owner --no-recovery --passphrase-fd 3 3<pass
says err 'is there already'

# The printed fingerprint is that of the card, in both spellings.
"$HANDOFF" card --home owner >us.card
"$HANDOFF" card --show us.card --json >card.json
says made "$(jq -r .fingerprint card.json)"
says made "$(jq -r .words card.json)"
[ "$(jq -r '.name + " " + .role' card.json)" = 'us owner' ]
"$HANDOFF" card --show us.card >text
says text "$(jq -r .words card.json)"
# ... with its keys, for who verifies a receipt or a log.
[ "$(jq -r .log card.json)" = "$(cat owner/log.vkey)" ]
says text "$(cat owner/log.vkey)"
says text "$(jq -r .verifier card.json)"
"$HANDOFF" audit verify owner/log --key "$(jq -r .log card.json)" >/dev/null
"$HANDOFF" card --home owner --json | jq -r .card | cmp - us.card
# ... and of the payload, as docs/FORMATS.md says.
[ "$(jq -r .payload us.card | base64 -d | sha256sum | cut -c 1-32)" = \
    "$(jq -r .fingerprint card.json | tr -d ' ')" ]

# --json says the same, and the name of the host is taken where none is given.
"$HANDOFF" init --home second --no-recovery --json --passphrase-fd 3 3<pass >out
jq -e '.path == "second" and .role == "owner" and
    (.name | test("^[a-z0-9-]{1,32}$"))' out >result
# A wrong passphrase opens nothing.
echo wrong >wrong
refuses 6 "$HANDOFF" vendor end x --home second --passphrase-fd 3 3<wrong

# Split homes have a passphrase a branch; an identity file unlocks without one.
printf 'one\ntwo\nthree\n' >three
"$HANDOFF" init --home split --split --no-recovery --name us \
    --passphrase-fd 3 3<three >out
refuses 6 "$HANDOFF" agreement end a-aaaaaaaaaaaaaaaaaaaaaaaaaa --home split \
    --passphrase-fd 3 3<pass
says err 'passphrase is wrong'
echo one >one
refuses 6 "$HANDOFF" agreement end a-aaaaaaaaaaaaaaaaaaaaaaaaaa --home split \
    --passphrase-fd 3 3<one
says err 'no such agreement'
"$HANDOFF" keygen -o our.key 2>err
"$HANDOFF" init --home keyed --identity our.key --no-recovery --name us >out
refuses 6 "$HANDOFF" agreement end a-aaaaaaaaaaaaaaaaaaaaaaaaaa --home keyed \
    --identity our.key
says err 'no such agreement'
# What is lacking is named, and what would do.
refuses 6 "$HANDOFF" ingest --all --home split --passphrase-fd 3 3<one
says err 'branch reveal: no line is left to read a passphrase from'
refuses 6 "$HANDOFF" agreement end a-aaaaaaaaaaaaaaaaaaaaaaaaaa --home keyed \
    --passphrase-fd 3 3<one
says err 'opens with an identity file'
says err 'hint: -i FILE'
refuses 2 setsid -w "$HANDOFF" agreement end a-aaaaaaaaaaaaaaaaaaaaaaaaaa \
    --home keyed </dev/null
says err 'hint: --passphrase-fd 3 3<FILE, or -i FILE (an age identity)'
refuses 6 "$HANDOFF" agreement end a-aaaaaaaaaaaaaaaaaaaaaaaaaa --home keyed \
    --identity recovery.key

# A vendor's home comes with its first owner or not at all.
refuses 2 "$HANDOFF" enroll --no-recovery --home vendor acme --passphrase-fd 3 3<pass
says err 'needs --owner CARD'
refuses 2 "$HANDOFF" enroll --home vendor --owner us.card acme --passphrase-fd 3 3<pass
says err 'for a lost passphrase: --recovery RECIPIENT, or --no-recovery'
says err 'hint: handoff keygen -o recovery.key makes one'
# A descriptor that nobody opened is not waited for, and one of our own is none.
refuses 2 timeout 20 "$HANDOFF" enroll --no-recovery --home vendor --owner us.card acme --passphrase-fd 3 3<&-
says err 'descriptor 3 is not open'
refuses 2 timeout 20 "$HANDOFF" enroll --no-recovery --home vendor --owner us.card acme --passphrase-fd 9 9<&-
says err 'descriptor 9 is not open'
says err 'passphrase-fd 3 3<FILE'
refuses 2 "$HANDOFF" enroll --no-recovery --home vendor --owner us.card ACME --passphrase-fd 3 3<pass
refuses 2 "$HANDOFF" enroll --no-recovery --home vendor --owner us.card acme \
    --fingerprint 'babab babab' --passphrase-fd 3 3<pass
says err 'fingerprint: neither 8 words'
refuses 4 "$HANDOFF" enroll --no-recovery --home vendor --owner us.card acme \
    --fingerprint 'babab babab babab babab babab babab babab babab' \
    --passphrase-fd 3 3<pass
says err 'hint: handoff card --show us.card'
says err 'fingerprint: not that of this card'
sed 's/"sig":"...../"sig":"AAAAA/' us.card >forged.card
refuses 4 "$HANDOFF" enroll --no-recovery --home vendor --owner forged.card acme --passphrase-fd 3 3<pass
refuses 6 "$HANDOFF" enroll --no-recovery --home vendor --owner recovery.key acme --passphrase-fd 3 3<pass
refuses 6 "$HANDOFF" enroll --no-recovery --home vendor --owner nothing acme --passphrase-fd 3 3<pass
[ ! -e vendor ]

# kill -9 at any moment: there is a whole home, or none and the same command
# makes it.
for kind in init enroll; do
	for ms in 1 3 6 10 15 20 30 45 60 80 110 150; do
		rm -rf home
		case $kind in
		init) set -- init --no-recovery --name us ;;
		*) set -- enroll --no-recovery --owner us.card acme ;;
		esac
		"$HANDOFF" "$@" --home home --identity our.key >out 2>err &
		pid=$!
		sleep "0.$(printf %03d $ms)"
		kill -9 $pid 2>/dev/null || :
		wait $pid 2>/dev/null || :
		# Its keeper notices, and goes.
		i=0
		while [ -e home ] && ! "$HANDOFF" card --home home >out 2>err; do
			i=$((i + 1))
			[ $i -lt 20 ] || { echo "$kind, $ms ms: half a home"; cat err; exit 1; }
			sleep 0.1
		done
		[ -e home ] || "$HANDOFF" "$@" --home home --identity our.key >out
		"$HANDOFF" card --home home >out
	done
done
