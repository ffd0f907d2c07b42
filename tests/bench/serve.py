#!/usr/bin/env python3
"""`make bench P=serve`: the same loads against `pennypost serve` and, where they are installed,
against Dovecot and Postfix, started privately, side by side in one run, each syncing before it
acknowledges. The hot work is done by serve_load.c. A row: what; ours; theirs, the better of
Dovecot's two formats; ours in relation to theirs (above 1: we are ahead); growth: how much more
one message costs in a large mailbox than in one of 1,000 (for a whole SELECT: how much more it
costs). Figures, never a failure. FULL=1 takes 100,000 messages instead of 5,000, MESSAGES=20000 so
many; ROWS=text runs only the rows with that in their names, ROWS=text,text those of each."""
import os
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "interop"))
from lab import ROOT, Serve                                    # noqa: E402
from lab import dovecot, postfix, raw_imap                           # noqa: E402

LOAD = os.path.join(ROOT, os.environ.get("BUILD", "build/release-gcc"), "tests/bench/serve_load")
FULL = bool(os.environ.get("FULL"))
ROWS = [word.lower() for word in os.environ.get("ROWS", "").split(",")]
SMALL, LARGE = 1000, int(os.environ.get("MESSAGES") or (100000 if FULL else 5000))
SIZES = SMALL, LARGE
SECONDS_MAX = 600 if FULL else 60       # a row's longest
FILLERS = 16                            # sessions that fill a mailbox together
OURS = "pennypost"

# --- servers ----------------------------------------------------------------------------------------


def user(size):
    """Whose mailboxes have so many messages."""
    return "u%d" % size


class Ours:
    name = OURS

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="pennypost-bench.")
        users = [word for size in SIZES for word in ("--user", "%s@campus.example:tulip" % user(size))]
        self.serve = Serve("--smtp", "0", "--pop3", "0", "--imap", "0", *users, watch=False,
                           world=os.path.join(self.folder, "bench.world"))
        self.port = self.serve.port
        self.synced = self

    def pids(self):
        return [self.serve.process.pid]

    def stop(self):
        self.serve.stop()
        self.serve.clean()
        shutil.rmtree(self.folder, ignore_errors=True)


class Theirs:
    """By default Dovecot syncs what it takes in, but not what it changes: those rows are asked of
    a second one on the same mailboxes, which does (.synced)."""

    def __init__(self, mail, beside=None):
        self.name = "dovecot " + mail
        self.server = dovecot.Dovecot(mail, lmtp=not dovecot.missing("lmtp"), fast=True,
                                      sync="always" if beside else "optimized", beside=beside and beside.server)
        self.port = self.server.port
        self.synced = None if beside else Theirs(mail, self)

    def pids(self):
        """The master and all below it."""
        parents = {}
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open("/proc/%s/stat" % pid, encoding="utf-8") as stat:
                    parents[int(pid)] = int(stat.read().rsplit(")", 1)[1].split()[1])
            except OSError:
                pass
        found = [self.server.process.pid]
        for pid in found:
            found += [child for child, parent in parents.items() if parent == pid]
        return found

    def stop(self):
        if self.synced:
            self.synced.stop()
        self.server.stop()


def memory_kb(pids):
    """Each page counted once, however many share it."""
    total = 0
    for pid in pids:
        try:
            with open("/proc/%d/smaps_rollup" % pid, encoding="utf-8") as rollup:
                total += sum(int(line.split()[1]) for line in rollup if line.startswith("Pss:"))
        except OSError:
            pass
    return total


# --- rows -------------------------------------------------------------------------------------------


