/* why_lmtp_table.c: why LMTP answered so, where SMTP's sentence would not be true; all else is
   why_smtp_table.c's. RFC 2033. */
#include "views/reason.h"

#define TALKING "CONNECTED READY MAILED ADDRESSED CHUNKED"
#define BEGUN "MAILED ADDRESSED CHUNKED"
#define RCPT_TIME "MAILED ADDRESSED"
#define AGAIN "telnet {host} {port}"
#define LHLO "LHLO laptop.campus.example"

static const struct reason rows[] = {
    ROW("CONNECTED", "OPENED", OUT_OK, "The server speaks first: 220, its name and LMTP open every LMTP session.", "LMTP is SMTP for the last step, into the mailbox. It has no queue: a client that has one speaks it, and keeps what is refused.", NULL),

    ROW("CONNECTED", "LHLO", OUT_OK, "LHLO opened the session; the lines after the first name what the server can do.", "It is EHLO by another name, so that neither side takes LMTP for SMTP.", NULL),
    ROW("READY", "LHLO", OUT_OK, "LHLO again begins anew; there was no message to lose.", NULL, NULL),
    ROW(BEGUN, "LHLO", OUT_OK, "LHLO again begins anew: the message that was begun is forgotten, as after RSET.", NULL, NULL),
    ROW(TALKING, "LHLO", OUT_SYNTAX, "LHLO needs one name after it: that of your own machine, not of the server.", NULL, LHLO),

    ROW("READY", "MAIL", OUT_OK, "MAIL began a message and named the envelope's sender: a bounce would go there.", "It is the client who sends that bounce, not this server.", NULL),
    ROW("READY", "MAIL", OUT_UNSUPPORTED, "This server knows no such parameter behind MAIL's address.", "LHLO's answer names the extensions; each brings its own parameters, as SIZE=1000.", "MAIL FROM:<ana@campus.example>"),
    ROW("READY", "MAIL", OUT_TOO_BIG, "SIZE= announces more octets than this server takes; nothing has been sent yet.", "LHLO's answer says how many it takes. To ask before sending is what SIZE is for.", "MAIL FROM:<ana@campus.example>"),
    SLIP(20, NULL, "CONNECTED", "MAIL", OUT_WRONG_TIME, "MAIL comes second: LHLO tells the server who you are.", NULL, NULL),

    ROW("MAILED", "RCPT", OUT_OK, "The first recipient has a mailbox here; whether the message fits is told later.", "Behind the message comes one reply for each RCPT that was answered 250.", NULL),
    ROW("ADDRESSED", "RCPT", OUT_OK, "One recipient more, so one reply more behind the message.", "That holds for the same address twice, too: the client counts replies.", NULL),
    ROW(RCPT_TIME, "RCPT", OUT_UNSUPPORTED, "This server knows no such parameter behind RCPT's address.", "Reports (DSN) are the client's affair: it has the queue.", "RCPT TO:<{user}>"),
    SLIP(0, slip_near_domain, RCPT_TIME, "RCPT", OUT_REFUSED, "That domain has no mailboxes here. Did you mean {near}?", "LMTP delivers and never relays: there is no queue in which a message could wait.", "RCPT TO:<{near}>"),
    ROW(RCPT_TIME, "RCPT", OUT_REFUSED, "That domain has no mailboxes here, and LMTP has no queue to relay from.", "Who sends on is an SMTP server: `telnet {host} submission`.", "RCPT TO:<{user}>"),
    SLIP(20, NULL, "CONNECTED", "RCPT", OUT_WRONG_TIME, "RCPT comes third: LHLO, then MAIL, then RCPT.", NULL, NULL),
    SLIP(20, NULL, "CONNECTED", "DATA", OUT_WRONG_TIME, "DATA comes fourth: LHLO, MAIL, RCPT, DATA.", NULL, NULL),

    ROW("DATA", "DOT", OUT_OK, "The dot ended the message; one reply follows for each recipient.", "SMTP answers once for all. Who has no queue must say of each mailbox whether it has the message.", NULL),
    ROW("CHUNK", "CHUNK", OUT_OK, "The last part is here; one reply follows for each recipient.", "SMTP answers once for all. Who has no queue must say of each mailbox whether it has the message.", NULL),
    ROW("MAILED", "BDAT", OUT_SYNTAX, "After BDAT stands a number of octets, and LAST with the last part.", NULL, "RCPT TO:<{user}>"),
    ROW("MAILED", "BDAT", OUT_REFUSED, "The message has no recipient yet: RCPT comes before BDAT. Its octets are thrown away.", NULL, NULL),
    ROW("MAILED", "BDAT", OUT_NOTHING, "No recipient, no reply: LMTP answers BDAT LAST once for each, and there is none.", "The message is over. Only an LMTP client that counts its recipients knows so.", NULL),
    SLIP(20, NULL, "CONNECTED", "BDAT", OUT_WRONG_TIME, "BDAT comes fourth: LHLO, MAIL, RCPT, BDAT. Its octets are thrown away.", NULL, NULL),

    ROW("REPORTING", "RECIPIENT", OUT_OK, "This recipient's mailbox has the message: here 250 does mean \"delivered\".", "Each recipient has a reply of its own, in the order of the RCPTs.", NULL),
    ROW("REPORTING", "RECIPIENT", OUT_OVER_QUOTA, "This recipient's mailboxes are full; the others' replies are their own.", "There is no queue here: the client keeps the message and tries again, for this recipient alone.", NULL),
    ROW("REPORTING", "RECIPIENT", OUT_TOO_BIG, "The message is longer than this server takes; each recipient is told.", "LHLO's answer says how much it takes; MAIL ... SIZE=n asks before anything is sent.", NULL),
    SLIP(26, NULL, "REPORTING", "RECIPIENT", OUT_REFUSED, "A CR, an LF or a NUL stood by itself in the message: a line ends with CR LF together.", "Two servers could read such a message differently, and a command could hide in it.", NULL),
    ROW("REPORTING", "RECIPIENT", OUT_LOOP, "So many servers have added a Received: field that the message must go in circles.", NULL, NULL),
    ROW("REPORTING", "RECIPIENT", OUT_TRY_LATER, "Too many messages are on their way into this server at once; this one was dropped.", "4xx means: the same may work later. The client's queue tries again.", NULL),
    ROW("REPORTING", "RECIPIENT", OUT_FAILED, "The server could not store the message; that is its own trouble.", "4xx means: the same may work later. The client's queue tries again.", "QUIT"),
    ROW("REPORTING", "RECIPIENT", OUT_NO_ROOM, "The server's disk is full; nothing of the message was kept.", "4xx means: the same may work later. The client's queue tries again.", "QUIT"),
    ROW("REPORTING", "RECIPIENT", OUT_NOTHING, "Each recipient has been answered for; the message is over.", NULL, NULL),

    ROW("CONNECTED", "RSET", OUT_OK, "There was nothing to forget: no message has begun. LHLO is still to come.", NULL, NULL),
    ROW(BEGUN, "RSET", OUT_OK, "The message that was begun is forgotten: its sender, its recipients, its text.", "Your LHLO is not.", NULL),

    SLIP(0, slip_kin_hello, TALKING, "UNKNOWN", OUT_UNKNOWN, "This is LMTP, not SMTP: LHLO stands in {word}'s place.", "What else differs: each recipient is answered for behind the message, nothing waits in a queue, and the port is never 25.", LHLO),
    SLIP(0, slip_kin_verb, TALKING, "UNKNOWN", OUT_UNKNOWN, "{word} is a command of SMTP; LMTP does without it.", "Its client is a neighbour that somebody has set up to deliver here.", NULL),
    SLIP(0, slip_hello, TALKING, "UNKNOWN", OUT_UNKNOWN, "{word} is no command of LMTP; its greeting is LHLO.", NULL, LHLO),
    SLIP(0, slip_bye, TALKING, "UNKNOWN", OUT_UNKNOWN, "{word} is no command of LMTP; QUIT ends the session.", NULL, "QUIT"),
    SLIP(10, slip_other_verb, TALKING, "UNKNOWN", OUT_UNKNOWN, "{word} is a command of {others}; LMTP only takes messages in.", "Messages are fetched by POP3 or IMAP.", NULL),
    SLIP(0, slip_near_verb, TALKING, "UNKNOWN", OUT_UNKNOWN, "{word} is no command of LMTP. Did you mean {near}?", NULL, NULL),
    ROW(TALKING, "TLS", OUT_OK, "A TLS handshake came where the server speaks in the open.", "LMTP is for the last step, between neighbours: it has no TLS here.", AGAIN),
};

const struct reasons lmtp_reasons = { rows, COUNT(rows), &smtp_reasons };
