#!/bin/sh
# The corpus on a branch of its own, and with it the journals of the nights before.
#
#   corpus.sh begin      makes the branch, once
#   corpus.sh restore    brings what is on it; files that are here stay as they are
#   corpus.sh save       adds what is new here to it; no seed and no finding is ever removed by that
#   corpus.sh replace    puts what is here in the place of the same folders there, after it was minimised
#
# Neither your branch, nor your index, nor any other file is touched. Exit status 5: the corpus is not there, or could
# not be saved.
set -eu

CDPATH="" cd -- "$(dirname -- "$0")/../.."
. ci/redactfuzz/settings.sh

tip=refs/redactfuzz/corpus
: "${GIT_AUTHOR_NAME:=redactfuzz}" "${GIT_AUTHOR_EMAIL:=redactfuzz@localhost}"
: "${GIT_COMMITTER_NAME:=$GIT_AUTHOR_NAME}" "${GIT_COMMITTER_EMAIL:=$GIT_AUTHOR_EMAIL}"
export GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL
index=$(git rev-parse --absolute-git-dir)/redactfuzz-index-$$
trap 'rm -f "$index" "$index.lock" "$index.paths" "$index.names"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

alarm() {
    echo "redactfuzz: ALARM: $1" >&2
    exit 5
}

