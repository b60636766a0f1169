#!/bin/sh
# The job of a pull request: what was found before must not come back, and what the change concerns gets a minute.
#
#   pull-request.sh [BASE]    BASE: what it is compared with, else REDACTFUZZ_BASE
#
# Exit status: 0 nothing found, 1 a finding, else the first that went wrong (5: the corpus is not there, or what was
# searched means nothing).
set -u

CDPATH="" cd -- "$(dirname -- "$0")/../.." || exit 2
. ci/redactfuzz/settings.sh
base=${1-$REDACTFUZZ_BASE}

sh ci/redactfuzz/corpus.sh restore || exit
mkdir -p .redactfuzz

# They run the project's own code, as its tests do, and another machine wrote them: --trust.
# A finding that happens again fails the job. One whose code has changed (5), or is gone (2), does not: the night
# searches near it.
status=0
if [ -d "$REDACTFUZZ_CORPUS" ]; then
    find "$REDACTFUZZ_CORPUS" -type f -path '*/regressions/*' -name '*.rfz.json' -exec sh -c '
        bad=0
        for file; do
            redactfuzz replay --trust "$file"
            code=$?
            test=$(python -c "import json, sys; print(json.load(open(sys.argv[1])).get(\"item\") or \"\")" "$file")
            if [ "$code" -eq 2 ] && [ -n "$test" ]; then
                # Only pytest can run it. It fails as well where the code has changed.
                python -m pytest -q "$test" --redactfuzz-replay "$file" > .redactfuzz/replayed 2>&1
                cat .redactfuzz/replayed
                if grep -qE "^(LEAK|BUG) " .redactfuzz/replayed; then bad=1; fi
            fi
            [ "$code" -eq 0 ] || [ "$code" -eq 5 ] || [ "$code" -eq 2 ] || bad=1
        done
        exit "$bad"' sh {} + || status=1
fi

concerned=.redactfuzz/concerned
redactfuzz changed "$REDACTFUZZ_SCENARIOS" --since "$base" --record "$REDACTFUZZ_RECORD" --null > "$concerned" || exit
count=$(tr -cd '\000' < "$concerned" | wc -c)
if [ "$count" -eq 0 ]; then
    echo "redactfuzz: this change concerns no scenario"
else
    # Each has its turn, and all turns together take what there is; a turn of less than 5 seconds would be no search.
    at_once=$(nproc || echo 1)
    [ "$at_once" -le "$count" ] || at_once=$count
    turn=$((REDACTFUZZ_PULL_REQUEST_SECONDS * at_once / count))
    [ "$turn" -ge 5 ] || turn=5
    # What an earlier run of this script left is no night before. The corpus was brought whole: an empty one was not lost.
    rm -rf .redactfuzz/pull-request
    # All names at once: a second call would miss those of the first.
    # What it ends with is kept in a file: xargs has one status for all that is none.
    ended=.redactfuzz/ended
    rm -f "$ended"
    # shellcheck disable=SC2016  # the inner shell expands them
    xargs -0 -s 1500000 sh -c '
        ended=$1
        shift
        redactfuzz fuzz "$@"
        echo "$?" >> "$ended"' sh "$ended" --rounds 1 --slice "${turn}s" --corpus "$REDACTFUZZ_CORPUS" --new-corpus \
        --out .redactfuzz/pull-request < "$concerned"
    found=$(sort -n "$ended" | tail -n 1)
    if grep -qx 1 "$ended"; then found=1; fi
    [ "$status" -ne 0 ] || status=${found:-3}
fi
exit "$status"
