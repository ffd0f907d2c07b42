/* store_open.c: what kind of file a path names, and opening it as a world: making a new
   one, refusing what is none, migrating an old one after a copy. A file that is refused
   is left as it was, to the octet. Files are read through SQLite's VFS only. */
#include "servers/store/store_private.h"

#include <string.h>

#include "base/heap.h"

#define MAGIC "SQLite format 3" /* and a NUL: the first 16 octets */
#define HEAD_BYTES 100          /* SQLite's header, see its "Database File Format" 1.3 */
#define COPIES_MAX 9
#define CACHE_KB "4096"         /* of pages: what one command changes between two commits fits */

struct head {
    unsigned char octets[HEAD_BYTES];
    size_t len;                 /* less for a shorter file */
    uint64_t file_bytes;
};

static uint32_t head_number(const struct head *head, size_t at, size_t len)
{
    uint32_t number = 0;
    for (size_t i = 0; i < len; i++)
        number = number << 8 | head->octets[at + i];
    return number;
}

/* Once, before SQLite's first use: nothing of ours has threads. */
static void sqlite_prepare(void)
{
    static bool done;
    if (done)
        return;
    done = true;
    sqlite3_config(SQLITE_CONFIG_SINGLETHREAD); /* refused when SQLite runs already: no harm */
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    store_memory_prepare();
    /* What undoes a statement or a command stays in memory: a command works in pieces, and a file
       takes two writes for each page that a piece changes. */
    sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, -1);
}

static bool name_exists(const char *path, const char *suffix)
{
    sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
    char *name = sqlite3_mprintf("%s%s", path, suffix);
    int there = 0;
    must(name != NULL);
    bool known = vfs->xAccess(vfs, name, SQLITE_ACCESS_EXISTS, &there) == SQLITE_OK;
    sqlite3_free(name);
    return known && there;  /* empty files do not count */
}

static bool file_read_head(sqlite3_file *file, struct head *head)
{
    sqlite3_int64 bytes = 0;
    if (file->pMethods->xFileSize(file, &bytes) != SQLITE_OK || bytes < 0)
        return false;
    head->file_bytes = (uint64_t)bytes;
    head->len = head->file_bytes < HEAD_BYTES ? (size_t)bytes : HEAD_BYTES;
    return head->len == 0
        || file->pMethods->xRead(file, head->octets, (int)head->len, 0) == SQLITE_OK;
}

/* SQLite's own way to open a file: closing another handle of it would drop the locks
   that a connection of this process holds. */
static bool path_read_head(const char *path, struct head *head)
{
    sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
    size_t full_cap = (size_t)vfs->mxPathname + 1;
    char *full = heap_take(full_cap);
    sqlite3_file *file = heap_take((size_t)vfs->szOsFile);
    int out_flags = 0;
    bool held = false;
    must(full != NULL && file != NULL);
    int code = vfs->xFullPathname(vfs, path, (int)full_cap, full);
    if (code == SQLITE_OK || code == SQLITE_OK_SYMLINK) {
        const char *name = sqlite3_create_filename(full, "", "", 0, NULL);
        must(name != NULL);
        if (vfs->xOpen(vfs, name, file, SQLITE_OPEN_READONLY | SQLITE_OPEN_MAIN_DB, &out_flags)
                == SQLITE_OK)
            held = file_read_head(file, head);
        if (file->pMethods)
            file->pMethods->xClose(file);
        sqlite3_free_filename((char *)(uintptr_t)name);
    }
    heap_give(file);
    heap_give(full);
    return held;
}

/* A file whose end is missing. While a journal stands beside it, SQLite completes it. */
static bool head_is_cut(const struct head *head, const char *path)
{
    if (head->len < HEAD_BYTES)
        return true;
    uint64_t page_bytes = head_number(head, 16, 2);
    if (page_bytes == 1)
        page_bytes = 65536;
    if (page_bytes < 512 || (page_bytes & (page_bytes - 1)) != 0)
        return true;
    if (name_exists(path, "-wal") || name_exists(path, "-journal"))
        return false;
    bool counted = head_number(head, 24, 4) == head_number(head, 92, 4);
    return head->file_bytes % page_bytes != 0
        || (counted && head->file_bytes < head_number(head, 28, 4) * page_bytes);
}

