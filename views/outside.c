/* outside.c: what real clients say and are told, as it is watched: each thing on a line of its
   own behind the connection's label, "[imap 3]", since many talk at once. */
#include "sim/hosts/outside.h"

#include "views/clean.h"
#include "views/exchange.h"
#include "views/guide.h"
#include "views/said.h"
#include "views/utf8.h"
#include "views/why.h"

#define LINE_COLUMNS_MAX 2000   /* of one line that somebody said */

bool outside_is(const struct exchange *exchange, const struct conn *conn)
{
    return conn && conn->client == outside_number(exchange->world);
}

/* At a prompt one does something else meanwhile: of many lines only the first are shown. */
static bool line_is_left_out(struct exchange *exchange)
{
    size_t number = exchange->outside_lines++;
    if (exchange->front->look.whole || number < OUTSIDE_LINES_MAX)
        return false;
    if (number == OUTSIDE_LINES_MAX)
        buf_add_text(exchange->out, "... and more (:log " OUTSIDE_NAME ")\n");
    return true;
}

static void label_add(struct exchange *exchange, const struct conn *conn)
{
    colour_begin(exchange, "36");
    buf_format(exchange->out, "[%s %u] ", conn->protocol ? conn->protocol->name : "?",
               conn->number);
    colour_end(exchange);
}

static void said_add(struct exchange *exchange, const struct conn *conn, const char *words)
{
    if (line_is_left_out(exchange))
        return;
    label_add(exchange, conn);
    buf_format(exchange->out, "%s\n", words);
}

void outside_open_show(struct exchange *exchange, const struct conn *conn)
{
    if (line_is_left_out(exchange))
        return;
    label_add(exchange, conn);
    buf_format(exchange->out, "connected to %s, port %u\n",
               machine_name(exchange->world, conn->server), conn->port);
}

void outside_line_show(struct exchange *exchange, const struct conn *conn,
                       const struct trace_record *record)
{
    slice shown = slice_upto(record->text, LINE_COLUMNS_MAX);
    if (line_is_left_out(exchange))
        return;
    label_add(exchange, conn);
    buf_add_text(exchange->out, record->side == SIDE_CLIENT ? "C: " : "S: ");
    clean_add(exchange->out, shown.len < record->text.len ? utf8_whole(shown) : shown,
              exchange->front->look.utf8);
    if (shown.len < record->text.len)
        buf_format(exchange->out, " ... and %zu more", record->text.len - shown.len);
    buf_add_char(exchange->out, '\n');
}

/* In one line what `why` would say was the cause. */
static void refusal_show(struct exchange *exchange, const struct conn *conn,
                         const struct trace_record *record)
{
    const struct trace *trace = exchange->world->trace;
    struct buf words = BUF_MAX(4096);
    struct why_case asked = {
        .protocol = conn->protocol,
        .rule = &conn->protocol->rules[record->rule],
        .before = record->before,
        .after = record->after,
        .event = record->event,
        .outcome = record->outcome,
        .said = said_by_client(trace, record, conn->protocol),
        .reply = SLICE_EMPTY,
    };
    if (line_is_left_out(exchange))
        return;
    why_cause(&words, &asked);
    label_add(exchange, conn);
    colour_begin(exchange, "33");
    buf_add_text(exchange->out, "  Refused: ");
    clean_add(exchange->out, buf_slice(&words), exchange->front->look.utf8);
    colour_end(exchange);
    buf_add_char(exchange->out, '\n');
    buf_free(&words);
}

static void move_add(struct exchange *exchange, const struct protocol *protocol,
                     const struct trace_record *record)
{
    const char *before = protocol->states[record->before].name;
    const char *after = protocol->states[record->after].name;
    const char *event = protocol_event_name(protocol, record->event);
    if (exchange->front->look.plain) {
        buf_format(exchange->out, "= %s -> %s (%s, %s)\n", before, after, event,
                   outcome_name(record->outcome));
        return;
    }
    buf_format(exchange->out, "  %s", before);
    if (record->before == record->after) {
        buf_format(exchange->out, ", stays (%s)\n", event);
        return;
    }
    buf_format(exchange->out, " --%s--> ", event);
    bold_begin(exchange);
    buf_add_text(exchange->out, after);
    colour_end(exchange);
    buf_add_char(exchange->out, '\n');
}

void outside_state_show(struct exchange *exchange, const struct conn *conn,
                        const struct trace_record *record)
{
    if (!conn->protocol || line_is_left_out(exchange))
        return;
    label_add(exchange, conn);
    move_add(exchange, conn->protocol, record);
    if (!outcome_is_good(record->outcome))
        refusal_show(exchange, conn, record);
}

void outside_close_show(struct exchange *exchange, const struct conn *conn, enum trace_by by)
{
    static const char *const words[] = {
        [BY_CLIENT] = "The client hung up.", [BY_SERVER] = "The server hung up.",
        [BY_CUT] = "The line was cut: nobody said goodbye.",
        [BY_TIMEOUT] = "The line is dead: nothing came back in time.",
    };
    said_add(exchange, conn, words[by]);
}
