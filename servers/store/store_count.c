/* store_count.c: what is counted of a mailbox beside its row: the unseen messages of each stretch
   of uids, so that the first one is found, and those that are \Deleted. An index of each would
   have to be written for every flag that changes, whichever it is. */
#include "servers/store/store_private.h"

#define STRETCH 64 /* uids */

static bool stretch_more(const struct unseen *unseen)
{
    struct sql sql = sql_open(unseen->store, "INSERT INTO unseen (mailbox, stretch, messages)"
                              " VALUES (?, ?, ?) ON CONFLICT DO UPDATE"
                              " SET messages = messages + excluded.messages");
    sql_put(&sql, unseen->mailbox);
    sql_put(&sql, unseen->stretch);
    sql_put(&sql, unseen->messages);
    return sql_run(&sql);
}

static bool stretch_less(const struct unseen *unseen)
{
    struct sql sql = sql_open(unseen->store, "UPDATE unseen SET messages = messages + ?3"
                              " WHERE mailbox = ?1 AND stretch = ?2 AND messages + ?3 > 0");
    sql_put(&sql, unseen->mailbox);
    sql_put(&sql, unseen->stretch);
    sql_put(&sql, unseen->messages);
    if (!sql_run(&sql) || sqlite3_changes(unseen->store->db) > 0)
        return !unseen->store->failed;
    sql = sql_open(unseen->store, "DELETE FROM unseen WHERE mailbox = ? AND stretch = ?");
    sql_put(&sql, unseen->mailbox);
    sql_put(&sql, unseen->stretch);
    return sql_run(&sql);
}

bool store_unseen_end(struct unseen *unseen)
{
    bool kept = unseen->messages == 0 ||
                (unseen->messages > 0 ? stretch_more : stretch_less)(unseen);
    unseen->messages = 0;
    return kept;
}

bool store_unseen_add(struct unseen *unseen, uint32_t uid, int64_t messages)
{
    if (messages == 0)
        return true;
    if (uid / STRETCH != unseen->stretch && !store_unseen_end(unseen))
        return false;
    unseen->stretch = uid / STRETCH;
    unseen->messages += messages;
    return true;
}

uint32_t store_first_unseen(struct store *store, int64_t mailbox)
{
    struct sql sql = sql_open(store, "SELECT uid FROM placement WHERE mailbox = ?1 AND uid >= ?2 *"
                              " (SELECT stretch FROM unseen WHERE mailbox = ?1 ORDER BY stretch"
                              " LIMIT 1) AND expunged = 0 AND (flags & 1) = 0"
                              " ORDER BY uid LIMIT 1");
    sql_put(&sql, mailbox);
    sql_put(&sql, STRETCH);
    uint32_t uid = sql_row(&sql) ? (uint32_t)sql_get(&sql) : 0;
    return sql_close(&sql) ? uid : 0;
}

/* A stranger's number is none, or so large at most that one more is still a number. */
#define SUM_OF(name) "max(0, min(" name ", 1152921504606846976)) + excluded." name

bool store_deleted_add(struct store *store, int64_t mailbox, int64_t messages, int64_t bytes)
{
    if (messages == 0 && bytes == 0)
        return true;
    struct sql sql = sql_open(store, "INSERT INTO deleted (mailbox, messages, bytes)"
                              " VALUES (?, ?, ?) ON CONFLICT DO UPDATE"
                              " SET messages = " SUM_OF("messages") ", bytes = " SUM_OF("bytes"));
    sql_put(&sql, mailbox);
    sql_put(&sql, messages);
    sql_put(&sql, bytes);
    return sql_run(&sql);
}

bool store_deleted(struct store *store, int64_t mailbox, uint64_t *messages, uint64_t *bytes)
{
    /* A stranger's file may say anything. */
    struct sql sql = sql_open(store, "SELECT max(0, min(deleted.messages, mailbox.messages)),"
                              " max(0, min(deleted.bytes, mailbox.bytes))"
                              " FROM deleted JOIN mailbox ON mailbox.id = deleted.mailbox"
                              " WHERE deleted.mailbox = ?");
    *messages = *bytes = 0;
    sql_put(&sql, mailbox);
    if (sql_row(&sql)) {
        *messages = (uint64_t)sql_get(&sql);
        *bytes = (uint64_t)sql_get(&sql);
    }
    return sql_close(&sql);
}
