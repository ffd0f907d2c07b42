/* store_mailbox.c: mailboxes, their names and the tree that the names make, subscriptions
   and keywords. Names are values: never a path, never SQL. Messages in mailboxes are
   store_placement.c's. RFC 3501 5.1, 6.3.3 to 6.3.7. */
#include "servers/store/store_private.h"

#include <string.h>

#define MAILBOX_COLUMNS \
    "SELECT id, user, name, uidvalidity, uidnext, highest_modseq, recent_from, messages, unseen," \
    " bytes, selectable," \
    " coalesce((SELECT use FROM special_use WHERE special_use.mailbox = mailbox.id), 0)" \
    " FROM mailbox "

#define PAGE 64 /* placements moved at a time */
#define AT_ONCE 256 /* messages that go with their mailbox in one turn */

/* --- names ----------------------------------------------------------------------------- */

struct name {
    char octets[MAILBOX_NAME_MAX + 1];
    size_t len;
};

static slice name_slice(const struct name *name) { return (slice){ name->octets, name->len }; }

static size_t name_levels(slice name)
{
    size_t levels = 1;
    for (size_t i = 0; i < name.len; i++)
        levels += name.at[i] == '/';
    return levels;
}

/* As the store keeps it: INBOX, also as a first level, in capitals. False: no mailbox
   can have this name. */
static bool name_read(struct name *name, slice given)
{
    slice rest = given;
    if (!store_name_fits(given, MAILBOX_NAME_MAX) || name_levels(given) > MAILBOX_DEPTH_MAX)
        return false;
    if (given.at[given.len - 1] == '/')
        return false;
    while (rest.len)
        if (take_until(&rest, '/').len == 0)
            return false;
    memcpy(name->octets, given.at, given.len);
    name->octets[given.len] = '\0';
    name->len = given.len;
    rest = given;
    if (slice_is_nocase(take_until(&rest, '/'), "INBOX"))
        memcpy(name->octets, "INBOX", 5);
    return true;
}

/* The name of the level above; false: it is at the top. */
static bool name_parent(slice name, slice *parent)
{
    size_t len = name.len;
    while (len > 0 && name.at[len - 1] != '/')
        len--;
    if (len == 0)
        return false;
    *parent = slice_upto(name, len - 1);
    return true;
}

/* --- finding --------------------------------------------------------------------------- */

static bool mailbox_read(struct sql *sql, struct mailbox *mailbox)
{
    bool found = sql_row(sql);
    if (found) {
        mailbox->id = sql_get(sql);
        mailbox->user = sql_get(sql);
        sql_get_chars(sql, mailbox->name, sizeof mailbox->name);
        mailbox->uidvalidity = (uint32_t)sql_get(sql);
        mailbox->uidnext = (uint32_t)sql_get(sql);
        mailbox->highest_modseq = (uint64_t)sql_get(sql);
        mailbox->recent_from = (uint32_t)sql_get(sql);
        mailbox->messages = (uint32_t)sql_get(sql);
        mailbox->unseen = (uint32_t)sql_get(sql);
        mailbox->bytes = (uint64_t)sql_get(sql);
        mailbox->selectable = sql_get(sql) != 0;
        mailbox->use = (uint32_t)sql_get(sql);
    }
    return sql_close(sql) && found;
}

static bool mailbox_find(struct store *store, int64_t user, slice name, struct mailbox *mailbox)
{
    struct sql sql = sql_open(store, MAILBOX_COLUMNS "WHERE user = ? AND name = ?");
    sql_put(&sql, user);
    sql_put_text(&sql, name);
    return mailbox_read(&sql, mailbox);
}

bool store_mailbox_find(struct store *store, int64_t user, slice name, struct mailbox *mailbox)
{
    struct name wanted;
    return name_read(&wanted, name) && mailbox_find(store, user, name_slice(&wanted), mailbox);
}

bool store_mailbox_by_id(struct store *store, int64_t id, struct mailbox *mailbox)
{
    struct sql sql = sql_open(store, MAILBOX_COLUMNS "WHERE id = ? AND name IS NOT NULL");
    sql_put(&sql, id);
    return mailbox_read(&sql, mailbox);
}

