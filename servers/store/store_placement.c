/* store_placement.c: messages in mailboxes: uids, flags, expunging, and the modseq that
   makes every change findable. Each change has a modseq of its own, so the change feed can
   be read in pages. */
#include "servers/store/store_private.h"

#define ZONE_MINUTES_MAX 5999               /* "+9959" */
#define DATE_MS_MIN (-62167219200000)       /* the year 0, */
#define DATE_MS_MAX 253402300799999         /* and the end of 9999: four digits */
#define PLACEMENT_COLUMNS \
    "SELECT uid, message, flags, date_ms, zone_minutes, modseq, size, expunged FROM placement "
#define FLAGS_POSSIBLE \
    (FLAG_SYSTEM | ((((uint64_t)1 << KEYWORDS_MAX) - 1) << FLAG_KEYWORD_SHIFT))
#define LEAVING_MAX 256
#define FEED_FACTOR 4 /* pages of changes up to which sorting them beats walking by uid */

/* A file may come from a stranger, and this table is too large to be looked through when it is
   opened: whoever reads a row may count on these. */
static bool row_obeys(int64_t uid, int64_t zone, int64_t size, const struct placement *row)
{
    return uid >= 1 && uid <= UINT32_MAX && zone >= -ZONE_MINUTES_MAX && zone <= ZONE_MINUTES_MAX &&
           size >= 0 && size <= MESSAGE_BYTES_MAX && row->modseq >= 1 &&
           row->modseq <= MODSEQ_MAX && row->date_ms >= DATE_MS_MIN && row->date_ms <= DATE_MS_MAX;
}

bool store_placement_read(struct sql *sql, struct placement *placement)
{
    if (!sql_row(sql))
        return false;
    int64_t uid = sql_get(sql);
    placement->message_key = sql_get(sql);
    placement->flags = (uint64_t)sql_get(sql);
    placement->date_ms = sql_get(sql);
    int64_t zone = sql_get(sql);
    placement->modseq = (uint64_t)sql_get(sql);
    int64_t size = sql_get(sql);
    placement->expunged = sql_get(sql) != 0;
    placement->uid = (uint32_t)uid;
    placement->zone_minutes = (int32_t)zone;
    placement->size = (uint64_t)size;
    return row_obeys(uid, zone, size, placement) || sql_damaged(sql);
}

static bool counters_read(struct store *store, int64_t mailbox, struct mailbox_step *step)
{
    struct sql sql = sql_open(store, "SELECT uidnext, highest_modseq FROM mailbox WHERE id = ?"
                              " AND selectable = 1");
    sql_put(&sql, mailbox);
    bool found = sql_row(&sql);
    int64_t uidnext = found ? sql_get(&sql) + step->uid : 0;
    step->uidnext = (uint32_t)uidnext;
    step->modseq = found ? (uint64_t)sql_get(&sql) + (step->changes ? step->changes : 1) : 0;
    if (uidnext > UINT32_MAX)
        store_fail(store, "a mailbox has no UID left");
    return sql_close(&sql) && found && uidnext <= UINT32_MAX;
}

/* Not in one UPDATE with RETURNING: SQLite makes a table in memory for what that returns, and
   this runs for every change of every message. */
bool store_mailbox_step(struct store *store, int64_t mailbox, struct mailbox_step *step)
{
    if (!counters_read(store, mailbox, step))
        return false;
    struct sql sql = sql_open(store, "UPDATE mailbox SET uidnext = ?2, highest_modseq = ?3,"
        " messages = messages + ?4, unseen = unseen + ?5, bytes = bytes + ?6 WHERE id = ?1");
    sql_put(&sql, mailbox);
    sql_put(&sql, step->uidnext);
    sql_put(&sql, (int64_t)step->modseq);
    sql_put(&sql, step->messages);
    sql_put(&sql, step->unseen);
    sql_put(&sql, step->bytes);
    return sql_run(&sql) &&
           store_deleted_add(store, mailbox, step->deleted, step->deleted_bytes);
}

/* A message with these flags is there from now on (1), or no longer (-1). */
static void step_count(struct mailbox_step *step, const struct placement *row, uint64_t flags,
                       int64_t sign)
{
    step->unseen += (flags & FLAG_SEEN) ? 0 : sign;
    step->deleted += (flags & FLAG_DELETED) ? sign : 0;
    step->deleted_bytes += (flags & FLAG_DELETED) ? sign * (int64_t)row->size : 0;
}

static void box_changed(struct store *store, int64_t mailbox)
{
    struct box *box = store_box_find(store, mailbox);
    if (box)
        box->stale = true;
}

