/* bridge.c: see bridge.h. */
#include "gateway/bridge.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define WAITING_MAX 16384      /* read from the socket, not yet taken by the connection */

#define THROWN_AWAY_MAX (1u << 20)  /* at STARTTLS; who sent more than that before it is let go */

struct bridge {
    int socket;
    struct world *world;
    struct connection *connection;   /* NULL: over */
    struct tls_server *tls_server;
    struct tls *tls;                 /* NULL: the socket's octets are as they are */
    struct buf rest;                 /* said, and the connection was over before it was sent */
    size_t rest_sent;
    bool opened;
    bool socket_ended;               /* the client has said all */
    bool finished;                   /* and so were our connection told */
    bool broken;                     /* the socket is gone */
    bool dropped;                    /* only the connection's end is still to come */
    size_t waiting_len;
    char waiting[WAITING_MAX];
    struct bridge *next, *previous;
};

struct bridge *bridge_next(const struct bridge *bridge) { return bridge->next; }
int bridge_socket(const struct bridge *bridge) { return bridge->socket; }

/* The reply to STARTTLS is on its way to the socket, and TLS begins behind it. */
static bool begins_tls(const struct bridge *bridge)
{
    return bridge->connection && connection_is_sealed(bridge->connection) && !bridge->tls;
}

static slice waiting_to_write(const struct bridge *bridge)
{
    if (!bridge->connection)
        return slice_from(buf_slice(&bridge->rest), bridge->rest_sent);
    slice said = net_peek(bridge->connection, SIDE_CLIENT);
    return begins_tls(bridge) ? slice_upto(said, connection_plain(bridge->connection)) : said;
}

short bridge_wants(const struct bridge *bridge)
{
    bool reads = bridge->connection && !bridge->socket_ended && bridge->waiting_len == 0;
    bool writes = waiting_to_write(bridge).len > 0;
    if (bridge->tls)
        writes = tls_to_send(bridge->tls).len || (writes && tls_is_ready(bridge->tls));
    return (short)((reads ? POLLIN : 0) | (writes ? POLLOUT : 0));
}

/* --- from the socket -------------------------------------------------------------------------- */

/* Is there something for the connection? In TLS more may lie in what was heard already. */
static bool bridge_fill(struct bridge *bridge)
{
    if (bridge->tls && bridge->waiting_len == 0) {
        bridge->waiting_len = tls_read(bridge->tls, bridge->waiting, WAITING_MAX);
        bridge->socket_ended = bridge->socket_ended || tls_peer_finished(bridge->tls);
        bridge->broken = bridge->broken || tls_has_failed(bridge->tls);
    }
    return bridge->waiting_len > 0;
}

/* As much of what waits as the connection takes; what came before STARTTLS was answered
   goes nowhere. */
static void bridge_push(struct bridge *bridge)
{
    if (!bridge->connection)
        return;
    if (begins_tls(bridge))
        bridge->waiting_len = 0;
    while (bridge_fill(bridge)) {
        if (!bridge->opened)
            return;
        size_t sent = net_send(bridge->connection, SIDE_CLIENT,
                               (slice){ bridge->waiting, bridge->waiting_len });
        bridge->waiting_len -= sent;
        memmove(bridge->waiting, bridge->waiting + sent, bridge->waiting_len);
        if (bridge->waiting_len)
            return;
    }
    if (bridge->socket_ended && bridge->opened && !bridge->finished) {
        bridge->finished = true;
        net_finish(bridge->connection, SIDE_CLIENT);
    }
}

/* How many; 0: none now, or the end. */
static size_t socket_read(struct bridge *bridge, char *to, size_t max)
{
    ssize_t got = recv(bridge->socket, to, max, 0);
    if (got == 0)
        bridge->socket_ended = true;
    else if (got < 0 && errno != EAGAIN && errno != EINTR)
        bridge->broken = true;
    return got > 0 ? (size_t)got : 0;
}

/* What has come before the reply to STARTTLS goes out was said in the open, by anybody:
   it is neither TLS nor commands. */
static void bridge_throw_away(struct bridge *bridge)
{
    char octets[WAITING_MAX];
    size_t got = 0, all = 0;
    bridge->waiting_len = 0;
    while (all < THROWN_AWAY_MAX && (got = socket_read(bridge, octets, sizeof octets)) > 0)
        all += got;
    bridge->broken = bridge->broken || all >= THROWN_AWAY_MAX;
}

void bridge_read(struct bridge *bridge)
{
    char octets[WAITING_MAX];
    if (bridge->waiting_len || bridge->socket_ended || !bridge->connection)
        return;
    if (begins_tls(bridge))
        bridge_throw_away(bridge);
    else if (bridge->tls)
        tls_heard(bridge->tls, (slice){ octets, socket_read(bridge, octets, sizeof octets) });
    else
        bridge->waiting_len = socket_read(bridge, bridge->waiting, WAITING_MAX);
    bridge_push(bridge);
}

/* --- to the socket ---------------------------------------------------------------------------- */

