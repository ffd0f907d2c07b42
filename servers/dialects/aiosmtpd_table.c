/* aiosmtpd_table.c: aiosmtpd 1.4 of Python as `python3 -m aiosmtpd -n` starts it. Measured 2026-11-30
   over the wire. It takes all recipients; only the codes of its protocol are here. */
#include "servers/dialects/dialects.h"
#include "servers/smtp/smtp_rows.h"

static const struct dialect_row rows[] = {
    /* from            event     outcome          reply                                  next    rfc */
    { { IN(CONNECTED), EV_OPENED, OUT_OK,         "220 {detail} Python SMTP 1.4.3",      STAY,   "5321 3.1" }, NULL },
    { { TALKING|IN(AUTHENTICATING), EV_ANY, OUT_TOO_MANY_ERRORS, "502 Too many unrecognized commands, goodbye.", CLOSED, "5321 3.8" },
      "RFC 5321 3.8 has 421 for a server that closes." },
};

static const struct capability capabilities[] = {
    { "8BITMIME", GREETED, 0, 0, { EV_MAIL } },
    { "AUTH PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256", GREETED, FACT_SUBMISSION, FACT_LOGIN | FACT_REQUIRE_TLS, { EV_AUTH, EV_ANSWER } },
    { "STARTTLS", GREETED, FACT_STARTTLS, FACT_TLS, { EV_STARTTLS } },
    { "HELP", GREETED, 0, 0, { EV_HELP } },
};

static const struct told told[] = {
    { "S4 S12 S13", "takes every recipient, <> too", "what it is told to, not how it speaks: 550" },
    { "S16a S16b S16c", "takes a message with LF alone", "554 5.6.0: a message is kept as it came, or not at all" },
    { "S19", "refuses a line of 5,000 octets by 500 after the dot", "it is kept whole" },
    { "", "says 502 5.5.1 when it closes, and no such code elsewhere", "502" },
};

const struct dialect dialect_aiosmtpd = {
    .number = DIALECT_AIOSMTPD,
    .name = "aiosmtpd", .title = "aiosmtpd 1.4",
    .version = "1.4.3", .measured = "2026-11-30",
    .protocol = &smtp_protocol,
    .rows = rows, .row_count = COUNT(rows),
    .capabilities = capabilities, .capability_count = COUNT(capabilities),
    .lacks = VERB(EV_BDAT),
    .manners = {
        .bad_commands_max = 5, .bad_logins_max = BAD_LOGINS_MAX, .slow_after = NEVER,
        .takes_lf = true, .takes_bare_address = true, .no_codes = true,
    },
    .told = told, .told_count = COUNT(told),
};
