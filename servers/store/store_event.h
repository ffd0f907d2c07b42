/* store_event.h: what happened in a world, kept for its next sittings (docs/past.md): rows of the
   table `event`, each in a thread, of which the newest stay and the older ones are summed up. The
   table is made by the first row; no digest has it. What the kinds mean is sim/hosts/past.h's.
   Nothing here begins a command or a savepoint: it goes with the turn that is under way. */
#ifndef SERVERS_STORE_STORE_EVENT_H
#define SERVERS_STORE_STORE_EVENT_H

#include "base/slice.h"

struct buf;
struct store;

#define EVENT_OPEN "open"          /* a thread's beginning: never bounded away */
#define EVENT_OLDER "older"        /* bytes: so many were left out; t_ms: of the last of them */
#define EVENT_CONN "conn"          /* text: a thread of its own, which goes with this row */
#define EVENT_SITTING "sitting"    /* one a sitting */

struct store_event {
    slice thread, kind;
    uint64_t sitting, number;      /* from 1, both */
    int64_t t_ms;                  /* since 1970 */
    int64_t how, mailbox, uid, message, bytes;
    slice host, peer, text;        /* text: any octets; of all of them what is too long is cut */
};

enum event_table { EVENTS_ABSENT, EVENTS_THERE, EVENTS_FOREIGN /* not ours: it is left alone */ };
/* Failed: FOREIGN, and store_failed tells. */
enum event_table store_events_look(struct store *);
/* Does anything outlast this program? Not in memory alone. */
bool store_lasts(const struct store *);
bool store_is_followed(const struct store *);   /* … with what store_follow writes */
/* Begins a turn and makes the table, if they are not there. False: failed, or it is foreign. */
bool store_events_begin(struct store *);
bool store_event_add(struct store *, const struct store_event *); /* replaces one of its key */
/* So many more of that thread are not kept, the last of them of that time. Those of this sitting
   have a row of their own until the next one: as long as it lasts its trace has them. */
bool store_events_left_out(struct store *, slice thread, uint64_t sitting, uint64_t count,
                           int64_t t_ms);
/* The newest stay; the others are counted as left out, and with a CONN goes its thread. */
bool store_events_bound(struct store *, slice thread, uint64_t sitting, uint64_t max);
/* The newest of all threads together. */
bool store_events_bound_all(struct store *, uint64_t sitting, uint64_t max);
/* The last one, and its row's `how`; 0: none. */
uint64_t store_events_sitting(struct store *, int64_t *how);
/* The thread's OPEN. False: there is none. Its slices live until the next call of the store's. The
   function may be NULL, here and below. */
typedef void store_event_fn(void *context, const struct store_event *);
bool store_event_opening(struct store *, slice thread, store_event_fn *, void *context);
/* All that can be read, by (sitting, number, thread); *damaged: so many could not be. The function
   uses no store. False: failed. */
bool store_events(struct store *, store_event_fn *, void *context, uint64_t *damaged);

/* For fsck: what is damaged, a line each. True: nothing is. */
bool store_events_check(struct store *, struct buf *report);

#endif
