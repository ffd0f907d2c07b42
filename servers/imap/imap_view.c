/* imap_view.c: see imap_view.h. The store's modseqs are the feed: what this session was
   told up to which modseq is all it remembers. A mailbox that is deleted while it is
   selected reads as empty: its messages are told as expunged (RFC 2180 3.3). */
#include "servers/imap/imap_view.h"

#include <string.h>

#include "base/heap.h"
#include "servers/imap/imap_write.h"

#define PAGE 32
#define CHANGE_NS 600      /* what one of others' changes costs, about */
#define VANISHED_MAX 8000 /* a line that is longer is ended: RFC 7162 4 asks for 8192 octets */
#define SYSTEM_FLAGS_AND_KEYWORDS UINT64_MAX

/* --- looking ------------------------------------------------------------------------------ */

static uint32_t shared_count(const struct imap_view *view)
{
    return view->told ? view->told->count : 0;
}

uint32_t imap_view_count(const struct imap_view *view)
{
    return shared_count(view) + view->extra_count;
}

uint32_t imap_view_uid(const struct imap_view *view, uint32_t sequence)
{
    uint32_t shared = shared_count(view);
    must(sequence > 0 && sequence <= imap_view_count(view));
    return sequence <= shared ? view->told->uids[sequence - 1] : view->extra[sequence - 1 - shared];
}

