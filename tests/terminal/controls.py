#!/usr/bin/env python3
"""What a stranger wrote never steers a terminal: names of files, worlds, hosts and options, a
story's texts, the names in a world, each full of controls, through every command, in a
pseudo-terminal. In what comes out stands no control octet but the line's own end, no mark that
turns a line round, and none that cannot be seen."""
import os
import pty
import select
import signal
import sqlite3
import subprocess
import sys
import tempfile

PROGRAM = os.path.abspath(os.environ.get("PENNYPOST", "./pennypost"))
# OSC, CSI, BEL, BS, a lone CR, C1 in UTF-8 and bare, RLO, a soft hyphen, a zero width space, a filler
BAD = b"x\x1b]0;stolen\x07\x1b[2J\x1b[31m\b\ry\xc2\x9b1m\x9b7m\xe2\x80\xae\xc2\xad\xe2\x80\x8b\xe3\x85\xa4z"
LINES = BAD + b"\nforged"
WORK = tempfile.mkdtemp()
number = failed = captured = 0
os.chdir(WORK)


def capture(words, keys=b"", term="dumb"):
    """All that the command says to a terminal."""
    env = {"HOME": WORK, "PATH": os.environ["PATH"], "TERM": term, "LC_ALL": "C.UTF-8",
           "INPUTRC": "/dev/null", "TMPDIR": WORK}
    for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
        if name in os.environ:
            env[name] = os.environ[name]
    pid, fd = pty.fork()
    if pid == 0:
        os.execve(PROGRAM, [b"pennypost"] + words, env)
    out, sent = b"", False
    while True:
        ready, _, _ = select.select([fd], [], [], 30)
        try:
            got = os.read(fd, 65536) if ready else b""
        except OSError:
            got = b""
        out += got
        if got and keys and not sent:
            os.write(fd, keys)
            sent = True
        if not got:
            break
    if not ready:
        os.kill(pid, signal.SIGKILL)
        out += b"\x00 it did not end"
    os.waitpid(pid, 0)
    os.close(fd)
    return out


def harmful(out, drawn):
    """The octets that should not be there. drawn: colours and a cleared screen may be."""
    if drawn:
        for own in (b"\x1b[H\x1b[2J", b"\x1b[0m", b"\x1b[1m", b"\x1b[1;7m", b"\x1b[33m", b"\x1b[36m"):
            out = out.replace(own, b"")
    text = out.replace(b"\r\n", b"\n").decode("utf-8", "surrogateescape")
    return [c for c in text if (ord(c) < 32 and c != "\n") or 0x7f <= ord(c) <= 0x9f or
            0xdc80 <= ord(c) <= 0xdcff or c in "\xad\u200b\u202e\u2066\u3164"]


def check(name, words, keys=b"", term="dumb", wants=b""):
    global number, failed, captured
    number += 1
    out = capture([w if isinstance(w, bytes) else w.encode() for w in words], keys, term)
    captured += len(out)
    bad = harmful(out, term != "dumb")
    forged = b"\nforged" in out
    ok = not bad and not forged and len(out) > 0 and wants in out
    failed += not ok
    print("%s %d - %s" % ("ok" if ok else "not ok", number, name))
    if not ok:
        print("# %r%s in %r" % (bad[:8], " a forged line" if forged else "", out[-600:]))


def write(name, octets):
    with open(name, "wb") as file:
        file.write(octets)
    return name


# --- names on the command line -------------------------------------------------------------------
script = write(BAD + b".post", b"check server bo@campus.example INBOX has 7 messages\n")
broken = write(LINES + b".broken", b"on laptop\n" + BAD + b"\n")
for what in (["run", LINES], ["fsck", LINES], ["contrast", LINES], ["export", LINES, "--svg", "-o", "a"],
             ["--world", LINES, "run", script], ["--world", b"nowhere/" + LINES, "fsck", LINES],
             ["--world", b"nowhere/" + LINES, "serve"], ["--seed", LINES, "run", script], [LINES],
             ["--" + "no", LINES], [b"--no" + LINES], [b"-" + LINES[1:]], ["run", script, LINES],
             ["serve", "--host", LINES], ["serve", "--user", LINES], ["serve", "--user", LINES + b":a"],
             ["serve", "--user", b"me:" + LINES, "--listen", "192.0.2.77"],
             ["serve", "--listen", LINES], ["serve", "--tls", LINES], ["serve", "--smtp", LINES],
             ["serve", "--tls", "starttls", "--cert", LINES, "--key", LINES],
             ["serve", "--record", b"nowhere/" + LINES], ["contrast", "--variants", LINES],
             ["contrast", "--variants", b"imap," + LINES, "train"], ["--world", broken],
             ["--world", broken, "run", script], ["run", broken], ["run", script],
             ["export", script, "--svg", "-o", b"nowhere/" + LINES],
             ["export", script, "--mermaid"], ["export", script, "--svg"]):
    check("named: " + " ".join("BAD" if isinstance(w, bytes) else w for w in what), what)

