/* meter.c: reads the trace once, record by record, and counts. What is a message and what is
   talk is read from the lines, as anybody on the wire would tell: see meter.h. */
#include "sim/language/meter.h"

#include <string.h>

#include "base/heap.h"
#include "base/limits.h"
#include "servers/literal.h"
#include "servers/services_table.h"
#include "sim/net/clock.h"

#define PIPELINED_MAX 4096u  /* POP3 commands whose answers are out; more are taken for talk */

struct meter_line {
    enum side spoke;         /* who spoke last; the server, before anybody has */
    uint64_t opened_ns, idling_since_ns;
    bool idling, closed;
    uint64_t literal[2];     /* octets of it that are to come from that side */
    bool body[2];            /* until a line with only a dot, */
    bool listing;            /* but the server's is a list, no message */
    struct buf asked;        /* POP3: of each command sent, how its +OK goes on */
};

/* --- messages ------------------------------------------------------------------------------- */

/* The octets of a line that end a literal; what is behind it is talk. */
static uint64_t literal_take(struct meter_line *line, enum side side, uint64_t octets)
{
    uint64_t taken = octets < line->literal[side] ? octets : line->literal[side];
    line->literal[side] -= taken;
    return taken;
}

static void imap_line(struct meter_line *line, enum side side, slice text)
{
    uint64_t octets = 0;
    bool waits, announced = literal_announced(text, &octets, &waits);
    line->literal[side] = announced && octets <= MESSAGE_BYTES_MAX ? octets : 0;
}

static void smtp_line(struct meter_line *line, enum side side, slice text)
{
    if (side == SIDE_SERVER) {
        line->body[SIDE_CLIENT] = slice_starts(text, "354");
    } else if (take_prefix_nocase(&text, "BDAT ")) {
        uint64_t octets = 0;
        if (take_number(&text, MESSAGE_BYTES_MAX, &octets))
            line->literal[SIDE_CLIENT] = octets;
    }
}

enum { ANSWER_LINE = 'l', ANSWER_LISTING = 's', ANSWER_MESSAGE = 'm' };

static char pop3_answer(slice text)
{
    slice verb = take_word(&text), argument = take_word(&text);
    if (slice_is_nocase(verb, "RETR") || slice_is_nocase(verb, "TOP"))
        return ANSWER_MESSAGE;
    bool lists = slice_is_nocase(verb, "LIST") || slice_is_nocase(verb, "UIDL") ||
                 slice_is_nocase(verb, "AUTH");
    return slice_is_nocase(verb, "CAPA") || (lists && argument.len == 0) ? ANSWER_LISTING
                                                                         : ANSWER_LINE;
}

/* The greeting answers nothing; the server's other first lines answer in order. */
static void pop3_line(struct meter_line *line, enum side side, slice text)
{
    if (side == SIDE_CLIENT) {
        buf_add_char(&line->asked, pop3_answer(text));
        return;
    }
    char how = line->asked.len ? line->asked.at[0] : ANSWER_LINE;
    buf_drop_front(&line->asked, line->asked.len ? 1 : 0);
    line->body[SIDE_SERVER] = how != ANSWER_LINE && slice_starts(text, "+OK");
    line->listing = how == ANSWER_LISTING;
}

static void line_read(struct metered *metered, const struct trace_record *record)
{
    struct meter_line *line = metered->line;
    enum side side = record->side;
    uint64_t octets = (record->bytes > record->text.len ? record->bytes : record->text.len) + 2;
    uint64_t literal = literal_take(line, side, octets);
    metered->count.messages[side] += literal;
    if (literal == octets || !metered->protocol)
        return;
    slice rest = slice_from(record->text, (size_t)literal);
    if (line->body[side]) {
        line->body[side] = !slice_is(rest, ".");
        if (line->body[side] && !line->listing)
            metered->count.messages[side] += octets;
        return;
    }
    if (metered->protocol->form == FORM_TAG)
        imap_line(line, side, rest);
    else if (metered->protocol->form == FORM_DIGITS)
        smtp_line(line, side, rest);
    else
        pop3_line(line, side, rest);
}

/* --- the rest ------------------------------------------------------------------------------ */

static struct metered *metered_of(struct meter *meter, uint32_t conn)
{
    if (conn == 0)
        return NULL;
    if (conn > meter->cap) {
        size_t cap = meter->cap ? meter->cap : 16;
        while (cap < conn)
            cap *= 2;
        meter->at = heap_resize(meter->at, cap * sizeof *meter->at);
        memset(meter->at + meter->cap, 0, (cap - meter->cap) * sizeof *meter->at);
        meter->cap = cap;
    }
    if (conn > meter->count)
        meter->count = conn;
    return &meter->at[conn - 1];
}