/* One query a row, so that the function may use the store. */
bool store_mailboxes(struct store *store, int64_t user, store_mailbox_fn *each, void *context)
{
    struct mailbox mailbox = { .name = "" };
    char after[MAILBOX_NAME_MAX + 1] = "";
    for (;;) {
        struct sql sql = sql_open(store, MAILBOX_COLUMNS
                                  "WHERE user = ? AND name > ? ORDER BY name LIMIT 1");
        sql_put(&sql, user);
        sql_put_text(&sql, slice_of(after));
        if (!mailbox_read(&sql, &mailbox))
            return !store->failed;
        memcpy(after, mailbox.name, sizeof after);
        if (!each(context, &mailbox))
            return true;
    }
}

bool store_mailbox_has_children(struct store *store, int64_t user, slice name)
{
    struct name parent;
    if (!name_read(&parent, name))
        return false;
    struct sql sql = sql_open(store, "SELECT 1 FROM mailbox WHERE user = ?1"
                              " AND name >= ?2 || '/' AND name < ?2 || '0' LIMIT 1");
    sql_put(&sql, user);
    sql_put_text(&sql, name_slice(&parent));
    bool found = sql_row(&sql);
    return sql_close(&sql) && found;
}

/* --- making ---------------------------------------------------------------------------- */

/* Larger than any this user's mailboxes ever had, and not before the present second. */
static bool uidvalidity_next(struct store *store, int64_t user, uint32_t *uidvalidity)
{
    struct sql sql = sql_open(store, "UPDATE user SET next_uidvalidity ="
                              " max(next_uidvalidity, ?2) + 1 WHERE id = ?1"
                              " RETURNING next_uidvalidity - 1");
    uint64_t seconds = store->clock.now_ms(store->clock.context) / 1000;
    sql_put(&sql, user);
    sql_put(&sql, (int64_t)(seconds < UINT32_MAX / 2 ? seconds : 1));
    bool found = sql_row(&sql);
    int64_t next = found ? sql_get(&sql) : 0;
    if (!sql_close(&sql) || !found)
        return false;
    if (next > UINT32_MAX)
        store_fail(store, "no UIDVALIDITY is left");
    *uidvalidity = (uint32_t)next;
    return next <= UINT32_MAX;
}

bool store_mailbox_make(struct store *store, int64_t user, slice name, int64_t *id)
{
    uint32_t uidvalidity;
    if (!uidvalidity_next(store, user, &uidvalidity))
        return false;
    struct sql sql = sql_open(store,
        "INSERT INTO mailbox (user, name, selectable, uidvalidity, uidnext, highest_modseq,"
        " recent_from, messages, unseen, bytes) VALUES (?, ?, 1, ?, 1, 1, 1, 0, 0, 0)"
        " RETURNING id");
    sql_put(&sql, user);
    sql_put_text(&sql, name);
    sql_put(&sql, uidvalidity);
    if (sql_row(&sql))
        *id = sql_get(&sql);
    return sql_close(&sql);
}

/* A \Noselect name becomes a mailbox again. Its uids go on, so that none comes twice. */
static bool mailbox_revive(struct store *store, const struct mailbox *mailbox)
{
    uint32_t uidvalidity;
    if (!uidvalidity_next(store, mailbox->user, &uidvalidity))
        return false;
    struct sql sql = sql_open(store, "UPDATE mailbox SET selectable = 1, uidvalidity = ?2,"
                              " recent_from = uidnext WHERE id = ?1");
    sql_put(&sql, mailbox->id);
    sql_put(&sql, uidvalidity);
    return sql_run(&sql);
}

static size_t levels_missing(struct store *store, int64_t user, slice name)
{
    struct mailbox found;
    slice level = name;
    size_t missing = 0;
    do {
        if (mailbox_find(store, user, level, &found))
            break; /* then those above it exist too */
        missing++;
    } while (name_parent(level, &level));
    return missing;
}

static bool user_has_room(struct store *store, int64_t user, size_t more)
{
    struct sql sql = sql_open(store, "SELECT count(*) FROM mailbox WHERE user = ?"
                              " AND name IS NOT NULL");
    sql_put(&sql, user);
    size_t count = sql_row(&sql) ? (size_t)sql_get(&sql) : 0;
    return sql_close(&sql) && count + more <= MAILBOXES_PER_USER_MAX;
}

static bool parents_make(struct store *store, int64_t user, slice name)
{
    struct mailbox found;
    for (size_t i = 0; i < name.len; i++) {
        slice level = slice_upto(name, i);
        int64_t id;
        if (name.at[i] != '/' || mailbox_find(store, user, level, &found))
            continue;
        if (store->failed || !store_mailbox_make(store, user, level, &id))
            return false;
    }
    return true;
}

