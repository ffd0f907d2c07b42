#!/usr/bin/env python3
# Chance does not come again: whether a world was killed and opened anew or begun from nothing, no
# queue id, Message-ID, boundary, APOP stamp or SCRAM nonce is one that was there before, and an
# exchange that somebody has recorded opens nothing.
import base64, hashlib, hmac, re
from lab import *

SCRAM_ROUNDS = 3


def talk(port, *lines):
    """Says each line and gives all replies' last lines."""
    with socket.create_connection((HOST, port), SECONDS) as line, line.makefile("rb") as heard:
        replies = [heard.readline().strip()]
        for text in lines:
            line.sendall(text.encode() + b"\r\n")
            reply = heard.readline()
            while reply[3:4] == b"-" or reply.startswith(b"* "):
                reply = heard.readline()
            replies.append(reply.strip())
    return replies


def scram(port, password="tulip", said=None):
    """A login by SCRAM-SHA-256; said: a client's two answers of another time. The server's nonce,
    what was answered, and what was said."""
    first = said[0] if said else "n,,n=ana,r=clientnonce"
    with socket.create_connection((HOST, port), SECONDS) as line, line.makefile("rb") as heard:
        heard.readline()
        line.sendall(b"a AUTHENTICATE SCRAM-SHA-256 " + base64.b64encode(first.encode()) + b"\r\n")
        server_first = base64.b64decode(heard.readline()[2:]).decode()
        parts = dict(part.split("=", 1) for part in server_first.split(","))
        if said:
            final = said[1]
        else:
            salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(parts["s"]), int(parts["i"]))
            key = hmac.digest(salted, b"Client Key", "sha256")
            bare = "c=biws,r=" + parts["r"]
            message = ",".join((first[3:], server_first, bare)).encode()
            proof = bytes(a ^ b for a, b in zip(key, hmac.digest(hashlib.sha256(key).digest(), message, "sha256")))
            final = bare + ",p=" + base64.b64encode(proof).decode()
        line.sendall(base64.b64encode(final.encode()) + b"\r\n")
        reply = heard.readline()
        if reply.startswith(b"+ "):
            line.sendall(b"\r\n")
            reply = heard.readline()
        while reply.startswith(b"* "):
            reply = heard.readline()
    return parts["r"], reply, (first, final)


def draw(serve):
    """One of each thing that is drawn."""
    drawn = {"queue id": [], "nonce": [], "stamp": [], "Message-ID": []}
    for i in range(2):
        replies = talk(serve.port["smtp"], "HELO lab.example", "MAIL FROM:<dora@bakery.example>", "RCPT TO:<bo@campus.example>",
                       "DATA", "Subject: %d\r\n\r\n." % i)
        drawn["queue id"].append(replies[-1].decode())
        drawn["stamp"].append(talk(serve.port["pop3"])[0].decode())
        drawn["nonce"].append(scram(serve.port["imap"])[0])
    with smtplib.SMTP(HOST, serve.port["submission"], local_hostname="lab.example", timeout=SECONDS) as client:
        client.login("bo", "maple")
        client.sendmail("bo@campus.example", "nobody@bakery.example", "Subject: nobody is there\r\n\r\nHello.\r\n")

    def bounces():
        client = imap(serve, "bo", "INBOX")
        found = client.uid("SEARCH", "FROM", "postmaster")[1][0].split()
        texts = [client.uid("FETCH", uid.decode(), "(BODY.PEEK[])")[1][0][1].decode() for uid in found]
        client.logout()
        return texts
    earlier = getattr(serve, "earlier", 0)
    wait_for(lambda: len(bounces()) > earlier)
    text = bounces()[-1]
    drawn["Message-ID"].append(re.search(r"(?mi)^Message-ID: *(.*)$", text).group(1))
    drawn["boundary"] = [re.search(r'boundary="?([^"\s]*)', text).group(1)]
    return drawn


def unlike(runs, what):
    for name in runs[0]:
        found = [value for run in runs for value in run[name]]
        ok(len(set(found)) == len(found) > 1, "%s: no %s comes twice" % (what, name), "\n".join(found))


home = tempfile.mkdtemp(prefix="pennypost-chance.")
world = os.path.join(home, "kept.world")
Serve(watch=False, world=world, home=home).stop()
runs = []
for kill in range(3):
    serve = Serve(watch=False, world=world, home=home)
    serve.earlier = kill
    if kill == 0:
        nonce, reply, said = scram(serve.port["imap"])
        ok(b"a OK" in reply, "SCRAM lets in who knows the password", reply)
        nonces = {nonce}
    else:
        for _ in range(SCRAM_ROUNDS):
            nonce, reply, _ = scram(serve.port["imap"], said=said)
            ok(nonce not in nonces and reply.startswith(b"a NO"), "a recorded exchange opens nothing after a kill", reply)
            nonces.add(nonce)
    runs.append(draw(serve))
    serve.kill()
unlike(runs, "killed twice")
shutil.rmtree(home, ignore_errors=True)

runs = []
for _ in range(2):
    serve = Serve(watch=False)
    runs.append(draw(serve))
    serve.stop()
unlike(runs, "begun from nothing")
done()
