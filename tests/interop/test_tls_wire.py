#!/usr/bin/env python3
# TLS on real sockets, octet by octet where that matters: what stands behind STARTTLS in the open
# is neither TLS nor a command, handshakes come in any pieces or not at all, and an end is told.
import socket
import ssl
from lab import *

serve = Serve("--tls", "both", "--user", "eve:apple")
CERTIFICATE = os.path.join(serve.home, ".local/share/pennypost/tls-certificate.pem")
PORTS = {name: serve.listening[name] for name in
         ("smtp", "submission", "pop3", "imap", "submissions", "pop3s", "imaps")}
BEGIN = {"smtp": b"STARTTLS\r\n", "submission": b"STARTTLS\r\n", "pop3": b"STLS\r\n", "imap": b"a1 STARTTLS\r\n"}
BEGUN = {"smtp": b"220 ", "submission": b"220 ", "pop3": b"+OK ", "imap": b"a1 OK "}


class Wire:
    """A socket, and TLS over it in memory: who sends what in which pieces is the test's to say."""

    def __init__(self, service, version=None):
        self.socket = socket.create_connection((HOST, PORTS[service]), SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.plain = b""
        self.pieces = 0         # how many octets one send has; 0: all
        self.begin(version)

    def begin(self, version=None):
        context = ssl.create_default_context(cafile=CERTIFICATE)
        if version:
            context.minimum_version = context.maximum_version = version
        self.lines, self.half = [], b""
        self.heard, self.to_send = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.heard, self.to_send, server_hostname="localhost")

    def send(self, octets):
        for at in range(0, len(octets), self.pieces or len(octets) or 1):
            self.socket.sendall(octets[at:at + (self.pieces or len(octets))])

    def line(self):
        """In the open."""
        while b"\r\n" not in self.plain:
            octets = self.socket.recv(4096)
            if not octets:
                break
            self.plain += octets
        line, _, self.plain = self.plain.partition(b"\r\n")
        return line

    def _go_on(self, step):
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                self.send(self.to_send.read())
                octets = self.socket.recv(65536)
                if not octets:
                    self.heard.write_eof()
                self.heard.write(octets)

    def handshake(self, with_it=b""):
        """The client's last octets of it go out with its first words, in one segment."""
        self._go_on(self.tls.do_handshake)
        if with_it:
            self.tls.write(with_it)
        self.send(self.to_send.read())

    def say(self, octets):
        self.tls.write(octets)
        self.send(self.to_send.read())

    def hear(self):
        """One line, in TLS. None: the server said that it has finished."""
        while not self.lines:
            octets = self._go_on(lambda: self.tls.read(65536))
            if not octets:
                return None     # close_notify; an end without it raises
            *self.lines, self.half = (self.half + octets).split(b"\r\n")
        return self.lines.pop(0) + b"\r\n"

    def hear_to(self, start):
        lines = []
        while not lines or lines[-1] is not None and not lines[-1].startswith(start):
            lines.append(self.hear())
        return lines

    def close(self):
        self.socket.close()


def starts(got, wanted, name):
    return ok(got is not None and got.startswith(wanted), name, "got %r\nwanted %r" % (got, wanted))


def greeted(service):
    wire = Wire(service)
    wire.line()
    if service in ("smtp", "submission"):
        wire.send(b"EHLO wire.example\r\n")
        while wire.line()[3:4] == b"-":
            pass
    return wire


# --- injected behind STARTTLS, in one segment -----------------------------------------------------

