/* gateway.c: see gateway.h. One round: what comes from sockets becomes inputs of the world
   (sim/hosts/inbound.h), what is due happens, the store commits, and only then is anything said. */
#include "gateway/gateway.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/spare.h"
#include "base/words.h"
#include "gateway/bridge.h"
#include "gateway/chance.h"
#include "gateway/listen.h"
#include "gateway/trouble.h"
#include "servers/services_table.h"
#include "servers/store/store.h"
#include "sim/hosts/host.h"
#include "sim/hosts/inbound.h"
#include "sim/world.h"

#define ACCEPTS_PER_ROUND 64
#define ROUND_MS_MAX 1000           /* the clock is looked at this often at least */
#define PIECES_A_KEEP 8             /* of long work, if nobody waits: then they are committed */
#define GATHERS_MAX 16              /* so often others may join a turn before its commit */
#define GATHER_ASKS_MAX 16          /* of the poller, without pause: some microseconds */
#define PART_MS_MAX 2000            /* so long a goodbye may take */
#define ACCEPT_AGAIN_MS 100         /* after the system had no descriptor for one more */
#define DESCRIPTORS_KEPT 32         /* for the store and its temporary files */

struct gateway {
    struct bridges bridges;
    int listeners[SERVICES];           /* -1: not served */
    uint16_t ports[SERVICES];
    bool implicit;                             /* the sealed ports are meant */
    size_t sessions_max;
    bool accepting;
    bool parting;
    uint64_t accept_again_ms;                  /* not accepting: not before this, by the wall */
    uint64_t wall_ms, clock_ms;                /* what the clock showed when the wall showed that */
    struct trouble trouble;
    unsigned pieces;                           /* of long work, since then */
    bool owes_piece;                           /* in the last round there was none */
    uint64_t events_kept;                      /* clock_events when the store last committed */
    uint64_t hurry_ms;                         /* the next round waits no longer */
    char host[DOMAIN_MAX + 1];                 /* as it came in */
    struct inbound_start start;
};

uint16_t gateway_port(const struct gateway *gateway, int service)
{
    return gateway->ports[service];
}
size_t gateway_sessions(const struct gateway *gateway) { return gateway->bridges.count; }

