/* page_said.c: what a page asks about a conversation: its events, the reason for a firing, the
   envelope that a server holds. */
#include "base/words.h"
#include "page/page.h"
#include "servers/smtp/smtp.h"
#include "sim/devices/device.h"
#include "sim/hosts/host.h"
#include "views/json.h"
#include "views/json_write.h"
#include "views/said.h"
#include "views/why.h"

/* "17": the trace from there on, as the turns bring it. */
bool view_events(struct buf *out, slice args)
{
    const struct trace *trace = desk->world->trace;
    uint64_t n = trace_first(trace);
    if (slice_trim(args).len && !take_number(&args, INT64_MAX, &n))
        return false;
    json_begin(out, NULL, '[');
    for (; n < trace_end(trace) && out->len < out->max / 2; n++) {
        size_t before = out->len;
        if (out->at[out->len - 1] != '[')
            buf_add_char(out, ',');
        if (json_record(out, desk->world, &desk->front.conns, trace_at(trace, n)))
            out->len -= 2, buf_format(out, ",\"n\":%llu}", (unsigned long long)n);
        else
            out->len = before;
    }
    json_end(out, ']');
    return true;
}

static bool firing_number(const struct trace *trace, const struct trace_record *wanted, uint64_t *n)
{
    for (uint64_t at = trace_end(trace); at-- > trace_first(trace);)
        if (trace_at(trace, at) == wanted) {
            *n = at;
            return true;
        }
    return false;
}

/* "17": of that firing; else of the last one on the typed connection. As the command `why` says it;
   null: there is none. */
bool view_why(struct buf *out, slice args)
{
    const struct trace *trace = desk->world->trace;
    const struct device *device = desk->world->here;
    const struct trace_record *firing = NULL;
    struct why_case asked;
    uint64_t n;
    if (!slice_trim(args).len && device && device->typed_conn)
        firing = said_last_firing(trace, device->typed_conn);
    else if (take_number(&args, INT64_MAX, &n) && n >= trace_first(trace) && n < trace_end(trace))
        firing = trace_at(trace, n);
    if (!firing || firing->kind != TRACE_STATE || !firing_number(trace, firing, &n) ||
        !why_about(desk->world, firing, &asked)) {
        json_put_null(out, NULL);
        return true;
    }
    struct buf text = BUF_MAX(1u << 20);
    why_explain(&text, &asked);
    json_begin(out, NULL, '{');
    json_put_number(out, "n", (int64_t)n);
    json_put_name(out, "words", outcome_words(asked.outcome));
    json_put_text(out, "text", buf_slice(&text));
    json_end(out, '}');
    buf_free(&text);
    return true;
}

/* What the server holds of the message that is being handed over; null: this is not SMTP. */
bool view_envelope(struct buf *out, slice args)
{
    const struct device *device = desk->world->here;
    const struct session *session =
        device && device->typed_open ? host_session(desk->world, device->typed_conn) : NULL;
    (void)args;
    if (!session || session->protocol->form != FORM_DIGITS) {
        json_put_null(out, NULL);
        return true;
    }
    const struct smtp_transaction *held = ((const struct smtp *)session->own)->transaction;
    json_begin(out, NULL, '{');
    if (held)
        json_put_text(out, "sender", held->sender);
    else
        json_put_null(out, "sender");
    json_begin(out, "recipients", '[');
    for (size_t i = 0; held && i < held->recipient_count; i++)
        json_put_text(out, NULL, held->recipients[i].address);
    json_end(out, ']');
    json_put_number(out, "octets", held ? (int64_t)(held->taken + held->chunked) : 0);
    json_end(out, '}');
    return true;
}
