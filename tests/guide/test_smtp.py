#!/usr/bin/env python3
# A device that is set up like a mail program hands messages over with the words of smtp.txt: to two
# recipients, and when one of them is refused. Each difference is a failure, or an exception with a
# date and a reason.
import json, os, re, subprocess, sys
from recorded import rows

program = os.path.abspath(os.environ.get("PENNYPOST", "./pennypost"))
ENDS = "2026-12-01: it ends without QUIT; a device ends as its protocol does"
EXCEPTIONS = {      # (program, column): (since when and why, what a device says)
    ("gnus", "one refused"): ("2026-11-30: it names the last recipient first, who was the one refused; a device "
                              "does not", lambda want: ["RCPT", "RCPT", "QUIT"]),
    ("msmtp", "one refused"): ("2026-12-01: it says RCPT and DATA together; a device waits for each answer",
                               lambda want: ["RCPT", "RCPT", "closes"]),
    ("mailutils imap", "sends"): ("2026-12-01: it says EHLO again behind AUTH, without TLS; a device does not",
                                  lambda want: want[:2] + want[3:]),
    ("nodemailer", "sends"): (ENDS, lambda want: want[:-1] + ["QUIT"]),
    ("nodemailer", "one refused"): (ENDS, lambda want: want[:-1] + ["QUIT"]),
}
SCRIPT = """user me@campus.example password secret
device box of me@campus.example like %s
on box
mail write bo@campus.example %s@campus.example subject "Soup" text "At twelve?\\n"
"""


def hello(word):
    return "ADDRESS" if word.startswith("[") else {"box": "HOST", "campus.example": "DOMAIN"}.get(word, word)


def said_by(name, other):
    done = subprocess.run([program, "run", "--json", "/dev/stdin"], input=SCRIPT % (name, other),
                          capture_output=True, text=True, timeout=120)
    said, text, conn = [], False, None
    for record in map(json.loads, done.stdout.splitlines()):
        if record["kind"] == "open" and record["port"] == 587:
            conn = record["conn"]
        if record["kind"] == "line" and record["conn"] == conn and record["from"] == "server":
            text = record["text"].startswith("354")
        if record["kind"] != "line" or record["conn"] != conn or record["from"] != "client" or text:
            continue
        words = record["text"].split()
        if words[:1] == ["EHLO"]:
            said.append("EHLO " + hello(words[1]))
        elif words[:1] == ["AUTH"]:
            said.append(" ".join(words[:2] + ["="] * (len(words) > 2)))
        elif words[:1] == ["MAIL"]:
            said.append(" ".join(["MAIL"] + [re.sub(r"\d+$", "n", w) if "SIZE" in w else w for w in words[2:]]))
        elif words and words[0] in ("RCPT", "DATA", "RSET", "QUIT"):
            said.append(words[0])
    return said, done.stdout[-400:]


number = equal = total = 0
failed = False
for line in rows("smtp.txt"):
    name, sent, refused = [part.strip() for part in line.split("|")]
    got, end = said_by(name, "cem")
    once = [one for i, one in enumerate(got) if one != "RCPT" or got[i - 1] != "RCPT"]
    checks = [("sends", once, sent.split(", "))]
    if refused != "-":
        got, end = said_by(name, "nobody")
        got = got[3:] + ["closes"] * (got[-1:] != ["QUIT"])
        checks.append(("one refused", got, refused.split(", ")))
    for what, got, want in checks:
        allowed = EXCEPTIONS[name, what][1](want) if (name, what) in EXCEPTIONS else want
        total += 1
        equal += got == want
        number += 1
        failed = failed or got != allowed
        print(f"{'ok' if got == allowed else 'not ok'} {number} - {name}: {what}")
        if got != allowed:
            print(f"# device  {', '.join(got)}\n# program {', '.join(want)}\n# {end}")
print(f"# {equal} of {total} sessions equal")
print(f"1..{number}")
sys.exit(failed)
