/* lmtp_table.c: when each LMTP command is allowed, what is answered, what follows. RFC 2033; what
   it leaves to SMTP is RFC 5321's. Without login and TLS: its client is a neighbour (2033 5). */
#include "servers/lmtp/lmtp.h"

enum { CONNECTED, READY, MAILED, ADDRESSED, DATA, CHUNK, CHUNKED, REPORTING, CLOSED };

enum {
    EV_LHLO = EV_VERBS, EV_MAIL, EV_RCPT, EV_DATA, EV_RSET, EV_NOOP, EV_QUIT, EV_VRFY, EV_HELP,
    EV_BDAT
};

#define GREETED (IN(READY) | IN(MAILED) | IN(ADDRESSED) | IN(CHUNKED))
#define TALKING (IN(CONNECTED) | GREETED)
#define OPEN (TALKING | IN(DATA) | IN(CHUNK))

static const struct state states[] = {
    [CONNECTED] = { "CONNECTED", "nobody has said hello yet", READS_COMMAND, false, true },
    [READY] = { "READY", "there is no message yet", READS_COMMAND, false, true },
    [MAILED] = { "MAILED", "the message has a sender and no recipient", READS_COMMAND, false, true },
    [ADDRESSED] = { "ADDRESSED", "the message has a sender and a recipient", READS_COMMAND, false, true },
    [DATA] = { "DATA", "every line belongs to the message, up to one with only a dot", READS_BODY, false, true },
    [CHUNK] = { "CHUNK", "so many octets belong to the message, whatever they are", READS_OCTETS, false, false },
    [CHUNKED] = { "CHUNKED", "a part of the message is here, and more are to come", READS_COMMAND, false, false },
    [REPORTING] = { "REPORTING", "recipient after recipient is answered for", READS_NOTHING, true, false },
    [CLOSED] = { "CLOSED", "the connection is closed", READS_NOTHING, false, false },
};

static const struct event events[] = {
    [EV_OPENED] = { "OPENED", "(a connection)", "lets the server speak first", smtp_on_opened, 0, 0, 0, 0 },
    [EV_LINE] = { "LINE", "(a line of the message)", "adds to the message", smtp_on_line, 0, 0, 0, EVENT_CHANGES },
    [EV_DOT] = { "DOT", ".", "ends the message", lmtp_on_dot, 0, 0, 0, EVENT_CHANGES },
    [EV_TIMEOUT] = { "TIMEOUT", "(silence)", "ends a session in which nothing comes", smtp_on_timeout, 0, 0, 0, 0 },
    [EV_SHUTDOWN] = { "SHUTDOWN", "(the server stops)", "ends a session because the server goes down", smtp_on_timeout, 0, 0, 0, 0 },
    [EV_LOST] = { "LOST", "(a cut line)", "ends a session whose line is gone", smtp_on_lost, 0, 0, 0, 0 },
    [EV_RAISED] = { "RECIPIENT", "(behind the message)", "delivers to the next recipient and answers for it", lmtp_on_recipient, 0, 0, 0, EVENT_CHANGES },
    [EV_CHUNK] = { "CHUNK", "(the last octet announced)", "ends a part of the message, or the message", lmtp_on_chunk, 0, 0, 0, EVENT_CHANGES },
    [EV_TLS] = { "TLS", "(a TLS ClientHello)", "begins TLS where the server speaks in the open", NULL, 0, 0, 0, 0 },
    [EV_UNKNOWN] = { "UNKNOWN", "HALLO", "is no command of LMTP", NULL, 0, 0, 0, 0 },
    [EV_LHLO] = { "LHLO", "LHLO laptop.campus.example", "says hello and asks what the server can do", smtp_on_ehlo, 0, 0, 0, 0 },
    [EV_MAIL] = { "MAIL", "MAIL FROM:<ana@campus.example>", "begins a message by naming its sender", smtp_on_mail, 0, 0, 0, EVENT_BEFORE_COMMIT },
    [EV_RCPT] = { "RCPT", "RCPT TO:<bo@campus.example>", "adds an address to a message", lmtp_on_rcpt, 0, 0, 0, EVENT_CHANGES | EVENT_BEFORE_COMMIT },
    [EV_DATA] = { "DATA", "DATA", "begins the text of the message", smtp_on_data, 0, 0, 0, EVENT_CHANGES | EVENT_BEFORE_COMMIT },
    [EV_RSET] = { "RSET", "RSET", "forgets the message begun", smtp_on_rset, 0, 0, 0, 0 },
    [EV_NOOP] = { "NOOP", "NOOP", "does nothing, politely", smtp_on_noop, 0, 0, 0, 0 },
    [EV_QUIT] = { "QUIT", "QUIT", "ends the conversation", smtp_on_quit, 0, 0, 0, 0 },
    [EV_VRFY] = { "VRFY", "VRFY bo", "asks whether somebody lives here", smtp_on_vrfy, 0, 0, 0, 0 },
    [EV_HELP] = { "HELP", "HELP", "asks for the list of commands", smtp_on_help, 0, 0, 0, 0 },
    [EV_BDAT] = { "BDAT", "BDAT 18 LAST", "says how many octets of the message come now, and whether they are the last", lmtp_on_bdat, 0, 0, 0, EVENT_CHANGES },
};