# --- a story -------------------------------------------------------------------------------------
story = write(BAD + b".story", b"# " + BAD + b"\n# " + BAD + b"\nvariants pop3-delete imap\nstep " + BAD +
              b"\non laptop\nmail sync\nask " + BAD + b"\nstep second\non phone\nmail sync\n" +
              b"check server ana@campus.example INBOX has 77 messages\n")
wrong = write(BAD + b".wrong", b"# " + BAD + b"\nstep one\n" + BAD + b"\n")
check("a story, all steps", ["contrast", story, "--auto"], wants=b"STEP 1 of 2")
check("a story on the stage", ["contrast", story], b"  l qp1exit\nqq", wants=b"Step")
check("a story on the stage, drawn", ["contrast", story], b" q", term="xterm", wants=b"STEP")
check("a story in which a line is wrong", ["contrast", wrong, "--auto"])
check("a story as a diagram", ["export", story, "--variants", "imap,pop3-keep", "--html"], wants=b"<html")

# --- a world -------------------------------------------------------------------------------------
world = b"strange.world"
subprocess.run([PROGRAM, "--world", world, "--plain"], input=b"on laptop\nmail sync\non phone\nmail sync\n",
               stdout=subprocess.DEVNULL, env={"HOME": WORK, "TMPDIR": WORK}, check=True)


def spoil(name, statement):
    """A copy of the world in which names are BAD."""
    with open(world, "rb") as file:
        write(name, file.read())
    db = sqlite3.connect(name.decode())
    changed = db.execute(statement, (LINES,)).rowcount
    db.commit()
    db.close()
    assert changed > 0, statement


SPOILT = {
    b"mailbox.world": "UPDATE mailbox SET name = CAST(? AS TEXT) WHERE name = 'Archive'",
    b"subscription.world": "INSERT INTO subscription (user, name) VALUES (99, CAST(?1 AS TEXT))",
    b"user.world": "UPDATE user SET address = CAST(?1 AS TEXT) || '@campus.example', name = CAST(?1 AS TEXT) "
                   "WHERE name = 'bo'",
    b"said.world": "UPDATE device_account SET said = CAST(? AS TEXT)",
    b"folder.world": "UPDATE device_folder SET name = CAST(? AS TEXT) WHERE id = (SELECT min(id) FROM device_folder)",
    b"heading.world": "UPDATE heading SET subject = CAST(?1 AS TEXT), from_text = CAST(?1 AS TEXT)",
    b"sentence.world": "UPDATE sentence SET line = CAST(? AS TEXT) WHERE rowid = 3",
    b"history.world": "UPDATE history SET line = CAST(? AS TEXT)",
    b"value.world": "UPDATE value SET value = CAST(? AS TEXT)",
    b"message.world": "UPDATE letter_name SET identity = CAST(? AS TEXT) || rowid",
    b"queue.world": "INSERT INTO queue (host, sender, recipient, domain, last_reply, message, since_ms, "
                    "next_ms, attempts, warned) "
                     "SELECT 'mail.campus.example', CAST(?1 AS TEXT), CAST(?1 AS TEXT), 'bakery.example', "
                     "CAST(?1 AS TEXT), 1, 1767603600000, 1767607200000, 1, 0",
}
TYPED = b"".join(line + b"\n" for line in (
    b"board", b"users", b"hosts", b"mail list", b"mail read 1", b"meter", b"story B", b"why phone B", b"log phone",
    b"mail sync", b"on laptop", b"mail list", b"board", b"dig mx bakery.example", b"help", b"states", b"why", b"more",
    b"tap on", b"telnet mail imap", b"a LOGIN ana tulip", b"b LIST \"\" *", b"c LSUB \"\" *", b"d SELECT INBOX",
    b"e FETCH 1:* (FLAGS ENVELOPE)", b":states", b":why", b":log mail.campus.example", b"f LOGOUT", b"wait 1h",
    b"save " + BAD + b".saved", b"exit"))
for name, statement in SPOILT.items():
    spoil(name, statement)
    check("fsck " + name.decode(), ["fsck", name])
    out = subprocess.run([PROGRAM, "--world", name, "--plain"], input=TYPED, capture_output=True,
                         env={"HOME": WORK, "TMPDIR": WORK, "LC_ALL": "C.UTF-8"})
    number += 1
    bad, text = harmful(out.stdout + out.stderr, False), out.stdout + out.stderr
    ok = not bad and b"\nforged" not in text and len(text) > 40
    failed += not ok
    print("%s %d - typed in %s" % ("ok" if ok else "not ok", number, name.decode()))
    if not ok:
        places = [text.find(c.encode("utf-8", "surrogateescape")) for c in bad[:3]] + [text.find(b"\nforged")]
        print("# exit %d: %r at %r" % (out.returncode, "", text[-300:]) if not bad else "# %r at %r" % (bad[:8], [text[max(0, at - 200):at + 40] for at in places if at >= 0][:2]))

print("1..%d" % number)
print("# %d octets captured" % captured)
sys.exit(failed > 0)
