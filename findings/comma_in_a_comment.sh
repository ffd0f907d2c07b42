#!/bin/bash
# Python's smtplib: one comma inside a comment of Cc:, and nobody at all gets the message.
. "$(dirname "$0")/lib.sh"
debs $(python_debs)
expect 'send_message finds ann in To: and cy in Cc:, whose comment is valid (RFC 5322 3.2.2), and sends to both'

cat >"$HOME/send.py" <<'PYTHON'
import email
import smtplib
import sys

text = "From: bo@example.org\nTo: ann@example.com\nCc: cy@example.com (Cy%s Sales)\n\nhello\n"
for comma in "", ",":
    server = smtplib.SMTP("127.0.0.1", int(sys.argv[1]))
    try:
        print("refused:", server.send_message(email.message_from_string(text % comma)))
    except smtplib.SMTPException as error:
        print(error)
PYTHON
listens python3 "$here/smtp_sink.py" "$work/log"
debian_python --version
seen=$(debian_python "$HOME/send.py" "$port"
    tr -d '\r' <"$work/log" | grep -iE '^(rcpt|cc)')
verdict "$seen" <<'SEEN'
refused: {}
{'': (550, b'5.1.1 No such user here')}
rcpt TO:<ann@example.com>
rcpt TO:<cy@example.com>
Cc: cy@example.com (Cy Sales)
rcpt TO:<>
SEEN
