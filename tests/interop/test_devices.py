#!/usr/bin/env python3
# Devices' mail programs and two servers: the same lines, against Dovecot and against our own, both
# on real sockets and filled with the same messages of odd MIME in several folders. Afterwards the
# devices' stores must be the same (folder, message, marks, whole or header, every octet of it), and
# what the servers hold too.
import re
import subprocess

from lab import *
from lab import dovecot, odd_mime
from lab.raw_imap import RawImap, fetched

COUNT = int(os.environ.get("COUNT", "150"))
TOOL = os.path.join(os.environ.get("BUILD", "build/release-gcc"), "tests", "setup", "device_real")

absent = dovecot.missing("imap", "pop3", "imap-login", "pop3-login")
if absent:
    print("1..0 # SKIP %s is not installed" % absent)
    sys.exit(0)

FLAG_SETS = ["", "(\\Seen) ", "(\\Flagged \\Answered) ", "(\\Draft) ", "(\\Seen \\Flagged) "]
FOLDERS = {"INBOX": COUNT, "Archive": 20, "Trash": 3, "&ZeVnLIqe-": 5, "Two words": 4, "Empty": 0}
# \Recent depends on who looked first; RETR marks a message as seen in Dovecot, and nowhere in RFC 1939.
RECENT, SEEN = "\\Recent", "\\Seen"


def messages(start, count):
    """Each with an identity of its own, so that a device can tell them."""
    return [b"Message-ID: <%d@odd.example>\r\n" % (start + index) + octets
            for index, (_, octets) in enumerate(odd_mime.messages(5, count))][:count]


NO_HEADERS = set()


def fill(port):
    client = RawImap(port)
    start = 0
    for name, count in FOLDERS.items():
        if name != "INBOX":
            client.command('CREATE "%s"' % name)
        for index, octets in enumerate(messages(start, count)):
            header, ends, _ = octets.partition(b"\r\n\r\n")
            if not ends or any(not re.match(rb"[!-9;-~]+:|[ \t]", line) for line in header.split(b"\r\n")):
                NO_HEADERS.add(octets[len("Message-ID: "):octets.index(b"\r")])
            client.append('"%s"' % name, octets, '%s"%02d-Jan-2026 09:00:00 +0000" ' %
                          (FLAG_SETS[index % len(FLAG_SETS)], index % 28 + 1))
        start += count
    client.close()


def meddle(port):
    """What another client does between two syncs."""
    client = RawImap(port)
    client.ok("SELECT INBOX")
    client.ok("STORE 1,5:8 +FLAGS (\\Seen)")
    client.ok("STORE 10 -FLAGS (\\Seen \\Flagged)")
    client.ok("STORE 12:14 +FLAGS (\\Deleted)")
    client.ok("EXPUNGE")
    client.append("INBOX", b"Message-ID: <later@odd.example>\r\nSubject: later\r\n\r\nlater\r\n")
    client.ok('UID COPY 20 "Two words"')
    client.close()


def held(port, without=(RECENT,)):
    """What the server holds: folder, identity, flags, in order."""
    client = RawImap(port)
    found = []
    for name in FOLDERS:
        client.ok('EXAMINE "%s"' % name)
        answer = client.command("FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (Message-ID)])")[2]
        for _, items in sorted(fetched(answer).items()):
            flags = sorted(str(flag) for flag in items.get("FLAGS", []) if str(flag) not in without)
            found.append((name, flags,
                          [value.strip() for key, value in items.items() if key.startswith("BODY")]))
    client.close()
    return found


def run(server, lines, between=None):
    """The lines; at "pause" the other client does its work."""
    play = subprocess.Popen([TOOL, str(server.port["imap"]), str(server.port["pop3"])], stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True)
    text = "\n".join(lines) + "\n"
    if between:
        before, text = text.split("pause\n")
        play.stdin.write(before + "pause\n")
        play.stdin.flush()
        if play.stdout.readline() == "paused\n":
            between(server.port["imap"])
    out, error = play.communicate(text, timeout=300)
    return play.returncode, sorted(map(allowed, out.splitlines())), error


def allowed(line):
    """Of a message that ends in its header, Dovecot's HEADER has an empty line that the message lacks; and
    it leaves out a line of the header that is no field. Then only which message it is counts."""
    folder, identity, *rest = line.split("\t")
    if rest[1] == "header" and identity.encode() in NO_HEADERS:
        rest = rest[:3]
    return "\t".join([folder, identity, *rest])


def compare(name, lines, device, least, between=None, without=(RECENT,)):
    results = [run(server, lines, between) for server in servers]
    for who, (code, _, said) in zip(("ours", "Dovecot"), results):
        ok(code == 0, "%s, against %s: the lines run" % (name, who), said[-2000:])
    ours, theirs = results[0][1], results[1][1]
    differ = ["ours   " + line for line in ours if line not in theirs] + \
             ["theirs " + line for line in theirs if line not in ours]
    ok(not differ and len(ours) >= least, "%s: %s holds the same, %d messages" % (name, device, len(ours)),
       "\n".join(differ[:12] or [results[0][2][-500:]]))
    both = [held(server.port["imap"], without) for server in servers]
    ok(both[0] == both[1], "%s: both servers hold the same, %d messages" % (name, len(both[0])),
       "\n".join(map(str, [one for one in zip(*both) if one[0] != one[1]][:6])))


servers = ()


def begin():
    global servers
    for server in servers:
        server.stop()
    world = os.path.join(HOME_DIR, "empty.post")
    with open(world, "w", encoding="utf-8") as out:
        out.write("host mail.campus.example serves smtp submission pop3 imap for campus.example\n"
                  "user ana@campus.example password tulip\n")
    servers = (Serve(watch=False, world=world), dovecot.Dovecot(sync="never"))
    for server in servers:
        fill(server.port["imap"])


HOME_DIR = tempfile.mkdtemp(prefix="pennypost-devices.")

CHANGES = ["mail read 2", "mail flag 3", "mail unflag 5", "mail delete 9", "mail move 11 Archive",
           'mail move 12 "Two words"', "mail unread 4"]

for setting, device in (("imap", "phone"), ("imap headers", "tablet")):
    begin()
    compare(setting + ", first sync", ["on " + device, "mail sync", "dump " + device], device, COUNT)
    compare(setting + ", told", ["on " + device, "mail sync"] + CHANGES +
            ["mail sync", "mail sync", "dump " + device],
            device, COUNT)
    compare(setting + ", both at once", ["on " + device, "mail sync", "pause"] + CHANGES +
            ["mail sync", "mail sync", "dump " + device], device, COUNT - 5, between=meddle)

for setting, device in (("pop3 keep", "laptop"), ("pop3 delete", "till")):
    begin()
    compare(setting, ["on " + device, "mail sync", "mail delete 3", "mail delete 7", "mail sync",
                      "dump " + device], device, COUNT - 2, without=(RECENT, SEEN))
    compare(setting + ", once more", ["on " + device, "mail sync", "dump " + device], device,
            0 if setting == "pop3 delete" else COUNT - 2, without=(RECENT, SEEN))

for server in servers:
    server.stop()
shutil.rmtree(HOME_DIR, ignore_errors=True)
done()
