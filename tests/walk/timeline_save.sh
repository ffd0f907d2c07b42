#!/bin/bash
# timeline_save.sh: what `save` writes after undo and fork comes to the digest it says, when it is
# played: all that was typed, and, tidy, only what leads to where one is.
set -u
cd "$(dirname "$0")/../.." || exit 1
pennypost=${PENNYPOST:-$PWD/pennypost}
work=$(mktemp -d "${TMPDIR:-/tmp}/timeline.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
count=0 failed=0

told() { # RC TEXT
    count=$((count + 1))
    [ "$1" -eq 0 ] && echo "ok $count - $2" && return
    failed=1
    echo "not ok $count - $2"
}

cat >"$work/lab.post" <<'EOF'
host mail.campus.example serves smtp submission pop3 imap for campus.example
user ana@campus.example password tulip
device laptop of ana@campus.example pop3 keep 7d
on laptop
EOF
cat >"$work/typed" <<EOF
telnet mail smtp
EHLO laptop
MAIL FROM:<ana@campus.example>
RCPT TO:<ana@campus.example>
:undo
RCPT TO:<ana@campus.example>
DATA
Subject: wrong
:undo
Subject: right

text
.
:undo
:redo
:fork more
QUIT
undo
:save $work/all.post
:save --tidy $work/tidy.post
EOF
"$pennypost" --plain --world "$work/lab.post" <"$work/typed" >"$work/out" 2>&1
[ "$(grep -c '^Saved' "$work/out")" -eq 2 ]
told $? "both were saved"
for name in all tidy; do
    [ "$(grep -c '^:# digest [0-9a-f]\{16\}$' "$work/$name.post")" -eq 1 ]
    told $? "$name says its digest"
    "$pennypost" run --plain --world "$work/lab.post" "$work/$name.post" >"$work/played" 2>"$work/err"
    told $? "$name plays"
    [ ! -s "$work/err" ]
    told $? "$name comes to its digest"
done
[ "$(grep -c 'undo' "$work/all.post")" -eq 4 ] && ! grep -q 'undo\|wrong\|fork' "$work/tidy.post"
told $? "undo is in the history, and not in the tidy script"
echo "1..$count"
exit "$failed"