bool store_mailbox_create(struct store *store, int64_t user, slice given, int64_t *id)
{
    struct name name;
    struct mailbox found;
    if (!name_read(&name, given))
        return false;
    if (mailbox_find(store, user, name_slice(&name), &found)) {
        *id = found.id;
        return !found.selectable && store_change_begin(store) && mailbox_revive(store, &found);
    }
    if (!user_has_room(store, user, levels_missing(store, user, name_slice(&name)))
        || !store_change_begin(store))
        return false;
    return parents_make(store, user, name_slice(&name))
        && store_mailbox_make(store, user, name_slice(&name), id);
}

static bool use_forget(struct store *store, int64_t mailbox)
{
    struct sql sql = sql_open(store, "DELETE FROM special_use WHERE mailbox = ?");
    sql_put(&sql, mailbox);
    return sql_run(&sql);
}

bool store_mailbox_use(struct store *store, int64_t id, uint32_t use)
{
    if (!store_change_begin(store) || !use_forget(store, id))
        return false;
    if (!use)
        return true;
    struct sql sql = sql_open(store, "INSERT INTO special_use (mailbox, use) VALUES (?, ?)");
    sql_put(&sql, id);
    sql_put(&sql, use);
    return sql_run(&sql);
}

/* --- removing and renaming ------------------------------------------------------------- */

static bool messages_expunge(struct store *store, int64_t mailbox)
{
    struct placement page[PAGE];
    size_t count;
    while ((count = store_placements(store, mailbox, 1, UINT32_MAX, 0, false, page, PAGE)) > 0)
        for (size_t i = 0; i < count; i++)
            if (!store_expunge(store, mailbox, page[i].uid))
                return false;
    return !store->failed;
}

/* With much in it: its name goes at once, what it holds in pieces (store_chore). A name that must
   stay becomes another mailbox's. */
static bool mailbox_doom(struct store *store, const struct mailbox *mailbox, bool parent)
{
    int64_t other = mailbox->id;
    struct sql sql = sql_open(store, "UPDATE mailbox SET name = NULL WHERE id = ?");
    sql_put(&sql, mailbox->id);
    struct box *box = store_box(store, mailbox->id);
    box->kept = box->doomed = box->full = true;
    store_box_tidy(store, box);
    if (!sql_run(&sql))
        return false;
    if (!parent)
        return true;
    if (!store_mailbox_make(store, mailbox->user, slice_of(mailbox->name), &other))
        return false;
    sql = sql_open(store, "UPDATE mailbox SET selectable = 0 WHERE id = ?");
    sql_put(&sql, other);
    return sql_run(&sql);
}

bool store_mailbox_delete(struct store *store, int64_t id)
{
    struct mailbox mailbox;
    if (!store_mailbox_by_id(store, id, &mailbox) || slice_is(slice_of(mailbox.name), "INBOX"))
        return false;
    bool parent = store_mailbox_has_children(store, mailbox.user, slice_of(mailbox.name));
    if (parent && !mailbox.selectable)
        return false;
    if (!store_change_begin(store) || !use_forget(store, id))
        return false;
    if (mailbox.messages > AT_ONCE)
        return mailbox_doom(store, &mailbox, parent);
    if (!messages_expunge(store, id))
        return false;
    struct sql sql = sql_open(store, "UPDATE mailbox SET selectable = 0,"
                              " name = CASE WHEN ?2 THEN name END WHERE id = ?1");
    sql_put(&sql, id);
    sql_put(&sql, parent);
    struct box *box = store_box(store, id);
    box->kept = true; /* the row itself goes when nobody looks */
    store_box_tidy(store, box);
    return sql_run(&sql);
}

static bool keywords_copy(struct store *store, int64_t from, int64_t to)
{
    struct sql sql = sql_open(store, "INSERT INTO keyword (mailbox, bit, name)"
                              " SELECT ?2, bit, name FROM keyword WHERE mailbox = ?1");
    sql_put(&sql, from);
    sql_put(&sql, to);
    return sql_run(&sql);
}

static bool messages_move(struct store *store, int64_t from, int64_t to)
{
    struct placement page[PAGE];
    size_t count;
    uint32_t uid;
    while ((count = store_placements(store, from, 1, UINT32_MAX, 0, false, page, PAGE)) > 0)
        for (size_t i = 0; i < count; i++)
            if (!store_place(store, to, page[i].message_key, page[i].flags, page[i].date_ms,
                             page[i].zone_minutes, &uid)
                || !store_expunge(store, from, page[i].uid))
                return false;
    return !store->failed;
}

