#!/bin/sh
# The drill: a home is lost, and comes back from its backup by a recovery key
# that age-keygen made.  A backup opens without us; one taken while others write
# is one moment of the home; what is not a backup of ours is refused whole.
set -eu
HANDOFF=${HANDOFF_QUICK:-$HANDOFF}
# shellcheck source=tests/support/flip.sh
. "$TOP/tests/support/flip.sh"

command -v age-keygen >/dev/null || { echo "age is not here"; exit 77; }

refuses() { # STATUS COMMAND...
	want=$1 rc=0
	shift
	"$@" >out 2>err || rc=$?
	[ $rc -eq "$want" ] || { echo "$*: status $rc, not $want"; cat out err; exit 1; }
}
says() { grep -q -e "$2" "$1" || { echo "no '$2' in $1:"; cat "$1"; exit 1; }; }
print() { "$HANDOFF" card --show "$1" --json | sed 's/.*"fingerprint":"\([^"]*\)".*/\1/'; }
nothing_left() { [ -z "$(find . -name '.draft*' -print)" ] || { find . -name '.draft*'; exit 1; }; }

age-keygen -o recovery.key 2>/dev/null
to=$(age-keygen -y recovery.key)
"$HANDOFF" keygen -o key 2>/dev/null
echo old >old
echo new >new

# A home with something in it: vendors and their papers.
"$HANDOFF" init --name clinic --recovery "$to" -i key --home home >/dev/null
"$HANDOFF" card --home home >clinic.card
"$HANDOFF" enroll acme --owner clinic.card --recovery "$to" -i key \
    --home vendor -f "$(print clinic.card)" >/dev/null
"$HANDOFF" card --home vendor >acme.card
"$HANDOFF" vendor add acme acme.card --country NL -i key --home home \
    -f "$(print acme.card)" >/dev/null
echo "the paper" >dpa.pdf
"$HANDOFF" agreement add acme dpa dpa.pdf --from 2020-01-01 -i key \
    --home home >/dev/null

# It takes the place of a backup, and of nothing else.
refuses 2 "$HANDOFF" backup old --home home -i key
says err 'old: is there already, and no backup'
[ "$(cat old)" = old ]

# Looking needs no passphrase; never backed up is a warning, not a failure.
"$HANDOFF" status --home home >out
says out 'no backup was ever made'
"$HANDOFF" status --home home --json | jq -e '.wrong[0].what == "no-backup"' >/dev/null
"$HANDOFF" backup home.age --home home -i key >out
says out '^home.age: '
"$HANDOFF" status --home home >out
says out '^wrong: nothing'
jq -e . >/dev/null <<-END
$("$HANDOFF" audit list --kind backup-made --home home --json)
END
[ "$("$HANDOFF" audit list --kind backup-made --home home --json |
    jq -r .entry.object)" = "$(sha256sum home.age | cut -d ' ' -f 1)" ]

# age and tar open it.
age -d -i recovery.key home.age | tar tf - >names
for name in catalog.db log.vkey keys/home.json keys/root-recovery.age; do
	grep -qx "$name" names || { echo "$name is not in the backup"; exit 1; }
done
if grep -q -e '^run/' -e '^log/' -e '^lock$' -e '\.draft' names; then
	cat names
	exit 1
fi
mkdir opened
age -d -i recovery.key home.age | tar xf - -C opened
cmp opened/keys/root.age home/keys/root.age

# The home is lost.
print=$("$HANDOFF" card --home home --json | jq -r .fingerprint)
"$HANDOFF" status --home home --json | jq 'del(.entries, .backup, .restored, .wrong)' >before
"$HANDOFF" vendor list --home home >vendors
rm -rf home
refuses 2 "$HANDOFF" status --home home
"$HANDOFF" restore home.age --home home -i recovery.key --passphrase-fd 3 3<new >out
says out 'What happened after the backup'
says out 'NOT COMPARED WITH ANYTHING'
says out "$print"
"$HANDOFF" status --home home --json | jq 'del(.entries, .backup, .restored, .wrong)' >after
cmp before after
# It says so until a backup was made of what it is now.
"$HANDOFF" status --home home >out
says out "this home was restored from a backup, on $(date -u +%Y-%m-%d)"
says out 'tell the vendors'
says out 'handoff backup FILE'
[ "$(awk 'length > 80' out)" = '' ]
"$HANDOFF" status --home home --json | jq -e '.restored != null' >/dev/null
cp -a home saved
sleep 1.1
"$HANDOFF" backup saved.age --home saved --passphrase-fd 3 3<new >/dev/null
"$HANDOFF" status --home saved >out
if grep -q 'was restored' out; then cat out; exit 1; fi
rm -rf saved saved.age
"$HANDOFF" vendor list --home home | cmp - vendors
"$HANDOFF" audit verify --home home >out
says out 'every row and fact follows'
says out 'every entry, tile and signature holds'
"$HANDOFF" audit verify home/log --key home/log.vkey >/dev/null
[ "$("$HANDOFF" audit list --kind restored --home home | wc -l)" -eq 1 ]
# It writes, with the new passphrase and not with what unlocked it before.
refuses 6 "$HANDOFF" backup again.age --home home -i key
[ ! -e again.age ]
"$HANDOFF" backup again.age --home home --passphrase-fd 3 3<new >/dev/null
"$HANDOFF" vendor suspend acme --home home --passphrase-fd 3 3<new >/dev/null

