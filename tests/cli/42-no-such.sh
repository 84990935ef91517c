#!/bin/sh
# What is named and not there is exit status 6, whatever command names it; a
# home of the other kind, one of somebody else, and options in front of the
# command are said to be that.
set -eu
# shellcheck source=tests/support/two_homes.sh
. "$TOP/tests/support/two_homes.sh"
two_homes
cat >policy.yaml <<'P'
handoff: 1
project: triage
purpose: train
recipients: [acme, ghost]
retention: 90d
agreements: [nda]
files: [{match: "*.csv", type: csv, columns: {who: token}}]
exposure: {colluding: [betta]}
P
mkdir data
printf 'who\na\n' >data/a.csv
none=aaaaaaaaaaaaaaaaaaaaaaaaaa

for args in 'vendor suspend ghost' 'vendor end ghost' \
	'agreement add ghost nda nda.txt --from 2020-01-01' \
	"agreement end a-$none" 'batch approve ghost --yes' \
	'batch extend ghost --until 2030-01-01' 'batch withdraw ghost' \
	'batch shred ghost --yes' 'stop ghost' "hold end k-$none" \
	'hold add ghost --reason x' "suppress remove u-$none" \
	"ingest r-$none" 'plan data --policy policy.yaml --vendor ghost' \
	'export data --policy policy.yaml --vendor ghost' 'audit show 999'; do
	# shellcheck disable=SC2086 # words
	fails 6 '' owner $args
done
for args in 'vendor show ghost' 'agreement list ghost' 'batch show ghost' \
	'report batch ghost' 'audit prove 999'; do
	# shellcheck disable=SC2086 # words
	fails 6 '' "$HANDOFF" $args --home owner
done
fails 6 'ghost: no such owner' vendor inbox ghost

# The other side's home.
fails 2 "this is for a vendor's home, and this is an owner's" owner inbox
fails 2 "this is for a vendor's home, and this is an owner's" owner fetch 127.0.0.1:1
fails 2 "this is for an owner's home, and this is a vendor's" vendor agent --check
fails 2 "this is for an owner's home, and this is a vendor's" \
	vendor agent --listen 127.0.0.1:0

# Vendors that a policy takes to share are asked of the home, if there is one.
"$HANDOFF" policy check policy.yaml --home owner 2>err.txt >out.txt
grep -q 'warning: policy.yaml: exposure: colluding: no vendor betta' err.txt
fails 3 '1 warning' "$HANDOFF" policy check policy.yaml --strict --home owner
"$HANDOFF" policy check policy.yaml --strict 2>err.txt >out.txt
grep -q 'no home here, so exposure is not checked' err.txt
sed '/^exposure/d' policy.yaml >alone.yaml
"$HANDOFF" policy check alone.yaml 2>err.txt >out.txt
[ ! -s err.txt ] || { cat err.txt; exit 1; }

# Somebody else's home is no place without one.
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	cp "$HANDOFF" theirs
	chmod 755 . theirs
	rc=0
	setpriv --reuid 65534 --regid 65534 --clear-groups \
		./theirs status --home owner >out.txt 2>err.txt || rc=$?
	[ $rc = 7 ] || { echo "$rc"; cat err.txt; exit 1; }
	grep -q 'owner: permission denied' err.txt
	# A file is no home, whoever may read it; and a folder that may be read
	# is not taken for ours.
	: >file
	chmod 0 file
	rc=0
	setpriv --reuid 65534 --regid 65534 --clear-groups \
		./theirs status --home file >out.txt 2>err.txt || rc=$?
	[ $rc = 2 ] || { echo "$rc"; cat err.txt; exit 1; }
	grep -q 'file: no home of handoff here' err.txt
	cp -a owner lent
	chown -R 65534:65534 lent
	fails 3 'belongs to another user, of uid 65534' "$HANDOFF" status --home lent
	grep -q 'hint: sudo -u USER' err.txt
fi
fails 2 'nothere: no home of handoff here' "$HANDOFF" status --home nothere

# Where options stand, and JSON from what has none to tell.
fails 2 'options stand behind the command' "$HANDOFF" -q status --home owner
grep -q 'hint: handoff status -q --home owner$' err.txt
fails 2 'options stand behind the command' "$HANDOFF" --home owner audit list
grep -q 'hint: handoff audit list --home owner$' err.txt
for command in keygen 'seal -p' 'open -p' 'audit prove 0' agent 'sign -k x' \
	'verify -k x' 'labels convert -t coco x'; do
	# shellcheck disable=SC2086 # words
	fails 2 'this command writes no JSON' "$HANDOFF" $command --json
	# shellcheck disable=SC2086 # words
	! "$HANDOFF" ${command%% -*} --help 2>/dev/null | grep -q -e --json || exit 1
done
fails 2 'goes with --sheet' "$HANDOFF" preview data/a.csv --policy alone.yaml --json

# What cannot be written is named.
fails 7 '/proc/nothing.key: make a draft' "$HANDOFF" keygen -o /proc/nothing.key
fails 7 '/proc/nothing: make folder' "$HANDOFF" init --no-recovery --home /proc/nothing -i owner.key
