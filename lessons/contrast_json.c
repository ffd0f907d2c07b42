/* contrast_json.c: what came of a contrast, for programs: one line. Keys and order are an
   interface; new keys come last. */
#include "lessons/contrast.h"
#include "views/json.h"
#include "views/json_write.h"

static void device_add(struct buf *out, const char *name, const struct holding *held)
{
    json_begin(out, name, '{');
    json_put_count(out, "messages", held->messages);
    json_put_count(out, "readable_offline", held->readable);
    json_put_count(out, "bytes", held->bytes);
    json_end(out, '}');
}

static uint64_t both(const uint64_t of[2]) { return of[SIDE_CLIENT] + of[SIDE_SERVER]; }

static void variant_add(struct buf *out, const struct variant *variant)
{
    const struct frame *last = &variant->frames[variant->frame_count - 1];
    const struct contrast *contrast = variant->contrast;
    json_begin(out, NULL, '{');
    json_put_name(out, "name", variant->name);
    json_begin(out, "server", '{');
    json_put_count(out, "messages", last->held[0].messages);
    json_put_count(out, "bytes", last->held[0].bytes);
    json_end(out, '}');
    json_begin(out, "devices", '{');
    for (size_t i = 1; i < contrast->holders; i++)
        device_add(out, contrast_holder(contrast, i), &last->held[i]);
    json_end(out, '}');
    json_put_count(out, "lost", variant->lost);
    json_put_count(out, "duplicated", variant->duplicated);
    json_put_count(out, "overwritten", variant->overwritten);
    json_put_truth(out, "flags_in_step", variant->in_step);
    json_put_count(out, "wire_bytes", both(last->cost.octets));
    json_put_count(out, "round_trips", last->cost.round_trips);
    json_put_count(out, "connections", last->cost.connections);
    json_put_count(out, "message_bytes", both(last->cost.messages));
    json_put_count(out, "open_ms", last->cost.open_ns / NS_PER_MS);
    json_end(out, '}');
}

void contrast_json(struct buf *out, const struct contrast *contrast)
{
    json_begin(out, NULL, '{');
    json_put_name(out, "kind", "contrast");
    json_begin(out, "variants", '[');
    for (size_t i = 0; i < contrast->variant_count; i++)
        variant_add(out, contrast->variants[i]);
    json_end(out, ']');
    json_end(out, '}');
    buf_add_char(out, '\n');
}

void contrast_trace_json(struct buf *out, const struct variant *variant)
{
    struct conns conns = { 0 };
    const struct trace *trace = variant->world->trace;
    conns_read(&conns, trace);
    for (uint64_t number = trace_first(trace); number < trace_end(trace); number++) {
        if (!json_record(out, variant->world, &conns, trace_at(trace, number)))
            continue;
        out->len -= 2; /* "}\n" */
        json_put_name(out, "variant", variant->name);
        json_end(out, '}');
        buf_add_char(out, '\n');
    }
    conns_free(&conns);
}
