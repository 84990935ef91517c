#!/bin/sh
# Passphrases on a terminal: three tries of an old one, a word on a weak new
# one; nothing of that for one that comes from a descriptor.
set -eu
HANDOFF=${HANDOFF_QUICK:-$HANDOFF}
command -v python3 >/dev/null || { echo "no python3 here"; exit 77; }

umask 077
on_terminal() { python3 "$TOP/tests/support/terminal.py" "$@" >shown || rc=$?; }
# ended STATUS [TEXT]: and the terminal showed that text
ended() {
	[ "$rc" = "$1" ] || { echo "status $rc, not $1"; cat shown; exit 1; }
	[ $# = 1 ] || grep -qF -e "$2" shown || { echo "no: $2"; cat shown; exit 1; }
	rc=0
}
count() { grep -oF -e "$1" shown | wc -l; }
weak='a passphrase shorter than 12 characters is weak'
none=a-aaaaaaaaaaaaaaaaaaaaaaaaaa
rc=0

on_terminal 'New passphrase: ' elevenchars 'The same again: ' elevenchars \
	-- "$HANDOFF" init --name us --no-recovery --home home
ended 0 "$weak"
[ "$(count "$weak")" = 1 ]
if grep -q elevenchars shown; then exit 1; fi
# Two that differ are refused, not called weak.
on_terminal 'New passphrase: ' short 'The same again: ' other \
	-- "$HANDOFF" init --name us --no-recovery --home none
ended 2 'the passphrases differ'
[ "$(count "$weak")" = 0 ]
[ ! -e none ]

# Standard input is a descriptor like another.
echo fromstandardinput | "$HANDOFF" init --name us --no-recovery --home piped \
	--passphrase-fd 0 >shown
echo fromstandardinput | "$HANDOFF" agreement end "$none" --home piped \
	--passphrase-fd 0 2>shown || rc=$?
ended 6 'no such agreement'

stop() { "$HANDOFF" agreement end "$none" --home home --passphrase-fd 3; }

# Wrong, wrong, right: it is right.  To end an agreement that is not there
# unlocks, and then fails.
on_terminal 'Passphrase: ' wrong 'That was wrong.  Passphrase: ' worse \
	'That was wrong.  Passphrase: ' elevenchars \
	-- "$HANDOFF" agreement end "$none" --home home
ended 6 'no such agreement'
# Three times wrong is the end.
on_terminal 'Passphrase: ' wrong 'That was wrong.  Passphrase: ' worse \
	'That was wrong.  Passphrase: ' worst \
	-- "$HANDOFF" agreement end "$none" --home home
ended 6 'the passphrase is wrong'
[ "$(count 'Passphrase: ')" = 3 ]
# A right one is asked for once, and old ones are nobody's weakness.
on_terminal 'Passphrase: ' elevenchars -- "$HANDOFF" agreement end "$none" --home home
ended 6 'no such agreement'
[ "$(count 'Passphrase: ')" = 1 ]
[ "$(count "$weak")" = 0 ]
# What is typed while it is tried does not show, and is nobody's answer.
python3 "$TOP/tests/support/typed_ahead.py" 'Passphrase: ' elevenchars typedahead \
	-- "$HANDOFF" agreement end "$none" --home home >shown || rc=$?
ended 6 'no such agreement'
if grep -q -e typedahead -e elevenchars shown; then cat shown; exit 1; fi
# From a descriptor there is one try, whatever else it holds.
printf 'wrong\nelevenchars\n' >pass
stop 3<pass 2>err || rc=$?
[ $rc = 6 ] && grep -q 'the passphrase is wrong' err
rc=0

# ---- A new one
on_terminal 'Passphrase: ' wrong 'New passphrase: ' 'twelve chars' \
	'The same again: ' 'twelve chars' \
	'That was wrong.  Passphrase: ' elevenchars \
	'New passphrase: ' 'twelve chars' 'The same again: ' 'twelve chars' \
	-- "$HANDOFF" keys rotate --home home
ended 0 'is changed'
[ "$(count "$weak")" = 0 ]
# Characters are counted, not bytes; what a descriptor gives is looked at, too.
printf 'twelve chars\nfünf mal zwö\n' >pass
"$HANDOFF" keys rotate --home home --passphrase-fd 3 3<pass >out 2>err
[ ! -s err ]
printf 'fünf mal zwö\nfünf mal ö\n' >pass
"$HANDOFF" keys rotate --home home --passphrase-fd 3 3<pass >out 2>err
[ "$(cat err)" = "handoff: $weak; five words drawn at random make a good one" ]

"$HANDOFF" card --home home >us.card
print=$("$HANDOFF" card --show us.card --json | sed 's/.*"fingerprint":"\([^"]*\)".*/\1/')
printf 'short\n' >pass
"$HANDOFF" enroll acme --owner us.card --fingerprint "$print" --no-recovery \
	--home vendor --passphrase-fd 3 3<pass >out 2>err
grep -qF "$weak" err
"$HANDOFF" keygen -o key 2>err
"$HANDOFF" enroll acme --owner us.card --fingerprint "$print" --no-recovery \
	--home other --identity key >out 2>err
[ ! -s err ]
