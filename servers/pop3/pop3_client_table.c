/* pop3_client_table.c: what a client says after which answer. Which words it says before the first
   message, and what it does with messages, is its program's habit: `next` holds for that one. What
   a step writes, and what it takes from an answer, is in pop3_client*.c. RFC 1939, 2449, 5034. */
#include "servers/pop3/pop3_client_private.h"

#define LOGIN (IN(USER) | IN(PASS) | IN(APOP) | IN(AUTH) | IN(RESPONSE))
#define LISTS (IN(CAPA) | IN(UIDL) | IN(LIST))
#define OPEN (IN(OVER) - 1)

static const struct client_step steps[] = {
    [GREETING] = { "GREETING", "waits for the server to speak first", NULL, NULL, pop3_hears_word, false },
    [CAPA] = { "CAPA", "asks what the server can do", "CAPA", pop3_says_word, pop3_hears_word, false },
    [STLS] = { "STLS", "asks for TLS", "STLS", pop3_says_word, pop3_hears_word, false },
    [USER] = { "USER", "says whose maildrop it is", "USER ", pop3_says_word, pop3_hears_word, false },
    [PASS] = { "PASS", "says the password", "PASS ", pop3_says_word, pop3_hears_word, false },
    [APOP] = { "APOP", "logs in without saying the password", "APOP ", pop3_says_word, pop3_hears_word, false },
    [AUTH] = { "AUTH", "begins to log in", "AUTH ", pop3_says_word, pop3_hears_word, false },
    [RESPONSE] = { "RESPONSE", "answers the server's challenge", "", pop3_says_response, pop3_hears_word, false },
    [STAT] = { "STAT", "asks how many messages there are", "STAT", pop3_says_word, pop3_hears_word, false },
    [LAST] = { "LAST", "asks which message was read last", "LAST", pop3_says_word, pop3_hears_word, false },
    [UIDL] = { "UIDL", "asks for the unique-ids", "UIDL", pop3_says_word, pop3_hears_word, false },
    [LIST] = { "LIST", "asks for the numbers and sizes", "LIST", pop3_says_word, pop3_hears_word, false },
    [LINES] = { "LINES", "reads the lines of a list, up to its dot", NULL, NULL, pop3_hears_end_of_list, true },
    [LIST_1] = { "LIST_1", "asks for the size of one message", "LIST ", pop3_says_entry, pop3_hears_entry, false },
    [RETR] = { "RETR", "asks for a message", "RETR |TOP ", pop3_says_entry, pop3_hears_entry, false },
    [MESSAGE] = { "MESSAGE", "reads the message, up to its dot, and keeps it", NULL, NULL, pop3_hears_entry, true },
    [TOP] = { "TOP", "asks for the header once more", "TOP ", pop3_says_entry, pop3_hears_entry, false },
    [HEADER] = { "HEADER", "reads the header, and throws it away", NULL, NULL, pop3_hears_entry, true },
    [DELE] = { "DELE", "marks a message to be deleted", "DELE ", pop3_says_entry, pop3_hears_entry, false },
    [QUIT] = { "QUIT", "ends the session; its answer says that what is marked is removed", "QUIT", pop3_says_quit, pop3_hears_quit, false },
    [OVER] = { "OVER", "closes the connection", NULL, NULL, NULL, false },
};

static const struct client_answer answers[] = {
    [ANSWER_ANY] = { "else", false },
    [GOOD] = { "+OK", false },
    [NO] = { "-ERR", false },
    [ASKS] = { "+ and a challenge", true },
    [END] = { "the dot", true },
    [STOP] = { "no room for it here", true },
    [RUBBISH] = { "what is no POP3", false },
    [LOST] = { "a lost connection", false },
};

static const struct client_when word = { "its program says that next", pop3_is_next };
static const struct client_when fetches = { "a message is wanted", pop3_is_next };
static const struct client_when removes = { "a message is to go", pop3_is_next };
static const struct client_when again = { "its program reads headers twice", pop3_is_next };
static const struct client_when leaves = { "its program says no QUIT", pop3_is_next };
static const struct client_when responds = { "it has a response", pop3_has_response };

#define SAYS_GOODBYE(from, answer) \
    { from, answer, &leaves, OVER }, \
    { from, answer, NULL, QUIT }
#define GOES_ON_WITH_MESSAGES(from, answer) \
    { from, answer, &fetches, LIST_1 }, \
    { from, answer, &fetches, RETR }, \
    { from, answer, &removes, DELE }, \
    SAYS_GOODBYE(from, answer)
#define GOES_ON(from, answer) \
    { from, answer, &word, CAPA }, \
    { from, answer, &word, STLS }, \
    { from, answer, &word, USER }, \
    { from, answer, &word, PASS }, \
    { from, answer, &word, APOP }, \
    { from, answer, &word, AUTH }, \
    { from, answer, &word, STAT }, \
    { from, answer, &word, LAST }, \
    { from, answer, &word, UIDL }, \
    { from, answer, &word, LIST }, \
    GOES_ON_WITH_MESSAGES(from, answer)

static const struct client_row rows[] = {
    /* from                                       answer   if         next */
    GOES_ON(IN(GREETING)|IN(STLS)|LOGIN|IN(STAT)|IN(LAST), GOOD),
    { LISTS,                                      GOOD,    NULL,      LINES },
    GOES_ON(IN(LINES),                            END),
    GOES_ON(IN(CAPA)|IN(LAST)|IN(UIDL),           NO),
    { IN(AUTH)|IN(RESPONSE),                      ASKS,    &responds, RESPONSE },
    { IN(AUTH)|IN(RESPONSE),                      ASKS,    NULL,      OVER },
    SAYS_GOODBYE(IN(GREETING)|IN(STLS)|LOGIN|IN(STAT)|IN(LIST), NO),

    { IN(LIST_1),                                 GOOD,    NULL,      RETR },
    { IN(LIST_1),                                 NO,      NULL,      RETR },
    { IN(RETR),                                   GOOD,    NULL,      MESSAGE },
    GOES_ON_WITH_MESSAGES(IN(RETR)|IN(TOP),       NO),
    { IN(MESSAGE),                                END,     &again,    TOP },
    GOES_ON_WITH_MESSAGES(IN(MESSAGE)|IN(HEADER), END),
    { IN(MESSAGE),                                STOP,    NULL,      OVER },
    { IN(TOP),                                    GOOD,    NULL,      HEADER },
    GOES_ON_WITH_MESSAGES(IN(DELE),               GOOD),
    GOES_ON_WITH_MESSAGES(IN(DELE),               NO),

    { IN(QUIT),                                   GOOD,    NULL,      OVER },
    { IN(QUIT),                                   NO,      NULL,      OVER },
    { OPEN,                                       RUBBISH, NULL,      OVER },
    { OPEN,                                       LOST,    NULL,      OVER },
};

const struct client_table pop3_client_table = {
    .name = "pop3", .role = "client",
    .steps = steps, .step_count = COUNT(steps),
    .answers = answers, .answer_count = COUNT(answers),
    .rows = rows, .row_count = COUNT(rows),
    .first = GREETING, .over = OVER,
    .kind = pop3_answer_kind,
};
