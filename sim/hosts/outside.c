/* outside.c: see outside.h. Above, what is done; below, the same read from a line. */
#include "sim/hosts/outside.h"

#include <stdlib.h>
#include <uthash.h>

#include "sim/language/commands.h"
#include "sim/language/words.h"

#define LINE_BYTES_MAX (PIPE_BYTES_MAX * 4 + 64) /* every octet may be \ooo */

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
    outside_line *recorded;
    void *context;
    struct visitor *visitors;
};

static struct outside *outside_of(struct world *world)
{
    if (!world->outside) {
        world->outside = calloc(1, sizeof *world->outside);
        must(world->outside != NULL);
    }
    return world->outside;
}

void outside_record(struct world *world, outside_line *recorded, void *context)
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

/* --- lines -------------------------------------------------------------------------------- */

/* "15" and what happened then; ends with outside_line_end. */
static bool line_begin(const struct world *world, struct buf *line, const char *what)
{
    const struct outside *outside = world->outside;
    if (!outside->recorded)
        return false;
    *line = BUF_MAX(LINE_BYTES_MAX);
    buf_format(line, ":arrive %llu %s", (unsigned long long)(outside->moment_ns / NS_PER_MS), what);
    return true;
}

static void line_end(const struct world *world, struct buf *line)
{
    const struct outside *outside = world->outside;
    must(!line->full);
    outside->recorded(outside->context, buf_slice(line));
    buf_free(line);
}

static void line_about(const struct world *world, const char *what,
                       const struct connection *connection, const char *format, uint64_t number)
{
    struct buf line;
    if (!line_begin(world, &line, what))
        return;
    buf_add_char(&line, ' ');
    buf_add_number(&line, connection_id(connection));
    if (format) {
        buf_add_text(&line, format);
        buf_add_number(&line, number);
    }
    line_end(world, &line);
}

static void line_alone(const struct world *world, const char *what)
{
    struct buf line;
    if (line_begin(world, &line, what))
        line_end(world, &line);
}

static void line_says(const struct world *world, const char *what,
                      const struct connection *connection, slice octets)
{
    struct buf line;
    if (!line_begin(world, &line, what))
        return;
    buf_add_number(&line, connection_id(connection));
    buf_add_text(&line, " \"");
    quoted_add(&line, octets);
    buf_add_char(&line, '"');
    line_end(world, &line);
}

/* --- on and off --------------------------------------------------------------------------- */

static void line_on(struct world *world, const struct outside_start *start)
{
    struct buf line;
    if (!line_begin(world, &line, "on "))
        return;
    buf_add(&line, start->host);
    if (start->now_ms)
        buf_format(&line, " at %llu", (unsigned long long)start->now_ms);
    if (start->chance)
        buf_format(&line, " chance %llu", (unsigned long long)start->chance);
    buf_add_text(&line, start->real_link ? "" : " keeping link");
    buf_add_text(&line, start->plain ? " plain" : "");
    line_end(world, &line);
}

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
    line_on(world, start);
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
    line_alone(world, "happens");
    outside_due(world);
    return store_has_changed(world->store);
}

void outside_work(struct world *world)
{
    if (!host_has_pieces(world))
        return;
    line_alone(world, "works");
    host_piece(world);
}

const char *outside_trouble(const struct world *world)
{
    return world->outside && store_refuses(world->store) ? world->outside->trouble.text : NULL;
}

void outside_refuse(struct world *world, const char *reason, bool room)
{
    struct outside *outside = world->outside;
    line_alone(world, room ? "refuses room" : "refuses");
    store_refuse(world->store, reason, room);
    error_set(&outside->trouble, "%s", reason);
}

/* The queues are looked at: what was due meanwhile has waited. */
static void recovered(struct world *world)
{
    line_alone(world, "recovers");
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
    line_alone(world, "loses");
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
        line_alone(world, "keeps");
        return true;
    }
    lose(world, turn);
    outside_refuse(world, store_reason(world->store), store_is_full(world->store));
    return true;
}

bool outside_off(struct world *world, struct error *why)
{
    struct outside *outside = world->outside;
    line_alone(world, "off");
    net_reset_all(world->net, outside->number);
    bool kept = due(world, why) && (store_commit(world->store) ||
                error_set(why, "the world cannot be kept: %s", store_error(world->store)));
    outside->host = NULL;
    world->holds_commits = false;
    host_pieces_book(world);
    return kept && world_remember(world, why);
}

void outside_free(struct world *world)
{
    struct outside *outside = world->outside;
    struct visitor *visitor, *next;
    if (!outside)
        return;
    HASH_ITER(hh, outside->visitors, visitor, next) {
        HASH_DEL(outside->visitors, visitor);
        free(visitor);
    }
    free(outside);
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
    line_about(world, "opens", connection, " port ", port);
    return connection;
}

void outside_say(struct world *world, struct connection *connection, slice octets)
{
    line_says(world, "says ", connection, octets);
    must(net_send(connection, SIDE_CLIENT, octets) == octets.len);
}

void outside_take(struct world *world, struct connection *connection, size_t octets)
{
    line_about(world, "takes", connection, " ", octets);
    net_take(connection, SIDE_CLIENT, octets);
}

void outside_end(struct world *world, struct connection *connection)
{
    line_about(world, "ends", connection, NULL, 0);
    net_finish(connection, SIDE_CLIENT);
}

void outside_break(struct world *world, struct connection *connection)
{
    line_about(world, "breaks", connection, NULL, 0);
    net_reset(connection, SIDE_CLIENT);
}

