# What the jobs of redactfuzz go by. Edit here; each can be set in the environment of a job as well.

# A file or folder with scenarios.
: "${REDACTFUZZ_SCENARIOS:=tests/scenarios}"
# How long a night is, and how many seconds the scenarios get that a pull request concerns, all together.
: "${REDACTFUZZ_FOR:=8h}"
: "${REDACTFUZZ_PULL_REQUEST_SECONDS:=60}"
# The corpus, and what is known of the nights before. Both are kept on a branch, which nothing evicts.
: "${REDACTFUZZ_CORPUS:=corpora}"
: "${REDACTFUZZ_NIGHT:=night}"
: "${REDACTFUZZ_BRANCH:=redactfuzz-corpus}"
: "${REDACTFUZZ_REMOTE:=origin}"
# What a pull request is compared with.
: "${REDACTFUZZ_BASE:=origin/main}"

# What scenarios depend on, for pull requests.
: "${REDACTFUZZ_RECORD:=.redactfuzz/dependencies.json}"
