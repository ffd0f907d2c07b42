#!/usr/bin/env python3
# Dovecot as the other opinion: both servers get the same mailbox of odd MIME and the same commands,
# and what they answer is read to values and compared. Where the RFCs leave room, or Dovecot leaves
# the RFCs, the difference stands in a list below with its reason; one that no longer occurs fails.
import email.utils
import re
import socket

from lab import *
from lab import dovecot, odd_mime
from lab.raw_imap import Atom, RawImap, Reader, fetched, searched

SEED = int(os.environ.get("SEED", "1"))
COUNT = int(os.environ.get("COUNT", "300"))

absent = dovecot.missing("imap", "pop3", "imap-login", "pop3-login")
if absent:
    print("1..0 # SKIP %s is not installed" % absent)
    sys.exit(0)

# --- what may differ in every message ----------------------------------------------------------------
# Each takes both answers to one item and gives them back without the difference.


def both(change):
    """An allowance that does the same to both."""
    return lambda item, ours, theirs: (change(item, ours), change(item, theirs))


def deep(change):
    """Applies it to every list inside, the innermost first, and to every other value."""
    def walk(value):
        return change([walk(one) for one in value]) if isinstance(value, list) else change(value)
    return walk


def is_body(value):
    """A part that is no multipart: type, subtype, parameters, id, description, encoding, octets …"""
    return isinstance(value, list) and len(value) >= 7 and isinstance(value[0], bytes) and isinstance(value[6], int)


def lower(value):
    return value.lower() if isinstance(value, bytes) else value


def pairs_change(pairs, change):
    """A list of parameters, its pairs changed; NIL when none is left."""
    if not isinstance(pairs, list):
        return pairs
    kept = [change(name, value) for name, value in zip(pairs[::2], pairs[1::2])]
    return [word for pair in kept if pair for word in pair] or None


def fold_case(item, value):
    def change(one):
        if is_body(one):
            kept = [lower(one[0]), lower(one[1]), one[2], one[3], one[4], lower(one[5])] + one[6:]
            kept[2] = pairs_change(one[2], lambda name, text: (lower(name), lower(text) if text == b"US-ASCII" else text))
            return kept
        return one
    return deep(change)(value) if item.startswith("BODY") and isinstance(value, list) else value


def fold_charset(item, value):
    def change(one):
        if is_body(one) and lower(one[0]) == b"text":
            return one[:2] + [pairs_change(one[2], lambda name, text: None if (lower(name), lower(text)) ==
                                           (b"charset", b"us-ascii") else (name, text))] + one[3:]
        return one
    return deep(change)(value) if item.startswith("BODY") and isinstance(value, list) else value


def fold_blanks(item, value):
    if "[" in item:
        return value
    return deep(lambda one: re.sub(rb"[ \t]+", b" ", one).strip() if isinstance(one, bytes) else one)(value)


def fold_language(item, value):
    if not (item.startswith("BODYSTRUCTURE") and isinstance(value, list)):
        return value

    def change(one):
        if not isinstance(one, list) or len(one) < 4 or not isinstance(one[-2], list):
            return one
        at_language = len(one) - 2
        if len(one[at_language]) == 1 and isinstance(one[at_language][0], bytes) and not isinstance(one[-1], list):
            return one[:at_language] + [one[at_language][0]] + one[-1:]
        return one
    return deep(change)(value)


def fold_nobody(item, value):
    nobody = [None, None, b"MISSING_MAILBOX", b"MISSING_DOMAIN"]

    def change(one):
        if isinstance(one, list) and nobody in one:
            return [kept for kept in one if kept != nobody] or None
        return one
    return deep(change)(value) if isinstance(value, list) else value


def fold_lines(item, ours, theirs):
    """Numbers of lines that differ by the one that has no end."""
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        folded = [fold_lines(item, one, other) for one, other in zip(ours, theirs)]
        ours = [one for one, _ in folded]
        lines_at = 9 if len(ours) > 9 and isinstance(ours[8], list) and isinstance(ours[9], int) else 7
        if is_body(ours) and len(ours) > lines_at and isinstance(ours[lines_at], int) and ours[lines_at] == theirs[lines_at] + 1:
            ours = ours[:lines_at] + [theirs[lines_at]] + ours[lines_at + 1:]
    return ours, theirs


def fold_order(item, value):
    """Parameters sorted, of the type (the third of a part, the third of a multipart's end) and the disposition."""
    def is_pairs(one):
        return isinstance(one, list) and len(one) % 2 == 0 and one and all(isinstance(word, bytes) for word in one)

    def change(one):
        return [word for pair in sorted(zip(one[::2], one[1::2])) for word in pair] if is_pairs(one) else one
    return deep(change)(value) if item.startswith("BODYSTRUCTURE") or item == "BODY" else value


multiparts = set()      # the numbers of the message's parts that are multiparts


def fold_end(item, ours, theirs):
    number = re.match(r"BODY\[([0-9.]+)(\.TEXT)?\]$", item)
    if number and number.group(1) in multiparts and theirs == (ours or b"") + b"\r\n":
        theirs = ours
    if item.startswith("BODY") and isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        folded = [fold_end(item, one, other) for one, other in zip(ours, theirs)]
        ours, theirs = [one for one, _ in folded], [other for _, other in folded]
        if is_message(ours) and ends_in_multipart(ours) and theirs[6] == ours[6] + 2:
            lines = ours[9] if theirs[9] == ours[9] + 1 else theirs[9]
            theirs = theirs[:6] + [ours[6]] + theirs[7:9] + [lines] + theirs[10:]
    return ours, theirs


