/* courier_pop3_table.c: Courier's pop3d 1.0.16 as Debian 12 installs it. Measured 2026-11-30 over
   the wire. */
#include "servers/dialects/dialects.h"
#include "servers/pop3/pop3_rows.h"

static const struct dialect_row rows[] = {
    /* from                event        outcome         reply                                     next         rfc */
    { { IN(AUTHORIZATION), EV_OPENED,   OUT_OK,         "+OK Hello there.",                       STAY,        "1939 4" }, NULL },
    { { IN(AUTHORIZATION), EV_USER,     OUT_OK,         "+OK Password required.",                 STAY,        "1939 7" }, NULL },
    { { IN(AUTHORIZATION), EV_PASS,     OUT_OK,         "+OK logged in.",                         TRANSACTION, "1939 7" }, NULL },
    { { IN(AUTHORIZATION), EV_PASS,     OUT_NEEDS_USER, "-ERR USER/PASS required.",               STAY,        "1939 7" }, NULL },
    { { IN(AUTHORIZATION), EV_PASS,     OUT_BAD_LOGIN,  "-ERR Login failed.",                     STAY,        "1939 7" },
      "Without [AUTH] a program cannot tell a wrong password from trouble of the server (RFC 3206)." },
    { { IN(AUTHORIZATION), EV_ANY,      OUT_WRONG_TIME, "-ERR Invalid command.",                  STAY,        "1939 4" }, NULL },
    { { IN(AUTHORIZATION), EV_QUIT,     OUT_OK,         "+OK Better luck next time.",             CLOSED,      "1939 4" }, NULL },
    { { IN(UPDATE),        EV_RAISED,   OUT_OK,         "+OK Bye-bye.",                           CLOSED,      "1939 6" }, NULL },
    { { IN(TRANSACTION),   EV_RETR,     OUT_NO_SUCH,    "-ERR Invalid message number.",           STAY,        "1939 5" }, NULL },
    { { IN(TRANSACTION),   EV_RETR,     OUT_MARKED,     "-ERR Invalid message number.",           STAY,        "1939 5" }, NULL },
    { { IN(TRANSACTION),   EV_DELE,     OUT_OK,         "+OK Deleted.",                           STAY,        "1939 5" }, NULL },
    { { TALKING,           EV_UNKNOWN,  OUT_UNKNOWN,    "-ERR Invalid command.",                  STAY,        "1939 3" }, NULL },
};

static const char *const meanings[] = SHARED_MEANINGS;

static const struct capability capabilities[] = {
    { "STLS", IN(AUTHORIZATION), FACT_STARTTLS, FACT_TLS, { EV_STLS } },
    { "TOP", ALWAYS, 0, 0, { EV_TOP } },
    { "USER", ALWAYS, 0, FACT_REQUIRE_TLS, { EV_USER, EV_PASS } },
    { "PIPELINING", ALWAYS, 0, 0, { 0 } },
    { "UIDL", ALWAYS, 0, 0, { EV_UIDL } },
    { "IMPLEMENTATION Courier Mail Server", ALWAYS, 0, 0, { 0 } },
};

static const struct told told[] = {
    { "P4", "closes without a word in the tenth login, some 65 s after the greeting",
      "-ERR too many errors at the tenth" },
    { "P9", "sends the whole message for TOP 1 -1", "-ERR: there is no such number of lines" },
    { "", "offers LOGIN-DELAY and UTF8", "neither" },
    { "", "takes 5 to 8 s to refuse a password", "at once at first, then 1 s to 16 s, as always here" },
};

const struct dialect dialect_courier_pop3 = {
    .number = DIALECT_COURIER_POP3,
    .name = "courier", .title = "Courier pop3d 1.0",
    .version = "1.0.16", .measured = "2026-11-30",
    .protocol = &pop3_protocol,
    .rows = rows, .row_count = COUNT(rows),
    .capabilities = capabilities, .capability_count = COUNT(capabilities),
    .meanings = meanings,
    .manners = {
        .bad_commands_max = NEVER, .bad_logins_max = BAD_LOGINS_MAX, .slow_after = NEVER,
        .takes_lf = true, .shares_maildrop = SHARES_GONE, .takes_more_words = true,
    },
    .told = told, .told_count = COUNT(told),
};
