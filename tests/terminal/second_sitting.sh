#!/usr/bin/env bash
# A second sitting says what it knows: not that nothing happened, but since when it knows.
set -u
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
world=$work/own.world
tests=0 bad=0

sit() { # LINES… ; prints what was shown
    printf '%s\n' "$@" | "$PENNYPOST" --world "$world" 2>&1
}

shows() { # NAME TEXT PATTERN
    tests=$((tests + 1))
    if printf '%s\n' "$2" | tr '\n' ' ' | grep -qF -- "$3"; then
        echo "ok $tests - $1"
    else
        echo "not ok $tests - $1"
        printf '%s\n' "$2" | sed 's/^/# /'
        bad=1
    fi
}

first=$(sit 'story A' 'log phone' 'why' 'on phone' 'mail sync' 'board' 'story B')
shows 'the first sitting knows all' "$first" 'Nobody has talked with phone yet.'
shows 'it tells what happened' "$first" 'ana/phone      fetched a copy'
shows 'nobody has spoken' "$first" 'No server has said anything here yet'

second=$(sit 'story B' 'log phone' 'why' 'why phone B')
shows 'a story goes on' "$second" '> story B In an earlier sitting, 5 Jan 09:00:  Mon 05 09:00 ana/phone      fetched a copy'
shows 'what was said is known' "$second" '--- imap:143  phone -> mail.campus.example  5 Jan 09:00, in an earlier sitting'
shows 'to its end' "$second" 'S: a9 OK LOGOUT completed     (the server closed the connection)'
shows 'a run of lines is shortened, and says so' "$second" '   (3925 octets are not kept)'
shows 'nobody has spoken there' "$second" 'No server has said anything here yet'
shows 'the stores are known' "$second" 'phone shows B: it has fetched a copy.'

third=$(sit 'on tablet' 'telnet mail imap' 'a1 LOGIN ana tulip' 'a2 SELECT INBOX' \
    'a3 STORE 3 +FLAGS (\Deleted)' 'a4 EXPUNGE' 'a5 LOGOUT')
shows 'a message is removed in the third' "$third" 'a4 OK EXPUNGE completed'
fourth=$(sit 'why laptop C' 'why phone C')
shows 'who removed it is known' "$fourth" 'It was removed from the server by ana/tablet, 5 Jan 09:00, in an earlier sitting'
shows 'a story has its sittings' "$(sit 'story C')" 'In an earlier sitting, 5 Jan 09:00:  Mon 05 09:00 ana/tablet     IMAP: removed from ana'"'"'s INBOX, by hand  <== here'

fifth=$(sit 'on phone' 'mail sync' 'story C' 'undo' 'story C' 'on laptop' 'telnet mail smtp' \
    'EHLO x' 'RCPT TO:<bo@campus.example>' 'QUIT')
shows 'this sitting is told apart' "$fifth" 'In this sitting:  Mon 05 09:00 ana/phone      dropped its copy'
sixth=$(sit 'story C' 'why 1' 'on laptop' 'why')
shows 'what was undone is no event' "$sixth" '<== here > why 1'
shows 'a connection is explained later' "$sixth" 'In an earlier sitting, 5 Jan 09:00: smtp:25  laptop -> mail.campus.example S: 503 5.5.1 Need MAIL before RCPT'
shows 'and the last reply on a device' "$sixth" 'S: 221 2.0.0 Bye                               :why   you: QUIT'

# What an earlier sitting has removed stays on the board; its connections can be looked at.
shows 'the machine of an earlier connection' "$(sit 'states 1')" 'connection 1, closed'
shows 'a person is no table' "$(sit 'states 1 client')" "Connection 1 is a person's"
shows 'a device has its last one' "$(sit 'states tablet' 'states phone')" 'it went, in an earlier sitting, 5 Jan 09:00: GREETING LOGIN'
shows 'octets are not kept' "$(sit 'tap')" 'The octets of earlier ones are not kept; `log laptop` has their lines.'
shows 'nor of a connection' "$(sit 'tap 1')" 'The octets of connection 1 are not kept; `log 1` has its lines.'
before=$world world=$work/gone.world
gone=$(sit 'telnet mail pop3' 'USER ana' 'PASS tulip' 'DELE 1' 'QUIT' 'board')
shows 'what was removed is on the board' "$gone" ' A (no copy is left)        GONE '
gone=$(sit 'board' 'states 1' 'undo' 'board')
shows 'in the next sitting too' "$gone" ' A (no copy is left)        GONE         never        never        never'
shows 'how the connection went' "$gone" 'it went, in an earlier sitting, 5 Jan 09:00: AUTHORIZATION --PASS-->'
world=$before

# What a stranger wrote into the table steers no terminal.
cp "$world" "$work/strange.world"
strange=$(sqlite3 "$work/strange.world" "UPDATE event SET text = x'1b5b324a1b5d303b68690707' WHERE kind = 'line';
    UPDATE event SET host = host || char(27) || '[2J', peer = char(27) || 'c'" &&
    printf '%s\n' 'on phone' 'log' 'log mail' 'story C' 'why 1' 'why phone C' 'why laptop C' |
    "$PENNYPOST" --world "$work/strange.world" 2>&1)
shows 'a strange line is shown by its escapes' "$strange" '\x1B[2J\x1B]0;hi\x07'
shows 'a strange name is none' "$strange" 'somebody -> somebody'
plain=$(printf '%s\n' 'on phone' 'log' 'log mail' 'story C' 'why 1' 'why phone C' 'why laptop C' |
    "$PENNYPOST" --plain --world "$work/strange.world" 2>&1)
shows 'told in sentences too' "$plain" 'somebody'
shows 'and no control character comes through' "$(printf %s "$strange$plain" | tr -d '\n' | grep -c '[[:cntrl:]]')" 0

# A world of before: nothing is known of its past. A table that is not ours is named, and no more.
unknown=$(sqlite3 "$world" 'DROP TABLE event' && sit 'story C' 'why laptop C' 'log phone')
shows 'what is not kept is said not to be known' "$unknown" 'What happened before 5 Jan 09:00 is not kept. What is kept tells nothing of C'
shows 'who removed it neither' "$unknown" 'So who removed it is not known.'
shows 'nor who talked' "$unknown" 'Of a talk with phone nothing is kept.'
damaged=$(sqlite3 "$world" 'DROP TABLE event; CREATE TABLE event (thread TEXT)' && sit 'story C' 'mail sync' 'board')
shows 'a damaged table is named' "$damaged" 'the table "event" of this world is damaged, and left as it is.'
shows 'and does no harm' "$damaged" 'New here: A, B, D.'
echo "1..$tests"
exit "$bad"
