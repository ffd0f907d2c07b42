"""imap_port.py LOG PROGRAM…: a port in front of an IMAP program that starts logged in.

Prints its port, takes any LOGIN, gives the rest of the connection to the program and writes the
client's lines to LOG.
"""
import contextlib
import os
import socket
import socketserver
import subprocess
import sys
import threading


class Session(socketserver.StreamRequestHandler):
    def say(self, *parts):
        self.wfile.write(b" ".join(parts) + b"\r\n")

    def login(self):
        self.say(b"* OK [CAPABILITY IMAP4rev1 UIDPLUS] ready")
        for line in self.rfile:
            tag, verb = line.split()[:2]
            if verb.upper() == b"LOGIN":
                return tag
            if verb.upper() == b"CAPABILITY":
                self.say(b"* CAPABILITY IMAP4rev1 UIDPLUS")
            self.say(tag, b"OK done")

    def answers(self, program):
        while chunk := os.read(program.stdout.fileno(), 65536):
            self.wfile.write(chunk)
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def handle(self):
        log = open(sys.argv[1], "ab", 0)
        tag = self.login()
        if not tag:
            return
        program = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        program.stdout.readline()
        self.say(tag, b"OK [CAPABILITY IMAP4rev1 UIDPLUS] logged in")
        reader = threading.Thread(target=self.answers, args=(program,))
        reader.start()
        for line in self.rfile:
            log.write(line)
            program.stdin.write(line)
            program.stdin.flush()
        program.stdin.close()
        reader.join()


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True


server = Server(("127.0.0.1", 0), Session)
print(server.server_address[1], flush=True)
server.serve_forever()
