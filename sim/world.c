/* world.c: see world.h. What stands in a world is built by the language; what moves in it by
   hosts/, devices/ and the network. */
#include "sim/world.h"

#include "base/heap.h"
#include "base/limits.h"
#include "base/words.h"
#include "servers/store/store.h"
#include "sim/devices/device.h"
#include "sim/devices/device_mail.h"
#include "sim/hosts/host.h"
#include "sim/hosts/inbound.h"
#include "sim/hosts/past.h"

#define VALUE_BYTES 32

/* --- time ------------------------------------------------------------------------------------ */

static uint64_t store_now(void *context) { return world_now_ms(context); }

static uint64_t store_draw(void *context)
{
    struct world *world = context;
    return random_next(&world->store_random);
}

bool world_holds(struct world *world, struct error *why)
{
    if (!world->failed && !store_failed(world->store))
        return true;
    world->failed = true;
    return error_set(why, "the world's store failed: %s", store_error(world->store));
}

bool world_settle(struct world *world, struct error *why)
{
    struct heap *before = heap_enter(heap_of(world));
    bool settled = clock_settle(world->clock, why);
    heap_enter(before);
    return settled && world_holds(world, why);
}

bool world_wait(struct world *world, uint64_t ms, struct error *why)
{
    uint64_t now_ms = clock_ns(world->clock) / NS_PER_MS;
    if (now_ms > WORLD_MS_MAX || ms > WORLD_MS_MAX - now_ms)
        return error_set(why, "this world's time ends after 290 years");
    uint64_t until_ns = clock_ns(world->clock) + ms * NS_PER_MS;
    struct heap *before = heap_enter(heap_of(world));
    bool ran = clock_run_until(world->clock, until_ns, why);
    heap_enter(before);
    return ran && world_holds(world, why);
}

uint64_t world_digest(struct world *world)
{
    uint64_t store = 0;
    if (!store_digest(world->store, &store))
        world->failed = true;
    uint64_t digest = random_mix(trace_digest(world->trace) ^ 1);
    digest = random_mix(digest ^ clock_digest(world->clock));
    return random_mix(digest ^ store);
}

/* --- what is kept for the next opening ------------------------------------------------------- */

static bool value_read(struct world *world, const char *name, uint64_t *value, struct error *why)
{
    struct arena arena = { 0 };
    slice text;
    bool ok = store_value(world->store, name, &arena, &text) &&
              word_number(text, UINT64_MAX / 2, value);
    arena_free(&arena);
    return ok || error_set(why, "the world does not say its %s: it is damaged", name);
}

static bool value_keep(struct world *world, const char *name, uint64_t value)
{
    struct buf text = BUF_MAX(VALUE_BYTES);
    buf_add_number(&text, value);
    bool ok = store_value_set(world->store, name, buf_slice(&text));
    buf_free(&text);
    return ok;
}

/* Only what has changed: most lines move the time and nothing else. */
static bool values_keep(struct world *world)
{
    uint64_t now_ms = world_now_ms(world);
    bool ok = true;
    if (now_ms != world->kept_now_ms)
        ok = value_keep(world, "now_ms", now_ms);
    if (world->ids.count != world->kept_ids)
        ok = value_keep(world, "ids", world->ids.count) && ok;
    if (world->here != world->kept_here)
        ok = store_value_set(world->store, "on", slice_of(world->here->name)) && ok;
    if (!ok)
        return false; /* what could not be written is written the next time */
    world->kept_now_ms = now_ms;
    world->kept_ids = world->ids.count;
    world->kept_here = world->here;
    return true;
}

static bool remember(struct world *world, enum past_when when, struct error *why)
{
    struct heap *before = heap_enter(heap_of(world));
    bool ok = values_keep(world);
    store_command_end(world->store, ok);
    past_keep(world, when);
    if (!store_commit(world->store))
        world->failed = true;
    heap_enter(before);
    return world_holds(world, why);
}

bool world_remember(struct world *world, struct error *why)
{
    return remember(world, PAST_LINE, why);
}

