#!/usr/bin/env python3
# curl against `pennypost serve`: SMTP, POP3 and IMAP, each change looked up by Python's own clients.
from lab import *

need("curl")
serve = Serve()
IMAP = "imap://127.0.0.1:%d/" % serve.port["imap"]
POP3 = "pop3://127.0.0.1:%d/" % serve.port["pop3"]
ANA, BO = ("-u", "ana:tulip"), ("-u", "bo:maple")


def curl(name, *words):
    return serve.runs(name, "curl", "-q", "-sS", "--max-time", "50", *words)


# SMTP: with and without a login, by each mechanism
message_file = serve.file("message.eml", eml("curl one", body=".starts with a dot\r\n..two\r\n.\r\nends\r\n"))
curl("smtp: sends without a login", "smtp://127.0.0.1:%d/lab.example" % serve.port["smtp"],
     "--mail-from", "ana@campus.example", "--mail-rcpt", "bo@campus.example", "-T", message_file)
text = text_by_pop3(serve, "bo", "curl one") or b""
has("\r\n.starts with a dot\r\n..two\r\n.\r\nends\r\n", text, "… and dots arrive as they were, says poplib")
for mechanism in "PLAIN", "LOGIN":
    serve.file("message.eml", eml("curl by " + mechanism))
    curl("submission: AUTH %s" % mechanism, "smtp://127.0.0.1:%d/lab.example" % serve.port["submission"],
         *ANA, "--login-options", "AUTH=" + mechanism, "--mail-from", "ana@campus.example",
         "--mail-rcpt", "bo@campus.example", "--mail-rcpt", "dora@bakery.example", "-T", message_file)
    ok("curl by " + mechanism in subjects(serve, "bo"), "… is delivered, says imaplib")
code, printed = serve.run("curl", "-q", "-sS", "smtp://127.0.0.1:%d/lab.example" % serve.port["submission"],
                          "-u", "ana:rose", "--mail-from", "ana@campus.example", "--mail-rcpt",
                          "bo@campus.example", "-T", message_file)
same(code, 67, "submission: a wrong password is CURLE_LOGIN_DENIED")
has("252 ", curl("smtp: VRFY", "smtp://127.0.0.1:%d/lab.example" % serve.port["smtp"],
                 "--mail-rcpt", "bo@campus.example"), "… is answered")
has("214 ", curl("smtp: HELP", "smtp://127.0.0.1:%d/lab.example" % serve.port["smtp"]), "… is answered")

# IMAP
has('"/" Archive', curl("imap: lists mailboxes", IMAP, *ANA), "… Archive among them")
has("Subject: Lunch?", curl("imap: reads by number", IMAP + "INBOX;MAILINDEX=1", *ANA), "… the first message")
has("canteen", curl("imap: reads a section by UID", IMAP + "INBOX;UID=1;SECTION=TEXT", *ANA), "… its text")
ok("\\Seen" in flags(serve, "ana", "Lunch?"), "… which is \\Seen now, says imaplib")
same(curl("imap: SEARCH", IMAP + "INBOX?SUBJECT%20lunch", *ANA).strip(), "* SEARCH 1", "… finds it")
curl("imap: flags", IMAP + "INBOX", *ANA, "-X", "STORE 1 +Flags \\Flagged")
ok("\\Flagged" in flags(serve, "ana", "Lunch?"), "… says imaplib")
curl("imap: makes a mailbox", IMAP, *ANA, "-X", "CREATE Kept")
curl("imap: moves", IMAP + "INBOX", *ANA, "-X", "MOVE 1 Kept")
ok(subjects(serve, "ana", "Kept") == ["Lunch?"] and "Lunch?" not in subjects(serve, "ana"), "… says imaplib")
curl("imap: APPEND", IMAP + "Sent", *ANA, "-T", serve.file("sent.eml", eml("curl appended")))
same(flags(serve, "ana", "curl appended", "Sent"), ["\\Seen"], "… is there and seen, says imaplib")
before = subjects(serve, "ana")
curl("imap: marks as deleted", IMAP + "INBOX", *ANA, "-X", "STORE 1 +Flags \\Deleted")
curl("imap: EXPUNGE", IMAP + "INBOX", *ANA, "-X", "EXPUNGE")
same(subjects(serve, "ana"), before[1:], "… is gone, says imaplib")
code, printed = serve.run("curl", "-q", "-sS", IMAP + "Nowhere;MAILINDEX=1", *ANA)
has("Select failed", printed, "imap: a mailbox that is not there is an error for curl too")

# POP3
size = curl("pop3: lists", POP3, *BO).splitlines()
same(len(size), len(subjects(serve, "bo")), "… as many as imaplib finds")
has("curl one", curl("pop3: reads", POP3 + "2", *BO), "… the second message")
has("Subject: curl one", curl("pop3: TOP", POP3, *BO, "-X", "TOP 2 0"), "… the second's head")
has("2 ", curl("pop3: UIDL of all", POP3, *BO, "-X", "UIDL"), "… has the second")
for mechanism in "PLAIN", "LOGIN", "+APOP":
    curl("pop3: logs in by " + mechanism, POP3, *BO, "--login-options", "AUTH=" + mechanism)
    ok(serve.heard("APOP bo " if mechanism == "+APOP" else "AUTH " + mechanism), "… as the server saw")
before = subjects(serve, "bo")
curl("pop3: deletes", POP3 + "2", *BO, "-X", "DELE", "-I")
same(subjects(serve, "bo"), before[:1] + before[2:], "… the second is gone, says imaplib")

serve.end(refusals=[("ANSWER", "BAD_LOGIN"), ("SELECT", "NO_SUCH")])
done()
