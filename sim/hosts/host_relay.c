/* host_relay.c: what a host's relay asks of the world: names, connections, and to be
   woken. The relay itself is servers/smtp/smtp_relay.c. */
#include <string.h>

#include "servers/store/store.h"
#include "base/words.h"
#include "sim/hosts/host.h"
#include "sim/hosts/host_private.h"
#include "base/heap.h"

/* One delivery's way through names and connections. Outlives the delivery until the
   connection has closed. */
struct outgoing {
    struct host *host;
    struct delivery *delivery;     /* NULL: the relay has done with it */
    struct connection *connection;
    uint32_t asked;                /* answers that are still to come or being given: it must stay */
    uint64_t reply_ticket;         /* a server that says nothing for too long */
    char server[DOMAIN_MAX + 1];
    struct outgoing *next;
};

static struct outgoing *outgoing_of(struct host *host, struct delivery *delivery)
{
    struct outgoing *outgoing = relay_own(delivery);
    if (outgoing)
        return outgoing;
    outgoing = heap_take(sizeof *outgoing);
    outgoing->host = host;
    outgoing->delivery = delivery;
    outgoing->next = host->outgoing;
    host->outgoing = outgoing;
    relay_set_own(delivery, outgoing);
    return outgoing;
}

static void outgoing_free_if_done(struct outgoing *outgoing)
{
    struct outgoing **at = &outgoing->host->outgoing;
    if (outgoing->delivery || outgoing->connection || outgoing->asked)
        return;
    while (*at != outgoing)
        at = &(*at)->next;
    *at = outgoing->next;
    heap_give(outgoing);
}

void host_relay_free(struct host *host)
{
    for (struct outgoing *outgoing = host->outgoing, *next; outgoing; outgoing = next) {
        next = outgoing->next;
        heap_give(outgoing);
    }
}

/* --- connections ------------------------------------------------------------------------------ */

static void outgoing_closed(struct outgoing *outgoing, const char *how)
{
    struct host *host = outgoing->host;
    if (!outgoing->delivery)
        return;
    host_turn_begin(host);
    relay_closed(host->relay, outgoing->delivery, how);
    host_turn_end(host);
}

static void outgoing_no_address(struct outgoing *outgoing)
{
    struct host *host = outgoing->host;
    if (!outgoing->delivery)
        return;
    host_turn_begin(host);
    relay_no_address(host->relay, outgoing->delivery);
    host_turn_end(host);
}

static void no_reply(void *context, uint64_t argument)
{
    struct outgoing *outgoing = context;
    (void)argument;
    outgoing->reply_ticket = 0;
    if (outgoing->connection)
        net_reset(outgoing->connection, SIDE_CLIENT);
}

static void reply_timer(struct outgoing *outgoing)
{
    struct world *world = outgoing->host->world;
    clock_cancel(world->clock, outgoing->reply_ticket);
    outgoing->reply_ticket = clock_at(world->clock, outgoing->host->number,
                                      clock_ns(world->clock) + RELAY_REPLY_MS * NS_PER_MS, TIMER,
                                      no_reply, outgoing, 0);
}

static void outgoing_send(struct outgoing *outgoing)
{
    while (outgoing->delivery && outgoing->connection) {
        slice out = relay_output(outgoing->delivery);
        size_t sent = out.len ? net_send(outgoing->connection, SIDE_CLIENT, out) : 0;
        if (sent == 0)
            return;
        relay_sent(outgoing->delivery, sent);
        reply_timer(outgoing); /* a long message on a slow line is no silence */
    }
}

static void on_opened(struct connection *connection, enum side side, void *own)
{
    struct outgoing *outgoing = own;
    (void)connection;
    (void)side;
    reply_timer(outgoing);
    if (outgoing->delivery)
        relay_opened(outgoing->host->relay, outgoing->delivery);
}

