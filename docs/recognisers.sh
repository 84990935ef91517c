#!/bin/sh
# Bring the table of recognisers in DETECT.md in line with the program.
# usage: docs/recognisers.sh [OUT]               (make man: into docs/DETECT.md)
set -eu

page=$(cd "$(dirname "$0")" && pwd)/DETECT.md
out=${1:-$page}
program=${HANDOFF:-${page%/*}/../build/handoff}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/handoff-recognisers-XXXXXX")
trap 'rm -rf "$tmp"' EXIT

"$program" detect --list --json >"$tmp/rows"
{
	jq -rs '"\(length) recognisers of \(map(.entity) | unique | length) entities in \(map(.country | select(. != "")) | unique | length) countries:"' "$tmp/rows"
	printf '\n| entity | country | by | score | checked | source |\n'
	printf '|---|---|---|---|---|---|\n'
	jq -r '"| `\(.entity)` | \(.country) | \(.by) | \(.score) | \(.valid_score) | \(.source | gsub("\\|"; "\\|")) |"' "$tmp/rows"
} >"$tmp/table"

awk -v table="$tmp/table" '
/^<!-- end of recognisers/ { skip = 0 }
!skip { print }
/^<!-- recognisers:/ {
	while ((getline line < table) > 0) print line
	skip = 1
}' "$page" >"$tmp/page"
cp "$tmp/page" "$out"
