# Every example of docs/POLICY.md is accepted, and every key of the language is
# in it.
set -eu

doc=$TOP/docs/POLICY.md

# Write each file that a policy names as its example has it.
awk '/^```csv / { name = $2; next } /^```$/ { name = "" } name { print >name }' \
	"$doc"

# Write each example as a policy of its own.  The word behind ```yaml says what
# it is: a policy, keys of its top, rules of files, columns or fields.
awk '
function begin(kind) {
	name = sprintf("%02d-%s.yaml", ++count, kind)
	printf "" > name
}
function line(text) { print text > name }
/^```yaml tests$/ { next } # 23-policy-test.sh runs those
/^```yaml / {
	kind = $2
	sub(/-of-tests$/, "", kind)
	begin(kind); inside = 1; body = ""
	next
}
/^```$/ && inside {
	inside = 0
	split("handoff: 1|project: p|purpose: q|recipients: [a]|" \
	    "retention: 1d|agreements: []|files: [{match: a, exclude: b}]",
	    top, "|")
	for (i = 1; i <= 7 && kind != "policy"; i++) {
		key = substr(top[i], 1, index(top[i], ":"))
		if (kind == "top" ? index("\n" body, "\n" key) : key == "files:")
			continue
		line(top[i])
	}
	if (kind == "files") line("files:")
	if (kind == "columns" || kind == "fields") {
		line("files:\n  - match: a\n    type: " \
		    (kind == "columns" ? "csv" : "jsonl") "\n    " kind ":")
	}
	indent = ""
	if (kind == "files") indent = "  "
	if (kind == "columns" || kind == "fields") indent = "      "
	n = split(body, lines, "\n")
	for (i = 1; i < n; i++) line(indent lines[i])
	close(name)
	next
}
inside { body = body $0 "\n" }
' "$doc"

n=0
for p in [0-9]*.yaml; do
	if ! "$HANDOFF" policy check "$p" >out 2>&1; then
		cat out "$p"
		exit 1
	fi
	n=$((n + 1))
done
echo "$n examples"
[ "$n" -ge 8 ]

# the keys of the tables in the source, and the words that values can be
sed -n 's/^\t*{ "\([a-z_]*\)", \(true\|false\), [a-zA-Z].*/\1/p' \
	"$TOP"/policy/rules/parse*.c | sort -u >keys
[ "$(wc -l <keys)" -ge 25 ]
printf '%s\n' columns fields keep drop token mask truncate generalise \
	constant reversible fpe random shift noise project document record \
	digits lower upper alnum quarter subject domain refuse csv json jsonl text jpeg png self two deny allow yes no \
	auto comma semicolon tab pipe year month dmy mdy class boxes spans \
	accuracy mean_iou open negative same >words
missing=0
cat keys words >all
while read -r w; do
	grep -qE "\`([^\`]*[^a-z_\`])?$w([^a-z_\`][^\`]*)?\`" "$doc" || {
		echo "docs/POLICY.md does not have \`$w\`"
		missing=1
	}
done <all
exit $missing
