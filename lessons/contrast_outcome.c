/* contrast_outcome.c: one or two sentences on what a step means. They come from what happened: from
   the trace, and from the boards before and after. Nothing is written into a story beforehand. */
#include <string.h>

#include "base/words.h"
#include "lessons/contrast.h"
#include "servers/store/store.h"
#include "sim/devices/device.h"
#include "sim/devices/device_mail.h"
#include "sim/hosts/host.h"
#include "views/clean.h"

#define NAMES_SHOWN 4
#define SENTENCES_MAX 3

struct narration {
    struct variant *variant;
    struct frame *frame;
    const struct frame *before;
    uint64_t from;
    size_t sentences;
};

static const struct board_cell *cell_before(const struct narration *narration, uint64_t number,
                                            size_t holder)
{
    static const struct board_cell nothing;
    const struct frame_row *row = frame_row(narration->before, number);
    return row ? &row->cells[holder] : &nothing;
}

static const char *holder_name(const struct narration *narration, size_t holder)
{
    return contrast_holder(narration->variant->contrast, holder);
}

static bool is_imap(const struct narration *narration, size_t holder)
{
    return mail_words_are_imap(slice_of(narration->variant->devices[holder]->program));
}

/* Has the device's program noted that, of this message (0: any), from that record on? */
static bool device_noted(const struct narration *narration, size_t holder, enum device_fact fact,
                         uint64_t message, uint64_t from)
{
    const struct world *world = narration->variant->world;
    for (uint64_t number = from; number < narration->frame->trace_end; number++) {
        const struct trace_record *record = trace_at(world->trace, number);
        if (record->kind == TRACE_DEVICE && record->fact == fact &&
            record->host == narration->variant->devices[holder]->host &&
            (!message || record->bytes == message))
            return true;
    }
    return false;
}

/* Is this message one of those the sentence is about? */
typedef bool row_is(const struct narration *, const struct frame_row *, size_t holder);

/* "A, B and 3 more"; how many. */
static size_t names_write(const struct narration *narration, struct buf *names, row_is *is,
                          size_t holder)
{
    size_t count = 0, shown = 0;
    buf_clear(names);
    for (size_t i = 0; i < narration->frame->row_count; i++)
        count += is(narration, &narration->frame->rows[i], holder);
    size_t most = count == NAMES_SHOWN + 1 ? count : NAMES_SHOWN; /* no "and 1 more" */
    for (size_t i = 0; i < narration->frame->row_count && shown < most; i++) {
        if (!is(narration, &narration->frame->rows[i], holder))
            continue;
        buf_add_text(names, shown == 0 ? "" : shown + 1 == count ? " and " : ", ");
        message_name_write(names, narration->frame->rows[i].number);
        shown++;
    }
    if (count > shown)
        buf_format(names, " and %zu more", count - shown);
    return count;
}

static void sentence(struct narration *narration, const char *format, ...) PRINTF_LIKE(2, 3);
static void sentence(struct narration *narration, const char *format, ...)
{
    va_list list;
    if (narration->sentences == SENTENCES_MAX)
        return;
    va_start(list, format);
    buf_add_text(&narration->frame->so, narration->sentences++ ? " " : "");
    buf_format_list(&narration->frame->so, format, list);
    va_end(list);
}

static bool row_left(const struct narration *narration, const struct frame_row *row, size_t holder)
{
    return board_has(cell_before(narration, row->number, holder)) &&
           !board_has(&row->cells[holder]);
}

static bool row_came(const struct narration *narration, const struct frame_row *row, size_t holder)
{
    return !board_has(cell_before(narration, row->number, holder)) &&
           board_has(&row->cells[holder]);
}

/* On the server, and nowhere else yet. */
static bool row_waits(const struct narration *narration, const struct frame_row *row, size_t holder)
{
    for (size_t i = 1; i < narration->variant->contrast->holders; i++)
        if (board_has(&row->cells[i]))
            return false;
    return row_came(narration, row, holder);
}

static bool row_came_as_head(const struct narration *narration, const struct frame_row *row,
                             size_t holder)
{
    return row_came(narration, row, holder) && row->cells[holder].where == BOARD_HEAD;
}

static bool row_was_missed(const struct narration *narration, const struct frame_row *row,
                           size_t holder)
{
    enum board_where where = row->cells[holder].where;
    return row->cells[0].where == BOARD_GONE &&
           (where == BOARD_NEVER || where == BOARD_NOWHERE ||
            (where == BOARD_GONE && device_noted(narration, holder, DID_LOSE, row->number, 0)));
}

