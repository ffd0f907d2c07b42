/* smtp_table.c: when each SMTP command is allowed, what is answered, what follows.
   What the commands do is in smtp_commands.c and smtp_data.c. RFC 5321. */
#include "servers/smtp/smtp.h"

enum { CONNECTED, READY, MAILED, ADDRESSED, DATA, AUTHENTICATING, CLOSED };

enum {
    EV_EHLO = EV_VERBS, EV_HELO, EV_MAIL, EV_RCPT, EV_DATA, EV_RSET, EV_NOOP, EV_QUIT,
    EV_VRFY, EV_EXPN, EV_HELP, EV_AUTH
};

#define GREETED (IN(READY) | IN(MAILED) | IN(ADDRESSED))
#define TALKING (IN(CONNECTED) | GREETED)
#define OPEN (TALKING | IN(DATA) | IN(AUTHENTICATING))

static const struct state states[] = {
    [CONNECTED] = { "CONNECTED", "nobody has said hello yet", READS_COMMAND, 0 },
    [READY] = { "READY", "there is no letter yet", READS_COMMAND, 0 },
    [MAILED] = { "MAILED", "the letter has a sender and no recipient", READS_COMMAND, 0 },
    [ADDRESSED] = { "ADDRESSED", "the letter has a sender and a recipient", READS_COMMAND, 0 },
    [DATA] = { "DATA", "every line belongs to the letter, up to one with only a dot", READS_BODY, 0 },
    [AUTHENTICATING] = { "AUTHENTICATING", "the server waits for an answer in base64", READS_ANSWER, 0 },
    [CLOSED] = { "CLOSED", "the server has hung up", READS_NOTHING, 0 },
};

static const struct event events[] = {
    [EV_OPENED] = { "OPENED", "(a connection)", "lets the server speak first", smtp_on_opened, 0, 0, 0, 0 },
    [EV_LINE] = { "LINE", "(a line of the letter)", "adds to the letter", smtp_on_line, 0, 0, 0, EVENT_CHANGES },
    [EV_DOT] = { "DOT", ".", "ends the letter and hands it over", smtp_on_dot, 0, 0, 0, EVENT_CHANGES },
    [EV_ANSWER] = { "ANSWER", "AGFuYQB0dWxpcA==", "answers the server's question in base64", smtp_on_answer, 0, 0, 0, 0 },
    [EV_TIMEOUT] = { "TIMEOUT", "(silence)", "ends a session in which nothing comes", smtp_on_timeout, 0, 0, 0, 0 },
    [EV_SHUTDOWN] = { "SHUTDOWN", "(the server stops)", "ends a session because the server goes down", smtp_on_timeout, 0, 0, 0, 0 },
    [EV_LOST] = { "LOST", "(a cut line)", "ends a session whose line is gone", smtp_on_lost, 0, 0, 0, 0 },
    [EV_UNKNOWN] = { "UNKNOWN", "HALLO", "is no command of SMTP", NULL, 0, 0, 0, 0 },
    [EV_EHLO] = { "EHLO", "EHLO laptop", "says hello and asks what the server can do", smtp_on_ehlo, 0, 0, 0, 0 },
    [EV_HELO] = { "HELO", "HELO laptop", "says hello in the old way", smtp_on_helo, 0, 0, 0, 0 },
    [EV_MAIL] = { "MAIL", "MAIL FROM:<ana@campus.example>", "begins a letter by naming its sender", smtp_on_mail,
                  FACT_SUBMISSION, FACT_LOGIN, OUT_NEEDS_LOGIN, 0 },
    [EV_RCPT] = { "RCPT", "RCPT TO:<bo@campus.example>", "adds an address to a letter", smtp_on_rcpt, 0, 0, 0, EVENT_CHANGES },
    [EV_DATA] = { "DATA", "DATA", "begins the text of the letter", smtp_on_data, 0, 0, 0, EVENT_CHANGES },
    [EV_RSET] = { "RSET", "RSET", "forgets the letter begun", smtp_on_rset, 0, 0, 0, 0 },
    [EV_NOOP] = { "NOOP", "NOOP", "does nothing, politely", smtp_on_noop, 0, 0, 0, 0 },
    [EV_QUIT] = { "QUIT", "QUIT", "ends the conversation", smtp_on_quit, 0, 0, 0, 0 },
    [EV_VRFY] = { "VRFY", "VRFY bo", "asks whether somebody lives here", smtp_on_vrfy, 0, 0, 0, 0 },
    [EV_EXPN] = { "EXPN", "EXPN staff", "asks who is on a mailing list", smtp_on_expn, 0, 0, 0, 0 },
    [EV_HELP] = { "HELP", "HELP", "asks for the list of commands", smtp_on_help, 0, 0, 0, 0 },
    [EV_AUTH] = { "AUTH", "AUTH PLAIN AGFuYQB0dWxpcA==", "says who is sending", smtp_on_auth,
                  0, FACT_SUBMISSION, OUT_REFUSED, 0 },
};

