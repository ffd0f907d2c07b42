/* imap_table.c: when each IMAP command is allowed, what is answered, what follows.
   What a command does is in imap_on_VERB; imap.h says which file. RFC 3501; 2177 (IDLE),
   2342 (NAMESPACE), 2971 (ID), 3502 (MULTIAPPEND), 3516 (BINARY), 3691 (UNSELECT), 4315 (UIDPLUS),
   4731 (ESEARCH), 4959 (SASL-IR), 5032 (WITHIN), 5161 (ENABLE), 5182 (SEARCHRES),
   5256 (SORT, THREAD), 5258 (LIST-EXTENDED), 5267 (ESORT), 5819 (LIST-STATUS),
   6154 (SPECIAL-USE), 6851 (MOVE), 7162 (CONDSTORE, QRESYNC), 7888 (LITERAL+),
   7889 (APPENDLIMIT), 8438 (STATUS=SIZE), 9051 (IMAP4rev2), 9208 (QUOTA); codes of RFC 5530. */
#include "servers/imap/imap.h"

enum { NOT_AUTHENTICATED, AUTHENTICATING, AUTHENTICATED, SELECTED, IDLING, CLOSED };

enum {
    EV_CAPABILITY = EV_VERBS, EV_NOOP, EV_LOGOUT, EV_LOGIN, EV_AUTHENTICATE,
    EV_SELECT, EV_EXAMINE, EV_CREATE, EV_DELETE, EV_RENAME, EV_SUBSCRIBE, EV_UNSUBSCRIBE,
    EV_LIST, EV_LSUB, EV_STATUS, EV_NAMESPACE, EV_APPEND, EV_IDLE,
    EV_CHECK, EV_CLOSE, EV_UNSELECT, EV_FETCH, EV_SEARCH, EV_STORE, EV_COPY, EV_MOVE, EV_EXPUNGE,
    EV_STARTTLS, EV_ID, EV_ENABLE, EV_GETQUOTA, EV_GETQUOTAROOT, EV_SORT, EV_THREAD
};

#define BEFORE IN(NOT_AUTHENTICATED)
#define INSIDE (IN(AUTHENTICATED) | IN(SELECTED))
#define TALKING (BEFORE | INSIDE)
#define OPEN (TALKING | IN(IDLING) | IN(AUTHENTICATING))

static const struct state states[] = {
    [NOT_AUTHENTICATED] = { "NOT_AUTHENTICATED", "the server does not know who you are", READS_COMMAND, 0 },
    [AUTHENTICATING] = { "AUTHENTICATING", "the server waits for an answer in base64", READS_ANSWER, 0 },
    [AUTHENTICATED] = { "AUTHENTICATED", "you are logged in, and no mailbox is open", READS_COMMAND, 0 },
    [SELECTED] = { "SELECTED", "a mailbox is open, and its messages have numbers", READS_COMMAND, 0 },
    [IDLING] = { "IDLING", "the server tells news at once, until you say DONE", READS_DONE, 0 },
    [CLOSED] = { "CLOSED", "the connection is closed", READS_NOTHING, 0 },
};

#define PASSWORD FACT_REQUIRE_TLS, FACT_TLS, OUT_NEEDS_TLS
#define WRITING 0, FACT_WRITABLE, OUT_READ_ONLY

