/* store_world.c: the world's own book-keeping: small values, the sentences that built it,
   what was typed; and the doors for tests. */
#include "servers/store/store_private.h"

bool store_value(struct store *store, const char *name, struct arena *arena, slice *value)
{
    struct sql sql = sql_open(store, "SELECT value FROM value WHERE name = ?");
    sql_put_text(&sql, slice_of(name));
    bool found = sql_row(&sql);
    if (found)
        *value = arena_copy(arena, sql_get_text(&sql));
    return sql_close(&sql) && found;
}

bool store_value_set(struct store *store, const char *name, slice value)
{
    if (!store_change_begin(store))
        return false;
    struct sql sql = sql_open(store, "INSERT INTO value (name, value) VALUES (?, ?)"
                              " ON CONFLICT (name) DO UPDATE SET value = excluded.value");
    sql_put_text(&sql, slice_of(name));
    sql_put_text(&sql, value);
    return sql_run(&sql);
}

static bool line_add(struct store *store, const char *literal, slice line)
{
    if (!store_change_begin(store))
        return false;
    struct sql sql = sql_open(store, literal);
    sql_put_text(&sql, line);
    return sql_run(&sql);
}

/* One query a row, so that the function may use the store. */
static bool lines_each(struct store *store, const char *literal, store_line_fn *each, void *context)
{
    struct buf line = BUF_MAX(SCRIPT_LINE_MAX + 1);
    int64_t number = 0;
    bool more = true;
    while (more) {
        struct sql sql = sql_open(store, literal);
        buf_clear(&line);
        sql_put(&sql, number);
        more = sql_row(&sql);
        if (more) {
            number = sql_get(&sql);
            buf_add(&line, sql_get_text(&sql));
        }
        more = sql_close(&sql) && more && each(context, number, buf_slice(&line));
    }
    buf_free(&line);
    return !store->failed;
}

bool store_sentence_add(struct store *store, slice line)
{
    return line_add(store, "INSERT INTO sentence (line) VALUES (?)", line);
}

bool store_sentences(struct store *store, store_line_fn *each, void *context)
{
    return lines_each(store, "SELECT number, line FROM sentence WHERE number > ?"
                      " ORDER BY number LIMIT 1", each, context);
}

bool store_history_add(struct store *store, slice line)
{
    return line_add(store, "INSERT INTO history (line) VALUES (?)", line);
}

bool store_history(struct store *store, store_line_fn *each, void *context)
{
    return lines_each(store, "SELECT number, line FROM history WHERE number > ?"
                      " ORDER BY number LIMIT 1", each, context);
}

/* Numbers begin at 1 and nothing is ever removed. */
uint64_t store_history_count(struct store *store)
{
    struct sql sql = sql_open(store, "SELECT coalesce(max(number), 0) FROM history");
    uint64_t count = sql_row(&sql) ? (uint64_t)sql_get(&sql) : 0;
    sql_close(&sql);
    return count;
}

void store_reverse_unordered(struct store *store)
{
    must(sql_exec(store->db, "PRAGMA reverse_unordered_selects = ON", NULL));
}

void store_fail_at(struct store *store, uint64_t n)
{
    store->statements_begun = 0;
    store->fails_at = n;
}

uint64_t store_statements(const struct store *store) { return store->statements_begun; }

bool store_tamper(struct store *store, const char *sql, struct error *why)
{
    store_boxes_forget(store);
    return sql_exec(store->db, sql, why);
}
