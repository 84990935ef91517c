# policy init: a newcomer's first policy passes the check, and the plan stops at
# what is refused and nowhere else; once that is decided it plans and exports.
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

mkdir -p data/orders data/notes data/docs data/logs
awk 'BEGIN {
	print "customer_id,name,email,birth_date,zip,city,note,status,x1,religion,seen"
	for (i = 1; i <= 2000; i++)
		printf "%d,Zacharias %d,a%d@mail.example,19%02d-03-%02d,%05d,%s,secret words about person %d,%s,%d.%d,%s,%02d.%02d.2020\n",
		    i, i, i % 1990, i % 80 + 10, i % 28 + 1, 20000 + i,
		    i % 2 ? "Ulm" : "Bonn", i, i % 3 ? "open" : "closed", i % 7, i,
		    i % 2 ? "a" : "b", i % 28 + 1, i % 12 + 1
}' >data/customers.csv
for y in 2019 2020; do
	printf 'order_id;customer_id;total;contact\n%s1;1;3.50;x@y.example\n%s2;2;4;Ulm\n' \
		$y $y >data/orders/orders_$y.csv
done
printf '{"id":1,"patient":{"id":"p1","name":"Q"},"visits":[{"icd":"K35"}],"none":null}\n' >data/records.jsonl
printf '{"id":2,"patient":{"id":"p2","name":"R"},"visits":[],"none":null}\n' >>data/records.jsonl
awk 'BEGIN { printf "{\"a\":1,\"m\":{"; for (i = 0; i < 300; i++) printf "%s\"Zacharias%d\":%d", i ? "," : "", i, i; print "}}" }' >data/docs/a.json
echo '{"a":2}' >data/docs/b.json
echo hello >data/notes/a.txt
echo hello >data/notes/b.txt
printf '1,a@b.example\n2,c@d.example\n' >data/plain.csv
printf 'a,b\n1\n' >data/torn.csv
printf 'PK\003\004\000\000' >data/table.xlsx
printf '\n%%PDF-1.4\n1 0 obj\n' >data/paper.pdf
printf '{"a":1}\n{"a":2}\n' >data/logs/lines.json
printf 'document,status\ndocs/a.json,open\ndocs/b.json,closed\n' >data/index.csv

# What it says, and what it never does: a value.
"$HANDOFF" policy init data -o policy.yaml --vendor acme 2>err
grep -q 'refused until you decide: ' err
[ "$(awk 'length($0) > 80' err)" = '' ]
grep -q 'files that stay behind until you decide: 5$' err
grep -q '  2 of free text; in place of exclude, masked:' err
grep -q '  3 of others: exclude: says why' err
grep -q 'hint: handoff plan data --policy policy.yaml --vendor acme' err
grep -qE 'Zacharias|mail.example|secret words|hello' policy.yaml &&
	fail "a value of the data"
for line in 'customer_id: token' 'name: drop' 'email: {token: {domain: email}}' \
	'birth_date: {generalise: {date: year}}' \
	'zip: {generalise: {postcode: {keep: 3}}}' 'city: drop' 'note: drop' \
	'status: keep' 'x1: refuse' 'religion: refuse' 'item_id: customer_id' \
	'seen: {generalise: {date: month}}' 'document: {item_ref: {by: path}}' 'contact: refuse' 'header: no' \
	'"m.\*\*": drop' 'item_id: order_id' '- match: "orders/\*.csv"' \
	'- match: "notes/\*.txt"' 'delimiter: semicolon' \
	'exclude: "is a PDF"' \
	'exclude: "record 1: 1 fields, and the header has 2"'; do
	grep -q -e "^ *$line" policy.yaml || fail "not proposed: $line"
done
grep -q '^#   - {file: "customers.csv", quasi_identifiers: \[birth_date, zip, seen\], k: 5}' policy.yaml
# the key of a person joins wherever it stands
grep -q '^ *patient.id: {token: {domain: customer_id}}' policy.yaml
grep -q '2,000 of 2,000 values are e-mail addresses' policy.yaml
grep -q '1,990 different' policy.yaml
grep -q '300 different names at this place' policy.yaml
grep -q 'file: "customers.csv", column: "customer_id"' policy.yaml
"$HANDOFF" policy check policy.yaml --strict >out || fail "not a good policy"
fails 3 'refuses it' "$HANDOFF" policy check policy.yaml --data data \
	--max-refusals 1000
