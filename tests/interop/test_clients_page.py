#!/usr/bin/env python3
# docs/clients.md, typed as it stands there: every command of the page that can be run here, with
# other ports in the place of its own. What it sends must arrive.
import re
from lab import *

PAGE = open(os.path.join(ROOT, "docs/clients.md"), encoding="utf-8").read()
BLOCKS = re.findall(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", PAGE, re.M | re.S)
NAMES = {"smtp": 2525, "submission": 2587, "pop3": 2110, "imap": 2143, "submissions": 2465, "pop3s": 2995, "imaps": 2993}

command = next(text for kind, _, text in BLOCKS if kind == "serve").replace("\\\n", " ").split()
same(command[:2], ["pennypost", "serve"], "the page begins with how to serve")
same({name: str(port) for name, port in NAMES.items()},
     {word[2:]: port for word, port in zip(command, command[1:]) if word[2:] in NAMES}, "… on these ports")
serve = Serve(*[word if word not in map(str, NAMES.values()) else "0" for word in command[2:]])


def here(text):
    for name, port in NAMES.items():
        text = re.sub(r"\b%d\b" % port, str(serve.port[name]), text)
    return text


for kind, name, text in BLOCKS:
    if kind == "file":
        serve.file(name, here(text))
    if kind != "sh":
        continue
    for line in text.replace("\\\n", " ").splitlines():
        program = re.sub(r"^.*\| ", "", line).split()[0]
        if not shutil.which(program):
            skip(line[:70], program + " is not installed")
        elif program == "swaks" and "--tls" in line and "*** TLS not available" in serve.run("swaks", "--support")[1]:
            skip(line[:70], "libnet-ssleay-perl is not installed")
        else:
            serve.runs(re.sub(r"\s+", " ", line), "sh", "-c", here(line))
for program, count in (("curl", 3), ("swaks", 1), ("mutt", 3), ("msmtp", 2)):
    if shutil.which(program):
        same(sum(subject == "Hello from " + program for subject in subjects(serve, "bo")), count,
             "%s sent %d messages" % (program, count))
ok(wait_for(lambda: "\\Flagged" in flags(serve, "bo", subjects(serve, "bo")[0])) or not shutil.which("curl"), "curl flagged one")
same(serve.stop(), 0, "the server ends well on SIGTERM")
serve.clean()
done()
