/* contrast_outcome_facts.c: what is true of a step, looked up in the trace and on the boards before
   and after it. Nothing is written into a story beforehand. */
#include <string.h>

#include "lessons/contrast_outcome.h"
#include "servers/store/store.h"
#include "sim/devices/device.h"
#include "sim/devices/device_mail.h"
#include "sim/devices/programs.h"
#include "sim/hosts/host.h"

static const struct board_cell *cell_before(const struct outcome_case *about,
                                            const struct frame_row *row, size_t holder)
{
    static const struct board_cell nothing;
    const struct frame_row *old = frame_row(about->before, row->number);
    return old ? &old->cells[holder] : &nothing;
}

bool device_is_imap(const struct variant *variant, size_t holder)
{
    return mail_words_are_imap(slice_of(variant->devices[holder]->program));
}

bool device_follows(const struct variant *variant, size_t holder)
{
    return mail_words_follow(slice_of(variant->devices[holder]->program));
}

/* --- the trace ------------------------------------------------------------------------------- */

typedef bool record_is(const struct trace_record *);

static bool is_dialled(const struct trace_record *record)
{
    return record->kind == TRACE_OPEN && !record->typed;
}

static bool is_offline(const struct trace_record *record)
{
    return record->kind == TRACE_NETWORK && !record->ok;
}

/* Is there such a record of the device in this step? */
static bool device_did(const struct outcome_case *about, record_is *is)
{
    const struct trace *trace = about->variant->world->trace;
    for (uint64_t at = about->before->trace_end; at < about->frame->trace_end; at++)
        if (trace_at(trace, at)->host == about->variant->devices[about->holder]->host &&
            is(trace_at(trace, at)))
            return true;
    return false;
}

/* Has a device's program noted that, of this message (0: any), from that record on? */
static bool device_noted(const struct outcome_case *about, size_t holder, enum device_fact fact,
                         uint64_t message, uint64_t from)
{
    const struct trace *trace = about->variant->world->trace;
    for (uint64_t at = from; at < about->frame->trace_end; at++) {
        const struct trace_record *record = trace_at(trace, at);
        if (record->kind == TRACE_DEVICE && record->fact == fact &&
            record->host == about->variant->devices[holder]->host &&
            (!message || record->bytes == message))
            return true;
    }
    return false;
}

static bool device_hears(const struct outcome_case *about)
{
    return device_is_imap(about->variant, about->holder) && device_did(about, is_dialled);
}

/* --- lists ----------------------------------------------------------------------------------- */

typedef bool row_is(const struct outcome_case *, const struct frame_row *);

static bool left(const struct outcome_case *about, const struct frame_row *row)
{
    return board_has(cell_before(about, row, about->holder)) &&
           !board_has(&row->cells[about->holder]);
}

static bool came(const struct outcome_case *about, const struct frame_row *row)
{
    return !board_has(cell_before(about, row, about->holder)) &&
           board_has(&row->cells[about->holder]);
}

static bool any_device_has(const struct outcome_case *about, const struct frame_row *row)
{
    for (size_t i = 1; i < about->variant->contrast->holders; i++)
        if (board_has(&row->cells[i]))
            return true;
    return false;
}

static bool waits(const struct outcome_case *about, const struct frame_row *row)
{
    return came(about, row) && !any_device_has(about, row);
}

static bool heads(const struct outcome_case *about, const struct frame_row *row)
{
    return came(about, row) && row->cells[about->holder].where == BOARD_HEAD;
}

static bool served(const struct outcome_case *about, const struct frame_row *row)
{
    return came(about, row) && board_has(&row->cells[0]);
}

static bool taken(const struct outcome_case *about, const struct frame_row *row)
{
    return came(about, row) && !board_has(&row->cells[0]);
}

static bool texts(const struct outcome_case *about, const struct frame_row *row)
{
    return cell_before(about, row, about->holder)->where == BOARD_HEAD &&
           row->cells[about->holder].where == BOARD_FULL;
}

static bool unreadable(const struct outcome_case *about, const struct frame_row *row)
{
    return device_noted(about, about->holder, DID_MISS, row->number, about->before->trace_end);
}

static bool in_same_folder(const struct board_cell *a, const struct board_cell *b)
{
    bool away = a->where == BOARD_ELSEWHERE;
    return away == (b->where == BOARD_ELSEWHERE) && (!away || strcmp(a->box, b->box) == 0);
}

static bool moved(const struct outcome_case *about, const struct frame_row *row)
{
    const struct board_cell *old = cell_before(about, row, about->holder);
    const struct board_cell *now = &row->cells[about->holder];
    return board_has(old) && board_has(now) && !in_same_folder(old, now);
}

