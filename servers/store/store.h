/* store.h: the only door to SQLite. Knows users, mailboxes, messages, the relay's queue
   and the world's own book-keeping; knows no protocol and no MIME.

   A world is one SQLite file, or memory. One opener at a time.
   Turns and commands: the first change after store_commit begins a transaction; the
   first change after store_command_end begins a savepoint in it. What is said about a
   change must be held until store_commit has returned true.
   A list calls back for one after another, until it is told false. That is no failure: it
   returns true, unless the store failed. A callback of a list may use the store, and change it.
   Failure: when SQLite fails (disk full, I/O), the call returns false (or 0), the store
   remembers why (store_error), and store_commit of this turn rolls back and returns
   false. A failed command that is undone (store_command_end false) takes its failure along:
   it is answered by that command, and the rest of the turn stands (if SQLite has not given
   up the whole transaction: then store_commit tells). A call that finds nothing also
   returns false but leaves store_failed false.
   Trouble (store_trouble.c): a commit that failed may mean a full disk, a failed fsync or a file
   that is gone. Whoever runs many turns then refuses changes until store_recover has shown that
   they can be kept again; reading goes on meanwhile.
   Order: every list is ordered by a unique key. Time and randomness come from the
   clock given at the start, also for SQL's own functions. */
#ifndef SERVERS_STORE_STORE_H
#define SERVERS_STORE_STORE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "servers/mail/message.h"
#include "servers/store/store_turn.h"

struct store;

struct store_clock {
    uint64_t (*now_ms)(void *context);       /* since 1970 */
    uint64_t (*random)(void *context);
    void *context;
};

/* --- worlds ---------------------------------------------------------------------------- */

enum store_file {
    STORE_ABSENT, STORE_WORLD, STORE_TEXT, STORE_FOREIGN, STORE_NEWER, STORE_DAMAGED,
    STORE_UNREADABLE
};

/* What kind of file is it? Opens nothing for writing. TEXT: not SQLite at all (a script). */
enum store_file store_look(const char *path, struct error *why) MUST_CHECK;
/* NULL path: in memory. An absent file is created; an older one migrated (after a copy
   beside it, NAME.before-vN); a foreign, newer or damaged one is refused and untouched;
   one that another program has open is refused. */
struct store *store_open(const char *path, struct store_clock, struct error *why) MUST_CHECK;
/* The same for who lives in a heap that can be set back (base/heap.h): the world is in memory, the
   file was read, is locked, and holds what store_follow wrote last, whole. */
struct store *store_open_followed(const char *path, struct store_clock,
                                  struct error *why) MUST_CHECK;
/* Writes what is in memory to its file, if that differs, in one transaction that lasts. True, too,
   where no file follows. False: the file is as it was, why; the next call tries again. */
bool store_follow(struct store *, struct error *why) MUST_CHECK;
/* From here on each commit does it, and fails if it can't; or no longer. */
void store_follow_commits(struct store *, bool on);
/* A file that breaks the rules of its small tables is refused by store_open, as damaged; here it
   is opened, for nothing but store_fsck, which says all. */
struct store *store_open_for_fsck(const char *path, struct store_clock,
                                  struct error *why) MUST_CHECK;
void store_close(struct store *);
/* Writes all of it to a new file. Not within a turn. False: it is there already, or why. */
bool store_save(struct store *, const char *path, struct error *why) MUST_CHECK;
/* From here on a commit may be lost with the machine's power, though not with this program. */
void store_relax(struct store *);
/* From here on every change fails at once with this reason, and nothing is tidied away; between
   two turns. `full`: it is for want of room. */
void store_refuse(struct store *, const char *reason, bool full);
bool store_refuses(const struct store *);
/* Can changes be kept again? Writes to the file, then opens it anew: after a failed fsync what
   SQLite and the system have in memory is not what the disk has. True: they are taken from here on.
   Between two turns. */
