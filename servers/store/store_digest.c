/* store_digest.c: a hash over all that is stored. The tables are found in the schema, so
   that none is forgotten. Left out are the history, which tells how a world came to be and not
   what it is, and what is only an index of placements (fsck compares it with them). */
#include "servers/store/store_private.h"

#include <string.h>

#define DIGEST_FORMAT 2 /* what is hashed, and how: digests of other formats are others */

/* Each step can be undone, so one changed word always changes the end. */
static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
    return hash ^ hash >> 29;
}

static uint64_t mix_octets(uint64_t hash, slice octets)
{
    hash = mix(hash, octets.len);
    for (size_t i = 0; i < octets.len; i += 8) {
        uint64_t word = 0;
        for (size_t n = 0; n < 8 && i + n < octets.len; n++)
            word |= (uint64_t)(unsigned char)octets.at[i + n] << (8 * n);
        hash = mix(hash, word);
    }
    return hash;
}

/* The type counts: NULL, 0, '' and x'' are four values. */
static uint64_t mix_value(uint64_t hash, sqlite3_stmt *row, int column)
{
    int type = sqlite3_column_type(row, column);
    hash = mix(hash, (uint64_t)type);
    if (type == SQLITE_INTEGER)
        return mix(hash, (uint64_t)sqlite3_column_int64(row, column));
    if (type == SQLITE_NULL)
        return hash;
    const char *at = sqlite3_column_blob(row, column);
    int len = sqlite3_column_bytes(row, column);
    return mix_octets(hash, at ? (slice){ at, (size_t)len } : SLICE_EMPTY);
}

static uint64_t mix_row(uint64_t hash, sqlite3_stmt *row)
{
    int columns = sqlite3_column_count(row);
    hash = mix(hash, (uint64_t)columns);
    for (int i = 0; i < columns; i++)
        hash = mix_value(hash, row, i);
    return hash;
}

static void add_quoted(struct buf *out, slice name)
{
    buf_add_char(out, '"');
    for (size_t i = 0; i < name.len; i++) {
        if (name.at[i] == '"')
            buf_add_char(out, '"');
        buf_add_char(out, name.at[i]);
    }
    buf_add_char(out, '"');
}

/* By the primary key; a table without one by all its columns. */
static bool query_make(struct store *store, slice table, struct buf *query)
{
    struct sql sql = sql_open(store, "SELECT name FROM pragma_table_info(?1)"
        " WHERE pk > 0 OR NOT EXISTS (SELECT 1 FROM pragma_table_info(?1) WHERE pk > 0)"
        " ORDER BY pk, cid");
    const char *separator = " ORDER BY ";
    sql_put_text(&sql, table);
    buf_clear(query);
    buf_add_text(query, "SELECT * FROM ");
    add_quoted(query, table);
    while (sql_row(&sql)) {
        buf_add_text(query, separator);
        add_quoted(query, sql_get_text(&sql));
        separator = ", ";
    }
    return sql_close(&sql) && !query->full;
}

static bool table_digest(struct store *store, slice table, uint64_t *hash)
{
    struct buf query = BUF_MAX(65536);
    bool made = query_make(store, table, &query);
    if (made) {
        struct sql sql = sql_open_once(store, buf_text(&query));
        *hash = mix_octets(*hash, table);
        while (sql_row(&sql))
            *hash = mix_row(*hash, sql.prepared);
        made = sql_close(&sql);
    }
    buf_free(&query);
    return made;
}

bool store_digest(struct store *store, uint64_t *digest)
{
    uint64_t hash = DIGEST_FORMAT;
    if (!store_has_changed(store) && !store_chores_finish(store))
        return false;
    struct sql sql = sql_open(store, "SELECT name FROM sqlite_schema WHERE type = 'table'"
                              " AND name NOT IN ('history', 'event', 'change', 'unseen', 'deleted')"
                              " AND name NOT LIKE 'sqlite_stat%'"
                              " ORDER BY name");
    while (sql_row(&sql))
        if (!table_digest(store, sql_get_text(&sql), &hash))
            sql.failed = true;
    *digest = hash;
    return sql_close(&sql);
}
