#!/usr/bin/env python3
# `pennypost serve` as a program among programs: many sessions, clients that are slow, hurried,
# half gone or gone, ports that are taken, addresses, and how it stops.
from lab import *
import resource

IDLE = 2000
IDLE_BYTES_MAX = 10 * 1024
SANITIZED = os.environ.get("MODE") == "san"


def dial(serve, service, address=HOST):
    return socket.create_connection((address, serve.port[service]), SECONDS)


def line(connection):
    told = b""
    while not told.endswith(b"\n"):
        part = connection.recv(1)
        if not part:
            break
        told += part
    return told


def ask(connection, command, begins):
    """Sends a line; the first answer that begins so."""
    connection.sendall(command)
    told = line(connection)
    while told and not told.startswith(begins):
        told = line(connection)
    return told


def ended(connection):
    """All that still comes, up to the end; None if the line was reset."""
    told = b""
    try:
        while part := connection.recv(65536):
            told += part
    except ConnectionResetError:
        return None
    return told


def memory(process):
    with open("/proc/%d/statm" % process.pid, encoding="ascii") as numbers:
        return int(numbers.read().split()[1]) * resource.getpagesize()


def cpu(process):
    with open("/proc/%d/stat" % process.pid, encoding="ascii") as numbers:
        fields = numbers.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
room = hard == resource.RLIM_INFINITY or hard > IDLE + 200
if room:
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard if hard != resource.RLIM_INFINITY else IDLE + 500, hard))
else:
    IDLE = max(50, hard - 200)

# --- many who are idle ----------------------------------------------------------------------------
serve = Serve("--imap", "0", "--smtp", "0", "--pop3", "0", watch=False)
first = dial(serve, "imap")
line(first)
ask(first, b"a LOGIN ana tulip\r\n", b"a ")
before = memory(serve.process)
crowd = []
for i in range(IDLE):
    one = dial(serve, "imap")
    line(one)
    one.sendall(b"a LOGIN ana tulip\r\nb SELECT INBOX\r\nc IDLE\r\n")
    crowd.append(one)
for one in crowd:
    told = line(one)
    while told and not told.startswith(b"+ "):
        told = line(one)
each = (memory(serve.process) - before) // IDLE
ok(told.startswith(b"+ "), "%d sessions are logged in, have a mailbox open and idle" % IDLE)
ok(SANITIZED or each <= IDLE_BYTES_MAX, "each of them takes at most %d octets" % IDLE_BYTES_MAX, "%d" % each)
print("# %d octets an idle session%s" % (each, ", with the sanitizer's" if SANITIZED else ""))
start = time.monotonic()
for i in range(200):
    ask(first, b"n NOOP\r\n", b"n OK")
took = (time.monotonic() - start) / 200
ok(took < (0.02 if SANITIZED else 0.005), "somebody who is not idle doesn't notice them", "%.6f s a NOOP" % took)
busy = cpu(serve.process)
time_to = time.monotonic() + 1
wait_for(lambda: time.monotonic() > time_to)
ok(cpu(serve.process) - busy < 0.3, "while all are idle, the server is", cpu(serve.process) - busy)
send(serve, "to all who wait", to="ana@campus.example")
heard = sum(b"EXISTS" in line(one) for one in crowd)
same(heard, IDLE, "all are told of a message")
for one in crowd:
    one.close()
ask(first, b"n NOOP\r\n", b"n OK")

# --- somebody floods ------------------------------------------------------------------------------
FLOOD = 100000 if SANITIZED else 1000000


class Flood(threading.Thread):
    """Pipelines NOOPs and counts the answers."""

    def __init__(self, service, greeting, command):
        super().__init__(daemon=True)
        self.connection, self.command, self.answers, self.done = dial(serve, service), command, 0, False
        if greeting:
            line(self.connection)
            self.connection.sendall(greeting)
            while not line(self.connection).startswith((b"250 ", b"a OK")):
                pass
        else:
            line(self.connection)
        self.writer = threading.Thread(target=lambda: self.connection.sendall(command * FLOOD), daemon=True)

    def run(self):
        self.writer.start()
        while self.answers < FLOOD:
            part = self.connection.recv(1 << 20)
            if not part:
                return
            self.answers += part.count(b"\n")
        self.done = True


floods = [Flood("smtp", b"EHLO flood\r\n", b"NOOP\r\n"), Flood("imap", b"a LOGIN cem birch\r\n", b"a NOOP\r\n")]
for flood in floods:
    flood.start()
