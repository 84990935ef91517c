#!/bin/sh
# Notes and envelopes by hand: what is signed verifies, what is changed does
# not, keys stay where they are, and each refusal has its exit status.
set -eu

refuses() { # STATUS COMMAND...
	want=$1 rc=0
	shift
	"$@" >out 2>err || rc=$?
	[ $rc -eq "$want" ] || { echo "$*: status $rc, not $want"; cat out err; exit 1; }
}
says() { grep -q -e "$2" "$1" || { echo "no '$2' in $1:"; cat "$1"; exit 1; }; }

"$HANDOFF" sign --new example.com/log -o key 2>err
says err '^Verifier key: example.com/log+'
vkey=$(sed 's/^Verifier key: //' err)
says key '^PRIVATE+KEY+example.com/log+'
[ "$(stat -c %a key)" = 600 ]
# A key is never written over another.
cp key kept
refuses 2 "$HANDOFF" sign --new example.com/log -o key
cmp key kept

printf 'first line\n\nthird line\n' >text
"$HANDOFF" sign -k key text -o note
tail -n 1 note | grep -q "^— example.com/log "
"$HANDOFF" verify -k "$vkey" note | cmp - text
echo "$vkey" >vkey
"$HANDOFF" verify -k vkey <note | cmp - text
# Signing is deterministic, so a second run is the same note.
"$HANDOFF" sign -k key <text | cmp - note

sed 's/third/theft/' note >forged
refuses 4 "$HANDOFF" verify -k "$vkey" forged -o result
[ ! -e result ]
[ ! -s out ]
"$HANDOFF" sign --new example.com/log -o other 2>err
refuses 4 "$HANDOFF" verify -k "$(sed 's/^Verifier key: //' err)" note
says err 'no signature by a known key'
# One of several keys is enough.
"$HANDOFF" sign --new example.com/second -o second 2>err
"$HANDOFF" verify -k "$(sed "s/^Verifier key: //" err)" -k "$vkey" note |
	cmp - text

"$HANDOFF" sign -k key -t application/x-test text -o envelope
says envelope '^{"payload":"'
"$HANDOFF" verify -k "$vkey" envelope | cmp - text
"$HANDOFF" verify -k "$vkey" -t application/x-test envelope | cmp - text
refuses 6 "$HANDOFF" verify -k "$vkey" -t application/y envelope
sed 's/application/Application/' envelope >forged
refuses 4 "$HANDOFF" verify -k "$vkey" forged
sed 's/"payload":".../"payload":"AAA/' envelope >forged
refuses 4 "$HANDOFF" verify -k "$vkey" forged

refuses 6 "$HANDOFF" verify -k "$vkey" text
refuses 6 "$HANDOFF" verify -k "$vkey" /dev/null
refuses 2 "$HANDOFF" verify note
refuses 2 "$HANDOFF" verify -k nonsense note
refuses 2 "$HANDOFF" verify -k example.com/log+00000000+AAAA note
refuses 2 "$HANDOFF" sign text
says err 'hint: handoff sign --new'
refuses 6 "$HANDOFF" sign -k vkey text
refuses 6 "$HANDOFF" sign -k nowhere text
refuses 6 "$HANDOFF" sign --new 'a name' -o third
[ ! -e third ]
printf 'no newline' >text
refuses 6 "$HANDOFF" sign -k key text
