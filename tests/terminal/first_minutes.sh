#!/usr/bin/env bash
# Where a beginner's first ten minutes break, and what prevents it: typed in a real terminal
# of 80x24, row by row.
. "$(dirname "$0")/screen.bash"

screen 80 24
sees banner 'Nothing reaches the Internet.'
types 'telnet campus.example 25' 'Its mail server is mail.campus.example (`dig mx'
types 'EHLO me' 'EHLO is for a mail server, and you are connected to none.'
types 'telnet mail smtp' 'ana/laptop smtp CONNECTED >'
types 'EHLO laptop' 'CONNECTED --EHLO--> READY   next MAIL     also'
types 'states' '"states" is a command of Pennypost; without a colon it'
types ':' '[[READY]]'
types ':stats' 'Did you mean  :states ?'
types 'RCPT TO:<bo@campus.example>' 'READY, stays. Refused: There is no message yet: MAIL begins one, then RCPT'
types ':why' 'Try    MAIL FROM:<ana@campus.example>'
types 'MAIL FROM:ana@campus.example' 'try  MAIL FROM:<ana@campus.example>     :why'
types 'MAIL FROM:<ana@campus.example>' 'READY --MAIL--> MAILED      next RCPT     also RSET QUIT NOOP (+'
types 'RCPT TO:<bo@campus.example>' 'MAILED --RCPT--> ADDRESSED'
types 'DATA' 'ana/laptop smtp DATA |'
type_line 'Subject: hello'
type_line ''
types ':-)' 'DATA | :-)'
types 'QUIT' 'You are still writing the message, so "QUIT" became a line of it.'
key C-d
sees 'Ctrl-D in a message' ':close closes the connection'
types '.hidden' 'note: the server takes a dot off the start of a line; type two to keep one.'
types '.' 'DATA --DOT--> READY'
types 'QUIT' 'The server closed the connection. Commands go to Pennypost again ($).'
types 'QUIT' 'The connection is closed already. `exit` leaves Pennypost.'

# base64 by hand; passwords stay out of the history; the line that Ctrl-C drops
types 'telnet mail submission' 'port 587'
types 'EHLO laptop' 'next AUTH'
types 'AUTH LOGIN' 'note: the server asks "Username:" (base64)'
types ':base64 ana' 'AUTHENTICATING > YW5h'
key Enter
sees 'the prefilled line' 'note: the server asks "Password:" (base64)'
types 'dHVsaXA=' 'Authentication successful'
key Up
sees 'the last line but passwords' 'READY > :base64 ana'
key C-c
sees 'Ctrl-C' 'The line was dropped. QUIT (LOGOUT in IMAP) says goodbye to the server'
types 'MAIL FROM:<ana@campus.example>' 'READY --MAIL--> MAILED'
types 'RCPT TO:<dora@bakery.example>' 'MAILED --RCPT--> ADDRESSED'
types ':sample' 'meanwhile: mail.campus -> mx.bakery, delivered to dora (:log mx.bakery)'
types ':log mx.bakery' 'mail.campus.example -> mx.bakery.example'
key C-d
sees 'Ctrl-D while connected' 'Connection closed.'
key Up
sees 'one history for each target' '$ QUIT'
key C-u

# a paste: lines to the server, never a command, a TAB stays a TAB
paste_text $'users\nexit\n'
key Enter
sees 'a paste at $' 'nobody is connected to take them: nothing was done.'
types 'telnet mail smtp' 'smtp CONNECTED >'
type_line 'EHLO laptop'
type_line 'MAIL FROM:<ana@campus.example>'
type_line 'RCPT TO:<bo@campus.example>'
types 'DATA' 'smtp DATA |'
paste_text $'Subject: pasted\n\none\ttab\n:help\n:-)\n.\n'
key Enter
sees 'a paste in a message' 'pasted 6 lines, 37 octets'
sees 'a paste in a message' 'DATA --DOT--> READY'
sees_not 'a pasted line is no command' 'Connect  telnet'
types 'QUIT' 'READY --QUIT--> CLOSED'

# POP3: long replies, numbers, what only the screen has
types 'telnet mail pop3' 'next USER APOP'
types 'USER ana' 'next PASS APOP'
types 'PASS tulip' 'AUTHORIZATION --PASS--> TRANSACTION'
types 'RETR 1' '… 5 header lines (:more)'
sees 'the text of the first message' 'S: the canteen has soup today'
sees 'RETR by telnet' 'note: RETR read the message and left it on the server: only DELE and QUIT'
types ':more' 'S: Message-ID: <58e27cd6892f79b1@campus.example>'
types ':tap' 'S->C'
types 'DELE 1' 'TRANSACTION, stays.'
types ':why' 'DELE marked the message; nothing is removed yet. QUIT leads to UPDATE,'
types 'QUIT' 'TRANSACTION --QUIT--> UPDATE --REMOVED--> CLOSED'

# IMAP: the forgotten label, arrivals at another device, a literal
types 'telnet mail imap' 'ana/laptop imap NOT_AUTHENTICATED >'
types 'LOGIN ana tulip' 'LOGIN BAD'
types ':why' 'Your password was never looked at.'
types 'a1 LOGIN ana tulip' 'NOT_AUTHENTICATED --LOGIN--> AUTHENTICATED'
types 'a2 SELECT INBOX' 'AUTHENTICATED --SELECT--> SELECTED'
types 'a3 IDLE' 'ana/laptop imap IDLING >'
types ':on phone' 'Left open: ana/laptop imap IDLING'
types 'telnet mail smtp' 'ana/phone smtp CONNECTED >'
type_line 'EHLO phone'
type_line 'MAIL FROM:<bo@campus.example>'
type_line 'RCPT TO:<ana@campus.example>'
types ':sample' '[ana/laptop imap] S: * 4 EXISTS'
types ':on laptop' 'ana/laptop imap IDLING >'
types 'DONE' 'IDLING --DONE--> SELECTED'
types 'a4 APPEND INBOX {12}' 'LITERAL 12 left |'
key C-d
sees 'Ctrl-D in a literal' 'The server waits for 12 more octets of the literal.'
type_line 'Subject: x'
types '' 'APPEND completed'
types 'a5 LOGOUT' 'SELECTED --LOGOUT--> CLOSED'
key C-d
sees 'Ctrl-D at $' 'left 0'
done_testing
