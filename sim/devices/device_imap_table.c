/* device_imap_table.c: a sync by IMAP: what is said after which answer. What a step writes, and what
   it takes from an answer, is in device_imap.c, device_imap_tell.c and device_imap_habit.c.
   RFC 3501; ENABLE and QRESYNC 7162, MOVE 6851, UIDPLUS 4315. */
#include "sim/devices/device_imap.h"

static const struct client_step steps[] = {
    [AT_GREETING] = { "GREETING", "waits for the server to speak first", NULL, NULL, imap_hears_greeting, false },
    [AT_LOGIN] = { "LOGIN", "logs in", "LOGIN ", imap_says_login, imap_hears_login, false },
    [AT_CAPABILITY] = { "CAPABILITY", "asks what the server can do", "CAPABILITY", imap_says_capability, NULL, false },
    [AT_ENABLE] = { "ENABLE", "wants to be told of what went while it was away", "ENABLE ", imap_says_enable, NULL, false },
    [AT_LIST] = { "LIST", "asks which mailboxes there are", "LIST ", imap_says_list, imap_hears_list, false },
    [AT_MAKE] = { "MAKE", "makes a mailbox that its program wants", "CREATE ", imap_says_make, imap_hears_make, false },
    [AT_SUBSCRIBE] = { "SUBSCRIBE", "subscribes to it", "SUBSCRIBE ", imap_says_subscribe, NULL, false },
    [AT_SELECT] = { "SELECT", "opens the next mailbox", "SELECT |EXAMINE ", imap_says_select, imap_hears_select, false },
    [AT_PURGE_FIRST] = { "PURGE_FIRST", "removes what is marked there before it looks", "EXPUNGE", imap_says_purge_first, imap_hears_purge, false },
    [AT_FLAGS] = { "FLAGS", "asks how messages are marked", "UID FETCH 1:* ", imap_says_flags, imap_hears_flags, false },
    [AT_UIDS] = { "UIDS", "asks which messages there are", "UID SEARCH ", imap_says_uids, imap_hears_uids, false },
    [AT_MESSAGES] = { "MESSAGES", "fetches what is new", "UID FETCH *(UID FLAGS ", imap_says_messages, imap_hears_messages, false },
    [AT_PUSH] = { "PUSH", "tells how a message was marked here", "UID STORE ", imap_says_push, imap_hears_push, false },
    [AT_MOVE] = { "MOVE", "tells where a message was moved here", "UID MOVE |UID COPY ", imap_says_move, imap_hears_move, false },
    [AT_COPY] = { "COPY", "copies to the Trash what was deleted here", "UID COPY *\"Trash\"", imap_says_copy, imap_hears_deletion, false },
    [AT_DELETE] = { "DELETE", "marks what was deleted here, or moves it to the Trash", "UID STORE *(\\Deleted)|UID MOVE *\"Trash\"", imap_says_delete, imap_hears_deletion, false },
    [AT_EXPUNGE] = { "EXPUNGE", "removes what is marked", "EXPUNGE|CLOSE|UID EXPUNGE ", imap_says_expunge, imap_hears_deletion, false },
    [AT_PURGE_LAST] = { "PURGE_LAST", "removes what is marked there before it leaves", "EXPUNGE|CLOSE", imap_says_purge_last, NULL, false },
    [AT_CREATE] = { "CREATE", "makes the mailbox for what was sent", "CREATE ", imap_says_create, imap_hears_create, false },
    [AT_APPEND] = { "APPEND", "files a copy of what was sent", "APPEND ", imap_says_append, imap_hears_append, false },
    [AT_READ] = { "READ", "fetches the one message that is to be read", "UID FETCH *(UID BODY", imap_says_read, NULL, false },
    [AT_LOGOUT] = { "LOGOUT", "ends the session", "LOGOUT", imap_says_logout, NULL, true },
    [AT_OVER] = { "OVER", "closes the connection", NULL, NULL, NULL, false },
};

const struct client_answer imap_answers[] = {
    [ANSWER_ANY] = { "else", false },
    [ANSWER_OK] = { "OK", false },
    [ANSWER_NO] = { "NO or BAD", false },
    [ANSWER_ENDED] = { "BYE or a lost connection", false },
};

static const struct client_when no_login = { "LOGIN is forbidden (LOGINDISABLED)", imap_takes_no_login };
static const struct client_when unknown = { "it was not told what the server can do", imap_capabilities_are_unknown };
static const struct client_when enables = { "the server can tell what went (QRESYNC)", imap_enables };
static const struct client_when syncs = { "all is to be fetched", imap_is_whole_sync };
static const struct client_when finds = { "the message that is to be read is known", imap_finds_message };
static const struct client_when same = { "that one message is still there", imap_same_numbers };
static const struct client_when reads = { "it only looked for one message", imap_is_reading };
static const struct client_when makes = { "its program wants a mailbox more", imap_makes };
static const struct client_when subscribes = { "its program subscribes", imap_subscribes };
static const struct client_when purges_first = { "its program says EXPUNGE first", imap_purges_first };
static const struct client_when purges_last = { "its program says EXPUNGE or CLOSE last", imap_purges_last };
static const struct client_when asks = { "that is not told yet", imap_asks };
static const struct client_when wants = { "messages are not here", imap_wants_messages };
static const struct client_when marks = { "one is marked otherwise here", imap_has_marks };
static const struct client_when moves = { "one was moved here", imap_moves };
static const struct client_when deletes = { "some were deleted here", imap_deletes };
static const struct client_when expunges = { "its program removes what it marks", imap_expunges };
static const struct client_when folder = { "a mailbox is left", imap_folder_is_left };
static const struct client_when files = { "a copy waits to be filed", imap_files };

