#!/usr/bin/env python3
# kill -9 at any moment loses nothing that was acknowledged. Clients deliver by SMTP and append by
# IMAP to `pennypost serve` on a world in a file; the server is killed at a moment that a seed picks,
# started again on the same world, asked for every message that it ever said it had, and killed again.
# Moments between "written" and "acknowledged" must be among them, or nothing was tested.
from lab import *
import random

SANITIZED = os.environ.get("MODE") == "san"
KILLS = int(os.environ.get("KILLS") or (20 if SANITIZED else 200))
SMTP_CLIENTS, IMAP_CLIENTS = 3, 2
SEED = int(os.environ.get("KILL_SEED") or 1)
FSCK_EACH = 20          # kills; each one is followed by a look at what is new


class Client(threading.Thread):
    """Delivers messages one after the other until the line breaks. told: acknowledged; asked: whose
    end was sent, acknowledged or not."""

    def __init__(self, port, name, told, asked):
        super().__init__(daemon=True)
        self.port, self.name, self.told, self.asked = port, name, told, asked
        self.start()

    def run(self):
        try:
            with socket.create_connection((HOST, self.port), SECONDS) as self.socket:
                self.file = self.socket.makefile("rb")
                self.begin()
                number = 0
                while True:
                    number += 1
                    self.message("%s.%d" % (self.name, number))
        except (OSError, EOFError):
            pass

    def hear(self, wanted):
        while True:
            line = self.file.readline()
            if not line.endswith(b"\n"):
                raise EOFError
            if line.startswith(wanted):
                return
            if not line.startswith((b"* ", b"250-")):
                raise RuntimeError("%r, not %r" % (line, wanted))

    def say(self, text, wanted):
        self.socket.sendall(text)
        self.hear(wanted)

    def last(self, subject, text, wanted):
        self.asked.add(subject)
        self.say(text, wanted)
        self.told.add(subject)


class Smtp(Client):
    def begin(self):
        self.hear(b"220 ")
        self.say(b"EHLO lab.example\r\n", b"250 ")

    def message(self, subject):
        self.say(b"MAIL FROM:<dora@bakery.example>\r\n", b"250 ")
        self.say(b"RCPT TO:<ana@campus.example>\r\n", b"250 ")
        self.say(b"DATA\r\n", b"354 ")
        self.last(subject, b"Subject: %s\r\n\r\nHello.\r\n.\r\n" % subject.encode(), b"250 ")


class Imap(Client):
    def begin(self):
        self.hear(b"* OK")
        self.say(b"a LOGIN ana tulip\r\n", b"a OK")

    def message(self, subject):
        text = b"Subject: %s\r\n\r\nHello.\r\n" % subject.encode()
        self.say(b"a APPEND Archive {%d}\r\n" % len(text), b"+ ")
        self.last(subject, text + b"\r\n", b"a OK")


class Found:
    """What lies in the mailboxes. Asked again, only what is new is fetched."""

    def __init__(self):
        self.next = {"INBOX": 1, "Archive": 1}
        self.subjects = []

    def look(self, serve):
        client = imap(serve, "ana")
        for mailbox, first in self.next.items():
            client.select(mailbox, readonly=True)
            for part in client.uid("FETCH", "%d:*" % first, "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1]:
                if not isinstance(part, tuple):
                    continue
                uid = int(part[0].split(b"UID ")[1].split()[0])
                if uid >= first:    # n:* is the last one, if none is new
                    self.subjects.append(part[1].decode().strip()[len("Subject: "):])
                    self.next[mailbox] = max(self.next[mailbox], uid + 1)
        client.logout()
        return self


def log_bytes(world):
    try:
        return os.path.getsize(world + "-wal")
    except OSError:
        return 0


home = tempfile.mkdtemp(prefix="pennypost-kill.")
world = os.path.join(home, "kept.world")
chance = random.Random(SEED)
told, asked = set(), set()
there = Found()
lost, twice, unsound = [], [], []
between, journals, checks = 0, 0, 0
begun = time.monotonic()
serve = None


def start():
    """The world opened once more: everything that anybody was told must be there."""
    global serve, between
    serve = Serve("--smtp", "0", "--imap", "0", watch=False, world=world, home=home)
    now = set(there.look(serve).subjects)
    lost.extend(sorted(told - now))
    between += len((now & asked) - told)
    told.update(now & asked)     # from here on they may not vanish either


def look_closely():
    """All of it anew, and the invariants."""
    fresh = Found().look(serve).subjects
    lost.extend(sorted(told - set(fresh)))
    twice.extend(subject for subject in asked if fresh.count(subject) > 1)
    serve.kill()
    sound = subprocess.run([PROGRAM, "fsck", world], env=serve.env(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if sound.returncode:
        unsound.append(sound.stdout.decode("utf-8", "replace"))
    start()


start()
for kill in range(KILLS):
    clients = [Smtp(serve.port["smtp"], "s%d.%d" % (kill, i), told, asked) for i in range(SMTP_CLIENTS)]
    clients += [Imap(serve.port["imap"], "i%d.%d" % (kill, i), told, asked) for i in range(IMAP_CLIENTS)]
    # Seldom before the first message, often in the middle of many.
    least = len(told) + chance.choice((0, 1, 5, 20))
    wait_for(lambda: len(told) >= least)
    moment = time.monotonic() + chance.random() * 0.02
    while time.monotonic() < moment:
        pass
    serve.kill()
    for client in clients:
        client.join(SECONDS)
    journals += log_bytes(world) > 0
    start()
    if (kill + 1) % FSCK_EACH == 0:
        look_closely()
        checks += 1
same(serve.stop(), 0, "the last one ends well")

print("# %d kills, %d messages acknowledged, %d kept though nobody was told, %d asked for in vain, %.1f s" %
      (KILLS, len(told) - between, between, len(asked - told), time.monotonic() - begun))
same(lost, [], "%d kills (seed %d): everything acknowledged is there" % (KILLS, SEED))
same(twice, [], "nothing is there twice")
ok(not unsound, "fsck finds the world sound after each of %d checks" % checks, "\n".join(unsound))
ok(len(told) > KILLS, "messages were acknowledged in between", "%d" % len(told))
ok(between > 0, "some kills fell between the commit and the word of it", "%d" % between)
ok(len(asked - told) > 0, "some fell before the commit", "%d" % len(asked - told))
ok(journals > 0, "some left a journal behind that the next one had to read", "%d" % journals)
shutil.rmtree(home, ignore_errors=True)
done()
