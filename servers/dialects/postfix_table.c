/* postfix_table.c: Postfix 3.7 as Debian 12 installs it ("Internet Site"), port 25. Measured 2026-11-30
   over the wire, as a stranger for what it does for strangers. */
#include "servers/dialects/dialects.h"
#include "servers/smtp/smtp_rows.h"

#define EARLY IN(CONNECTED)

static const struct dialect_row rows[] = {
    /* from            event     outcome          reply                                  next    rfc */
    { { EARLY,         EV_OPENED, OUT_OK,         "220 {detail} ESMTP Postfix (Debian/GNU)", STAY, "5321 3.1" }, NULL },
    { { TALKING,       EV_EHLO,  OUT_SYNTAX,      "501 Syntax: EHLO hostname",           STAY,   "5321 4.1.1.1" },
      "It says no enhanced code there, though it offers them." },
    { { TALKING,       EV_HELO,  OUT_SYNTAX,      "501 Syntax: HELO hostname",           STAY,   "5321 4.1.1.1" }, NULL },

    /* smtpd_helo_required is off: a message may begin without a hello. */
    { { EARLY,         EV_MAIL,  OUT_OK,          "250 2.1.0 Ok",                        MAILED, "5321 4.1.4" },
      "The client must say EHLO first; that the server must insist is nowhere said." },
    { { EARLY,         EV_MAIL,  OUT_SYNTAX,      "501 {code} {detail}",                 STAY,   "5321 4.1.1.2" }, NULL },
    { { EARLY,         EV_MAIL,  OUT_UNSUPPORTED, "555 5.5.4 Parameter not known here: {detail}", STAY, "5321 4.1.1.11" }, NULL },
    { { EARLY,         EV_MAIL,  OUT_TOO_BIG,     "552 5.3.4 Message size exceeds the limit offered by SIZE", STAY, "1870 6.1" }, NULL },
    { { EARLY,         EV_MAIL,  OUT_NEEDS_UTF8,  "550 5.6.7 A non-ASCII address needs SMTPUTF8", STAY, "6531 3.5" }, NULL },
    { { EARLY,         EV_MAIL,  OUT_NEEDS_LOGIN, "530 5.7.0 Authentication required",   STAY,   "4954 6" }, NULL },
    { { EARLY,         EV_MAIL,  OUT_NEEDS_TLS,   "530 5.7.0 Must issue a STARTTLS command first", STAY, "3207 4" }, NULL },
    { { IN(MAILED)|IN(ADDRESSED), EV_MAIL, OUT_WRONG_TIME, "503 5.5.1 Error: nested MAIL command", STAY, "5321 4.1.4" }, NULL },

    { { EARLY|IN(READY), EV_RCPT, OUT_WRONG_TIME, "503 5.5.1 Error: need MAIL command",  STAY,   "5321 3.3" }, NULL },
    { { IN(MAILED)|IN(ADDRESSED), EV_RCPT, OUT_NO_SUCH, "550 5.1.1 <{detail}>: Recipient address rejected: User unknown in local recipient table", STAY, "5321 3.3" }, NULL },
    { { IN(MAILED)|IN(ADDRESSED), EV_RCPT, OUT_REFUSED, "454 4.7.1 <{detail}>: Relay access denied", STAY, "5321 3.6.2" },
      "RFC 5321 7.9 would have 550. By 4xx a client tries again for days: Debian sets it so that no message is lost by a slip in its settings." },

    { { IN(MAILED),    EV_DATA,  OUT_WRONG_TIME,  "554 5.5.1 Error: no valid recipients", STAY,  "5321 3.3" },
      "RFC 5321 3.3 allows 503 and 554 there." },

    { { TALKING,       EV_RSET,  OUT_SYNTAX,      "501 5.5.4 Syntax: RSET",              STAY,   "5321 4.1.1.5" }, NULL },
    { { TALKING,       EV_VRFY,  OUT_OK,          "252 2.0.0 {detail}",                  STAY,   "5321 3.5.3" }, NULL },
    { { TALKING,       EV_VRFY,  OUT_NO_SUCH,     "550 5.1.1 <{detail}>: Recipient address rejected: User unknown in local recipient table", STAY, "5321 3.5.3" },
      "It tells who lives there, to anybody; RFC 5321 7.3 lets a server keep that to itself." },
    { { TALKING,       EV_UNKNOWN, OUT_UNKNOWN,   "500 5.5.2 Error: command not recognized", STAY, "5321 4.2.4" }, NULL },
    { { TALKING|IN(AUTHENTICATING), EV_ANY, OUT_TOO_MANY_ERRORS, "421 4.7.0 Error: too many errors", CLOSED, "5321 3.8" }, NULL },
};

static const struct capability capabilities[] = {
    { "PIPELINING", GREETED, 0, 0, { 0 } },
    { "SIZE 33554432", GREETED, 0, 0, { EV_MAIL } },
    { "VRFY", GREETED, 0, 0, { EV_VRFY } },
    { "STARTTLS", GREETED, FACT_STARTTLS, FACT_TLS, { EV_STARTTLS } },
    { "AUTH PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256", GREETED, FACT_SUBMISSION, FACT_LOGIN | FACT_REQUIRE_TLS, { EV_AUTH, EV_ANSWER } },
    { "ENHANCEDSTATUSCODES", GREETED, 0, 0, { 0 } },
    { "8BITMIME", GREETED, 0, 0, { EV_MAIL } },
    { "DSN", GREETED, 0, 0, { EV_MAIL, EV_RCPT } },
    { "SMTPUTF8", GREETED, 0, 0, { EV_MAIL, EV_RCPT } },
    { "CHUNKING", GREETED, 0, 0, { EV_BDAT, EV_CHUNK } },
};

static const struct told told[] = {
    { "S16a S16b S16c", "ends a message at LF.LF, CRLF.LF and LF.CRLF",
      "554 5.6.0 after the true end: what follows such a dot would be read as commands (RFC 5321 4.1.1.4 forbids it)" },
    { "", "relays for clients on its own machine, and for nobody else",
      "nobody in a world is on the server's machine: 454, as a stranger gets" },
    { "", "offers SIZE 10240000 and ETRN", "SIZE says what is taken here, and there is no ETRN" },
};

const struct dialect dialect_postfix = {
    .number = DIALECT_POSTFIX,
    .name = "postfix", .title = "Postfix 3.7",
    .version = "3.7.11-0+deb12u1", .measured = "2026-11-30",
    .protocol = &smtp_protocol,
    .rows = rows, .row_count = COUNT(rows),
    .capabilities = capabilities, .capability_count = COUNT(capabilities),
    .line_max = 4096,
    .lacks = VERB(EV_EXPN) | VERB(EV_HELP),
    .ignores = VERB(EV_QUIT),
    .manners = {
        .bad_commands_max = 21, .bad_logins_max = BAD_LOGINS_MAX,
        .slow_after = 10, .slow_ms = 1000,
        .takes_lf = true, .takes_bare_address = true, .vouches = VOUCHES,
    },
    .told = told, .told_count = COUNT(told),
};
