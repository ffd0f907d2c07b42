#!/usr/bin/env python3
# mutt against `pennypost serve`, in a terminal of its own: sends, reads, flags, moves and deletes
# by IMAP, and fetches by POP3; looked up by imaplib and poplib.
import pty
from lab import *

need("mutt")
serve = Serve()
rc = serve.file("muttrc", """
set ssl_starttls=no
set ssl_force_tls=no
set imap_user=ana imap_pass=tulip
set folder=imap://127.0.0.1:%d/
set spoolfile=+INBOX record=+Sent postponed=+Drafts
set smtp_url=smtp://ana@127.0.0.1:%d/ smtp_pass=tulip smtp_authenticators=plain
set pop_user=bo pop_pass=maple pop_authenticators=user
set from=ana@campus.example hostname=lab.example realname=Ana
set header_cache="" sleep_time=0 confirmappend=no confirmcreate=no delete=yes move=no
set mark_old=yes wait_key=no quit=yes beep=no mail_check=0 pop_delete=yes pop_last=no
set signature="" editor=true mbox_type=mbox copy=yes
""" % (serve.port["imap"], serve.port["submission"]))


def mutt(name, *keys, words=(), sees=None, leave=b"q"):
    """Pushes functions into a mutt, which must then leave by itself. It draws nothing before all
    are done: what is to be seen is waited for, and then it is left by hand."""
    screen, terminal = pty.openpty()
    keys = "".join(keys) + ("" if sees else "<quit>")
    process = subprocess.Popen(["mutt", "-F", rc, *words, "-e", "push '%s'" % keys],
                               stdin=terminal, stdout=terminal, stderr=terminal, cwd=serve.home,
                               env=dict(serve.env(), TERM="vt100", LINES="30", COLUMNS="100"),
                               start_new_session=True)
    os.close(terminal)
    shown, left = b"", False
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        if select.select([screen], [], [], 0.1)[0]:
            try:
                shown += os.read(screen, 65536)
            except OSError:
                break       # it has gone
        elif process.poll() is not None:
            break
        if sees and not left and sees.encode() in shown:
            os.write(screen, leave)
            left = True
    if process.poll() is None and time.monotonic() >= end:
        process.kill()
    code = process.wait()
    os.close(screen)
    ok(code == 0 and left == bool(sees), name, "exit code %s\n%s" % (code, shown.decode("utf-8", "replace")[-2000:]))


# sends, with a copy into Sent
serve.runs("sends by AUTH PLAIN and keeps a copy", "mutt", "-F", rc, "-s", "mutt one", "bo@campus.example",
           "-c", "cem@campus.example", text=b".\n..\nthe end\n")
text = text_by_pop3(serve, "bo", "mutt one") or b""
ok(b"\r\n.\r\n..\r\nthe end\r\n" in text, "… poplib reads it", text)
ok("mutt one" in subjects(serve, "cem"), "… the copy is there")
same(flags(serve, "ana", "mutt one", "Sent"), ["\\Seen"], "… and in Sent, says imaplib")
path = serve.file("löffel.txt", "Löffel\n" * 3000)
serve.runs("sends an attachment", "mutt", "-F", rc, "-s", "Grüße mit Anhang", "-a", path, "--",
           "bo@campus.example", text="ä\n".encode())
client = imap(serve, "bo", "INBOX")
ok(b'"ATTACHMENT"' in (client.fetch("*", "(BODYSTRUCTURE)")[1][0]).upper(), "… imaplib finds it")
client.logout()

# reads
mutt("opens, and shows the subjects", sees="Lunch?")
mutt("reads", "<first-entry><display-message>", sees="canteen", leave=b"iq")
ok("\\Seen" in flags(serve, "ana", "Lunch?"), "… it is seen, says imaplib")
mutt("leaves the others old", "<sync-mailbox>")
client = imap(serve, mailbox="INBOX")
same(len(client.search(None, "KEYWORD", "Old")[1][0].split()), len(client.search(None, "UNSEEN")[1][0].split()),
     "… with mutt's keyword, says imaplib")
client.logout()

# flags, searches, moves, deletes
mutt("flags", "<first-entry><flag-message><sync-mailbox>")
ok("\\Flagged" in flags(serve, "ana", "Lunch?"), "… says imaplib")
mutt("searches on the server", "<limit>=s Lunch<enter><first-entry><set-flag>r<limit>all<enter><sync-mailbox>")
ok("\\Answered" in flags(serve, "ana", "Lunch?"), "… found, and marked as answered")
ok(serve.heard("SEARCH"), "… by SEARCH")
before = subjects(serve, "ana")
mutt("moves", "<first-entry><save-message>=Archive<enter><sync-mailbox>")
same((subjects(serve, "ana"), subjects(serve, "ana", "Archive")[-1:]), (before[1:], before[:1]), "… says imaplib")
mutt("copies to a mailbox that it makes", "<first-entry><copy-message>=Kept<enter>")
same(subjects(serve, "ana", "Kept"), before[1:2], "… says imaplib")
mutt("deletes", "<first-entry><delete-message><sync-mailbox>")
same(subjects(serve, "ana"), before[2:], "… says imaplib")
mutt("lists the mailboxes", "<change-folder>?", sees="Archive", leave=b"qq")
mutt("goes to another mailbox and reads there", "<change-folder>=Archive<enter><first-entry><display-message>",
     sees="canteen", leave=b"iq")
mutt("deletes a whole mailbox's messages", "<change-folder>=Kept<enter><delete-pattern>~A<enter><sync-mailbox>")
same(subjects(serve, "ana", "Kept"), [], "… says imaplib")

# POP3
pop = ("-f", "pop://bo@127.0.0.1:%d/" % serve.port["pop3"])
mutt("pop3: opens and reads", "<last-entry><display-message>", words=pop, sees="ffel.txt", leave=b"iq")
mutt("pop3: deletes the first", "<first-entry><delete-message><sync-mailbox>", words=pop)
same(len(subjects(serve, "bo")), 2, "… two are left, says imaplib")

serve.end(refusals=[("STATUS", "NO_SUCH"), ("COPY", "NO_SUCH")])
done()
