#!/bin/sh
# worlds.sh: see worlds.mjs.
exec node "$(dirname "$0")/worlds.mjs"
