"""What the scripts in tests/interop share: `pennypost serve` started on free ports with a home
of its own, TAP, second clients of Python's own libraries to look at what the first one did,
and what the server itself says was refused. Nothing here sleeps for a fixed time, and nothing
of the person who runs the tests is read."""
import imaplib
import json
import os
import poplib
import pty
import select
import shutil
import signal
import socket
import smtplib
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
REREAD = os.path.join(ROOT, os.environ.get("BUILD", "build/release-gcc"), "tests/setup/reread")
PROGRAM = os.path.abspath(os.environ.get("PENNYPOST") or os.path.join(ROOT, "pennypost"))
HOST = "127.0.0.1"
SECONDS = 60            # the longest any one thing may take; a busy machine under a sanitizer is slow
ASIDE = ("OK", "NONE", "CONTINUE", "MORE", "WAIT")   # outcomes that refuse nothing

PASSWORDS = {"ana": "tulip", "bo": "maple", "cem": "birch", "dora": "rye"}

# --- TAP ------------------------------------------------------------------------------------------

_count = 0
_failed = 0


def ok(good, name, detail=""):
    """One test. The detail is shown when it failed."""
    global _count, _failed
    _count += 1
    print("%s %d - %s" % ("ok" if good else "not ok", _count, name))
    if not good:
        _failed += 1
        for line in str(detail).splitlines()[:40]:
            print("#   " + line)
    return good


def same(got, wanted, name):
    return ok(got == wanted, name, "got    %r\nwanted %r" % (got, wanted))


def has(part, whole, name):
    if isinstance(whole, bytes):
        whole = whole.decode("utf-8", "replace")
    return ok(part in whole, name, "no %r in\n%s" % (part, whole))


def skip(name, reason):
    """One test that can't be had here. It reads as no pass."""
    global _count
    _count += 1
    print("ok %d - %s # SKIP %s" % (_count, name, reason))


def done():
    print("1..%d" % _count)
    sys.exit(1 if _failed else 0)


def need(*programs):
    """Without one of them all is skipped, by name."""
    for program in programs:
        if not shutil.which(program):
            print("1..0 # SKIP %s is not installed" % program)
            sys.exit(0)


def wait_for(condition, seconds=SECONDS):
    """What the condition gives, once it is true; its last answer when the time is over."""
    end = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer or time.monotonic() > end:
            return answer
        select.select([], [], [], 0.01)


# --- the server -----------------------------------------------------------------------------------


