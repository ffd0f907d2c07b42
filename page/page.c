/* page.c: the module's functions that begin and end a world, play a script and save; and its
   outputs. Typed lines are page_turn.c, what is looked at page_view.c. */
#include "page/page.h"

#include <stdlib.h>
#include <string.h>

#include "base/heap.h"
#include "base/words.h"
#include "front/files.h"
#include "lessons/lessons.h"
#include "page/files.h"
#include "servers/store/store.h"
#include "sim/language/build.h"
#include "sim/language/commands.h"
#include "sim/world.h"
#include "views/board.h"
#include "views/exchange.h"
#include "views/json.h"
#include "views/views.h"

#define OUTPUT_ALL (1u << 30)
#define HANDED_MAX (64u << 20)

struct buf outputs[OUTPUTS] = {
    BUF_MAX(OUTPUT_ALL), BUF_MAX(OUTPUT_ALL), BUF_MAX(ANSWER_MAX), BUF_MAX(OUTPUT_ALL),
};
static struct desk own;
struct desk *desk = &own;
struct showing showing = { .events = true, .text = true };

/* --- octets in and out --------------------------------------------------------------------- */

EXPORT(page_alloc) void *page_alloc(size_t bytes) { return malloc(bytes + 1); }
EXPORT(page_free) void page_free(void *octets) { free(octets); }
EXPORT(page_output) const char *page_output(int which) { return buf_text(&outputs[which]); }
EXPORT(page_output_len) size_t page_output_len(int which) { return outputs[which].len; }

/* Their memory too: one large answer must not stay. */
EXPORT(page_clear) void page_clear(void)
{
    for (size_t i = 0; i < OUTPUTS; i++)
        buf_clear(&outputs[i]);
}

/* --- commands ------------------------------------------------------------------------------ */

static bool save_run(struct call *call)
{
    slice name = call->args;
    bool tidy = word_take_if(&name, "--tidy");
    name = slice_trim(name);
    if (!showing.typed)
        return call_refuse(call, call->args, "a script writes no files: type save at the prompt");
    if (name.len == 0)
        return call_refuse(call, name, "to which file? save session.post");
    if (tidy && !timeline_of(call->world))
        return call_refuse(call, call->args, "nothing can be taken back in this world: save FILE");
    struct buf text = BUF_MAX(HANDED_MAX);
    call->silent = call->forgets = true;
    script_save(&text, call->world, &(struct saved){ desk->world_name, desk->continues, tidy });
    turn_hand_over(call->world, name, buf_slice(&text));
    buf_free(&text);
    return true;
}

static bool serve_run(struct call *call)
{
    return call_refuse(call, call->args, "a page opens no ports: `pennypost serve` does, where the "
                       "program is installed");
}

static bool watch_run(struct call *call)
{
    return call_refuse(call, call->args, "a page opens no ports, so no real mail program comes");
}

static const struct command page_commands[] = {
    FRONT_COMMANDS(save_run, serve_run, contrast_run, watch_run),
};
const struct command *const page_tables[] = { sim_commands, lesson_commands, view_commands,
                                              page_commands, NULL };

/* --- what is new --------------------------------------------------------------------------- */

static void events_add(uint64_t end)
{
    struct buf *out = &outputs[EVENTS_OUT];
    for (; desk->shown < end; desk->shown++) {
        size_t before = out->len;
        if (showing.numbered)
            buf_format(out, "%llu ", (unsigned long long)desk->shown);
        if (!json_record(out, desk->world, &desk->front.conns,
                         trace_at(desk->world->trace, desk->shown)))
            out->len = before;
    }
}

/* As a terminal does: what time was turned over is not told again. But the page keeps the events,
   and gets those that it has not. */
static uint64_t turns_follow(void)
{
    if (!desk->timeline || timeline_turns(desk->timeline) == desk->turns)
        return desk->shown;
    desk->turns = timeline_turns(desk->timeline);
    conns_free(&desk->front.conns);
    desk->front.conns = (struct conns){ 0 };
    desk->front.message_conn = desk->front.named = 0;
    desk->front.offered[0] = '\0';
    uint64_t kept = timeline_kept(desk->timeline);
    if (desk->shown > kept)
        desk->shown = kept;
    return trace_end(desk->world->trace);
}

