/* guide.h: what a table says about the way: which commands lead on from here, which are
   allowed besides, and the shortest way to a moment at which a command would be right.
   Read from the rows, so it cannot differ from what the server does. */
#ifndef VIEWS_GUIDE_H
#define VIEWS_GUIDE_H

#include "base/buf.h"
#include "servers/protocol.h"

#define GUIDE_EVENTS_MAX 64

struct guide {
    uint8_t next[GUIDE_EVENTS_MAX];   /* lead on; where nothing does, what this state is for */
    uint8_t also[GUIDE_EVENTS_MAX];   /* allowed besides, the likelier first */
    size_t next_count, also_count;
};

/* It went as the client wished (a question to it is no refusal). */
bool outcome_is_good(enum outcome);
/* Where the event leads when it goes well; the same state if it stays, -1: never well here. */
int guide_target(const struct protocol *, int state, int event);
/* Allowed and possible: no fact that it needs is missing. */
bool guide_runs(const struct protocol *, int state, uint32_t facts, int event);
void guide_read(struct guide *, const struct protocol *, int state, uint32_t facts);
/* The events, in order, that lead from the state to the nearest one in which the event
   runs. False: no way. None needed: true and *count 0. */
bool guide_path(const struct protocol *, int state, int event, uint8_t path[STATES_MAX],
                size_t *count);
/* "next RCPT     also RSET QUIT NOOP (+4 :help)", or what a body or an answer wants. */
void guide_add(struct buf *, const struct protocol *, int state, uint32_t facts);
void guide_add_next(struct buf *, const struct protocol *, int state,
                    uint32_t facts); /* "next RCPT" alone */

#endif
