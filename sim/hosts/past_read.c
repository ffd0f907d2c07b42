/* past_read.c: a trace out of the rows that earlier sittings have kept. They may come from a
   stranger: what names nothing that this program knows is counted as damaged and left out. */
#include <string.h>

#include "servers/dialects/dialects.h"
#include "servers/services_table.h"
#include "servers/store/store.h"
#include "servers/store/store_event.h"
#include "sim/hosts/past.h"

/* Above what past_keep leaves: a stranger's table is not read for ever. */
#define ROWS_MAX (4 * EVENTS_ALL_MAX)
#define EACH_MAX 4096 /* names, sittings, sums, connections: each is looked for one by one */

struct reading {
    struct past *past;
    const struct world *world;
    uint64_t rows;
};

/* Room for one more of an array in the arena. */
static void *grown(struct past *past, void *array, size_t count, size_t bytes_each)
{
    if (count & (count - 1))
        return array;
    char *more = arena_take_array(&past->arena, count ? 2 * count : 1, bytes_each);
    if (count)
        memcpy(more, array, count * bytes_each);
    return more;
}

/* False: it is none. */
static bool name_number(struct past *past, slice name, uint32_t *number)
{
    size_t nul;
    *number = 0;
    if (name.len == 0 || slice_find(name, '\0', &nul) || past->name_count == EACH_MAX)
        return name.len == 0;
    for (size_t i = 0; i < past->name_count && !*number; i++)
        if (slice_is(name, past->names[i]))
            *number = (uint32_t)i + 1;
    if (*number)
        return true;
    past->names = grown(past, past->names, past->name_count, sizeof *past->names);
    past->names[past->name_count++] = arena_copy(&past->arena, name).at;
    *number = (uint32_t)past->name_count;
    return true;
}

const char *past_name(const struct past *past, uint32_t number)
{
    return number && number <= past->name_count ? past->names[number - 1] : "";
}

/* --- sittings and sums -------------------------------------------------------------------- */

static bool sitting_read(struct past *past, const struct store_event *event)
{
    if (event->bytes > (int64_t)WORLD_MS_MAX || past->sitting_count == EACH_MAX)
        return false;
    past->sittings = grown(past, past->sittings, past->sitting_count, sizeof *past->sittings);
    past->sittings[past->sitting_count++] = (struct past_sitting){
        .number = event->sitting, .began_ms = event->t_ms, .upto_ms = event->bytes,
        .broke_off = event->how & 1, .first = event->how & 2 && event->sitting == 1,
        .typed = event->how & 4,
    };
    return true;
}

static bool older_read(struct past *past, const struct store_event *event)
{
    for (size_t i = 0; i < past->older_count; i++)
        if (slice_equal(past->older[i].thread, event->thread)) {
            past->older[i].count += (uint64_t)event->bytes;
            past->older[i].last_ms = event->t_ms;
            return true;
        }
    if (past->older_count == EACH_MAX)
        return false;
    past->older = grown(past, past->older, past->older_count, sizeof *past->older);
    past->older[past->older_count++] = (struct past_older){
        .thread = arena_copy(&past->arena, event->thread), .count = (uint64_t)event->bytes,
        .last_ms = event->t_ms,
    };
    return true;
}

/* --- connections -------------------------------------------------------------------------- */

/* "conn 3.17" */
static bool thread_read(const struct store_event *event, uint64_t *number)
{
    slice rest = event->thread;
    uint64_t sitting;
    return take_prefix(&rest, "conn ") && take_number(&rest, UINT32_MAX, &sitting) &&
           take_char(&rest, '.') && take_number(&rest, UINT32_MAX, number) && !rest.len &&
           sitting == event->sitting;
}

/* In the trace's numbers; 0: none has opened. */
static uint32_t conn_of(const struct past *past, const struct store_event *event)
{
    uint64_t number;
    if (!thread_read(event, &number))
        return 0;
    for (size_t i = past->conn_count; i-- > 0;)
        if (past->conns[i].sitting == event->sitting && past->conns[i].number == number)
            return (uint32_t)i + 1;
    return 0;
}

