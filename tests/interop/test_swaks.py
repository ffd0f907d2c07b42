#!/usr/bin/env python3
# swaks against `pennypost serve`: every way it has to hand in a message; looked up by imaplib and
# poplib. Needs what perl has for itself.
from lab import *

need("swaks")
serve = Serve()


def swaks(service, name, *words, subject="swaks"):
    return serve.runs(name, "swaks", "--server", HOST, "--port", serve.port[service], "--ehlo",
                      "lab.example", "--from", "ana@campus.example", "--to", "bo@campus.example",
                      "--header", "Subject: " + subject, *words)


printed = swaks("smtp", "sends without a login", subject="plain swaks")
has("<-  250 2.0.0 Ok: queued", printed, "… is accepted")
ok("plain swaks" in subjects(serve, "bo"), "… and found by imaplib")
ok(text_by_pop3(serve, "bo", "plain swaks"), "… and by poplib")

for mechanism in "PLAIN", "LOGIN", "CRAM-MD5":
    name = "swaks " + mechanism
    swaks("submission", "AUTH " + mechanism, "--auth", mechanism, "--auth-user", "ana",
          "--auth-password", "tulip", subject=name)
    ok(name in subjects(serve, "bo"), "… delivers, says imaplib")

swaks("smtp", "several recipients, and one abroad", "--to", "bo@campus.example,cem@campus.example",
      subject="for two")
ok("for two" in subjects(serve, "bo") and "for two" in subjects(serve, "cem"), "… all have it, says imaplib")
swaks("submission", "to another domain of the world", "--to", "dora@bakery.example", "--auth", "PLAIN",
      "--auth-user", "ana", "--auth-password", "tulip", subject="bread")
ok(serve.heard("RCPT TO:<dora@bakery.example>") and wait_for(lambda: any(
    record["kind"] == "open" and record["server"] == "mx.bakery.example" for record in list(serve.trace))),
   "… is relayed there")

swaks("smtp", "an attachment", "--attach", "@" + serve.file("list.txt", "soup\n" * 1000), subject="with a list")
client = imap(serve, "bo", "INBOX")
number = client.search(None, "SUBJECT", '"with a list"')[1][0].split()
structure = client.fetch(number[0], "(BODYSTRUCTURE)")[1][0] if number else b""
has('"list.txt"', structure, "… is in imaplib's BODYSTRUCTURE")
client.logout()

swaks("smtp", "pipelines", "--pipeline", subject="in one go")
ok("in one go" in subjects(serve, "bo"), "… is delivered, says imaplib")
swaks("smtp", "HELO", "--protocol", "SMTP", subject="the old way")
ok("the old way" in subjects(serve, "bo"), "… is delivered, says imaplib")
swaks("smtp", "stops after RCPT", "--quit-after", "RCPT", subject="never sent")
ok("never sent" not in subjects(serve, "bo"), "… and nothing is delivered")

code, printed = serve.run("swaks", "--server", HOST, "--port", serve.port["smtp"], "--ehlo", "lab.example",
                          "--from", "ana@campus.example", "--to", "nobody@campus.example")
same(code, 24, "somebody who is not there: swaks ends with 24")
has("<** 550 5.1.1", printed, "… having seen 550")
code, printed = serve.run("swaks", "--server", HOST, "--port", serve.port["submission"], "--ehlo", "lab.example",
                          "--from", "ana@campus.example", "--to", "bo@campus.example", "--auth", "PLAIN",
                          "--auth-user", "ana", "--auth-password", "rose")
same(code, 28, "a wrong password: swaks ends with 28")
has("<** 535 5.7.8", printed, "… having seen 535")

serve.end(refusals=[("RCPT", "NO_SUCH"), ("AUTH", "BAD_LOGIN")])
done()