enum store_file store_look(const char *path, struct error *why)
{
    struct head head = { .len = 0 };
    sqlite_prepare();
    must(sqlite3_initialize() == SQLITE_OK);
    if (!path[0]) {
        error_set(why, "a world is a file, and a file has a name");
        return STORE_UNREADABLE;
    }
    if (!name_exists(path, ""))
        return STORE_ABSENT;
    if (!path_read_head(path, &head)) {
        error_set(why, "%s cannot be read: is it a file, and may you read it?", path);
        return STORE_UNREADABLE;
    }
    if (head.len < sizeof MAGIC || memcmp(head.octets, MAGIC, sizeof MAGIC) != 0) {
        error_set(why, "%s is no world: it is no SQLite file", path);
        return STORE_TEXT;
    }
    if (head_is_cut(&head, path)) {
        error_set(why, "%s is damaged: its end is missing; restore it from a copy", path);
        return STORE_DAMAGED;
    }
    if (head_number(&head, 68, 4) != STORE_APPLICATION_ID) {
        error_set(why, "%s is a SQLite file of another program, no world; left as it is", path);
        return STORE_FOREIGN;
    }
    if (head_number(&head, 60, 4) > STORE_FORMAT) {
        error_set(why, "%s was written by a newer version of this program (format %u, this one "
                  "knows %d); left as it is", path, (unsigned)head_number(&head, 60, 4),
                  STORE_FORMAT);
        return STORE_NEWER;
    }
    return STORE_WORLD;
}

/* A world may come from a stranger: its schema must not run anything. */
static bool connection_harden(struct store *store, struct error *why)
{
    sqlite3 *db = store->db;
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_extended_result_codes(db, 1);
    sqlite3_busy_timeout(db, 0);
    store_journal_watch(store);
    if (!sql_exec(db, "PRAGMA secure_delete = FAST", why))
        return false;
    return store_vfs_functions(db, store)
        || error_set(why, "SQLite: %s", sqlite3_errmsg(db));
}

bool store_begin_wal(struct store *store, struct error *why)
{
    return sql_exec(store->db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                    " PRAGMA cache_size = -" CACHE_KB, why);
}

static bool file_create(struct store *store, const char *path, struct error *why)
{
    struct error reason = { "" };
    if (sql_exec(store->db, "PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = FULL", &reason)
        && store_schema_create(store->db, &reason) && store_begin_wal(store, &reason))
        return true;
    return error_set(why, "%s cannot be made: %s", path, reason.text);
}

/* Exclusive locking holds from the first transaction on. */
bool store_lock(struct store *store, const char *path, struct error *why)
{
    sqlite3 *db = store->db;
    if (sqlite3_db_readonly(db, "main") == 1)
        return error_set(why, "%s cannot be written: may you write it?", path);
    if (sqlite3_exec(db, "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT", NULL, NULL,
                     NULL) == SQLITE_OK)
        return true;
    if ((sqlite3_errcode(db) & 0xff) == SQLITE_BUSY)
        return error_set(why, "%s is open in another program: close it there first", path);
    return error_set(why, "%s cannot be opened: %s; left as it is", path, sqlite3_errmsg(db));
}

