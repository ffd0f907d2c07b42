#!/usr/bin/env bash
# What a beginner meets in the first hour, in real terminals of several sizes: whole screens,
# compared with those in screens/ (ACCEPT=1 writes them anew), and what must not be said.
. "$(dirname "$0")/screen.bash"
screens_of=$(cd "$(dirname "$0")" && pwd)/screens

# A whole screen is compared, so nothing is typed into an answer.
type_line() { wait_for_prompt; mux send-keys -l -- "$1" \; send-keys Enter; }

# golden NAME: all that was shown, as it was accepted
golden() {
    shown | sed 's/ *$//' | awk '{ line[NR] = $0 } /./ { last = NR } END { for (i = 1; i <= last; i++) print line[i] }' >"$work/golden"
    if [ "${ACCEPT:-}" = 1 ]; then cp "$work/golden" "$screens_of/$1.txt"; fi
    diff -u "$screens_of/$1.txt" "$work/golden" >"$work/difference"
    local same=$?
    tests=$((tests + 1))
    if [ $same -eq 0 ]; then echo "ok $tests - screen $1"; return; fi
    echo "not ok $tests - screen $1"
    head -n 30 "$work/difference" | sed 's/^/# /'
    failures=$((failures + 1))
}
# whole NAME COLUMNS: the terminal had to break no line
whole() {
    [ -z "$(mux capture-pane -p -J -S -3000 | sed 's/ *$//' | LC_ALL=C.UTF-8 awk -v max="$2" 'length($0) > max')" ]
    result $? "$1: no line is broken at $2 columns"
}

# --- help finds everything, in one screen -----------------------------------------------------
screen 80 24
types 'HELP' 'Leave       exit'
[ "$(mux capture-pane -p | grep -c .)" -le 24 ] && mux capture-pane -p | grep -q 'HELP'
result $? 'help fits 24 rows'
for word in 'mail sync' 'mail list' 'mail read 1' meter 'lose phone' tap 'save FILE' serve 'online phone' \
    'board --watch' 'why phone A' 'pennypost --help'; do
    sees 'help' "$word"
done
types 'help world' 'mx DOMAIN PREFERENCE HOST'
for word in server relay MX TLS tls UID FLAGS envelope state header maildrop queue bounce UIDVALIDITY \
    STARTTLS tag mailbox 'sequence number' 550 'rfc 1939' 1939 25 commands pop imap SMTP spam phone bo \
    DNS domain sync Trash; do
    type_line "help $word"
    wait_for_prompt
    sees_not "help $word" 'Nothing is known'
done
types 'reset' '`restart` goes back to the beginning'
types 'start over' '`restart` starts over'
types 'read 1' '`mail read 1` shows the first message'
types 'inbox' '`mail list` shows the messages'
types 'cat' '`mail read 1`'
types 'why is it gone from my phone?' '`contrast`'
types 'exit now' '`exit` takes nothing after it'
types 'wait 1 day' 'It is Tue, 06 Jan'
key Tab Tab
sees 'TAB at $' ' and faults  offline  online  cut  lose'
shown | tail -n 12 | grep -q arrive
result $((! $?)) "TAB at the prompt offers no builder's word"

# --- the loop: sent, and there it is -----------------------------------------------------------
screen 80 24
type_line 'telnet mail smtp'
type_line 'EHLO laptop'
types ':sample' 'see it there:  :board bo  and, as bo:  :on desktop  mail sync  mail list'
types 'QUIT' 'READY --QUIT--> CLOSED'
type_line 'on desktop'
types 'mail sync' 'see it:  board  shows where each message is now'
types 'mail list' 'A sample'
types 'board' 'one message:  story E  tells its life'
sees 'a board at 80' '                                              bo@campus.example INBOX, Mon 09:00'
golden sent-80

# --- who does not get on -----------------------------------------------------------------------
type_line 'on laptop'
type_line 'telnet mail smtp'
type_line 'i want to write'
types 'to bo' '"to" is no command of SMTP.'
types 'hi' 'no way on?  :help  says what is legal here,  :why  what was wrong,  :close'
type_line ':close'

