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

same(client.sendmail("ana@campus.example", ["bo@campus.example"], letter("with a receipt").encode(),
                     mail_options=["RET=HDRS", "ENVID=lab1"], rcpt_options=["NOTIFY=SUCCESS"]), {}, "sendmail with NOTIFY")
report = text_by_pop3(serve, "ana", "Delivered: your letter has arrived") or b""
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
ok("in pieces" in subjects(serve, "bo"), "… are one letter, says imaplib")

refused = 0
try:
    client.sendmail("dora@bakery.example", ["bö@campus.example"], letter("no").encode())
except (smtplib.SMTPException, UnicodeEncodeError):
    refused += 1
same(refused, 1, "an address in UTF-8 without SMTPUTF8 does not pass")
client.rset()
client.quit()
serve.end(refusals=[("RCPT", "NEEDS_UTF8")])
done()
