#!/usr/bin/env python3
# RFC 2033 (LMTP) against `pennypost serve`, by Python's smtplib as far as it goes: it reads one reply
# behind the message, so the others are read here. Looked up by imaplib.
from lab import *

WORLD = """host mail.campus.example serves smtp imap for campus.example
set mail.campus.example serves lmtp
user ana@campus.example password tulip
user bo@campus.example password maple
set ana@campus.example quota 1 messages
message ana@campus.example INBOX from bo@campus.example subject "the one that fits" text "x"
"""

with tempfile.TemporaryDirectory() as home:
    world = os.path.join(home, "lmtp.post")
    with open(world, "w", encoding="utf-8") as out:
        out.write(WORLD)
    serve = Serve("--lmtp", "0", "--imap", "0", "--host", "mail.campus.example", world=world)
    same(sorted(name for name, port in serve.port.items() if port), ["imap", "lmtp"], "serve opens what it is told")
    client = smtplib.LMTP(HOST, serve.port["lmtp"], local_hostname="lab.example", timeout=SECONDS)
    same(client.docmd("EHLO", "lab.example")[0], 500, "EHLO is SMTP's")
    client.ehlo()
    ok(client.has_extn("pipelining") and client.has_extn("enhancedstatuscodes"), "smtplib's LHLO sees the extensions")
    ok(not client.has_extn("dsn"), "… of which reports are none: who has the queue makes them")
    client.mail("dora@bakery.example")
    told = [client.rcpt(name + "@campus.example")[0] for name in ("ana", "bo", "eve", "bo")]
    same(told, [250, 250, 550, 250], "RCPT")
    told = [client.data(b"Subject: to each\r\n\r\nx\r\n")[0], client.getreply()[0], client.getreply()[0]]
    same(told, [452, 250, 250], "a reply for each recipient that was taken")
    same(client.noop()[0], 250, "… and no more")
    same(client.quit()[0], 221, "QUIT")
    same(subjects(serve, "bo"), ["to each"], "one copy, says imaplib")
    serve.end(refusals=[("UNKNOWN", "UNKNOWN"), ("RCPT", "NO_SUCH"), ("RECIPIENT", "OVER_QUOTA")])

done()
