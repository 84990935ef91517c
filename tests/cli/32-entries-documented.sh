#!/bin/sh
# Every kind of entry, each of its members, and every rule by which one is
# refused stands in docs/FORMATS.md.
set -eu

cd "$TOP"
doc=docs/FORMATS.md
bad=0
sed -n 's/^	{ "\([a-z-]*\)",.*/\1/p' gateway/catalog/members.c >"$OLDPWD/kinds"
[ "$(wc -l <"$OLDPWD/kinds")" -ge 27 ]
while read -r kind; do
	line=$(grep "^|.*\`$kind\`" $doc) || { echo "$kind is not in $doc"; bad=1; continue; }
	# The row's text in the table of kinds, up to the next row.
	members=$(awk -v k="\"$kind\"" '$0 ~ "{ " k "," { on = 1 }
		on { print } on && /},$/ { exit }' gateway/catalog/members.c |
		grep -o '[a-z_]*=' | tr -d =)
	for m in $members; do
		case $line in
		*"\`$m\`"*) ;;
		*) echo "$kind: member $m is not in $doc"; bad=1 ;;
		esac
	done
done <"$OLDPWD/kinds"

# Rules are the words with a dash, and a few without, behind a fault.
cat gateway/catalog/*.c | tr -d '\n\t' | grep -o 'refuse([^;]*;' |
	grep -o '"[a-z-]*"' | tr -d '"' | sort -u >"$OLDPWD/rules"
[ "$(wc -l <"$OLDPWD/rules")" -ge 15 ]
while read -r rule; do
	grep -q "^Rules.*\`$rule\`" $doc || { echo "rule $rule is not in $doc"; bad=1; }
done <"$OLDPWD/rules"
exit $bad
