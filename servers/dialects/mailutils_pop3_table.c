/* mailutils_pop3_table.c: pop3d of GNU mailutils 3.15 as Debian 12 installs it (--daemon). Measured
   2026-11-30 over the wire. */
#include "servers/dialects/dialects.h"
#include "servers/pop3/pop3_rows.h"

static const struct dialect_row rows[] = {
    /* from                event        outcome         reply                                     next         rfc */
    { { IN(AUTHORIZATION), EV_OPENED,   OUT_OK,         "+OK POP3 Ready {detail}",                STAY,        "1939 4" }, NULL },
    { { IN(TRANSACTION),   EV_DELE,     OUT_MARKED,     "+OK Message {detail} marked",            STAY,        "1939 5" },
      "Marked it is; RFC 1939 5 has -ERR for a message that was deleted." },
};

static const struct capability capabilities[] = {
    { "TOP", ALWAYS, 0, 0, { EV_TOP } },
    { "UIDL", ALWAYS, 0, 0, { EV_UIDL } },
    { "RESP-CODES", ALWAYS, 0, 0, { 0 } },
    { "PIPELINING", ALWAYS, 0, 0, { 0 } },
    { "AUTH-RESP-CODE", ALWAYS, 0, 0, { EV_PASS } },
    { "USER", ALWAYS, 0, FACT_REQUIRE_TLS, { EV_USER, EV_PASS } },
    { "STLS", IN(AUTHORIZATION), FACT_STARTTLS, FACT_TLS, { EV_STLS } },
};

static const struct told told[] = {
    { "P9", "sends the whole message for TOP 1 -1", "-ERR: there is no such number of lines" },
    { "", "offers EXPIRENEVER, without the blank", "EXPIRE NEVER is not offered" },
    { "", "writes into the mailbox by reading it: 474 octets are 583 in the next session", "a message is kept as it came" },
    { "", "takes 2 s to refuse the password of a user that it has, and no time for others",
      "at once at first, then 1 s to 16 s, for both" },
};

const struct dialect dialect_mailutils_pop3 = {
    .number = DIALECT_MAILUTILS_POP3,
    .name = "mailutils", .title = "mailutils pop3d 3.15",
    .version = "3.15-4", .measured = "2026-11-30",
    .protocol = &pop3_protocol,
    .rows = rows, .row_count = COUNT(rows),
    .capabilities = capabilities, .capability_count = COUNT(capabilities),
    .manners = {
        .bad_commands_max = NEVER, .bad_logins_max = NEVER, .slow_after = NEVER,
        .takes_lf = true,
    },
    .told = told, .told_count = COUNT(told),
};
