/* arrival.h: a message as it arrives, by DATA, BDAT, APPEND or from here: its octets go to the
   store (store_draft), and what is told of it later is made meanwhile (mail/summary), so that
   nothing is read back and its end takes no time. */
#ifndef SERVERS_ARRIVAL_H
#define SERVERS_ARRIVAL_H

#include "servers/mail/summary.h"
#include "servers/store/store.h"

struct arrival;

struct arrival *arrival_begin(struct store *);    /* never NULL; failures show at the end */
/* False: longer than MESSAGE_BYTES_MAX, or the store failed. */
bool arrival_write(struct arrival *, slice octets);
uint64_t arrival_size(const struct arrival *);
/* Its octets have come: how many Received fields has it? Once, before arrival_finish. */
uint32_t arrival_hops(struct arrival *);
/* Frees it. The message's id, which belongs to nobody until it is placed; 0: it failed. */
int64_t arrival_finish(struct arrival *);
void arrival_drop(struct arrival *);              /* frees it; nothing remains. NULL is fine */

#endif
