/* past_keep.c: which records of the trace the next sittings get, in which thread; of long threads
   and long runs of lines only what will stay is written at all. */
#include "base/sort.h"
#include "base/words.h"
#include "servers/dialects/dialects.h"
#include "servers/services_table.h"
#include "servers/store/store.h"
#include "servers/store/store_event.h"
#include "sim/hosts/inbound.h"
#include "sim/hosts/past.h"
#include "sim/hosts/past_secret.h"

#define RUN_HEAD 12          /* of a run of lines of one side, these, */
#define RUN_TAIL 2           /* and these */
#define THREAD_BYTES 300

enum thread_kind { THREAD_CLIENT, THREAD_CONN, THREAD_MAILBOX, THREAD_DEVICE, THREADS };

struct item {
    enum thread_kind kind;
    uint64_t id, number;     /* of its thread, of its record */
    uint64_t left_out;       /* stands for so many octets of lines from here on; 0: for itself */
    size_t shown;            /* of a line, so many octets of its text at most */
};

/* Of a connection, as its OPEN said. */
struct opening {
    uint32_t conn;
    bool known, typed;
    const struct protocol *protocol;
    char client[DOMAIN_MAX + 1], server[DOMAIN_MAX + 1];
};

struct keeping {
    struct world *world;
    struct arena arena;
    struct item *items;
    size_t count;
    uint64_t from, upto;
    uint64_t *client_from;   /* by host: connections opened before this record do not stay */
    struct opening opening;  /* the last that was looked for */
    struct buf thread;
};

static int64_t record_ms(const struct world *world, const struct trace_record *record)
{
    return world->epoch_ms + (int64_t)(record->t_ns / NS_PER_MS);
}

/* --- threads ------------------------------------------------------------------------------ */

static bool item_of(const struct trace_record *record, struct item *item)
{
    *item = (struct item){ .number = record->number, .id = record->conn, .kind = THREAD_CONN,
                           .shown = EVENT_TEXT_MAX };
    switch (record->kind) {
    case TRACE_OPEN:
    case TRACE_LINE:
    case TRACE_STATE:
    case TRACE_CLOSE:
    case TRACE_TLS: return record->conn != 0;
    case TRACE_STORED:
    case TRACE_REMOVED:
        item->kind = THREAD_MAILBOX;
        item->id = (uint64_t)record->mailbox;
        return true;
    case TRACE_DEVICE:
        item->kind = THREAD_DEVICE;
        item->id = record->host;
        return true;
    default: return false;
    }
}

static int by_thread(const void *context, const void *a, const void *b)
{
    const struct item *one = a, *other = b;
    (void)context;
    if (one->kind != other->kind)
        return one->kind < other->kind ? -1 : 1;
    if (one->id != other->id)
        return one->id < other->id ? -1 : 1;
    return one->number < other->number ? -1 : one->number > other->number;
}

/* An OPEN stands in two threads. */
static void items_gather(struct keeping *keeping)
{
    const struct trace *trace = keeping->world->trace;
    size_t room = 2 * (size_t)(keeping->upto - keeping->from);
    keeping->items = arena_take_bare_array(&keeping->arena, room + 1, sizeof(struct item));
    for (uint64_t number = keeping->from; number < keeping->upto; number++) {
        const struct trace_record *record = trace_at(trace, number);
        struct item item;
        if (record->kind == TRACE_INPUT)
            keeping->world->past.typed = true;
        if (!item_of(record, &item))
            continue;
        keeping->items[keeping->count++] = item;
        if (record->kind == TRACE_OPEN)
            keeping->items[keeping->count++] = (struct item){ .kind = THREAD_CLIENT,
                                                              .id = record->host,
                                                              .number = number };
    }
    void *spare = arena_take_bare_array(&keeping->arena, keeping->count + 1, sizeof(struct item));
    sort_stable(keeping->items, keeping->count, sizeof(struct item), spare, by_thread, NULL);
}

void past_conn_thread(struct buf *out, uint64_t sitting, uint32_t conn)
{
    buf_format(out, "conn %llu.%u", (unsigned long long)sitting, conn);
}

static slice thread_name(struct keeping *keeping, enum thread_kind kind, uint64_t id)
{
    struct buf *out = &keeping->thread;
    const struct world *world = keeping->world;
    buf_clear(out);
    if (kind == THREAD_CONN)
        past_conn_thread(out, world->past.sitting, (uint32_t)id);
    else if (kind == THREAD_MAILBOX)
        buf_format(out, "mailbox %lld", (long long)id);
    else
        buf_format(out, "%s %s", kind == THREAD_DEVICE ? "device" : "client",
                   net_host_name(world->net, (uint32_t)id));
    return buf_slice(out);
}