static void on_readable(struct connection *connection, enum side side, void *own)
{
    struct outgoing *outgoing = own;
    struct host *host = outgoing->host;
    slice octets = net_peek(connection, side);
    if (outgoing->delivery && octets.len) {
        reply_timer(outgoing);
        host_turn_begin(host);
        relay_input(host->relay, outgoing->delivery, octets);
        host_turn_end(host);
        outgoing_send(outgoing);
    }
    net_take(connection, side, octets.len);
    if (net_peer_finished(connection, side))
        net_finish(connection, side); /* closed() follows */
}

static void on_writable(struct connection *connection, enum side side, void *own)
{
    (void)connection;
    (void)side;
    outgoing_send(own);
}

static void on_closed(struct connection *connection, enum side side, void *own, enum trace_by by)
{
    static const char *const how[] = {
        [BY_CLIENT] = "4.4.2 no reply came", [BY_SERVER] = "4.4.2 the server closed the connection",
        [BY_CUT] = "4.4.2 the line was cut", [BY_TIMEOUT] = "4.4.1 timed out",
    };
    struct outgoing *outgoing = own;
    bool refused = by == BY_SERVER && !connection_was_open(connection);
    (void)side;
    clock_cancel(outgoing->host->world->clock, outgoing->reply_ticket);
    outgoing->reply_ticket = 0;
    outgoing->connection = NULL;
    outgoing->asked++; /* the next server may be tried from inside */
    outgoing_closed(outgoing, refused ? "4.4.1 connection refused" : how[by]);
    outgoing->asked--;
    outgoing_free_if_done(outgoing);
}

/* --- names ------------------------------------------------------------------------------------ */

static void outgoing_connect(struct outgoing *outgoing, slice address)
{
    const struct endpoint end = { on_opened, on_readable, on_writable, on_closed };
    struct world *world = outgoing->host->world;
    uint32_t to = net_host_at(world->net, address);
    if (to && outgoing->delivery)
        outgoing->connection = net_connect(world->net, outgoing->host->number, to, 25, end,
                                           outgoing, SLICE("smtp"), false);
    else /* nobody has the address: so says a time-out */
        outgoing_closed(outgoing, "4.4.1 timed out");
}

static void outgoing_answered(struct outgoing *outgoing)
{
    outgoing->asked--;
    outgoing_free_if_done(outgoing);
}

static void on_address(void *context, uint64_t argument, enum dns_status status,
                       const struct dns_record *records, size_t count)
{
    struct outgoing *outgoing = context;
    (void)argument;
    if (status == DNS_FOUND && count)
        outgoing_connect(outgoing, slice_of(records[0].value));
    else if (status == DNS_TIMED_OUT)
        outgoing_closed(outgoing, "4.4.3 no answer from the name server");
    else
        outgoing_no_address(outgoing);
    outgoing_answered(outgoing);
}

/* "[192.0.2.2]" needs no name; like one it is answered in an event of its own. */
static void on_literal(void *context, uint64_t argument)
{
    struct outgoing *outgoing = context;
    slice literal = slice_of(outgoing->server);
    (void)argument;
    outgoing_connect(outgoing, slice_upto(slice_from(literal, 1), literal.len - 2));
    outgoing_answered(outgoing);
}

static void relay_connects(void *context, struct delivery *delivery, slice server)
{
    struct host *host = context;
    struct world *world = host->world;
    struct outgoing *outgoing = outgoing_of(host, delivery);
    outgoing->asked++;
    if (server.len > 2 && server.at[0] == '[') {
        FIELD_SET(outgoing->server, server);
        clock_at(world->clock, host->number, clock_ns(world->clock), WORK, on_literal, outgoing, 0);
    } else {
        dns_ask(world->dns, host->number, server, DNS_A, on_address, outgoing, 0);
    }
}

