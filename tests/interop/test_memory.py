#!/usr/bin/env python3
# Memory is out: the address space of a running `serve` is bounded, and clients fill it. Nobody's
# request ends the server; the newest clients are let go, others are served, what was acknowledged
# is kept, and with room again all is as before.
import resource
from lab import *

CLIENTS = 1500
MORE = 4 << 20          # so much is left when the clients come


def address_space(pid):
    with open("/proc/%d/status" % pid) as status:
        return next(int(line.split()[1]) << 10 for line in status if line.startswith("VmSize:"))


def filling(port):
    """A client that logs in, selects and says the most that a command may have, but its end."""
    line = socket.create_connection((HOST, port), SECONDS)
    try:
        line.sendall(b"h1 LOGIN ana tulip\r\nh2 SELECT INBOX\r\n")
        heard = b""
        while b"h2 OK" not in heard:
            octets = line.recv(65536)
            if not octets:
                return None
            heard += octets
        line.sendall(b"a2 SEARCH" + b" OR SUBJECT x BODY y" * 3000)
        line.setblocking(False)
        return line
    except OSError:
        return None


def is_open(line):
    try:
        return line is not None and line.recv(65536) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


def deliver(port, subject):
    with smtplib.SMTP(HOST, port, timeout=SECONDS) as client:
        client.sendmail("dora@bakery.example", ["bo@campus.example"],
                        "Subject: %s\r\n\r\nHello.\r\n" % subject)


if os.environ.get("MODE") == "san" or not os.path.exists("/proc/self/status"):
    print("1..0 # SKIP the sanitizers' own memory has no bounds")
    sys.exit(0)

soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
serve = Serve(watch=False)
deliver(serve.port["smtp"], "before")
pid = serve.process.pid
before = resource.prlimit(pid, resource.RLIMIT_AS)
resource.prlimit(pid, resource.RLIMIT_AS, (address_space(pid) + MORE, before[1]))
lines = []
for i in range(CLIENTS):
    lines.append(filling(serve.port["imap"]))
    if serve.process.poll() is not None:
        break
ok(serve.process.poll() is None, "the server goes on", serve.said())
print("# %d MiB of address space" % (address_space(pid) >> 20) if serve.process.poll() is None else "# gone")
left = sum(is_open(line) for line in lines)
ok(0 < left < len(lines), "some clients were let go: %d of %d are left" % (left, len(lines)))
for line in lines[: len(lines) // 2]:
    if line:
        line.close()
deliver(serve.port["smtp"], "under the limit")
ok(True, "others are served")
for line in lines:
    if line:
        line.close()
resource.prlimit(pid, resource.RLIMIT_AS, before)
deliver(serve.port["smtp"], "after")
box = poplib.POP3(HOST, serve.port["pop3"], timeout=SECONDS)
box.user("bo"), box.pass_("maple")
subjects = [row for i in range(1, len(box.list()[1]) + 1) for row in box.retr(i)[1] if row.startswith(b"Subject:")]
box.quit()
same([subject for subject in subjects if subject[9:] in (b"before", b"under the limit", b"after")],
     [b"Subject: before", b"Subject: under the limit", b"Subject: after"], "what was acknowledged is there")
serve.stop()
done()