/* --- a connection's opening --------------------------------------------------------------- */

static void opening_take(void *context, const struct store_event *event)
{
    struct opening *opening = context;
    opening->known = true;
    opening->typed = event->how != 0;
    opening->protocol = protocol_for_name(event->text);
    FIELD_SET(opening->client, event->host);
    FIELD_SET(opening->server, event->peer);
}

static void opening_read(struct keeping *keeping, const struct trace_record *record)
{
    struct opening *opening = &keeping->opening;
    const struct net *net = keeping->world->net;
    opening->known = true;
    opening->typed = record->typed;
    opening->protocol = protocol_for_name(record->text);
    if (!opening->protocol)
        opening->protocol = protocol_for_port(record->port);
    FIELD_SET(opening->client, slice_of(net_host_name(net, record->host)));
    FIELD_SET(opening->server, slice_of(net_host_name(net, record->peer)));
}

/* In the trace, or where an earlier batch has kept it. */
static const struct opening *opening_of(struct keeping *keeping, uint32_t conn)
{
    struct opening *opening = &keeping->opening;
    struct world *world = keeping->world;
    if (opening->conn == conn && conn)
        return opening;
    *opening = (struct opening){ .conn = conn };
    for (uint64_t number = keeping->upto; number-- > trace_first(world->trace);) {
        const struct trace_record *record = trace_at(world->trace, number);
        if (record->kind == TRACE_OPEN && record->conn == conn) {
            opening_read(keeping, record);
            return opening;
        }
    }
    struct buf thread = BUF_MAX(THREAD_BYTES);
    past_conn_thread(&thread, world->past.sitting, conn);
    store_event_opening(world->store, buf_slice(&thread), opening_take, opening);
    buf_free(&thread);
    return opening;
}

/* --- a row -------------------------------------------------------------------------------- */

static void state_event(struct keeping *keeping, const struct trace_record *record,
                        struct store_event *event, struct buf *text)
{
    const struct protocol *protocol = opening_of(keeping, record->conn)->protocol;
    event->kind = SLICE("state");
    if (protocol)
        buf_format(text, "%s %s %s %s", protocol->states[record->before].name,
                   protocol_event_name(protocol, record->event), outcome_name(record->outcome),
                   protocol->states[record->after].name);
    if (protocol && dialect_at(record->rule))
        buf_format(text, " %s", dialect_at(record->rule)->name);
    event->text = buf_slice(text);
}

static void placed_event(struct keeping *keeping, const struct trace_record *record,
                         struct store_event *event)
{
    const struct world *world = keeping->world;
    event->kind = record->kind == TRACE_STORED ? SLICE("stored") : SLICE("removed");
    event->host = slice_of(net_host_name(world->net, record->host));
    event->mailbox = record->mailbox;
    event->uid = record->uid;
    event->message = record->message_key;
    if (record->kind == TRACE_STORED)
        return;
    const struct opening *opening = opening_of(keeping, record->conn);
    event->peer = slice_of(opening->client);
    event->text = slice_of(opening->protocol ? opening->protocol->name : "");
    event->how = (opening->typed ? 1 : 0) | (trace_is_move(world->trace, record) ? 2 : 0);
}

static void open_event(struct keeping *keeping, const struct trace_record *record,
                       struct store_event *event)
{
    const struct opening *opening = opening_of(keeping, record->conn);
    event->kind = SLICE(EVENT_OPEN);
    event->host = slice_of(opening->client);
    event->peer = slice_of(opening->server);
    event->bytes = record->port;
    event->how = record->typed;
    event->text = slice_of(opening->protocol ? opening->protocol->name : "");
}

static void line_event(const struct trace_record *record, const struct item *item,
                       struct store_event *event)
{
    uint64_t length = item->left_out ? item->left_out
                                             : trace_line_length(record);
    event->kind = SLICE("line");
    event->how = record->side;
    event->text = item->left_out ? SLICE_EMPTY : slice_upto(record->text, item->shown);
    event->bytes = length > event->text.len ? (int64_t)length : 0;
}

static void record_event(struct keeping *keeping, const struct item *item,
                         struct store_event *event, struct buf *text)
{
    const struct trace_record *record = trace_at(keeping->world->trace, item->number);
    switch (record->kind) {
    case TRACE_OPEN: open_event(keeping, record, event); break;
    case TRACE_LINE: line_event(record, item, event); break;
    case TRACE_STATE: state_event(keeping, record, event, text); break;
    case TRACE_CLOSE:
        event->kind = SLICE("close");
        event->how = record->by;
        break;
    case TRACE_TLS:
        event->kind = SLICE("tls");
        event->how = record->ok;
        event->text = record->text;
        break;
    case TRACE_DEVICE:
        event->kind = SLICE("device");
        event->host = slice_of(net_host_name(keeping->world->net, record->host));
        event->bytes = (int64_t)record->bytes;
        event->text = slice_of(device_fact_name(record->fact));
        break;
    default: placed_event(keeping, record, event); break;
    }
}

