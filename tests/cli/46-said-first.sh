#!/bin/sh
# What is wrong with a command is told before a passphrase is asked for: here
# nobody is there to give one.
set -eu
owner_unlock='--passphrase-fd 3'
# shellcheck source=tests/support/two_homes.sh
. "$TOP/tests/support/two_homes.sh"
two_homes
# The same homes, and no means to unlock them.
us() { "$HANDOFF" "$@" --home owner </dev/null; }
them() { "$HANDOFF" "$@" --home vendor </dev/null; }
locked='no terminal to ask for a passphrase on'
id=aaaaaaaaaaaaaaaaaaaaaaaaaa

fails 2 'zzz: no type of agreement' us agreement add acme zzz nda.txt --from 2026-01-01
fails 2 'it ends before it begins' \
	us agreement add acme nda nda.txt --from 2026-01-02 --until 2026-01-01
fails 6 'nobody: no such vendor' us agreement add nobody nda nda.txt --from 2026-01-01
fails 6 'nothing: no such file' us agreement add acme nda nothing --from 2026-01-01
fails 2 "not an agreement's id" us agreement end x
fails 2 'the name is not' us vendor add A acme.card --country NL
fails 2 'not a code of ISO 3166-1' us vendor add b acme.card --country Holland
fails 2 'neither dedicated nor crowd' \
	us vendor add b acme.card --country NL --model robots
for change in suspend resume end; do
	fails 6 'nobody: no such vendor' us vendor $change nobody
done
fails 6 'nobody: no such vendor' \
	us vendor confirm nobody --fingerprint "$(print acme.card)"
fails 6 'none: no such batch' us batch extend none --until 2027-01-01
fails 6 'none: no such batch' us batch withdraw none
fails 6 'none: no such batch' us batch approve none --yes
fails 6 'none: no such batch' us batch shred none --yes
fails 6 'none: no such batch or vendor' us stop none
fails 6 'none: no such batch or vendor' us hold add none --reason x
fails 2 "not a hold's id" us hold end x
fails 2 'not such an id' us suppress remove x
echo key | "$HANDOFF" suppress add --reason zzz --subject - --home owner 2>err.txt &&
	exit 1
grep -q 'reason: objection' err.txt
fails 2 'not a numeric ADDRESS:PORT' us agent --listen x
fails 2 'neither an address' them fetch ftp://x
fails 2 'neither an address' them fetch no/folder
fails 2 'not https://HOST:PORT' them inbox --agent x/y
fails 6 'batch none: not here' them return none nda.txt

# What is right needs the passphrase, and changes nothing without.
was=$("$HANDOFF" audit list --home owner --json | wc -l)
fails 2 "$locked" us agreement add acme dpa nda.txt --from 2026-01-01
fails 2 "$locked" us agreement end a-$id
fails 2 "$locked" us vendor suspend acme
fails 2 "$locked" us stop acme
fails 2 "$locked" us hold add acme --reason x
fails 2 "$locked" us hold end k-$id
fails 2 "$locked" us suppress remove u-$id
[ "$("$HANDOFF" audit list --home owner --json | wc -l)" = "$was" ]

# An agent that runs has the home unlocked, for itself alone.
agent_start owner
fails 2 "$locked" us vendor suspend acme
fails 6 'nobody: no such vendor' us vendor suspend nobody
[ "$("$HANDOFF" audit list --home owner --json | wc -l)" = "$was" ]
owner vendor suspend acme >/dev/null
[ "$("$HANDOFF" audit list --home owner --json | wc -l)" = $((was + 1)) ]
agent_stop
