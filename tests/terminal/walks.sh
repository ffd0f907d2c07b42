#!/usr/bin/env bash
# Whole lessons as a beginner goes through them, wrong turns and all, in a real terminal of 80 by 24.
#   walks/NAME.walk     what is typed, line by line; NAME is the lesson's
#   walks/NAME.screen   all that then has stood on the screen, from its first line to its last
# ACCEPT=1 writes the screens anew. WALKS="NAME…" walks those only.
. "$(dirname "$0")/screen.bash"
walks=$(cd "$(dirname "$0")/walks" && pwd)

# So many lines begin with a prompt: one for each line that was typed, and the one that waits.
prompts() { shown | grep -cE '^((ana|bo|cem|dora)/[a-z]+( [a-z0-9]+ [A-Z_]+( [0-9]+ left)?)? [$>|]|predict \?)'; }
until_prompts() { # N
    local try=0
    while [ $try -lt 1000 ]; do
        [ "$(prompts)" -ge "$1" ] && return 0
        shown | grep -q '^left [0-9]' && return 0
        try=$((try + 1))
        read -r -t 0.03 <>"$work/never" 2>/dev/null || true
    done
    return 1
}

walk() { # NAME
    local name=$1 typed=1 line
    started='(while connected, with a colon:  :hint)'
    screen 80 24 -- lesson "$name"
    until_prompts 1
    while IFS= read -r line; do
        type_line "$line"
        typed=$((typed + 1))
        until_prompts $typed || break
    done <"$walks/$name.walk"
    mux capture-pane -p -S - | sed 's/ *$//' | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}' >"$work/screen"
    if [ "${ACCEPT:-}" = 1 ] && ! cmp -s "$walks/$name.screen" "$work/screen"; then
        cp "$work/screen" "$walks/$name.screen"
    fi
    diff -u "$walks/$name.screen" "$work/screen" >"$work/diff"
    result $? "$name: what stands on the screen"
    head -n 40 "$work/diff" | sed 's/^/# /'
    grep -q 'All [0-9]* goals are met' "$work/screen"
    result $? "$name: it comes to its end"
    mux capture-pane -p -J -S - | grep -v '^S: ' | LC_ALL=C.UTF-8 grep -nE '^.{81,}'
    [ $? -eq 1 ]
    result $? "$name: no line of the program's own is wider than the window"
}

for file in "$walks"/*.walk; do
    name=$(basename "$file" .walk)
    case " ${WALKS:-$name} " in *" $name "*) walk "$name" ;; esac
done
done_testing