static const struct event events[] = {
    [EV_OPENED] = { "OPENED", "(a connection)", "lets the server speak first", imap_on_opened, 0, 0, 0, 0 },
    [EV_ANSWER] = { "ANSWER", "AGFuYQB0dWxpcA==", "answers the server's question in base64", imap_on_answer, 0, 0, 0, 0 },
    [EV_DONE] = { "DONE", "DONE", "ends IDLE", imap_on_done, 0, 0, 0, 0 },
    [EV_LITERAL] = { "LITERAL", "a1 LOGIN {3}", "announces that so many octets follow, whatever they are", NULL, 0, 0, 0, 0 },
    [EV_TIMEOUT] = { "TIMEOUT", "(silence)", "ends a session in which nothing comes", imap_on_lost, 0, 0, 0, 0 },
    [EV_SHUTDOWN] = { "SHUTDOWN", "(the server stops)", "ends a session because the server goes down", imap_on_lost, 0, 0, 0, 0 },
    [EV_LOST] = { "LOST", "(a cut line)", "ends a session whose line is gone", imap_on_lost, 0, 0, 0, 0 },
    [EV_TLS] = { "TLS", "(a TLS ClientHello)", "begins TLS where the server speaks in the open", NULL, 0, 0, 0, 0 },
    [EV_UNKNOWN] = { "UNKNOWN", "a1 HALLO", "is no command of IMAP", NULL, 0, 0, 0, 0 },
    [EV_CAPABILITY] = { "CAPABILITY", "a1 CAPABILITY", "asks what the server can do", imap_on_capability, 0, 0, 0, 0 },
    [EV_NOOP] = { "NOOP", "a1 NOOP", "does nothing, and is told what is new", imap_on_noop, 0, 0, 0, 0 },
    [EV_LOGOUT] = { "LOGOUT", "a1 LOGOUT", "ends the session; nothing is removed", imap_on_logout, 0, 0, 0, 0 },
    [EV_LOGIN] = { "LOGIN", "a1 LOGIN ana tulip", "says who you are, and the password", imap_on_login, PASSWORD, 0 },
    [EV_AUTHENTICATE] = { "AUTHENTICATE", "a1 AUTHENTICATE PLAIN AGFuYQB0dWxpcA==", "says who you are, by SASL", imap_on_authenticate, PASSWORD, 0 },
    [EV_SELECT] = { "SELECT", "a1 SELECT INBOX", "opens a mailbox", imap_on_select, 0, 0, 0, 0 },
    [EV_EXAMINE] = { "EXAMINE", "a1 EXAMINE INBOX", "opens a mailbox for looking only", imap_on_examine, 0, 0, 0, 0 },
    [EV_CREATE] = { "CREATE", "a1 CREATE Trips", "makes a mailbox", imap_on_create, 0, 0, 0, EVENT_CHANGES },
    [EV_DELETE] = { "DELETE", "a1 DELETE Archive", "removes a mailbox with all that is in it", imap_on_delete, 0, 0, 0, EVENT_CHANGES },
    [EV_RENAME] = { "RENAME", "a1 RENAME Archive Old", "gives a mailbox another name", imap_on_rename, 0, 0, 0, EVENT_CHANGES },
    [EV_SUBSCRIBE] = { "SUBSCRIBE", "a1 SUBSCRIBE Archive", "puts a mailbox on the list that LSUB shows", imap_on_subscribe, 0, 0, 0, EVENT_CHANGES },
    [EV_UNSUBSCRIBE] = { "UNSUBSCRIBE", "a1 UNSUBSCRIBE Archive", "takes a name off the list that LSUB shows", imap_on_unsubscribe, 0, 0, 0, EVENT_CHANGES },
    [EV_LIST] = { "LIST", "a1 LIST \"\" *", "asks which mailboxes there are", imap_on_list, 0, 0, 0, 0 },
    [EV_LSUB] = { "LSUB", "a1 LSUB \"\" *", "asks which mailboxes are subscribed to", imap_on_lsub, 0, 0, 0, 0 },
    [EV_STATUS] = { "STATUS", "a1 STATUS Archive (MESSAGES UNSEEN)", "counts in a mailbox without opening it", imap_on_status, 0, 0, 0, 0 },
    [EV_NAMESPACE] = { "NAMESPACE", "a1 NAMESPACE", "asks where your mailboxes begin, and others'", imap_on_namespace, 0, 0, 0, 0 },
    [EV_APPEND] = { "APPEND", "a1 APPEND Sent (\\Seen) {16+}\r\nSubject: Hello\r\n", "puts a message into a mailbox", imap_on_append, 0, 0, 0, EVENT_CHANGES },
    [EV_IDLE] = { "IDLE", "a1 IDLE", "waits, and is told at once what is new", imap_on_idle, 0, 0, 0, 0 },
    [EV_CHECK] = { "CHECK", "a1 CHECK", "asks the server to tidy up; here that is nothing", imap_on_check, 0, 0, 0, 0 },
    [EV_CLOSE] = { "CLOSE", "a1 CLOSE", "removes what is \\Deleted and leaves the mailbox", imap_on_close, 0, 0, 0, EVENT_CHANGES },
    [EV_UNSELECT] = { "UNSELECT", "a1 UNSELECT", "leaves the mailbox and removes nothing", imap_on_unselect, 0, 0, 0, 0 },
    [EV_EXPUNGE] = { "EXPUNGE", "a1 EXPUNGE", "removes what is \\Deleted, for good", imap_on_expunge, WRITING, EVENT_CHANGES | EVENT_UID },
    [EV_SEARCH] = { "SEARCH", "a1 SEARCH UNSEEN", "asks for the numbers of messages that fit", imap_on_search, 0, 0, 0, EVENT_UID },
    [EV_SORT] = { "SORT", "a1 SORT (REVERSE DATE) UTF-8 UNSEEN", "asks for the numbers of messages that fit, in an order", imap_on_sort, 0, 0, 0, EVENT_UID },
    [EV_THREAD] = { "THREAD", "a1 THREAD REFERENCES UTF-8 ALL", "asks which messages that fit belong together", imap_on_thread, 0, 0, 0, EVENT_UID },
    [EV_FETCH] = { "FETCH", "a1 FETCH 1 (FLAGS BODY[HEADER])", "reads messages, or parts of them", imap_on_fetch, 0, 0, 0, EVENT_CHANGES | EVENT_UID },
    [EV_STORE] = { "STORE", "a1 STORE 1 +FLAGS (\\Flagged)", "changes the flags of messages", imap_on_store, WRITING, EVENT_CHANGES | EVENT_UID },
    [EV_COPY] = { "COPY", "a1 COPY 1 Archive", "puts messages into another mailbox too", imap_on_copy, 0, 0, 0, EVENT_CHANGES | EVENT_UID },
    [EV_MOVE] = { "MOVE", "a1 MOVE 1 Archive", "puts messages into another mailbox instead", imap_on_move, WRITING, EVENT_CHANGES | EVENT_UID },
    [EV_STARTTLS] = { "STARTTLS", "a1 STARTTLS", "encrypts all that follows", imap_on_starttls, 0, FACT_STARTTLS, OUT_UNSUPPORTED, EVENT_SEALS },
    [EV_ID] = { "ID", "a1 ID NIL", "asks which program the server is, and may say which yours is", imap_on_id, 0, 0, 0, 0 },
    [EV_ENABLE] = { "ENABLE", "a1 ENABLE CONDSTORE", "turns on what changes the server's answers", imap_on_enable, 0, 0, 0, 0 },
    [EV_GETQUOTA] = { "GETQUOTA", "a1 GETQUOTA \"\"", "asks how much your mailboxes hold and may hold", imap_on_getquota, 0, 0, 0, 0 },
    [EV_GETQUOTAROOT] = { "GETQUOTAROOT", "a1 GETQUOTAROOT INBOX", "asks the same by a mailbox's name", imap_on_getquotaroot, 0, 0, 0, 0 },
};