static bool moved_alike(const struct outcome_case *about, const struct frame_row *row)
{
    return moved(about, row) && board_has(&row->cells[0]) &&
           in_same_folder(&row->cells[about->holder], &row->cells[0]);
}

static bool moved_apart(const struct outcome_case *about, const struct frame_row *row)
{
    return moved(about, row) && !moved_alike(about, row);
}

static bool ended(const struct outcome_case *about, const struct frame_row *row)
{
    return left(about, row) && !board_has(&row->cells[0]) && !any_device_has(about, row);
}

static bool safe(const struct outcome_case *about, const struct frame_row *row)
{
    return left(about, row) && board_has(&row->cells[0]);
}

static bool hidden(const struct outcome_case *about, const struct frame_row *row)
{
    return safe(about, row) && (row->cells[0].flags & FLAG_DELETED);
}

static bool missed(const struct outcome_case *about, const struct frame_row *row)
{
    enum board_where where = row->cells[about->holder].where;
    return row->cells[0].where == BOARD_GONE &&
           (where == BOARD_NEVER || where == BOARD_NOWHERE ||
            (where == BOARD_GONE && device_noted(about, about->holder, DID_LOSE, row->number, 0)));
}

static uint64_t flags_before(const struct outcome_case *about, const struct frame_row *row,
                             size_t holder)
{
    return cell_before(about, row, holder)->flags & FLAG_SYSTEM;
}

static uint64_t flags_now(const struct frame_row *row, size_t holder)
{
    return row->cells[holder].flags & FLAG_SYSTEM;
}

/* What the step changed there: 0 if it is new there, or gone. */
static uint64_t flags_changed(const struct outcome_case *about, const struct frame_row *row,
                              size_t holder)
{
    bool stayed = board_has(cell_before(about, row, holder)) && board_has(&row->cells[holder]);
    return stayed ? flags_before(about, row, holder) ^ flags_now(row, holder) : 0;
}

static bool marked(const struct outcome_case *about, const struct frame_row *row)
{
    return flags_changed(about, row, about->holder) != 0;
}

/* Those of them that the server does not have so. */
static uint64_t flags_own(const struct outcome_case *about, const struct frame_row *row)
{
    uint64_t changed = flags_changed(about, row, about->holder);
    bool served = board_has(&row->cells[0]);
    return served ? changed & (flags_now(row, about->holder) ^ flags_now(row, 0)) : changed;
}

static bool own(const struct outcome_case *about, const struct frame_row *row)
{
    return flags_own(about, row) && (board_has(&row->cells[0]) || !device_hears(about));
}

static bool known(const struct outcome_case *about, const struct frame_row *row)
{
    uint64_t changed = flags_changed(about, row, about->holder);
    return !own(about, row) && (changed & flags_changed(about, row, 0));
}

/* What has left the server since was told before. */
static bool told(const struct outcome_case *about, const struct frame_row *row)
{
    return marked(about, row) && !own(about, row) && !known(about, row);
}

static bool alone(const struct outcome_case *about, const struct frame_row *row)
{
    return board_has(&row->cells[0]) && board_has(&row->cells[about->holder]) &&
           (flags_now(row, about->holder) & ~flags_now(row, 0));
}

static bool kept_unaware(const struct outcome_case *about, const struct frame_row *row)
{
    bool deleted = false;
    for (size_t i = 1; i < about->variant->contrast->holders; i++)
        deleted = deleted || (i != about->holder && row->cells[i].where == BOARD_GONE &&
                              device_noted(about, i, DID_DELETE, row->number, 0));
    return deleted && board_has(&row->cells[about->holder]) && row->cells[0].where == BOARD_GONE;
}

static bool unread(const struct outcome_case *about, const struct frame_row *row)
{
    const struct board_cell *here = &row->cells[about->holder];
    bool read = false;
    for (size_t i = 1; i < about->variant->contrast->holders; i++)
        read = read || (i != about->holder && board_has(&row->cells[i]) &&
                        (row->cells[i].flags & FLAG_SEEN));
    return read && board_has(here) && !(here->flags & FLAG_SEEN);
}

static bool scattered(const struct outcome_case *about, const struct frame_row *row)
{
    const struct board_cell *here = &row->cells[about->holder];
    for (size_t i = 1; i < about->variant->contrast->holders; i++)
        if (board_has(&row->cells[i]) && board_has(here) &&
            (row->cells[i].where == BOARD_ELSEWHERE) != (here->where == BOARD_ELSEWHERE))
            return true;
    return false;
}

