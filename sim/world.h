/* world.h: a world as one piece: begins and ends one, lets its time pass, and keeps what its next
   opening needs. What it consists of is shared.h; the lines that build it are the language's
   (language/build.h has world_new, which most callers want). */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include "base/error.h"
#include "sim/shared.h"

/* An empty world over the store at path (NULL: in memory). *old: the store had a world already;
   then its seed and time hold, and another seed than its own is an error (NULL: its own, or 1).
   NULL: why. */
struct world *world_create(const char *path, const uint64_t *seed, bool *old,
                           struct error *why) MUST_CHECK;
/* It was built, or rebuilt: from here on it lives. Queues and habits begin. */
bool world_start(struct world *, bool old, struct error *why) MUST_CHECK;
/* Keeps what a new world begins with. */
void world_keep_first(struct world *);
void world_destroy(struct world *);            /* NULL is allowed */
/* Empty and in memory, at the same address; whose front and sitting it is stays. False: why, and it
   can only be destroyed. */
bool world_create_again(struct world *, const uint64_t *seed, struct error *why) MUST_CHECK;

/* Until no work is left. False: a loop without time (why), or the store failed. */
bool world_settle(struct world *, struct error *why) MUST_CHECK;
/* False, and why, if the store has failed: from then on nothing the world says holds. */
bool world_holds(struct world *, struct error *why) MUST_CHECK;
/* Keeps what the next opening needs (time, seed, who is on) and commits. */
bool world_remember(struct world *, struct error *why) MUST_CHECK;
/* The same, and nothing more will happen in this sitting. */
bool world_end_sitting(struct world *, struct error *why) MUST_CHECK;
bool world_wait(struct world *, uint64_t ms, struct error *why) MUST_CHECK;
/* Over trace, pending events and store: what a saved script ends with. */
uint64_t world_digest(struct world *);
#endif