/* Somebody wanted to read it, and its text is not there. */
static bool row_was_unreadable(const struct narration *narration, const struct frame_row *row,
                               size_t holder)
{
    return device_noted(narration, holder, DID_MISS, row->number, narration->from);
}

/* Into another folder, or out of one. */
static bool row_moved(const struct narration *narration, const struct frame_row *row, size_t holder)
{
    const struct board_cell *old = cell_before(narration, row->number, holder);
    const struct board_cell *now = &row->cells[holder];
    bool was = old->where == BOARD_ELSEWHERE, is = now->where == BOARD_ELSEWHERE;
    return board_has(old) && board_has(now) &&
           (was != is || (is && strcmp(old->box, now->box) != 0));
}

static bool row_marked(const struct narration *narration, const struct frame_row *row,
                       size_t holder)
{
    const struct board_cell *old = cell_before(narration, row->number, holder);
    return board_has(old) && board_has(&row->cells[holder]) &&
           ((old->flags ^ row->cells[holder].flags) & FLAG_SYSTEM);
}

/* With a mark that the server, which has it too, does not know. */
static bool row_is_marked_alone(const struct narration *narration, const struct frame_row *row,
                                size_t holder)
{
    (void)narration;
    return board_has(&row->cells[0]) && board_has(&row->cells[holder]) &&
           (row->cells[holder].flags & ~row->cells[0].flags & FLAG_SYSTEM);
}

/* Holds it all of what left the server? */
static bool holder_keeps(const struct narration *narration, size_t holder)
{
    for (size_t i = 0; i < narration->frame->row_count; i++)
        if (row_left(narration, &narration->frame->rows[i], 0) &&
            !board_has(&narration->frame->rows[i].cells[holder]))
            return false;
    return true;
}

/* Some of it, on any device? */
static bool anybody_keeps(const struct narration *narration)
{
    for (size_t i = 0; i < narration->frame->row_count; i++)
        for (size_t holder = 1; holder < narration->variant->contrast->holders; holder++)
            if (row_left(narration, &narration->frame->rows[i], 0) &&
                board_has(&narration->frame->rows[i].cells[holder]))
                return true;
    return false;
}

/* "only laptop has them now"; an IMAP device only shows what it has not yet heard is gone. */
static void keepers_write(const struct narration *narration, struct buf *out, const char *them)
{
    size_t keepers = 0, shows = 0;
    struct buf names = BUF_MAX(512), shown = BUF_MAX(512);
    for (size_t holder = 1; holder < narration->variant->contrast->holders; holder++) {
        if (!holder_keeps(narration, holder))
            continue;
        bool old = is_imap(narration, holder);
        struct buf *list = old ? &shown : &names;
        size_t *count = old ? &shows : &keepers;
        buf_format(list, "%sthe %s", (*count)++ ? " and " : "", holder_name(narration, holder));
    }
    if (keepers)
        buf_format(out, "%s%s %s %s now", keepers == 1 && !shows ? "only " : "",
                   buf_text(&names), keepers == 1 ? "has" : "have", them);
    else if (shows)
        buf_format(out, "%s still show%s %s, until the next sync", buf_text(&shown),
                   shows == 1 ? "s" : "", them);
    else
        buf_format(out, "no device has %s%s", anybody_keeps(narration) ? "all of " : "", them);
    buf_free(&names);
    buf_free(&shown);
}

static void tell_left(struct narration *narration)
{
    struct buf names = BUF_MAX(256), keepers = BUF_MAX(1200);
    size_t left = names_write(narration, &names, row_left, 0);
    if (left) {
        keepers_write(narration, &keepers, left == 1 ? "it" : "them");
        sentence(narration, "%s left the server: %s.", buf_text(&names), buf_text(&keepers));
    }
    buf_free(&names);
    buf_free(&keepers);
}

static bool device_spoke(const struct narration *narration, size_t holder)
{
    const struct world *world = narration->variant->world;
    for (uint64_t number = narration->from; number < narration->frame->trace_end; number++) {
        const struct trace_record *record = trace_at(world->trace, number);
        if (record->kind == TRACE_OPEN && !record->typed &&
            record->host == narration->variant->devices[holder]->host)
            return true;
    }
    return false;
}

