/* exchange.c: walks over the records of one exchange and gives each to the style that
   draws it. The server's lines come first, then what they changed, then notes. */
#include "views/exchange.h"

#include <string.h>

#include "sim/devices/device.h"
#include "sim/language/command.h"
#include "views/clean.h"
#include "views/states.h"
#include "views/tap.h"
#include "views/utf8.h"

void colour_begin(struct exchange *exchange, const char *sgr)
{
    if (exchange->front->look.colour)
        buf_format(exchange->out, "\033[%sm", sgr);
}

void bold_begin(struct exchange *exchange) { colour_begin(exchange, "1"); }

void colour_end(struct exchange *exchange)
{
    if (exchange->front->look.colour)
        buf_add_text(exchange->out, "\033[0m");
}

const struct protocol *firing_protocol(const struct exchange *exchange,
                                       const struct trace_record *record)
{
    const struct conn *conn = conns_find(&exchange->front->conns, record->conn);
    return conn ? conn->protocol : NULL;
}

/* The connection's number if it is typed at the device of this exchange. */
static const struct conn *focus(const struct exchange *exchange, const struct trace_record *record)
{
    const struct conn *conn = conns_find(&exchange->front->conns, record->conn);
    return conn && conn->typed && conn->client == exchange->device ? conn : NULL;
}

static void firings_flush(struct exchange *exchange)
{
    if (exchange->firing_count == 0)
        return;
    if (exchange->front->look.plain)
        plain_firings(exchange);
    else
        text_firings(exchange);
    note_firings(exchange);
    exchange->firing_count = 0;
}

/* Of one connection (0: of all), those that its lines explain have been shown. */
static void inbound_flush(struct exchange *exchange, uint32_t conn)
{
    size_t kept = 0;
    for (size_t i = 0; i < exchange->inbound_count; i++) {
        const struct trace_record *record = exchange->inbound[i];
        if (conn == 0 || record->conn == conn)
            inbound_state_show(exchange, conns_find(&exchange->front->conns, record->conn), record);
        else
            exchange->inbound[kept++] = record;
    }
    exchange->inbound_count = kept;
}

/* --- lines -------------------------------------------------------------------------------- */

static void omission_add(struct exchange *exchange)
{
    size_t left_out = exchange->said - REPLY_HEAD_LINES - REPLY_TAIL_LINES;
    const char *dots = exchange->front->look.utf8 && !exchange->front->look.plain ? "\u2026"
                                                                                  : "...";
    buf_format(exchange->out, "   %s %zu lines (:more)\n", dots, left_out);
}

static bool line_is_left_out(struct exchange *exchange)
{
    size_t number = exchange->said_shown++;
    bool is_long = exchange->said > REPLY_HEAD_LINES + REPLY_TAIL_LINES + 1;
    if (exchange->front->look.whole || !is_long || number < REPLY_HEAD_LINES)
        return false;
    if (number == REPLY_HEAD_LINES)
        omission_add(exchange);
    return number < exchange->said - REPLY_TAIL_LINES;
}

/* What comes for another device than the one at which one sits. */
static void label_add_device(struct exchange *exchange, const struct conn *conn)
{
    const struct device *device = device_at(exchange->world, conn->client);
    if (!device || exchange->front->look.plain)
        buf_format(exchange->out, "[%s] ", machine_name(exchange->world, conn->client));
    else
        buf_format(exchange->out, "[%s/%s %s] ", device->person, device->name,
                   conn->protocol ? conn->protocol->name : "?");
}

static void arrival_add(struct exchange *exchange, const struct conn *conn, slice line)
{
    label_add_device(exchange, conn);
    buf_add_text(exchange->out, "S: ");
    clean_add(exchange->out, line, exchange->front->look.utf8);
    buf_add_char(exchange->out, '\n');
}

