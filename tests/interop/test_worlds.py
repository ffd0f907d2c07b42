#!/usr/bin/env python3
# Worlds as files: who may read them, names that SQLite would take for something else, a log that
# belongs to another file, a run beside a server that writes, and passwords that no list of
# processes shows.
import base64
import stat
from lab import *

PASSWORDS = ("a:b", "q\"u\\o", "100%{5}*", "a b", " lead", "trail ", '"x"', '"a b"', "p\u00e4ss\u00e9")


def pennypost(*words, text=b""):
    ran = subprocess.run([PROGRAM, *words], input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=serve.env(),
                         cwd=home, timeout=SECONDS)
    return ran.returncode, ran.stdout.decode("utf-8", "replace")


def mode(name):
    return stat.S_IMODE(os.stat(os.path.join(home, name)).st_mode)


def logs_in(name, password):
    with imaplib.IMAP4(HOST, serve.port["imap"], timeout=SECONDS) as client:
        told = client.authenticate("PLAIN", lambda _: b"\0%s\0%s" % (name.encode(), password.encode()))
        return told[0] == "OK"


# --- who may read them ------------------------------------------------------------------------
home = tempfile.mkdtemp(prefix="pennypost-worlds.")
world = os.path.join(home, "kept.world")
os.umask(0o022)
serve = Serve(watch=False, world=world, home=home)
same(mode("kept.world"), 0o600, "a world is its owner's alone")
same(mode("kept.world-wal"), 0o600, "… and the log beside it")
serve.stop()
code, told = pennypost("--world", "kept.world", "--plain", text=b"wait 1m\nsave one.post\n")
same((code, mode("one.post")), (0, 0o600), "a saved script, too")
with open(os.path.join(home, "saves.post"), "w") as script:
    script.write(":wait 1m\n:save stolen.post\n")
code, told = pennypost("run", "saves.post")
ok(code == 2 and not os.path.exists(os.path.join(home, "stolen.post")), "a script that is played writes no file", told)

# --- names ---------------------------------------------------------------------------------------
for name in (":memory:", "file:x.world?mode=memory"):
    code, told = pennypost("--world", name, "--plain", text=b"wait 1m\n")
    ok(code == 0 and os.path.exists(os.path.join(home, name)), "--world %s is a file of that name" % name, told)
    code, told = pennypost("fsck", name)
    same(code, 0, "… and a world")
for words in (["--world", ""], ["fsck", ""], ["--world", "", "serve", "--smtp", "0"]):
    code, told = pennypost(*words)
    ok(code == 3 and "has a name" in told, "an empty name is none: " + " ".join(words), told)

# --- a world that one may only read: not root, whom nothing stops -------------------------------
nobody = ["setpriv", "--reuid=65534", "--clear-groups"] if os.geteuid() == 0 else []
open_to_all = tempfile.mkdtemp(dir="/tmp") # another user may come here
os.chmod(open_to_all, 0o777)
shutil.copy(world, os.path.join(open_to_all, "kept.world.read"))
os.chmod(os.path.join(open_to_all, "kept.world.read"), 0o444)
before = open(os.path.join(open_to_all, "kept.world.read"), "rb").read()
ran = subprocess.run(nobody + [PROGRAM, "fsck", "kept.world.read"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=open_to_all,
                     env=dict(os.environ, TMPDIR=open_to_all))
if nobody and ran.returncode in (126, 127):
    skip("fsck of a world that may only be read", "setpriv is missing, or the program may not be reached")
else:
    ok(ran.returncode == 0 and b"kept.world.read: sound" in ran.stdout, "fsck checks a world that one may only read", ran.stdout)
    ok(open(os.path.join(open_to_all, "kept.world.read"), "rb").read() == before, "… and leaves it as it is")
shutil.rmtree(open_to_all)

# --- a log that belongs to another file ----------------------------------------------------------
shutil.copy(world, world + ".copy")
serve = Serve(watch=False, world=world, home=home)
for number in range(60):
    send(serve, "number %d" % number, body="x" * 5000 + "\r\n")
serve.kill()
shutil.copy(world + "-wal", world + ".copy-wal")
with open(world + ".copy", "r+b") as copy:       # not the file that the log goes on from
    copy.seek(0, 2)
    for page in range(4, copy.tell() // 4096):
        copy.seek(page * 4096)
        copy.write(bytes(4096))
code, told = pennypost("--world", "kept.world.copy", "--plain")
ok(code == 3 and "kept.world.copy-wal" in told, "a damaged file with a log beside it: the log is named", told)

# --- a run beside a server that writes --------------------------------------------------------
with open(os.path.join(home, "check.post"), "w") as script:
    script.write(":check server cem@campus.example INBOX has 2 messages\n")
serve = Serve(watch=False, world=world, home=home)
stop, runs, torn = threading.Event(), 0, []


def feed():
    body = ("z" * 76 + "\r\n") * 300
    while not stop.is_set():
        with smtplib.SMTP(HOST, serve.port["smtp"], local_hostname="lab.example", timeout=SECONDS) as client:
            for _ in range(20):
                client.sendmail("ana@campus.example", "bo@campus.example", eml("busy", body=body))


feeders = [threading.Thread(target=feed) for _ in range(3)]
for feeder in feeders:
    feeder.start()
end = time.monotonic() + 6
while time.monotonic() < end or runs < 5:
    code, told = pennypost("--world", "kept.world", "run", "check.post", "--plain")
    runs += 1
    if code and "another program" not in told:
        torn.append((code, told[-300:]))
stop.set()
for feeder in feeders:
    feeder.join()
same(torn, [], "%d runs beside a busy server, none on a torn copy" % runs)
serve.stop()

# --- passwords ---------------------------------------------------------------------------------
users = serve.file("users", "# whom the lab knows\n\nu0:one\r\nu1@campus.example:two:three\n")
words = ["--users", users]
for number, password in enumerate(PASSWORDS):
    words += ["--user", "odd%d:%s" % (number, password)]
serve = Serve(*words, watch=False, world=world, home=home)
for number, password in enumerate(PASSWORDS):
    ok(logs_in("odd%d" % number, password), "--user: %r logs in" % password)
ok(logs_in("u0", "one") and logs_in("u1", "two:three"), "--users: both log in")
serve.stop()
code, told = pennypost("--world", "kept.world", "serve", "--user", "odd:a\tb")
ok(code == 2 and "control" in told, "what no client could say is refused, with a reason", told)
code, told = pennypost("--world", "kept.world", "serve", "--users", "nowhere")
ok(code == 2 and "nowhere" in told, "a file of users that is not there is named", told)
serve.file("wrong", "u0:one\nsecretword\n")
code, told = pennypost("--world", "kept.world", "serve", "--users", "wrong")
ok(code == 2 and "wrong:2:" in told and "secretword" not in told, "a line that is none is named, and not shown", told)
shutil.rmtree(home, ignore_errors=True)
done()
