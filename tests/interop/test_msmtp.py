#!/usr/bin/env python3
# msmtp against `pennypost serve`: a configuration as people have it; looked up by imaplib and poplib.
from lab import *

need("msmtp")
serve = Serve()
rc = serve.file(".msmtprc", """
defaults
host 127.0.0.1
tls off
domain lab.example

account open
port %d
from bo@campus.example
auth off

account ana
port %d
from ana@campus.example
auth plain
user ana
password tulip

account login : ana
auth login

account chosen : ana
auth on

account wrong : ana
password rose
""" % (serve.port["smtp"], serve.port["submission"]))


def msmtp(name, account, *words, text):
    return serve.runs(name, "msmtp", "-C", rc, "-a", account, *words, text=text.encode())


has("SIZE 33554432", serve.runs("--serverinfo", "msmtp", "-C", rc, "-a", "ana", "--serverinfo").replace(
    "SIZE:\n        Maximum message size is 33554432", "SIZE 33554432"), "… has the size")
msmtp("sends without a login", "open", "ana@campus.example", text=eml("msmtp open", to="ana@campus.example"))
ok("msmtp open" in subjects(serve, "ana"), "… is delivered, says imaplib")
for account in "ana", "login":
    msmtp("AUTH, account " + account, account, "bo@campus.example", text=eml("msmtp by " + account))
    ok(text_by_pop3(serve, "bo", "msmtp by " + account), "… is delivered, says poplib")
ok(serve.heard("AUTH PLAIN") and serve.heard("AUTH LOGIN"), "… by PLAIN and by LOGIN")
msmtp("auth on: it chooses", "chosen", "bo@campus.example", text=eml("chosen by msmtp"))
ok(serve.heard("AUTH SCRAM-SHA-256"), "… what says no password")
ok("chosen by msmtp" in subjects(serve, "bo"), "… is delivered, says imaplib")
msmtp("-t reads the recipients", "ana", "-t", text="To: bo@campus.example\nCc: cem@campus.example\n"
      "Bcc: dora@bakery.example\nSubject: for all\n\n.\n..\nä\n")
ok("for all" in subjects(serve, "cem"), "… the copy is there, says imaplib")
text = text_by_pop3(serve, "bo", "for all") or b""
ok(text.endswith("\r\n\r\n.\r\n..\r\nä\r\n".encode()), "… dots and octets as they were, says poplib", text)
ok(text and b"Bcc" not in text, "… and nobody reads the Bcc")
code, printed = serve.run("msmtp", "-C", rc, "-a", "wrong", "bo@campus.example", text=eml("wrong").encode())
same(code, 77, "a wrong password is EX_NOPERM")
code, printed = serve.run("msmtp", "-C", rc, "-a", "ana", "nobody@campus.example", text=eml("nobody").encode())
same(code, 65, "a recipient who is not there is EX_DATAERR")
has("550 5.1.1", printed, "… and msmtp shows the reply")

serve.end(refusals=[("RCPT", "NO_SUCH"), ("DATA", "WRONG_TIME"), ("AUTH", "BAD_LOGIN")])
done()
