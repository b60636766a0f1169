#!/bin/sh
# The nightly job: the corpus is brought, added to for hours, and saved, whatever was found.
#
# Exit status: that of `redactfuzz fuzz` (0 nothing found, 1 a finding, 5 the night means nothing), or 5 where the corpus
# is not there or could not be saved.
set -u

CDPATH="" cd -- "$(dirname -- "$0")/../.." || exit 2
. ci/redactfuzz/settings.sh

sh ci/redactfuzz/corpus.sh restore || exit

# What was brought may be empty, and is no corpus that was lost.
set --
if [ -z "$(find "$REDACTFUZZ_CORPUS" -type f ! -name .gitattributes 2> /dev/null | head -n 1)" ]; then set -- --new-corpus; fi

# Pages of another night are none of this one, should it not begin, since what was named is not there.
for page in html md sarif xml; do rm -f "$REDACTFUZZ_NIGHT/report.$page"; done
journals() { find "$REDACTFUZZ_NIGHT" -name '*.jsonl' 2> /dev/null | wc -l; }
before=$(journals)

# Each night may be another machine: what is kept on the branch is as much the project's as its code (--trust).
# In the background, so that a signal for this script ends the night in good order and the corpus is saved.
redactfuzz fuzz "$REDACTFUZZ_SCENARIOS" --for "$REDACTFUZZ_FOR" --corpus "$REDACTFUZZ_CORPUS" \
    --out "$REDACTFUZZ_NIGHT" --trust "$@" &
fuzz=$!
trap 'kill -TERM "$fuzz" 2> /dev/null' HUP INT TERM
wait "$fuzz"
status=$?
while kill -0 "$fuzz" 2> /dev/null; do
    wait "$fuzz"
    status=$?
done
trap '' HUP INT TERM

# What code hosts show: findings at their lines, a test case for each scenario.
if [ "$(journals)" -gt "$before" ]; then
    redactfuzz report "$REDACTFUZZ_NIGHT" --html "$REDACTFUZZ_NIGHT/report.html" \
        --markdown "$REDACTFUZZ_NIGHT/report.md" --sarif "$REDACTFUZZ_NIGHT/report.sarif" \
        --junit "$REDACTFUZZ_NIGHT/report.xml" || true
else
    mkdir -p "$REDACTFUZZ_NIGHT"
    {
        echo "# The night did not begin"
        echo
        echo "redactfuzz fuzz ended with exit status $status: what it said is in the log."
    } > "$REDACTFUZZ_NIGHT/report.md"
fi

# What each scenario depends on, as it is tonight: pull requests go by it.
redactfuzz changed "$REDACTFUZZ_SCENARIOS" --since HEAD --record "$REDACTFUZZ_RECORD" > /dev/null

sh ci/redactfuzz/corpus.sh save
saved=$?
[ "$status" -ne 0 ] || status=$saved
exit "$status"