static bool item_keep(struct keeping *keeping, const struct item *item)
{
    struct world *world = keeping->world;
    struct buf text = BUF_MAX(EVENT_TEXT_MAX), conn = BUF_MAX(THREAD_BYTES);
    const struct trace_record *record = trace_at(world->trace, item->number);
    struct store_event event = { .sitting = world->past.sitting, .number = item->number + 1,
                           .t_ms = record_ms(world, record) };
    if (item->kind == THREAD_CLIENT) {
        event.kind = SLICE(EVENT_CONN);
        buf_add(&conn, thread_name(keeping, THREAD_CONN, record->conn));
        event.text = buf_slice(&conn);
    } else {
        record_event(keeping, item, &event, &text);
    }
    event.thread = thread_name(keeping, item->kind, item->id);
    bool kept = store_event_add(world->store, &event);
    buf_free(&text);
    buf_free(&conn);
    return kept;
}

/* --- a thread ----------------------------------------------------------------------------- */

static bool is_line_of(const struct trace *trace, const struct item *item, uint8_t side)
{
    const struct trace_record *record = trace_at(trace, item->number);
    return record->kind == TRACE_LINE && record->side == side;
}

/* Takes the middle out of long runs of lines, and what is secret; one item stands for it. */
static size_t runs_fold(const struct trace *trace, struct item *items, size_t count)
{
    size_t kept = 0;
    for (size_t at = 0, end; at < count; at = end) {
        const struct trace_record *first = trace_at(trace, items[at].number);
        end = at + 1;
        while (first->kind == TRACE_LINE && end < count &&
               is_line_of(trace, &items[end], first->side))
            end++;
        bool folds = end - at > RUN_HEAD + RUN_TAIL + 1;
        size_t start = kept;
        for (size_t i = at; i < end; i++) {
            const struct trace_record *line = trace_at(trace, items[i].number);
            bool out = (folds && i >= at + RUN_HEAD && i + RUN_TAIL < end) || !items[i].shown;
            if (!out || kept == start || !items[kept - 1].left_out)
                items[kept++] = items[i];
            if (out)
                items[kept - 1].left_out += trace_line_length(line) + 2;
        }
    }
    return kept;
}

/* Of a real client's connection: what of each line may be kept. */
static void secrets_hide(struct keeping *keeping, struct item *items, size_t count)
{
    const struct world *world = keeping->world;
    uint32_t real = inbound_number(world);
    const struct trace_record *first = trace_at(world->trace, items[0].number);
    const struct opening *opening = opening_of(keeping, first->conn);
    struct secret secret = { .protocol = opening->protocol };
    if (!real || (opening->known && !slice_is(slice_of(opening->client),
                                              net_host_name(world->net, real))))
        return;
    for (size_t i = 0; i < count; i++) {
        size_t shown = secret_take(&secret, trace_at(world->trace, items[i].number));
        items[i].shown = shown < items[i].shown ? shown : items[i].shown;
    }
}

static bool thread_keep(struct keeping *keeping, struct item *items, size_t count)
{
    struct world *world = keeping->world;
    const struct item first = items[0];
    size_t max = first.kind == THREAD_CLIENT ? EVENTS_CLIENT_MAX : EVENTS_THREAD_MAX, from = 0;
    bool opens = first.kind == THREAD_CONN &&
                 trace_at(world->trace, first.number)->kind == TRACE_OPEN;
    if (first.kind == THREAD_CONN)
        secrets_hide(keeping, items, count);
    if (opens && !item_keep(keeping, &first))
        return false;
    items += opens;
    count -= opens;
    if (first.kind == THREAD_CONN)
        count = runs_fold(world->trace, items, count);
    if (count > max) {
        from = count - max;
        int64_t last_ms = record_ms(world, trace_at(world->trace, items[from - 1].number));
        if (!store_events_left_out(world->store, thread_name(keeping, first.kind, first.id),
                                   world->past.sitting, from, last_ms))
            return false;
    }
    for (size_t i = from; i < count; i++)
        if (!item_keep(keeping, &items[i]))
            return false;
    return store_events_bound(world->store, thread_name(keeping, first.kind, first.id),
                              world->past.sitting, max);
}

