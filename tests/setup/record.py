#!/usr/bin/env python3
"""record.py [PROGRAM…]: records sessions of real mail programs anew, as lessons/recordings/NAME.txt
(lessons/recording.h): the program talks to `pennypost serve` and its default world through a proxy.
The remarks of a recording that is there already (ask, guess, or, fact, differs) move to the same
lines of the new one; what surprised once and is not said any more is told, and is an error."""
import datetime
import re
import sys
import os

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../interop"))
from lab import *
from lab.proxy import Proxy

FOLDER = os.path.join(ROOT, "lessons/recordings")
REMARKS = ("ask", "guess", "or", "fact", "differs")
FOLDED = 6              # of a message's lines so many are shown at most …
KEPT = 3                # … else these, and how many more

# --- programs -------------------------------------------------------------------------------------

# As root fetchmail has one lock for the machine, and tests run beside each other.
FETCHMAIL = ('set pidfile "{home}/lock"\npoll 127.0.0.1 protocol %s port {port} username "ana" password "tulip" sslproto "" '
             'mda "cat >>~/mbox"\n')
GETMAIL = """[retriever]
type = Simple%sRetriever
server = 127.0.0.1
port = {port}
username = ana
password = tulip
[destination]
type = MDA_external
path = /bin/sh
arguments = ('-c', 'cat >>mbox')
allow_root_commands = true
[options]
received = false
delivered_to = false
"""
MPOP = "account default\nhost 127.0.0.1\nport {port}\nuser ana\npassword tulip\ndelivery maildir {home}/md\n"
MBSYNC = """IMAPStore far
Host 127.0.0.1
Port {port}
User ana
Pass tulip
SSLType None

MaildirStore near
Path {home}/near/
Inbox {home}/near/INBOX

Channel all
Far :far:
Near :near:
Patterns INBOX
Create Near
Expunge Both
SyncState *
"""
MSMTP = """account default
host 127.0.0.1
port {port}
domain laptop.campus.example
from ana@campus.example
auth on
user ana
password tulip
"""
MUTT = """set ssl_starttls=no ssl_force_tls=no
set imap_user=ana imap_pass=tulip
set folder=imap://127.0.0.1:{port}/ spoolfile=+INBOX
set hostname=laptop.campus.example
"""
MESSAGE = """From: ana@campus.example
To: bo@campus.example
Subject: Soup
Message-ID: <soup@laptop.campus.example>

At twelve?
"""
MARKED = ["a1 LOGIN ana tulip", "a2 SELECT INBOX", "a3 STORE 2 +FLAGS.SILENT (\\Deleted)", "a4 LOGOUT"]

