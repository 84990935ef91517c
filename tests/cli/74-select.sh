#!/bin/sh
# What goes out can be chosen: from a list, a sample, what is new to a vendor,
# what another vendor had.
set -eu

umask 077
"$HANDOFF" keygen -o owner.key 2>/dev/null
"$HANDOFF" keygen -o vendor.key 2>/dev/null
owner() { "$HANDOFF" "$@" --home owner -i owner.key; }
print() { "$HANDOFF" card --show "$1" --json | sed 's/.*"fingerprint":"\([^"]*\)".*/\1/'; }
"$HANDOFF" keygen -o recovery.key 2>/dev/null
owner init --name demo --recovery "$("$HANDOFF" keygen -y recovery.key)" >/dev/null
"$HANDOFF" card --home owner >owner.card
for v in acme beta; do
	"$HANDOFF" enroll --no-recovery --owner owner.card --fingerprint "$(print owner.card)" \
		$v --home $v -i vendor.key >/dev/null
	"$HANDOFF" card --home $v >$v.card
	owner vendor add $v $v.card --country NL --fingerprint "$(print $v.card)" >/dev/null
done

# 1,000 items about 100 persons in one table, one in ten of a rare class; the
# same in JSON; and files without a person.
cat >policy.yaml <<'P'
handoff: 1
project: triage
purpose: train
recipients: [acme, beta]
retention: 90d
agreements: []
subject:
  - {file: "*.csv", column: who, missing: allow}
  - {file: "*.jsonl", field: who, missing: allow}
files:
  - match: "*.csv"
    type: csv
    item_id: id
    columns: {id: token, who: token, kind: keep}
  - match: "*.jsonl"
    type: jsonl
    fields: {who: token, kind: keep}
  - match: "texts/**"
    type: text
    text: keep
labels: {kind: class, classes: [good, bad], golden: {metric: accuracy, pass: 0.9}}
P
mkdir -p data/texts rows
awk 'BEGIN { print "id,who,kind"
	for (i = 1; i <= 1000; i++)
		printf "%d,p%d,%s\n", i, i % 100, i % 10 ? "common" : "rare" }' >rows/a.csv
awk 'BEGIN { for (i = 1; i <= 400; i++)
	printf "{\"who\":\"p%d\",\"kind\":\"%s\"}\n", i % 100, i % 4 ? "x" : "y" }' >rows/b.jsonl
cp rows/a.csv data/
for i in 1 2 3 4 5; do echo "text $i" >data/texts/$i.txt; done
plan() { d=$1; shift; "$HANDOFF" plan "$d" --policy policy.yaml --vendor acme --home owner "$@"; }
send() { d=$1 v=$2; shift 2; owner export "$d" --policy policy.yaml --vendor "$v" "$@"; }
counts() { jq -c '[.items, .left_behind]'; }
same() { [ "$1" = "$2" ] || { echo "$1, not $2"; exit 1; }; }

# fails STATUS TEXT COMMAND...: it ends with that status and says that text
fails() {
	want=$1 text=$2
	shift 2
	rc=0
	"$@" >out.txt 2>err.txt || rc=$?
	[ "$rc" = "$want" ] || { echo "$*: $rc, not $want"; cat err.txt; exit 1; }
	grep -qF -e "$text" err.txt || { echo "$*:"; cat err.txt; exit 1; }
}

# originals BATCH: the original ids in it, out of its join maps.
originals() {
	"$HANDOFF" audit list --home owner --json | jq -r ".entry | select(.kind == \"shard-sealed\" and
		.batch == \"$1\").join" | while read -r o; do
		age -d -i recovery.key "owner/objects/$(echo "$o" | cut -c1-2)/$o"
	done | jq -rn 'foreach inputs as $l (null; if $l.path then $l else . end;
		if $l.item then $l.original // "\(.path)#\($l.value // $l.row)"
		else empty end)' | LC_ALL=C sort
}

# From a list; what is not there is refused by its line.
printf 'a.csv#7\ntexts/2.txt\r\n\na.csv#1000\na.csv#7\n' >list
same "$(plan data --items list --json | counts)" '[3,{"not_selected":1002}]'
plan data --items list | grep -q '^1,002 items stay: not asked for$'
printf 'a.csv#7\n\na.csv#1001\n' >bad
fails 6 'bad:3: no such item leaves' plan data --items bad
printf 'texts/9.txt\n' >bad
fails 6 'bad:1: no such item leaves' plan data --items bad
: >bad
fails 6 'bad: lists no item' plan data --items bad
made=$(send data acme --items list --json --name listed)
same "$(echo "$made" | jq -c '[.items, .files]')" '[3,2]'
originals "$(echo "$made" | jq -r .batch)" >out.txt
printf 'a.csv#1000\na.csv#7\ntexts/2.txt\n' | LC_ALL=C sort | cmp - out.txt
same "$(send data acme --items list --json --name listed | jq -r .batch)" \
	"$(echo "$made" | jq -r .batch)"
