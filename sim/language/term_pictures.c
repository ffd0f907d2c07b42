/* term_pictures.c: a few lines that show what a term's sentences say. Plain ASCII, at most
   TERM_PICTURE_COLUMNS wide, so that they fit every window. */
#include "sim/language/terms.h"

#include <string.h>

#define NUMBERS                            \
    "sequence number   1   2   3\n"         \
    "UID               4   7   9\n"         \
    "     EXPUNGE removes number 2\n"       \
    "sequence number   1       2\n"         \
    "UID               4       9\n"

static const struct {
    const char *term, *picture;
} pictures[] = {
    { "bounce",
      "ana --> mail.campus --x mx.bakery\n"
      " ^           |     550 no such user\n"
      " |           |\n"
      " +-- bounce -+     MAIL FROM:<>\n" },
    { "dot-stuffing",
      "the text     on the wire\n"
      "Hello        Hello\n"
      ".hidden      ..hidden\n"
      "             .         the end\n" },
    { "envelope",
      "MAIL FROM:<bo@...>   envelope:\n"
      "RCPT TO:<ana@...>    servers use it\n"
      "DATA\n"
      "From: Santa          header:\n"
      "To: everybody        people read it\n" },
    { "flag",
      "phone   STORE 2 +FLAGS (\\Seen)\n"
      "          v\n"
      "server  message 2 has \\Seen\n"
      "          v\n"
      "laptop  shows message 2 as read\n" },
    { "header",
      "From: bo@...      header fields\n"
      "Subject: Lunch?\n"
      "                  an empty line\n"
      "Hi Ana,           the text\n" },
    { "literal",
      "C: a1 LOGIN {3}\n"
      "S: + go on          3 octets follow\n"
      "C: ana {5}\n"
      "S: + go on          5 octets follow\n"
      "C: tulip\n" },
    { "maildrop",
      "laptop --PASS--> +----------+\n"
      "                 | maildrop | locked\n"
      "phone  --PASS-x  +----------+\n"
      "          -ERR [IN-USE]\n" },
    { "MX",
      "mail to dora@bakery.example:\n"
      "DNS, bakery.example MX?\n"
      "  10 mx.bakery.example\n"
      "then port 25 of mx.bakery.example\n" },
    { "queue",
      "ana --> mail.campus --x mx.bakery\n"
      "        [ queue ]      not there now\n"
      "         | try again, and again\n"
      "         v for days, then\n"
      "        a bounce to ana\n" },
    { "relay",
      "ana --587, AUTH--> mail.campus\n"
      "                     | relays\n"
      "                     v\n"
      "                   mx.bakery\n"
      "stranger --25--x   550 denied\n" },
    { "sequence number", NUMBERS },
    { "STARTTLS",
      "C: EHLO laptop     all can read it\n"
      "C: STARTTLS        all can read it\n"
      "S: 220 ready       all can read it\n"
      "======== TLS begins ========\n"
      "C: EHLO laptop     only the server\n" },
    { "state",
      "AUTHORIZATION --PASS--> TRANSACTION\n"
      "                            | QUIT\n"
      "                            v\n"
      "CLOSED <-- UPDATE: removes, closes\n" },
    { "submission",
      "laptop --587--> mail.campus\n"
      "   submission     | 25, relay\n"
      "                  v\n"
      "                mx.bakery\n" },
    { "tag",
      "C: a1 SELECT INBOX\n"
      "S: * 4 EXISTS        * is data\n"
      "S: a1 OK done        the end of a1\n" },
    { "TLS",
      "           TLS at once   STARTTLS\n"
      "SMTP       465           587, 25\n"
      "POP3       995           110, STLS\n"
      "IMAP       993           143\n" },
    { "UID", NUMBERS },
    { "UIDVALIDITY",
      "Trips, UIDVALIDITY 17   UID 1 2 3\n"
      "  DELETE Trips, CREATE Trips\n"
      "Trips, UIDVALIDITY 18   UID 1\n"
      "  UID 1 is another message now\n" },
};

const char *term_picture(const struct term *term)
{
    for (size_t i = 0; i < COUNT(pictures); i++)
        if (strcmp(pictures[i].term, term->name) == 0)
            return pictures[i].picture;
    return NULL;
}
