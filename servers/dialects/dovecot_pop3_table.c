/* dovecot_pop3_table.c: Dovecot 2.3 as Debian 12 installs it, POP3. Measured 2026-11-30 over the
   wire. */
#include "servers/dialects/dialects.h"
#include "servers/pop3/pop3_rows.h"

#define UNKNOWN "-ERR Unknown command."

static const struct dialect_row rows[] = {
    /* from                event        outcome         reply                                     next         rfc */
    { { IN(AUTHORIZATION), EV_OPENED,   OUT_OK,         "+OK Dovecot (Debian) ready.",            STAY,        "1939 4" }, NULL },
    { { IN(AUTHORIZATION), EV_USER,     OUT_OK,         "+OK",                                    STAY,        "1939 7" }, NULL },
    { { IN(AUTHORIZATION), EV_PASS,     OUT_OK,         "+OK Logged in.",                         TRANSACTION, "1939 7" }, NULL },
    { { IN(AUTHORIZATION), EV_PASS,     OUT_NEEDS_USER, "-ERR No username given.",                STAY,        "1939 7" }, NULL },
    { { IN(AUTHORIZATION), EV_PASS,     OUT_BAD_LOGIN,  "-ERR [AUTH] Authentication failed.",     STAY,        "1939 7" }, NULL },
    { { IN(AUTHORIZATION), EV_ANY,      OUT_WRONG_TIME, UNKNOWN,                                  STAY,        "1939 4" }, NULL },
    { { IN(AUTHORIZATION), EV_QUIT,     OUT_OK,         "+OK Logging out",                        CLOSED,      "1939 4" }, NULL },
    { { IN(UPDATE),        EV_RAISED,   OUT_OK,         "+OK Logging out.",                       CLOSED,      "1939 6" }, NULL },
    { { IN(TRANSACTION),   EV_RETR,     OUT_MARKED,     "-ERR Message is deleted.",               STAY,        "1939 5" }, NULL },
    { { IN(TRANSACTION),   EV_DELE,     OUT_OK,         "+OK Marked to be deleted.",              STAY,        "1939 5" }, NULL },
    { { TALKING,           EV_UNKNOWN,  OUT_UNKNOWN,    UNKNOWN,                                  STAY,        "1939 3" }, NULL },
    { { OPEN,              EV_ANY,      OUT_TOO_MANY_ERRORS, "-ERR Too many bad commands.",       CLOSED,      "1939 3" }, NULL },
};

static const char *const meanings[] = SHARED_MEANINGS;

static const struct capability capabilities[] = {
    { "TOP", ALWAYS, 0, 0, { EV_TOP } },
    { "UIDL", ALWAYS, 0, 0, { EV_UIDL } },
    { "RESP-CODES", ALWAYS, 0, 0, { 0 } },
    { "PIPELINING", ALWAYS, 0, 0, { 0 } },
    { "AUTH-RESP-CODE", ALWAYS, 0, 0, { EV_PASS, EV_APOP, EV_AUTH, EV_ANSWER } },
    { "STLS", IN(AUTHORIZATION), FACT_STARTTLS, FACT_TLS, { EV_STLS } },
    { "USER", ALWAYS, 0, FACT_REQUIRE_TLS, { EV_USER, EV_PASS } },
    { "SASL PLAIN", ALWAYS, 0, FACT_REQUIRE_TLS, { EV_AUTH, EV_ANSWER } },
};

static const struct told told[] = {
    { "", "takes 4 to 12 s to refuse a wrong password", "at once at first, then 1 s to 16 s, as always here" },
    { "", "makes a UIDL of UID and UIDVALIDITY in 16 hexadecimal digits", "1767603600.14: UIDVALIDITY, UID" },
};

const struct dialect dialect_dovecot_pop3 = {
    .number = DIALECT_DOVECOT_POP3,
    .name = "dovecot", .title = "Dovecot 2.3",
    .version = "2.3.19.1+deb12u7", .measured = "2026-11-30",
    .protocol = &pop3_protocol,
    .rows = rows, .row_count = COUNT(rows),
    .capabilities = capabilities, .capability_count = COUNT(capabilities),
    .meanings = meanings,
    .manners = {
        .bad_commands_max = 22, .bad_logins_max = NEVER, .slow_after = NEVER,
        .takes_lf = true, .shares_maildrop = SHARES_GONE,
    },
    .told = told, .told_count = COUNT(told),
};
