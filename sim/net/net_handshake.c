/* net_handshake.c: how a connection begins: SYN, SYN-ACK and ACK, each of which may be
   lost, and the answer to a SYN that nobody wants. What comes after is in
   net_connection.c. */
#include "sim/net/net_private.h"

#include <string.h>

#include "base/heap.h"

static happening syn_arrive, syn_ack_arrive, ack_arrive, syn_retry, syn_ack_retry;

/* A handshake's packet (or the wait for one) on behalf of a side. */
static void handshake_at(struct connection *connection, enum side side, uint64_t at_ns,
                         happening *step)
{
    uint64_t now_ns = clock_ns(connection->net->clock);
    connection->ticket = clock_at(connection->net->clock, connection->ends[side].host->number,
                                  at_ns > now_ns ? at_ns : now_ns, WORK, step, connection, 0);
}

static void handshake_send(struct connection *connection, enum side side, happening *arrive)
{
    handshake_at(connection, side,
                 clock_ns(connection->net->clock) + connection_latency_ns(connection), arrive);
}

static void syn_send(struct connection *connection)
{
    connection->tries++;
    connection->syn_ns = clock_ns(connection->net->clock);
    handshake_send(connection, SIDE_CLIENT, syn_arrive);
}

/* The wait for the SYN-ACK doubles with each try. */
void handshake_again(struct connection *connection)
{
    handshake_at(connection, SIDE_CLIENT,
                 connection->syn_ns + (connection_retry_ns(connection) << (connection->tries - 1)),
                 syn_retry);
}

static void syn_retry(void *context, uint64_t argument)
{
    struct connection *connection = context;
    (void)argument;
    connection->ticket = 0;
    if (connection->tries < SYN_TRIES_MAX) {
        syn_send(connection);
        return;
    }
    pipe_drop(connection, SIDE_CLIENT);
    pipe_drop(connection, SIDE_SERVER);
    connection_close(connection, SIDE_CLIENT, BY_TIMEOUT);
    connection_close(connection, SIDE_SERVER, BY_TIMEOUT); /* if its SYN-ACKs were lost */
}

/* Asks who listens there; false: nobody, or it does not want to. */
static bool connection_accept(struct connection *connection)
{
    struct end *end = &connection->ends[SIDE_SERVER];
    const struct listener *listener = host_listener(end->host, connection->port);
    if (!listener)
        return false;
    end->gone = end->told = false;
    connection->accepted =
        listener->accept(listener->context, connection, connection->port, &end->calls, &end->own);
    if (connection->accepted)
        return true;
    clock_cancel(connection->net->clock, end->ticket);
    end->ticket = 0;
    end->gone = end->told = true;
    pipe_drop(connection, SIDE_SERVER);
    return false;
}

static void syn_arrive(void *context, uint64_t argument)
{
    struct connection *connection = context;
    (void)argument;
    connection->ticket = 0;
    if (connection_loses(connection, SIDE_CLIENT, 0)) {
        handshake_again(connection);
        return;
    }
    bool accepted = connection->accepted || connection_accept(connection);
    if (connection->ends[SIDE_CLIENT].gone)
        return; /* the acceptor cut the line */
    if (!accepted || connection->ends[SIDE_SERVER].gone) {
        pipe_reset(connection, SIDE_SERVER);
        return;
    }
    connection->syn_ack_ns = clock_ns(connection->net->clock);
    handshake_send(connection, SIDE_SERVER, syn_ack_arrive);
}

/* The server waits for the ACK; that its SYN-ACK had arrived it can't know. */
static void ack_again(struct connection *connection)
{
    handshake_at(connection, SIDE_SERVER, connection->syn_ack_ns +
                 (connection_retry_ns(connection) << (connection->tries - 1)), syn_ack_retry);
}