static void tell_fetched(struct narration *narration, size_t holder)
{
    const char *device = holder_name(narration, holder);
    struct buf names = BUF_MAX(256);
    size_t heads = names_write(narration, &names, row_came_as_head, holder);
    if (heads) {
        sentence(narration, "The %s has the header%s of %s; the text%s on the server.", device,
                 heads == 1 ? "" : "s", buf_text(&names), heads == 1 ? " stays" : "s stay");
        buf_free(&names);
        return;
    }
    size_t came = names_write(narration, &names, row_came, holder), still = 0;
    for (size_t i = 0; i < narration->frame->row_count; i++)
        still += row_came(narration, &narration->frame->rows[i], holder) &&
                 board_has(&narration->frame->rows[i].cells[0]);
    if (came && still)
        sentence(narration, "The %s has a copy of %s; the server still has %s.", device,
                 buf_text(&names), came == 1 ? "it" : "them");
    else if (came && narration->sentences == 0)
        sentence(narration, "The %s has %s.", device, buf_text(&names));
    buf_free(&names);
}

static bool device_has_new(const struct narration *narration, size_t holder)
{
    for (size_t i = 0; i < narration->frame->row_count; i++)
        if (row_came(narration, &narration->frame->rows[i], holder))
            return true;
    return false;
}

static bool row_left_for_good(const struct narration *narration, const struct frame_row *row,
                              size_t holder)
{
    for (size_t i = 0; i < narration->variant->contrast->holders; i++)
        if (i != holder && board_has(&row->cells[i]))
            return false;
    return row_left(narration, row, holder);
}

static bool row_is_served_still(const struct narration *narration, const struct frame_row *row,
                                size_t holder)
{
    return row_left(narration, row, holder) && board_has(&row->cells[0]);
}

/* A device that nobody has any more: what was nowhere else is lost with it. */
static void tell_lost(struct narration *narration, size_t holder)
{
    const char *device = holder_name(narration, holder);
    struct buf names = BUF_MAX(256);
    size_t gone = names_write(narration, &names, row_left_for_good, holder);
    if (gone)
        sentence(narration, "The %s is lost, and %s with it: nobody has %s now.", device,
                 buf_text(&names), gone == 1 ? "it" : "them");
    else if (names_write(narration, &names, row_is_served_still, holder))
        sentence(narration, "The %s is lost; the server still has %s.", device, buf_text(&names));
    else
        sentence(narration, "The %s is lost; other devices still have what was on it.", device);
    buf_free(&names);
}

/* "read": what the messages are now, in one word for all of them. */
static const char *flags_of(const struct narration *narration,
                            bool is(const struct narration *, const struct frame_row *, size_t),
                            size_t holder)
{
    uint64_t flags = 0, common = FLAG_SYSTEM;
    for (size_t i = 0; i < narration->frame->row_count; i++)
        if (is(narration, &narration->frame->rows[i], holder)) {
            flags |= narration->frame->rows[i].cells[holder].flags;
            common &= narration->frame->rows[i].cells[holder].flags;
        }
    if (flags != common && (flags & FLAG_SYSTEM) != (common & FLAG_SYSTEM))
        return "flagged or read";
    return flags & FLAG_DELETED    ? "marked \\Deleted"
           : flags & FLAG_ANSWERED ? "answered"
           : flags & FLAG_FLAGGED  ? "flagged"
           : flags & FLAG_SEEN     ? "read"
                                   : "new again";
}

/* Somebody deleted it on another device; POP3 tells this one nothing. */
static bool row_is_kept_unaware(const struct narration *narration, const struct frame_row *row,
                                size_t holder)
{
    bool deleted = false;
    for (size_t i = 1; i < narration->variant->contrast->holders; i++)
        deleted = deleted || (i != holder && row->cells[i].where == BOARD_GONE);
    return deleted && board_has(&row->cells[holder]) && row->cells[0].where == BOARD_GONE;
}

/* New here, and read on another device of the same person. */
static bool row_is_unread_here(const struct narration *narration, const struct frame_row *row,
                               size_t holder)
{
    for (size_t i = 1; i < narration->variant->contrast->holders; i++)
        if (i != holder && board_has(&row->cells[i]) && (row->cells[i].flags & FLAG_SEEN))
            return board_has(&row->cells[holder]) && !(row->cells[holder].flags & FLAG_SEEN);
    return false;
}

