#!/usr/bin/env python3
"""Ten clients say random commands in one mailbox, each keeps a model of it from what it is told, and
the model is compared with what the server says when it is asked for all. Exits 1 at the first
difference, with the seed and the client's last lines.
    load.py SECONDS [qresync] [SEED]"""
import os
import random
import re
import sys
import threading
import time
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../interop"))
from lab import Serve, HOST, SECONDS, socket

CLIENTS = 10
STEPS = 30              # between two comparisons
FLAGS = ["\\Seen", "\\Flagged", "\\Answered", "\\Draft", "\\Deleted", "$Work"]
MESSAGE = b"Subject: %d\r\n\r\nHello.\r\n"


class Wrong(Exception):
    pass


class Client:
    def __init__(self, port, seed, qresync):
        self.chance, self.qresync = random.Random(seed), qresync
        self.line = socket.create_connection((HOST, port), SECONDS)
        self.heard = self.line.makefile("rb")
        self.log, self.tags, self.model, self.asked = [], 0, [], None
        self.read()
        self.say(b"LOGIN ana tulip")
        if qresync:
            self.say(b"ENABLE QRESYNC")
        self.say(b"SELECT INBOX")
        self.look()

    def read(self):
        line = self.heard.readline()
        if not line.endswith(b"\r\n"):
            raise Wrong("closed")
        self.log = self.log[-60:] + [b"S: " + line]
        return line[:-2].decode("latin1")

    def say(self, command, literal=None, good=("OK",)):
        self.tags += 1
        tag = "t%d" % self.tags
        octets = tag.encode() + b" " + command + b"\r\n"
        if literal is not None:
            octets = tag.encode() + b" " + command + b" {%d+}\r\n" % len(literal) + literal + b"\r\n"
        self.log = self.log[-60:] + [b"C: " + octets]
        self.line.sendall(octets)
        while True:
            line = self.read()
            if line.startswith(tag + " "):
                if line.split(" ")[1] not in good:
                    raise Wrong("refused: %r %s" % (command, line))
                break
            self.note(line)
        if self.qresync and self.model and self.model[-1][0] is None: # VANISHED will name it by its uid
            self.say(b"UID FETCH 1:* (FLAGS)")

    def note(self, line):
        exists = re.match(r"\* (\d+) EXISTS$", line)
        gone = re.match(r"\* (\d+) EXPUNGE$", line)
        vanished = re.match(r"\* VANISHED (\(EARLIER\) )?([\d:,]+)$", line)
        fetch = re.match(r"\* (\d+) FETCH \((.*)\)$", line)
        if exists:
            count = int(exists[1])
            if count < len(self.model):
                raise Wrong("EXISTS went down: " + line)
            self.model += [[None, None] for _ in range(count - len(self.model))]
        elif gone:
            if self.qresync or not 1 <= int(gone[1]) <= len(self.model):
                raise Wrong("no such message, or no VANISHED: " + line)
            del self.model[int(gone[1]) - 1]
        elif vanished and not vanished[1]:
            self.vanish(vanished[2])
        elif fetch:
            self.note_fetch(line, int(fetch[1]), fetch[2])

    def vanish(self, text):
        uids = set()
        for part in text.split(","):
            ends = [int(end) for end in part.split(":")]
            uids |= set(range(ends[0], ends[-1] + 1))
        unseen = len(uids)
        kept = []
        for message in self.model:
            gone = message[0] in uids
            unseen -= gone
            kept += [] if gone else [message]
        for message in [message for message in kept if message[0] is None][:unseen]:
            kept.remove(message)         # told by EXISTS, its uid never asked: all such are alike
            unseen -= 1
        if unseen:
            raise Wrong("VANISHED of what was not there: " + text)
        self.model = kept

    def note_fetch(self, line, sequence, items):
        if not 1 <= sequence <= len(self.model):
            raise Wrong("no such message: " + line)
        message = self.model[sequence - 1]
        uid, flags = re.search(r"UID (\d+)", items), re.search(r"FLAGS \(([^)]*)\)", items)
        if uid and message[0] not in (None, int(uid[1])):
            raise Wrong("uid %s was %s: %s" % (uid[1], message[0], line))
        if uid:
            message[0] = int(uid[1])
        if flags:
            now = frozenset(flags[1].split()) - {"\\Recent"}
            if self.asked is not None:
                self.asked[sequence] = (message[1], now)
            message[1] = now

    def look(self, quiet=False):
        """All that is there, asked for; while nobody changes anything, what the model knew is so."""
        self.asked = {}
        if self.model:
            self.say(b"UID FETCH 1:* (FLAGS)")
        asked, self.asked = self.asked, None
        if quiet and len(asked) != len(self.model):
            raise Wrong("%d messages were known, %d are" % (len(self.model), len(asked)))
        for sequence, (was, now) in asked.items():
            if quiet and was is not None and was != now:
                raise Wrong("message %d: %s was known, %s is" % (sequence, sorted(was), sorted(now)))
        uids = [message[0] for message in self.model if message[0]]
        if uids != sorted(set(uids)):
            raise Wrong("uids do not rise: %s" % uids)

    def number(self):
        return b"%d" % self.chance.randint(1, len(self.model))

    def step(self):
        flags = " ".join(self.chance.sample(FLAGS, self.chance.randint(1, 3))).encode()
        way = self.chance.choice([b"FLAGS", b"+FLAGS", b"-FLAGS"])
        what = self.chance.randint(0, 11)
        if what == 0 or (not self.model and what < 9):
            if len(self.model) < 60:
                self.say(b"APPEND INBOX (%s)" % flags, MESSAGE % self.chance.randint(1, 999))
        elif what in (1, 2):
            self.say(b"STORE %s:%s %s (%s)" % (self.number(), self.number(), way, flags), good=("OK", "NO"))
        elif what == 3:
            self.say(b"UID STORE 1:* %s (%s)" % (way, flags), good=("OK", "NO"))
        elif what == 4:
            self.say(b"FETCH %s (UID FLAGS)" % self.number())
        elif what == 5:
            self.say(self.chance.choice([b"EXPUNGE", b"NOOP"]))
        elif what == 6 and len(self.model) < 60:
            self.say(b"COPY %s INBOX" % self.number(), good=("OK", "NO"))
        elif what == 7:
            self.say(b"SEARCH %s" % self.chance.choice([b"SEEN", b"UNDELETED", b"KEYWORD $Work", b"SUBJECT 1"]))
        elif what == 8 and len(self.model) < 60:
            self.say(b"MOVE %s INBOX" % self.number(), good=("OK", "NO"))
        elif what == 9:
            self.say(b"CHECK")
        elif what == 10:
            self.look()
        elif self.chance.randint(0, 9) == 0:
            self.say(self.chance.choice([b"CLOSE", b"UNSELECT"]))
            self.model = []
            self.say(b"SELECT INBOX")
            self.look()


