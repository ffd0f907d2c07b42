/* host_private.h: between host.c, host_piece.c and host_relay.c only. */
#ifndef SIM_HOST_PRIVATE_H
#define SIM_HOST_PRIVATE_H

#include "base/hash.h"

#include "servers/auth/throttle.h"
#include "servers/smtp/smtp_intake.h"
#include "servers/smtp/smtp_relay.h"
#include "sim/hosts/host.h"

/* One session and the connection it speaks over. */
struct serving {
    uint32_t conn;                 /* the hash's key */
    struct host *host;
    struct session *session;       /* NULL before the handshake and after closing */
    struct connection *connection; /* NULL when it is over */
    const struct protocol *protocol;
    uint32_t facts;
    uint64_t heard_ns;             /* when something last came, or was taken */
    uint64_t idle_ticket;
    bool finished;                 /* our FIN is out */
    bool sealing;                  /* TLS begins when what the session has said is on its way */
    uint64_t turn;                 /* of the store, in which it last did something */
    bool poked;                    /* an event to look at it again is on its way */
    bool queued;                   /* in world->pieces: it works long, and has its turn again */
    struct serving *next_piece;
    struct serving *next, *previous;
    UT_hash_handle hh;
};

struct outgoing;

#define CHANGED_MAX 16

struct host {
    struct world *world;
    uint32_t number;
    uint32_t serves;
    struct policy policy;
    struct services services;
    struct throttle throttle;
    struct intake intake;
    struct random ids;
    struct serving *servings;
    bool queue_touched;            /* in this turn */
    int64_t changed[CHANGED_MAX];  /* mailboxes, in this turn */
    size_t changed_count;          /* above CHANGED_MAX: all may have */
    struct relay *relay;
    struct outgoing *outgoing;     /* connections that the relay opened */
    uint64_t wake_ticket, wake_ns; /* when the queue is looked at next */
    struct host *next;
};

void host_turn_begin(struct host *);
bool host_turn_end(struct host *);   /* false: the store failed, nothing may be said */
void serving_go_on(struct serving *);                        /* the next piece of long work */
void host_later(struct services *, struct session *);         /* services.h: host_piece.c */
void piece_forget(struct serving *);
void host_chores_book(struct host *);                    /* the store has more to do, perhaps */
struct serving *serving_find(const struct world *, uint32_t conn);
struct relay_world host_relay_world(struct host *);
void host_relay_free(struct host *);

#endif