class Serve:
    """`pennypost serve --json`, on ports that are free. With watch its trace is read along."""

    def __init__(self, *words, watch=True, world=None, home=None):
        self.home = home or tempfile.mkdtemp(prefix="pennypost-interop.")
        self.own_home = home is None
        self.trace = []
        self.lines = []
        self.listening = None
        self.text = os.path.join(self.home, "serve.err")
        command = [PROGRAM, "serve", "--json"] + (["--watch"] if watch else [])
        if world:
            command += ["--world", world]
        with open(self.text, "wb") as error:
            self.process = subprocess.Popen(command + list(words), stdin=subprocess.DEVNULL,
                                            stdout=subprocess.PIPE, stderr=error, env=self.env())
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        wait_for(lambda: self.listening or self.process.poll() is not None)
        if not self.listening:
            raise RuntimeError("serve did not start: " + self.said())
        self.port = {name: self.listening.get(name) for name in ("smtp", "submission", "pop3", "imap",
                                                             "submissions", "pop3s", "imaps", "lmtp")}

    def _read(self):
        for line in self.process.stdout:
            record = json.loads(line)
            if self.listening is None:
                self.listening = record
            else:
                self.trace.append(record)
                self.lines.append(line)

    def heard(self, text):
        """Did a client send a line with this in it? The trace may still be on its way."""
        return wait_for(lambda: any(record["kind"] == "line" and record["from"] == "client" and
                                    text in record["text"] for record in list(self.trace)), 10)

    def said(self):
        with open(self.text, encoding="utf-8", errors="replace") as error:
            return error.read()

    def env(self, **more):
        kept = ("PATH", "TMPDIR", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LLVM_PROFILE_FILE")
        env = {name: os.environ[name] for name in kept if name in os.environ}
        env.update(HOME=self.home, LC_ALL="C.UTF-8", TZ="UTC", TERM="dumb", **more)
        return env

    def file(self, name, text, mode=0o600):
        path = os.path.join(self.home, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8", newline="") as out:
            out.write(text)
        os.chmod(path, mode)
        return path

    def run(self, *words, text=None, **env):
        """A client. Gives its exit code and all it printed."""
        try:
            ran = subprocess.run([str(word) for word in words], input=text, env=self.env(**env),
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=self.home,
                                 timeout=SECONDS, **({} if text is not None else {"stdin": subprocess.DEVNULL}))
        except subprocess.TimeoutExpired as late:
            return -1, "no end after %d s\n%s" % (SECONDS, (late.stdout or b"").decode("utf-8", "replace"))
        return ran.returncode, ran.stdout.decode("utf-8", "replace")

    def runs(self, name, *words, text=None, **env):
        """The same, as a test: it must end with 0. Gives what it printed."""
        code, printed = self.run(*words, text=text, **env)
        ok(code == 0, name, "exit code %d\n%s" % (code, printed))
        return printed

    def keep_seeds(self):
        """With FUZZ_SEEDS=FOLDER: what each connection's client said, as a seed of tests/fuzz, whose
        first octet says what holds (smtp: 1 is submission). Long ones teach a fuzzer nothing."""
        folder = os.environ.get("FUZZ_SEEDS")
        opened = {record["conn"]: record for record in self.trace if record["kind"] == "open"}
        name = os.path.basename(sys.argv[0])[len("test_"):-len(".py")]
        for conn, record in opened.items() if folder else ():
            said = [line["text"].encode("latin-1" if line.get("latin1") else "utf-8")
                    for line in self.trace
                    if line["kind"] == "line" and line["conn"] == conn and line["from"] == "client"]
            seed = bytes([record["port"] in (465, 587)]) + b"".join(line + b"\r\n" for line in said)
            path = os.path.join(folder, record["protocol"], "client_%s_%d" % (name, conn))
            if 20 < len(seed) < 4096 and os.path.isdir(os.path.dirname(path)):
                with open(path, "wb") as out:
                    out.write(seed)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.reader.join(SECONDS)

    def stop(self):
        """SIGTERM. Gives the exit code; None if it does not go."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            return None
        self.reader.join(SECONDS)
        return self.process.returncode

    def end(self, refusals=()):
        """The last three tests of a client's script: the server took everything it was told, but
        for these (event, outcome), which it did refuse, and went when it was asked to."""
        code = self.stop()
        self.keep_seeds()
        refused = [(record["event"], record["outcome"]) for record in self.trace
                   if record["kind"] == "state" and record["outcome"] not in ASIDE]
        heard = sum(record["kind"] == "state" for record in self.trace)
        ok(heard and set(refused) == set(refusals), "the server heard this client and refused only what it should",
           "%d events; refused: %s" % (heard, refused))
        read = subprocess.run([REREAD], input=b"".join(self.lines), stdout=subprocess.PIPE)
        told = read.stdout.decode("utf-8", "replace").strip()
        if told != "0 lines":       # a client of SMTP or POP3 leaves nothing to read again
            ok(read.returncode == 0, "IMAP's grammar knows what was said: %s" % told)
        ok(code == 0, "the server ends well on SIGTERM", "exit code %s\n%s" % (code, self.said()))
        self.clean()

    def clean(self):
        if self.own_home:
            shutil.rmtree(self.home, ignore_errors=True)


# --- a terminal ------------------------------------------------------------------------------------


def in_terminal(words, home, env):
    """A program that wants a screen, until it ends."""
    screen, terminal = pty.openpty()
    process = subprocess.Popen(words, stdin=terminal, stdout=terminal, stderr=terminal, cwd=home,
                               env=dict(env, TERM="vt100", LINES="30", COLUMNS="100"),
                               start_new_session=True)
    os.close(terminal)
    end = time.monotonic() + SECONDS
    while process.poll() is None and time.monotonic() < end:
        if select.select([screen], [], [], 0.1)[0]:
            try:
                os.read(screen, 65536)
            except OSError:
                break
    process.wait(SECONDS)
    os.close(screen)


# --- the second client ----------------------------------------------------------------------------


def imap(serve, user="ana", mailbox=None):
    client = imaplib.IMAP4(HOST, serve.port["imap"], timeout=SECONDS)
    client.login(user, PASSWORDS[user])
    if mailbox:
        client.select(mailbox)
    return client


def pop3(serve, user="bo"):
    client = poplib.POP3(HOST, serve.port["pop3"], timeout=SECONDS)
    client.user(user)
    client.pass_(PASSWORDS[user])
    return client


def eml(subject, sender="ana@campus.example", to="bo@campus.example", body="Twelve is fine.\r\n"):
    return "From: %s\r\nTo: %s\r\nSubject: %s\r\nMessage-ID: <%s@test.example>\r\n\r\n%s" % (
        sender, to, subject, "".join(c for c in subject if c.isalnum()), body)


def send(serve, subject, sender="ana@campus.example", to="bo@campus.example", body="Twelve is fine.\r\n"):
    with smtplib.SMTP(HOST, serve.port["smtp"], local_hostname="lab.example", timeout=SECONDS) as client:
        client.sendmail(sender, to, eml(subject, sender, to, body).encode())


def subjects(serve, user, mailbox="INBOX"):
    """As imaplib finds them, in order."""
    client = imap(serve, user)
    found = []
    answer, count = client.select(mailbox, readonly=True)
    if answer == "OK" and count != [b"0"]:
        for part in client.fetch("1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1]:
            if isinstance(part, tuple):
                found.append(part[1].decode().strip()[len("Subject: "):])
    client.logout()
    return found


def flags(serve, user, subject, mailbox="INBOX"):
    """The flags of the message with that subject, sorted; None without one."""
    client = imap(serve, user)
    client.select(mailbox, readonly=True)
    number = client.search(None, "SUBJECT", '"%s"' % subject)[1][0].split()
    found = None
    if number:
        answer = client.fetch(number[0], "(FLAGS)")[1][0]
        found = sorted(flag.decode() for flag in imaplib.ParseFlags(answer) if flag != b"\\Recent")
    client.logout()
    return found


def text_by_pop3(serve, user, subject):
    """The whole message as poplib reads it; None without one."""
    client = pop3(serve, user)
    count, _ = client.stat()
    found = None
    for number in range(1, count + 1):
        lines = client.retr(number)[1]
        if b"Subject: " + subject.encode() in lines:
            found = b"\r\n".join(lines) + b"\r\n"
    client.quit()
    return found
