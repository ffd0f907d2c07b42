/* host.c: a server machine: puts protocol sessions on ports of the net, gives them what
   services.h promises, and keeps what they say until the turn is committed. One event of
   the clock is one turn. How mail leaves for other machines is host_relay.c; the
   protocols are in servers/. */
#include "sim/hosts/host_private.h"

#include <string.h>

#include "base/heap.h"
#include "servers/services_table.h"
#include "servers/store/store.h"
#include "sim/hosts/inbound.h"

struct serving *serving_find(const struct world *world, uint32_t conn)
{
    struct serving *serving = NULL;
    HASH_FIND(hh, world->servings, &conn, sizeof conn, serving);
    return serving;
}

/* --- what engines may ask ------------------------------------------------------------------- */

static uint64_t host_new_id(struct services *asked)
{
    struct host *host = asked->context;
    return random_next(&host->ids);
}

static void host_fired(struct services *asked, struct session *session, const struct firing *firing)
{
    struct host *host = asked->context;
    if (firing->event == EV_LINE && firing->before == firing->after)
        return; /* a message of a thousand lines is one thing that happens, at its dot */
    struct trace_record record = {
        .kind = TRACE_STATE, .conn = (uint32_t)session->id, .host = host->number,
        .before = (uint8_t)firing->before, .event = (uint8_t)firing->event,
        .outcome = (uint8_t)firing->outcome, .after = (uint8_t)firing->after,
        .rule = protocol_row_number(session->protocol, firing->rule),
    };
    trace_add(host->world->trace, clock_ns(host->world->clock), &record);
}

static void host_queued(struct services *asked)
{
    struct host *host = asked->context;
    host->queue_touched = true;
}

static void host_changed(struct services *asked, int64_t mailbox)
{
    struct host *host = asked->context;
    size_t count = host->changed_count;
    if (count && count <= CHANGED_MAX && host->changed[count - 1] == mailbox)
        return;
    if (count < CHANGED_MAX)
        host->changed[count] = mailbox;
    if (count <= CHANGED_MAX)
        host->changed_count++;
}

static void host_stored(struct services *asked, int64_t mailbox, uint32_t uid, int64_t message_key)
{
    struct host *host = asked->context;
    struct trace_record record = { .kind = TRACE_STORED, .host = host->number, .mailbox = mailbox,
                                   .uid = uid, .message_key = message_key };
    trace_add(host->world->trace, clock_ns(host->world->clock), &record);
}

static void delay_over(void *context, uint64_t argument);

static void host_delay(struct services *asked, struct session *session, uint32_t ms)
{
    struct host *host = asked->context;
    struct clock *clock = host->world->clock;
    clock_at(clock, host->number, clock_ns(clock) + ms * NS_PER_MS, WORK, delay_over, host,
             session->id);
}

static void host_seal(struct services *asked, struct session *session)
{
    struct host *host = asked->context;
    struct serving *serving = serving_find(host->world, (uint32_t)session->id);
    must(serving != NULL);
    serving->sealing = true;
}

static void host_removed(struct services *asked, struct session *session, int64_t mailbox,
                         uint32_t uid, int64_t message_key)
{
    struct host *host = asked->context;
    struct trace_record record = { .kind = TRACE_REMOVED, .host = host->number,
                                   .conn = (uint32_t)session->id, .mailbox = mailbox, .uid = uid,
                                   .message_key = message_key };
    trace_add(host->world->trace, clock_ns(host->world->clock), &record);
}

/* --- turns ------------------------------------------------------------------------------------ */

void host_turn_begin(struct host *host) { host->services.now_ms = world_now_ms(host->world); }

static void serving_wake(void *context, uint64_t argument);

static void serving_poke(struct serving *serving)
{
    struct world *world = serving->host->world;
    if (serving->poked || !serving->session)
        return;
    serving->poked = true;
    clock_at(world->clock, serving->host->number, clock_ns(world->clock), WORK, serving_wake,
             serving->host, serving->conn);
}

static bool mailbox_changed(const struct host *host, int64_t mailbox)
{
    for (size_t i = 0; i < host->changed_count && i < CHANGED_MAX; i++)
        if (host->changed[i] == mailbox)
            return true;
    return host->changed_count > CHANGED_MAX;
}

/* What was changed is told after the commit, to sessions that wait for it. */
static void tell_others(struct host *host)
{
    for (struct serving *serving = host->servings; serving; serving = serving->next)
        if (serving->session && serving->session->watches &&
            mailbox_changed(host, serving->session->watches))
            serving_poke(serving);
    host->changed_count = 0;
}

