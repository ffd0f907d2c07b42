"""The recorded sessions of pop3.txt, and verbs as they are compared with them."""
import os
import re

VERBS = "CAPA AUTH USER PASS APOP STAT LAST UIDL LIST RETR TOP DELE NOOP RSET QUIT STLS".split()


def recorded():
    """(program, situation, [(new messages, lost before, verbs)])"""
    found = []
    for line in open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "pop3.txt")):
        if line.startswith("  "):
            situation, said = line.strip().split(" : ", 1)
            new, until = situation.split(" ", 1)
            found[-1][2].append((int(new), until, said.split(", ")))
        elif line.strip() and not line.startswith("#"):
            name, situation = line.strip().split(", ")
            found.append((name, situation, []))
    return found


def verbs(lines):
    """Of the lines that a client has said the commands, without names, passwords and challenges."""
    said = []
    for line in lines:
        words = line.split()
        verb = words[0].upper() if words else ""
        if verb not in VERBS:
            continue
        if verb == "TOP" and int(words[2]) > 99999:
            words[2] = "99999999"
        keeps = verb in ("RETR", "TOP", "DELE", "LIST", "UIDL", "AUTH")
        said.append(" ".join([verb] + words[1:] if keeps else [verb]))
    return said


def rows(name):
    """The lines of imap.txt or smtp.txt, without remarks."""
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), name)) as lines:
        return [line.strip() for line in lines if not line.startswith("#")]


def session_verbs(lines):
    said, marks = [], False
    for line in lines:
        line = line.split(" ", 1)[-1]
        marks = marks or bool(re.search(r"FETCH .*[ (](BODY\[\d*\]|RFC822[ )]|RFC822$)", line))
        found = re.match(r'(CREATE|SUBSCRIBE|UID COPY \S+|UID MOVE \S+) "?(\w+)"?', line)
        if found:
            said.append(re.sub(r" [\d:,]+", "", found[1]) + " " + found[2])
        elif re.match(r"(UID )?STORE .*Deleted", line, re.I):
            said.append(line[:line.index("STORE") + 5])
        elif re.match(r"(UID EXPUNGE|EXPUNGE|CLOSE|EXAMINE)", line):
            said.append(re.match(r"(UID )?[A-Z]+", line)[0])
    return marks, said


def imap_verbs(sessions):
    """Of sessions, the lines that clients have said: whether a FETCH sets \\Seen, and the verbs as imap.txt
    has them: what mailboxes are made at any time, and what the last session says that deletes."""
    told = [session_verbs(lines) for lines in sessions] or [(False, [])]
    deleting = [said for _, said in told if any(re.search("STORE|MOVE", one) for one in said)]
    last = (deleting or [told[-1][1]])[-1]
    made = [one for _, said in told for one in said if re.match("CREATE|SUBSCRIBE|EXAMINE", one)]
    all_said = made + last
    return any(marks for marks, _ in told), [one for i, one in enumerate(all_said) if one not in all_said[:i]]
