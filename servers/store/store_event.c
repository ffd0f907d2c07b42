/* store_event.c: see store_event.h. */
#include "servers/store/store_event.h"

#include "servers/store/store_private.h"

#define THREAD_MAX 300          /* "device " and a name */
#define KIND_MAX 16
#define NAME_MAX_HERE DOMAIN_MAX
#define SUM_MAX "1099511627776"
#define SITTING_MAX "2147483647"

/* It makes the table, and the file must say the same, octet for octet. */
static const char table[] =
    "CREATE TABLE event ( -- what happened, for the next sittings: the newest of each thread\n"
    "  thread TEXT NOT NULL, -- conn 3.17 (of sitting 3), mailbox 5, device NAME, client NAME\n"
    "  sitting INTEGER NOT NULL, -- from 1\n"
    "  number INTEGER NOT NULL, -- from 1, in its trace\n"
    "  t_ms INTEGER NOT NULL, -- since 1970\n"
    "  kind TEXT NOT NULL, -- older: bytes is how many are not kept, t_ms the last one's\n"
    "  how INTEGER NOT NULL,\n"
    "  host TEXT NOT NULL,\n"
    "  peer TEXT NOT NULL,\n"
    "  mailbox INTEGER NOT NULL,\n"
    "  uid INTEGER NOT NULL,\n"
    "  message INTEGER NOT NULL,\n"
    "  bytes INTEGER NOT NULL,\n"
    "  text BLOB NOT NULL,\n"
    "  PRIMARY KEY (thread, sitting, number)\n"
    ") STRICT, WITHOUT ROWID";

#define COLUMNS "thread, sitting, number, t_ms, kind, how, host, peer, mailbox, uid, message," \
                " bytes, text"
#define BOUNDED "kind NOT IN ('" EVENT_OPEN "', '" EVENT_OLDER "')"
#define BOUNDED_ALL BOUNDED " AND kind NOT IN ('" EVENT_CONN "', '" EVENT_SITTING "')"
/* What a stranger's row says cannot overflow. */
#define COUNTED "max(0, min(bytes, " SUM_MAX "))"
/* One row a thread and sitting, 0 for all before this one, under a key that no event has. */
#define ADD_OLDER "INSERT INTO event (" COLUMNS ") SELECT thread, own, 0, max(t_ms)," \
                  " '" EVENT_OLDER "', 0, '', '', 0, 0, 0, sum(count), x'' FROM "
#define OLDER_AGAIN " ON CONFLICT DO UPDATE SET t_ms = max(t_ms, excluded.t_ms)," \
                    " bytes = " COUNTED " + excluded.bytes"

bool store_is_followed(const struct store *store) { return store->follower != NULL; }
bool store_lasts(const struct store *store) { return store->path || store->follower; }

enum event_table store_events_look(struct store *store)
{
    struct sql sql = sql_open(store, "SELECT sql FROM sqlite_schema WHERE name = 'event'");
    bool there = sql_row(&sql), ours = there && slice_is(sql_get_text(&sql), table);
    if (!sql_close(&sql))
        return EVENTS_FOREIGN;
    return ours ? EVENTS_THERE : there ? EVENTS_FOREIGN : EVENTS_ABSENT;
}

bool store_events_begin(struct store *store)
{
    if (!store_turn_begin(store))
        return false;
    enum event_table found = store_events_look(store);
    return found == EVENTS_THERE || (found == EVENTS_ABSENT && sql_simple(store, table));
}

