/* bridge.c: see bridge.h. */
#include "gateway/bridge.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/spare.h"
#include "servers/services_table.h"
#include "sim/hosts/inbound.h"

/* From one client in one round. Who sends a million commands at once has some thousand of
   them answered, then it is the next one's turn. */
#define READ_BYTES_MAX 8192
#define READS_AT_END_MAX 16
#define THROWN_AWAY_MAX (1u << 20)  /* at STARTTLS; who sent more than that before it is let go */

struct bridge {
    int socket;
    struct bridges *bridges;
    struct connection *connection;   /* NULL: over */
    struct tls *tls;                 /* NULL: the socket's octets are as they are */
    unsigned wants;                  /* as the poller knows */
    bool socket_ended;               /* the client has said all */
    bool tls_holds;                  /* more of what was heard waits in TLS, for room */
    bool tls_ended;                  /* its close_notify has come */
    bool end_told;                   /* to the connection */
    bool broken;                     /* the socket is gone */
    bool dropped;                    /* only the connection's end is still to come */
    bool moved;
    struct buf rest;                 /* what an ended connection still had to say; */
    size_t rest_sent;                /* of it, so many octets were written */
    struct bridge *next, *previous, *next_moved;
};

void bridge_moved(struct bridge *bridge)
{
    if (bridge->moved || bridge->dropped)
        return;
    bridge->moved = true;
    bridge->next_moved = bridge->bridges->moved;
    bridge->bridges->moved = bridge;
}

/* The reply to STARTTLS is on its way to the socket, and TLS begins behind it. */
static bool begins_tls(const struct bridge *bridge)
{
    return bridge->connection && connection_is_sealed(bridge->connection) && !bridge->tls;
}

/* --- from the socket -------------------------------------------------------------------------- */

/* How many; 0: none now, or the end. */
static size_t socket_read(struct bridge *bridge, char *to, size_t max)
{
    ssize_t got = max ? recv(bridge->socket, to, max, 0) : -1;
    if (got == 0)
        bridge->socket_ended = true;
    else if (got < 0 && max && errno != EAGAIN && errno != EINTR)
        bridge->broken = true;
    return got > 0 ? (size_t)got : 0;
}

/* What has come before the reply to STARTTLS goes out was said in the open, by anybody:
   it is neither TLS nor commands. */
static void bridge_throw_away(struct bridge *bridge)
{
    char octets[READ_BYTES_MAX];
    size_t got = 0, all = 0;
    while (all < THROWN_AWAY_MAX && (got = socket_read(bridge, octets, sizeof octets)) > 0)
        all += got;
    bridge->broken = bridge->broken || all >= THROWN_AWAY_MAX;
}

static size_t room_for(const struct bridge *bridge)
{
    size_t room = bridge->connection ? net_room(bridge->connection, SIDE_CLIENT) : 0;
    return room < READ_BYTES_MAX ? room : READ_BYTES_MAX;
}

/* How the handshake ended is in the trace, for whoever watches. */
static void tls_tell(struct bridge *bridge)
{
    bool done = false;
    slice words = SLICE_EMPTY;
    if (bridge->socket_ended || bridge->broken)
        tls_left(bridge->tls);
    if (bridge->connection && tls_news(bridge->tls, &done, &words))
        inbound_tls(bridge->bridges->world, bridge->connection, done, words);
}

/* What lies in TLS and has room in the connection. */
static void bridge_hear(struct bridge *bridge)
{
    char octets[READ_BYTES_MAX];
    size_t got = 1;
    while (bridge->tls && got && (!bridge->connection || room_for(bridge))) {
        got = tls_read(bridge->tls, octets, bridge->connection ? room_for(bridge) : sizeof octets);
        if (got && bridge->connection)
            inbound_say(bridge->bridges->world, bridge->connection, (slice){ octets, got });
    }
    if (!bridge->tls)
        return;
    bridge->tls_holds = got > 0;
    bridge->tls_ended = tls_peer_finished(bridge->tls);
    bridge->broken = bridge->broken || tls_has_failed(bridge->tls);
    tls_tell(bridge);
}

static void bridge_end(struct bridge *bridge, bool ended)
{
    if (!ended || !bridge->connection || bridge->end_told || bridge->tls_holds)
        return;
    bridge->end_told = true;
    inbound_end(bridge->bridges->world, bridge->connection);
}

