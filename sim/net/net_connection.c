/* net_connection.c: a connection as a whole: its two ends and what they are told, what
   they may do, and how it ends. How it begins is in net_handshake.c, one direction's
   octets are in net_pipe.c. The net sees both ends at once, so there are no
   acknowledgements: who would wait for one in vain is told when the wait is over. */
#include "sim/net/net_private.h"

#include <string.h>

#include "base/heap.h"

static happening end_closed;

/* --- the path --------------------------------------------------------------------- */

uint64_t connection_latency_ns(const struct connection *connection)
{
    uint64_t one = connection->ends[SIDE_CLIENT].host->link.latency_ns;
    uint64_t other = connection->ends[SIDE_SERVER].host->link.latency_ns;
    return one > other ? one : other;
}

uint64_t connection_retry_ns(const struct connection *connection)
{
    uint64_t round_trip = 2 * connection_latency_ns(connection);
    uint64_t first = RETRANSMIT_FIRST_MS * NS_PER_MS;
    return round_trip > first ? round_trip : first;
}

static bool link_loses(const struct link *link, struct random *chance)
{
    return link->loss_one_in > 0 && random_chance(chance, 1, link->loss_one_in);
}

bool connection_loses(struct connection *connection, enum side from, uint32_t octets)
{
    struct net *net = connection->net;
    const struct net_host *sender = connection->ends[from].host;
    const struct net_host *receiver = connection->ends[side_other(from)].host;
    struct random *chance = &connection->pipes[from].chance;
    if (sender->online && receiver->online && !link_loses(&sender->link, chance) &&
        (sender == receiver || !link_loses(&receiver->link, chance)))
        return false;
    trace_add(net->trace, clock_ns(net->clock),
              &(struct trace_record){ .kind = TRACE_LOST,
                                      .conn = connection->id,
                                      .side = (uint8_t)from,
                                      .host = sender->number,
                                      .peer = receiver->number,
                                      .bytes = octets });
    return true;
}

/* --- the ends --------------------------------------------------------------------- */

/* From here on the end is dead to its application but for closed(), which comes from an
   event of its own: whoever is in the middle of something finishes that first. */
void connection_close(struct connection *connection, enum side side, enum trace_by by)
{
    struct end *end = &connection->ends[side];
    struct clock *clock = connection->net->clock;
    if (end->gone)
        return;
    end->gone = true;
    end->by = (uint8_t)by;
    if (side == SIDE_CLIENT && !end->opened) {
        clock_cancel(clock, connection->ticket);
        connection->ticket = 0;
    }
    end->ticket =
        clock_at(clock, end->host->number, clock_ns(clock), WORK, end_closed, connection, side);
}

static void end_closed(void *context, uint64_t argument)
{
    struct connection *connection = context;
    enum side side = (enum side)argument, other = side_other(side);
    struct end *end = &connection->ends[side];
    end->ticket = 0;
    if (end->calls.closed)
        end->calls.closed(connection, side, end->own, (enum trace_by)end->by);
    end->told = true;
    if (connection->ends[other].told) {
        /* Not yet recorded when both reset it: neither RST finds anybody. */
        connection_record_close(connection, (enum trace_by)connection->ends[other].by);
        connection_free(connection);
        return;
    }
    queue_free(&connection->pipes[other].arrived); /* nobody will take it */
    pipe_wake(connection, other);
}

/* An end that has said all and was heard learns nothing more from the wire: when the
   other vanishes, it is closed with it. */
static void end_orphaned(struct connection *connection, enum side side, enum trace_by by)
{
    if (connection->pipes[side].fin_arrived)
        connection_close(connection, side, by);
}

void connection_record_close(struct connection *connection, enum trace_by by)
{
    struct net *net = connection->net;
    uint64_t now_ns = clock_ns(net->clock);
    if (!connection->recorded_open || connection->recorded_close)
        return;
    connection->recorded_close = true;
    for (int side = SIDE_CLIENT; side <= SIDE_SERVER; side++)
        trace_wire_end(net->trace, now_ns, &connection->pipes[side].wire, connection->id,
                       (enum side)side);
    trace_add(
        net->trace, now_ns,
        &(struct trace_record){ .kind = TRACE_CLOSE, .conn = connection->id, .by = (uint8_t)by });
}

