#!/bin/sh
# What unlocks a home is changed: what did no longer does, the log and the keys
# stay; of a split home one branch alone; and a split home comes back from a
# backup with a new passphrase for each branch.
set -eu
HANDOFF=${HANDOFF_QUICK:-$HANDOFF}

refuses() { # STATUS COMMAND...
	want=$1 rc=0
	shift
	"$@" >out 2>err || rc=$?
	[ $rc -eq "$want" ] || { echo "$*: status $rc, not $want"; cat out err; exit 1; }
}
lines() { printf '%s\n' "$@" >lines; }
rotate() { home=$1; shift; "$HANDOFF" keys rotate --home "$home" "$@"; }
# Something that needs the release branch, and something that needs reveal.
writes() { "$HANDOFF" backup b.age --home "$1" --passphrase-fd 3 3<lines >/dev/null; }
reveals() { "$HANDOFF" audit show 0 --sidecar --home "$1" --passphrase-fd 3 3<lines; }

"$HANDOFF" keygen -o key 2>/dev/null
"$HANDOFF" keygen -o other 2>/dev/null
"$HANDOFF" keygen -o recovery.key 2>/dev/null
to=$("$HANDOFF" keygen -y recovery.key)

# A whole home: passphrase, passphrase, identity, identity.
lines one
"$HANDOFF" init --name a --recovery "$to" --home a --passphrase-fd 3 3<lines >/dev/null
log=$(cat a/log.vkey)
writes a
mv b.age before.age
lines wrong two
refuses 6 rotate a --passphrase-fd 3 3<lines
lines one two
rotate a --passphrase-fd 3 3<lines >out
grep -q 'still open' out
lines one
refuses 6 writes a
lines two
writes a
rotate a --passphrase-fd 3 --new-identity key 3<lines >/dev/null
refuses 6 writes a
"$HANDOFF" backup i.age --home a -i key >/dev/null
rotate a -i key --new-identity other >/dev/null
refuses 6 "$HANDOFF" backup j.age --home a -i key
"$HANDOFF" backup j.age --home a -i other >/dev/null
[ "$(cat a/log.vkey)" = "$log" ]
"$HANDOFF" audit verify --home a >/dev/null

# The old backup has the old wrap, as it says.
age -d -i recovery.key before.age | tar xf - keys
lines two
if "$HANDOFF" open -p --passphrase-fd 3 3<lines keys/root.age >out 2>err; then exit 1; fi
lines one
"$HANDOFF" open -p --passphrase-fd 3 3<lines keys/root.age >out

# A split home: one branch.
lines r e v
"$HANDOFF" init --name s --split --recovery "$to" --home s --passphrase-fd 3 3<lines >/dev/null
lines r r2
rotate s --branch release --passphrase-fd 3 3<lines >/dev/null
lines r
refuses 6 writes s
lines r2
writes s
lines v
refuses 6 reveals s # nothing to show, but it was unlocked
grep -q sidecar err
refuses 2 rotate s --branch relese --passphrase-fd 3 3<lines

# A mistake on the way says how far it came, and how to go on.
lines r2 r3 wrong e2
refuses 6 rotate s --passphrase-fd 3 3<lines
grep -q 'changed: release; the rest not' err
grep -q 'hint: handoff keys rotate .*--branch export --branch reveal' err
lines r3 r2
rotate s --branch release --passphrase-fd 3 3<lines >/dev/null

# And back, three new ones.
lines x y z
"$HANDOFF" restore b.age --home s2 -i recovery.key --passphrase-fd 3 3<lines >/dev/null
lines x
writes s2
lines z
refuses 6 reveals s2
grep -q sidecar err
lines r2
refuses 6 writes s2
"$HANDOFF" status --home s2 --json | jq -e .split >/dev/null
"$HANDOFF" audit verify --home s2 >/dev/null
