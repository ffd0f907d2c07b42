"""lmtp_port.py: an LMTP server (RFC 2033) that prints its port: behind a message one reply for each
recipient that was taken, in their order; a recipient whose address has "full" in it gets 452."""
import socketserver


class Session(socketserver.StreamRequestHandler):
    def say(self, *lines):
        self.wfile.write(b"".join(line.encode() + b"\r\n" for line in lines))

    def data(self, recipients):
        self.say("354 End data with <CR><LF>.<CR><LF>")
        for line in self.rfile:
            if line == b".\r\n":
                break
        self.say(*("452 4.2.2 %s Mailbox full" % one if "full" in one else "250 2.1.5 %s Delivered" % one
                   for one in recipients))

    def handle(self):
        recipients = []
        self.say("220 mail.example.org LMTP")
        for line in self.rfile:
            verb = line[:4].upper()
            if verb == b"LHLO":
                self.say("250-mail.example.org", "250 PIPELINING")
            elif verb == b"DATA":
                self.data(recipients)
            elif verb == b"QUIT":
                return self.say("221 2.0.0 Bye")
            else:
                recipients = recipients + [line[8:].decode().strip()] if verb == b"RCPT" else []
                self.say("250 2.0.0 Ok")


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True


server = Server(("127.0.0.1", 0), Session)
print(server.server_address[1], flush=True)
server.serve_forever()
