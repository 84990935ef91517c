#!/bin/sh
# handoff-policy(5) names every key of a policy and of a file rule, and every
# action, and no other: held against the lists that the program itself tells.
set -eu

page=$TOP/docs/man/handoff-policy.5

# What the hint about an unknown word lists.
known() {
	rc=0
	"$HANDOFF" policy check policy.yaml >out.txt 2>err.txt || rc=$?
	[ "$rc" = 6 ] || { cat err.txt; exit 1; }
	sed -n 's/^handoff: hint: \(the keys are\|it can be\) //p' err.txt |
		sed 's/ or /, /' | tr ',' '\n' | tr -d ' ' | sort
}
# What a section of the page has in bold at the head of its paragraphs.
shown() {
	awk -v section="$1" '
		/^\.SH / { on = substr($0, 5) == section; next }
		on && /^\.TP/ { head = 1; next }
		on && head { sub(/^\.BR? /, ""); gsub(/[",]/, " "); print; head = 0 }
	' "$page" | tr -s ' ' '\n' | grep . | sort
}
same() {
	known >known.txt
	shown "$1" >shown.txt
	[ "$(wc -l <known.txt)" -ge 10 ] || { cat err.txt; exit 1; }
	diff known.txt shown.txt || { echo "$1: < the program, > the page"; exit 1; }
}

head='handoff: 1
project: p
purpose: t
recipients: [a]
retention: 1d
agreements: []'
printf 'handoff: 1\nnosuch: x\n' >policy.yaml
same 'TOP OF THE FILE'
printf '%s\nfiles:\n  - {match: x, nosuch: csv}\n' "$head" >policy.yaml
same RULES
printf '%s\nfiles:\n  - {match: x, type: csv, columns: {a: nosuch}}\n' "$head" >policy.yaml
same ACTIONS

# The reference has an entry for each of them, too.
while read -r word; do
	grep -q "^| .*\`[{]*$word" "$TOP/docs/POLICY.md" || {
		echo "POLICY.md: no row for $word"
		exit 1
	}
done <shown.txt

# Its example is a policy.
sed -n '/^\.SH EXAMPLE/,/^\.fi/p' "$page" | sed '1,2d;$d' | sed 's/\\-/-/g' >policy.yaml
"$HANDOFF" policy check policy.yaml >out.txt