static size_t socket_write(struct bridge *bridge, slice out)
{
    ssize_t sent = out.len ? send(bridge->socket, out.at, out.len, MSG_NOSIGNAL) : 0;
    if (sent < 0 && errno != EAGAIN && errno != EINTR)
        bridge->broken = true;
    return sent > 0 ? (size_t)sent : 0;
}

/* The records that TLS has made; true: they are all gone. */
static bool records_write(struct bridge *bridge)
{
    size_t sent = 1;
    while (tls_to_send(bridge->tls).len && sent) {
        sent = socket_write(bridge, tls_to_send(bridge->tls));
        tls_sent(bridge->tls, sent);
    }
    return tls_to_send(bridge->tls).len == 0;
}

static void bridge_said(struct bridge *bridge, size_t octets)
{
    if (bridge->connection)
        net_take(bridge->connection, SIDE_CLIENT, octets);
    else
        bridge->rest_sent += octets;
}

/* As much as the socket takes; true: nothing is left. */
static bool bridge_say(struct bridge *bridge, uint64_t *octets)
{
    size_t taken = 1;
    while (taken && !bridge->broken && waiting_to_write(bridge).len) {
        slice out = waiting_to_write(bridge);
        if (bridge->tls && !records_write(bridge))
            return false;
        taken = bridge->tls ? tls_write(bridge->tls, out) : socket_write(bridge, out);
        bridge_said(bridge, taken);
        *octets += taken;
    }
    return (!bridge->tls || records_write(bridge)) && waiting_to_write(bridge).len == 0;
}

/* The server will say no more, or nobody could hear it. */
static bool bridge_is_over(const struct bridge *bridge)
{
    return bridge->broken || !bridge->connection ||
           net_peer_finished(bridge->connection, SIDE_CLIENT);
}

bool bridge_write(struct bridge *bridge, uint64_t *said)
{
    if (begins_tls(bridge)) {
        bridge_throw_away(bridge);
        bridge_push(bridge);
        if (bridge_say(bridge, said) && !bridge->broken) {
            bridge->tls = tls_new(bridge->tls_server);
            bridge->broken = !bridge->tls;
        }
    }
    bool all = bridge_say(bridge, said);
    if (!bridge_is_over(bridge))
        return true;
    bool speaks = !bridge->tls || tls_is_ready(bridge->tls);
    if (!all && speaks && !bridge->broken)
        return true; /* the socket takes no more just now */
    if (bridge->tls)
        tls_finish(bridge->tls);
    return bridge->tls && speaks && !records_write(bridge) && !bridge->broken;
}

static void bridge_free(struct bridge *bridge)
{
    tls_free(bridge->tls);
    buf_free(&bridge->rest);
    free(bridge);
}

/* --- the simulated end ------------------------------------------------------------------------ */

static void on_opened(struct connection *connection, enum side side, void *own)
{
    struct bridge *bridge = own;
    (void)connection;
    (void)side;
    bridge->opened = true;
    if (!bridge->dropped)
        bridge_push(bridge);
}

static void on_readable(struct connection *connection, enum side side, void *own)
{
    (void)connection; /* what came is written after the round was kept */
    (void)side;
    (void)own;
}

static void on_writable(struct connection *connection, enum side side, void *own)
{
    struct bridge *bridge = own;
    (void)connection;
    (void)side;
    if (!bridge->dropped)
        bridge_push(bridge);
}

static void on_closed(struct connection *connection, enum side side, void *own, enum trace_by by)
{
    struct bridge *bridge = own;
    (void)by;
    if (!bridge->dropped)
        buf_add(&bridge->rest, net_peek(connection, side));
    bridge->connection = NULL;
    if (bridge->dropped)
        bridge_free(bridge);
}

void bridge_open(struct bridge **list, int socket, struct world *world, uint32_t from, uint32_t to,
                 uint16_t port, struct tls_server *tls)
{
    const struct endpoint end = { on_opened, on_readable, on_writable, on_closed };
    struct bridge *bridge = calloc(1, sizeof *bridge);
    must(bridge != NULL);
    bridge->socket = socket;
    bridge->world = world;
    bridge->rest = BUF_MAX(PIPE_BYTES_MAX);
    bridge->tls_server = tls;
    if (port_is_sealed(port))
        bridge->tls = tls_new(tls);
    bridge->broken = port_is_sealed(port) && !bridge->tls;
    bridge->next = *list;
    if (*list)
        (*list)->previous = bridge;
    *list = bridge;
    bridge->connection = net_connect(world->net, from, to, port, end, bridge,
                                     slice_of(protocol_for_port(port)->name), false);
}

void bridge_drop(struct bridge **list, struct bridge *bridge)
{
    if (bridge->previous)
        bridge->previous->next = bridge->next;
    else
        *list = bridge->next;
    if (bridge->next)
        bridge->next->previous = bridge->previous;
    close(bridge->socket);
    if (!bridge->connection) {
        bridge_free(bridge);
        return;
    }
    bridge->dropped = true; /* freed when closed() has come */
    if (!net_peer_finished(bridge->connection, SIDE_CLIENT))
        net_reset(bridge->connection, SIDE_CLIENT);
    else if (!bridge->finished)
        net_finish(bridge->connection, SIDE_CLIENT);
}
