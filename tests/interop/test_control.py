#!/usr/bin/env python3
"""`serve --control`: programs steer a world that real clients are connected to, with the prompt's
own lines; what is wrong does nothing, and nobody holds the server."""
import random
import stat
import threading
from lab import *
from lab.control import Control


def kinds(records):
    return [record["kind"] for record in records]


def end_of(records):
    return {name: value for name, value in records[-1].items() if name != "t"}


home = tempfile.mkdtemp(prefix="pennypost-control.")
path = os.path.join(home, "control.sock")
serve = Serve("--control", path, watch=False)
same(serve.listening.get("control"), path, "the line that says where it listens has the path")
same(stat.S_IMODE(os.stat(path).st_mode), 0o600, "only this user may connect")
control = Control(path)

# Lines and answers.
records = control.tell("users")
same(kinds(records), ["input", "answer", "done"], "a command's records are those of run --json, and an end")
same(list(records[1]), ["t", "kind", "command", "ok", "text"], "... key by key")
same(end_of(records), {"kind": "done", "line": 1, "ok": True}, "the end says which line it was")
same(end_of(control.tell("# a comment")), {"kind": "done", "line": 2, "ok": True}, "an empty line is answered too")
same(end_of(control.tell("check server bo@campus.example INBOX has 7 messages")), {"kind": "done", "line": 3, "ok": False},
     "what is not so is not ok")
same(end_of(control.tell("dig a nothing.example"))["ok"], False, "... nor is a fact that says no")
same(control.tell("nonsense")[-1]["reason"], '"nonsense" is no command. `help` tells what there is.', "a wrong line: why")
records = control.tell("message bo@campus.example INBOX from nobody")
same(end_of(records)["column"], 38, "... and where")
same(kinds(records), ["wrong"], "... and nothing else happened")
control("check server bo@campus.example INBOX has 1 message")
for line in ("save x.post", "mail save 1 to x.txt", "mail import x.mbox", "serve imap 0", "mail import /etc/passwd", "watch sideways", "wait 1s for rain", "wait for ever"):
    same(control.tell(line)[-1]["kind"], "wrong", "refused: " + line)

# A message is put in, and a client that idles is told.
client = imap(serve, "bo", "INBOX")
client.send(b"i1 IDLE\r\n")
client.readline()
control('message bo@campus.example INBOX from ana@campus.example subject "Soup" text "At noon?"')
ok(client.readline() == b"* 2 EXISTS\r\n", "a client that idles is told of a message that was put in")
client.send(b"DONE\r\n")
client.readline()
control("check server bo@campus.example INBOX has a message with Subject: Soup")

# Waiting holds nobody else.
waiting = Control(path)
waiting.file.write(b"wait 60s for server bo@campus.example INBOX has 3 messages\ndig a mail.campus.example\n")
waiting.file.flush()
began = time.monotonic()
control("wait 1ms", "users")
send(serve, "waited for")
records = [json.loads(waiting.file.readline()) for _ in range(3)]
same(kinds(records), ["input", "check", "done"], "wait ... for ends when it is so")
same((records[1]["ok"], records[1]["found"]), (True, "3 messages"), "... and says what was found")
ok(time.monotonic() - began < 30, "... and not at the end of its time")
same(json.loads(waiting.file.readline())["line"], "dig a mail.campus.example", "the next line of that connection comes behind it")
waiting.close()
records = control.tell("wait 50ms for server bo@campus.example INBOX has 99 messages")
same((records[-1]["ok"], records[-2]["found"]), (False, "3 messages"), "its time is over: not ok")

# The clock goes on at once, and clients feel it.
client.send(b"i2 IDLE\r\n")
client.readline()
control("wait 31m")
told = line = client.readline()
while line and b"minutes" not in told:
    told += (line := client.readline())
has("* BYE Autologout: idle for 30 minutes", told, "the clock is advanced for real clients")

# Faults.
control("set mail.campus.example refuse RCPT 451 first 1")
try:
    send(serve, "refused once")
    ok(False, "a fault that was set")
except smtplib.SMTPRecipientsRefused as refused:
    same(refused.recipients["bo@campus.example"][0], 451, "a fault that was set")
send(serve, "taken then")

# A device's own typed connection; each control connection is on a device of its own.
other = Control(path)
control("on phone")
other("on till", "telnet mx.bakery.example smtp")
records = other.tell("EHLO till")
ok(any(record["kind"] == "state" and record["after"] == "READY" for record in records), "a typed line and its states", records)
same(control.tell("mail list")[0]["device"], "phone", "each control connection is on its own device")
same(other.tell(":wait 1s")[0]["device"], "till", "... and stays there")
same(Control(path).tell("users")[0]["device"], "laptop", "... a new one on the first device")
other(":close")

# The trace, as it happens.
watcher = Control(path)
watcher("watch on")
send(serve, "watched")
seen = []
while not any(record.get("event") == "DOT" for record in seen):
    seen.append(json.loads(watcher.file.readline()))
