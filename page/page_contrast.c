/* page_contrast.c: one story in several worlds, which are made for it and end with it: the table
   that the command answers, and all of it as data for a page that draws it. */
#include "lessons/contrast.h"

#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "page/page.h"
#include "sim/devices/programs.h"
#include "sim/language/build.h"
#include "sim/world.h"
#include "views/json.h"
#include "views/board.h"
#include "views/json_write.h"

#define STORY_NAMED "your story"
#define DRAWN_COLUMNS 100
#define DRAWN_MAX (4u << 20)

/* --- worlds -------------------------------------------------------------------------------- */

static struct world *house_open(void)
{
    struct error why;
    struct world *world = world_new(NULL, NULL, page_tables, slice_of(default_world),
                                    SLICE("default"), &why);
    struct front *front = calloc(1, sizeof *front);
    must(world != NULL && front != NULL);
    front->look = desk->front.look;
    world->front = front;
    return world;
}

static void house_close(struct world *world)
{
    struct front *front = world->front;
    conns_free(&front->conns);
    buf_free(&front->watched_text);
    world_free(world);
    free(front);
}

static bool fault_tell(const struct story_fault *fault, struct error *why)
{
    if (fault->number)
        return error_set(why, "line %llu: %s", (unsigned long long)fault->number,
                         fault->why.text);
    return error_set(why, "%s", fault->why.text);
}

static bool story_learn(struct story *story, struct error *why)
{
    struct story_fault fault = { 0 };
    struct world *world = house_open();
    bool ok = story_rehearse(story, world, &fault);
    house_close(world);
    return ok || fault_tell(&fault, why);
}

/* The settings are chosen. False: why. Either way contrast_close ends it. */
static bool contrast_open(struct contrast *contrast, struct story *story, slice variants,
                          struct error *why)
{
    struct story_fault fault = { 0 };
    *contrast = (struct contrast){ .story = story };
    if (!story_learn(story, why) || !story_settings(story, variants, why))
        return false;
    for (size_t i = 0; i < story->variant_count; i++) {
        struct world *world = house_open();
        if (contrast_add(contrast, slice_of(story->variants[i]), world, &fault))
            continue;
        house_close(world);
        return fault_tell(&fault, why);
    }
    return true;
}

/* --- the command --------------------------------------------------------------------------- */

bool contrast_run(struct call *call)
{
    slice rest = call->args, word = take_word(&rest);
    struct error why;
    if (slice_trim(rest).len)
        return call_refuse(call, slice_trim(rest), "contrast takes one story");
    const struct story_text *listed = word.len ? story_find(word) : &stories[0];
    if (!listed)
        return call_refuse(call, word, "no story is called that: %s, ... (`help contrast`); a file "
                           "of yours: pennypost contrast FILE", stories[0].name);
    struct story *story = story_new(slice_of(listed->name),
                                    (slice){ (const char *)listed->at, listed->len });
    struct contrast contrast;
    call_begins(call);
    if (contrast_open(&contrast, story, SLICE_EMPTY, &why))
        contrast_table_draw(call->out, &contrast, COMMAND_COLUMNS);
    else
        call_fact(call, "The story could not be played.");
    contrast_end(&contrast, house_close);
    story_free(story);
    return true;
}

/* What a story can be told with: plain settings and programs, as --variants names them. */
bool view_settings(struct buf *out, slice args)
{
    size_t count = 0;
    const struct program *rows = programs(&count);
    (void)args;
    json_begin(out, NULL, '[');
    for (size_t i = 0; i < count; i++) {
        struct buf title = BUF_MAX(256), name = BUF_MAX(256);
        for (const char *at = rows[i].name; *at; at++)
            buf_add_char(&name, *at == ' ' ? '-' : *at);
        program_title(&title, &rows[i]);
        json_begin(out, NULL, '{');
        json_put_text(out, "name", buf_slice(&name));
        json_put_text(out, "title", buf_slice(&title));
        json_put_truth(out, "program", program_is_named(&rows[i]));
        json_put_name(out, "does", rows[i].does);
        json_end(out, '}');
        buf_free(&title);
        buf_free(&name);
    }
    json_end(out, ']');
    return true;
}

/* --- as data ------------------------------------------------------------------------------- */

static void frame_row_add(struct buf *out, const struct contrast *contrast,
                          const struct frame_row *row)
{
    json_begin(out, NULL, '{');
    message_name_json(out, "name", row->number);
    json_put_number(out, "number", (int64_t)row->number);
    json_put_name(out, "title", row->title);
    json_put_number(out, "size", (int64_t)row->size);
    json_begin(out, "cells", '[');
    for (size_t i = 0; i < contrast->holders; i++) {
        json_begin(out, NULL, '{');
        board_cell_json(out, &row->cells[i]);
        json_put_truth(out, "changed", row->changed[i]);
        json_end(out, '}');
    }
    json_end(out, ']');
    json_end(out, '}');
}

static void cost_add(struct buf *out, const struct meter_count *cost)
{
    uint64_t octets = cost->octets[SIDE_CLIENT] + cost->octets[SIDE_SERVER];
    json_begin(out, "cost", '{');
    json_put_number(out, "octets", (int64_t)octets);
    json_put_number(out, "round_trips", (int64_t)cost->round_trips);
    json_put_number(out, "connections", (int64_t)cost->connections);
    json_put_number(out, "open_ms", (int64_t)(cost->open_ns / NS_PER_MS));
    json_end(out, '}');
}

