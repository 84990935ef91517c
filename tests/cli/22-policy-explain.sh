# policy check --data and --strict; policy explain: which rule decides and why;
# the whole policy in English.
set -eu

command -v jq >/dev/null || { echo "no jq here"; exit 77; }
fail() {
	echo "$*"
	exit 1
}
# fails STATUS TEXT COMMAND...: it ends with that status and says that text
fails() {
	want=$1 text=$2
	shift 2
	rc=0
	"$@" >out 2>err || rc=$?
	[ "$rc" = "$want" ] || { echo "$*: $rc, not $want"; cat err; exit 1; }
	grep -qF -e "$text" err || { echo "$*:"; cat err; exit 1; }
}

cat >policy.yaml <<'E'
handoff: 1
project: triage
purpose: train
recipients: [acme]
retention: 90d
agreements: [nda]
files:
  - match: customers.csv
    type: csv
    columns:
      id: token
      city: keep
      zip: {generalise: {postcode: {keep: 3}}}
  - match: "a/*.csv"
    exclude: "not needed"
  - match: "a/*/**"
    exclude: "not needed either"
  - match: "a/**/*.csv"
    type: csv
    columns: {id: token}
  - match: "*.json"
    type: json
    fields: {a.b: keep, a.**: drop}
E
mkdir -p data/a
printf 'id,city,x\n1,Ulm,3\n' >data/customers.csv
echo x >data/a/n.csv
echo x >data/strange

# Two rules together leave nothing to a third; --strict refuses a warning.
"$HANDOFF" policy check policy.yaml >out 2>err || fail "a warning is no error"
grep -q 'policy.yaml:18: never reached: lines 14, 16 together' err ||
	fail "no union"
fails 3 'policy.yaml: 1 warning' "$HANDOFF" policy check policy.yaml --strict
[ ! -s out ] || fail "said ok"
sed '/a\/\*\*/,/columns/d' policy.yaml >clean.yaml
"$HANDOFF" policy check clean.yaml --strict >out 2>err || fail "strict"

# Against data: what is of no use, and what the plan would stop at, which ends as
# the plan does and is told with the same remedies.
fails 3 '3 refusals; nothing leaves' "$HANDOFF" policy check clean.yaml --data data
[ ! -s out ] || fail "said ok"
cp err check.txt
"$HANDOFF" plan data --policy clean.yaml --vendor acme >out 2>err && fail "a plan"
for text in check.txt err; do
	grep -v -e warning: -e 'no home here' $text |
		sed 's/^handoff: policy check:/handoff: plan:/' >$text.same
done
cmp check.txt.same err.same || fail "another refusal than the plan's"
mv check.txt err
for says in 'clean.yaml:13: column "zip" is in none of its files' \
	'clean.yaml:16: decides no file of data: "a/*/**"' \
	'clean.yaml:18: decides no file of data: "*.json"' \
	'check: customers.csv: column "x": no rule names it' \
	'check: strange: no rule of clean.yaml matches it'; do
	grep -qF "$says" err || { cat err; fail "not said: $says"; }
done
grep -q 'a/\*.csv' err && fail "of use"
fails 3 '3 refusals' "$HANDOFF" policy check clean.yaml --data data --json \
	--max-refusals 2
[ "$(jq '.warnings | length' out)" -ge 3 ]
[ "$(jq '.refusals | length' out)" = 2 ]
sed 's/      zip:.*/      x: drop/; s/^files:/&\n  - {match: strange, type: text, text: keep}/' \
	clean.yaml >fits.yaml
"$HANDOFF" policy check fits.yaml --data data >out 2>err || { cat err; fail "no plan stops"; }
grep -q '^fits.yaml: ok' out || fail "not ok"
fails 3 'warnings' "$HANDOFF" policy check fits.yaml --data data --strict
# Values, too, where the plan would look at them.
sed 's/^    columns:$/    item_id: id\n&/' fits.yaml >ids.yaml
"$HANDOFF" policy check ids.yaml --data data >out 2>err || { cat err; fail "ids"; }
printf '1,Bonn,4\n' >>data/customers.csv
fails 6 'customers.csv:3: record 2: its item id' \
	"$HANDOFF" policy check ids.yaml --data data
