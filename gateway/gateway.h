/* gateway.h: real loopback sockets in front of the world's servers. Each accepted socket
   becomes a connection of the simulated network from a host named "localhost", so that
   sessions, trace, timeouts and other sessions' news are the simulator's own; only the
   octets come from outside. The clock follows the wall clock. One process, one loop: a round
   costs what came in it, not what is connected. Prints nothing: the front end does. */
#ifndef GATEWAY_GATEWAY_H
#define GATEWAY_GATEWAY_H

#include <signal.h>

#include "base/error.h"
#include "base/slice.h"
#include "gateway/tls.h"
#include "servers/services_table.h"
#include "sim/shared.h"

enum gateway_tls {
    TLS_OFF,
    TLS_STARTTLS,                            /* offered on every port */
    TLS_IMPLICIT,                            /* from the first octet; on SMTP, STARTTLS */
    TLS_BOTH                                 /* STARTTLS, and ports of their own for implicit TLS */
};

struct gateway_options {
    const char *address;                     /* to listen on: "127.0.0.1", "::1" */
    bool named[SERVICES]; /* by service_number; none named: all, on ports that are free */
    uint16_t ports[SERVICES];        /* 0: any that is free */
    slice host;                              /* whose servers */
    enum gateway_tls tls;
    struct tls_server *tls_server;           /* NULL only with TLS_OFF; outlives the gateway */
    bool today;              /* the world's time becomes the wall's, and the host's link free */
};

struct gateway;

/* What is wrong with what was asked, before any socket is made: no such host, or it does not
   serve that. */
bool gateway_possible(struct world *, const struct gateway_options *, struct error *why) MUST_CHECK;
/* Binds and listens; nothing is accepted before gateway_round. NULL: why says which port. */
struct gateway *gateway_open(struct world *, const struct gateway_options *,
                             struct error *why) MUST_CHECK;
uint16_t gateway_port(const struct gateway *, int service);   /* 0: not served */
size_t gateway_sessions(const struct gateway *);              /* sockets that are open */
/* gateway_round also ends when something can be read here: a terminal, a pipe. False: it is a
   file. */
bool gateway_hear(struct gateway *, int fd);
/* From here on: when it can be read, or written, or neither. */
void gateway_hear_as(struct gateway *, int fd, bool reads, bool writes);
void gateway_hear_no_more(struct gateway *, int fd);      /* before it is closed */
/* The next round waits no longer than this for something to come. */
void gateway_hurry(struct gateway *, uint64_t ms);
uint64_t gateway_wall_ms(void);          /* never set back, whatever becomes of the date */

/* Why changes are refused just now: a disk that is full or fails. NULL: they are not. */
const char *gateway_trouble(const struct gateway *);

/* One round: waits until something comes or is due or a signal of `open` has come (NULL: any),
   lets it happen, keeps it, and says what there is to say. *heard: something can be read at
   gateway_hear's descriptor. The trace grows: whoever calls may forget. False: the world
   loops; why. */
bool gateway_round(struct gateway *, const sigset_t *open, bool *heard,
                   struct error *why) MUST_CHECK;
/* Before something else moves the world: lets happen what is due by the wall's clock. */
bool gateway_catch_up(struct gateway *, struct error *why) MUST_CHECK;
/* After something else has moved it: its time goes on from where it stands now. */
void gateway_anchor(struct gateway *);
/* The world's time is going to be turned: all sessions end as when a server goes down, at once. */
void gateway_let_go(struct gateway *);
/* It was turned: comes in again. False: the world has no such host any more, or loops. */
bool gateway_come_again(struct gateway *, struct error *why) MUST_CHECK;
/* Accepts no more, and all servers say goodbye; rounds until nobody is left or the time is
   over. */
bool gateway_part(struct gateway *, const sigset_t *open, struct error *why) MUST_CHECK;
/* Ends what sessions are left as a server that goes down does, and frees it. */
void gateway_close(struct gateway *);

#endif
