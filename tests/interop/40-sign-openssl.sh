#!/bin/sh
# What we sign, openssl verifies, and the other way round: the recipes of
# docs/FORMATS.md, "Signatures".
set -eu

command -v openssl >/dev/null || { echo "openssl is not here"; exit 77; }
command -v jq >/dev/null || { echo "jq is not here"; exit 77; }

"$HANDOFF" sign --new example.com/log -o key 2>err
vkey=$(sed 's/^Verifier key: //' err)

# Recipe: a verifier key as a PEM file.  Its third part is base64 of a type
# byte and the key, and may hold a plus of its own.
printf %s "$vkey" | sed 's/^[^+]*+[^+]*+//' | base64 -d | tail -c 32 >raw
{ printf '\060\052\060\005\006\003\053\145\160\003\041\000'; cat raw; } |
	openssl pkey -pubin -inform DER -out public.pem

# Recipe: a signed note.
printf 'one\n\ntwo\n' | "$HANDOFF" sign -k key >note
sed -n '$s/.* //p' note | base64 -d | tail -c 64 >sig
# All but the last blank line and what follows.
head -n -2 note >text
openssl pkeyutl -verify -pubin -inkey public.pem -rawin -in text -sigfile sig

# Recipe: a DSSE envelope.
printf '{"a":1}' | "$HANDOFF" sign -k key -t application/x-test >envelope
type=$(jq -r .payloadType envelope)
jq -r .payload envelope | base64 -d >payload
{
	printf 'DSSEv1 %d %s %d ' ${#type} "$type" "$(wc -c <payload)"
	cat payload
} >pae
jq -r '.signatures[0].sig' envelope | base64 -d >sig
openssl pkeyutl -verify -pubin -inkey public.pem -rawin -in pae -sigfile sig
jq -r '.signatures[0].keyid' envelope >keyid
openssl pkey -pubin -in public.pem -outform DER | tail -c 32 |
	openssl dgst -sha256 -r | cut -d ' ' -f 1 | cmp - keyid

# And back: an envelope that openssl signed.
openssl genpkey -algorithm ed25519 -out their.pem
openssl pkey -in their.pem -pubout -outform DER | tail -c 32 >raw
{ printf 'their\n\001'; cat raw; } | openssl dgst -sha256 -binary |
	head -c 4 | od -An -tx1 | tr -d ' \n' >id
their=their+$(cat id)+$({ printf '\001'; cat raw; } | base64 -w 0)
openssl pkeyutl -sign -inkey their.pem -rawin -in pae -out sig
jq -n --arg p "$(base64 -w 0 payload)" --arg s "$(base64 -w 0 sig)" \
	--arg t "$type" \
	'{payload:$p,payloadType:$t,signatures:[{sig:$s}]}' >theirs
"$HANDOFF" verify -k "$their" theirs | cmp - payload
