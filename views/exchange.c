/* exchange.c: walks over the records of one exchange and gives each to the style that
   draws it. The server's lines come first, then what they changed, then notes. */
#include "views/exchange.h"

#include <string.h>

#include "base/said.h"
#include "sim/devices/device.h"
#include "sim/language/command.h"
#include "views/board.h"
#include "views/clean.h"
#include "views/meter.h"
#include "views/reflow.h"
#include "views/states.h"
#include "views/table.h"
#include "views/tap.h"
#include "views/translate.h"
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
    if (exchange->front->look.plain && !exchange->front->look.listens)
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

static const char *dots(const struct exchange *exchange)
{
    return exchange->front->look.utf8 && !exchange->front->look.plain ? "\u2026" : "...";
}

static bool line_is_left_out(struct exchange *exchange)
{
    const struct fold *fold = &exchange->fold;
    size_t number = exchange->said_shown++;
    enum fold_mark mark = fold_mark(fold, number);
    if (!exchange->folds || (mark != FOLD_HEADER && mark != FOLD_LEFT_OUT))
        return false;
    if (number == 0 || fold_mark(fold, number - 1) != mark) {
        size_t count = fold_run(fold, number);
        buf_format(exchange->out, "   %s %zu %sline%s (:more)\n", dots(exchange), count,
                   mark == FOLD_HEADER ? "header " : "", count == 1 ? "" : "s");
    }
    return true;
}

/* The line as it is to be shown; what is squeezed stands in `squeezed`. */
static slice line_said(const struct exchange *exchange, const struct trace_record *record,
                       struct buf *squeezed)
{
    size_t number = exchange->said_shown - 1;
    bool whole = exchange->front->look.whole || record->side != SIDE_SERVER;
    if (whole || fold_mark(&exchange->fold, number) != FOLD_SQUEEZED)
        return record->text;
    fold_squeeze(squeezed, record->text, "...");
    return buf_slice(squeezed);
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
    struct buf squeezed = BUF_MAX(TRACE_LINE_MAX);
    if (exchange->front->look.plain && !exchange->front->look.listens)
        plain_line(exchange, conn, record);
    else if (record->side == SIDE_SERVER)
        text_server_line(exchange, conn, line_said(exchange, record, &squeezed));
    else if (exchange->command)
        text_client_line(exchange, record->text);
    buf_free(&squeezed);
    note_line(exchange, conn, record);
}

/* --- other records ------------------------------------------------------------------------ */

static void said_add(struct exchange *exchange, slice line)
{
    translate_add(exchange->out, exchange->front->look.language, line);
    buf_add_char(exchange->out, '\n');
}

