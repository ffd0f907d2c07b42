#!/bin/sh
# layers.sh: who may include whom. base <- servers <- sim <- views <- lessons <- front
# <- gateway <- repl, page.
# In servers/: mail, store <- auth <- the engine <- login <- smtp, pop3, imap <- lmtp <- dialects, services_table;
# in sim/: net <- shared.h <- hosts <- devices <- world.h <- language.
# Reads every #include; prints file, line and the arrow that points the wrong way. Then, where a
# build is there (BUILD, or build/release-*), asks nm whether a symbol is used upwards, or malloc for
# what belongs in a world's heap.
set -u
files=$(find base servers sim views lessons front gateway repl page -name '*.[ch]' 2>/dev/null | sort)
[ -n "$files" ] || { echo "layers: no files"; exit 1; }
ranks='
function rank_of(path,    to, count) {   # higher knows lower; the same knows itself
    count = split(path, to, "/")
    if (to[1] == "base") return 0
    if (to[1] == "servers") {
        if (count == 3) return to[2] == "mail" ? 10 : to[2] == "store" ? 11 : to[2] == "auth" ? 12 : \
                                to[2] == "dialects" ? 16 : to[2] == "lmtp" ? 15.5 : 15
        return to[2] ~ /^services_table/ ? 16 : to[2] ~ /^login/ ? 14 : 13
    }
    if (to[1] == "sim") {
        if (count == 3) return to[2] == "net" ? 20 : to[2] == "hosts" ? 22 : to[2] == "devices" ? 23 : 25
        return to[2] ~ /^world/ ? 24 : 21
    }
    return to[1] == "views" ? 30 : to[1] == "lessons" ? 40 : to[1] == "front" ? 45 : \
           to[1] == "gateway" ? 50 : \
           to[1] == "repl" || to[1] == "page" ? 60 : -1
}
function is_engine(path) { return path ~ /^servers\/(smtp|pop3|imap)\// }
function part_of(path,    to) { split(path, to, "/"); return to[2] }
'
# shellcheck disable=SC2086
awk "$ranks"'
BEGIN {
    # The core may use these of the standard library, in every room; base/ may print into memory too.
    split("stdarg stdbool stddef stdint inttypes limits stdlib string", list, " ")
    for (i in list) plain[list[i] ".h"] = 1
}
function wrong(why) { printf "%s:%d: %s\n    %s\n", FILENAME, FNR, why, $0; bad = 1 }
function only(header, pattern, where) {
    if (header ~ pattern && index(FILENAME, where) != 1) wrong("only " where " knows this")
}
FNR == 1 { split(FILENAME, path, "/"); room = path[1]; files++ }
/^#[ \t]*include[ \t]*"/ {
    split($0, quoted, "\""); target = quoted[2]
    # A device'"'"'s mail program has one door to the store, and none to a server.
    if (FILENAME ~ /^sim\/devices\/device_/ && target ~ /^(servers\/store\/store\.h|sim\/hosts\/)/)
        wrong("a mail program may not look into a server")
    if (rank_of(target) < 0) wrong("not from the root of the tree")
    else if (rank_of(target) > rank_of(FILENAME)) wrong(FILENAME " may not know " target)
    else if (is_engine(FILENAME) && is_engine(target) && part_of(FILENAME) != part_of(target))
        wrong(part_of(FILENAME) "/ may not know " part_of(target) "/")
    next
}
/^#[ \t]*include[ \t]*</ {
    header = $0; sub(/^[^<]*</, "", header); sub(/>.*/, "", header)
    if (FILENAME != "page/files.c") # which is its system there
        only(header, "^sqlite3\\.h$", "servers/store/")
    only(header, "^uthash\\.h$", "base/hash.h")
    only(header, "^readline/", "repl/")
    only(header, "^nettle/", "servers/auth/")
    only(header, "^(sys/socket|netinet/|arpa/|netdb|openssl/)", "gateway/")
    if (rank_of(FILENAME) > 45 || header in plain) next
    if (header ~ /^(sqlite3\.h|nettle\/|uthash\.h|utlist\.h|cmark\.h)/) next
    if (header == "stdio.h" && room == "base") next
    wrong("the core (base to front) does without <" header ">")
}
END { if (!bad) printf "layers: %d files, every include points down\n", files; exit bad }
' $files || exit 1

# --- by symbols -----------------------------------------------------------------------------------

built=${BUILD:-$(ls -td build/release-* 2>/dev/null | head -n 1)}
[ -n "$built" ] && [ -d "$built/sim" ] && command -v nm >/dev/null 2>&1 || exit 0
objects=$(for file in $files; do
              case $file in *.c) [ ! -e "$built/${file%.c}.o" ] || echo "$built/${file%.c}.o" ;; esac
          done)
# shellcheck disable=SC2086
nm -A $objects 2>/dev/null | awk -v built="$built/" "$ranks"'
{
    path = substr($1, 1, index($1, ":") - 1); sub(/\.o$/, "", path)
    path = substr(path, length(built) + 1)
    kind = $(NF - 1); name = $NF
    if (kind == "U") { count++; user[count] = path; used[count] = name }
    else if (kind ~ /^[TDRBC]$/) home[name] = path
}
END {
    for (i = 1; i <= count; i++) {
        from = user[i]; to = home[used[i]]
        if (from ~ /^(servers|sim)\// && from !~ /\/(timeline|trace)/ &&
            used[i] ~ /^(malloc|calloc|realloc|free)$/) {
            printf "%s uses %s: a world lives in its heap, base/heap.h\n", from, used[i]; bad = 1
        }
        if (to == "") continue
        seen++
        if (rank_of(to) > rank_of(from)) { printf "%s uses %s of %s\n", from, used[i], to; bad = 1 }
        else if (is_engine(from) && is_engine(to) && part_of(from) != part_of(to)) {
            printf "%s uses %s of %s\n", from, used[i], to; bad = 1
        }
        # The three of the store that a turn of a device ends with are all it may use of it.
        else if (from ~ /^sim\/devices\/device_/ && to ~ /^(servers\/store\/|sim\/hosts\/)/ &&
                 to !~ /store_device/ &&
                 used[i] !~ /^store_(message_number|commit|command_end|failed)$/) {
            printf "%s looks into a server: %s of %s\n", from, used[i], to; bad = 1
        }
    }
    if (!seen) { print "layers: no symbol was found"; bad = 1 }
    if (!bad) printf "layers: %d uses of symbols, none upwards\n", seen
    exit bad
}'
