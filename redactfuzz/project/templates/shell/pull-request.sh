#!/bin/sh
# The job of a pull request: what was found before must not come back, and what the change concerns gets a minute.
#
#   pull-request.sh [BASE]    BASE: what it is compared with, else REDACTFUZZ_BASE
#
# Exit status: 0 nothing found, 1 a finding, else the first that went wrong (5: the corpus is not there).
set -u

CDPATH="" cd -- "$(dirname -- "$0")/../.." || exit 2
. ci/redactfuzz/settings.sh
base=${1-$REDACTFUZZ_BASE}

sh ci/redactfuzz/corpus.sh restore || exit
mkdir -p .redactfuzz

# A finding that happens again fails the job. One whose code has changed (5) does not: the night searches near it.
status=0
if [ -d "$REDACTFUZZ_CORPUS" ]; then
    find "$REDACTFUZZ_CORPUS" -type f -path '*/regressions/*' -name '*.rfz.json' -exec sh -c '
        bad=0
        for file; do
            redactfuzz replay "$file"
            code=$?
            [ "$code" -eq 0 ] || [ "$code" -eq 5 ] || bad=1
        done
        exit "$bad"' sh {} + || status=1
fi

concerned=.redactfuzz/concerned
redactfuzz changed "$REDACTFUZZ_SCENARIOS" --since "$base" --record "$REDACTFUZZ_RECORD" --null > "$concerned" || exit
set -- --for "$REDACTFUZZ_PULL_REQUEST_FOR" --corpus "$REDACTFUZZ_CORPUS" --out .redactfuzz/pull-request
# What was brought may be empty, and is no corpus that was lost.
if [ -z "$(find "$REDACTFUZZ_CORPUS" -type f 2> /dev/null | head -n 1)" ]; then set -- "$@" --new-corpus; fi
if [ ! -s "$concerned" ]; then
    echo "redactfuzz: this change concerns no scenario"
elif ! xargs -0 redactfuzz fuzz "$@" < "$concerned"; then
    status=1
fi
exit "$status"
