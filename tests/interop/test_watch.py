#!/usr/bin/env python3
"""What `serve --watch` tells: when, how long nobody spoke, what came in one piece, what changed in
the mailboxes, how TLS began or why it failed, and only of those that were asked for."""
import re
import socket
import ssl
from lab import *


def shown(serve, *wanted):
    """The text so far, once all of that is in it."""
    wait_for(lambda: all(re.search(want, serve.said()) for want in wanted), 10)
    return serve.said()


def talk(port, *pieces, wait=b"\n"):
    """Says each piece in one send, and reads on until a line has come."""
    with socket.create_connection((HOST, port), SECONDS) as client:
        client.settimeout(SECONDS)
        client.recv(4096)
        for piece, until in pieces:
            client.sendall(piece)
            heard = b""
            while until not in heard:
                octets = client.recv(4096)
                if not octets:
                    return
                heard += octets


serve = Serve("--tls", "both")
talk(serve.listening["imap"], (b"a1 LOGIN ana tulip\r\n", b"a1 OK"), (b"a2 SELECT INBOX\r\na3 NOOP\r\n", b"a3 OK"),
     (b"a4 STORE 2 +FLAGS.SILENT (\\Deleted)\r\n", b"a4 OK"), (b"a5 UID EXPUNGE 2\r\n", b"a5 OK"),
     (b"\\n typed\tand \xff \\Seen\n\r\n", b"BAD"), (b"a6 LOGOUT\r\n", b"a6 OK"))
talk(serve.listening["pop3"], (b"USER ana\r\n", b"+OK"), (b"PASS tulip\r\n", b"+OK"), (b"DELE 1\r\n", b"+OK"),
     (b"QUIT\r\n", b"+OK"))
talk(serve.listening["submission"], (b"EHLO me\r\nAUTH PLAIN AGFuYQB0dWxpcA==\r\n", b"235"),
     (b"MAIL FROM:<ana@campus.example>\r\n", b"250"), (b"RCPT TO:<bo@campus.example>\r\n", b"250"), (b"DATA\r\n", b"354"),
     (b"Subject: x\r\n\r\none\r\ntwo\r\n.\r\n", b"250"), (b"QUIT\r\n", b"221"))
text = shown(serve, r"221 ", r"bo INBOX")
CLOCK = r"\d\d:\d\d:\d\d\.\d\d\d "
ok(all(re.match(CLOCK, line) for line in text.splitlines() if "[imap" in line), "each line has its time", text[:500])
ok(re.search(CLOCK + r"\[imap 1\] C: a2 SELECT INBOX\n" + CLOCK + r"\[imap 1\] C\+ a3 NOOP\n", text),
   "what came in one piece with the line before", text)
ok(not re.search(r"C\+ (?!a3|AUTH)", text), "… and nothing else", text)
ok(re.search(r"\[imap 1\]   ana INBOX: message B \(UID 2\) has the flags \(\\Deleted\)\n", text), "flags that were changed silently", text)
ok(text.count("has the flags") == 1, "… and no others", text)
ok(re.search(r"\[imap 1\]   ana INBOX: message B \(UID 2\) removed by UID EXPUNGE\n", text), "a message that an EXPUNGE removed", text)
ok(re.search(r"\[pop3 2\]   ana INBOX: message A \(UID 1\) removed by QUIT\n", text), "… and a POP3 QUIT", text)
ok(re.search(CLOCK + r"  bo INBOX: message \w+ \(UID 2\) stored\n", text), "a message that came", text)
ok("[submission 3] C: EHLO me\n" in text, "submission by its name", text)
ok("C: \\\\n typed\\tand \\xFF \\Seen\\n\n" in text, "what was typed and what was a control are told apart", text)

# TLS
CERTIFICATE = os.path.join(serve.home, ".local/share/pennypost/tls-certificate.pem")
trusting = ssl.create_default_context(cafile=CERTIFICATE)
with socket.create_connection((HOST, serve.listening["imaps"]), SECONDS) as plain:
    with trusting.wrap_socket(plain, server_hostname="localhost") as tls:
        tls.recv(100)
try:
    with socket.create_connection((HOST, serve.listening["imaps"]), SECONDS) as plain:
        ssl.create_default_context().wrap_socket(plain, server_hostname="localhost")
    ok(False, "a client that trusts nobody went on")
except ssl.SSLError:
    pass
with socket.create_connection((HOST, serve.listening["pop3s"]), SECONDS) as plain:
    plain.sendall(b"USER ana\r\n")
    plain.settimeout(SECONDS)
    plain.recv(100)
with socket.create_connection((HOST, serve.listening["imaps"]), SECONDS) as plain:
    pass
text = shown(serve, r"left in the middle", r"wrong version number|http request|\[pop3s 6\]   TLS failed")
ok(re.search(r"\[imaps 4\]   TLS is on: TLSv1\.3, TLS_\w+\n", text), "TLS that began", text)
ok(re.search(r"\[imaps 5\]   TLS failed: the client's alert: unknown CA \(48\)\n", text), "a certificate that was refused: the alert's name", text)
ok(re.search(r"\[pop3s 6\]   TLS failed: \w.*\n", text), "who does not speak TLS at all", text)
ok(re.search(r"\[imaps 7\]   TLS failed: the client left in the middle of the handshake\n", text), "who leaves at once", text)
def handshakes():
    return [record for record in list(serve.trace) if record["kind"] == "tls"]


# The trace comes by another pipe than the text: it may be behind.
wait_for(lambda: len(handshakes()) == 4, SECONDS)
told = handshakes()
same([(record["conn"], record["ok"]) for record in told], [(4, True), (5, False), (6, False), (7, False)], "the same in JSON")
ok("unknown CA" in told[1]["text"] and list(told[1]) == ["t", "kind", "conn", "ok", "text"], "… with the alert", told[1])
serve.stop()

# A pause, and only some.
serve = Serve(watch=False, *("--watch=pop3,bo",))
with socket.create_connection((HOST, serve.listening["pop3"]), SECONDS) as client:
    client.recv(100)
    wait_for(lambda: False, 1.3)
    client.sendall(b"QUIT\r\n")
    client.recv(100)
talk(serve.listening["imap"], (b"a1 LOGIN ana tulip\r\n", b"a1 OK"), (b"a2 LOGOUT\r\n", b"a2 OK"))
talk(serve.listening["imap"], (b"a1 LOGIN bo maple\r\n", b"a1 OK"), (b"a3 NOOP\r\n", b"a3 OK"), (b"a2 LOGOUT\r\n", b"a2 OK"))
text = shown(serve, r"\[imap 3\] C: a2 LOGOUT")
ok(re.search(r"\[pop3 1\]   1\.\d s later\n" + CLOCK + r"\[pop3 1\] C: QUIT\n", text), "a pause is told", text)
ok("[imap 2]" not in text and "[imap 3] C: a3 NOOP" in text, "only of those that were asked for", text)
serve.stop()
code, told = serve.run(PROGRAM, "serve", "--watch=imp")
ok(code == 2 and "--watch=imp: a service, a person" in told, "a word that names nothing is refused", told)
done()
