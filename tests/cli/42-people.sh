#!/bin/sh
# Who is known: vendors by card, fingerprint and country; owners by a vendor
# that works for several; papers with their dates.  Each refusal has its status
# and its words.
set -eu

refuses() { # STATUS COMMAND...
	want=$1 rc=0
	shift
	"$@" >out 2>err || rc=$?
	[ $rc -eq "$want" ] || { echo "$*: status $rc, not $want"; cat out err; exit 1; }
}
differs() { if "$@" >out; then echo "$* should fail"; cat out; exit 1; fi; }
says() { grep -q -e "$2" "$1" || { echo "no '$2' in $1:"; cat "$1"; exit 1; }; }
# One identity file unlocks all homes here; nobody waits for scrypt.
"$HANDOFF" keygen -o our.key 2>err
owner() { "$HANDOFF" "$@" --home owner --identity our.key; }
vendor() { "$HANDOFF" "$@" --home vendor --identity our.key; }
look() { "$HANDOFF" "$@" --home owner; }
print() { "$HANDOFF" card --show "$1" --json | jq -r ".${2:-fingerprint}"; }

owner init --no-recovery --name us >out
look card >us.card
vendor enroll --no-recovery --owner us.card --fingerprint "$(print us.card words)" acme >out
says out 'us, confirmed'
"$HANDOFF" card --home vendor >acme.card
"$HANDOFF" enroll --no-recovery --home other --identity our.key --owner us.card beta >out
says out 'us, not confirmed'
says out 'handoff owner add us.card --fingerprint F --home other'
says out 'handoff card --home other > beta.card'
"$HANDOFF" card --home other >beta.card

# A card's file is shown, and is nobody's name.
refuses 2 "$HANDOFF" card beta.card
says err 'beta.card: a file, and no owner'
says err 'hint: handoff card --show beta.card$'
refuses 2 "$HANDOFF" card beta.card --home other
says err 'hint: handoff card --show beta.card$'

# ---- Vendors
look vendor list >out
says out '^no vendors; handoff vendor add'
refuses 2 owner vendor add acme acme.card
says err 'country'
refuses 2 owner vendor add acme acme.card --country Holland
says err 'ISO 3166-1'
refuses 2 owner vendor add acme acme.card --country NL --model robots
refuses 2 owner vendor add Acme acme.card --country NL
refuses 4 owner vendor add acme acme.card --country NL --fingerprint "$(print beta.card)"
says err '^handoff: vendor add: fingerprint: not that of this card'
says err '^handoff: hint: handoff card --show acme.card, and ask its sender$'
# What is no fingerprint at all is a slip, and no forgery; nobody is asked to
# unlock anything for either.
for typed in lusab 'lusab babad' "$(print acme.card)0" 0x12; do
	refuses 2 "$HANDOFF" vendor add acme acme.card --country NL --home owner \
		--fingerprint "$typed" </dev/null
	says err '^handoff: vendor add: --fingerprint: neither 8 words'
	refuses 2 "$HANDOFF" vendor confirm acme --home owner --fingerprint "$typed" </dev/null
	says err '^handoff: vendor confirm: --fingerprint: neither 8 words'
done
# shellcheck disable=SC2046 # words that somebody forgot to quote
refuses 2 owner vendor add acme acme.card --country NL --fingerprint $(print acme.card)
says err 'several words in quotes'
refuses 4 "$HANDOFF" vendor add acme acme.card --country NL --home owner \
	--fingerprint "$(print beta.card)" </dev/null
sed 's/"sig":"...../"sig":"AAAAA/' acme.card >forged.card
refuses 4 owner vendor add acme forged.card --country NL
refuses 6 owner vendor add acme us.card --country NL
says err "an owner's, not a vendor's"
refuses 6 owner vendor add acme nothing.card --country NL
look vendor list | grep -q '^no vendors'

owner vendor add acme acme.card --country NL >out
says out '^acme: Netherlands, dedicated, not confirmed$'
says out 'handoff vendor confirm acme --fingerprint F'
refuses 3 owner vendor add acme acme.card --country NL
says err 'acme: is there already, with this card'
refuses 3 owner vendor add acme beta.card --country NL
says err 'acme: is there with another card'
says err 'hint: .*handoff vendor end acme'
refuses 3 owner vendor add acme2 acme.card --country NL
says err 'its card is there already, as acme'
refuses 2 owner vendor confirm acme </dev/null
refuses 4 owner vendor confirm acme --fingerprint "$(print beta.card words)"
says err 'hint: handoff vendor show .*acme, and ask its sender'
refuses 6 owner vendor confirm nobody --fingerprint "$(print acme.card)"
says err 'hint: handoff vendor list'
owner vendor confirm acme --fingerprint "$(print acme.card words | tr 'a-z ' 'A-Z-')" >out
says out 'confirmed$'
# The same command again, with the fingerprint, also confirms.
owner vendor add beta beta.card --country US --model crowd >out
owner vendor add beta beta.card --country US --model crowd \
    --fingerprint "$(print beta.card)" >out