static void line_show(struct exchange *exchange, const struct trace_record *record)
{
    const struct conn *conn = conns_find(&exchange->front->conns, record->conn);
    if (inbound_is(exchange, conn)) {
        if (record->side == SIDE_CLIENT)
            inbound_flush(exchange, record->conn);
        inbound_line_show(exchange, conn, record);
        return;
    }
    if (!conn || !conn->typed)
        return;
    if (conn->client != exchange->device) {
        if (record->side == SIDE_SERVER)
            arrival_add(exchange, conn, record->text);
        return;
    }
    if (record->side == SIDE_SERVER && line_is_left_out(exchange))
        return;
    if (exchange->front->look.plain)
        plain_line(exchange, conn, record);
    else if (record->side == SIDE_SERVER)
        text_server_line(exchange, conn, record->text);
    else if (exchange->command)
        text_client_line(exchange, record->text);
    note_line(exchange, conn, record);
}

/* --- other records ------------------------------------------------------------------------ */

static void close_show(struct exchange *exchange, const struct trace_record *record)
{
    static const char *const words[] = {
        [BY_CLIENT] = "You closed the connection.",
        [BY_SERVER] = "The server closed the connection.",
        [BY_CUT] = "The line was cut: nobody said goodbye.",
        [BY_TIMEOUT] = "The line is dead: nothing came back in time.",
    };
    const struct conn *conn = conns_find(&exchange->front->conns, record->conn);
    bool asked_for = exchange->command && (record->by == BY_CLIENT || record->by == BY_CUT);
    if (inbound_is(exchange, conn)) {
        inbound_flush(exchange, record->conn);
        inbound_close_show(exchange, conn, (enum trace_by)record->by);
        return;
    }
    if (!conn || !conn->typed)
        return;
    firings_flush(exchange);
    if (asked_for && conn->client == exchange->device)
        return;  /* the command that did it says so */
    const struct device *device = exchange->world->here;
    bool half_open = device && device->typed_open && device->typed_conn == record->conn;
    if (conn->client != exchange->device) {
        label_add_device(exchange, conn);
        buf_format(exchange->out, "%s\n", words[record->by]);
    } else if (half_open) {
        buf_format(exchange->out,
                   "   The server has given up on this line, and %s does not know yet.\n",
                   device->name);
    } else {
        buf_format(exchange->out, "   %s Commands go to Pennypost again ($).\n", words[record->by]);
    }
}

static void answer_line(struct exchange *exchange, slice line)
{
    size_t here = 0, end = 0;
    bool marked = exchange->front->look.colour && slice_find_text(line, SLICE("[["), &here) &&
                  slice_find_text(line, SLICE("]]"), &end) && end > here;
    if (!marked) {
        clean_add(exchange->out, line, exchange->front->look.utf8);
    } else {
        clean_add(exchange->out, slice_upto(line, here), exchange->front->look.utf8);
        bold_begin(exchange);
        clean_add(exchange->out, slice_upto(slice_from(line, here), end + 2 - here),
                  exchange->front->look.utf8);
        colour_end(exchange);
        clean_add(exchange->out, slice_from(line, end + 2), exchange->front->look.utf8);
    }
    buf_add_char(exchange->out, '\n');
}

static void answer_show(struct exchange *exchange, const struct trace_record *record)
{
    struct buf sentences = BUF_MAX(COMMAND_OUTPUT_MAX);
    slice text = record->text;
    firings_flush(exchange);
    if (exchange->front->look.plain && slice_is(record->name, "states") &&
        states_sentences(&sentences, text))
        text = buf_slice(&sentences);
    while (text.len)
        answer_line(exchange, take_until(&text, '\n'));
    buf_free(&sentences);
}

void check_write(struct buf *out, const struct trace_record *record, bool utf8)
{
    buf_add_text(out, slice_starts(record->name, "check ") ? " " : " check ");
    clean_add(out, record->name, utf8);
    if (record->ok)
        return;
    buf_add_text(out, ": found ");
    clean_add(out, record->text, utf8);
}

static void check_show(struct exchange *exchange, const struct trace_record *record)
{
    firings_flush(exchange);
    colour_begin(exchange, record->ok ? "0" : "31");
    buf_add_text(exchange->out, record->ok ? "ok" : "FAILED");
    colour_end(exchange);
    check_write(exchange->out, record, exchange->front->look.utf8);
    buf_add_char(exchange->out, '\n');
}

