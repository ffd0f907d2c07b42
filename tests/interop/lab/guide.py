"""The field guide's rows that a program of the distribution can be asked for: how each is set up and
called, and what it says in the situations that were recorded. test_guide.py compares, and
tests/setup/measure.py tells what has changed."""
import re

from lab import *
from lab.proxy import Proxy
sys.path.insert(0, os.path.join(ROOT, "tests/guide"))
from recorded import recorded, verbs

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
        said.append(verbs(proxy.said))
    serve.stop()
    shutil.rmtree(serve.home, ignore_errors=True)
    return said


# --- sending --------------------------------------------------------------------------------------

MUTT = ("set from=me@campus.example smtp_url=smtp://me@127.0.0.1:%d/ smtp_pass=secret\n"
        "set ssl_starttls=no ssl_force_tls=no copy=no\n")

# The row's name: the program, and how it is called for recipients.
SENDERS = {
    "mutt imap": ("mutt", lambda port, to: ["mutt", "-s", "plain", "--"] + to),
    "s-nail imap": ("s-nail", lambda port, to: ["s-nail", "-Sv15-compat=y", "-Sfrom=me@campus.example",
                                                "-Smta=smtp://me:secret@127.0.0.1:%d" % port, "-s", "plain"] + to),
}


def sent():
    """{name: (what is said to hand over a message, what when one of two is refused)}, of smtp.txt"""
    lines = [line.strip().split(" | ") for line in open(os.path.join(ROOT, "tests/guide/smtp.txt"))
             if not line.startswith("#")]
    return {line[0]: (line[1], line[2]) for line in lines}


def hello(name):
    return ("HOST" if name in (socket.gethostname(), socket.getfqdn()) else "ADDRESS" if name.startswith("[")
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
            found.append(" ".join(["MAIL"] + sorted(re.sub(r"\d+$", "n", word) if word.startswith("SIZE") else word
                                                    for word in words[2:])))
        elif verb in ("RCPT", "DATA", "RSET", "QUIT", "STARTTLS"):
            found.append(verb)
    return found


def hand_over(name):
    """The two columns of smtp.txt, measured now."""
    program, call = SENDERS[name]
    columns = []
    for to in (["bo@campus.example"], ["bo@campus.example", "robert@campus.example"]):
        serve = Serve("--user", "me:secret")
        proxy = Proxy(serve.port["submission"])
        serve.file(".muttrc", MUTT % proxy.address)
        serve.run(*call(proxy.address, to), text=b"Twelve is fine.\n")
        wait_for(lambda: proxy.tape and proxy.tape[-1][1] in ("closes", "server closes"), 10)
        said = smtp_verbs(proxy.said)
        if len(to) > 1:
            said = said[said.index("RCPT"):] if "RCPT" in said else said
            said += ["closes"] * ("QUIT" not in said)
        columns.append(", ".join(said))
        serve.stop()
        shutil.rmtree(serve.home, ignore_errors=True)
    return tuple(columns)
