/* states_client.c: what a client does, step by step, out of its rows: drawn, and in sentences. */
#include "views/states.h"

#include <string.h>

#include "servers/client.h"
#include "servers/imap/imap_client.h"
#include "servers/pop3/pop3_client.h"
#include "servers/smtp/smtp_client.h"
#include "sim/devices/device_mail.h"
#include "views/views.h"
#include "views/wrap.h"

const struct client_table *const client_tables[] = { &smtp_client_table, &pop3_client_table,
                                                     &imap_sync_table, &imap_watch_table,
                                                     &imap_client_table, NULL };

#define SAME_MIN 40   /* octets of choices that are worth a list of their own */
#define ANSWERS_MAX 16
#define LISTS_MAX 8
#define NAME_COLUMN 15
#define MORE_COLUMN 18

/* --- the rows ----------------------------------------------------------------------------- */

/* Of every step: it is said once. */
static bool row_is_everywhere(const struct client_table *table, const struct client_row *row)
{
    return row->from == ((IN(table->step_count) - 1) & ~IN(table->over));
}

static bool cell_has_row(const struct client_table *table, const struct client_row *row, int step,
                         int answer)
{
    return (row->from & IN(step)) && row->answer == answer && !row_is_everywhere(table, row);
}

/* How the rows are said: in the drawing, and in sentences. */
struct manner {
    const char *leads, *or_to;
    const char *list, *place; /* with its mark, and where it is entered */
};
static const struct manner drawn = { " -> ", "/", "%c", "%c%zu" };
static const struct manner told = { " leads to ", " or ", "what list %c says",
                                    "what list %c says from its point %zu on" };

/* "QUIT if nobody can get the message, AUTH if it is to log in, else MAIL". Rows side by side
   with one condition are one choice. */
static void choices_add(struct buf *out, const struct client_table *table, int step, int answer,
                        const struct manner *manner)
{
    const struct client_row *last = NULL;
    for (size_t i = 0; i < table->row_count; i++) {
        const struct client_row *row = &table->rows[i];
        if (!cell_has_row(table, row, step, answer))
            continue;
        if (last && row->when && row->when == last->when)
            buf_add_text(out, manner->or_to);
        else if (last && last->when)
            buf_format(out, " if %s, %s", last->when->words, row->when ? "" : "else ");
        buf_add_text(out, table->steps[row->next].name);
        last = row;
    }
}

/* --- lists of choices, said once ---------------------------------------------------------- */

/* The table as text: what stands in each cell, and the long choices with which several end. */
struct sheet {
    const struct client_table *table;
    const struct manner *manner;
    struct buf cells[CLIENT_STEPS_MAX][ANSWERS_MAX];
    slice lists[LISTS_MAX];
    size_t list_count;
};

/* What stands behind the first choice: false: nothing. */
static bool choices_next(slice *choices)
{
    size_t comma = 0;
    if (!slice_find_text(*choices, SLICE(", "), &comma))
        return false;
    *choices = slice_from(*choices, comma + 2);
    take_prefix(choices, "else ");
    return true;
}

/* The place in the list where these choices begin, from 1 on, if it ends with them; 0: it does
   not. */
static size_t place_in(slice list, slice choices)
{
    size_t place = 1;
    while (!slice_equal(list, choices)) {
        if (list.len < choices.len || !choices_next(&list))
            return 0;
        place++;
    }
    return place;
}

/* The list that ends with these choices; -1: none. */
static int list_ending(const struct sheet *sheet, slice choices, size_t *place)
{
    for (size_t i = 0; choices.len > SAME_MIN && i < sheet->list_count; i++)
        if ((*place = place_in(sheet->lists[i], choices)) > 0)
            return (int)i;
    return -1;
}

static size_t cells_ending(const struct sheet *sheet, slice list)
{
    size_t count = 0, place = 0;
    struct sheet one = { .lists = { list }, .list_count = 1 };
    for (size_t step = 0; step < sheet->table->step_count; step++)
        for (size_t answer = 0; answer < sheet->table->answer_count; answer++) {
            slice rest = buf_slice(&sheet->cells[step][answer]);
            while (rest.len && list_ending(&one, rest, &place) < 0 && choices_next(&rest))
                ;
            count += rest.len > SAME_MIN && place > 0;
        }
    return count;
}

/* The longest first: each is a list, if another cell ends as it does. */
static void lists_find(struct sheet *sheet)
{
    size_t shortest = SIZE_MAX, place = 0;
    while (sheet->list_count < LISTS_MAX) {
        slice longest = { NULL, 0 };
        for (size_t step = 0; step < sheet->table->step_count; step++)
            for (size_t answer = 0; answer < sheet->table->answer_count; answer++) {
                slice cell = buf_slice(&sheet->cells[step][answer]);
                if (cell.len > longest.len && cell.len < shortest &&
                    list_ending(sheet, cell, &place) < 0)
                    longest = cell;
            }
        if (longest.len <= SAME_MIN)
            return;
        shortest = longest.len;
        if (cells_ending(sheet, longest) > 1)
            sheet->lists[sheet->list_count++] = longest;
    }
}

