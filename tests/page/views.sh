#!/bin/sh
# views.sh: see views.mjs.
exec node "$(dirname "$0")/views.mjs"
