#!/bin/bash
# words.sh: docs/words.md says what the table of terms and words.txt say, and no text uses a word
# that words.txt forbids: code and its comments, docs, lessons, stories. ACCEPT=1 (make docs) writes
# the page anew. Findings and recorded transcripts quote others, and are not looked at.
set -u
build=${BUILD:-build/release-gcc}
list=tests/checks/words.txt
bad=0

page() {
    cat <<'HEAD'
# Words

The terms of the field, as code, docs, help and replies use them. `help TERM` tells the same at
the prompt. Both are written from one table, sim/language/terms.c; `make docs` makes this page.

HEAD
    "$build/tests/setup/words_page"
    printf '\n## Not used\n\n`make tidy` looks for these words in code, docs, lessons and stories.\n\n'
    printf '| not | but |\n|---|---|\n'
    awk -F '\t' '!/^[#+]/ && NF == 2 { gsub(/\|/, "\\|", $1); print "| `" $1 "` | " $2 " |" }' "$list"
}

if [ "${ACCEPT:-}" = 1 ]; then
    page >docs/words.md.new && mv docs/words.md.new docs/words.md || bad=1
elif [ -x "$build/tests/setup/words_page" ] && ! page | diff -u docs/words.md -; then
    echo "docs/words.md is not what the tables say: make docs"
    bad=1
fi

forbidden=$(awk -F '\t' '!/^[#+]/ && NF == 2 { printf "%s%s", s, $1; s = "|" }' "$list")
right=$(awk '/^\+/ { printf "%s%s", s, substr($0, 2); s = "|" }' "$list")
found=$(git ls-files 'base/*' 'servers/*' 'sim/*' 'views/*' 'front/*' 'lessons/*' 'gateway/*' 'repl/*' \
            README.md 'docs/*.md' docs/pennypost.1 |
        grep -vE 'docs/words.md|sim/language/terms.c|servers/(mail/(charset|casemap|utf8|idna|mutf7|columns)|store/store_(schema|device|fsck))' |
        xargs grep -nE "$forbidden" | sed -E "s/$right//g" | grep -E "$forbidden")
if [ -n "$found" ]; then
    echo "$found" | head -40
    echo "words.txt tells what is written instead"
    bad=1
fi
[ "$bad" = 0 ] && echo "words: none is used that should not be"
exit "$bad"
