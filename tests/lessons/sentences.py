#!/usr/bin/env python3
"""sentences.py: what a contrast says of a step is true of the board that stands above it. Stories
made by chance are played, and each sentence, of those that speak of places and flags, is compared
with its board: by somebody who reads both, and knows nothing of how they were made."""

import os
import random
import re
import subprocess
import sys
import tempfile

PENNYPOST = os.environ.get("PENNYPOST", "./pennypost")
STORIES = 40
SETTINGS = ["pop3-delete", "pop3-keep", "pop3-keep-1d", "imap", "imap-headers", "imap-on-demand",
            "thunderbird-imap", "evolution-imap", "mpop-keep", "getmail6-delete", "claws-imap",
            "getmail6-imap", "fetchmail-imap", "mailutils-imap"]
LINES = ["on {d}\nmail sync"] * 8 + [
    "on {d}\nmail read {m}", "on {d}\nmail flag {m}", "on {d}\nmail unflag {m}",
    "on {d}\nmail unread {m}", "on {d}\nmail delete {m}", "on {d}\nmail delete {m}\nmail sync",
    "on {d}\nmail move {m} Archive", "on {d}\nmail move {m} INBOX", "offline {d}", "online {d}",
    "lose {d}", "on {d}\nmail sync until QUIT", "setup {d} imap", "wait 2d",
    'on desktop\nmail write ana@campus.example subject "Keys" text "The porter has them."',
    'on {d}\nmail write bo@campus.example subject "Soup" text "At twelve?"',
    "set mail.campus.example refuse DELE ERR first 1"]
NAMES = r"([A-Z]+(?:, [A-Z]+)*(?: and (?:[A-Z]+|\d+ more))?)"
FLAGS = r"(read|flagged|new again|no longer flagged|marked \\Deleted)"


def story(seed):
    chance = random.Random(seed)
    devices = ["laptop", "phone", "tablet"][:chance.choice([1, 2, 2, 3])]
    text = "variants %s %s of ana@campus.example\n" % tuple(chance.sample(SETTINGS, 2))
    for step in range(chance.randrange(3, 8)):
        text += "step %d\n" % step
        for _ in range(chance.randrange(1, 4)):
            line = chance.choice(LINES)
            text += line.format(d=chance.choice(devices), m=chance.choice("ABCD")) + "\n"
    return text


def there(cell):
    return cell not in ("nothing", "gone", "GONE", "never")


def folder(cell):
    return cell if cell.startswith("/") else "INBOX"


def flagged(cell, flag):
    """None: the cell does not show its flags."""
    if cell == "marked" or cell.startswith("/") or not there(cell):
        return None
    shown = {"read": "seen" in cell, "new again": "new" in cell, "flagged": "flagged" in cell,
             "no longer flagged": "flagged" not in cell}
    return shown.get(flag, False)


class Board:
    """Rows by message, cells by holder."""

    def __init__(self, rows):
        self.rows = rows

    def server(self, name):
        return self.rows[name]["server"]

    def at(self, device, name):
        return self.rows[name][device]

    def devices(self, name):
        return [cell for holder, cell in self.rows[name].items() if holder != "server"]

    def all_at(self, device, names):
        return all(there(self.at(device, name)) for name in names)

    def holders(self, names):
        return [device for device in next(iter(self.rows.values()))
                if device != "server" and self.all_at(device, names)]


def names_of(text):
    return re.findall(r"\b[A-Z]+\b", text)


def left(board, names, rest):
    some = [cell for name in names for cell in board.devices(name) if there(cell)]
    keepers = board.holders(names)
    if any(there(board.server(name)) for name in names):
        return False
    if rest.startswith("only"):
        return len(keepers) == 1 and len(some) == len(names)
    if rest.startswith("no device has all"):
        return not keepers and some
    if rest.startswith("no device"):
        return not some
    told = re.findall(r"the (\w+)", re.split(r" ha[sv]| still", rest)[0])
    return set(told) <= set(keepers)


def on_device(board, device, names, flag, rest):
    for name in names:
        here, server = flagged(board.at(device, name), flag), flagged(board.server(name), flag)
        if here is False or (server is not None and server != rest.startswith(", as")):
            return False
    return True


def only(board, device, names, flag):
    return all(flagged(board.at(device, name), flag) is not False and
               sum(flagged(cell, flag) is True for cell in board.rows[name].values()) <= 1
               for name in names)


