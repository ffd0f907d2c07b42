/* terms.c: the table of terms. Numbers of sections are those of the RFC that is named. */
#include "sim/language/terms.h"

static const struct term terms[] = {
    { "address", "e-mail address",
      "A name, an @ and a domain: ana@campus.example. The domain says which servers take its mail.",
      "5321 2.3.11", "users" },
    { "bounce", "delivery status notification, DSN, non-delivery report",
      "A message from a server to the sender: this mail could not be delivered. Its own envelope "
      "sender is empty, so that a bounce never causes another one.",
      "3464", "help queue" },
    { "capability", "extension",
      "Something a server can do beyond the basic protocol. It lists them: after EHLO in SMTP, for "
      "CAPA in POP3, for CAPABILITY in IMAP.",
      "3501 6.1.1", "help EHLO" },
    { "client", "mail program, MUA",
      "The side that opens a connection and sends commands. A mail program is one, and so is a "
      "server that passes mail on to another server.",
      "5321", "on" },
    { "connection", "TCP connection",
      "Two programs that can send each other octets. Either side can close it; a reset ends it at "
      "once, and what was on its way is lost.",
      "9293", "help close" },
    { "digest", "",
      "A number made from everything that has happened. Two runs with the same digest did the "
      "same, "
      "octet for octet.",
      "", "help save" },
    { "DNS", "name server, A record, NXDOMAIN",
      "It tells what belongs to a name: an A record a host's address, an MX record who takes a "
      "domain's mail. NXDOMAIN: there is no such name.",
      "1034", "dig mx bakery.example" },
    { "domain", "",
      "What stands behind the @ of an address. Its MX record says which hosts take its mail; a "
      "domain itself is no machine.",
      "5321 2.3.5", "dig mx campus.example" },
    { "dot-stuffing", "transparency, the dot",
      "A line with only a dot ends a message in SMTP and POP3. So a line of text that begins with "
      "a dot is sent with one dot more, and the receiver takes it away.",
      "5321 4.5.2", "lesson the-dot" },
    { "envelope", "",
      "The sender and the recipients that MAIL and RCPT name. Mail is delivered by the envelope; "
      "the From and To in the message are only read by people.",
      "5321 2.3.1", "lesson two-senders" },
    { "flag", "mark, \\Seen, \\Deleted, \\Answered, \\Flagged, \\Draft",
      "A mark on a message that IMAP's server keeps for all clients, such as \\Seen (read) or "
      "\\Deleted (EXPUNGE will remove it). POP3 has none.",
      "3501 2.3.2", "lesson deleted-is-a-flag" },
    { "folder", "", "What mail programs call a mailbox of IMAP, or one of their own.", "", "" },
    { "greylisting", "greylist",
      "A server refuses an unknown sender for now, with 451. A real server tries again; most "
      "senders of unwanted mail do not.",
      "6647", "lesson try-later" },
    { "header", "message header",
      "The lines at the top of a message, up to the first empty line. Each header field is a name, "
      "a colon and a text, such as Subject: Lunch.",
      "5322 2.2", "lesson empty-line" },
    { "header field", "field",
      "One entry of the header, such as Subject: or From:. It may go on in "
      "a next line that begins with a blank.",
      "5322 2.2", "" },
    { "host", "server machine", "A machine with a name, such as mail.campus.example.", "5321 2.3.4",
      "hosts" },
    { "IMAP", "IMAP4",
      "A client works on the mailboxes where they are, on the server: all devices see the same "
      "messages and flags. It does not send mail.",
      "3501", "lesson labels" },
    { "keyword", "", "A flag without a backslash, made up by a client or a person: $Work.",
      "3501 2.3.2", "help STORE" },
    { "literal", "",
      "How IMAP sends octets of any kind: the line ends with their number in braces, {12}, and "
      "then "
      "they follow. {12+} does not wait for the server's +.",
      "3501 4.3", "" },
    { "LMTP", "",
      "SMTP for the last step, into the mailboxes of a host: each recipient is answered for by "
      "itself behind the message, and no queue keeps what is refused.",
      "2033", "states lmtp" },
    { "mailbox", "INBOX",
      "A place where a server keeps messages. New mail comes into INBOX; IMAP can make more, POP3 "
      "sees INBOX only.",
      "3501 5.1", "help SELECT" },
    { "maildrop", "",
      "What POP3 calls the one mailbox that it opens. By RFC 1939 it belongs to one session at a "
      "time; some servers let a second one in.",
      "1939 4", "lesson one-at-a-time" },
    { "message", "mail, e-mail, letter",
      "A header, an empty line and a text (the body). Boards name messages A, B, C, since the "
      "protocols use digits for other things.",
      "5322 2.1", "board" },
    { "MIME", "attachment, part",
      "How one message holds several parts: plain text, HTML, a picture. Header fields say where "
      "each begins and what it is.",
      "2045", "lesson fetch-less" },
    { "MX", "mail exchanger",
      "The record in the DNS that says which hosts take mail for a domain. The lowest number is "
      "tried first.",
      "5321 5.1", "dig mx bakery.example" },
    { "octet", "byte",
      "Eight bits. What goes over a connection is counted in octets: one sign may "
      "take several.",
      "", "tap" },
    { "outcome", "",
      "How a server's table answered an event: OK, SYNTAX, WRONG_TIME … `why` names it after "
      "Rule.",
      "", "help why" },
    { "POP3", "POP",
      "A client fetches messages from one mailbox of a server. RETR leaves them there; DELE and "
      "QUIT remove them. What was read is known on that device alone.",
      "1939", "lesson three-states" },
    { "port", "25, 110, 143, 465, 587, 993, 995",
      "The number that tells which service of a host is meant: 25 SMTP between servers, 587 "
      "submission, 110 POP3, 143 IMAP; 465, 995 and 993 with TLS from the start.",
      "8314", "telnet mail 25" },
    { "queue", "",
      "Messages that a server has accepted and not yet passed on. It tries again for days, and at "
      "last sends a bounce.",
      "5321 4.5.4", "lesson accepted" },
    { "quota", "", "How much a person's mailboxes may hold, set by the administrator.", "9208",
      "help GETQUOTA" },
    { "recipient", "", "Who is to get a message: an address that RCPT names.", "5321 2.3.1",
      "help RCPT" },
    { "relay", "relaying, open relay",
      "To pass on mail for other domains. A server relays for its own people after AUTH, on port "
      "587, and for nobody else: else it would be used to send unwanted mail.",
      "5321 3.6", "lesson not-my-town" },
    { "reply code", "code, status code",
      "The three digits that begin a reply of SMTP. 2: done; 3: go on; 4: not now, try later; 5: "
      "no.",
      "5321 4.2", "help 550" },
    { "response", "tagged response, untagged response",
      "What IMAP's server sends. With the tag of a command: its end, OK, NO or BAD. With *: data, "
      "or news that nobody asked for.",
      "3501 2.2.2", "lesson labels" },
    { "SASL", "authentication, mechanism, AUTH",
      "The common way to log in: the client names a mechanism (PLAIN, SCRAM-SHA-256 …), and both "
      "sides exchange base64 until the server is sure.",
      "4422", "lesson who-are-you" },
    { "sender", "",
      "The address in MAIL FROM: bounces go there. The header's From may name another "
      "one.",
      "5321 2.3.1", "lesson two-senders" },
    { "sequence number", "message number",
      "The place of a message in a mailbox: 1, 2, 3. After an EXPUNGE all later ones move up by "
      "one. A UID never moves.",
      "3501 2.3.1.2", "lesson numbers-shift" },
    { "server", "", "The side that waits for connections and answers commands.", "5321", "hosts" },
    { "session", "", "All that happens on one connection, from the greeting to its end.",
      "5321 3.1", "" },
    { "SMTP", "ESMTP",
      "Messages are handed on by it: from a mail program to a server, and from server to server. "
      "It fetches nothing.",
      "5321", "lesson say-hello" },
    { "spam", "junk, unwanted mail",
      "Mail that nobody asked for. SMTP itself believes whoever sends; so servers do not relay "
      "for strangers, greylist, and look at SPF.",
      "", "help relay" },
    { "SPF", "", "A TXT record that lists the hosts which may send for a domain.", "7208",
      "dig txt campus.example" },
    { "STARTTLS", "STLS",
      "A command that begins TLS on a connection that was open to all readers. All that was said "
      "before could be read, and changed, on the way.",
      "3207", "lesson listening-in" },
    { "state", "",
      "Where a session is: the server's table says for each state which commands are legal and "
      "where they lead.",
      "", "states" },
    { "submission", "",
      "How a person's mail program hands mail to their own server: port 587, "
      "with AUTH.",
      "6409", "telnet mail submission" },
    { "synchronise", "sync",
      "A mail program and a server tell each other what is new: the program fetches messages, and "
      "says what was read or deleted.",
      "", "mail sync" },
    { "tag", "label",
      "The word a client puts before each IMAP command, a1. The answer that ends the command "
      "begins "
      "with the same word.",
      "3501 2.2.1", "lesson labels" },
    { "TLS", "SSL, encryption",
      "Encryption of a connection, with proof of who the server is. Without it everybody on the "
      "way "
      "can read along.",
      "8314", "lesson listening-in" },
    { "transaction", "mail transaction",
      "MAIL, RCPT and DATA of one message. RSET gives it up; the session goes on.", "5321 3.3",
      "lesson not-yet" },
    { "Trash", "bin, Deleted Items",
      "A mailbox into which many mail programs move what is deleted. IMAP itself only marks with "
      "\\Deleted, and EXPUNGE removes.",
      "6154 2", "lesson deleted-is-a-flag" },
    { "UID", "unique identifier",
      "The number of a message in a mailbox that never changes and is never used again, as long as "
      "UIDVALIDITY stays the same.",
      "3501 2.3.1.1", "lesson numbers-shift" },
    { "UIDL", "unique-id",
      "POP3's name for a message that stays the same from session to session, so that a client "
      "knows what it has fetched.",
      "1939 7", "lesson numbers-lie" },
    { "UIDVALIDITY", "",
      "A number of a mailbox. When it changes, all UIDs that a client knows are worthless, and it "
      "must fetch anew.",
      "3501 2.3.1.1", "lesson same-name-new-box" },
};