static const struct {
    const char *name; /* in a sentence: {left} */
    row_is *has;
} lists[OUTCOME_LISTS] = {
    [LIST_WAITS] = { "waits", waits },
    [LIST_LEFT] = { "left", left },
    [LIST_CAME] = { "came", came },
    [LIST_HEADS] = { "heads", heads },
    [LIST_SERVED] = { "served", served },
    [LIST_TAKEN] = { "taken", taken },
    [LIST_TEXTS] = { "texts", texts },
    [LIST_UNREADABLE] = { "unreadable", unreadable },
    [LIST_MOVED] = { "moved", moved },
    [LIST_MOVED_ALIKE] = { "moved_alike", moved_alike },
    [LIST_MOVED_APART] = { "moved_apart", moved_apart },
    [LIST_ENDED] = { "ended", ended },
    [LIST_SAFE] = { "safe", safe },
    [LIST_HIDDEN] = { "hidden", hidden },
    [LIST_MISSED] = { "missed", missed },
    [LIST_MARKED] = { "marked", marked },
    [LIST_KNOWN] = { "known", known },
    [LIST_TOLD] = { "told", told },
    [LIST_OWN] = { "own", own },
    [LIST_ALONE] = { "alone", alone },
    [LIST_KEPT_UNAWARE] = { "kept_unaware", kept_unaware },
    [LIST_UNREAD] = { "unread", unread },
    [LIST_SCATTERED] = { "scattered", scattered },
};

enum outcome_fact outcome_list_named(slice name)
{
    size_t list = 0;
    while (list < OUTCOME_LISTS && !slice_is(name, lists[list].name))
        list++;
    return (enum outcome_fact)list;
}

bool outcome_is_in(const struct outcome_case *about, enum outcome_fact list,
                   const struct frame_row *row)
{
    return lists[list].has(about, row);
}

size_t outcome_count(const struct outcome_case *about, enum outcome_fact list)
{
    size_t count = 0;
    for (size_t i = 0; i < about->frame->row_count; i++)
        count += outcome_is_in(about, list, &about->frame->rows[i]);
    return count;
}

uint64_t outcome_flags_changed(const struct outcome_case *about, enum outcome_fact list,
                               const struct frame_row *row)
{
    return list == LIST_ALONE ? flags_now(row, about->holder) & ~flags_now(row, 0)
           : list == LIST_OWN ? flags_own(about, row)
                              : flags_changed(about, row, about->holder);
}

/* --- the server ------------------------------------------------------------------------------ */

/* How many of the messages that left the server the device has. */
static size_t kept_count(const struct outcome_case *about, size_t device)
{
    size_t count = 0;
    for (size_t i = 0; i < about->frame->row_count; i++)
        count += outcome_is_in(about, LIST_LEFT, &about->frame->rows[i]) &&
                 board_has(&about->frame->rows[i].cells[device]);
    return count;
}

bool outcome_keeps(const struct outcome_case *about, size_t device)
{
    return kept_count(about, device) == outcome_count(about, LIST_LEFT);
}

static uint64_t keepers_look(const struct outcome_case *about)
{
    uint64_t facts = 0;
    if (outcome_count(about, LIST_LEFT) == 0)
        return 0;
    for (size_t i = 1; i < about->variant->contrast->holders; i++) {
        bool shows = device_follows(about->variant, i);
        uint64_t one = shows ? FACT(FACT_SHOWN) : FACT(FACT_KEPT);
        if (outcome_keeps(about, i))
            facts |= facts & one ? FACT(shows ? FACT_SHOWN_BY_MANY : FACT_KEPT_BY_MANY) : one;
        else if (kept_count(about, i))
            facts |= FACT(FACT_KEPT_PARTLY);
    }
    return facts;
}

bool outcome_strangers(const struct outcome_case *about, uint64_t *first, uint64_t *last)
{
    const struct frame *frame = about->frame;
    for (size_t i = 1; i < frame->row_count; i++) {
        *first = frame->rows[i - 1].number + 1;
        *last = frame->rows[i].number - 1;
        if (*first <= *last && !board_has(cell_before(about, &frame->rows[i], 0)))
            return true;
    }
    return false;
}

/* A message of hers that is in no INBOX is no row, and has its name. */
static uint64_t strangers_look(const struct outcome_case *about)
{
    const struct variant *variant = about->variant;
    uint64_t first, last, facts = FACT(FACT_STRANGERS);
    struct board board;
    if (!outcome_strangers(about, &first, &last))
        return 0;
    board_gather(&board, variant->world, &variant->user, SLICE_EMPTY, true);
    for (size_t i = 0; i < board.count; i++)
        if (board.messages[i].number >= first && board.messages[i].number <= last)
            facts |= FACT(FACT_HERS);
    board_free(&board);
    return facts;
}