/* --- placing ------------------------------------------------------------------------------- */

static bool message_size(struct store *store, int64_t message_key, int64_t *size)
{
    struct sql sql = sql_open(store, "SELECT size FROM message WHERE id = ? AND draft = 0");
    sql_put(&sql, message_key);
    bool found = sql_row(&sql);
    if (found)
        *size = sql_get(&sql);
    return sql_close(&sql) && found;
}

static bool placement_insert(struct store *store, int64_t mailbox,
                             const struct placement *placement)
{
    struct sql sql = sql_open(store, "INSERT INTO placement (mailbox, uid, message, flags, date_ms,"
        " zone_minutes, modseq, size, expunged) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0)");
    sql_put(&sql, mailbox);
    sql_put(&sql, placement->uid);
    sql_put(&sql, placement->message_key);
    sql_put(&sql, (int64_t)placement->flags);
    sql_put(&sql, placement->date_ms);
    sql_put(&sql, placement->zone_minutes);
    sql_put(&sql, (int64_t)placement->modseq);
    sql_put(&sql, (int64_t)placement->size);
    return sql_run(&sql);
}

bool store_place(struct store *store, int64_t mailbox, int64_t message_key, uint64_t flags,
                 int64_t date_ms, int32_t zone_minutes, uint32_t *uid)
{
    int64_t size;
    if (!message_size(store, message_key, &size) || !store_change_begin(store))
        return false;
    struct placement placement = {
        .message_key = message_key, .flags = flags & FLAGS_POSSIBLE, .date_ms = date_ms,
        .zone_minutes = zone_minutes, .size = (uint64_t)size,
    };
    struct mailbox_step step = { .uid = 1, .messages = 1, .bytes = size, .changes = 1 };
    step_count(&step, &placement, placement.flags, 1);
    if (!store_mailbox_step(store, mailbox, &step))
        return false;
    *uid = placement.uid = step.uidnext - 1;
    placement.modseq = step.modseq;
    box_changed(store, mailbox);
    struct unseen unseen = { .store = store, .mailbox = mailbox };
    return placement_insert(store, mailbox, &placement) &&
           store_unseen_add(&unseen, placement.uid, step.unseen) && store_unseen_end(&unseen) &&
           store_change_add(store, mailbox, placement.uid, placement.modseq, 1);
}

/* Keywords are bits of a mailbox: the other one has others for the same names. */
static bool keywords_carry(struct store *store, int64_t from, int64_t to, uint64_t *flags)
{
    uint64_t carried = *flags & FLAG_SYSTEM;
    if (carried == *flags)
        return true;
    for (int64_t bit = 0; bit < KEYWORDS_MAX; bit++) {
        char name[KEYWORD_NAME_MAX + 1] = "";
        uint64_t mask = 0;
        if (!(*flags >> (FLAG_KEYWORD_SHIFT + bit) & 1))
            continue;
        struct sql sql = sql_open(store, "SELECT name FROM keyword WHERE mailbox = ? AND bit = ?");
        sql_put(&sql, from);
        sql_put(&sql, bit);
        if (sql_row(&sql))
            sql_get_chars(&sql, name, sizeof name);
        if (!sql_close(&sql))
            return false;
        if (store_keyword(store, to, slice_of(name), true, &mask))
            carried |= mask; /* without: the mailbox has KEYWORDS_MAX others */
    }
    *flags = carried;
    return !store->failed;
}

bool store_copy_page(struct store *store, int64_t mailbox, const struct placement *rows,
                     size_t count, int64_t to, uint32_t *first_uid)
{
    struct mailbox_step step = { .changes = 0 };
    for (size_t i = 0; i < count; i++) {
        uint64_t flags = rows[i].flags;
        if (rows[i].expunged)
            continue;
        if (mailbox != to && !keywords_carry(store, mailbox, to, &flags))
            return false; /* what has to be made is made before anything is placed */
        step_count(&step, &rows[i], flags, 1);
        step.bytes += (int64_t)rows[i].size;
        step.changes++;
    }
    step.uid = step.messages = (int64_t)step.changes;
    if (step.changes == 0)
        return true;
    if (!store_change_begin(store) || !store_mailbox_step(store, to, &step))
        return false;
    uint32_t uid = *first_uid = step.uidnext - (uint32_t)step.changes;
    uint64_t modseq = step.modseq - step.changes;
    struct unseen unseen = { .store = store, .mailbox = to };
    box_changed(store, to);
    for (size_t i = 0; i < count; i++) {
        struct placement copy = rows[i];
        if (copy.expunged)
            continue;
        copy.uid = uid++;
        copy.modseq = ++modseq;
        copy.flags &= FLAGS_POSSIBLE;
        if ((mailbox != to && !keywords_carry(store, mailbox, to, &copy.flags)) ||
            !placement_insert(store, to, &copy) ||
            !store_unseen_add(&unseen, copy.uid, (copy.flags & FLAG_SEEN) == 0))
            return false;
    }
    return store_unseen_end(&unseen) &&
           store_change_add(store, to, uid - 1, step.modseq, step.changes);
}

