/* contrast.c: plays a story in one world after another. What a frame holds is taken in
   contrast_frame.c, contrast_outcome.c and contrast_count.c; drawn in contrast_draw.c. */
#include "lessons/contrast.h"

#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "servers/store/store.h"
#include "sim/devices/device.h"
#include "sim/devices/device_mail.h"
#include "sim/language/build.h"
#include "sim/language/script.h"

/* Only the setting differs: the same machines, people, messages and seed. */
static void devices_set(const struct contrast *contrast, slice variant, struct world *world)
{
    const struct story *story = contrast->story;
    struct buf words = BUF_MAX(VARIANT_WORDS_BYTES);
    must(variant_words(variant, &words));
    for (size_t i = 0; i < story->device_count; i++) {
        struct device *device = device_find(world, slice_of(story->devices[i]));
        if (device)
            mail_setup(device_mail(device), buf_slice(&words), true);
    }
    buf_free(&words);
}

static struct variant *variant_begin(struct contrast *contrast, slice name, struct world *world)
{
    const struct story *story = contrast->story;
    struct variant *variant = calloc(1, sizeof *variant);
    must(variant != NULL);
    FIELD_SET(variant->name, name);
    variant->contrast = contrast;
    variant->world = world;
    store_user_by_address(world->store, slice_of(story->person), &variant->user);
    for (size_t i = 0; i < story->device_count; i++)
        variant->devices[i + 1] = device_find(world, slice_of(story->devices[i]));
    return variant;
}

static bool lines_run(const struct story *story, size_t first, size_t end, struct world *world,
                      bool *leaves, struct story_fault *fault)
{
    for (size_t line = first; line < end && !*leaves; line++)
        if (!story_line_run(story, line, world, leaves, fault))
            return false;
    return true;
}

static bool fault_of_world(struct story_fault *fault)
{
    fault->broken = true;
    return false;
}

bool contrast_add(struct contrast *contrast, slice name, struct world *world,
                  struct story_fault *fault)
{
    const struct story *story = contrast->story;
    bool leaves = false;
    must(contrast->variant_count < STORY_VARIANTS_MAX);
    *fault = (struct story_fault){ 0 };
    devices_set(contrast, name, world);
    struct variant *variant = variant_begin(contrast, name, world);
    contrast->variants[contrast->variant_count++] = variant;
    contrast->holders = story->device_count + 1;
    if (!lines_run(story, 0, story->steps[0].first, world, &leaves, fault))
        return false;
    frame_take(variant, NULL);
    for (size_t i = 0; i < story->step_count; i++) {
        const struct story_step *step = &story->steps[i];
        if (!lines_run(story, step->first, step->end, world, &leaves, fault))
            return false;
        /* What is typed stays connected at the end of a script's line, not of a script. */
        if (i + 1 == story->step_count && !world_finish(world, &fault->why))
            return fault_of_world(fault);
        frame_take(variant, step);
    }
    variant->check_failed = world->script->check_failed;
    contrast_count(variant);
    return true;
}

bool contrast_replay(const struct contrast *contrast, slice name, struct world *world,
                     size_t steps, struct story_fault *fault)
{
    const struct story *story = contrast->story;
    bool leaves = false;
    size_t end = steps < story->step_count ? story->steps[steps].first : story->line_count;
    *fault = (struct story_fault){ 0 };
    devices_set(contrast, name, world);
    return lines_run(story, 0, end, world, &leaves, fault);
}

void contrast_free(struct contrast *contrast)
{
    for (size_t i = 0; i < contrast->variant_count; i++) {
        struct variant *variant = contrast->variants[i];
        for (size_t k = 0; k < variant->frame_count; k++)
            frame_free(&variant->frames[k]);
        meter_free(&variant->meter);
        free(variant);
    }
    *contrast = (struct contrast){ 0 };
}

/* A variant looks at its world until it is gone. */
void contrast_end(struct contrast *contrast, void (*world_close)(struct world *))
{
    struct world *worlds[STORY_VARIANTS_MAX];
    size_t count = contrast->variant_count;
    for (size_t i = 0; i < count; i++)
        worlds[i] = contrast->variants[i]->world;
    contrast_free(contrast);
    for (size_t i = 0; i < count; i++)
        world_close(worlds[i]);
}

const char *contrast_holder(const struct contrast *contrast, size_t holder)
{
    return holder == 0 ? "server" : contrast->story->devices[holder - 1];
}

void contrast_cell_write(struct buf *out, const struct frame_row *row, size_t holder, bool flags)
{
    struct board_message message = { .number = row->number };
    const struct board_cell *cell = &row->cells[holder];
    slice word;
    struct buf state = BUF_MAX(64);
    if (cell->where == BOARD_NOWHERE || cell->where == BOARD_NEVER)
        return;
    message.cells[holder] = *cell;
    board_cell_write(&state, &message, holder);
    word = buf_slice(&state);
    if (flags) {
        buf_add(out, word);
    } else {
        buf_add(out, take_word(&word));
        buf_add_text(out, slice_starts(slice_trim(word), "new") ? "." : "");
    }
    buf_free(&state);
}