/* What is still to be done, in this order: each part goes on with the next one. */
#define FILES(from, answer) \
    { from, answer, &files, AT_CREATE }, \
    { from, answer, &files, AT_APPEND }, \
    { from, answer, NULL, AT_LOGOUT }
#define FOLDERS(from, answer) \
    { from, answer, &folder, AT_SELECT }, \
    FILES(from, answer)
#define DELETES(from, answer) \
    { from, answer, &deletes, AT_COPY }, \
    { from, answer, &deletes, AT_DELETE }, \
    { from, answer, &purges_last, AT_PURGE_LAST }, \
    FOLDERS(from, answer)
#define MOVES(from, answer) \
    { from, answer, &moves, AT_MOVE }, \
    DELETES(from, answer)
#define MARKS(from, answer) \
    { from, answer, &marks, AT_PUSH }, \
    MOVES(from, answer)
#define MESSAGES(from, answer) \
    { from, answer, &wants, AT_MESSAGES }, \
    MARKS(from, answer)
#define FLAGS(from, answer) \
    { from, answer, &asks, AT_UIDS }, \
    { from, answer, &asks, AT_FLAGS }, \
    MESSAGES(from, answer)
#define MAILBOXES(from, answer) \
    { from, answer, &makes, AT_MAKE }, \
    FOLDERS(from, answer)
#define BEGINS(from, answer) \
    { from, answer, &syncs, AT_LIST }, \
    { from, answer, &finds, AT_SELECT }, \
    { from, answer, NULL, AT_LOGOUT }

static const struct client_row rows[] = {
    /* from                               answer        if             next */
    { IN(AT_GREETING),                    ANSWER_ANY,   &no_login,     AT_LOGOUT },
    { IN(AT_GREETING),                    ANSWER_ANY,   NULL,          AT_LOGIN },
    { IN(AT_LOGIN),                       ANSWER_NO,    NULL,          AT_LOGOUT },
    { IN(AT_LOGIN),                       ANSWER_OK,    &unknown,      AT_CAPABILITY },
    { IN(AT_LOGIN),                       ANSWER_OK,    &enables,      AT_ENABLE },
    BEGINS(IN(AT_LOGIN),                  ANSWER_OK),
    { IN(AT_CAPABILITY),                  ANSWER_ANY,   &enables,      AT_ENABLE },
    BEGINS(IN(AT_CAPABILITY)|IN(AT_ENABLE), ANSWER_ANY),

    MAILBOXES(IN(AT_LIST)|IN(AT_SUBSCRIBE), ANSWER_ANY),
    { IN(AT_MAKE),                        ANSWER_OK,    &subscribes,   AT_SUBSCRIBE },
    MAILBOXES(IN(AT_MAKE),                ANSWER_OK),
    MAILBOXES(IN(AT_MAKE),                ANSWER_NO),

    { IN(AT_SELECT),                      ANSWER_OK,    &same,         AT_READ },
    { IN(AT_SELECT),                      ANSWER_OK,    &reads,        AT_LOGOUT },
    { IN(AT_SELECT),                      ANSWER_NO,    &reads,        AT_LOGOUT },
    { IN(AT_SELECT),                      ANSWER_OK,    &purges_first, AT_PURGE_FIRST },
    FLAGS(IN(AT_SELECT),                  ANSWER_OK),
    FLAGS(IN(AT_PURGE_FIRST),             ANSWER_ANY),
    { IN(AT_UIDS),                        ANSWER_OK,    NULL,          AT_FLAGS },
    FOLDERS(IN(AT_SELECT)|IN(AT_UIDS)|IN(AT_FLAGS), ANSWER_NO),
    MESSAGES(IN(AT_FLAGS)|IN(AT_MESSAGES), ANSWER_OK),
    MARKS(IN(AT_MESSAGES),                ANSWER_NO),
    MARKS(IN(AT_PUSH),                    ANSWER_ANY),
    MOVES(IN(AT_MOVE),                    ANSWER_ANY),

    { IN(AT_COPY),                        ANSWER_OK,    NULL,          AT_DELETE },
    { IN(AT_DELETE),                      ANSWER_OK,    &expunges,     AT_EXPUNGE },
    DELETES(IN(AT_DELETE)|IN(AT_EXPUNGE), ANSWER_OK),
    FOLDERS(IN(AT_COPY)|IN(AT_DELETE)|IN(AT_EXPUNGE), ANSWER_NO),
    FOLDERS(IN(AT_PURGE_LAST),            ANSWER_ANY),

    { IN(AT_CREATE),                      ANSWER_OK,    NULL,          AT_APPEND },
    { IN(AT_CREATE),                      ANSWER_NO,    NULL,          AT_LOGOUT },
    FILES(IN(AT_APPEND),                  ANSWER_ANY),
    { IN(AT_READ),                        ANSWER_ANY,   NULL,          AT_LOGOUT },
    { IN(AT_OVER) - 1,                    ANSWER_ENDED, NULL,          AT_OVER },
};

const struct client_table imap_sync_table = {
    .name = "imap", .role = "client",
    .steps = steps, .step_count = COUNT(steps),
    .answers = imap_answers, .answer_count = COUNT(imap_answers),
    .rows = rows, .row_count = COUNT(rows),
    .first = AT_GREETING, .over = AT_OVER,
    .kind = imap_answer_kind, .tagged = true,
};
