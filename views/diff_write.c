/* diff_write.c: what is different, in words that stand for themselves, then as a board for each
   person whose messages lie elsewhere; and the same as data. */
#include "base/words.h"
#include "servers/mail/date.h"
#include "sim/language/command.h"
#include "views/clean.h"
#include "views/diff.h"
#include "views/json_write.h"
#include "views/utf8.h"
#include "views/wrap.h"

#define DIFF_SHOWN_MAX 200       /* differences that are told one by one */
#define LINE_SHOWN_MAX 48        /* of somebody's line */
#define NAME_COLUMNS 12

/* --- words ---------------------------------------------------------------------------------- */

static size_t name_columns(const struct diff *diff)
{
    size_t columns = NAME_COLUMNS;
    for (size_t i = 0; i < 2; i++)
        if (diff->sides[i].name.len + 2 > columns)
            columns = diff->sides[i].name.len + 2;
    return columns;
}

static void pair_write(struct buf *out, size_t indent, slice left, size_t column, slice right)
{
    struct buf line = BUF_MAX(8192);
    size_t start = out->len;
    for (size_t i = 0; i < indent; i++)
        buf_add_char(out, ' ');
    clean_add(out, left, true);
    size_t width = utf8_width(slice_from(buf_slice(out), start));
    for (; width < indent + column; width++)
        buf_add_char(out, ' ');
    clean_add(&line, right, true);
    wrap_add(out, buf_slice(&line), indent + column, indent + column, COMMAND_COLUMNS);
    buf_free(&line);
}

static void side_write(struct buf *out, const struct diff *diff, size_t number)
{
    const struct diff_side *side = &diff->sides[number];
    struct buf text = BUF_MAX(1024);
    slice line = diff->apart.lines[number];
    buf_format(&text, "step %llu, ", (unsigned long long)diff->apart.steps[number]);
    date_write_5322(&text, side->ms, 0);
    if (diff->apart.steps[number] > diff->apart.shared)
        buf_format(&text, "; its own way begins with \"%.*s%s\"",
                   SLICE_ARG(slice_upto(line, LINE_SHOWN_MAX)),
                   line.len > LINE_SHOWN_MAX ? " ..." : "");
    pair_write(out, 0, side->name, name_columns(diff), buf_slice(&text));
    buf_free(&text);
}

static void head_write(struct buf *out, const struct diff *diff)
{
    side_write(out, diff, 0);
    side_write(out, diff, 1);
    unsigned long long shared = diff->apart.shared;
    if (shared)
        buf_format(out, "They share %llu step%s from the beginning.\n", shared,
                   shared == 1 ? "" : "s");
    else
        buf_add_text(out, "They share the beginning only.\n");
    bool time = diff->count && diff->differences[0].fact.where == DIFF_TIME;
    if (diff->count <= time)
        buf_format(out, "%s differs: not the servers, not the devices, not the sessions.\n",
                   time ? "Nothing but the time" : "Nothing");
}

static const char *value_missing(const struct diff_fact *fact)
{
    return fact->where == DIFF_SESSION && !fact->identity.len ? "not connected" : "not there";
}

static void fact_write(struct buf *out, const struct diff *diff, size_t number)
{
    const struct diff_fact *fact = &diff->differences[number].fact;
    slice values[] = { fact->value, diff->differences[number].other };
    struct buf what = BUF_MAX(1024);
    buf_add(&what, fact->what);
    if (fact->identity.len) {
        buf_add_text(&what, ": ");
        message_name_write(&what, fact->number);
        buf_format(&what, " %.*s", SLICE_ARG(fact->title));
    }
    pair_write(out, 2, buf_slice(&what), 0, SLICE_EMPTY);
    for (size_t i = 0; i < 2; i++)
        pair_write(out, 4, diff->sides[i].name, name_columns(diff),
                   values[i].len ? values[i] : slice_of(value_missing(fact)));
    buf_free(&what);
}

static void facts_write(struct buf *out, const struct diff *diff)
{
    static const char *const titles[DIFF_PLACES] = {
        [DIFF_TIME] = NULL, [DIFF_SERVER] = "On the servers", [DIFF_DEVICE] = "On the devices",
        [DIFF_SESSION] = "In the sessions",
    };
    size_t shown = 0;
    for (size_t where = DIFF_SERVER; where < DIFF_PLACES; where++) {
        bool any = false;
        for (size_t i = 0; i < diff->count; i++) {
            if (diff->differences[i].fact.where != where || shown == DIFF_SHOWN_MAX)
                continue;
            if (!any)
                buf_format(out, "%s\n", titles[where]);
            any = true;
            fact_write(out, diff, i);
            shown++;
        }
    }
    size_t all = 0; /* but for the time, which stands above */
    for (size_t i = 0; i < diff->count; i++)
        all += diff->differences[i].fact.where != DIFF_TIME;
    if (all > shown)
        buf_format(out, "More differs: %zu things in all.\n", all);
}