def run(client, end, failures, counts, number, barrier):
    """Some commands, then all stop, hear what is new, and compare."""
    try:
        while True:
            for _ in range(STEPS):
                client.step()
                counts[number] += 1
            for what in (lambda: client.say(b"NOOP"), lambda: client.look(True)):
                barrier.wait(SECONDS)
                what()
            if barrier.wait(SECONDS) == 0 and time.monotonic() > end:
                failures.append(None)
            barrier.wait(SECONDS)
            if failures:
                return
    except threading.BrokenBarrierError:
        return
    except (Wrong, OSError) as wrong:
        barrier.abort()
        failures.append("client %d: %s\n%s" % (number, wrong, b"".join(client.log).decode("latin1")))


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 10
    qresync = "qresync" in sys.argv[2:]
    seed = next((int(word) for word in sys.argv[2:] if word.isdigit()), 1)
    serve = Serve(watch=False)
    failures, counts = [], [0] * CLIENTS
    clients = [Client(serve.port["imap"], seed * 100 + i, qresync) for i in range(CLIENTS)]
    end = time.monotonic() + seconds
    barrier = threading.Barrier(CLIENTS)
    threads = [threading.Thread(target=run, args=(clients[i], end, failures, counts, i, barrier)) for i in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    serve.stop()
    print("# seed %d, %s QRESYNC: %d commands in %g s" % (seed, "with" if qresync else "without", sum(counts), seconds))
    failures = [failure for failure in failures if failure]
    for failure in failures:
        print(failure)
    sys.exit(1 if failures else 0)


main()