def load(*words):
    """The lines that serve_load printed, or None when it failed, which is said."""
    try:
        ran = subprocess.run([LOAD] + [str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             text=True, timeout=SECONDS_MAX, check=False)
    except subprocess.TimeoutExpired:
        print("# no end after %d s: %s" % (SECONDS_MAX, " ".join(map(str, words))))
        return None
    if ran.returncode:
        print("# %s: %s" % (" ".join(map(str, words)), ran.stderr.strip()))
        return None
    return ran.stdout.splitlines()


def seconds(lines):
    return float(lines[0].split()[0]) if lines else None


def imap(server, size, *jobs):
    return load("imap", server.port["imap"], user(size), "tulip", *jobs)


def pop3(server, size, *jobs):
    return load("pop3", server.port["pop3"], user(size), "tulip", *jobs)


def least(run):
    """Of five, where one is short: what others do on the machine only adds."""
    times = [run()]
    while times[0] is not None and times[0] < 0.7 and len(times) < 5:
        times.append(run())
    return None if None in times else min(times)


def human(value, unit):
    if value is None:
        return "-"
    for factor, message in ((1e6, "M"), (1e3, "k")):
        if value >= factor and unit == "/s":
            return "%.3g %s%s" % (value / factor, message, unit)
    return "%.3g %s" % (value, unit)


LINE = "%-34s %12s %12s %-16s %7s %7s"


def tell(name, unit, ours, theirs, growth=None):
    """Theirs: {name: value}. Of times and memory less is better, of the rest more."""
    less = unit in ("ms", "KB")
    known = {who: value for who, value in theirs.items() if value}
    best = (min if less else max)(known, key=known.get) if known else None
    ratio = "%.2f" % (known[best] / ours if less else ours / known[best]) if best and ours else "-"
    print(LINE % (name, human(ours, unit), human(known.get(best), unit), best or "", ratio,
                  "%.2f" % growth if growth else "-"), flush=True)


def wanted(name):
    return any(word in name.lower() for word in ROWS)


def measured(name, unit, servers, run, amount, changes=False):
    """One row. run(server, size) gives seconds, amount(size) what was done in them."""
    if not wanted(name):
        return
    fill(servers)
    took = {(server.name, size): least(lambda: run(server.synced if changes else server, size))
            for server in servers for size in SIZES}

    def each(who, size):
        return took[who, size] / amount(size) if took[who, size] else None

    def value(who):
        one = each(who, LARGE)
        return one and (one * 1000 if unit == "ms" else 1 / one)
    has_ours = any(server.name == OURS for server in servers)
    small, large = (each(OURS, size) if has_ours else None for size in SIZES)
    tell(name, unit, value(OURS) if has_ours else None, {server.name: value(server.name) for server in servers if server.name != OURS},
         small and large and large / small)


# --- IMAP and POP3 ----------------------------------------------------------------------------------


def offers_multiappend(server):
    client = raw_imap.RawImap(server.port["imap"], user(SMALL))
    words = b" ".join(client.ok("CAPABILITY")).split()
    client.close()
    return b"MULTIAPPEND" in words and b"LITERAL+" in words


def fill_one(server, size):
    """Sessions side by side, or one that says all at once if the server takes that."""
    count = 1 if offers_multiappend(server) else FILLERS
    imap(server, size, ".CREATE big", ".CREATE to", ".CREATE app")
    words = [LOAD, "imap", str(server.port["imap"]), user(size), "tulip"]
    running = [subprocess.Popen(words + [".%d%%big:%d" % (size // count + (size % count if n == 0 else 0), n * size)],
                                stdout=subprocess.DEVNULL) for n in range(count)]
    for one in running:
        one.wait()
    # What is looked up once is remembered: Dovecot's best.
    imap(server, size, ".SELECT big", ".COPY 1:* INBOX", ".FETCH 1:* (FLAGS ENVELOPE BODYSTRUCTURE RFC822.SIZE INTERNALDATE)",
         ".SEARCH SUBJECT zzz")
    pop3(server, size, ".LIST", ".UIDL")


def fill(servers, filled=[]):
    """Before the first row that needs it."""
    if filled:
        return
    filled.append(True)
    for server in servers:
        start = time.monotonic()
        for size in SIZES:
            fill_one(server, size)
        print("# %s holds %d and %d messages after %.1f s" % (server.name, SMALL, LARGE, time.monotonic() - start), flush=True)


def copied(size):
    return min(size, 10000)


def on_big(*jobs, setup=(), many=1):
    """The first job on a mailbox that is selected, timed; `many`: how often it is done."""
    def run(server, size):
        words = [job.replace("@", str(copied(size))) for job in (".SELECT big",) + setup + jobs]
        took = seconds(imap(server, size, *words))
        return took and took / many
    return run


def one(size):
    return 1


def every(size):
    return size


def imap_rows(servers):
    empty = (".SELECT to", ".STORE 1:* +FLAGS.SILENT (\\Deleted)", ".EXPUNGE")
    for row in (
            ("SELECT", "ms", on_big("20*SELECT big", many=20), one),
            ("FETCH 1:* FLAGS", "/s", on_big("FETCH 1:* (FLAGS)"), every),
            ("FETCH 1:* ENVELOPE", "/s", on_big("FETCH 1:* (ENVELOPE)"), every),
            ("FETCH 1:* BODYSTRUCTURE", "/s", on_big("FETCH 1:* (BODYSTRUCTURE)"), every),
            ("FETCH 1:* BODY[]", "MiB/s", on_big("FETCH 1:* (BODY.PEEK[])"), lambda size: size * 6.2 / 1024),
            ("FETCH of one BODY[], random", "/s", on_big("1000*FETCH ? (BODY.PEEK[])", many=1000), one),
            ("SEARCH SUBJECT, of 1,000", "ms", on_big('SEARCH SUBJECT "number 777"'), lambda size: size / 1000),
            ("SEARCH TEXT, of 1,000", "ms", on_big("SEARCH TEXT zzzz"), lambda size: size / 1000),
            ("STORE 1:* +FLAGS", "/s", on_big("STORE 1:* +FLAGS (\\Flagged)", ".STORE 1:* -FLAGS.SILENT (\\Flagged)"), every),
            ("STORE 1:* +FLAGS.SILENT", "/s", on_big("STORE 1:* +FLAGS.SILENT (\\Flagged)", setup=(".STORE 1:* -FLAGS.SILENT (\\Flagged)",)), every),
            ("STORE 1:* +FLAGS.SILENT \\Deleted", "/s", on_big("STORE 1:* +FLAGS.SILENT (\\Deleted)", ".STORE 1:* -FLAGS.SILENT (\\Deleted)"), every),
            ("COPY of up to 10,000", "/s", on_big("COPY 1:@ to", *empty), copied),
            ("EXPUNGE of up to 10,000", "/s", on_big("EXPUNGE", setup=(".COPY 1:@ to",) + empty[:2]), copied),
            ("MOVE of up to 10,000", "/s", on_big("MOVE 1:* app", ".SELECT app", *empty[1:], setup=(".COPY 1:@ to", ".SELECT to")), copied),
            ("APPEND of 4 KiB, one at a time", "/s", on_big("300^big", many=300), one),
            ("MULTIAPPEND, 50 a time", "/s", on_big("1000+app", many=1000), one)):
        if row[0].startswith("MULTI"):
            servers = [server for server in servers if offers_multiappend(server)]
        measured(row[0], row[1], servers, row[2], row[3], changes=row[0].startswith(("STORE", "EXPUNGE", "MOVE")))


def pop3_rows(servers):
    def run(job, times):
        return lambda server, size: (lambda took: took and took / times(size))(
            seconds(pop3(server, size, job.replace("@", str(copied(size))))))
    measured("POP3 RETR, one at a time", "/s", servers, run("@*RETR #", copied), one)
    measured("POP3 RETR, pipelined", "/s", servers, run("@|RETR #", copied), one)
    measured("POP3 UIDL, of 1,000", "ms", servers, run("10*UIDL", lambda size: 10), lambda size: size / 1000)


# --- the rest ---------------------------------------------------------------------------------------


def plain(name, unit, ours, theirs):
    """A row without sizes: functions that give a value."""
    if wanted(name):
        tell(name, unit, ours(), {who: run() for who, run in theirs.items()})


def per_second(times, *words):
    took = least(lambda: seconds(load(*words)))
    return took and times / took


def delivery_rows(ours, dovecots, mailer):
    """A disk's syncs take turns between fast and slow: so do the servers, and the middle counts."""
    for connections, times in ((1, 40), (8, 400)):
        name = "deliveries of 1 KiB, %d connection%s" % (connections, "s"[:connections - 1])
        if not wanted(name):
            continue

        def deliver(protocol, port, size, times=times, connections=connections):
            took = seconds(load(protocol, port, connections, times, 1024, user(size) + "@campus.example"))
            return took and times / took
        runs = {OURS: ("smtp", ours.port["smtp"], LARGE), "small": ("smtp", ours.port["smtp"], SMALL)}
        if mailer:
            runs["postfix"] = ("smtp", mailer.port, SMALL)
        runs.update((server.name, ("lmtp", server.port["lmtp"], SMALL)) for server in dovecots
                    if server.server.words["protocols"].endswith("lmtp"))
        values = {who: [] for who in runs}
        for _ in range(5):
            for who, run in runs.items():
                values[who].append(deliver(*run))
        value = {who: sorted(found)[len(found) // 2] for who, found in values.items() if None not in found}
        theirs = [who for who in value if who not in (OURS, "small")] or [None]
        for who in theirs:
            first = who == theirs[0]
            tell(name if first else "", "/s", value.get(OURS), {who: value[who]} if who else {},
                 value["small"] / value[OURS] if first and len({OURS, "small"} & set(value)) == 2 else None)


def idle_kb(server, count=200):
    """What one more session costs that has selected INBOX and is silent."""
    before = memory_kb(server.pids())
    client = subprocess.Popen([LOAD, "idle", str(server.port["imap"]), user(SMALL), "tulip", str(count)],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    ready = client.stdout.readline()
    after = memory_kb(server.pids())
    client.stdin.close()
    client.wait()
    return (after - before) / count if ready else None


def other_rows(ours, dovecots, mailer):
    times = 300000
    plain("NOOP pipelined, IMAP", "/s",
          lambda: per_second(times, "imap", ours.port["imap"], user(SMALL), "tulip", "%d|NOOP" % times),
          {server.name: lambda server=server: per_second(times, "imap", server.port["imap"], user(SMALL), "tulip",
                                                         "%d|NOOP" % times) for server in dovecots[:1]})
    plain("NOOP pipelined, POP3", "/s",
          lambda: per_second(times, "pop3", ours.port["pop3"], user(SMALL), "tulip", "%d|NOOP" % times),
          {server.name: lambda server=server: per_second(times, "pop3", server.port["pop3"], user(SMALL), "tulip",
                                                         "%d|NOOP" % times) for server in dovecots[:1]})
    plain("NOOP pipelined, SMTP", "/s", lambda: per_second(times, "noop-smtp", ours.port["smtp"], times),
          {"postfix": lambda: per_second(times, "noop-smtp", mailer.port, times)} if mailer else {})
    plain("connect, login, logout", "/s", lambda: per_second(300, "login", ours.port["imap"], user(SMALL), "tulip", 300),
          {server.name: lambda server=server: per_second(300, "login", server.port["imap"], user(SMALL), "tulip", 300)
           for server in dovecots[:1]})
    plain("memory of an idle IMAP session", "KB", lambda: idle_kb(ours, 900),
          {server.name: lambda server=server: idle_kb(server, 50) for server in dovecots})


def main():
    start = time.monotonic()
    print("# %d processors; mailboxes of %d and %d messages of 6 KiB%s" % (
        os.cpu_count(), SMALL, LARGE, "" if FULL else ", FULL=1 for 100000"))
    print("# the machine's load is %.1f: above %d the figures are a lottery" % (os.getloadavg()[0], os.cpu_count() // 2))
    print("# synced before it is acknowledged: pennypost by WAL and synchronous=FULL, Postfix by its queue, Dovecot by")
    print("# mail_fsync=optimized, and for STORE and EXPUNGE, which that does not sync, by mail_fsync=always")
    print("# the client's own floor: %s lines" % human(per_second(3000000, "echo", 3000000), "/s"))
    ours = Ours()
    absent = dovecot.missing("imap", "pop3", "imap-login", "pop3-login")
    dovecots = [] if absent else [Theirs("maildir"), Theirs("mdbox")]
    if absent:
        print("# nothing of Dovecot's to compare with: %s is not installed" % absent)
    absent = postfix.missing()
    mailer = None if absent else postfix.Postfix(*map(user, SIZES))
    if absent:
        print("# nothing of Postfix's to compare with: %s" % absent)
    print(LINE % ("", "ours", "theirs", "", "ratio", "growth"))
    imap_rows([ours] + dovecots)
    pop3_rows([ours] + dovecots)
    other_rows(ours, dovecots, mailer)
    delivery_rows(ours, dovecots, mailer)
    for server in [ours] + dovecots + [mailer] * bool(mailer):
        server.stop()
    print("# %.0f s" % (time.monotonic() - start))


main()
