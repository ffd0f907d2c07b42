/* inbound.c: see inbound.h. Above, what is done; below, the same played. */
#include "sim/hosts/inbound.h"

#include "base/hash.h"

#include "servers/services_table.h"
#include "servers/store/store.h"
#include "sim/hosts/host.h"
#include "sim/hosts/past.h"

/* A client whose lines are played: nobody listens to what it is told. */
struct inbound_client {
    uint32_t conn;
    struct connection *connection;
    struct world *world;
    UT_hash_handle hh;
};

struct inbound {
    uint32_t number;                 /* of localhost in the net */
    struct host *host;               /* NULL: off */
    uint64_t moment_ns;
    bool failed;
    struct error why;                /* of a failure that was not told yet */
    struct error trouble;            /* why the store refuses changes */
    inbound_record_fn *recorded;
    void *context;
    struct inbound_client *inbound_clients;
};

static struct inbound *inbound_of(struct world *world)
{
    if (!world->inbound) {
        world->inbound = heap_take(sizeof *world->inbound);
    }
    return world->inbound;
}

void inbound_record(struct world *world, inbound_record_fn *recorded, void *context)
{
    struct inbound *inbound = inbound_of(world);
    inbound->recorded = recorded;
    inbound->context = context;
}

bool inbound_is_on(const struct world *world) { return world->inbound && world->inbound->host; }

uint32_t inbound_number(const struct world *world)
{
    return world->inbound ? world->inbound->number : 0;
}

/* --- the record --------------------------------------------------------------------------- */

static void record(const struct world *world, struct arrival arrival)
{
    const struct inbound *inbound = world->inbound;
    if (!inbound->recorded)
        return;
    arrival.at_ms = inbound->moment_ns / NS_PER_MS;
    inbound->recorded(inbound->context, &arrival);
}

static void record_alone(const struct world *world, enum arrival_what what)
{
    record(world, (struct arrival){ .what = what });
}

static void record_about(const struct world *world, enum arrival_what what,
                         const struct connection *connection, uint64_t number)
{
    record(world, (struct arrival){
        .what = what, .conn = connection_id(connection), .number = number });
}

static void record_says(const struct world *world, enum arrival_what what,
                        const struct connection *connection, slice octets)
{
    record(world, (struct arrival){
        .what = what, .conn = connection_id(connection), .octets = octets });
}

/* --- on and off --------------------------------------------------------------------------- */

bool inbound_on(struct world *world, const struct inbound_start *start, struct error *why)
{
    struct inbound *inbound = inbound_of(world);
    struct host *host = host_find(world, start->host);
    uint64_t now_ms = world_now_ms(world);
    if (!host)
        return error_set(why, "there is no host %.*s in this world",
                         SLICE_ARG(slice_upto(start->host, 100)));
    inbound->number = net_host(world->net, SLICE(INBOUND_NAME));
    if (!inbound->number)
        inbound->number = net_host_add(world->net, SLICE(INBOUND_NAME));
    if (!inbound->number)
        return error_set(why, "the world has no room for one more host");
    inbound->host = host;
    inbound->moment_ns = clock_ns(world->clock) / NS_PER_MS * NS_PER_MS;
    record(world, (struct arrival){ .what = ARRIVES_ON, .start = *start });
    *net_link(world->net, inbound->number) = (struct link){ .latency_ns = 0 };
    if (start->real_link)
        *net_link(world->net, host_number(host)) = (struct link){ .latency_ns = 0 };
    if (now_ms < start->now_ms) /* never back, even if the world was ahead */
        world->epoch_ms += (int64_t)(start->now_ms - now_ms);
    if (start->chance) {
        world->chance = start->chance;
        host_mix_chance(world);
    }
    world->holds_commits = true;
    world->plain_only = start->plain ? inbound->number : 0;
    return true;
}

static void inbound_due(struct world *world)
{
    struct inbound *inbound = world->inbound;
    uint64_t now_ns = clock_ns(world->clock);
    uint64_t until_ns = inbound->moment_ns > now_ns ? inbound->moment_ns : now_ns;
    if (!inbound->failed)
        inbound->failed = !clock_run_due(world->clock, until_ns, &inbound->why);
}

void inbound_at(struct world *world, uint64_t at_ms)
{
    struct inbound *inbound = world->inbound;
    if (at_ms * NS_PER_MS <= inbound->moment_ns)
        return;
    inbound->moment_ns = at_ms * NS_PER_MS;
    inbound_due(world);
}

bool inbound_may_send(const struct world *world, const struct connection *connection)
{
    const struct session *session = host_session(world, connection_id(connection));
    return session && !session_awaits_commit(session);
}

