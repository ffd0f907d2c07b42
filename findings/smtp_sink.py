"""smtp_sink.py LOG: an SMTP server that prints its port, takes all and writes the client's lines.

A recipient whose address has "refused" in it, and the empty recipient, is answered 550.
"""
import socketserver
import sys


class Session(socketserver.StreamRequestHandler):
    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def data(self, log):
        self.say("354 End data with <CR><LF>.<CR><LF>")
        for line in self.rfile:
            log.write(line)
            if line == b".\r\n":
                return self.say("250 2.0.0 Ok")

    def handle(self):
        log = open(sys.argv[1], "ab", 0)
        self.say("220 mx.example.org ESMTP")
        for line in self.rfile:
            log.write(line)
            verb = line[:4].upper()
            if verb == b"DATA":
                self.data(log)
            elif verb == b"QUIT":
                return self.say("221 2.0.0 Bye")
            elif verb == b"RCPT" and (b"refused" in line or b"<>" in line):
                self.say("550 5.1.1 No such user here")
            else:
                self.say("250 2.0.0 Ok")


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True


server = Server(("127.0.0.1", 0), Session)
print(server.server_address[1], flush=True)
server.serve_forever()
