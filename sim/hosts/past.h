/* past.h: what happened in a world's earlier sittings. past_keep writes what the next ones need of
   this one's trace (docs/past.md) with the turn that is under way; past_read makes a trace of what
   earlier ones wrote. That is a trace as any other, but for these:
   - times are since 1970, not since the sitting began;
   - connections are numbered anew, and machines (`host`, `peer`) are numbers of `names`;
   - REMOVED says itself who did it: peer: the client, name: the protocol; typed; ok: a move. */
#ifndef SIM_HOSTS_PAST_H
#define SIM_HOSTS_PAST_H

#include "base/arena.h"
#include "sim/shared.h"

enum past_when {
    PAST_LINE,             /* a line has run: all of it is kept */
    PAST_TURN,             /* a turn is to be committed: what has gathered, if it is much */
    PAST_END               /* the sitting ends */
};
/* Before a commit, which fails if this did. Nothing is kept of a world in memory. */
void past_keep(struct world *, enum past_when);
/* Records before it may be forgotten: they are kept, or are not to be. */
uint64_t past_upto(const struct world *);

/* Was the last sitting one in which nobody typed: `pennypost serve`? */
bool past_was_served(const struct world *);

struct protocol;

struct past_sitting {
    uint64_t number;
    int64_t began_ms, upto_ms; /* all is known up to then */
    bool broke_off;            /* something may have happened after it, and was not kept */
    bool first;                /* the world began with it */
    bool typed;                /* somebody typed in it; else it was serving */
};
struct past_conn {
    uint32_t number;           /* its own, in its sitting */
    uint64_t sitting;
    const struct protocol *protocol;
};
/* What is not kept any more of a thread: "conn 3.17", "mailbox 5", "device NAME", "client NAME". */
struct past_older {
    slice thread;
    uint64_t count;
    int64_t last_ms;
};
struct past {
    struct arena arena;
    struct trace *trace;
    struct past_sitting *sittings;
    struct past_conn *conns;   /* by the trace's numbers, from 1 */
    struct past_older *older;
    const char **names;        /* from 1; as the net has them */
    uint64_t *record_sittings; /* by the trace's records */
    size_t sitting_count, conn_count, older_count, name_count;
    uint64_t damaged;          /* so many rows could not be read */
    bool foreign;              /* the table is not ours: nothing of it was read */
};
/* "conn 3.17" */
void past_conn_thread(struct buf *, uint64_t sitting, uint32_t conn);
/* Always to be freed. False: the store failed. */
bool past_read(struct past *, const struct world *);
void past_free(struct past *);
const char *past_name(const struct past *, uint32_t machine);        /* "": none */
const struct past_sitting *past_sitting(const struct past *, uint64_t number); /* NULL */
uint64_t past_record_sitting(const struct past *, uint64_t record);  /* whose it is */
/* NULL: all that was kept of it still is. */
const struct past_older *past_older(const struct past *, slice thread);
/* Since when all is known; false: since the world began. */
bool past_since(const struct past *, const struct world *, int64_t *ms);

#endif
