#!/usr/bin/env python3
# What RFC 3461 (DSN), 6531 (SMTPUTF8) and 3030 (CHUNKING) add to SMTP, by Python's smtplib against
# `pennypost serve`; looked up by poplib and imaplib.
import email.policy
from email.message import EmailMessage

from lab import *

serve = Serve()
client = smtplib.SMTP(HOST, serve.port["smtp"], local_hostname="lab.example", timeout=SECONDS)
client.ehlo()
ok(all(client.has_extn(name) for name in ("smtputf8", "dsn", "chunking", "8bitmime")), "smtplib sees the extensions")

same(client.sendmail("ana@campus.example", ["bo@campus.example"], eml("with a receipt").encode(),
                     mail_options=["RET=HDRS", "ENVID=lab1"], rcpt_options=["NOTIFY=SUCCESS"]), {}, "sendmail with NOTIFY")
report = text_by_pop3(serve, "ana", "Delivered: your message is in the mailbox") or b""
ok(b"Original-Envelope-Id: lab1\r\n" in report and b"Action: delivered" in report, "… is reported, says poplib", report)

message = EmailMessage(policy=email.policy.SMTPUTF8)
message["From"], message["To"], message["Subject"] = "dörte@bakery.example", "bo@campus.example", "Brötchen"
message.set_content("früh")
same(client.send_message(message), {}, "send_message chooses SMTPUTF8 by itself")
ok(serve.heard("<dörte@bakery.example>"), "… and says the address as it is")

client.docmd("MAIL", "FROM:<dora@bakery.example>")
client.docmd("RCPT", "TO:<bo@campus.example>")
client.send(b"BDAT 25\r\nSubject: in pieces\r\n\r\nx\r\nBDAT 3 LAST\r\n.\r\n")
same((client.getreply()[0], client.getreply()[0]), (250, 250), "two chunks at once")
ok("in pieces" in subjects(serve, "bo"), "… are one message, says imaplib")

message.replace_header("Subject", "Brötchen, noch mehr")
same(client.send_message(message, mail_options=["SMTPUTF8"]), {}, "… and may be told to say it too")

# What a report holds is labelled as what it is (RFC 6533): by a client that submits.
login = smtplib.SMTP(HOST, serve.port["submission"], local_hostname="lab.example", timeout=SECONDS)
login.ehlo()
login.login("ana", "tulip")
login.docmd("MAIL", "FROM:<ana@campus.example> SMTPUTF8 RET=HDRS")
login.send("RCPT TO:<é@bakery.example>\r\n".encode())
same(login.getreply()[0], 250, "an address in UTF-8 of another server")
same(login.data("From: ana@campus.example\r\nSubject: qé\r\n\r\nx\r\n".encode())[0], 250, "is taken")
report = text_by_pop3(serve, "ana", "Undelivered: your message comes back") or b""
boundary = report[report.find(b'boundary="') + 10:].split(b'"')[0]
for part in report.split(b"--" + boundary)[1:-1]:
    head, _, text = part.partition(b"\r\n\r\n")
    kind = head[head.lower().find(b"content-type:") + 13:].split(b"\r\n")[0].strip().lower()
    fits = b"utf-8" in kind or kind.startswith(b"message/global")
    same(any(c > 127 for c in text), fits, "%s holds UTF-8, or does not" % kind.decode())
login.quit()

refused = 0
try:
    client.sendmail("dora@bakery.example", ["bö@campus.example"], eml("no").encode())
except (smtplib.SMTPException, UnicodeEncodeError):
    refused += 1
same(refused, 1, "an address in UTF-8 without SMTPUTF8 does not pass")
client.rset()

# An address literal is the server with that address (RFC 5321 4.1.3, RFC 1123 5.2.17).
same(client.docmd("MAIL", "FROM:<x@y.example>")[0], 250, "a sender from elsewhere")
same(client.docmd("RCPT", "TO:<bo@[192.0.2.1]>")[0], 250, "bo@[192.0.2.1] at 192.0.2.1")
client.rset()
client.quit()
serve.end(refusals=[("RCPT", "NEEDS_UTF8"), ("RCPT", "NO_SUCH")])
done()
