#!/bin/sh
# fetch from an agent that lies: the breached listener, which has the owner's TLS
# key, seals what it likes to us and cannot sign.  Every lie is refused and
# named, nothing of it is given out, and what was known before stays.
set -eu
command -v python3 >/dev/null || { echo "no python3 here"; exit 77; }
# shellcheck source=tests/support/two_homes.sh
. "$TOP/tests/support/two_homes.sh"
two_homes

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
# Two shards, and another batch with one.
mkdir data small
for i in 1 2; do openssl rand -base64 26000000 >data/$i.txt; done
echo small >small/1.txt
owner export data --policy policy.yaml --vendor acme --name first >/dev/null
owner export small --policy policy.yaml --vendor acme --name second >/dev/null
owner batch approve first --yes >/dev/null
owner batch approve second --yes >/dev/null
digests data/* >want
[ "$("$HANDOFF" batch show first --home owner --json | jq .shards)" = 2 ]

# secret HOME FILE: what that file of a home's keys holds, opened as FORMATS.md
# says; pem: the same with a certificate around it.
secret() {
	"$HANDOFF" open -i "$1.key" <"$1/keys/root.age" >root.key
	"$HANDOFF" open -i root.key <"$1/keys/release/branch.age" >release.key
	"$HANDOFF" open -i release.key <"$2"
}
pem() {
	secret "$@" >key.pem
	openssl req -x509 -new -key key.pem -subj /CN=liar >cert.pem 2>/dev/null
	cat key.pem cert.pem
}
pem owner owner/keys/release/tls/1.age >agent.pem
pem vendor vendor/keys/release/tls/h-*.age >vendor.pem
secret vendor vendor/keys/release/vendor/h-*.age >answers.key
jq -r .payload acme.card | base64 -d | jq -r .predicate.age >recipient

agent_start owner
mkdir true
echo - >lie
mkfifo stop
python3 "$TOP/tests/support/liar.py" "$at" <stop >address 2>liar.log &
exec 4>stop
for _ in $(seq 200); do
	[ ! -s address ] || break
	sleep 0.05
done
url=https://$(cat address)

# With no lie it is an agent like any other.
vendor fetch "$url" --batch second -o second >out.txt
cmp small/1.txt second/*.txt
kept=$(cat vendor/owners/*/checkpoint)

first=$("$HANDOFF" batch show first --home owner --json | jq -r .id)

# told LIE STATUS TEXT: that lie ends with that status and text.  What is
# published is nothing, or a whole member of the shard beside it.
told() {
	echo "$1" >lie
	rm -rf none
	fails "$2" "batch first: $3" vendor fetch "$url" --batch first -o none
	[ ! -e none/items.jsonl ] || { echo "$1: published"; exit 1; }
	for f in none/*; do
		[ ! -e "$f" ] || cmp -s "$f" data/1.txt ||
			cmp -s "$f" data/2.txt || { echo "$1: $f"; exit 1; }
	done
}
# forgotten LIE STATUS TEXT: and its answer is not believed the next time
forgotten() {
	told "$@"
	[ ! -e "vendor/inbox/$first/answer-0" ] ||
		{ echo "$1: its answer was kept"; exit 1; }
}
# refused LIE TEXT: it is found before a folder is made
refused() {
	forgotten "$1" 4 "$2"
	[ ! -e none ] || { echo "$1: a folder"; exit 1; }
}

# A list that would steer a terminal: its texts are shown as what they are.
echo list-that-steers-a-terminal >lie
vendor inbox --agent "$(cat address)" >out.txt
[ "$(wc -l <out.txt)" = 3 ]
for t in name state; do
	[ "$(grep -cF "?[2J???$t" out.txt)" = 2 ] || { cat -v out.txt; exit 1; }
done

# A list of what there is not.
told list-with-a-path-for-an-id 6 "not a batch's id"
refused list-with-another-count 'release: of 2 shards, not 3'

# A release that the log does not have, or has of something else.
refused proof-flipped 'receipt: inclusion proof: leads to another root'
refused index-in-the-log 'receipt: inclusion proof'
refused signature-flipped 'receipt: checkpoint'
refused receipt-of-another-batch 'release: its entry has another batch'
refused number-of-the-release 'release: its entry has another number'
refused answer-of-another-batch 'release: of another batch'
refused shard-of-another-batch 'release: its entry has another root'
refused one-shard-fewer 'release: of 1 shards, not 2'
refused one-shard-more 'release: of 3 shards, not 2'
[ "$(cat vendor/owners/*/checkpoint)" = "$kept" ] ||
	{ echo "a checkpoint of a lie was kept"; exit 1; }

# Another manifest, or what is none, behind a true receipt.
refused manifest-of-another-batch 'manifest: not the one that was released'
told manifest-is-no-manifest 5 'manifest: '
[ ! -e none ]
[ ! -e "vendor/inbox/$first/manifest" ]

# What no receipt covers, and the manifest does.
refused index-of-the-next-shard "shard 0: not the manifest's"
refused index-of-another-batch "shard 0: not the manifest's"
refused shards-swapped "shard 0: not the manifest's"
refused size-of-a-shard "shard 0: not the manifest's"

# What nobody signed: the headers, and where the payload begins.
forgotten header-of-the-next-shard 4 'shard '
grep -q 'its header opens nothing of it' err.txt
forgotten header-of-another-batch 4 'shard 0: its header opens nothing of it'
forgotten header-flipped 6 'shard 0: no identity'
forgotten header-without-its-mac 4 'shard 0: '
forgotten index-header-of-the-next-shard 4 'shard '
grep -q ': index: ' err.txt
forgotten index-header-flipped 6 'shard 0: no identity'
forgotten skip-of-a-shard 4 'shard 0: its header opens nothing of it'

# Bytes that are not those: one other bit, fewer, more.
echo - >lie
shard=$(jq -r '.shards[0].object' "true/$first")
index=$(jq -r '.shards[0].index' "true/$first")
told "bit $shard" 4 'shard 0: '
told "bit $index" 4 'shard 0: index: object'
told "short $shard" 5 'shard 0: '
told "short $index" 5 'shard 0: index: '
told "long $shard" 5 'shard 0: more bytes than were asked for'
told "long $index" 5 'shard 0: index: more bytes than were asked for'
rm "vendor/inbox/$first/manifest"
manifest=$(jq -r .manifest "true/$first")
told "bit $manifest" 4 'manifest: object'
told "short $manifest" 5 'manifest: '
told "long $manifest" 5 'manifest: more bytes'

# When it lies no more everything comes, under the one release that there was,
# and what had come before is what it was.
echo - >lie
vendor fetch "$url" --batch first -o work >/dev/null
digests work/*.txt | cmp - want
cmp small/1.txt second/*.txt
logged release 2
logged acknowledged 2
[ ! -s liar.log ] || { cat liar.log; exit 1; }
exec 4>&-
agent_stop