void outside_tls(struct world *world, const struct connection *connection, bool done, slice words)
{
    line_says(world, done ? "secures " : "fails ", connection, words);
    trace_add(world->trace, clock_ns(world->clock), &(struct trace_record){
        .kind = TRACE_TLS, .conn = connection_id(connection), .ok = done, .text = words });
}

void outside_part(struct world *world)
{
    line_alone(world, "parts");
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
    free(visitor);
}

/* A line that was read: nothing has moved yet. */
enum arrival_what { ARRIVES_ON, OPENS, SAYS, TAKES, SECURES, FAILS, ENDS, BREAKS, HAPPENS,
                    WORKS, KEEPS, LOSES, REFUSES, RECOVERS, PARTS, ARRIVES_OFF };
struct arrival {
    enum arrival_what what;
    uint64_t at_ms;
    uint64_t conn, number;           /* number: the port, or how many octets */
    struct buf octets;
    struct outside_start start;
};

static bool read_on(struct call *call, slice *rest, struct arrival *arrival)
{
    arrival->start = (struct outside_start){ .host = word_take(rest), .real_link = true };
    if (!host_find(call->world, arrival->start.host))
        return call_refuse(call, arrival->start.host, "there is no such host in this world");
    if (outside_is_on(call->world))
        return call_refuse(call, call->args, "the doors are open already");
    if (word_take_if(rest, "at") &&
        !word_number(word_take(rest), INT64_MAX / 2, &arrival->start.now_ms))
        return call_refuse(call, *rest, "at which time? milliseconds since 1970");
    if (word_take_if(rest, "chance") &&
        !word_number(word_take(rest), OUTSIDE_CHANCE_MAX, &arrival->start.chance))
        return call_refuse(call, *rest, "which chance? a number that was drawn once");
    if (word_take_if(rest, "keeping"))
        arrival->start.real_link = !word_take_if(rest, "link");
    arrival->start.plain = word_take_if(rest, "plain");
    return true;
}

static bool read_client(struct call *call, slice *rest, struct arrival *arrival)
{
    if (!word_number(word_take(rest), UINT32_MAX, &arrival->conn))
        return call_refuse(call, call->args, "which connection? its number comes next");
    take_while(rest, is_space);
    switch (arrival->what) {
    case OPENS:
        return (word_take_if(rest, "port") &&
                word_number(word_take(rest), UINT16_MAX, &arrival->number)) ||
               call_refuse(call, *rest, "at which port? opens 1 port 143");
    case SAYS:
    case SECURES:
    case FAILS:
        return quoted_read(rest, &arrival->octets) ||
               call_refuse(call, *rest, "which octets? says 1 \"NOOP\\r\\n\"");
    case TAKES:
        return word_number(word_take(rest), UINT32_MAX, &arrival->number) ||
               call_refuse(call, *rest, "how many octets? takes 1 512");
    default: return true;
    }
}

static bool read_arrival(struct call *call, struct arrival *arrival)
{
    static const char *const words[] = { "on", "opens", "says", "takes", "secures", "fails",
                                         "ends", "breaks", "happens", "works", "keeps",
                                         "loses", "refuses", "recovers", "parts", "off" };
    slice rest = call->args, when = word_take(&rest), what = word_take(&rest);
    size_t i = 0;
    if (!word_number(when, WAIT_MS_MAX * 100, &arrival->at_ms))
        return call_refuse(call, when, "at which moment? milliseconds since the trace began");
    while (i < COUNT(words) && !slice_is(what, words[i]))
        i++;
    if (i == COUNT(words))
        return call_refuse(call, what,
                           "on, opens, says, takes, secures, fails, ends, breaks, happens, "
                           "works, keeps, loses, refuses, recovers, parts or off");
    arrival->what = (enum arrival_what)i;
    if (i != ARRIVES_ON && !outside_is_on(call->world))
        return call_refuse(call, what, "nobody can come from outside: arrive 0 on HOST");
    arrival->number = i == REFUSES && word_take_if(&rest, "room");
    bool read = i == ARRIVES_ON ? read_on(call, &rest, arrival)
                : i >= HAPPENS  ? true
                                : read_client(call, &rest, arrival);
    if (read && slice_trim(rest).len)
        return call_refuse(call, rest, "the line goes on after its end");
    return read;
}

static bool differs(struct error *why, const char *what, uint64_t number)
{
    return error_set(why, "connection %llu %s: this world is not the one that was recorded",
                     (unsigned long long)number, what);
}

static bool play_opens(struct world *world, const struct arrival *arrival, struct error *why)
{
    struct visitor *visitor = calloc(1, sizeof *visitor);
    must(visitor != NULL);
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
    case SAYS: outside_say(world, connection, buf_slice(&arrival->octets)); return true;
    case TAKES: outside_take(world, connection, arrival->number); return true;
    case SECURES:
    case FAILS:
        outside_tls(world, connection, arrival->what == SECURES, buf_slice(&arrival->octets));
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

static bool play(struct world *world, const struct arrival *arrival, struct error *why)
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

bool command_arrive(struct call *call)
{
    struct arrival arrival = { .octets = BUF_MAX(PIPE_BYTES_MAX) };
    struct error why = { "" };
    bool read = read_arrival(call, &arrival);
    call->silent = true;
    if (read && !play(call->world, &arrival, &why) && !call->world->broken.text[0])
        call->world->broken = why;
    buf_free(&arrival.octets);
    return read;
}
