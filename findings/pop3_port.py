"""pop3_port.py PROGRAM…: a port in front of a POP3 program that starts logged in.

Prints its port, takes any USER and PASS, and gives the rest of the connection to the program.
"""
import os
import socketserver
import subprocess
import sys
import threading


class Session(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"+OK ready\r\n")
        for line in self.rfile:
            capa = line.upper().startswith(b"CAPA")
            if line.upper().startswith(b"PASS"):
                break
            self.wfile.write(b"+OK\r\nUSER\r\nUIDL\r\nTOP\r\n.\r\n" if capa else b"+OK\r\n")
        self.wfile.write(b"+OK logged in\r\n")
        program = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

        def answers():
            while chunk := os.read(program.stdout.fileno(), 65536):
                self.wfile.write(chunk)

        threading.Thread(target=answers, daemon=True).start()
        for line in self.rfile:
            program.stdin.write(line)
            program.stdin.flush()
        program.stdin.close()
        program.wait()


server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session)
server.daemon_threads = True
print(server.server_address[1], flush=True)
server.serve_forever()
