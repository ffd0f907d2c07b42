/* sendmail_table.c: sendmail 8.17 as Debian 12 installs it, port 25. Measured 2026-11-30 over the wire, as
   a stranger for what it does for strangers. */
#include "servers/dialects/dialects.h"
#include "servers/smtp/smtp_rows.h"

#define BEGUN (IN(MAILED) | IN(ADDRESSED))
#define TELLS "It tells who lives there, to anybody; RFC 5321 7.3 lets a server keep that to itself."

static const struct dialect_row rows[] = {
    /* from            event     outcome          reply                                  next    rfc */
    { { IN(CONNECTED), EV_OPENED, OUT_OK,         "220 {detail} ESMTP Sendmail 8.17.1.9/8.17.1.9/Debian-2+deb12u2", STAY, "5321 3.1" }, NULL },
    { { TALKING,       EV_EHLO,  OUT_SYNTAX,      "501 5.0.0 EHLO requires domain address", STAY, "5321 4.1.1.1" }, NULL },
    { { TALKING,       EV_HELO,  OUT_SYNTAX,      "501 5.0.0 HELO requires domain address", STAY, "5321 4.1.1.1" }, NULL },
    { { IN(CONNECTED), EV_MAIL,  OUT_WRONG_TIME,  "503 5.0.0 Polite people say HELO first", STAY, "5321 4.1.4" }, NULL },
    { { BEGUN,         EV_MAIL,  OUT_WRONG_TIME,  "503 5.5.0 Sender already specified",  STAY,   "5321 4.1.4" }, NULL },
    { { IN(READY),     EV_MAIL,  OUT_OK,          "250 2.1.0 Sender ok",                 MAILED, "5321 4.1.1.2" }, NULL },
    { { IN(READY),     EV_RCPT,  OUT_WRONG_TIME,  "503 5.0.0 Need MAIL before RCPT",     STAY,   "5321 3.3" }, NULL },
    { { BEGUN,         EV_RCPT,  OUT_OK,          "250 2.1.5 <{detail}>... Recipient ok", ADDRESSED, "5321 4.1.1.3" }, NULL },
    { { BEGUN,         EV_RCPT,  OUT_NO_SUCH,     "550 5.1.1 <{detail}>... User unknown", STAY,  "5321 3.3" }, NULL },
    { { BEGUN,         EV_RCPT,  OUT_REFUSED,     "550 5.7.1 <{detail}>... Relaying denied", STAY, "5321 3.6.2" }, NULL },
    { { IN(MAILED),    EV_DATA,  OUT_WRONG_TIME,  "503 5.0.0 Need RCPT (recipient)",     STAY,   "5321 3.3" }, NULL },
    { { IN(DATA),      EV_DOT,   OUT_OK,          "250 2.0.0 {detail} Message accepted for delivery", READY, "5321 4.1.1.4" }, NULL },
    { { TALKING,       EV_VRFY,  OUT_OK,          "250 2.1.5 <{detail}>",                STAY,   "5321 3.5.3" }, TELLS },
    { { TALKING,       EV_VRFY,  OUT_NO_SUCH,     "550 5.1.1 {detail}... User unknown",  STAY,   "5321 3.5.3" }, TELLS },
    { { TALKING,       EV_EXPN,  OUT_OK,          "250 2.1.5 <{detail}>",                STAY,   "5321 3.5.3" }, TELLS },
    { { TALKING,       EV_EXPN,  OUT_NO_SUCH,     "550 5.1.1 {detail}... User unknown",  STAY,   "5321 3.5.3" }, TELLS },
    { { TALKING,       EV_UNKNOWN, OUT_UNKNOWN,   "500 5.5.1 Command unrecognized",      STAY,   "5321 4.2.4" }, NULL },
    { { TALKING,       EV_ANY,   OUT_TOO_LONG,    "421 4.7.0 Command too long, possible attack", CLOSED, "5321 4.5.3.1.9" },
      "RFC 5321 4.5.3.1.9 has 500 for it, and no close." },
    { { TALKING|IN(AUTHENTICATING), EV_ANY, OUT_TOO_MANY_ERRORS, "421 4.7.0 Too many bad commands; closing connection", CLOSED, "5321 3.8" }, NULL },
};

static const struct capability capabilities[] = {
    { "ENHANCEDSTATUSCODES", GREETED, 0, 0, { 0 } },
    { "PIPELINING", GREETED, 0, 0, { 0 } },
    { "EXPN", GREETED, 0, 0, { EV_EXPN } },
    { "8BITMIME", GREETED, 0, 0, { EV_MAIL } },
    { "SIZE 33554432", GREETED, 0, 0, { EV_MAIL } },
    { "DSN", GREETED, 0, 0, { EV_MAIL, EV_RCPT } },
    { "AUTH PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256", GREETED, FACT_SUBMISSION, FACT_LOGIN | FACT_REQUIRE_TLS, { EV_AUTH, EV_ANSWER } },
    { "STARTTLS", GREETED, FACT_STARTTLS, FACT_TLS, { EV_STARTTLS } },
    { "HELP", GREETED, 0, 0, { EV_HELP } },
};

static const struct told told[] = {
    { "S16a S16b S16c", "answers 421 4.5.0 to LF alone in a message, at once, and closes",
      "554 5.6.0 after the true end, and the connection stays" },
    { "S21", "had no postmaster: on the machine that was measured there was no /etc/aliases",
      "postmaster is always there (RFC 5321 4.5.1)" },
    { "", "waits 1 s before it greets a stranger, and answers his eleventh connection in 10 minutes by 421 4.3.2",
      "neither" },
    { "", "offers VERB, ETRN and DELIVERBY", "these are not there" },
};

const struct dialect dialect_sendmail = {
    .number = DIALECT_SENDMAIL,
    .name = "sendmail", .title = "sendmail 8.17",
    .version = "8.17.1.9-2+deb12u2", .measured = "2026-11-30",
    .protocol = &smtp_protocol,
    .rows = rows, .row_count = COUNT(rows),
    .capabilities = capabilities, .capability_count = COUNT(capabilities),
    .lacks = VERB(EV_BDAT),
    .ignores = VERB(EV_RSET) | VERB(EV_QUIT),
    .manners = {
        .bad_commands_max = 26, .bad_logins_max = BAD_LOGINS_MAX,
        .slow_after = NEVER,
        .takes_lf = true, .takes_bare_address = true, .vouches = VOUCHES,
    },
    .told = told, .told_count = COUNT(told),
};
