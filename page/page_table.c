/* page_table.c: SQLite's tables as they lie, as JSON: what did UPDATE remove? */
#include "base/words.h"
#include "page/page.h"
#include "servers/store/store.h"
#include "views/json_write.h"

#define TABLE_ROWS_MAX 1000
#define OCTETS_SHOWN 256
#define EXACT_MAX 9007199254740992 /* JavaScript's numbers are exact up to there */

static void column_add(void *context, const char *name, const char *type)
{
    struct buf *out = context;
    json_begin(out, NULL, '{');
    json_put_name(out, "name", name);
    json_put_name(out, "type", type);
    json_end(out, '}');
}

static bool table_add(void *context, const char *name)
{
    struct buf *out = context;
    json_begin(out, NULL, '{');
    json_put_name(out, "name", name);
    json_put_number(out, "rows", (int64_t)store_table_count(desk->world->store, slice_of(name)));
    json_begin(out, "columns", '[');
    store_table_columns(desk->world->store, slice_of(name), column_add, out);
    json_end(out, ']');
    json_end(out, '}');
    return true;
}

bool view_tables(struct buf *out, slice args)
{
    (void)args;
    json_begin(out, NULL, '[');
    store_tables(desk->world->store, table_add, out);
    json_end(out, ']');
    return true;
}

static void octets_add(struct buf *out, slice octets)
{
    static const char digits[] = "0123456789abcdef";
    struct buf hex = BUF_MAX(2 * OCTETS_SHOWN);
    for (size_t i = 0; i < octets.len && i < OCTETS_SHOWN; i++) {
        buf_add_char(&hex, digits[(unsigned char)octets.at[i] >> 4]);
        buf_add_char(&hex, digits[(unsigned char)octets.at[i] & 15]);
    }
    json_begin(out, NULL, '{');
    json_put_text(out, "hex", buf_slice(&hex));
    json_put_number(out, "bytes", (int64_t)octets.len);
    json_end(out, '}');
    buf_free(&hex);
}

static void value_add(struct buf *out, const struct table_value *value)
{
    struct buf number = BUF_MAX(32);
    bool exact = value->number <= EXACT_MAX && value->number >= -EXACT_MAX;
    switch (value->kind) {
    case TABLE_NULL: json_put_null(out, NULL); break;
    case TABLE_TEXT: json_put_text(out, NULL, value->octets); break;
    case TABLE_OCTETS: octets_add(out, value->octets); break;
    default:
        buf_format(&number, "%lld", (long long)value->number);
        if (exact)
            json_put_number(out, NULL, value->number);
        else
            json_put_text(out, NULL, buf_slice(&number));
    }
    buf_free(&number);
}

static bool row_add(void *context, const struct table_value *values, size_t columns)
{
    struct buf *out = context;
    json_begin(out, NULL, '[');
    for (size_t i = 0; i < columns; i++)
        value_add(out, &values[i]);
    json_end(out, ']');
    return out->len < out->max / 2;
}

/* "placement 0 100" */
bool view_table(struct buf *out, slice args)
{
    struct store *store = desk->world->store;
    slice name = take_word(&args), from_word = take_word(&args), count_word = take_word(&args);
    uint64_t from = 0, count = 100;
    take_number(&from_word, UINT32_MAX, &from);
    take_number(&count_word, TABLE_ROWS_MAX, &count);
    json_begin(out, NULL, '{');
    json_put_text(out, "name", name);
    json_put_number(out, "total", (int64_t)store_table_count(store, name));
    json_begin(out, "columns", '[');
    store_table_columns(store, name, column_add, out);
    json_end(out, ']');
    json_begin(out, "rows", '[');
    bool found = store_table_rows(store, name, from, count, row_add, out);
    json_end(out, ']');
    json_end(out, '}');
    return found;
}