bool host_turn_end(struct host *host)
{
    struct store *store = host->world->store;
    if (host->world->holds_commits ? store_failed(store) : !store_commit(store)) {
        host->world->failed = true;
        host->changed_count = 0;
        host->queue_touched = false;
        return false;
    }
    if (host->changed_count)
        tell_others(host);
    if (host->queue_touched) {
        host->queue_touched = false;
        host_wake_queue(host);
    }
    host_chores_book(host);
    return true;
}

/* --- sessions --------------------------------------------------------------------------------- */

const struct session *host_session(const struct world *world, uint32_t conn)
{
    const struct serving *serving = serving_find(world, conn);
    return serving ? serving->session : NULL;
}

static void session_drop(struct serving *serving)
{
    session_free(serving->session);
    serving->session = NULL;
}

/* The turn could not be kept: nothing of it is said, and the line drops. */
static void serving_break(struct serving *serving)
{
    session_drop(serving);
    if (serving->connection)
        net_reset(serving->connection, SIDE_SERVER);
}

static void host_lose(struct host *host, uint64_t turn)
{
    host->changed_count = 0;
    host->queue_touched = false;
    relay_abandon(host->relay);
    for (struct serving *serving = host->servings, *next; serving; serving = next) {
        next = serving->next;
        if (serving->turn != turn || !serving->connection)
            continue;
        session_drop(serving);
        net_cut(serving->connection); /* what is on its way was said in that turn */
    }
    host_wake_queue(host);
}

void hosts_lose(struct world *world, uint64_t turn)
{
    for (struct host *host = world->hosts; host; host = host->next)
        host_lose(host, turn);
}

/* While the reply to STARTTLS has not gone whole, what comes is nobody's. */
static size_t serving_take(struct serving *serving)
{
    slice octets = net_peek(serving->connection, SIDE_SERVER);
    size_t taken = octets.len;
    if (octets.len && !serving->sealing)
        taken = session_input(serving->session, octets);
    net_take(serving->connection, SIDE_SERVER, taken);
    return taken;
}

/* Takes what came, keeps what it changed, says what there is to say, as far as the
   connection takes it; and once more if that let something go on. */
static void serving_pump(struct serving *serving)
{
    struct host *host = serving->host;
    bool moved = true;
    serving->turn = store_turn(host->world->store);
    host_turn_begin(host);
    while (moved && serving->session && serving->connection) {
        size_t taken = serving_take(serving);
        if (!host_turn_end(host)) {
            serving_break(serving);
            return;
        }
        slice out = session_output(serving->session);
        size_t sent = out.len ? net_send(serving->connection, SIDE_SERVER, out) : 0;
        if (sent)
            session_sent(serving->session, sent);
        if (serving->sealing && sent == out.len) {
            serving->sealing = false;
            net_seal(serving->connection);
        }
        moved = taken || sent;
    }
}

/* The client has said all it will say: so have we, once a running reply has gone. */
static void serving_finish(struct serving *serving)
{
    struct session *session = serving->session;
    if (!session || !serving->connection || serving->finished)
        return;
    bool hung_up = net_peer_finished(serving->connection, SIDE_SERVER) &&
                   net_peek(serving->connection, SIDE_SERVER).len == 0 && !session_is_busy(session);
    if (hung_up && !session_is_closed(session)) {
        session_lost(session);
        if (!host_turn_end(serving->host)) {
            serving_break(serving);
            return;
        }
    }
    if (session_is_closed(session) && session_output(session).len == 0) {
        serving->finished = true;
        net_finish(serving->connection, SIDE_SERVER);
        session_drop(serving);
    }
}

static void serving_run(struct serving *serving)
{
    serving_pump(serving);
    serving_finish(serving);
}

static void serving_wake(void *context, uint64_t argument)
{
    struct host *host = context;
    struct serving *serving = serving_find(host->world, (uint32_t)argument);
    if (!serving)
        return;
    serving->poked = false;
    if (!serving->session)
        return;
    host_turn_begin(host);
    session_changed(serving->session);
    serving_run(serving);
}

static void delay_over(void *context, uint64_t argument)
{
    struct host *host = context;
    struct serving *serving = serving_find(host->world, (uint32_t)argument);
    if (!serving || !serving->session)
        return;
    host_turn_begin(host);
    session_resume_delayed(serving->session);
    serving_run(serving);
}