INJECTED = {
    "smtp": (b"NOOP\r\nEHLO thief\r\nMAIL FROM:<thief@bakery.example>\r\n", b"VRFY bo\r\n", b"252 "),
    "submission": (b"AUTH PLAIN AGV2ZQBhcHBsZQ==\r\nNOOP\r\n", b"VRFY bo\r\n", b"252 "),
    "pop3": (b"NOOP\r\nUSER eve\r\nPASS apple\r\n", b"PASS apple\r\n", b"-ERR send USER first"),
    "imap": (b"x1 NOOP\r\nx2 LOGIN eve apple\r\nx3 LOGIN eve {5}\r\n", b"a2 NOOP\r\n", b"a2 OK "),
}
for service, (injected, after, answer) in INJECTED.items():
    wire = greeted(service)
    wire.send(BEGIN[service] + injected)
    starts(wire.line(), BEGUN[service], service + ": TLS begins")
    wire.handshake()
    same(wire.plain, b"", "… and nothing more is said in the open")
    wire.say(after)
    starts(wire.hear(), answer, "… nor is what was injected answered in TLS")
    wire.close()

wire = greeted("pop3")
wire.send(b"USER eve\r\n")
wire.line()
wire.send(BEGIN["pop3"])
wire.line()
wire.handshake(b"PASS apple\r\n")
starts(wire.hear(), b"-ERR send USER first", "pop3: a USER from before TLS is forgotten")
wire.close()
wire = greeted("submission")
wire.send(b"AUTH PLAIN AGV2ZQBhcHBsZQ==\r\n")
starts(wire.line(), b"235 ", "submission: a login in the open")
wire.send(BEGIN["submission"])
starts(wire.line(), b"503 ", "… is not taken along into TLS")
wire.close()
wire = greeted("imap")
wire.send(b"a0 LOGIN eve apple\r\n")
wire.line()
wire.send(BEGIN["imap"])
starts(wire.line(), b"a1 BAD ", "imap: nor there")
wire.close()

NOTHING = {"imap": b"a2 NOOP\r\n", "pop3": b"CAPA\r\n", "smtp": b"NOOP\r\n", "submission": b"NOOP\r\n"}
UNHEARD = {"imap": b"x9 RSET\r\n", "pop3": b"RSET\r\n", "smtp": b"RSET\r\n", "submission": b"RSET\r\n"}

