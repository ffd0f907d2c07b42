#!/usr/bin/env python3
# The field guide's POP3 rows against the programs themselves: fetchmail, getmail6 and mpop fetch
# from `pennypost serve`, a proxy between loses the connection where the recording lost it, and what
# they say is compared with tests/guide/pop3.txt. (tests/guide/test_pop3.py compares our devices
# with the same lines.)
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
        serve.run(program)
        said.append(verbs(proxy.said))
    serve.stop()
    shutil.rmtree(serve.home, ignore_errors=True)
    return said


for name, situation, sessions in recorded():
    if name not in PROGRAMS or (name.startswith("mpop") and "third" in situation):
        continue                # mpop asks for two at once; in one segment or in two is chance
    if not shutil.which(PROGRAMS[name][0]):
        skip("%s, %s" % (name, situation), "%s is not installed" % PROGRAMS[name][0])
        continue
    same(play(name, sessions), [want for _, _, want in sessions], "%s, %s" % (name, situation))
done()
