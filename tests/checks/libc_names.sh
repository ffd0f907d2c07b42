#!/bin/sh
# libc_names.sh: which names of libc the core (base to front) uses, against the reviewed list
# in libc_names.txt. The core shall one day run where there is no operating system: a new name
# needs a reason, and a line in the list. Looks at the objects below BUILD (make libc-names).
#   libc_names.sh BUILD [--write]
set -u
build=${1:-${BUILD:-build/release-gcc}}
list=tests/checks/libc_names.txt

objects=$(for source in $(find base servers sim views lessons front -name '*.c' 2>/dev/null | sort); do
    echo "$build/${source%.c}.o"
done; echo "$build/lessons/stories.o $build/lessons/recordings.o $build/lessons/texts.o $build/lessons/texts_de.o")
for object in $objects; do
    [ -e "$object" ] || { echo "$object is not built: make libc-names"; exit 77; }
done
# sqlite3, nettle and cmark are libraries of their own; what a compiler adds by itself (stack guards,
# checked variants of memcpy and its like, sanitizers) nobody wrote.
# shellcheck disable=SC2086
defined=$(nm --defined-only $objects | awk 'NF == 3 { print $3 }' | sort -u)
# shellcheck disable=SC2086
used=$(nm -u $objects | awk 'NF == 2 { print $2 }' |
    sed -E 's/@.*//; s/^__(.*)_chk$/\1/; s/^__isoc(99|23)_//; s/^bcmp$/memcmp/' |
    grep -vE '^(sqlite3_|nettle_|cmark_|_GLOBAL_OFFSET_TABLE_$|__stack_chk_fail$|__asan_|__ubsan_|__sanitizer_|__gcov_|__llvm_)' |
    sort -u)
names=$(printf '%s\n' "$defined" "$defined" "$used" | sort | uniq -u)

if [ "${2:-}" = --write ]; then
    { sed -n '/^#/p' "$list"; echo "$names"; } >"$list.new" && mv "$list.new" "$list"
    exit
fi
listed=$(grep -v '^#' "$list" | sort -u)
new=$(printf '%s\n' "$listed" "$listed" "$names" | sort | uniq -u)
gone=$(printf '%s\n' "$names" "$names" "$listed" | sort | uniq -u)
[ -z "$gone" ] || echo "no longer used here (another compiler may):" $gone
[ -z "$new" ] || { echo "new to the core, and not in $list:" $new; exit 1; }
echo "libc-names: the core uses $(echo "$names" | wc -l) names, all reviewed"