def fold_header_end(item, ours, theirs):
    if item.endswith(".MIME]") and ours == (theirs or b"") + b"\r\n":
        ours = theirs
    if re.match(r"BODY\[[0-9.]+\.HEADER\.FIELDS", item) and theirs == (ours or b"") + b"\r\n":
        theirs = ours
    if item.startswith("BODY") and isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        folded = [fold_header_end(item, one, other) for one, other in zip(ours, theirs)]
        ours, theirs = [one for one, _ in folded], [other for _, other in folded]
        if is_message(ours) and is_body(ours[8]) and ours[8][6] == 0 and theirs[6] == ours[6] + 2:
            theirs = theirs[:6] + ours[6:]
    return ours, theirs


def fold_instant(item, value):
    if item != "INTERNALDATE":
        return value
    return email.utils.parsedate_to_datetime(value.decode().strip().replace("-", " ", 2)).timestamp()


HEADER_ENDS = ("of a part without a body the line end before the next boundary is the boundary's by RFC 2046 5.1.1 and the"
               " header's by RFC 5322 2.1: we let BODY[n.MIME] keep it, Dovecot does not")
ALLOWED = [
    ("case", "the words of Content-Type and Content-Transfer-Encoding have no case (RFC 2045 5.1, 6.1); what a message"
     " does not say we write in capitals, as RFC 3501 does in its examples", both(fold_case)),
    ("charset", "us-ascii is what a text without charset means (RFC 2046 4.1.2): Dovecot writes it for every text,"
     " we only where there is no Content-Type at all", both(fold_charset)),
    ("unended line", "RFC 3501 7.4.2 wants a part's size in text lines: a last line without an end is one for us,"
     " Dovecot counts line ends", fold_lines),
    ("language", "one language may stand with parentheses or without (RFC 3501 9, body-fld-lang)", both(fold_language)),
    ("blanks", "unfolding takes the CRLF away and nothing else (RFC 5322 2.2.3); Dovecot makes one space of what"
     " follows it, and blanks at the ends are nobody's text", both(fold_blanks)),
    ("nobody", "an element of a list that is empty, or only a comment, is no address (RFC 5322 4.4, obs-addr-list);"
     " Dovecot tells one that is missing", both(fold_nobody)),
    ("order", "parameters have no order (RFC 2045 5.1); Dovecot tells those that came in pieces last", both(fold_order)),
    ("multipart's end", "the line end before a boundary belongs to it (RFC 2046 5.1.1), also behind an inner multipart's"
     " closing line; Dovecot counts that one in", fold_end),
    ("header's end", HEADER_ENDS, fold_header_end),
    ("instant", "an INTERNALDATE may be told in any zone (RFC 3501 2.3.3): we keep the one it was given in", both(fold_instant)),
]

# --- messages of which everything may differ ---------------------------------------------------------

HEADER_END = "a line that is no field ends the header for us; Dovecot reads on. RFC 5322 2.2 knows neither"
BROKEN_TYPE = "a Content-Type of no known form is text/plain (RFC 2045 5.2); Dovecot tells empty words"
NO_PARTS = ("a multipart needs a part (RFC 2046 5.1.1; RFC 3501 9, body-type-mpart): without one we tell the text that"
            " there is, Dovecot makes up an empty part")
BROKEN_ADDRESS = "no address by RFC 5322: we keep what is there, Dovecot writes MISSING_ and SYNTAX_ERROR or stops"
TWICE = "a field that may stand once stands twice (RFC 5322 3.6): we take the first, Dovecot the last"
NO_BLANK = ("a message without body and blank line has none in HEADER.FIELDS either (RFC 3501 6.4.5): Dovecot adds one when"
            " its cache answers")
MESSAGES = {
    "bare header line": HEADER_END,
    "bare first line": HEADER_END,
    "continuation first": HEADER_END,
    "part without header": HEADER_END,
    "two subjects": TWICE,
    "two of each": TWICE,
    "empty lists": BROKEN_ADDRESS,
    "control characters": BROKEN_ADDRESS,
    "type of nothing": BROKEN_TYPE,
    "type of one word": BROKEN_TYPE,
    "type of junk": BROKEN_TYPE,
    "parameters without values": "no parameters by RFC 2045 5.1: we drop what has no name or no sign, Dovecot mixes them",
    "parameter not closed": "a quoted string without an end (RFC 5322 3.2.4): we read to the end, Dovecot drops it",
    "disposition of two semicolons": "no parameters by RFC 2183 2: we read on, Dovecot stops",
    "disposition of a semicolon": "no Content-Disposition by RFC 2183 2: none for us, an empty one for Dovecot",
    "disposition empty": "no Content-Disposition by RFC 2183 2: none for us, an empty one for Dovecot",
    "encoding and junk": "no encoding by RFC 2045 6.1: we take the word, Dovecot none",
    "version missing": "without MIME-Version (RFC 2045 4) Dovecot ignores the fields about the body, but for the type",
    "mbox line": "the mbox line is no field: HEADER.FIELDS.NOT tells it in Dovecot, not here",
    "message in base64": "RFC 2046 5.2.1 forbids it: one part of octets for us, an empty message for Dovecot",
    "no boundary": NO_PARTS,
    "empty boundary": NO_PARTS,
    "boundary never seen": NO_PARTS,
    "only the closing one": NO_PARTS,
    "wrong boundary inside": NO_PARTS,
    "no body": NO_BLANK,
    "no header end": NO_BLANK,
    "header only, unended": NO_BLANK,
    "type without subtype": BROKEN_TYPE,
    "subtype without type": BROKEN_TYPE,
}
MESSAGES.update(("address %r" % address, BROKEN_ADDRESS) for address in odd_mime.BROKEN_ADDRESSES)

