/* contrast_count.c: what is true at the end of a story, counted in stores and trace:
   lost:       messages of the mailbox that no person deleted and that neither a mailbox nor a
               device of hers nor any queue holds;
   duplicated: messages that one store, the server's or a device's, holds twice (what she wrote
               herself, in Sent, Drafts and Outbox, apart);
   overwritten: marks that left the server though nobody took them off: a device that was told
               of one still has it;
   in step:    the server and every device of the story show every message with the same marks. */
#include <stdlib.h>
#include <string.h>

#include "lessons/contrast_outcome.h"
#include "servers/store/store.h"
#include "sim/devices/device.h"
#include "sim/hosts/host.h"
#include "views/conns.h"

/* How often a message was met, by its number; more than twice is twice. */
struct tally {
    uint8_t *times;
    size_t cap;
};

static void tally_add(struct tally *tally, uint64_t number)
{
    if (number >= tally->cap) {
        size_t cap = tally->cap ? tally->cap : 64;
        while (cap <= number)
            cap *= 2;
        tally->times = realloc(tally->times, cap);
        must(tally->times != NULL);
        memset(tally->times + tally->cap, 0, cap - tally->cap);
        tally->cap = cap;
    }
    if (tally->times[number] < 2)
        tally->times[number]++;
}

static bool tally_has(const struct tally *tally, uint64_t number)
{
    return number < tally->cap && tally->times[number] > 0;
}

/* How many are there more than once; it begins anew. */
static uint64_t tally_twice(struct tally *tally)
{
    uint64_t twice = 0;
    for (size_t i = 0; i < tally->cap; i++)
        twice += tally->times[i] > 1;
    if (tally->cap)
        memset(tally->times, 0, tally->cap);
    return twice;
}

/* --- who holds what ------------------------------------------------------------------------ */

struct counting {
    struct variant *variant;
    struct tally store;              /* of one store, but what she wrote herself */
    struct tally held;               /* of all stores of hers, and queues */
    struct tally deleted;            /* by a person */
    bool own;                        /* the folder that is read holds what she wrote */
};

static void message_count(struct counting *counting, uint64_t number)
{
    tally_add(&counting->held, number);
    if (!counting->own)
        tally_add(&counting->store, number);
}

static bool mailbox_count(void *context, const struct mailbox *mailbox)
{
    struct counting *counting = context;
    struct store *store = counting->variant->world->store;
    struct placement rows[64];
    uint32_t next = 1;
    size_t count;
    uint64_t number;
    counting->own = (mailbox->use & (USE_SENT | USE_DRAFTS)) != 0;
    while ((count = store_placements(store, mailbox->id, next, UINT32_MAX, 0, false, rows,
                                     COUNT(rows))) > 0) {
        for (size_t i = 0; i < count; i++)
            if (store_message_of(store, rows[i].message_key, &number))
                message_count(counting, number);
        if (rows[count - 1].uid == UINT32_MAX)
            break;
        next = rows[count - 1].uid + 1;
    }
    return true;
}

static bool device_message_count(void *context, const struct device_message *message)
{
    struct counting *counting = context;
    uint64_t number;
    if (!message->gone && store_message_number(counting->variant->world->store,
                                             slice_of(message->identity), &number))
        message_count(counting, number);
    return true;
}

static bool folder_count(void *context, const struct device_folder *folder)
{
    static const char *const own[] = { "Sent", "Drafts", "Outbox" };
    struct counting *counting = context;
    counting->own = false;
    for (size_t i = 0; i < COUNT(own); i++)
        counting->own = counting->own || strcmp(folder->name, own[i]) == 0;
    store_device_messages(counting->variant->world->store, folder->id, device_message_count,
                         counting);
    return true;
}

static void queues_count(struct counting *counting)
{
    struct world *world = counting->variant->world;
    struct queued entries[64];
    uint64_t number;
    for (struct host *host = host_next(world, NULL); host; host = host_next(world, host)) {
        size_t count = store_queue_due(world->store,
                                       slice_of(net_host_name(world->net, host_number(host))),
                                       INT64_MAX, entries, COUNT(entries));
        for (size_t i = 0; i < count; i++)
            if (store_message_of(world->store, entries[i].message_key, &number))
                tally_add(&counting->held, number);
    }
}

