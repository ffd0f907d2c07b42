#!/usr/bin/env python3
"""`serve --watch` on a terminal that is stopped with Ctrl-S, or that nobody reads: clients are
served on, what could not be shown is bounded and told, and the goodbye ends."""
import pty
import re
from lab import *

ROUNDS = 1500           # each leaves records; more than wait for a terminal


def start():
    master, slave = pty.openpty()
    home = tempfile.mkdtemp(prefix="pennypost-interop.")
    env = {"PATH": os.environ["PATH"], "HOME": home, "TERM": "dumb", "LC_ALL": "C.UTF-8"}
    process = subprocess.Popen([PROGRAM, "serve", "--watch"], stdin=subprocess.DEVNULL, stdout=slave,
                               stderr=slave, env=env)
    os.close(slave)
    text = read_until(master, b"Stop with Ctrl-C")
    return process, master, int(re.search(rb"imap +(\d+)", text).group(1))


def read_until(master, wanted, seconds=SECONDS):
    heard, end = b"", time.monotonic() + seconds
    while wanted not in heard and time.monotonic() < end:
        if select.select([master], [], [], 0.1)[0]:
            heard += os.read(master, 65536)
    return heard


def served(port):
    """How many commands were answered."""
    with socket.create_connection((HOST, port), SECONDS) as line, line.makefile("rb") as heard:
        line.settimeout(SECONDS)
        heard.readline()
        for i in range(ROUNDS):
            line.sendall(b"a%d NOOP\r\n" % i)
            try:
                if not heard.readline().startswith(b"a%d OK" % i):
                    return i
            except OSError:
                return i
    return ROUNDS


process, master, port = start()
os.write(master, b"\x13")
same(served(port), ROUNDS, "a client is served while the terminal is stopped")
os.write(master, b"\x11")
with socket.create_connection((HOST, port), SECONDS) as line:
    text = read_until(master, b"were not shown")
ok(re.search(rb"\d+ lines were not shown", text), "what was missed is told", text[-500:])
ok(text.count(b"NOOP") < 2 * ROUNDS, "… and was not kept", len(text))
same(served(port), ROUNDS, "a client is served while nobody reads the terminal")
process.send_signal(signal.SIGTERM)
ended = wait_for(lambda: process.poll() is not None)
ok(ended and process.returncode == 0, "the goodbye waits for nobody", process.returncode)
done()
