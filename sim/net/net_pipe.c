/* net_pipe.c: one direction of a connection: octets are cut into segments, which take
   their time on the uplink and the path, arrive in order or are lost, and are sent again
   from the first that did not arrive (go-back-N). Only the first flight of a pipe has an
   event; the next gets its own when that has arrived. Handshake and closing are in
   net_connection.c. */
#include "sim/net/net_private.h"

#include <string.h>

#include "base/heap.h"

#define NS_PER_SECOND 1000000000ull
#define FIRST_QUEUE_BYTES 64

/* --- queues ----------------------------------------------------------------------- */

static void queue_grow(struct queue *queue, uint32_t need)
{
    uint32_t cap = queue->cap ? queue->cap : FIRST_QUEUE_BYTES;
    while (cap < need)
        cap *= 2;
    char *at = heap_take(cap);
    if (queue->len)
        memcpy(at, queue->at + queue->start, queue->len);
    heap_give(queue->at);
    *queue = (struct queue){ at, 0, queue->len, cap };
}

void queue_add(struct queue *queue, const void *octets, uint32_t len)
{
    uint32_t need = queue->len + len;
    if (queue->start + need > queue->cap) {
        /* Moving to the front pays when as much was dropped as is moved. */
        if (need <= queue->cap / 2) {
            memmove(queue->at, queue->at + queue->start, queue->len);
            queue->start = 0;
        } else {
            queue_grow(queue, need > queue->cap ? need : queue->cap + 1);
        }
    }
    memcpy(queue->at + queue->start + queue->len, octets, len);
    queue->len = need;
}

void queue_drop(struct queue *queue, uint32_t len)
{
    queue->start += len;
    queue->len -= len;
    if (queue->len == 0)
        queue_free(queue);
}

void queue_free(struct queue *queue)
{
    heap_give(queue->at);
    *queue = (struct queue){ 0 };
}

/* --- sending ---------------------------------------------------------------------- */

static happening pipe_arrive, pipe_retry, pipe_woken;

static uint64_t later(uint64_t one_ns, uint64_t other_ns)
{
    return one_ns > other_ns ? one_ns : other_ns;
}
static uint64_t lesser(uint64_t one, uint64_t other) { return one < other ? one : other; }

static uint64_t transmit_ns(uint64_t octets, uint64_t bytes_per_second)
{
    if (bytes_per_second == 0)
        return 0;
    return (octets * NS_PER_SECOND + bytes_per_second - 1) / bytes_per_second;
}

/* 0 means no limit. */
static uint64_t slower(uint64_t one, uint64_t other)
{
    if (one == 0 || other == 0)
        return one | other;
    return lesser(one, other);
}

static uint32_t segment_max(const struct connection *connection)
{
    uint32_t one = connection->ends[SIDE_CLIENT].host->link.segment_max;
    uint32_t other = connection->ends[SIDE_SERVER].host->link.segment_max;
    one = one ? one : SEGMENT_BYTES_MAX;
    other = other ? other : SEGMENT_BYTES_MAX;
    return one < other ? one : other;
}

static struct flight flight_first(const struct queue *flights)
{
    struct flight flight;
    memcpy(&flight, flights->at + flights->start, sizeof flight);
    return flight;
}

static struct flight flight_last(const struct queue *flights)
{
    struct flight flight;
    memcpy(&flight, flights->at + flights->start + flights->len - sizeof flight, sizeof flight);
    return flight;
}

/* The event for the first flight. */
static void pipe_expect(struct connection *connection, enum side from)
{
    struct pipe *pipe = &connection->pipes[from];
    pipe->ticket =
        clock_at(connection->net->clock, connection->ends[from].host->number,
                 flight_first(&pipe->flights).arrives_ns, WORK, pipe_arrive, connection, from);
}

static void pipe_fly(struct connection *connection, enum side from, enum flight_kind kind,
                     uint32_t octets, uint64_t arrives_ns)
{
    struct pipe *pipe = &connection->pipes[from];
    struct flight flight = { later(arrives_ns, pipe->arrives_ns), octets, kind };
    pipe->arrives_ns = flight.arrives_ns;
    queue_add(&pipe->flights, &flight, sizeof flight);
    if (pipe->flights.len == sizeof flight)
        pipe_expect(connection, from);
}