bool store_recover(struct store *, struct error *why) MUST_CHECK;
/* Undoes the turn and fails nobody's commit: what a replay does where one failed. */
void store_lose(struct store *);
/* The file that is open is no longer the one of its name: removed, renamed or replaced. Nothing
   that is committed to it would be found again; store_commit asks before it says true. */
bool store_has_moved(struct store *);
/* Where it lies; "" in memory. */
const char *store_path(const struct store *);
/* A hash over every row of every table, ordered by key: flip one value and it differs.
   Leaves out the history. Reads everything: for the end of a run. */
bool store_digest(struct store *, uint64_t *digest);
/* Checks the invariants listed in store_fsck.c, between two turns; each violation is one
   line in `report`. True: none found. */
bool store_fsck(struct store *, struct buf *report);
/* For a test: rows without ORDER BY come in another order. */
void store_reverse_unordered(struct store *);
/* For a test: the n-th statement from now fails before it runs, once; 0: none does. How many have
   begun since is returned by store_statements. */
void store_fail_at(struct store *, uint64_t n);
uint64_t store_statements(const struct store *);
/* For a test: replace one value somewhere, as SQL. */
bool store_tamper(struct store *, const char *sql, struct error *why) MUST_CHECK;

/* --- the world's own book-keeping ------------------------------------------------------ */

/* Small values by name: "seed", "now_ms", "on". */
bool store_value(struct store *, const char *name, struct arena *, slice *value);
bool store_value_set(struct store *, const char *name, slice value);
/* The sentences that built the world's hosts, links and settings, in order. */
bool store_sentence_add(struct store *, slice line);
typedef bool store_line_fn(void *context, int64_t number, slice line);
bool store_sentences(struct store *, store_line_fn *, void *context);
/* What was typed, append-only. */
bool store_history_add(struct store *, slice line);
bool store_history(struct store *, store_line_fn *, void *context);
uint64_t store_history_count(struct store *);          /* its lines */

/* --- store_table.c: the tables as they lie, read-only ------------------------------------ */

#define TABLE_NAME_MAX 63
#define TABLE_VALUES_MAX 32

struct table_value {
    const char *column;
    enum { TABLE_NULL, TABLE_NUMBER, TABLE_TEXT, TABLE_OCTETS } kind;
    int64_t number;
    slice octets;                   /* of text and octets; lives until the next row */
};
typedef bool store_table_fn(void *context, const char *name);        /* false stops */
bool store_tables(struct store *, store_table_fn *, void *context);  /* by name */
typedef void store_column_fn(void *context, const char *name, const char *type);
bool store_table_columns(struct store *, slice name, store_column_fn *, void *context);
uint64_t store_table_count(struct store *, slice name);              /* its rows */
/* So many rows, from that one (0 is the first) on. False: no such table, or failed. */
typedef bool store_row_fn(void *context, const struct table_value *, size_t columns);
bool store_table_rows(struct store *, slice name, uint64_t from, uint64_t count, store_row_fn *,
                      void *context);

/* --- users ----------------------------------------------------------------------------- */

struct user {
    int64_t id;
    char address[ADDRESS_MAX + 1];  /* ana@campus.example, as given */
    char host[DOMAIN_MAX + 1];      /* the server that keeps the mailboxes */
    char password[256];             /* plaintext: a toy world; CRAM and APOP need it */
};

/* EXISTS, and an address or password that does not fit or has a NUL, are told by false
   with store_failed false. Creates the INBOX too. */
bool store_user_add(struct store *, slice address, slice host, slice password, int64_t *id);
/* By "ana" or "ana@campus.example", among the users of that host; case does not matter. */
bool store_user_find(struct store *, slice host, slice name, struct user *);
bool store_user_by_address(struct store *, slice address, struct user *);
bool store_user_by_id(struct store *, int64_t id, struct user *);
typedef bool store_user_fn(void *context, const struct user *);
bool store_users(struct store *, store_user_fn *, void *context);        /* by address */

/* --- mailboxes ------------------------------------------------------------------------- */