/* Of a connection that does not stay itself nothing does. */
static bool conn_stays(struct keeping *keeping, const struct item *first)
{
    const struct trace_record *record = trace_at(keeping->world->trace, first->number);
    if (record->kind == TRACE_OPEN)
        return first->number >= keeping->client_from[record->host];
    return store_event_opening(keeping->world->store,
                               thread_name(keeping, first->kind, first->id), NULL, NULL);
}

static bool threads_keep(struct keeping *keeping)
{
    bool kept = true;
    for (size_t at = 0, end; kept && at < keeping->count; at = end) {
        struct item *first = &keeping->items[at];
        for (end = at + 1; end < keeping->count && keeping->items[end].kind == first->kind &&
                           keeping->items[end].id == first->id; end++)
            ;
        if (first->kind == THREAD_CLIENT && end - at > EVENTS_CLIENT_MAX)
            keeping->client_from[first->id] = keeping->items[end - EVENTS_CLIENT_MAX].number;
        if (first->kind != THREAD_CONN || conn_stays(keeping, first))
            kept = thread_keep(keeping, first, end - at);
    }
    return kept && !store_failed(keeping->world->store);
}

/* --- when --------------------------------------------------------------------------------- */

/* May more happen before it is kept? A world that follows line by line is whole after each. */
static bool goes_on(const struct world *world, enum past_when when)
{
    bool batches = !store_is_followed(world->store) || inbound_is_on(world);
    return world->past.hole || when == PAST_TURN || (when == PAST_LINE && batches);
}

static void sitting_keep(struct world *world, bool under_way)
{
    const struct trace *trace = world->trace;
    int64_t upto_ms = (int64_t)world_now_ms(world);
    if (past_upto(world) < trace_end(trace))
        upto_ms = record_ms(world, trace_at(trace, past_upto(world)));
    const struct store_event event = {
        .thread = SLICE(EVENT_SITTING), .kind = SLICE(EVENT_SITTING),
        .sitting = world->past.sitting, .t_ms = world->past.began_ms, .bytes = upto_ms,
        .number = 1,
        .how = (under_way ? 1 : 0) | (world->goes_on ? 0 : 2) | (world->past.typed ? 4 : 0),
    };
    world->past.under_way = under_way;
    if (store_event_add(world->store, &event))
        store_events_bound(world->store, event.thread, event.sitting, EVENTS_THREAD_MAX);
}

static void sitting_begin(struct world *world)
{
    if (world->past.sitting)
        return;
    int64_t how;
    world->past.sitting = store_events_sitting(world->store, &how) + 1;
    world->past.began_ms = world->epoch_ms;
}

static bool batch_keep(struct world *world)
{
    struct keeping keeping = { .world = world, .thread = BUF_MAX(THREAD_BYTES),
                               .from = past_upto(world), .upto = trace_end(world->trace) };
    keeping.client_from = arena_take_array(&keeping.arena, net_host_count(world->net) + 1,
                                           sizeof(uint64_t));
    items_gather(&keeping);
    bool kept = threads_keep(&keeping) &&
                store_events_bound_all(world->store, world->past.sitting, EVENTS_ALL_MAX);
    if (kept)
        world->past.upto = keeping.upto;
    buf_free(&keeping.thread);
    arena_free(&keeping.arena);
    return kept;
}

bool past_was_served(const struct world *world)
{
    int64_t how = 0;
    return store_lasts(world->store) && store_events_look(world->store) == EVENTS_THERE &&
           store_events_sitting(world->store, &how) > 0 && !(how & 4);
}

uint64_t past_upto(const struct world *world)
{
    uint64_t first = trace_first(world->trace);
    if (!store_lasts(world->store))
        return trace_end(world->trace);
    return world->past.upto > first ? world->past.upto : first;
}

/* As long as nothing can be written the trace may not grow without end. */
static void batch_drop(struct world *world)
{
    world->past.upto = trace_end(world->trace);
    world->past.hole = true;
}

void past_keep(struct world *world, enum past_when when)
{
    uint64_t waiting = trace_end(world->trace) - past_upto(world);
    bool batch = waiting > 0 && (when != PAST_TURN || waiting >= EVENTS_BATCH);
    bool under_way = goes_on(world, when);
    bool marks = under_way != world->past.under_way && trace_end(world->trace) > 0 &&
                 (!under_way || store_has_changed(world->store) || inbound_is_on(world));
    if (!store_lasts(world->store) || !(batch || marks))
        return;
    if (store_refuses(world->store)) {
        if (waiting >= 4 * EVENTS_BATCH)
            batch_drop(world);
        return;
    }
    if (!store_events_begin(world->store))
        return;
    sitting_begin(world);
    if (!batch || batch_keep(world))
        sitting_keep(world, under_way);
}
