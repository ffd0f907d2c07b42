#!/usr/bin/env python3
# fetchmail against `pennypost serve`: fetches by POP3 and by IMAP, gives what it fetched to the
# server's own SMTP or to a file, and deletes, flags or leaves; looked up by imaplib and poplib.
from lab import *

need("fetchmail")
serve = Serve()
box = os.path.join(serve.home, "box")
mda = serve.file("mda", "#!/bin/sh\n{ echo 'From mda'; cat; echo; } >>'%s'\n" % box, 0o700)


def fetchmail(name, protocol, user, *words, ends=0, mda_too=True):
    if os.path.exists(box):
        os.remove(box)
    port = serve.port["pop3" if protocol in ("POP3", "APOP") else "imap"]
    rc = serve.file(".fetchmailrc", "poll 127.0.0.1 protocol %s port %d %s\n  user \"%s\" password \"%s\"\n"
                    "  sslproto ''\n  %s\n  %s\n" % (protocol, port, "uidl" if "uidl" in words else "", user, PASSWORDS[user],
                    "mda \"%s\"" % mda if mda_too else "smtphost 127.0.0.1/%d smtpname cem@campus.example"
                    % serve.port["smtp"], " ".join(word for word in words if word != "uidl")))
    code, printed = serve.run("fetchmail", "-f", rc, "--nodetach", "-v", "-v", "--nosyslog",
                              "--pidfile", os.path.join(serve.home, "pid"), "-i", os.path.join(serve.home, "ids"))
    ok(code == ends, name, "exit code %d\n%s" % (code, printed[-3000:]))
    fetched = open(box, encoding="utf-8").read() if os.path.exists(box) else ""
    return fetched, printed


def fetched_subjects(text):
    return [line[len("Subject: "):] for line in text.split("\n") if line.startswith("Subject: ")]


# POP3: keep, keep again, delete
send(serve, "soup", body="\r\n.\r\n..\r\nthe end\r\n")
text, printed = fetchmail("POP3: fetches and keeps", "POP3", "bo", "keep", "uidl")
same(len(fetched_subjects(text)), 2, "… two messages")
has("\n\n\n.\n..\nthe end\n", text, "… dots as they were")
same(len(subjects(serve, "bo")), 2, "… and both are there, says imaplib")
send(serve, "bread")
text, printed = fetchmail("POP3: fetches only what is new (by UIDL)", "POP3", "bo", "keep", "uidl")
same(fetched_subjects(text), ["bread"], "… the third alone")
text, printed = fetchmail("POP3: fetches all and deletes", "POP3", "bo", "fetchall", "nokeep")
same(len(fetched_subjects(text)), 3, "… three messages")
same(subjects(serve, "bo"), [], "… none is left, says imaplib")
fetchmail("POP3: nothing to fetch is exit code 1", "POP3", "bo", ends=1)
send(serve, "for apop")
text, printed = fetchmail("APOP", "APOP", "bo", "fetchall", "nokeep")
same(fetched_subjects(text), ["for apop"], "… fetches too")

# IMAP: keep leaves them seen, then delete, with fetchmail counting the EXPUNGEs
send(serve, "one more", sender="bo@campus.example", to="ana@campus.example")
before = subjects(serve, "ana")
text, printed = fetchmail("IMAP: fetches and keeps", "IMAP", "ana", "keep")
same(fetched_subjects(text)[-1:], ["one more"], "… what was not seen")
same(flags(serve, "ana", "one more"), ["\\Seen"], "… and it is seen, says imaplib")
same(subjects(serve, "ana"), before, "… and all are there")
fetchmail("IMAP: nothing new is exit code 1", "IMAP", "ana", "keep", ends=1)
text, printed = fetchmail("IMAP: fetches all and deletes, two at a time", "IMAP", "ana", "fetchall", "nokeep",
                          "expunge 2")
same(sorted(fetched_subjects(text)), sorted(before), "… all messages")
ok("mismatch" not in printed, "… and every EXPUNGE counted", printed[-3000:])
same(subjects(serve, "ana"), [], "… none is left, says imaplib")
text, printed = fetchmail("IMAP: another mailbox", "IMAP", "ana", "fetchall", "nokeep", "folder Archive", ends=1)

# by SMTP into somebody else's mailbox
send(serve, "passed on")
fetchmail("POP3 to SMTP: hands on", "POP3", "bo", "fetchall", "nokeep", mda_too=False)
ok("passed on" in subjects(serve, "cem"), "… it is cem's now, says imaplib")
same(subjects(serve, "bo"), [], "… and no more bo's")

text, printed = fetchmail("IMAP: a mailbox that is not there is exit code 7", "IMAP", "ana", "folder Nowhere", "keep", ends=7)
PASSWORDS["cem"] = "rose"
text, printed = fetchmail("a wrong password is exit code 3", "POP3", "cem", "keep", ends=3)

serve.end(refusals=[("SELECT", "NO_SUCH"), ("ANSWER", "BAD_LOGIN"), ("PASS", "BAD_LOGIN")])
done()