# --- leaving inside a message ------------------------------------------------------------------
type_line 'on laptop'
type_line 'telnet mail smtp'
type_line 'EHLO laptop'
type_line 'MAIL FROM:<ana@campus.example>'
type_line 'RCPT TO:<bo@campus.example>'
types 'DATA' 'S: 354'
type_line 'Subject: half'
types ':exit' 'The message begun on laptop was not ended, so the server throws it away.'

# --- the first message, and where it went ------------------------------------------------------
screen 80 24
type_line 'telnet mail pop3'
type_line 'USER ana'
types 'PASS tulip' 'AUTHORIZATION --PASS--> TRANSACTION'
types 'RETR 1' 'S: the canteen has soup today, and it is the good one. Twelve, at the'
types ':more' 'S: Message-ID: <58e27cd6892f79b1@campus.example>'
type_line 'DELE 1'
types 'QUIT' 'see it:  board  shows where each message is now'
types 'board' ' A (no copy is left)        GONE '
type_line 'mail sync'
types 'board' 'here new     full new  *  never'
types 'board' ' A (no copy is left)        GONE '
golden gone-80

# --- IMAP: capabilities do not bury the answer; TAB where there was nothing --------------------
screen 80 24
types 'telnet mail imap' '... 9 more (:more)]'
key Tab
type_line 'LOGIN ana tulip'
sees 'TAB gives a tag' 'a1 OK [CAPABILITY IMAP4rev1 IMAP4rev2 LITERAL+ ... 29 more (:more)] LOGIN'
key Tab
mux send-keys -l 'SELECT IN'
key Tab Enter
sees 'TAB gives a mailbox' 'a2 OK [READ-WRITE] SELECT completed'
types 'a3 FETCH 1 BODY[]' 'S: the canteen has soup today'
whole 'an IMAP session' 80
golden imap-80

screen 120 40
type_line 'telnet mail pop3'
type_line 'USER ana'
type_line 'PASS tulip'
types 'RETR 1' 'S: Message-ID: <58e27cd6892f79b1@campus.example>'
sees_not 'a large window folds nothing' '(:more)'
golden retr-120

screen 40 20
types 'help' 'Leave       exit'
type_line 'telnet mail smtp'
types 'RCPT TO:<bo@campus.example>' 'Refused'
type_line ':why'
type_line ':states'
sees ':states at 40' 'From READY, MAIL leads to MAILED.'
type_line ':close'
types 'board' 'tells its'
whole 'forty columns' 40
golden beginner-40

screen 40 20
types 'contrast' 'space next'
key Space
sees 'a step at 40 columns is told' 'H waits on the server.'
key t
sees 'and the table' 'IMAP, whole messages: messages on server'
key q
wait_for_prompt
type_line 'branches'
sees 'a list keeps its items apart' 'Step 1 of 1 on main.'
types 'txt x.example "a"' 'Done. See it:  dig txt x.example'
type_line 'mail sync'
types 'diff start' 'never, now full new.'
whole 'a contrast and a difference at forty columns' 40

screen 80 24 -- --plain
types 'telnet mail smtp' '220 mail.campus.example'
types 'RCPT TO:<bo@campus.example>' 'Refused: RCPT comes third: EHLO, then MAIL, then RCPT.'
types 'EHLO laptop' 'CONNECTED, by EHLO now READY'
types ':close' 'Connection closed.'
types 'on phone' 'You are now ana, at phone.'
types 'mail sync' 'see it:  board'
types 'board' 'A, bo: Lunch?, 565 B. server: here seen. laptop: never. phone: full seen.'
types 'meter' 'laptop smtp, 1 connections'
golden plain-80

screen 80 24 NO_COLOR=1
type_line 'telnet mail smtp'
types 'RCPT TO:<bo@campus.example>' 'CONNECTED, stays. Refused: RCPT comes third: EHLO, then MAIL, then RCPT.'
sees NO_COLOR 'next EHLO HELO'
[ -z "$(mux capture-pane -p -e | grep $'\033\\[[0-9]')" ]
result $? 'NO_COLOR: no colour, and nothing else is gone'
golden no-color-80
done_testing
