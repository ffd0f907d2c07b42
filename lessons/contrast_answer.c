/* contrast_answer.c: what a room was asked, in figures: how many messages each device shows after
   a step; and at the end one sentence a setting that sums up. */
#include <string.h>

#include "base/words.h"
#include "lessons/contrast_outcome.h"
#include "views/utf8.h"

void contrast_name_write(struct buf *out, const struct contrast *contrast,
                         const struct variant *variant, size_t room)
{
    bool fit = true;
    for (size_t i = 0; i < contrast->variant_count; i++) {
        struct buf title = BUF_MAX(128);
        variant_title(&title, slice_of(contrast->variants[i]->name));
        fit = fit && utf8_width(buf_slice(&title)) <= room;
        buf_free(&title);
    }
    if (fit)
        variant_title(out, slice_of(variant->name));
    else
        buf_add(out, utf8_fit(slice_of(variant->name), room));
}

uint64_t contrast_shows(const struct frame *frame, size_t holder)
{
    uint64_t count = 0;
    for (size_t i = 0; i < frame->row_count; i++) {
        const struct board_cell *cell = &frame->rows[i].cells[holder];
        if (cell->where == BOARD_HERE || cell->where == BOARD_FULL || cell->where == BOARD_HEAD)
            count += cell->copies;
    }
    return count;
}

void contrast_shows_write(struct buf *out, const struct contrast *contrast,
                          const struct frame *frame)
{
    for (size_t holder = 0; holder < contrast->holders; holder++)
        buf_format(out, "%s%s %llu", holder ? ", " : "", contrast_holder(contrast, holder),
                   (unsigned long long)contrast_shows(frame, holder));
}

size_t contrast_asked_holder(const struct contrast *contrast, size_t step)
{
    slice ask = step ? slice_of(contrast->story->steps[step - 1].ask) : SLICE_EMPTY;
    size_t first = ask.len, found = 0;
    for (size_t holder = 0; holder < contrast->holders; holder++) {
        size_t at = 0;
        if (slice_find_text(ask, slice_of(contrast_holder(contrast, holder)), &at) && at < first) {
            first = at;
            found = holder;
        }
    }
    return first < ask.len ? found : contrast->holders;
}

static void variant_sum_write(struct buf *out, const struct variant *variant)
{
    static const enum outcome_topic halves[] = { TOPIC_SUM, TOPIC_SUM_END };
    struct outcome_case about = { .variant = variant,
                                  .frame = &variant->frames[variant->frame_count - 1] };
    outcome_look_at_end(&about);
    for (size_t i = 0; i < COUNT(halves); i++)
        outcome_fill(out, &about, outcome_choose(halves[i], about.facts)->says);
}

void contrast_sum_write(struct buf *out, const struct contrast *contrast)
{
    for (size_t i = 0; i < contrast->variant_count; i++) {
        variant_sum_write(out, contrast->variants[i]);
        buf_add_char(out, '\n');
    }
}

/* --- for those who listen --------------------------------------------------------------------- */

static void row_tell(struct buf *out, const struct contrast *contrast, const struct frame_row *row)
{
    message_name_write(out, row->number);
    buf_format(out, ", %s:", row->title);
    for (size_t holder = 0; holder < contrast->holders; holder++) {
        struct buf cell = BUF_MAX(64);
        contrast_cell_write(&cell, row, holder, true);
        slice state = cell.len ? buf_slice(&cell) : SLICE("nothing");
        bool flagged = state.at[state.len - 1] == '^';
        buf_format(out, "%s %s: %.*s%s%s", holder ? ";" : "", contrast_holder(contrast, holder),
                   SLICE_ARG(slice_upto(state, state.len - flagged)), flagged ? ", flagged" : "",
                   row->changed[holder] ? ", changed" : "");
        buf_free(&cell);
    }
    buf_add_text(out, ".\n");
}

static void frame_tell(struct buf *out, const struct contrast *contrast, size_t variant,
                       size_t step)
{
    const struct frame *frame = &contrast->variants[variant]->frames[step];
    struct buf shows = BUF_MAX(512);
    variant_title(out, slice_of(contrast->variants[variant]->name));
    buf_add_text(out, ".\n");
    for (size_t i = 0; i < frame->row_count; i++)
        row_tell(out, contrast, &frame->rows[i]);
    if (frame->said.len)
        buf_format(out, "Said: %.*s.\n", SLICE_ARG(buf_slice(&frame->said)));
    contrast_shows_write(&shows, contrast, frame);
    buf_format(out, "Messages shown: %s.\n", buf_text(&shows));
    if (frame->so.len)
        buf_format(out, "So: %.*s\n", SLICE_ARG(buf_slice(&frame->so)));
    buf_free(&shows);
}

void contrast_tell(struct buf *out, const struct contrast *contrast, size_t step)
{
    const struct story *story = contrast->story;
    if (step)
        buf_format(out, "Step %zu of %zu: %s.\n", step, story->step_count,
                   story->steps[step - 1].title);
    else
        buf_format(out, "%s.\n%s\n", story->title[0] ? story->title : story->name, story->intro);
    for (size_t i = 0; i < contrast->variant_count; i++)
        frame_tell(out, contrast, i, step);
    if (step && story->steps[step - 1].ask[0])
        buf_format(out, "Question: %s\n", story->steps[step - 1].ask);
}