ok(any(record["kind"] == "line" and record["text"] == "Subject: watched" for record in seen), "who watches has the lines")
ok(any(record["kind"] == "open" and record["client"] == "localhost" for record in seen), "... and who came")
watcher("watch off")
send(serve, "unwatched")
same(kinds(watcher.tell("# still there")), ["done"], "watch off ends it")

# One who watches and does not read loses records, and is told; the server goes on.
watcher.tell("watch on")
for number in range(60):
    send(serve, "many", body="x" * 60 + "\r\n" + ("y" * 900 + "\r\n") * 60)
    control("log mail.campus.example")
control("users")
watcher.file.write(b"watch off\n")
watcher.file.flush()
lost = 0
for answer in watcher.file:
    record = json.loads(answer)
    lost += record["records"] if record["kind"] == "missed" else 0
    if record["kind"] == "done":
        break
ok(lost > 0, "who does not read is told how much was lost")

# Time: a moment is kept, and come back to; real clients are let go first.
if os.environ.get("MODE", "release") in ("release", "debug", "cover"):
    before = control('check server bo@campus.example INBOX has a message with Subject: Soup', "users")
    same(control.tell("fork scratch")[-1]["ok"], True, "fork keeps the present")
    same([word in control("branches") for word in ("as it was", "step", "ends", "No line")], [True, False, False, False],
         "branches says what is so where there are no steps")
    client = imap(serve, "bo", "INBOX")
    client.store("1:*", "+FLAGS", "\\Deleted")
    client.expunge()
    control("check server bo@campus.example INBOX has 0 messages")
    watcher.tell("watch on")
    has("What was done since the last fork is not kept.", control("go main"), "go says what is lost")
    told = client.readline() + client.readline()
    has("* BYE", told, "a client is told goodbye before time is turned")
    same(client.readline(), b"", "... and let go")
    same(control("check server bo@campus.example INBOX has a message with Subject: Soup", "users"), before, "all is as it was")
    same(len(subjects(serve, "bo")) > 2, True, "new clients see it so")
    for _ in range(3):
        send(serve, "gone again")
        control("go main")
    same(control("users"), before, "as often as one likes")
    has("no branch of that name", control.tell("go nowhere")[-1]["reason"], "a wrong moment is refused")
    client = imap(serve, "bo", "INBOX")
    control.tell("fork scratch")
    control.tell("go nowhere")
    ok(client.noop()[0] == "OK", "... and lets nobody go")
    for line in ("undo", "redo", "rewind 1", "diff main"):
        has("is not for a world that real mail programs are connected to", control.tell(line)[-1]["reason"], "refused by name: " + line)
    watcher.file.write(b"watch off\n")
    watcher.file.flush()
    heard = []
    for answer in watcher.file:
        heard.append(json.loads(answer))
        if heard[-1]["kind"] == "done" and heard[-1]["line"] > 4:
            break
    ok(any(record["kind"] == "input" and record["line"] == "go main" for record in heard), "who watches hears that time was turned", heard[-5:])
client.shutdown()
removed = Control(path)
removed("device kiosk of bo@campus.example imap", "on kiosk")
control("restart", "on phone")
same(removed.tell("users")[0]["device"], "laptop", "whose device a restart has removed is on the first one")
control("check server bo@campus.example INBOX has 1 message", "check server ana@campus.example INBOX has 4 messages")
same(len(subjects(serve, "bo")), 1, "restart begins anew, for real clients too")
control("message bo@campus.example INBOX from ana@campus.example subject \"x\" text \"y\"", "restart")
control("check server bo@campus.example INBOX has 1 message")

# Half a line is none; exit leaves, and the server stays.
half = socket.socket(socket.AF_UNIX)
half.connect(path)
half.sendall(b"users\nmessage bo@campus.example INBOX from ana@campus.example")
half.shutdown(socket.SHUT_WR)
half.settimeout(SECONDS)
told = b""
while part := half.recv(65536):
    told += part
same(kinds(json.loads(line) for line in told.splitlines()), ["input", "answer", "done"],
     "who ends its side has its answers; half a line is not run")
same(kinds(other.tell("exit"))[-1], "done", "exit is answered")
same(other.file.readline(), b"", "... and ends that connection")
control("check server bo@campus.example INBOX has 1 message")

# Hostile input.
long = control.tell("# " + "x" * (4 << 20))
same((kinds(long), long[0]["reason"][:25]), (["wrong"], "The line is too long: a c"), "a line that is too long")
same(control.tell("nonsense \x00 \x1b]0;title\x07 \u202e")[-1]["kind"], "wrong", "controls and a NUL")
crowd = []
for _ in range(40):
    one = socket.socket(socket.AF_UNIX)
    one.connect(path)
    crowd.append(one)
full = 0
for one in crowd:
    one.settimeout(0.2)
    try:
        full += b'"kind":"full"' in one.recv(1000)
    except TimeoutError:
        pass