# --- comparing --------------------------------------------------------------------------------------

occurred = set()


def agree(item, ours, theirs):
    """Without what is allowed, of which it notes what was needed: the same, if they agree."""
    for name, _, fold in ALLOWED:
        if ours == theirs:
            break
        after = fold(item, ours, theirs)
        if after != (ours, theirs) and (isinstance(ours, type(theirs)) or None in (ours, theirs)):
            before = (ours, theirs)
            ours, theirs = after
            if ours == theirs or before != after:
                occurred.add(name)
    return ours, theirs


def show(value):
    text = repr(value)
    return text if len(text) < 300 else text[:280] + " … %d" % len(text)


def narrow(ours, theirs, path=""):
    """[(path, ours, theirs)]: where two values differ."""
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        return [found for at, (one, other) in enumerate(zip(ours, theirs)) if one != other
                for found in narrow(one, other, "%s.%d" % (path, at))]
    if isinstance(ours, bytes) and isinstance(theirs, bytes):
        at = len(os.path.commonprefix([ours, theirs]))
        if at > 40:
            return [("%s at %d" % (path, at), ours[at - 20:], theirs[at - 20:])]
    return [(path, ours, theirs)]


class Report:
    """One test of many comparisons: the first differences are shown."""

    def __init__(self, name):
        self.name = name
        self.count = 0
        self.differing = []

    def say(self, good, what, ours, theirs):
        self.count += 1
        for path, one, other in [] if good else narrow(ours, theirs)[:3]:
            self.differing.append("%s %s\n  ours   %s\n  theirs %s" % (what, path, show(one), show(other)))
        return good

    def end(self, least=1):
        ok(not self.differing and self.count >= least, "%s: %d answers" % (self.name, self.count),
           "%d differ\n%s" % (len(self.differing), "\n".join(self.differing[:int(os.environ.get("SHOW", "12"))])))


# --- the mailbox ------------------------------------------------------------------------------------

FLAG_SETS = ["", "(\\Seen) ", "(\\Flagged \\Answered) ", "(\\Draft $Later) ", "(\\Deleted) ", "(Blue \\Seen) "]
made = odd_mime.messages(SEED, COUNT)
theirs_server = dovecot.Dovecot(sync="never")
ours_server = Serve("--user", "eva@campus.example:tulip", "--user", "pia@campus.example:tulip", watch=False)
servers = (ours_server, theirs_server)
for name in ("eva", "pia"):     # an account of Dovecot's has no mailbox but INBOX, and no subscription
    own = RawImap(ours_server.port["imap"], name)
    for mailbox in ("Drafts", "Sent", "Trash", "Junk"):
        own.command("UNSUBSCRIBE " + mailbox)
        own.command("DELETE " + mailbox)
    own.command("UNSUBSCRIBE INBOX")
    own.command("LOGOUT")
clients = [RawImap(server.port["imap"], "eva") for server in servers]


def day(index):
    return "%02d-%s-2026 %02d:30:00 %s" % (index % 28 + 1, ("Jan", "Feb", "Mar")[index % 3], index % 24,
                                          ("+0000", "+0530", "-0800")[index % 3])


def ask(command, *literals):
    """What both say to it: [(status, text, untagged), …]."""
    return [client.command(command, *literals) for client in clients]


def fill(mailbox):
    for client in clients:
        client.command("CREATE " + mailbox)
        for index, (name, octets) in enumerate(made):
            client.append(mailbox, octets, '%s"%s" ' % (FLAG_SETS[index % len(FLAG_SETS)], day(index)))
        client.ok("SELECT " + mailbox)


def message_differs(name):
    return MESSAGES.get(name) is not None


def compare_items(report, sequence, name, items):
    """FETCH of so many items of one message. Gives the values that Dovecot told."""
    answers = ask("FETCH %d (%s)" % (sequence, " ".join(items)))
    if not report.say(answers[0][0] == answers[1][0] == "OK", "%d %s: %s" % (sequence, name, " ".join(items)),
                      answers[0][:2], answers[1][:2]):
        return {}
    ours, theirs = (fetched(answer[2]).get(sequence, {}) for answer in answers)
    for item in sorted(set(ours) | set(theirs)):
        one, other = agree(item, ours.get(item, "nothing"), theirs.get(item, "nothing"))
        if one != other and message_differs(name):
            occurred.add(name)
            continue
        report.say(one == other, "%d %s: %s" % (sequence, name, item), one, other)
    return theirs


def sections(body, path=""):
    """[(number of a part, is it a message)] of a BODYSTRUCTURE."""
    if isinstance(body[0], list):
        found = []
        for index, child in enumerate(one for one in body if isinstance(one, list) and (isinstance(one[0], list) or is_body(one))):
            number = path + str(index + 1)
            found.append((number, is_message(child)))
            found += sections(child, number + ".") if not is_message(child) else inside(child, number)
        return found
    return [(path + "1", is_message(body))] + inside(body, path + "1") if not path or is_message(body) else []


def is_message(body):
    return is_body(body) and len(body) > 9 and [lower(body[0]), lower(body[1])] == [b"message", b"rfc822"]


def ends_in_multipart(body):
    while is_message(body):
        body = body[8]
    return isinstance(body[0], list)


