/* store_trouble.c: what becomes of a store whose file cannot be written: full, failing, gone.
   Changes are refused, reading goes on, and it is tried again. Which turn was lost, and who is
   told, is not known here. */
#include "servers/store/store_private.h"

const char *store_path(const struct store *store)
{
    const struct store *file = store->follower ? store_follower_file(store) : store;
    return file->path ? file->path : "";
}

const char *store_reason(const struct store *store) { return store->reason.text; }
bool store_refuses(const struct store *store) { return store->refuses; }
bool store_is_full(const struct store *store) { return store->full; }

void store_refuse(struct store *store, const char *reason, bool full)
{
    must(!store->in_turn);
    store->refuses = true;
    store->refuses_for_room = full;
    error_set(&store->refusal, "%s", reason);
}

/* SQLite's own question, by device and inode. Its log beside the file must be there, too: what
   was committed last is only in it. */
bool store_has_moved(struct store *store)
{
    int moved = 0;
    if (store->follower)
        return store_has_moved(store_follower_file(store));
    if (!store->path || !store->db)
        return false;
    sqlite3_file_control(store->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    return moved != 0;
}

/* The file's header is written as it is: the least that a commit can be. It overwrites what a
   failed commit may have left at the log's end, and shows that there is room and a disk. */
static bool file_probe(struct store *store, struct error *why)
{
    struct buf text = BUF_MAX(64);
    buf_format(&text, "PRAGMA user_version = %d", STORE_FORMAT);
    bool written = sql_exec(store->db, buf_text(&text), why);
    buf_free(&text);
    return written;
}

static bool file_open_again(struct store *store, struct error *why)
{
    sql_forget(store);
    if (store->db)
        must(sqlite3_close(store->db) == SQLITE_OK);
    store->db = NULL;
    store->named_upto = 0;
    if (store_connect(store, store->path, 0, why) && store_lock(store, store->path, why) &&
        store_begin_wal(store, why))
        return true;
    sqlite3_close(store->db);
    store->db = NULL;
    return false;
}

bool store_recover(struct store *store, struct error *why)
{
    must(!store->in_turn);
    if (store->path && store_has_moved(store))
        return error_set(why, "%s was removed or replaced while it was open", store->path);
    bool can = store->follower ? store_follow(store, why)
        : !store->path || ((!store->db || file_probe(store, why)) && file_open_again(store, why));
    if (!can)
        return false;
    store->refuses = store->refuses_for_room = false;
    store_boxes_undone(store);
    return true;
}
