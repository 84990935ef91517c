# What detect can find: --list says it, and docs/DETECT.md has the same table;
# each row is a whole one, and each country is in it.
set -eu

command -v jq >/dev/null || { echo "no jq here"; exit 77; }
"$TOP/docs/recognisers.sh" page
cmp page "$TOP/docs/DETECT.md" || {
	echo "docs/DETECT.md is not as the program has it: make man"
	exit 1
}

"$HANDOFF" detect --list --json >rows
[ "$(jq -r .entity rows | sort -u | wc -l)" -ge 140 ]
[ "$(jq -r '.country | select(. != "")' rows | sort -u | wc -l)" -ge 35 ]
for country in AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV \
    MT NL NO PL PT RO SE SI SK GB CH TR US CA AU NZ IN SG KR JP BR ZA TH NG PH
do
	jq -se "any(.country == \"$country\")" rows >/dev/null || {
		echo "nothing is known of $country"
		exit 1
	}
done
jq -se 'all((.source != "" or .country == "") and ((.patterns | length) > 0 or .country == "") and
	.score <= .valid_score and (.by != "check" or .validator))' rows >/dev/null

# For a person: one line a row, of those asked for.
"$HANDOFF" detect --list --entities UK_NHS,US_SSN >some
[ "$(wc -l <some)" -eq 4 ]
[ "$(cut -d' ' -f1 some | sort -u | tr '\n' ' ')" = "ENTITY UK_NHS US_SSN " ]
"$HANDOFF" detect --list --entities NONE_SUCH 2>err && exit 1
grep -q entities err
