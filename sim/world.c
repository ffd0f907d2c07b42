/* world.c: begins and ends a world, lets its time pass, and keeps what its next opening
   needs. What stands in it is built by sentence.c; what moves in it by host.c, device.c
   and the network. */
#include "sim/devices/device_mail.h"
#include "sim/world.h"

#include <stdlib.h>

#include "sim/language/commands.h"
#include "sim/language/words.h"


#define VALUE_BYTES 32

/* --- time ------------------------------------------------------------------------------------ */

uint64_t world_now_ms(const struct world *world)
{
    return (uint64_t)world->epoch_ms + clock_ns(world->clock) / NS_PER_MS;
}

static uint64_t store_now(void *context) { return world_now_ms(context); }

static uint64_t store_draw(void *context)
{
    struct world *world = context;
    return random_next(&world->store_random);
}

static bool store_holds(struct world *world, struct error *why)
{
    if (!world->failed && !store_failed(world->store))
        return true;
    world->failed = true;
    return error_set(why, "the world's store failed: %s", store_error(world->store));
}

bool world_settle(struct world *world, struct error *why)
{
    return clock_settle(world->clock, why) && store_holds(world, why);
}

bool world_wait(struct world *world, uint64_t ms, struct error *why)
{
    uint64_t until_ns = clock_ns(world->clock) + ms * NS_PER_MS;
    return clock_run_until(world->clock, until_ns, why) && store_holds(world, why);
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
    world->kept_now_ms = now_ms;
    world->kept_ids = world->ids.count;
    world->kept_here = world->here;
    return ok;
}

bool world_remember(struct world *world, struct error *why)
{
    bool ok = values_keep(world);
    store_command_end(world->store, ok);
    if (!store_commit(world->store))
        world->failed = true;
    return store_holds(world, why);
}

/* --- beginning ------------------------------------------------------------------------------- */

/* The number of a line for an error, and where in it. */
static bool script_wrong(slice name, uint64_t number, size_t at, struct error *why)
{
    struct error what = *why;
    return error_set(why, "%.*s:%llu:%zu: %s", SLICE_ARG(name), (unsigned long long)number, at + 1,
                     what.text);
}

/* One line of a script that builds. */
static bool build_line(struct world *world, slice line, size_t *at, struct error *why)
{
    bool known = false;
    slice said = slice_trim(line);
    *at = (size_t)(said.at - line.at);
    if (said.len && said.at[said.len - 1] == '\r')
        said.len--;
    if (said.len == 0 || said.at[0] == '#' || slice_starts(said, ":#"))
        return true;
    size_t before = *at + take_char(&said, ':');
    bool ok = world_sentence(world, said, &known, at, why);
    *at += before;
    if (known)
        return ok;
    slice word = word_peek(said);
    if (command_find(world->tables, word))
        return error_set(why,
                         "%.*s does something: a world is only built here, `run` plays a script",
                         SLICE_ARG(slice_upto(word, 40)));
    return error_set(
        why, "a world is built with host, mx, txt, srv, user, mailbox, letter, device, link, "
             "set, offline, online and on");
}

static bool build_script(struct world *world, slice script, slice name, struct error *why)
{
    uint64_t number = 0;
    while (script.len) {
        size_t at = 0;
        slice line = take_until(&script, '\n');
        number++;
        if (slice_find(line, '\0', &at)) {
            error_set(why, "the line holds a NUL: that is no text");
            return script_wrong(name, number, at, why);
        }
        if (!build_line(world, line, &at, why))
            return script_wrong(name, number, at, why);
    }
    return true;
}

static bool world_build(struct world *world, slice script, slice name, struct error *why)
{
    world->phase = WORLD_IS_BUILT;
    if (!build_script(world, script, name, why))
        return false;
    value_keep(world, "seed", world->seed);
    value_keep(world, "now_ms", (uint64_t)EPOCH_MS);
    value_keep(world, "ids", world->ids.count);
    return store_holds(world, why);
}

struct sentences {
    struct arena arena;
    struct buf text;
};