/* --- boards --------------------------------------------------------------------------------- */

static const struct diff_board *board_of(const struct diff_side *side, slice address)
{
    const struct diff_board *board = side->boards;
    while (board && !slice_equal(board->address, address))
        board = board->next;
    return board;
}

static const struct diff_row *row_of(const struct diff_board *board, slice identity)
{
    for (size_t i = 0; board && i < board->row_count; i++)
        if (slice_equal(board->rows[i].identity, identity))
            return &board->rows[i];
    return NULL;
}

/* The same columns on both sides, or none: a device of that name. */
static size_t holder_of(const struct diff_board *board, slice name)
{
    for (size_t i = 0; i < board->holder_count; i++)
        if (slice_equal(board->holders[i], name))
            return i;
    return BOARD_HOLDERS_MAX;
}

static slice cell_of(const struct diff_board *board, const struct diff_row *row, slice holder)
{
    size_t at = row ? holder_of(board, holder) : BOARD_HOLDERS_MAX;
    return at < BOARD_HOLDERS_MAX ? row->cells[at] : SLICE("-");
}

struct pair {                    /* one person's board, or one row, on both sides */
    const struct diff_board *boards[2];
    const struct diff_row *rows[2];
};

static bool row_differs(const struct pair *pair, const struct diff_board *shape)
{
    for (size_t i = 0; i < shape->holder_count; i++)
        if (!slice_equal(cell_of(pair->boards[0], pair->rows[0], shape->holders[i]),
                         cell_of(pair->boards[1], pair->rows[1], shape->holders[i])))
            return true;
    return false;
}

typedef void row_fn(void *context, const struct pair *, const struct diff_board *shape);

/* Each row that is another on the two sides, those of the first side first. */
static size_t rows_each(struct pair pair, const struct diff_board *shape, row_fn *each,
                        void *context)
{
    size_t count = 0;
    for (size_t side = 0; side < 2; side++)
        for (size_t i = 0; pair.boards[side] && i < pair.boards[side]->row_count; i++) {
            slice identity = pair.boards[side]->rows[i].identity;
            pair.rows[0] = row_of(pair.boards[0], identity);
            pair.rows[1] = row_of(pair.boards[1], identity);
            if ((side && pair.rows[0]) || !row_differs(&pair, shape))
                continue;
            count++;
            if (each)
                each(context, &pair, shape);
        }
    return count;
}

struct drawing {
    struct buf *out;
    const struct diff *diff;
    size_t first, end;           /* holders in this block */
};

static void row_draw(void *context, const struct pair *pair, const struct diff_board *shape)
{
    struct drawing *drawing = context;
    const struct diff_row *row = pair->rows[0] ? pair->rows[0] : pair->rows[1];
    struct buf line = BUF_MAX(4096), size = BUF_MAX(32);
    buf_add_char(&line, ' ');
    message_name_write(&line, row->number);
    buf_add_char(&line, ' ');
    size_write(&size, row->size);
    buf_add(&line, utf8_fit(row->title, COMMAND_COLUMNS / 2));
    buf_format(&line, "  %s", buf_text(&size));
    utf8_line_end(&line, drawing->out);
    for (size_t side = 0; side < 2; side++) {
        buf_format(&line, "   %.*s",
                   SLICE_ARG(slice_upto(drawing->diff->sides[side].name, BOARD_LEFT_COLUMNS - 5)));
        for (size_t i = drawing->first; i < drawing->end; i++) {
            slice cell = cell_of(pair->boards[side], pair->rows[side], shape->holders[i]),
                  before = cell_of(pair->boards[0], pair->rows[0], shape->holders[i]);
            utf8_pad(&line, board_column(i - drawing->first));
            buf_format(&line, "%.*s%s", SLICE_ARG(cell),
                       side && !slice_equal(cell, before) ? " *" : "");
        }
        utf8_line_end(&line, drawing->out);
    }
    buf_free(&line);
    buf_free(&size);
}

static void board_draw(struct drawing *drawing, const struct pair *pair,
                       const struct diff_board *shape)
{
    struct buf line = BUF_MAX(4096);
    buf_format(drawing->out, "Board of %.*s, where it differs (*)\n", SLICE_ARG(shape->address));
    for (drawing->first = 0; drawing->first < shape->holder_count;
         drawing->first += BOARD_HOLDERS_A_ROW) {
        drawing->end = drawing->first + BOARD_HOLDERS_A_ROW < shape->holder_count
                           ? drawing->first + BOARD_HOLDERS_A_ROW : shape->holder_count;
        for (size_t i = drawing->first; i < drawing->end; i++) {
            utf8_pad(&line, board_column(i - drawing->first));
            buf_add(&line, slice_upto(shape->holders[i], BOARD_HOLDER_COLUMNS - 1));
        }
        utf8_line_end(&line, drawing->out);
        rows_each(*pair, shape, row_draw, drawing);
    }
    buf_free(&line);
}

