"""The field guide's rows that a program of the distribution can be asked for: how each is set up and
called, and what it says in the situations that were recorded. test_guide.py compares, and
tests/setup/measure.py tells what has changed."""
import re

from lab import *
from lab.proxy import Proxy
sys.path.insert(0, os.path.join(ROOT, "tests/guide"))
from recorded import imap_verbs, recorded, rows, verbs

FETCHMAIL = ('poll 127.0.0.1 protocol pop3 port %d %s username "me" password "secret" sslproto "" %s '
             'mda "cat >>~/mbox; echo >>~/mbox"\n')
GETMAIL = ("[retriever]\ntype = SimplePOP3Retriever\nserver = 127.0.0.1\nport = %d\nusername = me\n"
           "password = secret\n[destination]\ntype = MDA_external\npath = /bin/sh\n"
           "arguments = ('-c', 'cat >>mbox')\nallow_root_commands = true\n[options]\n%s\n"
           # its own header field asks the machine's DNS for a name, which may take half a minute
           "received = false\ndelivered_to = false\n")
MPOP = "account default\nhost 127.0.0.1\nport %d\nuser me\npassword secret\n%sdelivery maildir ~/md\n"

# The row's name: the program, its configuration's file and text, and how it is called.
PROGRAMS = {
    "fetchmail": ("fetchmail", ".fetchmailrc", lambda port: FETCHMAIL % (port, "", "")),
    "fetchmail keep": ("fetchmail", ".fetchmailrc", lambda port: FETCHMAIL % (port, "", "keep")),
    "fetchmail uidl keep": ("fetchmail", ".fetchmailrc", lambda port: FETCHMAIL % (port, "uidl", "keep")),
    "getmail6": ("getmail", ".getmail/getmailrc", lambda port: GETMAIL % (port, "")),
    "getmail6 delete": ("getmail", ".getmail/getmailrc", lambda port: GETMAIL % (port, "delete = true")),
    "getmail6 new": ("getmail", ".getmail/getmailrc", lambda port: GETMAIL % (port, "read_all = false")),
    "mpop": ("mpop", ".mpoprc", lambda port: MPOP % (port, "")),
    "mpop keep": ("mpop", ".mpoprc", lambda port: MPOP % (port, "keep on\n")),
}


def by_chance(name, situation):
    """mpop asks for two at once; in one segment or in two is chance."""
    return name.startswith("mpop") and "third" in situation


def play(name, sessions):
    program, path, text = PROGRAMS[name]
    serve = Serve("--user", "me:secret")
    proxy = Proxy(serve.port["pop3"])
    serve.file(path, text(proxy.address))
    for folder in ("cur", "new", "tmp"):
        os.makedirs(os.path.join(serve.home, "md", folder))
    said = []
    for number, (new, until, _) in enumerate(sessions):
        for i in range(new):
            send(serve, "%d.%d" % (number, i), to="me@campus.example")
        proxy.said, proxy.until = [], None if until == "-" else until
        # As root it has one lock for the machine, and tests run beside each other.
        lock = ["--pidfile", os.path.join(serve.home, "lock")] if program == "fetchmail" else []
        serve.run(program, *lock)
        wait_for(proxy.over)
        said.append(verbs(proxy.said))
    serve.stop()
    shutil.rmtree(serve.home, ignore_errors=True)
    return said


# --- one server for all that follows -----------------------------------------------------------------


class Bench:
    """A server, and for each program a user, a home and a proxy of its own."""

    def __init__(self):
        self.serve = Serve(*[word for row in READERS for word in ("--user", user_of(row) + ":secret")],
                           "--user", "me:secret")

    def home(self, row, files, port):
        home = os.path.join(self.serve.home, row.replace(" ", "-"))
        shutil.rmtree(home, ignore_errors=True)
        for name, text in files.items():
            text = text.replace("{port}", str(port)).replace("{home}", home).replace("{user}", user_of(row))
            self.serve.file(os.path.join(home, name), text)
        return home

    def run(self, home, words, text=None, terminal=False):
        env = dict(self.serve.env(), HOME=home)
        if terminal:
            return in_terminal(words, home, env)
        return subprocess.run(words, input=text, env=env, cwd=home, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, timeout=SECONDS)

    def end(self):
        self.serve.stop()
        self.serve.clean()