#define NO_BOX "NO [NONEXISTENT] No such mailbox"
#define NO_TARGET "NO [TRYCREATE] No such mailbox: CREATE it first"
#define NO_KEYWORDS "NO [LIMIT] A mailbox has at most 40 keywords"
#define NO_ROOM "NO [LIMIT] A mailbox holds at most 1000000 messages"
#define NO_QUOTA "NO [OVERQUOTA] Quota exceeded; GETQUOTA tells"
#define NO_CHARSET "NO [BADCHARSET (US-ASCII UTF-8)] Only these character sets"
#define NO_TEXT "NO [LIMIT] A text to search for has at most 1024 octets"
#define NO_SAVE "NO [NOTSAVED] Search result too long to be saved"
#define NO_SORT "NO [LIMIT] Too many messages to sort at once"
#define NO_MESSAGE "NO [EXPUNGEISSUED] Another session has removed some of these"
#define NO_DONE "BAD Expected DONE; IDLE has ended, and this line was not executed"
#define NO_LOGIN "NO [AUTHENTICATIONFAILED] Authentication failed"
#define NO_TROUBLE "NO [UNAVAILABLE] Temporary server error, try again later"

static const struct rule rules[] = {
    /* from                  event            outcome           reply                                                     next               rfc */
    { BEFORE,                EV_OPENED,       OUT_OK,           "* OK {code} {detail} Pennypost IMAP",                    STAY,              "3501 7.1.1" },

    { TALKING,               EV_CAPABILITY,   OUT_OK,           "OK CAPABILITY completed",                                STAY,              "3501 6.1.1" },
    { TALKING,               EV_NOOP,         OUT_OK,           "OK NOOP completed",                                      STAY,              "3501 6.1.2" },
    { TALKING,               EV_ID,           OUT_OK,           "OK ID completed",                                        STAY,              "2971 3.1" },
    { TALKING,               EV_LOGOUT,       OUT_OK,           "OK LOGOUT completed",                                    CLOSED,            "3501 6.1.3" },

    { BEFORE,                EV_STARTTLS,     OUT_OK,           "OK Begin TLS negotiation now",                           STAY,              "3501 6.2.1" },
    { BEFORE,                EV_STARTTLS,     OUT_EXISTS,       "BAD TLS already active",                                  STAY,              "3501 6.2.1" },
    { BEFORE,                EV_STARTTLS,     OUT_UNSUPPORTED,  "BAD TLS not available",                            STAY,              "3501 6.2.1" },
    { BEFORE,                EV_LOGIN,        OUT_OK,           "OK {code} LOGIN completed",                              AUTHENTICATED,     "3501 6.2.3" },
    { BEFORE,                EV_LOGIN,        OUT_BAD_LOGIN,    NO_LOGIN,                                                 STAY,              "3501 6.2.3" },
    { BEFORE,                EV_AUTHENTICATE, OUT_OK,           "OK {code} AUTHENTICATE completed",                       AUTHENTICATED,     "4959 3" },
    { BEFORE,                EV_AUTHENTICATE, OUT_BAD_LOGIN,    NO_LOGIN,                                                 STAY,              "4959 3" },
    { BEFORE,                EV_AUTHENTICATE, OUT_CONTINUE,     "+ {detail}",                                             AUTHENTICATING,    "3501 6.2.2" },
    { BEFORE,                EV_AUTHENTICATE, OUT_UNSUPPORTED,  "NO Mechanism not supported; CAPABILITY lists those that are", STAY,        "3501 6.2.2" },
    { BEFORE,                EV_ANY,          OUT_NEEDS_TLS,    "NO [PRIVACYREQUIRED] Encryption required",    STAY,              "3501 6.2.3" },
    { IN(AUTHENTICATING),    EV_ANSWER,       OUT_OK,           "OK {code} AUTHENTICATE completed",                       AUTHENTICATED,     "3501 6.2.2" },
    { IN(AUTHENTICATING),    EV_ANSWER,       OUT_CONTINUE,     "+ {detail}",                                             STAY,              "3501 6.2.2" },
    { IN(AUTHENTICATING),    EV_ANSWER,       OUT_BAD_LOGIN,    NO_LOGIN,                                                 NOT_AUTHENTICATED, "3501 6.2.2" },
    { IN(AUTHENTICATING),    EV_ANSWER,       OUT_UNSUPPORTED,  "NO Channel binding not supported",                      NOT_AUTHENTICATED, "5802 6" },
    { IN(AUTHENTICATING),    EV_ANSWER,       OUT_CANCELLED,    "BAD AUTHENTICATE cancelled",                NOT_AUTHENTICATED, "3501 6.2.2" },
    { IN(AUTHENTICATING),    EV_ANSWER,       OUT_SYNTAX,       "BAD {detail}",                                           NOT_AUTHENTICATED, "3501 6.2.2" },
    { IN(AUTHENTICATING),    EV_ANSWER,       OUT_TOO_LONG,     "BAD Response too long",                             NOT_AUTHENTICATED, "3501 6.2.2" },
    { IN(AUTHENTICATING),    EV_ANSWER,       OUT_BARE_NEWLINE, "BAD CR, LF or NUL in the response",                   NOT_AUTHENTICATED, "3501 6.2.2" },
    { IN(AUTHENTICATING),    EV_ANSWER,       OUT_FAILED,       NO_TROUBLE,                                               NOT_AUTHENTICATED, "5530 3" },

    { INSIDE,                EV_ENABLE,       OUT_OK,           "OK ENABLE completed",                                    STAY,              "5161 3.1" },
    { INSIDE,                EV_SELECT,       OUT_OK,           "OK [READ-WRITE] SELECT completed",                       SELECTED,          "3501 6.3.1" },
    { INSIDE,                EV_SELECT,       OUT_NO_SUCH,      NO_BOX,                                                   AUTHENTICATED,     "3501 6.3.1" },
    { INSIDE,                EV_SELECT,       OUT_REFUSED,      "NO [CANNOT] Only mailboxes below this name exist",       AUTHENTICATED,     "3501 6.3.1" },
    { INSIDE,                EV_SELECT,       OUT_FAILED,       NO_TROUBLE,                                               AUTHENTICATED,     "3501 6.3.1" },
    { INSIDE,                EV_EXAMINE,      OUT_OK,           "OK [READ-ONLY] EXAMINE completed",                       SELECTED,          "3501 6.3.2" },
    { INSIDE,                EV_EXAMINE,      OUT_NO_SUCH,      NO_BOX,                                                   AUTHENTICATED,     "3501 6.3.2" },
    { INSIDE,                EV_EXAMINE,      OUT_REFUSED,      "NO [CANNOT] Only mailboxes below this name exist",       AUTHENTICATED,     "3501 6.3.2" },
    { INSIDE,                EV_EXAMINE,      OUT_FAILED,       NO_TROUBLE,                                               AUTHENTICATED,     "3501 6.3.2" },
    { INSIDE,                EV_CREATE,       OUT_OK,           "OK CREATE completed",                                    STAY,              "3501 6.3.3" },
    { INSIDE,                EV_CREATE,       OUT_EXISTS,       "NO [ALREADYEXISTS] There is such a mailbox already",     STAY,              "3501 6.3.3" },
    { INSIDE,                EV_CREATE,       OUT_REFUSED,      "NO [CANNOT] {detail}",                                   STAY,              "3501 6.3.3" },
    { INSIDE,                EV_CREATE,       OUT_UNSUPPORTED,  "NO [USEATTR] Special use not supported",               STAY,              "6154 3" },
    { INSIDE,                EV_CREATE,       OUT_TOO_MANY,     "NO [LIMIT] Too many mailboxes",  STAY,              "5530 3" },
    { INSIDE,                EV_DELETE,       OUT_OK,           "OK DELETE completed",                                    STAY,              "3501 6.3.4" },
    { INSIDE,                EV_DELETE,       OUT_NO_SUCH,      NO_BOX,                                                   STAY,              "3501 6.3.4" },
    { INSIDE,                EV_DELETE,       OUT_REFUSED,      "NO [CANNOT] {detail}",                                   STAY,              "3501 6.3.4" },
    { INSIDE,                EV_RENAME,       OUT_OK,           "OK RENAME completed",                                    STAY,              "3501 6.3.5" },
    { INSIDE,                EV_RENAME,       OUT_NO_SUCH,      NO_BOX,                                                   STAY,              "3501 6.3.5" },
    { INSIDE,                EV_RENAME,       OUT_EXISTS,       "NO [ALREADYEXISTS] There is such a mailbox already",     STAY,              "3501 6.3.5" },
    { INSIDE,                EV_RENAME,       OUT_REFUSED,      "NO [CANNOT] {detail}",                                   STAY,              "3501 6.3.5" },
    { INSIDE,                EV_SUBSCRIBE,    OUT_OK,           "OK SUBSCRIBE completed",                                 STAY,              "3501 6.3.6" },
    { INSIDE,                EV_SUBSCRIBE,    OUT_NO_SUCH,      NO_BOX,                                                   STAY,              "3501 6.3.6" },
    { INSIDE,                EV_SUBSCRIBE,    OUT_TOO_MANY,     "NO [LIMIT] Too many subscriptions", STAY,           "5530 3" },
    { INSIDE,                EV_UNSUBSCRIBE,  OUT_OK,           "OK UNSUBSCRIBE completed",                               STAY,              "3501 6.3.7" },
    { INSIDE,                EV_UNSUBSCRIBE,  OUT_NO_SUCH,      "NO Not a valid mailbox name",                         STAY,              "3501 6.3.7" },
    { INSIDE,                EV_LIST,         OUT_OK,           "OK LIST completed",                                      STAY,              "3501 6.3.8" },
    { INSIDE,                EV_LSUB,         OUT_OK,           "OK LSUB completed",                                      STAY,              "3501 6.3.9" },
    { INSIDE,                EV_STATUS,       OUT_OK,           "OK STATUS completed",                                    STAY,              "3501 6.3.10" },
    { INSIDE,                EV_STATUS,       OUT_NO_SUCH,      NO_BOX,                                                   STAY,              "3501 6.3.10" },
    { INSIDE,                EV_NAMESPACE,    OUT_OK,           "OK NAMESPACE completed",                                 STAY,              "2342 5" },
    { INSIDE,                EV_GETQUOTA,     OUT_OK,           "OK GETQUOTA completed",                                  STAY,              "9208 4.1.1" },
    { INSIDE,                EV_GETQUOTA,     OUT_NO_SUCH,      "NO [NONEXISTENT] No such quota root",                   STAY,              "9208 4.1.1" },
    { INSIDE,                EV_GETQUOTAROOT, OUT_OK,           "OK GETQUOTAROOT completed",                              STAY,              "9208 4.1.2" },
    { INSIDE,                EV_GETQUOTAROOT, OUT_REFUSED,      "NO [CANNOT] Not a valid mailbox name",                STAY,              "9208 4.1.2" },
    { INSIDE,                EV_APPEND,       OUT_OK,           "OK {code} APPEND completed",                             STAY,              "3501 6.3.11" },
    { INSIDE,                EV_APPEND,       OUT_NO_SUCH,      NO_TARGET,                                                STAY,              "3501 6.3.11" },
    { INSIDE,                EV_APPEND,       OUT_REFUSED,      "NO [CANNOT] {detail}",                                   STAY,              "3501 6.3.11" },
    { INSIDE,                EV_APPEND,       OUT_TOO_MANY,     NO_KEYWORDS,                                              STAY,              "3501 7.1" },
    { INSIDE,                EV_APPEND,       OUT_BARE_NEWLINE, "NO [CANNOT] A message cannot contain NUL",                      STAY,              "3501 4.3.1" },
    { INSIDE,                EV_APPEND,       OUT_UNSUPPORTED,  "NO [UNKNOWN-CTE] A NUL stands outside of a body that is binary",  STAY,     "3516 4.4" },
    { INSIDE,                EV_APPEND,       OUT_OVER_QUOTA,   NO_QUOTA,                                                 STAY,              "9208 4.3.1" },
    { INSIDE,                EV_IDLE,         OUT_OK,           "+ idling",                           IDLING,            "2177 3" },
    { IN(IDLING),            EV_DONE,         OUT_OK,           "OK IDLE completed",                                      SELECTED,          "2177 3" },
    { IN(IDLING),            EV_DONE,         OUT_NOTHING,         "OK IDLE completed",                                      AUTHENTICATED,     "2177 3" },
    { IN(IDLING),            EV_DONE,         OUT_SYNTAX,       NO_DONE,                                                  SELECTED,          "2177 3" },
    { IN(IDLING),            EV_DONE,         OUT_UNKNOWN,      NO_DONE,                                                  AUTHENTICATED,     "2177 3" },

    { IN(SELECTED),          EV_CHECK,        OUT_OK,           "OK CHECK completed",                                     STAY,              "3501 6.4.1" },
    { IN(SELECTED),          EV_CLOSE,        OUT_OK,           "OK CLOSE completed",                                     AUTHENTICATED,     "3501 6.4.2" },
    { IN(SELECTED),          EV_UNSELECT,     OUT_OK,           "OK UNSELECT completed",                                  AUTHENTICATED,     "3691 2" },
    { IN(SELECTED),          EV_EXPUNGE,      OUT_OK,           "OK {code} EXPUNGE completed",                            STAY,              "3501 6.4.3" },
    { IN(SELECTED),          EV_SEARCH,       OUT_OK,           "OK SEARCH completed",                                    STAY,              "3501 6.4.4" },
    { IN(SELECTED),          EV_SEARCH,       OUT_UNSUPPORTED,  NO_CHARSET,                                               STAY,              "3501 6.4.4" },
    { IN(SELECTED),          EV_SEARCH,       OUT_TOO_BIG,      NO_TEXT,                                                  STAY,              "5530 3" },
    { IN(SELECTED),          EV_SEARCH,       OUT_TOO_MANY,     NO_SAVE,                                                  STAY,              "5182 2.5" },
    { IN(SELECTED),          EV_SORT,         OUT_OK,           "OK SORT completed",                                      STAY,              "5256 3" },
    { IN(SELECTED),          EV_SORT,         OUT_UNSUPPORTED,  NO_CHARSET,                                               STAY,              "5256 3" },
    { IN(SELECTED),          EV_SORT,         OUT_TOO_BIG,      NO_TEXT,                                                  STAY,              "5530 3" },
    { IN(SELECTED),          EV_SORT,         OUT_REFUSED,      NO_SORT,                                                  STAY,              "5530 3" },
    { IN(SELECTED),          EV_SORT,         OUT_TOO_MANY,     NO_SAVE,                                                  STAY,              "5182 2.5" },
    { IN(SELECTED),          EV_THREAD,       OUT_OK,           "OK THREAD completed",                                    STAY,              "5256 3" },
    { IN(SELECTED),          EV_THREAD,       OUT_UNSUPPORTED,  NO_CHARSET,                                               STAY,              "5256 3" },
    { IN(SELECTED),          EV_THREAD,       OUT_TOO_BIG,      NO_TEXT,                                                  STAY,              "5530 3" },
    { IN(SELECTED),          EV_THREAD,       OUT_REFUSED,      NO_SORT,                                                  STAY,              "5530 3" },
    { IN(SELECTED),          EV_FETCH,        OUT_OK,           "OK FETCH completed",                                     STAY,              "3501 6.4.5" },
    { IN(SELECTED),          EV_FETCH,        OUT_NO_SUCH,      NO_MESSAGE,                                               STAY,              "2180 4.1" },
    { IN(SELECTED),          EV_FETCH,        OUT_UNSUPPORTED,  "NO [UNKNOWN-CTE] A part has a Content-Transfer-Encoding that is not known", STAY, "3516 4.3" },
    { IN(SELECTED),          EV_STORE,        OUT_OK,           "OK {code} STORE completed",                              STAY,              "3501 6.4.6" },
    { IN(SELECTED),          EV_STORE,        OUT_TOO_MANY,     NO_KEYWORDS,                                              STAY,              "3501 7.1" },
    { IN(SELECTED),          EV_COPY,         OUT_OK,           "OK {code} COPY completed",                               STAY,              "3501 6.4.7" },
    { IN(SELECTED),          EV_COPY,         OUT_NO_SUCH,      NO_TARGET,                                                STAY,              "3501 6.4.7" },
    { IN(SELECTED),          EV_COPY,         OUT_REFUSED,      NO_MESSAGE,                                               STAY,              "2180 4.4" },
    { IN(SELECTED),          EV_COPY,         OUT_TOO_MANY,     NO_ROOM,                                                  STAY,              "5530 3" },
    { IN(SELECTED),          EV_COPY,         OUT_OVER_QUOTA,   NO_QUOTA,                                                 STAY,              "9208 4.3.1" },
    { IN(SELECTED),          EV_MOVE,         OUT_OK,           "OK {code} MOVE completed",                               STAY,              "6851 3.1" },
    { IN(SELECTED),          EV_MOVE,         OUT_NO_SUCH,      NO_TARGET,                                                STAY,              "6851 3.1" },
    { IN(SELECTED),          EV_MOVE,         OUT_REFUSED,      NO_MESSAGE,                                               STAY,              "6851 3.1" },
    { IN(SELECTED),          EV_MOVE,         OUT_TOO_MANY,     NO_ROOM,                                                  STAY,              "5530 3" },

    { TALKING,               EV_LITERAL,      OUT_OK,           "+ Ready for {detail} octets",                            STAY,              "3501 4.3" },
    { TALKING,               EV_LITERAL,      OUT_NOTHING,         NULL,                                                     STAY,              "7888 3" },
    { TALKING,               EV_LITERAL,      OUT_TOO_BIG,      "NO {code} Too big: at most {detail} octets here",        STAY,              "3501 7.5" },
    { TALKING,               EV_LITERAL,      OUT_TOO_MANY,     "BAD Too many literals in one command",                   STAY,              "3501 7.5" },

    { BEFORE,                EV_ANY,          OUT_WRONG_TIME,   "BAD Log in first",             STAY,              "3501 3.1" },
    { IN(AUTHENTICATED),     EV_LOGIN,        OUT_WRONG_TIME,   "BAD Already authenticated",                          STAY,              "3501 3.2" },
    { IN(AUTHENTICATED),     EV_AUTHENTICATE, OUT_WRONG_TIME,   "BAD Already authenticated",                          STAY,              "3501 3.2" },
    { IN(AUTHENTICATED),     EV_STARTTLS,     OUT_WRONG_TIME,   "BAD Already authenticated",                          STAY,              "3501 3.2" },
    { IN(AUTHENTICATED),     EV_ANY,          OUT_WRONG_TIME,   "BAD No mailbox selected: SELECT one first",               STAY,              "3501 3.2" },
    { IN(SELECTED),          EV_ANY,          OUT_WRONG_TIME,   "BAD Already authenticated",                          STAY,              "3501 3.3" },
    { IN(SELECTED),          EV_ANY,          OUT_READ_ONLY,    "NO [READ-ONLY] Mailbox is open read-only (EXAMINE)", STAY,  "3501 6.3.2" },
    { TALKING,               EV_TLS,          OUT_OK,           "* BYE No TLS handshake is expected on this port: TLS is on port 993, or STARTTLS begins it here", CLOSED, "3501 7.1.5" },
    { TALKING,               EV_UNKNOWN,      OUT_UNKNOWN,      "BAD {detail}",                                           STAY,              "3501 2.2.1" },
    { TALKING,               EV_ANY,          OUT_SYNTAX,       "BAD {detail}",                                           STAY,              "3501 7.1.3" },
    { TALKING,               EV_ANY,          OUT_TOO_LONG,     "BAD Line too long",                               STAY,              "3501 7.1.3" },
    { TALKING,               EV_ANY,          OUT_BARE_NEWLINE, "BAD Bare CR, bare LF or NUL: a line ends with CR LF", STAY,      "3501 2.2" },
    { TALKING,               EV_ANY,          OUT_POLICY,      "{code} Refused: this host was set to",                   STAY,              "3501 7.1.2" },
    { TALKING,               EV_ANY,          OUT_FAILED,       NO_TROUBLE,                                               STAY,              "5530 3" },
    { IN(IDLING),            EV_ANY,          OUT_FAILED,       "* BYE [UNAVAILABLE] Temporary server error, try again later",   CLOSED,            "5530 3" },
    { TALKING | IN(AUTHENTICATING), EV_ANY,   OUT_TOO_MANY_ERRORS,       "* BYE Too many errors, closing connection",                      CLOSED,            "3501 7.1.5" },
    { OPEN,                  EV_TIMEOUT,      OUT_OK,           "* BYE Autologout: idle for 30 minutes",                      CLOSED,            "3501 5.4" },
    { OPEN,                  EV_SHUTDOWN,     OUT_OK,           "* BYE Server shutting down",                             CLOSED,            "3501 7.1.5" },
    { OPEN,                  EV_LOST,         OUT_OK,           NULL,                                                     CLOSED,            "3501 3.4" },
};

