#!/usr/bin/env python3
# GNU SASL against `pennypost serve`: somebody else's steps of each mechanism, on IMAP and on
# submission by its own program, on POP3 by handing its answers on.
import socket

from lab import *

need("gsasl", "curl")


def gsasl(protocol, mechanism, user, password, *words):
    port = serve.port["imap" if protocol == "imap" else "submission"]
    return serve.run("gsasl", "--" + protocol, "--connect=%s:%d" % (HOST, port), "--no-starttls", "-m", mechanism,
                     "-a", user, "-p", password, *words, text=b"")


def pop3(mechanism, user, password):
    """Between the server and `gsasl --client`; the server's last line."""
    client = subprocess.Popen(["gsasl", "--client", "--quiet", "--no-client-first", "--no-cb", "-m", mechanism, "-a", user,
                               "-p", password], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=serve.env())
    with socket.create_connection((HOST, serve.port["pop3"]), SECONDS) as line, line.makefile("rb") as replies:
        replies.readline()
        client.stdout.readline()  # the mechanism's name
        line.sendall(b"AUTH " + mechanism.encode() + b"\r\n")
        reply = replies.readline()
        while reply.startswith(b"+ "):
            client.stdin.write(reply[2:].strip() + b"\n")
            client.stdin.flush()
            line.sendall(client.stdout.readline().strip() + b"\r\n")
            reply = replies.readline()
    client.kill()
    client.communicate()
    return reply


for mechanism in "PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256":
    serve = Serve()  # each anew: whoever is wrong again and again waits for the answer
    code, printed = gsasl("imap", mechanism, "ana", "tulip")
    ok(code == 0 and "server trusted" in printed, mechanism + " on IMAP", printed)
    code, printed = gsasl("smtp", mechanism, "ana@campus.example", "tulip")
    ok(code == 0 and "235 2.7.0 Authentication successful" in printed, mechanism + " on submission", printed)
    code, printed = gsasl("imap", mechanism, "ana", "rose")
    ok(code != 0 and "[AUTHENTICATIONFAILED]" in printed, mechanism + ": a wrong password", printed)
    code, printed = gsasl("smtp", mechanism, "eve", "tulip")
    ok(code != 0 and "535 5.7.8" in printed, mechanism + ": nobody", printed)
    if mechanism in ("CRAM-MD5", "SCRAM-SHA-256"):
        has("+OK maildrop has 4 messages", pop3(mechanism, "ana", "tulip"), mechanism + " on POP3")
        for _ in range(2): # the right one before has ended the wait
            has("-ERR", pop3(mechanism, "ana", "rose"), mechanism + " on POP3: a wrong password before")
        started = time.monotonic()
        has("-ERR", pop3(mechanism, "ana", "rose"), mechanism + " on POP3: a wrong password")
        ok(time.monotonic() - started >= 1, "… whose answer, the third no since a right one, took a second at least")
    at = {("ANSWER", "BAD_LOGIN")}
    serve.end(refusals=at)

serve = Serve()
code, printed = gsasl("imap", "SCRAM-SHA-256", "ana", "tulip", "-z", "bo")
ok(code != 0 and "[AUTHENTICATIONFAILED]" in printed, "ana may not act as bo", printed)
code, printed = gsasl("imap", "SCRAM-SHA-256", "ana", "tulip", "-z", "ana@campus.example")
ok(code == 0, "but as herself", printed)
code, printed = serve.run("curl", "-s", "--login-options", "AUTH=CRAM-MD5", "-u", "bo:maple",
                          "pop3://%s:%d/" % (HOST, serve.port["pop3"]))
ok(code == 0 and printed.startswith("1 "), "curl lists by CRAM-MD5 on POP3", printed)
ok(serve.heard("AUTH CRAM-MD5"), "… and it was CRAM-MD5")
serve.end(refusals=[("ANSWER", "BAD_LOGIN")])
done()