# What is run, and how it is shown: its name, which service it speaks to, its configuration, the command
# (of each session; `lost`: before which line the connection is lost), and who has come before.
RECORDINGS = {
    "fetchmail-pop3": dict(
        program="fetchmail", service="pop3", files={".fetchmailrc": FETCHMAIL % "pop3"}, runs=[["fetchmail"]],
        title="fetchmail asks for what POP3 no longer has, and fetches by TOP",
        situation="Four messages wait in ana's maildrop. fetchmail was told the server, the user, the "
                  "password, and nothing else."),
    "fetchmail-lost": dict(
        program="fetchmail", service="pop3", files={".fetchmailrc": FETCHMAIL % "pop3"},
        runs=[["fetchmail"], ["fetchmail"]], lost=["QUIT", None],
        title="fetchmail, and a connection that is lost before QUIT",
        situation="Four messages wait. The network fails as fetchmail says QUIT, which the server never "
                  "hears. Then fetchmail is run a second time."),
    "fetchmail-imap": dict(
        program="fetchmail", service="imap", files={".fetchmailrc": FETCHMAIL % "imap"}, runs=[["fetchmail"]],
        before=MARKED,
        title="fetchmail empties the mailbox by IMAP too, and another program's message with it",
        situation="Four messages wait in INBOX. Another program has marked the second as deleted, and may "
                  "yet change its mind. fetchmail was told to use IMAP, and nothing else."),
    "getmail-pop3": dict(
        program="getmail", service="pop3", files={".getmail/getmailrc": GETMAIL % "POP3"},
        runs=[["getmail", "--quiet"], ["getmail", "--quiet"]],
        title="getmail fetches everything, and then everything again",
        situation="Four messages wait. getmail is run twice with its defaults; nothing arrives in between."),
    "getmail-imap": dict(
        program="getmail", service="imap", files={".getmail/getmailrc": GETMAIL % "IMAP"},
        runs=[["getmail", "--quiet"]],
        title="getmail looks by IMAP without leaving a trace",
        situation="Four messages wait in INBOX. getmail is run with its defaults."),
    "mpop-lost": dict(
        program="mpop", service="pop3", files={".mpoprc": MPOP}, folders=["md/cur", "md/new", "md/tmp"],
        runs=[["mpop", "--quiet"], ["mpop", "--quiet"]], lost=["QUIT", None],
        title="mpop, and a connection that is lost before QUIT",
        situation="Four messages wait. The network fails as mpop says QUIT, which the server never hears. "
                  "Then mpop is run a second time."),
    "mbsync-imap": dict(
        program="mbsync", service="imap", files={".mbsyncrc": MBSYNC}, folders=["near"],
        runs=[["mbsync", "--quiet", "all"]], before=MARKED,
        title="mbsync removes what another program has marked, by CLOSE",
        situation="Four messages wait in INBOX. Another program has marked the second as deleted. mbsync "
                  "copies to an empty folder; it was told `Expunge Both`."),
    "mutt-imap": dict(
        program="mutt", service="imap", files={".muttrc": MUTT}, terminal=True,
        runs=[["mutt", "-e", "push '<first-entry><display-message><exit><quit>'"]], shown=["mutt"],
        title="mutt opens a mailbox, reads one message, and leaves",
        situation="Four messages wait in INBOX. ana opens it with mutt, reads the first, and quits."),
    "curl-imap": dict(
        program="curl", service="imap", files={},
        runs=[["curl", "--silent", "--user", "ana:tulip", "imap://127.0.0.1:{port}/INBOX;MAILINDEX=2"]],
        shown=["curl --user ana:tulip 'imap://mail/INBOX;MAILINDEX=2'"],
        title="curl fetches one message by IMAP, and so marks it as read",
        situation="Four messages wait in INBOX. curl is asked for the second, which nobody has read."),
    "curl-smtp": dict(
        program="curl", service="submission", files={"soup.eml": MESSAGE.replace("\n", "\r\n")},
        runs=[["curl", "--silent", "--user", "ana:tulip", "--mail-from", "ana@campus.example", "--mail-rcpt",
               "bo@campus.example", "--upload-file", "soup.eml", "smtp://127.0.0.1:{port}"]],
        shown=["curl --user ana:tulip --mail-from ana@campus.example --mail-rcpt bo@campus.example "
               "--upload-file soup.eml smtp://mail"],
        title="curl says hello by the name of a file",
        situation="curl sends the file soup.eml to bo."),
    "msmtp-refused": dict(
        program="msmtp", service="submission", files={".msmtprc": MSMTP}, text=MESSAGE,
        runs=[["msmtp", "bo@campus.example", "robert@campus.example"]],
        title="msmtp, and one recipient of two that is refused",
        situation="ana sends one message to bo and to robert, whom the server does not know."),
    "swaks-refused": dict(
        program="swaks", service="submission", files={"soup.eml": MESSAGE},
        runs=[["swaks", "--silent", "3", "--server", "127.0.0.1", "--port", "{port}", "--ehlo", "laptop.campus.example",
               "--auth-user", "ana", "--auth-password", "tulip", "--from", "ana@campus.example", "--to",
               "bo@campus.example,robert@campus.example", "--data", "@soup.eml"]],
        shown=["swaks --auth-user ana --auth-password tulip --from ana@campus.example "
               "--to bo@campus.example,robert@campus.example --data @soup.eml"],
        title="swaks, and one recipient of two that is refused",
        situation="ana sends one message to bo and to robert, whom the server does not know."),
}
PACKAGES = {"mbsync": "isync", "getmail": "getmail6"}