bool store_copy(struct store *store, int64_t mailbox, uint32_t uid, int64_t to, uint32_t *new_uid)
{
    struct placement placement;
    return store_placement(store, mailbox, uid, &placement) && !placement.expunged &&
           store_copy_page(store, mailbox, &placement, 1, to, new_uid);
}

/* --- reading ------------------------------------------------------------------------------- */

bool store_placement(struct store *store, int64_t mailbox, uint32_t uid,
                     struct placement *placement)
{
    struct sql sql = sql_open(store, PLACEMENT_COLUMNS "WHERE mailbox = ? AND uid = ?");
    sql_put(&sql, mailbox);
    sql_put(&sql, uid);
    bool found = store_placement_read(&sql, placement);
    return sql_close(&sql) && found;
}

size_t store_placements_read(struct sql *sql, struct placement *placements, size_t max)
{
    size_t count = 0;
    sql_put(sql, (int64_t)max);
    while (count < max && store_placement_read(sql, &placements[count]))
        count++;
    return sql_close(sql) ? count : 0;
}

/* Modseqs are not shared, so their distance bounds how many placements have changed. */
static bool changes_are_few(struct store *store, int64_t mailbox, uint64_t since, size_t max)
{
    struct sql sql = sql_open(store, "SELECT highest_modseq FROM mailbox WHERE id = ?");
    sql_put(&sql, mailbox);
    uint64_t highest = sql_row(&sql) ? (uint64_t)sql_get(&sql) : 0;
    return sql_close(&sql) && (highest <= since || (highest - since) / FEED_FACTOR <= max);
}

size_t store_placements(struct store *store, int64_t mailbox, uint32_t first, uint32_t last,
                        uint64_t since, bool with_expunged, struct placement *placements,
                        size_t max)
{
    if (since > INT64_MAX || max == 0)
        return 0;
    struct sql sql;
    if (since > 0 && changes_are_few(store, mailbox, since, max)) {
        sql = store_changed_open(store, mailbox, since, first, last, with_expunged);
        return store_placements_read(&sql, placements, max);
    }
    sql = sql_open(store, PLACEMENT_COLUMNS "WHERE mailbox = ? AND uid BETWEEN ? AND ?"
                   " AND modseq > ? AND expunged <= ? ORDER BY uid LIMIT ?");
    sql_put(&sql, mailbox);
    sql_put(&sql, first);
    sql_put(&sql, last);
    sql_put(&sql, (int64_t)since);
    sql_put(&sql, with_expunged);
    return store_placements_read(&sql, placements, max);
}

size_t store_expunged(struct store *store, int64_t mailbox, uint64_t since, uint64_t upto,
                      struct expunged *expunged, size_t max)
{
    size_t count = 0;
    if (since > INT64_MAX)
        return 0;
    struct sql sql = sql_open(store, "SELECT uid, modseq FROM expunged WHERE mailbox = ?"
                              " AND modseq > ? AND modseq <= ? ORDER BY modseq LIMIT ?");
    sql_put(&sql, mailbox);
    sql_put(&sql, (int64_t)since);
    sql_put(&sql, (int64_t)(upto < INT64_MAX ? upto : INT64_MAX));
    sql_put(&sql, (int64_t)max);
    for (; count < max && sql_row(&sql); count++) {
        expunged[count].uid = (uint32_t)sql_get(&sql);
        expunged[count].modseq = (uint64_t)sql_get(&sql);
    }
    return sql_close(&sql) ? count : 0;
}

/* --- changing ------------------------------------------------------------------------------- */

static uint64_t flags_changed(uint64_t old, enum flag_change change, uint64_t flags)
{
    flags &= FLAGS_POSSIBLE;
    if (change == FLAGS_ADD)
        return old | flags;
    return change == FLAGS_REMOVE ? old & ~flags : flags;
}

/* Rows whose uids follow each other without a gap: one statement changes them all, since their
   modseqs do too. OR FAIL: SQLite keeps no copy of the pages for the statement alone, since one
   that fails is undone with its command. */
