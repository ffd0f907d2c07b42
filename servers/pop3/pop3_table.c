/* pop3_table.c: when each POP3 command is allowed, what is answered, what follows.
   What the commands do is in pop3_commands.c and pop3_maildrop.c. RFC 1939, 2449. */
#include "servers/pop3/pop3.h"

enum { AUTHORIZATION, AUTHENTICATING, TRANSACTION, UPDATE, CLOSED };

enum {
    EV_USER = EV_VERBS, EV_PASS, EV_APOP, EV_AUTH, EV_CAPA, EV_STAT, EV_LIST, EV_UIDL, EV_RETR,
    EV_TOP, EV_DELE, EV_NOOP, EV_RSET, EV_QUIT, EV_STLS
};

#define TALKING (IN(AUTHORIZATION) | IN(TRANSACTION))
#define OPEN (TALKING | IN(AUTHENTICATING))

static const struct state states[] = {
    [AUTHORIZATION] = { "AUTHORIZATION", "the server does not know who you are", READS_COMMAND, 0 },
    [AUTHENTICATING] = { "AUTHENTICATING", "the server waits for an answer in base64", READS_ANSWER, 0 },
    [TRANSACTION] = { "TRANSACTION", "the maildrop is open and yours alone", READS_COMMAND, 0 },
    [UPDATE] = { "UPDATE", "what is marked is being removed", READS_NOTHING, EV_REMOVED },
    [CLOSED] = { "CLOSED", "the connection is closed", READS_NOTHING, 0 },
};

static const struct event events[] = {
    [EV_OPENED] = { "OPENED", "(a connection)", "lets the server speak first", pop3_on_opened, 0, 0, 0, 0 },
    [EV_ANSWER] = { "ANSWER", "AGFuYQB0dWxpcA==", "answers the server's question in base64", pop3_on_answer, 0, 0, 0, 0 },
    [EV_TIMEOUT] = { "TIMEOUT", "(silence)", "ends a session in which nothing comes, and removes nothing", pop3_on_ended, 0, 0, 0, 0 },
    [EV_SHUTDOWN] = { "SHUTDOWN", "(the server stops)", "ends a session because the server goes down, and removes nothing", pop3_on_ended, 0, 0, 0, 0 },
    [EV_LOST] = { "LOST", "(a cut line)", "ends a session whose line is gone, and removes nothing", pop3_on_ended, 0, 0, 0, 0 },
    [EV_REMOVED] = { "REMOVED", "(after QUIT)", "removes the messages that were marked", pop3_on_removed, 0, 0, 0, EVENT_CHANGES },
    [EV_TLS] = { "TLS", "(a TLS ClientHello)", "begins TLS where the server speaks in the open", NULL, 0, 0, 0, 0 },
    [EV_UNKNOWN] = { "UNKNOWN", "HALLO", "is no command of POP3", NULL, 0, 0, 0, 0 },
    [EV_USER] = { "USER", "USER ana", "names whose maildrop it is", pop3_on_user,
                  FACT_REQUIRE_TLS, FACT_TLS, OUT_NEEDS_TLS, 0 },
    [EV_PASS] = { "PASS", "PASS tulip", "gives the password", pop3_on_pass, 0, FACT_USER, OUT_NEEDS_USER, 0 },
    [EV_APOP] = { "APOP", "APOP ana c4c9334bac560ecc979e58001b3e22fb", "proves the password without sending it", pop3_on_apop, 0, 0, 0, 0 },
    [EV_AUTH] = { "AUTH", "AUTH PLAIN AGFuYQB0dWxpcA==", "says who you are, by SASL", pop3_on_auth,
                  FACT_REQUIRE_TLS, FACT_TLS, OUT_NEEDS_TLS, 0 },
    [EV_CAPA] = { "CAPA", "CAPA", "asks what the server can do", pop3_on_capa, 0, 0, 0, 0 },
    [EV_STAT] = { "STAT", "STAT", "asks how many messages there are, and how big", pop3_on_stat, 0, 0, 0, 0 },
    [EV_LIST] = { "LIST", "LIST", "asks for each message's number and size", pop3_on_list, 0, 0, 0, 0 },
    [EV_UIDL] = { "UIDL", "UIDL", "asks for names of messages that outlive the session", pop3_on_uidl, 0, 0, 0, 0 },
    [EV_RETR] = { "RETR", "RETR 1", "reads a message, and leaves it where it is", pop3_on_retr, 0, 0, 0, 0 },
    [EV_TOP] = { "TOP", "TOP 1 0", "reads a message's header and its first lines", pop3_on_top, 0, 0, 0, 0 },
    [EV_DELE] = { "DELE", "DELE 1", "marks a message, to be removed after QUIT", pop3_on_dele, 0, 0, 0, 0 },
    [EV_NOOP] = { "NOOP", "NOOP", "does nothing, politely", pop3_on_noop, 0, 0, 0, 0 },
    [EV_RSET] = { "RSET", "RSET", "takes all marks off again", pop3_on_rset, 0, 0, 0, 0 },
    [EV_QUIT] = { "QUIT", "QUIT", "ends the session; what is marked goes now", pop3_on_quit, 0, 0, 0, 0 },
    [EV_STLS] = { "STLS", "STLS", "encrypts all that follows", pop3_on_stls, 0, FACT_STARTTLS, OUT_UNSUPPORTED, EVENT_SEALS },
};