def inside(body, number):
    """The parts of an attached message."""
    if not is_message(body):
        return []
    child = body[8]
    if isinstance(child[0], list):
        return sections(child, number + ".")
    return [(number + ".1", is_message(child))] + inside(child, number + ".1")


def parts_are(body):
    """Its sections; those that are multiparts, or messages that are, are noted for the allowances."""
    found = sections(body) if body else []
    numbers = dict(found)
    multiparts.clear()
    multiparts.update(number for number in numbers if number + ".1" in numbers)
    return found


print("# %s, %d messages, seed %d" % (theirs_server.said().splitlines()[0].split("Info: ")[-1], len(made), SEED))
fill("odd")
ok(len(made) >= 200, "%d messages of odd MIME stand in both mailboxes" % len(made))

report = Report("FETCH of what is short")
structures = {}
for sequence, (name, octets) in enumerate(made, 1):
    found = compare_items(report, sequence, name, ["UID", "FLAGS", "RFC822.SIZE", "INTERNALDATE", "ENVELOPE", "BODY", "BODYSTRUCTURE"])
    structures[sequence] = found.get("BODYSTRUCTURE")
report.end(7 * 200)

WHOLE = ["BODY.PEEK[]", "BODY.PEEK[HEADER]", "BODY.PEEK[TEXT]", "BODY.PEEK[HEADER.FIELDS (SUBJECT TO X-NONE)]",
         "BODY.PEEK[HEADER.FIELDS.NOT (subject TO X-NONE)]", "BODY.PEEK[HEADER.FIELDS (X-NONE)]", "RFC822.HEADER",
         "BODY.PEEK[]<0.10>", "BODY.PEEK[]<5.1>", "BODY.PEEK[]<3.4000000000>", "BODY.PEEK[]<999999.10>",
         "BODY.PEEK[HEADER]<2.7>", "BODY.PEEK[TEXT]<1.3>", "BODY.PEEK[TEXT]<100000.1>",
         "BODY.PEEK[HEADER.FIELDS (SUBJECT)]<3.6>", "BODY.PEEK[1]", "BODY.PEEK[1.MIME]"]
report = Report("FETCH of the whole message's sections")
for sequence, (name, octets) in enumerate(made, 1):
    parts_are(structures[sequence])
    compare_items(report, sequence, name, WHOLE)
report.end(len(WHOLE) * 200)

report = Report("FETCH of every part's sections")
parts = deepest = 0
for sequence, (name, octets) in enumerate(made, 1):
    if not structures[sequence] or message_differs(name):
        continue
    found = parts_are(structures[sequence])
    items = []
    for number, message_here in found:
        items += ["BODY.PEEK[%s]" % number, "BODY.PEEK[%s.MIME]" % number, "BODY.PEEK[%s]<1.5>" % number]
        if message_here:
            items += ["BODY.PEEK[%s.%s]" % (number, what) for what in
                      ("HEADER", "TEXT", "HEADER.FIELDS (SUBJECT FROM)", "HEADER.FIELDS.NOT (SUBJECT)")]
    parts += len(found)
    deepest = max([deepest] + [number.count(".") + 1 for number, _ in found])
    for at in range(0, len(items), 40):
        compare_items(report, sequence, name, items[at:at + 40])
print("# %d parts, the deepest at %d" % (parts, deepest))
report.end(1000)

# BINARY of parts that hold no others: what a multipart's or a message's is differs by design (docs/decisions). Dovecot
# refuses every part of a message in which one has an encoding that it does not know, and base64 that is damaged; it
# ends the session at some.
lookers = [None, None]


def decoded(number, sequence):
    """What each says to FETCH BINARY: (status, {item: value}); "ended" if it closed the connection."""
    told = []
    for at in (0, 1):
        if not lookers[at]:
            lookers[at] = RawImap(servers[at].port["imap"], "eva")
            lookers[at].ok("EXAMINE odd")
        try:
            status, _, untagged = lookers[at].command("FETCH %d (BINARY.SIZE[%s] BINARY.PEEK[%s] BINARY.PEEK[%s]<1.5>)" %
                                                      (sequence, number, number, number))
            told.append((status, {item: value for item, value in fetched(untagged).get(sequence, {}).items() if item != "UID"}))
        except RuntimeError:
            told.append(("ended", {}))
            lookers[at] = None
    return told


report = Report("FETCH BINARY of every leaf")
refused = ended = 0
for sequence, (name, octets) in enumerate(made, 1):
    if not structures[sequence] or message_differs(name):
        continue
    found = parts_are(structures[sequence])
    for number in [number for number, message_here in found if not message_here and number not in multiparts][:12]:
        (status, ours), (their_status, theirs) = decoded(number, sequence)
        if their_status in ("NO", "ended"):
            refused += their_status == "NO"
            ended += their_status == "ended"
            continue
        report.say((status, ours) == (their_status, theirs), "%d %s: BINARY[%s]" % (sequence, name, number),
                   [status, sorted(ours.items())], [their_status, sorted(theirs.items())])
print("# beside these Dovecot refused %d, and ended at %d" % (refused, ended))
report.end(100)

