#!/usr/bin/env bash
# A lesson before people, on a projector of 76 by 20: any key types the next line of the solution into
# the live world; back, a prompt aside and on again; and a script of one's own.
. "$(dirname "$0")/screen.bash"

screen 76 20 -- lesson dele-waits --present
sees 'the start is uncluttered' 'Lesson dele-waits: DELE marks, QUIT removes'
sees 'keys in a line' 'any key: the next line   b back   p prompt   n what comes next   q leave'
sees_not 'no list of goals before people' 'Also:  goal'
fits 'the start' 76
mux capture-pane -p | grep -q 'Lesson dele-waits' && mux capture-pane -p | grep -q '^ana/laptop \$$'
result $? 'title, prose and prompt fit 20 rows'
key Space
sees 'a key types a line' 'ana/laptop $ telnet mail pop3'
key x
sees 'any key does' 'AUTHORIZATION > USER ana'
key Enter
sees 'goals are ticked off' '✓ met   1. You are logged in'
sees 'a question for the room' 'What do you think? Any key goes on.'
key Space
key Space
sees 'and on' 'TRANSACTION > DELE 1'
key b
sees 'back' 'back: before  DELE 1'
key n
sees 'what comes next' 'line 4 of 14:  DELE 1'
key p
sees 'a prompt aside' 'A prompt in this world, on branch aside-1.'
types 'LIST' 'S: 1 565'
types 'DELE 4' 'message 4 marked'
types ':solution' 'TRANSACTION > DELE 1'
key C-u
types ':exit' 'The story goes on where it was.'
sees 'the story stands where it stood' 'What was done aside is on branch aside-1.'
key Space
sees 'and goes on' 'TRANSACTION > DELE 1'
key Space
sees 'with four messages, less one' '+OK 3 3418'
key p
sees 'aside once more' 'on branch aside-2'
types ':diff main aside-1' 'marked by DELE'
type_line ':exit'
sees 'back again' 'is on branch aside-2.'
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do key Space; done
sees 'to the end' 'That was the last line.   b back   p prompt   q leave'
sees 'and what the lesson says of it' 'All 4 goals are met.'
mux resize-window -x 70 -y 18
mux resize-window -x 76 -y 20
key q
sees 'q leaves' 'left 0'
[ ! -e "$work/home/.local/share/pennypost/progress.txt" ] &&
    [ ! -e "$work/home/.local/share/pennypost/lesson-dele-waits.post" ]
result $? 'nothing of it is the progress of who shows it'

cat >"$work/own.post" <<'END'
# Who is here?
users

on phone
mail sync
exit
END
screen 76 20 -- run own.post --present
sees 'a script of your own' 'any key: the next line'
key Space
sees 'a comment is shown as words' ' Who is here?'
key Space
sees 'a line' 'ana@campus.example       on mail.campus.example'
key Space
sees 'blank lines are passed' 'You are now ana, at phone.'
key Right
sees 'an arrow goes on' 'New here: A, B, C, D.'
key Left
sees 'and back' 'back: before  mail sync'
key Space
key Space
sees 'exit in a script leaves' 'left 0'

screen 76 20 -- lesson say-hello --present '</dev/null'
sees 'keys need a terminal' '--present needs a terminal for its keys'
sees 'and that is usage' 'left 2'
done_testing