static const struct capability capabilities[] = {
    { "IMAP4rev1", TALKING, 0, 0, { 0 } },
    { "IMAP4rev2", TALKING, 0, 0, { EV_ENABLE } },
    { "STARTTLS", BEFORE, FACT_STARTTLS, FACT_TLS, { EV_STARTTLS } },
    { "LOGINDISABLED", BEFORE, FACT_REQUIRE_TLS, 0, { 0 } },
    { "AUTH=PLAIN", BEFORE, 0, FACT_REQUIRE_TLS, { EV_AUTHENTICATE, EV_ANSWER } },
    { "AUTH=LOGIN", BEFORE, 0, FACT_REQUIRE_TLS, { EV_AUTHENTICATE, EV_ANSWER } },
    { "AUTH=CRAM-MD5", BEFORE, 0, FACT_REQUIRE_TLS, { EV_AUTHENTICATE, EV_ANSWER } },
    { "AUTH=SCRAM-SHA-256", BEFORE, 0, FACT_REQUIRE_TLS, { EV_AUTHENTICATE, EV_ANSWER } },
    { "LITERAL+", TALKING, 0, 0, { EV_LITERAL } },
    { "SASL-IR", BEFORE, 0, 0, { EV_AUTHENTICATE } },
    { "ID", TALKING, 0, 0, { EV_ID } },
    { "ENABLE", TALKING, 0, 0, { EV_ENABLE } },
    /* Before login what helps then, and what a client may ask for only there (imaplib reads no
       other list); the rest after it, so that the greeting stays short. */
    { "IDLE", TALKING, 0, 0, { EV_IDLE, EV_DONE } },
    { "BINARY", INSIDE, 0, 0, { EV_FETCH, EV_APPEND } },
    { "CHILDREN", INSIDE, 0, 0, { EV_LIST } },
    { "CREATE-SPECIAL-USE", INSIDE, 0, 0, { EV_CREATE } },
    { "ESEARCH", INSIDE, 0, 0, { EV_SEARCH } },
    { "ESORT", INSIDE, 0, 0, { EV_SORT } },
    { "I18NLEVEL=1", INSIDE, 0, 0, { EV_SEARCH, EV_SORT, EV_THREAD } },
    { "LIST-EXTENDED", INSIDE, 0, 0, { EV_LIST } },
    { "LIST-STATUS", INSIDE, 0, 0, { EV_LIST } },
    { "MOVE", INSIDE, 0, 0, { EV_MOVE } },
    { "MULTIAPPEND", INSIDE, 0, 0, { EV_APPEND } },
    { "NAMESPACE", INSIDE, 0, 0, { EV_NAMESPACE } },
    { "SEARCHRES", INSIDE, 0, 0, { EV_SEARCH } },
    { "SORT", INSIDE, 0, 0, { EV_SORT } },
    { "QUOTA", INSIDE, 0, 0, { EV_GETQUOTA, EV_GETQUOTAROOT } },
    { "QUOTA=RES-STORAGE", INSIDE, 0, 0, { EV_GETQUOTA, EV_GETQUOTAROOT, EV_STATUS } },
    { "QUOTA=RES-MESSAGE", INSIDE, 0, 0, { EV_GETQUOTA, EV_GETQUOTAROOT, EV_STATUS } },
    { "SPECIAL-USE", INSIDE, 0, 0, { EV_LIST } },
    { "STATUS=SIZE", INSIDE, 0, 0, { EV_STATUS } },
    { "THREAD=ORDEREDSUBJECT", INSIDE, 0, 0, { EV_THREAD } },
    { "THREAD=REFERENCES", INSIDE, 0, 0, { EV_THREAD } },
    { "APPENDLIMIT=33554432", INSIDE, 0, 0, { EV_APPEND, EV_STATUS } },
    { "UIDPLUS", INSIDE, 0, 0, { EV_EXPUNGE } },
    { "UNSELECT", INSIDE, 0, 0, { EV_UNSELECT } },
    { "WITHIN", INSIDE, 0, 0, { EV_SEARCH } },
    { "CONDSTORE", INSIDE, 0, 0, { EV_ENABLE } },
    { "QRESYNC", INSIDE, 0, 0, { EV_ENABLE } },
};

