#!/usr/bin/env python3
# Time travel in a world that is a file: what was undone and done again comes to the same file as if it never had
# been; what was answered is in the file when the program is killed; a file that can't be written is told,
# and one of another program, or a large one, is left as it is.
import pty
import resource
import sqlite3
from lab import *

TYPED = ["telnet mail smtp", "EHLO lab", "MAIL FROM:<ana@campus.example>", "RCPT TO:<bo@campus.example>", "DATA",
         "Subject: turned", "", "first line", "second line", ".", "QUIT", "wait 2h", "on phone", "mail sync"]
DETOURS = {6: [":undo", ":redo"], 7: ["not to be", ":undo"], 8: [":undo", ":undo", ":redo", ":redo"], 9: [":undo", ":redo"],
           11: ["fork aside", "wait 5d", "go main"], 12: ["wait 1d", "undo"], 13: ["restart", "redo"]}
home = tempfile.mkdtemp(prefix="pennypost-turned.")
env = dict({name: value for name, value in os.environ.items() if name != "XDG_DATA_HOME"}, HOME=home)


def pennypost(*words, lines=(), **more):
    ran = subprocess.run([PROGRAM, *words], input="".join(line + "\n" for line in lines).encode(), stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, env=env, cwd=home, timeout=SECONDS, **more)
    return ran.returncode, ran.stdout.decode(), ran.stderr.decode()


def digest(told):
    return json.loads(told.splitlines()[-1])["digest"]


def detoured():
    for number, line in enumerate(TYPED):
        yield line
        yield from DETOURS.get(number, [])


def reopened(name):
    code, told, _ = pennypost("--world", name, "--json", "run", "-", lines=["check server bo@campus.example INBOX has 2 messages"])
    return code, digest(told)


def sound(name):
    code, told, _ = pennypost("fsck", name)
    return ok(code == 0, "%s is sound" % name, told)


# In sanitizer builds no heap can be set back, and a file's world has no timeline.
_, told, _ = pennypost("--world", "first.world", "--plain", lines=["wait 1s", "undo"])
if "only moves on" in told:
    skip("time travel in a file", "this build can't set memory back")
    done()
    sys.exit()

# --- there and back ----------------------------------------------------------------------------
_, straight, _ = pennypost("--world", "straight.world", "--json", lines=TYPED)
_, turned, _ = pennypost("--world", "turned.world", "--json", lines=detoured())
_, memory, _ = pennypost("run", "-", "--json", lines=TYPED)
same(digest(turned), digest(straight), "undo and redo, in DATA too, leave nothing behind")
same(digest(straight), digest(memory), "… and the file changes nothing")
same(reopened("turned.world"), reopened("straight.world"), "opened again, both files hold the same")
same(reopened("turned.world")[0], 0, "… the message, too")
sound("turned.world")
_, told, _ = pennypost("--world", "turned.world", "--plain", lines=["undo", "save --tidy tidy.post", "save all.post"])
has("this is where it began", told, "an earlier sitting can't be turned back")
tidy, everything = (open(os.path.join(home, name)).read().splitlines() for name in ("tidy.post", "all.post"))
ok("undo" in everything and ":undo" in everything and "fork aside" in everything, "all that was typed is kept", everything)
same(pennypost("run", "tidy.post")[0], 0, "a tidy script has what was typed before")


# --- killed --------------------------------------------------------------------------------------
class Prompt:
    def __init__(self, name, **more):
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen([PROGRAM, "--world", name, "--plain"], stdin=slave, stdout=slave, stderr=slave, cwd=home,
                                        env=dict(env, TERM="dumb", INPUTRC="/dev/null"), **more)
        os.close(slave)
        self.heard = b""
        self.waits("Leave: exit")

    def waits(self, part):
        while part.encode() not in self.heard:
            ready, _, _ = select.select([self.master], [], [], SECONDS)
            if not ready:
                raise AssertionError("no %r in %r" % (part, self.heard))
            self.heard += os.read(self.master, 65536)
        self.heard = self.heard.split(part.encode(), 1)[1]

    def type(self, line, answer):
        os.write(self.master, line.encode() + b"\r")
        self.waits(answer)

    def ends(self, how):
        how()
        code = self.process.wait(SECONDS)
        os.close(self.master)
        return code