/* "Connected to …" reads better before what the server then said. */
static bool is_connecting(const struct trace_record *record)
{
    return record->kind == TRACE_ANSWER && record->ok && slice_is(record->name, "telnet");
}

static void connecting_show(struct exchange *exchange)
{
    for (uint64_t number = exchange->from; number < exchange->to; number++)
        if (is_connecting(trace_at(exchange->world->trace, number)))
            answer_show(exchange, trace_at(exchange->world->trace, number));
}

static void firing_keep(struct exchange *exchange, const struct trace_record *record)
{
    if (inbound_is(exchange, conns_find(&exchange->front->conns, record->conn))) {
        if (exchange->inbound_count == COUNT(exchange->inbound))
            inbound_flush(exchange, 0);
        exchange->inbound[exchange->inbound_count++] = record;
        return;
    }
    if (!focus(exchange, record) || !firing_protocol(exchange, record))
        return;
    if (exchange->firing_count == COUNT(exchange->firings))
        firings_flush(exchange);
    exchange->firings[exchange->firing_count++] = record;
}

static void record_show(struct exchange *exchange, const struct trace_record *record)
{
    exchange->now_ns = record->t_ns;
    inbound_note(exchange, record);
    switch (record->kind) {
    case TRACE_INPUT:
        if (exchange->front->look.plain)
            plain_input(exchange, record);
        connecting_show(exchange);
        break;
    case TRACE_OPEN:
        if (inbound_is(exchange, conns_find(&exchange->front->conns, record->conn)))
            inbound_open_show(exchange, conns_find(&exchange->front->conns, record->conn));
        break;
    case TRACE_LINE: line_show(exchange, record); break;
    case TRACE_STATE: firing_keep(exchange, record); break;
    case TRACE_CLOSE: close_show(exchange, record); break;
    case TRACE_ANSWER:
        if (!is_connecting(record))
            answer_show(exchange, record);
        break;
    case TRACE_CHECK: check_show(exchange, record); break;
    case TRACE_STORED:
    case TRACE_REMOVED: inbound_change_show(exchange, record); break;
    case TRACE_TLS:
        inbound_tls_show(exchange, conns_find(&exchange->front->conns, record->conn), record);
        break;
    default: break;
    }
}

/* The device where the line was typed; without one, the device that one is at now. */
static uint32_t device_of(const struct world *world, uint64_t from, uint64_t to)
{
    for (uint64_t number = from; number < to; number++) {
        const struct trace_record *record = trace_at(world->trace, number);
        if (record->kind == TRACE_INPUT)
            return record->host;
    }
    return world->here ? world->here->host : 0;
}

static size_t lines_said(const struct exchange *exchange)
{
    size_t count = 0;
    for (uint64_t number = exchange->from; number < exchange->to; number++) {
        const struct trace_record *record = trace_at(exchange->world->trace, number);
        if (record->kind == TRACE_LINE && record->side == SIDE_SERVER && focus(exchange, record))
            count++;
    }
    return count;
}

void exchange_show(struct buf *out, const struct world *world, struct front *front, uint64_t from,
                   uint64_t to, bool command)
{
    struct exchange exchange = { .world = world, .front = front, .from = from, .to = to,
                                 .command = command, .out = out };
    exchange.device = device_of(world, from, to);
    exchange.said = lines_said(&exchange);
    if (from < to)
        front->offered[0] = '\0';
    for (uint64_t number = from; number < to; number++)
        record_show(&exchange, trace_at(world->trace, number));
    firings_flush(&exchange);
    inbound_flush(&exchange, 0);
    if (front->tap)
        tap_add(out, world, &front->conns, from, to, exchange.device, front->look.utf8);
    note_queue(&exchange);
    note_devices(&exchange);
    points_add(&exchange);
}

void exchange_told(struct buf *out, const struct world *world, struct front *front,
                   const struct trace_record *input, const struct trace_record *answer)
{
    struct exchange exchange = { .world = world, .front = front, .command = true, .out = out };
    exchange.device = input->host;
    record_show(&exchange, input);
    record_show(&exchange, answer);
}
