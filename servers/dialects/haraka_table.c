/* haraka_table.c: Haraka 3.3 as `haraka -i` makes it, with rcpt_to.in_host_list and queue/test alone.
   Measured 2026-11-30 over the wire. */
#include "servers/dialects/dialects.h"
#include "servers/smtp/smtp_rows.h"

static const struct dialect_row rows[] = {
    /* from            event     outcome          reply                                  next    rfc */
    { { IN(CONNECTED), EV_OPENED, OUT_OK,         "220 {detail} ESMTP Haraka/3.3.4 ready", STAY, "5321 3.1" }, NULL },
    { { TALKING,       EV_ANY,   OUT_TOO_LONG,    "521 Command line too long",           CLOSED, "5321 4.5.3.1.9" },
      "RFC 5321 4.5.3.1.9 has 500 for it; 521 is for a host that takes no mail at all (RFC 7504)." },
};

static const struct capability capabilities[] = {
    { "PIPELINING", GREETED, 0, 0, { 0 } },
    { "8BITMIME", GREETED, 0, 0, { EV_MAIL } },
    { "SMTPUTF8", GREETED, 0, 0, { EV_MAIL, EV_RCPT } },
    { "AUTH PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256", GREETED, FACT_SUBMISSION, FACT_LOGIN | FACT_REQUIRE_TLS, { EV_AUTH, EV_ANSWER } },
    { "STARTTLS", GREETED, FACT_STARTTLS, FACT_TLS, { EV_STARTTLS } },
    { "SIZE 33554432", GREETED, 0, 0, { EV_MAIL } },
};

static const struct told told[] = {
    { "S4 S12", "asks of a recipient only whether the domain is one of its own", "550 to whom nobody knows" },
    { "S6", "takes a second MAIL, and begins anew", "503: RFC 5321 4.1.4 allows no MAIL in a transaction" },
    { "S16a S16b S16c", "answers 451 to LF alone in a message, at once, and closes",
      "554 5.6.0 after the true end, and the connection stays" },
    { "S21", "refuses <postmaster>", "postmaster is always there (RFC 5321 4.5.1)" },
    { "", "cuts a line of 5,000 octets into lines of 991 and a blank", "it is kept whole" },
};

const struct dialect dialect_haraka = {
    .number = DIALECT_HARAKA,
    .name = "haraka", .title = "Haraka 3.3",
    .version = "3.3.4", .measured = "2026-11-30",
    .protocol = &smtp_protocol,
    .rows = rows, .row_count = COUNT(rows),
    .capabilities = capabilities, .capability_count = COUNT(capabilities),
    .lacks = VERB(EV_EXPN) | VERB(EV_BDAT),
    .manners = {
        .bad_commands_max = NEVER, .bad_logins_max = BAD_LOGINS_MAX, .slow_after = NEVER,
        .takes_lf = true, .takes_bare_address = true, .no_codes = true,
    },
    .told = told, .told_count = COUNT(told),
};