_Static_assert(MESSAGE_BYTES_MAX == 33554432, "APPENDLIMIT is what is taken");

static const struct code codes[] = {
    { "OK", "OK: it worked." },
    { "NO", "NO: the command was understood, and could not be done." },
    { "BAD", "BAD: the line could not be read, or came at the wrong moment. Nothing was done." },
    { "BYE", "BYE: the server closes the connection." },
    { "* OK", "* OK: the server speaks without being asked; the star stands where a tag would." },
    { "* BAD", "* BAD: the line could not be read, not even its tag." },
    { "* BYE", "* BYE: the server closes the connection." },
    { "+ ", "+: your turn; the command is not ended." },
    { "OK [READ-WRITE]", "OK [READ-WRITE]: the mailbox is open, and you may change it." },
    { "OK [READ-ONLY]", "OK [READ-ONLY]: the mailbox is open, and you may only look." },
    { "OK [CAPABILITY", "OK [CAPABILITY ...]: it worked; what the server can do now stands in the brackets." },
    { "OK [APPENDUID", "OK [APPENDUID v u]: stored; the mailbox's UIDVALIDITY is v, the UID is u (of several messages: the UIDs)." },
    { "OK [COPYUID", "OK [COPYUID v a b]: copied; UIDVALIDITY v there, and UIDs a here are UIDs b there." },
    { "OK [MODIFIED", "OK [MODIFIED ...]: these had been changed since, and were left as they are." },
    { "OK [HIGHESTMODSEQ", "OK [HIGHESTMODSEQ n]: all changes up to n were told; a client may resume from there." },
    { "NO [ALREADYEXISTS]", "NO [ALREADYEXISTS]: the name is taken." },
    { "NO [AUTHENTICATIONFAILED]", "NO [AUTHENTICATIONFAILED]: the name is unknown or the password wrong; nobody is told which." },
    { "NO [BADCHARSET", "NO [BADCHARSET ...]: search texts may be in the character sets named there." },
    { "NO [CANNOT]", "NO [CANNOT]: this can never work, here." },
    { "NO [EXPUNGEISSUED]", "NO [EXPUNGEISSUED]: another session removed some of these; NOOP tells which." },
    { "NO [LIMIT]", "NO [LIMIT]: more than this server takes." },
    { "NO [NOTSAVED]", "NO [NOTSAVED]: the search went well, but $ is empty: its result was too long to keep." },
    { "NO [NONEXISTENT]", "NO [NONEXISTENT]: there is no mailbox of that name; LIST tells which there are." },
    { "NO [OVERQUOTA]", "NO [OVERQUOTA]: your mailboxes hold as much as they may; remove something first." },
    { "NO [PRIVACYREQUIRED]", "NO [PRIVACYREQUIRED]: the password would cross the network for all to read." },
    { "NO [READ-ONLY]", "NO [READ-ONLY]: EXAMINE opened the mailbox for looking; SELECT opens it for changing." },
    { "NO [TOOBIG]", "NO [TOOBIG]: the message is larger than this server takes." },
    { "NO [TRYCREATE]", "NO [TRYCREATE]: there is no mailbox of that name; CREATE makes it, and then it works." },
    { "NO [UNKNOWN-CTE]", "NO [UNKNOWN-CTE]: the octets cannot be written in, or read from, that Content-Transfer-Encoding." },
    { "NO [USEATTR]", "NO [USEATTR]: no mailbox can be for that here." },
    { "NO [UNAVAILABLE]", "NO [UNAVAILABLE]: the server's own trouble; later it may work." },
};

void imap_add_capabilities(struct session *session, struct buf *out, bool logged_in)
{
    int state = logged_in ? AUTHENTICATED : NOT_AUTHENTICATED;
    for (size_t i = 0; i < COUNT(capabilities); i++) {
        if (!session_offers(session, &capabilities[i], state))
            continue;
        if (out->len)
            buf_add_char(out, ' ');
        buf_add_text(out, capabilities[i].token);
    }
}

const struct protocol imap_protocol = {
    .name = "imap", .title = "IMAP", .rfc = "3501",
    .states = states, .state_count = COUNT(states),
    .events = events, .event_count = COUNT(events),
    .rules = rules, .rule_count = COUNT(rules),
    .capabilities = capabilities, .capability_count = COUNT(capabilities),
    .codes = codes, .code_count = COUNT(codes),
    .first = NOT_AUTHENTICATED, .closed = CLOSED,
    .line_max = IMAP_LINE_MAX, .idle_ms = IMAP_IDLE_MS,
    .own_bytes = sizeof(struct imap), .status_first = false,
    .read = imap_read, .status = imap_status, .literal = imap_literal, .octets = imap_octets,
    .changed = imap_changed, .began = imap_began, .end = imap_end,
};