fails 6 'no such file' "$HANDOFF" policy check clean.yaml --data nothing

# Values that a name does not give away; and what is none of them, or measured.
mkdir values
awk 'BEGIN {
	print "a,b,c,d,price,when,t,id"
	for (i = 0; i < 200; i++)
		printf "x%d@mail.example,19%02d-03-%02d,52.%05d,He said that it was %d,%d.50,2020-01-%02d,%s,n%d\n",
		    i, i % 60 + 20, i % 28 + 1, i + 10000, i, i, i % 28 + 1, i % 3 ? "yes" : "no", i
}' >values/a.csv
for i in 1 2 3; do
	echo "{\"m\":{\"who\":\"+49 30 123456$i\",\"n\":$i}}" >values/$i.json
done
cat >values.yaml <<'E'
handoff: 1
project: p
purpose: q
recipients: [acme]
retention: 1d
agreements: []
files:
  - match: a.csv
    type: csv
    columns:
      a: keep
      b: keep
      c: keep
      d: keep
      price: keep
      when: keep
      t: token
      id: token
  - match: "*.json"
    type: json
    fields: {"**": keep}
E
"$HANDOFF" policy check values.yaml --data values >out 2>err || { cat err; fail "values"; }
for says in '11: keep: of 200 values of "a" nine of ten or more are e-mail' \
	'12: keep: of 200 values of "b" nine of ten or more are dates' \
	'13: keep: of 200 values of "c" nine of ten or more are coordinates' \
	'14: keep: of 200 values of "d" nine of ten or more are texts' \
	'17: token: of 200 values of "t" 2 are different' \
	'21: keep: of 3 values of "m.who" nine of ten or more are telephone'; do
	grep -qF "values.yaml:$says" err || { cat err; fail "not said: $says"; }
done
[ "$(grep -c warning: err)" = 6 ] || { cat err; fail "too much"; }
{
	cat values.yaml
	echo 'risk: {file: a.csv, quasi_identifiers: [b, c], max: {marketer: 100%}}'
} >measured.yaml
"$HANDOFF" policy check measured.yaml --data values >out 2>err || { cat err; fail "measured"; }
[ "$(grep -c warning: err)" = 4 ] || { cat err; fail "measured, and told"; }

# A line for an object, whose insides another decides.
cat >object.yaml <<'E'
handoff: 1
project: p
purpose: q
recipients: [acme]
retention: 1d
agreements: []
files:
  - match: a.csv
    exclude: no
  - match: "*.json"
    type: json
    fields: {m: token, "**": drop}
E
"$HANDOFF" policy check object.yaml --data values >out 2>err || { cat err; fail "object"; }
grep -q 'object.yaml:12: path "m" is always an object or array' err || { cat err; fail "object"; }
[ "$(grep -c warning: err)" = 1 ] || { cat err; fail "not one"; }
sed 's/m: token/m: drop/' object.yaml >whole.yaml
"$HANDOFF" policy check whole.yaml --data values --strict >out || fail "whole"

# What can be put together again, and what a name gives away.
sed 's/city: keep/name: keep/; s/{id: token}/{name: drop}/; s/"a\/\*.csv"/b/' \
	policy.yaml >weak.yaml
"$HANDOFF" policy check weak.yaml >out 2>err
grep -q 'weak.yaml:12: keep: "name" is called after a person' err
grep -q 'weak.yaml:12: "name" is kept here, and line 20 hides it' err
sed 's/city: keep/sex: {fpe: {alphabet: lower}}/' policy.yaml >fpe.yaml
fails 6 'fpe.yaml:12:12: fpe over so few values' "$HANDOFF" policy check fpe.yaml