def write(prompt):
    for line, answer in (("telnet mail smtp", "220 "), ("EHLO x", "250 HELP"), ("MAIL FROM:<ana@campus.example>", "250 2.1.0"),
                         ("RCPT TO:<bo@campus.example>", "250 2.1.5"), ("DATA", "354 "), ("Subject: kept", "DATA | "), ("", "DATA | ")):
        prompt.type(line, answer)


def bo_has(name, count):
    return pennypost("--world", name, "run", "-", lines=["check server bo@campus.example INBOX has " + count])


prompt = Prompt("killed.world")
write(prompt)
prompt.type(":undo", "Step 6 of 7 on main")
prompt.type(":redo", "Step 7 of 7 on main")
prompt.type(".", "250 2.0.0 Ok: queued")
code, _, told = pennypost("--world", "killed.world", "--plain")
ok(code == 3 and "open in another program" in told, "a second program is told that it is open", told)
prompt.ends(prompt.process.kill)
code, told, _ = bo_has("killed.world", "2 messages")
same(code, 0, "killed when it was answered: the message is in the file")
sound("killed.world")
prompt = Prompt("killed.world")
write(prompt)
prompt.type(".", "250 2.0.0 Ok: queued")
prompt.type(":undo", "Step 5 of ")
prompt.waits("DATA | ")
prompt.ends(prompt.process.kill)
same(bo_has("killed.world", "2 messages")[0], 0, "killed after undo: what was undone is not in the file")
prompt = Prompt("killed.world")
write(prompt)
prompt.type(".", "250 2.0.0 Ok: queued")
same(prompt.ends(prompt.process.terminate), 0, "told to end, it ends well")
same(bo_has("killed.world", "3 messages")[0], 0, "… and all is kept")

# --- a file that can't be written --------------------------------------------------------------
prompt = Prompt("moved.world")
prompt.type("wait 1h", "It is ")
os.rename(os.path.join(home, "moved.world"), os.path.join(home, "away.world"))
prompt.type("wait 1h", "moved.world was removed or replaced while it was open; what you do is in memory only")
os.rename(os.path.join(home, "away.world"), os.path.join(home, "moved.world"))
prompt.type("wait 1h", "is written again, and nothing is missing in it")
same(prompt.ends(lambda: os.write(prompt.master, b"exit\r")), 0, "a file that was away for a while")
sound("moved.world")
_, told, _ = pennypost("--world", "moved.world", "--plain", lines=["wait 1s"])
has("12:00:01", told, "… has everything")
prompt = Prompt("full.world", restore_signals=False)      # SIGXFSZ stays ignored
prompt.type("wait 1h", "It is Mon, 05 Jan 2026 10:00:00 +0000.")
full = lambda octets: resource.prlimit(prompt.process.pid, resource.RLIMIT_FSIZE, (octets, resource.RLIM_INFINITY))
full(1000)
prompt.type("wait 1h", "full.world cannot be written")
prompt.type("wait 1h", "12:00:00 +0000.")
full(resource.RLIM_INFINITY)
prompt.type("wait 1h", "is written again, and nothing is missing in it")
prompt.type("wait 1h", "14:00:00 +0000.")
full(1000)
prompt.type("wait 1h", "full.world cannot be written")
prompt.type("exit", "what was done since it was last written is lost")
same(prompt.ends(lambda: None), 3, "a full disk is told, and what is lost")
sound("full.world")
_, told, _ = pennypost("--world", "full.world", "--plain", lines=["wait 1s"])
has("14:00:01", told, "… and no more than that")

# --- a large one -------------------------------------------------------------------------------
with sqlite3.connect(os.path.join(home, "turned.world")) as database:
    database.execute("CREATE TABLE ballast (octets BLOB)")
    database.execute("INSERT INTO ballast VALUES (zeroblob(9000000))")
database.close()
_, told, _ = pennypost("--world", "turned.world", "--plain", lines=["wait 1s", "undo", "help"])
has("its file is larger than 8 MB", told, "a large world stays in its file, and says so")
ok("exit  undo" not in told, "… and help does not offer it", told)
shutil.rmtree(home, ignore_errors=True)
done()