static const struct rule rules[] = {
    /* from                     event        outcome           reply                                             next            rfc */
    { IN(CONNECTED),            EV_OPENED,   OUT_OK,           "220 {detail} ESMTP Pennypost",                   STAY,           "5321 3.1" },

    { TALKING,                  EV_EHLO,     OUT_OK,           "250 {detail}",                                   READY,          "5321 4.1.1.1" },
    { TALKING,                  EV_EHLO,     OUT_SYNTAX,       "501 5.5.4 Syntax: EHLO your-host-name",          STAY,           "5321 4.1.1.1" },
    { TALKING,                  EV_HELO,     OUT_OK,           "250 {detail}",                                   READY,          "5321 4.1.1.1" },
    { TALKING,                  EV_HELO,     OUT_SYNTAX,       "501 5.5.4 Syntax: HELO your-host-name",          STAY,           "5321 4.1.1.1" },

    { IN(READY),                EV_MAIL,     OUT_OK,           "250 2.1.0 Sender ok",                            MAILED,         "5321 4.1.1.2" },
    { IN(READY),                EV_MAIL,     OUT_SYNTAX,       "501 5.5.4 {detail}",                             STAY,           "5321 4.1.1.2" },
    { IN(READY),                EV_MAIL,     OUT_UNSUPPORTED,  "555 5.5.4 Parameter not known here: {detail}",   STAY,           "5321 4.1.1.11" },
    { IN(READY),                EV_MAIL,     OUT_TOO_BIG,      "552 5.3.4 Larger than the SIZE offered",         STAY,           "1870 6.1" },
    { IN(READY),                EV_MAIL,     OUT_NEEDS_LOGIN,  "530 5.7.0 Authentication required",              STAY,           "4954 6" },
    { IN(MAILED)|IN(ADDRESSED), EV_MAIL,     OUT_WRONG_TIME,   "503 5.5.1 Sender already given",                 STAY,           "5321 4.1.4" },
    { IN(CONNECTED),            EV_MAIL,     OUT_WRONG_TIME,   "503 5.5.1 Say EHLO first",                       STAY,           "5321 4.1.4" },

    { IN(MAILED)|IN(ADDRESSED), EV_RCPT,     OUT_OK,           "250 2.1.5 <{detail}> ok",                        ADDRESSED,      "5321 4.1.1.3" },
    { IN(MAILED)|IN(ADDRESSED), EV_RCPT,     OUT_SYNTAX,       "501 5.5.4 {detail}",                             STAY,           "5321 4.1.1.3" },
    { IN(MAILED)|IN(ADDRESSED), EV_RCPT,     OUT_UNSUPPORTED,  "555 5.5.4 Parameter not known here: {detail}",   STAY,           "5321 4.1.1.11" },
    { IN(MAILED)|IN(ADDRESSED), EV_RCPT,     OUT_NO_SUCH,      "550 5.1.1 <{detail}> nobody of that name here",  STAY,           "5321 3.3" },
    { IN(MAILED)|IN(ADDRESSED), EV_RCPT,     OUT_REFUSED,      "550 5.7.1 <{detail}> relaying denied",           STAY,           "5321 3.6.2" },
    { IN(ADDRESSED),            EV_RCPT,     OUT_TOO_MANY,     "452 4.5.3 Too many recipients",                  STAY,           "5321 4.5.3.1.10" },
    { IN(MAILED)|IN(ADDRESSED), EV_RCPT,     OUT_TRY_LATER,    "451 4.7.1 <{detail}> greylisted, try again later", STAY,         "6647 2" },
    { IN(MAILED)|IN(ADDRESSED), EV_RCPT,     OUT_FAILED,       "451 4.3.0 Our own trouble, try again later",     STAY,           "5321 4.2.4" },
    { IN(READY),                EV_RCPT,     OUT_WRONG_TIME,   "503 5.5.1 Need MAIL before RCPT",                STAY,           "5321 4.1.4" },
    { IN(CONNECTED),            EV_RCPT,     OUT_WRONG_TIME,   "503 5.5.1 Say EHLO first",                       STAY,           "5321 4.1.4" },

    { IN(ADDRESSED),            EV_DATA,     OUT_OK,           "354 End with a line that holds only a dot",      DATA,           "5321 4.1.1.4" },
    { IN(ADDRESSED),            EV_DATA,     OUT_SYNTAX,       "501 5.5.4 DATA stands alone",                    STAY,           "5321 4.1.1.4" },
    { IN(MAILED),               EV_DATA,     OUT_WRONG_TIME,   "503 5.5.1 Need RCPT before DATA",                STAY,           "5321 3.3" },
    { IN(READY),                EV_DATA,     OUT_WRONG_TIME,   "503 5.5.1 Need MAIL and RCPT before DATA",       STAY,           "5321 3.3" },
    { IN(CONNECTED),            EV_DATA,     OUT_WRONG_TIME,   "503 5.5.1 Say EHLO first",                       STAY,           "5321 4.1.4" },

    { IN(DATA),                 EV_LINE,     OUT_OK,           NULL,                                             STAY,           "5321 4.5.2" },
    { IN(DATA),                 EV_DOT,      OUT_OK,           "250 2.0.0 Accepted as {detail}",                 READY,          "5321 4.1.1.4" },
    { IN(DATA),                 EV_DOT,      OUT_TOO_BIG,      "552 5.3.4 The letter is too big, nothing kept",  READY,          "1870 6.3" },
    { IN(DATA),                 EV_DOT,      OUT_BARE_NEWLINE, "554 5.6.0 A CR or LF stood alone, or a NUL: nothing kept", READY, "5321 2.3.8" },
    { IN(DATA),                 EV_DOT,      OUT_LOOP,         "554 5.4.6 Too many hops, it goes in circles",    READY,          "5321 6.3" },
    { IN(DATA),                 EV_DOT,      OUT_FAILED,       "451 4.3.0 Could not keep it, try again later",   READY,          "5321 4.2.4" },

    { IN(CONNECTED),            EV_RSET,     OUT_OK,           "250 2.0.0 Nothing to forget",                    STAY,           "5321 4.1.1.5" },
    { GREETED,                  EV_RSET,     OUT_OK,           "250 2.0.0 Forgotten",                            READY,          "5321 4.1.1.5" },
    { TALKING,                  EV_RSET,     OUT_SYNTAX,       "501 5.5.4 RSET stands alone",                    STAY,           "5321 4.1.1.5" },
    { TALKING,                  EV_NOOP,     OUT_OK,           "250 2.0.0 Ok",                                   STAY,           "5321 4.1.1.9" },
    { TALKING,                  EV_QUIT,     OUT_OK,           "221 2.0.0 {detail} says goodbye",                CLOSED,         "5321 4.1.1.10" },
    { TALKING,                  EV_QUIT,     OUT_SYNTAX,       "501 5.5.4 QUIT stands alone",                    STAY,           "5321 4.1.1.10" },
    { TALKING,                  EV_VRFY,     OUT_OK,           "252 2.5.0 Cannot tell, but RCPT will",           STAY,           "5321 3.5.3" },
    { TALKING,                  EV_VRFY,     OUT_SYNTAX,       "501 5.5.4 Syntax: VRFY name",                    STAY,           "5321 4.1.1.6" },
    { TALKING,                  EV_EXPN,     OUT_REFUSED,      "502 5.5.1 Lists are not shown to strangers",     STAY,           "5321 3.5.2" },
    { TALKING,                  EV_HELP,     OUT_OK,           "214 2.0.0 Commands of this server",              STAY,           "5321 4.1.1.8" },

    { IN(READY),                EV_AUTH,     OUT_OK,           "235 2.7.0 Welcome, {detail}",                    STAY,           "4954 4" },
    { IN(READY),                EV_AUTH,     OUT_CONTINUE,     "334 {detail}",                                   AUTHENTICATING, "4954 4" },
    { IN(READY),                EV_AUTH,     OUT_BAD_LOGIN,    "535 5.7.8 Name or password not right",           STAY,           "4954 6" },
    { IN(READY),                EV_AUTH,     OUT_SYNTAX,       "501 5.5.2 Cannot read that base64",              STAY,           "4954 4" },
    { IN(READY),                EV_AUTH,     OUT_UNSUPPORTED,  "504 5.5.4 Mechanism not offered",                STAY,           "4954 4" },
    { IN(READY),                EV_AUTH,     OUT_EXISTS,       "503 5.5.1 Already authenticated",                STAY,           "4954 4" },
    { IN(READY),                EV_AUTH,     OUT_NEEDS_TLS,    "538 5.7.11 Not without encryption",              STAY,           "4954 6" },
    { IN(READY),                EV_AUTH,     OUT_REFUSED,      "502 5.5.1 AUTH is for port 587, this is 25",     STAY,           "6409 4.3" },
    { IN(MAILED)|IN(ADDRESSED), EV_AUTH,     OUT_WRONG_TIME,   "503 5.5.1 Not in the middle of a letter",        STAY,           "4954 4" },
    { IN(CONNECTED),            EV_AUTH,     OUT_WRONG_TIME,   "503 5.5.1 Say EHLO first",                       STAY,           "4954 4" },
    { IN(AUTHENTICATING),       EV_ANSWER,   OUT_OK,           "235 2.7.0 Welcome, {detail}",                    READY,          "4954 4" },
    { IN(AUTHENTICATING),       EV_ANSWER,   OUT_CONTINUE,     "334 {detail}",                                   STAY,           "4954 4" },
    { IN(AUTHENTICATING),       EV_ANSWER,   OUT_BAD_LOGIN,    "535 5.7.8 Name or password not right",           READY,          "4954 6" },
    { IN(AUTHENTICATING),       EV_ANSWER,   OUT_SYNTAX,       "501 5.5.2 Cannot read that base64",              READY,          "4954 4" },
    { IN(AUTHENTICATING),       EV_ANSWER,   OUT_CANCELLED,    "501 5.7.0 Given up, as you asked",               READY,          "4954 4" },
    { IN(AUTHENTICATING),       EV_ANSWER,   OUT_TOO_LONG,     "500 5.5.6 The answer is too long",               READY,          "4954 4" },
    { IN(AUTHENTICATING),       EV_ANSWER,   OUT_BARE_NEWLINE, "501 5.5.2 Cannot read that base64",              READY,          "4954 4" },

    { TALKING,                  EV_UNKNOWN,  OUT_UNKNOWN,      "500 5.5.2 No such command",                      STAY,           "5321 4.2.4" },
    { TALKING,                  EV_ANY,      OUT_TOO_LONG,     "500 5.5.2 The line is too long",                 STAY,           "5321 4.5.3.1.9" },
    { TALKING,                  EV_ANY,      OUT_BARE_NEWLINE, "500 5.5.2 A line ends with CR LF, and neither stands alone", STAY, "5321 2.3.8" },
    { TALKING,                  EV_ANY,      OUT_ORDERED,      "{code} Refused: this host was set to",           STAY,           "5321 4.2.1" },
    { TALKING|IN(AUTHENTICATING), EV_ANY,    OUT_ENOUGH,       "421 4.7.0 Too many errors, hanging up",          CLOSED,         "5321 3.8" },
    { OPEN,                     EV_TIMEOUT,  OUT_OK,           "421 4.4.2 {detail} heard nothing for too long",  CLOSED,         "5321 4.5.3.2.7" },
    { OPEN,                     EV_SHUTDOWN, OUT_OK,           "421 4.3.2 {detail} goes down, come back later",  CLOSED,         "5321 3.8" },
    { OPEN,                     EV_LOST,     OUT_OK,           NULL,                                             CLOSED,         "5321 3.8" },
};

