#!/bin/bash
# recordings.sh: every recording that comes with the program, played to its end from the command
# line; and what changed, foreign and broken ones get. (tests/unit/test_recording.c compares each
# line's answer.)
set -u
cd "$(dirname "$0")" || exit 1
pennypost=${PENNYPOST:-$PWD/../../pennypost}
work=$(mktemp -d "${TMPDIR:-/tmp}/recordings.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
export HOME="$work" TMPDIR="$work"
. ../tap.bash
told_more() { head -n 20 "$work/out"; }

says() { # WHAT RC PATTERN WORD…: the exit code, and a line of what `replay` says
    local what=$1 rc=$2 pattern=$3
    shift 3
    "$pennypost" replay "$@" >"$work/out" 2>&1 </dev/null
    [ $? -eq "$rc" ] && grep -qE -- "$pattern" "$work/out"
    told $? "$what"
}

here=../../lessons/recordings
for file in "$here"/*.txt; do
    name=$(basename "$file" .txt)
    says "$name, listed" 0 "^$name: "
    says "$name, as JSON" 0 "\"kind\":\"replay\",\"name\":\"$name\".*\"unlike\":0" "$name" --json
    grep -qE "/(home|root|tmp|work|etc)/|$(hostname)\\b|localhost" "$file"
    [ $? -eq 1 ]
    told $? "$name names no machine and no path"
done
says "to its end, in words" 0 'ends here, after 28 steps' fetchmail-lost --plain
says "… with what a guess is, and what surprises" 0 '^   A usual guess here:  TOP 1 99999999$' fetchmail-lost --all
says "a name that is nearly one" 2 'Did you mean fetchmail-lost' fetchmail-lots
says "a name that is none" 2 'pennypost replay. lists them' nothing-of-that
says "what never ends" 2 'zero is larger than 256 KiB' /dev/zero --plain
says "another world" 2 'replay takes no --world' fetchmail-lost --world other.world
says "another seed" 2 'replay takes no .*--seed' fetchmail-lost --seed 2
says "two names" 2 'replay takes one name' one two

sed 's/-ERR no such command/+OK 0/' "$here/fetchmail-pop3.txt" >"$work/other.txt"
says "a server that answered otherwise" 1 '^   Recorded: \+OK 0$' "$work/other.txt" --plain
says "… beside ours" 1 '^   Here:     -ERR no such command$' "$work/other.txt" --plain
says "… counted" 1 '^ In 1 steps? this server answered otherwise' "$work/other.txt" --plain
says "… in JSON, with its line in the file" 1 "\"unlike\":1,\"unlike_lines\":\\[$(grep -n 'C: LAST' "$work/other.txt" | cut -d: -f1)\\]" "$work/other.txt" --json
sed 's/^fact: LAST/differs: 2026-12-24 It was a test.\n&/; s/-ERR no such command/+OK 0/' "$here/fetchmail-pop3.txt" >"$work/known.txt"
says "… with a date and a reason" 0 'Known since 2026-12-24: It was a test' "$work/known.txt" --plain
sed '/^guess: UIDL/d' "$here/fetchmail-pop3.txt" >"$work/broken.txt"
says "a broken one: file, line, reason" 2 'broken.txt:[0-9]+: `guess:. comes before' "$work/broken.txt" --plain
grep -qE '^ +\^$' "$work/out"
told $? "… and a caret"
printf 'MZ\0\1\2\n' >"$work/foreign.txt"
says "what is no recording" 2 'foreign.txt:1: a recording begins with' "$work/foreign.txt" --plain
printf '\n\n:why\n\nb\n:exit\n' | "$pennypost" replay fetchmail-pop3 >"$work/out" 2>&1
grep -q 'RFC 2449 5' "$work/out" && grep -q 'AUTHORIZATION (CAPA, OK)' "$work/out"
told $? "lines from a pipe step, and why is true"
printf 'telnet mail pop3\nNOOP\n:replay next\n:replay all\n:undo\n:replay all\n' |
    timeout 20 "$pennypost" replay fetchmail-pop3 >"$work/out" 2>&1
[ "$(grep -c 'it waits at step 2 of 20' "$work/out")" -eq 3 ] && [ "$(grep -c '^\[laptop\] C: CAPA' "$work/out")" -eq 1 ] &&
    grep -q 'ends here, after 20 steps' "$work/out"
told $? "a line of one's own, and it waits until that is undone"
sed "s/^situation:/setup: offline mail.campus.example\n&/" "$here/fetchmail-pop3.txt" >"$work/down.txt"
timeout 20 "$pennypost" replay "$work/down.txt" --plain >"$work/out" 2>&1
[ $? -eq 1 ] && grep -q 'It stops here: 0 of 20 steps were played' "$work/out"
told $? "a step that leads nowhere is not played for ever"
printf 'replay fetchmail-pop3\n\n\n:exit\nboard\n' | "$pennypost" >"$work/out" 2>&1
grep -q 'You are back where you were' "$work/out"
told $? "from a prompt and back"
printf 'replay\nreplay fetchmail-pop3\n' | "$pennypost" run --plain - >"$work/out" 2>&1
[ $? -eq 0 ] && grep -q 'stepped through by hand' "$work/out"
told $? "a script is told"

echo "1..$count"
exit "$failed"
