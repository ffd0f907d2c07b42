/* bridge.c: see bridge.h. */
#include "gateway/bridge.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sim/outside.h"

/* From one client in one round. Who sends a million commands at once has some thousand of
   them answered, then it is the next one's turn. */
#define READ_BYTES_MAX 8192
#define READS_AT_END_MAX 16

struct bridge {
    int socket;
    struct bridges *bridges;
    struct connection *connection;   /* NULL: over */
    unsigned wants;                  /* as the poller knows */
    bool socket_ended;               /* the client has said all */
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

/* --- from the socket -------------------------------------------------------------------------- */

void bridge_read(struct bridge *bridge)
{
    char octets[READ_BYTES_MAX];
    bridge_moved(bridge);
    if (!bridge->connection || bridge->socket_ended)
        return;
    size_t room = net_room(bridge->connection, SIDE_CLIENT);
    if (room == 0)
        return;
    ssize_t got = recv(bridge->socket, octets, room < sizeof octets ? room : sizeof octets, 0);
    if (got > 0) {
        outside_say(bridge->bridges->world, bridge->connection, (slice){ octets, (size_t)got });
    } else if (got == 0) {
        bridge->socket_ended = true;
        outside_end(bridge->bridges->world, bridge->connection);
    } else if (errno != EAGAIN && errno != EINTR) {
        bridge->broken = true;
    }
}

/* --- to the socket ---------------------------------------------------------------------------- */

static slice waiting_to_write(const struct bridge *bridge)
{
    return bridge->connection ? net_peek(bridge->connection, SIDE_CLIENT)
                              : slice_from(buf_slice(&bridge->rest), bridge->rest_sent);
}

static void written(struct bridge *bridge, size_t octets)
{
    if (bridge->connection)
        outside_take(bridge->bridges->world, bridge->connection, octets);
    else
        bridge->rest_sent += octets;
}

/* False: it is over. */
static bool bridge_write(struct bridge *bridge)
{
    for (slice out = waiting_to_write(bridge); out.len && !bridge->broken;
         out = waiting_to_write(bridge)) {
        ssize_t sent = send(bridge->socket, out.at, out.len, MSG_NOSIGNAL);
        if (sent < 0 && (errno == EAGAIN || errno == EINTR))
            return true;
        if (sent < 0)
            bridge->broken = true;
        else
            written(bridge, (size_t)sent);
    }
    if (bridge->broken || !bridge->connection)
        return false;
    return !net_peer_finished(bridge->connection, SIDE_CLIENT);
}

static void bridge_want(struct bridge *bridge)
{
    bool reads = bridge->connection && !bridge->socket_ended &&
                 net_room(bridge->connection, SIDE_CLIENT) > 0;
    unsigned wants = (reads ? POLLER_READS : 0u) |
                     (waiting_to_write(bridge).len ? POLLER_WRITES : 0u);
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
        outside_break(bridges->world, bridge->connection);
    else if (!bridge->socket_ended)
        outside_end(bridges->world, bridge->connection);
}

void bridges_say(struct bridges *bridges)
{
    struct bridge *bridge = bridges->moved, *next;
    bridges->moved = NULL;
    for (; bridge; bridge = next) {
        next = bridge->next_moved;
        bridge->moved = false;
        if (bridge_write(bridge))
            bridge_want(bridge);
        else
            bridge_drop(bridge);
    }
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
    (void)by;
    if (bridge->dropped) {
        bridge_free(bridge);
        return;
    }
    buf_add(&bridge->rest, net_peek(connection, side));
    bridge->connection = NULL;
    bridge_moved(bridge);
}

bool bridge_open(struct bridges *bridges, int socket, uint16_t port)
{
    const struct endpoint end = { on_news, on_news, on_news, on_closed };
    struct bridge *bridge = calloc(1, sizeof *bridge);
    must(bridge != NULL);
    bridge->socket = socket;
    bridge->bridges = bridges;
    bridge->wants = POLLER_READS;
    bridge->rest = BUF_MAX(PIPE_BYTES_MAX);
    if (!poller_add(bridges->poller, socket, bridge->wants, bridge)) {
        close(socket);
        free(bridge);
        return false;
    }
    bridge->next = bridges->all;
    if (bridges->all)
        bridges->all->previous = bridge;
    bridges->all = bridge;
    bridges->count++;
    bridge->connection = outside_open(bridges->world, port, end, bridge);
    return true;
}
