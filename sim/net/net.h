/* net.h: the simulated network: hosts, their links, connections between them. A
   connection is two byte pipes with SYN, FIN and RST; segments split anywhere. The
   slower of the two ends' links decides a path's latency and bandwidth. A lost segment
   is late (retransmitted) or, after RETRANSMIT_TRIES_MAX, ends the connection: never a
   hole. Knows nothing of mail. */
#ifndef SIM_NET_H
#define SIM_NET_H

#include "base/error.h"
#include "base/slice.h"
#include "sim/net/clock.h"
#include "sim/net/random.h"
#include "sim/net/trace.h"

struct net;
struct connection;

/* One end of a connection, as the application on it sees it. Calls come from events;
   inside them the functions below may be used freely. NULL: not interested. */
struct endpoint {
    void (*opened)(struct connection *, enum side, void *own);   /* handshake done at this end */
    /* net_peek has more, or the end (net_peer_finished) */
    void (*readable)(struct connection *, enum side, void *own);
    /* net_send took less than all before; there is room now */
    void (*writable)(struct connection *, enum side, void *own);
    /* The connection is over for this end: refused (BY_SERVER and never open), timed out,
       reset or both sides finished (by: who did first). Comes from an event of its own, at
       the same virtual time. After both finished net_peek still shows what was not taken.
       The last call for this end; the connection is gone after both ends had theirs. */
    void (*closed)(struct connection *, enum side, void *own, enum trace_by);
};

struct link {
    uint64_t latency_ns;          /* one way */
    uint64_t bytes_per_second;    /* 0: no limit */
    uint32_t segment_max;         /* octets a segment carries; 0: SEGMENT_BYTES_MAX; 1 splits
                                     everywhere; the smaller one of the two ends' holds */
    uint32_t loss_one_in;         /* 0: none; 20: every twentieth, by chance; SYN, FIN and RST too.
                                     A TRACE_LOST (host: sender, peer: receiver) may precede the
                                     connection's TRACE_OPEN */
};

struct net *net_new(struct clock *, struct trace *, uint64_t seed);
void net_free(struct net *);      /* ends all connections without telling anybody */

/* Hosts are numbered from 1 in order of adding (0 is nobody, the world itself). The name
   is kept in lower case. The address is from the reserved documentation ranges
   (RFC 5737), then from 198.18.0.0/15 (RFC 2544). 0: the name is taken or too many. */
uint32_t net_host_add(struct net *, slice name);
uint32_t net_host(const struct net *, slice name);          /* 0: none */
uint32_t net_host_at(const struct net *, slice address);    /* by "192.0.2.1"; 0: none */
uint32_t net_host_count(const struct net *);
const char *net_host_name(const struct net *, uint32_t host);
const char *net_host_address(const struct net *, uint32_t host);
/* change it freely; holds for what is sent from now on */
struct link *net_link(struct net *, uint32_t host);
bool net_is_online(const struct net *, uint32_t host);
/* What would arrive while one of the two is offline is lost. Adds nothing to the trace:
   the starting world is no event, and who makes it one says so. */
void net_set_online(struct net *, uint32_t host, bool online);

/* Somebody connects to a port of the host: accept fills in the server's end (own may be
   the context), or refuses by returning false. Asked once, when the SYN arrives; its
   opened() comes when the ACK does. Listening again replaces; NULL ends it. */
typedef bool net_accept(void *context, struct connection *, uint16_t port, struct endpoint *end,
                        void **own);
void net_listen(struct net *, uint32_t host, uint16_t port, net_accept *, void *context);

/* Never fails at once: refusal and timeout come as closed(). `typed` and `protocol` (at
   most 12 octets) are for the trace. What is sent before it is open, waits. */
struct connection *net_connect(struct net *, uint32_t from, uint32_t to, uint16_t port,
                               struct endpoint end, void *own, slice protocol, bool typed);
uint32_t connection_id(const struct connection *);           /* from 1, by order of opening */
uint16_t connection_port(const struct connection *);
uint32_t connection_host(const struct connection *, enum side);
/* handshake done and neither end closed */
bool connection_is_open(const struct connection *);
/* the trace has its OPEN; false in closed(): refused or nobody there */
bool connection_was_open(const struct connection *);
uint64_t connection_octets(const struct connection *, enum side from); /* delivered so far */
/* what one that is idle takes, all in all */
size_t connection_bytes(void);

/* Octets that have arrived and were not taken; stays valid until net_take or the next event. */
slice net_peek(struct connection *, enum side);
void net_take(struct connection *, enum side, size_t octets);
/* FIN arrived after what net_peek shows. */
bool net_peer_finished(const struct connection *, enum side);
/* how many were accepted: at most the window's room */
size_t net_send(struct connection *, enum side, slice);
/* How much net_send would take now; 0 when this end can send no more. Is there none though it
   is open, writable() tells when there is. */
size_t net_room(struct connection *, enum side);
/* FIN after what was sent; this end still reads */
void net_finish(struct connection *, enum side);
/* RST: this end is closed() now, the other when it arrives: BY_CLIENT or BY_SERVER */
void net_reset(struct connection *, enum side);
void net_reset_all(struct net *, uint32_t client); /* all that this host has opened */
/* From here on that host's ends hear nothing: whoever they told is not there any more. */
void net_abandon_all(struct net *, uint32_t client);
/* the line is cut: both ends closed(BY_CUT) at once, link left up */
void net_cut(struct connection *);
/* The server begins TLS, behind what it has sent so far: a tap sees sizes only. What the
   client has sent and the server has not taken is thrown away, and so is what it sends before
   it has all of the plain octets: it cannot know yet. Before the server's end has opened:
   sealed from the first octet, nothing is thrown away. */
void net_seal(struct connection *);
bool connection_is_sealed(const struct connection *);
/* Of what the client has not taken yet, so many octets came before TLS; 0 if it is not sealed. */
size_t connection_plain(const struct connection *);

#endif
