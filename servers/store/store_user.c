/* store_user.c: people, who they are and how they log in. Their mailboxes are
   store_mailbox.c's. */
#include "servers/store/store_private.h"

#include <string.h>

#define USER_COLUMNS "SELECT id, address, host, password FROM user "
#define UIDVALIDITY_FIRST_MAX 4000000000u /* leaves room to count up in 32 bits */

static bool user_read(struct sql *sql, struct user *user)
{
    bool found = sql_row(sql);
    if (found) {
        user->id = sql_get(sql);
        sql_get_chars(sql, user->address, sizeof user->address);
        sql_get_chars(sql, user->host, sizeof user->host);
        sql_get_chars(sql, user->password, sizeof user->password);
    }
    return sql_close(sql) && found;
}

static uint32_t uidvalidity_first(const struct store *store)
{
    uint64_t seconds = store->clock.now_ms(store->clock.context) / 1000;
    if (seconds < 1)
        return 1;
    return seconds < UIDVALIDITY_FIRST_MAX ? (uint32_t)seconds : UIDVALIDITY_FIRST_MAX;
}

static bool user_insert(struct store *store, slice address, slice host, slice password, int64_t *id)
{
    slice rest = address;
    struct sql sql = sql_open(store,
        "INSERT INTO user (address, name, host, password, next_uidvalidity)"
        " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id");
    sql_put_text(&sql, address);
    sql_put_text(&sql, take_until(&rest, '@'));
    sql_put_text(&sql, host);
    sql_put_text(&sql, password);
    sql_put(&sql, uidvalidity_first(store));
    bool added = sql_row(&sql);
    if (added)
        *id = sql_get(&sql);
    return sql_close(&sql) && added;
}

bool store_user_add(struct store *store, slice address, slice host, slice password, int64_t *id)
{
    size_t at = 0;
    struct user known;
    if (!store_name_fits(address, ADDRESS_MAX) || !store_name_fits(host, DOMAIN_MAX)
        || password.len >= sizeof known.password || slice_find(password, '\0', &at)
        || !slice_find(address, '@', &at) || at == 0)
        return false;
    if (store_user_by_address(store, address, &known) || !store_change_begin(store))
        return false;
    int64_t inbox = 0;
    return user_insert(store, address, host, password, id)
        && store_mailbox_make(store, *id, SLICE("INBOX"), &inbox);
}

bool store_user_find(struct store *store, slice host, slice name, struct user *user)
{
    size_t at;
    bool whole = slice_find(name, '@', &at);
    struct sql sql = whole
        ? sql_open(store, USER_COLUMNS "WHERE host = ? AND address = ?")
        : sql_open(store, USER_COLUMNS "WHERE host = ? AND name = ? ORDER BY id LIMIT 1");
    sql_put_text(&sql, host);
    sql_put_text(&sql, name);
    return user_read(&sql, user);
}

bool store_user_by_address(struct store *store, slice address, struct user *user)
{
    struct sql sql = sql_open(store, USER_COLUMNS "WHERE address = ?");
    sql_put_text(&sql, address);
    return user_read(&sql, user);
}

bool store_user_by_id(struct store *store, int64_t id, struct user *user)
{
    struct sql sql = sql_open(store, USER_COLUMNS "WHERE id = ?");
    sql_put(&sql, id);
    return user_read(&sql, user);
}

/* One query a row, so that the function may use the store. */
bool store_users(struct store *store, store_user_fn *each, void *context)
{
    struct user user = { .id = 0 };
    char after[ADDRESS_MAX + 1] = "";
    for (;;) {
        struct sql sql = sql_open(store, USER_COLUMNS "WHERE address > ? ORDER BY address LIMIT 1");
        sql_put_text(&sql, slice_of(after));
        if (!user_read(&sql, &user))
            return !store->failed;
        memcpy(after, user.address, sizeof after);
        if (!each(context, &user))
            return true;
    }
}
