#!/usr/bin/env python3
# A device that is set up like a mail program says what the program was recorded to say: each
# session of pop3.txt is played in a world of its own, and verbs and numbers are compared. A
# difference is a failure, or an exception with a date and a reason; an exception that is none any
# more is a failure too. Prints how many sessions are equal, of all.
import json, os, subprocess, sys
from recorded import recorded, verbs

program = os.path.abspath(os.environ.get("PENNYPOST", "./pennypost"))
LOST = "The connection was lost as this went out: "


def without_dele(said):
    return [one for one in said if not one.startswith("DELE")]


# What a device cannot say alike, since the program does not say it twice alike, and what is demanded
# all the same.
VARIES = {
    # 2026-11-30: it is two processes; when a DELE gets in between differs from run to run
    "fdm": lambda got, want: without_dele(got) == without_dele(want),
    # 2026-11-30: the order of messages is that of a Perl hash, another in each run
    "net pop3": lambda got, want: sorted(got) == sorted(want),
}


def played(name, sessions):
    script = ["on till", f"setup till like {name}"]
    for new, until, _ in sessions:
        script += ['message dora@bakery.example INBOX from bo@campus.example subject "One" text "1\\n"'] * new
        script.append("mail sync" if until == "-" else f"mail sync until {until}")
    done = subprocess.run([program, "run", "--json", "/dev/stdin"], input="\n".join(script) + "\n",
                          capture_output=True, text=True, timeout=120)
    said = []
    for record in map(json.loads, done.stdout.splitlines()):
        if record["kind"] == "open":
            said.append([])
        elif record["kind"] == "line" and record["from"] == "client":
            said[-1].append(record["text"])
        elif record["kind"] == "answer" and LOST in " ".join(record["text"].split()):
            # it said so, and the network did not carry it
            said[-1] += " ".join(record["text"].split()).split(LOST)[1].split(".")[0].split(", ")
    return [verbs(lines) for lines in said], done.stderr


def in_order(said):
    """Each DELE stands behind its RETR."""
    return all(f"RETR {one.split()[1]}" in said[:i] for i, one in enumerate(said) if one.startswith("DELE"))


number = equal = alike = total = 0
failed = False
varied = set()
for name, situation, sessions in recorded():
    said, err = played(name, sessions)
    wrong = []
    for i, (_, _, want) in enumerate(sessions):
        total += 1
        got = said[i] if i < len(said) else []
        if got == want:
            equal += 1
        elif name in VARIES and VARIES[name](got, want) and in_order(got):
            alike += 1
            varied.add(name)
        else:
            wrong.append(f"session {i + 1}\n#  device  {' '.join(got)}\n#  program {' '.join(want)}")
    number += 1
    failed = failed or bool(wrong)
    print(f"{'not ok' if wrong else 'ok'} {number} - {name}, {situation}: {len(sessions)} sessions")
    for text in wrong:
        print(f"# {text}\n# {err[-300:]}")
for name in VARIES:
    number += 1
    failed = failed or name not in varied
    print(f"{'ok' if name in varied else 'not ok'} {number} - {name} is an exception still")
print(f"# {equal} of {total} sessions equal, {alike} alike but for an order that varies")
print(f"1..{number}")
sys.exit(failed)