void show_new(bool command)
{
    uint64_t from = turns_follow(), end = trace_end(desk->world->trace);
    conns_read(&desk->front.conns, desk->world->trace);
    if (showing.text) {
        struct buf text = BUF_MAX(EXCHANGE_OUTPUT_MAX);
        exchange_show(&text, desk->world, &desk->front, from, end, command);
        board_watch(&text, desk->world, &desk->front);
        buf_add(&outputs[TEXT_OUT], buf_slice(&text));
        if (text.full)
            buf_add_text(&outputs[TEXT_OUT], "   ... and more than the screen should bear\n");
        if (desk->kept_back)
            buf_add_text(&outputs[TEXT_OUT], "Not written: a script writes no files; at the prompt "
                                             "this line does.\n");
        buf_free(&text);
    }
    desk->kept_back = false;
    if (showing.events)
        events_add(end);
    desk->shown = end;
}

/* --- beginning ----------------------------------------------------------------------------- */

void desk_take(struct desk *to, struct world *world, struct timeline *timeline, const char *name)
{
    struct look look = desk->front.look;
    struct desk *below = to == desk ? desk->below : desk;
    *to = (struct desk){ .front.look = look, .front.course = course, .world = world,
                         .front.replays = showing.typed, .timeline = timeline, .below = below,
                         .said = BUF_MAX(REPLAY_SAID_MAX), .lines = BUF_MAX(HANDED_MAX) };
    FIELD_SET(to->world_name, slice_upto(slice_of(name), sizeof to->world_name - 1));
    to->shown = 0;
    to->turns = timeline ? timeline_turns(timeline) : 0;
    world->front = &to->front;
    world->script->told = turn_told;
    world->script->hand_over = turn_hand_over;
    desk = to;
}

void desk_drop(void)
{
    struct desk *of = desk, *below = of->below;
    conns_free(&of->front.conns);
    buf_free(&of->front.watched_text);
    buf_free(&of->said);
    buf_free(&of->lines);
    if (of->sitting)
        sitting_free(of->sitting);
    else if (of->front.replay)
        replay_free(of->front.replay);
    else if (of->timeline)
        timeline_close(of->timeline);
    else
        world_free(of->world);
    *of = (struct desk){ .front.look = of->front.look };
    desk = below ? below : &own;
}

EXPORT(page_look)
void page_look(int plain, int echo, unsigned columns, int typed, int numbered)
{
    struct look *look = &desk->front.look;
    *look = (struct look){ .plain = plain, .tells = plain, .colour = !plain, .utf8 = true,
                           .echo = echo, .whole = true, .columns = columns };
    showing = (struct showing){ .typed = typed, .numbered = numbered, .events = true,
                                .text = true };
}

EXPORT(page_show) void page_show(int events, int text)
{
    showing.events = events;
    showing.text = text;
}

static struct world *world_make(slice script, slice name, const uint64_t *seed,
                                struct timeline **timeline, struct error *why)
{
    struct timeline_start start = { .seed = seed, .tables = page_tables, .script = script,
                                    .name = name, .seldom = !showing.typed };
    take_prefix(&start.script, BYTE_ORDER_MARK);
    *timeline = timeline_open(&start, why);
    return *timeline ? timeline_world(*timeline) : NULL;
}

static bool fails(slice why)
{
    buf_add(&outputs[ANSWER_OUT], why);
    return false;
}

/* file: a world that was put there; else script builds one, or nothing the default world.
   seed: a number, or empty. The answer is why not. */
EXPORT(page_start)
bool page_start(const char *script, size_t len, const char *name, const char *seed, bool file)
{
    struct error why = { "" };
    struct timeline *timeline = NULL;
    struct world *world;
    uint64_t number = 0;
    slice seeds = slice_of(seed);
    bool seeded = seeds.len > 0;
    if (seeded && (!take_number(&seeds, UINT64_MAX, &number) || seeds.len))
        return fails(SLICE("a seed is a number"));
    if (file)
        world = world_new(name, seeded ? &number : NULL, page_tables, slice_of(default_world),
                          SLICE("default"), &why);
    else
        world = world_make(script ? (slice){ script, len } : slice_of(default_world),
                           slice_of(name), seeded ? &number : NULL, &timeline, &why);
    if (!world)
        return fails(slice_of(why.text));
    desk_take(&own, world, timeline, name);
    own.continues = file && trace_end(world->trace) == 0;
    return true;
}

