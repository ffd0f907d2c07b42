#!/usr/bin/env python3
"""`make bench P=hold`: how long one command holds the others. A world with 50,000 messages in one
mailbox is built once; for each command `pennypost serve` is started on a copy of it, one connection
says the command, and another one asks NOOP every 2 ms. A row: command; which program; the command's
wall clock and the server's processor time; how long the worst NOOP waited: the middle of RUNS runs,
and all of them. The first row has no command: what this machine does to a NOOP by itself; the second
what its disk does. Figures, never a failure.

BESIDE=PROGRAM runs a second program, built of an earlier version, in the same run (and it makes the
world). MESSAGES=800000, RUNS=3, ROWS=copy,thread (the rows with that in their names). SAME=1: who
asks NOOP has selected the mailbox that the command is about. WORLD=FILE is taken, or made and kept.
On a busy machine `sudo nice -n -15 make bench P=hold` comes nearer to what the commands cost."""
import multiprocessing
import os
import shutil
import socket
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "interop"))
import lab                                                              # noqa: E402

MESSAGES = int(os.environ.get("MESSAGES") or 50000)
RUNS = int(os.environ.get("RUNS") or 5)
ROWS = [word.lower() for word in os.environ.get("ROWS", "").split(",")]
SAME = bool(os.environ.get("SAME"))
EVERY = 0.002
AT_ONCE = 60            # messages in one APPEND
WIDE = 5                # messages with a header of a megabyte
NAMES = 900             # mailboxes with long names
SECONDS_MAX = 600

# --- clients ----------------------------------------------------------------------------------------


class Line:
    """A connection that sends and waits for the line that ends the answer."""

    def __init__(self, port, protocol="imap", user="ana"):
        self.socket = socket.create_connection((lab.HOST, port), SECONDS_MAX)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rest = b""
        self.protocol = protocol
        self.until(b"\r\n")
        if protocol == "imap" and user:
            self.imap("LOGIN %s tulip" % user)

    def until(self, end):
        """What comes, up to a line that begins so (for CRLF: one line). Only its end is kept."""
        while True:
            at = 0 if end == b"\r\n" or self.rest.startswith(end) else self.rest.find(b"\n" + end) + 1
            done = self.rest.find(b"\r\n", at)
            if done >= 0 and (at or end == b"\r\n" or self.rest.startswith(end)):
                line, self.rest = self.rest[at:done], self.rest[done + 2:]
                return line
            if end != b"\r\n" and len(self.rest) > 1 << 16:
                self.rest = self.rest[-(1 << 12):]
            got = self.socket.recv(1 << 18)
            if not got:
                raise EOFError
            self.rest += got

    def imap(self, command):
        self.socket.sendall(b"x1 " + command.encode() + b"\r\n")
        line = self.until(b"x1 ")
        if not line.startswith(b"x1 OK"):
            print("# %s: %s" % (command[:60], line[:100].decode()))
        return line

    def pop3(self, command, many=b""):
        self.socket.sendall(command.encode() + b"\r\n")
        line = self.until(b"\r\n")
        if not line.startswith(b"+OK"):
            print("# %s: %s" % (command, line[:100].decode()))
        elif many:
            self.until(many)
        return line


def ask(port, answers, stop):
    """Another client. Sends the waits since it was last asked for."""
    line = Line(port, user="ana" if SAME else "eve")
    line.imap("SELECT %s" % ("big" if SAME and b"OK" in line.imap("STATUS big (MESSAGES)") else "INBOX"))
    waits = []
    answers.send("ready")
    while not stop.is_set():
        start = time.perf_counter()
        line.imap("NOOP")
        end = time.perf_counter()
        waits.append((start, end))
        if end - start < EVERY:
            time.sleep(EVERY - (end - start))
    answers.send(waits)

# --- the world --------------------------------------------------------------------------------------


