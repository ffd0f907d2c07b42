/* outside.c: see outside.h. Above, what is done; below, the same played. */
#include "sim/hosts/outside.h"

#include "base/hash.h"

#include "servers/services_table.h"
#include "servers/store/store.h"
#include "sim/hosts/host.h"

/* A client whose lines are played: nobody listens to what it is told. */
struct visitor {
    uint32_t conn;
    struct connection *connection;
    struct world *world;
    UT_hash_handle hh;
};

struct outside {
    uint32_t number;                 /* of localhost in the net */
    struct host *host;               /* NULL: off */
    uint64_t moment_ns;
    bool failed;
    struct error why;                /* of a failure that was not told yet */
    struct error trouble;            /* why the store refuses changes */
    outside_record_fn *recorded;
    void *context;
    struct visitor *visitors;
};

static struct outside *outside_of(struct world *world)
{
    if (!world->outside) {
        world->outside = heap_take(sizeof *world->outside);
    }
    return world->outside;
}

void outside_record(struct world *world, outside_record_fn *recorded, void *context)
{
    struct outside *outside = outside_of(world);
    outside->recorded = recorded;
    outside->context = context;
}

bool outside_is_on(const struct world *world) { return world->outside && world->outside->host; }

uint32_t outside_number(const struct world *world)
{
    return world->outside ? world->outside->number : 0;
}

/* --- the record --------------------------------------------------------------------------- */

static void record(const struct world *world, struct arrival arrival)
{
    const struct outside *outside = world->outside;
    if (!outside->recorded)
        return;
    arrival.at_ms = outside->moment_ns / NS_PER_MS;
    outside->recorded(outside->context, &arrival);
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

bool outside_on(struct world *world, const struct outside_start *start, struct error *why)
{
    struct outside *outside = outside_of(world);
    struct host *host = host_find(world, start->host);
    uint64_t now_ms = world_now_ms(world);
    if (!host)
        return error_set(why, "there is no host %.*s in this world",
                         SLICE_ARG(slice_upto(start->host, 100)));
    outside->number = net_host(world->net, SLICE(OUTSIDE_NAME));
    if (!outside->number)
        outside->number = net_host_add(world->net, SLICE(OUTSIDE_NAME));
    if (!outside->number)
        return error_set(why, "the world has no room for one more host");
    outside->host = host;
    outside->moment_ns = clock_ns(world->clock) / NS_PER_MS * NS_PER_MS;
    record(world, (struct arrival){ .what = ARRIVES_ON, .start = *start });
    *net_link(world->net, outside->number) = (struct link){ .latency_ns = 0 };
    if (start->real_link)
        *net_link(world->net, host_number(host)) = (struct link){ .latency_ns = 0 };
    if (now_ms < start->now_ms) /* never back, even if the world was ahead */
        world->epoch_ms += (int64_t)(start->now_ms - now_ms);
    if (start->chance) {
        world->chance = start->chance;
        host_mix_chance(world);
    }
    world->holds_commits = true;
    world->plain_only = start->plain ? outside->number : 0;
    return true;
}

static void outside_due(struct world *world)
{
    struct outside *outside = world->outside;
    uint64_t now_ns = clock_ns(world->clock);
    uint64_t until_ns = outside->moment_ns > now_ns ? outside->moment_ns : now_ns;
    if (!outside->failed)
        outside->failed = !clock_run_due(world->clock, until_ns, &outside->why);
}

void outside_moment(struct world *world, uint64_t at_ms)
{
    struct outside *outside = world->outside;
    if (at_ms * NS_PER_MS <= outside->moment_ns)
        return;
    outside->moment_ns = at_ms * NS_PER_MS;
    outside_due(world);
}

bool outside_is_free(const struct world *world, const struct connection *connection)
{
    const struct session *session = host_session(world, connection_id(connection));
    return session && !session_is_held(session);
}

bool outside_happen(struct world *world)
{
    record_alone(world, HAPPENS);
    outside_due(world);
    return store_has_changed(world->store);
}

void outside_work(struct world *world)
{
    if (!host_has_pieces(world))
        return;
    record_alone(world, WORKS);
    store_in_pieces(world->store, true);
    host_piece(world);
    if (!host_has_pieces(world))
        store_in_pieces(world->store, false);
}

const char *outside_trouble(const struct world *world)
{
    return world->outside && store_refuses(world->store) ? world->outside->trouble.text : NULL;
}

void outside_refuse(struct world *world, const char *reason, bool room)
{
    struct outside *outside = world->outside;
    record(world, (struct arrival){ .what = REFUSES, .number = room });
    store_refuse(world->store, reason, room);
    error_set(&outside->trouble, "%s", reason);
}

/* The queues are looked at: what was due meanwhile has waited. */
static void recovered(struct world *world)
{
    record_alone(world, RECOVERS);
    for (struct host *host = host_next(world, NULL); host; host = host_next(world, host))
        host_wake_queue(host);
}

bool outside_recover(struct world *world, struct error *why)
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
    struct outside *outside = world->outside;
    outside_due(world);
    if (outside->failed)
        *why = outside->why;
    return !outside->failed;
}

bool outside_keep(struct world *world, struct error *why)
{
    uint64_t turn = store_turn(world->store);
    if (!due(world, why))
        return false;
    if (store_commit(world->store)) {
        record_alone(world, KEEPS);
        return true;
    }
    lose(world, turn);
    outside_refuse(world, store_reason(world->store), store_is_full(world->store));
    return true;
}

