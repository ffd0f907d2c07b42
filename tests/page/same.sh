#!/bin/sh
# same.sh: see same.mjs.
exec node "$(dirname "$0")/same.mjs" "${WALKS:-200}"
