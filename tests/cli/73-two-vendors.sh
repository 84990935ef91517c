#!/bin/sh
# The same table goes to two vendors: nothing that stands for a value joins, and
# what does not depend on who gets it is the same.  A second batch to one of
# them joins as far as each scope says.
set -eu
# shellcheck source=tests/support/two_homes.sh
. "$TOP/tests/support/two_homes.sh"
two_homes
"$HANDOFF" enroll --no-recovery --home beta -i vendor.key --owner owner.card \
	--fingerprint "$(print owner.card)" beta >/dev/null
"$HANDOFF" card --home beta >beta.card
owner vendor add beta beta.card --country NL \
	--fingerprint "$(print beta.card)" >/dev/null

cat >policy.yaml <<'P'
handoff: 1
project: triage
purpose: train
recipients: [acme, beta]
retention: 90d
agreements: []
offline: allow
subject:
  - {file: visits.csv, column: person}
  - {file: "*.jsonl", field: who}
files:
  - match: visits.csv
    type: csv
    columns:
      person: token
      name: {reversible: {domain: name}}
      card: {fpe: {alphabet: digits, luhn: yes, keep_first: 4, separators: " "}}
      ward: {token: {domain: ward, scope: document}}
      room: {token: {domain: ward, scope: record}}
      session: random
      admitted: {shift: {days: 300, by: subject}}
      left: {shift: {days: 300, by: subject}}
      weight: {noise: {within: 20, to: 0.01}}
      born: {generalise: {age_band: {at: 2026-01-01, width: 10}}}
      zip: {generalise: {postcode: {keep: 3}}}
      ip: {generalise: {ip: {v4: 24, v6: 48}}}
      mail: {generalise: {email: domain}}
  - match: "*.jsonl"
    type: jsonl
    fields: {"at[*]": {shift: {days: 300, by: subject}}, who: {token: {domain: person}}, "tags[*]": random}
P
mkdir data
{
	echo person,name,card,ward,room,session,admitted,left,weight,zip,ip,mail,born
	for i in $(seq 40); do
		echo "p$((i % 10)),Name $((i % 10)),4929 1234 5678 9015,w$((i % 3)),w$((i % 3)),s,2024-02-$((10 + i % 10)),2024-03-$((10 + i % 10)),70.5,CB2 0QQ,192.0.2.$i,a$i@Example.org,19$((10 + i))-05-05"
	done
} >data/visits.csv
# the dates stand before the name that decides how far they move
for i in $(seq 10); do
	echo "{\"at\":[\"2024-02-1$((i % 10))\",\"2024-03-0$((i % 9 + 1))T10:00\"],\"who\":\"p$((i % 10))\",\"tags\":[\"x\",\"x\"]}"
done >data/notes.jsonl