static void sheet_open(struct sheet *sheet, const struct client_table *table,
                       const struct manner *manner)
{
    *sheet = (struct sheet){ .table = table, .manner = manner };
    must(table->step_count <= CLIENT_STEPS_MAX && table->answer_count <= ANSWERS_MAX);
    for (size_t step = 0; step < table->step_count; step++)
        for (size_t answer = 0; answer < table->answer_count; answer++) {
            sheet->cells[step][answer] = BUF_MAX(COMMAND_OUTPUT_MAX);
            choices_add(&sheet->cells[step][answer], table, (int)step, (int)answer, manner);
        }
    lists_find(sheet);
}

static void sheet_close(struct sheet *sheet)
{
    for (size_t step = 0; step < sheet->table->step_count; step++)
        for (size_t answer = 0; answer < sheet->table->answer_count; answer++)
            buf_free(&sheet->cells[step][answer]);
}

/* The choices up to where a list has them: "TOP if its program reads headers twice, else a2". */
static void cell_add(struct buf *out, const struct sheet *sheet, slice choices)
{
    slice rest = choices;
    size_t place = 0;
    int list;
    while ((list = list_ending(sheet, rest, &place)) < 0 && choices_next(&rest))
        ;
    if (list < 0) {
        buf_add(out, choices);
        return;
    }
    slice own = slice_upto(choices, choices.len - rest.len);
    buf_add(out, own);
    if (own.len && own.at[own.len - 2] == ',') /* else it ends with "else " */
        buf_add_text(out, "else ");
    buf_format(out, place > 1 ? sheet->manner->place : sheet->manner->list, 'a' + list, place);
}

/* The next point of list `number`: what it says, or that a longer list goes on from there. False:
   there is none. */
static bool list_point(const struct sheet *sheet, size_t number, slice *rest, struct buf *point)
{
    struct sheet longer = { .list_count = number };
    slice whole = *rest;
    size_t comma = 0, place = 0;
    buf_clear(point);
    if (whole.len == 0)
        return false;
    memcpy(longer.lists, sheet->lists, number * sizeof *longer.lists);
    int list = list_ending(&longer, whole, &place);
    bool more = list < 0 && choices_next(rest);
    if (list >= 0)
        buf_format(point, sheet->manner->place, 'a' + list, place);
    else
        buf_add(point, more && slice_find_text(whole, SLICE(", "), &comma)
                           ? slice_upto(whole, comma) : whole);
    if (!more)
        rest->len = 0;
    return true;
}

static void lists_draw(struct buf *out, const struct sheet *sheet)
{
    struct buf line = BUF_MAX(COMMAND_OUTPUT_MAX), point = BUF_MAX(COMMAND_OUTPUT_MAX);
    for (size_t i = 0; i < sheet->list_count; i++) {
        slice rest = sheet->lists[i];
        char mark = (char)('a' + i);
        buf_format(out, " %c: the first that holds of (%c2: from the second on)\n", mark, mark);
        for (size_t place = 1; list_point(sheet, i, &rest, &point); place++) {
            buf_clear(&line);
            buf_format(&line, "%c%-2zu %s", mark, place, buf_text(&point));
            buf_add_text(out, "   ");
            wrap_add(out, buf_slice(&line), 3, 7, STATES_COLUMNS);
        }
    }
    buf_free(&line);
    buf_free(&point);
}

static void lists_tell(struct buf *out, const struct sheet *sheet)
{
    struct buf line = BUF_MAX(COMMAND_OUTPUT_MAX), point = BUF_MAX(COMMAND_OUTPUT_MAX);
    for (size_t i = 0; i < sheet->list_count; i++) {
        slice rest = sheet->lists[i];
        buf_clear(&line);
        buf_format(&line, "List %c is the first of these points that holds.", (char)('a' + i));
        for (size_t place = 1; list_point(sheet, i, &rest, &point); place++)
            buf_format(&line, " %zu: %s.", place, buf_text(&point));
        wrap_add(out, buf_slice(&line), 0, 0, STATES_COLUMNS);
    }
    buf_free(&line);
    buf_free(&point);
}

/* The answers in the order in which they are shown: any other one last. */
static int answer_at(const struct client_table *table, size_t number)
{
    return (int)((number + 1) % table->answer_count);
}

