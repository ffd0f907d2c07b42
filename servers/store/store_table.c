/* store_table.c: the tables as they lie, for whoever wants to see what a command has changed. Reads
   only: a name that is no table of this file reads nothing. */
#include "servers/store/store_private.h"

#include <string.h>

bool store_tables(struct store *store, store_table_fn *each, void *context)
{
    struct sql sql = sql_open_once(store, "SELECT name FROM sqlite_schema WHERE type = 'table'"
                              " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name");
    char name[TABLE_NAME_MAX + 1];
    bool goes_on = true;
    while (goes_on && sql_row(&sql)) {
        sql_get_chars(&sql, name, sizeof name);
        goes_on = each(context, name);
    }
    return sql_close(&sql);
}

struct finding {
    slice name;
    bool found;
};

static bool name_compare(void *context, const char *name)
{
    struct finding *finding = context;
    finding->found = finding->found || slice_is(finding->name, name);
    return !finding->found;
}

static struct table_value value_of(sqlite3_stmt *row, int column)
{
    struct table_value value = { .column = sqlite3_column_name(row, column) };
    switch (sqlite3_column_type(row, column)) {
    case SQLITE_INTEGER:
        value.kind = TABLE_NUMBER;
        value.number = sqlite3_column_int64(row, column);
        break;
    case SQLITE_NULL: value.kind = TABLE_NULL; break;
    case SQLITE_BLOB:
        value.kind = TABLE_OCTETS;
        value.octets.at = sqlite3_column_blob(row, column);
        break;
    default:
        value.kind = TABLE_TEXT;
        value.octets.at = (const char *)sqlite3_column_text(row, column);
        break;
    }
    if (value.octets.at)
        value.octets.len = (size_t)sqlite3_column_bytes(row, column);
    return value;
}

/* The rows in the order of the table's key. */
bool store_table_rows(struct store *store, slice name, uint64_t from, uint64_t count,
                      store_row_fn *each, void *context)
{
    struct finding finding = { name, false };
    struct buf text = BUF_MAX(2 * TABLE_NAME_MAX + 64);
    if (!store_tables(store, name_compare, &finding) || !finding.found)
        return false;
    buf_format(&text, "SELECT * FROM \"%.*s\" LIMIT ? OFFSET ?", SLICE_ARG(name));
    struct sql sql = sql_open_once(store, buf_text(&text));
    sql_put(&sql, (int64_t)count);
    sql_put(&sql, (int64_t)from);
    bool goes_on = true;
    while (goes_on && sql_row(&sql)) {
        struct table_value values[TABLE_VALUES_MAX];
        size_t columns = (size_t)sqlite3_column_count(sql.prepared);
        columns = columns < TABLE_VALUES_MAX ? columns : TABLE_VALUES_MAX;
        for (size_t i = 0; i < columns; i++)
            values[i] = value_of(sql.prepared, (int)i);
        goes_on = each(context, values, columns);
    }
    buf_free(&text);
    return sql_close(&sql);
}

bool store_table_columns(struct store *store, slice name, store_column_fn *each, void *context)
{
    struct sql sql = sql_open_once(store, "SELECT name, type FROM pragma_table_info(?) ORDER BY cid");
    char column[TABLE_NAME_MAX + 1], type[TABLE_NAME_MAX + 1];
    sql_put_text(&sql, name);
    while (sql_row(&sql)) {
        sql_get_chars(&sql, column, sizeof column);
        sql_get_chars(&sql, type, sizeof type);
        each(context, column, type);
    }
    return sql_close(&sql);
}

uint64_t store_table_count(struct store *store, slice name)
{
    struct finding finding = { name, false };
    struct buf text = BUF_MAX(TABLE_NAME_MAX + 64);
    uint64_t count = 0;
    if (!store_tables(store, name_compare, &finding) || !finding.found)
        return 0;
    buf_format(&text, "SELECT count(*) FROM \"%.*s\"", SLICE_ARG(name));
    struct sql sql = sql_open_once(store, buf_text(&text));
    if (sql_row(&sql))
        count = (uint64_t)sql_get(&sql);
    sql_close(&sql);
    buf_free(&text);
    return count;
}