bool inbound_is_behind(const struct world *world, struct connection *connection)
{
    const struct session *session = host_session(world, connection_id(connection));
    return session && session->paused && net_room(connection, SIDE_CLIENT) < PIPE_BYTES_MAX;
}

bool inbound_run_due(struct world *world)
{
    record_alone(world, HAPPENS);
    inbound_due(world);
    return store_has_changed(world->store);
}

void inbound_work(struct world *world)
{
    if (!host_has_pieces(world))
        return;
    record_alone(world, WORKS);
    store_in_pieces(world->store, true);
    host_piece(world);
    if (!host_has_pieces(world))
        store_in_pieces(world->store, false);
}

const char *inbound_trouble(const struct world *world)
{
    return world->inbound && store_refuses(world->store) ? world->inbound->trouble.text : NULL;
}

void inbound_refuse(struct world *world, const char *reason, bool room)
{
    struct inbound *inbound = world->inbound;
    record(world, (struct arrival){ .what = REFUSES, .number = room });
    store_refuse(world->store, reason, room);
    error_set(&inbound->trouble, "%s", reason);
}

/* The queues are looked at: what was due meanwhile has waited. */
static void recovered(struct world *world)
{
    record_alone(world, RECOVERS);
    for (struct host *host = host_next(world, NULL); host; host = host_next(world, host))
        host_wake_queue(host);
}

bool inbound_recover(struct world *world, struct error *why)
{
    if (!store_recover(world->store, why))
        return false;
    recovered(world);
    return true;
}

static void lose(struct world *world, uint64_t turn)
{
    record_alone(world, LOSES);
    hosts_lose(world, turn);
    world->failed = false;
    world->kept_now_ms = world->kept_ids = 0; /* whatever was kept of them may be undone */
    world->kept_here = NULL;
}

static bool due(struct world *world, struct error *why)
{
    struct inbound *inbound = world->inbound;
    inbound_due(world);
    if (inbound->failed)
        *why = inbound->why;
    return !inbound->failed;
}

/* The turn, and with it what is to be kept of what happened. */
static bool turn_keep(struct world *world)
{
    struct past_mark before = world->past;
    past_keep(world, PAST_TURN);
    bool kept = store_commit(world->store);
    if (!kept)
        world->past = before;
    return kept;
}

bool inbound_commit(struct world *world, struct error *why)
{
    uint64_t turn = store_turn(world->store);
    if (!due(world, why))
        return false;
    if (turn_keep(world)) {
        record_alone(world, KEEPS);
        return true;
    }
    lose(world, turn);
    inbound_refuse(world, store_reason(world->store), store_is_full(world->store));
    return true;
}

bool inbound_off(struct world *world, struct error *why)
{
    struct inbound *inbound = world->inbound;
    record_alone(world, ARRIVES_OFF);
    net_reset_all(world->net, inbound->number);
    bool kept = due(world, why) && (store_commit(world->store) ||
                error_set(why, "the world cannot be kept: %s", store_error(world->store)));
    inbound->host = NULL;
    world->holds_commits = false;
    host_pieces_book(world);
    return kept;
}

bool inbound_off_unheard(struct world *world, struct error *why)
{
    if (!inbound_is_on(world))
        return true;
    net_abandon_all(world->net, world->inbound->number);
    return inbound_off(world, why);
}

void inbound_free(struct world *world)
{
    struct inbound *inbound = world->inbound;
    struct inbound_client *inbound_client, *next;
    if (!inbound)
        return;
    HASH_ITER(hh, inbound->inbound_clients, inbound_client, next) {
        HASH_DEL(inbound->inbound_clients, inbound_client);
        heap_give(inbound_client);
    }
    heap_give(inbound);
    world->inbound = NULL;
}

/* --- what a client does ------------------------------------------------------------------- */

struct connection *inbound_open(struct world *world, uint16_t port, struct endpoint end, void *own)
{
    const struct inbound *inbound = world->inbound;
    const struct protocol *protocol = protocol_for_port(port);
    struct connection *connection = net_connect(world->net, inbound->number,
                                                host_number(inbound->host), port, end, own,
                                                slice_of(protocol ? protocol->name : ""), false);
    record_about(world, OPENS, connection, port);
    return connection;
}

void inbound_say(struct world *world, struct connection *connection, slice octets)
{
    record_says(world, SAYS, connection, octets);
    must(net_send(connection, SIDE_CLIENT, octets) == octets.len);
}

void inbound_take(struct world *world, struct connection *connection, size_t octets)
{
    record_about(world, TAKES, connection, octets);
    net_take(connection, SIDE_CLIENT, octets);
}