uint32_t imap_view_below(const struct imap_view *view, uint32_t uid)
{
    uint32_t low = 0, high = imap_view_count(view);
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (imap_view_uid(view, middle + 1) < uid)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint32_t imap_view_sequence(const struct imap_view *view, uint32_t uid)
{
    uint32_t below = imap_view_below(view, uid);
    return below < imap_view_count(view) && imap_view_uid(view, below + 1) == uid ? below + 1 : 0;
}

/* --- \Recent ------------------------------------------------------------------------------ */

bool imap_view_recent(const struct imap_view *view, uint32_t uid)
{
    const struct imap_set set = { view->recent, view->recent_count };
    return imap_set_has(&set, uid);
}

uint32_t imap_view_recents(const struct imap_view *view)
{
    uint32_t count = 0;
    for (size_t i = 0; i < view->recent_count; i++) {
        uint32_t last = view->recent[i].last;
        count += imap_view_below(view, last) + (imap_view_sequence(view, last) != 0) -
                 imap_view_below(view, view->recent[i].first);
    }
    return count;
}

static void recent_add(struct imap_view *view, uint32_t first, uint32_t last)
{
    if (view->recent_count && view->recent[view->recent_count - 1].last + 1 == first) {
        view->recent[view->recent_count - 1].last = last;
        return;
    }
    if (view->recent_count == RECENT_RANGES_MAX)
        return;
    if (view->recent_count == view->recent_cap) {
        view->recent_cap = view->recent_cap ? view->recent_cap * 4 : 4;
        struct imap_range *larger = arena_take_array(&view->arena, view->recent_cap,
                                                     sizeof *larger);
        if (view->recent_count)
            memcpy(larger, view->recent, view->recent_count * sizeof *larger);
        view->recent = larger;
    }
    view->recent[view->recent_count++] = (struct imap_range){ first, last };
}

/* Of the uids after `told` up to `last`, those that no other session has claimed. EXAMINE
   looks and leaves the claim to others (RFC 3501 6.3.2). */
static void recent_claim(struct session *session, uint32_t told, uint32_t last)
{
    struct imap_view *view = &imap_of(session)->view;
    struct mailbox mailbox;
    if (!store_mailbox_by_id(session->services->store, view->mailbox, &mailbox))
        return;
    uint32_t first = mailbox.recent_from;
    if (first > last)
        return;
    if (view->writable && !store_recent_claim(session->services->store, view->mailbox, &first))
        return;
    if (first <= told)
        first = told + 1;
    if (first <= last)
        recent_add(view, first, last);
}

/* --- keywords ----------------------------------------------------------------------------- */

void imap_view_say_flags(struct session *session)
{
    struct imap_view *view = &imap_of(session)->view;
    struct buf *text = imap_begin(session, "* FLAGS ");
    imap_write_flags(text, view, SYSTEM_FLAGS_AND_KEYWORDS, false);
    imap_end_line(session);
    text = imap_begin(session, "* OK [PERMANENTFLAGS ");
    if (!view->writable) {
        buf_add_text(text, "()] Nothing is kept: opened by EXAMINE");
    } else {
        imap_write_flags(text, view, SYSTEM_FLAGS_AND_KEYWORDS, false);
        text->len--;
        buf_add_text(text, view->keyword_count < KEYWORDS_MAX ? " \\*)] Flags permitted"
                                                              : ")] These are kept");
    }
    imap_end_line(session);
}

static bool keywords_read(struct session *session)
{
    struct imap_view *view = &imap_of(session)->view;
    return store_keywords(session->services->store, view->mailbox, &view->arena, view->keywords,
                          &view->keyword_count);
}

void imap_view_announce(struct session *session, uint64_t flags)
{
    struct imap_view *view = &imap_of(session)->view;
    if (flags >> (FLAG_KEYWORD_SHIFT + view->keyword_count) && keywords_read(session))
        imap_view_say_flags(session);
}

/* --- opening and closing ------------------------------------------------------------------ */

bool imap_view_open(struct session *session, const struct mailbox *mailbox, bool writable)
{
    struct imap_view *view = &imap_of(session)->view;
    struct store *store = session->services->store;
    imap_view_close(session);
    struct uid_list *told = store_uids(store, mailbox->id);
    if (!told)
        return false;
    view->mailbox = mailbox->id;
    view->writable = writable;
    view->uidvalidity = mailbox->uidvalidity;
    view->told = told;
    view->uid_told = mailbox->uidnext - 1;
    view->flags_told = view->expunges_told = mailbox->highest_modseq;
    view->held = store_view_open(store, mailbox->id, mailbox->highest_modseq);
    view->keywords = arena_take_array(&view->arena, KEYWORDS_MAX, sizeof *view->keywords);
    session_fact(session, FACT_WRITABLE, writable);
    recent_claim(session, 0, view->uid_told);
    return keywords_read(session);
}

void imap_view_close(struct session *session)
{
    struct imap_view *view = &imap_of(session)->view;
    uid_list_release(view->told);
    uid_list_release(view->target);
    store_view_close(view->held);
    heap_give(view->extra);
    heap_give(view->saved);
    arena_free(&view->arena);
    *view = (struct imap_view){ .mailbox = 0 };
    session_fact(session, FACT_WRITABLE, false);
}

/* --- telling: flags ----------------------------------------------------------------------- */

static bool output_is_high(const struct session *session, unsigned tells)
{
    if (tells & TELL_NOW)
        return session->out.len - session->out_sent >= OUTPUT_MAX / 2;
    return session_output_is_high(session);
}

void imap_view_own_change(struct session *session, uint32_t uid, uint64_t modseq)
{
    struct imap_view *view = &imap_of(session)->view;
    if (!view->own_first) {
        view->own_first = view->own_last = uid;
        view->flags_before = view->flags_told;
    }
    view->own_first = uid < view->own_first ? uid : view->own_first;
    view->own_last = uid > view->own_last ? uid : view->own_last;
    if (modseq > view->flags_told)
        view->flags_told = modseq;
    if (!view->expunged)
        view->expunges_told = view->flags_told;
}

bool imap_view_expunge(struct session *session, const struct placement *rows, size_t count)
{
    struct imap_view *view = &imap_of(session)->view;
    if (count > 0)
        view->expunged = view->removed = true;
    return store_expunge_page(session->services->store, view->mailbox, view->held, rows, count);
}

void imap_view_command(struct session *session, bool undone)
{
    struct imap_view *view = &imap_of(session)->view;
    if (undone)
        view->removed = false;
    if (undone && view->mailbox)
        keywords_read(session); /* a new one is gone, and its bit free for another */
    if (view->own_first && undone) {
        view->flags_told = view->flags_before;
        if (view->expunges_told > view->flags_told)
            view->expunges_told = view->flags_told;
        view->retell_first = view->own_first;
        view->retell_last = view->own_last;
    }
    view->own_first = view->own_last = 0;
}

void imap_view_say_row(struct session *session, uint32_t sequence, const struct placement *row,
                       bool with_uid, bool with_flags)
{
    const struct imap *imap = imap_of(session);
    struct buf *text = imap_begin(session, "* ");
    with_uid = with_uid || imap->condstore || imap->rev2;
    buf_add_number(text, sequence);
    buf_add_text(text, " FETCH (");
    if (with_uid) {
        buf_add_text(text, "UID ");
        buf_add_number(text, row->uid);
    }
    if (with_flags) {
        buf_add_text(text, with_uid ? " FLAGS " : "FLAGS ");
        imap_write_row_flags(session, text, row);
    }
    if (imap->condstore) {
        buf_add_char(text, ' ');
        imap_write_modseq(session, text, row->modseq);
    }
    buf_add_char(text, ')');
    imap_end_line(session);
}

static void say_change(struct session *session, const struct placement *row)
{
    uint32_t sequence = imap_view_sequence(&imap_of(session)->view, row->uid);
    if (sequence == 0)
        return;
    imap_view_announce(session, row->flags);
    imap_view_say_row(session, sequence, row, false, true);
}

static void take_change(struct session *session, const struct placement *row)
{
    struct imap_view *view = &imap_of(session)->view;
    if (row->uid > view->uid_told)
        view->arrived |= !row->expunged;
    else if (row->expunged)
        view->expunged = true;
    else
        say_change(session, row);
    view->flags_told = row->modseq;
    if (!view->expunged)
        view->expunges_told = row->modseq;
}

static bool tell_undone(struct session *session, unsigned tells)
{
    struct imap_view *view = &imap_of(session)->view;
    struct placement rows[PAGE];
    while (view->retell_first) {
        size_t count = store_placements(session->services->store, view->mailbox, view->retell_first,
                                        view->retell_last, 0, false, rows, PAGE);
        for (size_t i = 0; i < count; i++) {
            if (output_is_high(session, tells))
                return false;
            say_change(session, &rows[i]);
            view->retell_first = rows[i].uid + 1;
        }
        if (count < PAGE)
            view->retell_first = 0;
    }
    return true;
}

/* All that has changed was heard, so what this session has removed is the newest of it. */
static void take_removals(struct session *session)
{
    struct imap_view *view = &imap_of(session)->view;
    struct mailbox now;
    if (!view->removed || !store_mailbox_by_id(session->services->store, view->mailbox, &now))
        return;
    view->flags_told = now.highest_modseq;
    view->removed = false;
}

static bool tell_changes(struct session *session, unsigned tells)
{
    struct imap_view *view = &imap_of(session)->view;
    struct placement rows[PAGE];
    size_t count;
    do {
        if (!(tells & TELL_NOW) && session_is_spent(session))
            return false; /* a command goes on after others had their turn */
        count = store_changes(session->services->store, view->mailbox, view->flags_told, rows,
                              PAGE);
        session_spend(session, count * CHANGE_NS);
        for (size_t i = 0; i < count; i++) {
            if (output_is_high(session, tells))
                return false;
            take_change(session, &rows[i]);
        }
    } while (count == PAGE);
    take_removals(session);
    return true;
}

/* --- telling: messages that came, messages that went ---------------------------------------- */

/* After the count has grown from `before`. */
static void say_arrivals(struct session *session, uint32_t before)
{
    struct imap_view *view = &imap_of(session)->view;
    uint32_t count = imap_view_count(view);
    if (count <= before)
        return;
    uint32_t last = imap_view_uid(view, count);
    recent_claim(session, view->uid_told, last);
    view->uid_told = last;
    imap_say(session, "* %u EXISTS", count);
    if (!imap_of(session)->rev2)
        imap_say(session, "* %u RECENT", imap_view_recents(view));
}

static void view_adopt(struct imap_view *view, struct uid_list *list)
{
    uid_list_release(view->told);
    view->told = list;
    heap_give(view->extra);
    view->extra = NULL;
    view->extra_count = view->extra_cap = 0;
}

static void extra_add(struct imap_view *view, uint32_t uid)
{
    if (view->extra_count == view->extra_cap) {
        view->extra_cap = view->extra_cap ? view->extra_cap * 2 : 16;
        view->extra = heap_resize(view->extra, view->extra_cap * sizeof *view->extra);
    }
    view->extra[view->extra_count++] = uid;
}

static void tell_arrivals(struct session *session)
{
    struct imap_view *view = &imap_of(session)->view;
    struct uid_list *list = store_uids(session->services->store, view->mailbox);
    uint32_t before = imap_view_count(view);
    if (!list)
        return;
    view->arrived = false;
    if (!view->expunged) {
        view_adopt(view, list);
    } else {
        uint32_t from = list->count;
        while (from > 0 && list->uids[from - 1] > view->uid_told)
            from--;
        for (; from < list->count; from++)
            extra_add(view, list->uids[from]);
        uid_list_release(list);
    }
    say_arrivals(session, before);
}

/* Up to the next uid of the old list that the new one has not, or to its end. Both ascend. */
static bool find_gone(struct imap_view *view, uint32_t *uid)
{
    const struct uid_list *target = view->target;
    for (; view->old_at < imap_view_count(view); view->old_at++) {
        *uid = imap_view_uid(view, view->old_at + 1);
        if (view->new_at == target->count || target->uids[view->new_at] != *uid)
            return true;
        view->new_at++;
    }
    return false;
}

/* Each EXPUNGE moves those behind it down by one, so the number is always that of the next one
   kept. */
static bool say_expunges(struct session *session, unsigned tells)
{
    struct imap_view *view = &imap_of(session)->view;
    for (uint32_t uid; find_gone(view, &uid); view->old_at++) {
        if (output_is_high(session, tells))
            return false;
        imap_say(session, "* %u EXPUNGE", view->new_at + 1);
    }
    return true;
}

/* RFC 7162 3.2.10: uids, many in a line. */
static bool say_vanished(struct session *session, unsigned tells)
{
    struct imap_view *view = &imap_of(session)->view;
    uint32_t uid;
    while (find_gone(view, &uid)) {
        if (output_is_high(session, tells))
            return false;
        struct buf *text = imap_begin(session, "* VANISHED ");
        struct imap_set_writer writer = { .buf = text };
        for (; text->len < VANISHED_MAX && find_gone(view, &uid); view->old_at++)
            imap_write_set_add(&writer, uid);
        imap_write_set_end(&writer);
        imap_end_line(session);
    }
    return true;
}

static bool tell_expunges(struct session *session, unsigned tells)
{
    struct imap_view *view = &imap_of(session)->view;
    if (!view->target) {
        view->target = store_uids(session->services->store, view->mailbox);
        view->old_at = view->new_at = 0;
    }
    if (!view->target)
        return true;
    bool vanished = imap_of(session)->qresync;
    if (!(vanished ? say_vanished(session, tells) : say_expunges(session, tells)))
        return false;
    uint32_t kept = view->new_at;
    view_adopt(view, view->target);
    view->target = NULL;
    view->expunged = view->arrived = false;
    view->expunges_told = view->flags_told;
    say_arrivals(session, kept);
    return true;
}

/* RENAME gives a mailbox a new UIDVALIDITY, since its new name may have been another's: whoever
   has it open is told (RFC 3501 2.3.1.1), and "$" is empty then (RFC 5182 2.1). */
static void tell_uidvalidity(struct session *session)
{
    struct imap_view *view = &imap_of(session)->view;
    struct mailbox now;
    if (!store_mailbox_by_id(session->services->store, view->mailbox, &now) ||
        now.uidvalidity == view->uidvalidity)
        return;
    view->uidvalidity = now.uidvalidity;
    imap_saved_clear(view);
    imap_say(session, "* OK [UIDVALIDITY %u] The mailbox was renamed", now.uidvalidity);
}

bool imap_view_tell(struct session *session, unsigned tells)
{
    struct imap_view *view = &imap_of(session)->view;
    if (view->mailbox == 0)
        return true;
    if (!view->target)
        tell_uidvalidity(session);
    if (!view->target && (!tell_undone(session, tells) || !tell_changes(session, tells)))
        return false;
    if (view->target || (view->expunged && (tells & TELL_EXPUNGES)))
        if (!tell_expunges(session, tells))
            return false;
    if (view->arrived && (tells & TELL_ARRIVALS))
        tell_arrivals(session);
    store_view_mark(view->held, view->expunges_told);
    return true;
}
