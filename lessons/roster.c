/* roster.c: a lecturer's tables: who is in the class, and what a lesson is worth. */
#include <stdlib.h>

#include "base/sort.h"
#include "base/words.h"
#include "lessons/report.h"

struct table {
    slice rest;
    char separator;
};

static char separator_of(slice text)
{
    slice first = take_until(&text, '\n');
    size_t at;
    return slice_find(first, ';', &at) ? ';' : slice_find(first, '\t', &at) ? '\t' : ',';
}

/* One cell; *last: the line ends behind it. A quote within quotes is doubled. */
static slice cell_take(struct table *table, struct arena *arena, bool *last)
{
    struct buf cell = BUF_MAX(4096);
    bool quoted = take_char(&table->rest, '"');
    *last = true;
    while (table->rest.len) {
        char c = table->rest.at[0];
        table->rest = slice_from(table->rest, 1);
        if (quoted && c == '"') {
            quoted = take_char(&table->rest, '"');
            if (!quoted)
                continue;
        } else if (!quoted && (c == '\n' || c == table->separator)) {
            *last = c == '\n';
            break;
        }
        if (c != '\r' && c != '\n')
            buf_add_char(&cell, c);
    }
    slice copy = arena_copy(arena, slice_trim(buf_slice(&cell)));
    buf_free(&cell);
    return copy;
}

/* "5", "2.5", "2,50": hundredths. */
static bool points_value(slice text, uint64_t *hundredths)
{
    uint64_t whole = 0, part = 0;
    if (!take_number(&text, 1000000, &whole))
        return false;
    slice rest = text;
    if (take_char(&rest, '.') || take_char(&rest, ',')) {
        size_t digits = rest.len;
        if (digits < 1 || digits > 2 || !take_number(&rest, 99, &part))
            return false;
        part *= digits == 1 ? 10 : 1;
        text = rest;
    }
    *hundredths = whole * 100 + part;
    return !text.len;
}

static int by_key(const void *a, const void *b)
{
    return slice_compare(((const struct entry *)a)->key, ((const struct entry *)b)->key);
}

static int in_order(const void *context, const void *a, const void *b)
{
    (void)context;
    return by_key(a, b);
}

const struct entry *entries_find(const struct entries *entries, slice key)
{
    struct entry wanted = { .key = key };
    return entries && entries->count
               ? bsearch(&wanted, entries->at, entries->count, sizeof wanted, by_key)
               : NULL;
}

static bool line_read(struct entries *entries, struct table *table, bool points, bool first,
                      struct error *why)
{
    bool last = false;
    struct entry entry = { .key = cell_take(table, &entries->arena, &last), .value = SLICE_EMPTY };
    if (!last)
        entry.value = cell_take(table, &entries->arena, &last);
    while (!last)
        cell_take(table, &entries->arena, &last);
    bool heading = first && slice_is_nocase(entry.key, points ? "lesson" : "id");
    if (heading || (!entry.key.len && !entry.value.len))
        return true;
    if (!points && !student_is_good(entry.key))
        return error_set(why, "an id has 1 to %d letters, digits, '-', '_', '.', and stands in the "
                         "first column", STUDENT_MAX);
    if (points && !lesson_name_is_good(entry.key))
        return error_set(why, "a lesson's name belongs in the first column");
    if (points && !points_value(entry.value, &entry.hundredths))
        return error_set(why, "points belong in the second column, as in 2 or 2.5");
    entries->at[entries->count++] = entry;
    return true;
}

static size_t lines_in(slice text)
{
    size_t count = 1;
    for (size_t i = 0; i < text.len; i++)
        count += text.at[i] == '\n';
    return count;
}

static bool table_read(struct entries *entries, slice text, bool points, uint64_t *line,
                       struct error *why)
{
    *entries = (struct entries){ .count = 0 };
    *line = 0;
    take_prefix(&text, BYTE_ORDER_MARK);
    struct table table = { text, separator_of(text) };
    entries->at = arena_take_array(&entries->arena, lines_in(text) + 1, sizeof *entries->at);
    while (table.rest.len) {
        ++*line;
        if (!line_read(entries, &table, points, *line == 1, why))
            return false;
    }
    struct entry *spare = arena_take_array(&entries->arena, entries->count + 1, sizeof *spare);
    sort_stable(entries->at, entries->count, sizeof *spare, spare, in_order, NULL);
    for (size_t i = 1; i < entries->count; i++)
        if (slice_equal(entries->at[i - 1].key, entries->at[i].key)) {
            *line = 0;
            return error_set(why, "%.*s stands there twice", SLICE_ARG(entries->at[i].key));
        }
    return true;
}

bool roster_read(struct entries *entries, slice text, uint64_t *line, struct error *why)
{
    return table_read(entries, text, false, line, why);
}

bool points_read(struct entries *entries, slice text, uint64_t *line, struct error *why)
{
    return table_read(entries, text, true, line, why);
}

void entries_free(struct entries *entries) { arena_free(&entries->arena); }
