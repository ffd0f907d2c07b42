/* tap.c: see tap.h, and the command `tap`. */
#include "views/tap.h"

#include "base/words.h"
#include "sim/devices/device.h"
#include "views/clean.h"
#include "views/earlier.h"
#include "views/front.h"
#include "views/utf8.h"
#include "views/views.h"

#define TEXT_COLUMN 28
#define COLUMNS 80
#define SEGMENTS_SHOWN 40

/* One line of octets, its CRLF included, in as many rows as it needs. */
static void octets_add(struct buf *out, slice octets, bool first, bool utf8)
{
    struct buf clean = BUF_MAX(SEGMENT_BYTES_MAX * 8);
    clean_add_octets(&clean, octets, utf8);
    slice rest = buf_slice(&clean);
    while (rest.len) {
        slice fits = utf8_fit(rest, COLUMNS - TEXT_COLUMN);
        for (size_t i = 0; !first && i < TEXT_COLUMN; i++)
            buf_add_char(out, ' ');
        buf_add(out, fits);
        buf_add_char(out, '\n');
        rest = slice_from(rest, fits.len);
        first = false;
    }
    buf_free(&clean);
}

static void segment_add(struct buf *out, const struct world *world,
                        const struct trace_record *record, bool utf8)
{
    slice rest = record->text;
    bool sealed = rest.len == 0;
    buf_add_char(out, ' ');
    time_add_ms(out, world, record->t_ns);
    buf_format(out, "  %s %6llu  ", record->side == SIDE_CLIENT ? "C->S" : "S->C",
               (unsigned long long)(sealed ? record->bytes : rest.len));
    if (sealed)
        buf_add_text(out, "(sealed)\n");
    for (bool first = true; rest.len; first = false) {
        size_t end;
        size_t len = slice_find(rest, '\n', &end) ? end + 1 : rest.len;
        octets_add(out, slice_upto(rest, len), first, utf8);
        rest = slice_from(rest, len);
    }
}

/* What is typed at a device, or all that it says; or one connection. */
struct tapped {
    uint32_t device;
    bool programs;  /* its mail program's connections too */
    uint32_t conn;  /* 0: of the device */
};

static bool is_tapped(const struct conns *conns, const struct trace_record *record,
                      struct tapped tapped)
{
    const struct conn *conn = record->kind == TRACE_SEGMENT ? conns_find(conns, record->conn)
                                                            : NULL;
    if (!conn || tapped.conn)
        return conn && conn->number == tapped.conn;
    return (conn->typed || tapped.programs) && conn->client == tapped.device;
}

static void segments_add(struct buf *out, const struct world *world, const struct conns *conns,
                         uint64_t from, uint64_t to, struct tapped tapped, bool utf8)
{
    size_t count = 0, number = 0;
    for (uint64_t at = from; at < to; at++)
        count += is_tapped(conns, trace_at(world->trace, at), tapped);
    for (uint64_t at = from; at < to; at++) {
        const struct trace_record *record = trace_at(world->trace, at);
        if (!is_tapped(conns, record, tapped))
            continue;
        bool shown = count <= SEGMENTS_SHOWN || number < SEGMENTS_SHOWN / 2 ||
                     number + SEGMENTS_SHOWN / 2 >= count;
        if (shown)
            segment_add(out, world, record, utf8);
        else if (number == SEGMENTS_SHOWN / 2)
            buf_format(out, " ... %zu segments\n", count - SEGMENTS_SHOWN);
        number++;
    }
}

void tap_add(struct buf *out, const struct world *world, const struct conns *conns, uint64_t from,
             uint64_t to, uint32_t device, bool utf8)
{
    segments_add(out, world, conns, from, to, (struct tapped){ .device = device }, utf8);
}

/* --- the command -------------------------------------------------------------------------- */

/* The first record of the exchange in which the last segment came. */
static uint64_t last_exchange(const struct trace *trace, const struct conns *conns,
                              struct tapped tapped)
{
    uint64_t number = trace_end(trace);
    while (number > trace_first(trace) && !is_tapped(conns, trace_at(trace, number - 1), tapped))
        number--;
    while (number > trace_first(trace) && trace_at(trace, number - 1)->kind != TRACE_INPUT)
        number--;
    return number;
}

static bool tap_switch(struct call *call, bool on)
{
    struct front *front = call->world->front;
    if (front)
        front->tap = on;
    buf_add_text(call->out, on ? "The tap is on: after each line the octets on the wire.\n"
                               : "The tap is off.\n");
    return true;
}

/* Octets are this sitting's; of earlier ones there are lines. */
static bool silence_say(struct call *call, const char *name)
{
    struct past past;
    bool goes_on = past_read(&past, call->world) && past.sitting_count > 0;
    past_free(&past);
    if (goes_on)
        return call_fact(call, "Nothing was on %s's wire in this sitting. The octets of earlier "
                         "ones are not kept; `log %s` has their lines.", name, name);
    return call_fact(call, "Nothing was on %s's wire yet.", name);
}

static bool connection_tap(struct call *call, uint32_t number)
{
    struct past past;
    struct sight sight;
    size_t before = call->out->len;
    (void)past_read(&past, call->world);
    const struct conn *conn = sight_conn(&sight, call->world, &past, number);
    if (conn && !sight.past)
        segments_add(call->out, call->world, &sight.conns, trace_first(sight.trace),
                     trace_end(sight.trace), (struct tapped){ .conn = number }, true);
    sight_end(&sight);
    past_free(&past);
    if (!conn)
        return connection_unknown(call, number);
    return call->out->len > before ||
           call_fact(call, "The octets of connection %u are not kept; `log %u` has its lines.",
                     number, number);
}

bool tap_run(struct call *call)
{
    slice rest = call->args, word = take_word(&rest);
    struct conns conns = { 0 };
    uint64_t number = 0;
    if (slice_trim(rest).len)
        return call_refuse(call, slice_trim(rest), "tap, tap on, tap off, tap DEVICE or "
                           "tap CONNECTION");
    if (slice_is(word, "on") || slice_is(word, "off"))
        return tap_switch(call, slice_is(word, "on"));
    if (word_number(word, UINT32_MAX, &number))
        return connection_tap(call, (uint32_t)number);
    const struct device *device = word.len ? device_find(call->world, word) : call->device;
    if (!device)
        return call_refuse(call, word, "no device is called that (`on` tells which there are)");
    struct tapped tapped = { .device = device->host, .programs = word.len > 0 };
    conns_read(&conns, call->world->trace);
    uint64_t from = word.len ? trace_first(call->world->trace)
                             : last_exchange(call->world->trace, &conns, tapped);
    size_t before = call->out->len;
    segments_add(call->out, call->world, &conns, from, trace_end(call->world->trace), tapped, true);
    conns_free(&conns);
    return call->out->len > before || silence_say(call, device->name);
}
