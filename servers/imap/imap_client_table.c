/* imap_client_table.c: when a client may speak, and what it waits for: one command at a time (RFC
   3501 5.5), a literal when the server asks for it (7.5), IDLE until DONE (RFC 2177). Which command
   is its owner's affair; untagged responses move nothing. */
#include "servers/imap/imap_client_private.h"

#define WAITING (IN(ASKED) | IN(APPEND) | IN(LITERAL) | IN(IDLE) | IN(IDLING) | IN(DONE))
#define OPEN (IN(OVER) - 1)

static const struct client_step steps[] = {
    [GREETING] = { "GREETING", "waits for the server to speak first", NULL, NULL, NULL, false },
    [READY] = { "READY", "may say its next command", NULL, imap_says_ready, NULL, false },
    [ASKED] = { "ASKED", "waits for the answer to its command", "", NULL, NULL, false },
    [APPEND] = { "APPEND", "waits to be asked for the message that it announced", "APPEND ", NULL, NULL, false },
    [LITERAL] = { "LITERAL", "has sent the message, and waits for the answer", NULL, imap_says_literal, NULL, false },
    [IDLE] = { "IDLE", "waits until the server agrees to tell what is new", "IDLE", NULL, NULL, false },
    [IDLING] = { "IDLING", "says nothing, and is told what is new", NULL, NULL, NULL, false },
    [DONE] = { "DONE", "has ended IDLE, and waits for the answer", "DONE", imap_says_done, NULL, false },
    [LOGOUT] = { "LOGOUT", "has said goodbye", "LOGOUT", NULL, NULL, false },
    [OVER] = { "OVER", "closes the connection", NULL, NULL, NULL, false },
};

static const struct client_answer answers[] = {
    [ANSWER_ANY] = { "else", false },
    [GREETED] = { "* OK or * PREAUTH", true },
    [BYE] = { "* BYE", true },
    [PLUS] = { "+", false },
    [TAGGED] = { "a tagged answer", false },
    [SAID] = { "(a command)", true },
    [SAID_APPEND] = { "(APPEND)", true },
    [SAID_IDLE] = { "(IDLE)", true },
    [SAID_DONE] = { "(DONE)", true },
    [SAID_LOGOUT] = { "(LOGOUT)", true },
    [STOPPED] = { "a lost connection, or what is no IMAP", false },
};

static const struct client_row rows[] = {
    /* from                    answer        if    next */
    { IN(GREETING),            GREETED,      NULL, READY },
    { IN(GREETING),            BYE,          NULL, OVER },
    { IN(READY),               SAID,         NULL, ASKED },
    { IN(READY),               SAID_APPEND,  NULL, APPEND },
    { IN(READY),               SAID_IDLE,    NULL, IDLE },
    { IN(READY),               SAID_LOGOUT,  NULL, LOGOUT },
    { WAITING,                 TAGGED,       NULL, READY },
    { IN(APPEND),              PLUS,         NULL, LITERAL },
    { IN(IDLE),                PLUS,         NULL, IDLING },
    { IN(IDLING),              SAID_DONE,    NULL, DONE },
    { IN(LOGOUT),              TAGGED,       NULL, OVER },
    { OPEN & ~WAITING & ~IN(LOGOUT), TAGGED, NULL, OVER },
    { OPEN & ~IN(APPEND) & ~IN(IDLE), PLUS,  NULL, OVER },
    { OPEN,                    STOPPED,      NULL, OVER },
};

const struct client_table imap_client_table = {
    .name = "imap", .role = "end",
    .steps = steps, .step_count = COUNT(steps),
    .answers = answers, .answer_count = COUNT(answers),
    .rows = rows, .row_count = COUNT(rows),
    .first = GREETING, .over = OVER,
    .kind = imap_response_kind, .tagged = true, .beneath = true,
};
