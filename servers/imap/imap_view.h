/* imap_view.h: the selected mailbox as this session was told it is. Others change the
   mailbox at any time; what the client was told changes only in imap_view_tell, when and
   as far as the RFC allows (RFC 3501 7.4.1, 5.5). Sequence numbers and "*" always mean
   what was told.
   Knows the store and the response writer; no commands. */
#ifndef SERVERS_IMAP_IMAP_VIEW_H
#define SERVERS_IMAP_IMAP_VIEW_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "servers/imap/imap_parse.h"
#include "servers/store/store.h"

struct session;

struct imap_view {
    struct arena arena;          /* of this SELECT; freed when it ends */
    int64_t mailbox;             /* 0: none is selected */
    bool writable;
    uint32_t uidvalidity;
    struct view *held;           /* keeps what was expunged readable until it is told */

    struct uid_list *told;       /* shared with all who look at the mailbox */
    uint32_t *extra;             /* told after that, while an untold expunge stands before them */
    uint32_t extra_count, extra_cap;
    uint32_t uid_told;           /* the highest */

    uint64_t flags_told;         /* modseqs: changes up to here were told */
    uint64_t expunges_told;      /* … expunges */
    bool expunged, arrived;      /* there are untold expunges, untold messages */
    bool removed;                /* … of its own: their rows may be in no feed any more */

    uint32_t own_first, own_last;/* uids that this command has changed; 0: none */
    uint64_t flags_before;       /* flags_told before it did */
    uint32_t retell_first, retell_last; /* uids whose flags were told, and then undone; 0: none */

    struct imap_range *recent;   /* \Recent in this session, ascending */
    size_t recent_count, recent_cap;
    slice *keywords;             /* as announced by FLAGS; by bit */
    size_t keyword_count;

    struct imap_range *saved;    /* "$": uids, ascending (imap_saved.c) */
    size_t saved_count;

    struct uid_list *target;     /* expunges are being told, up to this list */
    uint32_t old_at, new_at;     /* where in the two lists */
};

enum imap_tell {
    TELL_FLAGS = 1,              /* FETCH (FLAGS …) */
    TELL_ARRIVALS = 2,           /* EXISTS, and in IMAP4rev1 RECENT */
    TELL_EXPUNGES = 4,           /* EXPUNGE: not during FETCH, STORE and SEARCH */
    TELL_ALL = 7,
    TELL_NOW = 8                 /* in one go, even past OUTPUT_HIGH_WATER */
};

/* Closes the old view first. False: the store failed. Says nothing. */
bool imap_view_open(struct session *, const struct mailbox *, bool writable);
void imap_view_close(struct session *);

uint32_t imap_view_count(const struct imap_view *);
uint32_t imap_view_uid(const struct imap_view *, uint32_t sequence);      /* from 1 */
uint32_t imap_view_sequence(const struct imap_view *, uint32_t uid);      /* 0: not here */
/* How many of the uids told are smaller. */
uint32_t imap_view_below(const struct imap_view *, uint32_t uid);
bool imap_view_recent(const struct imap_view *, uint32_t uid);
uint32_t imap_view_recents(const struct imap_view *);

/* Says what others changed. False: the output is high, call again; what is being told
   must not be mixed with anything else until it returns true. */
bool imap_view_tell(struct session *, unsigned tells);
/* This session has just made this change itself, and says so itself. Only right after
   imap_view_tell(TELL_FLAGS) has returned true. */
void imap_view_own_change(struct session *, uint32_t uid, uint64_t modseq);
/* This session expunges these rows of its mailbox, which imap_view_tell(TELL_EXPUNGES) says then.
   False: the store failed. */
bool imap_view_expunge(struct session *, const struct placement *rows, size_t count);
/* A command begins. If the store failed in the one before, its changes were undone after
   they had been told: they are told again, as they are. */
void imap_view_command(struct session *, bool undone);
/* A FETCH whose items the client has not chosen: with UID and MODSEQ once it has enabled
   CONDSTORE (RFC 7162 3.2.4), with UID in IMAP4rev2 (RFC 9051 E 21). */
void imap_view_say_row(struct session *, uint32_t sequence, const struct placement *,
                       bool with_uid, bool with_flags);
/* FLAGS and PERMANENTFLAGS, if these flags hold a keyword that was not announced. */
void imap_view_announce(struct session *, uint64_t flags);
void imap_view_say_flags(struct session *);

#endif