/* Many go in pages: whoever asked waits for them (store_has_left_task). */
static bool messages_move_later(struct store *store, const struct mailbox *from, int64_t to)
{
    struct buf uids = BUF_MAX(32);
    buf_format(&uids, "1:%u", from->uidnext - 1);
    struct task_plan plan = { .kind = TASK_MOVE, .mailbox = from->id, .to = to,
                              .uids = buf_slice(&uids) };
    struct task *task = store_task_new(store, &plan);
    bool kept = store_task_keep(task, 0);
    store_task_leave(task);
    buf_free(&uids);
    return kept;
}

/* RFC 3501 6.3.5: INBOX stays, its messages go; its children stay too. */
static bool inbox_rename(struct store *store, const struct mailbox *inbox, slice name)
{
    int64_t to;
    return user_has_room(store, inbox->user, levels_missing(store, inbox->user, name))
        && store_change_begin(store) && parents_make(store, inbox->user, name)
        && store_mailbox_make(store, inbox->user, name, &to)
        && keywords_copy(store, inbox->id, to)
        && (inbox->messages > AT_ONCE ? messages_move_later(store, inbox, to)
                                      : messages_move(store, inbox->id, to));
}

/* Do the names of the children still fit when the parent's is this one? */
static bool children_fit(struct store *store, const struct mailbox *mailbox, slice name)
{
    struct sql sql = sql_open(store,
        "SELECT coalesce(max(octets), 0), coalesce(max(octets - bare), 0) FROM"
        " (SELECT length(CAST(name AS BLOB)) AS octets,"
        "   length(CAST(replace(name, '/', '') AS BLOB)) AS bare FROM mailbox"
        "  WHERE user = ?1 AND name >= ?2 || '/' AND name < ?2 || '0')");
    slice old = slice_of(mailbox->name);
    sql_put(&sql, mailbox->user);
    sql_put_text(&sql, old);
    bool found = sql_row(&sql);
    size_t octets = found ? (size_t)sql_get(&sql) : 0;
    size_t slashes = found ? (size_t)sql_get(&sql) : 0;
    if (!sql_close(&sql))
        return false;
    return octets == 0
        || (octets - old.len + name.len <= MAILBOX_NAME_MAX
            && slashes + 1 - name_levels(old) + name_levels(name) <= MAILBOX_DEPTH_MAX);
}

static bool tree_rename(struct store *store, const struct mailbox *mailbox, slice name)
{
    struct sql sql = sql_open(store,
        "UPDATE mailbox SET name = ?3 || CAST(substr(CAST(name AS BLOB), ?4) AS TEXT)"
        " WHERE user = ?1 AND (name = ?2 OR (name >= ?2 || '/' AND name < ?2 || '0'))");
    sql_put(&sql, mailbox->user);
    sql_put_text(&sql, slice_of(mailbox->name));
    sql_put_text(&sql, name);
    sql_put(&sql, (int64_t)strlen(mailbox->name) + 1);
    return sql_run(&sql);
}

/* The name may have been another mailbox's, with a larger uidvalidity than this one's:
   a client that knew that one must see it grow (RFC 3501 2.3.1.1). So for those below. */
static bool tree_uidvalidities(struct store *store, int64_t user, slice top)
{
    char name[MAILBOX_NAME_MAX + 1] = "";
    for (;;) {
        uint32_t uidvalidity;
        struct sql sql = sql_open(store,
            "SELECT id, name FROM mailbox WHERE user = ?1 AND name > ?3"
            " AND (name = ?2 OR (name >= ?2 || '/' AND name < ?2 || '0')) ORDER BY name LIMIT 1");
        sql_put(&sql, user);
        sql_put_text(&sql, top);
        sql_put_text(&sql, slice_of(name));
        bool found = sql_row(&sql);
        int64_t id = found ? sql_get(&sql) : 0;
        if (found)
            sql_get_chars(&sql, name, sizeof name);
        if (!sql_close(&sql) || !found)
            return !store_failed(store);
        if (!uidvalidity_next(store, user, &uidvalidity))
            return false;
        sql = sql_open(store, "UPDATE mailbox SET uidvalidity = ?2 WHERE id = ?1");
        sql_put(&sql, id);
        sql_put(&sql, uidvalidity);
        if (!sql_run(&sql))
            return false;
    }
}

