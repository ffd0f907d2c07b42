#!/bin/sh
# fuzz.sh: see fuzz.mjs. LINES: how many.
exec node "$(dirname "$0")/fuzz.mjs" "${LINES:-20000}"
