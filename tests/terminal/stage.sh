#!/usr/bin/env bash
# A contrast on its stage, in a projector's 76 by 20: keys, the room's guesses, a world to look
# into and back, another setting; and files that the mail program writes and reads.
. "$(dirname "$0")/screen.bash"

screen 76 20
types 'contrast' 'Two devices and one mailbox'
fits 'the first screen' 76
key Space
sees 'space goes on' 'STEP 1 of 8: bo writes to ana'
key Space
sees 'the laptop fetches' 'A, B, C, D and H left'
fits 'a step' 76
mux capture-pane -p | grep -q 'STEP 2 of 8' && mux capture-pane -p | grep -q ' ASK  The phone'
result $? 'a step with its question fits 20 rows'
mux resize-window -x 80 -y 22
mux resize-window -x 76 -y 20
mux resize-window -x 120 -y 40
sees 'a large screen has the lines of the step too' '  C: a1 LOGIN "ana" "tulip"'
mux resize-window -x 76 -y 20
sees 'a window that changes ends nothing' 'STEP 2 of 8'
key a
sees 'the room is asked' 'pop3-delete: '
key Escape
sees 'who wants no answer goes back' 'STEP 2 of 8'
key a
sees 'the room is asked once more' 'pop3-delete: '
key C-c
sees 'by Ctrl-C too' 'STEP 2 of 8'
key a
sees 'the room is asked again' 'pop3-delete: '
type_line '5:18 0:4'
type_line 'five'
sees 'what the room said stays' 'YOU SAID  pop3-delete: 5 x18, 0 x4  imap: five'
key NPage
sees 'the answer' 'The phone finds nothing'
sees 'the figure asked for' ' shows        | server 0, laptop 5, phone 0'
sees 'who was right' 'YOU SAID  pop3-delete: 5 x18 ✗, 0 x4 ✓  imap: five ✓'
mux capture-pane -p -e | grep -q $'\033\\[1;7m'
result $? 'what changed is seen from far'
key b
sees 'b goes back' 'STEP 2 of 8'
key p
sees 'a world to look into' 'In which world?  1 pop3-delete  2 imap'
key 1
sees 'a prompt in it' 'This is pop3-delete after step 2, a copy'
types 'board ana' 'GONE'
types 'lose laptop' 'laptop is lost'
type_line 'exit'
sees 'exit goes back to the stage' 'STEP 2 of 8'
mux capture-pane -p | grep -q 'full \*'
result $? 'what was done there changed nothing here'
key +
sees 'another setting' 'Which setting?'
key 4
sees 'which is there already' 'Any key goes on.'
key Space
key +
sees 'and again' '2 pop3-keep'
key 2
sees 'three settings' '| imap              | pop3-keep'
fits 'three settings' 76
key l
sees 'all lines of the step' '-- more: space, q'
key q
sees 'and back' 'STEP 2 of 8'
key h
sees 'help' 'p a prompt in one of the worlds'
key Space
key t
sees 'the table on the stage' 'b back   q leave'
key b
sees 'and back from it' 'STEP 2 of 8'
key q
sees 'the table, and the prompt again' 'same flags everywhere'
types 'on phone' 'You are now ana'

screen 80 24
types 'mail sync' 'New here: A, B, C, D.'
types 'mail save B' 'Written to invoice-117.csv.'
[ "$(head -c 8 "$work/invoice-117.csv")" = position ]
result $? 'the attachment is in the file'
types 'mail save B' 'is there already: nothing was written'
printf 'From: C <c@x.example>\nSubject: Three\n\nx\n' >"$work/three.eml"
types 'mail import three.eml' 'Imported into INBOX: 1 message.'
types 'mail import four.eml' "four.eml can't be read"
types 'save t.post' 'Saved.'
rm "$work/three.eml"
(cd "$work" && "$program" run --plain t.post </dev/null) >"$work/played" 2>&1
grep -q 'Imported into INBOX: 1 message' "$work/played" && ! grep -q 'this run is not' "$work/played"
result $? 'a saved script needs no file'
done_testing
