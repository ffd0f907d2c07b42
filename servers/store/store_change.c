/* store_change.c: the change feed: which messages of a mailbox changed, in the order of their
   modseqs. It stands in runs, of messages whose uids and modseqs follow each other, since a command
   changes many at once; a row a message in an index of modseqs cost more than the change itself. A
   message's modseq stands in its placement: a run only leads there, and goes when none of its
   messages has the modseq that it had in it. */
#include "servers/store/store_private.h"

/* Longer than any page of a command, so longer than any run of ours. */
#define RUN_MAX 1024
/* The runs behind ?2, and of each the messages that nobody has changed since. A stranger's run that
   claims to be long, or newer than its mailbox, costs no more than one of ours. */
#define CHANGED \
    "SELECT placement.uid, message, flags, date_ms, zone_minutes, placement.modseq, size," \
    " expunged FROM change CROSS JOIN placement ON placement.mailbox = ?1" \
    "  AND placement.uid BETWEEN" \
    "   change.uid + 1 - min(count, change.modseq - ?2, " DIGITS(RUN_MAX) ") AND change.uid" \
    "  AND placement.modseq = change.modseq - change.uid + placement.uid" \
    " WHERE change.mailbox = ?1 AND change.modseq > ?2" \
    "  AND change.modseq <= (SELECT highest_modseq FROM mailbox WHERE id = ?1) "

struct sql store_changed_open(struct store *store, int64_t mailbox, uint64_t since, uint32_t first,
                              uint32_t last, bool with_expunged)
{
    struct sql sql = sql_open(store, CHANGED "AND placement.uid BETWEEN ?3 AND ?4"
                              " AND expunged <= ?5 ORDER BY placement.uid LIMIT ?6");
    sql_put(&sql, mailbox);
    sql_put(&sql, (int64_t)since);
    sql_put(&sql, first);
    sql_put(&sql, last);
    sql_put(&sql, with_expunged);
    return sql;
}

size_t store_changes(struct store *store, int64_t mailbox, uint64_t since,
                     struct placement *placements, size_t max)
{
    if (since > INT64_MAX)
        return 0;
    struct sql sql = sql_open(store, CHANGED "ORDER BY change.modseq, placement.uid LIMIT ?3");
    sql_put(&sql, mailbox);
    sql_put(&sql, (int64_t)since);
    return store_placements_read(&sql, placements, max);
}

bool store_change_add(struct store *store, int64_t mailbox, uint32_t uid, uint64_t modseq,
                      uint64_t count)
{
    must(count <= RUN_MAX);
    struct sql sql = sql_open(store, "INSERT OR REPLACE INTO change (mailbox, modseq, uid, count,"
                              " live)"
                              " VALUES (?1, ?2, ?3, ?4, ?4)");
    sql_put(&sql, mailbox);
    sql_put(&sql, (int64_t)modseq);
    sql_put(&sql, uid);
    sql_put(&sql, (int64_t)count);
    return sql_run(&sql);
}

/* --- runs that lead nowhere any more -------------------------------------------------------- */

struct change {
    uint64_t first, last; /* modseqs */
    uint64_t live;
};

static bool runs_delete(struct store *store, int64_t mailbox, uint64_t first, uint64_t last)
{
    struct sql sql = sql_open(store, "DELETE FROM change WHERE mailbox = ?1"
                              " AND modseq BETWEEN ?2 AND ?3 AND modseq - count >= ?2 - 1");
    sql_put(&sql, mailbox);
    sql_put(&sql, (int64_t)first);
    sql_put(&sql, (int64_t)last);
    return sql_run(&sql);
}

/* The run that this modseq stands in, or the next one. False: none, or failed. */
static bool run_find(struct store *store, int64_t mailbox, uint64_t modseq, struct change *run)
{
    struct sql sql = sql_open(store, "SELECT modseq, count, live FROM change WHERE mailbox = ?"
                              " AND modseq >= ? ORDER BY modseq LIMIT 1");
    sql_put(&sql, mailbox);
    sql_put(&sql, (int64_t)modseq);
    bool found = sql_row(&sql);
    if (found) {
        run->last = (uint64_t)sql_get(&sql);
        uint64_t count = (uint64_t)sql_get(&sql);
        run->first = count - 1 < run->last ? run->last - count + 1 : run->last;
        run->live = (uint64_t)sql_get(&sql);
    }
    return sql_close(&sql) && found;
}

static bool run_shrink(struct store *store, int64_t mailbox, const struct change *run,
                       uint64_t lost)
{
    struct sql sql = run->live > lost
        ? sql_open(store, "UPDATE change SET live = ?3 WHERE mailbox = ?1 AND modseq = ?2")
        : sql_open(store, "DELETE FROM change WHERE mailbox = ?1 AND modseq = ?2");
    sql_put(&sql, mailbox);
    sql_put(&sql, (int64_t)run->last);
    if (run->live > lost)
        sql_put(&sql, (int64_t)(run->live - lost));
    return sql_run(&sql);
}

/* All messages whose modseq is one of these have another one now, or are gone. */
static bool modseqs_forget(struct store *store, int64_t mailbox, uint64_t first, uint64_t last)
{
    struct change run;
    if (!runs_delete(store, mailbox, first, last))
        return false;
    if (first == last && sqlite3_changes(store->db) > 0)
        return true; /* as it was when it came */
    while (first <= last && run_find(store, mailbox, first, &run) && run.first <= last) {
        uint64_t from = run.first > first ? run.first : first;
        uint64_t to = run.last < last ? run.last : last;
        if (!run_shrink(store, mailbox, &run, to - from + 1))
            return false;
        first = run.last + 1;
    }
    return !store->failed;
}

/* Few, and most of them in order. */
static void modseqs_sort(uint64_t *modseqs, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        uint64_t modseq = modseqs[i];
        size_t at = i;
        for (; at > 0 && modseqs[at - 1] > modseq; at--)
            modseqs[at] = modseqs[at - 1];
        modseqs[at] = modseq;
    }
}

bool store_changes_forget(struct store *store, int64_t mailbox, uint64_t *modseqs, size_t count)
{
    modseqs_sort(modseqs, count);
    for (size_t i = 0, first = 0; i < count; i++) {
        if (i + 1 < count && modseqs[i + 1] == modseqs[i] + 1)
            continue;
        if (!modseqs_forget(store, mailbox, modseqs[first], modseqs[i]))
            return false;
        first = i + 1;
    }
    return true;
}