static void open_read(struct metered *metered, const struct trace_record *record)
{
    metered->client = record->host;
    metered->server = record->peer;
    metered->protocol = protocol_for_port(record->port);
    metered->count.connections = metered->count.round_trips = 1;
    metered->line = heap_take(sizeof *metered->line);
    *metered->line = (struct meter_line){ .spoke = SIDE_SERVER, .opened_ns = record->t_ns,
                                          .asked = BUF_MAX(PIPELINED_MAX) };
}

static void segment_read(struct metered *metered, const struct trace_record *record)
{
    metered->count.octets[record->side] +=
        record->text.len ? record->text.len : record->bytes;
    if (record->side == SIDE_SERVER && metered->line->spoke == SIDE_CLIENT)
        metered->count.round_trips++;
    metered->line->spoke = record->side;
}

static void idle_ends(struct metered *metered, uint64_t now_ns)
{
    if (metered->line->idling)
        metered->count.idle_ns += now_ns - metered->line->idling_since_ns;
    metered->line->idling = false;
}

static void state_read(struct metered *metered, const struct trace_record *record)
{
    const struct protocol *protocol = metered->protocol;
    bool idles = protocol && strcmp(protocol->states[record->after].name, "IDLING") == 0;
    if (idles && !metered->line->idling)
        metered->line->idling_since_ns = record->t_ns;
    else if (!idles)
        idle_ends(metered, record->t_ns);
    metered->line->idling = idles;
}

static void close_read(struct metered *metered, const struct trace_record *record)
{
    struct meter_line *line = metered->line;
    if (line->closed)
        return;
    idle_ends(metered, record->t_ns);
    metered->count.open_ns = record->t_ns - line->opened_ns - metered->count.idle_ns;
    line->closed = true;
    buf_free(&line->asked);
}

static void record_read(struct meter *meter, const struct trace_record *record)
{
    struct metered *metered = metered_of(meter, record->conn);
    meter->now_ns = record->t_ns;
    if (metered && record->kind == TRACE_OPEN)
        open_read(metered, record);
    if (!metered || !metered->line)
        return;
    switch (record->kind) {
    case TRACE_SEGMENT: segment_read(metered, record); break;
    case TRACE_LINE: line_read(metered, record); break;
    case TRACE_STATE: state_read(metered, record); break;
    case TRACE_CLOSE: close_read(metered, record); break;
    default: break;
    }
}

void meter_read(struct meter *meter, const struct trace *trace)
{
    uint64_t end = trace_end(trace);
    if (meter->read < trace_first(trace))
        meter->read = trace_first(trace);
    for (; meter->read < end; meter->read++)
        record_read(meter, trace_at(trace, meter->read));
}

void meter_free(struct meter *meter)
{
    for (size_t i = 0; i < meter->count; i++)
        if (meter->at[i].line) {
            buf_free(&meter->at[i].line->asked);
            heap_give(meter->at[i].line);
        }
    heap_give(meter->at);
    *meter = (struct meter){ 0 };
}

static void count_add(struct meter_count *sum, const struct metered *metered, uint64_t now_ns)
{
    const struct meter_count *count = &metered->count;
    for (size_t side = 0; side < 2; side++) {
        sum->octets[side] += count->octets[side];
        sum->messages[side] += count->messages[side];
    }
    sum->connections += count->connections;
    sum->round_trips += count->round_trips;
    sum->open_ns += count->open_ns;
    sum->idle_ns += count->idle_ns;
    const struct meter_line *line = metered->line;
    if (!line || line->closed)
        return;
    uint64_t idle_ns = line->idling ? now_ns - line->idling_since_ns : 0;
    sum->idle_ns += idle_ns;
    sum->open_ns += now_ns - line->opened_ns - count->idle_ns - idle_ns;
}

void meter_sum(const struct meter *meter, uint32_t client, const struct protocol *protocol,
               struct meter_count *sum)
{
    for (size_t i = 0; i < meter->count; i++) {
        const struct metered *metered = &meter->at[i];
        bool mine = client == 0 || metered->client == client;
        if (mine && (!protocol || metered->protocol == protocol))
            count_add(sum, metered, meter->now_ns);
    }
}
