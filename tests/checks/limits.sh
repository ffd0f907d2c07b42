#!/bin/sh
# limits.sh: base/limits.h is the one page of what bounds somebody outside. Each of its names has a
# reason on its line, is used, and is defined nowhere else in the program.
set -u
files=$(find base servers sim views lessons front gateway repl page -name '*.[ch]' ! -path base/limits.h | sort)
# shellcheck disable=SC2086
awk '
FILENAME == "base/limits.h" {
    if ($1 == "#define" && $2 != "BASE_LIMITS_H") {
        names[$2] = FNR; count++
        if (!/\/\* *[^ ]/) { printf "base/limits.h:%d: %s has no reason\n", FNR, $2; bad = 1 }
    }
    next
}
$1 == "#define" && ($2 in names) { printf "%s:%d: %s stands in base/limits.h\n", FILENAME, FNR, $2; bad = 1 }
{ gsub(/[^A-Za-z0-9_]+/, " "); n = split($0, word, " "); for (i = 1; i <= n; i++) used[word[i]] = 1 }
END {
    for (name in names)
        if (!(name in used)) { printf "base/limits.h:%d: %s is not used\n", names[name], name; bad = 1 }
    if (!bad) printf "limits: %d, each with its reason\n", count
    exit bad
}' base/limits.h $files
