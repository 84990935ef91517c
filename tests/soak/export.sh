#!/bin/sh
# kill -9 at SOAK_POINTS (40) random moments of an export of several shards.
# Run again, it completes: every item once, every object in the log, nothing
# left over, the delivered files those of the dataset.
# usage: tests/soak/export.sh
#
#   SOAK_POINTS   how many kills
#   SOAK_SEED     which moments; the seed of a run is printed
#   SOAK_DIR      where the homes are made and left after a failure
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
program=${HANDOFF:-$top/build/handoff}
points=${SOAK_POINTS:-40}
seed=${SOAK_SEED:-$(od -An -N3 -tu4 /dev/urandom | tr -d ' ')}
here=$(mktemp -d "${SOAK_DIR:-${TMPDIR:-/tmp}}/handoff-soak-XXXXXX")
rows=400 texts=200
unset HANDOFF_HOME
umask 077

for tool in age jq setsid; do
	command -v $tool >/dev/null || { echo "soak: no $tool here"; exit 1; }
done
n=0
ended() {
	rc=$?
	if [ $rc -eq 0 ]; then
		rm -rf "$here"
		return
	fi
	echo "soak: failed at point $n of $points; SOAK_SEED=$seed; see $here"
	tail -n 20 "$here/log" 2>/dev/null || :
	echo "$((n > 0 ? n - 1 : 0)) passed, 1 failed"
}
trap ended EXIT
trap 'exit 1' HUP INT TERM
fail() { echo "soak: $*"; exit 1; }
cd "$here"
echo "soak: export: $points points, SOAK_SEED=$seed"

draws=0
draw() {
	draws=$((draws + 1))
	drawn=$(awk -v s="$seed" -v d=$draws -v m="$1" 'BEGIN {
		srand(s * 7919 + d * 104729); rand(); print int(rand() * m) }')
}
now() { echo $(($(date +%s%N) / 1000000)); }

# ---- a home, and a dataset of three shards that are cheap to read --------

for k in owner vendor recovery; do "$program" keygen -o $k.key 2>/dev/null; done
recovery=$("$program" keygen -y recovery.key)
print() { "$program" card --show "$1" --json | sed 's/.*"fingerprint":"\([^"]*\)".*/\1/'; }
owner() { "$program" "$@" --home owner --identity owner.key; }
owner init --name soak --recovery "$recovery" >>log 2>&1 || fail init
"$program" card --home owner >owner.card
"$program" enroll acme --home vendor --identity vendor.key --no-recovery \
    --owner owner.card --fingerprint "$(print owner.card)" >>log 2>&1 || fail enroll
"$program" card --home vendor >acme.card
owner vendor add acme acme.card --country NL \
    --fingerprint "$(print acme.card)" >>log 2>&1 || fail "vendor add"
mv owner before
mkdir -p data/texts data/large
awk -v n=$rows 'BEGIN { print "id,name,n"
	for (i = 1; i <= n; i++) print "c" i ",Name " i "," i }' >data/rows.csv
awk -v n=$texts 'BEGIN { for (i = 1; i <= n; i++) {
	f = "data/texts/" i ".txt"; print "text number " i >f; close(f) } }'
for i in 1 2; do
	truncate -s $((i * 34))M data/large/$i.txt
	echo "large $i" >>data/large/$i.txt
done
cat >policy.yaml <<'EOP'
handoff: 1
project: soak
purpose: soak
recipients: [acme]
retention: 90d
agreements: []
files:
  - match: rows.csv
    type: csv
    item_id: id
    columns: {id: token, name: drop, n: keep}
  - match: "*/*.txt"
    type: text
    text: keep
labels: {kind: class, classes: [a, b], golden: {metric: accuracy, pass: 0.5}}
EOP
{ echo '{"item":"rows.csv#c7","class":"a"}'
  echo '{"item":"texts/9.txt","class":"b"}'; } >golden.jsonl
{ (cd data && find texts large -type f); seq -f 'rows.csv#c%g' $rows; } |
    sort >originals