def version(program):
    """As the distribution names it: "fetchmail 6.4.37"."""
    asked = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", PACKAGES.get(program, program)],
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    number = re.match(r"(?:\d+:)?([\d.]+)", asked.stdout.decode())
    return "%s %s" % (PACKAGES.get(program, program), number.group(1) if number else "of an unknown version")


# --- playing --------------------------------------------------------------------------------------


def say(port, lines):
    """What another program has done before, line by line."""
    with socket.create_connection((HOST, port), SECONDS) as client:
        heard = client.makefile("rb")
        heard.readline()
        for line in lines:
            client.sendall(line.encode() + b"\r\n")
            while not heard.readline().startswith(line.split()[0].encode() + b" "):
                pass


def play(wanted):
    """(tape, states): what was said, and for each connection the server's state behind so many lines."""
    serve = Serve()
    proxy = Proxy(serve.port[wanted["service"]])
    for name, text in wanted["files"].items():
        serve.file(name, text.replace("{port}", str(proxy.address)).replace("{home}", serve.home))
    for folder in wanted.get("folders", ()):
        os.makedirs(os.path.join(serve.home, folder))
    if "before" in wanted:
        say(serve.port["imap"], wanted["before"])
    seen = sum(record["kind"] == "open" for record in serve.trace)
    for number, words in enumerate(wanted["runs"]):
        words = [word.replace("{port}", str(proxy.address)) for word in words]
        proxy.until = wanted.get("lost", [None] * len(wanted["runs"]))[number]
        if wanted.get("terminal"):
            in_terminal(words, serve.home, serve.env())
        else:
            code, printed = serve.run(*words, text=wanted["text"].encode() if "text" in wanted else None)
            if not proxy.tape:
                sys.exit("%s says nothing to a server: %s" % (wanted["program"], printed))
        opened = len([1 for _, what, _ in proxy.tape if what == "opens"])
        wait_for(lambda: sum(record["kind"] == "close" for record in list(serve.trace)) >= seen + opened)
    if proxy.bare:
        sys.exit("%s has ended a line by a lone LF, which a recording can't say" % wanted["program"])
    wait_for(lambda: proxy.tape[-1][1] in ("closes", "server closes", "lost"))
    serve.stop()
    states = states_of([record for record in serve.trace if record.get("conn", 0) > seen])
    home = serve.home
    serve.clean()
    return proxy.tape, states, home


def states_of(trace):
    states, said = {}, {}
    for record in trace:
        conn = record.get("conn")
        if record["kind"] == "open":
            said[conn], states[conn] = 0, {}
        elif record["kind"] == "line" and record["from"] == "client":
            said[conn] += 1
        elif record["kind"] == "state" and record["event"] != "LOST":
            states[conn][said[conn]] = record["after"]
    return [states[conn] for conn in sorted(states)]


# --- writing --------------------------------------------------------------------------------------


def is_content(line, service):
    """A line of a message, not of the protocol."""
    if service == "pop3":
        return not re.match(r"\+OK|-ERR|\+ |\.$", line)
    return service == "imap" and not re.match(r"\* |\+|\)|[^ ]+ (OK|NO|BAD)\b", line)


def fold(entries, service):
    """Of a message that a server sends the first lines, and how many more there are."""
    out, run = [], []

    def flush():
        if len(run) > FOLDED and any(": " in text for _, _, text in run[:FOLDED]):
            out.extend(run[:KEPT] + [(run[-1][0], "...", "%d more lines" % (len(run) - KEPT))])
        else:
            out.extend(run)
        run.clear()

    for entry in entries:
        if entry[1] == "S:" and is_content(entry[2], service):
            run.append(entry)
        else:
            flush()
            out.append(entry)
    flush()
    return out


def with_states(entries, states):
    """C+ where nobody has waited, and the server's new states behind what led there."""
    out, conn, said, shown, waits = [], -1, 0, None, True

    def state_put():
        nonlocal shown
        known = [states[conn][n] for n in range(said + 1) if n in states[conn]] if conn >= 0 else []
        if known and known[-1] != shown:
            shown = known[-1]
            out.append((0, "=", shown))

    for at, what, text in entries:
        if what == "C:" and not waits:
            what = "C+"
        elif what in ("C:", "opens", "closes", "lost") and conn >= 0:
            state_put()
        if what == "opens":
            conn, said, shown = conn + 1, 0, None
        said += what in ("C:", "C+")
        waits = what not in ("C:", "C+")
        if what in ("closes", "server closes"):
            state_put()
            what = "server closes" if shown == "CLOSED" else what  # its session is over already
        out.append((at, what, text))
    return out


