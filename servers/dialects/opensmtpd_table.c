/* opensmtpd_table.c: OpenSMTPD 6.8 as Debian 12 installs it, port 25. Measured 2026-11-30 over the wire,
   from its own machine where it takes mail from nobody else, as a stranger for relaying. */
#include "servers/dialects/dialects.h"
#include "servers/smtp/smtp_rows.h"

#define BEGUN (IN(MAILED) | IN(ADDRESSED))
#define NOT_NOW "503 5.5.1 Invalid command: Command not allowed at this point."
#define NO_WORDS "500 5.5.4 Invalid command arguments: command does not accept arguments."
#define TWICE "503 5.5.1 Invalid command: Already identified"

static const struct dialect_row rows[] = {
    /* from            event     outcome          reply                                  next    rfc */
    { { IN(CONNECTED), EV_OPENED, OUT_OK,         "220 {detail} ESMTP OpenSMTPD",        STAY,   "5321 3.1" }, NULL },
    { { IN(CONNECTED), EV_EHLO,  OUT_SYNTAX,      "501 5.5.1 Invalid command: EHLO requires domain name", STAY, "5321 4.1.1.1" }, NULL },
    { { IN(CONNECTED), EV_HELO,  OUT_SYNTAX,      "501 5.5.1 Invalid command: HELO requires domain name", STAY, "5321 4.1.1.1" }, NULL },
    { { GREETED,       EV_EHLO,  OUT_WRONG_TIME,  TWICE,                                 STAY,   "5321 4.1.4" },
      "RFC 5321 4.1.4 lets EHLO come again, as RSET does; and 503 is none of the codes that it has for refusing one." },
    { { IN(CONNECTED), EV_MAIL,  OUT_WRONG_TIME,  NOT_NOW,                               STAY,   "5321 4.1.4" }, NULL },
    { { BEGUN,         EV_MAIL,  OUT_WRONG_TIME,  NOT_NOW,                               STAY,   "5321 4.1.4" }, NULL },
    { { IN(READY),     EV_MAIL,  OUT_OK,          "250 2.0.0 Ok",                        MAILED, "5321 4.1.1.2" }, NULL },
    { { IN(READY),     EV_MAIL,  OUT_SYNTAX,      "553 5.1.0 Sender address syntax error", STAY, "5321 4.1.1.2" }, NULL },
    { { IN(READY),     EV_RCPT,  OUT_WRONG_TIME,  NOT_NOW,                               STAY,   "5321 3.3" }, NULL },
    { { BEGUN,         EV_RCPT,  OUT_OK,          "250 2.1.5 Destination address valid: Recipient ok", ADDRESSED, "5321 4.1.1.3" }, NULL },
    { { BEGUN,         EV_RCPT,  OUT_NO_SUCH,     "550 Invalid recipient: <{detail}>",   STAY,   "5321 3.3" }, NULL },
    { { BEGUN,         EV_RCPT,  OUT_REFUSED,     "550 Invalid recipient: <{detail}>",   STAY,   "5321 3.6.2" }, NULL },
    { { IN(MAILED),    EV_DATA,  OUT_WRONG_TIME,  "503 5.5.4 Invalid command arguments: No recipient specified", STAY, "5321 3.3" }, NULL },
    { { IN(ADDRESSED), EV_DATA,  OUT_OK,          "354 Enter mail, end with \".\" on a line by itself", DATA, "5321 4.1.1.4" }, NULL },
    { { IN(DATA),      EV_DOT,   OUT_OK,          "250 2.0.0 {detail} Message accepted for delivery", READY, "5321 4.1.1.4" }, NULL },
    { { TALKING,       EV_RSET,  OUT_SYNTAX,      NO_WORDS,                              STAY,   "5321 4.1.1.5" }, NULL },
    { { TALKING,       EV_NOOP,  OUT_SYNTAX,      NO_WORDS,                              STAY,   "5321 4.1.1.9" },
      "RFC 5321 4.1.1.9 says that servers should ignore what stands behind NOOP." },
    { { TALKING,       EV_QUIT,  OUT_SYNTAX,      NO_WORDS,                              STAY,   "5321 4.1.1.10" }, NULL },
    { { TALKING,       EV_UNKNOWN, OUT_UNKNOWN,   "500 5.5.1 Invalid command: Command unrecognized", STAY, "5321 4.2.4" }, NULL },
    { { TALKING,       EV_ANY,   OUT_TOO_LONG,    "500 5.0.0 Command line too long",     CLOSED, "5321 4.5.3.1.9" }, NULL },
};

static const struct capability capabilities[] = {
    { "8BITMIME", GREETED, 0, 0, { EV_MAIL } },
    { "ENHANCEDSTATUSCODES", GREETED, 0, 0, { 0 } },
    { "SIZE 33554432", GREETED, 0, 0, { EV_MAIL } },
    { "DSN", GREETED, 0, 0, { EV_MAIL, EV_RCPT } },
    { "AUTH PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256", GREETED, FACT_SUBMISSION, FACT_LOGIN | FACT_REQUIRE_TLS, { EV_AUTH, EV_ANSWER } },
    { "STARTTLS", GREETED, FACT_STARTTLS, FACT_TLS, { EV_STARTTLS } },
    { "HELP", GREETED, 0, 0, { EV_HELP } },
};

static const struct told told[] = {
    { "S16a S16b S16c", "ends a message at LF.LF, CRLF.LF and LF.CRLF",
      "554 5.6.0 after the true end: what follows such a dot would be read as commands (RFC 5321 4.1.1.4 forbids it)" },
    { "", "takes mail from clients on its own machine alone: 550 to all recipients of a stranger",
      "a world without mail teaches nothing: its own users' mail is taken" },
    { "", "closes with 500 when lines come together, for it offers no PIPELINING",
      "the answer would depend on how octets are cut" },
};

const struct dialect dialect_opensmtpd = {
    .number = DIALECT_OPENSMTPD,
    .name = "opensmtpd", .title = "OpenSMTPD 6.8",
    .version = "6.8.0p2-4+b4", .measured = "2026-11-30",
    .protocol = &smtp_protocol,
    .rows = rows, .row_count = COUNT(rows),
    .capabilities = capabilities, .capability_count = COUNT(capabilities),
    .lacks = VERB(EV_VRFY) | VERB(EV_EXPN) | VERB(EV_BDAT),
    .refuses = VERB(EV_NOOP),
    .manners = {
        .bad_commands_max = NEVER, .bad_logins_max = BAD_LOGINS_MAX,
        .slow_after = NEVER,
        .takes_lf = true,
    },
    .told = told, .told_count = COUNT(told),
};
