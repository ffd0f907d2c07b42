#!/bin/bash
# Python's email and Dovecot: a reply to a long Message-ID is no reply any more.
. "$(dirname "$0")/lib.sh"
debs $(dovecot_debs) $(python_debs)
expect 'In-Reply-To and References come out as they were put in, folded at most; the reply stands in its thread'

cat >"$HOME/reply.py" <<'PYTHON'
import sys
from email.message import EmailMessage
from email.policy import SMTP

def made(number, identity, parent=None):
    message = EmailMessage()
    message["From"], message["Subject"], message["Message-ID"] = "ann@example.com", number, identity
    message["Date"] = "Mon, 5 Jan 2026 1%s:00:00 +0000" % len(number)
    if parent:
        message["In-Reply-To"] = message["References"] = parent
    message.set_content("hello\n")
    return message.as_bytes(policy=SMTP)

for name, length in ("short", 40), ("longer", 78):
    first = "<%s@mail.example.com>" % (name[0] * length)
    for octets in made(name, first), made("re:" + name, "<re.%s@example.org>" % name, first):
        sys.stdout.buffer.write(b"1 APPEND INBOX {%d+}\r\n%s\r\n" % (len(octets), octets))
PYTHON
debian_python --version
debian_python "$HOME/reply.py" >"$HOME/append"
seen=$({ cat "$HOME/append"; lines '2 SELECT INBOX' '3 THREAD REFS US-ASCII ALL' '4 LOGOUT'; } |
    imap "maildir:$HOME/mail" | grep '^\* THREAD'
    tr -d '\r' <"$HOME/append" | grep -A1 ^In-Reply-To)
verdict "$seen" <<'SEEN'
* THREAD (3)(1 2)(4)
In-Reply-To: <ssssssssssssssssssssssssssssssssssssssss@mail.example.com>
References: <ssssssssssssssssssssssssssssssssssssssss@mail.example.com>
--
In-Reply-To: =?utf-8?q?=3Cllllllllllllllllllllllllllllllllllllllllllllllllll?=
 =?utf-8?q?llllllllllllllllllllllllllll=40mail=2Eexample=2Ecom=3E?=
SEEN
