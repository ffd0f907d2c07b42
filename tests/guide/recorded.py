"""The recorded sessions of pop3.txt, and verbs as they are compared with them."""
import os

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