/* The uplink belongs to all connections of the host and is free again at its own speed;
   on the path a segment takes as long as its slowest link makes it. */
static void pipe_transmit(struct connection *connection, enum side from, enum flight_kind kind,
                          uint32_t octets)
{
    struct pipe *pipe = &connection->pipes[from];
    struct net_host *sender = connection->ends[from].host;
    const struct link *far = &connection->ends[side_other(from)].host->link;
    uint64_t starts_ns = later(clock_ns(connection->net->clock), sender->free_ns);
    uint64_t path = slower(sender->link.bytes_per_second, far->bytes_per_second);
    sender->free_ns = starts_ns + transmit_ns(octets, sender->link.bytes_per_second);
    pipe->free_ns = later(starts_ns, pipe->free_ns) + transmit_ns(octets, path);
    pipe_fly(connection, from, kind, octets, pipe->free_ns + connection_latency_ns(connection));
}

static bool pipe_may_fly(const struct pipe *pipe)
{
    return pipe->flights_max == 0 || pipe->flights.len / sizeof(struct flight) < pipe->flights_max;
}

static bool pipe_has_unsent(const struct pipe *pipe)
{
    return pipe->flying < pipe->waiting.len ||
           (pipe->finish_wanted && !pipe->fin_flying && !pipe->fin_arrived);
}

void pipe_flush(struct connection *connection, enum side from)
{
    struct pipe *pipe = &connection->pipes[from];
    const struct end *end = &connection->ends[from];
    if (!end->opened || end->gone || pipe->retrying)
        return;
    uint32_t largest = segment_max(connection);
    while (pipe->flying < pipe->waiting.len && pipe_may_fly(pipe)) {
        uint32_t octets = (uint32_t)lesser(largest, pipe->waiting.len - pipe->flying);
        pipe->flying += octets;
        pipe_transmit(connection, from, FLIGHT_DATA, octets);
    }
    if (pipe->flying == pipe->waiting.len && pipe_has_unsent(pipe) && pipe_may_fly(pipe)) {
        pipe->fin_flying = true;
        pipe_transmit(connection, from, FLIGHT_FIN, 0);
    }
}

/* --- taking back ------------------------------------------------------------------ */

/* What has not left is not sent; what it would have taken of the uplink is given back. */
static void pipe_withdraw(struct connection *connection, enum side from, uint64_t arriving_after_ns)
{
    struct pipe *pipe = &connection->pipes[from];
    struct net_host *sender = connection->ends[from].host;
    uint64_t now_ns = clock_ns(connection->net->clock);
    uint64_t left_ns = now_ns + connection_latency_ns(connection);
    uint64_t spared = 0;
    while (pipe->flights.len > 0 && flight_last(&pipe->flights).arrives_ns > arriving_after_ns) {
        struct flight flight = flight_last(&pipe->flights);
        pipe->flying -= flight.octets;
        if (flight.arrives_ns > left_ns)
            spared += flight.octets;
        pipe->flights.len -= (uint32_t)sizeof flight;
    }
    uint64_t spared_ns = transmit_ns(spared, sender->link.bytes_per_second);
    if (spared_ns > 0)
        sender->free_ns = later(now_ns, sender->free_ns - lesser(spared_ns, sender->free_ns));
    pipe->free_ns = now_ns;
    pipe->arrives_ns = pipe->flights.len ? flight_last(&pipe->flights).arrives_ns : 0;
    pipe->waiting.len = pipe->flying;
    if (pipe->flights.len == 0 || pipe->retrying) {
        clock_cancel(connection->net->clock, pipe->ticket);
        pipe->ticket = 0;
        pipe->retrying = false;
        queue_free(&pipe->flights);
    }
    if (pipe->waiting.len == 0)
        queue_free(&pipe->waiting);
}

void pipe_reset(struct connection *connection, enum side from)
{
    struct pipe *pipe = &connection->pipes[from];
    if (connection->ends[side_other(from)].gone || pipe->rst_flying)
        return;
    uint64_t arrives_ns = clock_ns(connection->net->clock) + connection_latency_ns(connection);
    pipe_withdraw(connection, from, arrives_ns);
    pipe->rst_flying = true;
    pipe_fly(connection, from, FLIGHT_RST, 0, arrives_ns);
}

