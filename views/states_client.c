/* states_client.c: what a client does, step by step, out of its rows: drawn, and in sentences. */
#include "views/states.h"

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

#define SAME_MIN 40   /* octets of what is not said again */
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
    const char *leads, *or_to, *same, *from;
};
static const struct manner drawn = { " -> ", "/", "as ", " from " };
static const struct manner told = { " leads to ", " or ", "where it does at ", ", from " };

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

/* The answers in the order in which they are shown: any other one last. */
static int answer_at(const struct client_table *table, size_t number)
{
    return (int)((number + 1) % table->answer_count);
}

/* The cell before these `cells` that ends with these choices; -1: none does. */
static int cell_ending(const struct client_table *table, size_t cells, slice choices,
                       const struct manner *manner, bool *whole)
{
    int found = -1;
    for (size_t cell = 0; cell < cells && found < 0; cell++) {
        struct buf text = BUF_MAX(COMMAND_OUTPUT_MAX);
        choices_add(&text, table, (int)(cell / table->answer_count),
                    answer_at(table, cell % table->answer_count), manner);
        slice earlier = buf_slice(&text);
        size_t before = earlier.len >= choices.len ? earlier.len - choices.len : 0;
        *whole = before == 0;
        if (slice_equal(slice_from(earlier, before), choices) &&
            (*whole || slice_equal(slice_from(slice_upto(earlier, before), before - 2),
                                   SLICE(", "))))
            found = (int)cell;
        buf_free(&text);
    }
    return found;
}

/* Long choices at the end that an earlier cell ends with too are not said again. */
static void cell_add(struct buf *out, const struct client_table *table, size_t cell,
                     slice choices, const struct manner *manner)
{
    size_t number = cell % table->answer_count, skip = 0, comma = 0;
    bool whole = false;
    for (; choices.len - skip > SAME_MIN; skip += comma + 2) {
        slice rest = slice_from(choices, skip);
        int same = cell_ending(table, cell, rest, manner, &whole);
        if (same >= 0) {
            size_t which = (size_t)same % table->answer_count;
            buf_format(out, "%.*s%s%s%s", (int)skip, choices.at, skip ? "else " : "", manner->same,
                       table->steps[(size_t)same / table->answer_count].name);
            if (which != number && answer_at(table, which) != ANSWER_ANY)
                buf_format(out, " (%s)", table->answers[answer_at(table, which)].name);
            if (!whole && slice_find_text(rest, SLICE(" if "), &comma))
                buf_format(out, "%s%.*s on", manner->from, (int)comma, rest.at);
            return;
        }
        if (!slice_find_text(rest, SLICE(", "), &comma))
            break;
    }
    buf_add(out, choices);
}

/* The answers that the step has rows for. */
static void cells_add(struct buf *out, const struct client_table *table, int step,
                      const struct manner *manner)
{
    size_t start = out->len;
    for (size_t number = 0; number < table->answer_count; number++) {
        int answer = answer_at(table, number);
        bool first = out->len == start;
        struct buf choices = BUF_MAX(COMMAND_OUTPUT_MAX);
        choices_add(&choices, table, step, answer, manner);
        if (choices.len) {
            buf_add_text(out, first ? "" : "; ");
            buf_add_text(out, answer != ANSWER_ANY ? table->answers[answer].name
                              : first              ? "any answer"
                                                   : "any other answer");
            buf_add_text(out, manner->leads);
            cell_add(out, table, (size_t)step * table->answer_count + number,
                     buf_slice(&choices), manner);
        }
        buf_free(&choices);
    }
}

static void everywhere_add(struct buf *out, const struct client_table *table, const char *format)
{
    for (size_t i = 0; i < table->row_count; i++)
        if (row_is_everywhere(table, &table->rows[i]))
            buf_format(out, format, table->answers[table->rows[i].answer].name,
                       table->steps[table->rows[i].next].name);
}

static void step_draw(struct buf *out, const struct client_table *table, int step, bool here)
{
    struct buf cells = BUF_MAX(COMMAND_OUTPUT_MAX);
    size_t start = out->len;
    buf_format(out, here ? " [[%s]]" : " (%s)", table->steps[step].name);
    do
        buf_add_char(out, ' ');
    while (out->len - start < NAME_COLUMN);
    cells_add(&cells, table, step, &drawn);
    if (!cells.len)
        buf_add_text(&cells, table->steps[step].meaning);
    wrap_add(out, buf_slice(&cells), out->len - start, MORE_COLUMN, STATES_COLUMNS);
    buf_free(&cells);
}

void client_draw(struct buf *out, const struct client_table *table, int here)
{
    for (int step = 0; step < (int)table->step_count; step++)
        step_draw(out, table, step, step == here);
    everywhere_add(out, table, " anywhere: %s -> %s\n");
    if (here >= 0)
        buf_format(out, " at [[%s]] it %s\n", table->steps[here].name, table->steps[here].meaning);
}

void client_tell(struct buf *out, const struct client_table *table, int here)
{
    struct buf line = BUF_MAX(COMMAND_OUTPUT_MAX), cells = BUF_MAX(COMMAND_OUTPUT_MAX);
    if (here >= 0)
        buf_format(out, "It is at %s: it %s.\n", table->steps[here].name,
                   table->steps[here].meaning);
    for (int step = 0; step < (int)table->step_count; step++) {
        buf_clear(&line);
        buf_clear(&cells);
        cells_add(&cells, table, step, &told);
        buf_format(&line, "At %s it %s%s%s.", table->steps[step].name, table->steps[step].meaning,
                   cells.len ? ": " : "", buf_text(&cells));
        wrap_add(out, buf_slice(&line), 0, 0, STATES_COLUMNS);
    }
    everywhere_add(out, table, "At every step %s leads to %s.\n");
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
    if (slice_find_text(drawing, SLICE("\n it went:"), &mark))
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
