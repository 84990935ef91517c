#!/bin/sh
# Bring the man pages in line with the program.  Of handoff-COMMAND.1 everything
# but the DESCRIPTION is written from the command's own tables, as `handoff help
# --json` prints them; the DESCRIPTION is written by hand, and stays.  Of
# handoff.1 the same is done to the lists of COMMANDS and of EXIT STATUS.  A page
# of a command that is no more goes.
# usage: docs/man/refresh.sh [OUT]                (make man: into docs/man)
set -eu

pages=$(cd "$(dirname "$0")" && pwd)
out=${1:-$pages}
program=${HANDOFF:-$pages/../../build/handoff}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/handoff-man-XXXXXX")
trap 'rm -rf "$tmp"' EXIT

"$program" help --json >"$tmp/commands"

# What troff takes for itself: backslash, a minus that is not a hyphen, and a
# point or apostrophe at the head of a line.
roff='def roff: gsub("\\\\"; "\\e") | gsub("-"; "\\-") | gsub("^(?<c>[.\u0027])"; "\\&\(.c)");
      def line: if . == "" or . == null then empty else . end;'

# Everything in front of DESCRIPTION, of one command.
# shellcheck disable=SC2016 # the variables are those of jq
head='("handoff-" + (.name | gsub(" "; "-"))) as $page |
	".\\\" DESCRIPTION is by hand, the rest by docs/man/refresh.sh",
	".TH " + ($page | ascii_upcase) + " 1 \"\" Handoff \"Handoff manual\"",
	".SH NAME",
	$page + " \\- " + (.what | roff),
	".SH SYNOPSIS",
	"\\fBhandoff " + .name + "\\fR"
	    + (if .options | length > 0 then " [\\fIOPTION\\fR]..." else "" end)
	    + (if .args == "" then "" else " " + (.args | roff) end)'

# Everything behind it.
tail='(if .options | length > 0 then ".SH OPTIONS" else empty end),
	(.options[] | ".TP",
	    (if .letter then "\\fB\\-" + .letter + "\\fR, " else "" end)
	    + "\\fB\\-\\-" + (.name | roff) + "\\fR"
	    + (if .value then " \\fI" + (.value | roff) + "\\fR" else "" end),
	    (.what | roff)),
	(if .options | length > 0 then ".PP" else ".SH OPTIONS" end),
	"The options of every command are in handoff(1)"
	    + (if .json then "." else "; of these \\-\\-json is not for this one." end),
	(if .example then ".SH EXAMPLE", ".nf", (.example | roff), ".fi" else empty end),
	".SH SEE ALSO",
	"handoff(1)"'

# The DESCRIPTION as it stands in a page, or that there is none.
description() {
	if [ -f "$1" ]; then
		awk '/^\.SH / { on = $2 == "DESCRIPTION" } on' "$1"
	else
		printf '.SH DESCRIPTION\nNot written yet.\n'
	fi
}

# each SUFFIX WHAT: what jq makes of each command, into a file of its own
each() {
	jq -r "$roff"' "@@ handoff-" + (.name | gsub(" "; "-")),'" $2" \
	    "$tmp/commands" | awk -v to="$tmp/" -v suffix="$1" '
		/^@@ / { close(file); file = to $2 suffix; next }
		{ print >file }'
}
each .head "$head"
each .tail "$tail"
for part in "$tmp"/*.head; do
	page=${part##*/}
	page=${page%.head}
	{
		cat "$part"
		description "$pages/$page.1"
		cat "$tmp/$page.tail"
	} >"$tmp/$page.1"
done

# The list of commands, by role, between COMMANDS and the next heading.
jq -rs "$roff"'(reduce .[] as $c ([]; if length > 0 and .[-1].role == $c.role
	then .[-1].list += [$c] else . + [{role: $c.role, list: [$c]}] end)) | .[] |
	".SS " + .role,
	(.list[] | ".TP", "\\fBhandoff\\-" + (.name | gsub(" "; "\\-"))
	    + "\\fR(1)", (.what | roff))' "$tmp/commands" >"$tmp/list"
# What exit statuses say, up to the paragraph behind them; a line that begins
# with spaces goes on.
"$program" help exit | awk '
	/^[0-9]/ { if (text != "") print text; text = ".TP\n" $1 "\n" }
	{ sub(/^([0-9]+)? */, ""); text = text (text ~ /\n$/ ? "" : " ") $0 }
	END { print text }' >"$tmp/exits"
awk -v list="$tmp/list" -v exits="$tmp/exits" '/^\.(SH |PP)/ { on = 0 }
	!on
	/^\.SH COMMANDS/ { on = 1; while ((getline line < list) > 0) print line }
	/^\.SH EXIT STATUS/ { on = 1; while ((getline line < exits) > 0) print line }' \
	"$pages/handoff.1" >"$tmp/handoff.1"

[ "$out" != "$pages" ] || rm -f "$pages"/handoff-*.1
cp "$tmp"/handoff*.1 "$out/"