# send NAME VENDOR HOME: the rows as delivered, in got/NAME.csv and .jsonl
mkdir got
send() {
	owner export data --policy policy.yaml --vendor "$2" --name "$1" >/dev/null
	owner batch approve "$1" --yes >/dev/null
	owner export --to "given-$1" --name "$1" >/dev/null
	"$HANDOFF" fetch "given-$1" -o "work-$1" --home "$3" -i vendor.key >/dev/null
	cat "work-$1"/*.csv | sort >"got/$1.csv"
	cat work-"$1"/[a-z2-7]*[a-z2-7].jsonl | grep -v '"member"' >"got/$1.jsonl"
	[ "$(wc -l <"got/$1.csv")" = 41 ]
}
send one acme vendor
send two beta beta
send three acme vendor

# column NAME BATCH: its values, each once
column() {
	awk -F, -v name="$1" '/^_item,/ { for (i = 1; i <= NF; i++) if ($i == name) c = i }
		{ line[NR] = $0 }
		END { for (n = 1; n <= NR; n++) { split(line[n], f, ","); if (f[1] != "_item") print f[c] } }' \
		"got/$2.csv" | sort -u
}
# shared NAME BATCH BATCH N: so many values are in both
shared() {
	column "$1" "$2" >a
	column "$1" "$3" >b
	n=$(comm -12 a b | wc -l)
	[ "$n" = "$4" ] || { echo "$1: $n values in $2 and $3, not $4"; cat a b; exit 1; }
}
for c in _item person name card ward room session; do
	shared $c one two 0
done
shared person one three 10
shared name one three 10
shared card one three 1
for c in _item ward room session; do
	shared $c one three 0
done
for b in one two three; do
	[ "$(column ward $b | wc -l)" = 3 ]
	[ "$(column room $b | wc -l)" = 40 ]
	[ "$(column session $b | wc -l)" = 40 ]
	column card $b | grep -qxE '4929 [0-9]{4} [0-9]{4} [0-9]{4}'
	[ "$(column zip $b)" = CB2 ]
	[ "$(column ip $b)" = 192.0.2.0/24 ]
	[ "$(column mail $b)" = example.org ]
	grep -q ',90+$' got/$b.csv && grep -q ',"\[70,80)"$' got/$b.csv
done

# moved BATCH: person, and by how many days, of tables and documents alike
moved() {
	awk -F, '/^_item/ { for (i = 1; i <= NF; i++) c[$i] = i; next } { rows[++n] = $0 }
		END { for (i = 1; i <= n; i++) { split(rows[i], f, ",")
			print f[c["person"]], f[c["admitted"]], f[c["left"]] } }' "got/$1.csv" |
		while read -r _ from to; do
			echo "$(($(date -ud "$to" +%s) / 86400 - $(date -ud "$from" +%s) / 86400))"
		done | sort -u
}
for b in one two; do
	[ "$(moved $b)" = 29 ] || { echo "intervals of $b: $(moved $b)"; exit 1; }
done
# p1 was admitted on 2024-02-11, in both; the two agree about p1
jq -r '[.who, .at[0], .at[1]] | join(" ")' got/one.jsonl | sort >a
awk -F, '/^_item/ { for (i = 1; i <= NF; i++) c[$i] = i; next } { rows[++n] = $0 }
	END { for (i = 1; i <= n; i++) { split(rows[i], f, ","); print f[c["person"]], f[c["admitted"]] } }' \
	got/one.csv | sort -u >b
join a b >both
[ "$(wc -l <both)" = 10 ]
[ "$(awk '$2 == $4' both | wc -l)" = 10 ] || { cat both; exit 1; }
awk '$3 !~ /^20[0-9][0-9]-[01][0-9]-[0-3][0-9]T10:00$/ { exit 1 }' both
[ "$(jq -r '.tags[]' got/one.jsonl | sort -u | wc -l)" = 20 ]

# A file whose persons nobody named stops the plan; a row without one its shard.
sed '/^subject:/,/who}/d' policy.yaml >nobody.yaml
fails 3 'whose date it is, no subject says' \
	owner plan data --policy nobody.yaml --vendor acme
sed -i '2s/^p1,/,/' data/visits.csv
fails 6 'names no subject' owner export data --policy policy.yaml --vendor acme --name four
sed -i '2s/^,/p1,/; 3s/4929 1234 5678 9015/4929 1234 5678 9016/' data/visits.csv
fails 6 'check digit' owner export data --policy policy.yaml --vendor acme --name five
if grep -q '9016' err.txt; then exit 1; fi

# The owner looks behind the pseudonyms of either; the log has it first, and
# nothing goes into a pipe by mistake.
sed -i '3s/5678 9016/5678 9015/' data/visits.csv
reveal() { owner reveal "$@" --policy policy.yaml --json -o found.json; }
entries() { "$HANDOFF" audit list --home owner --kind revealed --json | wc -l; }
sort -r got/one.csv -o got/one.csv
sort -r got/two.csv -o got/two.csv
# found BATCH COLUMN VENDOR: what the first row's stands for
found() {
	awk -F, -v name="$2" '/^_item/ { for (i = 1; i <= NF; i++) if ($i == name) c = i }
		{ row[NR] = $0 } END { for (i = 1; i <= NR; i++) { split(row[i], f, ",")
			if (f[1] != "_item") { print f[c]; exit } } }' "got/$1.csv" >pseudonym
	rm -f found.json
	reveal "$(cat pseudonym)" data --vendor "$3"
	jq -r '.found[] | select(.proven) | .value' found.json
}
# the same row in both, by what is the same in both
fails 2 'values are shown at a terminal' owner reveal x --policy policy.yaml --vendor acme
[ "$(entries)" = 0 ]
for b in "one acme" "two beta"; do
	# shellcheck disable=SC2086 # batch and vendor
	set -- $b
	found "$1" person "$2" | grep -qxE 'p[0-9]'
	jq -e '.found[0].how == "token" and .found[0].field == "person" and
		.found[0].times == 4 and (.found[0].where | startswith("visits.csv: record "))' found.json >/dev/null ||
		jq -e '.found | map(.times) | add >= 4' found.json >/dev/null
	found "$1" name "$2" | grep -qxE 'Name [0-9]'
	found "$1" card "$2" | grep -qx '4929 1234 5678 9015'
done
# Every token of a batch, and what it stood for: each person's is its own.
column person one >tokens
# shellcheck disable=SC2046 # one word a line
rm -f found.json && reveal $(cat tokens) data --vendor acme
jq -r '.found[] | select(.field == "person") | .value' found.json | sort -u | wc -l | grep -qx 10
# The other vendor's stand for nothing, and all of a look is one entry.
was=$(entries)
# shellcheck disable=SC2046
rm -f found.json && reveal $(cat tokens) data --vendor beta
[ "$(jq '(.found | length), (.unknown | length)' found.json | tr '\n' ' ')" = "0 10 " ]
[ "$(entries)" = $((was + 1)) ]
"$HANDOFF" audit list --home owner --kind revealed --json | tail -1 |
	jq -e '.entry.count == 10 and (.entry | has("query"))' >/dev/null
if "$HANDOFF" audit list --home owner --json | grep -q "$(head -1 tokens)"; then exit 1; fi
# Without the data what is reversible is found and proven, fpe is not proven.
column name one | head -1 >pseudonym
rm -f found.json && reveal "$(cat pseudonym)" "$(column card one | head -1)" --vendor acme
jq -r '.found[] | select(.how == "reversible" and .proven) | .value' found.json | grep -qxE 'Name [0-9]'
jq -r '.found[] | select(.how == "fpe" and (.proven | not)) | .value' found.json |
	grep -qx '4929 1234 5678 9015'
rm -f found.json && reveal "$(cat pseudonym)" --vendor beta
[ "$(jq '.found | map(select(.proven)) | length' found.json)" = 0 ]
# In words, into a file that nobody else reads and that was not there.
rm -f found.txt
# A terminal gets a line for each.
script -qec "'$HANDOFF' reveal $(cat pseudonym) unknown --home owner \
	-i owner.key --policy policy.yaml --vendor acme" /dev/null </dev/null |
	tr -d '\r' >shown
grep -q "^$(cat pseudonym)  Name [0-9]  (name, reversible)$" shown
grep -qx 'unknown  not found' shown
owner reveal "$(cat pseudonym)" --policy policy.yaml --vendor acme -o found.txt
grep -qE '  Name [0-9]  \(name, reversible\)$' found.txt
[ "$(stat -c %a found.txt)" = 600 ]
fails 2 'found.txt is there already' owner reveal "$(cat pseudonym)" --policy policy.yaml --vendor acme -o found.txt
fails 3 'nothing was sent to that vendor in this project' owner reveal "$(cat pseudonym)" \
	--policy policy.yaml --vendor acme --project other -o none.txt
[ ! -e none.txt ]