/* --- what a person did --------------------------------------------------------------------- */

static void deleted_count(struct counting *counting)
{
    const struct world *world = counting->variant->world;
    const struct trace *trace = world->trace;
    struct conns conns = { 0 };
    uint64_t number;
    conns_read(&conns, trace);
    for (uint64_t at = trace_first(trace); at < trace_end(trace); at++) {
        const struct trace_record *record = trace_at(trace, at);
        const struct conn *conn = conns_find(&conns, record->conn);
        if (record->kind == TRACE_DEVICE && record->fact == DID_DELETE)
            tally_add(&counting->deleted, record->bytes);
        else if (record->kind == TRACE_REMOVED && conn && conn->typed &&
                 store_message_of(world->store, record->message_key, &number))
            tally_add(&counting->deleted, number);
    }
    conns_free(&conns);
}

/* --- marks that were overwritten ------------------------------------------------------------- */

/* Of the flags that the message has there; none of a message that is not there. */
static uint64_t flags_at(const struct frame *frame, uint64_t number, size_t holder)
{
    const struct frame_row *row = frame_row(frame, number);
    return row && board_has(&row->cells[holder]) ? row->cells[holder].flags & FLAG_SYSTEM : 0;
}

/* Those that a device has had in some frame before, and has no more. */
static uint64_t flags_dropped(const struct variant *variant, size_t at, uint64_t number,
                              size_t holder)
{
    uint64_t had = 0;
    for (size_t i = 0; i < at; i++)
        had |= flags_at(&variant->frames[i], number, holder);
    return had & ~flags_at(&variant->frames[at], number, holder);
}

static bool is_overwritten(const struct variant *variant, size_t at, uint64_t number)
{
    const struct frame *before = &variant->frames[at - 1], *frame = &variant->frames[at];
    uint64_t left = flags_at(before, number, 0) & ~flags_at(frame, number, 0), kept = 0;
    if (!left || !board_has(&frame_row(frame, number)->cells[0]))
        return false;
    for (size_t i = 1; i < variant->contrast->holders; i++) {
        left &= ~flags_dropped(variant, at, number, i);
        kept |= flags_at(before, number, i) & flags_at(frame, number, i);
    }
    return (left & kept) != 0;
}

static void overwritten_count(struct variant *variant)
{
    for (size_t at = 1; at < variant->frame_count; at++)
        for (size_t i = 0; i < variant->frames[at].row_count; i++)
            variant->overwritten += is_overwritten(variant, at, variant->frames[at].rows[i].number);
}

/* --- the end ------------------------------------------------------------------------------- */

void contrast_count(struct variant *variant)
{
    const struct frame *last = &variant->frames[variant->frame_count - 1];
    struct store *store = variant->world->store;
    struct counting counting = { .variant = variant };
    store_mailboxes(store, variant->user.id, mailbox_count, &counting);
    variant->duplicated += tally_twice(&counting.store);
    for (struct device *device = variant->world->devices; device; device = device->next)
        if (strcmp(device->address, variant->user.address) == 0) {
            store_device_folders(store, slice_of(device->name), folder_count, &counting);
            variant->duplicated += tally_twice(&counting.store);
        }
    queues_count(&counting);
    deleted_count(&counting);
    for (size_t i = 0; i < last->row_count; i++)
        variant->lost += !tally_has(&counting.held, last->rows[i].number) &&
                         !tally_has(&counting.deleted, last->rows[i].number);
    overwritten_count(variant);
    struct outcome_case about = { .variant = variant, .frame = last };
    outcome_look_at_end(&about);
    variant->in_step = !(about.facts & (FACT(FACT_MISSING) | FACT(FACT_FLAGS_DIFFER)));
    free(counting.store.times);
    free(counting.held.times);
    free(counting.deleted.times);
}