void connection_open(struct connection *connection, enum side side)
{
    struct end *end = &connection->ends[side];
    end->opened = true;
    if (side == SIDE_SERVER) { /* nothing of the handshake is awaited any more */
        clock_cancel(connection->net->clock, connection->ticket);
        connection->ticket = 0;
    }
    pipe_flush(connection, side);
    if (end->calls.opened)
        end->calls.opened(connection, side, end->own);
}

void connection_readable(struct connection *connection, enum side side)
{
    struct end *end = &connection->ends[side];
    if (end->calls.readable)
        end->calls.readable(connection, side, end->own);
}

void connection_finished(struct connection *connection)
{
    enum trace_by by = side_by((enum side)connection->first_finish);
    connection->finished = true;
    connection_record_close(connection, by);
    connection_close(connection, SIDE_CLIENT, by);
    connection_close(connection, SIDE_SERVER, by);
}

void connection_was_reset(struct connection *connection, enum side side)
{
    enum trace_by by = side_by(side_other(side));
    connection_record_close(connection, by);
    pipe_drop(connection, SIDE_CLIENT);
    pipe_drop(connection, SIDE_SERVER);
    connection_close(connection, side, by);
}

void connection_reset_lost(struct connection *connection, enum side side)
{
    struct end *end = &connection->ends[side];
    struct pipe *pipe = &connection->pipes[side];
    enum trace_by by = side_by(side_other(side));
    connection_record_close(connection, by);
    if (end->gone)
        return;
    if (!end->opened && side == SIDE_CLIENT) {
        if (!connection->ticket) /* it was the answer to the SYN */
            handshake_again(connection);
    } else if (!end->opened) {
        connection_close(connection, side, BY_TIMEOUT);
    } else if ((pipe->waiting.len > 0 || (pipe->finish_wanted && !pipe->fin_arrived)) &&
               !pipe->ticket) {
        pipe_retry_later(connection,
                         side); /* it was the answer to a segment, which will be sent again */
    }
    end_orphaned(connection, side, by);
}

void connection_timed_out(struct connection *connection, enum side side)
{
    connection_record_close(connection, BY_TIMEOUT);
    pipe_drop(connection, side);
    connection_close(connection, side, BY_TIMEOUT);
    end_orphaned(connection, side_other(side), BY_TIMEOUT);
}

/* --- a connection's life ---------------------------------------------------------- */

void connection_free(struct connection *connection)
{
    struct clock *clock = connection->net->clock;
    clock_cancel(clock, connection->ticket);
    for (int side = SIDE_CLIENT; side <= SIDE_SERVER; side++) {
        clock_cancel(clock, connection->ends[side].ticket);
        pipe_free(connection, (enum side)side);
    }
    *connection->link = connection->next;
    if (connection->next)
        connection->next->link = connection->link;
    heap_give(connection);
}

uint32_t connection_id(const struct connection *connection) { return connection->id; }
uint16_t connection_port(const struct connection *connection) { return connection->port; }
bool connection_was_open(const struct connection *connection) { return connection->recorded_open; }
bool connection_is_sealed(const struct connection *connection) { return connection->sealed; }

uint32_t connection_host(const struct connection *connection, enum side side)
{
    return connection->ends[side].host->number;
}

bool connection_is_open(const struct connection *connection)
{
    const struct end *client = &connection->ends[SIDE_CLIENT];
    return client->opened && !client->gone && !connection->ends[SIDE_SERVER].gone;
}

uint64_t connection_octets(const struct connection *connection, enum side from)
{
    return connection->pipes[from].delivered;
}

size_t connection_bytes(void) { return sizeof(struct connection); }

/* --- TLS --------------------------------------------------------------------------- */

