/* popa3d_table.c: popa3d 1.0.3 as Debian 12 installs it (-D). Measured 2026-11-30 over the wire. */
#include "servers/dialects/dialects.h"
#include "servers/pop3/pop3_rows.h"

static const struct dialect_row rows[] = {
    /* from                event        outcome         reply                                     next         rfc */
    { { IN(AUTHORIZATION), EV_OPENED,   OUT_OK,         "+OK",                                    STAY,        "1939 4" }, NULL },
    { { IN(AUTHORIZATION), EV_PASS,     OUT_BAD_LOGIN,  "-ERR Authentication failed (bad password?)", CLOSED,  "1939 7" },
      "One slip, and the program has to connect again." },
};

static const char *const meanings[] = SHARED_MEANINGS;

static const struct capability capabilities[] = {
    { "USER", ALWAYS, 0, FACT_REQUIRE_TLS, { EV_USER, EV_PASS } },
    { "TOP", ALWAYS, 0, 0, { EV_TOP } },
    { "UIDL", ALWAYS, 0, 0, { EV_UIDL } },
    { "STLS", IN(AUTHORIZATION), FACT_STARTTLS, FACT_TLS, { EV_STLS } },
};

static const struct told told[] = {
    { "P11", "still has LAST: +OK 2 behind RETR 2", "-ERR: it left POP3 in 1994 (RFC 1725)" },
    { "P13b", "closes without a word when a message is read that another session has removed", "-ERR" },
    { "", "takes 2 s to refuse a password", "at once at first, then 1 s to 16 s, as always here" },
};

const struct dialect dialect_popa3d = {
    .number = DIALECT_POPA3D,
    .name = "popa3d", .title = "popa3d 1.0",
    .version = "1.0.3-1.1", .measured = "2026-11-30",
    .protocol = &pop3_protocol,
    .rows = rows, .row_count = COUNT(rows),
    .capabilities = capabilities, .capability_count = COUNT(capabilities),
    .meanings = meanings,
    .lacks = VERB(EV_CAPA),
    .manners = {
        .bad_commands_max = NEVER, .bad_logins_max = BAD_LOGINS_MAX, .slow_after = NEVER,
        .takes_lf = true, .shares_maildrop = SHARES_GONE, .top_lines_max = 0x7fffffff,
    },
    .told = told, .told_count = COUNT(told),
};