static const struct rule rules[] = {
    /* from                event        outcome           reply                                                  next            rfc */
    { IN(AUTHORIZATION),   EV_OPENED,   OUT_OK,           "+OK Pennypost POP3 {detail}",                         STAY,           "1939 4" },

    { IN(AUTHORIZATION),   EV_USER,     OUT_OK,           "+OK send PASS",                               STAY,           "1939 7" },
    { IN(AUTHORIZATION),   EV_USER,     OUT_SYNTAX,       "-ERR Syntax: USER name",                              STAY,           "1939 7" },
    { IN(AUTHORIZATION),   EV_USER,     OUT_NEEDS_TLS,    "-ERR encryption required",                         STAY,           "2595 2.1" },
    { IN(AUTHORIZATION),   EV_PASS,     OUT_OK,           "+OK {detail}",                                        TRANSACTION,    "1939 7" },
    { IN(AUTHORIZATION),   EV_PASS,     OUT_NEEDS_USER,   "-ERR send USER first",                                 STAY,           "1939 7" },
    { IN(AUTHORIZATION),   EV_PASS,     OUT_SYNTAX,       "-ERR Syntax: PASS password",                          STAY,           "1939 7" },
    { IN(AUTHORIZATION),   EV_PASS,     OUT_BAD_LOGIN,    "-ERR [AUTH] invalid user name or password",              STAY,           "1939 7" },
    { IN(AUTHORIZATION),   EV_PASS,     OUT_IN_USE,       "-ERR [IN-USE] maildrop is locked by another session",    STAY,           "2449 8.1.2" },
    { IN(AUTHORIZATION),   EV_PASS,     OUT_FAILED,       "-ERR [SYS/TEMP] temporary server error, try again later",    STAY,           "3206 4" },
    { IN(AUTHORIZATION),   EV_APOP,     OUT_OK,           "+OK {detail}",                                        TRANSACTION,    "1939 7" },
    { IN(AUTHORIZATION),   EV_APOP,     OUT_SYNTAX,       "-ERR Syntax: APOP name digest",                       STAY,           "1939 7" },
    { IN(AUTHORIZATION),   EV_APOP,     OUT_BAD_LOGIN,    "-ERR [AUTH] invalid user name or password",              STAY,           "1939 7" },
    { IN(AUTHORIZATION),   EV_APOP,     OUT_IN_USE,       "-ERR [IN-USE] maildrop is locked by another session",    STAY,           "2449 8.1.2" },
    { IN(AUTHORIZATION),   EV_APOP,     OUT_FAILED,       "-ERR [SYS/TEMP] temporary server error, try again later",    STAY,           "3206 4" },
    { IN(AUTHORIZATION),   EV_AUTH,     OUT_OK,           "+OK {detail}",                                        TRANSACTION,    "5034 4" },
    { IN(AUTHORIZATION),   EV_AUTH,     OUT_NOTHING,         "+OK List of mechanisms follows",                                      STAY,           "1734 2" },
    { IN(AUTHORIZATION),   EV_AUTH,     OUT_CONTINUE,     "+ {detail}",                                          AUTHENTICATING, "5034 4" },
    { IN(AUTHORIZATION),   EV_AUTH,     OUT_SYNTAX,       "-ERR cannot decode the response",                        STAY,           "5034 4" },
    { IN(AUTHORIZATION),   EV_AUTH,     OUT_UNSUPPORTED,  "-ERR mechanism not supported",                          STAY,           "5034 4" },
    { IN(AUTHORIZATION),   EV_AUTH,     OUT_NEEDS_TLS,    "-ERR encryption required",                         STAY,           "2595 2.1" },
    { IN(AUTHORIZATION),   EV_AUTH,     OUT_BAD_LOGIN,    "-ERR [AUTH] invalid user name or password",              STAY,           "5034 4" },
    { IN(AUTHORIZATION),   EV_AUTH,     OUT_IN_USE,       "-ERR [IN-USE] maildrop is locked by another session",    STAY,           "2449 8.1.2" },
    { IN(AUTHORIZATION),   EV_AUTH,     OUT_FAILED,       "-ERR [SYS/TEMP] temporary server error, try again later",    STAY,           "3206 4" },
    { IN(AUTHENTICATING),  EV_ANSWER,   OUT_OK,           "+OK {detail}",                                        TRANSACTION,    "5034 4" },
    { IN(AUTHENTICATING),  EV_ANSWER,   OUT_CONTINUE,     "+ {detail}",                                          STAY,           "5034 4" },
    { IN(AUTHENTICATING),  EV_ANSWER,   OUT_SYNTAX,       "-ERR cannot decode the response",                        AUTHORIZATION,  "5034 4" },
    { IN(AUTHENTICATING),  EV_ANSWER,   OUT_UNSUPPORTED,  "-ERR channel binding not supported",                 AUTHORIZATION,  "5802 6" },
    { IN(AUTHENTICATING),  EV_ANSWER,   OUT_CANCELLED,    "-ERR authentication cancelled",                         AUTHORIZATION,  "5034 4" },
    { IN(AUTHENTICATING),  EV_ANSWER,   OUT_TOO_LONG,     "-ERR response too long",                         AUTHORIZATION,  "5034 4" },
    { IN(AUTHENTICATING),  EV_ANSWER,   OUT_BARE_NEWLINE, "-ERR cannot decode the response",                        AUTHORIZATION,  "5034 4" },
    { IN(AUTHENTICATING),  EV_ANSWER,   OUT_BAD_LOGIN,    "-ERR [AUTH] invalid user name or password",              AUTHORIZATION,  "5034 4" },
    { IN(AUTHENTICATING),  EV_ANSWER,   OUT_IN_USE,       "-ERR [IN-USE] maildrop is locked by another session",    AUTHORIZATION,  "2449 8.1.2" },
    { IN(AUTHENTICATING),  EV_ANSWER,   OUT_FAILED,       "-ERR [SYS/TEMP] temporary server error, try again later",    AUTHORIZATION,  "3206 4" },

    { TALKING,             EV_CAPA,     OUT_OK,           "+OK Capability list follows",                                 STAY,           "2449 5" },
    { IN(AUTHORIZATION),   EV_QUIT,     OUT_OK,           "+OK goodbye",                                         CLOSED,         "1939 4" },
    { IN(TRANSACTION),     EV_QUIT,     OUT_OK,           NULL,                                                  UPDATE,         "1939 6" },
    { IN(UPDATE),          EV_REMOVED,  OUT_OK,           "+OK goodbye, {detail}",                               CLOSED,         "1939 6" },
    { IN(UPDATE),          EV_REMOVED,  OUT_FAILED,       "-ERR [SYS/TEMP] no messages removed",                 CLOSED,         "1939 6" },

    { IN(AUTHORIZATION),   EV_STLS,     OUT_OK,           "+OK Begin TLS negotiation",                           STAY,           "2595 4" },
    { IN(AUTHORIZATION),   EV_STLS,     OUT_SYNTAX,       "-ERR STLS takes no parameters",                              STAY,           "2595 4" },
    { IN(AUTHORIZATION),   EV_STLS,     OUT_EXISTS,       "-ERR TLS already active",          STAY,           "2595 4" },
    { IN(AUTHORIZATION),   EV_STLS,     OUT_UNSUPPORTED,  "-ERR TLS not available",                        STAY,           "1939 3" },

    { IN(TRANSACTION),     EV_STAT,     OUT_OK,           "+OK {detail}",                                        STAY,           "1939 5" },
    { IN(TRANSACTION),     EV_LIST,     OUT_OK,           "+OK {detail}",                                        STAY,           "1939 5" },
    { IN(TRANSACTION),     EV_LIST,     OUT_SYNTAX,       "-ERR Syntax: LIST or LIST number",                    STAY,           "1939 5" },
    { IN(TRANSACTION),     EV_LIST,     OUT_NO_SUCH,      "-ERR no such message",                            STAY,           "1939 5" },
    { IN(TRANSACTION),     EV_LIST,     OUT_MARKED,       "-ERR message {detail} is marked as deleted",          STAY,           "1939 5" },
    { IN(TRANSACTION),     EV_UIDL,     OUT_OK,           "+OK {detail}",                                        STAY,           "1939 7" },
    { IN(TRANSACTION),     EV_UIDL,     OUT_SYNTAX,       "-ERR Syntax: UIDL or UIDL number",                    STAY,           "1939 7" },
    { IN(TRANSACTION),     EV_UIDL,     OUT_NO_SUCH,      "-ERR no such message",                            STAY,           "1939 7" },
    { IN(TRANSACTION),     EV_UIDL,     OUT_MARKED,       "-ERR message {detail} is marked as deleted",          STAY,           "1939 7" },
    { IN(TRANSACTION),     EV_RETR,     OUT_OK,           "+OK {detail}",                                        STAY,           "1939 5" },
    { IN(TRANSACTION),     EV_RETR,     OUT_SYNTAX,       "-ERR Syntax: RETR number",                            STAY,           "1939 5" },
    { IN(TRANSACTION),     EV_RETR,     OUT_NO_SUCH,      "-ERR no such message",                            STAY,           "1939 5" },
    { IN(TRANSACTION),     EV_RETR,     OUT_MARKED,       "-ERR message {detail} is marked as deleted",          STAY,           "1939 5" },
    { IN(TRANSACTION),     EV_TOP,      OUT_OK,           "+OK top of message follows",                           STAY,           "1939 7" },
    { IN(TRANSACTION),     EV_TOP,      OUT_SYNTAX,       "-ERR Syntax: TOP number lines",                       STAY,           "1939 7" },
    { IN(TRANSACTION),     EV_TOP,      OUT_NO_SUCH,      "-ERR no such message",                            STAY,           "1939 7" },
    { IN(TRANSACTION),     EV_TOP,      OUT_MARKED,       "-ERR message {detail} is marked as deleted",          STAY,           "1939 7" },
    { IN(TRANSACTION),     EV_DELE,     OUT_OK,           "+OK message {detail} marked",                         STAY,           "1939 5" },
    { IN(TRANSACTION),     EV_DELE,     OUT_SYNTAX,       "-ERR Syntax: DELE number",                            STAY,           "1939 5" },
    { IN(TRANSACTION),     EV_DELE,     OUT_NO_SUCH,      "-ERR no such message",                            STAY,           "1939 5" },
    { IN(TRANSACTION),     EV_DELE,     OUT_MARKED,       "-ERR message {detail} is marked as deleted",          STAY,           "1939 5" },
    { IN(TRANSACTION),     EV_NOOP,     OUT_OK,           "+OK",                                                 STAY,           "1939 5" },
    { IN(TRANSACTION),     EV_RSET,     OUT_OK,           "+OK {detail}",                                        STAY,           "1939 5" },

    { IN(AUTHORIZATION),   EV_ANY,      OUT_WRONG_TIME,   "-ERR authenticate first: USER and PASS",           STAY,           "1939 4" },
    { IN(TRANSACTION),     EV_ANY,      OUT_WRONG_TIME,   "-ERR already authenticated",                             STAY,           "1939 5" },
    { TALKING,             EV_TLS,      OUT_OK,           "-ERR no TLS handshake is expected on this port: TLS is on port 995, or STLS begins it here", CLOSED, "1939 3" },
    { TALKING,             EV_UNKNOWN,  OUT_UNKNOWN,      "-ERR no such command",                                STAY,           "1939 3" },
    { TALKING,             EV_ANY,      OUT_TOO_LONG,     "-ERR line too long",                           STAY,           "2449 4" },
    { TALKING,             EV_ANY,      OUT_BARE_NEWLINE, "-ERR bare CR or LF: a line ends with CR LF", STAY,         "1939 3" },
    { TALKING,             EV_ANY,      OUT_POLICY,      "{code} Refused: this host was set to",                STAY,           "1939 3" },
    { OPEN,                EV_ANY,      OUT_TOO_MANY_ERRORS,       "-ERR too many errors, closing connection",                    CLOSED,         "1939 3" },
    { OPEN,                EV_TIMEOUT,  OUT_OK,           NULL,                                                  CLOSED,         "1939 3" },
    { OPEN,                EV_SHUTDOWN, OUT_OK,           NULL,                                                  CLOSED,         "1939 3" },
    { OPEN,                EV_LOST,     OUT_OK,           NULL,                                                  CLOSED,         "1939 6" },
};