(cd data && find texts large -type f -exec sha256sum {} +) |
    cut -d ' ' -f 1 | sort >digests

export_it() { "$program" export data --policy policy.yaml --vendor acme \
    --golden golden.jsonl --name b --home owner --identity owner.key; }
export9() { exec setsid "$program" export data --policy policy.yaml \
    --vendor acme --golden golden.jsonl --name b --home owner \
    --identity owner.key; }

# What one is sealed to: an age identity out of the home, by hand.
age -d -i recovery.key before/keys/root-recovery.age >root.key
age -d -i root.key before/keys/release/branch.age >release.key

logged() {
	"$program" audit list --home owner --json | jq -r '.entry |
	    select(.kind == "shard-sealed" or .kind == "batch-sealed") |
	    .object, .index, .join | values'
}

# Complete, and nothing besides.
whole() {
	"$program" audit verify --home owner >>log 2>&1 || fail "home does not verify"
	[ -z "$(ls owner/drafts)" ] || fail "left in drafts: $(ls owner/drafts)"
	logged | sort >want
	[ "$(wc -l <want)" -ge 7 ] || fail "the log has $(wc -l <want) objects"
	find owner/objects -type f -exec basename {} \; | sort >have
	# the golden answers' object is a fact, not in an entry
	comm -3 want have >differ
	if [ "$(wc -l <differ)" -ne 1 ] || grep -qv '^	' differ; then
		fail "objects are not those of the log: $(cat differ)"
	fi
	: >items
	: >members
	while read -r o; do
		f=owner/objects/$(echo "$o" | cut -c 1-2)/$o
		[ "$(sha256sum <"$f" | cut -d ' ' -f 1)" = "$o" ] ||
		    fail "$o is not what its name says"
		[ "$(wc -c <"$f")" -lt 4000000 ] || continue
		age -d -i recovery.key "$f" >plain 2>/dev/null || continue
		jq -rn 'foreach inputs as $l (null;
			if $l.path then $l else . end;
			if $l.original then $l.original
			elif $l.value // $l.row
			then "\(.path)#\($l.value // $l.row)" else empty end)' \
		    plain >>items 2>/dev/null || :
	done <have
	sort items | grep -v '^rows.csv$' >got || :
	cmp -s originals got || fail "items twice or missing: $(
	    diff originals got | head -5)"
}

# The shards' own plaintext is the dataset's.
plaintext() {
	: >got
	for key in owner/keys/release/shard/*/*.age; do
		age -d -i release.key "$key" >shard.key
		while read -r o; do
			f=owner/objects/$(echo "$o" | cut -c 1-2)/$o
			age -d -i shard.key "$f" 2>/dev/null >plain || continue
			tar -tf plain >/dev/null 2>&1 || continue
			rm -rf out && mkdir out && tar -xf plain -C out
			find out -name '*.txt' -exec sha256sum {} + |
			    cut -d ' ' -f 1 >>got
		done <have
	done
	sort got | cmp -s - digests || fail "the plaintext is another"
}

cp -r before owner
began=$(now)
export_it >>log 2>&1 || fail "export: exit $?"
long=$(($(now) - began))
whole
plaintext

while [ $n -lt "$points" ]; do
	rm -rf owner
	cp -r before owner
	draw 3
	kills=$((drawn + 1))
	while [ $kills -gt 0 ]; do
		kills=$((kills - 1))
		n=$((n + 1))
		draw $((long * 11 / 10 + 2))
		(
			export9 >>log 2>&1 &
			victim=$!
			sleep "$(printf '%d.%03d' $((drawn / 1000)) $((drawn % 1000)))"
			kill -9 -- -"$victim" 2>/dev/null || :
			wait "$victim" 2>/dev/null || :
		) 2>/dev/null
	done
	export_it >>log 2>&1 || fail "export again: exit $?"
	whole
	[ $((n % 5)) -ne 0 ] || plaintext
done
echo "$n passed, 0 failed"