def user_of(row):
    return row.replace(" ", "-")


def said_in(proxy):
    """The sessions' lines, once all are over."""
    wait_for(proxy.over)
    sessions = []
    for _, what, text in proxy.tape:
        if what == "opens":
            sessions.append([])
        elif what == "C:":
            sessions[-1].append(text)
    return sessions


# --- reading and deleting by IMAP -------------------------------------------------------------------

GETMAIL_IMAP = GETMAIL.replace("POP3", "IMAP").replace("port = %d", "port = {port}").replace("= me\n", "= {user}\n") % ""
FETCHMAIL_IMAP = ('poll 127.0.0.1 protocol imap port {port} username "{user}" password "secret" sslproto "" '
                  'mda "cat >>~/mbox"\n')
MBSYNC = """IMAPStore far
Host 127.0.0.1
Port {port}
User {user}
Pass secret
SSLType None

MaildirStore near
Path {home}/near/
Inbox {home}/near/INBOX

Channel all
Far :far:
Near :near:
Patterns INBOX
Create Near
Expunge %s
SyncState *
"""
MUTT_IMAP = """set ssl_starttls=no ssl_force_tls=no delete=yes
set imap_user={user} imap_pass=secret folder=imap://127.0.0.1:{port}/ spoolfile=+INBOX
"""


def mbsync_reads(bench, home, port):
    """What a Maildir says of the first, and that the second is trash, goes to the server."""
    os.makedirs(os.path.join(home, "near"))
    bench.run(home, ["mbsync", "-c", "rc", "--quiet", "all"])
    box = os.path.join(home, "near/INBOX")
    for folder in ("new", "cur"):
        for name in os.listdir(os.path.join(box, folder)):
            path = os.path.join(box, folder, name)
            with open(path) as text:
                flags = "ST" if "Subject: 2" in text.read() else "S"
            os.rename(path, os.path.join(box, "cur", name.split(":")[0] + ":2," + flags))
    bench.run(home, ["mbsync", "-c", "rc", "--quiet", "all"])


# The row's name: the program, its files, and what it is made to do where two messages wait: to read the
# first and to delete the second, or what it does of these.
READERS = {
    "fetchmail imap": ("fetchmail", {".fetchmailrc": FETCHMAIL_IMAP},
                       lambda bench, home, port: bench.run(home, ["fetchmail", "--pidfile", home + "/lock"])),
    "mutt imap": ("mutt", {"rc": MUTT_IMAP}, lambda bench, home, port: bench.run(
        home, ["mutt", "-F", "rc", "-e", "push '<first-entry><display-message><exit><last-entry><delete-message>"
               "<sync-mailbox><quit>'"], terminal=True)),
    "mbsync": ("mbsync", {"rc": MBSYNC % "Both"}, mbsync_reads),
    "mbsync keep": ("mbsync", {"rc": MBSYNC % "None"}, mbsync_reads),
    "getmail6 imap": ("getmail", {".getmail/getmailrc": GETMAIL_IMAP},
                      lambda bench, home, port: bench.run(home, ["getmail", "--quiet"])),
    "curl": ("curl", {"rc": ""}, lambda bench, home, port: bench.run(
        home, ["curl", "--silent", "--user", user_of("curl") + ":secret", "imap://127.0.0.1:%d/INBOX;UID=1" % port])),
}


def reads(bench, row):
    """The two columns of imap.txt, measured now."""
    program, files, act = READERS[row]
    for subject in ("1", "2"):
        send(bench.serve, subject, to=user_of(row) + "@campus.example")
    proxy = Proxy(bench.serve.port["imap"])
    act(bench, bench.home(row, files, proxy.address), proxy.address)
    marks, said = imap_verbs(said_in(proxy))
    return "marks" if marks else "peeks", ", ".join(said) or "-"


def read():
    """{name: (marks or peeks, words)}, of imap.txt"""
    return {line.split(" : ")[0]: tuple(line.split(" : ")[1:]) for line in rows("imap.txt")}