static bool sentence_gather(void *context, int64_t number, slice line)
{
    struct sentences *sentences = context;
    (void)number;
    return buf_add(&sentences->text, line) && buf_add_char(&sentences->text, '\n');
}

/* An older world's sentences once more; what they put into the store is there already. */
static bool world_rebuild(struct world *world, struct error *why)
{
    struct sentences sentences = { .text = BUF_MAX(256u << 20) };
    world->phase = WORLD_IS_REBUILT;
    bool ok = store_sentences(world->store, sentence_gather, &sentences) ||
              !store_failed(world->store);
    if (!ok || sentences.text.full)
        error_set(why, "the world's sentences cannot be read: %s", store_error(world->store));
    ok = ok && !sentences.text.full &&
         build_script(world, buf_slice(&sentences.text), SLICE("world"), why);
    buf_free(&sentences.text);
    slice on;
    if (ok && store_value(world->store, "on", &sentences.arena, &on) && device_find(world, on))
        world->here = device_find(world, on);
    arena_free(&sentences.arena);
    return ok;
}

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
    if (seed && *seed != own)
        return error_set(why, "this world's seed is %llu, not %llu: a seed belongs to its world",
                         (unsigned long long)own, (unsigned long long)*seed);
    world->seed = own;
    world->epoch_ms = (int64_t)now_ms;
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

static bool world_begin(struct world *world, const uint64_t *seed, slice script, slice name,
                        struct error *why)
{
    bool old = false;
    if (!world_recall(world, seed, &old, why))
        return false;
    world_furnish(world);
    if (!(old ? world_rebuild(world, why) : world_build(world, script, name, why)))
        return false;
    world->phase = WORLD_LIVES;
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

struct world *world_new(const char *path, const uint64_t *seed, const struct command *const *tables,
                        slice script, slice name, struct error *why)
{
    struct world *world = calloc(1, sizeof *world);
    must(world != NULL);
    world->tables = tables;
    world->seed = seed ? *seed : 1;
    world->epoch_ms = EPOCH_MS;
    world->line = SLICE_EMPTY;
    world->clock = clock_new();
    world->store_random = random_stream(world->seed, SLICE("store"), "sqlite");
    world->store = store_open(path, (struct store_clock){ store_now, store_draw, world }, why);
    if (world->store && world_begin(world, seed, script, name, why))
        return world;
    world_free(world);
    return NULL;
}

/* --- ending ---------------------------------------------------------------------------------- */

static struct device *device_opened_first(struct world *world)
{
    struct device *first = NULL;
    for (struct device *device = world->devices; device; device = device->next)
        if (device->typed_open && (!first || device->typed_conn < first->typed_conn))
            first = device;
    return first;
}

/* The history must close it too, or the next session's lines would go to this server. */
static void history_closes(struct world *world, const struct device *device,
                           const struct device *on)
{
    struct buf line = BUF_MAX(128);
    if (device != on) {
        buf_format(&line, ":on %s", device->name);
        store_history_add(world->store, buf_slice(&line));
    }
    store_history_add(world->store, SLICE(":close"));
    buf_free(&line);
}

bool world_finish(struct world *world, struct error *why)
{
    struct device *device, *on = world->here;
    while ((device = device_opened_first(world)) != NULL) {
        history_closes(world, device, on);
        on = device;
        device_close(world, device);
        if (!world_settle(world, why))
            return false;
    }
    if (on != world->here) {
        struct buf line = BUF_MAX(128);
        buf_format(&line, ":on %s", world->here->name);
        store_history_add(world->store, buf_slice(&line));
        buf_free(&line);
    }
    return world_settle(world, why) && world_remember(world, why);
}

void world_free(struct world *world)
{
    if (!world)
        return;
    host_free_all(world);
    net_free(world->net);
    outside_free(world);
    HASH_CLEAR(hh, world->device_index);
    while (world->devices) {
        struct device *device = world->devices;
        world->devices = device->next;
        buf_free(&device->pending);
        mail_program_free(device->mail);
        free(device);
    }
    dig_free(world->dig);
    dns_free(world->dns);
    clock_free(world->clock);
    trace_free(world->trace);
    store_close(world->store);
    free(world);
}