CHECKS = [
    (rf"{NAMES} left the server: (.*)\.", lambda b, n, r: left(b, n, r)),
    (rf"The (\w+) has a copy of {NAMES}; the server still has (?:it|them)\.",
     lambda b, d, n: b.all_at(d, n) and all(there(b.server(x)) for x in n)),
    (rf"The (\w+) has a copy of {NAMES}; the server still has {NAMES}\.",
     lambda b, d, n, s: b.all_at(d, n) and all(there(b.server(x)) == (x in s) for x in n)),
    (rf"The (\w+) has {NAMES}\.", lambda b, d, n: b.all_at(d, n)),
    (rf"{NAMES} waits? on the server\.",
     lambda b, n: all(there(b.server(x)) and not any(map(there, b.devices(x))) for x in n)),
    (rf"The (\w+) is lost, and {NAMES} with it: .*",
     lambda b, d, n: not any(there(c) for x in n for c in b.rows[x].values())),
    (rf"The (\w+) is lost; the server still has {NAMES}\.",
     lambda b, d, n: all(there(b.server(x)) for x in n)),
    (rf"The (\w+) drops {NAMES}: .*",
     lambda b, d, n: not any(there(b.at(d, x)) or there(b.server(x)) for x in n)),
    (rf"The (\w+) shows {NAMES} no more; .*",
     lambda b, d, n: all(not there(b.at(d, x)) and there(b.server(x)) for x in n)),
    (rf"{NAMES} (?:is|are) gone from the (\w+)(?:; the server learns nothing .*)?\.",
     lambda b, n, d: not any(there(b.at(d, x)) for x in n)),
    (rf"{NAMES} (?:is|are) gone from the (\w+); the server had (?:it|them) no more\.",
     lambda b, n, d: not any(there(b.at(d, x)) or there(b.server(x)) for x in n)),
    (rf"The (\w+) finds nothing of {NAMES}: .*",
     lambda b, d, n: not any(there(b.at(d, x)) or there(b.server(x)) for x in n)),
    (rf"The (\w+) shows {NAMES} in (the same|another) folder .*",
     lambda b, d, n, how: all((folder(b.at(d, x)) == folder(b.server(x))) == (how == "the same")
                              for x in n)),
    (rf"The (\w+) still shows {NAMES}: .*",
     lambda b, d, n: b.all_at(d, n) and not any(there(b.server(x)) for x in n)),
    (rf"The server now knows that {NAMES} (?:is|are) {FLAGS}\.",
     lambda b, n, flag: all(flagged(b.server(x), flag) is not False for x in n)),
    (rf"The (\w+) shows {NAMES} as {FLAGS}: .*",
     lambda b, d, n, flag: all(flagged(b.at(d, x), flag) is not False and
                               flagged(b.server(x), flag) is not False for x in n)),
    (rf"Only the (\w+) knows that {NAMES} (?:is|are) {FLAGS}(?:, until .*)?\.", only),
    (rf"On the (\w+) {NAMES} (?:is|are) {FLAGS}(,.*|;.*)", on_device),
    (rf"{NAMES} (?:is|are) still new on the (\w+): .*",
     lambda b, n, d: all(flagged(b.at(d, x), "read") is not True for x in n)),
]


def sentence_check(board, changed, sentence):
    """True, False; None: it speaks of other things."""
    if sentence.startswith("No message moved"):
        return not changed
    for pattern, check in CHECKS:
        found = re.fullmatch(pattern, sentence)
        if found and not any(re.search(r" \d+ more$", part or "") for part in found.groups()):
            parts = [names_of(part) if re.fullmatch(NAMES, part) else part
                     for part in found.groups()]
            return bool(check(board, *parts))
    return None


def told(path):
    """Every sentence with its board."""
    played = subprocess.run([PENNYPOST, "contrast", path, "--auto", "--plain"],
                            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    rows, changed = {}, False
    for line in played.stdout.splitlines():
        row = re.fullmatch(r"([A-Z]+), .*?: (server: .*)\.", line)
        if row:
            changed |= ", changed" in line
            rows[row[1]] = dict(cell.replace(", changed", "").split(": ")
                                for cell in row[2].split("; "))
        elif line.startswith("So: "):
            for sentence in re.split(r"(?<=[.)]) (?=[A-Z(])", line[4:].strip()):
                yield Board(rows), changed, sentence
        if line.startswith("So: ") or line.startswith("Step "):
            rows, changed = {}, False


def main():
    checked, wrong = 0, 0
    with tempfile.TemporaryDirectory() as work:
        os.environ["HOME"] = work
        path = os.path.join(work, "chance.post")
        for seed in range(1, STORIES + 1):
            with open(path, "w", encoding="utf-8") as file:
                file.write(story(seed))
            for board, changed, sentence in told(path):
                good = sentence_check(board, changed, sentence)
                checked += good is not None
                if good is False:
                    wrong += 1
                    print("# story %d: %s\n#   %s" % (seed, sentence, board.rows))
    print("# %d sentences" % checked)
    print("%sok 1 - what is said of a step is true of its board" % ("not " if wrong else ""))
    print("%sok 2 - there was enough to compare" % ("" if checked > 300 else "not "))
    print("1..2")
    return wrong > 0 or checked <= 300


if __name__ == "__main__":
    sys.exit(main())
