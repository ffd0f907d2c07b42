#!/usr/bin/env python3
# kill -9 in the middle of a command that is done in pages: afterwards it is done whole or not at all,
# and others were answered meanwhile. At least one kill must fall between two pages that were committed,
# or nothing was tested.
from lab import *
import shutil
from lab.raw_imap import RawImap

MESSAGES = 6000
FLAGS_ALL = "STORE 1:* +FLAGS.SILENT (\\Flagged)"
COMMANDS = (
    # the command; what was done before it; where to look; what is found if it was not done, if it was
    (FLAGS_ALL, (), (("INBOX", "FLAGGED", 0, MESSAGES),)),
    ("COPY 1:* to", (), (("to", "ALL", 0, MESSAGES), ("INBOX", "ALL", MESSAGES, MESSAGES))),
    ("MOVE 1:* to", (), (("to", "ALL", 0, MESSAGES), ("INBOX", "ALL", MESSAGES, 0))),
    ("EXPUNGE", ("STORE 1:* +FLAGS.SILENT (\\Deleted)",), (("INBOX", "ALL", MESSAGES, 0),)),
    ("RENAME INBOX old", (), (("INBOX", "ALL", MESSAGES, 0),)),
)


def serve(world):
    return Serve("--imap", "0", "--pop3", "0", "--user", "ana@campus.example:tulip", watch=False, world=world)


def build(world):
    server = serve(world)
    client = RawImap(server.port["imap"], "ana")
    client.ok("SELECT INBOX")
    client.ok("CREATE to")
    client.ok("STORE 1:* +FLAGS (\\Deleted)")
    client.ok("EXPUNGE")
    one = b"Subject: n\r\n\r\nx\r\n"
    with socket.create_connection((HOST, server.port["imap"]), SECONDS) as line:
        line.sendall(b"a LOGIN ana tulip\r\n" + (b"b APPEND INBOX" + b" {%d+}\r\n%s" % (len(one), one) * 60 + b"\r\n") *
                     (MESSAGES // 60) + b"z LOGOUT\r\n")
        while line.recv(65536):
            pass
    client.close()
    server.stop()
    server.clean()


def found(port, mailbox, key):
    client = RawImap(port, "ana")
    client.ok("EXAMINE " + mailbox)
    words = b" ".join(client.ok("SEARCH RETURN (COUNT) " + key)).split()
    client.close()
    return int(words[words.index(b"COUNT") + 1])


def kill_in(world, command, before, after_ms):
    """Kills the server so long after the command was sent. Gives (the command was answered, others were)."""
    server = serve(world)
    client, other = RawImap(server.port["imap"], "ana"), RawImap(server.port["imap"], "ana")
    client.ok("SELECT INBOX")
    for line in before:
        client.ok(line)
    client.socket.sendall(("k " + command + "\r\n").encode())
    start, asked = time.monotonic(), 0
    while time.monotonic() - start < after_ms / 1000:
        other.ok("NOOP")
        asked += 1
    server.kill()
    answered = b"k OK" in drain(client)
    server.clean()
    return answered, asked


def drain(client):
    octets = b""
    try:
        while True:
            got = client.socket.recv(65536)
            if not got:
                return octets
            octets += got
    except OSError:
        return octets


folder = tempfile.mkdtemp(prefix="pennypost-paged.")
first = os.path.join(folder, "first.world")
build(first)
between = 0
for command, before, looks in COMMANDS:
    halves = []
    for after_ms in (4, 12, 25, 40):
        world = os.path.join(folder, "killed.world")
        for name in os.listdir(folder):
            if name.startswith("killed"):
                os.unlink(os.path.join(folder, name))
        shutil.copyfile(first, world)
        answered, asked = kill_in(world, command, before, after_ms)
        with open(world + "-wal", "rb") as journal:
            between += b" plan" in journal.read() and not answered
        server = serve(world)
        seen = [found(server.port["imap"], box, key) for box, key, _, _ in looks]
        before_it, after_it = [look[2] for look in looks], [look[3] for look in looks]
        halves += [] if seen == after_it or (seen == before_it and not answered) else [(after_ms, answered, seen)]
        server.stop()
        server.clean()
        code = subprocess.run([PROGRAM, "fsck", world], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        halves += [] if code.returncode == 0 else [(after_ms, code.stdout)]
    ok(not halves, "%s: whole or not at all, however it was killed" % command.split()[0], str(halves))
ok(between > 0, "some were killed between two pages", "%d" % between)
print("# %d of %d kills fell between two pages" % (between, 4 * len(COMMANDS)))
shutil.rmtree(folder, ignore_errors=True)
done()