static void syn_ack_retry(void *context, uint64_t argument)
{
    struct connection *connection = context;
    (void)argument;
    connection->ticket = 0;
    if (connection->ends[SIDE_SERVER].gone)
        return;
    if (connection->tries >= SYN_TRIES_MAX) {
        pipe_drop(connection, SIDE_SERVER);
        connection_record_close(connection, BY_TIMEOUT);
        connection_close(connection, SIDE_SERVER, BY_TIMEOUT);
        return;
    }
    connection->tries++;
    connection->syn_ack_ns = clock_ns(connection->net->clock);
    handshake_send(connection, SIDE_SERVER, syn_ack_arrive);
}

static void syn_ack_arrive(void *context, uint64_t argument)
{
    struct connection *connection = context;
    struct end *client = &connection->ends[SIDE_CLIENT];
    struct net *net = connection->net;
    (void)argument;
    connection->ticket = 0;
    if (connection_loses(connection, SIDE_SERVER, 0)) {
        if (client->opened)
            ack_again(connection);
        else
            handshake_again(connection);
        return;
    }
    if (client->gone) {
        pipe_reset(connection, SIDE_CLIENT);
        return;
    }
    handshake_send(connection, SIDE_CLIENT, ack_arrive);
    if (client->opened)
        return;
    connection->tries = 1;
    connection->recorded_open = true;
    trace_add(net->trace, clock_ns(net->clock),
              &(struct trace_record){ .kind = TRACE_OPEN, .conn = connection->id,
                                      .host = client->host->number,
                                      .peer = connection->ends[SIDE_SERVER].host->number,
                                      .port = connection->port, .typed = connection->typed,
                                      .text = slice_of(connection->protocol) });
    connection_open(connection, SIDE_CLIENT);
}

static void ack_arrive(void *context, uint64_t argument)
{
    struct connection *connection = context;
    (void)argument;
    connection->ticket = 0;
    if (connection_loses(connection, SIDE_CLIENT, 0))
        ack_again(connection);
    else if (connection->ends[SIDE_SERVER].gone)
        pipe_reset(connection, SIDE_SERVER);
    else
        connection_open(connection, SIDE_SERVER);
}

/* --- connecting ------------------------------------------------------------------- */

static struct net_host *host_of(struct net *net, uint32_t host)
{
    must(host > 0);
    must(host <= net->host_count);
    return net->hosts[host - 1];
}

/* A stream for each direction, named by the client and the client's own count: what other
   hosts do moves no draw. */
static void chances_begin(struct connection *connection)
{
    const struct net_host *client = connection->ends[SIDE_CLIENT].host;
    struct random chance = random_stream(connection->net->seed, slice_of(client->name), "loss");
    for (uint64_t side = SIDE_CLIENT; side <= SIDE_SERVER; side++) {
        connection->pipes[side].chance = chance;
        connection->pipes[side].chance.stream =
            random_mix(chance.stream + 2ull * client->connects + side);
    }
}

struct connection *net_connect(struct net *net, uint32_t from, uint32_t to, uint16_t port,
                               struct endpoint end, void *own, slice protocol, bool typed)
{
    struct connection *connection = heap_take(sizeof *connection);
    must(protocol.len < sizeof connection->protocol);
    connection->net = net;
    connection->next = net->connections;
    connection->link = &net->connections;
    if (connection->next)
        connection->next->link = &connection->next;
    net->connections = connection;
    connection->ends[SIDE_CLIENT] =
        (struct end){ .calls = end, .own = own, .host = host_of(net, from) };
    connection->ends[SIDE_SERVER] =
        (struct end){ .host = host_of(net, to), .gone = true, .told = true };
    connection->id = ++net->connects;
    connection->port = port;
    connection->typed = typed;
    if (protocol.len)
        memcpy(connection->protocol, protocol.at, protocol.len);
    connection->pipes[SIDE_CLIENT].sealed_from = connection->pipes[SIDE_SERVER].sealed_from = NEVER;
    connection->ends[SIDE_CLIENT].host->connects++;
    chances_begin(connection);
    syn_send(connection);
    return connection;
}

