#!/bin/sh
# layers.sh: who may include whom. base <- servers <- sim <- views <- lessons <- gateway <- repl.
# Reads every #include; prints file, line and the arrow that points the wrong way.
set -u
files=$(find base servers sim views lessons gateway repl -name '*.[ch]' 2>/dev/null | sort)
[ -n "$files" ] || { echo "layers: no files"; exit 1; }
# shellcheck disable=SC2086
awk '
BEGIN {
    split("base servers sim views lessons gateway repl", rooms, " ")
    for (i in rooms) rank[rooms[i]] = i
    split("smtp pop3 imap", list, " "); for (i in list) engine[list[i]] = 1
    # The core may use these of the standard library, in every room; base/ may print into memory too.
    split("stdarg stdbool stddef stdint inttypes limits stdlib string", list, " ")
    for (i in list) plain[list[i] ".h"] = 1
}
function wrong(why) { printf "%s:%d: %s\n    %s\n", FILENAME, FNR, why, $0; bad = 1 }
function only(header, pattern, where) {
    if (header ~ pattern && index(FILENAME, where) != 1) wrong("only " where " knows this")
}
FNR == 1 { split(FILENAME, path, "/"); room = path[1]; part = path[2]; files++ }
# The mail program of a device has one door to the store, and none to a server.
FILENAME ~ /^sim\/devices\/device_/ {
    text = $0; gsub(/"[^"]*"/, "", text); sub(/\/\*.*/, "", text)
    while (match(text, /(^|[^a-z_])(store|host|policy|view|serving|placement|mailbox)_[a-z_]+[ \t]*\(/)) {
        name = substr(text, RSTART, RLENGTH); gsub(/[^a-z_]/, "", name)
        if (name !~ /^store_(device|letter_number|commit$|command_end$|failed$)/)
            wrong("a device may not look into a server: " name)
        text = substr(text, RSTART + RLENGTH)
    }
}
/^#[ \t]*include[ \t]*"/ {
    split($0, quoted, "\""); target = quoted[2]; split(target, to, "/")
    if (FILENAME ~ /^sim\/devices\/device_/ && target ~ /^(servers\/store\/store\.h|sim\/hosts\/host_private\.h)$/)
        wrong("a device may not look into a server")
    if (!(to[1] in rank)) wrong("not from the root of the tree")
    else if (rank[to[1]] > rank[room]) wrong(room "/ may not know " to[1] "/")
    else if (room == "servers" && to[1] == "servers" && (part in engine) && (to[2] in engine) && part != to[2])
        wrong(part "/ may not know " to[2] "/")
    next
}
/^#[ \t]*include[ \t]*</ {
    header = $0; sub(/^[^<]*</, "", header); sub(/>.*/, "", header)
    only(header, "^sqlite3\\.h$", "servers/store/")
    only(header, "^readline/", "repl/")
    only(header, "^nettle/", "servers/auth/")
    only(header, "^(sys/socket|netinet/|arpa/|netdb|openssl/)", "gateway/")
    if (rank[room] > rank["lessons"] || header in plain) next
    if (header ~ /^(sqlite3\.h|nettle\/|uthash\.h|utlist\.h|cmark\.h)/) next
    if (header == "stdio.h" && room == "base") next
    wrong("the core (base to lessons) does without <" header ">")
}
END { if (!bad) printf "layers: %d files, every include points down\n", files; exit bad }
' $files