/* In another folder on another device of the same person. */
static bool row_lies_elsewhere(const struct narration *narration, const struct frame_row *row,
                               size_t holder)
{
    for (size_t i = 1; i < narration->variant->contrast->holders; i++)
        if (i != holder && board_has(&row->cells[i]) && board_has(&row->cells[holder]) &&
            (row->cells[i].where == BOARD_ELSEWHERE) !=
                (row->cells[holder].where == BOARD_ELSEWHERE))
            return true;
    return false;
}

/* What a POP3 device did not learn, though it has just talked with the server. */
static void tell_unlearned(struct narration *narration, size_t holder)
{
    const char *device = holder_name(narration, holder);
    struct buf names = BUF_MAX(256);
    if (is_imap(narration, holder) || !device_spoke(narration, holder)) {
        buf_free(&names);
        return;
    }
    size_t kept = names_write(narration, &names, row_is_kept_unaware, holder);
    if (kept)
        sentence(narration, "The %s still shows %s: POP3 tells nobody that %s deleted.", device,
                 buf_text(&names), kept == 1 ? "it was" : "they were");
    size_t unread = names_write(narration, &names, row_is_unread_here, holder);
    if (unread)
        sentence(narration, "%s %s still new on the %s: POP3 carries no flags.",
                 buf_text(&names), unread == 1 ? "is" : "are", device);
    size_t apart = names_write(narration, &names, row_lies_elsewhere, holder);
    if (apart)
        sentence(narration, "Each device has its own place for %s: POP3 has no folders.",
                 buf_text(&names));
    buf_free(&names);
}

static void tell_device(struct narration *narration, size_t holder)
{
    const char *device = holder_name(narration, holder);
    struct buf names = BUF_MAX(256);
    bool online = device_spoke(narration, holder);
    if (names_write(narration, &names, row_was_unreadable, holder))
        sentence(narration, "%s cannot be read on the %s: only the header is there.",
                 buf_text(&names), device);
    size_t moved = names_write(narration, &names, row_moved, holder);
    if (moved && online && is_imap(narration, holder))
        sentence(narration, "The %s shows %s in the same folder as the server.", device,
                 buf_text(&names));
    else if (moved)
        sentence(narration, "The %s moved %s%s.", device, buf_text(&names),
                 is_imap(narration, holder) ? "; the server learns of it at the next sync"
                                          : ", for itself alone: POP3 knows no folders");
    size_t left = names_write(narration, &names, row_left, holder);
    bool deleted = device_noted(narration, holder, DID_DELETE, 0, narration->from);
    bool lost = device_noted(narration, holder, DID_LOSE, 0, narration->from);
    if (left && lost)
        tell_lost(narration, holder);
    else if (left && online && is_imap(narration, holder) && !deleted)
        sentence(narration, "The %s drops %s: it follows the server.", device,
                 buf_text(&names));
    else if (left && !(online && deleted && is_imap(narration, holder)))
        sentence(narration, "%s %s gone from the %s%s.", buf_text(&names), left == 1 ? "is" : "are",
                 device, online ? "" : "; the server learns nothing of it before the next sync");
    size_t missed = names_write(narration, &names, row_was_missed, holder);
    if (missed && online && !device_has_new(narration, holder))
        sentence(narration, "The %s finds nothing of %s: %s had left the server before.", device,
                 buf_text(&names), missed == 1 ? "it" : "they");
    size_t marked = names_write(narration, &names, row_marked, holder);
    struct buf there = BUF_MAX(256);
    if (marked && names_write(narration, &there, row_marked, 0))
        sentence(narration, "The server now knows that %s %s %s.", buf_text(&names),
                 marked == 1 ? "is" : "are", flags_of(narration, row_marked, holder));
    else if (marked && online && is_imap(narration, holder))
        sentence(narration, "The %s shows %s as %s: the server has told it.", device,
                 buf_text(&names), flags_of(narration, row_marked, holder));
    else if (marked)
        sentence(narration, "Only the %s knows that %s %s %s%s.", device, buf_text(&names),
                 marked == 1 ? "is" : "are", flags_of(narration, row_marked, holder),
                 is_imap(narration, holder) ? ", until it synchronises" : "");
    else if (online && !is_imap(narration, holder) &&
             (marked = names_write(narration, &names, row_is_marked_alone, holder)) != 0)
        sentence(narration, "That %s %s %s stays on the %s: POP3 carries no flags.",
                 buf_text(&names), marked == 1 ? "is" : "are",
                 flags_of(narration, row_is_marked_alone, holder), device);
    buf_free(&there);
    buf_free(&names);
}

