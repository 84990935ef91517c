# policy test: cases with rows, documents and texts; tokens that are the same on
# every machine; coverage; what fails says where and why.
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
	[ "$rc" = "$want" ] || { echo "$*: $rc, not $want"; cat out err; exit 1; }
	cat out err | grep -qF -e "$text" || { echo "$*:"; cat out err; exit 1; }
}

# The example of the documentation, as it stands there.
awk '/^```yaml policy-of-tests$/ { out = "policy.yaml"; next }
	/^```yaml tests$/ { out = "tests.yaml"; next }
	/^```$/ { out = "" } out { print >out }' "$TOP/docs/POLICY.md"
"$HANDOFF" policy check policy.yaml --strict >out
"$HANDOFF" policy test tests.yaml --min-coverage 100 >out || { cat out; exit 1; }
grep -q '^[0-9]* cases, 0 failed; .* (100 %)' out

mkdir t
cat >t/policy.yaml <<'E'
handoff: 1
project: p
purpose: q
recipients: [acme]
retention: 1d
agreements: [nda]
subject: {file: "*.csv", column: id}
files:
  - match: "*.csv"
    type: csv
    delimiter: semicolon
    columns:
      id: token
      name: drop
      email: {token: {domain: mail}}
      born: {generalise: {date: year}}
      seen: {shift: {days: 30, by: subject}}
      card: {fpe: {alphabet: digits, luhn: yes}}
      bad: refuse
    missing: allow
  - match: "*.jsonl"
    type: jsonl
    fields:
      id: token
      a.**: drop
      "v[*].x": keep
  - match: "*.txt"
    type: text
    text: keep
  - match: "notes/**"
    exclude: "free text waits for detection"
E
head='handoff-test: 1
policy: policy.yaml
vendor: acme
date: 2026-06-01
'
cases() { printf '%scases:\n' "$head"; cat; }
cases >t/tests.yaml <<'E'
  - name: a row
    file: a.csv
    row: {id: "17", name: "An;na \"x\"", email: a@b.example, born: 1980-03-04, seen: 2020-01-31, card: 4111111111111111}
    expect: {id: <token>, email: <token>, born: "1980", seen: "/^20(19|20)-/", card: "/^[0-9]{16}$/"}
  - name: a document
    file: a.jsonl
    document: '{"id": 5, "a": {"b": [1]}, "v": [{"x": 1}, {"x": null}]}'
    expect: '{"id": "<token>", "v": [{"x": 1}, {"x": null}]}'
  - name: a text
    file: a.txt
    text: "hello"
    expect: "hello"
  - name: stays behind
    file: notes/a
    excluded: free text
  - name: an undecided column
    file: a.csv
    row: {id: "1", bad: x}
    refused: refuses it
  - name: an unknown column
    file: a.csv
    row: {id: "1", emial: x}
    refused: no rule names it
  - name: no date
    file: a.csv
    row: {id: "1", born: soon}
    refused: not a date
  - name: another vendor
    file: a.csv
    vendor: beta
    row: {id: "1"}
    refused: not among the recipients
  - name: no rule
    file: a.xyz
    refused: no rule
E
"$HANDOFF" policy test t/tests.yaml >out || { cat out; exit 1; }
grep -q '^9 cases, 0 failed; 14 of 14 rules and lines met (100 %)' out ||
	{ cat out; exit 1; }
"$HANDOFF" policy test t/tests.yaml --tap >tap
grep -q '^1..9$' tap
[ "$(grep -c '^ok ' tap)" = 9 ]
"$HANDOFF" policy test t/tests.yaml --json | jq -e '.failed == 0' >/dev/null

# A token is the same each time, another under another key; and the one that is
# written down is met.
token() { "$HANDOFF" policy test "$1" 2>&1 | sed -n 's/.*column "id".*got "\(.*\)".*/\1/p'; }
cases >t/one.yaml <<'E'
  - {name: one, file: a.csv, row: {id: "17"}, expect: {id: x}}
