/* cyrus_pop3_table.c: Cyrus 3.6 as Debian 12 installs it, with popminpoll 0, POP3. Measured
   2026-11-30 over the wire. */
#include "servers/dialects/dialects.h"
#include "servers/pop3/pop3_rows.h"

#define UNKNOWN "-ERR Unrecognized command"

static const struct dialect_row rows[] = {
    /* from                event        outcome         reply                                     next         rfc */
    { { IN(AUTHORIZATION), EV_OPENED,   OUT_OK,         "+OK Cyrus POP3 3.6.1-Debian-3.6.1-4+deb12u5 server ready {detail}", STAY, "1939 4" }, NULL },
    { { IN(AUTHORIZATION), EV_USER,     OUT_OK,         "+OK Name is a valid mailbox",            STAY,        "1939 7" },
      "It says so of any name." },
    { { IN(AUTHORIZATION), EV_PASS,     OUT_OK,         "+OK Mailbox locked and ready",           TRANSACTION, "1939 7" },
      "It says so to two sessions at once: nothing is locked." },
    { { IN(AUTHORIZATION), EV_PASS,     OUT_NEEDS_USER, "-ERR [AUTH] Must give USER command",     STAY,        "1939 7" }, NULL },
    { { IN(AUTHORIZATION), EV_PASS,     OUT_BAD_LOGIN,  "-ERR [AUTH] Invalid login",              STAY,        "1939 7" }, NULL },
    { { IN(AUTHORIZATION), EV_ANY,      OUT_WRONG_TIME, UNKNOWN,                                  STAY,        "1939 4" }, NULL },
    { { IN(AUTHORIZATION), EV_QUIT,     OUT_OK,         "+OK",                                    CLOSED,      "1939 4" }, NULL },
    { { IN(UPDATE),        EV_RAISED,   OUT_OK,         "+OK",                                    CLOSED,      "1939 6" }, NULL },
    { { IN(TRANSACTION),   EV_RETR,     OUT_NO_SUCH,    "-ERR No such message",                   STAY,        "1939 5" }, NULL },
    { { IN(TRANSACTION),   EV_RETR,     OUT_MARKED,     "-ERR No such message",                   STAY,        "1939 5" }, NULL },
    { { IN(TRANSACTION),   EV_DELE,     OUT_OK,         "+OK message deleted",                    STAY,        "1939 5" }, NULL },
    { { TALKING,           EV_UNKNOWN,  OUT_UNKNOWN,    UNKNOWN,                                  STAY,        "1939 3" }, NULL },
};

static const char *const meanings[] = SHARED_MEANINGS;

static const struct capability capabilities[] = {
    { "SASL PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256", ALWAYS, 0, FACT_REQUIRE_TLS, { EV_AUTH, EV_ANSWER } },
    { "EXPIRE NEVER", ALWAYS, 0, 0, { 0 } },
    { "LOGIN-DELAY 0", ALWAYS, 0, 0, { 0 } },
    { "TOP", ALWAYS, 0, 0, { EV_TOP } },
    { "UIDL", ALWAYS, 0, 0, { EV_UIDL } },
    { "PIPELINING", ALWAYS, 0, 0, { 0 } },
    { "RESP-CODES", ALWAYS, 0, 0, { 0 } },
    { "AUTH-RESP-CODE", ALWAYS, 0, 0, { EV_PASS, EV_APOP, EV_AUTH, EV_ANSWER } },
    { "USER", ALWAYS, 0, FACT_REQUIRE_TLS, { EV_USER, EV_PASS } },
    { "IMPLEMENTATION Cyrus POP3 3.6.1-Debian-3.6.1-4+deb12u5", ALWAYS, 0, 0, { 0 } },
};

static const struct told told[] = {
    { "", "lets nobody in again within a minute, as Debian sets it: -ERR [LOGIN-DELAY]",
      "what was measured without that setting" },
    { "", "takes 3 s to refuse a password", "at once at first, then 1 s to 16 s, as always here" },
};

const struct dialect dialect_cyrus_pop3 = {
    .number = DIALECT_CYRUS_POP3,
    .name = "cyrus", .title = "Cyrus 3.6",
    .version = "3.6.1-4+deb12u5", .measured = "2026-11-30",
    .protocol = &pop3_protocol,
    .rows = rows, .row_count = COUNT(rows),
    .capabilities = capabilities, .capability_count = COUNT(capabilities),
    .meanings = meanings,
    .manners = {
        .bad_commands_max = NEVER, .bad_logins_max = NEVER, .slow_after = NEVER,
        .takes_lf = true, .shares_maildrop = SHARES_KEPT, .top_lines_max = 0x7fffffff,
    },
    .told = told, .told_count = COUNT(told),
};