static const struct rule rules[] = {
    /* from                     event        outcome           reply                                             next            rfc */
    { IN(CONNECTED),            EV_OPENED,   OUT_OK,           "220 {detail} LMTP Pennypost",                    STAY,           "5321 3.1" },

    { TALKING,                  EV_LHLO,     OUT_OK,           "250 {detail}",                                   READY,          "2033 4.1" },
    { TALKING,                  EV_LHLO,     OUT_SYNTAX,       "501 5.5.4 Syntax: LHLO your-host-name",          STAY,           "2033 4.1" },

    { IN(READY),                EV_MAIL,     OUT_OK,           "250 2.1.0 Ok",                                   MAILED,         "5321 4.1.1.2" },
    { IN(READY),                EV_MAIL,     OUT_SYNTAX,       "501 {code} {detail}",                            STAY,           "5321 4.1.1.2" },
    { IN(READY),                EV_MAIL,     OUT_UNSUPPORTED,  "555 5.5.4 Parameter not known here: {detail}",   STAY,           "5321 4.1.1.11" },
    { IN(READY),                EV_MAIL,     OUT_TOO_BIG,      "552 5.3.4 Message size exceeds the limit offered by SIZE", STAY, "1870 6.1" },
    { IN(READY),                EV_MAIL,     OUT_NEEDS_UTF8,   "550 5.6.7 A non-ASCII address needs SMTPUTF8",   STAY,           "6531 3.5" },
    { IN(MAILED)|IN(ADDRESSED)|IN(CHUNKED), EV_MAIL, OUT_WRONG_TIME, "503 5.5.1 Sender already given",           STAY,           "5321 4.1.4" },
    { IN(CONNECTED),            EV_MAIL,     OUT_WRONG_TIME,   "503 5.5.1 Send LHLO first",                      STAY,           "5321 4.1.4" },

    { IN(MAILED)|IN(ADDRESSED), EV_RCPT,     OUT_OK,           "250 2.1.5 Ok",                                   ADDRESSED,      "5321 4.1.1.3" },
    { IN(MAILED)|IN(ADDRESSED), EV_RCPT,     OUT_SYNTAX,       "501 {code} {detail}",                            STAY,           "5321 4.1.1.3" },
    { IN(MAILED)|IN(ADDRESSED), EV_RCPT,     OUT_UNSUPPORTED,  "555 5.5.4 Parameter not known here: {detail}",   STAY,           "5321 4.1.1.11" },
    { IN(MAILED)|IN(ADDRESSED), EV_RCPT,     OUT_NEEDS_UTF8,   "553 5.6.7 A non-ASCII address needs SMTPUTF8 in MAIL", STAY,     "6531 3.5" },
    { IN(MAILED)|IN(ADDRESSED), EV_RCPT,     OUT_NO_SUCH,      "550 5.1.1 <{detail}> No such user here",         STAY,           "5321 3.3" },
    { IN(MAILED)|IN(ADDRESSED), EV_RCPT,     OUT_REFUSED,      "550 5.7.1 <{detail}> No mailbox here, and no queue to relay from", STAY, "2033 3" },
    { IN(ADDRESSED),            EV_RCPT,     OUT_TOO_MANY,     "452 4.5.3 Too many recipients",                  STAY,           "5321 4.5.3.1.10" },
    { IN(MAILED)|IN(ADDRESSED), EV_RCPT,     OUT_FAILED,       "451 4.3.0 Temporary server error, try again later", STAY,        "5321 4.2.4" },
    { IN(READY),                EV_RCPT,     OUT_WRONG_TIME,   "503 5.5.1 Need MAIL before RCPT",                STAY,           "5321 4.1.4" },
    { IN(CHUNKED),              EV_RCPT,     OUT_WRONG_TIME,   "503 5.5.1 A BDAT transfer has begun: BDAT or RSET", STAY,        "3030 2" },
    { IN(CONNECTED),            EV_RCPT,     OUT_WRONG_TIME,   "503 5.5.1 Send LHLO first",                      STAY,           "5321 4.1.4" },

    { IN(ADDRESSED),            EV_DATA,     OUT_OK,           "354 End data with <CR><LF>.<CR><LF>",            DATA,           "5321 4.1.1.4" },
    { IN(ADDRESSED),            EV_DATA,     OUT_SYNTAX,       "501 5.5.4 DATA takes no parameters",             STAY,           "5321 4.1.1.4" },
    { IN(ADDRESSED),            EV_DATA,     OUT_TRY_LATER,    SMTP_NO_ROOM,                                     STAY,           "5321 4.2.2" },
    { IN(MAILED),               EV_DATA,     OUT_WRONG_TIME,   "503 5.5.1 Need RCPT before DATA",                STAY,           "2033 4.2" },
    { IN(READY),                EV_DATA,     OUT_WRONG_TIME,   "503 5.5.1 Need MAIL and RCPT before DATA",       STAY,           "5321 3.3" },
    { IN(CHUNKED),              EV_DATA,     OUT_WRONG_TIME,   "503 5.5.1 A BDAT transfer has begun: BDAT or RSET", STAY,        "3030 2" },
    { IN(CONNECTED),            EV_DATA,     OUT_WRONG_TIME,   "503 5.5.1 Send LHLO first",                      STAY,           "5321 4.1.4" },
    { IN(DATA),                 EV_LINE,     OUT_OK,           NULL,                                             STAY,           "5321 4.5.2" },
    { IN(DATA),                 EV_DOT,      OUT_OK,           NULL,                                             REPORTING,      "2033 4.2" },

    { IN(ADDRESSED)|IN(CHUNKED), EV_BDAT,    OUT_OK,           NULL,                                             CHUNK,          "3030 2" },
    { IN(MAILED)|IN(ADDRESSED)|IN(CHUNKED), EV_BDAT, OUT_SYNTAX, "501 5.5.4 Syntax: BDAT octets, or BDAT octets LAST", STAY,    "3030 2" },
    { IN(MAILED),               EV_BDAT,     OUT_REFUSED,      "503 5.5.1 Need RCPT before BDAT",                STAY,           "3030 2" },
    { IN(MAILED),               EV_BDAT,     OUT_NOTHING,      NULL,                                             READY,          "2033 4.3" },
    { IN(READY),                EV_BDAT,     OUT_WRONG_TIME,   "503 5.5.1 Need MAIL and RCPT before BDAT",       STAY,           "3030 2" },
    { IN(CONNECTED),            EV_BDAT,     OUT_WRONG_TIME,   "503 5.5.1 Send LHLO first",                      STAY,           "5321 4.1.4" },
    { IN(CHUNK),                EV_LINE,     OUT_OK,           NULL,                                             STAY,           "3030 2" },
    { IN(CHUNK),                EV_CHUNK,    OUT_CONTINUE,     "250 2.0.0 {detail} octets received",             CHUNKED,        "3030 2" },
    { IN(CHUNK),                EV_CHUNK,    OUT_OK,           NULL,                                             REPORTING,      "2033 4.3" },
    { IN(CHUNK),                EV_CHUNK,    OUT_TOO_BIG,      "552 5.3.4 Message exceeds the size limit",       READY,          "1870 6.3" },
    { IN(CHUNK),                EV_CHUNK,    OUT_TRY_LATER,    SMTP_NO_ROOM,                                     READY,          "5321 4.2.2" },

    /* One of these for each recipient that RCPT took, in their order. */
    { IN(REPORTING),            EV_RAISED,   OUT_OK,           "250 2.1.5 <{detail}> Delivered",                 STAY,           "2033 4.2" },
    { IN(REPORTING),            EV_RAISED,   OUT_OVER_QUOTA,   "452 4.2.2 <{detail}> Mailbox full",              STAY,           "2033 4.2" },
    { IN(REPORTING),            EV_RAISED,   OUT_TOO_BIG,      "552 5.3.4 <{detail}> Message exceeds the size limit", STAY,      "1870 6.3" },
    { IN(REPORTING),            EV_RAISED,   OUT_REFUSED,      "554 5.6.0 <{detail}> Bare CR, bare LF or NUL in the message: not accepted", STAY, "5321 2.3.8" },
    { IN(REPORTING),            EV_RAISED,   OUT_LOOP,         "554 5.4.6 <{detail}> Too many hops: possible mail loop", STAY,   "5321 6.3" },
    { IN(REPORTING),            EV_RAISED,   OUT_TRY_LATER,    "452 4.3.1 <{detail}> Too much mail in progress, try again later", STAY, "5321 4.2.2" },
    { IN(REPORTING),            EV_RAISED,   OUT_FAILED,       "451 4.3.0 <{detail}> Could not store the message, try again later", STAY, "5321 4.2.4" },
    { IN(REPORTING),            EV_RAISED,   OUT_NO_ROOM,      "452 4.3.1 <{detail}> Insufficient system storage", STAY,         "5321 4.2.4" },
    { IN(REPORTING),            EV_RAISED,   OUT_NOTHING,      NULL,                                             READY,          "2033 4.2" },

    { IN(CONNECTED),            EV_RSET,     OUT_OK,           "250 2.0.0 Ok",                                   STAY,           "5321 4.1.1.5" },
    { GREETED,                  EV_RSET,     OUT_OK,           "250 2.0.0 Ok",                                   READY,          "5321 4.1.1.5" },
    { TALKING,                  EV_RSET,     OUT_SYNTAX,       "501 5.5.4 RSET takes no parameters",             STAY,           "5321 4.1.1.5" },
    { TALKING,                  EV_NOOP,     OUT_OK,           "250 2.0.0 Ok",                                   STAY,           "5321 4.1.1.9" },
    { TALKING,                  EV_QUIT,     OUT_OK,           "221 2.0.0 Bye",                                  CLOSED,         "5321 4.1.1.10" },
    { TALKING,                  EV_QUIT,     OUT_SYNTAX,       "501 5.5.4 QUIT takes no parameters",             STAY,           "5321 4.1.1.10" },
    { TALKING,                  EV_VRFY,     OUT_OK,           "252 2.0.0 Cannot VRFY user, RCPT will tell",     STAY,           "5321 3.5.3" },
    { TALKING,                  EV_VRFY,     OUT_SYNTAX,       "501 5.5.4 Syntax: VRFY name",                    STAY,           "5321 4.1.1.6" },
    { TALKING,                  EV_HELP,     OUT_OK,           "214 2.0.0 Commands of this server",              STAY,           "5321 4.1.1.8" },

    { TALKING,                  EV_UNKNOWN,  OUT_UNKNOWN,      "500 5.5.2 Command unrecognized",                 STAY,           "2033 4.1" },
    { TALKING,                  EV_TLS,      OUT_OK,           "554 5.7.0 No TLS handshake is expected on this port", CLOSED,    "5321 3.1" },
    { TALKING,                  EV_ANY,      OUT_TOO_LONG,     "500 5.5.2 Line too long",                        STAY,           "5321 4.5.3.1.9" },
    { TALKING,                  EV_ANY,      OUT_BARE_NEWLINE, "500 5.5.2 Bare CR or LF: a line ends with CR LF", STAY,          "5321 2.3.8" },
    { TALKING,                  EV_ANY,      OUT_POLICY,       "{code} Refused: this host was set to",           STAY,           "5321 4.2.1" },
    { TALKING,                  EV_ANY,      OUT_TOO_MANY_ERRORS, "421 4.7.0 Too many errors, closing connection", CLOSED,       "5321 3.8" },
    { OPEN,                     EV_TIMEOUT,  OUT_OK,           "421 4.4.2 {detail} Timeout, closing connection", CLOSED,         "5321 4.5.3.2.7" },
    { OPEN,                     EV_SHUTDOWN, OUT_OK,           "421 4.3.2 {detail} Service shutting down, closing connection", CLOSED, "5321 3.8" },
    { OPEN,                     EV_LOST,     OUT_OK,           NULL,                                             CLOSED,         "5321 3.8" },
};