/* The answers that the step has rows for. */
static void cells_add(struct buf *out, const struct sheet *sheet, int step)
{
    size_t start = out->len;
    for (size_t number = 0; number < sheet->table->answer_count; number++) {
        int answer = answer_at(sheet->table, number);
        slice choices = buf_slice(&sheet->cells[step][answer]);
        bool first = out->len == start;
        if (choices.len == 0)
            continue;
        buf_add_text(out, first ? "" : "; ");
        buf_add_text(out, answer != ANSWER_ANY ? sheet->table->answers[answer].name
                          : first              ? "any answer"
                                               : "any other answer");
        buf_add_text(out, sheet->manner->leads);
        cell_add(out, sheet, choices);
    }
}

static void everywhere_add(struct buf *out, const struct client_table *table, const char *format)
{
    for (size_t i = 0; i < table->row_count; i++)
        if (row_is_everywhere(table, &table->rows[i]))
            buf_format(out, format, table->answers[table->rows[i].answer].name,
                       table->steps[table->rows[i].next].name);
}

static void step_draw(struct buf *out, const struct sheet *sheet, int step, bool here)
{
    struct buf cells = BUF_MAX(COMMAND_OUTPUT_MAX);
    size_t start = out->len;
    buf_format(out, here ? " [[%s]]" : " (%s)", sheet->table->steps[step].name);
    do
        buf_add_char(out, ' ');
    while (out->len - start < NAME_COLUMN);
    cells_add(&cells, sheet, step);
    if (!cells.len)
        buf_add_text(&cells, sheet->table->steps[step].meaning);
    wrap_add(out, buf_slice(&cells), out->len - start, MORE_COLUMN, STATES_COLUMNS);
    buf_free(&cells);
}

void client_draw(struct buf *out, const struct client_table *table, int here)
{
    struct sheet sheet;
    sheet_open(&sheet, table, &drawn);
    for (int step = 0; step < (int)table->step_count; step++)
        step_draw(out, &sheet, step, step == here);
    everywhere_add(out, table, " anywhere: %s -> %s\n");
    lists_draw(out, &sheet);
    if (here >= 0)
        buf_format(out, " at [[%s]] it %s\n", table->steps[here].name, table->steps[here].meaning);
    sheet_close(&sheet);
}

void client_tell(struct buf *out, const struct client_table *table, int here)
{
    struct buf line = BUF_MAX(COMMAND_OUTPUT_MAX), cells = BUF_MAX(COMMAND_OUTPUT_MAX);
    struct sheet sheet;
    sheet_open(&sheet, table, &told);
    if (here >= 0)
        buf_format(out, "It is at %s: it %s.\n", table->steps[here].name,
                   table->steps[here].meaning);
    for (int step = 0; step < (int)table->step_count; step++) {
        buf_clear(&line);
        buf_clear(&cells);
        cells_add(&cells, &sheet, step);
        buf_format(&line, "At %s it %s%s%s.", table->steps[step].name, table->steps[step].meaning,
                   cells.len ? ": " : "", buf_text(&cells));
        wrap_add(out, buf_slice(&line), 0, 0, STATES_COLUMNS);
    }
    everywhere_add(out, table, "At every step %s leads to %s.\n");
    lists_tell(out, &sheet);
    sheet_close(&sheet);
    buf_free(&line);
    buf_free(&cells);
}

/* ":states  smtp client  …" */
static const struct client_table *table_headed(slice header)
{
    slice name = (take_word(&header), take_word(&header)), role = take_word(&header);
    const struct client_table *const *at = client_tables;
    while (*at && !(slice_is(name, (*at)->name) && slice_is(role, (*at)->role)))
        at++;
    return *at;
}

static void section_tell(struct buf *out, const struct client_table *table, slice header,
                         slice drawing)
{
    size_t mark = 0;
    int here = -1;
    take_word(&header);
    buf_format(out, "%.*s\n", SLICE_ARG(slice_trim(header)));
    if (slice_find_text(drawing, SLICE("[["), &mark)) {
        slice step = slice_from(drawing, mark + 2);
        here = client_step_named(table, take_until(&step, ']'));
    }
    client_tell(out, table, here);
    if (slice_find_text(drawing, SLICE("\n it went"), &mark))
        buf_add(out, slice_from(drawing, mark + 2));
}

/* One drawing may stand under another. */
bool client_sentences(struct buf *out, slice header, slice answer)
{
    const struct client_table *table = table_headed(header);
    bool any = table != NULL;
    while (table) {
        size_t end = answer.len;
        bool more = slice_find_text(answer, SLICE("\n:states"), &end);
        section_tell(out, table, header, slice_upto(answer, more ? end + 1 : answer.len));
        answer = slice_from(answer, more ? end + 1 : answer.len);
        header = take_until(&answer, '\n');
        table = more ? table_headed(header) : NULL;
    }
    return any;
}
