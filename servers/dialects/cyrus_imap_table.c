/* cyrus_imap_table.c: Cyrus 3.6 as Debian 12 installs it, IMAP. Measured 2026-11-30 over the wire. */
#include "servers/dialects/dialects.h"
#include "servers/imap/imap_rows.h"

static const struct dialect_row rows[] = {
    /* from          event            outcome         reply                                          next           rfc */
    { { BEFORE,      EV_OPENED,       OUT_OK,         "* OK {code} {detail} Cyrus IMAP 3.6.1-Debian-3.6.1-4+deb12u5 server ready", STAY, "3501 7.1.1" }, NULL },
    { { BEFORE,      EV_LOGIN,        OUT_OK,         "OK {code} User logged in",                    AUTHENTICATED, "3501 6.2.3" }, NULL },
    { { INSIDE,      EV_SELECT,       OUT_NO_SUCH,    "NO Mailbox does not exist",                   AUTHENTICATED, "3501 6.3.1" }, NULL },
    { { INSIDE,      EV_CREATE,       OUT_EXISTS,     "NO Mailbox already exists",                   STAY,          "3501 6.3.3" }, NULL },
    { { INSIDE,      EV_DELETE,       OUT_REFUSED,    "NO Operation is not supported on mailbox",    STAY,          "3501 6.3.4" }, NULL },
    { { IN(SELECTED), EV_ANY,         OUT_READ_ONLY,  "NO Permission denied",                        STAY,          "3501 6.3.2" }, NULL },
    { { IN(SELECTED), EV_SEARCH,      OUT_UNSUPPORTED, "BAD Unrecognized character set",             STAY,          "3501 6.4.4" }, NULL },
};

static const struct told told[] = {
    { "I2 I13", "answers a line of one word by * BAD Invalid tag", "BAD under that word: it may be a tag" },
    { "I7 I8", "says NO to FETCH 0 and FETCH 99, OK to FETCH 2,99 with what there is, and takes STORE 1:* in an empty mailbox",
      "BAD to a number that no message has" },
    { "I9", "refuses APPEND to a mailbox that is not there before it asks for the message",
      "NO [TRYCREATE] too, behind the message" },
    { "I11 I11b", "says OK [MAILBOXID] to CREATE", "OK" },
    { "I20", "says OK [HIGHESTMODSEQ] to EXPUNGE", "OK, unless a program has asked for such numbers" },
    { "I25", "does not delete a mailbox with others below it: NO [HASCHILDREN]",
      "it does, and the name stays without a mailbox" },
    { "", "offers other capabilities", "our own, which the commands here have" },
};

const struct dialect dialect_cyrus_imap = {
    .number = DIALECT_CYRUS_IMAP,
    .name = "cyrus", .title = "Cyrus 3.6",
    .version = "3.6.1-4+deb12u5", .measured = "2026-11-30",
    .protocol = &imap_protocol,
    .rows = rows, .row_count = COUNT(rows),
    .manners = {
        .bad_commands_max = NEVER, .bad_logins_max = BAD_LOGINS_MAX, .slow_after = NEVER,
        .takes_lf = true,
    },
    .told = told, .told_count = COUNT(told),
};
