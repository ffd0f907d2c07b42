#!/bin/sh
# rooms.sh: the picture in docs/architecture.md is what the #includes say: an arrow from a room to
# each room that it includes, leaving out what another arrow already implies. ACCEPT=1 (make docs)
# draws it anew.
set -u
page=docs/architecture.md

picture() {
    grep -rHoE '^#[ ]*include "[a-z_/0-9]+\.[ch]"' base servers sim views lessons front gateway repl page \
        --include='*.[ch]' | tr -d '"' | sed -E 's/#[ ]*include //' | sort -u | awk -F: '
    function room(path,    to, count) {
        count = split(path, to, "/")
        if (to[1] != "servers" && to[1] != "sim") return to[1]
        if (count == 3) return to[1] "/" to[2]
        if (to[1] == "servers") return path ~ /services_table/ ? "services table" : path ~ /^servers\/login/ ? "login" : "engine"
        return path ~ /world/ ? "sim/world" : "sim/shared"
    }
    function id(name) { gsub(/[^a-z0-9]/, "_", name); return name }
    { from = room($1); to = room($2); if (from != to) arrow[from, to] = 1; rooms[from] = rooms[to] = 1 }
    END {
        # Reachable by another way: not drawn.
        for (pair in arrow) { split(pair, p, SUBSEP); reach[p[1], p[2]] = 1 }
        for (k in rooms) for (i in rooms) for (j in rooms)
            if (((i, k) in reach) && ((k, j) in reach)) { reach[i, j] = 1 }
        for (pair in arrow) {
            split(pair, p, SUBSEP)
            implied = 0
            for (k in rooms) if (k != p[1] && k != p[2] && ((p[1], k) in reach) && ((k, p[2]) in reach)) implied = 1
            if (!implied) print "    " id(p[1]) "[\"" p[1] "\"] --> " id(p[2]) "[\"" p[2] "\"]"
        }
    }' | LC_ALL=C sort
}

with_picture() {
    awk '/^<!-- rooms -->$/ { print; print "```mermaid"; print "graph TD"; while ((getline line <"/dev/stdin") > 0) print line
             print "```"; skip = 1; next }
         /^<!-- end of rooms -->$/ { skip = 0 }
         !skip' "$page"
}

if [ "${ACCEPT:-}" = 1 ]; then
    picture | with_picture >"$page.new" && mv "$page.new" "$page"
elif ! picture | with_picture | diff -u "$page" -; then
    echo "$page does not show the includes: make docs"
    exit 1
fi
echo "rooms: the picture shows the includes"