/* Everything in flight was for nothing, but it still waits to be sent again. */
static void pipe_ground(struct pipe *pipe)
{
    queue_free(&pipe->flights);
    pipe->flying = 0;
    pipe->fin_flying = false;
    pipe->rst_flying = false;
}

void pipe_drop(struct connection *connection, enum side from)
{
    struct pipe *pipe = &connection->pipes[from];
    pipe_withdraw(connection, from, 0);
    clock_cancel(connection->net->clock, pipe->ticket);
    pipe->ticket = 0;
    pipe_ground(pipe);
    queue_free(&pipe->waiting);
}

void pipe_free(struct connection *connection, enum side from)
{
    struct pipe *pipe = &connection->pipes[from];
    pipe_drop(connection, from);
    clock_cancel(connection->net->clock, pipe->wake_ticket);
    queue_free(&pipe->arrived);
    trace_wire_free(&pipe->wire);
}

/* --- losing ----------------------------------------------------------------------- */

void pipe_retry_later(struct connection *connection, enum side from)
{
    struct pipe *pipe = &connection->pipes[from];
    const struct net *net = connection->net;
    uint64_t now_ns = clock_ns(net->clock);
    uint64_t sent_ns = now_ns - lesser(now_ns, connection_latency_ns(connection));
    uint64_t at_ns = later(now_ns, sent_ns + (connection_retry_ns(connection) << pipe->losses));
    pipe->losses++;
    pipe->flights_max = 1;
    pipe->retrying = true;
    pipe->ticket = clock_at(net->clock, connection->ends[from].host->number, at_ns, WORK,
                            pipe_retry, connection, from);
}

static void pipe_retry(void *context, uint64_t argument)
{
    struct connection *connection = context;
    enum side from = (enum side)argument;
    struct pipe *pipe = &connection->pipes[from];
    pipe->ticket = 0;
    pipe->retrying = false;
    if (pipe->losses >= RETRANSMIT_TRIES_MAX)
        connection_timed_out(connection, from);
    else
        pipe_flush(connection, from);
}

/* Of what a vanished end has sent, only its RST still counts. */
static void pipe_keep_reset(struct connection *connection, enum side from)
{
    struct pipe *pipe = &connection->pipes[from];
    struct flight reset = flight_last(&pipe->flights);
    pipe_drop(connection, from);
    pipe->rst_flying = true;
    pipe_fly(connection, from, FLIGHT_RST, 0, reset.arrives_ns);
}

static void pipe_lost(struct connection *connection, enum side from, const struct flight *flight)
{
    struct pipe *pipe = &connection->pipes[from];
    if (flight->kind == FLIGHT_RST) {
        pipe_ground(pipe);
        connection_reset_lost(connection, side_other(from));
    } else if (pipe->rst_flying) {
        pipe_keep_reset(connection, from);
    } else {
        pipe_ground(pipe);
        pipe_retry_later(connection, from);
    }
}

/* --- arriving --------------------------------------------------------------------- */

/* After a loss the sender feels its way, as RFC 5681 has it: what was held back goes when
   it learns of an arrival. Else every loss among many small segments would cost them all. */
static void pipe_recover(struct connection *connection, enum side from)
{
    struct pipe *pipe = &connection->pipes[from];
    if (pipe->flights_max == 0)
        return;
    pipe->flights_max = pipe->flights_max < PIPE_BYTES_MAX ? pipe->flights_max + 1 : 0;
    if (!pipe_has_unsent(pipe))
        return;
    uint64_t heard_ns = clock_ns(connection->net->clock) + connection_latency_ns(connection);
    pipe->free_ns = later(pipe->free_ns, heard_ns);
    pipe_flush(connection, from);
}

void pipe_client_knows(struct connection *connection)
{
    const struct pipe *server = &connection->pipes[SIDE_SERVER];
    struct pipe *client = &connection->pipes[SIDE_CLIENT];
    if (connection->sealed && client->sealed_from == NEVER &&
        server->delivered >= server->sealed_from)
        client->sealed_from = client->delivered + client->waiting.len;
}

/* The next octets of what flies are here. What the client sent before TLS and the server
   did not take in time is seen on the wire, and nobody reads it. */
