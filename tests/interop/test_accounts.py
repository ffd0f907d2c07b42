#!/usr/bin/env python3
"""Accounts that `serve --user` makes: any password that can be typed logs in, the mailboxes that
mail programs look for are there and subscribed, and a right login ends the wait for
wrong ones."""
import imaplib
import time
from lab import *

for password in ("a:b", "q\"u\\o", "100%{5}*", "a b", " lead", "trail ", '"x"', '"a b"', "pässé"):
    serve = Serve("--user", "me:" + password, watch=False)
    client = imaplib.IMAP4(HOST, serve.port["imap"])
    answer = b"\0me\0" + password.encode()
    try:
        status = client.authenticate("PLAIN", lambda challenge: answer)[0]
    except imaplib.IMAP4.error as why:
        status = why
    same(status, "OK", "%r logs in" % password)
    client.logout()
    serve.stop()

serve = Serve("--user", "me:tulip", watch=False)
client = imaplib.IMAP4(HOST, serve.port["imap"])
client.login("me", "tulip")
uses = {line.split(b' "/" ')[1]: line.split(b")")[0] for line in client.list()[1]}
same(sorted(uses), [b"Drafts", b"INBOX", b"Junk", b"Sent", b"Trash"], "the mailboxes of a new account")
ok(all(b"\\" + name in uses[name] for name in uses if name != b"INBOX"), "… with their special uses", uses)
same(sorted(line.split(b' "/" ')[1] for line in client.lsub()[1]), sorted(uses), "… all subscribed")
client.logout()


def wrong():
    """How long a wrong password waits."""
    one = imaplib.IMAP4(HOST, serve.port["imap"])
    began = time.monotonic()
    try:
        one.login("me", "rose")
    except imaplib.IMAP4.error:
        pass
    one.shutdown()
    return time.monotonic() - began


waits = [wrong() for _ in range(3)]
ok(waits[2] > 0.9, "the third wrong password waits", waits)
client = imaplib.IMAP4(HOST, serve.port["imap"])
client.login("me", "tulip")
client.logout()
after = wrong()
ok(after < 0.9, "… and after a right one the next is answered at once", after)
serve.stop()

done()
