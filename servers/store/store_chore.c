/* store_chore.c: what is left to do when much was changed at once: the rest of tasks whose owner
   has gone, rows and messages that nothing refers to any more. Some at a time, so that nobody is
   held; what is not done yet is known when the world is opened again. */
#include "servers/store/store_private.h"

#include "base/heap.h"

#define AT_ONCE 256          /* messages that go with their turn, if it has no more */
#define PIECE 100            /* … else in a piece of their own: some milliseconds */
#define CHUNKS 16            /* … of octets, a megabyte, in either */
#define CHECKPOINT 1000      /* pages of the journal are carried to the file: SQLite's own number */
#define CHECKPOINT_PIECE 250 /* … in the middle of long work */
#define SWEEP "sweep"        /* a value: there are more messages that nothing refers to */

void store_suspect(struct store *store, int64_t message_key)
{
    if (store->suspect_count == store->suspect_cap) {
        store->suspect_cap = store->suspect_cap ? store->suspect_cap * 2 : 16;
        store->suspects = heap_resize_near(store, store->suspects,
                                           store->suspect_cap * sizeof *store->suspects);
    }
    store->suspects[store->suspect_count++] = message_key;
}

static size_t suspects_left(const struct store *store)
{
    return store->suspect_count - store->suspect_at;
}

/* How many chunks it has, if it is to be removed. */
static bool suspect_chunks(struct store *store, int64_t message_key, int64_t *chunks)
{
    struct sql sql = sql_open(store,
        "SELECT coalesce(max(number) + 1, 0) FROM chunk WHERE message = ?1"
        " AND NOT EXISTS (SELECT 1 FROM placement WHERE message = ?1)"
        " AND NOT EXISTS (SELECT 1 FROM queue WHERE message = ?1)");
    sql_put(&sql, message_key);
    *chunks = sql_row(&sql) && !store_draft_is_live(store, message_key) ? sql_get(&sql) : 0;
    return sql_close(&sql);
}

/* The last ones of a large message. */
static bool chunks_remove(struct store *store, int64_t message_key, int64_t from)
{
    struct sql sql = sql_open(store, "DELETE FROM chunk WHERE message = ? AND number >= ?");
    sql_put(&sql, message_key);
    sql_put(&sql, from);
    return sql_run(&sql);
}

static bool run_remove(struct store *store, int64_t first, int64_t last)
{
    struct sql sql = sql_open(store,
        "DELETE FROM message WHERE id BETWEEN ?1 AND ?2"
        " AND NOT EXISTS (SELECT 1 FROM placement WHERE message = message.id)"
        " AND NOT EXISTS (SELECT 1 FROM queue WHERE message = message.id)");
    sql_put(&sql, first);
    sql_put(&sql, last);
    return sql_run(&sql);
}

/* Suspects whose numbers follow each other, and what hangs on them, in one statement: what undoes a
   statement is a copy of each page that it changes. At most `*room` chunks; one with more loses so
   many of them, and stays for now. */
static bool suspects_remove_run(struct store *store, size_t end, int64_t *room)
{
    int64_t first = store->suspects[store->suspect_at], next = first, chunks;
    while (store->suspect_at < end && store->suspects[store->suspect_at] == next) {
        if (!suspect_chunks(store, next, &chunks))
            return false;
        if (chunks > *room || store_draft_is_live(store, next))
            break;
        *room -= chunks;
        store->suspect_at++;
        next++;
    }
    if (next > first)
        return run_remove(store, first, next - 1);
    if (store_draft_is_live(store, first)) {
        store->suspect_at++;
        return true;
    }
    int64_t from = chunks - *room;
    *room = 0;
    return chunks_remove(store, first, from);
}

static bool sweep_set(struct store *store, bool on)
{
    struct sql sql = on ? sql_open(store, "INSERT INTO value (name, value) VALUES ('" SWEEP "', '')"
                                   " ON CONFLICT DO NOTHING")
                        : sql_open(store, "DELETE FROM value WHERE name = '" SWEEP "'");
    store->sweeps = on;
    return sql_run(&sql);
}

