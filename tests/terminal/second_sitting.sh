#!/usr/bin/env bash
# A second sitting says what it knows: not that nothing happened, but since when it knows.
set -u
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
world=$work/own.world
tests=0 bad=0

sit() { # LINES… ; prints what was shown
    printf '%s\n' "$@" | "$PENNYPOST" --plain --world "$world" 2>&1
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
shows 'a story does not deny what it does not know' "$second" 'What happened to B before Mon  5 09:00 is not kept'
shows 'it tells since when' "$second" 'Since then nobody has done anything to B.'
shows 'what was said is known' "$second" '--- imap:143  phone -> mail.campus.example  5 Jan 09:00, in an earlier sitting'
shows 'to its end' "$second" 'S: a9 OK LOGOUT completed     (the server closed the connection)'
shows 'a run of lines is shortened, and says so' "$second" '   (3925 octets are not kept)'
shows 'nor why' "$second" 'No server has said anything here since Mon  5 09:00'
shows 'the stores are known' "$second" 'phone shows B: it has fetched a copy.'

third=$(sit 'on tablet' 'telnet mail imap' 'a1 LOGIN ana tulip' 'a2 SELECT INBOX' \
    'a3 STORE 3 +FLAGS (\Deleted)' 'a4 EXPUNGE' 'a5 LOGOUT')
shows 'a message is removed in the third' "$third" 'a4 OK EXPUNGE completed'
fourth=$(sit 'why laptop C' 'why phone C')
shows 'who removed it is not known' "$fourth" 'Who removed it is not known: what happened before Mon  5 09:00 is not kept.'
echo "1..$tests"
exit "$bad"