bool world_end_sitting(struct world *world, struct error *why)
{
    return remember(world, PAST_END, why);
}

/* --- beginning ------------------------------------------------------------------------------- */

/* True: the store had a world already; its seed and time hold from here on. */
static bool world_recall(struct world *world, const uint64_t *seed, bool *old, struct error *why)
{
    uint64_t now_ms = 0, ids = 0, own = 0;
    struct arena arena = { 0 };
    slice text;
    *old = store_value(world->store, "seed", &arena, &text);
    arena_free(&arena);
    if (!*old)
        return !store_failed(world->store) || error_set(why, "%s", store_error(world->store));
    if (!value_read(world, "seed", &own, why) || !value_read(world, "now_ms", &now_ms, why) ||
        !value_read(world, "ids", &ids, why))
        return false;
    if (now_ms > WORLD_DATE_MS_MAX)
        return error_set(why, "the world is damaged: its time is beyond the year 9999");
    if (seed && *seed != own)
        return error_set(why, "this world's seed is %llu, not %llu: a seed belongs to its world",
                         (unsigned long long)own, (unsigned long long)*seed);
    world->seed = own;
    world->epoch_ms = (int64_t)now_ms;
    world->goes_on = true;
    world->kept_ids = ids;
    return true;
}

static void world_furnish(struct world *world)
{
    world->trace = trace_new();
    world->net = net_new(world->clock, world->trace, world->seed);
    world->dns = dns_new(world->net, world->clock, world->trace);
    world->ids = random_stream(world->seed, SLICE("world"), "ids");
    world->ids.count = world->kept_ids;
}

void world_keep_first(struct world *world)
{
    value_keep(world, "seed", world->seed);
    value_keep(world, "now_ms", (uint64_t)EPOCH_MS);
    value_keep(world, "ids", world->ids.count);
}

bool world_start(struct world *world, bool old, struct error *why)
{
    world->kept_now_ms = world_now_ms(world);
    world->kept_ids = world->ids.count;
    world->kept_here = old ? world->here : NULL;
    if (!world_remember(world, why))
        return false;
    for (struct host *host = host_next(world, NULL); host; host = host_next(world, host))
        host_wake_queue(host);
    for (struct device *device = world->devices; device; device = device->next) {
        struct mail_account account = mail_account_read(slice_of(device->program));
        if (account.every_ms || account.idles)
            mail_habits_begin(device_mail(device));
    }
    return true;
}

static bool world_open(struct world *world, const char *path, const uint64_t *seed, bool *old,
                       struct error *why)
{
    world->seed = seed ? *seed : 1;
    world->epoch_ms = EPOCH_MS;
    world->line = SLICE_EMPTY;
    world->clock = clock_new();
    world->store_random = random_stream(world->seed, SLICE("store"), "sqlite");
    const struct store_clock clock = { store_now, store_draw, world };
    world->store = path && heap_of(world) ? store_open_followed(path, clock, why)
                                          : store_open(path, clock, why);
    if (!world->store || !world_recall(world, seed, old, why))
        return false;
    world_furnish(world);
    return true;
}

struct world *world_create(const char *path, const uint64_t *seed, bool *old, struct error *why)
{
    struct world *world = heap_take(sizeof *world);
    if (world_open(world, path, seed, old, why))
        return world;
    world_destroy(world);
    return NULL;
}

/* --- ending ---------------------------------------------------------------------------------- */

static void world_close(struct world *world)
{
    host_free_all(world);
    net_free(world->net);
    inbound_free(world);
    device_free_all(world);
    dns_free(world->dns);
    clock_free(world->clock);
    trace_free(world->trace);
    store_close(world->store);
}

void world_destroy(struct world *world)
{
    if (!world)
        return;
    world_close(world);
    heap_give(world);
}

bool world_create_again(struct world *world, const uint64_t *seed, struct error *why)
{
    bool old = false;
    world_close(world);
    *world = (struct world){ .front = world->front, .sitting = world->sitting };
    return world_open(world, NULL, seed, &old, why);
}