E
one=$(token t/one.yaml)
[ ${#one} = 26 ]
[ "$(token t/one.yaml)" = "$one" ]
sed 's/^date/key: other\ndate/' t/one.yaml >t/two.yaml
[ "$(token t/two.yaml)" != "$one" ]
sed "s/{id: x}/{id: $one}/" t/one.yaml >t/three.yaml
"$HANDOFF" policy test t/three.yaml >out

# What fails, and what it says.
bad() { # SAYS CASE
	cases >t/bad.yaml <<E
  - {name: bad, $2}
E
	fails 3 "$1" "$HANDOFF" policy test t/bad.yaml
	grep -q 't/bad.yaml:6: bad: ' out || { cat out; exit 1; }
	grep -q '1 case failed' err
}
bad 'column "born": expected "1981", got "1980"' \
	'file: a.csv, row: {id: "1", born: "1980"}, expect: {id: <token>, born: "1981"}'
bad 'column "name" is expected, and not delivered' \
	'file: a.csv, row: {id: "1", name: A}, expect: {id: <token>, name: A}'
bad 'column "born" is delivered ("1980"), and nothing is expected' \
	'file: a.csv, row: {id: "1", born: "1980"}, expect: {id: <token>}'
bad 'path "v[*].x": expected "2", got "1"' \
	"file: a.jsonl, document: '{\"id\":1,\"a\":1,\"v\":[{\"x\":1}]}', expect: '{\"id\":\"<token>\",\"v\":[{\"x\":2}]}'"
bad 'path "v[*].x" is delivered' \
	"file: a.jsonl, document: '{\"id\":1,\"a\":1,\"v\":[{\"x\":1}]}', expect: '{\"id\":\"<token>\"}'"
bad 'expected "x", got "y"' 'file: a.txt, text: "y", expect: "x"'
bad 'refused: a.csv: column "bad"' \
	'file: a.csv, row: {id: "1", bad: x}, expect: {id: <token>}'
bad 'expected a refusal with "else", got: ' \
	'file: a.csv, row: {id: "1", bad: x}, refused: else'
bad 'expected to be refused, and it leaves' 'file: a.csv, row: {id: "1"}, refused: x'
bad 'stays behind: free text' 'file: notes/a, text: "a", expect: "a"'
bad 'the file is csv by its rule, and the case gives a text' \
	'file: a.csv, text: "a", expect: "a"'
bad 'refused: a.jsonl' "file: a.jsonl, document: '{', expect: '{}'"

# Patterns that would be gigabytes once their repeats are written out.
for p in '(((((a{1,200}){1,200}){1,200}){1,200}){1,200})' '[]a]{1,3000}' \
	'((((((((((((a+)+)+)+)+)+)+)+)+)+)+)+)' 'a{2001}' \
	'((x{50}|[[:alpha:]]){50}){,9}'; do
	bad 'repeats make it over 2,000 characters' \
		"file: a.txt, text: \"a\", expect: '/$p/'"
done
bad 'and the like are not read' \
	"file: a.txt, text: \"aa\", expect: '/^(a)\\1$/'"
bad 'nested too deep' "file: a.txt, text: \"a\", expect: '/$(printf '(%.0s' $(seq 40))a$(printf ')%.0s' $(seq 40))/'"
cases >t/large.yaml <<'E'
  - {name: large, file: a.txt, text: "a]b{", expect: '/^([a-z]{1,9}|[]]{1,200}|[[:punct:]{3}(]+){1,5}$/'}
E
"$HANDOFF" policy test t/large.yaml >out || { cat out; exit 1; }

# Agreements at a date, where the tests give any.
sed 's/^cases/agreements:\n  - {vendor: acme, type: nda, from: 2026-01-01, until: 2026-12-31}\n&/' \
	t/one.yaml >t/law.yaml
cat >>t/law.yaml <<'E'
  - {name: lapsed, file: a.csv, date: 2027-01-01, row: {id: "1"}, refused: nda}
  - {name: not yet, file: a.csv, date: 2025-12-31, row: {id: "1"}, refused: nda}
E
sed -i 's/{id: x}/{id: <token>}/' t/law.yaml
"$HANDOFF" policy test t/law.yaml >out || { cat out; exit 1; }

# Coverage: what no case met, and a floor.
fails 3 'rules and lines are met, and 90 %' \
	"$HANDOFF" policy test t/three.yaml --min-coverage 90
grep -q '^t/policy.yaml:15: no case has column "email"' out
grep -q '^t/policy.yaml:30: no case has files "notes/\*\*"' out
"$HANDOFF" policy test t/three.yaml --min-coverage 10 >out

# Mistakes in the file have their place.
wrong() { # SAYS, then a file
	cat >t/wrong.yaml
	fails 6 "$1" "$HANDOFF" policy test t/wrong.yaml
}
printf '%scases: []\n' "$head" | wrong 't/wrong.yaml:5:8: expected a list of cases'
cases <<'E' | wrong 't/wrong.yaml:6:5: a case has one of expect, refused and excluded'
  - {name: a, file: b, text: c}
E
cases <<'E' | wrong 'unknown key "ecpect"'
  - {name: a, file: b, text: c, ecpect: d}
E
cases <<'E' | wrong 'of a row a map of columns is expected'
  - {name: a, file: b, row: {x: y}, expect: d}
E
cases <<'E' | wrong 'expected a date'
  - {name: a, file: b, date: soon, refused: x}
E
sed 's/policy.yaml/nothere.yaml/' t/one.yaml | wrong 'nothere.yaml'
sed 's/policy: policy.yaml/policy: \/etc\/passwd/' t/one.yaml |
	wrong "named from the tests' folder"
fails 6 nothere "$HANDOFF" policy test nothere.yaml
