/* bridge.c: see bridge.h. */
#include "gateway/bridge.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define WAITING_MAX 16384      /* read from the socket, not yet taken by the connection */

struct bridge {
    int socket;
    struct world *world;
    struct connection *connection;   /* NULL: over */
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

static slice waiting_to_write(const struct bridge *bridge)
{
    return bridge->connection ? net_peek(bridge->connection, SIDE_CLIENT) : SLICE_EMPTY;
}

short bridge_wants(const struct bridge *bridge)
{
    bool reads = !bridge->socket_ended && bridge->waiting_len == 0;
    return (short)((reads ? POLLIN : 0) | (waiting_to_write(bridge).len ? POLLOUT : 0));
}

/* As much of what waits as the connection takes. */
static void bridge_push(struct bridge *bridge)
{
    if (!bridge->connection || !bridge->opened)
        return;
    if (bridge->waiting_len) {
        size_t sent = net_send(bridge->connection, SIDE_CLIENT,
                               (slice){ bridge->waiting, bridge->waiting_len });
        bridge->waiting_len -= sent;
        memmove(bridge->waiting, bridge->waiting + sent, bridge->waiting_len);
    }
    if (bridge->waiting_len == 0 && bridge->socket_ended && !bridge->finished) {
        bridge->finished = true;
        net_finish(bridge->connection, SIDE_CLIENT);
    }
}

void bridge_read(struct bridge *bridge)
{
    if (bridge->waiting_len || bridge->socket_ended)
        return;
    ssize_t got = recv(bridge->socket, bridge->waiting, WAITING_MAX, 0);
    if (got > 0)
        bridge->waiting_len = (size_t)got;
    else if (got == 0)
        bridge->socket_ended = true;
    else if (errno != EAGAIN && errno != EINTR)
        bridge->broken = true;
    bridge_push(bridge);
}

bool bridge_write(struct bridge *bridge)
{
    for (slice out = waiting_to_write(bridge); out.len && !bridge->broken;
         out = waiting_to_write(bridge)) {
        ssize_t sent = send(bridge->socket, out.at, out.len, MSG_NOSIGNAL);
        if (sent < 0 && (errno == EAGAIN || errno == EINTR))
            return true;
        if (sent < 0)
            bridge->broken = true;
        else
            net_take(bridge->connection, SIDE_CLIENT, (size_t)sent);
    }
    if (bridge->broken || !bridge->connection)
        return false;
    return !net_peer_finished(bridge->connection, SIDE_CLIENT);
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
    (void)connection;
    (void)side;
    (void)by;
    bridge->connection = NULL;
    if (bridge->dropped)
        free(bridge);
}

void bridge_open(struct bridge **list, int socket, struct world *world, uint32_t from, uint32_t to,
                 uint16_t port)
{
    const struct endpoint end = { on_opened, on_readable, on_writable, on_closed };
    struct bridge *bridge = calloc(1, sizeof *bridge);
    must(bridge != NULL);
    bridge->socket = socket;
    bridge->world = world;
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
        free(bridge);
        return;
    }
    bridge->dropped = true; /* freed when closed() has come */
    if (!net_peer_finished(bridge->connection, SIDE_CLIENT))
        net_reset(bridge->connection, SIDE_CLIENT);
    else if (!bridge->finished)
        net_finish(bridge->connection, SIDE_CLIENT);
}
