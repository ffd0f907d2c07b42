/* imap.h: what the files of the IMAP engine share. Which command is allowed when, and
   what is answered: imap_table.c. What a command does: imap_on_VERB, in the file named
   beside its declaration. What this session has been told of its mailbox: imap_view.h. */
#ifndef SERVERS_IMAP_IMAP_H
#define SERVERS_IMAP_IMAP_H

#include "servers/imap/imap_parse.h"
#include "servers/imap/imap_view.h"
#include "servers/mail/crlf.h"
#include "servers/session.h"
#include "servers/store/store.h"

extern const struct protocol imap_protocol;

struct sasl;

#define IMAP_ENABLES 3 /* what one may ENABLE: imap_enable.c */

/* A message that comes in with APPEND. */
struct imap_incoming {
    struct arrival *arrival;     /* NULL: it is kept as */
    int64_t message_key;             /* … this, and placed with */
    uint32_t uid;
    bool nul;                    /* it holds a NUL, */
    bool binary;                 /* … which a literal8 may; another's lines are ended by CRLF */
    struct crlf crlf;
    uint64_t bits;               /* its flags */
    int64_t date_ms;
    int zone_minutes;
};

/* session->own */
struct imap {
    char tag[IMAP_TAG_MAX + 1];  /* of the running command; "": it had none */
    size_t args_at;              /* where in its line the arguments begin, */
    bool args_spaced;            /* behind a space */
    slice args;                  /* … as the handler reads them (imap_args), in scratch */
    bool uid;                    /* it began with UID */
    bool numbers;                /* … and names messages by number all the same (SEARCH) */
    struct imap_view view;       /* the selected mailbox */
    struct sasl *sasl;           /* made by the first AUTHENTICATE */
    struct imap_incoming *incoming; /* APPEND: the messages so far; in `message` */
    size_t incoming_count, incoming_cap;
    size_t append_at;            /* … and how much of the arguments was read for them */
    uint64_t incoming_octets;    /* of all but the last */
    bool binary_announced;       /* the last one's literal */
    struct buf text;             /* a response being built */
    struct buf work;             /* octets of messages, while a command reads them */
    struct buf folded;           /* a text without capitals, while SEARCH looks in it */
    struct arena message;         /* what is known of the messages in hand, while a command runs */
    enum outcome after;          /* imap_finish: how the command went */
    unsigned tells;              /* imap_finish: enum imap_tell */
    void *command;               /* a stream's own, in scratch */
    struct task *task;           /* it changes much, and has paused: imap_task.c */
    bool condstore, qresync;     /* RFC 7162: enabled for the rest of the connection */
    bool rev2;                   /* IMAP4rev2 is spoken: RFC 9051 E says what that changes */
    bool enabled[IMAP_ENABLES];  /* … by ENABLE, and told so */
    bool tells_highest;          /* this command's OK says HIGHESTMODSEQ, if QRESYNC is on; */
    bool moved;                  /* it was MOVE: CONDSTORE is enough (RFC 6851 4.4) */
    uint64_t modseq_said;        /* the largest MODSEQ that this command's FETCHes have told */
};

static inline struct imap *imap_of(struct session *session) { return session->own; }

/* --- between lines and events (imap_read.c) ------------------------------------------------- */

int imap_read(struct session *, slice line, slice *args);
void imap_status(struct session *, slice text);
void imap_began(struct session *, slice front);
enum outcome imap_literal(struct session *, slice so_far, uint64_t octets, bool waits,
                          bool *streams);
void imap_forget_command(struct session *);      /* what a command that was cut off left behind */
void imap_end(struct session *);

/* --- for handlers (imap_command.c) ---------------------------------------------------------- */

/* BAD, with the cursor's reason. */
enum outcome imap_syntax(struct session *, const struct imap_cursor *);
/* A command without arguments. */
enum outcome imap_no_args(struct session *, slice args);
/* Tells what is to be told (enum imap_tell), however long that takes, then ends the
   command with this outcome. Every handler ends with it that may be run in SELECTED. */
enum outcome imap_finish(struct session *, enum outcome, unsigned tells);
/* A copy of args that lasts as long as the command, under a cursor. */
struct imap_cursor imap_args(struct session *, slice args);
/* The mailbox by its name from the wire. False: no such, or the store failed. */
bool imap_mailbox_find(struct session *, slice name, struct mailbox *);
void imap_tell_changed(struct session *, int64_t mailbox);
void imap_tell_stored(struct session *, int64_t mailbox, uint32_t uid, int64_t message_key);
void imap_tell_removed(struct session *, int64_t mailbox, const struct placement *); /* not yet */
/* Flags by name to the mailbox's bits. Unknown keywords are made if `make`; false: the
   mailbox has too many. */
bool imap_flag_bits(struct session *, int64_t mailbox, const struct imap_flags *, bool make,
                    uint64_t *bits);
/* A set or "$", resolved against the view to ascending ranges of sequence numbers, whether the
   command came with UID or without. */
bool imap_parse_messages(struct session *, struct imap_cursor *, struct imap_set *);
/* A set of uids or "$" as it was written, stars and all; and the uids that it means in the view,
   as ascending ranges in the arena. In one step if only the latter are wanted: below. */
bool imap_parse_uid_set(struct session *, struct imap_cursor *, struct imap_set *);
struct imap_set imap_uids_resolve(struct arena *, const struct imap_view *,
                                  const struct imap_set *as_written);
/* A set of uids or "$", resolved to ascending ranges of uids that need not exist. */
bool imap_parse_uids(struct session *, struct imap_cursor *, struct imap_set *);
/* Ascending ranges of uids to the sequence numbers that the view has for them, in place. */
void imap_uids_to_sequences(const struct imap_view *, struct imap_set *);