# --- SEARCH -----------------------------------------------------------------------------------------
KEYS = ["ALL", "ANSWERED", "DELETED", "DRAFT", "FLAGGED", "NEW", "OLD", "RECENT", "SEEN", "UNANSWERED", "UNDELETED", "UNDRAFT",
        "UNFLAGGED", "UNSEEN", "KEYWORD $Later", "KEYWORD blue", "KEYWORD none", "UNKEYWORD Blue", "UNKEYWORD none", "1", "*", "2:4",
        "4:2", "10:*", "*:10", "1,3,5,3,1", "UID 1:5", "UID 9999", "UID 9999:*", "NOT 1:10", "OR 1 2", "OR 1 NOT 2:*",
        "(1:10 SEEN)", "(OR (SEEN FLAGGED) (DRAFT))", "NOT (SEEN)", "NOT NOT SEEN", "SEEN FLAGGED", "ON 10-Jan-2026", "ON 3-Feb-2026",
        "BEFORE 10-Feb-2026", "SINCE 10-Feb-2026", 'SINCE "1-Mar-2026"', "NOT BEFORE 1-Mar-2026", "LARGER 0", "LARGER 1000",
        "SMALLER 100", "SMALLER 0", "LARGER 4294967295", "SENTON 5-Jan-2026", "SENTBEFORE 6-Jan-2026", "SENTSINCE 6-Jan-2026",
        "FROM ana", "FROM Berg", 'FROM "@x.example"', "FROM zzz", "TO ana", "TO undisclosed", "TO Team", 'CC "bo@"', 'BCC "bo@"',
        "SUBJECT plain", 'SUBJECT "two  spaces"', "SUBJECT folded", 'SUBJECT ""', "SUBJECT PLAIN", "SUBJECT (list)".replace("(", '"(').replace(")", ')"'),
        'HEADER X-Number ""', "HEADER X-Number 7", 'HEADER Message-ID "@x"', 'HEADER In-Reply-To "<1@x"', "HEADER X-None x", 'HEADER X-None ""',
        "HEADER Content-Type multipart", 'HEADER MIME-Version "1.0"', "BODY needle", "BODY NEEDLE", "BODY zzzz", "TEXT needle", "TEXT zzzz",
        'TEXT "X-Number"', "BODY signature", "TEXT ana", "CHARSET UTF-8 TEXT needle", "CHARSET US-ASCII SUBJECT plain",
        "UNSEEN SUBJECT plain", "OR SUBJECT plain FROM ana", "NOT TEXT needle", "1:20 BODY one", "UID 1:20 TEXT two"]
# (which keys, why, which messages may differ)
SEARCH_ALLOWED = [
    (r"BEFORE|ON |SINCE", "the day of an INTERNALDATE is the one in its own zone (RFC 3501 6.4.4, \"disregarding timezone\"):"
     " Dovecot has kept the instant alone", lambda index, octets: index % 3 != 0),
    (r"SENT", "a message without a Date that can be read was sent at no time (RFC 3501 6.4.4): for Dovecot in 1970, and so is"
     " one of 1903", lambda index, octets: not re.search(rb"(?m)^Date[ \t]*:\s*(\w+, )? ?([0-2]?\d|31) \w+ (20)?2[67]\s",
                                              octets.split(b"\r\n\r\n")[0] + b"\r\n")),
    (r"BODY|TEXT", "text of an encoding that nobody knows is looked at as it is; Dovecot does not look",
     lambda index, octets: b"x-odd" in octets),
    (r'SUBJECT "two  spaces"', "two blanks are one for Dovecot (see blanks above)", lambda index, octets: True),
]


def search_differs(key, number):
    """Is this message one of which the two may differ under this key? Notes it."""
    name, octets = made[number - 1]
    for keys, reason, may in SEARCH_ALLOWED:
        if re.search(keys, key) and may(number - 1, octets):
            occurred.add(reason)
            return True
    return message_differs(name)


def compare_search(report, verb, key):
    answers = ask("%s %s" % (verb, key))
    status = [answer[0] for answer in answers]
    ours, theirs = (set(searched(answer[2]) or ()) for answer in answers)
    differ = {number for number in ours ^ theirs if not search_differs(key, number)}
    report.say(status[0] == status[1] and not differ, "%s %s: %s, %s" % (verb, key, *status),
               [made[number - 1][0] for number in sorted(differ & ours)], [made[number - 1][0] for number in sorted(differ & theirs)])


report = Report("SEARCH")
for key in KEYS:
    compare_search(report, "SEARCH", key)
    compare_search(report, "UID SEARCH", key)
report.end(2 * len(KEYS))

# --- SORT, THREAD, ESEARCH --------------------------------------------------------------------------
# Over messages that both read alike: a Date that can be read, addresses that are some, message-IDs
# that are some (one with a blank is none by RFC 5322 3.6.4, and one for Dovecot), no header of a
# kind that stands in the lists above.


def is_orderly(number):
    name, octets = made[number - 1]
    header = octets.split(b"\r\n\r\n")[0] + b"\r\n"
    dated = re.search(rb"(?m)^Date[ \t]*:\s*(\w+, )? ?([0-2]?\d|31) \w+ (20)?2[67]\s", header)
    broken = re.search(rb"(?mi)^(From|To|Cc)[ \t]*:\s*(,|;|\(|$)", header)
    return dated and not broken and b"<a b@" not in header and not message_differs(name)


ORDERLY = ",".join(str(number) for number in range(1, len(made) + 1) if is_orderly(number))
CRITERIA = ["ARRIVAL", "CC", "DATE", "FROM", "SIZE", "SUBJECT", "TO", "REVERSE ARRIVAL", "REVERSE CC", "REVERSE DATE", "REVERSE SUBJECT",
            "SUBJECT REVERSE DATE", "FROM SIZE", "CC TO REVERSE SUBJECT", "REVERSE SIZE REVERSE ARRIVAL", "REVERSE FROM REVERSE TO DATE"]