struct mailbox {
    int64_t id;
    int64_t user;
    char name[MAILBOX_NAME_MAX + 1]; /* as on IMAP's wire, "/" between levels; INBOX in capitals */
    uint32_t uidvalidity, uidnext;
    uint64_t highest_modseq;         /* at least 1 */
    uint32_t recent_from;            /* uids from here on were shown to no session as \Recent */
    uint32_t messages, unseen;       /* not expunged; not \Seen */
    uint64_t bytes;
    bool selectable;                 /* false: \Noselect, only a parent's name */
    uint32_t use;                    /* what it is for: enum mailbox_use */
};

/* RFC 6154 2; a mailbox may have several. Names: mail/mailbox_name.h. */
enum mailbox_use {
    USE_ARCHIVE = 1, USE_DRAFTS = 2, USE_JUNK = 4, USE_SENT = 8, USE_TRASH = 16, USE_LAST = 16
};

/* A name: 1 to MAILBOX_NAME_MAX octets, no NUL, no empty level, MAILBOX_DEPTH_MAX levels at
   most; another one is never found. INBOX, as a first level too, in any case. */
bool store_mailbox_find(struct store *, int64_t user, slice name, struct mailbox *);
bool store_mailbox_by_id(struct store *, int64_t id, struct mailbox *);
uint32_t store_first_unseen(struct store *, int64_t mailbox);       /* its uid; 0: none */
typedef bool store_mailbox_fn(void *context, const struct mailbox *);
bool store_mailboxes(struct store *, int64_t user, store_mailbox_fn *, void *context); /* by name */
/* Makes parents too, as not yet existing names that become selectable; a \Noselect name
   becomes selectable again. False, not failed: it exists, is no possible name, or the
   user would have more than MAILBOXES_PER_USER_MAX. A new uidvalidity is larger than any
   this user ever had. */
bool store_mailbox_create(struct store *, int64_t user, slice name, int64_t *id);
/* With children it stays as a \Noselect name (RFC 3501 6.3.4), without it goes. Who has a
   view of it may read what was in it, as expunged placements, until the view has seen
   their modseqs. False, not failed: INBOX, unknown, or \Noselect with children. */
bool store_mailbox_delete(struct store *, int64_t id);
/* With its children, all with new uidvalidities, since the names may have been other
   mailboxes' (2.3.1.1); RENAME of INBOX moves its messages and leaves it empty (6.3.5).
   False, not failed: the new name exists, or it or a child's would be no possible name. */
bool store_mailbox_rename(struct store *, int64_t id, slice name);
/* What it is for, in place of what it was for; DELETE forgets it, RENAME does not. */
bool store_mailbox_use(struct store *, int64_t id, uint32_t use);
bool store_mailbox_has_children(struct store *, int64_t user, slice name);
/* Subscriptions are names; they need no mailbox. */
bool store_subscribe(struct store *, int64_t user, slice name, bool on);
typedef bool store_name_fn(void *context, slice name);
bool store_subscriptions(struct store *, int64_t user, store_name_fn *, void *context);

/* --- quotas: all mailboxes of a user together ------------------------------------------ */

struct quota {
    uint64_t bytes, messages;            /* at most; 0: no limit */
    uint64_t bytes_used, messages_used;
};
bool store_quota(struct store *, int64_t user, struct quota *); /* false: none, or failed */
bool store_quota_set(struct store *, int64_t user, uint64_t bytes, uint64_t messages);
/* Would so much more be within the limits? Without limits always. */
bool store_quota_fits(struct store *, int64_t user, uint64_t bytes, uint64_t messages);
/* What EXPUNGE would free. */
bool store_deleted(struct store *, int64_t mailbox, uint64_t *messages, uint64_t *bytes);

/* --- keywords: bits of a placement's flags --------------------------------------------- */