static void close_show(struct exchange *exchange, const struct trace_record *record)
{
    static const char *const words[] = {
        [BY_CLIENT] = SAID("You closed the connection."),
        [BY_SERVER] = SAID("The server closed the connection."),
        [BY_CUT] = SAID("The connection was reset: nobody said goodbye."),
        [BY_TIMEOUT] = SAID("The connection timed out: nothing came back in time."),
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
        said_add(exchange, slice_of(words[record->by]));
    } else if (half_open) {
        struct buf line = BUF_MAX(256);
        buf_format(&line,
                   SAID("The server has closed this connection, and %s does not know yet."),
                   device->name);
        buf_add_text(exchange->out, "   ");
        said_add(exchange, buf_slice(&line));
        buf_free(&line);
    } else {
        struct buf line = BUF_MAX(256);
        buf_format(&line, SAID("%s Commands go to Pennypost again ($)."), words[record->by]);
        buf_add_text(exchange->out, "   ");
        said_add(exchange, buf_slice(&line));
        buf_free(&line);
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

/* Columns in it are somebody's own. */
static bool is_said_as_typed(slice command)
{
    static const char *const commands[] = { "tap", "more", "mail", "base64", "send", "log" };
    for (size_t i = 0; i < COUNT(commands); i++)
        if (slice_is(command, commands[i]))
            return true;
    return false;
}

/* Views, which have no translation. */
static bool is_drawn(slice command)
{
    static const char *const commands[] = {
        "board", "story", "states", "meter", "diff", "contrast"
    };
    for (size_t i = 0; i < COUNT(commands); i++)
        if (slice_is(command, commands[i]))
            return true;
    return false;
}

static size_t widest_line(slice text)
{
    size_t widest = 0;
    while (text.len) {
        size_t width = utf8_width(take_until(&text, '\n'));
        widest = width > widest ? width : widest;
    }
    return widest;
}

/* All but help's pictures. */
static void pictures_leave(struct buf *out, slice text)
{
    while (text.len) {
        slice line = take_until(&text, '\n');
        if (slice_starts(line, "  | "))
            continue;
        buf_add(out, line);
        buf_add_char(out, '\n');
    }
}

/* A drawing is told in sentences to those who listen, and in a window that it does not fit. */
static bool answer_is_told(const struct exchange *exchange, const struct trace_record *record,
                           slice text, struct buf *sentences)
{
    static const struct {
        const char *command;
        bool (*sentences)(struct buf *, slice answer);
    } told[] = { { "board", board_sentences }, { "meter", meter_sentences },
                 { "contrast", table_sentences }, { "diff", diff_sentences } };
    const struct look *look = &exchange->front->look;
    bool narrow = !look->whole && widest_line(text) > look->columns;
    if (look->plain || narrow) {
        if (slice_is(record->name, "states") && states_sentences(sentences, record->text))
            return true;
        if (look->tells || narrow)
            for (size_t i = 0; i < COUNT(told); i++)
                if (slice_is(record->name, told[i].command) &&
                    told[i].sentences(sentences, record->text))
                    return true;
    }
    bool prose = !is_said_as_typed(record->name);
    if (look->tells && prose)
        reflow_plain(sentences, text);
    else if (look->plain && slice_is(record->name, "help"))
        pictures_leave(sentences, text);
    else if (narrow && prose)
        reflow_join(sentences, text);
    return sentences->len > 0;
}

static void answer_show(struct exchange *exchange, const struct trace_record *record)
{
    struct buf sentences = BUF_MAX(COMMAND_OUTPUT_MAX), said = BUF_MAX(2 * COMMAND_OUTPUT_MAX);
    const struct language *language = exchange->front->look.language;
    slice text = record->text;
    firings_flush(exchange);
    if (language && !is_said_as_typed(record->name) && !is_drawn(record->name)) {
        translate_answer(&said, language, text);
        text = buf_slice(&said);
    }
    if (answer_is_told(exchange, record, text, &sentences))
        text = buf_slice(&sentences);
    while (text.len)
        answer_line(exchange, take_until(&text, '\n'));
    buf_free(&sentences);
    buf_free(&said);
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

/* All that is said, read before the first line is shown. */
static void fold_read(struct exchange *exchange)
{
    const struct look *look = &exchange->front->look;
    for (uint64_t number = exchange->from; number < exchange->to; number++) {
        const struct trace_record *record = trace_at(exchange->world->trace, number);
        if (record->kind == TRACE_LINE && record->side == SIDE_SERVER && focus(exchange, record))
            fold_line(&exchange->fold, record->text);
    }
    fold_end(&exchange->fold);
    exchange->folds = !look->whole && exchange->fold.marks.len + ROWS_BESIDES >
                                          (look->rows ? look->rows : ROWS_DEFAULT);
}

void exchange_show(struct buf *out, const struct world *world, struct front *front, uint64_t from,
                   uint64_t to, bool command)
{
    struct exchange exchange = { .world = world, .front = front, .from = from, .to = to,
                                 .command = command, .out = out };
    exchange.device = device_of(world, from, to);
    fold_read(&exchange);
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
    fold_free(&exchange.fold);
}

void exchange_told(struct buf *out, const struct world *world, struct front *front,
                   const struct trace_record *input, const struct trace_record *answer)
{
    struct exchange exchange = { .world = world, .front = front, .command = true, .out = out };
    exchange.device = input->host;
    record_show(&exchange, input);
    record_show(&exchange, answer);
}