static void on_exchangers(void *context, uint64_t argument, enum dns_status status,
                          const struct dns_record *records, size_t count)
{
    static const enum relay_names found[] = {
        [DNS_FOUND] = NAMES_FOUND, [DNS_NXDOMAIN] = NAMES_NONE,
        [DNS_NODATA] = NAMES_NO_MX, [DNS_TIMED_OUT] = NAMES_NO_ANSWER,
    };
    struct outgoing *outgoing = context;
    struct host *host = outgoing->host;
    struct exchanger exchangers[DNS_RECORDS_MAX];
    (void)argument;
    for (size_t i = 0; i < count; i++)
        exchangers[i] = (struct exchanger){ slice_of(records[i].value), records[i].preference };
    host_turn_begin(host);
    if (outgoing->delivery)
        relay_names(host->relay, outgoing->delivery, found[status], exchangers, count);
    host_turn_end(host);
    outgoing->asked--;
    outgoing_free_if_done(outgoing);
}

static void relay_looks_up(void *context, struct delivery *delivery, slice domain)
{
    struct host *host = context;
    struct outgoing *outgoing = outgoing_of(host, delivery);
    outgoing->asked++;
    dns_ask(host->world->dns, host->number, domain, DNS_MX, on_exchangers, outgoing, 0);
}

/* --- the rest --------------------------------------------------------------------------------- */

static void relay_sends(void *context, struct delivery *delivery)
{
    (void)context;
    outgoing_send(relay_own(delivery));
}

static void relay_hangs_up(void *context, struct delivery *delivery)
{
    struct outgoing *outgoing = relay_own(delivery);
    (void)context;
    outgoing->delivery = NULL;
    if (outgoing->connection)
        net_finish(outgoing->connection, SIDE_CLIENT);
    else
        outgoing_free_if_done(outgoing);
}

static void look_again(void *context, uint64_t argument)
{
    struct host *host = context;
    (void)argument;
    host->wake_ticket = 0;
    host_turn_begin(host);
    relay_look(host->relay);
    host_turn_end(host);
}

static void wake_at(struct host *host, uint64_t at_ns, enum event_class class)
{
    struct world *world = host->world;
    if (host->wake_ticket && host->wake_ns <= at_ns)
        return;
    clock_cancel(world->clock, host->wake_ticket);
    host->wake_ns = at_ns;
    host->wake_ticket = clock_at(world->clock, host->number, at_ns, class, look_again, host, 0);
}

static void relay_wakes(void *context, int64_t at_ms)
{
    struct host *host = context;
    uint64_t now_ns = clock_ns(host->world->clock);
    int64_t now_ms = (int64_t)world_now_ms(host->world);
    uint64_t wait_ms = at_ms > now_ms ? (uint64_t)(at_ms - now_ms) : 0;
    if (wait_ms > WORLD_MS_MAX) /* a stranger's entry: its time never comes */
        wait_ms = WORLD_MS_MAX;
    wake_at(host, now_ns + wait_ms * NS_PER_MS, TIMER);
}

/* A first attempt is work, a retry is a timer. */
void host_wake_queue(struct host *host)
{
    wake_at(host, clock_ns(host->world->clock), WORK);
}

static void relay_notes(void *context, enum queue_fact fact, const struct queued *entry)
{
    struct host *host = context;
    struct arena arena = { 0 };
    struct trace_queued queued = { slice_of(entry->sender), slice_of(entry->recipient),
                                   slice_of(entry->last_reply) };
    struct trace_record record = {
        .kind = TRACE_QUEUE, .host = host->number, .fact = (uint8_t)fact, .queued = &queued,
        .name = slice_of(queue_fact_name(fact)),
        .text = arena_format(&arena, "<%s> to <%s>: %s", entry->sender, entry->recipient,
                             entry->last_reply)
    };
    trace_add(host->world->trace, clock_ns(host->world->clock), &record);
    arena_free(&arena);
}

struct relay_world host_relay_world(struct host *host)
{
    return (struct relay_world){ host, relay_looks_up, relay_connects, relay_sends,
                                 relay_hangs_up, relay_wakes, relay_notes };
}