fails 2 'was begun with other files' send data acme --name listed

# A sample: so many, the same again, another with another seed, and the same
# ones when the data grows, but for those that came.
same "$(plan data --sample 50 --json | counts)" '[50,{"not_selected":955}]'
same "$(plan data --sample 5000 --json | counts)" '[1005,null]'
digest() { plan data --sample 50 "$@" --json | jq -r .digest; }
same "$(digest)" "$(digest)"
[ "$(digest)" != "$(digest --seed other)" ]
fails 2 '--sample: of nothing' plan data --sample 0
fails 2 'go with --sample' plan data --seed x
fails 2 'go together' plan data --sample 5 --by class

# By person: with all their items, over all files.
same "$(plan rows --sample 10 --by subject --json | counts)" '[140,{"not_selected":1260}]'
fails 3 'texts/1.txt: has no subject' plan data --sample 10 --by subject
printf 'id,who,kind\n1,a,x\n2,,x\n' >data/a2.csv
rm -r data/texts
fails 3 'a2.csv: record 2: has no subject' plan data --sample 1 --by subject
rm data/a2.csv
mkdir data/texts
for i in 1 2 3 4 5; do echo "text $i" >data/texts/$i.txt; done

# By class: each has its share, the rarest at least one.
send rows acme --sample 20 --by class --class kind --name classes --json >made.json
same "$(jq -r .items made.json)" 20
originals "$(jq -r .batch made.json)" | sed -n 's/^a.csv#//p' |
	awk '$1 % 10 == 0 { rare++ } { all++ } END { exit !(rare >= 1 && all > 8) }'
send data acme --sample 3 --by class --class kind --name three --json >made.json
same "$(originals "$(jq -r .batch made.json)" | grep -c texts)" 1
fails 2 'there are 3 classes' plan data --sample 2 --by class --class kind
fails 2 'no file has such a column' plan data --sample 3 --by class --class sort
mkdir big
awk 'BEGIN { print "id,who,kind"; for (i = 1; i <= 5000; i++) print i ",p,x" }' >big/c.csv
fails 2 'different values' plan big --sample 3 --by class --class id

# Golden items leave whatever was chosen.
echo '{"item":"a.csv#77","class":"good"}' >golden.jsonl
send data acme --items list --golden golden.jsonl --name golden --json >made.json
originals "$(jq -r .batch made.json)" | grep -qx 'a.csv#77'
same "$(jq -r .items made.json)" 4

# What is new: to this vendor, in this project, once a batch is sealed.
send rows beta --sample 30 --name first --json >first.json
originals "$(jq -r .batch first.json)" >first.txt
send rows beta --new --name second --json >second.json
same "$(jq -r .items second.json)" 1370
originals "$(jq -r .batch second.json)" >second.txt
[ -z "$(LC_ALL=C comm -12 first.txt second.txt)" ]
send rows beta --new >out.txt
grep -qx 'nothing new: the vendor has had all 1,400 items' out.txt
same "$(send rows beta --new --json)" '{"batch":null,"items":0,"sent_before":1400}'
echo '{"who":"p3","kind":"x"}' >>rows/b.jsonl
same "$(owner plan rows --policy policy.yaml --vendor beta --new --json | counts)" \
	'[1,{"sent":1400}]'
sed 's/^project: .*/project: other/' policy.yaml >other.yaml
same "$(owner plan rows --policy other.yaml --vendor beta --new --json | jq -r .items)" 1401
# One that was withdrawn before anything was released was never sent.
owner batch withdraw second >/dev/null
same "$(owner plan rows --policy policy.yaml --vendor beta --new --json | jq -r .items)" 1371
send rows beta --new --sample 5 --name five --json >five.json
originals "$(jq -r .batch five.json)" >five.txt
same "$(wc -l <five.txt)" 5
[ -z "$(LC_ALL=C comm -12 first.txt five.txt)" ]

# The same originals to another vendor, for agreement.
send rows acme --overlap-with first --name again --json >again.json
originals "$(jq -r .batch again.json)" | cmp - first.txt
sed 1,5d rows/a.csv >less && printf 'id,who,kind\n' | cat - less >rows/a.csv
owner plan rows --policy policy.yaml --vendor acme --overlap-with first --json >plan.json
same "$(jq '.items + (.gone // 0)' plan.json)" 30
fails 6 'no such batch' owner plan rows --policy policy.yaml --vendor acme --overlap-with nowhere
