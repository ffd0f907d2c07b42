#!/bin/sh
# revisions.sh: docs/imap-revisions.md says how each command is answered in IMAP4rev1 and IMAP4rev2.
# ACCEPT=1 (make docs) writes it anew.
set -u
pennypost=${PENNYPOST:-$PWD/pennypost}
command -v python3 >/dev/null || { echo "python3 is not installed"; exit 77; }
new=$(mktemp) || exit 1
trap 'rm -f "$new"' EXIT
python3 tests/setup/revisions.py "$pennypost" >"$new" || exit 1
if [ "${ACCEPT:-}" = 1 ]; then
    cp "$new" docs/imap-revisions.md
elif ! diff -u docs/imap-revisions.md "$new"; then
    echo "docs/imap-revisions.md is not what the sessions say: make docs"
    exit 1
fi