void net_seal(struct connection *connection)
{
    struct pipe *server = &connection->pipes[SIDE_SERVER];
    if (connection->sealed)
        return;
    connection->sealed = true;
    if (!connection->ends[SIDE_SERVER].opened) {
        server->sealed_from = connection->pipes[SIDE_CLIENT].sealed_from = 0;
        return;
    }
    server->sealed_from = server->delivered + server->waiting.len;
    net_take(connection, SIDE_SERVER, net_peek(connection, SIDE_SERVER).len);
    pipe_client_knows(connection);
}

size_t connection_plain(const struct connection *connection)
{
    const struct pipe *server = &connection->pipes[SIDE_SERVER];
    uint64_t taken = server->delivered - server->arrived.len;
    return connection->sealed && server->sealed_from > taken
               ? (size_t)(server->sealed_from - taken)
               : 0;
}

/* --- what the application does ---------------------------------------------------- */

slice net_peek(struct connection *connection, enum side side)
{
    const struct queue *arrived = &connection->pipes[side_other(side)].arrived;
    if (arrived->len == 0 || (connection->ends[side].gone && !connection->finished))
        return SLICE_EMPTY;
    return (slice){ arrived->at + arrived->start, arrived->len };
}

void net_take(struct connection *connection, enum side side, size_t octets)
{
    must(octets <= net_peek(connection, side).len);
    if (octets == 0)
        return;
    queue_drop(&connection->pipes[side_other(side)].arrived, (uint32_t)octets);
    pipe_wake(connection, side_other(side));
}

bool net_peer_finished(const struct connection *connection, enum side side)
{
    return connection->pipes[side_other(side)].fin_arrived;
}

size_t net_send(struct connection *connection, enum side side, slice octets)
{
    struct pipe *pipe = &connection->pipes[side];
    if (connection->ends[side].gone || pipe->finish_wanted)
        return 0;
    uint32_t room = pipe_room(pipe);
    uint32_t accepted = octets.len < room ? (uint32_t)octets.len : room;
    if (accepted < octets.len)
        pipe->blocked = true;
    if (accepted == 0)
        return 0;
    queue_add(&pipe->waiting, octets.at, accepted);
    pipe_flush(connection, side);
    return accepted;
}

size_t net_room(struct connection *connection, enum side side)
{
    struct pipe *pipe = &connection->pipes[side];
    if (connection->ends[side].gone || pipe->finish_wanted)
        return 0;
    uint32_t room = pipe_room(pipe);
    if (room == 0)
        pipe->blocked = true;
    return room;
}

void net_finish(struct connection *connection, enum side side)
{
    struct pipe *pipe = &connection->pipes[side];
    if (connection->ends[side].gone || pipe->finish_wanted)
        return;
    pipe->finish_wanted = true;
    if (!connection->finishing) {
        connection->finishing = true;
        connection->first_finish = (uint8_t)side;
    }
    pipe_flush(connection, side);
}

void net_reset(struct connection *connection, enum side side)
{
    enum side other = side_other(side);
    if (connection->ends[side].gone)
        return;
    connection_close(connection, side, side_by(side));
    if (connection->ends[other].gone)
        pipe_drop(connection, side);
    else
        pipe_reset(connection, side);
}

void net_reset_all(struct net *net, uint32_t client)
{
    for (struct connection *at = net->connections; at; at = at->next)
        if (at->ends[SIDE_CLIENT].host->number == client)
            net_reset(at, SIDE_CLIENT);
}

void net_abandon_all(struct net *net, uint32_t client)
{
    for (struct connection *at = net->connections; at; at = at->next)
        if (at->ends[SIDE_CLIENT].host->number == client) {
            at->ends[SIDE_CLIENT].calls = (struct endpoint){ 0 };
            at->ends[SIDE_CLIENT].own = NULL;
        }
}

void net_cut(struct connection *connection)
{
    pipe_drop(connection, SIDE_CLIENT);
    pipe_drop(connection, SIDE_SERVER);
    clock_cancel(connection->net->clock, connection->ticket);
    connection->ticket = 0;
    connection_record_close(connection, BY_CUT);
    connection_close(connection, SIDE_CLIENT, BY_CUT);
    connection_close(connection, SIDE_SERVER, BY_CUT);
}