wait_for(lambda: all(flood.answers for flood in floods))
slowest, asked = 0, 0
while not all(flood.done for flood in floods) and asked < 200:
    start = time.monotonic()
    ask(first, b"n NOOP\r\n", b"n OK")
    slowest = max(slowest, time.monotonic() - start)
    asked += 1
ok(asked > 5, "while two pipeline %d NOOPs" % FLOOD, "the floods were over after %d" % asked)
ok(slowest < (2 if SANITIZED else 0.25), "another is answered at once", "%.4f s" % slowest)
print("# the slowest of %d answers beside the floods took %.1f ms" % (asked, slowest * 1000))
for flood in floods:
    flood.join(SECONDS)
ok(all(flood.done for flood in floods), "and each NOOP has its answer", [flood.answers for flood in floods])

# --- somebody takes nothing -----------------------------------------------------------------------
client = imap(serve, "cem")
client.append("INBOX", None, None, eml("large", body="0123456789\r\n" * 200000).encode())
client.logout()
# His window is closed, and ours: what he asked for is neither read from the store nor kept for him.
deaf = socket.socket()
deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
deaf.connect((HOST, serve.port["imap"]))
line(deaf)
deaf.sendall(b"a LOGIN cem birch\r\na SELECT INBOX\r\n" + b"a FETCH * BODY.PEEK[]\r\n" * 500)
before = memory(serve.process)
for i in range(50):
    ask(first, b"n NOOP\r\n", b"n OK")
ok(memory(serve.process) - before < (64 << 20 if SANITIZED else 8 << 20), "who takes nothing is kept nothing",
   "%d octets" % (memory(serve.process) - before))
half = dial(serve, "smtp")
line(half)
half.sendall(b"EHLO half\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<cem@campus.example>\r\nDATA\r\nSubject: never\r\n")
ask(first, b"n NOOP\r\n", b"n OK")
deaf.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
deaf.close()    # RST
half.close()    # FIN in the middle of a message
ask(first, b"n NOOP\r\n", b"n OK")
ok("never" not in subjects(serve, "cem"), "half a message is none")

# The message comes back at the speed of the line, not of a clock's ticks.
start = time.monotonic()
client = imap(serve, "cem", "INBOX")
got = client.fetch("*", "(BODY.PEEK[])")[1][0][1]
ok(len(got) > 2400000 and time.monotonic() - start < (20 if SANITIZED else 2), "2.4 MB are there in less than two seconds",
   "%d octets in %.3f s" % (len(got), time.monotonic() - start))
client.logout()

# --- who ends his half first, and who goes on after the end -----------------------------------------
one = dial(serve, "smtp")
one.sendall(b"EHLO one\r\nNOOP\r\nQUIT\r\n")
one.shutdown(socket.SHUT_WR)
ok((ended(one) or b"").rstrip().split(b"\n")[-1].startswith(b"221 "), "who says no more still hears the answers")
one = dial(serve, "pop3")
one.sendall(b"QUIT\r\n" + b"NOOP\r\n" * 10000)
ok((ended(one) or b"").rstrip().split(b"\n")[-1].startswith(b"+OK"), "who talks on after QUIT hears the goodbye")

# --- it stops -------------------------------------------------------------------------------------
goers = {name: dial(serve, name) for name in ("smtp", "pop3", "imap")}
for one in goers.values():
    line(one)
ask(goers["smtp"], b"EHLO goer\r\n", b"250 ")
ask(first, b"x SELECT INBOX\r\n", b"x OK")
first.sendall(b"x IDLE\r\n")
line(first)
serve.process.send_signal(signal.SIGTERM)
has("421 4.3.2 ", ended(goers["smtp"]) or b"", "SIGTERM: SMTP says 421")
same(ended(goers["imap"]), b"* BYE Server shutting down\r\n", "IMAP says BYE")
same(ended(first), b"* BYE Server shutting down\r\n", "in IDLE too")
same(ended(goers["pop3"]), b"", "POP3 has no word for it, and says none")
same(serve.process.wait(SECONDS), 0, "and it ends well")
serve.stop()
serve.clean()

# --- addresses, ports -----------------------------------------------------------------------------
try:
    socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    six = True
except OSError:
    six = False