static const struct capability capabilities[] = {
    { "PIPELINING", GREETED, 0, 0, { 0 } },
    { "SIZE 33554432", GREETED, 0, 0, { EV_MAIL } },
    { "8BITMIME", GREETED, 0, 0, { EV_MAIL } },
    { "ENHANCEDSTATUSCODES", GREETED, 0, 0, { 0 } },
    { "AUTH PLAIN LOGIN", GREETED, FACT_SUBMISSION, FACT_LOGIN | FACT_REQUIRE_TLS, { EV_AUTH, EV_ANSWER } },
    { "HELP", GREETED, 0, 0, { EV_HELP } },
};
_Static_assert(MESSAGE_BYTES_MAX == 33554432, "SIZE is what is taken");

static const struct code codes[] = {
    { "2", "2: it worked." },
    { "3", "3: so far so good, the server waits for more." },
    { "4", "4: not now; the same may work later." },
    { "5", "5: no; repeating the same won't help." },
    { "214", "214: help, for people." },
    { "220", "220: the server's greeting." },
    { "221", "221: goodbye; the server hangs up." },
    { "235", "235: the password was right." },
    { "250", "250: done. After the final dot: I have it and it is my job now." },
    { "252", "252: I won't say whether that exists, but try and send." },
    { "334", "334: your turn; the question stands behind it, in base64." },
    { "354", "354: now the letter, line by line." },
    { "421", "421: the server hangs up now; come back later." },
    { "450", "450: that mailbox can't be used just now." },
    { "451", "451: the server can't do it now; senders try again later." },
    { "452", "452: no room for more just now." },
    { "454", "454: the password can't be checked just now." },
    { "500", "500: the server could not read the line." },
    { "501", "501: a known command with something wrong behind it." },
    { "502", "502: a known command that this server does not do here." },
    { "503", "503: a good command at the wrong moment." },
    { "504", "504: a known command with a choice that is not offered." },
    { "530", "530: say who you are first." },
    { "535", "535: name or password is wrong; it won't say which." },
    { "538", "538: not over a line that others can read." },
    { "550", "550: no such mailbox, or you may not send there." },
    { "552", "552: too big." },
    { "554", "554: refused, for good." },
    { "555", "555: a parameter that this server does not know." },
};

const struct protocol smtp_protocol = {
    .name = "smtp", .title = "SMTP", .rfc = "5321",
    .states = states, .state_count = COUNT(states),
    .events = events, .event_count = COUNT(events),
    .rules = rules, .rule_count = COUNT(rules),
    .capabilities = capabilities, .capability_count = COUNT(capabilities),
    .codes = codes, .code_count = COUNT(codes),
    .first = CONNECTED, .closed = CLOSED,
    .line_max = SMTP_LINE_MAX, .idle_ms = SMTP_IDLE_MS,
    .own_bytes = sizeof(struct smtp), .status_first = true,
    .read = smtp_read, .status = smtp_status, .end = smtp_end,
};
