"""A control connection as a program has one: docs/control.md shows this class."""
import json
import socket


class Control:
    """`pennypost serve --control PATH`, from Python's standard library alone."""

    def __init__(self, where, token=None, seconds=60):
        if isinstance(where, int):
            self.socket = socket.create_connection(("127.0.0.1", where), seconds)
        else:
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.settimeout(seconds)
            self.socket.connect(where)
        self.file = self.socket.makefile("rwb")
        if token:
            self.file.write(b"token " + token.encode() + b"\n")

    def tell(self, line):
        """One line; gives its records, the last of which is `done`, `wrong` or `broken`."""
        self.file.write(line.encode() + b"\n")
        self.file.flush()
        records = []
        for answer in self.file:
            records.append(json.loads(answer))
            if records[-1]["kind"] in ("done", "wrong", "broken"):
                return records
        raise ConnectionError("the server has gone")

    def __call__(self, *lines):
        """Lines that must be right and be so; gives the text that the last of them answered."""
        text = ""
        for line in lines:
            *records, end = self.tell(line)
            answers = [record for record in records if record["kind"] in ("answer", "check")]
            text = answers[-1].get("found") or answers[-1]["text"] if answers else ""
            if not end.get("ok"):
                raise AssertionError("%s: %s" % (line, end.get("reason") or text))
        return text

    def close(self):
        self.file.close()
        self.socket.close()