def line_of(entry):
    at, what, text = entry
    if what in ("=", "..."):
        return "       %s %s" % (what, text)
    return ("%6d %s %s" % (at, what, text)).rstrip() if what in ("C:", "C+", "S:") else "%6d %s" % (at, what)


def mark(entry):
    """By what a line is known again: without tags, challenges and the texts behind codes."""
    _, what, text = entry
    if what in ("C:", "C+"):
        text = re.sub(r"^[A-Za-z]*\d+ ", "", text)
        return what[0] + re.sub(r"[A-Za-z0-9+/=]{24,}", "-", text)
    return what + " ".join(text.split()[:1])


def entry_of(line):
    found = re.match(r" *(\d+) (C:|C\+|S:|opens|closes|lost|server closes) ?(.*)$", line)
    return (int(found[1]), found[2], found[3]) if found else None


def remarks_of(path):
    """[(mark, how many alike stand before it, lines)]"""
    found, pending, seen = [], [], {}
    for line in open(path) if os.path.exists(path) else ():
        line = line.rstrip("\n")
        entry = entry_of(line)
        if line.split(":")[0] in REMARKS:
            pending.append(line)
        elif entry:
            key = mark(entry)
            seen[key] = seen.get(key, 0) + 1
            if pending:
                found.append((key, seen[key], pending))
            pending = []
    return found


def setup_lines(wanted):
    """What makes the world's server as this one was: no TLS, and what another program has done."""
    lines = ["set mail.campus.example without " + ("STLS" if wanted["service"] == "pop3" else "STARTTLS")]
    if "before" in wanted:
        lines += ["on phone", "telnet mail imap"] + wanted["before"] + ["on laptop"]
    return ["setup: " + line for line in lines]


def write(name, wanted, tape, states):
    path = os.path.join(FOLDER, name + ".txt")
    remarks = remarks_of(path)
    shown = wanted.get("shown") or [" ".join(wanted["runs"][0])]
    lines = ["# Pennypost recording, format 1", "title: " + wanted["title"], "program: " + version(wanted["program"]),
             "date: " + datetime.date.today().isoformat(), "service: " + wanted["service"],
             "server: " + subprocess.run([PROGRAM, "--version"], stdout=subprocess.PIPE).stdout.decode().strip().replace("pennypost", "Pennypost"),
             "login: ana tulip", "command: " + shown[0], "situation: " + wanted["situation"]]
    lines += setup_lines(wanted) + [""]
    seen = {}
    for entry in with_states(fold(tape, wanted["service"]), states):
        key = mark(entry)
        seen[key] = seen.get(key, 0) + 1
        for remark in [remark for remark in remarks if remark[:2] == (key, seen[key])]:
            lines += remark[2]
            remarks.remove(remark)
        lines.append(line_of(entry))
    with open(path, "w") as out:
        out.write("\n".join(lines) + "\n")
    return remarks


def main(programs):
    lost = False
    for name, wanted in RECORDINGS.items():
        if programs and wanted["program"] not in programs and name not in programs:
            continue
        if not shutil.which(wanted["program"]):
            print("%s: %s is not installed" % (name, wanted["program"]))
            lost = lost or bool(programs)
            continue
        tape, states, home = play(wanted)
        said = "\n".join(text for _, _, text in tape)
        for private in (home, socket.gethostname() + ".", os.path.expanduser("~")):
            if len(private) > 3 and private in said:
                sys.exit("%s: %r is in what was said, and nobody's business" % (name, private))
        left = write(name, wanted, tape, states)
        print("%s: %d lines" % (name, len(tape)))
        for key, number, lines in left:
            lost = True
            print("  no longer said: %s (%d)" % (key, number), *lines, sep="\n    ")
    sys.exit(1 if lost else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
