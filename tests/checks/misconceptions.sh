#!/bin/sh
# misconceptions.sh: docs/misconceptions.md says what the lessons correct, and each misconception has
# a near miss in its lesson. ACCEPT=1 (make docs) writes the page anew.
set -u
command -v python3 >/dev/null || { echo "python3 is not installed"; exit 77; }
new=$(mktemp) || exit 1
trap 'rm -f "$new"' EXIT
python3 tests/setup/misconceptions.py >"$new" || exit 1
if [ "${ACCEPT:-}" = 1 ]; then
    cat "$new" >docs/misconceptions.md
elif ! diff -u docs/misconceptions.md "$new"; then
    echo "docs/misconceptions.md is not what the lessons say: make docs"
    exit 1
fi