says out '^beta: United States.*, crowd, confirmed$'
look vendor list >out
[ "$(wc -l <out)" -eq 3 ]
look vendor list --json | jq -e '.vendors | length == 2 and
    all(.confirmed) and ([.[] | .name + .country + .model] | sort) ==
    ["acmeNLdedicated", "betaUScrowd"]' >result

owner vendor suspend beta >out
says out 'suspended$'
refuses 3 owner vendor suspend beta
refuses 3 owner vendor resume acme
says err 'acme: .*not suspended'
owner vendor resume beta >out
owner vendor end beta >out
says out 'ended$'
refuses 3 owner vendor resume beta
says err 'has been ended'
owner vendor add beta beta.card --country US >out
look vendor list --json | jq -e '[.vendors[] | select(.name == "beta")] | length == 2' >result
look vendor show beta --json | jq -e '.ended == null and .agreements == [] and
    .batches == []' >result
refuses 6 look vendor show nobody

# ---- Papers
printf 'We promise.\n' >nda.txt
refuses 2 owner agreement add acme nda nda.txt
says err 'needs --from'
refuses 2 owner agreement add acme nda nda.txt --from soon
refuses 2 owner agreement add acme oath nda.txt --from 2026-01-01
says err 'no type of agreement'
refuses 2 owner agreement add acme nda nda.txt --from 2026-01-02 --until 2026-01-01
says err 'ends before it begins'
refuses 6 owner agreement add nobody nda nda.txt --from 2026-01-01
refuses 6 owner agreement add acme nda nothing --from 2026-01-01
refuses 6 owner agreement add acme nda /dev/null --from 2026-01-01
# A single day is from its beginning through its end.
owner agreement add acme nda nda.txt --from 2026-01-01 --until 2026-01-01 >out
says out '^not in force: it ended on 2026-01-01'
owner agreement add acme dpa nda.txt --from 2026-01-01 >out
owner agreement add acme scc nda.txt --from 2999-01-01 --json >scc.json
look agreement list acme --json >list.json
jq -e '[.agreements[] | .in_force] == [false, true, false] or
    ([.agreements[] | {(.type): .in_force}] | add ==
    {"nda": false, "dpa": true, "scc": false})' list.json >result
jq -e '.agreements[] | select(.type == "nda") |
    .from == "2026-01-01T00:00:00Z" and .until == "2026-01-02T00:00:00Z"' list.json >result
look agreement list >out
grep -q 'nda  *no  *2026-01-01  2026-01-01  - .*nda.txt$' out
# One that ends at a moment is not said to hold to the end of that day.
owner agreement add acme other nda.txt --from 2026-01-01 --until 2026-02-03T04:05:06Z >out
look agreement list >out
grep -q 'other  *no  *2026-02-03T04:05:06Z  2026-01-01' out
look vendor show acme >out
says out 'nda.txt'
id=$(jq -r .agreement scc.json)
owner agreement end "$id" >out
refuses 6 owner agreement end "$id"
refuses 2 owner agreement end scc
# The paper lies sealed among the objects, under its digest, and whole: its
# own digest is told.
object=$(jq -r '.agreements[0].document.object' list.json)
file=owner/objects/$(echo "$object" | cut -c 1-2)/$object
[ "$(sha256sum <"$file")" = "$object  -" ]
differs grep -q promise "$file"
[ "$(sha256sum <nda.txt)" = "$(jq -r '.agreements[0].document.sha256' list.json)  -" ]

# ---- Owners
"$HANDOFF" init --home owner2 --no-recovery --name two --identity our.key >out
"$HANDOFF" card --home owner2 >two.card
refuses 6 vendor owner add acme.card
refuses 4 vendor owner add two.card --fingerprint "$(print us.card)"
vendor owner add two.card </dev/null >out
says out 'not confirmed'
"$HANDOFF" card two --home vendor >acme-two.card
refuses 2 "$HANDOFF" card --home vendor
says err 'several owners'
refuses 6 "$HANDOFF" card three --home vendor
# One vendor, and two owners who cannot tell.
[ "$(print acme.card)" != "$(print acme-two.card)" ]
for member in age tls verifier; do
	for card in acme.card acme-two.card; do
		jq -r .payload $card | base64 -d | jq -r ".predicate.$member" >$card.$member
	done
	differs cmp -s acme.card.$member acme-two.card.$member
done
vendor owner add two.card --fingerprint "$(print two.card)" >out
"$HANDOFF" owner list --home vendor --json |
    jq -e '.owners | length == 2 and all(.confirmed)' >result
"$HANDOFF" card two --home vendor | cmp - acme-two.card

# Whose home it is decides what can be asked of it.
refuses 2 "$HANDOFF" vendor list --home vendor
refuses 2 vendor vendor add x acme.card --country NL
refuses 2 owner owner add us.card
refuses 2 "$HANDOFF" owner list --home owner
refuses 2 "$HANDOFF" vendor list --home nowhere
says err 'no home of handoff here'

# All of it stands in the log, and no name does.
"$HANDOFF" audit verify owner/log --key owner/log.vkey >out
"$HANDOFF" audit verify vendor/log --key vendor/log.vkey >out
differs grep -r -a -e acme -e beta -e promise -e nda.txt owner/log vendor/log
