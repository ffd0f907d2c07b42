/* store_private.h: what the files of the store share, and nobody else includes.
   store.c: turns and commands. store_sql.c: statements. store_open.c: files.
   store_schema.c: the tables. store_vfs.c: time and randomness. The others hold one
   part of store.h each. */
#ifndef SERVERS_STORE_STORE_PRIVATE_H
#define SERVERS_STORE_STORE_PRIVATE_H

#include <sqlite3.h>

#include "servers/store/store.h"

/* A number of base/limits.h inside a statement. */
#define DIGITS_OF(number) #number
#define DIGITS(limit) DIGITS_OF(limit)

#define STORE_APPLICATION_ID 0x504e5953 /* "PNYS", in the file's header */
#define STORE_FORMAT 3                  /* the newest schema: the file's user_version */

struct store_vfs;
struct follower;

struct statement {
    const char *text;               /* a literal: its address is the key */
    sqlite3_stmt *prepared;
};

enum command_state {
    COMMAND_NONE,
    COMMAND_ALONE,                  /* it began the turn's transaction: no savepoint is needed */
    COMMAND_SAVEPOINT
};

/* What memory knows of one mailbox: never more than could be asked of the tables, but
   for the views and POP3's lock. */
struct box {
    int64_t mailbox;
    struct uid_list *uids;          /* NULL: nobody asked yet */
    bool stale;                     /* messages came or went since `uids` was made */
    bool locked;                    /* POP3 */
    bool full;                      /* … more than one turn takes away: store_chore does */
    bool doomed;                    /* the mailbox was deleted with much in it, which is to go */
    bool kept;                      /* there may be expunged placements, kept for views */
    bool pending;                   /* stands in store->pending */
    bool gone;                      /* the mailbox's row was removed in this turn */
    uint64_t tidied;                /* every view's mark was here when it was last looked through */
    struct view *views;
    struct box *next_pending;
};

struct store {
    sqlite3 *db;
    struct store_vfs *vfs;
    struct store_clock clock;
    char *path;                     /* NULL: memory */
    struct follower *follower;      /* of a world in memory, its file; or NULL. In no heap */
    struct statement statements[STORE_STATEMENTS_MAX];
    bool in_turn, failed;
    bool full;                      /* it failed for want of room */
    uint64_t statements_begun, fails_at; /* store_fail_at */
    bool refuses, refuses_for_room; /* changes, because of `refusal` */
    struct error refusal;
    bool doomed;                    /* the failure is no longer one command's */
    int64_t named_upto;             /* messages up to this message stand in letter_name */
    bool holds_changes;             /* a command or a draft has changed something and ended */
    enum command_state command;
    uint64_t turn_number, command_number;
    struct error why, reason;       /* the sentence, and what is wrong alone */
    struct draft *drafts;           /* the live ones */
    struct box **boxes;             /* by mailbox */
    size_t box_count, box_cap;
    struct box *pending;            /* boxes to look through when the turn ends */
    int64_t *suspects;              /* messages that may have lost their last reference */
    size_t suspect_count, suspect_cap;
    size_t suspect_at;              /* those before it were looked at, in this turn or before */
    bool sweeps;                    /* the table says that there are more of them */
    bool in_pieces, settles;        /* store_in_pieces; was so until a moment ago */
    int frames;                     /* pages in the journal that are not carried to the file yet */
    struct task *tasks;
    int64_t task_number;
};

/* --- store_sql.c -------------------------------------------------------------------- */

/* One run of a statement. Parameters and columns are taken in order. Texts that were
   put must live until the close, texts that are read live until the next row. */
struct sql {
    struct store *store;
    sqlite3_stmt *prepared;         /* NULL: it could not be prepared; all calls are harmless */
    int parameter, column;
    bool once, failed;
};

struct sql sql_open(struct store *, const char *literal);   /* kept for the next time */
struct sql sql_open_once(struct store *, const char *text); /* forgotten after the close */
void sql_put(struct sql *, int64_t);
void sql_put_null(struct sql *);
void sql_put_text(struct sql *, slice);
void sql_put_blob(struct sql *, slice);
bool sql_row(struct sql *);         /* false: no more, or failed */
int64_t sql_get(struct sql *);
bool sql_get_null(struct sql *);    /* is the next column NULL? takes it */
slice sql_get_text(struct sql *);   /* a blob too; NULL is empty */
void sql_get_chars(struct sql *, char *out, size_t cap);
bool sql_damaged(struct sql *);     /* the row breaks a rule of fsck's: it fails. Returns false */
bool sql_close(struct sql *);       /* false: it failed */
bool sql_run(struct sql *);         /* to the end, and close */
bool sql_simple(struct store *, const char *literal);       /* no parameters, no rows */
void sql_forget(struct store *);    /* finalizes what is kept */
bool sql_exec(sqlite3 *, const char *text, struct error *why) MUST_CHECK;
bool sql_number(sqlite3 *, const char *text, int64_t *number, struct error *why) MUST_CHECK;
/* all pages, in one transaction */
bool sql_copy(sqlite3 *to, sqlite3 *from, struct error *why) MUST_CHECK;

/* --- store.c ------------------------------------------------------------------------- */

bool store_turn_begin(struct store *);    /* before what no command undoes; false: failed */
bool store_change_begin(struct store *);  /* before a command's change; false: failed */
void store_fail(struct store *, const char *reason); /* remembers the first one of a turn */
bool store_turn_is_lost(const struct store *); /* SQLite has given up the whole transaction */
bool store_name_fits(slice, size_t max);             /* 1 to max octets, no NUL */

