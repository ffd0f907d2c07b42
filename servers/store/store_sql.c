/* store_sql.c: statements, prepared once and kept by the address of their text; binding,
   stepping, reading. Knows nothing of what they mean. */
#include "servers/store/store_private.h"

#include <string.h>

#include "base/heap.h"

static size_t slot_first(const char *text)
{
    uint64_t mixed = (uint64_t)(uintptr_t)text * 0x9e3779b97f4a7c15u;
    return (size_t)(mixed >> 40) % STORE_STATEMENTS_MAX;
}

static sqlite3_stmt *statement_prepare(struct store *store, const char *text, unsigned flags)
{
    sqlite3_stmt *prepared = NULL;
    struct heap *before = heap_enter(heap_of(store));
    if (!store->db) /* store_recover could not open it again */
        store_fail(store, store->refusal.text);
    else if (sqlite3_prepare_v3(store->db, text, -1, flags, &prepared, NULL) != SQLITE_OK)
        store_fail(store, sqlite3_errmsg(store->db));
    heap_enter(before);
    return prepared;
}

static sqlite3_stmt *statement_find(struct store *store, const char *text)
{
    size_t slot = slot_first(text);
    size_t seen = 0;
    while (store->statements[slot].text && store->statements[slot].text != text) {
        slot = (slot + 1) % STORE_STATEMENTS_MAX;
        must(++seen < STORE_STATEMENTS_MAX);
    }
    struct statement *found = &store->statements[slot];
    if (!found->prepared) {
        found->text = text;
        found->prepared = statement_prepare(store, text, SQLITE_PREPARE_PERSISTENT);
    }
    return found->prepared;
}

/* A test's wish (store_fail_at). */
static bool statement_fails(struct store *store)
{
    if (++store->statements_begun != store->fails_at)
        return false;
    store_fail(store, "a statement was made to fail");
    return true;
}

struct sql sql_open(struct store *store, const char *literal)
{
    sqlite3_stmt *prepared = statement_fails(store) ? NULL : statement_find(store, literal);
    must(!prepared || !sqlite3_stmt_busy(prepared)); /* a callback ran inside its own query */
    return (struct sql){ .store = store, .prepared = prepared, .failed = !prepared };
}

struct sql sql_open_once(struct store *store, const char *text)
{
    sqlite3_stmt *prepared = statement_fails(store) ? NULL : statement_prepare(store, text, 0);
    return (struct sql){ .store = store, .prepared = prepared, .once = true, .failed = !prepared };
}

void sql_put(struct sql *sql, int64_t number)
{
    if (sql->prepared)
        must(sqlite3_bind_int64(sql->prepared, ++sql->parameter, number) == SQLITE_OK);
}

void sql_put_null(struct sql *sql)
{
    if (sql->prepared)
        must(sqlite3_bind_null(sql->prepared, ++sql->parameter) == SQLITE_OK);
}

/* A null pointer would be bound as NULL, which is not the empty text. */
static const char *never_null(slice text) { return text.len ? text.at : ""; }

static void check_bound(struct sql *sql, int code)
{
    if (code == SQLITE_OK)
        return;
    store_fail(sql->store, sqlite3_errstr(code)); /* longer than SQLite takes */
    sql->failed = true;
}

void sql_put_text(struct sql *sql, slice text)
{
    if (sql->prepared)
        check_bound(sql, sqlite3_bind_text64(sql->prepared, ++sql->parameter, never_null(text),
                                             text.len, SQLITE_STATIC, SQLITE_UTF8));
}

void sql_put_blob(struct sql *sql, slice blob)
{
    if (sql->prepared)
        check_bound(sql, sqlite3_bind_blob64(sql->prepared, ++sql->parameter, never_null(blob),
                                             blob.len, SQLITE_STATIC));
}

bool sql_row(struct sql *sql)
{
    if (sql->failed)
        return false;
    struct heap *before = heap_enter(heap_of(sql->store));
    int code = sqlite3_step(sql->prepared);
    sql->column = 0;
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
        sql->failed = true;
        store_fail(sql->store, sqlite3_errmsg(sql->store->db));
    }
    heap_enter(before);
    return code == SQLITE_ROW;
}

int64_t sql_get(struct sql *sql)
{
    return sqlite3_column_int64(sql->prepared, sql->column++);
}

bool sql_get_null(struct sql *sql)
{
    return sqlite3_column_type(sql->prepared, sql->column++) == SQLITE_NULL;
}

slice sql_get_text(struct sql *sql)
{
    struct heap *before = heap_enter(heap_of(sql->store));
    const char *at = sqlite3_column_blob(sql->prepared, sql->column);
    int len = sqlite3_column_bytes(sql->prepared, sql->column++);
    heap_enter(before);
    return at ? (slice){ at, (size_t)len } : SLICE_EMPTY;
}

void sql_get_chars(struct sql *sql, char *out, size_t cap)
{
    slice text = slice_upto(sql_get_text(sql), cap - 1);
    memcpy(out, text.at, text.len);
    out[text.len] = '\0';
}

bool sql_damaged(struct sql *sql)
{
    sql->failed = true;
    store_fail(sql->store, "the world is damaged: `pennypost fsck` says where");
    return false;
}

bool sql_close(struct sql *sql)
{
    struct heap *before = heap_enter(heap_of(sql->store));
    if (sql->once)
        sqlite3_finalize(sql->prepared);
    else
        sqlite3_reset(sql->prepared);
    heap_enter(before);
    sql->prepared = NULL;
    return !sql->failed;
}

bool sql_run(struct sql *sql)
{
    while (sql_row(sql))
        ;
    return sql_close(sql);
}

bool sql_simple(struct store *store, const char *literal)
{
    struct sql sql = sql_open(store, literal);
    return sql_run(&sql);
}

void sql_forget(struct store *store)
{
    for (size_t i = 0; i < STORE_STATEMENTS_MAX; i++)
        sqlite3_finalize(store->statements[i].prepared);
    memset(store->statements, 0, sizeof store->statements);
}

bool sql_exec(sqlite3 *db, const char *text, struct error *why)
{
    struct heap *before = heap_enter(heap_of(db));
    bool done = sqlite3_exec(db, text, NULL, NULL, NULL) == SQLITE_OK;
    heap_enter(before);
    return done || error_set(why, "SQLite: %s", sqlite3_errmsg(db));
}

bool sql_number(sqlite3 *db, const char *text, int64_t *number, struct error *why)
{
    sqlite3_stmt *prepared = NULL;
    struct heap *before = heap_enter(heap_of(db));
    bool read = sqlite3_prepare_v2(db, text, -1, &prepared, NULL) == SQLITE_OK
        && sqlite3_step(prepared) == SQLITE_ROW;
    if (read)
        *number = sqlite3_column_int64(prepared, 0);
    else
        error_set(why, "SQLite: %s", sqlite3_errmsg(db));
    sqlite3_finalize(prepared);
    heap_enter(before);
    return read;
}

bool sql_copy(sqlite3 *to, sqlite3 *from, struct error *why)
{
    sqlite3_backup *copy = sqlite3_backup_init(to, "main", from, "main");
    int step = copy ? sqlite3_backup_step(copy, -1) : SQLITE_ERROR;
    int end = copy ? sqlite3_backup_finish(copy) : SQLITE_ERROR; /* not told there: busy, locked */
    return (step == SQLITE_DONE && end == SQLITE_OK) ||
           error_set(why, "%s",
                     copy && end == SQLITE_OK ? sqlite3_errstr(step) : sqlite3_errmsg(to));
}