void serving_go_on(struct serving *serving)
{
    if (!serving->session)
        return;
    host_turn_begin(serving->host);
    session_go_on(serving->session);
    serving_run(serving);
}

/* --- silence ---------------------------------------------------------------------------------- */

static void idle_arm(struct serving *serving, uint64_t at_ns);

/* The timer is not moved at each line: when it fires it looks how long it really was. */
static void idle_fire(void *context, uint64_t argument)
{
    struct host *host = context;
    struct serving *serving = serving_find(host->world, (uint32_t)argument);
    if (!serving || !serving->session)
        return;
    uint64_t due_ns = serving->heard_ns + serving->protocol->idle_ms * NS_PER_MS;
    serving->idle_ticket = 0;
    if (clock_ns(host->world->clock) < due_ns) {
        idle_arm(serving, due_ns);
    } else if (session_is_busy(serving->session)) { /* it does not even take its reply */
        host_turn_begin(host);
        session_lost(serving->session);
        host_turn_end(host);
        serving_break(serving);
    } else {
        host_turn_begin(host);
        session_timeout(serving->session);
        serving_run(serving);
    }
}

static void idle_arm(struct serving *serving, uint64_t at_ns)
{
    struct host *host = serving->host;
    serving->idle_ticket = clock_at(host->world->clock, host->number, at_ns, TIMER, idle_fire, host,
                                    serving->conn);
}

/* --- the connection's end here ---------------------------------------------------------------- */

static void on_opened(struct connection *connection, enum side side, void *own)
{
    struct serving *serving = own;
    struct host *host = serving->host;
    struct net *net = host->world->net;
    uint32_t client = connection_host(connection, SIDE_CLIENT);
    (void)side;
    serving->heard_ns = clock_ns(host->world->clock);
    host_turn_begin(host);
    serving->session = session_open(serving->protocol, &host->services, serving->conn,
                                    serving->facts, slice_of(net_host_name(net, client)),
                                    slice_of(net_host_address(net, client)));
    idle_arm(serving, serving->heard_ns + serving->protocol->idle_ms * NS_PER_MS);
    serving_run(serving);
}

static void on_readable(struct connection *connection, enum side side, void *own)
{
    struct serving *serving = own;
    (void)connection;
    (void)side;
    serving->heard_ns = clock_ns(serving->host->world->clock);
    if (serving->session)
        serving_run(serving);
    else /* closed already: what still comes is thrown away */
        net_take(serving->connection, SIDE_SERVER, net_peek(serving->connection, SIDE_SERVER).len);
}

/* A client that takes a long message over a slow line is not silent. */
static void on_writable(struct connection *connection, enum side side, void *own)
{
    struct serving *serving = own;
    (void)connection;
    (void)side;
    serving->heard_ns = clock_ns(serving->host->world->clock);
    serving_run(serving);
}

static void serving_free(struct serving *serving)
{
    struct world *world = serving->host->world;
    clock_cancel(world->clock, serving->idle_ticket);
    piece_forget(serving);
    HASH_DEL(world->servings, serving);
    if (serving->previous)
        serving->previous->next = serving->next;
    else
        serving->host->servings = serving->next;
    if (serving->next)
        serving->next->previous = serving->previous;
    session_free(serving->session);
    heap_give(serving);
}

static void on_closed(struct connection *connection, enum side side, void *own, enum trace_by by)
{
    struct serving *serving = own;
    (void)connection;
    (void)side;
    (void)by;
    serving->connection = NULL;
    if (serving->session) {
        host_turn_begin(serving->host);
        session_lost(serving->session);
        host_turn_end(serving->host);
    }
    serving_free(serving);
}

static bool on_accept(void *context, struct connection *connection, uint16_t port,
                      struct endpoint *end, void **own)
{
    struct host *host = context;
    struct serving *serving = heap_take(sizeof *serving);
    serving->conn = connection_id(connection);
    serving->host = host;
    serving->connection = connection;
    const struct service *service = service_for_port(port);
    serving->protocol = service->protocol;
    serving->facts = service->facts;
    if (serving->facts & FACT_TLS)
        net_seal(connection);
    if ((serving->facts & FACT_TLS) ||
        connection_host(connection, SIDE_CLIENT) != host->world->plain_only)
        serving->facts |= FACT_STARTTLS;
    serving->next = host->servings;
    if (host->servings)
        host->servings->previous = serving;
    host->servings = serving;
    HASH_ADD(hh, host->world->servings, conn, sizeof serving->conn, serving);
    *end = (struct endpoint){ on_opened, on_readable, on_writable, on_closed };
    *own = serving;
    return true;
}

