/* store_view.c: what memory holds for live sessions: the shared uid lists, the views with
   their marks, POP3's lock; and the removal of what no view needs any more. */
#include "servers/store/store_private.h"

#include <string.h>

#include "base/heap.h"

#define BOX_PIECE 256        /* rows that are removed at once */

struct view {
    struct store *store;
    struct box *box;
    uint64_t mark;
    struct view *next, **link;      /* link points at what points here */
};

/* --- boxes ---------------------------------------------------------------------------- */

/* The first box that is not before this mailbox's. */
static size_t box_place(const struct store *store, int64_t mailbox)
{
    size_t low = 0, high = store->box_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (store->boxes[middle]->mailbox < mailbox)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct box *store_box_find(const struct store *store, int64_t mailbox)
{
    size_t at = box_place(store, mailbox);
    if (at < store->box_count && store->boxes[at]->mailbox == mailbox)
        return store->boxes[at];
    return NULL;
}

struct box *store_box(struct store *store, int64_t mailbox)
{
    struct box *box = store_box_find(store, mailbox);
    if (box)
        return box;
    if (store->box_count == store->box_cap) {
        store->box_cap = store->box_cap ? store->box_cap * 2 : 16;
        store->boxes = heap_resize_near(store, store->boxes,
                                        store->box_cap * sizeof *store->boxes);
    }
    size_t at = box_place(store, mailbox);
    memmove(store->boxes + at + 1, store->boxes + at,
            (store->box_count - at) * sizeof *store->boxes);
    box = heap_take_near(store, sizeof *box);
    box->mailbox = mailbox;
    store->boxes[at] = box;
    store->box_count++;
    return box;
}

static void box_forget_uids(struct box *box)
{
    uid_list_release(box->uids);
    box->uids = NULL;
    box->stale = false;
}

void store_box_tidy(struct store *store, struct box *box)
{
    if (box->pending)
        return;
    box->pending = true;
    box->next_pending = store->pending;
    store->pending = box;
}

bool store_box_is_watched(const struct box *box, const struct view *own)
{
    return box->views && (box->views != own || own->next);
}

/* Up to which modseq every view of the mailbox has seen it. */
static uint64_t box_seen(const struct box *box)
{
    uint64_t seen = INT64_MAX;
    for (const struct view *view = box->views; view; view = view->next)
        if (view->mark < seen)
            seen = view->mark;
    return seen;
}

/* Some of them; box->full: there may be more. */
static bool placements_remove(struct store *store, struct box *box)
{
    size_t removed = 0;
    uint64_t modseqs[BOX_PIECE];
    struct sql sql = sql_open(store,
        "DELETE FROM placement WHERE mailbox = ?1 AND uid IN (SELECT uid FROM placement"
        " WHERE mailbox = ?1 AND expunged = 1 AND modseq <= ?2 ORDER BY modseq LIMIT ?3)"
        " RETURNING message, modseq");
    sql_put(&sql, box->mailbox);
    sql_put(&sql, (int64_t)box_seen(box));
    sql_put(&sql, BOX_PIECE);
    for (; removed < BOX_PIECE && sql_row(&sql); removed++) {
        store_suspect(store, sql_get(&sql));
        modseqs[removed] = (uint64_t)sql_get(&sql);
    }
    box->full = removed == BOX_PIECE;
    return sql_close(&sql) && store_changes_forget(store, box->mailbox, modseqs, removed);
}

static bool box_is_unnamed(struct store *store, const struct box *box)
{
    struct sql sql = sql_open(store, "SELECT 1 FROM mailbox WHERE id = ? AND name IS NULL");
    sql_put(&sql, box->mailbox);
    bool unnamed = sql_row(&sql);
    return sql_close(&sql) && unnamed;
}

/* Some of what a deleted mailbox still holds; empty, it holds messages no more. */
static bool doomed_empty(struct store *store, struct box *box)
{
    struct placement rows[BOX_PIECE];
    if (!box_is_unnamed(store, box)) /* DELETE was undone */
        return !(box->doomed = store->failed);
    size_t count = store_placements(store, box->mailbox, 1, UINT32_MAX, 0, false, rows, BOX_PIECE);
    if (count)
        return store_expunge_page(store, box->mailbox, NULL, rows, count);
    struct sql sql = sql_open(store, "UPDATE mailbox SET selectable = 0 WHERE id = ?");
    sql_put(&sql, box->mailbox);
    box->doomed = false;
    return sql_run(&sql);
}

/* The uids of a deleted mailbox that are remembered as gone: some of them. */
static bool expunged_forget(struct store *store, struct box *box)
{
    struct sql sql = sql_open(store, "SELECT modseq FROM expunged WHERE mailbox = ?1"
                              " ORDER BY modseq LIMIT 1 OFFSET ?2");
    sql_put(&sql, box->mailbox);
    sql_put(&sql, BOX_PIECE * 4);
    box->full = sql_row(&sql);
    int64_t upto = box->full ? sql_get(&sql) : INT64_MAX;
    if (!sql_close(&sql))
        return false;
    sql = sql_open(store, "DELETE FROM expunged WHERE mailbox = ? AND modseq <= ?");
    sql_put(&sql, box->mailbox);
    sql_put(&sql, upto);
    return sql_run(&sql);
}

/* A deleted mailbox stays only for its views. */
static bool mailbox_remove(struct store *store, struct box *box)
{
    if (!box_is_unnamed(store, box))
        return !store->failed;
    if (!expunged_forget(store, box) || box->full)
        return !store->failed;
    struct sql sql = sql_open(store, "DELETE FROM mailbox WHERE id = ? AND name IS NULL"
                              " RETURNING id");
    sql_put(&sql, box->mailbox);
    box->gone = sql_row(&sql);
    return sql_close(&sql);
}

static bool box_tidy(struct store *store, struct box *box)
{
    uint64_t seen = box_seen(box);
    if (!box->kept || (seen != INT64_MAX && box->tidied == seen && !box->full))
        return true;
    if (!store_turn_begin(store) || !placements_remove(store, box))
        return false;
    box->full = box->full || box->doomed;
    if (box->full)
        return true;
    box->tidied = seen;
    if (!box->views && !mailbox_remove(store, box))
        return false;
    box->kept = box->views != NULL || box->full;
    return true;
}

bool store_boxes_tidy(struct store *store)
{
    for (struct box *box = store->pending; box; box = box->next_pending)
        if (!box_tidy(store, box))
            return false;
    return true;
}

static struct box *full_box(const struct store *store)
{
    struct box *box = store->pending;
    while (box && !box->full)
        box = box->next_pending;
    return box;
}

bool store_has_full_box(const struct store *store) { return full_box(store) != NULL; }

bool store_full_box_tidy(struct store *store, int64_t *mailbox)
{
    struct box *box = full_box(store);
    *mailbox = box->mailbox;
    if (box->doomed && !doomed_empty(store, box))
        return false;
    return box_tidy(store, box);
}

static void box_free(struct box *box)
{
    uid_list_release(box->uids);
    heap_give(box);
}

static void box_drop(struct store *store, struct box *box)
{
    size_t at = box_place(store, box->mailbox);
    store->box_count--;
    memmove(store->boxes + at, store->boxes + at + 1,
            (store->box_count - at) * sizeof *store->boxes);
    box_free(box);
}

void store_boxes_kept(struct store *store)
{
    for (struct box **at = &store->pending, *box; (box = *at) != NULL;) {
        if (box->full) {
            at = &box->next_pending;
            continue;
        }
        *at = box->next_pending;
        box->pending = false;
        if (box->gone && !box->views && !box->locked)
            box_drop(store, box);
    }
}

void store_boxes_forget(struct store *store)
{
    for (size_t i = 0; i < store->box_count; i++)
        box_forget_uids(store->boxes[i]);
}

/* The tables are now as they were before: believe nothing, ask again. */
void store_boxes_undone(struct store *store)
{
    store_boxes_forget(store);
    for (size_t i = 0; i < store->box_count; i++) {
        struct box *box = store->boxes[i];
        box->gone = false;
        box->kept = true;
        box->tidied = 0;
        store_box_tidy(store, box);
    }
}

void store_boxes_free(struct store *store)
{
    for (size_t i = 0; i < store->box_count; i++) {
        struct view *next;
        for (struct view *view = store->boxes[i]->views; view; view = next) {
            next = view->next;
            heap_give(view);
        }
        box_free(store->boxes[i]);
    }
    heap_give(store->boxes);
}

/* --- uid lists ------------------------------------------------------------------------- */

struct uid_list *uid_list_hold(struct uid_list *list)
{
    must(list->references > 0 && list->references < UINT32_MAX);
    list->references++;
    return list;
}

void uid_list_release(struct uid_list *list)
{
    if (!list)
        return;
    must(list->references > 0);
    if (--list->references == 0)
        heap_give(list);
}

struct list_maker {
    const struct store *store;
    struct uid_list *list;
    uint32_t cap;
};

static void maker_room(struct list_maker *maker, uint32_t cap)
{
    maker->list = heap_resize_near(maker->store, maker->list, sizeof *maker->list +
                                   cap * sizeof maker->list->uids[0]);
    maker->cap = cap;
}

static struct list_maker maker_new(const struct store *store, uint32_t cap, uint64_t modseq)
{
    struct list_maker maker = { store, NULL, 0 };
    maker_room(&maker, cap);
    maker.list->references = 1;
    maker.list->count = 0;
    maker.list->modseq = modseq;
    return maker;
}

static void maker_add(struct list_maker *maker, uint32_t uid)
{
    if (maker->list->count == maker->cap) {
        must(maker->cap < UINT32_MAX / 4);
        maker_room(maker, maker->cap * 2 + 16);
    }
    maker->list->uids[maker->list->count++] = uid;
}

/* Appends what one query about a mailbox answers. */
static bool maker_ask(struct list_maker *maker, struct store *store, const char *literal,
                      int64_t mailbox, uint64_t after)
{
    struct sql sql = sql_open(store, literal);
    sql_put(&sql, mailbox);
    sql_put(&sql, (int64_t)after);
    while (sql_row(&sql))
        maker_add(maker, (uint32_t)sql_get(&sql));
    return sql_close(&sql);
}

static bool maker_ask_uids(struct list_maker *maker, struct store *store, int64_t mailbox,
                           uint32_t after)
{
    return maker_ask(maker, store, "SELECT uid FROM placement WHERE mailbox = ? AND uid > ?"
                     " AND expunged = 0 ORDER BY uid", mailbox, after);
}

/* What is left of an older list, without those expunged since. */
static bool maker_keep(struct list_maker *maker, struct store *store, int64_t mailbox,
                       const struct uid_list *old)
{
    struct list_maker gone = maker_new(store, 16, 0);
    bool known = maker_ask(&gone, store, "SELECT uid FROM expunged WHERE mailbox = ?"
                           " AND modseq > ? ORDER BY uid", mailbox, old->modseq);
    uint32_t next = 0;
    for (uint32_t i = 0; known && i < old->count; i++) {
        while (next < gone.list->count && gone.list->uids[next] < old->uids[i])
            next++;
        if (next == gone.list->count || gone.list->uids[next] != old->uids[i])
            maker_add(maker, old->uids[i]);
    }
    heap_give(gone.list);
    return known;
}

static bool box_make_uids(struct store *store, struct box *box)
{
    struct sql sql = sql_open(store, "SELECT highest_modseq, messages FROM mailbox WHERE id = ?");
    sql_put(&sql, box->mailbox);
    bool found = sql_row(&sql);
    uint64_t modseq = found ? (uint64_t)sql_get(&sql) : 0;
    uint32_t messages = found ? (uint32_t)sql_get(&sql) : 0;
    if (!sql_close(&sql) || !found)
        return false;
    struct list_maker maker = maker_new(store, messages + 1, modseq);
    const struct uid_list *old = box->uids;
    if (old && messages < old->count / 2)
        old = NULL; /* to sort all that went would take longer */
    bool made = !old || maker_keep(&maker, store, box->mailbox, old);
    made = made && maker_ask_uids(&maker, store, box->mailbox,
                                  old && old->count ? old->uids[old->count - 1] : 0);
    if (!made) {
        heap_give(maker.list);
        return false;
    }
    box_forget_uids(box);
    box->uids = maker.list;
    return true;
}

struct uid_list *store_uids(struct store *store, int64_t mailbox)
{
    struct box *box = store_box(store, mailbox);
    if ((!box->uids || box->stale) && !box_make_uids(store, box))
        return NULL;
    return uid_list_hold(box->uids);
}

/* --- views -------------------------------------------------------------------------------- */

struct view *store_view_open(struct store *store, int64_t mailbox, uint64_t modseq)
{
    struct view *view = heap_take_near(store, sizeof *view);
    struct box *box = store_box(store, mailbox);
    *view = (struct view){ store, box, modseq, box->views, &box->views };
    if (box->views)
        box->views->link = &view->next;
    box->views = view;
    return view;
}

void store_view_mark(struct view *view, uint64_t modseq)
{
    if (modseq <= view->mark)
        return;
    view->mark = modseq;
    if (view->box->kept)
        store_box_tidy(view->store, view->box);
}

void store_view_close(struct view *view)
{
    if (!view)
        return;
    *view->link = view->next;
    if (view->next)
        view->next->link = view->link;
    if (view->box->kept)
        store_box_tidy(view->store, view->box);
    heap_give(view);
}

bool store_maildrop_lock(struct store *store, int64_t mailbox)
{
    struct box *box = store_box(store, mailbox);
    if (box->locked)
        return false;
    box->locked = true;
    return true;
}

void store_maildrop_unlock(struct store *store, int64_t mailbox)
{
    struct box *box = store_box_find(store, mailbox);
    must(box && box->locked);
    box->locked = false;
}

/* --- fsck ----------------------------------------------------------------------------------- */

static bool list_equals(const struct uid_list *list, const struct uid_list *other)
{
    return list->count == other->count
        && memcmp(list->uids, other->uids, list->count * sizeof list->uids[0]) == 0;
}

static bool box_check(struct store *store, const struct box *box, struct buf *report)
{
    bool sound = true;
    struct list_maker maker = maker_new(store, 16, 0);
    if (box->uids && !box->stale && maker_ask_uids(&maker, store, box->mailbox, 0)
        && !list_equals(box->uids, maker.list))
        sound = buf_format(report, "mailbox %lld: the uid list in memory is not the table's\n",
                           (long long)box->mailbox) && false;
    heap_give(maker.list);
    return sound;
}

static bool kept_check(struct store *store, struct buf *report)
{
    bool sound = true;
    struct sql sql = sql_open(store, "SELECT mailbox, min(modseq) FROM placement"
                              " WHERE expunged = 1 GROUP BY mailbox ORDER BY mailbox");
    while (sql_row(&sql)) {
        int64_t mailbox = sql_get(&sql);
        uint64_t modseq = (uint64_t)sql_get(&sql);
        const struct box *box = store_box_find(store, mailbox);
        if (box && box->kept && box_seen(box) < modseq)
            continue;
        buf_format(report, "mailbox %lld: an expunged placement is kept for nobody\n",
                   (long long)mailbox);
        sound = false;
    }
    return sql_close(&sql) && sound;
}

bool store_boxes_check(struct store *store, struct buf *report)
{
    bool sound = kept_check(store, report);
    for (size_t i = 0; i < store->box_count; i++)
        if (!box_check(store, store->boxes[i], report))
            sound = false;
    return sound;
}