PROGRAMS = ["", " UNSEEN", " NOT FLAGGED", ' SUBJECT "e"', " OR SEEN DRAFT", " KEYWORD none"]


def lines_of(answer):
    """Without the tag in ESEARCH, its data items in one order; Dovecot says "THREAD " for nothing."""
    lines = [re.sub(rb'^ESEARCH \(TAG "[^"]*"\)', b"ESEARCH", octets.rstrip()) for octets in answer[2]]
    return answer[0], [sorted(octets.split()) if octets.startswith(b"ESEARCH") else octets for octets in lines]


def compare_lines(report, line):
    ours, theirs = (lines_of(answer) for answer in ask(line))
    report.say(ours == theirs, line[:60] + "…", list(ours), list(theirs))


report = Report("SORT, THREAD and ESEARCH")
for program in PROGRAMS:
    for criteria in CRITERIA:
        compare_lines(report, "SORT (%s) UTF-8 %s%s" % (criteria, ORDERLY, program))
    for way in "ORDEREDSUBJECT", "REFERENCES":
        compare_lines(report, "THREAD %s UTF-8 %s%s" % (way, ORDERLY, program))
        compare_lines(report, "UID THREAD %s US-ASCII %s%s" % (way, ORDERLY, program))
    for gives in "", "ALL", "COUNT", "MIN", "MAX", "MIN MAX", "ALL COUNT MIN MAX", "SAVE", "SAVE COUNT":
        compare_lines(report, "SEARCH RETURN (%s) %s%s" % (gives, ORDERLY, program))
        compare_lines(report, "UID SEARCH RETURN (%s) %s%s" % (gives, ORDERLY, program))
    compare_lines(report, "SEARCH $")
    compare_lines(report, "UID SEARCH RETURN (ALL) UID $ NOT 1:10")
    compare_lines(report, "SORT RETURN (ALL COUNT) (REVERSE DATE) UTF-8 %s%s" % (ORDERLY, program))
for line in ("SEARCH YOUNGER 1", "SEARCH OLDER 1", "SEARCH YOUNGER 4000000000", "SEARCH OLDER 0", "SEARCH YOUNGER x", "SEARCH RETURN (",
             "SEARCH RETURN (NONE) 1", "SEARCH RETURN () CHARSET NONE TEXT x", "SORT (DATE) NONE ALL", "SORT () UTF-8 ALL", "SORT (DATE) UTF-8",
             "SORT DATE UTF-8 ALL", "SORT (REVERSE) UTF-8 ALL", "SORT (NONE) UTF-8 ALL", "THREAD NONE UTF-8 ALL", "THREAD REFERENCES UTF-8",
             "FETCH $ (UID)", "FETCH 1,$ (UID)"):
    compare_lines(report, line)
report.end(200)

# --- changing -------------------------------------------------------------------------------------
# The same steps on two sessions' mailboxes; what is told about them, in whatever order it may be told.

