#!/bin/sh
# cover.sh: which lines the tests reached: a row per file, least reached first.
#   cover.sh BUILD      after a run of what MODE=cover built
set -u
build=$1
find "$build" -name '*.gcda' ! -path '*/tests/*' | sort | while read -r data; do
    gcov -n -o "${data%/*}" "$data" 2>/dev/null
done | awk '
    /^File/ { file = $2; gsub(/\x27/, "", file); next }
    /^Lines executed/ && file ~ /^(base|servers|sim|views|lessons|gateway|repl)\/.*\.c$/ {
        split($2, reached, "[:%]"); lines = $4
        printf "%6.1f %% of %4d  %s\n", reached[2], lines, file
        hit += reached[2] * lines; all += lines
    }
    { file = "" }
    END { if (all) printf "%6.1f %% of %d lines\n", hit / all, all }' | sort -n
