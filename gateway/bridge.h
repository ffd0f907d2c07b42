/* bridge.h: one socket joined to one connection of the simulated network. Holds no octets:
   what comes is read only as far as the connection's window has room, what the server says
   waits in the connection until the socket takes it. So a slow end slows the other, and
   nothing grows. Where the connection is sealed the socket speaks TLS: from the first octet on
   the ports that are so, else behind the reply to STARTTLS; then a record or two wait in it. */
#ifndef GATEWAY_BRIDGE_H
#define GATEWAY_BRIDGE_H

#include "gateway/poller.h"
#include "gateway/tls.h"

struct bridge;

/* What all bridges of a gateway share. */
struct bridges {
    struct world *world;
    struct poller *poller;
    struct tls_server *tls;        /* NULL where no connection can be sealed; outlives them */
    struct bridge *all;
    struct bridge *moved;          /* those to which something happened in this round */
    size_t count;
};

/* Takes the socket over. False: no room for one more; the socket is closed. */
bool bridge_open(struct bridges *, int socket, uint16_t port);
void bridge_read(struct bridge *);         /* from the socket into the connection */
void bridge_moved(struct bridge *);        /* bridge_say looks at it */
/* Writes what was said to all that moved, and ends those that are over. */
void bridges_say(struct bridges *);
/* Before the round is kept: only what needs no commit. False: there was nothing. */
bool bridges_say_early(struct bridges *);
/* Does one of them wait for the round to be kept? */
bool bridges_wait(const struct bridges *);
void bridges_let_go(struct bridges *);     /* the newest, for its memory */
void bridges_end(struct bridges *);        /* all of them, now */
void bridges_free(struct bridges *);       /* closes the sockets; the connections are the net's */

#endif