STEPS = [
    "SELECT steps", "FETCH 1:* (FLAGS)", "NOOP", "CHECK", "STORE 1:3 FLAGS (\\Seen)", "STORE 1:3 +FLAGS (\\Flagged One)",
    "STORE 2 -FLAGS (\\Seen)", "STORE 2 -FLAGS (\\Seen)", "STORE 4 FLAGS ()", "STORE 4 +FLAGS \\Answered", "STORE 5:6 +FLAGS.SILENT (\\Deleted)",
    "FETCH 1:6 FLAGS", "STORE 7 FLAGS (\\Recent)", "STORE 7 +FLAGS (\\Nonsense)", "STORE 99 +FLAGS (\\Seen)", "STORE 0 FLAGS ()", "STORE 1 +FLAGS ()",
    "UID STORE 8 +FLAGS (\\Draft)", "UID STORE 999 +FLAGS (\\Draft)", "UID STORE 8,999 +FLAGS (Two)", "UID FETCH 999 FLAGS", "UID FETCH 999:* UID",
    "FETCH *:10 UID", "FETCH 3:1,2,* UID", "FETCH 1,1,1 UID", "FETCH 99 UID", "FETCH 0 UID", "FETCH 1:99 UID", "FETCH 5:*,1 UID", "FETCH 1: UID", "FETCH :2 UID",
    "FETCH 1,,2 UID", "FETCH a UID", "FETCH *:* UID", "FETCH 4294967295:* UID", "FETCH 4294967296 UID", "UID FETCH *:4294967295 UID",
    "UID FETCH 4294967295:* UID", "UID FETCH 2:1 FLAGS", "UID FETCH 1 (UID UID)", "FETCH 1 BODY.PEEK[", "FETCH 1 BODY.PEEK[1.]", "FETCH 1 BODY.PEEK[0]", "FETCH 1 BODY.PEEK[MIME]",
    "FETCH 1 BODY.PEEK[HEADER.FIELDS ()]", "FETCH 1 BODY.PEEK[]<1>", "FETCH 1 BODY.PEEK[]<1.0>", "FETCH 1 (FLAGS", "FETCH 1 NONSENSE", "FETCH 1 ALL", "FETCH 1 FAST", "FETCH 1 (FAST)", "FETCH 1",
    "COPY 1:2 copies", "COPY 1:2 missing", "COPY 99 copies", "COPY *,1 copies", "UID COPY 3:4 copies", "UID COPY 999 copies", "UID COPY 1,999 copies",
    "STATUS copies (MESSAGES UIDNEXT UNSEEN RECENT)", "STATUS copies (MESSAGES)", "STATUS copies ()", "STATUS copies (NONSENSE)", "STATUS missing (MESSAGES)",
    "EXPUNGE", "EXPUNGE", "STORE 1:2 +FLAGS.SILENT (\\Deleted)", "UID EXPUNGE 2", "UID EXPUNGE 999", "UID EXPUNGE 1:*", "FETCH 1:* (UID FLAGS)",
    "STORE * +FLAGS.SILENT (\\Deleted)", "MOVE 1:2 copies", "MOVE 1 missing", "UID MOVE 999 copies", "FETCH 1:* (UID FLAGS)", "CLOSE",
    "FETCH 1 FLAGS", "SELECT copies", "FETCH 1:* (UID FLAGS)", "EXAMINE copies", "store 1 +FLAGS (\\Seen)", "expunge", "FETCH 1 BODY[TEXT]<0.1>",
    "FETCH 1 FLAGS", "UNSELECT", "EXPUNGE", "SELECT missing", "SELECT", "SELECT steps", "FETCH 1:* (UID FLAGS)", "UNSELECT",
    "CREATE a", "CREATE a/b", "CREATE a/b/c", "CREATE a/b/c", "CREATE a", "CREATE d/", "CREATE inbox", 'CREATE ""', "LIST \"\" *", "LIST \"\" %", 'LIST "" ""', "LIST a/ %",
    "LIST \"\" a/%", "LIST \"\" a%c", "LIST \"\" a/*c", "LIST \"\" inBOX", "LIST \"\" missing", "LIST \"\" a/%/c", "RENAME a/b a/x", "LIST \"\" a*",
    "RENAME missing other", "RENAME a/x copies", "DELETE a", "list \"\" a*", "DELETE a/x/c", "DELETE missing", "DELETE INBOX", "DELETE \"\"",
    "SUBSCRIBE copies", "SUBSCRIBE missing", "SUBSCRIBE a/x", "LSUB \"\" *", "LSUB \"\" %", "UNSUBSCRIBE copies", "UNSUBSCRIBE copies", "LSUB \"\" *",
    "RENAME copies inbox", "RENAME INBOX moved", "STATUS moved (MESSAGES)", "STATUS INBOX (MESSAGES)", "NAMESPACE", "NONSENSE", "FETCH", "LOGIN ana tulip",
    "UID", "UID NONSENSE 1", "UID FETCH", "SEARCH", "NOOP x",
]
TOLD_NUMBER = re.compile(rb"(\d+) (EXISTS|RECENT|EXPUNGE)$")
CODES_TELLING = ("TRYCREATE", "READ-ONLY", "READ-WRITE", "COPYUID", "APPENDUID", "UIDNEXT", "UNSEEN", "NOMODSEQ")


def code_of(text):
    """A response code that means something to a client, without the UIDVALIDITY in it."""
    found = re.match(rb"\[([A-Z-]+)(?: ([^\]]*))?\]", text)
    if not found or found.group(1).decode() not in CODES_TELLING:
        return ""
    words = (found.group(2) or b"").split()
    return b" ".join([found.group(1)] + (words[1:] if found.group(1).endswith(b"UID") else words)).decode()


def told(answer):
    """What a client knows after it: status, code, and the untagged responses in an order of their own."""
    status, text, untagged = answer
    gone, there, other = [], list(range(1, 10000)), []
    for octets in untagged:
        number = TOLD_NUMBER.match(octets)
        if number and number.group(2) == b"EXPUNGE":
            gone.append(there.pop(int(number.group(1)) - 1))
        elif number and number.group(2) == b"EXISTS":
            other.append("EXISTS %d" % int(number.group(1)))
        elif octets.startswith(b"STATUS "):
            name, pairs = Reader(octets[7:]).rest()
            other.append("STATUS %s %s" % (name, sorted(zip(map(str, pairs[::2]), pairs[1::2]))))
        elif octets.split(b" ")[0] in (b"LIST", b"LSUB"):
            kind, flags, separator, name = Reader(octets).rest()
            other.append("%s %s %s %s" % (kind, [flag for flag in map(str.lower, flags) if flag == "\\noselect"], separator,
                                          name.decode() if isinstance(name, bytes) else name))
        elif octets.split(b" ")[0] in (b"OK", b"NO", b"BAD"):
            other.append(code_of(octets[3:].lstrip()))
    for number, items in fetched(untagged).items():
        items = {item: fold_instant(item, value) for item, value in items.items()}
        if "FLAGS" in items:
            items["FLAGS"] = sorted(str(flag) for flag in items["FLAGS"])
        other.append("FETCH %d %s" % (number, sorted(items.items(), key=str)))
    found = searched(untagged)
    return status, code_of(text), sorted(gone), sorted(one for one in other if one), found


UNCHANGED = ("a STORE that changes nothing is still answered with the flags (RFC 3501 6.4.6, \"the updated value\"): Dovecot"
             " says nothing")