void inbound_end(struct world *world, struct connection *connection)
{
    record_about(world, ENDS, connection, 0);
    net_finish(connection, SIDE_CLIENT);
}

void inbound_break(struct world *world, struct connection *connection)
{
    record_about(world, BREAKS, connection, 0);
    net_reset(connection, SIDE_CLIENT);
}

void inbound_tls(struct world *world, const struct connection *connection, bool done, slice words)
{
    record_says(world, done ? SECURES : FAILS, connection, words);
    trace_add(world->trace, clock_ns(world->clock), &(struct trace_record){
        .kind = TRACE_TLS, .conn = connection_id(connection), .ok = done, .text = words });
}

void inbound_shutdown(struct world *world)
{
    record_alone(world, PARTS);
    host_part(world->inbound->host, world->inbound->number);
}

/* --- the same, played --------------------------------------------------------------------- */

static void inbound_client_closed(struct connection *connection, enum side side, void *own,
                           enum trace_by by)
{
    struct inbound_client *inbound_client = own;
    (void)connection;
    (void)side;
    (void)by;
    HASH_DEL(inbound_client->world->inbound->inbound_clients, inbound_client);
    heap_give(inbound_client);
}

static bool differs(struct error *why, const char *what, uint64_t number)
{
    return error_set(why, "connection %llu %s: this world is not the one that was recorded",
                     (unsigned long long)number, what);
}

static bool play_opens(struct world *world, const struct arrival *arrival, struct error *why)
{
    struct inbound_client *inbound_client = heap_take(sizeof *inbound_client);
    inbound_client->world = world;
    inbound_client->connection = inbound_open(world, (uint16_t)arrival->number,
                                              (struct endpoint){ .closed = inbound_client_closed },
                                              inbound_client);
    inbound_client->conn = connection_id(inbound_client->connection);
    HASH_ADD(hh, world->inbound->inbound_clients, conn, sizeof inbound_client->conn,
             inbound_client);
    return inbound_client->conn == arrival->conn ||
           differs(why, "has another number here", arrival->conn);
}

static bool play_client(struct world *world, const struct arrival *arrival, struct error *why)
{
    struct inbound_client *inbound_client = NULL;
    uint32_t conn = (uint32_t)arrival->conn;
    HASH_FIND(hh, world->inbound->inbound_clients, &conn, sizeof conn, inbound_client);
    if (!inbound_client)
        return differs(why, "is not open here", conn);
    struct connection *connection = inbound_client->connection;
    if (arrival->what == SAYS && arrival->octets.len > net_room(connection, SIDE_CLIENT))
        return differs(why, "has no room for that here", conn);
    if (arrival->what == TAKES && arrival->number > net_peek(connection, SIDE_CLIENT).len)
        return differs(why, "was told less here", conn);
    switch (arrival->what) {
    case SAYS: inbound_say(world, connection, arrival->octets); return true;
    case TAKES: inbound_take(world, connection, (size_t)arrival->number); return true;
    case SECURES:
    case FAILS:
        inbound_tls(world, connection, arrival->what == SECURES, arrival->octets);
        return true;
    case ENDS: inbound_end(world, connection); return true;
    default: inbound_break(world, connection); return true;
    }
}

/* A line of a script may stand anywhere. */
static bool turn_is_over(const struct world *world, struct error *why)
{
    return !store_has_changed(world->store) ||
           error_set(why, "the turn goes on: `keeps` or `loses` comes first");
}

static bool play_refuses(struct world *world, bool room, struct error *why)
{
    if (!turn_is_over(world, why))
        return false;
    inbound_refuse(world, "so it was in the recording", room);
    return true;
}

static bool play_loses(struct world *world, struct error *why)
{
    uint64_t turn = store_turn(world->store);
    if (!due(world, why))
        return false;
    store_lose(world->store);
    lose(world, turn);
    return true;
}

bool inbound_play(struct world *world, const struct arrival *arrival, struct error *why)
{
    if (arrival->what == ARRIVES_ON)
        return inbound_on(world, &arrival->start, why);
    inbound_at(world, arrival->at_ms);
    switch (arrival->what) {
    case OPENS: return play_opens(world, arrival, why);
    case HAPPENS: (void)inbound_run_due(world); return true; /* its failure is told by what keeps */
    case WORKS: inbound_work(world); return true;
    case KEEPS: return inbound_commit(world, why);
    case LOSES: return play_loses(world, why);
    case REFUSES: return play_refuses(world, arrival->number, why);
    case RECOVERS: return turn_is_over(world, why) && inbound_recover(world, why);
    case ARRIVES_OFF: return inbound_off(world, why);
    case PARTS: inbound_shutdown(world); return true;
    default: return play_client(world, arrival, why);
    }
}