static void pipe_land(struct connection *connection, enum side from, uint32_t octets)
{
    struct pipe *pipe = &connection->pipes[from];
    struct net *net = connection->net;
    uint64_t now_ns = clock_ns(net->clock);
    bool sealed = pipe->delivered >= pipe->sealed_from;
    if (octets == 0)
        return;
    slice landed = { pipe->waiting.at + pipe->waiting.start, octets };
    if (pipe->delivered == pipe->sealed_from)
        trace_wire_end(net->trace, now_ns, &pipe->wire, connection->id, from);
    if (sealed)
        trace_sealed_octets(net->trace, now_ns, &pipe->wire, connection->id, from, landed);
    else
        trace_octets(net->trace, now_ns, &pipe->wire, connection->id, from, landed);
    bool unread = connection->sealed && !sealed && from == SIDE_CLIENT;
    if (!unread)
        queue_add(&pipe->arrived, landed.at, octets);
    queue_drop(&pipe->waiting, octets);
    pipe->flying -= octets;
    pipe->delivered += octets;
    if (unread)
        pipe_wake(connection, from);
}

static void pipe_deliver(struct connection *connection, enum side from, uint32_t octets)
{
    struct pipe *pipe = &connection->pipes[from];
    uint64_t before_tls = pipe->sealed_from - lesser(pipe->sealed_from, pipe->delivered);
    uint32_t plain = (uint32_t)lesser(octets, before_tls);
    pipe_land(connection, from, plain);
    pipe_land(connection, from, octets - plain);
    if (from == SIDE_SERVER)
        pipe_client_knows(connection);
    pipe_recover(connection, from);
    if (pipe->arrived.len)
        connection_readable(connection, side_other(from));
}

static void pipe_finish(struct connection *connection, enum side from)
{
    struct pipe *pipe = &connection->pipes[from];
    struct net *net = connection->net;
    pipe->fin_flying = false;
    pipe->fin_arrived = true;
    trace_wire_end(net->trace, clock_ns(net->clock), &pipe->wire, connection->id, from);
    if (connection->pipes[side_other(from)].fin_arrived)
        connection_finished(connection);
    else
        connection_readable(connection, side_other(from));
}

static void pipe_arrive(void *context, uint64_t argument)
{
    struct connection *connection = context;
    enum side from = (enum side)argument, to = side_other(from);
    struct pipe *pipe = &connection->pipes[from];
    struct flight flight = flight_first(&pipe->flights);
    queue_drop(&pipe->flights, sizeof flight);
    pipe->ticket = 0;
    if (connection_loses(connection, from, flight.octets)) {
        pipe_lost(connection, from, &flight);
        return;
    }
    pipe->losses = 0;
    if (pipe->flights.len > 0)
        pipe_expect(connection, from);
    if (flight.kind == FLIGHT_RST) {
        connection_was_reset(connection, to);
        return;
    }
    if (!connection->ends[to].opened && !connection->ends[to].gone)
        connection_open(connection, to); /* the handshake's ACK was lost; this says the same */
    if (connection->ends[to].gone) {
        clock_cancel(connection->net->clock, pipe->ticket);
        pipe->ticket = 0;
        pipe_ground(pipe);
        pipe_reset(connection, to);
        return;
    }
    if (flight.kind == FLIGHT_FIN)
        pipe_finish(connection, from);
    else
        pipe_deliver(connection, from, flight.octets);
}

/* --- room ------------------------------------------------------------------------- */

uint32_t pipe_room(const struct pipe *pipe)
{
    return PIPE_BYTES_MAX - pipe->waiting.len - pipe->arrived.len;
}

void pipe_wake(struct connection *connection, enum side from)
{
    struct pipe *pipe = &connection->pipes[from];
    const struct net *net = connection->net;
    if (!pipe->blocked || pipe->wake_ticket || connection->ends[from].gone)
        return;
    uint64_t at_ns = clock_ns(net->clock) + connection_latency_ns(connection);
    pipe->wake_ticket = clock_at(net->clock, connection->ends[side_other(from)].host->number, at_ns,
                                 WORK, pipe_woken, connection, from);
}

static void pipe_woken(void *context, uint64_t argument)
{
    struct connection *connection = context;
    enum side from = (enum side)argument;
    struct pipe *pipe = &connection->pipes[from];
    const struct end *end = &connection->ends[from];
    pipe->wake_ticket = 0;
    if (end->gone || !pipe->blocked || pipe->finish_wanted || pipe_room(pipe) == 0)
        return;
    pipe->blocked = false;
    if (end->calls.writable)
        end->calls.writable(connection, from, end->own);
}
