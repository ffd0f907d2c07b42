/* since.c: see since.h. Counted is what is kept; where older events are not, it is "at least". */
#include "views/since.h"

#include <string.h>

#include "servers/mail/date.h"
#include "sim/hosts/inbound.h"
#include "views/earlier.h"

#define BOXES_SHOWN 4

/* What came into a mailbox, or went out of it. */
struct box_count {
    int64_t mailbox;
    uint64_t came, went;
};

struct counting {
    struct sight sight;
    struct arena arena;
    uint64_t from;                   /* the first sitting since somebody typed */
    struct box_count *boxes;
    size_t box_count;
    uint64_t conns;
};

static struct box_count *box_of(struct counting *counting, int64_t mailbox)
{
    size_t at = 0;
    while (at < counting->box_count && counting->boxes[at].mailbox != mailbox)
        at++;
    if (at == counting->box_count)
        counting->boxes[counting->box_count++].mailbox = mailbox;
    return &counting->boxes[at];
}

static void record_count(struct counting *counting, const struct trace_record *record)
{
    if (record->kind == TRACE_STORED)
        box_of(counting, record->mailbox)->came++;
    else if (record->kind == TRACE_REMOVED)
        box_of(counting, record->mailbox)->went++;
    else if (record->kind == TRACE_OPEN)
        counting->conns += strcmp(sight_name(&counting->sight, record->host), INBOUND_NAME) == 0;
}

/* The sittings after the last one in which somebody typed. NULL: there is none. */
static const struct past_sitting *first_served(const struct past *past)
{
    const struct past_sitting *first = NULL;
    for (size_t i = past->sitting_count; i-- > 0 && !past->sittings[i].typed;)
        first = &past->sittings[i];
    return first;
}

static void records_count(struct counting *counting, const struct past *past)
{
    uint64_t end = trace_end(past->trace);
    counting->boxes = arena_take_array(&counting->arena, (size_t)end + 1,
                                       sizeof *counting->boxes);
    for (uint64_t number = 0; number < end; number++)
        if (past_record_sitting(past, number) >= counting->from)
            record_count(counting, trace_at(past->trace, number));
}

/* "3 to ana's INBOX" */
static void boxes_write(struct buf *out, const struct counting *counting, bool came)
{
    size_t shown = 0;
    for (size_t i = 0; i < counting->box_count; i++) {
        uint64_t count = came ? counting->boxes[i].came : counting->boxes[i].went;
        if (!count)
            continue;
        if (++shown > BOXES_SHOWN)
            break;
        buf_add_text(out, shown > 1 ? ", " : "");
        buf_format(out, "%llu %s ", (unsigned long long)count, came ? "to" : "from");
        mailbox_owned_add(out, counting->sight.world, counting->boxes[i].mailbox);
    }
    buf_add_text(out, shown > BOXES_SHOWN ? " and more" : "");
}

static void counts_write(struct buf *out, const struct counting *counting)
{
    uint64_t came = 0, went = 0;
    for (size_t i = 0; i < counting->box_count; i++) {
        came += counting->boxes[i].came;
        went += counting->boxes[i].went;
    }
    bool at_least = false;
    for (size_t i = 0; i < counting->sight.past->older_count; i++)
        at_least = at_least || !slice_starts(counting->sight.past->older[i].thread, "conn ");
    const char *least = at_least ? "at least " : "";
    if (came) {
        buf_format(out, " %s%llu message%s came (", least, (unsigned long long)came,
                   came == 1 ? "" : "s");
        boxes_write(out, counting, true);
        buf_add_text(out, ").");
    }
    if (went) {
        buf_format(out, " %s%llu went (", least, (unsigned long long)went);
        boxes_write(out, counting, false);
        buf_add_text(out, ").");
    }
    buf_format(out, " %s%llu connection%s from real programs:  log " INBOUND_NAME "  shows the last"
                    " of them.",
               least, (unsigned long long)counting->conns, counting->conns == 1 ? "" : "s");
}

static void served_write(struct buf *out, struct world *world, const struct past *past,
                         const struct past_sitting *first)
{
    struct counting counting = { .from = first->number };
    const struct past_sitting *last = &past->sittings[past->sitting_count - 1];
    sight_begin(&counting.sight, world, past);
    records_count(&counting, past);
    buf_add_text(out, "It has served since you were here, ");
    date_write_moment(out, first->began_ms);
    buf_add_text(out, " to ");
    date_write_moment(out, last->upto_ms);
    buf_add_text(out, ":");
    counts_write(out, &counting);
    if (last->broke_off)
        buf_add_text(out, " Then it was stopped in the middle: what came after that is not known.");
    sight_end(&counting.sight);
    arena_free(&counting.arena);
}

void since_write(struct buf *out, struct world *world)
{
    struct past past;
    if (!past_was_served(world))
        return;
    const struct past_sitting *first = past_read(&past, world) ? first_served(&past) : NULL;
    if (first)
        served_write(out, world, &past, first);
    past_free(&past);
}
