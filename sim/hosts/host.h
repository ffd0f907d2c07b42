/* host.h: a server machine: its services on ports of the net, its settings, its queue. */
#ifndef SIM_HOSTS_HOST_H
#define SIM_HOSTS_HOST_H

#include "servers/policy.h"
#include "servers/session.h"
#include "sim/shared.h"

/* services: service_bit() of each. NULL: the name is taken, or the net is full; why. */
struct host *host_add(struct world *, slice name, uint32_t services, struct error *why) MUST_CHECK;
struct host *host_find(struct world *, slice name);              /* NULL: no such host */
struct host *host_next(struct world *, struct host *after);      /* NULL: the first */
uint32_t host_number(const struct host *);                       /* in the net */
uint32_t host_services(const struct host *);
void host_serve(struct host *, uint32_t services); /* these too, from now on */
struct policy *host_policy(struct host *);
void host_mix_chance(struct world *);        /* world->chance is new: other ids from here on */
void host_wake_queue(struct host *);         /* look at the queue: after opening, after a change */
void host_free_all(struct world *);
/* That turn of the store was not kept: whose sessions did something in it are reset with what
   they were told, and the relays begin again from what is in the store. */
void hosts_lose(struct world *, uint64_t turn);
/* Its sessions with that client end, as before the server goes down. */
void host_part(struct host *, uint32_t client);
/* Long work goes on in pieces (session_pause). While outside_is_on somebody has to ask for each:
   one piece of the session whose turn it is. */
bool host_has_pieces(const struct world *);
void host_piece(struct world *);
void host_pieces_book(struct world *);       /* nobody will ask any more: they are events again */
/* A sentence of a living world has placed a message there: traces it, tells sessions. */
void host_message_placed(struct host *, int64_t mailbox, uint32_t uid, int64_t message_key);
/* The server's session at the other end of a connection; NULL if it has ended. */
const struct session *host_session(const struct world *, uint32_t conn);

#endif
