#!/usr/bin/env bash
# A lesson as a beginner has it: in a real terminal of 80x24, with wrong turns; and at 40 columns.
. "$(dirname "$0")/screen.bash"

screen 80 24
sees 'the greeting offers the course' 'lesson               the course; it begins with where-did-it-go'
types 'lesson' 'Lesson where-did-it-go: The message is gone from the phone.'
sees 'goals in words and signs' '✗ open  4. You have said who removed B from the server'
types 'EHLO laptop' 'EHLO is for a mail server'
types 'goal' "Still open: the laptop's mail program has not fetched yet. It has 0"
types 'mail sync' "✓ met   1. The laptop has fetched Ana's four messages."
sees 'a prediction' 'predict ?'
types '4' 'Noted. Now see what happens.'
types 'on phone' 'You are now ana, at phone.'
types 'mail sync' 'You predicted "4": it came otherwise. It is: 0 messages'
types 'hint' 'Hint 1 of 2 for goal 3:'
types 'story B' '✓ met   3. You have read the story of message B.'
types 'answer the phone' 'Not the phone. It only shows what the server has'
types 'answer the laptop fetched it' 'RETR only copies.'
sees 'the belief' 'Many think: "POP3 deletes a message when it is fetched."'
types 'solution' 'ana/phone $ answer the laptop, by DELE'
key Enter
sees 'the end' 'All 4 goals are met.'
sees 'what comes next' 'Next:  lesson say-hello  (5 minutes): Say hello to a mail server'
types 'lesson' 'Lesson say-hello: Say hello to a mail server (5 minutes)'
types 'telnet mail smtp' '✓ met   1. You are connected to an SMTP server'
key Enter
types 'HALLO laptop' '500 means that the server knows no such command.'
types 'EHLO laptop' '✓ met   2. You have said hello'
types ':why' 'RFC 5321 4.1.1.1'
types 'exit' '`exit` is not SMTP'
types ':exit' 'You are back in your own world.'
types 'goal' 'No lesson is under way here.'

screen 40 30 -- lesson first-letter
sees 'at 40 columns' 'Lesson first-letter: Your first message'
types 'goal' 'Lesson first-letter: 0 of 3 goals met.'
sees 'wrapped at blanks' "   Still open: Bo's mailbox has none"

done_testing
