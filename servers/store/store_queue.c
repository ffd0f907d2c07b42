/* store_queue.c: what the hosts have still to deliver, one recipient a row, and who was
   asked to come back later. When to try again is the relay's affair. */
#include "servers/store/store_private.h"

#define QUEUE_COLUMNS \
    "SELECT id, message, host, sender, recipient, domain, since_ms, next_ms, attempts, warned," \
    " last_reply, notify, returns, utf8, envid, orcpt FROM queue LEFT JOIN wish" \
    " ON wish.queue = queue.id "

static void queued_put(struct sql *sql, const struct queued *queued)
{
    sql_put(sql, queued->message_key);
    sql_put_text(sql, slice_of(queued->host));
    sql_put_text(sql, slice_of(queued->sender));
    sql_put_text(sql, slice_of(queued->recipient));
    sql_put_text(sql, slice_of(queued->domain));
    sql_put(sql, queued->since_ms);
    sql_put(sql, queued->next_ms);
    sql_put(sql, queued->attempts);
    sql_put(sql, queued->warned);
    sql_put_text(sql, slice_of(queued->last_reply));
}

static bool dsn_any(const struct dsn *dsn)
{
    return dsn->notify || dsn->returns || dsn->utf8 || dsn->envid[0] ||
           dsn->orcpt[0];
}

static bool dsn_add(struct store *store, int64_t queue, const struct dsn *dsn)
{
    if (!dsn_any(dsn))
        return true;
    struct sql sql = sql_open(store, "INSERT INTO wish (queue, notify, returns, utf8, envid, orcpt)"
                              " VALUES (?, ?, ?, ?, ?, ?)");
    sql_put(&sql, queue);
    sql_put(&sql, dsn->notify);
    sql_put(&sql, dsn->returns);
    sql_put(&sql, dsn->utf8);
    sql_put_text(&sql, slice_of(dsn->envid));
    sql_put_text(&sql, slice_of(dsn->orcpt));
    return sql_run(&sql);
}

/* Of an entry without a row they are all "not said". */
static void dsn_read(struct sql *sql, struct dsn *dsn)
{
    dsn->notify = (uint8_t)sql_get(sql);
    dsn->returns = (uint8_t)sql_get(sql);
    dsn->utf8 = sql_get(sql) != 0;
    sql_get_chars(sql, dsn->envid, sizeof dsn->envid);
    sql_get_chars(sql, dsn->orcpt, sizeof dsn->orcpt);
}

bool store_queue_add(struct store *store, const struct queued *queued, int64_t *id)
{
    if (!store_change_begin(store))
        return false;
    struct sql sql = sql_open(store, "INSERT INTO queue (message, host, sender, recipient, domain,"
        " since_ms, next_ms, attempts, warned, last_reply) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    queued_put(&sql, queued);
    bool added = sql_run(&sql);
    if (added)
        *id = sqlite3_last_insert_rowid(store->db);
    return added && dsn_add(store, *id, &queued->dsn);
}

bool store_queue_update(struct store *store, const struct queued *queued)
{
    if (!store_change_begin(store))
        return false;
    struct sql sql = sql_open(store, "UPDATE queue SET message = ?, host = ?, sender = ?,"
        " recipient = ?, domain = ?, since_ms = ?, next_ms = ?, attempts = ?, warned = ?,"
        " last_reply = ? WHERE id = ? RETURNING id");
    queued_put(&sql, queued);
    sql_put(&sql, queued->id);
    bool found = sql_row(&sql);
    return sql_close(&sql) && found;
}

bool store_queue_remove(struct store *store, int64_t id)
{
    if (!store_change_begin(store))
        return false;
    struct sql sql = sql_open(store, "DELETE FROM wish WHERE queue = ?");
    sql_put(&sql, id);
    if (!sql_run(&sql))
        return false;
    sql = sql_open(store, "DELETE FROM queue WHERE id = ? RETURNING message");
    sql_put(&sql, id);
    bool found = sql_row(&sql);
    if (found)
        store_suspect(store, sql_get(&sql));
    return sql_close(&sql) && found;
}

static bool queued_read(struct sql *sql, struct queued *queued)
{
    if (!sql_row(sql))
        return false;
    queued->id = sql_get(sql);
    queued->message_key = sql_get(sql);
    sql_get_chars(sql, queued->host, sizeof queued->host);
    sql_get_chars(sql, queued->sender, sizeof queued->sender);
    sql_get_chars(sql, queued->recipient, sizeof queued->recipient);
    sql_get_chars(sql, queued->domain, sizeof queued->domain);
    queued->since_ms = sql_get(sql);
    queued->next_ms = sql_get(sql);
    queued->attempts = (uint32_t)sql_get(sql);
    queued->warned = sql_get(sql) != 0;
    sql_get_chars(sql, queued->last_reply, sizeof queued->last_reply);
    dsn_read(sql, &queued->dsn);
    return true;
}

size_t store_queue_due(struct store *store, slice host, int64_t due_ms, struct queued *queued,
                       size_t max)
{
    size_t count = 0;
    struct sql sql = sql_open(store, QUEUE_COLUMNS "WHERE host = ? AND next_ms <= ?"
                              " ORDER BY next_ms, id LIMIT ?");
    sql_put_text(&sql, host);
    sql_put(&sql, due_ms);
    sql_put(&sql, (int64_t)max);
    while (count < max && queued_read(&sql, &queued[count]))
        count++;
    return sql_close(&sql) ? count : 0;
}

bool store_queue_next(struct store *store, slice host, int64_t *next_ms)
{
    struct sql sql = sql_open(store, "SELECT next_ms FROM queue WHERE host = ?"
                              " ORDER BY next_ms, id LIMIT 1");
    sql_put_text(&sql, host);
    bool found = sql_row(&sql);
    if (found)
        *next_ms = sql_get(&sql);
    return sql_close(&sql) && found;
}

size_t store_queue_count(struct store *store, slice host)
{
    struct sql sql = sql_open(store, "SELECT count(*) FROM queue WHERE host = ?");
    sql_put_text(&sql, host);
    size_t count = sql_row(&sql) ? (size_t)sql_get(&sql) : 0;
    return sql_close(&sql) ? count : 0;
}

static void triple_put(struct sql *sql, slice host, slice address, slice sender, slice recipient)
{
    sql_put_text(sql, host);
    sql_put_text(sql, address);
    sql_put_text(sql, sender);
    sql_put_text(sql, recipient);
}

bool store_greylist(struct store *store, slice host, slice address, slice sender, slice recipient,
                    int64_t now_ms, int64_t *first_ms)
{
    struct sql sql = sql_open(store, "SELECT first_ms FROM greylist WHERE host = ? AND address = ?"
                              " AND sender = ? AND recipient = ?");
    triple_put(&sql, host, address, sender, recipient);
    bool known = sql_row(&sql);
    *first_ms = known ? sql_get(&sql) : now_ms;
    if (!sql_close(&sql))
        return false;
    if (known)
        return true;
    if (!store_change_begin(store))
        return false;
    sql = sql_open(store, "INSERT INTO greylist (host, address, sender, recipient, first_ms)"
                   " VALUES (?, ?, ?, ?, ?)");
    triple_put(&sql, host, address, sender, recipient);
    sql_put(&sql, now_ms);
    return sql_run(&sql);
}
