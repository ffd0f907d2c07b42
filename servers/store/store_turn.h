/* store_turn.h: turns and commands of the store, for servers and devices alike; store.h says what
   they are. */
#ifndef SERVERS_STORE_STORE_TURN_H
#define SERVERS_STORE_STORE_TURN_H

#include "base/slice.h"

struct store;

bool store_commit(struct store *);                     /* end of a turn; nothing to do is true */
uint64_t store_turn(const struct store *);             /* its number: each commit begins the next */
bool store_command_has_changed(const struct store *);  /* this command, so far */
void store_command_end(struct store *, bool keep); /* end of a changing command; false undoes it */
bool store_failed(const struct store *);               /* in this turn */
bool store_has_changed(const struct store *);          /* in this turn: a commit has work */
const char *store_error(const struct store *);
const char *store_reason(const struct store *); /* the same in fewer words: "disk I/O error" */
bool store_is_full(const struct store *);   /* what failed in this turn failed for want of room */

#endif