static bool device_went_offline(const struct narration *narration, size_t holder)
{
    const struct variant *variant = narration->variant;
    for (uint64_t number = narration->from; number < narration->frame->trace_end; number++) {
        const struct trace_record *record = trace_at(variant->world->trace, number);
        if (record->kind == TRACE_NETWORK && !record->ok &&
            record->host == variant->devices[holder]->host)
            return true;
    }
    return false;
}

/* What can be read without the network, on all devices: else it looks like the protocol's fault
   that one of them had fetched nothing. */
static void tell_network(struct narration *narration)
{
    struct buf others = BUF_MAX(512);
    size_t holders = narration->variant->contrast->holders, gone = 0;
    for (size_t i = 1; i < holders; i++)
        gone = gone ? gone : device_went_offline(narration, i) ? i : 0;
    if (!gone)
        return;
    const struct holding *held = narration->frame->held;
    for (size_t i = 1; i < holders; i++)
        if (i != gone)
            buf_format(&others, "; the %s can read %llu", holder_name(narration, i),
                       (unsigned long long)held[i].readable);
    sentence(narration, "Without the network the %s can read %llu message%s%s%s.",
             holder_name(narration, gone), (unsigned long long)held[gone].readable,
             held[gone].readable == 1 ? "" : "s",
             held[gone].messages ? "" : ", for it has fetched none", buf_text(&others));
    buf_free(&others);
}

/* The names between are other people's messages: a room asks for them. */
static void tell_others(struct narration *narration)
{
    struct buf names = BUF_MAX(64);
    const struct frame *frame = narration->frame;
    for (size_t i = 1; i < frame->row_count; i++) {
        uint64_t first = frame->rows[i - 1].number + 1, last = frame->rows[i].number - 1;
        bool is_new = !board_has(cell_before(narration, frame->rows[i].number, 0));
        if (!is_new || first > last || names.len)
            continue;
        message_name_write(&names, first);
        if (last > first)
            buf_add_text(&names, last > first + 1 ? " to " : " and ");
        if (last > first)
            message_name_write(&names, last);
        sentence(narration, "(%s %s other people's.)", buf_text(&names),
                 last > first ? "are" : "is");
    }
    buf_free(&names);
}

static void tell_arrived(struct narration *narration)
{
    struct buf names = BUF_MAX(256);
    size_t came = names_write(narration, &names, row_waits, 0);
    if (came)
        sentence(narration, "%s wait%s on the server.", buf_text(&names), came == 1 ? "s" : "");
    if (came)
        tell_others(narration);
    buf_free(&names);
}

/* What could not be delivered, and what the last server said to it. */
static void tell_queued(struct narration *narration)
{
    struct world *world = narration->variant->world;
    struct queued entry;
    for (struct host *host = host_next(world, NULL); host; host = host_next(world, host)) {
        slice name = slice_of(net_host_name(world->net, host_number(host)));
        size_t count = store_queue_count(world->store, name);
        struct buf reply = BUF_MAX(256);
        if (count && store_queue_due(world->store, name, INT64_MAX, &entry, 1))
            clean_add(&reply, slice_upto(slice_of(entry.last_reply), 60), true);
        if (count)
            sentence(narration, "%zu message%s in the queue of %.*s: \"%s\".", count,
                     count == 1 ? " waits" : "s wait", SLICE_ARG(name), buf_text(&reply));
        buf_free(&reply);
    }
}

void frame_outcome(struct variant *variant, struct frame *frame, const struct frame *before)
{
    struct narration narration = { variant, frame, before, before->trace_end, 0 };
    size_t holders = variant->contrast->holders;
    tell_left(&narration);
    for (size_t i = 1; i < holders; i++)
        tell_fetched(&narration, i);
    for (size_t i = 1; i < holders; i++)
        tell_device(&narration, i);
    tell_network(&narration);
    tell_queued(&narration);
    tell_arrived(&narration);
    for (size_t i = 1; i < holders && narration.sentences == 0; i++)
        tell_unlearned(&narration, i);
    if (narration.sentences == 0)
        sentence(&narration, "No message moved, and no flag changed.");
}