LENIENT = "no command by RFC 3501 9: BAD here, Dovecot makes something of it"
READ_ONLY = "a mailbox opened by EXAMINE cannot be changed (RFC 3501 6.3.2): NO here, Dovecot says OK and does nothing"
INBOX_MOVES = "RENAME of INBOX moves its messages (RFC 3501 6.3.5): Dovecot refuses it"
STEPS_ALLOWED = {
    "STORE 1 +FLAGS ()": UNCHANGED, "STORE 2 -FLAGS (\\Seen)": UNCHANGED, "STORE 4 FLAGS ()": UNCHANGED, "FETCH 1 BODY.PEEK[0]": LENIENT,
    "NOOP x": LENIENT, "store 1 +FLAGS (\\Seen)": READ_ONLY, "expunge": READ_ONLY,
    "list \"\" a*": "what is deleted and has children is \\Noselect (RFC 3501 6.3.4): Dovecot leaves it selectable",
    "RENAME INBOX moved": INBOX_MOVES, "STATUS moved (MESSAGES)": INBOX_MOVES,
    "FETCH 1 BODY.PEEK[]<1>": LENIENT, "FETCH 1 BODY.PEEK[]<1.0>": LENIENT,
}

for client in clients:
    for name in "steps", "copies":
        client.ok("CREATE " + name)
    for index in range(12):
        client.append("steps", b"Subject: step %d\r\n\r\ntext\r\n" % index, '"%s" ' % day(0))
report = Report("what changing commands tell")
for step in STEPS:
    ours, theirs = (told(answer) for answer in ask(step))
    if ours != theirs and step in STEPS_ALLOWED:
        occurred.add(STEPS_ALLOWED[step])
        continue
    report.say(ours == theirs, step, ours, theirs)
report.end(len(STEPS) - len(STEPS_ALLOWED))

# --- POP3 -------------------------------------------------------------------------------------------


class RawPop3:
    def __init__(self, port):
        self.socket = socket.create_connection((HOST, port), timeout=SECONDS)
        self.input = self.socket.makefile("rb")
        self.input.readline()
        for line in "USER pia", "PASS tulip":
            assert self.say(line, False)[0] == "+OK"

    def say(self, line, many):
        """(status, the rest of its line, the octets of what follows, dots undone)."""
        self.socket.sendall(line.encode() + b"\r\n")
        status, _, rest = self.input.readline().rstrip(b"\r\n").partition(b" ")
        follows = b""
        while many and status == b"+OK":
            got = self.input.readline()
            if got == b".\r\n":
                break
            follows += got[1:] if got.startswith(b".") else got
        return status.decode(), rest, follows

    def close(self):
        self.input.close()
        self.socket.close()


for server in servers:
    client = RawImap(server.port["imap"], "pia")
    for name, octets in made:
        client.append("INBOX", octets)
    client.ok("LOGOUT")
    client.close()
POP3_LINES = ([("STAT", False), ("LIST", True), ("UIDL", True)] +
              [("%s %d" % (verb, n), False) for verb in ("LIST", "UIDL") for n in (1, 2, COUNT, COUNT + 1, 0, -1, 99999999999)] +
              [("RETR %d" % n, True) for n in range(1, len(made) + 1)] +
              [("TOP %d %d" % (n, lines), True) for n in range(1, len(made) + 1) for lines in (0, 1, 3, 99999999)] +
              [("RETR 0", True), ("RETR %d" % (COUNT + 1), True), ("RETR x", True), ("RETR", True), ("TOP 1", True), ("TOP 1 x", True),
               ("TOP 0 1", True), ("DELE 3", False), ("DELE 3", False), ("RETR 3", True), ("TOP 3 1", True), ("LIST 3", False),
               ("UIDL 3", False), ("STAT", False), ("LIST", True), ("DELE 0", False), ("RSET", False), ("STAT", False), ("NOOP", False),
               ("LAST", False), ("NONSENSE", False), ("DELE 1", False), ("DELE %d" % COUNT, False), ("QUIT", False)])
POP3_ALLOWED = {
}


def pop3_told(line, answer):
    """The texts of status lines are for people, but for STAT's numbers; the names that UIDL tells are the server's own."""
    status, rest, follows = answer
    verb = line.split()[0]
    if verb == "UIDL" and status == "+OK":
        names = [one.split() for one in (follows.splitlines() if line == "UIDL" else [rest])]
        return status, [name[0] for name in names], len({name[1] for name in names})
    return status, rest.split()[:2] if verb in ("STAT", "LIST") and status == "+OK" and not follows else "", follows


report = Report("POP3")
drops = [RawPop3(server.port["pop3"]) for server in servers]
for line, many in POP3_LINES:
    ours, theirs = (pop3_told(line, drop.say(line, many)) for drop in drops)
    if ours != theirs and line in POP3_ALLOWED:
        occurred.add(POP3_ALLOWED[line])
        continue
    report.say(ours == theirs, line, list(ours), list(theirs))
for drop in drops:
    drop.close()
after = [RawPop3(server.port["pop3"]) for server in servers]
for line in "STAT", "LIST 1", "QUIT":
    ours, theirs = (pop3_told(line, drop.say(line, False)) for drop in after)
    report.say(ours == theirs, "a new session: " + line, list(ours), list(theirs))
for drop in after:
    drop.close()
report.end(len(POP3_LINES) - len(POP3_ALLOWED))

for client in clients:
    client.close()
theirs_server.stop()
for name, reason, _ in ALLOWED:
    ok(name in occurred, "allowed, and still there: " + name, reason)
for name, reason in MESSAGES.items():
    ok(name in occurred, "allowed, and still there: the message with " + name, reason)
for reason in sorted({reason for _, reason, _ in SEARCH_ALLOWED} | set(STEPS_ALLOWED.values()) | set(POP3_ALLOWED.values())):
    ok(reason in occurred, "allowed, and still there: " + reason)
same(ours_server.stop(), 0, "the server ends well on SIGTERM")
ours_server.clean()
done()
