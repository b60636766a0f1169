#!/bin/sh
# The weekly job: a corpus that grew for nights becomes the least that shows the same. Old journals go as well.
#
#   prune.sh [FOLDER...]    FOLDER: corpora of other machines, which are put in as well
set -eu

CDPATH="" cd -- "$(dirname -- "$0")/../.."
. ci/redactfuzz/settings.sh

sh ci/redactfuzz/corpus.sh restore
mkdir -p "$REDACTFUZZ_CORPUS"
if [ "$#" -gt 0 ]; then
    redactfuzz corpus merge "$@" --into "$REDACTFUZZ_CORPUS"
fi
redactfuzz corpus minimise "$REDACTFUZZ_CORPUS"
# Journals of the last 30 nights stay, and those that tell of findings. Their names are numbers of one width.
if [ -d "$REDACTFUZZ_NIGHT" ]; then
    find "$REDACTFUZZ_NIGHT" -maxdepth 1 -type f -name '[0-9]*.jsonl' | sort -r | tail -n +31 |
        while IFS= read -r journal; do grep -q '"FindingMet"' "$journal" || rm -- "$journal"; done
fi
sh ci/redactfuzz/corpus.sh replace
