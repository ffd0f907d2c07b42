/* conns.c: see conns.h. */
#include "views/conns.h"

#include <stdlib.h>
#include <string.h>

#include "servers/services_table.h"
#include "sim/devices/device.h"
#include "sim/language/commands.h"

static void conns_grow(struct conns *conns, uint32_t number)
{
    size_t cap = conns->cap ? conns->cap : 64;
    while (cap <= number)
        cap *= 2;
    if (cap > conns->cap) {
        conns->at = realloc(conns->at, cap * sizeof *conns->at);
        must(conns->at != NULL);
        memset(conns->at + conns->cap, 0, (cap - conns->cap) * sizeof *conns->at);
        conns->cap = cap;
    }
    if (conns->count <= number)
        conns->count = (size_t)number + 1;
}

static void conns_add(struct conns *conns, const struct trace_record *record)
{
    conns_grow(conns, record->conn);
    struct conn *conn = &conns->at[record->conn];
    conn->number = record->conn;
    conn->protocol = protocol_for_name(record->text);
    if (!conn->protocol)
        conn->protocol = protocol_for_port(record->port);
    conn->client = record->host;
    conn->server = record->peer;
    conn->port = record->port;
    conn->typed = record->typed;
    conn->opened_ns = record->t_ns;
}

void conns_read(struct conns *conns, const struct trace *trace)
{
    if (conns->read < trace_first(trace))
        conns->read = trace_first(trace);
    for (; conns->read < trace_end(trace); conns->read++) {
        const struct trace_record *record = trace_at(trace, conns->read);
        if (record->kind == TRACE_OPEN)
            conns_add(conns, record);
    }
}

const struct conn *conns_find(const struct conns *conns, uint32_t number)
{
    if (number == 0 || number >= conns->count || conns->at[number].number == 0)
        return NULL;
    return &conns->at[number];
}

struct conn *conns_entry(struct conns *conns, uint32_t number)
{
    return conns_find(conns, number) ? &conns->at[number] : NULL;
}

void conns_free(struct conns *conns)
{
    free(conns->at);
    *conns = (struct conns){ 0 };
}

struct device *device_at(const struct world *world, uint32_t host)
{
    for (struct device *device = world->devices; device; device = device->next)
        if (device->host == host)
            return device;
    return NULL;
}

const char *machine_name(const struct world *world, uint32_t host)
{
    const struct device *device = device_at(world, host);
    return device ? device->name : net_host_name(world->net, host);
}

uint32_t machine_named(struct world *world, slice name, slice *meant)
{
    uint32_t host = place_find(world, name, meant);
    for (uint32_t other = 1; host == 0 && other <= net_host_count(world->net); other++) {
        slice full = slice_of(net_host_name(world->net, other));
        if (full.len > name.len && full.at[name.len] == '.' &&
            slice_equal_nocase(slice_upto(full, name.len), name))
            host = other;
    }
    return host;
}

void machine_add_short(struct buf *out, const struct world *world, uint32_t host)
{
    slice name = slice_of(machine_name(world, host));
    size_t keep = name.len;
    for (size_t i = 0; i < name.len; i++)
        if (name.at[i] == '.')
            keep = i;
    buf_add(out, slice_upto(name, keep));
}

static uint64_t day_seconds(const struct world *world, uint64_t t_ns, uint64_t *days, uint64_t *ms)
{
    uint64_t now = (uint64_t)world->epoch_ms + t_ns / NS_PER_MS;
    *ms = now % 1000;
    *days = now / 86400000;
    return now / 1000 % 86400;
}

void time_add(struct buf *out, const struct world *world, uint64_t t_ns)
{
    static const char *const names[] = { "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed" };
    uint64_t days, ms;
    uint64_t seconds = day_seconds(world, t_ns, &days, &ms);
    buf_format(out, "%s %02u:%02u:%02u", names[days % 7], (unsigned)(seconds / 3600),
               (unsigned)(seconds / 60 % 60), (unsigned)(seconds % 60));
}

void time_add_ms(struct buf *out, const struct world *world, uint64_t t_ns)
{
    uint64_t days, ms;
    uint64_t seconds = day_seconds(world, t_ns, &days, &ms);
    buf_format(out, "%02u:%02u:%02u.%03u", (unsigned)(seconds / 3600),
               (unsigned)(seconds / 60 % 60), (unsigned)(seconds % 60), (unsigned)ms);
}