# A vendor's home, too.
"$HANDOFF" backup vendor.age --home vendor -i key >/dev/null
rm -rf vendor
"$HANDOFF" restore vendor.age --home vendor -i recovery.key --new-identity key >out
says out 'What was fetched and returned after the backup is not known here'
if grep -q 'ERASED' out; then cat out; exit 1; fi
"$HANDOFF" status --home vendor >out
says out 'before labels are sent again ask the owner'
if grep -q 'tell the vendors' out; then cat out; exit 1; fi
[ "$(awk 'length > 80' out)" = '' ]
"$HANDOFF" card --home vendor | cmp - acme.card
"$HANDOFF" status --home vendor --json | jq -e '.owners | length == 1' >/dev/null

# Never over something; the wrong key, a cut or altered file: nothing is there.
refuses 2 "$HANDOFF" restore home.age --home home -i recovery.key --passphrase-fd 3 3<new
refuses 6 "$HANDOFF" restore home.age --home x -i key --passphrase-fd 3 3<new
head -c 100000 home.age >cut.age
refuses 4 "$HANDOFF" restore cut.age --home x -i recovery.key --passphrase-fd 3 3<new
cp home.age altered.age
flip altered.age 50000
refuses 4 "$HANDOFF" restore altered.age --home x -i recovery.key --passphrase-fd 3 3<new
refuses 4 "$HANDOFF" restore home.age --home x -i recovery.key \
    --key "$(cat vendor/log.vkey)" --passphrase-fd 3 3<new
says err 'another home'
refuses 4 "$HANDOFF" restore home.age --home x -i recovery.key \
    -f "$(echo "$print" | tr 0-9a-f 1-9a-f0)" --passphrase-fd 3 3<new
says err 'another fingerprint'
[ ! -e x ]
"$HANDOFF" restore home.age --home x -i recovery.key --new-identity key \
    --fingerprint "$print" >out
if grep -q COMPARED out; then cat out; exit 1; fi
rm -rf x
# The key, too, as itself or as the copy of log.vkey that was kept.
cp home/log.vkey clinic.vkey
for key in clinic.vkey "$(cat clinic.vkey)"; do
	"$HANDOFF" restore home.age --home x -i recovery.key --new-identity key \
	    --key "$key" >out
	if grep -q COMPARED out; then cat out; exit 1; fi
	rm -rf x
done
refuses 2 "$HANDOFF" restore home.age --home x -i recovery.key \
    --new-identity key --key nonsense
says err 'verifier key'
refuses 6 "$HANDOFF" restore home.age --home x -i recovery.key \
    --new-identity key --key recovery.key
[ ! -e x ]
[ ! -e x ]
nothing_left

# What somebody else made for our recovery key.
hostile() { # STATUS WANT TAR-OPTIONS...: of the folder evil
	status=$1 saying=$2
	shift 2
	tar --format=ustar --mtime=@0 --owner=0 --group=0 --numeric-owner \
	    -C evil -cf evil.tar "$@"
	age -r "$to" -o evil.age evil.tar
	refuses "$status" "$HANDOFF" restore evil.age --home x -i recovery.key \
	    --passphrase-fd 3 3<new
	says err "$saying"
	[ ! -e x ] && [ ! -e escaped ] && [ ! -e ../escaped ]
	nothing_left
}
reset() { rm -rf evil; mkdir evil; cp -r opened/. evil; chmod 644 evil/catalog.db evil/log.vkey; }
reset
echo x >evil/escaped
hostile 6 'not one that a backup has' --transform 's,^escaped,../escaped,' -P escaped
hostile 6 'not one that a backup has' --transform 's,^escaped,/tmp/escaped,' -P escaped
hostile 6 'not one that a backup has' --transform 's,^escaped,keys/../../escaped,' -P escaped
hostile 6 'not one that a backup has' --transform 's,^escaped,run/escaped,' escaped
hostile 6 'not one that a backup has' --transform 's,^escaped,log/checkpoint,' escaped
ln -s /tmp evil/link
hostile 6 'not one that a backup has' link
rm evil/link
ln evil/escaped evil/hard
hostile 6 'not one that a backup has' escaped hard
mkfifo evil/pipe
hostile 6 'not one that a backup has' pipe
hostile 6 'comes twice' --mode=644 log.vkey log.vkey --hard-dereference
# A size that is a lie, with the checksum that goes with it.
tar --format=ustar --mtime=@0 --owner=0 --group=0 --numeric-owner --mode=644 \
    -C evil -cf evil.tar log.vkey
printf '77777777777' | dd of=evil.tar bs=1 seek=124 conv=notrunc status=none
sum=$(dd if=evil.tar bs=1 count=512 status=none | od -An -v -tu1 |
    awk '{ for (i = 1; i <= NF; i++) { n++; s += (n > 148 && n <= 156) ? 32 : $i } }
	END { printf "%06o", s }')
printf '%s' "$sum" | dd of=evil.tar bs=1 seek=148 conv=notrunc status=none
age -r "$to" -o evil.age evil.tar
refuses 6 "$HANDOFF" restore evil.age --home x -i recovery.key --passphrase-fd 3 3<new
says err 'larger than the backup'
[ ! -e x ]
nothing_left

# Without recovery there is nobody to seal to.
"$HANDOFF" init --name other --no-recovery -i key --home other >/dev/null
refuses 3 "$HANDOFF" backup other.age --home other -i key
says err 'recovery'
[ ! -e other.age ]
"$HANDOFF" status --home other >out
says out 'no recovery recipient'
