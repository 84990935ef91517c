# A return by others' hands: taken apart by age, tar, jq and sha256sum; made by
# GNU tar and age, and taken in; made as it should not be, and refused.
set -eu

for tool in age jq tar; do
	command -v $tool >/dev/null || { echo "no $tool here"; exit 77; }
done
umask 077
"$HANDOFF" keygen -o recovery.key 2>/dev/null
"$HANDOFF" keygen -o owner.key 2>/dev/null
"$HANDOFF" keygen -o vendor.key 2>/dev/null
owner() { "$HANDOFF" "$@" --home owner --identity owner.key; }
vendor() { "$HANDOFF" "$@" --home vendor --identity vendor.key; }
print() { "$HANDOFF" card --show "$1" --json | sed 's/.*"fingerprint":"\([^"]*\)".*/\1/'; }
owner init --name demo --recovery "$("$HANDOFF" keygen -y recovery.key)" >/dev/null
"$HANDOFF" card --home owner >owner.card
vendor enroll --owner owner.card --no-recovery \
	--fingerprint "$(print owner.card)" acme >/dev/null
"$HANDOFF" card --home vendor >acme.card
owner vendor add acme acme.card --country NL \
	--fingerprint "$(print acme.card)" >/dev/null
mkdir data
for i in 1 2 3; do echo "text $i" >data/$i.txt; done
cat >policy.yaml <<'P'
handoff: 1
project: triage
purpose: train
recipients: [acme]
retention: 90d
agreements: []
files:
  - match: "*.txt"
    type: text
    text: keep
labels: {kind: class, classes: [good, bad]}
P
batch=$(owner export data --policy policy.yaml --vendor acme --name first --json |
	jq -r .batch)
owner batch approve first --yes >/dev/null
agent=
stop() { [ -z "$agent" ] || { kill "$agent" && wait "$agent"; } || :; agent=; }
trap stop EXIT
"$HANDOFF" agent --home owner --identity owner.key \
	--listen 127.0.0.1:0 >agent.log 2>&1 &
agent=$!
for _ in $(seq 100); do
	at=$(sed -n 's/.*listening on \(127[0-9.:]*\).*/\1/p' agent.log)
	[ -z "$at" ] || break
	sleep 0.1
done
[ -n "$at" ] || { cat agent.log; exit 1; }
vendor inbox --agent "$at" >/dev/null
vendor fetch "https://$at" -o fetched >/dev/null
stop
for file in fetched/*.txt; do
	item=${file##*/}
	echo "{\"item\":\"${item%%.*}\",\"annotator\":\"a\",\"at\":\"2026-01-01T00:00:00Z\",\"class\":\"good\"}"
done >l.jsonl
vendor return first l.jsonl -o return.age >/dev/null

# Apart, by the recovery identity and programs that everybody has.
age -d -i recovery.key owner/keys/root-recovery.age >root.key
age -d -i root.key owner/keys/reveal/branch.age >reveal.key
age -d -i reveal.key "owner/keys/reveal/return/$batch.age" >return.key
# Made by export, opened by reveal: bound by what the two share.
python3 "$TOP/tests/interop/key_mac.py" reveal.key \
	"$(jq -r .home owner/keys/home.json)" return \
	"$(jq -r .branches.export owner/keys/home.json)" <return.key
mkdir apart
age -d -i return.key return.age | tar -xf - -C apart
(
	cd apart
	jq -r .payload return.dsse | base64 -d |
		jq -r '.subject[] | "\(.digest.sha256)  \(.name)"' | sha256sum -c --quiet
)
cmp -s l.jsonl apart/labels/0001.jsonl
[ "$(jq -r .payload apart/return.dsse | base64 -d | jq -r .predicate.batch)" = "$batch" ]

# Together again, and wrongly; every wrong one is refused before it is logged.
recipient=$("$HANDOFF" keygen -y return.key)
pack() {
	to=$1
	shift
	tar --format=ustar --owner=0 --group=0 --numeric-owner --mode=0644 \
		--mtime=@0 -b1 -C apart -cf - "$@" | age -r "$recipient" >"$to"
}
refused() {
	rc=0
	owner ingest bad.age -o accepted >/dev/null 2>err || rc=$?
	[ $rc = "$1" ] || { echo "$2: $rc, not $1"; cat err; exit 1; }
}
ln -s /etc/passwd apart/link
ln apart/labels/0001.jsonl apart/labels/hard
pack bad.age labels/0001.jsonl return.dsse
refused 6 'another order'
pack bad.age return.dsse
refused 6 'no label file'
pack bad.age return.dsse labels/0001.jsonl link
refused 6 'a symbolic link'
pack bad.age return.dsse labels/0001.jsonl labels/hard
refused 6 'a hard link'
pack bad.age return.dsse labels/0001.jsonl --transform 's,link,../../../tmp/x,' -P link
refused 6 'a path that leads out'
pack bad.age --transform 's,labels/0001,/labels/0001,' -P return.dsse labels/0001.jsonl
refused 6 'an absolute path'
tar --format=gnu -C apart -cf - return.dsse labels/0001.jsonl |
	age -r "$recipient" >bad.age
refused 6 'another format'
echo "no tar" | age -r "$recipient" >bad.age
refused 6 'no archive'
[ -z "$(find owner/quarantine owner/drafts -type f)" ]
[ "$("$HANDOFF" audit list --home owner --json |
	jq -r .entry.kind | grep -c '^returned$')" = 0 ]

pack return2.age return.dsse labels/0001.jsonl
owner ingest return2.age -o accepted --json >report.json
[ "$(jq -r '.returns[0].verdict' report.json)" = accepted ]

# One whose envelope is right and whose files are not: it is by the vendor, so
# it is logged, and rejected.
sed 's/good/bad/' l.jsonl >l2.jsonl
vendor return first l2.jsonl -o return3.age >/dev/null
age -d -i return.key return3.age | tar -xf - -C apart
echo '{"more":1}' >apart/labels/0002.jsonl
pack bad.age return.dsse labels/0001.jsonl labels/0002.jsonl
refused 4 'a file that was not signed'
grep -q '"altered":1' owner/quarantine/*/findings.json
