/* contrast_frame.c: takes a frame: the board after a step, and what was there before it. */
#include "lessons/contrast.h"

#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "servers/store/store.h"
#include "sim/shared.h"

/* --- rows ---------------------------------------------------------------------------------- */

static struct frame_row *row_add(struct frame *frame, uint64_t number)
{
    struct frame_row *rows =
        realloc(frame->rows, (frame->row_count + 1) * sizeof *frame->rows);
    must(rows != NULL);
    size_t at = frame->row_count++;
    frame->rows = rows;
    while (at > 0 && rows[at - 1].number > number) {
        rows[at] = rows[at - 1];
        at--;
    }
    rows[at] = (struct frame_row){ .number = number };
    return &rows[at];
}

const struct frame_row *frame_row(const struct frame *frame, uint64_t number)
{
    for (size_t i = 0; frame && i < frame->row_count; i++)
        if (frame->rows[i].number == number)
            return &frame->rows[i];
    return NULL;
}

/* The board has a column for every device of the person; a frame for those of the story. */
static size_t board_holder(const struct board *board, const struct device *device)
{
    for (size_t i = 1; i < board->holders; i++)
        if (board->devices[i] == device)
            return i;
    return 0;
}

/* Of a message without a copy the frame before still knows what it was. */
static void row_take(struct variant *variant, struct frame *frame, const struct board *board,
                     const struct board_message *message, const struct frame_row *before)
{
    struct frame_row *row = row_add(frame, message->number);
    bool known = message->title[0] || !before;
    row->size = known ? message->size : before->size;
    memcpy(row->title, known ? message->title : before->title, sizeof row->title);
    for (size_t i = 0; i < variant->contrast->holders; i++)
        row->cells[i] = message->cells[i == 0 ? 0 : board_holder(board, variant->devices[i])];
}

/* A message that the board does not know any more was here, and is gone. */
static void row_carry(struct variant *variant, struct frame *frame, const struct frame_row *before)
{
    struct frame_row *row = row_add(frame, before->number);
    *row = *before;
    for (size_t i = 0; i < variant->contrast->holders; i++) {
        struct board_cell *cell = &row->cells[i];
        if (board_has(cell))
            *cell = (struct board_cell){ .where = BOARD_GONE };
    }
}

static bool cell_equal(const struct frame_row *a, const struct frame_row *b, size_t holder)
{
    struct buf left = BUF_MAX(64), right = BUF_MAX(64);
    contrast_cell_write(&left, a, holder, true);
    if (b)
        contrast_cell_write(&right, b, holder, true);
    bool equal = slice_equal(buf_slice(&left), buf_slice(&right)) &&
                 !(b && board_has(&a->cells[holder]) &&
                   ((a->cells[holder].flags ^ b->cells[holder].flags) & FLAG_SYSTEM));
    buf_free(&left);
    buf_free(&right);
    return equal;
}

/* What lies in other folders only, as her own messages in Sent, is no part of the story, unless
   it was in an INBOX before. */
static bool message_is_shown(const struct board *board, const struct board_message *message)
{
    for (size_t i = 0; i < board->holders; i++)
        if (board_has(&message->cells[i]) && message->cells[i].where != BOARD_ELSEWHERE)
            return true;
    return false;
}

static void rows_take(struct variant *variant, struct frame *frame, const struct frame *before)
{
    struct board board;
    board_gather(&board, variant->world, &variant->user, SLICE_EMPTY, true);
    for (size_t i = 0; i < board.count; i++) {
        const struct frame_row *old = frame_row(before, board.messages[i].number);
        if (old || message_is_shown(&board, &board.messages[i]))
            row_take(variant, frame, &board, &board.messages[i], old);
    }
    board_free(&board);
    for (size_t i = 0; before && i < before->row_count; i++)
        if (!frame_row(frame, before->rows[i].number))
            row_carry(variant, frame, &before->rows[i]);
    for (size_t i = 0; before && i < frame->row_count; i++) {
        struct frame_row *row = &frame->rows[i];
        const struct frame_row *old = frame_row(before, row->number);
        for (size_t holder = 0; holder < variant->contrast->holders; holder++)
            row->changed[holder] = !cell_equal(row, old, holder);
    }
}

/* --- totals -------------------------------------------------------------------------------- */

static bool mailbox_hold(void *context, const struct mailbox *mailbox)
{
    struct holding *held = context;
    held->messages += mailbox->messages;
    held->bytes += mailbox->bytes;
    return true;
}

struct device_holding {
    struct store *store;
    struct holding *held;
};

static bool folder_hold(void *context, const struct device_folder *folder)
{
    struct device_holding *holding = context;
    struct device_count count;
    if (!store_device_count(holding->store, folder->id, &count))
        return false;
    holding->held->messages += count.messages;
    holding->held->readable += count.whole;
    holding->held->bytes += count.octets;
    return true;
}

static void held_take(struct variant *variant, struct frame *frame)
{
    struct store *store = variant->world->store;
    store_mailboxes(store, variant->user.id, mailbox_hold, &frame->held[0]);
    for (size_t i = 1; i < variant->contrast->holders; i++) {
        struct device_holding holding = { store, &frame->held[i] };
        store_device_folders(store, slice_of(variant->contrast->story->devices[i - 1]),
                             folder_hold, &holding);
    }
}

void frame_take(struct variant *variant, const struct story_step *step)
{
    const struct frame *before =
        variant->frame_count ? &variant->frames[variant->frame_count - 1] : NULL;
    struct frame *frame = &variant->frames[variant->frame_count++];
    uint64_t from = before ? before->trace_end : 0;
    frame->said = frame->so = BUF_MAX(CONTRAST_TEXT_MAX);
    frame->trace_end = trace_end(variant->world->trace);
    rows_take(variant, frame, before);
    held_take(variant, frame);
    meter_read(&variant->meter, variant->world->trace);
    meter_sum(&variant->meter, 0, NULL, &frame->cost);
    if (!step)
        return;
    frame_said(variant, frame, from);
    frame_outcome(variant, frame, before);
}

void frame_free(struct frame *frame)
{
    free(frame->rows);
    buf_free(&frame->said);
    buf_free(&frame->so);
}
