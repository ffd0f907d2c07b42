#!/bin/sh
# must.sh: every must() of the program stands in must.txt, under the reason why nothing from outside
# reaches it, and nothing else stands there.
set -u
work=$(mktemp -d "${TMPDIR:-/tmp}/must.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
rooms="base servers sim views lessons gateway repl"

# FILE: CONDITION, once for each must(). A condition may go over several lines.
# shellcheck disable=SC2046
awk '
FNR == 1 { inside = "" }
inside == "" {
    if (!match($0, /(^|[^A-Za-z0-9_])must\([^)]/) || /#define must/ || /^ ?\*|^\/\*/) next
    text = substr($0, RSTART); sub(/^[^m]?must/, "", text)
}
inside != "" { text = $0; sub(/^ +/, " ", text); text = inside text }
{
    out = ""; depth = 0; ended = 0
    for (i = 1; i <= length(text) && !ended; i++) {
        c = substr(text, i, 1)
        if (c == "(") depth++
        if (c == ")") depth--
        if (depth > 0 && !(depth == 1 && c == "(")) out = out c
        ended = depth == 0
    }
    if (!ended) { inside = text; next }
    inside = ""
    gsub(/ +/, " ", out)
    print FILENAME ": " out
}' $(find $rooms -name '*.[ch]' | sort) | sort >"$work/source"

if [ "${1:-}" = --list ]; then
    cat "$work/source"
    exit 0
fi
grep -v '^#\|^$' tests/checks/must.txt | sort >"$work/table"
bad=0
if comm -23 "$work/source" "$work/table" | grep .; then
    echo "    has no reason in tests/checks/must.txt"
    bad=1
fi
if comm -13 "$work/source" "$work/table" | grep .; then
    echo "    stands in tests/checks/must.txt, and nowhere else"
    bad=1
fi
[ "$bad" -ne 0 ] || echo "must: $(wc -l <"$work/source") conditions, each with its reason"
exit "$bad"