enum {
    FLAG_SEEN = 1 << 0, FLAG_ANSWERED = 1 << 1, FLAG_FLAGGED = 1 << 2,
    FLAG_DELETED = 1 << 3, FLAG_DRAFT = 1 << 4, FLAG_SYSTEM = 0x1f,
    FLAG_KEYWORD_SHIFT = 8           /* keyword k is bit 8 + k */
};
/* The mailbox's bit for a keyword, as a mask of flags. Names are compared without case and
   kept as first written.
   `make` adds it; false: none, or the mailbox has KEYWORDS_MAX already. */
bool store_keyword(struct store *, int64_t mailbox, slice name, bool make, uint64_t *bit);
/* Names by bit number, in the arena; at most KEYWORDS_MAX. */
bool store_keywords(struct store *, int64_t mailbox, struct arena *, slice *names, size_t *count);

/* --- messages --------------------------------------------------------------------------- */

/* A message is written as a draft, piece by piece, and belongs to nobody until placed.
   A draft that is never finished is gone after the turn that drops it, or at the next open.
   A finished message that is neither placed nor queued when its turn ends is gone too.
   Drafts and views end before store_close, or with it. */
struct draft;
struct draft *store_draft(struct store *);             /* never NULL; failures show at finish */
bool store_draft_write(struct draft *, slice octets); /* false: over MESSAGE_BYTES_MAX, or failed */
uint64_t store_draft_size(const struct draft *);
/* The whole text so far, in the arena: for reading its header and structure. */
slice store_draft_text(struct draft *, struct arena *);
void store_draft_drop(struct draft *);                 /* frees it; nothing remains */

/* Frees the draft; the message's id, or 0 if it failed. size is set by the store. */
int64_t store_draft_finish(struct draft *, struct message *);
bool store_message(struct store *, int64_t message_key, struct arena *, struct message *);
/* Octets from `offset` on, at most `len`, appended to buf. False: failed. Past the end:
   nothing. Stops where the buf is full. */
bool store_message_read(struct store *, int64_t message_key, uint64_t offset, uint64_t len,
                       struct buf *);

/* --- placements: messages in mailboxes -------------------------------------------------- */

struct view; /* one session that shows a mailbox, below */
struct placement {
    uint32_t uid;
    int64_t message_key;
    uint64_t flags;
    int64_t date_ms;          /* INTERNALDATE, since 1970 */
    int32_t zone_minutes;     /* east of UTC, as it was given */
    uint64_t modseq;          /* of the last change */
    uint64_t size;
    bool expunged;            /* kept only for sessions that still see it */
};

/* Gives the mailbox's next uid. False: failed, or no such message, or no mailbox that can
   hold it. */
bool store_place(struct store *, int64_t mailbox, int64_t message_key, uint64_t flags,
                 int64_t date_ms, int32_t zone_minutes, uint32_t *uid);
bool store_placement(struct store *, int64_t mailbox, uint32_t uid, struct placement *);
/* Up to `max` rows with first <= uid <= last and modseq > since, by uid; expunged ones
   only if asked. Returns how many; 0 at the end or when failed. */
size_t store_placements(struct store *, int64_t mailbox, uint32_t first, uint32_t last,
                        uint64_t since, bool with_expunged, struct placement *, size_t max);
/* The same by order of modseq: the change feed, expunged ones too. Each change has a modseq
   of its own, so the last row's modseq is where the next page begins. */
size_t store_changes(struct store *, int64_t mailbox, uint64_t since, struct placement *,
                     size_t max);
/* A message that is gone: its uid never comes again. */
struct expunged {
    uint32_t uid;
    uint64_t modseq;          /* of its going */
};
/* Up to `max` that went with since < modseq <= upto, by modseq. Kept for ever, so that a client
   may have been away for as long as it likes. */
size_t store_expunged(struct store *, int64_t mailbox, uint64_t since, uint64_t upto,
                      struct expunged *, size_t max);
/* Rows by uid, expunged ones too, each with its message's heading if `headings` are asked for; NULL
   if it has none (it came before there were any). Slices live until the callback returns; false
   stops. The callback must not ask for rows or headings itself. */
