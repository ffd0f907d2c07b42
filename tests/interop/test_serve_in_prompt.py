#!/usr/bin/env python3
# `serve` at the prompt: real clients in the world one stands in, while one goes on typing; what came
# is part of the history, so what `save` writes comes to the same world without any socket.
from lab import *
import re


class Prompt:
    """`pennypost` fed through a pipe, one line at a time."""

    def __init__(self, *words):
        self.home = tempfile.mkdtemp(prefix="pennypost-prompt.")
        self.text, self.port = b"", {}
        self.process = subprocess.Popen([PROGRAM, "--plain", *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, env=Serve.env(self), cwd=self.home)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        while part := os.read(self.process.stdout.fileno(), 65536):
            self.text += part

    def type(self, line):
        """What it says from here on is looked at by waits."""
        self.seen = len(self.text)
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def waits(self, text, name):
        return has(text, wait_for(lambda: text.encode() in self.text[self.seen:] and self.text[self.seen:]) or self.text[self.seen:], name)

    def serve(self, words="serve smtp 0 imap 0 pop3 0"):
        self.type(words)
        told = wait_for(lambda: re.search(rb"127.0.0.1:\n(.*)\n", self.text[self.seen:]))
        pairs = told.group(1).decode().split()
        self.port = dict(zip(pairs[::2], map(int, pairs[1::2])))

    def end(self):
        self.process.stdin.close()
        self.process.wait(SECONDS)
        self.reader.join(SECONDS)
        return self.process.returncode


prompt = Prompt()
prompt.type("telnet mail smtp")
prompt.waits("220 mail.campus.example", "somebody is at the prompt")
prompt.serve(":serve smtp 0 imap 0 pop3 0")
same(sorted(prompt.port), ["imap", "pop3", "smtp"], "serve opens what it is told")
prompt.waits("serve stop  closes", "and says how it ends")
client = imap(prompt, "bo", "INBOX")
prompt.waits("[imap 2] C: ", "a real client is seen")
prompt.waits("[imap 2] = AUTHENTICATED -> SELECTED (SELECT, OK)", "and what it changes")
client.send(b"i1 IDLE\r\n")
client.readline()
for line in ("EHLO laptop", "MAIL FROM:<ana@campus.example>", "RCPT TO:<bo@campus.example>", "DATA", "Subject: typed", "", "Hello."):
    prompt.type(line)
prompt.type(".")
prompt.waits("250 2.0.0 Ok: queued", "one goes on typing")
ok(client.readline().endswith(b"EXISTS\r\n"), "the real client is told of the typed message")
client.send(b"DONE\r\n")
client.readline()
send(prompt, "from outside")
prompt.type("QUIT")
prompt.type("telnet mail pop3")
prompt.type("USER bo")
prompt.type("PASS maple")
prompt.waits("+OK maildrop has 3 messages", "a message from outside lies there for who types")
prompt.type(":wait 60s for server bo@campus.example INBOX has 4 messages")
wait_for(lambda: False, 0.3)
send(prompt, "waited for")
prompt.waits("ok check server bo@campus.example INBOX has 4 messages", "wait ... for waits by the wall, and clients are served")
prompt.type(":rewind 1h")
prompt.waits("rewind would turn back time, and real mail programs are connected", "time is not turned back meanwhile")
prompt.type(":serve imap 0")
prompt.waits("open already", "the ports are open once")
prompt.type(":serve")
prompt.waits("1 connected", "serve alone says where")
prompt.type(":wait 2h")
prompt.waits("It is ", "time may go on")
told = line = client.readline()
while line and not told.endswith(b"minutes\r\n"):
    told += (line := client.readline())
has("* BYE Autologout: idle for 30 minutes", told, "and a silent client hears so")
half = socket.create_connection((HOST, prompt.port["smtp"]), SECONDS)
has("220 ", half.recv(100), "another one comes")
prompt.type(":serve stop")
prompt.waits("The ports are closed", "serve stop")
has("421 4.3.2", half.recv(100), "he hears that it goes down")
try:
    socket.create_connection((HOST, prompt.port["smtp"]), SECONDS)
    ok(False, "nobody listens any more")
except ConnectionRefusedError:
    ok(True, "nobody listens any more")
prompt.type(":serve stop")
prompt.waits("no port is open", "twice is once too often")
prompt.type("QUIT")
for inner in ("replay fetchmail-pop3", "lesson say-hello"):
    prompt.serve("serve smtp 0")
    half = socket.create_connection((HOST, prompt.port["smtp"]), SECONDS)
    has("220 ", half.recv(100), "the ports are open again")
    prompt.type(inner)
    prompt.waits("The ports are closed", "%s leaves this world, so its ports close" % inner)
    has("421 4.3.2", half.recv(100), "and who is connected hears it")
    prompt.type("exit")
    prompt.waits("You are back", "back from %s" % inner)
prompt.type("save two.post")
prompt.waits("Saved.", "saved at the end")
same(prompt.end(), 0, "the prompt ends well")

def plays(prompt, name):
    played = subprocess.run([PROGRAM, "run", "--plain", name], env=Serve.env(prompt), cwd=prompt.home,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=SECONDS)
    same((played.returncode, played.stderr), (0, b""), "%s comes to the same world without a socket" % name)
    return played


has("from outside", plays(prompt, "two.post").stdout, "… with what came from outside")
with open(os.path.join(prompt.home, "two.post"), encoding="utf-8") as script:
    text = script.read()
has("\n:arrive ", text, "what came stands in it as lines")
ok("serve" not in re.sub("(?m)^:(arrive|#).*$", "", text).split(), "serve itself does not", text)
script = os.path.join(prompt.home, "no.post")
with open(script, "w", encoding="utf-8") as out:
    out.write("serve\n")
played = subprocess.run([PROGRAM, "run", "--plain", script], env=Serve.env(prompt), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
ok(played.returncode == 2 and b"at the prompt" in played.stderr, "a script opens no ports", played.stderr)

# Leaving with open ports closes them.
prompt.process = None
again = Prompt()
again.serve("serve")
same(len(again.port), 4, "serve alone opens all four")
client = socket.create_connection((HOST, again.port["imap"]), SECONDS)
client.recv(1000)
again.type("save open.post")
again.waits("Saved.", "saved while ports are open")
same(again.end(), 0, "leaving closes the ports")
has("* BYE", client.recv(100), "and says goodbye")
plays(again, "open.post")
for one in prompt, again:
    shutil.rmtree(one.home, ignore_errors=True)
done()
