/* build.c: builds a world from a script's lines, or an older one again from what its store has
   kept of them. What a line builds is sentence*.c's. */
#include "sim/language/build.h"

#include "base/heap.h"
#include "base/words.h"
#include "servers/store/store.h"
#include "sim/devices/device.h"
#include "sim/language/commands.h"
#include "sim/world.h"

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
    if (command_find(world->script->tables, word))
        return error_set(why,
                         "%.*s does something: a world is only built here, `run` plays a script",
                         SLICE_ARG(slice_upto(word, 40)));
    return error_set(
        why, "a world is built with host, mx, txt, srv, user, mailbox, message, device, link, "
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
    world->script->phase = WORLD_IS_BUILT;
    if (!build_script(world, script, name, why))
        return false;
    world_keep_first(world);
    return world_holds(world, why);
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
    world->script->phase = WORLD_IS_REBUILT;
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

static struct world *world_make(const char *path, const uint64_t *seed,
                                const struct command *const *tables, slice script, slice name,
                                struct error *why)
{
    bool old = false;
    struct world *world = world_create(path, seed, &old, why);
    if (!world)
        return NULL;
    world->script = heap_take(sizeof *world->script);
    world->script->tables = tables;
    bool built = old ? world_rebuild(world, why) : world_build(world, script, name, why);
    world->script->phase = WORLD_LIVES;
    if (built && world_start(world, old, why))
        return world;
    world_free(world);
    return NULL;
}

struct world *world_new(const char *path, const uint64_t *seed, const struct command *const *tables,
                        slice script, slice name, struct error *why)
{
    return world_new_in(NULL, path, seed, tables, script, name, why);
}

struct world *world_new_in(struct heap *heap, const char *path, const uint64_t *seed,
                           const struct command *const *tables, slice script, slice name,
                           struct error *why)
{
    struct heap *before = heap_enter(heap);
    struct world *world = world_make(path, seed, tables, script, name, why);
    heap_enter(before);
    return world;
}

void world_free(struct world *world)
{
    struct script_state *script = world ? world->script : NULL;
    world_destroy(world);
    if (script)
        dig_free(script->dig);
    heap_give(script);
}

bool world_anew(struct world *world, const uint64_t *seed, slice script, slice name,
                struct error *why)
{
    struct script_state *state = world->script;
    dig_free(state->dig);
    *state = (struct script_state){ .tables = state->tables, .timeline = state->timeline,
                                    .hand_over = state->hand_over, .told = state->told };
    bool created = world_create_again(world, seed, why);
    world->script = state;
    bool built = created && world_build(world, script, name, why);
    state->phase = WORLD_LIVES;
    return built && world_start(world, false, why);
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

static bool connections_close(struct world *world, struct error *why)
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
    return world_settle(world, why) && world_end_sitting(world, why);
}

bool world_finish(struct world *world, struct error *why)
{
    struct heap *before = heap_enter(heap_of(world));
    bool finished = connections_close(world, why);
    heap_enter(before);
    return finished;
}