if six:
    serve = Serve("--listen", "::1", "--smtp", "0", watch=False)
    ok(line(dial(serve, "smtp", "::1")).startswith(b"220 "), "IPv6's loopback")
    ok("NOT only this machine" not in serve.said(), "is loopback")
    serve.process.send_signal(signal.SIGINT)
    same(serve.process.wait(SECONDS), 0, "SIGINT stops it too")
    serve.stop()
    serve.clean()
serve = Serve("--listen", "0.0.0.0", "--smtp", "0", watch=False)
wait_for(lambda: "Stop with" in serve.said(), 10)
has("NOT only this machine: everybody who reaches it at 0.0.0.0 may log in", serve.said(), "--listen says what it means")
taken = str(serve.port["smtp"])
code, told = serve.run(PROGRAM, "serve", "--imap", taken)
ok(code == 3 and "port %s of 127.0.0.1 for imap can't be opened: another program has it; choose another" % taken in told,
   "a port that is taken: which, why, and what to do", told)
code, told = serve.run(PROGRAM, "serve", "--listen", "203.0.113.9", "--smtp", "0")
ok(code == 3 and "no such address" in told, "an address that this machine has not", told)
code, told = serve.run(PROGRAM, "serve", "--listen", "localhost", "--smtp", "0")
ok(code == 3 and "is no address of a machine" in told, "a name is no address", told)
code, told = serve.run(PROGRAM, "serve", "--host", "mail.nowhere.example", "--smtp", "0")
ok(code == 2 and "there is no host mail.nowhere.example" in told, "a host that is not there", told)
code, told = serve.run(PROGRAM, "serve", "--host", "mx.bakery.example", "--imap", "0")
ok(code == 2 and "mx.bakery.example does not serve imap" in told, "a service that it has not", told)
code, told = serve.run(PROGRAM, "serve", "--user", "nobody")
ok(code == 2 and "NAME:PASSWORD" in told, "an account without a password", told)
serve.stop()
serve.clean()

# --- no descriptor is left ------------------------------------------------------------------------
few = tempfile.mkdtemp(prefix="pennypost-few.")
wrapper = os.path.join(few, "pennypost")
with open(wrapper, "w", encoding="utf-8") as script:
    script.write("#!/bin/sh\nulimit -n 90\nexec '%s' \"$@\"\n" % PROGRAM)
os.chmod(wrapper, 0o700)
import lab
lab.PROGRAM = wrapper
serve = Serve("--smtp", "0", watch=False)
crowd = [dial(serve, "smtp") for i in range(100)]   # the system's backlog takes them all
for one in crowd[:58]:
    line(one)
crowd[99].settimeout(0.3)
try:
    late = crowd[99].recv(10)
except TimeoutError:
    late = None
same(late, None, "with 90 descriptors some of 100 wait")
busy = cpu(serve.process)
time_to = time.monotonic() + 1
wait_for(lambda: time.monotonic() > time_to)
ok(cpu(serve.process) - busy < 0.3, "waiting costs nothing", cpu(serve.process) - busy)
crowd[99].settimeout(SECONDS)
for one in crowd[:58]:
    one.close()
ok(line(crowd[99]).startswith(b"220 "), "and they come in when others have gone")
send_to = smtplib.SMTP(HOST, serve.port["smtp"], local_hostname="lab.example", timeout=SECONDS)
same(send_to.sendmail("a@x.example", "bo@campus.example", eml("with few descriptors")), {}, "messages are taken")
same(serve.stop(), 0, "it ends well")
serve.clean()
shutil.rmtree(few)

# --- a million commands in constant memory ----------------------------------------------------------
lab.PROGRAM = PROGRAM
serve = Serve("--smtp", "0", "--imap", "0", watch=False)
rounds = 20000 if SANITIZED else 250000
seen = []
flood = Flood("imap", b"a LOGIN ana tulip\r\n", b"")
for i in range(4):
    flood.connection.sendall(b"a SELECT INBOX\r\n")
    count = 0
    writer = threading.Thread(target=lambda: flood.connection.sendall(b"a NOOP\r\n" * rounds + b"b NOOP\r\n"), daemon=True)
    writer.start()
    tail = b""
    while not tail.endswith(b"b OK NOOP completed\r\n"):
        tail = (tail + flood.connection.recv(1 << 20))[-100:]
    seen.append(memory(serve.process))
# A sanitizer keeps what was freed for a while.
ok(SANITIZED or seen[-1] - seen[0] < 1 << 20, "%d commands later it takes no more memory" % (3 * rounds), seen)
same(serve.stop(), 0, "it ends well")
serve.clean()
done()
