/* store_quota.c: how much a user's mailboxes may hold together, and how much they do. */
#include "servers/store/store_private.h"

bool store_quota(struct store *store, int64_t user, struct quota *quota)
{
    struct sql sql = sql_open(store, "SELECT bytes, messages FROM quota WHERE user = ?");
    *quota = (struct quota){ .bytes = 0 };
    sql_put(&sql, user);
    bool found = sql_row(&sql);
    if (found) {
        quota->bytes = (uint64_t)sql_get(&sql);
        quota->messages = (uint64_t)sql_get(&sql);
    }
    if (!sql_close(&sql) || !found)
        return false;
    sql = sql_open(store, "SELECT coalesce(sum(bytes), 0), coalesce(sum(messages), 0)"
                   " FROM mailbox WHERE user = ? AND name IS NOT NULL");
    sql_put(&sql, user);
    if (sql_row(&sql)) {
        quota->bytes_used = (uint64_t)sql_get(&sql);
        quota->messages_used = (uint64_t)sql_get(&sql);
    }
    return sql_close(&sql);
}

bool store_quota_set(struct store *store, int64_t user, uint64_t bytes, uint64_t messages)
{
    if (!store_change_begin(store))
        return false;
    struct sql sql = bytes || messages
        ? sql_open(store, "INSERT OR REPLACE INTO quota (user, bytes, messages)"
                   " VALUES (?1, ?2, ?3)")
        : sql_open(store, "DELETE FROM quota WHERE user = ?1");
    sql_put(&sql, user);
    if (bytes || messages) {
        sql_put(&sql, (int64_t)bytes);
        sql_put(&sql, (int64_t)messages);
    }
    return sql_run(&sql);
}

static bool fits(uint64_t limit, uint64_t used, uint64_t more)
{
    return limit == 0 || (used <= limit && more <= limit - used);
}

bool store_quota_fits(struct store *store, int64_t user, uint64_t bytes, uint64_t messages)
{
    struct quota quota;
    return !store_quota(store, user, &quota) ||
           (fits(quota.bytes, quota.bytes_used, bytes) &&
            fits(quota.messages, quota.messages_used, messages));
}
