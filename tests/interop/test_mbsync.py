#!/usr/bin/env python3
# mbsync (isync) against `pennypost serve`: a two-way synchronisation with Maildirs, changes made on
# either side, and nothing to do when nothing changed; looked up by imaplib.
import glob
from lab import *

need("mbsync")
serve = Serve()
rc = serve.file("mbsyncrc", """
IMAPAccount ana
Host 127.0.0.1
Port %d
User ana
Pass tulip
SSLType None
AuthMechs %s

IMAPStore far
Account ana

MaildirStore near
Path %s/mail/
Inbox %s/mail/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns *
Create Both
Remove Both
Expunge Both
SyncState *
""" % (serve.port["imap"], "LOGIN", serve.home, serve.home))
os.makedirs(os.path.join(serve.home, "mail"))


def mbsync(name):
    return serve.runs(name, "mbsync", "-c", rc, "-V", "all")


def near(mailbox="INBOX"):
    """The files of a mailbox."""
    return sorted(glob.glob(os.path.join(serve.home, "mail", mailbox, "[cn]*", "*")))


def near_file(subject, mailbox="INBOX"):
    for name in near(mailbox):
        if "Subject: " + subject + "\n" in open(name, encoding="utf-8", errors="replace").read():
            return name
    return None


def still(name):
    before, there = near(), subjects(serve, "ana")
    traced = len(serve.trace)
    mbsync(name)
    written = [record for record in serve.trace[traced:] if record["kind"] == "line" and record["from"] == "client"
               and any(word in record["text"] for word in ("STORE", "APPEND", "EXPUNGE", "COPY", "MOVE"))]
    ok(near() == before and subjects(serve, "ana") == there and not written, "… changes nothing", written)


send(serve, "dots", sender="bo@campus.example", to="ana@campus.example", body=".\r\n..\r\nthe end\r\n")
mbsync("pulls everything")
same(len(near()), 5, "five messages are here")
same(sorted(os.path.basename(path) for path in glob.glob(os.path.join(serve.home, "mail", "*"))),
     ["Archive", "INBOX", "Sent"], "and the three mailboxes")
ok(open(near_file("dots"), encoding="utf-8").read().endswith("\n.\n..\nthe end\n"), "dots as they were")
still("again")

# changes here go there
name = near_file("Lunch?")
os.rename(name, name.replace("/new/", "/cur/").split(":")[0] + ":2,FS")
os.remove(near_file("dots"))
os.makedirs(os.path.join(serve.home, "mail/Sent/cur"), exist_ok=True)
with open(os.path.join(serve.home, "mail/Sent/cur/1.written.here:2,S"), "w", encoding="utf-8") as out:
    out.write(eml("written here", body="ä\n").replace("\r\n", "\n"))
for part in "cur", "new", "tmp":
    os.makedirs(os.path.join(serve.home, "mail/Made here", part))
mbsync("pushes flags, a deletion, a message and a mailbox")
same(flags(serve, "ana", "Lunch?"), ["\\Flagged", "\\Seen"], "flags are there, says imaplib")
ok("dots" not in subjects(serve, "ana"), "the deletion is")
same(flags(serve, "ana", "written here", "Sent"), ["\\Seen"], "the message is, seen")
client = imap(serve)
ok(any(b"Made here" in line for line in client.list()[1]), "the mailbox is")
still("again, after that")

# changes there come here
client.select()
client.store("2", "+FLAGS", "\\Answered")
client.store("1", "+FLAGS", "\\Deleted")
client.expunge()
client.create('"Made there"')
client.copy("1", '"Made there"')
client.logout()
mbsync("pulls flags, a deletion and a mailbox")
ok(near_file("Lunch?") is None and len(near()) == 3, "the deletion is here")
same(sum("R" in name.partition(":2,")[2] for name in near()), 1, "the answered one is")
same(len(near("Made there")), 1, "the new mailbox is, with its message")
still("again, at last")

# both at once, and a big message
send(serve, "big", sender="bo@campus.example", to="ana@campus.example", body="0123456789" * 90 + "\r\n" * 2000)
kept = near_file("Minutes")
os.rename(kept, kept.split(":")[0].replace("/new/", "/cur/") + ":2,FS")
mbsync("both at once")
ok(near_file("big"), "the message is here")
ok("\\Flagged" in flags(serve, "ana", "Minutes"), "the flag is there, says imaplib")

serve.end()
done()