# --- sending --------------------------------------------------------------------------------------

MUTT = ("set from=me@campus.example smtp_url=smtp://me@127.0.0.1:{port}/ smtp_pass=secret\n"
        "set ssl_starttls=no ssl_force_tls=no copy=no\n")
MSMTP = "account default\nhost 127.0.0.1\nport {port}\nfrom me@campus.example\nauth on\nuser me\npassword secret\n"
MESSAGE = eml("plain", sender="me@campus.example")
SMTPLIB = """import smtplib, sys
with smtplib.SMTP("127.0.0.1", {port}, local_hostname=None) as client:
    client.login("me", "secret")
    client.sendmail("me@campus.example", sys.argv[1:], open("message.eml").read())
"""

# The row's name: the program, its files, and how it is called for recipients.
SENDERS = {
    "mutt imap": ("mutt", {"rc": MUTT}, lambda port, to: ["mutt", "-F", "rc", "-s", "plain", "--"] + to),
    "s-nail imap": ("s-nail", {"rc": ""}, lambda port, to: [
        "s-nail", "-Sv15-compat=y", "-Sfrom=me@campus.example", "-Smta=smtp://me:secret@127.0.0.1:%d" % port, "-s",
        "plain"] + to),
    "msmtp": ("msmtp", {"rc": MSMTP}, lambda port, to: ["msmtp", "-C", "rc"] + to),
    "swaks": ("swaks", {"message.eml": MESSAGE}, lambda port, to: [
        "swaks", "--silent", "3", "--server", "127.0.0.1", "--port", str(port), "--auth-user", "me",
        "--auth-password", "secret", "--from", "me@campus.example", "--to", ",".join(to), "--data", "@message.eml"]),
    "curl": ("curl", {"message.eml": MESSAGE}, lambda port, to: [
        "curl", "--silent", "--user", "me:secret", "--mail-from", "me@campus.example", "--upload-file", "message.eml"]
        + [word for one in to for word in ("--mail-rcpt", one)] + ["smtp://127.0.0.1:%d" % port]),
    "smtplib": ("python3", {"message.eml": MESSAGE, "send.py": SMTPLIB},
                lambda port, to: ["python3", "send.py"] + to),
}


def sent():
    """{name: (what is said to hand over a message, what when one of two is refused)}, of smtp.txt"""
    return {line.split(" | ")[0]: tuple(line.split(" | ")[1:]) for line in rows("smtp.txt")}


def hello(name):
    host = socket.gethostname().split(".")[0]
    return ("HOST" if name.split(".")[0] == host else "ADDRESS" if name.startswith("[")
            else "DOMAIN" if name == "campus.example" else name)


def smtp_verbs(said):
    """As smtp.txt writes them."""
    found = []
    for line in said:
        words = line.split()
        verb = words[0].upper() if words else ""
        if verb in ("EHLO", "HELO"):
            found.append("%s %s" % (verb, hello(words[1])))
        elif verb == "AUTH":
            found.append(" ".join(["AUTH", words[1]] + ["="] * (len(words) > 2)))
        elif verb == "MAIL":
            found.append(" ".join(["MAIL"] + sorted(re.sub(r"\d+$", "n", word.upper()) for word in words[2:])))
        elif verb in ("RCPT", "DATA", "RSET", "QUIT", "STARTTLS"):
            found.append(verb)
    return found


def hand_over(bench, row):
    """The two columns of smtp.txt, measured now."""
    program, files, call = SENDERS[row]
    columns = []
    for to in (["bo@campus.example"], ["bo@campus.example", "robert@campus.example"]):
        proxy = Proxy(bench.serve.port["submission"])
        home = bench.home(row, files, proxy.address)
        bench.run(home, call(proxy.address, to), text=MESSAGE.replace("\r", "").encode() if row == "msmtp"
                  else b"Twelve is fine.\n")
        said = smtp_verbs([line for session in said_in(proxy) for line in session])
        if len(to) > 1:
            said = said[said.index("RCPT"):] if "RCPT" in said else said
        columns.append(", ".join(said + ["closes"] * ("QUIT" not in said)))
    return tuple(columns)
