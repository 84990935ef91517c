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

# The law: where a vendor is and what it is, on a day; a table beside the tests.
mkdir law
cat >law/policy.yaml <<'E'
handoff: 1
project: p
purpose: q
recipients: [here, there, many]
retention: 1d
agreements: [nda]
files:
  - {match: "*.csv", type: csv, columns: {a: keep}}
E
cat >law/tests.yaml <<'E'
handoff-test: 1
policy: policy.yaml
vendor: here
date: 2026-11-29
agreements:
  - {vendor: here, type: nda, from: 2026-01-01, until: 2027-06-01}
  - {vendor: here, type: dpa, from: 2026-01-01}
  - {vendor: there, type: nda, from: 2026-01-01}
  - {vendor: there, type: dpa, from: 2026-01-01}
  - {vendor: many, type: nda, from: 2026-01-01}
vendors:
  - {name: here, country: DE}
  - {name: there, country: IN}
  - {name: many, country: DE, model: crowd}
cases:
  - {name: at home, file: x.csv, row: {a: 1}, expect: {a: 1}}
  - {name: a year later, file: x.csv, date: 2027-12-01, row: {a: 1}, refused: nda}
  - {name: far away, file: x.csv, vendor: there, row: {a: 1}, refused: India}
  - {name: a crowd, file: x.csv, vendor: many, row: {a: 1}, refused: crowd}
E
"$HANDOFF" policy test law/tests.yaml >out || { cat out; fail "the law"; }
# what is refused for another reason fails, and says which
sed -i 's/refused: India}/refused: something else}/' law/tests.yaml
fails 3 'expected a refusal with "something else", got: ' "$HANDOFF" policy test law/tests.yaml
sed -i 's/refused: something else}/expect: {a: 1}}/; s/^vendors:/countries: c.csv\nvendors:/' law/tests.yaml
fails 6 'c.csv' "$HANDOFF" policy test law/tests.yaml
printf 'COUNTRIES\n' >law/c.csv
fails 6 'c.csv:1' "$HANDOFF" policy test law/tests.yaml
"$HANDOFF" countries --csv | sed 's/^IN,.*//; /^$/d' >law/c.csv
echo 'IN,adequate,2026-01-01,,,made up' >>law/c.csv
"$HANDOFF" policy test law/tests.yaml >out || { cat out; fail "a table beside the tests"; }
sed -i '/^agreements:/,/^countries:/{/^countries:/!d}' law/tests.yaml
fails 6 'judged by their agreements' "$HANDOFF" policy test law/tests.yaml

# Persons who are suppressed stay behind, in rows, lines, documents and files;
# references lead to files that leave.
mkdir who
cat >who/policy.yaml <<'E'
handoff: 1
project: p
purpose: q
recipients: [acme]
retention: 1d
agreements: []
subject:
  - {file: "*.csv", column: id}
  - {file: "*.jsonl", field: id}
  - {file: "*.json", field: who.id}
  - {path: "notes/{subject}.txt"}
files:
  - match: "*.csv"
    type: csv
    columns: {id: token, photo: {item_ref: {by: path}}, short: {item_ref: {by: identifier}}}
    missing: allow
  - {match: "*.jsonl", type: jsonl, fields: {id: token}}
  - {match: "*.json", type: json, fields: {"who.id": token}}
  - {match: "notes/*.txt", type: text, text: keep}
  - {match: "photos/raw/*.jpg", exclude: "not yet"}
  - {match: "photos/**", type: jpeg, metadata: drop, pixels: keep}
