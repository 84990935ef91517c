#!/bin/sh
# An offline delivery opens with Debian's age, tar, jq and sha256sum, as its
# START-HERE.txt says, and in no other way than approved and allowed.
set -eu

for tool in age jq sha256sum tar; do
	command -v $tool >/dev/null || { echo "no $tool here"; exit 77; }
done
umask 077
"$HANDOFF" keygen -o owner.key 2>/dev/null
"$HANDOFF" keygen -o vendor.key 2>/dev/null
"$HANDOFF" keygen -o recovery.key 2>/dev/null
owner() { "$HANDOFF" "$@" --home owner --identity owner.key; }
print() { "$HANDOFF" card --show "$1" --json | sed 's/.*"fingerprint":"\([^"]*\)".*/\1/'; }
recovery=$("$HANDOFF" keygen -y recovery.key)
owner init --name demo --recovery "$recovery" >/dev/null
"$HANDOFF" card --home owner >owner.card
"$HANDOFF" enroll --owner owner.card --fingerprint "$(print owner.card)" acme \
	--recovery "$recovery" --home vendor --identity vendor.key >/dev/null
"$HANDOFF" card --home vendor >acme.card
owner vendor add acme acme.card --country NL --fingerprint "$(print acme.card)" >/dev/null
# The vendor's own identity, out of its home, by hand.
age -d -i recovery.key vendor/keys/root-recovery.age >root.key
age -d -i root.key vendor/keys/release/branch.age >branch.key
age -d -i branch.key vendor/keys/release/vendor/*.age >key.txt

policy() {
	cat <<P
handoff: 1
project: triage
purpose: train
recipients: [acme]
retention: 90d
agreements: []
$1
files:
  - match: customers.csv
    type: csv
    columns:
      id: token
      name: drop
      city: keep
  - match: "texts/**"
    type: text
    text: keep
P
}
policy '' >closed.yaml
policy 'offline: allow' >open.yaml
mkdir -p data/texts
printf 'id,name,city\n1,Anna,Ulm\n2,Bert,Bonn\n3,Carl,Kiel\n' >data/customers.csv
for i in 1 2 3 4 5; do echo "text $i" >data/texts/$i.txt; done

# fails STATUS TEXT COMMAND...: it ends with that status and says that text
fails() {
	want=$1 text=$2
	shift 2
	rc=0
	"$@" >out.txt 2>err.txt || rc=$?
	[ "$rc" = "$want" ] || { echo "$*: $rc, not $want"; cat err.txt; exit 1; }
	grep -qF -e "$text" err.txt || { echo "$*:"; cat err.txt; exit 1; }
}

owner export data --policy closed.yaml --vendor acme --name closed >/dev/null
owner export data --policy open.yaml --vendor acme --name open >/dev/null
fails 3 'has no offline delivery' owner export --name closed --to out
fails 3 'is not approved' owner export --name open --to out
fails 2 'sealed, approved, and then' owner export data --policy open.yaml \
	--vendor acme --name open --to out
[ ! -e out ]
fails 6 'nothing' owner export --name nothing --to out
owner batch approve closed --yes >/dev/null
owner batch approve open --yes >/dev/null
fails 3 'has no offline delivery' owner export --name closed --to out
[ ! -e out ]
mkdir full && touch full/something
fails 2 'something else is in there' owner export --name open --to full
# Another batch's delivery, a folder that cannot be written, objects that a
# restored home does not have: all are found before anything is released.
mkdir theirs ro
printf 'b-%026d\n' 0 >theirs/batch
fails 2 "another batch's delivery" owner export --name open --to theirs
chmod 500 ro
[ -w ro ] || fails 7 'ro' owner export --name open --to ro
mv owner/objects kept && mkdir -m 700 owner/objects
fails 6 "3 of the batch's 3 objects" owner export --name open --to away
grep -q 'hint: .*copy objects/' err.txt
rmdir owner/objects && cp -r kept owner/objects
find owner/objects -type f -exec sh -c 'chmod u+w "$1"; printf x >>"$1"' - {} ';'
fails 6 "3 of the batch's 3 objects" owner export --name open --to away
[ ! -e away ]
rm -r owner/objects && mv kept owner/objects
[ "$("$HANDOFF" audit list --home owner | grep -c ' release ')" = 0 ]

owner export --name open --to out >said.txt
grep -q 'START-HERE.txt' said.txt
[ "$("$HANDOFF" audit list --home owner | grep -c ' release .*offline=yes')" = 1 ]

# What START-HERE.txt says, as it stands there: first the vendor's identity, out
# of a home that an identity unlocks.
id=$("$HANDOFF" card --show out/owner.card --json | jq -r .home)
sed -n 's/^    \(age -d -[oi].* keys\/\)/\1/p' out/START-HERE.txt |
	sed "s/OWNERHOME/$id/; s/^age -d -o/age -d -i ..\/vendor.key -o/" >key.sh
[ "$(wc -l <key.sh)" = 3 ]
(cd vendor && sh -eu ../key.sh && rm root branch)
cmp key.txt vendor/key.txt
mv vendor/key.txt out/key.txt
cd out
sed -n '/^1\. /,/^A file/s/^    //p' START-HERE.txt >../steps.sh
sh -eu ../steps.sh >../steps.out
[ "$(grep -c ': OK' ../steps.out)" -ge 12 ]
if grep -q FAILED ../steps.out; then exit 1; fi
cd ..
cat out/items/*.txt | sort >got
cat data/texts/*.txt | sort >want
cmp got want
[ "$(cat out/items/*.csv | wc -l)" = 4 ]
if grep -q Anna out/items/*.csv; then exit 1; fi
age -d -i key.txt out/manifest.dsse.age | jq -r .payload | base64 -d |
	jq -e '.predicate.shards[0].items == 8' >/dev/null
"$HANDOFF" verify -k "$(cat out/log.vkey)" out/receipt | grep -q '"offline":true'
# Nobody else opens it.
if age -d -i recovery.key out/shard-0001.tar.age >/dev/null 2>&1; then exit 1; fi

# Again into the same folder: the same release, and it opens.
rm out/shard-0001.tar.age out/START-HERE.txt
owner export --name open --to out --json >again.json
[ "$("$HANDOFF" audit list --home owner | grep -c ' release ')" = 1 ]
(cd out && sha256sum -c --quiet SHA256SUMS && [ -f START-HERE.txt ])
"$HANDOFF" audit verify --home owner >/dev/null
# Withdrawn: too late for what is out, and no more of it.
owner batch withdraw open >/dev/null
fails 3 'withdrawn' owner export --name open --to out
