#!/usr/bin/env python3
# A disk that is full and a file that is gone end nobody: what cannot be kept is refused, what is
# there can be read, and when there is room it goes on. A limit on the file's size stands for the
# full disk; a small file system of its own, where one may be mounted, is the real thing.
import resource
from lab import *


class Smtp:
    def __init__(self, serve):
        self.socket = socket.create_connection((HOST, serve.port["smtp"]), SECONDS)
        self.file = self.socket.makefile("rb")
        self.file.readline()
        self.say("HELO lab.example")

    def say(self, line):
        self.socket.sendall(line.encode() + b"\r\n")
        return self.file.readline().decode()

    def deliver(self, subject, octets=100):
        """What is said at the dot; None: the connection was closed."""
        try:
            for line in ("RSET", "MAIL FROM:<dora@bakery.example>", "RCPT TO:<bo@campus.example>", "DATA"):
                reply = self.say(line)
                if not reply.startswith(("250", "354")):
                    return reply or None
            text = "Subject: %s\r\n\r\n%s" % (subject, ("x" * 70 + "\r\n") * (octets // 72))
            return self.say(text + ".") or None
        except OSError:
            return None


def until(serve, wanted, told, octets=100):
    """Delivers until that is said; who is cut off comes again."""
    client, heard = Smtp(serve), []
    for number in range(400):
        subject = "%s.%d.%d" % (serve.process.pid, len(told), number)
        reply = client.deliver(subject, octets)
        heard.append(reply)
        if reply is None:
            client = Smtp(serve)
        elif reply.startswith("250"):
            told.append(subject)
        if reply and reply.startswith(wanted):
            return heard
    return heard


def goes_on(serve, told, name):
    ok(wait_for(lambda: until(serve, "", told)[-1].startswith("250")), name)


def limit(serve, octets):
    resource.prlimit(serve.process.pid, resource.RLIMIT_FSIZE, (octets, resource.RLIM_INFINITY))


def reads(serve, watcher, what):
    same(watcher.noop()[0], "OK", what + ": a session that was there before is there")
    with imaplib.IMAP4(HOST, serve.port["imap"], timeout=SECONDS) as client:
        client.login("bo", "maple")
        same(client.select()[0], "OK", what + ": a mailbox can be opened")
        same(client.fetch("1", "(BODY.PEEK[])")[0], "OK", what + ": … and read")
        code, text = client.create("Another")
        ok(code == "NO" and b"[UNAVAILABLE]" in text[0], what + ": IMAP refuses a change by NO [UNAVAILABLE]", text)
        code, text = client.append("INBOX", None, None, b"Subject: a\r\n\r\nb\r\n")
        ok(code == "NO" and b"[UNAVAILABLE]" in text[0], what + ": … and APPEND", text)
    with socket.create_connection((HOST, serve.port["pop3"]), SECONDS) as line, line.makefile("rb") as heard:
        line.sendall(b"USER bo\r\nPASS maple\r\nRETR 1\r\n")
        replies = [heard.readline() for _ in range(4)]
        ok(replies[-1].startswith(b"+OK"), what + ": POP3 reads", replies)
        while heard.readline() != b".\r\n":
            pass
        line.sendall(b"DELE 1\r\nQUIT\r\n")
        replies = [heard.readline() for _ in range(2)]
        ok(replies[-1].startswith(b"-ERR [SYS/TEMP]"), what + ": POP3's UPDATE is refused by -ERR [SYS/TEMP]", replies)


def ends_well(serve, told, what):
    same(sorted(set(told) - set(subjects(serve, "bo"))), [], what + ": everything acknowledged is there")
    same(serve.stop(), 0, what + ": it ends well")
    sound = subprocess.run([PROGRAM, "fsck", serve.world], env=serve.env(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    same(sound.returncode, 0, what + ": fsck finds the world sound")


def begin(home, *words):
    serve = Serve(*words, watch=False, world=os.path.join(home, "kept.world"), home=home)
    serve.world = os.path.join(home, "kept.world")
    watcher = imaplib.IMAP4(HOST, serve.port["imap"], timeout=SECONDS)
    watcher.login("cem", "birch")
    watcher.select(readonly=True)
    return serve, watcher


# --- a file that must not grow -----------------------------------------------------------------
home = tempfile.mkdtemp(prefix="pennypost-trouble.")
serve, watcher = begin(home)
told = []
until(serve, "250", told)
limit(serve, os.path.getsize(serve.world + "-wal") + 20000)
heard = until(serve, "45", told)
ok(heard[-1][:9] in ("452 4.3.1", "451 4.3.0"), "a file that may not grow: SMTP refuses", heard[-1])
ok(len(heard) < 100 and heard.count(None) <= 1, "… and at most one client is cut off", "%d" % heard.count(None))
reads(serve, watcher, "a file that may not grow")
ok("cannot be written" in serve.said(), "whoever runs it is told", serve.said())
limit(serve, resource.RLIM_INFINITY)
goes_on(serve, told, "it goes on when there is room")
ok(wait_for(lambda: "can be written again" in serve.said()), "… and that is told", serve.said())
ends_well(serve, told, "a file that could not grow")

# --- a file that is gone -------------------------------------------------------------------------
serve, watcher = begin(home)
told = []
until(serve, "250", told)
away = serve.world + ".away"
os.rename(serve.world, away)
heard = until(serve, "45", told)
ok(heard[-1][:4] == "451 ", "a file that is gone: nothing is acknowledged any more", heard)
reads(serve, watcher, "a file that is gone")
ok("removed or replaced" in serve.said(), "… and it is told why", serve.said())
os.rename(away, serve.world)
goes_on(serve, told, "it goes on when it is back")
ends_well(serve, told, "a file that was away")

# --- a file that another one has replaced ----------------------------------------------------
shutil.copy(serve.world, away)
with open(away, "rb") as copy:
    before = copy.read()
serve, watcher = begin(home)
told = []
until(serve, "250", told)
os.rename(away, serve.world)
heard = until(serve, "45", told)
ok(heard[-1][:4] == "451 ", "a file that was replaced: nothing is acknowledged any more", heard)
serve.stop()
with open(serve.world, "rb") as copy:
    ok(copy.read() == before, "the one in its place is left as it is")
ok(not os.path.exists(serve.world + "-wal"), "… and the old one's log does not lie beside it", "\n".join(os.listdir(home)))
serve, watcher = begin(home)
same(sorted(set(subjects(serve, "bo")) & set(told)), [], "what is opened next is what was put there")
ends_well(serve, [], "the one in its place")
shutil.rmtree(home, ignore_errors=True)

# --- a disk that is full ---------------------------------------------------------------------
home = tempfile.mkdtemp(prefix="pennypost-trouble.")
mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "none", home], stderr=subprocess.PIPE)
if mounted.returncode:
    skip("a disk that is full", "no file system may be mounted here")
else:
    try:
        serve, watcher = begin(home)
        told = []
        heard = until(serve, "45", told, 60000)
        same(heard[-1], "452 4.3.1 Insufficient system storage\r\n", "a full disk: SMTP refuses a message")
        same(heard.count(None), 0, "… before anybody has to be cut off")
        reads(serve, watcher, "a full disk")
        fill = os.path.join(home, "fill")
        try:
            filling = os.open(fill, os.O_WRONLY | os.O_CREAT)
            while True:
                os.write(filling, bytes(4096))
        except OSError:
            pass
        reads(serve, watcher, "not an octet of room")
        subprocess.run(["mount", "-o", "remount,size=40m", home], check=True)
        goes_on(serve, told, "it goes on when there is room")
        ends_well(serve, told, "a disk that was full")
    finally:
        try:
            serve.kill()
        except Exception:
            pass
        subprocess.run(["umount", "-l", home])
done()