static uint64_t changes_look(const struct outcome_case *about)
{
    for (size_t i = 0; i < about->frame->row_count; i++)
        for (size_t holder = 0; holder < about->variant->contrast->holders; holder++)
            if (about->frame->rows[i].changed[holder])
                return FACT(FACT_CHANGED);
    return 0;
}

/* --- a device -------------------------------------------------------------------------------- */

/* Is a flag that only this device's copy has got on another device's too? */
static bool own_is_shared(const struct outcome_case *about)
{
    for (size_t i = 0; i < about->frame->row_count; i++) {
        const struct frame_row *row = &about->frame->rows[i];
        for (size_t k = 1; k < about->variant->contrast->holders; k++)
            if (k != about->holder && own(about, row) && board_has(&row->cells[k]) &&
                !(flags_own(about, row) & (flags_now(row, k) ^ flags_now(row, about->holder))))
                return true;
    }
    return false;
}

static uint64_t device_look(const struct outcome_case *about)
{
    const struct variant *variant = about->variant;
    size_t holder = about->holder;
    uint64_t from = about->before->trace_end;
    bool imap = device_is_imap(variant, holder), online = device_did(about, is_dialled);
    struct device *device = device_find(variant->world, slice_of(variant->devices[holder]->name));
    const struct mail_account *account = mail_account(device_mail(device));
    const struct imap_habit *habit = account->program ? account->program->imap : NULL;
    bool tells = imap ? !habit || habit->deletes != IMAP_FETCHES : account->carries_back;
    return (imap ? FACT(FACT_IMAP) : 0) | (online ? FACT(FACT_ONLINE) : 0) |
           (imap && online ? FACT(FACT_HEARS) : 0) |
           (tells ? FACT(FACT_TELLS) : 0) |
           (device_noted(about, holder, DID_DELETE, 0, from) ? FACT(FACT_DELETED) : 0) |
           (device_noted(about, holder, DID_LOSE, 0, from) ? FACT(FACT_LOST) : 0) |
           (own_is_shared(about) ? FACT(FACT_SHARED) : 0) |
           (device_did(about, is_offline) ? FACT(FACT_OFFLINE) : 0) |
           (about->frame->held[holder].messages ? 0 : FACT(FACT_EMPTY)) |
           (variant->contrast->holders > 2 ? FACT(FACT_OTHERS) : 0);
}

/* --- looking --------------------------------------------------------------------------------- */

void outcome_look(struct outcome_case *about)
{
    size_t end = about->holder ? OUTCOME_LISTS : OUTCOME_LISTS_OF_SERVER;
    about->facts = 0;
    for (size_t list = 0; list < end; list++)
        if (outcome_count(about, (enum outcome_fact)list))
            about->facts |= FACT(list);
    about->facts |= about->holder ? device_look(about)
                                  : keepers_look(about) | strangers_look(about) |
                                        changes_look(about);
}

void outcome_look_at_queue(struct outcome_case *about)
{
    struct store *store = about->variant->world->store;
    slice name = slice_of(net_host_name(about->variant->world->net, host_number(about->host)));
    struct queued entry;
    about->facts = store_queue_count(store, name) ? FACT(FACT_QUEUED) : 0;
    if (about->facts && store_queue_due(store, name, INT64_MAX, &entry, 1) && entry.last_reply[0])
        about->facts |= FACT(FACT_REPLIED);
}

static uint64_t row_look_at_end(const struct frame_row *row, size_t holders)
{
    size_t having = 0;
    uint64_t facts = 0;
    for (size_t i = 0; i < holders; i++)
        having += board_has(&row->cells[i]);
    if (having && having < holders)
        return FACT(FACT_MISSING);
    for (size_t i = 1; having && i < holders; i++) {
        if (!in_same_folder(&row->cells[i], &row->cells[0]))
            facts |= FACT(FACT_FOLDERS_DIFFER);
        if (flags_now(row, i) != flags_now(row, 0))
            facts |= FACT(FACT_FLAGS_DIFFER);
    }
    return facts;
}

void outcome_look_at_end(struct outcome_case *about)
{
    const struct frame *last = about->frame;
    size_t holders = about->variant->contrast->holders;
    about->facts = FACT(FACT_SAME_COUNT) | (about->variant->lost ? FACT(FACT_LOSSES) : 0) |
                   (about->variant->duplicated ? FACT(FACT_DOUBLED) : 0) |
                   (about->variant->overwritten ? FACT(FACT_OVERWRITTEN) : 0);
    for (size_t i = 0; i < last->row_count; i++)
        about->facts |= row_look_at_end(&last->rows[i], holders);
    for (size_t i = 1; i < holders; i++)
        if (contrast_shows(last, i) != contrast_shows(last, 0))
            about->facts &= ~FACT(FACT_SAME_COUNT);
}