static bool file_is_sound(struct store *store, const char *path, struct error *why)
{
    sqlite3_stmt *check = NULL;
    bool ran = sqlite3_prepare_v2(store->db, "PRAGMA quick_check(1)", -1, &check, NULL) == SQLITE_OK
        && sqlite3_step(check) == SQLITE_ROW;
    const char *found = ran ? (const char *)sqlite3_column_text(check, 0)
                            : sqlite3_errmsg(store->db);
    bool sound = ran && slice_is(slice_of(found), "ok");
    if (!sound && name_exists(path, "-wal"))
        error_set(why, "%s is damaged, or %s-wal beside it belongs to another file: %s; left as "
                  "they are. If a copy was put there, remove %s-wal first", path, path,
                  found ? found : "?", path);
    else if (!sound)
        error_set(why, "%s is damaged: %s; left as it is, restore it from a copy", path,
                  found ? found : "?");
    sqlite3_finalize(check);
    return sound;
}

/* NAME.before-vN, or NAME.before-vN-2 and so on: an earlier copy is never replaced. */
static bool copy_name(const char *path, struct buf *name)
{
    for (int i = 1; i <= COPIES_MAX; i++) {
        buf_clear(name);
        if (!buf_format(name, "%s.before-v%d", path, STORE_FORMAT))
            return false;
        if (i > 1 && !buf_format(name, "-%d", i))
            return false;
        if (!name_exists(buf_text(name), ""))
            return true;
    }
    return false;
}

/* SQLite reads more into a name than a name: ":memory:", "", "file:…?mode=memory" are no files to
   it. Behind "./" each is the file it says. */
static int database_open(const char *path, sqlite3 **db, int flags, const char *vfs)
{
    char *name = path ? sqlite3_mprintf("%s%s", path[0] == '/' ? "" : "./", path) : NULL;
    if (path && !name)
        return SQLITE_NOMEM;
    int code = sqlite3_open_v2(path ? name : ":memory:", db, flags | SQLITE_OPEN_READWRITE, vfs);
    sqlite3_free(name);
    return code;
}

static bool database_copy(sqlite3 *from, const char *path, struct error *why)
{
    sqlite3 *to = NULL;
    bool copied = database_open(path, &to, SQLITE_OPEN_CREATE, NULL) == SQLITE_OK
        ? sql_copy(to, from, why) : error_set(why, "%s", sqlite3_errmsg(to));
    sqlite3_close(to);
    return copied;
}

static bool file_copy(sqlite3 *from, const char *path, struct error *why)
{
    struct buf name = BUF_MAX(4096);
    struct error reason = { "" };
    if (!copy_name(path, &name)) {
        buf_free(&name);
        return error_set(why, "%s: too many copies of it stand beside it: remove some", path);
    }
    bool copied = database_copy(from, buf_text(&name), &reason);
    if (!copied)
        error_set(why, "%s cannot be copied to %s before it is brought up to date: %s", path,
                  buf_text(&name), reason.text);
    buf_free(&name);
    return copied;
}

static bool file_update(struct store *store, const char *path, int64_t version, struct error *why)
{
    struct error reason = { "" };
    if (version > STORE_FORMAT)
        return error_set(why, "%s was written by a newer version of this program; left as it is",
                         path);
    if (version == STORE_FORMAT) {
        if (store_schema_check(store->db, &reason))
            return true;
        return error_set(why, "%s is damaged: %s; left as it is", path, reason.text);
    }
    if (!file_copy(store->db, path, why))
        return false;
    if (version >= 0 && store_schema_migrate(store->db, version, &reason))
        return true;
    return error_set(why, "%s cannot be brought up to date: %s; left as it is", path, reason.text);
}

/* What a program that ended in the middle left behind: drafts, and what was kept for
   sessions that no longer live. */
static bool leftovers_remove(struct store *store, struct error *why)
{
    struct sql sql = sql_open_once(store, "SELECT id FROM message WHERE draft = 1 ORDER BY id");
    while (sql_row(&sql))
        store_suspect(store, sql_get(&sql));
    bool holds = sql_close(&sql);
    sql = sql_open_once(store, "SELECT mailbox FROM placement WHERE expunged = 1 UNION"
                        " SELECT id FROM mailbox WHERE name IS NULL ORDER BY 1");
    while (sql_row(&sql)) {
        struct box *box = store_box(store, sql_get(&sql));
        box->kept = box->doomed = true;
        store_box_tidy(store, box);
    }
    holds = sql_close(&sql) && store_chores_find(store) && holds;
    if (holds && store_commit(store) && store_chores_finish(store))
        return true;
    return error_set(why, "%s", store_error(store));
}

