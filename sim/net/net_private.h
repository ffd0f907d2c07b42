/* net_private.h: what net.c (hosts, links, doors), net_handshake.c (how a connection
   begins), net_connection.c (its ends, how they are told) and net_pipe.c (one direction: segments,
   loss, order) share. Nobody else includes it. */
#ifndef SIM_NET_PRIVATE_H
#define SIM_NET_PRIVATE_H

#include "base/limits.h"
#include "sim/net/net.h"

#define HOST_NAME_MAX_OCTETS 255

struct listener {
    uint16_t port;
    net_accept *accept;
    void *context;
};

struct net_host {
    uint32_t number;
    uint32_t connects;            /* connections asked for from here, so far */
    char *name;
    char address[16];
    struct link link;
    uint64_t free_ns;             /* when its uplink has sent what it was given */
    struct listener *listeners;
    size_t listener_count;
    bool online;
};

struct net {
    struct clock *clock;
    struct trace *trace;
    uint64_t seed;
    struct net_host **hosts;      /* number n is hosts[n - 1] */
    uint32_t *by_name;            /* numbers, in order of names */
    uint32_t host_count, host_cap;
    uint32_t connects;            /* the last connection's id */
    struct connection *connections; /* those that are not freed; newest first */
};

/* Octets, first in first out, in one piece. Holds no memory when empty. */
struct queue {
    char *at;
    uint32_t start, len, cap;
};

#define NEVER UINT64_MAX

enum flight_kind { FLIGHT_DATA, FLIGHT_FIN, FLIGHT_RST };

/* A segment on its way. Its octets are still the pipe's `waiting`. */
struct flight {
    uint64_t arrives_ns;
    uint32_t octets;
    uint32_t kind;
};

/* What one side sends. Window: waiting and arrived together are at most PIPE_BYTES_MAX. */
struct pipe {
    struct queue
        waiting; /* given by the sender, not arrived; the first `flying` octets are in flights */
    struct queue arrived;         /* not yet taken by the receiver */
    struct queue flights;         /* struct flight, by time of arrival */
    uint32_t flying;
    uint32_t flights_max;         /* after a loss 1, then 1 more for each arrival; 0: no limit */
    uint8_t losses;               /* in a row */
    bool retrying;                /* `ticket` is the retransmission, no flights */
    bool finish_wanted, fin_flying, fin_arrived, rst_flying;
    bool blocked;                 /* the sender was told that there is no room */
    uint64_t ticket;              /* the first flight's arrival, or the retransmission */
    uint64_t wake_ticket;         /* the news of room, on its way to a blocked sender */
    uint64_t free_ns;             /* when the path has taken what was given to it */
    uint64_t arrives_ns;          /* the last flight's */
    uint64_t delivered;
    uint64_t sealed_from;         /* the first octet in TLS, counted as delivered is; NEVER */
    struct random chance;
    struct trace_wire wire;
};

struct end {
    struct endpoint calls;
    void *own;
    struct net_host *host;
    uint64_t ticket;              /* the call of closed() */
    bool opened;
    bool gone;                    /* closed, or never there; closed() may still be to come */
    bool told;                    /* closed() was called, or nobody is there to be called */
    uint8_t by;
};

struct connection {
    struct net *net;
    struct connection *next, **link;  /* in the net's list */
    struct end ends[2];
    struct pipe pipes[2];         /* by sender */
    uint32_t id;
    uint16_t port;
    bool typed, sealed, accepted;
    bool recorded_open, recorded_close;
    bool finished;                /* both FINs have arrived */
    bool finishing;               /* somebody wants to finish; who first: */
    uint8_t first_finish;
    uint8_t tries;                /* of the SYN; when the client is open, of the SYN-ACK */
    char protocol[13];
    uint64_t ticket;              /* the handshake's next step */
    uint64_t syn_ns, syn_ack_ns;  /* when the last of each was sent */
};

static inline enum side side_other(enum side side)
{
    return side == SIDE_CLIENT ? SIDE_SERVER : SIDE_CLIENT;
}

static inline enum trace_by side_by(enum side side)
{
    return side == SIDE_CLIENT ? BY_CLIENT : BY_SERVER;
}

/* net.c */
const struct listener *host_listener(const struct net_host *, uint16_t port);

/* net_handshake.c */
void handshake_again(struct connection *); /* the SYN, when the wait for its answer is over */

/* net_connection.c */
void connection_open(struct connection *, enum side); /* the handshake is done here: tells it */
void connection_readable(struct connection *, enum side);
void connection_finished(struct connection *);                   /* both FINs have arrived */
void connection_was_reset(struct connection *, enum side);       /* RST has arrived here */
void connection_reset_lost(struct connection *, enum side);      /* RST should have arrived here */
void connection_timed_out(struct connection *, enum side);       /* this side gives up */
void connection_close(struct connection *, enum side,
                      enum trace_by); /* tells this end closed(), by an event */
void connection_record_close(struct connection *, enum trace_by);
void connection_free(struct connection *);                       /* without telling */
uint64_t connection_latency_ns(const struct connection *);       /* one way, of the slower link */
uint64_t connection_retry_ns(
    const struct connection *); /* how long an answer is waited for at first */
/* Is what arrives now from this side lost? Then the trace says so. */
bool connection_loses(struct connection *, enum side from, uint32_t octets);

/* net_pipe.c */
void pipe_flush(struct connection *, enum side from);            /* sends what waits, if it may */
void pipe_reset(struct connection *, enum side from);            /* RST, behind what has left */
void pipe_retry_later(struct connection *, enum side from);
void pipe_drop(struct connection *, enum side from); /* nothing of this pipe arrives any more */
void pipe_free(struct connection *, enum side from);
void pipe_wake(struct connection *,
               enum side from); /* room was made: tells a blocked sender, in time */
void pipe_client_knows(struct connection *); /* if so: what the client sends from now is in TLS */
uint32_t pipe_room(const struct pipe *);
void queue_add(struct queue *, const void *octets, uint32_t len);
void queue_drop(struct queue *, uint32_t len);
void queue_free(struct queue *);

#endif