#define ALWAYS (IN(AUTHORIZATION) | IN(TRANSACTION))

static const struct capability capabilities[] = {
    { "TOP", ALWAYS, 0, 0, { EV_TOP } },
    { "UIDL", ALWAYS, 0, 0, { EV_UIDL } },
    { "RESP-CODES", ALWAYS, 0, 0, { 0 } },
    { "AUTH-RESP-CODE", ALWAYS, 0, 0, { EV_PASS, EV_APOP, EV_AUTH, EV_ANSWER } },
    { "PIPELINING", ALWAYS, 0, 0, { 0 } },
    { "USER", ALWAYS, 0, FACT_REQUIRE_TLS, { EV_USER, EV_PASS } },
    { "SASL PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256", ALWAYS, 0, FACT_REQUIRE_TLS, { EV_AUTH, EV_ANSWER } },
    { "STLS", IN(AUTHORIZATION), FACT_STARTTLS, FACT_TLS, { EV_STLS } },
    { "EXPIRE NEVER", ALWAYS, 0, 0, { 0 } }, /* what DELE does not mark stays; LOGIN-DELAY is none */
    { "IMPLEMENTATION Pennypost", ALWAYS, 0, 0, { 0 } },
};

static const struct code codes[] = {
    { "+OK", "+OK: it worked." },
    { "-ERR", "-ERR: it did not work. POP3 has no numbers; the words say why." },
    { "+ ", "+: your turn; the question stands behind it, in base64." },
    { "-ERR [AUTH]", "-ERR [AUTH]: the name is unknown or the password wrong; nobody is told which." },
    { "-ERR [IN-USE]", "-ERR [IN-USE]: one POP3 session at a time; another one has this maildrop." },
    { "-ERR [SYS/TEMP]", "-ERR [SYS/TEMP]: the server's own trouble; later it may work." },
};

const struct protocol pop3_protocol = {
    .name = "pop3", .title = "POP3", .rfc = "1939",
    .states = states, .state_count = COUNT(states),
    .events = events, .event_count = COUNT(events),
    .rules = rules, .rule_count = COUNT(rules),
    .capabilities = capabilities, .capability_count = COUNT(capabilities),
    .codes = codes, .code_count = COUNT(codes),
    .first = AUTHORIZATION, .closed = CLOSED,
    .line_max = POP3_LINE_MAX, .idle_ms = POP3_IDLE_MS,
    .own_bytes = sizeof(struct pop3), .status_first = true,
    .read = pop3_read, .status = pop3_status, .end = pop3_end,
};
