#!/usr/bin/env bash
# test_queries.sh: types the README's SQL into the sqlite3 shell, on a world that a session
# has written, and looks for what must come.
set -u
cd "$(dirname "$0")/../.."
program=${BUILD:-.}/pennypost
[ -x "$program" ] || program=./pennypost
command -v sqlite3 >/dev/null || { echo "1..0 # SKIP sqlite3 is not installed"; exit 0; }
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
world=$work/default.world
number=0 failed=0
result() { number=$((number + 1)); if [ "$1" -eq 0 ]; then echo "ok $number - $2"; else echo "not ok $number - $2"; failed=1; fi; }

HOME=$work "$program" --plain --world "$world" >/dev/null 2>&1 <<'LINES'
telnet mail 587
EHLO laptop
AUTH PLAIN AGFuYQB0dWxpcA==
MAIL FROM:<ana@campus.example>
RCPT TO:<bo@campus.example>
DATA
Subject: Soup

Twelve is fine.
.
:offline mx.bakery.example
MAIL FROM:<ana@campus.example>
RCPT TO:<dora@bakery.example>
DATA
Subject: Rolls

.
QUIT
LINES
result $? "a session writes a world file"
mapfile -t queries < <(sed -n 's/^ *sqlite> //p' README.md)
result $(( ${#queries[@]} != 3 )) "the README shows three queries"
ask() { sqlite3 "$world" "${queries[$1]}"; }
ask 0 | grep -q '^ana@campus.example|INBOX|4|.Flagged|' ; result $? "the first lists messages with their flags"
ask 1 | grep -q '^Subject: Soup' ; result $? "the second shows a whole message"
ask 2 | grep -q '^ana@campus.example|dora@bakery.example|' ; result $? "the third shows what waits in the queue"
"$program" fsck "$world" >/dev/null; result $? "fsck finds nothing"
echo "1..$number"
exit $failed