bool store_event_add(struct store *store, const struct store_event *event)
{
    struct sql sql = sql_open(store, "INSERT OR REPLACE INTO event (" COLUMNS ")"
                              " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    sql_put_text(&sql, slice_upto(event->thread, THREAD_MAX));
    sql_put(&sql, (int64_t)event->sitting);
    sql_put(&sql, (int64_t)event->number);
    sql_put(&sql, event->t_ms);
    sql_put_text(&sql, slice_upto(event->kind, KIND_MAX));
    sql_put(&sql, event->how);
    sql_put_text(&sql, slice_upto(event->host, NAME_MAX_HERE));
    sql_put_text(&sql, slice_upto(event->peer, NAME_MAX_HERE));
    sql_put(&sql, event->mailbox);
    sql_put(&sql, event->uid);
    sql_put(&sql, event->message);
    sql_put(&sql, event->bytes);
    sql_put_blob(&sql, slice_upto(event->text, EVENT_TEXT_MAX));
    return sql_run(&sql);
}

/* --- bounds ------------------------------------------------------------------------------- */

bool store_events_left_out(struct store *store, slice thread, uint64_t sitting, uint64_t count,
                           int64_t t_ms)
{
    struct sql sql = sql_open(store, "INSERT INTO event (" COLUMNS ") VALUES (?, ?, 0, ?,"
                              " '" EVENT_OLDER "', 0, '', '', 0, 0, 0, ?, x'')" OLDER_AGAIN);
    sql_put_text(&sql, slice_upto(thread, THREAD_MAX));
    sql_put(&sql, (int64_t)sitting);
    sql_put(&sql, t_ms);
    sql_put(&sql, (int64_t)count);
    return sql_run(&sql);
}

/* A statement about a thread's events that are not among its newest. */
static struct sql beyond_open(struct store *store, const char *literal, slice thread, uint64_t max)
{
    struct sql sql = sql_open(store, literal);
    sql_put_text(&sql, slice_upto(thread, THREAD_MAX));
    sql_put(&sql, (int64_t)max);
    return sql;
}

#define BEYOND "FROM event WHERE thread = ?1 AND " BOUNDED \
               " ORDER BY sitting DESC, number DESC LIMIT -1 OFFSET ?2"

static bool beyond_remove(struct store *store, slice thread, uint64_t max)
{
    struct sql sql = beyond_open(store, "DELETE FROM event WHERE thread IN (SELECT CAST(text AS"
                                 " TEXT) FROM (SELECT kind, text " BEYOND ") WHERE kind = '"
                                 EVENT_CONN "')", thread, max);
    if (!sql_run(&sql))
        return false;
    sql = beyond_open(store, "DELETE FROM event WHERE thread = ?1 AND " BOUNDED
                      " AND (sitting, number) <= (SELECT sitting, number FROM event"
                      "  WHERE thread = ?1 AND " BOUNDED
                      "  ORDER BY sitting DESC, number DESC LIMIT 1 OFFSET ?2)", thread, max);
    return sql_run(&sql);
}

/* Sums of earlier sittings become one. */
static bool older_join(struct store *store, slice thread, uint64_t sitting)
{
#define JOINED "FROM event WHERE thread = ?1 AND kind = '" EVENT_OLDER "'" \
               " AND sitting BETWEEN 1 AND ?2 - 1"
    struct sql sql = beyond_open(store, ADD_OLDER "(SELECT thread, 0 AS own, t_ms,"
                                 " " COUNTED " AS count " JOINED ")"
                                 " WHERE true GROUP BY thread, own" OLDER_AGAIN, thread, sitting);
    if (!sql_run(&sql))
        return false;
    sql = beyond_open(store, "DELETE " JOINED, thread, sitting);
    return sql_run(&sql);
}

bool store_events_bound(struct store *store, slice thread, uint64_t sitting, uint64_t max)
{
    struct sql sql = beyond_open(store, "SELECT 1 " BEYOND, thread, max);
    bool any = sql_row(&sql);
    if (!sql_close(&sql))
        return false;
    if (!any)
        return true;
    sql = beyond_open(store, ADD_OLDER "(SELECT thread, iif(sitting = ?3, sitting, 0) AS own, t_ms,"
                      " 1 AS count " BEYOND ") WHERE true GROUP BY thread, own" OLDER_AGAIN,
                      thread, max);
    sql_put(&sql, (int64_t)sitting);
    return sql_run(&sql) && beyond_remove(store, thread, max) &&
           older_join(store, thread, sitting);
}

/* Those that store_events_bound_all may remove. */
static uint64_t events_count(struct store *store)
{
    struct sql sql = sql_open(store, "SELECT count(*) FROM event WHERE " BOUNDED_ALL);
    uint64_t count = sql_row(&sql) ? (uint64_t)sql_get(&sql) : 0;
    sql_close(&sql);
    return count;
}

/* Where the oldest of them end: a quarter more than is needed, so that it is seldom. */
static bool oldest_end(struct store *store, uint64_t many, int64_t *sitting, int64_t *number)
{
    struct sql sql = sql_open(store, "SELECT sitting, number FROM event WHERE " BOUNDED_ALL
                              " ORDER BY sitting, number LIMIT 1 OFFSET ?");
    sql_put(&sql, (int64_t)many);
    bool found = sql_row(&sql);
    *sitting = found ? sql_get(&sql) : INT64_MAX;
    *number = found ? sql_get(&sql) : 0;
    return sql_close(&sql);
}

bool store_events_bound_all(struct store *store, uint64_t sitting, uint64_t max)
{
    uint64_t count = events_count(store);
    int64_t end, number;
    if (count <= max)
        return !store->failed;
    if (!oldest_end(store, count - max + max / 4, &end, &number))
        return false;
#define OLDEST "FROM event WHERE " BOUNDED_ALL " AND (sitting, number) < (?1, ?2)"
    struct sql sql = sql_open(store, ADD_OLDER "(SELECT thread, iif(sitting = ?3, sitting, 0)"
                              " AS own, t_ms, 1 AS count " OLDEST ")"
                              " WHERE true GROUP BY thread, own" OLDER_AGAIN);
    sql_put(&sql, end);
    sql_put(&sql, number);
    sql_put(&sql, (int64_t)sitting);
    if (!sql_run(&sql))
        return false;
    sql = sql_open(store, "DELETE " OLDEST);
    sql_put(&sql, end);
    sql_put(&sql, number);
    return sql_run(&sql);
}

/* --- reading ------------------------------------------------------------------------------ */

uint64_t store_events_sitting(struct store *store, int64_t *how)
{
    struct sql sql = sql_open(store, "SELECT sitting, how FROM event"
                              " WHERE thread = '" EVENT_SITTING "'"
                              " AND sitting BETWEEN 1 AND " SITTING_MAX
                              " ORDER BY sitting DESC, number DESC LIMIT 1");
    bool found = sql_row(&sql);
    uint64_t last = found ? (uint64_t)sql_get(&sql) : 0;
    *how = found ? sql_get(&sql) : 0;
    sql_close(&sql);
    return last;
}

static slice short_text(struct sql *sql, size_t max, bool *fits)
{
    slice text = sql_get_text(sql);
    *fits = *fits && text.len <= max;
    return slice_upto(text, max);
}

/* A number that is none of ours makes the row unreadable, not the file. */
static int64_t number_upto(struct sql *sql, int64_t max, bool *fits)
{
    int64_t number = sql_get(sql);
    *fits = *fits && number >= 0 && number <= max;
    return number;
}

static bool event_read(struct sql *sql, struct store_event *event)
{
    bool fits = true;
    event->thread = short_text(sql, THREAD_MAX, &fits);
    event->sitting = (uint64_t)number_upto(sql, UINT32_MAX, &fits);
    event->number = (uint64_t)number_upto(sql, INT64_MAX, &fits);
    event->t_ms = number_upto(sql, WORLD_MS_MAX, &fits);
    event->kind = short_text(sql, KIND_MAX, &fits);
    event->how = number_upto(sql, UINT8_MAX, &fits);
    event->host = short_text(sql, NAME_MAX_HERE, &fits);
    event->peer = short_text(sql, NAME_MAX_HERE, &fits);
    event->mailbox = number_upto(sql, INT64_MAX, &fits);
    event->uid = number_upto(sql, UINT32_MAX, &fits);
    event->message = number_upto(sql, INT64_MAX, &fits);
    event->bytes = number_upto(sql, INT64_MAX, &fits);
    event->text = short_text(sql, EVENT_TEXT_MAX, &fits);
    return fits;
}

bool store_event_opening(struct store *store, slice thread, store_event_fn *each, void *context)
{
    struct sql sql = sql_open(store, "SELECT " COLUMNS " FROM event WHERE thread = ?"
                              " AND kind = '" EVENT_OPEN "' ORDER BY sitting, number LIMIT 1");
    struct store_event event;
    sql_put_text(&sql, slice_upto(thread, THREAD_MAX));
    bool found = sql_row(&sql) && event_read(&sql, &event);
    if (found && each)
        each(context, &event);
    return sql_close(&sql) && found;
}

bool store_events(struct store *store, store_event_fn *each, void *context, uint64_t *damaged)
{
    struct sql sql = sql_open(store, "SELECT " COLUMNS " FROM event"
                              " ORDER BY sitting, number, thread");
    struct store_event event;
    while (sql_row(&sql))
        if (!event_read(&sql, &event))
            ++*damaged;
        else if (each)
            each(context, &event);
    return sql_close(&sql);
}

bool store_events_check(struct store *store, struct buf *report)
{
    uint64_t damaged = 0;
    enum event_table found = store_events_look(store);
    if (found == EVENTS_THERE && !store_events(store, NULL, NULL, &damaged))
        return false;
    if (found == EVENTS_FOREIGN)
        buf_add_text(report, "table event: it is not this program's, and is left alone\n");
    if (damaged)
        buf_format(report, "table event: %llu rows cannot be read\n",
                   (unsigned long long)damaged);
    return found != EVENTS_FOREIGN && damaged == 0;
}
