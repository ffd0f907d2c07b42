#!/usr/bin/env python3
"""claims.py: docs/claims.md: what people say about POP3, IMAP and SMTP, each claim measured.

  claims.py [PENNYPOST]     prints the page

Each claim has a script in tests/claims/ and an expression over what came of it. The figures in the
page are read out of the runs; a verdict stands only while its condition holds, else this fails.
"""
import json
import os
import subprocess
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
PROGRAM = sys.argv[1] if len(sys.argv) > 1 else os.path.join(ROOT, "pennypost")


def records(*words):
    play = subprocess.run([PROGRAM, *words, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          stdin=subprocess.DEVNULL, cwd=ROOT, check=False)
    if play.returncode != 0:
        sys.exit("claims.py: %s: %s" % (" ".join(words), play.stderr.decode()))
    return [json.loads(line) for line in play.stdout.decode().splitlines()]


def path_of(name):
    return (name if "/" in name else "tests/claims/" + name) + ".post"


class Run:
    """A script that was played once."""

    def __init__(self, name):
        self.all = records("run", path_of(name))

    def lines(self, side=None, starts="", protocol=None, port=None):
        conns = {r["conn"]: r for r in self.all if r["kind"] == "open"}
        return [r for r in self.all if r["kind"] == "line" and side in (None, r["from"])
                and r["text"].startswith(starts)
                and protocol in (None, conns[r["conn"]]["protocol"])
                and port in (None, conns[r["conn"]]["port"])]

    def opens(self, protocol):
        return [r for r in self.all if r["kind"] == "open" and r["protocol"] == protocol]


class Contrast:
    """A story that was played with several settings."""

    def __init__(self, name, variants):
        self.all = records("contrast", path_of(name), "--variants", variants)
        self.settings = {v["name"]: v for v in self.all[-1]["variants"]}

    def server(self, setting):
        return self.settings[setting]["server"]

    def device(self, setting, device):
        return self.settings[setting]["devices"][device]

    def said(self, setting, verb):
        return sum(r["kind"] == "line" and r["from"] == "client" and r.get("variant") == setting
                   and r["text"].split(" ")[0] == verb for r in self.all)


def kilobytes(octets):
    return "%d B" % octets if octets < 1000 else "%.1f kB" % (octets / 1000)


def must(condition, claim):
    if not condition:
        sys.exit("claims.py: this is not so any more: " + claim)


ROWS = []


def claim(text, verdict, condition, measured, script):
    must(condition, text)
    ROWS.append("| %s | **%s** | %s | [%s](../%s) |"
                % (text, verdict, measured, os.path.basename(script), path_of(script)))


def pop3():
    fetch = Contrast("fetch", "pop3-delete,pop3-keep,imap,imap-headers")
    retr = Run("retr")
    marks = Contrast("marks", "pop3-keep,imap")
    folders = Contrast("folders", "pop3-keep,imap")
    left = retr.lines("server", "+OK goodbye")[0]["text"]
    claim("POP3 downloads mail", "true", fetch.said("pop3-keep", "RETR") == 4,
          "the laptop says RETR %d times and has %d messages, %s"
          % (fetch.said("pop3-keep", "RETR"), fetch.device("pop3-keep", "laptop")["messages"],
             kilobytes(fetch.device("pop3-keep", "laptop")["bytes"])), "fetch")
    claim("POP3 removes what it downloads", "a habit of mail programs",
          fetch.server("pop3-delete")["messages"] == 0 and fetch.server("pop3-keep")["messages"] == 4
          and "0 removed, 4 left" in left,
          "`pop3 delete` says DELE %d times, and the server has %d of 4 messages; `pop3 keep` says "
          "DELE %d times, and it has %d. Four RETR by hand and QUIT: `%s`"
          % (fetch.said("pop3-delete", "DELE"), fetch.server("pop3-delete")["messages"],
             fetch.said("pop3-keep", "DELE"), fetch.server("pop3-keep")["messages"], left), "retr")
    named = Contrast("fetch", "fetchmail,evolution-pop3,thunderbird-pop3,getmail6")
    held = [named.server(v)["messages"] for v in ("fetchmail", "evolution-pop3", "thunderbird-pop3", "getmail6")]
    claim("Mail programs remove by POP3 what they download", "half of them do",
          held == [0, 0, 4, 4],
          "out of the box, of 4 messages fetchmail 6.4.37 leaves %d on the server, Evolution 3.46.4 %d, "
          "Thunderbird 153.8.0 %d (for 14 days), getmail6 6.18.11 %d ([more](field-guide.md))" % tuple(held),
          "fetch")
    claim("POP3 works offline", "true, and so does IMAP",
          fetch.device("pop3-keep", "laptop")["readable_offline"] == 4
          and fetch.device("imap", "laptop")["readable_offline"] == 4,
          "without the network the laptop reads %d messages with POP3, %d with IMAP, %d if IMAP "
          "fetched headers only"
          % tuple(fetch.device(v, "laptop")["readable_offline"]
                  for v in ("pop3-keep", "imap", "imap-headers")), "fetch")
    claim("POP3 does not synchronise devices", "true",
          not marks.settings["pop3-keep"]["flags_in_step"]
          and marks.device("pop3-keep", "phone")["messages"] == 4
          and marks.settings["imap"]["flags_in_step"],
          "B read and C deleted on the laptop, both synchronised: with POP3 the phone shows %d "
          "messages, B new; with IMAP %d, B read"
          % (marks.device("pop3-keep", "phone")["messages"], marks.device("imap", "phone")["messages"]),
          "marks")
    claim("POP3 hardly organises mail on the server", "true: it has no folders",
          in_archive(folders, "pop3-keep") == 0 and in_archive(folders, "imap") == 2,
          "B and C moved to Archive on the phone: with POP3 the server's Archive has %d messages, "
          "with IMAP %d; DELE is the one thing POP3 can change there"
          % (in_archive(folders, "pop3-keep"), in_archive(folders, "imap")), "folders")


def in_archive(folders, setting):
    """Said by the server to whoever moved them: COPYUID names each message."""
    return sum(r["text"].count(" OK [COPYUID") * len(uids(r["text"])) for r in folders.all
               if r["kind"] == "line" and r["from"] == "server" and r.get("variant") == setting
               and "COPYUID" in r["text"])


def uids(text):
    words = text.split("COPYUID ", 1)[1].split("]")[0].split(" ")
    found = []
    for piece in words[1].split(","):
        ends = [int(number) for number in piece.split(":")]
        found += range(ends[0], ends[-1] + 1)
    return found


def imap():
    fetch = Contrast("fetch", "pop3-delete,pop3-keep,imap,imap-headers")
    marks = Contrast("marks", "pop3-keep,imap")
    folders = Contrast("folders", "pop3-keep,imap")
    live = Run("realtime")
    claim("IMAP keeps mail on the server", "true, until somebody deletes it there",
          fetch.server("imap")["messages"] == 4 and marks.server("imap")["messages"] == 3
          and marks.device("imap", "phone")["messages"] == 3,
          "after the laptop has fetched all, the server has %d of 4; after it deleted one and the "
          "phone synchronised, server and phone have %d"
          % (fetch.server("imap")["messages"], marks.server("imap")["messages"]), "fetch")
    claim("IMAP synchronises folders and devices", "true",
          marks.settings["imap"]["flags_in_step"] and folders.settings["imap"]["flags_in_step"]
          and in_archive(folders, "imap") == 2,
          "after two messages were moved on the phone and both devices synchronised, server, phone "
          "and laptop show each message in the same folder with the same marks", "folders")
    named = Contrast("lessons/stories/08-only-marked", "kmail,mbsync,geary,claws-imap")
    held = [named.server(v)["messages"] for v in ("kmail", "mbsync", "geary", "claws-imap")]
    claim("What IMAP has only marked as deleted can be brought back", "true, if all programs do so",
          held == [3, 3, 4, 4],
          "B is only marked as deleted, by Evolution; another program looks, and deletes nothing: of 4 "
          "messages KMail 22.12.3 leaves %d, mbsync 1.4.4 with Expunge Both %d, Geary 43.0 %d, Claws 4.1.1 %d"
          % tuple(held), "lessons/stories/08-only-marked")
    taken = live.lines("server", "250 2.0.0 Ok: queued")[0]["t"]
    told = [r for r in live.lines("server", "* 5 EXISTS")]
    claim("IMAP does so in real time", "half true: only in IDLE, and it tells, it does not bring",
          len(told) == 2 and told[0]["t"] - taken < 100 and told[1]["t"] - taken > 599000,
          "a message came: the phone in IDLE heard `* 5 EXISTS` %d ms after the sender heard its 250; the "
          "tablet, connected and silent, heard it %.0f s later, when it said NOOP; neither had the "
          "message. mutt, alpine, s-nail, Claws and Sylpheed never say IDLE by themselves" % (max(0, told[0]["t"] - taken), (told[1]["t"] - taken) / 1000), "realtime")
    claim("IMAP needs a connection", "half true: for what is not on the device yet",
          fetch.device("imap", "laptop")["readable_offline"] == 4
          and fetch.device("imap-headers", "laptop")["readable_offline"] == 0,
          "offline, a laptop that fetched whole messages reads %d, one that fetched headers %d"
          % (fetch.device("imap", "laptop")["readable_offline"],
             fetch.device("imap-headers", "laptop")["readable_offline"]), "fetch")
    claim("IMAP uses more server storage", "half true: keeping does",
          fetch.server("imap")["bytes"] == fetch.server("pop3-keep")["bytes"] > 0
          and fetch.server("pop3-delete")["bytes"] == 0,
          "the server holds %s with IMAP, %s with `pop3 keep`, %s with `pop3 delete`"
          % tuple(kilobytes(fetch.server(v)["bytes"]) for v in ("imap", "pop3-keep", "pop3-delete")),
          "fetch")


def smtp():
    transfer, login, retrieve = Run("transfer"), Run("login"), Run("retrieve")
    conns = transfer.opens("smtp")
    claim("SMTP sends", "true", conns[0]["port"] == 587,
          "the phone hands its message to %s on port %d: %d commands"
          % (conns[0]["server"], conns[0]["port"],
             sum(r["kind"] == "state" and r["conn"] == conns[0]["conn"]
                 and r["event"] in ("EHLO", "AUTH", "MAIL", "RCPT", "DATA", "QUIT")
                 for r in transfer.all)), "transfer")
    claim("SMTP transfers between servers", "true",
          len(conns) == 2 and conns[1]["client"] == "mail.campus.example" and conns[1]["port"] == 25,
          "%s then opens port %d of %s, as any client; the message is there"
          % (conns[1]["client"], conns[1]["port"], conns[1]["server"]), "transfer")
    refused = [r["text"] for r in login.lines("server", "5")]
    accepted = login.lines("server", "250 2.0.0 Ok: queued", port=25)
    claim("SMTP authenticates to prevent unauthorised sending",
          "half true: submission does, and relaying is denied",
          len(refused) == 2 and len(accepted) == 1,
          "without a login: port 587 says `%s`; port 25, to a stranger, `%s`; port 25, to a "
          "neighbour and in the dean's name, `%s`" % (refused[0], refused[1], accepted[0]["text"]),
          "login")
    answers = [r["text"] for r in retrieve.lines("server", "500")]
    claim("SMTP cannot retrieve", "true", len(answers) == 3,
          "RETR, LIST and FETCH get `%s`, %d times" % (answers[0], len(answers)), "retrieve")


def page():
    pop3()
    imap()
    smtp()
    print("# What people say about POP3, IMAP and SMTP, measured\n")
    print("Each claim stands in many articles. Here each is played in the simulated world by a script")
    print("that you can run (`pennypost run FILE`, or `pennypost contrast FILE` for those with `variants`);")
    print("the figures are read out of its trace. The page is made by `make docs`, and a test fails when a")
    print("figure or a verdict is not so any more.\n")
    print("| claim | is | measured | script |\n|---|---|---|---|")
    print("\n".join(ROWS))
    print("\nThe laptop, the phone and the tablet are ana's; at the beginning four messages are in her INBOX")
    print("on the server, %s. RFCs: 1939 (POP3), 3501 and 2177 (IMAP, IDLE), 5321 and 6409 (SMTP,"
          % kilobytes(Contrast("fetch", "pop3-keep,imap").server("imap")["bytes"]))
    print("submission).")


page()