static const struct capability capabilities[] = {
    { "PIPELINING", GREETED, 0, 0, { 0 } },
    { "SIZE 33554432", GREETED, 0, 0, { EV_MAIL } },
    { "8BITMIME", GREETED, 0, 0, { EV_MAIL } },
    { "SMTPUTF8", GREETED, 0, 0, { EV_MAIL, EV_RCPT } },
    { "CHUNKING", GREETED, 0, 0, { EV_BDAT, EV_CHUNK } },
    { "ENHANCEDSTATUSCODES", GREETED, 0, 0, { 0 } },
    { "HELP", GREETED, 0, 0, { EV_HELP } },
};
_Static_assert(MESSAGE_BYTES_MAX == 33554432, "SIZE is what is taken");

const struct protocol lmtp_protocol = {
    .name = "lmtp", .title = "LMTP", .rfc = "2033", .form = FORM_DIGITS,
    .states = states, .state_count = COUNT(states),
    .events = events, .event_count = COUNT(events),
    .rules = rules, .rule_count = COUNT(rules),
    .capabilities = capabilities, .capability_count = COUNT(capabilities),
    .codes = smtp_codes, .code_count = SMTP_CODES,
    .first = CONNECTED, .closed = CLOSED,
    .line_max = SMTP_LINE_MAX, .idle_ms = SMTP_IDLE_MS,
    .own_bytes = sizeof(struct lmtp), .status_first = true,
    .read = smtp_read, .status = smtp_status, .chunk = smtp_chunk, .end = smtp_end,
};