void bridge_read(struct bridge *bridge)
{
    char octets[READ_BYTES_MAX];
    bridge_moved(bridge);
    if (!bridge->connection || bridge->socket_ended || bridge->tls_ended ||
        inbound_is_behind(bridge->bridges->world, bridge->connection))
        return;
    if (begins_tls(bridge)) {
        bridge_throw_away(bridge);
    } else if (bridge->tls && !bridge->tls_holds) {
        tls_heard(bridge->tls, (slice){ octets, socket_read(bridge, octets, sizeof octets) });
    } else if (!bridge->tls) {
        size_t got = socket_read(bridge, octets, room_for(bridge));
        if (got)
            inbound_say(bridge->bridges->world, bridge->connection, (slice){ octets, got });
    }
    bridge_hear(bridge);
    bridge_end(bridge, bridge->socket_ended || bridge->tls_ended);
}

/* --- to the socket ---------------------------------------------------------------------------- */

static slice waiting_to_write(const struct bridge *bridge)
{
    if (!bridge->connection)
        return slice_from(buf_slice(&bridge->rest), bridge->rest_sent);
    slice said = net_peek(bridge->connection, SIDE_CLIENT);
    return begins_tls(bridge) ? slice_upto(said, connection_plain(bridge->connection)) : said;
}

static void written(struct bridge *bridge, size_t octets)
{
    if (octets && bridge->connection)
        inbound_take(bridge->bridges->world, bridge->connection, octets);
    else
        bridge->rest_sent += octets;
}

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

/* As much as the socket takes; true: nothing is left. */
static bool bridge_say(struct bridge *bridge)
{
    size_t taken = 1;
    while (taken && !bridge->broken && waiting_to_write(bridge).len) {
        slice out = waiting_to_write(bridge);
        if (bridge->tls && !records_write(bridge))
            return false;
        taken = bridge->tls ? tls_write(bridge->tls, out) : socket_write(bridge, out);
        written(bridge, taken);
    }
    return (!bridge->tls || records_write(bridge)) && waiting_to_write(bridge).len == 0;
}

/* The server will say no more, or nobody could hear it. */
static bool bridge_is_over(const struct bridge *bridge)
{
    return bridge->broken || !bridge->connection ||
           net_peer_finished(bridge->connection, SIDE_CLIENT);
}

static void bridge_seal(struct bridge *bridge)
{
    bridge_throw_away(bridge);
    bridge_end(bridge, bridge->socket_ended);
    if (!bridge_say(bridge) || bridge->broken)
        return;
    bridge->tls = tls_new(bridge->bridges->tls);
    bridge->broken = !bridge->tls;
}

/* False: it is over. */
static bool bridge_write(struct bridge *bridge)
{
    if (begins_tls(bridge))
        bridge_seal(bridge);
    bool all = bridge_say(bridge);
    if (!bridge_is_over(bridge))
        return true;
    bool speaks = !bridge->tls || tls_is_ready(bridge->tls);
    if (!all && speaks && !bridge->broken)
        return true; /* the socket takes no more just now */
    if (bridge->tls)
        tls_finish(bridge->tls);
    return bridge->tls && speaks && !records_write(bridge) && !bridge->broken;
}

static void bridge_want(struct bridge *bridge)
{
    bool reads = bridge->connection && !bridge->socket_ended && !bridge->tls_ended &&
                 !bridge->tls_holds &&
                 (bridge->tls || begins_tls(bridge) ||
                  net_room(bridge->connection, SIDE_CLIENT) > 0);
    bool writes = waiting_to_write(bridge).len > 0;
    if (bridge->tls)
        writes = tls_to_send(bridge->tls).len || (writes && tls_is_ready(bridge->tls));
    unsigned wants = (reads ? POLLER_READS : 0u) | (writes ? POLLER_WRITES : 0u);
    if (wants == bridge->wants)
        return;
    bridge->wants = wants;
    poller_change(bridge->bridges->poller, bridge->socket, wants, bridge);
}

/* --- its end ---------------------------------------------------------------------------------- */

/* A socket that is closed with unread octets is reset, and the client may lose the goodbye. */
static void socket_close(int socket)
{
    char octets[READ_BYTES_MAX];
    shutdown(socket, SHUT_WR);
    for (int i = 0; i < READS_AT_END_MAX && recv(socket, octets, sizeof octets, 0) > 0; i++)
        continue;
    close(socket);
}

static void bridge_free(struct bridge *bridge)
{
    tls_free(bridge->tls);
    buf_free(&bridge->rest);
    free(bridge);
}