static void frame_add(struct buf *out, const struct contrast *contrast, struct frame *frame)
{
    json_begin(out, NULL, '{');
    json_put_text(out, "said", buf_slice(&frame->said));
    json_put_text(out, "so", buf_slice(&frame->so));
    json_put_number(out, "kept", (int64_t)frame->trace_end);
    cost_add(out, &frame->cost);
    json_begin(out, "held", '[');
    for (size_t i = 0; i < contrast->holders; i++) {
        json_begin(out, NULL, '{');
        json_put_number(out, "messages", (int64_t)frame->held[i].messages);
        json_put_number(out, "readable", (int64_t)frame->held[i].readable);
        json_put_number(out, "bytes", (int64_t)frame->held[i].bytes);
        json_end(out, '}');
    }
    json_end(out, ']');
    json_begin(out, "rows", '[');
    for (size_t i = 0; i < frame->row_count; i++)
        frame_row_add(out, contrast, &frame->rows[i]);
    json_end(out, ']');
    json_end(out, '}');
}

static void variant_add(struct buf *out, struct variant *variant)
{
    struct buf title = BUF_MAX(256);
    variant_title(&title, slice_of(variant->name));
    json_begin(out, NULL, '{');
    json_put_name(out, "name", variant->name);
    json_put_text(out, "title", buf_slice(&title));
    json_put_truth(out, "failed", variant->check_failed);
    json_begin(out, "frames", '[');
    for (size_t i = 0; i < variant->frame_count; i++)
        frame_add(out, variant->contrast, &variant->frames[i]);
    json_end(out, ']');
    json_begin(out, "events", '[');
    json_end(out, ']');
    json_end(out, '}');
    buf_free(&title);
}

static void steps_add(struct buf *out, const struct contrast *contrast)
{
    struct contrast_look look = { .columns = DRAWN_COLUMNS };
    struct buf drawn = BUF_MAX(DRAWN_MAX);
    json_begin(out, "steps", '[');
    for (size_t i = 0; i < contrast->story->step_count; i++) {
        json_begin(out, NULL, '{');
        json_put_name(out, "title", contrast->story->steps[i].title);
        json_put_name(out, "ask", contrast->story->steps[i].ask);
        json_end(out, '}');
    }
    json_end(out, ']');
    json_begin(out, "drawn", '[');
    for (size_t i = 0; i <= contrast->story->step_count; i++) {
        buf_clear(&drawn);
        contrast_draw(&drawn, contrast, i, &look);
        json_put_text(out, NULL, buf_slice(&drawn));
    }
    json_end(out, ']');
    buf_clear(&drawn);
    contrast_table_draw(&drawn, contrast, DRAWN_COLUMNS);
    json_put_text(out, "table", buf_slice(&drawn));
    buf_free(&drawn);
}

static void contrast_add_json(struct buf *out, const struct contrast *contrast)
{
    const struct story *story = contrast->story;
    json_begin(out, NULL, '{');
    json_put_name(out, "name", story->name);
    json_put_name(out, "title", story->title);
    json_put_name(out, "intro", story->intro);
    json_put_name(out, "person", story->person);
    json_begin(out, "holders", '[');
    for (size_t i = 0; i < contrast->holders; i++)
        json_put_name(out, NULL, contrast_holder(contrast, i));
    json_end(out, ']');
    steps_add(out, contrast);
    json_begin(out, "variants", '[');
    for (size_t i = 0; i < contrast->variant_count; i++)
        variant_add(out, contrast->variants[i]);
    json_end(out, ']');
    json_end(out, '}');
}

/* As `contrast --json` ends and prints them. */
static void traces_add(struct buf *out, const struct contrast *contrast)
{
    for (size_t i = 0; i < contrast->variant_count; i++) {
        struct variant *variant = contrast->variants[i];
        struct world *world = variant->world;
        struct buf digest = BUF_MAX(32);
        digest_add(world, "", &digest);
        trace_add(world->trace, clock_ns(world->clock),
                  &(struct trace_record){ .kind = TRACE_END, .text = buf_slice(&digest),
                                          .bytes = variant->check_failed });
        buf_free(&digest);
        contrast_trace_json(out, variant);
    }
    contrast_json(out, contrast);
}

/* story: the name of a listed one, or the text of another. The answer, or why not. */
EXPORT(page_contrast) bool page_contrast(const char *text, size_t len, const char *variants)
{
    struct error why = { "" };
    slice given = { text, len };
    const struct story_text *listed = story_find(given);
    struct story *story = listed ? story_new(slice_of(listed->name),
                                             (slice){ (const char *)listed->at, listed->len })
                                 : story_new(SLICE(STORY_NAMED), given);
    struct contrast contrast;
    bool ok = contrast_open(&contrast, story, slice_of(variants), &why);
    if (ok) {
        contrast_add_json(&outputs[ANSWER_OUT], &contrast);
        traces_add(&outputs[EVENTS_OUT], &contrast);
    } else {
        buf_add_text(&outputs[ANSWER_OUT], why.text);
    }
    contrast_end(&contrast, house_close);
    story_free(story);
    return ok;
}
