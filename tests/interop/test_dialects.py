#!/usr/bin/env python3
# What Dovecot was measured to answer (tests/dialects/dovecot-*.txt, which the dialects are held against)
# asked of Dovecot itself, started privately: the codes must be the same. What differs by how it is set
# up here, or by its version, is an exception with a date and a reason; one that does not occur fails.
import re

from lab import *
from lab import dovecot

absent = dovecot.missing("imap", "pop3", "imap-login", "pop3-login")
if absent:
    print("1..0 # SKIP %s is not installed" % absent)
    sys.exit(0)

MEASURED = os.path.join(ROOT, "tests/dialects/dovecot-%s.txt")
EXCEPTIONS = {
    ("imap", "I20"): "2026-12-01: of a message that is gone it says [EXPUNGEISSUED] in a new mailbox, and told its "
                     "header in the one that was measured; why is not known",
    ("imap", "I25"): "2026-12-01: names have slashes here, and had dots where it was measured",
}
SLOW = ("P4",)          # twelve wrong passwords, and a wait for each
LISTS = ("LIST", "UIDL", "RETR", "TOP", "CAPA")


def probes(protocol):
    """[(name, lines)]"""
    with open(MEASURED % protocol) as text:
        parts = re.split(r"^== (\S+).*\n", text.read(), flags=re.M)[1:]
    return [(name, lines.strip("\n").split("\n")) for name, lines in zip(parts[::2], parts[1::2])]


def code_of(line):
    """ "a1 NO [TRYCREATE] …" is "a1 NO [TRYCREATE", "+OK …" is "+OK": as the file has it. """
    found = re.match(r"((?:\* |[^ +]+ )?(?:OK|NO|BAD|BYE|PREAUTH)|\+OK|-ERR|\+)(?: (\[[A-Z-]+))?", line)
    return found[1] + (" " + found[2] if found[2] else "") if found else line


def octets(text):
    """ "x"*149 "\\r\\n" """
    return b"".join(part.encode().decode("unicode_escape").encode("latin-1") * int(times or 1)
                    for part, times in re.findall(r'"((?:[^"\\]|\\.)*)"(?:\*(\d+))?', text))


class Side:
    def __init__(self, port):
        self.socket = socket.create_connection((HOST, port), SECONDS)
        self.file = self.socket.makefile("rb")
        self.last = b""

    def say(self, text):
        self.last = text
        try:
            self.socket.sendall(text)
        except OSError:
            pass

    def line(self):
        """None: closed."""
        try:
            line = self.file.readline().decode("latin-1")
        except OSError:
            line = ""
        return line.rstrip("\r\n") if line else None

    def reply(self, wanted):
        """The code of the next reply of the kind that is wanted: of a tag, untagged, POP3's."""
        line = self.line()
        if not wanted.startswith(("+OK", "-ERR")):
            begins = " ".join(wanted.split()[:2 if wanted.startswith("*") else 1])
            while line and not line.startswith(begins + " ") and not line.startswith("* BYE") and \
                    not (re.match(r"\S+ (OK|NO|BAD) ", line) and not line.startswith("* ")):
                line = self.line()
        elif line and line.startswith("+OK") and self.is_list():
            while self.line() not in (".", None):
                pass
        return "closed" if line is None else code_of(line)

    def is_list(self):
        words = self.last.decode("latin-1").split()
        return bool(words) and words[0] in LISTS and (len(words) == 1 or words[0] in ("RETR", "TOP"))

    def closed(self):
        return self.line() is None


def play(protocol, port, user, lines):
    """(line's number, demanded, heard) of the first that differs, or None."""
    sides = {"": Side(port), "B": None}
    for number, line in enumerate(lines, 1):
        which, line = ("B", line[2:]) if line.startswith("B ") else ("", line)
        side, (act, _, rest) = sides[which], line.partition(" ")
        rest = re.sub(r"\bana\b", user, rest)
        if act == "S^":
            heard = side.reply(rest)
            if heard != rest:
                return number, rest, heard
        elif act == "C:":
            side.say(rest.encode() + b"\r\n")
        elif act == "C<":
            side.say(octets(rest))
        elif rest.startswith("again "):
            _, times, wanted = rest.split(" ", 2)
            for _ in range(int(times)):
                side.say(side.last)
                heard = side.reply(wanted)
                if heard != wanted:
                    return number, wanted, heard
        elif rest.startswith("open B"):
            sides["B"] = Side(port)
        elif rest == "lost":
            side.socket.close()
            side.file.close()
        elif rest == "closed" and not side.closed():
            return number, "closed", "stays"
    for side in sides.values():
        if side:
            side.file.close()
            side.socket.close()
    return None


def mailbox_fill(server, user):
    """Three messages, in a Maildir."""
    box = os.path.join(server.words["mails"], user)
    for name in ("", "new", "cur", "tmp"):
        os.makedirs(os.path.join(box, name), exist_ok=True)
        os.chown(os.path.join(box, name), server.words["uid"], server.words["gid"])
    for number in range(3):
        path = os.path.join(box, "new", "%d.probe" % number)
        with open(path, "w") as out:
            out.write(eml("probe %d" % number).replace("\r", ""))
        os.chown(path, server.words["uid"], server.words["gid"])


server = dovecot.Dovecot(fast=True)
for protocol in ("pop3", "imap"):
    for name, lines in probes(protocol):
        user = "ana" + name.lower()
        if name in SLOW:
            continue
        mailbox_fill(server, user)
        differs = play(protocol, server.port[protocol], user, lines)
        why = EXCEPTIONS.get((protocol, name))
        ok(bool(differs) == bool(why), "Dovecot by %s, %s%s" % (protocol.upper(), name, ": " + why if why else ""),
           "line %d: measured %r, heard %r" % differs if differs else "it does not differ any more")
server.stop()
done()