typedef void board_fn(void *context, const struct pair *, const struct diff_board *shape);

static void boards_each(const struct diff *diff, board_fn *each, void *context)
{
    for (size_t side = 0; side < 2; side++)
        for (const struct diff_board *shape = diff->sides[side].boards; shape;
             shape = shape->next) {
            struct pair pair = { { board_of(&diff->sides[0], shape->address),
                                   board_of(&diff->sides[1], shape->address) }, { NULL } };
            if (side && pair.boards[0])
                continue;
            if (rows_each(pair, shape, NULL, NULL))
                each(context, &pair, shape);
        }
}

static void board_write(void *context, const struct pair *pair, const struct diff_board *shape)
{
    board_draw(context, pair, shape);
}

void diff_write(struct buf *out, const struct diff *diff)
{
    struct drawing drawing = { .out = out, .diff = diff };
    head_write(out, diff);
    facts_write(out, diff);
    boards_each(diff, board_write, &drawing);
    if (diff->names_differ)
        buf_add_text(out, "Messages are named in the order in which they came: the same name may "
                          "be another\nmessage's on the other side.\n");
}

/* --- data ----------------------------------------------------------------------------------- */

static void side_json(struct buf *out, const struct diff *diff, size_t number, const char *key)
{
    json_begin(out, key, '{');
    json_put_text(out, "name", diff->sides[number].name);
    json_put_number(out, "step", (int64_t)diff->apart.steps[number]);
    json_put_number(out, "ms", diff->sides[number].ms);
    json_end(out, '}');
}

static void value_json(struct buf *out, const char *key, slice value)
{
    if (value.len)
        json_put_text(out, key, value);
    else
        json_put_null(out, key);
}

static void fact_json(struct buf *out, const struct diff *diff, size_t number)
{
    static const char *const places[DIFF_PLACES] = {
        [DIFF_TIME] = "time", [DIFF_SERVER] = "server", [DIFF_DEVICE] = "device",
        [DIFF_SESSION] = "session",
    };
    const struct diff_fact *fact = &diff->differences[number].fact;
    json_begin(out, NULL, '{');
    json_put_name(out, "where", places[fact->where]);
    json_put_text(out, "what", fact->what);
    if (fact->identity.len) {
        message_name_json(out, "message", fact->number);
        json_put_text(out, "title", fact->title);
    }
    value_json(out, "a", fact->value);
    value_json(out, "b", diff->differences[number].other);
    json_end(out, '}');
}

static void row_json(void *context, const struct pair *pair, const struct diff_board *shape)
{
    struct buf *out = context;
    const struct diff_row *row = pair->rows[0] ? pair->rows[0] : pair->rows[1];
    json_begin(out, NULL, '{');
    message_name_json(out, "name", row->number);
    json_put_text(out, "title", row->title);
    json_put_number(out, "size", (int64_t)row->size);
    for (size_t side = 0; side < 2; side++) {
        json_begin(out, side ? "b" : "a", '[');
        for (size_t i = 0; i < shape->holder_count; i++)
            json_put_text(out, NULL, cell_of(pair->boards[side], pair->rows[side],
                                             shape->holders[i]));
        json_end(out, ']');
    }
    json_end(out, '}');
}

static void board_json_put(void *context, const struct pair *pair, const struct diff_board *shape)
{
    struct buf *out = context;
    json_begin(out, NULL, '{');
    json_put_text(out, "address", shape->address);
    json_begin(out, "holders", '[');
    for (size_t i = 0; i < shape->holder_count; i++)
        json_put_text(out, NULL, shape->holders[i]);
    json_end(out, ']');
    json_begin(out, "messages", '[');
    rows_each(*pair, shape, row_json, out);
    json_end(out, ']');
    json_end(out, '}');
}

void diff_json(struct buf *out, const struct diff *diff)
{
    json_begin(out, NULL, '{');
    side_json(out, diff, 0, "a");
    side_json(out, diff, 1, "b");
    json_put_number(out, "shared", (int64_t)diff->apart.shared);
    json_put_number(out, "count", (int64_t)diff->count);
    json_begin(out, "differences", '[');
    for (size_t i = 0; i < diff->count && i < DIFF_SHOWN_MAX; i++)
        fact_json(out, diff, i);
    json_end(out, ']');
    json_begin(out, "boards", '[');
    boards_each(diff, board_json_put, out);
    json_end(out, ']');
    json_end(out, '}');
}
