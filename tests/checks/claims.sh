#!/bin/sh
# claims.sh: docs/claims.md says what the scripts in tests/claims/ come to. ACCEPT=1 (make docs)
# writes it anew.
set -u
pennypost=${PENNYPOST:-$PWD/pennypost}
command -v python3 >/dev/null || { echo "python3 is not installed"; exit 77; }
new=$(mktemp) || exit 1
trap 'rm -f "$new"' EXIT
python3 tests/setup/claims.py "$pennypost" >"$new" || exit 1
if [ "${ACCEPT:-}" = 1 ]; then
    cp "$new" docs/claims.md
elif ! diff -u docs/claims.md "$new"; then
    echo "docs/claims.md is not what the runs come to: make docs"
    exit 1
fi