ok(full >= 24, "more connections than there may be are told so", full)
for one in crowd:
    one.close()
dice = random.Random(7)
words = ["users", "wait 1ms", "on phone", ":on", "telnet mail smtp", ":close", "EHLO x", "watch on", "watch off", "fork a", "go main", "restart",
         "wait 5ms for server bo@campus.example INBOX has 9 messages", "message", "exit", "\xff\xfe", "check", "\x00", "::", ":", "lesson", "hint",
         "board --watch", "tap on", "contrast nothing", "handin", "predict x", "more", "log", "arrive 0 off", "arrive 1 breaks 1"]
for number in range(40):
    one = socket.socket(socket.AF_UNIX)
    one.settimeout(SECONDS)
    wait_for(lambda: one.connect_ex(path) == 0)
    octets = b"".join(dice.choice(words).encode("latin-1") + dice.choice([b"\n", b"\r\n", b" ", b"\n\n"]) for _ in range(12))
    try:
        while octets:
            size = dice.randint(1, 40)
            one.sendall(octets[:size])
            octets = octets[size:]
        if dice.random() < 0.5:
            one.shutdown(socket.SHUT_WR)
            while one.recv(65536):
                pass
    except OSError:
        pass
    one.close()
control = Control(path)
ok(control.tell("users")[-1]["ok"], "hostile lines, in pieces, and clients that leave: the server is there")
same(serve.stop(), 0, "it ends well")
ok(not os.path.exists(path), "and its socket is gone")
if "runtime error" in serve.said() or "pennypost:" in serve.said():
    ok(False, "nothing was complained of", serve.said())
first = serve

# A port and its token.
secret = os.path.join(home, "token")
with open(secret, "w", encoding="ascii") as file:
    file.write("correct-horse-battery\n")
os.chmod(secret, 0o644)
code, told = first.run(PROGRAM, "serve", "--control", "0", "--token", secret)
ok(code == 3 and "others may read" in told, "a token that others may read is refused", told)
os.chmod(secret, 0o600)
serve = Serve("--control", "0", "--token", secret, watch=False)
port = serve.listening["control"]
ok("token" not in serve.listening and "horse" not in serve.said(), "a token from a file is not shown")
Control(port, "correct-horse-battery")("users")
for wrong in (b"users\n", b"token correct-horse-batterz\n", b"token \n", b"token correct-horse-battery2\n", b"GET / HTTP/1.1\r\n", b"x" * 500, b"\x00\n"):
    with socket.create_connection((HOST, port), SECONDS) as one:
        one.sendall(wrong)
        one.settimeout(SECONDS)
        try:
            told = one.recv(100)
        except ConnectionResetError:
            told = b""
        same(told, b"", "no token, no word: %r" % wrong[:30])

# Who ends its side has its answer; who waits and goes takes nobody's place, also where a FIN is all that tells of it.
hello = b"token correct-horse-battery\n"
with socket.create_connection((HOST, port), SECONDS) as one:
    one.sendall(hello + b"wait 300ms for server bo@campus.example INBOX has 99 messages\n")
    one.shutdown(socket.SHUT_WR)
    has('"kind":"done"', one.makefile("r").read(), "a port: who has ended its side hears how its wait ended")
for number in range(20):
    with socket.create_connection((HOST, port), SECONDS) as one:
        one.sendall(hello + b"wait 1h for server bo@campus.example INBOX has 99 messages\nusers\n")
    Control(port, "correct-horse-battery")("users")
serve.stop()
serve.clean()
serve = Serve("--control", "0", watch=False)
Control(serve.listening["control"], serve.listening["token"])("users")
same(len(serve.listening["token"]), 32, "a token that was made is told once")
serve.stop()

# A world in a file: it lasts, and its time only moves on.
world = os.path.join(home, "lab.world")
serve = Serve("--control", path, watch=False, world=world)
control = Control(path)
control('message bo@campus.example INBOX from ana@campus.example subject "kept" text "y"')
has("only moves on", control.tell("restart")[-2]["text"], "a world in a file: restart says why not")
serve.kill()
serve = Serve("--control", path, watch=False, world=world)
ok(True, "the socket of a server that was killed is taken over")
Control(path)("check server bo@campus.example INBOX has 2 messages")
code, told = serve.run(PROGRAM, "serve", "--control", path)
ok(code == 3 and "something is there already" in told, "a socket that somebody listens on is not", told)
serve.stop()
serve.clean()
for words in (("--token", secret), ("--control", path, "--token", secret), ("--control", "0", "--record", os.path.join(home, "r")),
              ("--control", "65536"), ("--control", "2999x")):
    code, told = first.run(PROGRAM, "serve", *words)
    ok(code == 2, "does not go together: " + " ".join(words[::2] if len(words) > 2 else words), told)
first.clean()
shutil.rmtree(home, ignore_errors=True)
done()