def message(number):
    """A conversation of eight, some words that differ, a header as mail has it."""
    first = number - number % 8
    answers = "".join("<%d@campus.example> " % n for n in range(first, number))
    return ("Received: from a (a [192.0.2.1]) by b with ESMTP id %d\r\n"
            "From: Person %d <p%d@campus.example>\r\nTo: Ana <ana@campus.example>\r\n"
            "Subject: %sNumber %d of them\r\nDate: Mon, 5 Jan 2026 %02d:%02d:%02d +0000\r\n"
            "Message-ID: <%d@campus.example>\r\n%sContent-Type: text/plain\r\n\r\n"
            "Some words, and %d.\r\nSome more of them here.\r\n" %
            (number, number % 97, number % 97, "Re: " if answers else "", first, number // 3600 % 24,
             number // 60 % 60, number % 60, number, "References: %s\r\n" % answers.strip() if answers else "",
             number)).encode()


def wide(number):
    field = b"X-Wide-%d: " + b"w" * 900 + b"\r\n"
    return b"Subject: wide\r\n" + b"".join(field % n for n in range(1100)) + b"\r\nbody %d\r\n" % number


def append(line, box, messages):
    line.socket.sendall(b"x1 APPEND " + box + b"".join(b" {%d+}\r\n%s" % (len(one), one) for one in messages) +
                        b"\r\n")
    said = line.until(b"x1 ")
    if not said.startswith(b"x1 OK"):
        raise RuntimeError(said)


def build(path):
    start = time.monotonic()
    serve = lab.Serve("--smtp", "0", "--pop3", "0", "--imap", "0", "--user", "ana@campus.example:tulip", "--user",
                      "eve@campus.example:tulip", "--user", "wide@campus.example:tulip", watch=False, world=path)
    line = Line(serve.port["imap"])
    for at in range(0, MESSAGES, AT_ONCE):
        append(line, b"INBOX", [message(n) for n in range(at, min(at + AT_ONCE, MESSAGES))])
    line.imap("CREATE to")
    line = Line(serve.port["imap"], user="wide")
    for n in range(WIDE):
        append(line, b"INBOX", [wide(n)])
    for n in range(NAMES):
        line.imap("CREATE %s%d" % ("a" * 240, n))
        line.imap("SUBSCRIBE %s%d" % ("a" * 240, n))
    serve.stop()
    serve.clean()
    print("# a world of %d messages after %.1f s" % (MESSAGES, time.monotonic() - start), flush=True)

# --- commands ---------------------------------------------------------------------------------------


def imap(*commands, box="INBOX", user="ana"):
    """The last one is measured."""
    def setup(port):
        line = Line(port, user=user)
        if box:
            line.imap("SELECT " + box)
        for command in commands[:-1]:
            line.imap(command)
        return lambda: line.imap(commands[-1])
    return setup


def big(*commands, selected=True):
    return imap("RENAME INBOX big", *(("SELECT big",) if selected else ()), *commands, box=None)


def pop3(last, *before, many=b""):
    def setup(port):
        line = Line(port, "pop3")
        line.pop3("USER ana")
        for command in before:
            line.pop3(command)
        return lambda: line.pop3(last, many)
    return setup


def pop3_quit(port):
    line = Line(port, "pop3")
    line.pop3("USER ana")
    line.pop3("PASS tulip")
    for at in range(1, MESSAGES + 1, 500):
        last = min(at + 500, MESSAGES + 1)
        line.socket.sendall(b"".join(b"DELE %d\r\n" % n for n in range(at, last)))
        for _ in range(at, last):
            line.until(b"\r\n")
    return lambda: line.pop3("QUIT")


def appends(port):
    """How long this disk takes to sync."""
    line = Line(port, user="eve")
    return lambda: [append(line, b"INBOX", [b"Subject: x\r\n\r\nx\r\n"]) for _ in range(100)]


def large(port):
    """EXPUNGE of messages of 20 MB."""
    line = Line(port, user="eve")
    for _ in range(5):
        append(line, b"INBOX", [b"Subject: x\r\n\r\n" + (b"y" * 76 + b"\r\n") * 260000])
    line.imap("SELECT INBOX")
    line.imap(DELETED)
    return lambda: (line.imap("EXPUNGE"), time.sleep(0.5))


