# Every command is in the man pages as its own tables have it, and is described
# there; help knows every word it lists, and the nearest of those it does not.
set -eu

command -v jq >/dev/null || { echo "no jq here"; exit 77; }
bad=0
wrong() { echo "$*"; bad=1; }

# The pages are what the tables make of them: nothing missing, nothing more.
mkdir pages
"$TOP/docs/man/refresh.sh" pages
for page in pages/*.1; do
	name=${page#pages/}
	cmp -s "$page" "$TOP/docs/man/$name" ||
		wrong "docs/man/$name is not as the program has it: make man"
done
for page in "$TOP"/docs/man/*.1; do
	[ -f "pages/${page##*/}" ] || wrong "${page##*/}: no such command"
done

# Each says more than its options do: 25 words at least, by hand.
for page in "$TOP"/docs/man/handoff-*.1; do
	words=$(awk '/^\.SH / { on = $2 == "DESCRIPTION"; next }
		on && !/^\.(PP|nf|fi|TP)/' "$page" | wc -w)
	[ "$words" -ge 25 ] || wrong "${page##*/}: nobody has described it"
done
if command -v groff >/dev/null; then
	groff -Tutf8 -Kutf8 -man -ww -z "$TOP"/docs/man/*.[1-8] 2>warnings ||
		wrong "groff: exit $?"
	[ ! -s warnings ] || { cat warnings; bad=1; }
fi

# --help answers before anything else is asked for, and names each option.
"$HANDOFF" help --json >commands
[ "$(wc -l <commands)" -ge 14 ]
jq -r '[.name, ([.options[].name] | join(" ")),
	((.example // "") | gsub("\n"; " "))] | join("|")' commands >rows
while IFS='|' read -r name options example; do
	# shellcheck disable=SC2086 # a name may be two words
	"$HANDOFF" $name --help >text || wrong "$name --help: exit $?"
	grep -q "^usage: handoff $name" text || wrong "$name --help: no usage"
	awk 'length($0) > 80 { bad = 1 } END { exit bad }' text ||
		wrong "$name --help: lines over 80 characters"
	for option in $options; do
		grep -q -- "--$option" text || wrong "$name: --$option"
	done
	case $example in
	'' | *"handoff $name"*) ;;
	*) wrong "$name: its example shows another command" ;;
	esac
done <rows

# Every command has results as JSON, or the manual names it as one that has not.
jq -r 'select(.json | not) | .name' commands | sort >silent
sed -n '/^results as JSON/,/^\.TP/p' "$TOP/docs/man/handoff.1" |
	sed -n 's/^\.BR* //p' | tr -d '",' | sed 's/ *$//' | grep -v help | sort >named
cmp silent named || { cat silent named; wrong "handoff.1: who writes no JSON"; }
while read -r name; do
	# shellcheck disable=SC2086 # a name may be two words
	"$HANDOFF" $name --help >text
	! grep -q -- --json text || wrong "$name --help: --json"
done <silent
"$HANDOFF" keygen --json >out 2>err && wrong "keygen --json"
grep -q 'man handoff says which' err || wrong "keygen --json: no hint"

# A command's options do not hide each other or those of every command.
jq -r '.name as $n | [.options[].name, "home", "json", "quiet", "verbose",
	"help"] | group_by(.)[] | select(length > 1) | "\($n): --\(.[0]) twice"
	' commands >twice
jq -r '.name as $n | [(.options[].letter | select(.)), "q", "v", "h"] |
	group_by(.)[] | select(length > 1) | "\($n): -\(.[0]) twice"' \
	commands >>twice
[ ! -s twice ] || { cat twice; bad=1; }

# Every word that help lists is explained, in lines that fit a terminal.
"$HANDOFF" help >all
awk 'length($0) > 80 { print "over 80 characters: " $0; bad = 1 }
	END { exit bad }' all || bad=1
sed -n '/explains a word/,/^$/p' all | sed 1d | tr '\n' ' ' | tr ',' '\n' |
	sed 's/^ *//; s/ *$//' | grep . >words
[ "$(wc -l <words)" -ge 30 ]
while read -r word; do
	"$HANDOFF" help "$word" >text || wrong "help $word: exit $?"
	[ "$(wc -c <text)" -ge 40 ] || wrong "help $word says too little"
	awk 'length($0) > 80 { bad = 1 } END { exit bad }' text ||
		wrong "help $word: lines over 80 characters"
done <words

# What an exit status says is said once: in help, in the page (above), and in
# OPERATIONS.md.
"$HANDOFF" help exit >exits
[ "$("$HANDOFF" help exit status)" = "$(cat exits)" ] || wrong "help exit status"
tr '\n' ' ' <all | tr -s ' ' >all.line
sed -n 's/^\([0-9]\)  \([^:]*\).*/\1 \2/p' exits >short
[ "$(cut -c1 short | tr -d '\n')" = 0234567 ] || wrong "exit statuses: $(cat short)"
while read -r row; do
	grep -qF -e "$row" all.line || wrong "help: no exit status $row"
	grep -qF -e "$row" "$TOP/docs/OPERATIONS.md" || wrong "OPERATIONS.md: no $row"
done <short
[ "$(sed -n '/^\.SH EXIT STATUS/,/^\.PP/p' pages/handoff.1 |
	grep -c '^\.TP')" = 7 ] || wrong "handoff.1: exit statuses"

# What is not known: exit 2, and the nearest.
said() { # STATUS WANT COMMAND...
	want=$2 status=$1
	shift 2
	rc=0
	"$HANDOFF" "$@" >out 2>err || rc=$?
	[ "$rc" -eq "$status" ] || wrong "$*: exit $rc, not $status"
	grep -q "$want" err || { cat err; wrong "$*: does not say $want"; }
	[ ! -s out ] || wrong "$*: spoke to standard output"
}
said 2 'hint: handoff help release' help relaese
said 2 'hint: handoff help golden item' help goldne item
said 2 'hint: handoff help seal' help saeal
said 2 'hint: handoff help$' help zzzzzzzz
said 2 'hint: handoff keygen' kegyen
said 2 'hint: handoff help$' zzzzzzzz
said 2 'handoff audit verify' audit
said 2 'handoff: audit export: no such command' audit export
said 2 'handoff audit verify' audit export
"$HANDOFF" audit --help >text || wrong "audit --help: exit $?"
grep -q 'audit verify' text || wrong "audit --help"
# What nobody can read was not told.
for words in help 'help receipt' --version 'audit --help' countries 'seal --help'; do
	rc=0
	# shellcheck disable=SC2086 # its words
	"$HANDOFF" $words >&- 2>err || rc=$?
	[ $rc = 7 ] || wrong "$words, output closed: exit $rc"
	grep -q 'standard output: Bad file descriptor' err || wrong "$words: $(cat err)"
	rc=0
	# shellcheck disable=SC2086
	"$HANDOFF" $words >/dev/full 2>err || rc=$?
	[ $rc = 7 ] || wrong "$words, output full: exit $rc"
done
said 2 'hint: handoff seal --help' seal --recipeint x
"$HANDOFF" help golden item >text
grep -q 'whose answer the owner knows' text || wrong "golden item"
"$HANDOFF" help audit >text
grep -q 'audit verify' text || wrong "help audit"
"$HANDOFF" help golden >text
grep -q 'whose answer the owner knows' text || wrong "golden"
"$HANDOFF" help approve >text
grep -q 'batch approve' text || wrong "help approve"
rc=0
"$HANDOFF" >out 2>err || rc=$?
[ "$rc" -eq 2 ] || wrong "no command: exit $rc"
exit $bad
