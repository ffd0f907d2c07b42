/* bridge.h: one socket joined to one connection of the simulated network. What came from
   the socket and did not fit waits here, bounded; what the server says waits in the
   connection, bounded by its window: so a slow end slows the other, and nothing grows.
   Where the connection is sealed the socket speaks TLS: from the first octet on the ports
   that are so, else behind the reply to STARTTLS. */
#ifndef GATEWAY_BRIDGE_H
#define GATEWAY_BRIDGE_H

#include "gateway/tls.h"
#include "sim/world.h"

struct bridge;

/* Takes the socket over. The bridge is put in front of the list. tls may be NULL where the
   connection will not be sealed, and outlives the bridge. */
void bridge_open(struct bridge **list, int socket, struct world *, uint32_t from, uint32_t to,
                 uint16_t port, struct tls_server *tls);
struct bridge *bridge_next(const struct bridge *);
int bridge_socket(const struct bridge *);
short bridge_wants(const struct bridge *);         /* for poll */
void bridge_read(struct bridge *);                 /* from the socket into the connection */
/* The other way; adds to *said. False: it is over, drop it. */
bool bridge_write(struct bridge *, uint64_t *said);
void bridge_drop(struct bridge **list, struct bridge *);

#endif
