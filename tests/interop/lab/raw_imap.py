"""IMAP as it is on the wire: a client that sends a line and gives back every response, read
to values (RFC 3501 9): lists, octets for strings whether quoted or literal, None for NIL,
numbers, and Atom for the rest. It repairs nothing and hides nothing."""
import re
import socket

from . import HOST, SECONDS


class Atom(str):
    """What was no string: it is not equal to a string of the same messages."""
    def __eq__(self, other):
        return isinstance(other, Atom) and str.__eq__(self, other)

    def __ne__(self, other):
        return not self == other

    __hash__ = str.__hash__


ATOM = re.compile(rb'(?:[^\x00-\x20()"{\[\]]|\[[^\]]*\](?:<\d+>)?|\])+')


class Reader:
    """One response without its CRLF."""

    def __init__(self, octets):
        self.octets = octets
        self.at = 0

    def peek(self):
        return self.octets[self.at:self.at + 1]

    def value(self):
        first = self.peek()
        if first == b"(":
            return self.list()
        if first == b'"':
            return self.quoted()
        if first == b"{":
            return self.literal()
        if self.octets[self.at:self.at + 2] == b"~{":    # a literal8, RFC 3516
            self.at += 1
            return self.literal()
        found = ATOM.match(self.octets, self.at)
        if not found:
            raise ValueError("no value at %d of %r" % (self.at, self.octets[:400]))
        self.at = found.end()
        word = found.group()
        if word == b"NIL":
            return None
        return int(word) if word.isdigit() else Atom(word.decode("latin-1"))

    def list(self):
        self.at += 1
        found = []
        while self.peek() != b")":
            if self.at >= len(self.octets):
                raise ValueError("a list has no end: %r" % self.octets[:400])
            if self.peek() == b" ":
                self.at += 1
                continue
            found.append(self.value())
        self.at += 1
        return found

    def quoted(self):
        text = bytearray()
        self.at += 1
        while self.peek() != b'"':
            if self.peek() == b"\\":
                self.at += 1
            if not self.peek():
                raise ValueError("a string has no end: %r" % self.octets[:400])
            text += self.peek()
            self.at += 1
        self.at += 1
        return bytes(text)

    def literal(self):
        end = self.octets.index(b"}\r\n", self.at)
        count = int(self.octets[self.at + 1:end])
        self.at = end + 3 + count
        return self.octets[end + 3:self.at]

    def rest(self):
        found = []
        while self.at < len(self.octets):
            if self.peek() == b" ":
                self.at += 1
            else:
                found.append(self.value())
        return found


LITERAL_ENDS = re.compile(rb"\{(\d+)\}\r\n\Z")


class RawImap:
    def __init__(self, port, user="ana", password="tulip"):
        self.socket = socket.create_connection((HOST, port), timeout=SECONDS)
        self.input = self.socket.makefile("rb")
        self.number = 0
        self.response()
        self.ok("LOGIN %s %s" % (user, password))

    def response(self):
        """One, with its literals, without the last CRLF."""
        octets = b""
        while True:
            line = self.input.readline()
            if not line.endswith(b"\r\n"):
                raise RuntimeError("the connection ended after %r" % (octets + line)[-200:])
            octets += line
            ends = LITERAL_ENDS.search(line)
            if not ends:
                return octets[:-2]
            octets += self.input.read(int(ends.group(1)))

    def command(self, text, *literals):
        """(status, its text, the untagged responses as octets). A literal follows the line when
        the server has said "+"."""
        if isinstance(text, str):
            text = text.encode("utf-8")
        self.number += 1
        tag = b"a%d" % self.number
        self.socket.sendall(tag + b" " + text + b"\r\n")
        untagged, waiting = [], list(literals)
        while True:
            got = self.response()
            if got.startswith(b"+"):
                self.socket.sendall(waiting.pop(0) + b"\r\n")
            elif got.startswith(tag + b" "):
                status, _, rest = got[len(tag) + 1:].partition(b" ")
                return status.decode(), rest, untagged
            elif got.startswith(b"* "):
                untagged.append(got[2:])
            else:
                raise RuntimeError("no response: %r" % got[:200])

    def ok(self, text, *literals):
        status, rest, untagged = self.command(text, *literals)
        if status != "OK":
            raise RuntimeError("%s: %s %r" % (text, status, rest))
        return untagged

    def append(self, mailbox, octets, words=""):
        return self.ok("APPEND %s %s{%d}" % (mailbox, words, len(octets)), octets)

    def close(self):
        self.input.close()
        self.socket.close()


def fetched(untagged):
    """{sequence number: {item: value}} of the FETCH responses."""
    found = {}
    for octets in untagged:
        number, _, rest = octets.partition(b" ")
        if not rest.startswith(b"FETCH "):
            continue
        pairs = Reader(rest[len(b"FETCH "):]).value()
        items = found.setdefault(int(number), {})
        for name, value in zip(pairs[::2], pairs[1::2]):
            items[str(name).upper()] = value
    return found


def searched(untagged):
    """The numbers of SEARCH responses; None when there was none."""
    lines = [octets for octets in untagged if octets.upper().startswith(b"SEARCH")]
    if not lines:
        return None
    return sorted(int(word) for octets in lines for word in octets.split()[1:])