struct run {
    uint32_t first, last; /* uids; 0: empty */
    uint64_t modseq;      /* the first one's new one */
};

static bool run_takes(struct run *run, uint32_t uid)
{
    if (run->first == 0 || uid != run->last + 1)
        return false;
    run->last = uid;
    return true;
}

static void run_begin(struct run *run, uint32_t uid, uint64_t modseq)
{
    *run = (struct run){ uid, uid, modseq };
}

static void run_put(struct sql *sql, int64_t mailbox, const struct run *run)
{
    sql_put(sql, mailbox);
    sql_put(sql, run->first);
    sql_put(sql, run->last);
}

/* To the change feed. */
static bool run_tell(struct store *store, int64_t mailbox, const struct run *run)
{
    uint64_t behind = run->last - run->first;
    return store_change_add(store, mailbox, run->last, run->modseq + behind, behind + 1);
}

/* Rows whose modseqs lead nowhere from now on, and what they were to the count of the unseen. */
struct leaving {
    struct unseen unseen;
    size_t count;
    uint64_t modseqs[LEAVING_MAX];
};

static bool leaving_end(struct leaving *leaving)
{
    size_t count = leaving->count;
    leaving->count = 0;
    return store_unseen_end(&leaving->unseen) &&
           store_changes_forget(leaving->unseen.store, leaving->unseen.mailbox, leaving->modseqs,
                                count);
}

static bool leaving_add(struct leaving *leaving, const struct placement *row, int64_t unseen)
{
    if (leaving->count == LEAVING_MAX && !leaving_end(leaving))
        return false;
    leaving->modseqs[leaving->count++] = row->modseq;
    return store_unseen_add(&leaving->unseen, row->uid, unseen);
}

static bool flags_update(struct store *store, int64_t mailbox, const struct run *run,
                         enum flag_change change, uint64_t flags)
{
    if (run->first == 0)
        return true;
    struct sql sql = sql_open(store, "UPDATE OR FAIL placement SET flags = flags & ?4 | ?5,"
                              " modseq = uid + ?6 WHERE mailbox = ?1 AND uid BETWEEN ?2 AND ?3");
    run_put(&sql, mailbox, run);
    uint64_t kept = change == FLAGS_REPLACE ? 0 : flags_changed(FLAGS_POSSIBLE, change, flags);
    sql_put(&sql, (int64_t)kept);
    sql_put(&sql, (int64_t)flags_changed(0, change, flags));
    sql_put(&sql, (int64_t)run->modseq - run->first);
    return sql_run(&sql) && run_tell(store, mailbox, run);
}

/* Which of them change: `*wanted`, and what they come to. */
static uint64_t flags_want(const struct placement *rows, size_t count, enum flag_change change,
                           uint64_t flags, struct mailbox_step *step)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t wanted = flags_changed(rows[i].flags, change, flags);
        if (rows[i].expunged || wanted == rows[i].flags)
            continue;
        step_count(step, &rows[i], rows[i].flags, -1);
        step_count(step, &rows[i], wanted, 1);
        step->changes++;
    }
    return step->changes;
}

bool store_flags_page(struct store *store, int64_t mailbox, struct placement *rows, size_t count,
                      enum flag_change change, uint64_t flags)
{
    struct mailbox_step step = { .changes = 0 };
    if (flags_want(rows, count, change, flags, &step) == 0)
        return true;
    if (!store_change_begin(store) || !store_mailbox_step(store, mailbox, &step))
        return false;
    uint64_t modseq = step.modseq - step.changes;
    struct run run = { .first = 0 };
    struct leaving leaving = { .unseen = { .store = store, .mailbox = mailbox } };
    for (size_t i = 0; i < count; i++) {
        uint64_t wanted = flags_changed(rows[i].flags, change, flags);
        if (rows[i].expunged || wanted == rows[i].flags)
            continue;
        int64_t unseen = (int64_t)(rows[i].flags & FLAG_SEEN) - (int64_t)(wanted & FLAG_SEEN);
        if (!leaving_add(&leaving, &rows[i], unseen))
            return false;
        rows[i].flags = wanted;
        rows[i].modseq = ++modseq;
        if (run_takes(&run, rows[i].uid))
            continue;
        if (!flags_update(store, mailbox, &run, change, flags))
            return false;
        run_begin(&run, rows[i].uid, modseq);
    }
    return flags_update(store, mailbox, &run, change, flags) && leaving_end(&leaving);
}

