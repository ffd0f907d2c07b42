/* smtp_client_table.c: what a client says after which answer. What a step writes, and what it
   takes from an answer, is in smtp_client.c. RFC 5321. */
#include "servers/smtp/smtp_client_private.h"

#define BEFORE_BODY (IN(GREETING) | IN(EHLO) | IN(HELO) | IN(AUTH) | IN(RESPONSE) | IN(MAIL) | IN(RCPT) | IN(DATA))
#define OPEN (BEFORE_BODY | IN(BODY) | IN(DOT) | IN(RSET) | IN(QUIT))

static const struct client_step steps[] = {
    [GREETING] = { "GREETING", "waits for the server to speak first", NULL, NULL, smtp_hears_refusal, false },
    [EHLO] = { "EHLO", "says hello, and learns what the server can do", "EHLO ", smtp_says_ehlo, smtp_hears_hello, false },
    [HELO] = { "HELO", "says hello in the old way", "HELO ", smtp_says_helo, smtp_hears_hello, false },
    [AUTH] = { "AUTH", "begins to log in", "AUTH ", smtp_says_auth, smtp_hears_auth, false },
    [RESPONSE] = { "RESPONSE", "answers the server's challenge", "", smtp_says_response, smtp_hears_auth, false },
    [MAIL] = { "MAIL", "names the sender", "MAIL FROM:<", smtp_says_mail, smtp_hears_refusal, false },
    [RCPT] = { "RCPT", "names the next recipient", "RCPT TO:<", smtp_says_rcpt, smtp_hears_rcpt, false },
    [DATA] = { "DATA", "asks whether the text may come", "DATA", smtp_says_data, smtp_hears_refusal, false },
    [BODY] = { "BODY", "sends the text", NULL, NULL, smtp_hears_early, false },
    [DOT] = { "DOT", "ends the text; after a 2xx the message is the server's", ".", smtp_says_dot, smtp_hears_dot, false },
    [RSET] = { "RSET", "forgets the message begun, and ends the session", "RSET", smtp_says_reset, NULL, false },
    [QUIT] = { "QUIT", "ends the session", "QUIT", smtp_says_quit, NULL, false },
    [OVER] = { "OVER", "closes the connection", NULL, NULL, NULL, false },
};

static const struct client_answer answers[] = {
    [ANSWER_ANY] = { "else", false },
    [GOOD] = { "2xx", false },
    [MORE] = { "3xx", false },
    [LATER] = { "4xx", false },
    [NO] = { "5xx", false },
    [OTHER] = { "another code", false },
    [SENT] = { "the end of the text", true },
    [LOST] = { "a lost connection", false },
};

static const struct client_when nobody = { "nobody can get the message", smtp_all_decided };
static const struct client_when logs_in = { "it is to log in", smtp_is_to_log_in };
static const struct client_when responds = { "it has a response", smtp_has_response };
static const struct client_when challenged = { "it knows challenges and can make nothing of this one", smtp_knows_challenges };
static const struct client_when left = { "a recipient is left", smtp_recipient_is_left };
static const struct client_when accepted = { "one was accepted", smtp_any_was_accepted };
static const struct client_when gives_up = { "its program then sends to nobody", smtp_gives_up };

static const struct client_row rows[] = {
    /* from                    answer      if           next */
    { IN(GREETING),            GOOD,       NULL,        EHLO },
    { IN(GREETING),            ANSWER_ANY, NULL,        QUIT },

    { IN(EHLO)|IN(HELO),       GOOD,       &nobody,     QUIT },
    { IN(EHLO)|IN(HELO),       GOOD,       &logs_in,    AUTH },
    { IN(EHLO)|IN(HELO),       GOOD,       NULL,        MAIL },
    { IN(EHLO),                NO,         NULL,        HELO },
    { IN(EHLO)|IN(HELO),       ANSWER_ANY, NULL,        QUIT },

    { IN(AUTH)|IN(RESPONSE),   GOOD,       NULL,        MAIL },
    { IN(AUTH)|IN(RESPONSE),   MORE,       &responds,   RESPONSE },
    { IN(AUTH)|IN(RESPONSE),   MORE,       &challenged, OVER },
    { IN(AUTH)|IN(RESPONSE),   MORE,       NULL,        QUIT },
    { IN(AUTH)|IN(RESPONSE),   ANSWER_ANY, NULL,        QUIT },

    { IN(MAIL),                GOOD,       NULL,        RCPT },
    { IN(MAIL),                ANSWER_ANY, NULL,        QUIT },

    { IN(RCPT),                GOOD,       &left,       RCPT },
    { IN(RCPT),                GOOD,       NULL,        DATA },
    { IN(RCPT),                ANSWER_ANY, &gives_up,   OVER },
    { IN(RCPT),                ANSWER_ANY, &gives_up,   QUIT },
    { IN(RCPT),                ANSWER_ANY, &gives_up,   RSET },
    { IN(RCPT),                ANSWER_ANY, &left,       RCPT },
    { IN(RCPT),                ANSWER_ANY, &accepted,   DATA },
    { IN(RCPT),                ANSWER_ANY, NULL,        QUIT },

    { IN(DATA),                MORE,       NULL,        BODY },
    { IN(DATA),                ANSWER_ANY, NULL,        QUIT },
    { IN(BODY),                SENT,       NULL,        DOT },
    { IN(BODY),                ANSWER_ANY, NULL,        OVER },
    { IN(DOT),                 ANSWER_ANY, NULL,        QUIT },
    { IN(RSET)|IN(QUIT),       ANSWER_ANY, NULL,        OVER },
    { OPEN,                    LOST,       NULL,        OVER },
};

const struct client_table smtp_client_table = {
    .name = "smtp", .role = "client",
    .steps = steps, .step_count = COUNT(steps),
    .answers = answers, .answer_count = COUNT(answers),
    .rows = rows, .row_count = COUNT(rows),
    .first = GREETING, .over = OVER,
    .kind = smtp_answer_kind,
};