# A client that does not wait: its hello came before the answer, and is not TLS. Behind 30 kB of
# commands it is still in the socket when the answer goes out.
for service, more in [(service, more) for service in BEGIN for more in (0, 30000)]:
    wire = greeted(service)
    try:
        wire.tls.do_handshake()
    except ssl.SSLWantReadError:
        pass
    wire.send(BEGIN[service] + UNHEARD[service] * (more // 6) + wire.to_send.read())
    starts(wire.line(), BEGUN[service], "%s: a hello %d octets behind STARTTLS in one segment" % (service, more))
    wire.begin()
    wire.handshake(NOTHING[service])
    ok(wire.hear() is not None, "… was thrown away: a second one is answered")
    wire.close()

# A server that is busy with long answers has read no further: the pipe to it is full of what came
# before and behind STARTTLS, and so is everything up to here.
for service, long, last in (("smtp", b"HELP\r\n", b"214 "), ("pop3", b"CAPA\r\n", b"."), ("imap", b"a0 CAPABILITY\r\n", b"a0 OK")):
    wire = greeted(service)
    octets = long * 2000 + BEGIN[service] + UNHEARD[service] * 20000
    sender = threading.Thread(target=lambda: wire.socket.sendall(octets), daemon=True)
    sender.start()
    answered = 0
    while answered < 2000:
        line = wire.line()
        answered += line.startswith(last)
        if not line and not wire.plain:
            break
    starts(wire.line(), BEGUN[service], service + ": TLS begins behind 2000 long answers")
    sender.join(SECONDS)
    try:
        wire.handshake(NOTHING[service])
        heard = wire.hear()
    except (OSError, ssl.SSLError):
        heard = b""
    ok(heard is not None and not heard.startswith((b"x9", b"-ERR")), "… and nothing that was behind it is answered", heard)
    wire.close()

# More than fits into any buffer on the way: the connection may end over it, nothing is executed.
for service in BEGIN:
    wire = greeted(service)
    flood = BEGIN[service] + UNHEARD[service] * 60000
    sender = threading.Thread(target=lambda: wire.socket.sendall(flood), daemon=True)
    try:
        sender.start()
        starts(wire.line(), BEGUN[service], service + ": half a megabyte behind STARTTLS")
        sender.join(SECONDS)
        wire.handshake(NOTHING[service])
        heard = wire.hear()
    except (OSError, ssl.SSLError):
        heard = b""
    ok(heard is not None and not heard.startswith((b"x9", b"-ERR")), "… is thrown away", heard)
    wire.close()
ok(wait_for(lambda: serve.trace and not any(
    record["kind"] == "state" and record["event"] in ("RSET", "UNKNOWN") for record in list(serve.trace))),
   "… and not one of it was executed")

# --- handshakes in pieces, and none ------------------------------------------------------------

for service, first, answer in (("submissions", b"EHLO wire.example\r\n", b"250 "), ("pop3s", b"CAPA\r\n", b"."),
                               ("imaps", b"a1 CAPABILITY\r\n", b"a1 OK ")):
    for version in ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3:
        for pieces in 0, 1, 5:
            wire = Wire(service, version)
            wire.pieces = pieces
            wire.handshake(first)
            lines = wire.hear_to(answer)
            ok(lines[-1] and len(lines) > 1, "%s, %s, %s" % (service, wire.tls.version(),
               "the last of the handshake and a command in one" if not pieces else "%d octets at a time" % pieces), lines)
            wire.close()

for service, word in (("submissions", b"NOOP"), ("pop3s", b"CAPA"), ("imaps", b"a1 NOOP")):
    wire = Wire(service)
    wire.handshake()
    wire.hear()
    for number in range(40):
        wire.tls.write(word + b"\r\n")
    wire.send(wire.to_send.read())
    lines = [wire.hear() for number in range(40)]
    ok(all(lines), service + ": forty records in one segment are all answered", lines)
    wire.close()

for service in ("submissions", "pop3s", "imaps"):
    wire = Wire(service)
    wire.send(b"EHLO in the open\r\nNOOP\r\n")
    got = b"."
    while got and len(wire.plain) < 1000:
        try:
            got = wire.socket.recv(1000)
        except OSError:
            got = b""
        wire.plain += got
    ok(not wire.plain.startswith((b"220", b"+OK", b"* OK", b"250")), service + " says nothing in the open", wire.plain)
    wire.close()
old = Wire("imaps")
try:
    with __import__("warnings").catch_warnings():
        __import__("warnings").simplefilter("ignore")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_1
        context.set_ciphers("ALL:@SECLEVEL=0")
    context.wrap_socket(old.socket, server_hostname="localhost")
    ok(False, "TLS 1.1 is refused")
except (ssl.SSLError, OSError) as refused:
    ok(True, "TLS 1.1 is refused")
old.close()


def descriptors():
    return len(os.listdir("/proc/%d/fd" % serve.listening["pid"]))


before, halves = descriptors(), []
for number in range(60):
    wire = Wire(("submissions", "pop3s", "imaps")[number % 3])
    try:
        wire.tls.do_handshake()
    except ssl.SSLWantReadError:
        hello = wire.to_send.read()
    wire.send(hello[:1 + number * len(hello) // 61])
    halves.append(wire)
wire = Wire("imaps")
wire.handshake(b"a1 NOOP\r\n")
starts(wire.hear(), b"* OK ", "sixty half handshakes: another client is greeted")
starts(wire.hear(), b"a1 OK ", "… and answered")
wire.close()
for half in halves:
    half.close()
ok(wait_for(lambda: descriptors() <= before), "… and they leave nothing open", "%d before, %d now" % (before, descriptors()))

# --- ends ------------------------------------------------------------------------------------------

for service, leave in (("submissions", b"QUIT\r\n"), ("pop3s", b"QUIT\r\n"), ("imaps", b"a1 LOGOUT\r\n")):
    wire = Wire(service)
    wire.handshake(leave)
    lines = []
    while not lines or lines[-1]:
        lines.append(wire.hear())
    ok(len(lines) > 2 and lines[-1] is None, service + ": the server says goodbye, and that it has finished", lines)
    wire.close()
    wire = Wire(service)
    wire.handshake()
    wire.tls.write(leave)
    try:
        wire.tls.unwrap()
    except ssl.SSLWantReadError:
        pass
    wire.send(wire.to_send.read())
    got = b""
    while True:
        octets = wire.socket.recv(65536)
        if not octets:
            break
        got += octets
    ok(len(got) > 100, service + ": the answer comes though the client has finished", got)
    wire.close()

wire = Wire("pop3s")
wire.handshake()
wire.hear()
wire.say(b"USER bo\r\nPASS maple\r\nDELE 1\r\nQU")
wire.hear_to(b"+OK message 1 marked")
wire.close()
ok(len(subjects(serve, "bo")) == 1, "pop3s: a line that is cut in TLS removes nothing")

# --- a client that asks for much and reads nothing ---------------------------------------------------


def memory():
    with open("/proc/%d/status" % serve.listening["pid"], encoding="ascii") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmRSS"))


send(serve, "big", sender="bo@campus.example", to="ana@campus.example", body=("0123456789" * 7 + "\r\n") * 20000)
held, lazy = memory(), []
for number in range(24):
    wire = Wire("imaps")
    if number:
        wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    wire.handshake(b"a1 LOGIN ana tulip\r\na2 SELECT INBOX\r\na3 FETCH * BODY.PEEK[]\r\n")
    starts(wire.hear(), b"* OK ", "a slow client") if number == 0 else wire.hear()
    lazy.append(wire)
for wire in lazy:
    wire.hear_to(b"a2 OK")
quick = imap(serve)
same(quick.noop()[0], "OK", "two dozen who ask for 8 MB and do not read: others are answered")
quick.logout()
grown = memory() - held
if os.environ.get("MODE") != "san":     # which keeps what was freed, to find who still uses it
    ok(grown < 24 * (2 << 20), "… and what they asked for is not kept in memory", "%d MB more" % (grown >> 20))
same(lazy[0].hear_to(b"a3 ")[-1], b"a3 OK FETCH completed\r\n", "… and who reads at last gets all of it")
for wire in lazy:
    wire.close()
ok(wait_for(lambda: descriptors() <= before), "… and all is closed", "%d before, %d now" % (before, descriptors()))

# --- openssl's own client ----------------------------------------------------------------------------

if shutil.which("openssl"):
    for service, kind in (("smtp", "smtp"), ("pop3", "pop3"), ("imap", "imap"), ("submissions", None), ("pop3s", None),
                          ("imaps", None)):
        words = ["-starttls", kind] if kind else []
        code, printed = serve.run("openssl", "s_client", "-connect", "%s:%d" % (HOST, PORTS[service]), "-CAfile",
                                  CERTIFICATE, "-verify_return_error", "-servername", "localhost",
                                  "-verify_hostname", "mail.campus.example", *words, text=b"QUIT\n")
        has("Verify return code: 0 (ok)", printed, "openssl s_client: %s, its certificate is for mail.campus.example" % service)
    client = subprocess.Popen(["openssl", "s_client", "-connect", "%s:%d" % (HOST, PORTS["imaps"]), "-CAfile", CERTIFICATE,
                               "-tls1_2"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env=serve.env())
    printed = b""
    while b"* OK " not in printed and (octets := os.read(client.stdout.fileno(), 65536)):
        printed += octets
    client.stdin.write(b"R\n")
    client.stdin.flush()
    while b"no renegotiation" not in printed and (octets := os.read(client.stdout.fileno(), 65536)):
        printed += octets
    client.kill()
    client.wait()
    has("no renegotiation", printed, "openssl s_client: a new handshake inside TLS 1.2 is refused")
else:
    skip("openssl s_client", "openssl is not installed")

same(serve.stop(), 0, "the server ends well on SIGTERM")
same(os.stat(CERTIFICATE.replace("certificate", "key")).st_mode & 0o777, 0o600, "the key is its owner's alone")
serve.clean()
done()