/* --- "$", what SEARCH RETURN (SAVE) has found last: RFC 5182 (imap_saved.c) ----------------- */

/* Ascending ranges of sequence numbers. False: too many, and "$" is empty. */
bool imap_saved_keep(struct imap_view *, const struct imap_set *sequences);
void imap_saved_clear(struct imap_view *);
/* "$" stands there: *uids is set, in the cursor's arena. */
bool imap_take_saved(const struct imap_view *, struct imap_cursor *, struct imap_set *uids);

/* Walks over ranges of sequence numbers. 0: the end. */
struct imap_walk {
    const struct imap_set *set;
    size_t range;
    uint32_t next;       /* in this range; 0: its first */
};
uint32_t imap_walk_next(struct imap_walk *);
/* The next `max` messages of the walk with their rows as they are now; one that has no row any
   more is expunged there. Returns how many; 0 at the end. */
#define IMAP_PAGE 64
size_t imap_walk_page(struct session *, struct imap_walk *, uint32_t *sequences,
                      struct placement *rows, size_t max);
/* The end of the range in which imap_walk_next has found `here`; to go on behind `to`, in it. */
uint32_t imap_walk_last(const struct imap_walk *, uint32_t here);
void imap_walk_skip(struct imap_walk *, uint32_t to);

/* --- commands that change many messages (imap_task.c) --------------------------------------- */

/* Not begun yet: what it is. */
void imap_task_begin(struct session *, const struct task_plan *, const struct imap_set *sequences);
/* Between two pages, all up to this uid being done. The plan's uids are those of the sequence
   numbers, if given. Then return OUT_MORE. False: the store failed. */
bool imap_task_pause(struct session *, const struct task_plan *, const struct imap_set *sequences,
                     uint32_t upto);
/* Before the next page. False: what was done was undone with a turn; the command fails. */
bool imap_task_goes_on(struct session *);
/* Behind the last page. False: the store failed. */
bool imap_task_done(struct session *);
void imap_task_leave(struct session *);  /* the store does the rest, if there is any */

/* --- counting changes: RFC 7162 (imap_enable.c) --------------------------------------------- */

/* A CONDSTORE enabling command: from now on FETCH tells UID and MODSEQ wherever it is not the
   client who chooses the items (3.2.4). The first one says where the open mailbox stands. */
void imap_condstore(struct session *);
/* 0 too, though the grammar begins at 1 but for UNCHANGEDSINCE and SEARCH: clients say it. */
bool imap_parse_modseq(struct imap_cursor *, uint64_t *modseq);
void imap_write_modseq(struct session *, struct buf *, uint64_t modseq);   /* "MODSEQ (7)" */
void imap_note_modseq(struct imap *, uint64_t modseq);    /* it is said in another form */
/* At a command's end, after imap_view_tell. */
void imap_say_resume_point(struct session *);

/* --- capabilities, by the table's rows (imap_table.c) --------------------------------------- */

/* "IMAP4rev1 IDLE …": now, or as they will be after a login. */
void imap_add_capabilities(struct session *, struct buf *, bool logged_in);

/* --- handlers ------------------------------------------------------------------------------- */

handler imap_on_opened, imap_on_capability, imap_on_noop, imap_on_logout; /* imap_login.c */
handler imap_on_login, imap_on_authenticate, imap_on_answer, imap_on_starttls;
handler imap_on_lost;
handler imap_on_id;                                                       /* imap_id.c */
handler imap_on_enable;                                                   /* imap_enable.c */
handler imap_on_getquota, imap_on_getquotaroot;                           /* imap_quota.c */
handler imap_on_select, imap_on_examine, imap_on_close, imap_on_unselect; /* imap_select.c */
handler imap_on_check;
handler imap_on_create, imap_on_delete, imap_on_rename;                   /* imap_mailbox.c */
handler imap_on_subscribe, imap_on_unsubscribe;
handler imap_on_status;                                                   /* imap_status.c */
handler imap_on_list;                                                     /* imap_list.c */
handler imap_on_lsub, imap_on_namespace;                                  /* imap_lsub.c */
handler imap_on_append;                                                   /* imap_append.c */
handler imap_on_fetch;                                                    /* imap_fetch.c */
handler imap_on_search;                                                   /* imap_search.c */
handler imap_on_sort;                                                     /* imap_sort_command.c */
handler imap_on_thread;                                              /* imap_thread_command.c */
handler imap_on_store, imap_on_expunge;                                   /* imap_store.c */
handler imap_on_copy, imap_on_move;                                       /* imap_copy.c */
handler imap_on_idle, imap_on_done;                                       /* imap_idle.c */
void imap_changed(struct session *);

/* The mailbox's LIST, unasked; what it was called, or by which other name it was asked for, as its
   OLDNAME unless that is the same (RFC 9051 6.3.2, 6.3.9.7; imap_list.c). */
void imap_list_tell(struct session *, const struct mailbox *, slice old_name);
/* Reference and pattern of LIST and LSUB, joined (imap_list.c). */
slice imap_list_pattern(struct arena *, slice reference, slice pattern);
/* APPEND's literal is announced: is this a message, and not the mailbox's name? Then its octets
   may go to a draft of their own, if they fit under *max. */                /* imap_append.c */
bool imap_append_takes(struct session *, slice args_so_far, uint64_t *max);
void imap_append_begins(struct session *);
bool imap_octets(struct session *, slice piece);
void imap_append_ends(struct session *);         /* drops what is there */
/* Marks as expunged what is \Deleted, of these uids (in scratch) or (NULL) of all, then goes on
   with `then`. Return what it returns. */
enum outcome imap_expunge(struct session *, const struct imap_set *uids, stream *then);

#endif
