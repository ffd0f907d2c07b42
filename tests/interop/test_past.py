#!/usr/bin/env python3
# What real clients did through `pennypost serve` is known at the prompt afterwards: story, log, why,
# and the greeting; what a killed server had not written, and what is too old, is said to be unknown.
from lab import *
import base64
import pty
import re
import sqlite3

home = tempfile.mkdtemp(prefix="pennypost-past.")
world = os.path.join(home, "own.world")


def sit(*lines):
    """What a prompt says to these lines, on one line each."""
    ran = subprocess.run([PROGRAM, "--plain", "--world", world], input="\n".join(lines) + "\n", text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS)
    return ran.stdout


def greeting():
    """What a terminal is told at the beginning."""
    own, other = pty.openpty()
    process = subprocess.Popen([PROGRAM, "--plain", "--world", world], stdin=other, stdout=other, stderr=other,
                               env={**os.environ, "TERM": "dumb", "COLUMNS": "80", "HOME": home})
    os.close(other)
    text = b""
    while b"Leave: exit" not in text:
        text += os.read(own, 4096)
    os.write(own, b"exit\n")
    try:
        while part := os.read(own, 4096):
            text += part
    except OSError:
        pass
    process.wait(SECONDS)
    os.close(own)
    return re.sub(r"\s+", " ", text.decode("utf-8", "replace"))


def serve():
    return Serve(watch=False, world=world, home=home)


# --- a sitting of clients --------------------------------------------------------------------------

sit("board")
server = serve()
send(server, "first")
send(server, "second")
client = imap(server, "ana", "INBOX")
client.store("2", "+FLAGS", "\\Deleted")
client.expunge()
try:
    client.xatom("NONSENSE")
except imaplib.IMAP4.error:
    pass
client.logout()
client = pop3(server)
client.retr(2)
client.dele(2)
client.quit()
send(server, "long", body="A line of a long message.\r\n" * 4000)
same(server.stop(), 0, "the server ends well on SIGTERM")

told = greeting()
has("It has served since you were here, ", told, "the greeting tells that it has served")
has(": 3 messages came (3 to bo's INBOX). 2 went (", told, "what came and went")
has("5 connections from real programs: log localhost shows the last of them.", told, "and who was there")
has("pennypost --fresh", told, "and how to start over")

told = sit("board", "story B", "why phone B", "log localhost", "why 3")
has("localhost, IMAP: removed from ana's INBOX", told, "a story tells what a real client did")
has("In an earlier sitting, ", told, "and when")
has("It was removed from the server by localhost, ", told, "why says who")
has("--- 3  imap:143  localhost -> mail.campus.example  ", told, "log has the client's connection")
has(" EXPUNGE\n", told, "and its commands")
has("S: 250 2.0.0 Ok: queued as ", told, "and what was answered")
has(" octets are not kept)\n", told, "a long message is shortened, and says so")
ok("A line of a long message." not in told, "and none of its text is", told)
has("In an earlier sitting, ", told[told.index("> why 3"):], "why CONN explains what it heard")
has("BAD", told[told.index("> why 3"):], "in the server's words")

# --- a server that is killed -----------------------------------------------------------------------

server = serve()
send(server, "fourth")
same(subjects(server, "bo")[-1], "fourth", "a message lies there")
server.kill()
told = sit("log localhost", "story A")
has("Pennypost was stopped in the middle of the sitting of ", told, "a killed server does not claim to know all")
has("happened in it after ", re.sub(r"\s+", " ", told), "and says until when it does")

# --- more than is kept -----------------------------------------------------------------------------

server = serve()
for i in range(40):
    send(server, "many %d" % i)
same(server.stop(), 0, "a busy server ends well")
told = re.sub(r"\s+", " ", sit("log localhost"))
has(" older connections of localhost, up to ", told, "what is too old is said to be kept no more")
has("C: mail FROM:", told, "the newest is there")

# --- many commands at once: the middle of their answers is not kept --------------------------------

server = serve()
with socket.create_connection((HOST, server.port["imap"]), SECONDS) as raw:
    raw.sendall(b"".join(b"n%d NOOP\r\n" % i for i in range(40)) + b"z WHAT\r\n")
    answer = b""
    while b"z BAD" not in answer:
        answer += raw.recv(65536)
same(server.stop(), 0, "a server that was asked at once ends well")
last = re.findall(r"--- (\d+)  imap", sit("log localhost"))[-1]
told = sit("why " + last)
ok("NOOP completed" not in told, "why quotes no other command's answer", told)

# --- no password, no text of a message -------------------------------------------------------------

server = serve()
client = imaplib.IMAP4("127.0.0.1", server.port["imap"])
try:
    client.login("ana", "of-another-service")
except imaplib.IMAP4.error:
    pass
client.login("ana", "tulip")
client.append("INBOX", None, None, b"Subject: s\r\n\r\nword-of-a-text\r\n")
client.select("INBOX")
client.fetch("1:*", "(BODY.PEEK[])")
client.fetch("1:*", "(FLAGS)")
client.logout()
client = poplib.POP3("127.0.0.1", server.port["pop3"])
for password in ("of-a-third-service", "maple"):
    client.user("bo")
    try:
        client.pass_(password)
    except poplib.error_proto:
        pass
client.retr(1)
client.uidl()
client.quit()
send(server, "s", body="word-of-a-text\r\n")
client = smtplib.SMTP("127.0.0.1", server.port["submission"], local_hostname="laptop")
client.ehlo()
try:
    client.docmd("AUTH LOGIN", base64.b64encode(b"ana").decode())
    client.docmd(base64.b64encode(b"of-a-fourth-service").decode())
finally:
    client.quit()
same(server.stop(), 0, "a server with secrets ends well")
base = sqlite3.connect(world)
kept = b"\n".join(bytes(text) for text, in base.execute("SELECT text FROM event ORDER BY sitting, number"))
base.close()
for secret in (b"of-another-service", b"tulip", b"of-a-third-service", b"maple", b"word-of-a-text",
               base64.b64encode(b"of-a-fourth-service"), b"canteen"):
    at = kept.find(secret)
    ok(at < 0, "%s is not kept" % secret.decode(), kept[max(at - 300, 0):at + 60].decode("utf-8", "replace"))
told = sit("log localhost")
for line in (" LOGIN\n", " APPEND INBOX {", " FETCH 1:* (FLAGS)", "C: PASS\n", "C: RETR 1", "C: AUTH\n"):
    has(line, told, "what is known of it: " + line)

code = subprocess.run([PROGRAM, "fsck", world], stdout=subprocess.PIPE).returncode
same(code, 0, "the world is sound")
shutil.rmtree(home, ignore_errors=True)
done()