void host_part(struct host *host, uint32_t client)
{
    struct serving *next;
    host_turn_begin(host);
    for (struct serving *serving = host->servings; serving; serving = next) {
        next = serving->next;
        if (!serving->session || !serving->connection ||
            connection_host(serving->connection, SIDE_CLIENT) != client)
            continue;
        session_shutdown(serving->session);
        serving_run(serving);
    }
}

/* --- messages that come by no connection ------------------------------------------------------ */

void host_message_placed(struct host *host, int64_t mailbox, uint32_t uid, int64_t message_key)
{
    host_turn_begin(host);
    host_stored(&host->services, mailbox, uid, message_key);
    host_changed(&host->services, mailbox);
    host_turn_end(host);
}

/* --- hosts ------------------------------------------------------------------------------------ */

struct host *host_next(struct world *world, struct host *after)
{
    return after ? after->next : world->hosts;
}
uint32_t host_number(const struct host *host) { return host->number; }
uint32_t host_services(const struct host *host) { return host->serves; }
struct policy *host_policy(struct host *host) { return &host->policy; }

struct host *host_find(struct world *world, slice name)
{
    for (struct host *host = world->hosts; host; host = host->next)
        if (slice_is_nocase(name, host->policy.name))
            return host;
    return NULL;
}

/* The moment is part of the stream: a world that is opened again draws other ids. Behind real
   sockets that is not enough, since one that was killed is opened at the same moment again. */
static void ids_begin(struct host *host)
{
    const struct world *world = host->world;
    uint64_t seed = world->seed ^ random_mix(world_now_ms(world)) ^ world->chance;
    host->ids = random_stream(seed, slice_of(host->policy.name), "ids");
}

void host_mix_chance(struct world *world)
{
    for (struct host *host = world->hosts; host; host = host->next)
        ids_begin(host);
}

static struct host *host_new(struct world *world, uint32_t number)
{
    struct host *host = heap_take(sizeof *host);
    host->world = world;
    host->number = number;
    slice name = slice_of(net_host_name(world->net, number));
    memcpy(host->policy.name, name.at, name.len);
    slice address = slice_of(net_host_address(world->net, number));
    must(address.len < sizeof host->policy.address);
    memcpy(host->policy.address, address.at, address.len);
    host->intake = (struct intake){ INTAKE_CLIENT_MAX, INTAKE_ALL_MAX, NULL, 0 };
    ids_begin(host);
    struct random secrets = random_stream(world->seed, name, "secret");
    host->services = (struct services){
        .store = world->store,
        .policy = &host->policy,
        .now_ms = world_now_ms(world),
        .context = host,
        .new_id = host_new_id,
        .secret = random_next(&secrets),
        .fired = host_fired,
        .throttle = &host->throttle,
        .intake = &host->intake,
        .delay = host_delay,
        .later = host_later,
        .queued = host_queued,
        .changed = host_changed,
        .seal = host_seal,
        .stored = host_stored,
        .removed = host_removed,
    };
    host->relay = relay_new(&host->services, host_relay_world(host));
    struct host **end = &world->hosts;
    while (*end)
        end = &(*end)->next;
    return *end = host;
}

void host_serve(struct host *host, uint32_t services)
{
    uint32_t more = services & ~host->serves;
    for (size_t i = 0; i < SERVICES; i++)
        if (more & service_bit(&service_table[i]))
            net_listen(host->world->net, host->number, service_table[i].port, on_accept, host);
    host->serves |= more;
}

struct host *host_add(struct world *world, slice name, uint32_t serves, struct error *why)
{
    uint32_t number = name.len && name.len <= DOMAIN_MAX ? net_host_add(world->net, name) : 0;
    if (!number) {
        error_set(why, "there is a host named %.*s already", SLICE_ARG(slice_upto(name, 100)));
        return NULL;
    }
    struct host *host = host_new(world, number);
    host_serve(host, serves);
    return host;
}

void host_free_all(struct world *world)
{
    for (struct host *host = world->hosts, *next; host; host = next) {
        next = host->next;
        while (host->servings)
            serving_free(host->servings);
        relay_free(host->relay);
        host_relay_free(host);
        heap_give(host);
    }
    world->hosts = NULL;
}