E
cat >who/tests.yaml <<'E'
handoff-test: 1
policy: policy.yaml
vendor: acme
date: 2026-11-29
suppressed: ["7"]
files: [photos/a.jpg, photos/old/a.jpg, photos/b.jpg, photos/raw/c.jpg, t.csv]
cases:
  - {name: row, file: x.csv, row: {id: 7}, excluded: suppressed}
  - {name: another, file: x.csv, row: {id: 77}, expect: {id: <token>}}
  - {name: line, file: x.jsonl, document: '{"id":7}', excluded: suppressed}
  - {name: document, file: x.json, document: '{"who":{"id":7}}', excluded: suppressed}
  - {name: other document, file: x.json, document: '{"who":{"id":8}}', expect: '{"who":{"id":"<token>"}}'}
  - {name: note, file: notes/7.txt, text: hello, excluded: suppressed}
  - {name: other note, file: notes/8.txt, text: hello, expect: hello}
  - {name: by path, file: x.csv, row: {id: 1, photo: photos/old/a.jpg}, expect: {id: <token>, photo: <photos/old/a.jpg>}}
  - {name: by identifier, file: x.csv, row: {id: 1, short: b}, expect: {id: <token>, short: <photos/b.jpg>}}
  - {name: two, file: x.csv, row: {id: 1, short: a}, refused: more than one file}
  - {name: none, file: x.csv, row: {id: 1, photo: photos/z.jpg}, refused: names no file}
  - {name: excluded, file: x.csv, row: {id: 1, photo: photos/raw/c.jpg}, refused: names no file}
  - {name: a table of items, file: x.csv, row: {id: 1, photo: t.csv}, refused: names no file}
E
"$HANDOFF" policy test who/tests.yaml >out || { cat out; fail "persons and references"; }
sed -i 's/^suppressed: .*/suppressed: []/' who/tests.yaml
fails 3 'expected to stay behind, and it leaves' "$HANDOFF" policy test who/tests.yaml
grep -q '4 failed' out || { cat out; fail "four leave"; }

# Persons are made up, in the place of a dataset's own: what is common as a word
# is found where the text is theirs.
cat >t/names.yaml <<'E'
handoff: 1
project: p
purpose: q
recipients: [acme]
retention: 1d
agreements: []
subject:
  - {file: notes.csv, column: who}
  - {path: "letters/{subject}.txt"}
detect:
  dictionary: [{file: patients.csv, columns: {name: PERSON}}]
files:
  - {match: patients.csv, exclude: who they are}
  - {match: notes.csv, type: csv, columns: {who: drop, note: detect}}
  - {match: "letters/*", type: text, text: {detect: {style: number}}}
E
cat >t/known.yaml <<'E'
handoff-test: 1
policy: names.yaml
vendor: acme
date: 2026-06-01
dictionary:
  - {PERSON: Anna Maria Drobenska, PHONE_NUMBER: "030 1234567", subject: P1}
  - {PERSON: Peter Frost, subject: P2}
  - {PERSON: Dawn Rivers}
cases:
  - name: known anywhere
    file: notes.csv
    row: {who: P3, note: "the bag of Anna Drobenskiej; RIVERS, DAWN; Frost falls; 0301234567"}
    expect: {note: "the bag of <PERSON>; <PERSON>; Frost falls; <PHONE_NUMBER>"}
  - name: his own
    file: notes.csv
    row: {who: P2, note: Frost falls}
    expect: {note: <PERSON> falls}
  - name: a letter of his
    file: letters/P2.txt
    text: Frost falls
    expect: <PERSON_1> falls
  - name: a letter of hers
    file: letters/P1.txt
    text: Frost falls, anna too
    expect: Frost falls, <PERSON_1> too
E
"$HANDOFF" policy test t/known.yaml >out || { cat out; fail "the dictionary of tests"; }
sed 's/{PERSON: Dawn/{PERSN: Dawn/' t/known.yaml >t/slip.yaml
fails 6 't/slip.yaml:8:6: unknown "PERSN"' "$HANDOFF" policy test t/slip.yaml
sed '/^dictionary:/,/Dawn Rivers/d' t/known.yaml >t/slip.yaml
fails 3 'his own' "$HANDOFF" policy test t/slip.yaml

