/* timeline_play.c: reaching a moment: the nearest image is put back, the lines from there are
   played. And when it pays to keep another image. */
#include "sim/language/timeline_private.h"

#include <string.h>

#include "sim/hosts/inbound.h"

/* An image pays when playing what has run since the last one would take longer than comparing
   the world with it. Playing is counted in trace records; in the time of one, so many octets
   are compared (measured: docs/time-travel.md). */
#define BYTES_A_RECORD 6000u
#define RECORDS_LEAST 48u
#define SELDOM 16u               /* so many times less often, when turning back will be rare */
#define IMAGES_FREE (1u << 20)   /* octets of images that are no matter, however few the steps */
#define IMAGE_SHARE 128u         /* else a step keeps at most this part of the world */

/* --- images --------------------------------------------------------------------------------- */

void image_keep(struct timeline *line, struct moment *moment)
{
    line->cost = 0;
    if (!line->heap || moment->image)
        return;
    struct image *image = calloc(1, sizeof *image);
    must(image != NULL);
    trace_hold_all(line->world->trace);
    image->delta = heap_mark(line->heap);
    image->from = line->base;
    image->depth = line->base ? line->base->depth + 1 : 0;
    image->older = line->images;
    if (!image->from) { /* nothing is before it */
        delta_free(image->delta);
        image->delta = NULL;
    } else {
        line->image_bytes += delta_bytes(image->delta);
    }
    line->images = line->base = moment->image = image;
    line->image_count++;
}

static bool image_pays(const struct timeline *line)
{
    uint64_t world = heap_bytes(line->heap), least = world / BYTES_A_RECORD;
    if (least < RECORDS_LEAST)
        least = RECORDS_LEAST;
    if (line->seldom)
        least *= SELDOM;
    uint64_t allowed = IMAGES_FREE + line->moments * (world / IMAGE_SHARE);
    return line->cost >= least && (line->image_bytes <= allowed || line->cost >= 8 * least);
}

void image_perhaps(struct timeline *line, struct moment *moment)
{
    if (line->heap && image_pays(line))
        image_keep(line, moment);
}

/* From the base up to where both have come from, and down to the other one. */
static void images_go(struct timeline *line, struct image *to)
{
    struct image **down = NULL;
    size_t count = 0, cap = 0;
    struct image *from = line->base;
    heap_revert(line->heap);
    for (struct image *other = to; from != other;) {
        if (other->depth > from->depth) {
            GROW(down, count, cap);
            down[count++] = other;
            other = other->from;
        } else {
            heap_apply(line->heap, from->delta);
            from = from->from;
        }
    }
    while (count)
        heap_apply(line->heap, down[--count]->delta);
    free(down);
    line->base = to;
    trace_was_set_back(line->world->trace);
}

/* --- playing -------------------------------------------------------------------------------- */

static bool line_play(struct timeline *line, const struct moment *moment, struct error *why)
{
    struct world *world = line->world;
    size_t at;
    if (moment->opaque)
        return error_set(why, "What real programs did there can't be played again.");
    world->line_number = moment->line_number;
    enum line_result result = script_line(world, moment->line, &at, why);
    line->played++;
    bool same = (result == LINE_RUN || (result == LINE_BROKEN && !world->failed)) &&
                trace_end(world->trace) == moment->trace_end;
    return same || error_set(why, "The lines, played again, came to something else. That is a "
                             "defect of this program; `restart` goes to the beginning.");
}

/* The lines from where the image stands to the moment, in order. */
static bool lines_play(struct timeline *line, const struct moment *from, struct moment *to,
                       struct error *why)
{
    size_t count = (size_t)(to->depth - from->depth);
    struct moment **way = malloc((count + 1) * sizeof(struct moment *));
    must(way != NULL);
    for (size_t i = count; i > 0; to = to->parent)
        way[--i] = to;
    uint64_t before = from->trace_end;
    bool ok = true;
    for (size_t i = 0; i < count && ok; i++) {
        ok = line_play(line, way[i], why);
        line->cost += way[i]->trace_end - before + RECORDS_A_LINE;
        before = way[i]->trace_end;
        if (ok && i + 1 < count) /* the last one may be left at once */
            image_perhaps(line, way[i]);
    }
    free(way);
    return ok;
}

static bool image_reach(struct timeline *line, struct moment **at, struct error *why)
{
    line->cost = 0;
    if (!line->heap) {
        *at = line->first;
        return world_anew(line->world, &line->seed, line->script, line->name, why);
    }
    while (!(*at)->image)
        *at = (*at)->parent;
    images_go(line, (*at)->image);
    return true;
}

/* The front end stays what it is, and what it wants to know of, it has heard. */
bool moment_reach(struct timeline *line, struct moment *to, struct error *why)
{
    struct world *world = line->world, before = *world;
    struct script_state listens = *world->script;
    struct moment *from = to;
    line->playing = true;
    line->turns++;
    line->played = 0;
    bool ok = image_reach(line, &from, why);
    world->script->hand_over = NULL;
    world->script->told = NULL;
    world->front = before.front;
    world->sitting = before.sitting;
    ok = ok && lines_play(line, from, to, why);
    world->script->hand_over = listens.hand_over;
    world->script->told = listens.told;
    world->script->wait_for = listens.wait_for;
    world->script->turns = listens.turns;
    world->line_number = before.line_number;
    line->playing = false;
    return ok;
}

/* An image holds the history up to it: what was typed since is there all the same. */
static void history_restore(struct timeline *line)
{
    uint64_t rows = store_history_count(line->world->store);
    for (size_t i = (size_t)(rows - line->history_kept); i < line->history_count; i++)
        store_history_add(line->world->store, line->history[i]);
    store_command_end(line->world->store, true);
}

bool moment_turn(struct timeline *line, struct moment *to, struct error *why)
{
    struct world *world = line->world;
    bool served = script_is_steered(world);
    if (served)
        world->script->turns(world, true);
    bool ok = moment_reach(line, to, why);
    line->kept = moment_shared(line->now, to)->trace_end;
    if (ok)
        line->now = to;
    history_restore(line);
    if (served)
        world->script->turns(world, false);
    return ok;
}
