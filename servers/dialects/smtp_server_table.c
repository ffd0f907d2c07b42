/* smtp_server_table.c: smtp-server 3.21 of Nodemailer, without a login, keeping what comes. Measured
   2026-11-30 over the wire. It takes all recipients; only the codes of its protocol are here. */
#include "servers/dialects/dialects.h"
#include "servers/smtp/smtp_rows.h"

static const struct dialect_row rows[] = {
    /* from            event     outcome          reply                                  next    rfc */
    { { IN(CONNECTED), EV_OPENED, OUT_OK,         "220 {detail} ESMTP",                  STAY,   "5321 3.1" }, NULL },
};

static const struct capability capabilities[] = {
    { "PIPELINING", GREETED, 0, 0, { 0 } },
    { "8BITMIME", GREETED, 0, 0, { EV_MAIL } },
    { "SMTPUTF8", GREETED, 0, 0, { EV_MAIL, EV_RCPT } },
    { "AUTH PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256", GREETED, FACT_SUBMISSION, FACT_LOGIN | FACT_REQUIRE_TLS, { EV_AUTH, EV_ANSWER } },
    { "STARTTLS", GREETED, FACT_STARTTLS, FACT_TLS, { EV_STARTTLS } },
};

static const struct told told[] = {
    { "S4 S12 S13", "takes every recipient", "what it is told to, not how it speaks: 550" },
    { "S10", "looks at the form of RCPT before it asks whether it is time for one: 501", "503" },
    { "S16a S16b S16c", "takes a message with LF alone", "554 5.6.0: a message is kept as it came, or not at all" },
};

const struct dialect dialect_smtp_server = {
    .number = DIALECT_SMTP_SERVER,
    .name = "smtp-server", .title = "smtp-server 3.21",
    .version = "3.21.6", .measured = "2026-11-30",
    .protocol = &smtp_protocol,
    .rows = rows, .row_count = COUNT(rows),
    .capabilities = capabilities, .capability_count = COUNT(capabilities),
    .line_max = 4096,
    .lacks = VERB(EV_EXPN) | VERB(EV_BDAT),
    .ignores = VERB(EV_RSET) | VERB(EV_QUIT),
    .manners = {
        .bad_commands_max = 10, .bad_logins_max = BAD_LOGINS_MAX, .slow_after = NEVER,
        .takes_lf = true, .no_codes = true,
    },
    .told = told, .told_count = COUNT(told),
};
