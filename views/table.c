/* table.c: see table.h. */
#include "views/table.h"

#include "base/words.h"
#include "views/reflow.h"
#include "views/utf8.h"

#define COLUMNS_MAX 12

/* Where the columns begin; how many there are. */
static size_t columns_find(slice head, size_t starts[COLUMNS_MAX])
{
    size_t count = 0;
    starts[count++] = 0;
    for (size_t i = 2; i < head.len && count < COLUMNS_MAX; i++)
        if (head.at[i] != ' ' && head.at[i - 1] == ' ' && head.at[i - 2] == ' ')
            starts[count++] = i;
    return count;
}

static slice cell_of(slice row, const size_t starts[COLUMNS_MAX], size_t count, size_t column)
{
    slice cell = slice_from(row, utf8_fit(row, starts[column]).len);
    if (column + 1 < count)
        cell = utf8_fit(cell, starts[column + 1] - starts[column]);
    return slice_trim(cell);
}

static void column_tell(struct buf *out, slice rows, slice head, const size_t starts[COLUMNS_MAX],
                        size_t count, size_t column)
{
    slice name = cell_of(head, starts, count, column);
    const char *between = ": ";
    buf_add(out, name);
    while (rows.len) {
        slice row = take_until(&rows, '\n');
        slice label = cell_of(row, starts, count, 0), cell = cell_of(row, starts, count, column);
        buf_format(out, "%s%.*s %.*s", between, SLICE_ARG(label), SLICE_ARG(cell));
        between = "; ";
    }
    buf_add_text(out, ".\n");
}

bool table_sentences(struct buf *out, slice drawn)
{
    size_t starts[COLUMNS_MAX], end;
    slice rest = drawn, head = take_until(&rest, '\n');
    size_t count = columns_find(head, starts);
    if (count < 2 || head.len < 2 || head.at[1] == ' ')
        return false;
    if (!slice_find_text(rest, SLICE("\n\n"), &end))
        end = rest.len;
    slice rows = slice_upto(rest, end);
    buf_add(out, cell_of(head, starts, count, 0));
    buf_add_char(out, '\n');
    for (size_t column = 1; column < count; column++)
        column_tell(out, rows, head, starts, count, column);
    struct buf under = BUF_MAX(drawn.len + 1);
    reflow_join(&under, slice_from(rest, end));
    reflow_plain(out, buf_slice(&under));
    buf_free(&under);
    return true;
}
