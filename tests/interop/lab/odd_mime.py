"""A mailbox of messages as they come in life and worse: the same for the same seed. Every line
ends in CRLF and no octet is NUL, since servers may mend either on the way in; everything else
that RFC 5322 and MIME forbid is there somewhere."""
import random

FIXED = [
    # (name, header, body); a body of None: the message ends with its header, without an empty line
    ("no header", "", "\r\nonly a body\r\n"),
    ("no body", "Subject: no body\r\n", ""),
    ("no header end", "Subject: no end\r\nFrom: ana@campus.example\r\n", None),
    ("no end of line", "Subject: no end of line\r\n", "\r\nthe last line has no end"),
    ("header only, unended", "Subject: cut in the midd", None),
    ("one empty line", "", "\r\n"),
    ("many empty lines", "", "\r\n\r\n\r\n\r\n"),
    ("bare header line", "Subject: bare\r\nthis is no field\r\nTo: bo@campus.example\r\n", "\r\ntext\r\n"),
    ("bare first line", "no field at all\r\nSubject: below\r\n", "\r\ntext\r\n"),
    ("mbox line", "From ana Mon Jan  5 09:00:00 2026\r\nSubject: mbox\r\n", "\r\ntext\r\n"),
    ("continuation first", " folded from nothing\r\nSubject: second\r\n", "\r\ntext\r\n"),
    ("blank continuation", "Subject: one\r\n \r\n two\r\nTo: bo@campus.example\r\n", "\r\ntext\r\n"),
    ("space before colon", "Subject : spaced\r\nTo\t: bo@campus.example\r\n", "\r\ntext\r\n"),
    ("no space after colon", "Subject:tight\r\nTo:bo@campus.example\r\n", "\r\ntext\r\n"),
    ("empty subject", "Subject:\r\nFrom: ana@campus.example\r\n", "\r\ntext\r\n"),
    ("blank subject", "Subject: \t \r\nFrom: ana@campus.example\r\n", "\r\ntext\r\n"),
    ("case of names", "sUbJeCt: mixed\r\nFROM: ana@campus.example\r\nmessage-id: <x@y>\r\n", "\r\ntext\r\n"),
    ("two subjects", "Subject: first\r\nSubject: second\r\n", "\r\ntext\r\n"),
    ("two of each", "From: a@x.example\r\nFrom: b@x.example\r\nTo: c@x.example\r\nTo: d@x.example\r\n"
     "Date: Mon, 5 Jan 2026 09:00:00 +0000\r\nDate: Tue, 6 Jan 2026 09:00:00 +0000\r\n"
     "Message-ID: <1@x>\r\nMessage-ID: <2@x>\r\nIn-Reply-To: <3@x>\r\nIn-Reply-To: <4@x>\r\n", "\r\ntext\r\n"),
    ("empty lists", "From:\r\nTo: ,,,\r\nCc: ()\r\nBcc: ;\r\nReply-To: :;\r\nSender: <>\r\n", "\r\ntext\r\n"),
    ("long line", "Subject: " + "word " * 400 + "\r\n", "\r\n" + "x" * 5000 + "\r\n"),
    ("long folded", "Subject: " + "word\r\n " * 300 + "end\r\n", "\r\ntext\r\n"),
    ("long name of a field", "X-" + "n" * 900 + ": v\r\nSubject: after\r\n", "\r\ntext\r\n"),
    ("8 bit header", "Subject: Grüße aus Köln\r\nFrom: Jörg <joerg@köln.example>\r\n", "\r\nZwölf\r\n"),
    ("latin-1 header", b"Subject: Gr\xfc\xdfe\r\nFrom: J\xf6rg <j@x.example>\r\n", "\r\ntext\r\n"),
    ("control characters", "Subject: a\x01b\x07c\x7fd\r\nFrom: \x1b[31m <x@y.example>\r\n", "\r\n\x01\x02\r\n"),
    ("quotes and backslashes", 'Subject: "a" \\ "b\r\nFrom: "A \\"B\\" \\\\ C" <x@y.example>\r\n', "\r\ntext\r\n"),
    ("many recipients", "To: " + ",\r\n ".join("Name %d <user%d@host%d.example>" % (i, i, i % 7)
                                              for i in range(200)) + "\r\n", "\r\ntext\r\n"),
    ("type of nothing", "Content-Type:\r\n", "\r\ntext\r\n"),
    ("type of one word", "Content-Type: text\r\n", "\r\ntext\r\n"),
    ("type of junk", "Content-Type: ???/;;;=\r\n", "\r\ntext\r\n"),
    ("type unknown", "Content-Type: x-nothing/x-known; a=b\r\n", "\r\ntext\r\n"),
    ("type twice", "Content-Type: text/html\r\nContent-Type: text/plain\r\n", "\r\ntext\r\n"),
    ("type in comments", "Content-Type: (a) text (b) / (c) html (d) ; (e) charset (f) = (g) utf-8 (h)\r\n", "\r\ntext\r\n"),
    ("parameters without values", "Content-Type: text/plain; charset; format=flowed; =x; delsp=\r\n", "\r\ntext\r\n"),
    ("parameter quoted", 'Content-Type: text/plain; charset="us-ascii"; name="a \\"b\\" c.txt"\r\n', "\r\ntext\r\n"),
    ("parameter with spaces", "Content-Type: application/pdf; name=my file.pdf; x=y\r\n", "\r\ntext\r\n"),
    ("parameters of RFC 2231", "Content-Type: application/pdf; name*0*=utf-8''L%C3%B6; name*1=ffel; name*2*=%2Epdf\r\n"
     "Content-Disposition: attachment; filename*=utf-8'de'L%C3%B6ffel.pdf\r\n", "\r\ntext\r\n"),
    ("parameter as encoded word", 'Content-Type: text/plain; name="=?utf-8?q?L=C3=B6ffel?="\r\n', "\r\ntext\r\n"),
    ("disposition forms", 'Content-Disposition: ATTACHMENT (c); FileName = "x.y" ; size=12;\r\n', "\r\ntext\r\n"),
    ("disposition of two semicolons", "Content-Disposition: attachment;;filename=x\r\n", "\r\ntext\r\n"),
    ("disposition of a semicolon", "Content-Disposition: ;\r\n", "\r\ntext\r\n"),
    ("languages with commas", "Content-Language: ,en,\r\n", "\r\ntext\r\n"),
    ("type without subtype", "Content-Type: text/\r\n", "\r\ntext\r\n"),
    ("subtype without type", "Content-Type: /plain\r\n", "\r\ntext\r\n"),
    ("parameter not closed", "Content-Type: text/plain; charset=\"utf-8\r\n", "\r\ntext\r\n"),
    ("encoding and junk", "Content-Transfer-Encoding: 8bit junk\r\n", "\r\ntext\r\n"),
    ("part ends in its header", "Content-Type: multipart/mixed; boundary=b\r\n", "\r\n--b\r\nContent-Type: text/html\r\n\r\none\r\n--b\r\nContent-ID: <x>\r\n--b--\r\n"),
    ("wrong boundary inside", "Content-Type: multipart/mixed; boundary=b\r\n",
     "\r\n--b\r\nContent-Type: multipart/alternative; boundary=right\r\n\r\n--wrong\r\n\r\none\r\n--wrong--\r\n--b--\r\n"),
    ("disposition empty", "Content-Disposition:\r\n", "\r\ntext\r\n"),
    ("languages", "Content-Language: de, en-GB (c), fr\r\n", "\r\ntext\r\n"),
    ("one language", "Content-Language: de\r\n", "\r\ntext\r\n"),
    ("location", "Content-Location: http://www.example/a\r\n b\r\nContent-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==\r\n", "\r\ntext\r\n"),
    ("id and description", "Content-ID: <a@b>\r\nContent-Description: some =?utf-8?q?w=C3=B6rds?= (c)\r\n", "\r\ntext\r\n"),
    ("encoding forms", "Content-Transfer-Encoding: (c) Base64 (d)\r\n", "\r\naGFsbG8=\r\n"),
    ("encoding unknown", "Content-Transfer-Encoding: x-uuencode\r\n", "\r\ntext\r\n"),
    ("encoding empty", "Content-Transfer-Encoding:\r\n", "\r\ntext\r\n"),
    ("no boundary", "Content-Type: multipart/mixed\r\n", "\r\n--x\r\n\r\none\r\n--x--\r\n"),
    ("empty boundary", 'Content-Type: multipart/mixed; boundary=""\r\n', "\r\n--\r\n\r\none\r\n----\r\n"),
    ("boundary never seen", "Content-Type: multipart/mixed; boundary=never\r\n", "\r\ntext\r\nmore\r\n"),
    ("boundary never closed", "Content-Type: multipart/mixed; boundary=b\r\n", "\r\n--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n"),
    ("only the closing one", "Content-Type: multipart/mixed; boundary=b\r\n", "\r\n--b--\r\n"),
    ("boundary at once", "Content-Type: multipart/mixed; boundary=b\r\n", "\r\n--b\r\n--b\r\n--b--\r\n"),
    ("boundary as header's end", "Content-Type: multipart/mixed; boundary=b\r\n", "\r\n--b\r\nContent-Type: text/html\r\n--b--\r\n"),
    ("part without header", "Content-Type: multipart/mixed; boundary=b\r\n", "\r\n--b\r\nno header here\r\n--b--\r\n"),
    ("part of nothing", "Content-Type: multipart/mixed; boundary=b\r\n", "\r\n--b\r\n\r\n--b\r\n\r\n\r\n--b--\r\n"),
    ("boundary with spaces", 'Content-Type: multipart/mixed; boundary="b b"\r\n', "\r\n--b b  \r\n\r\none\r\n--b b-- \r\n"),
    ("boundary longer", "Content-Type: multipart/mixed; boundary=b\r\n", "\r\n--bc\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--x\r\n--b--\r\n"),
    ("prefix boundaries", "Content-Type: multipart/mixed; boundary=ab\r\n",
     "\r\n--ab\r\nContent-Type: multipart/mixed; boundary=abc\r\n\r\n--abc\r\n\r\none\r\n--abc--\r\n--ab--\r\n"),
    ("same boundary inside", "Content-Type: multipart/mixed; boundary=b\r\n",
     "\r\n--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b--\r\n"),
    ("inner never closed", "Content-Type: multipart/mixed; boundary=o\r\n",
     "\r\n--o\r\nContent-Type: multipart/alternative; boundary=i\r\n\r\n--i\r\n\r\none\r\n--o\r\n\r\ntwo\r\n--o--\r\n"),
    ("after the end", "Content-Type: multipart/mixed; boundary=b\r\n", "\r\npreamble\r\n--b\r\n\r\none\r\n--b--\r\nepilogue\r\n--b\r\n\r\nnot a part\r\n"),
    ("multipart of an encoding", "Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: base64\r\n",
     "\r\n--b\r\n\r\none\r\n--b--\r\n"),
    ("digest", "Content-Type: multipart/digest; boundary=b\r\n",
     "\r\n--b\r\n\r\nSubject: in a digest\r\n\r\none\r\n--b\r\nContent-Type: text/plain\r\n\r\ntwo\r\n--b--\r\n"),
    ("message in a message", "Content-Type: message/rfc822\r\n", "\r\nSubject: inner\r\nFrom: x@y.example\r\n\r\ntext\r\n"),
    ("empty message in a message", "Content-Type: message/rfc822\r\n", "\r\n"),
    ("message of header in a message", "Content-Type: message/rfc822\r\n", "\r\nSubject: inner\r\n"),
    ("message in base64", "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n", "\r\nU3ViamVjdDogeA0KDQo=\r\n"),
    ("messages in depth", "Content-Type: message/rfc822\r\n",
     "\r\n" + "".join("Subject: level %d\r\nContent-Type: message/rfc822\r\n\r\n" % i for i in range(6)) + "Subject: last\r\n\r\ntext\r\n"),
    ("multiparts in depth", "Content-Type: multipart/mixed; boundary=b0\r\n",
     "\r\n" + "".join("--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (i, i + 1) for i in range(10))
     + "--b10\r\n\r\ndeep\r\n" + "".join("--b%d--\r\n" % i for i in range(10, -1, -1))),
    ("other messages", "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n",
     "\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\nAction: failed\r\n"
     "--b\r\nContent-Type: message/partial; id=1; number=1\r\n\r\nSubject: x\r\n\r\ny\r\n"
     "--b\r\nContent-Type: text/rfc822-headers\r\n\r\nSubject: x\r\n\r\n--b--\r\n"),
    ("lines of dashes", "Content-Type: multipart/mixed; boundary=----\r\n", "\r\n------\r\n\r\none\r\n--------\r\n\r\n-------\r\n"),
    ("version missing", "Content-Transfer-Encoding: base64\r\n"
     "Content-Disposition: inline\r\n", "\r\neA==\r\n"),
    ("version missing, parts", "Content-Type: multipart/mixed; boundary=b\r\n", "\r\n--b\r\nContent-ID: <a>\r\n\r\none\r\n--b--\r\n"),
    ("dates", "Date: 5 Jan 26 9:00 UT\r\n", "\r\ntext\r\n"),
]

# These have MIME's fields without its version.
PLAIN = ("version missing", "version missing, parts")

# What RFC 5322 allows, its obsolete forms too: nobody may differ here.
ADDRESSES = [
    "ana@campus.example", "<bo@campus.example>", "Ana Berg <ana@campus.example>", '"Berg, Ana" <ana@campus.example>',
    "ana@campus.example (Ana Berg)", "Ana (in (the) middle) Berg <ana@campus.example>", "(only a comment)", "",
    '"quoted local"@campus.example', "ana@[192.0.2.1]", "<@relay.example,@other.example:ana@campus.example>",
    "undisclosed-recipients:;", "Team: ana@campus.example, Bo <bo@campus.example>;", "Empty Group: ;",
    "=?utf-8?q?J=C3=B6rg?= <joerg@campus.example>", "=?iso-8859-1?b?SvZyZw==?= =?utf-8?q?_x?= <j@x.example>",
    "A. N. Other <a@x.example>", "a.b.c@x.example", "ana @ campus . example", "ana\r\n @campus.example",
    '"Ana\r\n Berg" <ana@campus.example>', "'Ana' <ana@campus.example>", '"" <ana@campus.example>',
    '"\\a\\"" <x@y.example>', "J\u00f6rg <j@x.example>", '"A; B" <ab@x.example>',
]
# What it does not, or gives no meaning to.
BROKEN_ADDRESSES = [
    "<ana@campus.example> (Ana)", "(before) ana@campus.example", "ana", "Ana Berg", "<ana>", "@campus.example", "ana@", "Ana <ana@campus.example",
    "ana@campus.example;bo@campus.example", "Group: a@x.example, Inner: b@x.example;, c@x.example;",
    "\\ <x@y.example>", "[junk] <x@y.example>",
]
# Nor these, and yet all read them alike.
ODD_ADDRESSES = [
    "<>", "ana@campus.example bo@campus.example", "Ana <ana@campus.example> trailing", "ana@campus.example>",
    "a@b@c.example", "Ana . Berg <ana@campus.example>", "a..b@x.example", ".a@x.example", "Group: never@x.example",
    "mailto:ana@campus.example", "a@x.example, , b@x.example", "a@x.example,,b@x.example",
]
DATES = [
    "Mon, 5 Jan 2026 09:00:00 +0000", "5 Jan 2026 09:00:00 -0330", "Mon, 5 Jan 2026 09:00 GMT", "Mon, 5 Jan 26 09:00:00 EST",
    "Mon,  5 Jan 2026 09:00:00 +0000 (UTC)", "yesterday", "", "Mon, 32 Jan 2026 09:00:00 +0000", "2026-01-05T09:00:00Z",
    "Fri, 31 Dec 2027 23:59:60 +1400", "Tue, 6 Jan 2026\r\n 10:11:12 +0100", "Wed, 7 January 2026 09:00:00 +0000",
    "Mon, 5 Jan 1903 09:00:00 +0000", "Thu, 8 Jan 2026 09:00:00 Z",
]
SUBJECTS = [
    "plain", "  two  spaces  ", "=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "=?utf-8?b?R3LDvMOfZQ==?= and =?utf-8?q?more?=",
    "=?broken?q?x", "Re: plain", "folded\r\n\tover\r\n  lines", "tab\tin it", "", 'with "quotes" and \\', "Gr\u00fc\u00dfe",
    "ends in blanks   ", "{5}", "(list)", "NIL", "*", "%", "x" * 1200,
]
IDS = ["<1@x.example>", "<a b@x.example>", "no brackets", "<one@x> <two@x>", "", "(c) <3@x.example>", "<1@x.example>\r\n <2@x>"]
TEXTS = [
    "", "one line\r\n", "no end", "two\r\nlines\r\n", "\r\n", ".\r\n..\r\n", "Zw\u00f6lf ist gut.\r\n", "y" * 2000 + "\r\n",
    "trailing blanks   \r\n\t\r\n", "needle in it\r\n", "--\r\nsignature\r\n", "From the start\r\n", "NEEDLE\r\n",
]
LEAF_TYPES = [
    None, "text/plain", "TEXT/HTML; charset=UTF-8", "text/plain; charset=iso-8859-1; format=flowed", "image/png; name=x.png",
    'application/octet-stream; name="a b.bin"', "audio/basic", "application/x-y; a=1; b=2; c=\"3;4\"",
    "message/delivery-status", "message/external-body; access-type=URL; URL=\"http://x.example\"",
    "application/pdf; name*0*=utf-8''a%20; name*1*=b; name*2=.pdf; x=1", "text/(c)plain;charset=(d)us-ascii(e)",
]
ENCODINGS = [None, None, "7bit", "8bit", "base64", "quoted-printable", "BINARY", "x-odd"]
DISPOSITIONS = [None, None, None, "inline", "attachment; filename=a.txt", "attachment; filename=\"a \\\"b\\\".txt\"; size=3",
                "attachment; filename*0=\"long\"; filename*1=\"er.txt\"", "attachment; filename*=utf-8''%C3%B6.txt",
                "x-other; modification-date=\"Mon, 5 Jan 2026 09:00:00 +0000\""]
LANGUAGES = [None, None, None, "en", "de, fr"]
LOCATIONS = [None, None, None, "http://x.example/y", "\r\n folded", "\"quoted\""]


class Maker:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.boundaries = 0

    def pick(self, these):
        return self.random.choice(these)

    def chance(self, one_in):
        return self.random.randrange(one_in) == 0

    def addresses(self):
        return self.pick([", ", ",", ",\r\n "]).join(self.pick(ADDRESSES) for _ in range(self.random.choice([1, 1, 1, 2, 3, 5])))

    def header(self):
        fields = []
        for name in "From", "To", "Cc", "Bcc", "Reply-To", "Sender":
            if not self.chance(4 if name in ("From", "To") else 2):
                fields.append((name, self.addresses()))
        for name, values, one_in in (("Date", DATES, 6), ("Subject", SUBJECTS, 8), ("Message-ID", IDS, 4),
                                     ("In-Reply-To", IDS, 2), ("References", IDS, 2)):
            if not self.chance(one_in):
                fields.append((name, self.pick(values)))
        if self.chance(5):
            fields.append((self.pick(["To", "Cc", "Received", "X-Other"]), self.pick(ADDRESSES)))
        fields.append(("X-Number", str(self.random.randrange(1000))))
        self.random.shuffle(fields)
        return "".join("%s:%s%s\r\n" % (name, self.pick([" ", " ", " ", "", "\t", "  "]), value) for name, value in fields)

    def described(self, kind):
        """The fields of a part, and the empty line."""
        out = "" if kind is None else "Content-Type: %s\r\n" % kind
        for name, values in (("Content-Transfer-Encoding", ENCODINGS), ("Content-Disposition", DISPOSITIONS),
                             ("Content-Language", LANGUAGES), ("Content-Location", LOCATIONS)):
            value = self.pick(values)
            if value is not None and (kind is None or not kind.startswith(("multipart", "message/rfc822")) or "Enc" not in name):
                out += "%s: %s\r\n" % (name, value)
        if self.chance(6):
            out += "Content-ID: %s\r\nContent-Description: %s\r\n" % (self.pick(IDS), self.pick(SUBJECTS[:10]))
        if self.chance(12):
            out += "Content-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==\r\n"
        return out

    def multipart(self, depth):
        self.boundaries += 1
        boundary = self.pick(["b%d", "=_b%d", "b %d", "'b%d", "b+%d/"]) % self.boundaries
        kind = "multipart/%s; boundary=\"%s\"" % (self.pick(["mixed", "alternative", "related", "x-odd"]), boundary)
        if self.chance(5):
            kind += "; type=\"text/html\"; start=\"<a@b>\""
        body = self.pick(["", "", "preamble\r\n", "\r\n"])
        for _ in range(self.random.choice([1, 1, 2, 2, 3, 4])):
            body += "--%s\r\n%s" % (boundary, self.part(depth + 1)) + ("" if self.chance(8) else "\r\n")
        if not self.chance(6):
            body += "--%s--%s" % (boundary, self.pick(["\r\n", "", "  \r\n", "\r\nepilogue\r\n"]))
        return self.described(kind) + "\r\n" + body

    def part(self, depth):
        choice = self.random.randrange(10)
        if depth < 5 and choice < 3:
            return self.multipart(depth)
        if depth < 5 and choice < 5:
            return self.described("message/rfc822") + "\r\n" + self.message(depth + 1)
        return self.described(self.pick(LEAF_TYPES)) + "\r\n" + self.pick(TEXTS)

    def message(self, depth=0):
        return self.header() + "MIME-Version: 1.0\r\n" + self.part(depth)


def messages(seed=1, count=240):
    """[(name, octets)]."""
    maker = Maker(seed)
    made = []
    for name, header, body in FIXED:
        header = header if isinstance(header, bytes) else header.encode("utf-8")
        if b"Content-" in header and name not in PLAIN:
            header = b"MIME-Version: 1.0\r\n" + header
        made.append((name, header + (b"" if body is None else body.encode("utf-8"))))
    for address in ADDRESSES + BROKEN_ADDRESSES + ODD_ADDRESSES:
        made.append(("address %r" % address, ("To: %s\r\nSubject: address\r\n\r\ntext\r\n" % address).encode("utf-8")))
    for date in DATES:
        made.append(("date %r" % date, ("Date: %s\r\nSubject: date\r\n\r\ntext\r\n" % date).encode("utf-8")))
    while len(made) < count:
        made.append(("made %d" % len(made), maker.message().encode("utf-8")))
    return made
