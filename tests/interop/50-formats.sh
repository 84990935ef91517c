# A home, its keys and its card, opened by age, openssl and jq alone, with the
# recipes of docs/FORMATS.md.
set -eu

for tool in age jq openssl python3 sqlite3; do
	command -v $tool >/dev/null || { echo "no $tool here"; exit 77; }
done

"$HANDOFF" keygen -o recovery.key 2>recovery.note
echo "correct horse" >pass
"$HANDOFF" init --home owner --name clinic \
	--recovery "$("$HANDOFF" keygen -y recovery.key)" \
	--passphrase-fd 3 3<pass >/dev/null
cd owner

# From the recovery identity to a signing key, without our program.
recipe() { # the indented lines behind a text in the document, run as they are
	awk -v head="$1" '!on && index($0, head) { on = 1; next }
		on && /^    / { print substr($0, 5); some = 1; next }
		on && some { exit }' "$TOP/docs/FORMATS.md" >../recipe
	[ -s ../recipe ] || { echo "no recipe behind: $1"; exit 1; }
	sh -eu ../recipe
}
cp ../recovery.key .
recipe "A signing key, from the recovery identity alone:" >../public
grep -q 'BEGIN PUBLIC KEY' ../public
openssl pkey -pubin -in ../public -outform DER | tail -c 32 | base64 >../raw
sed 's/^[^+]*+[^+]*+//' log.vkey | base64 -d | tail -c 32 | base64 |
	cmp - ../raw

# Every other key opens with its branch, and says which it is.
home=$(jq -r .home keys/home.json)
record=$(sha256sum <keys/home.json | cut -c 1-64)
grep -qx "# record $record" root.key
for branch in release export reveal; do
	age -d -i root.key keys/$branch/branch.age >branch.key
	grep -qx "# record $record" branch.key
	[ "$("$HANDOFF" keygen -y branch.key)" = \
		"$(jq -r ".branches.$branch" keys/home.json)" ]
	for key in keys/"$branch"/*/*.age; do
		age -d -i branch.key "$key" >one
		kind=$(basename "$(dirname "$key")")
		sed -n 1,4p one >label
		printf '# handoff key v1\n# home %s\n# kind %s\n# id %s\n' \
			"$home" "$kind" "$(basename "$key" .age)" | cmp - label
		python3 "$TOP/tests/interop/key_mac.py" branch.key "$home" \
			"$kind" <one
	done
	age -d -i root.key keys/$branch/branch.age |
		python3 "$TOP/tests/interop/key_mac.py" root.key "$home" branch
done

# The card: its signature by its own key, and its fingerprint.
"$HANDOFF" card --home . >../new
mv ../new card
type=$(jq -r .payloadType card)
jq -r .payload card | base64 -d >payload
{ printf 'DSSEv1 %d %s %d ' ${#type} "$type" "$(wc -c <payload)"
  cat payload; } >pae
jq -r '.signatures[0].sig' card | base64 -d >sig
jq -r .predicate.verifier payload | sed 's/^[^+]*+[^+]*+//' | base64 -d |
	tail -c 32 >raw
[ "$(sha256sum <raw | cut -c 1-64)" = \
	"$(jq -r '.subject[0].digest.sha256' payload)" ]
{ printf '\060\052\060\005\006\003\053\145\160\003\041\000'; cat raw; } |
	openssl pkey -pubin -inform DER -out public.pem
openssl pkeyutl -verify -pubin -inkey public.pem -rawin -in pae -sigfile sig |
	grep -q Successfully
recipe "which can be said over a telephone:" | tr -d ' \n' >print
"$HANDOFF" card --show ./card --json | jq -r .fingerprint | tr -d ' \n' |
	cmp - print
[ "$(jq -r .predicate.home payload)" = "$home" ]
[ "$(jq -r .predicate.log payload)" = "$(cat log.vkey)" ]

# The database calls itself ours.
[ "$(sqlite3 catalog.db 'pragma application_id')" = $((0x484f6666)) ]