def crowd(count):
    """Clients that send without reading, then a login."""
    def setup(port):
        lines = [Line(port, user="eve") for _ in range(count)]
        for line in lines:
            line.socket.setblocking(False)
            try:
                line.socket.send(b"x NOOP\r\n" * 100000)
            except BlockingIOError:
                pass

        def run():
            Line(port, user="ana").imap("LOGOUT")
            return lines
        return run
    return setup


DELETED = "STORE 1:* +FLAGS.SILENT (\\Deleted)"
FIELDS = "FETCH 1:* (%s)" % " ".join("BODY.PEEK[HEADER.FIELDS (%s)]" % " ".join("F%d-%d" % (n, k) for k in range(60))
                                     for n in range(60))
ITEMS = "(UID RFC822.SIZE FLAGS BODY.PEEK[HEADER.FIELDS (From To Cc Subject Date Message-ID References)])"
COMMANDS = (
    ("nothing, for a second", lambda port: lambda: time.sleep(1)),
    ("100 small APPENDs, one by one", appends),
    ("SEARCH with 330 HEADER keys", imap("SEARCH " + " ".join("HEADER X-%d zz" % n for n in range(330)))),
    ("SEARCH with 450 SUBJECT keys", imap("SEARCH " + " ".join("SUBJECT zz%d" % n for n in range(450)))),
    ("SEARCH with 450 flag keys", imap("SEARCH " + "UNSEEN UNFLAGGED UNDELETED " * 150 + "ALL")),
    ("SEARCH TEXT", imap("SEARCH TEXT zzzz")),
    ("SORT by 3 texts", imap("SORT (SUBJECT FROM TO) UTF-8 ALL")),
    ("THREAD REFERENCES", imap("THREAD REFERENCES UTF-8 ALL")),
    ("THREAD ORDEREDSUBJECT", imap("THREAD ORDEREDSUBJECT UTF-8 ALL")),
    ("SELECT", imap("CLOSE", "SELECT INBOX")),
    ("SELECT by QRESYNC", imap("CLOSE", "ENABLE QRESYNC", "SELECT INBOX (QRESYNC (1767603600 1))")),
    ("STATUS of DELETED", imap("STATUS INBOX (MESSAGES DELETED DELETED-STORAGE)")),
    ("FETCH FLAGS", imap("FETCH 1:* (FLAGS)")),
    ("FETCH as a mail program", imap("FETCH 1:* " + ITEMS)),
    ("FETCH BODY[] of all", imap("FETCH 1:* (BODY.PEEK[])")),
    ("FETCH BODY[] of all, \\Seen set", imap("FETCH 1:* (BODY[TEXT])")),
    ("FETCH 60 x HEADER.FIELDS of 1 MB", imap(FIELDS, user="wide")),
    ("LIST with 8 x 250 wildcards", imap('LIST (SUBSCRIBED) "" (%s) RETURN (CHILDREN)' % " ".join(["*a" * 124 + "*b"] * 8),
                                         user="wide", box=None)),
    ("LIST of 8 x 250 wildcards, all", imap('LIST "" (%s) RETURN (CHILDREN)' % " ".join(["*a" * 124 + "*b"] * 8),
                                            user="wide", box=None)),
    ("LSUB with 500 wildcards", imap('LSUB "" %s' % ("*a" * 250 + "%"), user="wide", box=None)),
    ("STORE +FLAGS", imap("STORE 1:* +FLAGS (\\Flagged)")),
    ("STORE +FLAGS.SILENT", imap("STORE 1:* +FLAGS.SILENT (\\Flagged)")),
    ("STORE of every second", imap("STORE 2 +FLAGS ($Odd)", "STORE %s -FLAGS.SILENT (\\Flagged)" %
                                   ",".join(map(str, range(1, min(MESSAGES, 16000), 2))))),
    ("COPY", imap("COPY 1:* to")),
    ("COPY into itself", imap("COPY 1:* INBOX")),
    ("MOVE", imap("MOVE 1:* to")),
    ("EXPUNGE", imap(DELETED, "EXPUNGE")),
    ("UID EXPUNGE", imap(DELETED, "UID EXPUNGE 1:*")),
    ("EXPUNGE of 5 x 20 MB", large),
    ("CLOSE", imap(DELETED, "CLOSE")),
    ("DELETE, nobody looks", big("NOOP", "DELETE big", selected=False)),
    ("DELETE, selected", big("DELETE big")),
    ("RENAME INBOX", imap("RENAME INBOX old", box=None)),
    ("RENAME INBOX, selected", imap("RENAME INBOX old")),
    ("POP3 login", pop3("PASS tulip")),
    ("POP3 LIST", pop3("LIST", "PASS tulip", many=b".")),
    ("POP3 UIDL", pop3("UIDL", "PASS tulip", many=b".")),
    ("POP3 QUIT after DELE of all", pop3_quit),
    ("a login beside 300 that do not read", crowd(300)),
)

