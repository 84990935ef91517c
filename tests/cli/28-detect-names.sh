#!/bin/sh
# detect --names: who is on a list is found in a text however it is written.
set -eu

fail() { echo "28-detect-names: $*" >&2; exit 1; }

printf 'Agnieszka Zwetschgenberg\nJonas Kazlauskas\n\n' >names.txt
printf '%s\n' 'then zwetschgenberg agnieszka came' 'mit Agniezska Zwetschgenberg' \
    'su Jonu Kazlausku ir' 'see scan_Kazlauskas_Jonas.png' \
    'nobody is here' >notes.txt
"$HANDOFF" detect --names names.txt --explain --overlaps notes.txt >out
jq -s '[.[] | select(.list == "dictionary")] | length' out >count
[ "$(cat count)" -eq 4 ] || fail "four names: $(cat out)"
jq -e -s 'map(select(.list == "dictionary")) |
    all(.entity == "PERSON") and .[0].score == 1 and .[1].score == 0.9' out \
    >/dev/null || fail "$(cat out)"
"$HANDOFF" detect --explain --overlaps notes.txt | grep -q '"dictionary"' &&
    fail "found without the list"

# From standard input, and what cannot be read.
"$HANDOFF" detect --names names.txt --explain <notes.txt | grep -q Kazl &&
    fail "a text's own words are in the answer"
rc=0
"$HANDOFF" detect --names missing.txt notes.txt >/dev/null 2>err || rc=$?
[ $rc -eq 6 ] || fail "no such list: exit $rc"
head -c 600 /dev/zero | tr '\0' a >long.txt
rc=0
"$HANDOFF" detect --names long.txt notes.txt >/dev/null 2>err || rc=$?
[ $rc -eq 6 ] || fail "a long line: exit $rc"
grep -q 'names: line 1: a value over 512 bytes' err || fail "$(cat err)"
