#!/usr/bin/env bash
# test_tour.sh: types the README's tour line by line into a real terminal, and demands the
# screen that the README shows. ACCEPT=1 writes what came into the README instead.
set -u
cd "$(dirname "$0")/../.."
program=${BUILD:-.}/pennypost
[ -x "$program" ] || program=./pennypost
command -v tmux >/dev/null || { echo "1..0 # SKIP tmux is not installed"; exit 0; }
work=$(mktemp -d) || exit 1
server=pennypost-tour-$$
trap 'tmux -L $server kill-server 2>/dev/null; rm -rf "$work"' EXIT

# The tour is what stands between the two marks; fences and text around them do not count.
awk '/<!-- tour -->/ { on = 1; next } /<!-- end of tour -->/ { on = 0 }
     on && /^```/ { inside = !inside; next } on && inside' README.md >"$work/wanted"
# What is typed stands behind a prompt.
prompt='^[a-z]+/[a-z]+ ([a-z0-9]+ )?[A-Z_0-9a-z ]*[$>|] ?'
grep -E "$prompt" "$work/wanted" | sed -E 's/^[^$>|]*[$>|] ?//' >"$work/lines"

env -u NO_COLOR HOME="$work" XDG_DATA_HOME="$work/data" INPUTRC=/dev/null LC_ALL=C.UTF-8 TERM=xterm \
    tmux -L "$server" -f /dev/null new-session -d -x 80 -y 400 "$program --fresh"
screen() { tmux -L "$server" capture-pane -p | sed -e 's/ *$//' -e '/./,$!d'; }
settled() { # the last line is a bare prompt, and was so a moment ago
    local before='' now
    for _ in $(seq 200); do
        now=$(screen)
        if [ "$now" = "$before" ] && printf '%s\n' "$now" | tail -n 1 | grep -qE "${prompt}\$"; then return 0; fi
        before=$now
        sleep 0.02
    done
    return 1
}
settled || { echo "not ok 1 - the prompt comes up"; screen | sed 's/^/# /'; echo 1..1; exit 1; }
tmux -L "$server" clear-history
while IFS= read -r line; do
    tmux -L "$server" send-keys -l -- "$line"
    tmux -L "$server" send-keys Enter
    settled || { echo "not ok 1 - after: $line"; screen | tail -n 5 | sed 's/^/# /'; echo 1..1; exit 1; }
done <"$work/lines"
# From the first line of the tour to the last prompt, which waits.
printf '%s\n' "$(screen)" | sed '$d' | awk -v first="$(head -n 1 "$work/wanted")" '$0 == first { on = 1 } on' >"$work/got"
sed -e 's/ *$//' -e '/^$/d' "$work/wanted" >"$work/wanted.plain"
sed -e '/^$/d' "$work/got" >"$work/got.plain"
if [ "${ACCEPT:-}" = 1 ]; then
    awk -v got="$work/got.plain" '
        /<!-- tour -->/ { print; print "```"; while ((getline line <got) > 0) print line; print "```"; skip = 1 }
        /<!-- end of tour -->/ { skip = 0 }
        !skip' README.md >"$work/readme" && cp "$work/readme" README.md
fi
if diff -u "$work/wanted.plain" "$work/got.plain" >"$work/diff"; then
    echo "ok 1 - the README's tour, $(wc -l <"$work/lines") lines"
else
    echo "not ok 1 - the README's tour"
    sed 's/^/# /' "$work/diff" | head -n 40
fi
echo "1..1"