/* --- a script, as `pennypost run` plays it ------------------------------------------------- */

static bool reader(const char *path, struct buf *octets, struct error *why)
{
    slice found = file_octets(path);
    if (!found.at)
        return error_set(why, "%s can't be read: No such file or directory", path);
    return buf_add(octets, found) || error_set(why, "%s is larger than %zu MiB", path,
                                               octets->max >> 20);
}

/* enum line_result. The answer is why a line could not be read. */
EXPORT(page_play) int page_play(const char *at, size_t len)
{
    struct error why = { "" };
    struct buf expanded = BUF_MAX(SCRIPT_LINE_MAX + 64);
    size_t where = 0;
    slice line = { at, len };
    desk->world->line_number = ++desk->line_number;
    bool command = script_line_is_command(desk->world, line);
    enum line_result result = LINE_UNREADABLE;
    if (files_line(desk->world, line, reader, &expanded, &why))
        result = script_line(desk->world, buf_slice(&expanded), &where, &why);
    buf_free(&expanded);
    show_new(command);
    if (result == LINE_UNREADABLE || result == LINE_BROKEN)
        buf_format(&outputs[ANSWER_OUT], "%llu:%zu: %s\n",
                   (unsigned long long)desk->line_number, where, why.text);
    return (int)result;
}

/* Ends the world and its trace. exit: what the lines came to; returns what it came to. */
EXPORT(page_end) int page_end(int exit)
{
    struct error why = { "" };
    struct buf digest = BUF_MAX(32);
    struct world *world = desk->world;
    if (exit == 0 && world->script->check_failed)
        exit = 1;
    if (!world_finish(world, &why) && exit != 2) {
        buf_add_text(&outputs[ANSWER_OUT], why.text);
        exit = 3;
    }
    show_new(true);
    digest_add(world, "", &digest);
    trace_add(world->trace, clock_ns(world->clock),
              &(struct trace_record){ .kind = TRACE_END, .text = buf_slice(&digest),
                                      .bytes = (uint64_t)exit });
    buf_free(&digest);
    show_new(true);
    desk_drop();
    return exit;
}

/* --- files --------------------------------------------------------------------------------- */

EXPORT(page_file_put) bool page_file_put(const char *name, const char *at, size_t len)
{
    return file_put(name, (slice){ at, len });
}
EXPORT(page_file_at) const char *page_file_at(const char *name) { return file_octets(name).at; }
EXPORT(page_file_len) size_t page_file_len(const char *name) { return file_octets(name).len; }
EXPORT(page_file_remove) void page_file_remove(const char *name) { file_remove(name); }

/* The world as a file of that name. The answer is why not. */
EXPORT(page_save_world) bool page_save_world(const char *name)
{
    struct error why = { "" };
    struct heap *before = heap_enter(heap_of(desk->world)); /* SQLite reads with its memory */
    file_remove(name);
    bool ok = world_remember(desk->world, &why) && store_save(desk->world->store, name, &why);
    heap_enter(before);
    return ok || fails(slice_of(why.text));
}

EXPORT(page_save_script) void page_save_script(bool tidy)
{
    script_save(&outputs[OCTETS_OUT], desk->world,
                &(struct saved){ desk->world_name, desk->continues, tidy });
}

/* Of the open lesson: what `pennypost lesson NAME --answer` plays. Empty: there is none. */
EXPORT(page_save_lines) void page_save_lines(void)
{
    buf_add(&outputs[OCTETS_OUT], buf_slice(&desk->lines));
}

EXPORT(page_save_progress) void page_save_progress(void)
{
    if (course)
        progress_write(&course->progress, &outputs[OCTETS_OUT]);
}
