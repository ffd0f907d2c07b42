/* store_message.c: messages: written piece by piece as drafts, kept in chunks, read from any
   offset. Where they are placed is store_placement.c's. */
#include "servers/store/store_device.h"
#include "base/heap.h"
#include "servers/store/store_private.h"

#include <string.h>

/* These two are SELECTs so that SQLite can undo the one statement when the disk is full;
   from VALUES it would give up the whole transaction. */
#define MESSAGE_INSERT \
    "INSERT INTO message (draft, size, header_bytes, path_bytes, envelope, structure, body," \
    " parts) SELECT ?, ?, ?, ?, ?, ?, ?, ?"
#define CHUNK_INSERT "INSERT INTO chunk (message, number, octets) SELECT ?, ?, ?"

struct draft {
    struct store *store;
    struct draft *next, **link;
    struct buf piece;               /* the chunk that is not full yet */
    int64_t message_key;                /* 0: it has no row yet */
    uint64_t size;
    int64_t chunks;
    uint64_t born_turn, born_command; /* when the row was made */
    uint64_t turn, command;         /* when it was last written to */
    bool too_long, broken;
    bool full;                      /* broken for want of room */
};

struct draft *store_draft(struct store *store)
{
    struct draft *draft = heap_take_near(store, sizeof *draft);
    draft->store = store;
    draft->piece = BUF_MAX(MESSAGE_CHUNK_BYTES);
    draft->next = store->drafts;
    draft->link = &store->drafts;
    if (draft->next)
        draft->next->link = &draft->next;
    store->drafts = draft;
    return draft;
}

uint64_t store_draft_size(const struct draft *draft) { return draft->size; }

/* 0: outside any command, so no command's undoing touches it. */
static uint64_t command_now(const struct store *store)
{
    return store->command == COMMAND_NONE ? 0 : store->command_number;
}

static bool row_insert(struct draft *draft, bool done, const struct message *message)
{
    struct store *store = draft->store;
    struct sql sql = sql_open(store, MESSAGE_INSERT);
    sql_put(&sql, !done);
    sql_put(&sql, (int64_t)message->size);
    sql_put(&sql, message->header_bytes);
    sql_put(&sql, message->path_bytes);
    sql_put_text(&sql, message->envelope);
    sql_put_text(&sql, message->structure);
    sql_put_text(&sql, message->body);
    sql_put_blob(&sql, message->parts);
    if (!sql_run(&sql))
        return false;
    draft->message_key = sqlite3_last_insert_rowid(store->db);
    draft->born_turn = store->turn_number;
    draft->born_command = command_now(store);
    return true;
}

static bool row_complete(struct draft *draft, const struct message *message)
{
    struct sql sql = sql_open(draft->store, "UPDATE message SET draft = 0, size = ?2,"
        " header_bytes = ?3, path_bytes = ?4, envelope = ?5, structure = ?6, body = ?7,"
        " parts = ?8 WHERE id = ?1");
    sql_put(&sql, draft->message_key);
    sql_put(&sql, (int64_t)message->size);
    sql_put(&sql, message->header_bytes);
    sql_put(&sql, message->path_bytes);
    sql_put_text(&sql, message->envelope);
    sql_put_text(&sql, message->structure);
    sql_put_text(&sql, message->body);
    sql_put_blob(&sql, message->parts);
    return sql_run(&sql);
}

static bool piece_insert(struct draft *draft)
{
    struct sql sql = sql_open(draft->store, CHUNK_INSERT);
    sql_put(&sql, draft->message_key);
    sql_put(&sql, draft->chunks++);
    sql_put_blob(&sql, buf_slice(&draft->piece));
    bool stored = sql_run(&sql);
    buf_clear(&draft->piece);
    draft->turn = draft->store->turn_number;
    draft->command = command_now(draft->store);
    return stored;
}

/* A full piece is no command's change: a message arrives while others' commands come and
   go, and none of them may undo it. */
static bool piece_flush(struct draft *draft)
{
    struct store *store = draft->store;
    struct message empty = { .size = 0 };
    bool failed = store->failed;
    draft->broken = !store_turn_begin(store)
        || (draft->message_key == 0 && !row_insert(draft, false, &empty)) || !piece_insert(draft);
    if (!draft->broken && store->command == COMMAND_NONE)
        store->holds_changes = true;
    if (draft->broken && !failed && !store_turn_is_lost(store)) { /* told when it is finished */
        draft->full = store->full;
        store->failed = store->full = false;
    }
    return !draft->broken;
}

bool store_draft_write(struct draft *draft, slice octets)
{
    if (draft->broken || draft->too_long)
        return false;
    draft->too_long = octets.len > MESSAGE_BYTES_MAX - draft->size;
    if (draft->too_long)
        return false;
    draft->size += octets.len;
    while (octets.len) {
        slice part = slice_upto(octets, MESSAGE_CHUNK_BYTES - draft->piece.len);
        draft->broken = !buf_add(&draft->piece, part); /* no memory: told when it is finished */
        if (draft->broken)
            return false;
        octets = slice_from(octets, part.len);
        if (draft->piece.len == MESSAGE_CHUNK_BYTES && !piece_flush(draft))
            return false;
    }
    return true;
}