bool outside_off(struct world *world, struct error *why)
{
    struct outside *outside = world->outside;
    record_alone(world, ARRIVES_OFF);
    net_reset_all(world->net, outside->number);
    bool kept = due(world, why) && (store_commit(world->store) ||
                error_set(why, "the world cannot be kept: %s", store_error(world->store)));
    outside->host = NULL;
    world->holds_commits = false;
    host_pieces_book(world);
    return kept;
}

void outside_free(struct world *world)
{
    struct outside *outside = world->outside;
    struct visitor *visitor, *next;
    if (!outside)
        return;
    HASH_ITER(hh, outside->visitors, visitor, next) {
        HASH_DEL(outside->visitors, visitor);
        heap_give(visitor);
    }
    heap_give(outside);
    world->outside = NULL;
}

/* --- what a client does ------------------------------------------------------------------- */

struct connection *outside_open(struct world *world, uint16_t port, struct endpoint end, void *own)
{
    const struct outside *outside = world->outside;
    const struct protocol *protocol = protocol_for_port(port);
    struct connection *connection = net_connect(world->net, outside->number,
                                                host_number(outside->host), port, end, own,
                                                slice_of(protocol ? protocol->name : ""), false);
    record_about(world, OPENS, connection, port);
    return connection;
}

void outside_say(struct world *world, struct connection *connection, slice octets)
{
    record_says(world, SAYS, connection, octets);
    must(net_send(connection, SIDE_CLIENT, octets) == octets.len);
}

void outside_take(struct world *world, struct connection *connection, size_t octets)
{
    record_about(world, TAKES, connection, octets);
    net_take(connection, SIDE_CLIENT, octets);
}

void outside_end(struct world *world, struct connection *connection)
{
    record_about(world, ENDS, connection, 0);
    net_finish(connection, SIDE_CLIENT);
}

void outside_break(struct world *world, struct connection *connection)
{
    record_about(world, BREAKS, connection, 0);
    net_reset(connection, SIDE_CLIENT);
}

void outside_tls(struct world *world, const struct connection *connection, bool done, slice words)
{
    record_says(world, done ? SECURES : FAILS, connection, words);
    trace_add(world->trace, clock_ns(world->clock), &(struct trace_record){
        .kind = TRACE_TLS, .conn = connection_id(connection), .ok = done, .text = words });
}

void outside_part(struct world *world)
{
    record_alone(world, PARTS);
    host_part(world->outside->host, world->outside->number);
}

/* --- the same, played --------------------------------------------------------------------- */

static void visitor_closed(struct connection *connection, enum side side, void *own,
                           enum trace_by by)
{
    struct visitor *visitor = own;
    (void)connection;
    (void)side;
    (void)by;
    HASH_DEL(visitor->world->outside->visitors, visitor);
    heap_give(visitor);
}

static bool differs(struct error *why, const char *what, uint64_t number)
{
    return error_set(why, "connection %llu %s: this world is not the one that was recorded",
                     (unsigned long long)number, what);
}

static bool play_opens(struct world *world, const struct arrival *arrival, struct error *why)
{
    struct visitor *visitor = heap_take(sizeof *visitor);
    visitor->world = world;
    visitor->connection = outside_open(world, (uint16_t)arrival->number,
                                       (struct endpoint){ .closed = visitor_closed }, visitor);
    visitor->conn = connection_id(visitor->connection);
    HASH_ADD(hh, world->outside->visitors, conn, sizeof visitor->conn, visitor);
    return visitor->conn == arrival->conn || differs(why, "has another number here", arrival->conn);
}

static bool play_client(struct world *world, const struct arrival *arrival, struct error *why)
{
    struct visitor *visitor = NULL;
    uint32_t conn = (uint32_t)arrival->conn;
    HASH_FIND(hh, world->outside->visitors, &conn, sizeof conn, visitor);
    if (!visitor)
        return differs(why, "is not open here", conn);
    struct connection *connection = visitor->connection;
    if (arrival->what == SAYS && arrival->octets.len > net_room(connection, SIDE_CLIENT))
        return differs(why, "has no room for that here", conn);
    if (arrival->what == TAKES && arrival->number > net_peek(connection, SIDE_CLIENT).len)
        return differs(why, "was told less here", conn);
    switch (arrival->what) {
    case SAYS: outside_say(world, connection, arrival->octets); return true;
    case TAKES: outside_take(world, connection, arrival->number); return true;
    case SECURES:
    case FAILS:
        outside_tls(world, connection, arrival->what == SECURES, arrival->octets);
        return true;
    case ENDS: outside_end(world, connection); return true;
    default: outside_break(world, connection); return true;
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
    outside_refuse(world, "so it was in the recording", room);
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

bool outside_play(struct world *world, const struct arrival *arrival, struct error *why)
{
    if (arrival->what == ARRIVES_ON)
        return outside_on(world, &arrival->start, why);
    outside_moment(world, arrival->at_ms);
    switch (arrival->what) {
    case OPENS: return play_opens(world, arrival, why);
    case HAPPENS: (void)outside_happen(world); return true; /* its failure is told by what keeps */
    case WORKS: outside_work(world); return true;
    case KEEPS: return outside_keep(world, why);
    case LOSES: return play_loses(world, why);
    case REFUSES: return play_refuses(world, arrival->number, why);
    case RECOVERS: return turn_is_over(world, why) && outside_recover(world, why);
    case ARRIVES_OFF: return outside_off(world, why);
    case PARTS: outside_part(world); return true;
    default: return play_client(world, arrival, why);
    }
}
