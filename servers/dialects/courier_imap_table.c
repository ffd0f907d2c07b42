/* courier_imap_table.c: Courier's imapd 5.0 as Debian 12 installs it. Measured 2026-11-30 over the
   wire. */
#include "servers/dialects/dialects.h"
#include "servers/imap/imap_rows.h"

#define ERROR "NO Error in IMAP command received by server."
#define NO_SUCH_BOX "NO Mailbox does not exist, or must be subscribed to."

static const struct dialect_row rows[] = {
    /* from           event           outcome          reply                                          next           rfc */
    { { BEFORE,       EV_OPENED,      OUT_OK,          "* OK {code} Courier-IMAP ready.",             STAY,          "3501 7.1.1" }, NULL },
    { { BEFORE,       EV_LOGIN,       OUT_OK,          "OK LOGIN Ok.",                                AUTHENTICATED, "3501 6.2.3" }, NULL },
    { { TALKING,      EV_ANY,         OUT_WRONG_TIME,  ERROR,                                         STAY,          "3501 3.1" },
      "All that was measured and could not be done got NO; to a line that cannot be read RFC 3501 7.1.3 has BAD." },
    { { TALKING,      EV_UNKNOWN,     OUT_UNKNOWN,     ERROR,                                         STAY,          "3501 2.2.1" }, NULL },
    { { TALKING,      EV_ANY,         OUT_SYNTAX,      ERROR,                                         STAY,          "3501 7.1.3" }, NULL },
    { { IN(IDLING),   EV_DONE,        OUT_SYNTAX,      ERROR,                                         SELECTED,      "2177 3" }, NULL },
    { { INSIDE,       EV_SELECT,      OUT_NO_SUCH,     NO_SUCH_BOX,                                   AUTHENTICATED, "3501 6.3.1" }, NULL },
    { { INSIDE,       EV_STATUS,      OUT_NO_SUCH,     NO_SUCH_BOX,                                   STAY,          "3501 6.3.10" }, NULL },
    { { INSIDE,       EV_CREATE,      OUT_EXISTS,      "NO INBOX already exists!",                    STAY,          "3501 6.3.3" }, NULL },
    { { INSIDE,       EV_DELETE,      OUT_REFUSED,     "NO Cannot delete this folder.",               STAY,          "3501 6.3.4" }, NULL },
    { { INSIDE,       EV_DELETE,      OUT_NO_SUCH,     NO_SUCH_BOX,                                   STAY,          "3501 6.3.4" }, NULL },
    { { INSIDE,       EV_RENAME,      OUT_REFUSED,     "NO INBOX rename not implemented.",            STAY,          "3501 6.3.5" }, NULL },
    { { IN(SELECTED), EV_ANY,         OUT_READ_ONLY,   "NO Current box is selected READ-ONLY.",       STAY,          "3501 6.3.2" }, NULL },
    { { TALKING | IN(AUTHENTICATING), EV_ANY, OUT_TOO_MANY_ERRORS, "* BYE [ALERT] Too many consecutive protocol violations.", CLOSED, "3501 7.1.5" }, NULL },
};

static const struct told told[] = {
    { "I7 I8", "says an untagged NO for each message that is not there, then OK", "NO, and nothing is done" },
    { "I9", "refuses APPEND to a mailbox that is not there before it asks for the message",
      "NO [TRYCREATE] too, behind the message" },
    { "I11", "does not delete the mailbox that is selected", "OK: its messages are expunged" },
    { "I11b", "lets a session read on in a mailbox that another one has deleted",
      "its messages are expunged there" },
    { "I15", "sends an empty literal for a piece of no octets", "NO: a piece has one octet at least" },
    { "", "has dots between the names of mailboxes, and all of them below INBOX", "slashes, and INBOX beside them" },
    { "", "offers other capabilities", "our own, which the commands here have" },
};

const struct dialect dialect_courier_imap = {
    .number = DIALECT_COURIER_IMAP,
    .name = "courier", .title = "Courier imapd 5.0",
    .version = "5.0.13", .measured = "2026-11-30",
    .protocol = &imap_protocol,
    .rows = rows, .row_count = COUNT(rows),
    .manners = {
        .bad_commands_max = 10, .bad_logins_max = BAD_LOGINS_MAX, .slow_after = NEVER,
        .takes_lf = true, .keeps_inbox = true,
    },
    .told = told, .told_count = COUNT(told),
};