typedef bool store_heading_fn(void *context, const struct placement *, const struct heading *);
bool store_headings(struct store *, int64_t mailbox, uint32_t first, uint32_t last,
                    bool headings, store_heading_fn *, void *context);
enum flag_change { FLAGS_REPLACE, FLAGS_ADD, FLAGS_REMOVE };
/* One update in SQL, so that two sessions' changes both hold. `after` is the row then.
   Nothing to change keeps the modseq; so does an expunged one, which stays as it is.
   `after` may be NULL. False: no such placement, or failed. */
bool store_flags(struct store *, int64_t mailbox, uint32_t uid, enum flag_change, uint64_t flags,
                 struct placement *after);
/* False: no such placement, already expunged, or failed. */
bool store_expunge(struct store *, int64_t mailbox, uint32_t uid);
/* Same message, flags (keywords by name) and date; the new uid. A keyword for which the other
   mailbox has no bit left is dropped. False, not failed: no such placement, an expunged
   one, or no mailbox to hold it. */
bool store_copy(struct store *, int64_t mailbox, uint32_t uid, int64_t to, uint32_t *new_uid);
/* The same of many rows of one mailbox in one step: rows that were read in this turn, by uid,
   each once; expunged ones are passed over. Modseqs, and a copy's uids, are given in their order,
   without gaps. Flags: the rows are then as they are after it. */
bool store_flags_page(struct store *, int64_t mailbox, struct placement *rows, size_t count,
                      enum flag_change, uint64_t flags);
/* If no view but `own`, which may be NULL, shows the mailbox, the rows go at once. */
bool store_expunge_page(struct store *, int64_t mailbox, const struct view *own,
                        const struct placement *rows, size_t count);
bool store_copy_page(struct store *, int64_t mailbox, const struct placement *rows, size_t count,
                     int64_t to, uint32_t *first_uid);
/* This session shows uids from recent_from on as \Recent; nobody else will. */
bool store_recent_claim(struct store *, int64_t mailbox, uint32_t *first);

/* --- long commands: changes of many placements, in pages and all of them --------------- */

/* Whoever changes more than one turn should hold does it by pages, with the calls above, lets
   others in between, and says here what is to be done and how far it is: if it cannot go on, the
   rest is done without it (store_chore), after a kill when the world is opened again. */
enum task_kind { TASK_FLAGS, TASK_COPY, TASK_MOVE, TASK_EXPUNGE };
struct task_plan {
    enum task_kind kind;
    int64_t mailbox, to;                 /* to: COPY, MOVE */
    enum flag_change change;             /* FLAGS: */
    uint64_t flags;
    uint64_t unchanged_since;            /* only rows with a modseq up to this */
    bool marked;                         /* EXPUNGE: only what is \Deleted then */
    slice uids;                          /* "1:3,7", ascending, without "*", TASK_UIDS_MAX */
};
struct task;
/* Lasts until it is done or left. Nothing is written yet. */
struct task *store_task_new(struct store *, const struct task_plan *);
/* COPY: copies that were placed; those of a task that is not done are taken back, for nothing of it
   may stay (RFC 3501 6.4.7). */
void store_task_placed(struct task *, uint32_t first_uid, uint32_t count);
/* Between two pages: all up to this uid is done. Stands with what was changed, or not at all. */
bool store_task_keep(struct task *, uint32_t upto);
/* Before the next page: is it still as far as it was told? False: a turn was undone; leave it. */
bool store_task_holds(struct task *);
/* Behind the last page, within its turn. NULL is allowed. False: failed. */
bool store_task_done(struct task *);
void store_task_leave(struct task *);
/* What is left to do: of tasks, of the removal of what nothing refers to any more. */
bool store_has_chores(const struct store *);
bool store_has_left_task(const struct store *);       /* … of tasks */
/* Some milliseconds of it, within a turn. *mailbox and *to have changed, if not 0. False: failed;
   nothing of it was done. */
