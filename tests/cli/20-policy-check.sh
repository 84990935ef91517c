# policy check says ok with a count, warns, and refuses with line, column, hint.
set -eu

fail() {
	echo "$*"
	exit 1
}

cat >policy.yaml <<'E'
handoff: 1
project: triage
purpose: train-triage-model
recipients: [acme]
retention: 90d
agreements: [nda, dpa]
files:
  - match: customers.csv
    type: csv
    columns:
      customer_id: token
      NO: drop
  - match: "notes/**"
    exclude: "free text waits for detection"
E

[ "$("$HANDOFF" policy check policy.yaml 2>err)" = "policy.yaml: ok, 2 rules" ] ||
	fail "not ok"
[ ! -s err ] || fail "warned of nothing"

# the digest is that of the file
want=$(sha256sum policy.yaml | cut -d' ' -f1)
"$HANDOFF" policy check --json policy.yaml >json
grep -q "\"digest\":\"$want\"" json || fail "digest"
grep -q '"rules":2' json || fail "rules"
grep -q '"warnings":\[\]' json || fail "warnings"

# a rule that is never reached is a warning, not an error
sed '$a\  - {match: notes/a.txt, type: text, text: keep}' policy.yaml >dead.yaml
"$HANDOFF" policy check dead.yaml >out 2>err || fail "a warning is no error"
grep -q '^dead.yaml: ok, 3 rules$' out || fail "no ok"
grep -q 'warning: dead.yaml:15: never reached: "notes/\*\*" in line 13' err ||
	fail "no warning"
"$HANDOFF" policy check --json dead.yaml | grep -q 'never reached' ||
	fail "no warning in JSON"

# a slip has its place, its hint and exit status 6
sed 's/token/tokne/' policy.yaml >slip.yaml
rc=0
"$HANDOFF" policy check slip.yaml >out 2>err || rc=$?
[ "$rc" -eq 6 ] || fail "exit status $rc"
[ ! -s out ] || fail "said ok"
grep -q '^handoff: policy check: slip.yaml:11:20: unknown "tokne"$' err ||
	fail "no place"
grep -q '^handoff: hint: did you mean token?' err || fail "no hint"

# no file, a folder, too large, no operand
for bad in nothere . "$TOP/build/handoff"; do
	rc=0
	"$HANDOFF" policy check "$bad" >out 2>err || rc=$?
	[ "$rc" -eq 6 ] || fail "$bad: exit status $rc"
done
rc=0
"$HANDOFF" policy check 2>err || rc=$?
[ "$rc" -eq 2 ] || fail "usage: exit status $rc"
