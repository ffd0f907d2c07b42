#!/usr/bin/env python3
# What `serve --record` writes down, `run` plays again: the same trace, line for line, and the same
# digest at its end. And what `serve --watch` shows of it to people.
import ssl
from lab import *

RUNS = 3


def clients(serve):
    """SMTP, submission, POP3 and IMAP at once; some end in the middle of something."""
    watcher = imap(serve, "bo", "INBOX")
    watcher.send(b"i1 IDLE\r\n")
    send(serve, "recorded", body="caf\u00e9 \\ \"quoted\" %s\r\n" % ("x" * 3000))
    with smtplib.SMTP(HOST, serve.port["submission"], local_hostname="lab.example", timeout=SECONDS) as client:
        client.login("ana", "tulip")
        client.sendmail("ana@campus.example", "dora@bakery.example", eml("abroad"))
    client = imap(serve, "ana")
    client.append("Archive", None, None, eml("large", body="0123456789\r\n" * 60000).encode())
    client.select("Archive")
    same(len(client.fetch("1", "(BODY[])")[1][0][1]) > 700000, True, "a large message comes back whole")
    client.store("1", "+FLAGS", "\\Deleted")
    client.expunge()
    mail = pop3(serve, "bo")
    mail.retr(1)
    mail.dele(1)
    mail.quit()
    if serve.port["imaps"]:
        trusting = ssl._create_unverified_context()
        with imaplib.IMAP4_SSL(HOST, serve.port["imaps"], ssl_context=trusting, timeout=SECONDS) as sealed:
            sealed.login("cem", "birch")
            sealed.select()
            ok(len(sealed.fetch("1:*", "(BODY[])")[1]) > 1, "in TLS from the first octet")
        with imaplib.IMAP4(HOST, serve.port["imap"], timeout=SECONDS) as sealed:
            sealed.starttls(trusting)
            sealed.login("cem", "birch")
            same(sealed.append("INBOX", None, None, eml("sealed", body="x" * 70000).encode())[0], "OK", "behind STARTTLS")
    half = socket.create_connection((HOST, serve.port["smtp"]), SECONDS)
    half.sendall(b"EHLO half\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<cem@campus.example>\r\nDATA\r\nSubject: ne")
    wait_for(lambda: half.recv(4096, socket.MSG_PEEK).count(b"\r\n") > 8)
    half.close()
    refused = socket.create_connection((HOST, serve.port["pop3"]), SECONDS)
    refused.sendall(b"STAT\r\nHALLO\r\nQUIT\r\n")
    refused.shutdown(socket.SHUT_WR)
    told = b""
    while part := refused.recv(4096):
        told += part
    ok(told.count(b"-ERR") == 2 and b"+OK" in told.splitlines()[-1], "who ends his half still hears all", told)
    together(serve)
    return watcher, client


def together(serve, senders=8, messages=20):
    """Senders at once: their messages share commits, and some hear 354 before one."""
    lines = b"MAIL FROM:<a@x.example>\r\nRCPT TO:<cem@campus.example>\r\nDATA\r\n"
    sockets = [socket.create_connection((HOST, serve.port["smtp"]), SECONDS) for _ in range(senders)]
    files = [one.makefile("rb") for one in sockets]
    for one, heard in zip(sockets, files):
        one.sendall(b"HELO together.example\r\n")
        heard.readline()
        heard.readline()
    kept = 0
    for _ in range(messages):
        for say, replies in ((lines, 3), (b"Subject: together\r\n\r\n.\r\n", 1)):
            for one in sockets:
                one.sendall(say)
            for heard in files:
                kept += [heard.readline()[:6] for _ in range(replies)][-1] == b"250 2."
    same(kept, senders * messages, "%d senders at once are told that their messages are kept" % senders)
    for one in sockets:
        one.close()


for number in range(RUNS):
    home = tempfile.mkdtemp(prefix="pennypost-record.")
    record = os.path.join(home, "told.world")
    words = ["--world", os.path.join(home, "kept.world")] if number else []
    if number == 2:     # a world with a past
        before = Serve(*words, home=home)
        send(before, "from the past")
        before.stop()
    if number == 1:
        words += ["--tls", "both"]
    serve = Serve("--record", record, "--user", "new:secret", *words, home=home)
    kept = clients(serve)
    same(serve.stop(), 0, "it ends well")
    has("passwords too", serve.said(), "it says that passwords are in the recording")
    same(os.stat(record).st_mode & 0o77, 0, "and nobody else may read it")
    played = subprocess.run([PROGRAM, "run", "--json", record], env=serve.env(), stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, timeout=SECONDS)
    same(played.returncode, 0, "the recording is played")
    lines = played.stdout.splitlines(keepends=True)
    first = next((i for i, (a, b) in enumerate(zip(lines, serve.lines)) if a != b), None)
    ok(lines == serve.lines and len(lines) > 300, "it comes to the same trace and digest",
       "%d and %d lines; first difference: %s" % (len(lines), len(serve.lines), first if first is None else (lines[first], serve.lines[first])))
    ok(b"another" not in played.stderr and b"not the one" not in played.stderr, "it says so", played.stderr[-2000:])
    sound = subprocess.run([PROGRAM, "fsck", record], env=serve.env(), stdout=subprocess.PIPE)
    same(sound.returncode, 0, "the recording is a sound world")

# A recording that was changed is told so.
changed = subprocess.run(["sqlite3", record, "UPDATE history SET line = replace(line, 'recorded', 'reCorded')"])
if changed.returncode == 0:
    played = subprocess.run([PROGRAM, "run", "--plain", record], env=serve.env(), stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, timeout=SECONDS)
    has("is not the one that was saved", played.stderr, "another message is another world")

# What people see.
shown = played.stdout.decode()
has("[pop3 8] C: STAT\n[pop3 8] C: HALLO\n", shown, "watch: the client's lines, labelled")
has("[pop3 8] = AUTHORIZATION -> AUTHORIZATION (STAT, WRONG_TIME)\n[pop3 8]   Refused: STAT counts a maildrop's messages, ", shown,
    "… and why it was refused, as `why` says it")
has('[pop3 8]   Refused: "HALLO" is no command of POP3.\n', shown, "… in words")
has("caf\\xC3\\xA9" if "caf\\xC3" in shown else "café", shown, "… messages too")
ok(not any(ord(c) < 32 and c != "\n" or 127 <= ord(c) < 160 for c in shown), "nothing raw reaches a terminal")

# What cannot be.
code, told = serve.run(PROGRAM, "serve", "--smtp", "0", "--record", record)
ok(code == 3 and "is there already" in told, "a file that is there is not written over", told)
code, told = serve.run(PROGRAM, "run", os.path.join(home, "kept.world"))
ok(code == 2 and "no recording" in told, "a world is no recording", told)
code, told = serve.run(PROGRAM, "run", "--seed", "7", record)
ok(code == 2 and "its own world" in told, "a recording takes no other seed", told)
shutil.rmtree(home, ignore_errors=True)
done()