static bool also_has(const struct term *term, slice word)
{
    slice rest = slice_of(term->also);
    while (rest.len) {
        slice one = take_until(&rest, ',');
        if (slice_equal_nocase(slice_trim(one), word))
            return true;
    }
    return false;
}

static const struct term *find(slice word)
{
    for (size_t i = 0; i < COUNT(terms); i++)
        if (slice_equal_nocase(slice_of(terms[i].name), word) || also_has(&terms[i], word))
            return &terms[i];
    return NULL;
}

static const struct term *find_by_first_word(slice word)
{
    for (size_t i = 0; i < COUNT(terms); i++) {
        slice name = slice_of(terms[i].name);
        if (slice_equal_nocase(take_word(&name), word))
            return &terms[i];
    }
    return NULL;
}

const struct term *term_find(slice word)
{
    const struct term *term = find(word);
    bool plural = word.len > 2 && to_lower(word.at[word.len - 1]) == 's';
    if (!term && plural)
        term = find(slice_upto(word, word.len - 1));
    if (!term && plural)
        term = find(slice_upto(word, word.len - 2)); /* mailboxes, addresses */
    return term ? term : find_by_first_word(word);
}

const struct term *term_next(const struct term *term)
{
    if (!term)
        return &terms[0];
    return term + 1 < terms + COUNT(terms) ? term + 1 : NULL;
}
