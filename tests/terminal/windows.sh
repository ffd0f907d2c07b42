#!/usr/bin/env bash
# The prompt in narrow and wide windows, resized, without colour, and on a terminal that
# knows nothing; and how it ends.
. "$(dirname "$0")/screen.bash"

screen 60 20
types 'telnet mail smtp' 'ana/laptop smtp CONNECTED'
types 'EHLO laptop' 'ana/laptop smtp READY'
shown | grep -qx 'ana/laptop smtp READY'
result $? 'under 70 columns the state stands on a line of its own'
types 'RCPT TO:<x@y>' 'Refused: There is no message yet:'
fits 'a refusal' 60
mux resize-window -x 200 -y 50
types 'NOOP' 'ana/laptop smtp READY > '
types 'MAIL FROM:<ana@campus.example>' 'MAILED      next RCPT     also RSET QUIT NOOP'
mux resize-window -x 80 -y 24
types ':states' '[[MAILED]]'
fits ':states' 80
mux send-keys -l 'RCPT TO:<bo@cam'
mux resize-window -x 60 -y 20
mux send-keys -l 'pus.example>'
key Enter
sees 'a line typed over a resize' 'MAILED --RCPT--> ADDRESSED'
types 'DATA' 'ana/laptop smtp DATA'

screen 80 24
types 'telnet mail smtp' 'smtp CONNECTED >'
mux capture-pane -p -e | grep -q $'\033\\[1m.*S: 220'
result $? 'the status line is bold'

no_colour() { # NAME
    mux capture-pane -p -e | grep -q $'\033\\[[0-9]'
    result $((! $?)) "$1: no colour"
}

screen 80 24 TERM=dumb
type_line 'telnet mail smtp'
sees 'TERM=dumb' 'S: 220 mail.campus.example'
types 'EHLO laptop' 'CONNECTED, by EHLO now READY'
types ':states' 'From READY, MAIL leads to MAILED.'
no_colour TERM=dumb

# NO_COLOR takes colours away, and nothing else: the state line and the next command stay.
screen 80 24 NO_COLOR=1
types 'telnet mail smtp' 'smtp CONNECTED >'
types 'EHLO laptop' 'next'
no_colour NO_COLOR=1

screen 80 24 -- --plain
types 'telnet mail imap' 'S: * OK'
types 'LOGIN ana tulip' 'NOT_AUTHENTICATED, stays. Refused:'
type_line ':close'
types 'board' 'A, bo: Lunch?, 565 B. server: here seen. laptop: never.'
types 'meter' 'laptop imap, 1 connections'
sees_not 'no drawn table' 'pop3 keep 7d imap'

# A projector, a telephone: everything breaks at blanks.
screen 40 20
types 'help' 'Leave       exit'
fits help 40
types 'telnet mail imap' 'imap NOT_AUTHENTICATED'
types 'a1 LOGIN ana tulip' '... 29 more (:more)] LOGIN'
types ':states' 'From AUTHENTICATED, SELECT or EXAMINE'
type_line ':close'
types 'board' 'server: here'
fits 'a board' 40

# A second one is told; a terminal that goes away leaves a sound world behind.
screen 80 24
world=$work/home/.local/share/pennypost/default.world
HOME=$work/home "$program" </dev/null >"$work/second" 2>&1
grep -q 'is open in another program' "$work/second"
result $? 'the second opener is told'
grep -q -- '--world other.world' "$work/second"
result $? 'and how it gets a world of its own'
types 'telnet mail smtp' 'smtp CONNECTED >'
kill -TERM "$(cat "$work/pid")"
sees 'SIGTERM' 'left 0'
[ ! -e "$world-wal" ] && "$program" fsck "$world" >/dev/null
result $? 'the world was closed properly'
done_testing