/* --- store_open.c ---------------------------------------------------------------------- */

/* Connected, and nothing looked at yet; NULL: why. */
struct store *store_new(const char *path, struct store_clock, int flags,
                        struct error *why) MUST_CHECK;
bool store_connect(struct store *, const char *path, int flags, struct error *why) MUST_CHECK;
/* for this process alone */
bool store_lock(struct store *, const char *path, struct error *why) MUST_CHECK;
bool store_begin_wal(struct store *, struct error *why) MUST_CHECK;

/* --- store_follow.c -------------------------------------------------------------------- */

struct store *store_follower_file(const struct store *); /* NULL: it has none */
bool store_follower_commits(const struct store *);       /* each commit is to be in the file */
bool store_follower_is_full(const struct store *); /* it could not be written for want of room */
void store_follower_free(struct store *);

/* --- store_chore.c, store_task.c ------------------------------------------------------- */

/* looked at when the turn ends, or later */
void store_suspect(struct store *, int64_t message_key);
bool store_suspects_tidy(struct store *);
void store_suspects_kept(struct store *);
void store_suspects_undone(struct store *);
void store_journal_watch(struct store *);            /* once it is connected */
bool store_chores_find(struct store *);              /* when a world is opened */

/* A page of it; *mailbox and *to are what it changes. False: failed. */
bool store_task_step(struct store *, int64_t *mailbox, int64_t *to);
bool store_tasks_find(struct store *);
void store_tasks_kept(struct store *);
void store_tasks_undone(struct store *);
void store_tasks_free(struct store *);

/* --- the others ------------------------------------------------------------------------ */

struct store_vfs *store_vfs_new(struct store_clock);
const char *store_vfs_name(const struct store_vfs *);
void store_vfs_free(struct store_vfs *);
bool store_vfs_functions(sqlite3 *, struct store *); /* SQL's random() and randomblob() */

void store_memory_prepare(void);          /* before SQLite's first use */

bool store_schema_create(sqlite3 *, struct error *why) MUST_CHECK;
/* the same from a ready template */
bool store_schema_copy(sqlite3 *to, struct error *why) MUST_CHECK;
/* every table is there, as it must be */
bool store_schema_check(sqlite3 *, struct error *why) MUST_CHECK;
bool store_schema_migrate(sqlite3 *, int64_t from, struct error *why) MUST_CHECK;

/* store_fsck.c: small tables' rules */
bool store_guards_hold(struct store *, struct error *why) MUST_CHECK;
bool store_heading_insert(struct store *, int64_t message_key, const struct heading *);
bool store_placement_read(struct sql *, struct placement *); /* the next row; false: no more */
/* up to `max`, to a limit that is put last; closes */
size_t store_placements_read(struct sql *, struct placement *, size_t max);

/* store_change.c. A placement's new modseq, and its removal, is told to the feed. */
/* `count` messages whose uids and modseqs follow each other, up to these */
bool store_change_add(struct store *, int64_t mailbox, uint32_t uid, uint64_t modseq,
                      uint64_t count);
/* modseqs that messages had before; sorts them */
bool store_changes_forget(struct store *, int64_t mailbox, uint64_t *modseqs, size_t count);
/* for store_placements: rows by uid that changed behind `since`; its limit is still to be put */
struct sql store_changed_open(struct store *, int64_t mailbox, uint64_t since, uint32_t first,
                              uint32_t last, bool with_expunged);

/* store_count.c: how many are unseen, more or less, of messages that come by uid. Begins with the
   first two; store_unseen_end writes what is not written yet. */
struct unseen {
    struct store *store;
    int64_t mailbox, stretch, messages;
};
bool store_unseen_add(struct unseen *, uint32_t uid, int64_t messages);
bool store_unseen_end(struct unseen *);
bool store_deleted_add(struct store *, int64_t mailbox, int64_t messages, int64_t bytes);

void store_drafts_undone(struct store *, bool whole_turn);
bool store_draft_is_live(const struct store *, int64_t message_key);
void store_drafts_free(struct store *);

struct box *store_box_find(const struct store *, int64_t mailbox); /* NULL: none yet */
struct box *store_box(struct store *, int64_t mailbox);
void store_box_tidy(struct store *, struct box *);       /* look through it when the turn ends */
bool store_box_is_watched(const struct box *, const struct view *own); /* by others than `own` */
bool store_boxes_tidy(struct store *);
bool store_has_full_box(const struct store *);
bool store_full_box_tidy(struct store *, int64_t *mailbox);
void store_boxes_kept(struct store *);                   /* the turn holds */
void store_boxes_undone(struct store *);
void store_boxes_forget(struct store *);                 /* the uid lists */
void store_boxes_free(struct store *);
bool store_boxes_check(struct store *, struct buf *report); /* fsck of what memory holds */

/* Steps the mailbox's modseq and counters; `uid` steps uidnext. False: no such mailbox
   that can hold messages, or failed. */
struct mailbox_step {
    int64_t uid, messages, unseen, bytes;   /* added */
    uint32_t uidnext;                       /* then */
    uint64_t modseq;                        /* the new one, */
    uint64_t changes;                       /* the last of so many; 0 is 1 */
    int64_t deleted, deleted_bytes;         /* added to what is \Deleted */
};
bool store_mailbox_step(struct store *, int64_t mailbox, struct mailbox_step *);
bool store_mailbox_make(struct store *, int64_t user, slice name, int64_t *id);

#endif