# A folder or file below the project by its plainest name: git passes over all other ones, and says so to nobody.
below() {
    path=$2
    case $path in "$PWD"/*) path=${path#"$PWD"/} ;; esac
    while case $path in ./*) true ;; *) false ;; esac do path=${path#./}; done
    path=${path%/}
    case "/$path/" in
        // | /./ | //* | */../* | */./* | *//*) alarm "$1 is $2: give it a name below the project, as $3" ;;
    esac
    if [ -L "$path" ]; then alarm "$1 is $2, a link: give it the name of a folder or file"; fi
    printf '%s\n' "$path"
}

REDACTFUZZ_CORPUS=$(below REDACTFUZZ_CORPUS "$REDACTFUZZ_CORPUS" corpora)
REDACTFUZZ_NIGHT=$(below REDACTFUZZ_NIGHT "$REDACTFUZZ_NIGHT" night)
REDACTFUZZ_RECORD=$(below REDACTFUZZ_RECORD "$REDACTFUZZ_RECORD" .redactfuzz/dependencies.json)
# Of this folder in its repository; nothing at the top.
prefix=$(git rev-parse --show-prefix)

indexed() {
    GIT_INDEX_FILE=$index git -c core.autocrlf=false "$@"
}

fetched() {
    git fetch --quiet --no-tags "$REDACTFUZZ_REMOTE" "+refs/heads/$REDACTFUZZ_BRANCH:$tip"
}

# Files alone: what a link leads to is no part of a corpus.
kept() {
    for path in "$REDACTFUZZ_CORPUS" "$REDACTFUZZ_NIGHT/findings"; do
        if [ -d "$path" ]; then find "$path" -type f ! -name .gitattributes; fi
    done
    if [ -d "$REDACTFUZZ_NIGHT" ]; then find "$REDACTFUZZ_NIGHT" -maxdepth 1 -type f -name '*.jsonl'; fi
    if [ -f "$REDACTFUZZ_RECORD" ]; then printf '%s\n' "$REDACTFUZZ_RECORD"; fi
}

# Byte for byte, both ways: what .gitattributes asks for the files of the project, as other ends of lines, is not for these.
# Of two such files the deeper one counts.
as_they_are() {
    for folder in "$REDACTFUZZ_CORPUS" "$REDACTFUZZ_NIGHT" "$(dirname -- "$REDACTFUZZ_RECORD")"; do
        if [ "$folder" != . ] && [ -n "$(indexed ls-files -- "$folder" | head -n 1)" ]; then
            mkdir -p -- "$folder" 2> /dev/null || continue
            [ -e "$folder/.gitattributes" ] ||
                echo '* -text -eol -filter -ident -working-tree-encoding' > "$folder/.gitattributes" || continue
        fi
    done
}

committed() {
    kept | while IFS= read -r path; do printf '%s%s\n' "$prefix" "$path"; done > "$index.paths"
    git hash-object -w --no-filters --stdin-paths < "$index.paths" > "$index.names"
    paste "$index.names" "$index.paths" | sed 's/^/100644 /' | indexed update-index --index-info
    git commit-tree "$(indexed write-tree)" "$@" -m "Corpus, at $(git rev-parse --quiet --verify HEAD || echo no commit)"
}

begin() {
    status=0
    git ls-remote --exit-code --heads "$REDACTFUZZ_REMOTE" "refs/heads/$REDACTFUZZ_BRANCH" > /dev/null || status=$?
    case $status in
        0) echo "redactfuzz: branch $REDACTFUZZ_BRANCH is there already" ;;
        2)
            indexed read-tree --empty
            git push --quiet "$REDACTFUZZ_REMOTE" "$(committed):refs/heads/$REDACTFUZZ_BRANCH"
            echo "redactfuzz: the corpus is kept on branch $REDACTFUZZ_BRANCH of $REDACTFUZZ_REMOTE from now on"
            ;;
        *) alarm "$REDACTFUZZ_REMOTE does not answer" ;;
    esac
}

restore() {
    fetched || alarm "the corpus is not there: branch $REDACTFUZZ_BRANCH of $REDACTFUZZ_REMOTE cannot be fetched.
A night without it finds again what is known. If there never was one: sh ci/redactfuzz/corpus.sh begin"
    indexed read-tree "$tip"
    as_they_are
    # Nothing but what save() puts there, and no links: whoever can push to this branch is not to change other files.
    indexed ls-files -z -- "$REDACTFUZZ_CORPUS" "$REDACTFUZZ_NIGHT" "$REDACTFUZZ_RECORD" |
        indexed -c core.symlinks=false checkout-index -z --quiet --stdin || true
    lost=$(indexed ls-files --deleted -- "$REDACTFUZZ_CORPUS" "$REDACTFUZZ_NIGHT" "$REDACTFUZZ_RECORD" | head -n 1)
    [ -z "$lost" ] || alarm "the corpus was not brought: $lost cannot be written"
    echo "redactfuzz: the corpus is that of $(git rev-parse --short "$tip"), $(git ls-tree -r --name-only "$tip" | wc -l) files"
}

save() {
    for again in 1 2 3 4 5; do
        fetched || alarm "branch $REDACTFUZZ_BRANCH of $REDACTFUZZ_REMOTE cannot be fetched: the corpus was not saved"
        indexed read-tree "$tip"
        # A mark that a seed is stale is taken away where it could be followed again.
        indexed ls-files -z --deleted -- '*.stale' | indexed update-index -z --force-remove --stdin
        commit=$(committed -p "$tip")
        if [ "$(git rev-parse "$commit^{tree}")" = "$(git rev-parse "$tip^{tree}")" ]; then
            echo "redactfuzz: nothing is new in the corpus"
            return
        fi
        if git push --quiet "$REDACTFUZZ_REMOTE" "$commit:refs/heads/$REDACTFUZZ_BRANCH"; then
            git update-ref "$tip" "$commit"
            echo "redactfuzz: the corpus is saved: $(git rev-parse --short "$commit")"
            return
        fi
        sleep "$again" # somebody else has saved meanwhile: what both have is put together
    done
    alarm "the corpus cannot be pushed to $REDACTFUZZ_BRANCH of $REDACTFUZZ_REMOTE: it is in $REDACTFUZZ_CORPUS"
}

replace() {
    indexed read-tree "$tip"
    # What other machines keep in folders of their own stays.
    indexed ls-files -z -- "$REDACTFUZZ_CORPUS" "$REDACTFUZZ_NIGHT" "$REDACTFUZZ_RECORD" |
        indexed update-index -z --force-remove --stdin
    commit=$(committed -p "$tip")
    git push --quiet "$REDACTFUZZ_REMOTE" "$commit:refs/heads/$REDACTFUZZ_BRANCH" ||
        alarm "somebody has saved a corpus meanwhile, which stays as it is: prune again"
    git update-ref "$tip" "$commit"
    echo "redactfuzz: the corpus is replaced"
}

case "${1-}" in
    begin | restore | save | replace) "$1" ;;
    *)
        echo "usage: corpus.sh begin|restore|save|replace" >&2
        exit 2
        ;;
esac