# DICOM: a row of attributes is a file of them, and what leaves is read from the
# file that is made of it.
mkdir d
cat >d/policy.yaml <<'E'
handoff: 1
project: p
purpose: q
recipients: [acme]
retention: 1d
agreements: []
subject: {file: "*.dcm", field: PatientID}
files:
  - match: "*.dcm"
    type: dicom
    profile: basic
    options: [{retain_long_modified_dates: {shift: {days: 30, by: subject}}}]
    tags:
      PatientID: token
      PatientBirthDate: {generalise: {date: year}}
      PatientComments: refuse
    pixels: keep
E
cases >d/tests.yaml <<'E'
  - name: a scan
    file: a.dcm
    row: {PatientID: "17", "(0010,0010)": "Doe^Jane", PatientBirthDate: "19800304", StudyDate: "20260131", StudyTime: "101500", AcquisitionDateTime: "20260131101500.25", StudyDescription: knee, SeriesInstanceUID: 1.2.3, Rows: "512", SOPClassUID: 1.2.840.10008.5.1.4.1.1.4}
    expect: {PatientID: <token>, PatientName: "", PatientBirthDate: "19800101", StudyDate: "/^20(25|26)[0-9]{4}$/", StudyTime: "101500", AcquisitionDateTime: "/^20(25|26)[0-9]{4}101500.25$/", "(0020,000e)": "/^2[.]25[.][0-9]+$/", Rows: "512", SOPClassUID: 1.2.840.10008.5.1.4.1.1.4}
  - name: what was done is told
    file: a.dcm
    row: {PatientID: "17"}
    expect: {PatientID: <token>, PatientIdentityRemoved: "YES", DeidentificationMethod: "/Basic Application Confidentiality Profile/"}
  - name: whose is it
    file: a.dcm
    row: {StudyDate: "20260131"}
    refused: subject "PatientID"
  - name: undecided
    file: a.dcm
    row: {PatientID: "17", PatientComments: calls herself Jane}
    refused: refuses it
  - name: no date
    file: a.dcm
    row: {PatientID: "17", StudyDate: soon}
    refused: StudyDate
E
"$HANDOFF" policy test d/tests.yaml --min-coverage 100 >out || { cat out; exit 1; }
grep -q '^5 cases, 0 failed; 4 of 4 rules and lines met (100 %)' out ||
	{ cat out; exit 1; }
other() { # STATUS SAYS SED
	sed "$3" d/tests.yaml >d/slip.yaml
	fails "$1" "$2" "$HANDOFF" policy test d/slip.yaml
}
other 3 'attribute "PatientName": expected "Doe^Jane", got ""' \
	's/PatientName: ""/PatientName: "Doe^Jane"/'
other 3 'attribute "PatientName" is delivered (""), and nothing is expected' \
	's/ PatientName: "",//'
other 3 'attribute "StudyDescription" is expected, and not delivered' \
	's/PatientName: ""/&, StudyDescription: knee/'
other 6 'PixelData is of the representation OW' \
	's/Rows: "512", SOP/PixelData: "512", SOP/'
other 6 'Rows: no number of 16 bits' 's/Rows: "512", SOP/Rows: "70000", SOP/'
other 6 '"PatientIdd": no attribute that is known here' \
	's/{PatientID: "17"}/{PatientIdd: "17"}/'
other 6 'PatientID is there twice' \
	's/{PatientID: "17"}/{PatientID: "17", "(0010,0020)": "18"}/'

# A text that is searched is one line to be met; a picture has no case, and so
# nothing to be met.
mkdir e
cat >e/policy.yaml <<'E'
handoff: 1
project: p
purpose: q
recipients: [acme]
retention: 1d
agreements: []
files:
  - {match: "*.txt", type: text, text: detect}
  - {match: "*.jpg", type: jpeg, metadata: drop, pixels: keep}
E
cases >e/tests.yaml <<'E'
  - {name: mail, file: a.txt, text: "write to ann@example.org", expect: "write to <EMAIL_ADDRESS>"}
E
"$HANDOFF" policy test e/tests.yaml --min-coverage 100 >out || { cat out; exit 1; }
grep -q '; 2 of 2 rules and lines met (100 %)' out || { cat out; exit 1; }