/* Removes the suspects that nothing refers to, `max` at most, and not too many octets. */
static bool suspects_remove(struct store *store, size_t max)
{
    bool holds = suspects_left(store) == 0 || store_turn_begin(store);
    size_t left = suspects_left(store), end = store->suspect_at + (left < max ? left : max);
    int64_t room = CHUNKS;
    while (holds && room > 0 && store->suspect_at < end)
        holds = suspects_remove_run(store, end, &room);
    if (holds && store->sweeps && suspects_left(store) == 0)
        holds = store_turn_begin(store) && sweep_set(store, false);
    return holds;
}

bool store_suspects_tidy(struct store *store)
{
    if (store->sweeps)
        return true;
    if (suspects_left(store) <= AT_ONCE && !suspects_remove(store, AT_ONCE))
        return false;
    return suspects_left(store) == 0 || (store_turn_begin(store) && sweep_set(store, true));
}

void store_suspects_kept(struct store *store)
{
    if (suspects_left(store) == 0)
        store->suspect_count = store->suspect_at = 0;
}

/* The suspects stay: drafts of earlier turns may be among them. */
void store_suspects_undone(struct store *store)
{
    store->suspect_at = 0;
    store->sweeps = false;
}

bool store_chores_find(struct store *store)
{
    struct sql sql = sql_open_once(store, "SELECT 1 FROM value WHERE name = '" SWEEP "'");
    store->sweeps = sql_row(&sql);
    if (!sql_close(&sql) || !store_tasks_find(store))
        return false;
    if (!store->sweeps)
        return true;
    sql = sql_open_once(store, "SELECT id FROM message WHERE draft = 0"
                        " AND NOT EXISTS (SELECT 1 FROM placement WHERE message = message.id)"
                        " AND NOT EXISTS (SELECT 1 FROM queue WHERE message = message.id)"
                        " ORDER BY id");
    while (sql_row(&sql))
        store_suspect(store, sql_get(&sql));
    return sql_close(&sql);
}

bool store_has_chores(const struct store *store)
{
    return store_has_left_task(store) || store_has_full_box(store) ||
           suspects_left(store) > (store->sweeps ? 0 : AT_ONCE);
}

bool store_chore(struct store *store, int64_t *mailbox, int64_t *to)
{
    *mailbox = *to = 0;
    if (store_command_has_changed(store) && !store->failed)
        store_command_end(store, true); /* somebody's piece, in the same turn */
    if (!store_change_begin(store))
        return false;
    bool done = store_has_left_task(store) ? store_task_step(store, mailbox, to)
              : store_has_full_box(store)  ? store_full_box_tidy(store, mailbox)
                                           : suspects_remove(store, PIECE);
    store_command_end(store, done);
    return done;
}

bool store_chores_finish(struct store *store)
{
    int64_t mailbox, to;
    bool done = true;
    while (done && store_has_chores(store))
        done = store_chore(store, &mailbox, &to) && store_commit(store);
    return done;
}

static void carry(struct store *store)
{
    struct heap *before = heap_enter(heap_of(store));
    store->settles = false;
    store->frames = 0; /* if it fails, the next commit says how many there are */
    (void)sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    heap_enter(before);
}

/* Behind each commit: so many pages stand in the journal. */
static int journal_grows(void *context, sqlite3 *db, const char *name, int frames)
{
    struct store *store = context;
    (void)db;
    (void)name;
    store->frames = frames;
    if (frames >= (store->in_pieces ? 2 * CHECKPOINT : CHECKPOINT))
        carry(store);
    return SQLITE_OK;
}

void store_journal_watch(struct store *store)
{
    sqlite3_wal_hook(store->db, journal_grows, store);
}

bool store_carries(const struct store *store)
{
    return store->db && (store->in_pieces || store->settles) && !store->in_turn &&
           store->frames >= CHECKPOINT_PIECE;
}

bool store_carry(struct store *store)
{
    bool due = store_carries(store);
    if (due)
        carry(store);
    return due;
}

void store_in_pieces(struct store *store, bool on)
{
    store->settles = store->in_pieces && !on;
    store->in_pieces = on;
}