bool store_flags(struct store *store, int64_t mailbox, uint32_t uid, enum flag_change change,
                 uint64_t flags, struct placement *after)
{
    struct placement row;
    bool changed = store_placement(store, mailbox, uid, &row) &&
                   store_flags_page(store, mailbox, &row, 1, change, flags);
    if (changed && after)
        *after = row;
    return changed;
}

/* The uids of a run, as gone, behind what changed before. */
static bool expunged_insert(struct store *store, int64_t mailbox, const struct run *run)
{
    struct sql sql = sql_open(store, "INSERT INTO expunged (mailbox, modseq, uid)"
                              " SELECT mailbox, uid + ?4, uid FROM placement"
                              " WHERE mailbox = ?1 AND uid BETWEEN ?2 AND ?3 ORDER BY uid");
    run_put(&sql, mailbox, run);
    sql_put(&sql, (int64_t)run->modseq - run->first);
    return sql_run(&sql);
}

/* Somebody shows them still. */
static bool placements_stamp(struct store *store, int64_t mailbox, const struct run *run)
{
    struct sql sql = sql_open(store, "UPDATE OR FAIL placement SET expunged = 1, modseq = uid + ?4"
                              " WHERE mailbox = ?1 AND uid BETWEEN ?2 AND ?3");
    run_put(&sql, mailbox, run);
    sql_put(&sql, (int64_t)run->modseq - run->first);
    return sql_run(&sql) && run_tell(store, mailbox, run);
}

static bool placements_delete(struct store *store, int64_t mailbox, const struct run *run)
{
    struct sql sql = sql_open(store, "DELETE FROM placement"
                              " WHERE mailbox = ?1 AND uid BETWEEN ?2 AND ?3");
    run_put(&sql, mailbox, run);
    return sql_run(&sql);
}

static bool run_expunge(struct store *store, int64_t mailbox, const struct run *run, bool kept)
{
    return run->first == 0 || (expunged_insert(store, mailbox, run) &&
                               (kept ? placements_stamp : placements_delete)(store, mailbox, run));
}

static void box_expunged(struct store *store, struct box *box, bool kept)
{
    box->stale = true;
    if (!kept)
        return;
    box->kept = true;
    box->tidied = 0;
    store_box_tidy(store, box);
}

/* The rows stay until the turn's end finds no view that needs them, or go at once if none but the
   remover's is there; the uids stay for ever. */
bool store_expunge_page(struct store *store, int64_t mailbox, const struct view *own,
                        const struct placement *rows, size_t count)
{
    struct mailbox_step step = { .changes = 0 };
    for (size_t i = 0; i < count; i++) {
        if (rows[i].expunged)
            continue;
        step_count(&step, &rows[i], rows[i].flags, -1);
        step.bytes -= (int64_t)rows[i].size;
        step.changes++;
    }
    step.messages = -(int64_t)step.changes;
    if (step.changes == 0)
        return true;
    if (!store_change_begin(store) || !store_mailbox_step(store, mailbox, &step))
        return false;
    struct box *box = store_box(store, mailbox);
    bool kept = store_box_is_watched(box, own);
    box_expunged(store, box, kept);
    uint64_t modseq = step.modseq - step.changes;
    struct run run = { .first = 0 };
    struct leaving leaving = { .unseen = { .store = store, .mailbox = mailbox } };
    for (size_t i = 0; i < count; i++) {
        if (rows[i].expunged)
            continue;
        modseq++;
        if (!leaving_add(&leaving, &rows[i], (rows[i].flags & FLAG_SEEN) ? 0 : -1))
            return false;
        if (!kept)
            store_suspect(store, rows[i].message_key);
        if (run_takes(&run, rows[i].uid))
            continue;
        if (!run_expunge(store, mailbox, &run, kept))
            return false;
        run_begin(&run, rows[i].uid, modseq);
    }
    return run_expunge(store, mailbox, &run, kept) && leaving_end(&leaving);
}

bool store_expunge(struct store *store, int64_t mailbox, uint32_t uid)
{
    struct placement row;
    return store_placement(store, mailbox, uid, &row) && !row.expunged &&
           store_expunge_page(store, mailbox, NULL, &row, 1);
}

bool store_recent_claim(struct store *store, int64_t mailbox, uint32_t *first)
{
    struct mailbox now;
    if (!store_mailbox_by_id(store, mailbox, &now))
        return false;
    *first = now.recent_from;
    if (now.recent_from == now.uidnext || store_refuses(store)) /* then others see them so, too */
        return true;
    if (!store_change_begin(store))
        return false;
    struct sql sql = sql_open(store, "UPDATE mailbox SET recent_from = uidnext WHERE id = ?");
    sql_put(&sql, mailbox);
    return sql_run(&sql);
}