slice store_draft_text(struct draft *draft, struct arena *arena)
{
    struct sql sql = sql_open(draft->store, "SELECT octets FROM chunk WHERE message = ?"
                              " ORDER BY number");
    char *text = arena_take(arena, (size_t)draft->size + 1);
    size_t len = 0;
    sql_put(&sql, draft->message_key);
    while (draft->message_key && !draft->broken && sql_row(&sql)) {
        slice octets = sql_get_text(&sql);
        if (octets.len > draft->size - len) { /* the file was changed under it */
            draft->broken = true;
            break;
        }
        memcpy(text + len, octets.at, octets.len);
        len += octets.len;
    }
    sql_close(&sql);
    slice rest = buf_slice(&draft->piece);
    if (draft->broken || rest.len > draft->size - len)
        return SLICE_EMPTY;
    memcpy(text + len, rest.at, rest.len);
    return (slice){ text, len + rest.len };
}

static void draft_free(struct draft *draft)
{
    *draft->link = draft->next;
    if (draft->next)
        draft->next->link = draft->link;
    if (draft->message_key)
        store_suspect(draft->store, draft->message_key); /* nothing refers to it yet */
    buf_free(&draft->piece);
    heap_give(draft);
}

void store_draft_drop(struct draft *draft)
{
    if (draft)
        draft_free(draft);
}

int64_t store_draft_finish(struct draft *draft, struct message *message)
{
    int64_t message_key = 0;
    message->size = draft->size;
    if (draft->broken && !draft->store->failed) {
        store_fail(draft->store, "not all of the message could be kept");
        draft->store->full = draft->full;
    }
    bool stored = !draft->broken && !draft->too_long && store_change_begin(draft->store) &&
                  (draft->message_key ? row_complete(draft, message)
                                  : row_insert(draft, true, message)) &&
                  (draft->piece.len == 0 || piece_insert(draft)) &&
                  store_message_copied(draft->store, draft->message_key, message->identity) &&
                  (!message->heading ||
                   store_heading_insert(draft->store, draft->message_key, message->heading));
    if (stored)
        message_key = draft->message_key;
    draft_free(draft);
    return message_key;
}

bool store_draft_is_live(const struct store *store, int64_t message_key)
{
    for (const struct draft *draft = store->drafts; draft; draft = draft->next)
        if (draft->message_key == message_key)
            return true;
    return false;
}

void store_drafts_undone(struct store *store, bool whole_turn)
{
    for (struct draft *draft = store->drafts; draft; draft = draft->next) {
        bool touched = whole_turn ? draft->turn == store->turn_number
                                  : draft->command == store->command_number;
        bool born = whole_turn ? draft->born_turn == store->turn_number
                               : draft->born_command == store->command_number;
        if (!draft->message_key || !touched)
            continue;
        draft->broken = true;
        if (born)
            draft->message_key = 0; /* the row went with the rest */
    }
}

void store_drafts_free(struct store *store)
{
    while (store->drafts)
        draft_free(store->drafts);
}

bool store_message(struct store *store, int64_t message_key, struct arena *arena,
                   struct message *message)
{
    struct sql sql = sql_open(store, "SELECT size, header_bytes, path_bytes, envelope, structure,"
                              " body, parts FROM message WHERE id = ? AND draft = 0");
    sql_put(&sql, message_key);
    bool found = sql_row(&sql);
    if (found) {
        int64_t size = sql_get(&sql), header = sql_get(&sql), path = sql_get(&sql);
        if (size < 0 || size > MESSAGE_BYTES_MAX || header < 0 || header > size || path < 0 ||
            path > header)
            found = sql_damaged(&sql);
        message->size = (uint64_t)size;
        message->header_bytes = (uint32_t)header;
        message->path_bytes = (uint32_t)path;
        message->envelope = arena_copy(arena, sql_get_text(&sql));
        message->structure = arena_copy(arena, sql_get_text(&sql));
        message->body = arena_copy(arena, sql_get_text(&sql));
        message->parts = arena_copy(arena, sql_get_text(&sql));
    }
    return sql_close(&sql) && found;
}

bool store_message_read(struct store *store, int64_t message_key, uint64_t offset, uint64_t len,
                       struct buf *out)
{
    if (len == 0 || offset > MESSAGE_BYTES_MAX)
        return true;
    if (len > MESSAGE_BYTES_MAX)
        len = MESSAGE_BYTES_MAX;
    struct sql sql = sql_open(store, "SELECT octets FROM chunk WHERE message = ?"
                              " AND number BETWEEN ? AND ? ORDER BY number");
    sql_put(&sql, message_key);
    sql_put(&sql, (int64_t)(offset / MESSAGE_CHUNK_BYTES));
    sql_put(&sql, (int64_t)((offset + len - 1) / MESSAGE_CHUNK_BYTES));
    size_t skip = (size_t)(offset % MESSAGE_CHUNK_BYTES);
    while (len > 0 && !out->full && sql_row(&sql)) {
        slice octets = sql_get_text(&sql);
        if (skip < octets.len) {
            octets = slice_upto(slice_from(octets, skip), (size_t)len);
            buf_add(out, octets);
            len -= octets.len;
        }
        skip = 0;
    }
    return sql_close(&sql);
}
