#!/usr/bin/env python3
"""revisions.py PENNYPOST: docs/imap-revisions.md: every command of IMAP as IMAP4rev1 and as IMAP4rev2 answers
it, played in two sessions that differ by ENABLE IMAP4rev2 alone; and every extension with its RFC, its
transcripts and what of it is fuzzed. Commands, tokens and RFCs come from the table (docs/protocols/imap.md,
servers/imap/imap_table.c)."""
import glob
import os
import re
import subprocess
import sys
import tempfile

page = open("docs/protocols/imap.md", encoding="utf-8").read()
table = open("servers/imap/imap_table.c", encoding="utf-8").read()
# What is new in IMAP4rev2 lies in forms that a command's own sample does not have.
MORE = ["a1 SEARCH SEEN", "a1 UID SEARCH 1:3", "a1 SEARCH RETURN (COUNT) ALL", 'a1 CREATE "Entwürfe"', 'a1 CREATE "Entw&APw-rfe"',
        "a1 SELECT inbox", "a1 STATUS INBOX (MESSAGES DELETED SIZE)", "a1 STATUS INBOX (RECENT)", "a1 FETCH 1 (FLAGS BINARY.SIZE[1])",
        "a1 STORE 2 +FLAGS (\\Flagged)", "a1 UID FETCH 2 FLAGS", "a1 SEARCH NEW", 'a1 LIST "" "%" RETURN (STATUS (MESSAGES))',
        'a1 LIST (SUBSCRIBED) "" "*"', "a1 FETCH 1 RFC822.SIZE"]
ALONE = {"LOGIN", "AUTHENTICATE", "STARTTLS", "ENABLE"}     # before ENABLE is possible, or itself


def section(title):
    return page.split("## " + title + "\n", 1)[1].split("\n## ", 1)[0]


def samples():
    """[(verb, line)] of the commands, in the table's order; APPEND with its message."""
    found = []
    for verb, line in re.findall(r"^\| ([A-Z]+) \| `(a1 [^`]*)`", section("Events"), re.M | re.S):
        if verb not in ("LITERAL", "UNKNOWN") and verb not in ALONE:
            found.append((verb, line))
    return found


def allowed(verb):
    """Is it a command of the selected state, or for whoever has no mailbox open?"""
    row = re.search(r"^\| %s \|(.*)\|$" % verb, section("What is run when"), re.M).group(1).split("|")
    return "AUTHENTICATED" if row[2].strip() != "·" else "SELECTED"


def play(pennypost, line, state, enables):
    """What the server says to the last command."""
    script = ["telnet mail.campus.example 143", "x1 LOGIN ana tulip"]
    script += ["x2 ENABLE IMAP4rev2"] if enables else []
    script += ["x3 SELECT INBOX"] if state == "SELECTED" else []
    script += ["a9 NOOP"] + line.replace("\r\n", "\n").split("\n")
    script += ["DONE"] if line.endswith("IDLE") else []
    with tempfile.NamedTemporaryFile("w", suffix=".post", encoding="utf-8") as file:
        file.write("\n".join(script) + "\n")
        file.flush()
        said = subprocess.run([pennypost, "run", "--plain", file.name], capture_output=True, encoding="utf-8", check=False).stdout
    lines = [text for text in re.findall(r"^\[laptop\] S: (.*)$", said, re.M)]
    after = next(at for at, text in enumerate(lines) if text.startswith("a9 OK")) + 1
    return [re.sub(r"\[CAPABILITY [^]]*\]|(?<=\* CAPABILITY ).*", "…", text) for text in lines[after:]]


def cell(lines):
    return "<br>".join("`%s`" % text.replace("|", "\\|") for text in lines) or "nothing"


def revisions(pennypost):
    print("| command | in | IMAP4rev1 answers | IMAP4rev2 answers |\n|---|---|---|---|")
    same, asked = [], [(verb, line, allowed(verb)) for verb, line in samples()]
    for line in MORE:
        verb = line.split(" ")[2 if " UID " in line else 1]
        asked.append((verb, line, allowed(verb)))
    for verb, line, state in asked:
        old, new = (play(pennypost, line, state, enables) for enables in (False, True))
        if old == new:
            same.append(line)
        else:
            print("| `%s` | %s | %s | %s |" % (line.split("\n")[0].strip(), state, cell(old), cell(new)))
    print("\nTo these both give one answer: %s." % ", ".join("`%s`" % line.split("\n")[0].strip() for line in same))


def extensions():
    comment = table.split("*/", 1)[0]
    rfcs = {name: rfc for rfc, names in re.findall(r"(\d{4})\s+\(([^)]+)\)", comment) for name in re.split(r",\s*", names)}
    rfcs.update({"AUTH": "3501", "LITERAL+": "7888", "IMAP4rev1": "3501", "STARTTLS": "3501", "LOGINDISABLED": "3501", "CHILDREN": "3348", "I18NLEVEL": "5255"})
    fuzz = " ".join(open(name, encoding="latin-1").read() for name in glob.glob("tests/fuzz/imap*.dict") + glob.glob("tests/fuzz/fuzz_imap*.c"))
    heads = {os.path.basename(name)[:-4]: open(name, encoding="utf-8").read() for name in sorted(glob.glob("tests/transcripts/imap/*.txt"))}
    bare = {}
    for token in re.findall(r"^\| `([^`]+)` \|", section("What the server advertises"), re.M):
        bare.setdefault(re.split("=", token)[0], token)
    print("| what is advertised | RFC | its transcripts | commands of it that are fuzzed |\n|---|---|---|---|")
    for name, token in bare.items():
        rfc = next((rfcs[key] for key in (token, name, "CREATE-" + name, name.replace("CREATE-", "")) if key in rfcs), "")
        brings = re.search(r'\{ "%s", [^{]*\{ ([^}]*) \}' % re.escape(token), table.split("capabilities[] = {")[1]).group(1).replace("EV_", "").split(", ")
        shown = [head for head, text in heads.items() if rfc and re.search(r"RFC %s\b" % rfc, text.split("protocol:")[0])]
        fuzzed = [verb for verb in brings if verb != "0" and verb in fuzz]
        print("| `%s` | %s | %s | %s |" % (token, rfc, " ".join(shown[:6]) + (" …" if len(shown) > 6 else ""), " ".join(fuzzed)))


def main():
    print("# IMAP4rev1 and IMAP4rev2\n\nWritten by `make docs`: each command is played in the world of the beginning, by ana, with and without\n"
          "`ENABLE IMAP4rev2` (RFC 9051). Before it every answer is IMAP4rev1's; capabilities are the same in both.\n")
    revisions(sys.argv[1])
    print("\nOne demand of RFC 9051 is not met: mailboxes' names should be Net-Unicode in form C (5.1, 6.3.4). Here a name is\n"
          "kept as it comes: written in two ways (\u00fc as one character or as u and a dot pair) it is two names.\n")
    print("## Extensions\n\nRFC numbers are those of `servers/imap/imap_table.c`; a transcript is named where its first lines name the RFC\n"
          "(tests/transcripts/imap/NAME.txt).\n")
    extensions()


main()