static void bridge_drop(struct bridge *bridge)
{
    struct bridges *bridges = bridge->bridges;
    if (bridge->previous)
        bridge->previous->next = bridge->next;
    else
        bridges->all = bridge->next;
    if (bridge->next)
        bridge->next->previous = bridge->previous;
    bridges->count--;
    poller_remove(bridges->poller, bridge->socket);
    socket_close(bridge->socket);
    if (!bridge->connection) {
        bridge_free(bridge);
        return;
    }
    bridge->dropped = true; /* freed when closed() has come */
    if (!net_peer_finished(bridge->connection, SIDE_CLIENT))
        inbound_break(bridges->world, bridge->connection);
    else if (!bridge->end_told)
        inbound_end(bridges->world, bridge->connection);
}

static void bridge_turn(struct bridge *bridge)
{
    bridge->moved = false;
    if (bridge->tls_holds) { /* there may be room now */
        bridge_hear(bridge);
        bridge_end(bridge, bridge->socket_ended || bridge->tls_ended);
    }
    if (bridge_write(bridge))
        bridge_want(bridge);
    else
        bridge_drop(bridge);
}

void bridges_say(struct bridges *bridges)
{
    struct bridge *bridge = bridges->moved, *next;
    bridges->moved = NULL;
    for (; bridge; bridge = next) {
        next = bridge->next_moved;
        bridge_turn(bridge);
    }
}

static bool is_free(const struct bridge *bridge)
{
    return bridge->connection && waiting_to_write(bridge).len &&
           inbound_may_send(bridge->bridges->world, bridge->connection);
}

bool bridges_say_early(struct bridges *bridges)
{
    struct bridge **link = &bridges->moved;
    bool said = false;
    while (*link) {
        struct bridge *bridge = *link;
        if (!is_free(bridge)) {
            link = &bridge->next_moved;
            continue;
        }
        *link = bridge->next_moved;
        bridge_turn(bridge);
        said = true;
    }
    return said;
}

bool bridges_wait(const struct bridges *bridges)
{
    for (const struct bridge *bridge = bridges->moved; bridge; bridge = bridge->next_moved)
        if (waiting_to_write(bridge).len && !is_free(bridge))
            return true;
    return false;
}

void bridges_let_go(struct bridges *bridges)
{
    if (!bridges->all)
        return;
    bridges->all->broken = true;
    bridge_moved(bridges->all);
}

void bridges_end(struct bridges *bridges)
{
    bridges->moved = NULL;
    while (bridges->all)
        bridge_drop(bridges->all);
}

void bridges_free(struct bridges *bridges)
{
    while (bridges->all) {
        struct bridge *bridge = bridges->all;
        bridges->all = bridge->next;
        socket_close(bridge->socket);
        bridge_free(bridge);
    }
}

/* --- the simulated end ------------------------------------------------------------------------ */

/* Octets and news of room are looked at after the round was kept. */
static void on_news(struct connection *connection, enum side side, void *own)
{
    (void)connection;
    (void)side;
    bridge_moved(own);
}

static void on_closed(struct connection *connection, enum side side, void *own, enum trace_by by)
{
    struct bridge *bridge = own;
    if (bridge->dropped) {
        bridge_free(bridge);
        return;
    }
    bridge->broken = bridge->broken || by == BY_CUT; /* a lost turn's words are among what waits */
    if (!bridge->broken)
        bridge->broken = !buf_add(&bridge->rest, net_peek(connection, side));
    bridge->connection = NULL;
    bridge_moved(bridge);
}

bool bridge_open(struct bridges *bridges, int socket, uint16_t port)
{
    const struct endpoint end = { on_news, on_news, on_news, on_closed };
    struct bridge *bridge = spare_take(sizeof *bridge);
    if (!bridge) {
        close(socket);
        return false;
    }
    bridge->socket = socket;
    bridge->bridges = bridges;
    bridge->wants = POLLER_READS;
    bridge->rest = BUF_MAX(PIPE_BYTES_MAX);
    bridge->tls = port_is_sealed(port) ? tls_new(bridges->tls) : NULL;
    if ((port_is_sealed(port) && !bridge->tls) ||
        !poller_add(bridges->poller, socket, bridge->wants, bridge)) {
        close(socket);
        bridge_free(bridge);
        return false;
    }
    bridge->next = bridges->all;
    if (bridges->all)
        bridges->all->previous = bridge;
    bridges->all = bridge;
    bridges->count++;
    bridge->connection = inbound_open(bridges->world, port, end, bridge);
    return true;
}
