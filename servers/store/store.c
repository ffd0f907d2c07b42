/* store.c: turns and commands: when a transaction begins, what is undone with what, and
   what is tidied before a turn is committed. Not here: files (store_open.c), statements
   (store_sql.c), and everything that is stored. */
#include "servers/store/store_private.h"

#include <string.h>

#include "base/heap.h"

void store_fail(struct store *store, const char *reason)
{
    if (!store->failed) {
        error_set(&store->why, "the world cannot be used: %s; nothing of this turn is kept, "
                  "look at the disk", reason);
        error_set(&store->reason, "%s", reason);
    }
    if (!store->failed)
        store->full = (sqlite3_errcode(store->db) & 0xff) == SQLITE_FULL;
    store->failed = true;
}

bool store_failed(const struct store *store) { return store->failed; }
bool store_has_changed(const struct store *store) { return store->in_turn; }
uint64_t store_turn(const struct store *store) { return store->turn_number; }
bool store_command_has_changed(const struct store *store) { return store->command != COMMAND_NONE; }
const char *store_error(const struct store *store) { return store->why.text; }

bool store_name_fits(slice name, size_t max)
{
    size_t at;
    return name.len > 0 && name.len <= max && !slice_find(name, '\0', &at);
}

bool store_turn_begin(struct store *store)
{
    if (store->failed)
        return false;
    if (store->refuses) {
        store_fail(store, store->refusal.text);
        store->full = store->refuses_for_room;
        return false;
    }
    if (!store->in_turn)
        store->in_turn = sql_simple(store, "BEGIN IMMEDIATE");
    return store->in_turn;
}

bool store_change_begin(struct store *store)
{
    if (store->failed)
        return false;
    if (store->command != COMMAND_NONE)
        return true;
    bool alone = !store->in_turn;
    if (!store_turn_begin(store)) /* it refuses, too */
        return false;
    if (!alone && !sql_simple(store, "SAVEPOINT command"))
        return false;
    store->command = alone ? COMMAND_ALONE : COMMAND_SAVEPOINT;
    store->command_number++;
    return true;
}

static void turn_over(struct store *store)
{
    store->in_turn = false;
    store->command = COMMAND_NONE;
    store->failed = store->full = store->doomed = store->holds_changes = false;
    store->turn_number++;
}

static void turn_undo(struct store *store)
{
    if (store->db && !sqlite3_get_autocommit(store->db)) /* SQLite may have undone it by itself */
        may_fail(sql_exec(store->db, "ROLLBACK", NULL)); /* what is not undone is not committed */
    store->named_upto = 0;
    store_drafts_undone(store, true);
    store_boxes_undone(store);
    store_suspects_undone(store);
    store_tasks_undone(store);
    turn_over(store);
}

/* Back to where the command began. False: SQLite has given up the whole transaction. */
static bool command_undo(struct store *store)
{
    if (sqlite3_get_autocommit(store->db) || !sql_simple(store, "ROLLBACK TO command")
        || !sql_simple(store, "RELEASE command"))
        return false;
    store->named_upto = 0;
    store_drafts_undone(store, false);
    store_boxes_undone(store);
    store_suspects_undone(store);
    store_tasks_undone(store);
    return true;
}

/* Has SQLite given up the transaction, and with it what others were told of? */
bool store_turn_is_lost(const struct store *store)
{
    return store->in_turn && sqlite3_get_autocommit(store->db);
}

/* A command that is undone takes its failure along; one that stays dooms the turn. */
void store_command_end(struct store *store, bool keep)
{
    enum command_state state = store->command;
    store->command = COMMAND_NONE;
    if (store->doomed)
        return;
    if (keep) {
        if (state == COMMAND_SAVEPOINT && !store->failed)
            sql_simple(store, "RELEASE command");
        store->doomed = store->failed;
        store->holds_changes = store->holds_changes || state != COMMAND_NONE;
    } else if (state == COMMAND_ALONE || (store_turn_is_lost(store) && !store->holds_changes)) {
        turn_undo(store);
    } else {
        store->doomed = state == COMMAND_SAVEPOINT ? !command_undo(store)
                                                   : store_turn_is_lost(store);
        store->failed = store->doomed;
        store->full = store->full && store->failed;
    }
}

static bool turn_write(struct store *store)
{
    if (!store->in_turn)
        return true;
    struct error why = { "" };
    if (store_follower_commits(store) && !store_follow(store, &why)) {
        store_fail(store, why.text);
        store->full = store_follower_is_full(store);
        return false;
    }
    if (store->follower || !store_has_moved(store))
        return sql_simple(store, "COMMIT");
    store_fail(store, "its file was removed or replaced while it was open");
    return false;
}

void store_lose(struct store *store) { turn_undo(store); }

bool store_commit(struct store *store)
{
    store_command_end(store, true);
    if (store->refuses && !store->failed) { /* nothing was changed, and nothing is tidied now */
        turn_over(store);
        return true;
    }
    bool holds = !store->failed && store_boxes_tidy(store) && store_suspects_tidy(store)
        && turn_write(store);
    if (!holds) {
        bool full = store->full;
        turn_undo(store);
        store->full = full;
        return false;
    }
    store_suspects_kept(store);
    store_boxes_kept(store);
    store_tasks_kept(store);
    turn_over(store);
    return true;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    if (store->in_turn)
        turn_undo(store);
    if (store->db && store_has_chores(store))
        (void)store_chores_finish(store); /* else when it is opened again */
    store_tasks_free(store);
    store_drafts_free(store);
    store_boxes_free(store);
    sql_forget(store);
    struct heap *before = heap_enter(heap_of(store));
    must(sqlite3_close(store->db) == SQLITE_OK);
    heap_enter(before);
    store_follower_free(store);
    store_vfs_free(store->vfs);
    heap_give(store->suspects);
    heap_give(store->path);
    heap_give(store);
}
