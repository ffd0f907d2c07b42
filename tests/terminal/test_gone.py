#!/usr/bin/env python3
"""A terminal that goes away in the middle of a message, a literal or IDLE ends the program."""
import os, pty, select, subprocess, sys, tempfile, time

program = os.environ["PENNYPOST"]
smtp = ["telnet mail smtp", "EHLO x", "MAIL FROM:<ana@campus.example>", "RCPT TO:<bo@campus.example>", "DATA"]
imap = ["telnet mail imap", "a1 LOGIN ana tulip"]
cases = {
    "at the prompt": [],
    "inside DATA": smtp,
    "inside a literal": imap + ["a2 APPEND INBOX {10}"],
    "inside IDLE": imap + ["a2 SELECT INBOX", "a3 IDLE"],
}


def seen(master, text, seconds=20):
    """What comes on the terminal, until the text has come."""
    got, end = b"", time.monotonic() + seconds
    while text not in got and time.monotonic() < end:
        if select.select([master], [], [], 1)[0]:
            got += os.read(master, 65536)
    return text in got


def ends(lines):
    with tempfile.TemporaryDirectory() as home:
        master, slave = pty.openpty()
        environ = dict(os.environ, HOME=home, TERM="xterm", INPUTRC="/dev/null")
        one = subprocess.Popen([program, "--fresh"], stdin=slave, stdout=slave, stderr=slave, env=environ)
        os.close(slave)
        ready = seen(master, b"$ ")
        for line in lines:
            os.write(master, line.encode() + b"\r")
            ready = seen(master, b"> " if not line.startswith(("DATA", "a2 APPEND")) else b"| ") and ready
        os.close(master)
        try:
            code = one.wait(20)
        except subprocess.TimeoutExpired:
            one.kill()
            return False
        return ready and code == 0


print("1..%d" % len(cases))
bad = 0
for number, (name, lines) in enumerate(cases.items(), 1):
    good = ends(lines)
    bad += not good
    print("%sok %d - %s" % ("" if good else "not ", number, name))
sys.exit(1 if bad else 0)
