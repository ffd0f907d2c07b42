/* gateway.h: real loopback sockets in front of the world's servers. Each accepted socket
   becomes a connection of the simulated network from a host named "localhost", so that
   sessions, trace, timeouts and other sessions' news are the simulator's own; only the
   octets come from outside. The clock follows the wall clock. One process, one loop.
   Prints nothing: the front end does. */
#ifndef GATEWAY_GATEWAY_H
#define GATEWAY_GATEWAY_H

#include <signal.h>

#include "base/error.h"
#include "gateway/tls.h"
#include "sim/world.h"

enum {
    GATEWAY_SMTP,
    GATEWAY_SUBMISSION,
    GATEWAY_POP3,
    GATEWAY_IMAP,
    GATEWAY_SUBMISSIONS,                     /* these three only with TLS_BOTH */
    GATEWAY_POP3S,
    GATEWAY_IMAPS,
    GATEWAY_SERVICES
};

enum gateway_tls {
    TLS_OFF,
    TLS_STARTTLS,                            /* offered on every port */
    TLS_IMPLICIT, /* from the first octet; on SMTP, STARTTLS */
    TLS_BOTH                                 /* STARTTLS, and ports of their own for implicit TLS */
};

struct gateway_options {
    const char *address;                     /* to listen on: "127.0.0.1" */
    bool named[GATEWAY_SERVICES]; /* which services; none named: all, on ports that are free */
    uint16_t ports[GATEWAY_SERVICES];        /* 0: any that is free */
    slice host;                              /* whose servers */
    enum gateway_tls tls;
    struct tls_server *tls_server;           /* NULL only with TLS_OFF; outlives the gateway */
};

struct gateway;

/* Binds and listens; nothing is accepted before gateway_run. NULL: why says which port. */
struct gateway *gateway_open(struct world *, const struct gateway_options *, struct error *why);
uint16_t gateway_port(const struct gateway *, int service);   /* 0: not served */
const char *gateway_service_name(int service);                /* "smtp" */
/* Serves until *stop. After each round `seen` may read the trace, which is forgotten then.
   False: the store failed, or the system; why. */
bool gateway_run(struct gateway *, volatile sig_atomic_t *stop, void (*seen)(void *context),
                 void *context, struct error *why);
/* Ends all sessions as a server that goes down does: their connections are closed. */
void gateway_close(struct gateway *);

#endif