# --- measuring --------------------------------------------------------------------------------------


def cpu_seconds(pid):
    with open("/proc/%d/stat" % pid, encoding="utf-8") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mb(pid):
    """The most it ever had."""
    with open("/proc/%d/status" % pid, encoding="utf-8") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))


def measure(world, setup):
    """(wall, processor, worst wait, most memory), in seconds and megabytes."""
    folder = tempfile.mkdtemp(prefix="pennypost-hold.")
    copy = os.path.join(folder, "hold.world")
    shutil.copyfile(world, copy)
    with open(copy, "rb") as written:      # else the server's first sync is one of all that was copied
        os.fsync(written.fileno())
    serve = lab.Serve("--smtp", "0", "--pop3", "0", "--imap", "0", watch=False, world=copy)
    try:
        run = setup(serve.port["imap"] if "pop3" not in setup.__qualname__ else serve.port["pop3"])
        answers, theirs = multiprocessing.Pipe()
        stop = multiprocessing.Event()
        other = multiprocessing.Process(target=ask, args=(serve.port["imap"], theirs, stop), daemon=True)
        other.start()
        answers.recv()
        time.sleep(0.1)
        before, start = cpu_seconds(serve.process.pid), time.perf_counter()
        kept = run()
        end, after = time.perf_counter(), cpu_seconds(serve.process.pid)
        time.sleep(0.1)
        stop.set()
        waits = answers.recv()
        other.join()
        del kept
        worst = max(done - asked for asked, done in waits if done >= start and asked <= end + 0.05)
        return end - start, after - before, worst, memory_mb(serve.process.pid)
    finally:
        serve.stop()
        serve.clean()
        shutil.rmtree(folder, ignore_errors=True)


def middle(values):
    return sorted(values)[len(values) // 2]


LINE = "%-36s %-8s %9s %9s %8s %7s   %s"


def main():
    programs = [("this", lab.PROGRAM)]
    if os.environ.get("BESIDE"):
        programs.append(("beside", os.path.abspath(os.environ["BESIDE"])))
    folder = tempfile.mkdtemp(prefix="pennypost-hold.")
    world = os.environ.get("WORLD") or os.path.join(folder, "hold.world")
    try:
        lab.PROGRAM = programs[-1][1]
        if not os.path.exists(world):
            build(world)
        print("# load %.1f on %d processors" % (os.getloadavg()[0], os.cpu_count()))
        print(LINE % ("command", "program", "wall ms", "cpu ms", "wait ms", "MB", "all waits, ms"))
        for name, setup in COMMANDS:
            if not any(word in name.lower() for word in ROWS):
                continue
            runs = {who: [] for who, _ in programs}
            for _ in range(RUNS):
                for who, program in programs:
                    lab.PROGRAM = program
                    runs[who].append(measure(world, setup))
            for who, _ in programs:
                wall, cpu, wait, memory = zip(*runs[who])
                print(LINE % (name, who, "%.0f" % (middle(wall) * 1000), "%.0f" % (middle(cpu) * 1000),
                              "%.1f" % (middle(wait) * 1000), "%.0f" % max(memory),
                              " ".join("%.1f" % (one * 1000) for one in sorted(wait))), flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