static bool open_read(struct past *past, const struct store_event *event,
                      struct trace_record *record)
{
    uint64_t number;
    if (!thread_read(event, &number) || event->bytes > UINT16_MAX ||
        past->conn_count == EACH_MAX || conn_of(past, event))
        return false;
    past->conns = grown(past, past->conns, past->conn_count, sizeof *past->conns);
    past->conns[past->conn_count++] = (struct past_conn){
        .number = (uint32_t)number, .sitting = event->sitting,
        .protocol = protocol_for_name(event->text),
    };
    record->kind = TRACE_OPEN;
    record->conn = (uint32_t)past->conn_count;
    record->port = (uint16_t)event->bytes;
    record->typed = event->how != 0;
    record->text = event->text;
    return true;
}

static int event_named(const struct protocol *protocol, slice name)
{
    for (size_t i = 0; i < protocol->event_count; i++)
        if (protocol->events[i].verb && slice_is(name, protocol_event_name(protocol, (int)i)))
            return (int)i;
    return -1;
}

/* The dialect of that name for this protocol; NULL: our own way. */
static const struct dialect *dialect_for(const struct protocol *protocol, slice name)
{
    const struct dialect *dialect = dialect_named(name, NULL);
    while (dialect && !protocol_is(protocol, dialect->protocol))
        dialect = dialect_named(name, dialect);
    return dialect;
}

/* "READY MAIL OK MAILED", and behind it the dialect if there is one: this version's table must have
   the row. */
static bool state_read(const struct past *past, const struct store_event *event,
                       struct trace_record *record)
{
    const struct protocol *protocol = past->conns[record->conn - 1].protocol;
    slice rest = event->text;
    enum outcome outcome;
    if (!protocol)
        return false;
    int before = protocol_state(protocol, take_word(&rest));
    int what = event_named(protocol, take_word(&rest));
    bool named = outcome_named(take_word(&rest), &outcome);
    int after = protocol_state(protocol, take_word(&rest));
    struct protocol spoken = *protocol;
    spoken.dialect = dialect_for(protocol, take_word(&rest));
    const struct rule *rule = before < 0 || what < 0 || after < 0 || !named
                                  ? NULL : protocol_rule(&spoken, before, what, outcome);
    if (!rule)
        return false;
    record->kind = TRACE_STATE;
    record->before = (uint8_t)before;
    record->event = (uint8_t)what;
    record->outcome = (uint8_t)outcome;
    record->after = (uint8_t)after;
    record->rule = protocol_row_number(&spoken, rule);
    return true;
}

static bool talk_read(const struct past *past, const struct store_event *event,
                      struct trace_record *record)
{
    record->conn = conn_of(past, event);
    record->text = event->text;
    if (!record->conn)
        return false;
    if (slice_is(event->kind, "state")) {
        record->text = SLICE_EMPTY;
        return state_read(past, event, record);
    }
    if (slice_is(event->kind, "line") && event->how <= SIDE_SERVER) {
        record->kind = TRACE_LINE;
        record->side = (uint8_t)event->how;
        record->bytes = (uint64_t)event->bytes;
        return true;
    }
    if (slice_is(event->kind, "close") && event->how <= BY_TIMEOUT) {
        record->kind = TRACE_CLOSE;
        record->by = (uint8_t)event->how;
        return true;
    }
    record->kind = TRACE_TLS;
    record->ok = event->how != 0;
    return slice_is(event->kind, "tls");
}

/* --- mailboxes and devices ---------------------------------------------------------------- */

static bool placed_read(const struct store_event *event, struct trace_record *record)
{
    bool removed = slice_is(event->kind, "removed");
    record->kind = removed ? TRACE_REMOVED : TRACE_STORED;
    record->mailbox = event->mailbox;
    record->uid = (uint32_t)event->uid;
    record->message_key = event->message;
    record->name = event->text;
    record->typed = event->how & 1;
    record->ok = event->how >> 1 & 1;
    return removed || slice_is(event->kind, "stored");
}

