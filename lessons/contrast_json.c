/* contrast_json.c: what came of a contrast, for programs: one line. Keys and order are an
   interface; new keys come last. */
#include "lessons/contrast.h"
#include "views/json.h"

static void number_add(struct buf *out, const char *key, uint64_t number)
{
    buf_format(out, ",\"%s\":%llu", key, (unsigned long long)number);
}

static void holding_add(struct buf *out, const char *name, const struct holding *held)
{
    json_text(out, slice_of(name));
    buf_format(out, ":{\"messages\":%llu", (unsigned long long)held->messages);
    number_add(out, "readable_offline", held->readable);
    number_add(out, "bytes", held->bytes);
    buf_add_char(out, '}');
}

static void variant_add(struct buf *out, const struct variant *variant)
{
    const struct frame *last = &variant->frames[variant->frame_count - 1];
    const struct contrast *contrast = variant->contrast;
    buf_add_text(out, "{\"name\":");
    json_text(out, slice_of(variant->name));
    buf_format(out, ",\"server\":{\"messages\":%llu", (unsigned long long)last->held[0].messages);
    number_add(out, "bytes", last->held[0].bytes);
    buf_add_text(out, "},\"devices\":{");
    for (size_t i = 1; i < contrast->holders; i++) {
        buf_add_text(out, i > 1 ? "," : "");
        holding_add(out, contrast_holder(contrast, i), &last->held[i]);
    }
    buf_add_char(out, '}');
    number_add(out, "lost", variant->lost);
    number_add(out, "duplicated", variant->duplicated);
    buf_format(out, ",\"flags_in_step\":%s", variant->in_step ? "true" : "false");
    number_add(out, "wire_bytes",
               last->cost.octets[SIDE_CLIENT] + last->cost.octets[SIDE_SERVER]);
    number_add(out, "round_trips", last->cost.round_trips);
    number_add(out, "connections", last->cost.connections);
    number_add(out, "message_bytes",
               last->cost.messages[SIDE_CLIENT] + last->cost.messages[SIDE_SERVER]);
    number_add(out, "open_ms", last->cost.open_ns / NS_PER_MS);
    buf_add_char(out, '}');
}

void contrast_json(struct buf *out, const struct contrast *contrast)
{
    buf_add_text(out, "{\"kind\":\"contrast\",\"variants\":[");
    for (size_t i = 0; i < contrast->variant_count; i++) {
        buf_add_text(out, i ? "," : "");
        variant_add(out, contrast->variants[i]);
    }
    buf_add_text(out, "]}\n");
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
        buf_format(out, ",\"variant\":\"%s\"}\n", variant->name);
    }
    conns_free(&conns);
}