static bool file_obeys(struct store *store, const char *path, struct error *why)
{
    struct error reason = { "" };
    return store_guards_hold(store, &reason) ||
           error_set(why, "%s is damaged: %s (`pennypost fsck` says all); left as it is", path,
                     reason.text);
}

static bool file_adopt(struct store *store, const char *path, bool checked, struct error *why)
{
    int64_t version = 0;
    /* Until it is accepted nothing is written, not even what a journal still holds. */
    bool journal = name_exists(path, "-wal");
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, (int)journal, NULL);
    if (!store_lock(store, path, why) || !file_is_sound(store, path, why)
        || !sql_number(store->db, "PRAGMA user_version", &version, why)
        || !file_update(store, path, version, why)
        || (checked && !file_obeys(store, path, why)))
        return false;
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
    return store_begin_wal(store, why) && leftovers_remove(store, why);
}

bool store_connect(struct store *store, const char *path, int flags, struct error *why)
{
    int code = database_open(path, &store->db, flags | SQLITE_OPEN_NOMUTEX,
                             store_vfs_name(store->vfs));
    if (code == SQLITE_OK)
        return connection_harden(store, why);
    return error_set(why, "%s cannot be opened: %s", path ? path : "memory",
                     sqlite3_errstr(code));
}

struct store *store_new(const char *path, struct store_clock clock, int flags, struct error *why)
{
    struct store *store = heap_take(sizeof *store);
    store->clock = clock;
    store->vfs = store_vfs_new(clock);
    if (path) {
        size_t bytes = strlen(path) + 1;
        store->path = heap_take_near(store, bytes);
        memcpy(store->path, path, bytes);
    }
    if (store_connect(store, path, flags, why))
        return store;
    store_close(store);
    return NULL;
}

/* A ready schema is copied, but not into a heap that is set back: the one it is copied from
   would keep some of the memory. */
static bool schema_make(struct store *store, struct error *why)
{
    return heap_of(store) ? store_schema_create(store->db, why)
                          : store_schema_copy(store->db, why);
}

static struct store *open_any(const char *path, struct store_clock clock, bool checked,
                              struct error *why)
{
    must(clock.now_ms != NULL && clock.random != NULL);
    sqlite_prepare();
    enum store_file kind = path ? store_look(path, why) : STORE_ABSENT;
    if (kind != STORE_ABSENT && kind != STORE_WORLD)
        return NULL;
    int flags = kind == STORE_ABSENT ? SQLITE_OPEN_CREATE : 0;
    struct store *store = store_new(path, clock, flags, why);
    if (!store)
        return NULL;
    bool ready = !path ? schema_make(store, why)
        : kind == STORE_ABSENT ? file_create(store, path, why)
                                : file_adopt(store, path, checked, why);
    if (ready)
        return store;
    store_close(store);
    return NULL;
}

struct store *store_open(const char *path, struct store_clock clock, struct error *why)
{
    return open_any(path, clock, true, why);
}

struct store *store_open_for_fsck(const char *path, struct store_clock clock, struct error *why)
{
    return open_any(path, clock, false, why);
}

bool store_save(struct store *store, const char *path, struct error *why)
{
    struct error reason = { "" };
    must(!store->in_turn);
    if (name_exists(path, ""))
        return error_set(why, "%s is there already: nothing was written", path);
    (void)store_chores_finish(store); /* what is not done is done when the copy is opened */
    return database_copy(store->db, path, &reason)
        || error_set(why, "%s cannot be written: %s", path, reason.text);
}

void store_relax(struct store *store)
{
    may_fail(sql_exec(store->db, "PRAGMA synchronous = OFF", NULL)); /* it only saves time */
}
