#!/bin/sh
# docs.sh: docs/protocols/ says what the tables of rules say, docs/why.md why servers answer so,
# docs/field-guide.md what the table of mail programs says. ACCEPT=1 (make docs) writes them anew.
set -u
build=${BUILD:-build/release-gcc}
bad=0
mkdir -p docs/protocols

page_is() { # PAGE COMMAND…
    page=$1
    shift
    if [ "${ACCEPT:-}" = 1 ]; then
        "$@" >"$page.new" && mv "$page.new" "$page" || bad=1
    elif ! "$@" | diff -u "$page" -; then
        echo "$page is not what the table says: make docs"
        bad=1
    fi
}

for protocol in $("$build/tests/setup/protocol_page"); do
    page_is "docs/protocols/$protocol.md" "$build/tests/setup/protocol_page" "$protocol"
done
page_is docs/why.md "$build/tests/setup/why_page"
page_is docs/field-guide.md "$build/tests/setup/field_guide"
exit "$bad"
