# What the documents tell people to type is there: every `handoff` command in
# an indented block of README, SECURITY and docs, with its options; every file
# and page that they point to; every `make` target.
set -eu

command -v jq >/dev/null || { echo "no jq here"; exit 77; }
bad=0
wrong() { echo "$*"; bad=1; }
"$HANDOFF" help --json >commands
jq -r .name commands >names
jq -r '.name as $n | .options[] | "\($n)|\(.name)"' commands >options.all
printf '%s\n' home json quiet verbose help >global

cd "$TOP"
here=$OLDPWD
for doc in README.md SECURITY.md docs/*.md; do
	# Commands in code, indented or between backquotes, one a line.
	# shellcheck disable=SC2016 # backquotes of Markdown
	{ sed -n 's/^    *\(handoff .*\)/\1/p' "$doc"
	  grep -o '`handoff [^`]*`' "$doc" | tr -d '`'; } >"$here/lines" || :
	while read -r _ one two rest; do
		# WORD, and other capitals, stand for something.
		case $one in help | COMMAND | --version) continue ;; esac
		name="$one ${two%%|*}" # "labels check|convert"
		if ! grep -qx -- "$name" "$here/names"; then
			name=$one rest="$two $rest"
		fi
		if ! grep -qx -- "$name" "$here/names"; then
			wrong "$doc: no command: handoff $one $two"
			continue
		fi
		sed -n "s/^$name|//p" "$here/options.all" >"$here/options"
		for option in $(printf '%s\n' "$rest" | sed 's/#.*//' |
			grep -o -- ' --[a-z-]*' || :); do
			cat "$here/options" "$here/global" |
				grep -qx -- "${option#--}" ||
				wrong "$doc: handoff $name has no $option"
		done
	done <"$here/lines"

	# Links to files of the tree, and tests and sources that are named.
	grep -o '](\([^)#]*\)[#)]' "$doc" | sed 's/^](//; s/[#)]$//' |
		grep -v '^http' | grep . >"$here/links" || :
	while read -r link; do
		[ -e "$(dirname "$doc")/$link" ] || wrong "$doc: no file $link"
	done <"$here/links"
	grep -oE '`?(tests|gateway|keys|policy)/[a-z0-9_./-]+\.(sh|c|h|txt)' "$doc" |
		tr -d '`' | sort -u >"$here/files" || :
	while read -r file; do
		[ -e "$file" ] || wrong "$doc: no file $file"
	done <"$here/files"
	sed -n 's/^    *make \([a-z]*\).*/\1/p' "$doc" | sort -u >"$here/targets"
	while read -r target; do
		[ -z "$target" ] || grep -q "^$target:" Makefile ||
			wrong "$doc: no make $target"
	done <"$here/targets"
done
exit $bad