grep -v -e 'refuses it' -e hint: -e 'nothing leaves' err &&
	fail "more than refusals"

# The plan stops at each refuse, and at nothing else.
fails 3 'refuses it' "$HANDOFF" plan data --policy policy.yaml --vendor acme \
	--max-refusals 1000
grep 'handoff: plan: ' err | grep -v -e 'refuses it' -e 'nothing leaves' &&
	fail "stops at something else"
sed 's/: refuse$/: drop/' policy.yaml >decided.yaml
"$HANDOFF" plan data --policy decided.yaml --vendor acme >plan.txt ||
	fail "does not plan"
grep -q 'customers.csv  csv, comma' plan.txt
# what it proposes can be carried out on every value
"$HANDOFF" sanitise data/customers.csv --policy decided.yaml -o out.csv \
	--as customers.csv >change
[ "$(wc -l <out.csv)" = 2001 ]
"$HANDOFF" sanitise data/orders/orders_2019.csv --policy decided.yaml \
	-o out.csv --as orders/orders_2019.csv >change

# Profiles.
"$HANDOFF" policy init data -o hipaa.yaml --profile hipaa-safe-harbor 2>err
grep -q 'recipients: \[vendor\]' hipaa.yaml
grep -q '^ *birth_date: {generalise: {age_band: {at: .*, width: 1, over: 89}}}' hipaa.yaml
grep -q '^ *seen: {generalise: {date: year}}' hipaa.yaml
grep -q '^ *customer_id: random' hipaa.yaml
grep -q 'agreements: \[nda, baa\]' hipaa.yaml
"$HANDOFF" policy init data -o health.yaml --profile gdpr-health 2>err
grep -q 'approve: two' health.yaml
grep -q '^# legal: ' health.yaml
# the risk that is proposed is a rule when its marks are taken away
sed 's/: refuse$/: drop/; /^# risk:/,/^#   - {file: "customers/s/^# //' policy.yaml >risk.yaml
"$HANDOFF" policy check risk.yaml >out || fail "no risk"
"$HANDOFF" policy explain --prose risk.yaml | grep -q 'At least 5 persons share'
grep -q '^ *"visits\[\*\].icd": keep' health.yaml
grep -q '^ *religion: drop' health.yaml
"$HANDOFF" policy init data -o faces.yaml --profile faces 2>err
grep -q 'classes: \[face\]' faces.yaml
# and so are the names, for the texts that somebody puts under detect
grep -q '^#     - {file: "customers.csv", columns: {name: PERSON}}' policy.yaml
grep -q '^#     - {file: "records.jsonl", fields: {patient.name: PERSON}}' policy.yaml
sed 's/: refuse$/: drop/; /^# detect:/,/^#     - {file: "records/s/^# //; s/^\( *\)note: drop/\1note: detect/' \
	policy.yaml >names.yaml
"$HANDOFF" policy check names.yaml --strict >out || fail "no dictionary"
"$HANDOFF" plan data --policy names.yaml --vendor acme |
	grep -q "own names: 2,002 values of 2 files" || fail "no names"
mkdir chat
printf '{"role":"user","content":"my name is Zacharias"}\n' >chat/log.jsonl
"$HANDOFF" policy init chat --profile chat-logs >chat.yaml 2>err
grep -q '^ *content: refuse' chat.yaml
grep -q '^ *role: keep' chat.yaml
for p in hipaa health faces chat; do
	"$HANDOFF" policy check $p.yaml >out || fail "$p"
done

# Whose a whole file is: by its path, by a row that names it, where nine of ten
# are; and the plan takes it.
mkdir -p whose/photos whose/scans whose/notes whose/plans
{
	echo patient_id,born,scan
	for i in 01 02 03 04 05 06 07 08 09 10; do
		echo "P$i,1980-01-$i,scans/s$i.json"
		echo '{"a":1}' >whose/scans/s$i.json
		mkdir whose/photos/P$i
		echo '{"b":1}' | tee whose/photos/P$i/1.json >whose/photos/P$i/2.json
		echo note >whose/notes/P${i}_visit.txt
		echo '{"c":1}' >whose/plans/$i-P$i.json
	done
} >whose/patients.csv
echo '{"c":1}' >whose/plans/11-X.json
rm whose/plans/01-P01.json
"$HANDOFF" policy init whose -o whose.yaml --vendor acme 2>err
for line in '  # 20 of 20 paths have there a value of patients.csv: patient_id' \
	'  - {path: "photos/{subject}/\*\*/\*.json"}' \
	'  # 10 of 10 paths are named by rows of patients.csv: scan' \
	'  - {file: "scans/\*.json", by: item_ref}' \
	'  # 10 of 10 paths have there a value of patients.csv: patient_id; once they leave' \
	'  # - {path: "notes/{subject}_\*.txt"}' \
	'  # 9 of 10 paths have there a value of patients.csv: patient_id'; do
	grep -q -e "^$line\$" whose.yaml || { sed -n '/^subject/,/^files/p' whose.yaml; fail "not proposed: $line"; }
