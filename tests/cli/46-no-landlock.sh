#!/bin/sh
# A kernel without Landlock: commands run with the filter of system calls alone,
# and the agent, which strangers reach, does not.
set -eu
# shellcheck source=tests/support/two_homes.sh
. "$TOP/tests/support/two_homes.sh"

# without COMMAND...: it, and all that it starts, on such a kernel
without() {
	strace -f -qq -o trace.txt -e trace=landlock_create_ruleset \
		-e inject=landlock_create_ruleset:error=ENOSYS "$@"
}
without true 2>/dev/null || { echo "no strace here, or it may not trace"; exit 77; }
without "$HANDOFF" help >out.txt 2>&1 || {
	grep -q 'LeakSanitizer does not work under ptrace' out.txt
	echo "this build looks for leaks, and cannot where it is traced"
	exit 77
}
two_homes

"$HANDOFF" doctor --home owner >out.txt 2>&1 || :
grep -q '^ok  *Landlock' out.txt || { echo "no Landlock here at all"; exit 77; }
fails 7 'checks say' without "$HANDOFF" doctor --home owner
grep -q 'WRONG  Landlock .*the agent will not run' out.txt

without "$HANDOFF" agreement list --home owner --json >list.json
[ "$(jq '.agreements | length' list.json)" = 1 ]
grep -q 'INJECTED' trace.txt

# Also one whose keeper serves others meanwhile.
mkdir data
echo text >data/1.txt
cat >policy.yaml <<'P'
handoff: 1
project: triage
purpose: train
recipients: [acme]
retention: 90d
agreements: [nda]
files:
  - match: "**"
    type: text
    text: keep
P
without "$HANDOFF" export data --policy policy.yaml --vendor acme --name first \
	--home owner -i owner.key >out.txt
grep -q 'batch first' out.txt

for check in '' --check; do
	# shellcheck disable=SC2086 # a word or none
	fails 7 'this kernel has no Landlock' without "$HANDOFF" agent $check \
		--listen 127.0.0.1:0 --home owner -i owner.key
	grep -q 'hint: .*lsm=' err.txt
done
owner agent --check --listen 127.0.0.1:0 2>err.txt
