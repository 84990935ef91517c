#!/bin/sh
# detect: personal data in a text, as lines of JSON.
set -eu

fail() { echo "26-detect: $*" >&2; exit 1; }

printf 'Write to j.doe@example.com.\nCard: 4111 1111 1111 1111 \303\251 10.0.0.1\n' >note.txt
"$HANDOFF" detect --entities EMAIL_ADDRESS,CREDIT_CARD,IP_ADDRESS \
    note.txt >out
[ "$(wc -l <out)" -eq 3 ] || fail "three finds: $(cat out)"
jq -e -s '.[0] == {entity: "EMAIL_ADDRESS", start: 9, end: 26,
    byte_start: 9, byte_end: 26, score: 1}' out >/dev/null || fail "$(cat out)"
jq -e -s '.[2] | .entity == "IP_ADDRESS" and .start == 56 and
    .byte_start == 57' out >/dev/null || fail "characters and bytes: $(cat out)"

# From standard input; only what is named; why.
"$HANDOFF" detect --entities CREDIT_CARD --explain <note.txt >one
jq -e -s 'length == 1 and .[0].checksum and .[0].context == "card" or
    .[0].score == 1' one >/dev/null || fail "$(cat one)"
"$HANDOFF" detect --min-score 0.99 note.txt | grep -q IP_ADDRESS &&
    fail "a weak find is shown"

# JSON lines: an answer a record, blank lines and all.
printf '{"id":1,"text":"nothing"}\n\n{"id":2,"text":"a@b.example"}' >notes.jsonl
"$HANDOFF" detect --entities EMAIL_ADDRESS --jsonl text notes.jsonl >answers
jq -e -s 'length == 2 and (.[0].spans | length) == 0 and .[1].record == 3 and
    .[1].spans[0].entity == "EMAIL_ADDRESS"' answers >/dev/null ||
    fail "$(cat answers)"
rc=0
"$HANDOFF" detect --jsonl note notes.jsonl >/dev/null 2>err || rc=$?
[ $rc -eq 6 ] || fail "no such member: exit $rc"
grep -q 'notes.jsonl: record 1: no text "note"' err || fail "$(cat err)"

# What a policy adds is added here by files of its own.
printf 'desk@example.com\n\n10.0.0.1\r\n' >allow.txt
printf 'Nightfall\n' >deny.txt
cat >custom.yaml <<'E'
recognisers:
  - {entity: WARD, pattern: 'ward [A-Z]\d{2}', context: [bed], score: 60}
deny: [Daybreak]
E
printf 'desk@example.com knows 10.0.0.1, a@b.example; nightfall, Daybreak; ward B12\n' >added.txt
"$HANDOFF" detect --allow allow.txt --deny deny.txt --custom custom.yaml added.txt >out
[ "$(jq -r .entity out | tr '\n' ' ')" = 'EMAIL_ADDRESS DENIED DENIED WARD ' ] || fail "$(cat out)"
[ "$(jq -s '.[0].start' out)" = 33 ] || fail "$(cat out)"
"$HANDOFF" detect --entities WARD --custom custom.yaml added.txt | jq -es '.[1].entity == "WARD"' >/dev/null ||
	fail "a recogniser of one's own, named"
# refused STATUS TEXT COMMAND...
refused() {
	want=$1 said=$2
	shift 2
	rc=0
	"$@" >out 2>err || rc=$?
	[ $rc -eq "$want" ] || fail "$*: exit $rc"
	grep -qF -e "$said" err || fail "$(cat err)"
}
sed 's/score: 60/sorce: 60/' custom.yaml >slip.yaml
refused 6 'slip.yaml:2:64: unknown key "sorce"' "$HANDOFF" detect --custom slip.yaml added.txt
sed 's/ward \[A-Z\]/ward [A-Z/' custom.yaml >slip.yaml
refused 6 'WARD: pattern' "$HANDOFF" detect --custom slip.yaml added.txt
head -c 5000 /dev/zero | tr '\0' x >long.txt
refused 6 'long.txt:1: a text has 1 to 4096 bytes' "$HANDOFF" detect --deny long.txt added.txt
refused 6 'nowhere.txt' "$HANDOFF" detect --allow nowhere.txt added.txt

# What is asked wrongly.
rc=0
"$HANDOFF" detect --entities EMAIL_ADRESS note.txt 2>err || rc=$?
[ $rc -eq 2 ] || fail "unknown entity: exit $rc"
grep -q 'did you mean EMAIL_ADDRESS' err || fail "$(cat err)"
rc=0
"$HANDOFF" detect --min-score 101 note.txt 2>err || rc=$?
[ $rc -eq 2 ] || fail "a score over 1: exit $rc"
rc=0
"$HANDOFF" detect nowhere.txt 2>err || rc=$?
[ $rc -eq 6 ] || fail "no file: exit $rc"

# A stream longer than any window: offsets go on, nothing is lost or doubled
# where windows meet, with and without line ends.
for sep in '\n' ' '; do
	awk -v sep="$sep" 'BEGIN { for (i = 0; i < 150000; i++)
	    printf "lorem ipsum %d dolor u%d@example.com sit amet%s", i, i, sep }' >big
	"$HANDOFF" detect --entities EMAIL_ADDRESS big >finds
	[ "$(wc -l <finds)" -eq 150000 ] || fail "$(wc -l <finds) of 150000"
	python3 - <<'P' || exit 1
import json
text = open("big", "rb").read()
for i, line in enumerate(open("finds")):
    s = json.loads(line)
    if text[s["byte_start"]:s["byte_end"]] != b"u%d@example.com" % i:
        raise SystemExit("26-detect: find %d is elsewhere: %s" % (i, line))
P
done
