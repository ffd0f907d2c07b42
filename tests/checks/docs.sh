#!/bin/sh
# docs.sh: docs/protocols/ says what the tables of rules say. ACCEPT=1 (make docs) writes it anew.
set -u
build=${BUILD:-build/release-gcc}
bad=0
mkdir -p docs/protocols
for protocol in smtp pop3 imap; do
    page=docs/protocols/$protocol.md
    if [ "${ACCEPT:-}" = 1 ]; then
        "$build/tests/setup/protocol_page" "$protocol" >"$page.new" && mv "$page.new" "$page" || bad=1
    elif ! "$build/tests/setup/protocol_page" "$protocol" | diff -u "$page" -; then
        echo "$page is not what the table says: make docs"
        bad=1
    fi
done
exit "$bad"