done
fails 3 'refuses it' "$HANDOFF" policy check whose.yaml --data whose \
	--max-refusals 1000
grep -v -e 'refuses it' -e hint: -e 'nothing leaves' err &&
	fail "more than refusals"
sed 's/: refuse$/: drop/' whose.yaml >decided.yaml
"$HANDOFF" plan whose --policy decided.yaml --vendor acme >plan.txt || fail "does not plan"
"$HANDOFF" policy explain decided.yaml photos/P07/1.json | grep -q '^person: photos/{subject}/' ||
	fail "nobody's"
# Eight of ten are too few; short numbers are doubted.
rm whose/plans/02-P02.json
echo '{"c":1}' >whose/plans/12-Y.json
"$HANDOFF" policy init whose 2>err | grep -q '  - {path: "plans' && fail "eight of ten"
mkdir short short/photos
printf 'patient_id,born\n1,1980-01-01\n2,1980-01-02\n' >short/patients.csv
echo '{"c":1}' | tee short/photos/img-1.json >short/photos/img-2.json
"$HANDOFF" policy init short 2>err | grep -A 1 'the numbers are short$' |
	grep -q '^  # - {path: "photos/\*-{subject}.json"}' || fail "no doubt"

# A file that rows of two persons name is nobody's for certain, and stops a plan
# that says so: only a comment.
mkdir -p two/scans
echo '{"a":1}' | tee two/scans/1.json >two/scans/2.json
printf 'patient_id,scan\np1,scans/1.json\np2,scans/2.json\np3,scans/2.json\n' >two/t.csv
"$HANDOFF" policy init two --vendor acme >two.yaml 2>err
grep -A 1 '2 of 2 paths are named by rows of t.csv: scan; once none is named by rows of two persons' two.yaml |
	grep -q '^  # - {file: "scans/\*.json", by: item_ref}' || fail "two persons"
sed 's/: refuse$/: drop/' two.yaml >decided.yaml
"$HANDOFF" plan two --policy decided.yaml --vendor acme >plan.txt || fail "does not plan"

# Documents of the same names, in whatever order, need no missing: allow.
mkdir -p same/docs
echo '{"a":1,"b":[{"c":2}]}' >same/docs/1.json
echo '{"b":[{"c":3},{"c":4}],"a":5}' >same/docs/2.json
echo '{"a":1}' | tee same/1.jsonl >same/2.jsonl
"$HANDOFF" policy init same >same.yaml 2>err
grep 'missing: allow' same.yaml && fail "may miss what is never missing"
echo '{"a":1,"d":2}' >same/docs/3.json
"$HANDOFF" policy init same 2>err | grep -A 3 'match: "docs' |
	grep -q 'missing: allow' || fail "not all have the same"

# One file; nothing; wrong words; never over another policy.
"$HANDOFF" policy init data/customers.csv 2>err | grep -q 'match: "customers.csv"'
mkdir empty
"$HANDOFF" policy init empty -q >empty.yaml
"$HANDOFF" policy check empty.yaml >out
"$HANDOFF" policy init data -o told.yaml --json >told.json
[ "$(jq .refused told.json)" = "$(grep -c ': refuse$' told.yaml)" ]
fails 2 'goes with -o FILE' "$HANDOFF" policy init data --json
fails 2 'already' "$HANDOFF" policy init data -o policy.yaml
fails 2 'no profile is called gdpr' "$HANDOFF" policy init data --profile gdpr
fails 2 'a vendor' "$HANDOFF" policy init data --vendor 'A B'
fails 6 'no such file' "$HANDOFF" policy init nothing
