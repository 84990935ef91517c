#!/bin/sh
# The dataset's own names in its notes: recall and precision over made-up
# patients of six languages (goals: 0.98 each), and the speed with a million
# names (goal: half of that without).  BENCH_SHOW=1 shows what went wrong.
#   DICTIONARY_PATIENTS (20000)   DICTIONARY_NOTES (200000)
#   DICTIONARY_NAMES (1000000)    DICTIONARY_MB (64)
set -eu

bench=$(dirname "$HANDOFF")/tests/bench/bench_dictionary
"$bench" notes "${DICTIONARY_PATIENTS:-20000}" "${DICTIONARY_NOTES:-200000}"
echo
"$bench" speed "${DICTIONARY_NAMES:-1000000}" "${DICTIONARY_MB:-64}"
