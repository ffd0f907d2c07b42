#!/bin/bash
# stories.sh: every story that comes with the program, as `contrast` shows it: the text, the
# traces and the last line as JSON, compared with what is written in stories/. And what must hold
# of any contrast: the octets on the wire are the trace's, a server that refuses changes the
# table, a story with a mistake is told where. ACCEPT=1 writes the expected files anew.
set -u
cd "$(dirname "$0")" || exit 1
pennypost=${PENNYPOST:-$PWD/../../pennypost}
work=$(mktemp -d "${TMPDIR:-/tmp}/stories.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
export HOME="$work" TMPDIR="$work"
. ../tap.bash

same() { # WHAT EXPECTED FOUND: or, with ACCEPT=1, made so
    if [ "${ACCEPT:-}" = 1 ] && ! cmp -s "$2" "$3"; then
        cp "$3" "$2"
    fi
    diff -u "$2" "$3" >"$work/diff"
    told $? "$1"
    [ -s "$work/diff" ] && head -n 40 "$work/diff" | sed 's/^/# /'
}

says() { # WHAT RC PATTERN COMMAND…: its exit code, and a line of what it says
    local what=$1 rc=$2 pattern=$3
    shift 3
    "$@" >"$work/out" 2>&1 </dev/null
    [ $? -eq "$rc" ] && grep -qE "$pattern" "$work/out"
    told $? "$what"
}

without_digest() { sed 's/"digest":"[0-9a-f]*"/"digest":"-"/'; }

# The payload of all lines of a variant, CRLF included, is what the last line says.
octets_agree() { # FILE
    python3 - "$1" <<'PYTHON'
import json, sys
sums = {}
for text in open(sys.argv[1]):
    record = json.loads(text)
    if record["kind"] == "line":
        code = "latin1" if record.get("latin1") else "utf-8"
        octets = record.get("bytes", len(record["text"].encode(code))) + 2
        sums[record["variant"]] = sums.get(record["variant"], 0) + octets
    last = record
assert last["kind"] == "contrast" and len(last["variants"]) > 1
for variant in last["variants"]:
    assert variant["wire_bytes"] == sums[variant["name"]] > 0, variant["name"]
PYTHON
}

of() { # FILE NAME EXPRESSION: true of the variant `v` of the last line
    tail -n 1 "$1" | python3 -c "
import json, sys
v = {v['name']: v for v in json.loads(sys.stdin.read())['variants']}['$2']
sys.exit(not ($3))"
}

for file in ../../lessons/stories/*.post; do
    name=$(basename "$file" .post | sed 's/^[0-9]*-//')
    "$pennypost" contrast "$name" --auto >"$work/$name.txt" 2>"$work/err" </dev/null
    told $? "$name plays"
    same "$name as text" "stories/$name.txt" "$work/$name.txt"
    ! grep -qE '.{81}' "$work/$name.txt"
    told $? "$name is at most 80 columns wide"
    "$pennypost" contrast "$name" --json 2>/dev/null >"$work/$name.all" </dev/null
    without_digest <"$work/$name.all" >"$work/$name.jsonl"
    same "$name as JSON" "stories/$name.jsonl" "$work/$name.jsonl"
    "$pennypost" export "$name" --svg -o "$work/$name.svg" </dev/null
    same "$name as a picture" "stories/$name.svg" "$work/$name.svg"
    octets_agree "$work/$name.jsonl"
    told $? "$name: the octets on the wire are those of the trace's lines"
    "$pennypost" contrast "$name" --json 2>/dev/null </dev/null | cmp -s - "$work/$name.all"
    told $? "$name comes out the same again"
    says "$name is a script that can be run" 0 '^> step ' "$pennypost" run --plain "$file"
done

# --- what the default story must show ---------------------------------------------------------
two=$work/two-devices.jsonl
of "$two" pop3-delete "v['server']['messages'] == 0 and v['devices']['phone']['messages'] == 0"
told $? "with POP3, delete, the laptop has all and the phone nothing"
of "$two" imap "v['server']['messages'] == 5 and v['flags_in_step'] and v['lost'] == 0"
told $? "with IMAP the server has the messages, and all are in step"
of "$work/lost-phone.jsonl" pop3-delete "v['lost'] == 4"
told $? "with POP3, delete, a lost phone takes four messages along"
of "$work/lost-phone.jsonl" imap "v['lost'] == 0 and v['devices']['phone']['messages'] == 5"
told $? "with IMAP the new phone shows all"

# --- told, not drawn; true where nothing moved --------------------------------------------------
says "with --plain a story is told in sentences" 0 \
    '^A, bo: Lunch\?: server: GONE, changed; laptop: full new, changed; phone: nothing\.$' \
    "$pennypost" contrast two-devices --auto --plain
! grep -q '|' "$work/out"
told $? "and nothing of it is drawn"
says "who is offline, and who else can read" 0 'for it has fetched none; the laptop can read 5\.' \
    "$pennypost" contrast two-devices --auto --plain
says "what POP3 did not tell" 0 'The phone still shows C: POP3 tells nobody that it was deleted' \
    "$pennypost" contrast one-device --auto --plain
says "no decisive verb is cut" 0 'RETR x4, DELE' "$pennypost" contrast lost-phone --auto --plain
says "whose the other names are" 0 '\(E to G are other people.s\.\)' \
    "$pennypost" contrast two-devices --auto --plain

# --- a server that refuses ---------------------------------------------------------------------
cat >"$work/refuses.post" <<'STORY'
# A server that refuses DELE
variants pop3-delete imap of ana@campus.example
step the server refuses
set mail.campus.example refuse DELE ERR
step the laptop fetches its mail
on laptop
mail sync
step and again
mail sync
STORY
"$pennypost" contrast "$work/refuses.post" --json 2>/dev/null >"$work/refuses.jsonl" </dev/null
of "$work/refuses.jsonl" pop3-delete \
    "v['server']['messages'] == 4 and v['devices']['laptop']['messages'] == 4 and v['duplicated'] == 0"
told $? "where DELE is refused the server keeps the messages, and none is there twice"

# --- a script without steps -------------------------------------------------------------------
printf 'on laptop\nmail sync\n# a word\noffline phone\non phone\nmail sync\nonline phone\nmail sync\n' >"$work/plain.post"
says "without steps each line that does something is one" 0 'STEP 5 of 5: phone: mail sync' \
    "$pennypost" contrast "$work/plain.post" --auto
says "three settings and one of them added by hand" 0 'pop3-keep-2d' \
    "$pennypost" contrast --variants pop3-keep-2d,imap,imap-headers --auto

# --- mistakes ---------------------------------------------------------------------------------
printf 'on laptop\nmail sink\n' >"$work/wrong.post"
says "a mistake: line and reason" 2 'wrong.post:2: ' "$pennypost" contrast "$work/wrong.post" --auto
grep -qE '^ +\^$' "$work/out"
told $? "a mistake: a caret"
printf 'variants pop3-eat imap\n' >"$work/wrong.post"
says "a setting that is none" 2 'wrong.post:1: a setting is one of pop3-delete' \
    "$pennypost" contrast "$work/wrong.post" --auto
printf 'wait 1m\n' >"$work/wrong.post"
says "a story in which no device does anything" 2 'no device' "$pennypost" contrast "$work/wrong.post" --auto
says "a story that is not there" 3 'Stories: two-devices' "$pennypost" contrast nothing --auto
printf 'step one\non phone\nmail sync\ntelnet mail smtp\nstep two\nmail sync\n' >"$work/said.post"
says "a step that would be said to a server" 2 'said.post:5: this line would go' "$pennypost" contrast "$work/said.post" --auto
printf 'step one\non phone\nmail sync\ntelnet mail smtp\nask What next?\n' >"$work/said.post"
says "a question that would be said to a server" 2 'said.post:5: this line would go' "$pennypost" contrast "$work/said.post" --auto
while IFS=: read -r settings why; do
    printf 'variants %s\nstep one\non phone\nmail sync\n' "$settings" >"$work/settings.post"
    says "variants $settings" 2 "settings.post:1: $why" "$pennypost" contrast "$work/settings.post" --auto
done <<'SETTINGS'
imap:two settings or more
imap pop3-keep imap:it is there already
pop3-delete pop3-keep imap imap-headers imap-on-demand:at most 4 settings
SETTINGS
says "the same setting twice on the command line" 2 'it is there already' "$pennypost" contrast --variants imap,imap --auto
printf 'step one\nset mail.campus.example refuse DELE -ERR\non laptop\nmail sync\n' >"$work/refused.post"
says "what was refused is said so" 0 'DELE refused x4' "$pennypost" contrast "$work/refused.post" --auto
says "one setting is no contrast" 2 'two settings' "$pennypost" contrast --variants imap --auto
says "an unknown setting on the command line" 2 'pop4' "$pennypost" contrast --variants imap,pop4 --auto
printf 'step one\non laptop\nmail sync\ncheck server ana@campus.example INBOX has 9 messages\n' >"$work/check.post"
says "a check that fails" 1 'AT THE END' "$pennypost" contrast "$work/check.post" --auto
says "… is told, for each setting" 1 'check.post, imap: FAILED check .* has 9 messages: found 4' "$pennypost" contrast "$work/check.post" --auto

echo "1..$count"
exit "$failed"
