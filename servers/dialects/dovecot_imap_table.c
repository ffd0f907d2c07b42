/* dovecot_imap_table.c: Dovecot 2.3 as Debian 12 installs it, with Maildir, IMAP. Measured 2026-11-30
   over the wire. */
#include "servers/dialects/dialects.h"
#include "servers/imap/imap_rows.h"

#define NO_SUCH_BOX "NO Mailbox doesn't exist"

static const struct dialect_row rows[] = {
    /* from          event            outcome         reply                                          next           rfc */
    { { BEFORE,      EV_OPENED,       OUT_OK,         "* OK {code} Dovecot (Debian) ready.",         STAY,          "3501 7.1.1" }, NULL },
    { { BEFORE,      EV_LOGIN,        OUT_OK,         "OK {code} Logged in",                         AUTHENTICATED, "3501 6.2.3" }, NULL },
    { { INSIDE,      EV_SELECT,       OUT_NO_SUCH,    NO_SUCH_BOX,                                   AUTHENTICATED, "3501 6.3.1" }, NULL },
    { { INSIDE,      EV_STATUS,       OUT_NO_SUCH,    NO_SUCH_BOX,                                   STAY,          "3501 6.3.10" }, NULL },
    { { INSIDE,      EV_DELETE,       OUT_REFUSED,    "NO INBOX can't be deleted",                   STAY,          "3501 6.3.4" }, NULL },
    { { IN(SELECTED), EV_STORE,       OUT_READ_ONLY,  "OK Store ignored with read-only mailbox",     STAY,          "3501 6.3.2" },
      "A program that trusts the OK believes that the flag is set." },
    { { IN(SELECTED), EV_EXPUNGE,     OUT_READ_ONLY,  "OK Expunge completed",                        STAY,          "3501 6.3.2" },
      "Nothing is removed." },
    { { IN(IDLING),  EV_DONE,         OUT_SYNTAX,     "BAD Expected DONE",                           SELECTED,      "2177 3" }, NULL },
    { { TALKING | IN(AUTHENTICATING), EV_ANY, OUT_TOO_MANY_ERRORS, "* BYE Too many invalid IMAP commands.", CLOSED, "3501 7.1.5" }, NULL },
};

static const struct told told[] = {
    { "I9", "refuses APPEND to a mailbox that is not there before it asks for the message",
      "NO [TRYCREATE] too, behind the message" },
    { "I11 I11b", "closes with * BYE at the next command when the selected mailbox is deleted",
      "its messages are expunged, and the session goes on in an empty mailbox" },
    { "I12b I22", "says OK [CLIENTBUG] to STATUS of the mailbox that is selected", "OK" },
    { "I15", "sends an empty literal for a part that is not there, and for a piece of no octets",
      "NIL, and BAD: a piece has one octet at least" },
    { "I24", "names its capabilities in an untagged line at LOGIN if they were asked for before",
      "in LOGIN's own answer, always" },
    { "I25", "has dots between the names of mailboxes in a Maildir, and takes no name with a slash",
      "slashes" },
    { "", "offers 31 capabilities after LOGIN", "our own, which the commands here have" },
    { "", "takes the zones --500, +.530 and +7545 of node-imap in APPEND's date, and files the message at another hour",
      "BAD: a zone has four digits (RFC 3501 9)" },
};

const struct dialect dialect_dovecot_imap = {
    .number = DIALECT_DOVECOT_IMAP,
    .name = "dovecot", .title = "Dovecot 2.3",
    .version = "2.3.19.1+deb12u7", .measured = "2026-11-30",
    .protocol = &imap_protocol,
    .rows = rows, .row_count = COUNT(rows),
    .manners = {
        .bad_commands_max = 21, .bad_strangers_max = 3, .bad_logins_max = BAD_LOGINS_MAX,
        .slow_after = NEVER,
        .takes_lf = true, .keeps_inbox = true,
    },
    .told = told, .told_count = COUNT(told),
};