bool store_chore(struct store *, int64_t *mailbox, int64_t *to);
bool store_chores_finish(struct store *);             /* all of it, in turns of its own */
/* Long work goes on: what commits have written is carried to its place in small steps, by
   store_carry, since who comes meanwhile waits for each, and once more when it has ended; else by
   the commit that fills the journal. */
void store_in_pieces(struct store *, bool on);
bool store_carries(const struct store *);             /* is there enough to carry? */
bool store_carry(struct store *);                     /* false: there was not */

/* --- views: what live sessions look at; memory only ------------------------------------ */

/* The uids of a mailbox in order, shared by all who look: immutable, counted. */
struct uid_list {
    uint32_t references;
    uint32_t count;
    uint64_t modseq;          /* the mailbox's highest when it was made */
    uint32_t uids[];
};
/* A reference for the caller; NULL: failed, or no such mailbox. */
struct uid_list *store_uids(struct store *, int64_t mailbox);
struct uid_list *uid_list_hold(struct uid_list *);
void uid_list_release(struct uid_list *);              /* NULL is allowed */

/* A session that looks at a mailbox. While a view's mark is below an expunge's modseq,
   the placement and its message stay readable. */
struct view *store_view_open(struct store *, int64_t mailbox, uint64_t modseq);
void store_view_mark(struct view *, uint64_t modseq);  /* seen up to here; may free messages */
void store_view_close(struct view *);
/* POP3's lock, among POP3 sessions only. */
bool store_maildrop_lock(struct store *, int64_t mailbox);   /* false: taken */
void store_maildrop_unlock(struct store *, int64_t mailbox);

/* --- the relay's queue ----------------------------------------------------------------- */

enum { NOTIFY_NEVER = 1, NOTIFY_SUCCESS = 2, NOTIFY_FAILURE = 4, NOTIFY_DELAY = 8 };
enum { RETURN_FULL = 1, RETURN_HEADERS = 2 };

/* What the sender wants to know of a message, and how it must travel (RFC 3461, 6531). */
struct dsn {
    uint8_t notify;                     /* NOTIFY_…; 0: she did not say */
    uint8_t returns;                    /* RETURN_…; 0 likewise */
    bool utf8;                          /* only to servers that take SMTPUTF8 */
    char envid[ENVID_MAX + 1];          /* ENVID's and */
    char orcpt[ORCPT_MAX + 1];          /* ORCPT's text, as it was written; "": none */
};

struct queued {
    int64_t id;
    int64_t message_key;
    char host[DOMAIN_MAX + 1];          /* whose queue */
    char sender[ADDRESS_MAX + 1];       /* "" is the null sender */
    char recipient[ADDRESS_MAX + 1];
    char domain[DOMAIN_MAX + 1];        /* of the recipient, lower case */
    int64_t since_ms, next_ms;
    uint32_t attempts;
    bool warned;
    char last_reply[REPLY_KEPT_MAX + 1]; /* the last answer or failure, for the report */
    char remote[DOMAIN_MAX + 1];        /* who gave that answer; "": nobody did. Not kept */
    struct dsn dsn;               /* set by store_queue_add only */
};
bool store_queue_add(struct store *, const struct queued *, int64_t *id);
bool store_queue_update(struct store *, const struct queued *);  /* by id */
bool store_queue_remove(struct store *, int64_t id);
/* Up to max entries of a host with next_ms <= due, by (next_ms, id). */
size_t store_queue_due(struct store *, slice host, int64_t due_ms, struct queued *, size_t max);
bool store_queue_next(struct store *, slice host, int64_t *next_ms);  /* false: empty */
size_t store_queue_count(struct store *, slice host);

/* Greylisting: when this triple was first seen; records now if it is new. */
bool store_greylist(struct store *, slice host, slice address, slice sender, slice recipient,
                    int64_t now_ms, int64_t *first_ms);

#endif
