#!/usr/bin/env bash
# A recording stepped through at a real terminal of 80x24, with wrong turns, and at 40 columns; one
# whole screen is kept in screens/ (ACCEPT=1 writes it anew).
. "$(dirname "$0")/screen.bash"
screens_kept=$(cd "$(dirname "$0")" && pwd)/screens

kept() { # NAME FILE: the window is as it was
    wait_for_prompt
    mux capture-pane -p >"$work/now"
    [ "${ACCEPT:-}" != 1 ] || cp "$work/now" "$screens_kept/$2"
    diff -u "$screens_kept/$2" "$work/now" >"$work/diff"
    result $? "$1"
    sed 's/^/# /' "$work/diff"
}
enter() { key Enter; sees "$1" "$2"; }

screen 80 24
types 'replay fetchmal-pop3' 'Did you mean  replay fetchmail-pop3'
types 'replay next' 'no recording is under way'
types 'replay' 'fetchmail-lost: fetchmail, and a connection that is lost before QUIT'
types 'replay fetchmail-pop3' 'Enter plays the next line'
enter 'a step' '$ telnet mail pop3'
enter 'a question before what surprises' 'does it take?'
type_line 'a'
sees 'a wrong answer' 'You said a, "USER ana". It is: AUTH CRAM-MD5'
sees 'and why' 'which proves more, it leaves aside.'
enter 'an answer to a challenge' 'is made anew'
enter 'the next one' 'It knows how many messages there are.'
types 'b' 'LAST left POP3 in 1994.'
kept 'a screen of it' replay-80.txt
types ':why' 'Rule   TRANSACTION + UNKNOWN'
types ':undo' 'Next is step 6 of 20.'
sees 'the question again' 'b  UIDL'
types 'NOOP' 'That is not in the recording: it waits at step 6 of 20.'
key Enter
sees_not 'Enter sends nothing then' 'The line is empty'
type_line ':undo'
types ':replay' '5 of 20 steps were played'
type_line 'quit'
sees 'quit in the middle' 'The server closed the connection.'
type_line 'undo'
key C-c
sees 'Ctrl-C' 'The line was dropped.'
types ':replay next c' 'You said c, "LIST". It is: LAST'
types ':replay' '6 of 20 steps were played'
types ':replay all' 'The recording of fetchmail 6.4.37 ends here, after 20 steps.'
sees 'what was answered' 'You answered 3 of its questions, 0 of them right.'
key Enter
types 'exit' 'You are back where you were.'

started='Enter plays' screen 40 30 -- replay msmtp-refused
enter 'at 40 columns' 'CONNECTED'
types ':replay all' 'here, after 9 steps.'
fits 'at 40 columns' 40
done_testing
