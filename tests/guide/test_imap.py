#!/usr/bin/env python3
# A device that is set up like an IMAP program makes mailboxes, reads and deletes with the words of
# imap.txt. A difference is a failure, or an exception with a date and a reason; an exception that is
# none any more is a failure too.
import json, os, subprocess, sys
from recorded import imap_verbs, rows

program = os.path.abspath(os.environ.get("PENNYPOST", "./pennypost"))

# How the device's words differ from the program's.
BY_NUMBER = "2026-11-30: the program marks by sequence number; a device knows UIDs only"
EXCEPTIONS = {
    "balsa imap": (BY_NUMBER, lambda want: ["UID STORE"]),
    "alpine": (BY_NUMBER, lambda want: ["UID STORE", "EXPUNGE"]),
    "fetchmail imap": (BY_NUMBER, lambda want: ["EXPUNGE", "UID STORE"]),
    "mailutils imap": (BY_NUMBER, lambda want: ["UID STORE", "EXPUNGE", "CLOSE"]),
    "imapflow number": (BY_NUMBER, lambda want: ["UID STORE", "EXPUNGE"]),
    "gnus": ("2026-11-30: it subscribes INBOX each time; a device never does",
             lambda want: want[1:]),
    "kmail": ("2026-11-30: how it deletes was not measured; the device only marks",
              lambda want: want + ["UID STORE"]),
}

SCRIPT = """user me@campus.example password secret
device box of me@campus.example like %s
on box
message me@campus.example INBOX from bo@campus.example subject "One" text "1\\n"
message me@campus.example INBOX from bo@campus.example subject "Two" text "2\\n"
mail sync
mail read 1
mail sync
mail delete 2
mail sync
"""


def said_by(name):
    done = subprocess.run([program, "run", "--json", "/dev/stdin"], input=SCRIPT % name,
                          capture_output=True, text=True, timeout=120)
    sessions = [[]]
    for record in map(json.loads, done.stdout.splitlines()):
        if record["kind"] == "open":
            sessions.append([])
        elif record["kind"] == "line" and record["from"] == "client":
            sessions[-1].append(record["text"])
    marks, first = imap_verbs(sessions)
    return marks, first, done.stdout[-300:] + done.stderr[-300:]


number = equal = total = 0
failed = False
for line in rows("imap.txt"):
    name, reads, words = line.split(" : ")
    want = words.split(", ") if words != "-" else []
    marks, got, end = said_by(name)
    total += 1
    equal += got == want
    allowed = EXCEPTIONS[name][1](want) if name in EXCEPTIONS else want
    good = got == allowed and marks == (reads == "marks")
    number += 1
    failed = failed or not good
    print(f"{'ok' if good else 'not ok'} {number} - {name}")
    if not good:
        print(f"# device  {' '.join(got)} {'marks' if marks else 'peeks'}\n# program {line}\n# {end}")
print(f"# {equal} of {total} programs equal, {len(EXCEPTIONS)} exceptions")
print(f"1..{number}")
sys.exit(failed)
