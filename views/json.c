/* json.c: see json.h. */
#include "views/json.h"

#include "base/limits.h"
#include "servers/dialects/dialects.h"
#include "servers/mail/encoding.h"
#include "views/utf8.h"

static void escape_add(struct buf *out, uint32_t point)
{
    static const char shorts[] = "btn\0fr";
    if (point == '"' || point == '\\')
        buf_format(out, "\\%c", (char)point);
    else if (point >= '\b' && point <= '\r' && shorts[point - '\b'])
        buf_format(out, "\\%c", shorts[point - '\b']);
    else
        buf_format(out, "\\u%04x", (unsigned)point);
}

static bool point_is_escaped(uint32_t point)
{
    return point < 0x20 || point == '"' || point == '\\' || (point >= 0x7f && point <= 0x9f) ||
           point == 0x2028 || point == 0x2029;
}

static void point_add(struct buf *out, uint32_t point)
{
    if (point_is_escaped(point))
        escape_add(out, point);
    else
        utf8_add(out, point);
}

bool json_text(struct buf *out, slice text)
{
    bool latin1 = !utf8_valid(text);
    buf_add_char(out, '"');
    while (text.len) {
        uint32_t point;
        if (latin1) {
            point = (unsigned char)text.at[0];
            text = slice_from(text, 1);
        } else {
            must(utf8_take(&text, &point));
        }
        point_add(out, point);
    }
    buf_add_char(out, '"');
    return latin1;
}

/* A key with a text. What is no UTF-8 is given octet by octet as U+0000-00FF and marked;
   what is longer than TRACE_LINE_MAX is cut, between characters, and its length told. */
static void text_add(struct buf *out, const char *key, slice text, uint64_t bytes)
{
    slice kept = slice_upto(text, TRACE_LINE_MAX);
    bool cut = bytes > kept.len;
    if (cut && utf8_valid(utf8_whole(kept)))
        kept = utf8_whole(kept);
    buf_format(out, ",\"%s\":", key);
    if (json_text(out, kept))
        buf_add_text(out, ",\"latin1\":true");
    if (cut)
        buf_format(out, ",\"bytes\":%llu", (unsigned long long)bytes);
}

void json_missed(struct buf *out, uint64_t records)
{
    buf_format(out, "{\"kind\":\"missed\",\"records\":%llu}\n", (unsigned long long)records);
}

static void string_add(struct buf *out, const char *key, slice text)
{
    buf_format(out, ",\"%s\":", key);
    json_text(out, text);
}

static void truth_add(struct buf *out, const char *key, bool value)
{
    buf_format(out, ",\"%s\":%s", key, value ? "true" : "false");
}

static void open_add(struct buf *out, const struct world *world, const struct conns *conns,
                     const struct trace_record *record)
{
    const struct conn *conn = conns_find(conns, record->conn);
    string_add(out, "protocol",
               conn && conn->protocol ? slice_of(conn->protocol->name) : record->text);
    string_add(out, "client", slice_of(machine_name(world, record->host)));
    string_add(out, "server", slice_of(machine_name(world, record->peer)));
    buf_format(out, ",\"port\":%u", record->port);
    truth_add(out, "typed", record->typed);
}

static void state_add(struct buf *out, const struct protocol *protocol,
                      const struct trace_record *record)
{
    string_add(out, "before", slice_of(protocol->states[record->before].name));
    string_add(out, "event", slice_of(protocol_event_name(protocol, record->event)));
    string_add(out, "outcome", slice_of(outcome_name(record->outcome)));
    string_add(out, "after", slice_of(protocol->states[record->after].name));
    string_add(out, "rfc", slice_of(dialect_rule_at(protocol, record->rule)->rfc));
    if (dialect_at(record->rule))
        string_add(out, "dialect", slice_of(dialect_at(record->rule)->name));
}

static void end_add(struct buf *out, const struct trace_record *record)
{
    string_add(out, "digest", record->text);
    buf_format(out, ",\"exit\":%llu", (unsigned long long)record->bytes);
}

static const char *kind_name(const struct trace_record *record, const struct conn *conn)
{
    switch (record->kind) {
    case TRACE_INPUT: return "input";
    case TRACE_OPEN: return "open";
    case TRACE_LINE: return "line";
    case TRACE_STATE: return conn && conn->protocol ? "state" : NULL;
    case TRACE_CLOSE: return "close";
    case TRACE_ANSWER: return "answer";
    case TRACE_CHECK: return "check";
    case TRACE_END: return "end";
    case TRACE_TLS: return "tls";
    default: return NULL;
    }
}

static void answer_add(struct buf *out, const struct trace_record *record)
{
    string_add(out, "command", record->name);
    truth_add(out, "ok", record->ok);
    string_add(out, "text", record->text);
}

static void check_add(struct buf *out, const struct trace_record *record)
{
    string_add(out, "text", record->name);
    truth_add(out, "ok", record->ok);
    string_add(out, "found", record->text);
}

static void body_add(struct buf *out, const struct world *world, const struct conns *conns,
                     const struct trace_record *record)
{
    static const char *const by[] = { "client", "server", "cut", "timeout" };
    switch (record->kind) {
    case TRACE_INPUT:
        string_add(out, "device", slice_of(machine_name(world, record->host)));
        text_add(out, "line", record->text, record->text.len);
        break;
    case TRACE_OPEN: open_add(out, world, conns, record); break;
    case TRACE_LINE:
        string_add(out, "from", slice_of(by[record->side]));
        text_add(out, "text", record->text,
                 record->bytes > record->text.len ? record->bytes : record->text.len);
        break;
    case TRACE_STATE: state_add(out, conns_find(conns, record->conn)->protocol, record); break;
    case TRACE_CLOSE: string_add(out, "by", slice_of(by[record->by])); break;
    case TRACE_ANSWER: answer_add(out, record); break;
    case TRACE_CHECK: check_add(out, record); break;
    case TRACE_TLS:
        truth_add(out, "ok", record->ok);
        string_add(out, "text", record->text);
        break;
    default: end_add(out, record); break;
    }
}

bool json_record(struct buf *out, const struct world *world, const struct conns *conns,
                 const struct trace_record *record)
{
    const char *kind = kind_name(record, conns_find(conns, record->conn));
    if (!kind)
        return false;
    buf_format(out, "{\"t\":%llu,\"kind\":\"%s\"", (unsigned long long)(record->t_ns / NS_PER_MS),
               kind);
    bool numbered = record->kind == TRACE_OPEN || record->kind == TRACE_LINE ||
                    record->kind == TRACE_STATE || record->kind == TRACE_CLOSE ||
                    record->kind == TRACE_TLS;
    if (numbered)
        buf_format(out, ",\"conn\":%u", record->conn);
    body_add(out, world, conns, record);
    buf_add_text(out, "}\n");
    return true;
}
