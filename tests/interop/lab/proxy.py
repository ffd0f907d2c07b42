"""A proxy before one port of `pennypost serve`: writes down what both sides say, and when, and can
lose the connection before a line of the client's."""
import socket
import threading
import time

HOST = "127.0.0.1"


class Proxy:
    """`said`: the client's lines; `tape`: all of it, as (milliseconds, what, text): what is "C:",
    "S:", "opens", "closes" (the client), "server closes", "lost"."""

    def __init__(self, port):
        self.port, self.until, self.said, self.tape = port, None, [], []
        self.began = None
        self.bare = False       # some line has ended in a lone LF
        self.lock = threading.Lock()
        self.listener = socket.create_server((HOST, 0))
        self.address = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def over(self):
        """Has somebody connected, and is each connection closed or lost again?"""
        acts = [what for _, what, _ in self.tape]
        ended = sum(acts.count(what) for what in ("closes", "server closes", "lost"))
        return 0 < acts.count("opens") <= ended

    def note(self, what, text=""):
        now = time.monotonic()
        self.began = now if self.began is None else self.began
        self.tape.append((int((now - self.began) * 1000), what, text))

    def serve(self):
        while True:
            client, _ = self.listener.accept()
            server = socket.create_connection((HOST, self.port))
            with self.lock:
                self.note("opens")
            open_ = [True]
            threading.Thread(target=self.carry, args=(server, client, "S:", open_), daemon=True).start()
            threading.Thread(target=self.carry, args=(client, server, "C:", open_), daemon=True).start()

    def hear(self, lines, side):
        """False: the connection is lost here."""
        for line in lines:
            self.bare = self.bare or not line.endswith(b"\r")
            line = line.decode("latin-1").rstrip("\r")
            if side == "C:":
                self.said.append(line.strip())
                if self.until and (line.strip() + " ").startswith(self.until + " "):
                    return False
            self.note(side, line)
        return True

    def carry(self, here, there, side, open_):
        text, why = b"", "closes" if side == "C:" else "server closes"
        try:
            while octets := here.recv(65536):
                *lines, text = (text + octets).split(b"\n")
                with self.lock:
                    if not open_[0] or not self.hear(lines, side):
                        why = "lost"
                        break
                there.sendall(octets)
        except OSError:
            pass
        with self.lock:
            if open_[0]:
                open_[0] = False
                self.note(why)
        for end in (here, there):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