# Which rule decides, and why the others do not.
"$HANDOFF" policy explain policy.yaml a/b/x.csv >out
grep -q '^a/b/x.csv stays behind: not needed either  (policy.yaml:16)' out
grep -q 'policy.yaml:14 .*does not match: "\*.csv" is not "b"' out
grep -q 'policy.yaml:18 .*matches too, but line 16 comes first' out
"$HANDOFF" policy explain policy.yaml x.json a.b.c >out
grep -q '^path "a.b.c": drop  (policy.yaml:23)' out
grep -q 'a.b  *decides what stands there itself' out
"$HANDOFF" policy explain policy.yaml customers.csv ctiy >out
grep -q 'did you mean "city"?' out
"$HANDOFF" policy explain policy.yaml ./customers.csv --data data >out
grep -q '^column "x": no line names it' out
grep -q '^column "zip"' out && fail "not in the file"
"$HANDOFF" policy explain policy.yaml q/r >out
grep -q '^q/r: no rule matches it, so the plan stops' out
"$HANDOFF" policy explain policy.yaml x.json a.b --json >json
[ "$(jq -r '.fields[0].lines[0].verdict' json)" = decides ]
[ "$(jq -r '.rules | map(.verdict) | join(",")' json)" = \
	"no match,no match,no match,no match,decides" ]
fails 6 '[ is followed by' "$HANDOFF" policy explain policy.yaml x.json 'a['
fails 2 'which FILE' "$HANDOFF" policy explain policy.yaml
fails 2 'the whole policy' "$HANDOFF" policy explain policy.yaml --prose a
fails 2 'no JSON' "$HANDOFF" policy explain policy.yaml --prose --json
fails 6 'none.json' "$HANDOFF" policy explain policy.yaml none.json --data data

# What feeds the dictionary, whether the file leaves or not.
cat policy.yaml - >names.yaml <<'E'
detect:
  dictionary:
    - file: "a/*.csv"
      columns: {name: PERSON, phone: PHONE_NUMBER}
    - {file: "x*.json", fields: {"a.n[*]": PERSON}}
E
"$HANDOFF" policy explain names.yaml a/n.csv >out
grep -q '^a/n.csv stays behind' out
grep -q '^dictionary: column "name", as PERSON, .*(names.yaml:27)' out
grep -q '^dictionary: column "phone", as PHONE_NUMBER' out
"$HANDOFF" policy explain names.yaml a/n.csv phone >out
[ "$(grep -c '^dictionary:' out)" = 1 ] || fail "phone alone"
"$HANDOFF" policy explain names.yaml customers.csv >out
grep -q '^dictionary:' out && fail "customers.csv feeds it"
"$HANDOFF" policy explain names.yaml x.json 'a["n"][*]' --json >json
[ "$(jq -r '.dictionary[0] | "\(.path) \(.as) \(.rule)"' json)" = \
	"a.n[*] PERSON names.yaml:28" ]
"$HANDOFF" policy explain names.yaml x.json a.b --json >json
[ "$(jq -r .dictionary json)" = null ]

# In English, all of it.
"$HANDOFF" policy explain --prose policy.yaml >prose.md
grep -q "SHA-256 $(sha256sum policy.yaml | cut -d' ' -f1)" prose.md
for says in 'for the project "triage" and the purpose "train"' \
	'Data go to the vendor acme, and to nobody else' '90 days' \
	'a postcode of which the first 3 characters' \
	'### Files "a/\*/\*\*" (policy.yaml:16)' 'because: not needed either'; do
	grep -q "$says" prose.md || fail "prose: $says"
done
"$HANDOFF" policy explain --prose "$TOP/tests/demo/policy.yaml" >prose.md
[ "$(wc -w <prose.md)" -gt 200 ]