static uint64_t time_ms(clockid_t which)
{
    struct timespec now;
    clock_gettime(which, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static uint64_t wall_ms(void) { return time_ms(CLOCK_MONOTONIC); }
uint64_t gateway_wall_ms(void) { return wall_ms(); }

/* --- opening ---------------------------------------------------------------------------------- */

bool gateway_possible(struct world *world, const struct gateway_options *options,
                      struct error *why)
{
    const struct host *host = host_find(world, options->host);
    if (!host)
        return error_set(why, "there is no host %.*s in this world; `hosts` at the prompt lists "
                         "them", SLICE_ARG(slice_upto(options->host, 100)));
    for (int i = 0; i < SERVICES; i++)
        if (options->named[i] && !(host_services(host) & service_bit(&service_table[i])))
            return error_set(why, "%.*s does not serve %s; at the prompt: set %.*s serves %s",
                             SLICE_ARG(options->host), service_table[i].name,
                             SLICE_ARG(options->host),
                             service_table[service_table[i].plain].name);
    return true;
}

/* The ports of implicit TLS's own come with those that offer STARTTLS. */
static bool is_wanted(const struct gateway_options *options, int service, bool any)
{
    const struct service *asked = &service_table[service];
    bool wanted = !any || options->named[service] || options->named[asked->plain];
    return wanted && (!service_is_sealed(asked) || options->tls == TLS_BOTH);
}

static bool listen_all(struct gateway *gateway, const struct gateway_options *options,
                       struct error *why)
{
    uint32_t serves = host_services(host_find(gateway->bridges.world, options->host));
    bool any = false;
    for (int i = 0; i < SERVICES; i++)
        any = any || options->named[i];
    for (int i = 0; i < SERVICES; i++) {
        if (!is_wanted(options, i, any) || !(serves & service_bit(&service_table[i])))
            continue;
        uint16_t port = options->ports[i];
        gateway->listeners[i] = listen_at(options->address, &port, service_table[i].name, why);
        if (gateway->listeners[i] < 0)
            return false;
        gateway->ports[i] = port;
        if (!poller_add(gateway->bridges.poller, gateway->listeners[i], POLLER_READS,
                        &gateway->listeners[i]))
            return error_set(why, "no descriptor is left: %s", strerror(errno));
    }
    return true;
}

void gateway_anchor(struct gateway *gateway)
{
    gateway->wall_ms = wall_ms();
    gateway->clock_ms = clock_ns(gateway->bridges.world->clock) / NS_PER_MS;
}

/* Another one each time: ids and nonces of a run that was killed must not come again. */
static bool chance_draw(uint64_t *chance, struct error *why)
{
    if (!chance_fill(chance, sizeof *chance, why))
        return false;
    *chance = *chance % INBOUND_CHANCE_MAX + 1;
    return true;
}

static bool world_join(struct gateway *gateway, struct error *why)
{
    struct inbound_start *start = &gateway->start;
    start->now_ms = start->real_link ? time_ms(CLOCK_REALTIME) : 0;
    if (!chance_draw(&start->chance, why) || !inbound_on(gateway->bridges.world, start, why))
        return false;
    gateway_anchor(gateway);
    return true;
}

static struct gateway *gateway_new(struct world *world)
{
    struct gateway *gateway = spare_take(sizeof *gateway);
    unsigned long descriptors = descriptors_max();
    must(gateway != NULL);
    gateway->bridges.world = world;
    gateway->bridges.poller = poller_new(false);
    gateway->accepting = true;
    gateway->hurry_ms = ROUND_MS_MAX;
    gateway->sessions_max = descriptors > 2 * DESCRIPTORS_KEPT ? descriptors - DESCRIPTORS_KEPT
                                                               : DESCRIPTORS_KEPT;
    if (gateway->sessions_max > GATEWAY_SESSIONS_MAX)
        gateway->sessions_max = GATEWAY_SESSIONS_MAX;
    for (int i = 0; i < SERVICES; i++)
        gateway->listeners[i] = -1;
    return gateway;
}

struct gateway *gateway_open(struct world *world, const struct gateway_options *options,
                             struct error *why)
{
    if (!gateway_possible(world, options, why))
        return NULL;
    (void)spare_put_by(SPARE_BYTES);
    struct gateway *gateway = gateway_new(world);
    gateway->bridges.tls = options->tls == TLS_OFF ? NULL : options->tls_server;
    gateway->implicit = options->tls == TLS_IMPLICIT;
    FIELD_SET(gateway->host, options->host);
    gateway->start = (struct inbound_start){ .host = slice_of(gateway->host),
                                             .real_link = options->today,
                                             .plain = options->tls == TLS_OFF };
    if (listen_all(gateway, options, why) && world_join(gateway, why))
        return gateway;
    gateway_close(gateway);
    return NULL;
}

static void listeners_close(struct gateway *gateway)
{
    for (int i = 0; i < SERVICES; i++)
        if (gateway->listeners[i] >= 0) {
            close(gateway->listeners[i]);
            gateway->listeners[i] = -1;
        }
}

void gateway_close(struct gateway *gateway)
{
    struct error why;
    struct world *world = gateway->bridges.world;
    listeners_close(gateway);
    if (inbound_is_on(world))
        if (inbound_off(world, &why))
            may_fail(world_remember(world, &why)); /* what failed was told before */
    bridges_free(&gateway->bridges);
    poller_free(gateway->bridges.poller);
    free(gateway);
    (void)spare_put_by(0);
}

bool gateway_hear(struct gateway *gateway, int fd)
{
    return poller_add(gateway->bridges.poller, fd, POLLER_READS, NULL);
}

void gateway_hear_as(struct gateway *gateway, int fd, bool reads, bool writes)
{
    unsigned wants = (reads ? POLLER_READS : 0u) | (writes ? POLLER_WRITES : 0u);
    poller_change(gateway->bridges.poller, fd, wants, NULL);
}

void gateway_hear_no_more(struct gateway *gateway, int fd)
{
    poller_remove(gateway->bridges.poller, fd);
}

void gateway_hurry(struct gateway *gateway, uint64_t ms)
{
    if (ms < gateway->hurry_ms)
        gateway->hurry_ms = ms;
}

/* --- turning time ----------------------------------------------------------------------------- */

/* What this does to the world is left behind with it. */
void gateway_let_go(struct gateway *gateway)
{
    struct world *world = gateway->bridges.world;
    struct error unheard;
    inbound_shutdown(world);
    may_fail(inbound_commit(world, &unheard));
    bridges_say(&gateway->bridges);
    bridges_end(&gateway->bridges);
    may_fail(inbound_commit(world, &unheard));
}

bool gateway_come_again(struct gateway *gateway, struct error *why)
{
    struct world *world = gateway->bridges.world;
    gateway->pieces = 0;
    gateway->owes_piece = false;
    return inbound_off_unheard(world, why) && world_join(gateway, why);
}

/* --- accepting -------------------------------------------------------------------------------- */

static void accepting_set(struct gateway *gateway, bool accepts)
{
    if (gateway->accepting == accepts)
        return;
    gateway->accepting = accepts;
    for (int i = 0; i < SERVICES; i++)
        if (gateway->listeners[i] >= 0)
            poller_change(gateway->bridges.poller, gateway->listeners[i],
                          accepts ? POLLER_READS : 0, &gateway->listeners[i]);
}

/* No descriptor for one more: they wait in the backlog until one is free. */
static void accept_pause(struct gateway *gateway)
{
    gateway->accept_again_ms = wall_ms() + ACCEPT_AGAIN_MS;
    accepting_set(gateway, false);
}

/* Which of the world's ports the socket's connection goes to. */
static uint16_t port_of(const struct gateway *gateway, int service)
{
    const struct service *asked = &service_table[service], *twin = service_twin(asked);
    return gateway->implicit && twin ? twin->port : asked->port;
}

static bool accept_one(struct gateway *gateway, int service)
{
    int yes = 1, fd = accept(gateway->listeners[service], NULL, NULL);
    if (fd < 0) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
            accept_pause(gateway);
        return errno == ECONNABORTED || errno == EINTR;
    }
    if (!socket_tame(fd)) {
        close(fd);
        return true;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (!bridge_open(&gateway->bridges, fd, port_of(gateway, service)))
        accept_pause(gateway);
    return gateway->accepting;
}

static void accept_some(struct gateway *gateway, int service)
{
    for (int i = 0; i < ACCEPTS_PER_ROUND; i++) {
        if (gateway->bridges.count >= gateway->sessions_max)
            accept_pause(gateway);
        if (!gateway->accepting || !accept_one(gateway, service))
            return;
    }
}

static void accept_again(struct gateway *gateway)
{
    if (!gateway->accepting && wall_ms() >= gateway->accept_again_ms &&
        gateway->bridges.count < gateway->sessions_max)
        accepting_set(gateway, true);
}

/* --- a round ---------------------------------------------------------------------------------- */

/* What the world's clock should show. */
static uint64_t moment_ms(const struct gateway *gateway)
{
    return gateway->clock_ms + (wall_ms() - gateway->wall_ms);
}

/* How long nothing is to be done, if nothing comes. */
static int patience_ms(const struct gateway *gateway)
{
    struct clock *clock = gateway->bridges.world->clock;
    uint64_t at_ns = 0, wait_ms = gateway->hurry_ms, now_ms = moment_ms(gateway);
    const struct world *world = gateway->bridges.world;
    if (gateway->bridges.moved || host_has_pieces(world) || store_carries(world->store))
        return 0;
    if (clock_next(clock, &at_ns)) {
        uint64_t at_ms = (at_ns + NS_PER_MS - 1) / NS_PER_MS;
        uint64_t left_ms = at_ns <= clock_ns(clock) || at_ms <= now_ms ? 0 : at_ms - now_ms;
        wait_ms = left_ms < wait_ms ? left_ms : wait_ms;
    }
    if (!gateway->accepting && wait_ms > ACCEPT_AGAIN_MS)
        wait_ms = ACCEPT_AGAIN_MS;
    if (inbound_trouble(gateway->bridges.world) && wait_ms > TROUBLE_AGAIN_MS)
        wait_ms = TROUBLE_AGAIN_MS;
    return (int)wait_ms;
}

static void take_ready(struct gateway *gateway, const struct ready *ready)
{
    for (int i = 0; i < SERVICES; i++)
        if (ready->owner == &gateway->listeners[i]) {
            accept_some(gateway, i);
            return;
        }
    if (ready->reads)
        bridge_read(ready->owner);
    else
        bridge_moved(ready->owner);
}

/* Nothing came, nothing happened since the last commit, and nothing is due. Long work of which
   nothing is said yet makes no event. */
static bool round_is_empty(const struct gateway *gateway, size_t count)
{
    const struct world *world = gateway->bridges.world;
    struct clock *clock = world->clock;
    uint64_t at_ns = 0;
    if (host_has_pieces(world) && store_has_changed(world->store))
        return false;
    return count == 0 && clock_events(clock) == gateway->events_kept &&
           !(clock_next(clock, &at_ns) && at_ns <= clock_ns(clock));
}

/* True: somebody spoke. */
static bool take_all(struct gateway *gateway, const struct ready *ready, size_t count, bool *heard)
{
    for (size_t i = 0; i < count; i++) {
        if (ready[i].owner)
            take_ready(gateway, &ready[i]);
        else
            *heard = true;
    }
    return count > 0;
}

/* A round is one client's, who is answered at once, unless something has changed: then all who
   have spoken meanwhile share its commit, so that the more there are the less each waits for the
   disk. Who can be answered before that is, and has a moment, much shorter than a commit, to
   hand over the message that this answer asked for. Nobody else is waited for. All are heard, too,
   before a client's long work goes on. */
static void gather(struct gateway *gateway, const sigset_t *open, bool *heard)
{
    struct ready ready[POLLER_READY_MAX];
    bool waits = false;
    struct world *world = gateway->bridges.world;
    for (int i = 0; i < GATHERS_MAX; i++) {
        if (!inbound_run_due(world) && (i > 0 || !host_has_pieces(world)))
            return;
        size_t count = 0;
        waits = bridges_say_early(&gateway->bridges) || waits;
        for (int asked = 0; count == 0 && asked < (waits ? GATHER_ASKS_MAX : 1); asked++)
            count = poller_wait(gateway->bridges.poller, 0, open, ready, POLLER_READY_MAX);
        if (!take_all(gateway, ready, count, heard))
            return;
    }
}

/* Nobody waits to hear of the pieces of long work that were done: what they change is kept with the
   first thing that somebody has to be told, or when who comes would wait for it long. */
static bool keep_can_wait(struct gateway *gateway)
{
    struct world *world = gateway->bridges.world;
    if (!host_has_pieces(world) || ++gateway->pieces >= PIECES_A_KEEP)
        return false;
    inbound_run_due(world);
    return host_has_pieces(world) && !bridges_wait(&gateway->bridges);
}

/* What this round needed is given back by now; if not enough was, the newest client goes, too. */
static void memory_look(struct gateway *gateway)
{
    if (!spare_is_used() || spare_put_by(SPARE_BYTES))
        return;
    accept_pause(gateway);
    bridges_let_go(&gateway->bridges);
}

static bool keep(struct gateway *gateway, struct error *why)
{
    if (!inbound_commit(gateway->bridges.world, why))
        return false;
    gateway->events_kept = clock_events(gateway->bridges.world->clock);
    gateway->pieces = 0;
    return true;
}

/* Long work goes on: who spoke meanwhile is answered first. A commit takes as long as a piece, and
   so does carrying what commits have written to its place: one of the three is done in a round, but
   others' commits can put a piece off only once. What is left to carry behind long work waits until
   nobody speaks. */
static bool work(struct gateway *gateway, bool spoken, struct error *why)
{
    struct world *world = gateway->bridges.world;
    bool commits = spoken && host_has_pieces(world) && store_has_changed(world->store);
    if (spoken && host_has_pieces(world)) {
        if (!keep(gateway, why))
            return false;
        bridges_say(&gateway->bridges);
    }
    gateway->owes_piece = commits && !gateway->owes_piece;
    if (gateway->owes_piece)
        return true;
    if ((spoken && !host_has_pieces(world)) || !store_carry(world->store))
        inbound_work(world);
    return true;
}

bool gateway_round(struct gateway *gateway, const sigset_t *open, bool *heard, struct error *why)
{
    struct ready ready[POLLER_READY_MAX];
    struct world *world = gateway->bridges.world;
    size_t max = host_has_pieces(world) ? POLLER_READY_MAX : 1;
    size_t count = poller_wait(gateway->bridges.poller, patience_ms(gateway), open, ready, max);
    *heard = false;
    gateway->hurry_ms = ROUND_MS_MAX;
    trouble_look(&gateway->trouble, world, wall_ms());
    inbound_at(world, moment_ms(gateway));
    if (take_all(gateway, ready, count, heard))
        gather(gateway, open, heard);
    if (!work(gateway, count > 0, why))
        return false;
    accept_again(gateway);
    if (!round_is_empty(gateway, count) && !keep_can_wait(gateway) && !keep(gateway, why))
        return false;
    bridges_say(&gateway->bridges);
    memory_look(gateway);
    return true;
}

const char *gateway_trouble(const struct gateway *gateway)
{
    return inbound_trouble(gateway->bridges.world);
}

bool gateway_catch_up(struct gateway *gateway, struct error *why)
{
    inbound_at(gateway->bridges.world, moment_ms(gateway));
    bool kept = inbound_commit(gateway->bridges.world, why);
    if (kept)
        bridges_say(&gateway->bridges);
    return kept;
}

/* Who is in the middle of a long reply hears it when that has ended. */
bool gateway_part(struct gateway *gateway, const sigset_t *open, struct error *why)
{
    uint64_t end_ms = wall_ms() + PART_MS_MAX;
    bool heard, kept = true;
    listeners_close(gateway);
    gateway->accepting = false;
    while (kept && gateway->bridges.count && wall_ms() < end_ms) {
        inbound_shutdown(gateway->bridges.world);
        kept = gateway_round(gateway, open, &heard, why);
    }
    return kept;
}