bool store_mailbox_rename(struct store *store, int64_t id, slice given)
{
    struct name name;
    struct mailbox mailbox, there;
    if (!name_read(&name, given) || !store_mailbox_by_id(store, id, &mailbox)
        || mailbox_find(store, mailbox.user, name_slice(&name), &there))
        return false;
    if (slice_is(slice_of(mailbox.name), "INBOX"))
        return inbox_rename(store, &mailbox, name_slice(&name));
    if (!children_fit(store, &mailbox, name_slice(&name))
        || !user_has_room(store, mailbox.user,
                          levels_missing(store, mailbox.user, name_slice(&name)) - 1)
        || !store_change_begin(store))
        return false;
    return tree_rename(store, &mailbox, name_slice(&name))
        && tree_uidvalidities(store, mailbox.user, name_slice(&name))
        && parents_make(store, mailbox.user, name_slice(&name));
}

/* --- subscriptions --------------------------------------------------------------------- */

bool store_subscribe(struct store *store, int64_t user, slice given, bool on)
{
    struct name name;
    if (!name_read(&name, given) || !store_change_begin(store))
        return false;
    struct sql sql = on
        ? sql_open(store, "INSERT INTO subscription (user, name) VALUES (?, ?)"
                   " ON CONFLICT DO NOTHING")
        : sql_open(store, "DELETE FROM subscription WHERE user = ? AND name = ?");
    sql_put(&sql, user);
    sql_put_text(&sql, name_slice(&name));
    return sql_run(&sql);
}

bool store_subscriptions(struct store *store, int64_t user, store_name_fn *each, void *context)
{
    char name[MAILBOX_NAME_MAX + 1] = "", after[MAILBOX_NAME_MAX + 1] = "";
    for (;;) {
        struct sql sql = sql_open(store, "SELECT name FROM subscription WHERE user = ?"
                                  " AND name > ? ORDER BY name LIMIT 1");
        sql_put(&sql, user);
        sql_put_text(&sql, slice_of(after));
        bool found = sql_row(&sql);
        if (found)
            sql_get_chars(&sql, name, sizeof name);
        if (!sql_close(&sql) || !found)
            return !store->failed;
        memcpy(after, name, sizeof after);
        if (!each(context, slice_of(name)))
            return true;
    }
}

/* --- keywords -------------------------------------------------------------------------- */

static uint64_t keyword_mask(int64_t bit) { return (uint64_t)1 << (FLAG_KEYWORD_SHIFT + bit); }

static bool keyword_find(struct store *store, int64_t mailbox, slice name, uint64_t *bit)
{
    struct sql sql = sql_open(store, "SELECT bit FROM keyword WHERE mailbox = ? AND name = ?");
    sql_put(&sql, mailbox);
    sql_put_text(&sql, name);
    bool found = sql_row(&sql);
    if (found)
        *bit = keyword_mask(sql_get(&sql));
    return sql_close(&sql) && found;
}

bool store_keyword(struct store *store, int64_t mailbox, slice name, bool make, uint64_t *bit)
{
    if (!store_name_fits(name, KEYWORD_NAME_MAX))
        return false;
    if (keyword_find(store, mailbox, name, bit))
        return true;
    if (!make || !store_change_begin(store))
        return false;
    struct sql sql = sql_open(store,
        "INSERT INTO keyword (mailbox, bit, name) SELECT ?1, count(*), ?2 FROM keyword"
        " WHERE mailbox = ?1 HAVING count(*) < ?3 RETURNING bit");
    sql_put(&sql, mailbox);
    sql_put_text(&sql, name);
    sql_put(&sql, KEYWORDS_MAX);
    bool made = sql_row(&sql);
    if (made)
        *bit = keyword_mask(sql_get(&sql));
    return sql_close(&sql) && made;
}

bool store_keywords(struct store *store, int64_t mailbox, struct arena *arena, slice *names,
                    size_t *count)
{
    struct sql sql = sql_open(store, "SELECT name FROM keyword WHERE mailbox = ? ORDER BY bit");
    sql_put(&sql, mailbox);
    *count = 0;
    while (*count < KEYWORDS_MAX && sql_row(&sql))
        names[(*count)++] = arena_copy(arena, sql_get_text(&sql));
    return sql_close(&sql);
}