static bool device_read(const struct store_event *event, struct trace_record *record)
{
    record->kind = TRACE_DEVICE;
    record->bytes = (uint64_t)event->bytes;
    record->name = event->text;
    for (int fact = 0; fact < DEVICE_FACTS; fact++)
        if (slice_is(event->text, device_fact_name((enum device_fact)fact))) {
            record->fact = (uint8_t)fact;
            return true;
        }
    return false;
}

/* --- all of it ---------------------------------------------------------------------------- */

static bool record_read(struct past *past, const struct store_event *event)
{
    struct trace_record record = { .conn = 0 };
    bool good = name_number(past, event->host, &record.host) &&
                name_number(past, event->peer, &record.peer);
    if (!good)
        return false;
    if (slice_is(event->kind, EVENT_OPEN))
        good = open_read(past, event, &record);
    else if (slice_starts(event->thread, "conn "))
        good = talk_read(past, event, &record);
    else if (slice_starts(event->thread, "mailbox "))
        good = placed_read(event, &record);
    else
        good = slice_starts(event->thread, "device ") && device_read(event, &record);
    if (good) {
        size_t number = (size_t)trace_end(past->trace);
        past->record_sittings = grown(past, past->record_sittings, number,
                                      sizeof *past->record_sittings);
        past->record_sittings[number] = event->sitting;
        trace_add(past->trace, (uint64_t)event->t_ms * NS_PER_MS, &record);
    }
    return good;
}

/* What this sitting has kept and still has in its own trace is not of the past. */
static bool is_present(const struct reading *reading, const struct store_event *event)
{
    const struct world *world = reading->world;
    return world->past.sitting && event->sitting == world->past.sitting &&
           (event->number > trace_first(world->trace) || slice_is(event->kind, EVENT_SITTING) ||
            (slice_is(event->kind, EVENT_OLDER) && trace_first(world->trace) == 0));
}

static void event_read(void *context, const struct store_event *event)
{
    struct reading *reading = context;
    struct past *past = reading->past;
    bool good = true;
    if (++reading->rows > ROWS_MAX) {
        past->damaged++;
        return;
    }
    if (is_present(reading, event) || slice_is(event->kind, EVENT_CONN))
        return;
    if (slice_is(event->kind, EVENT_OLDER))
        good = older_read(past, event);
    else if (slice_is(event->kind, EVENT_SITTING))
        good = sitting_read(past, event);
    else
        good = record_read(past, event);
    past->damaged += !good;
}

bool past_read(struct past *past, const struct world *world)
{
    struct reading reading = { past, world, 0 };
    *past = (struct past){ .trace = trace_new() };
    enum event_table found = store_events_look(world->store);
    past->foreign = found == EVENTS_FOREIGN && !store_failed(world->store);
    return found != EVENTS_THERE
               ? !store_failed(world->store)
               : store_events(world->store, event_read, &reading, &past->damaged);
}

void past_free(struct past *past)
{
    trace_free(past->trace);
    arena_free(&past->arena);
    *past = (struct past){ .trace = NULL };
}

const struct past_older *past_older(const struct past *past, slice thread)
{
    for (size_t i = 0; i < past->older_count; i++)
        if (slice_equal(past->older[i].thread, thread))
            return &past->older[i];
    return NULL;
}

uint64_t past_record_sitting(const struct past *past, uint64_t record)
{
    return past->record_sittings[record];
}

const struct past_sitting *past_sitting(const struct past *past, uint64_t number)
{
    for (size_t i = 0; i < past->sitting_count; i++)
        if (past->sittings[i].number == number)
            return &past->sittings[i];
    return NULL;
}

bool past_since(const struct past *past, const struct world *world, int64_t *ms)
{
    const struct trace *trace = world->trace;
    uint64_t first = trace_first(trace);
    if (!store_lasts(world->store) && first > 0 && first < trace_end(trace)) {
        *ms = world->epoch_ms + (int64_t)(trace_at(trace, first)->t_ns / NS_PER_MS);
        return true;
    }
    *ms = past->sitting_count ? past->sittings[0].began_ms : world->epoch_ms;
    return world->goes_on && (past->foreign || !past->sitting_count || !past->sittings[0].first);
}
