/* exim_table.c: Exim 4.96 as Debian 12 installs it (exim4-daemon-light, "local delivery only"), port 25.
   Measured 2026-11-30 over the wire, as a stranger for what it does for strangers. */
#include "servers/dialects/dialects.h"
#include "servers/smtp/smtp_rows.h"

#define BEGUN (IN(MAILED) | IN(ADDRESSED))

static const struct dialect_row rows[] = {
    /* from            event     outcome          reply                                  next    rfc */
    { { IN(CONNECTED), EV_OPENED, OUT_OK,         "220 {detail} ESMTP Exim 4.96",        STAY,   "5321 3.1" }, NULL },
    { { TALKING,       EV_EHLO,  OUT_SYNTAX,      "501 Syntactically invalid EHLO argument(s)", STAY, "5321 4.1.1.1" }, NULL },
    { { TALKING,       EV_HELO,  OUT_SYNTAX,      "501 Syntactically invalid HELO argument(s)", STAY, "5321 4.1.1.1" }, NULL },
    { { IN(CONNECTED), EV_MAIL,  OUT_WRONG_TIME,  "503 HELO or EHLO required",           STAY,   "5321 4.1.4" }, NULL },
    { { BEGUN,         EV_MAIL,  OUT_WRONG_TIME,  "503 sender already given",            STAY,   "5321 4.1.4" }, NULL },
    { { IN(READY),     EV_RCPT,  OUT_WRONG_TIME,  "503 sender not yet given",            STAY,   "5321 3.3" }, NULL },
    { { BEGUN,         EV_RCPT,  OUT_OK,          "250 Accepted",                        ADDRESSED, "5321 4.1.1.3" }, NULL },
    { { BEGUN,         EV_RCPT,  OUT_NO_SUCH,     "550 Unrouteable address",             STAY,   "5321 3.3" },
      "To a client on its own machine it answers 250, and the sender gets a bounce." },
    { { BEGUN,         EV_RCPT,  OUT_REFUSED,     "550 relay not permitted",             STAY,   "5321 3.6.2" }, NULL },
    { { IN(MAILED),    EV_DATA,  OUT_WRONG_TIME,  "503 valid RCPT command must precede DATA", STAY, "5321 3.3" }, NULL },
    { { IN(ADDRESSED), EV_DATA,  OUT_OK,          "354 Enter message, ending with \".\" on a line by itself", DATA, "5321 4.1.1.4" }, NULL },
    { { IN(DATA),      EV_DOT,   OUT_OK,          "250 OK id={detail}",                  READY,  "5321 4.1.1.4" }, NULL },
    { { TALKING,       EV_RSET,  OUT_SYNTAX,      "501 unexpected argument data",        STAY,   "5321 4.1.1.5" }, NULL },
    { { TALKING,       EV_QUIT,  OUT_SYNTAX,      "501 unexpected argument data",        STAY,   "5321 4.1.1.10" }, NULL },
    { { TALKING,       EV_VRFY,  OUT_OK,          "252 Administrative prohibition",      STAY,   "5321 3.5.3" }, NULL },
    { { TALKING,       EV_VRFY,  OUT_SYNTAX,      "501 {detail}: recipient address must contain a domain", STAY, "5321 4.1.1.6" }, NULL },
    { { TALKING,       EV_EXPN,  OUT_REFUSED,     "550 Administrative prohibition",      STAY,   "5321 3.5.2" },
      "RFC 5321 7.3: a site that disables it must answer 252." },
    { { TALKING,       EV_UNKNOWN, OUT_UNKNOWN,   "500 unrecognized command",            STAY,   "5321 4.2.4" }, NULL },
    { { TALKING|IN(AUTHENTICATING), EV_ANY, OUT_TOO_MANY_ERRORS, "500 Too many unrecognized commands", CLOSED, "5321 3.8" }, NULL },
};

static const struct capability capabilities[] = {
    { "SIZE 33554432", GREETED, 0, 0, { EV_MAIL } },
    { "8BITMIME", GREETED, 0, 0, { EV_MAIL } },
    { "PIPELINING", GREETED, 0, 0, { 0 } },
    { "CHUNKING", GREETED, 0, 0, { EV_BDAT, EV_CHUNK } },
    { "AUTH PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256", GREETED, FACT_SUBMISSION, FACT_LOGIN | FACT_REQUIRE_TLS, { EV_AUTH, EV_ANSWER } },
    { "STARTTLS", GREETED, FACT_STARTTLS, FACT_TLS, { EV_STARTTLS } },
    { "HELP", GREETED, 0, 0, { EV_HELP } },
};

static const struct told told[] = {
    { "S16a S16b S16c", "takes a message with LF alone, makes a blank of each LF, and drops the dot of CRLF.LF",
      "554 5.6.0: a message is kept as it came, or not at all" },
    { "S19", "refuses a line of 5,000 octets by 550 after the dot, from Debian's own rules", "it is kept whole" },
    { "", "takes all recipients of a client on its own machine, known or not, and relays for it",
      "nobody in a world is on the server's machine" },
    { "", "offers PIPECONNECT and PRDR", "these are not there" },
    { "", "quotes the refusal of a RCPT again in its answer to DATA", "one line" },
};

const struct dialect dialect_exim = {
    .number = DIALECT_EXIM,
    .name = "exim", .title = "Exim 4.96",
    .version = "4.96-15+deb12u11", .measured = "2026-11-30",
    .protocol = &smtp_protocol,
    .rows = rows, .row_count = COUNT(rows),
    .capabilities = capabilities, .capability_count = COUNT(capabilities),
    .line_max = 4096,
    .manners = {
        .bad_commands_max = 4, .bad_logins_max = BAD_LOGINS_MAX,
        .slow_after = NEVER,
        .takes_lf = true, .takes_bare_address = true, .no_codes = true,
        .vouches = VOUCHES_BRACKETS,
    },
    .told = told, .told_count = COUNT(told),
};
