/* trace.c: records in chunks, each with an arena for the texts of its records, so that
   forgetting frees both. The digest is taken when a record is added: what is forgotten
   stays in it. See trace.h. */
#include "sim/net/trace.h"
#include "base/arena.h"
#include "base/error.h"
#include "base/heap.h"
#include "base/limits.h"
#include "base/spare.h"
#include "sim/net/random.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK_RECORDS 256
#define MIX 0x9fb21c651e98df25ull
#define SHORT_HEAD 512       /* octets of something long that is shortened */
#define NOT_KEPT UINT64_MAX /* no segment's number: its text is not the trace's */

struct chunk {
    struct chunk *older, *newer; /* of all that are held */
    struct arena texts;
    struct trace_record records[CHUNK_RECORDS];
};

struct trace {
    uint64_t end;
    uint64_t digest;
    struct chunk **chunks;       /* chunks[start] holds record number forgotten * CHUNK_RECORDS */
    size_t start, count, cap;
    uint64_t forgotten;          /* chunks freed so far */
    struct chunk *spare;         /* one that was freed, for the next */
    bool no_octets;              /* SEGMENT and LINE are left out */
    bool shortens;               /* SEGMENT is, and of LINE the middle of what is long */
    struct held *held;
};

/* Chunks lie outside the world's heap: what has happened does not change, so an image of the
   heap need not hold it. This list too: whatever the trace is set back to, it goes on. */
struct held {
    struct chunk *newest;
    struct chunk *loose;         /* the copy that was made last, while no image knows it */
    bool all;                    /* nothing is forgotten: an image may come back to it */
};

struct trace *trace_new(void)
{
    struct trace *trace = heap_take(sizeof *trace);
    trace->held = spare_take(sizeof *trace->held);
    must(trace->held != NULL);
    return trace;
}

static struct chunk *chunk_new(struct held *held)
{
    struct chunk *chunk = spare_take(sizeof *chunk);
    must(chunk != NULL);
    chunk->texts = (struct arena){ 0 };
    chunk->newer = NULL;
    chunk->older = held->newest;
    if (chunk->older)
        chunk->older->newer = chunk;
    held->newest = chunk;
    return chunk;
}

static void chunk_free(struct held *held, struct chunk *chunk)
{
    if (!chunk)
        return;
    if (chunk->older)
        chunk->older->newer = chunk->newer;
    if (chunk->newer)
        chunk->newer->older = chunk->older;
    else
        held->newest = chunk->older;
    arena_free(&chunk->texts);
    free(chunk);
}

void trace_free(struct trace *trace)
{
    if (!trace)
        return;
    while (trace->held->newest)
        chunk_free(trace->held, trace->held->newest);
    free(trace->held);
    heap_give(trace->chunks);
    heap_give(trace);
}

uint64_t trace_end(const struct trace *trace) { return trace->end; }
uint64_t trace_first(const struct trace *trace) { return trace->forgotten * CHUNK_RECORDS; }
uint64_t trace_digest(const struct trace *trace) { return random_mix(trace->digest ^ trace->end); }

/* --- the digest ------------------------------------------------------------------- */

/* For one word each state leads to another state, for one state each word too: records
   that differ in one place cannot meet again before a second difference. */
static inline uint64_t digest_word(uint64_t digest, uint64_t word)
{
    digest = (digest ^ word) * MIX;
    return digest ^ digest >> 32;
}

/* Little endian on every machine; compilers make one load of it. */
static inline uint64_t word_at(const char *octets)
{
    const unsigned char *at = (const unsigned char *)octets;
    return (uint64_t)at[0] | (uint64_t)at[1] << 8 | (uint64_t)at[2] << 16 | (uint64_t)at[3] << 24 |
           (uint64_t)at[4] << 32 | (uint64_t)at[5] << 40 | (uint64_t)at[6] << 48 |
           (uint64_t)at[7] << 56;
}

static uint64_t digest_text(uint64_t digest, slice text)
{
    digest = digest_word(digest, text.len);
    size_t i = 0;
    for (; i + 8 <= text.len; i += 8)
        digest = digest_word(digest, word_at(text.at + i));
    if (i == text.len)
        return digest;
    char rest[8] = { 0 };
    memcpy(rest, text.at + i, text.len - i);
    return digest_word(digest, word_at(rest));
}

static uint64_t digest_record(uint64_t digest, const struct trace_record *record)
{
    uint64_t words[] = {
        record->number,
        record->t_ns,
        (uint64_t)record->kind | (uint64_t)record->side << 8 | (uint64_t)record->by << 16 |
            (uint64_t)record->ok << 24 | (uint64_t)record->typed << 32 |
            (uint64_t)record->before << 40 | (uint64_t)record->event << 48 |
            (uint64_t)record->outcome << 56,
        (uint64_t)record->after | (uint64_t)record->rule << 8 | (uint64_t)record->port << 24,
        (uint64_t)record->host | (uint64_t)record->peer << 32,
        (uint64_t)record->conn | (uint64_t)record->uid << 32,
        (uint64_t)record->mailbox,
        (uint64_t)record->message_key,
        record->bytes,
    };
    for (size_t i = 0; i < COUNT(words); i++)
        digest = digest_word(digest, words[i]);
    return digest_text(digest_text(digest, record->name), record->text);
}

/* --- records ---------------------------------------------------------------------- */

static struct chunk *chunk_at(const struct trace *trace, uint64_t number)
{
    return trace->chunks[trace->start + (size_t)(number / CHUNK_RECORDS - trace->forgotten)];
}

static void chunk_add(struct trace *trace)
{
    if (trace->start > 0 && trace->start + trace->count == trace->cap) {
        memmove(trace->chunks, trace->chunks + trace->start, trace->count * sizeof *trace->chunks);
        trace->start = 0;
    }
    if (trace->count == trace->cap) {
        trace->cap = trace->cap ? trace->cap * 2 : 16;
        trace->chunks = heap_resize(trace->chunks, trace->cap * sizeof *trace->chunks);
    }
    struct chunk *chunk = trace->spare;
    trace->spare = NULL;
    trace->chunks[trace->start + trace->count++] = chunk ? chunk : chunk_new(trace->held);
}

const char *device_fact_name(enum device_fact fact)
{
    static const char *const names[DEVICE_FACTS] = {
        [DID_FETCH] = "fetched", [DID_FETCH_HEADER] = "header", [DID_DROP] = "dropped",
        [DID_DELETE] = "deleted", [DID_SEND] = "sent", [DID_LOSE] = "lost",
        [DID_IMPORT] = "imported", [DID_MISS] = "missed",
    };
    must(fact < DEVICE_FACTS);
    return names[fact];
}

static const struct trace_queued *queued_copy(struct arena *arena, const struct trace_queued *from)
{
    struct trace_queued *queued = arena_take(arena, sizeof *queued);
    queued->sender = arena_copy(arena, from->sender);
    queued->recipient = arena_copy(arena, from->recipient);
    queued->reply = arena_copy(arena, from->reply);
    return queued;
}

/* Texts are copied, or (kept) already live in the chunk that the record falls into. */
static struct trace_record *record_add(struct trace *trace, uint64_t t_ns,
                                       const struct trace_record *from, bool kept)
{
    size_t place = (size_t)(trace->end % CHUNK_RECORDS);
    if (place == 0)
        chunk_add(trace);
    struct chunk *chunk = chunk_at(trace, trace->end);
    struct trace_record *record = &chunk->records[place];
    *record = *from;
    record->number = trace->end++;
    record->t_ns = t_ns;
    record->name = from->name.len ? arena_copy(&chunk->texts, from->name) : SLICE_EMPTY;
    if (from->text.len == 0)
        record->text = SLICE_EMPTY;
    else if (!kept)
        record->text = arena_copy(&chunk->texts, from->text);
    record->queued = from->queued ? queued_copy(&chunk->texts, from->queued) : NULL;
    trace->digest = digest_record(trace->digest, record);
    return record;
}

void trace_add(struct trace *trace, uint64_t t_ns, const struct trace_record *record)
{
    record_add(trace, t_ns, record, false);
}

const struct trace_record *trace_at(const struct trace *trace, uint64_t number)
{
    must(number >= trace_first(trace));
    must(number < trace->end);
    return &chunk_at(trace, number)->records[number % CHUNK_RECORDS];
}

uint64_t trace_line_length(const struct trace_record *line)
{
    return line->bytes ? line->bytes : line->text.len;
}

bool trace_line_is_sum(const struct trace_record *line) { return line->bytes && !line->text.len; }

bool trace_is_move(const struct trace *trace, const struct trace_record *record)
{
    if (record->number == trace_first(trace))
        return false;
    const struct trace_record *before = trace_at(trace, record->number - 1);
    return before->kind == TRACE_STORED && before->message_key == record->message_key;
}

void trace_forget_before(struct trace *trace, uint64_t number)
{
    if (number > trace->end)
        number = trace->end;
    while (!trace->held->all && (trace->forgotten + 1) * CHUNK_RECORDS <= number) {
        struct chunk *chunk = trace->chunks[trace->start++];
        trace->count--;
        trace->forgotten++;
        chunk_free(trace->held, trace->spare);
        arena_reset(&chunk->texts);
        trace->spare = chunk;
    }
}

/* --- being set back ---------------------------------------------------------------- */

void trace_hold_all(struct trace *trace)
{
    trace->held->all = true;
    trace->held->loose = NULL;
}

void trace_was_set_back(struct trace *trace)
{
    size_t count = (size_t)(trace->end % CHUNK_RECORDS);
    if (count == 0)
        return;
    struct chunk *copy = trace->held->loose;
    if (copy)
        arena_free(&copy->texts);
    else
        copy = chunk_new(trace->held);
    struct chunk **last = &trace->chunks[trace->start + trace->count - 1];
    memcpy(copy->records, (*last)->records, count * sizeof copy->records[0]);
    trace->held->loose = *last = copy;
}

void trace_leave_out_octets(struct trace *trace) { trace->no_octets = true; }

/* --- lines from segments ---------------------------------------------------------- */

static void wire_keep(struct trace_wire *wire, slice octets)
{
    wire->partial.max = TRACE_LINE_MAX;
    buf_add(&wire->partial, slice_upto(octets, TRACE_LINE_MAX - wire->partial.len));
    wire->length += octets.len;
}

/* Ends the line whose last octets these are (its CRLF is not among them): with what was
   kept of it, or on its own inside the segment numbered so. */
static void line_add(struct trace *trace, uint64_t t_ns, struct trace_wire *wire,
                     struct trace_record *line, slice last, uint64_t segment)
{
    bool whole = wire->length == 0;
    uint64_t length = whole ? last.len : wire->length + last.len;
    if (!whole) {
        wire_keep(wire, last);
        last = buf_slice(&wire->partial);
    }
    line->text = slice_upto(last, TRACE_LINE_MAX);
    line->bytes = length > TRACE_LINE_MAX ? length : 0;
    bool kept = whole && trace->end / CHUNK_RECORDS == segment / CHUNK_RECORDS;
    record_add(trace, t_ns, line, kept);
    buf_free(&wire->partial);
    wire->length = 0;
    wire->after_cr = false;
}

/* A CR that ended the segment before was kept as text: the LF that follows takes it back. */
static void wire_drop_cr(struct trace_wire *wire)
{
    wire->length--;
    if (wire->partial.len > wire->length)
        wire->partial.len = (size_t)wire->length;
}

/* The lines of a segment: slices of its own text if the trace has that, or of the caller's. */
static void segment_lines(struct trace *trace, uint64_t t_ns, struct trace_wire *wire,
                          struct trace_record line, slice rest, uint64_t number)
{
    line.kind = TRACE_LINE;
    line.bytes = 0;
    size_t at, start = 0; /* start: the first octet that may end a line */
    if (wire->after_cr && rest.at[0] == '\n') {
        wire_drop_cr(wire);
        line_add(trace, t_ns, wire, &line, SLICE_EMPTY, number);
        rest = slice_from(rest, 1);
    }
    while (slice_find(slice_from(rest, start), '\n', &at)) {
        at += start;
        start = at + 1;
        if (at == 0 || rest.at[at - 1] != '\r')
            continue;
        line_add(trace, t_ns, wire, &line, slice_upto(rest, at - 1), number);
        rest = slice_from(rest, at + 1);
        start = 0;
    }
    if (rest.len == 0)
        return;
    wire_keep(wire, rest);
    wire->after_cr = rest.at[rest.len - 1] == '\r';
}

static void left_out_add(struct trace *trace, uint64_t t_ns, struct trace_wire *wire,
                         uint32_t conn, uint8_t side)
{
    const struct trace_record line = {
        .kind = TRACE_LINE, .conn = conn, .side = side, .bytes = wire->left_out
    };
    record_add(trace, t_ns, &line, false);
    wire->left_out = 0;
}

void trace_wire_end(struct trace *trace, uint64_t t_ns, struct trace_wire *wire, uint32_t conn,
                    enum side from)
{
    struct trace_record line = { .kind = TRACE_LINE, .conn = conn, .side = (uint8_t)from };
    if (wire->length > 0)
        line_add(trace, t_ns, wire, &line, SLICE_EMPTY, trace->end);
    if (wire->left_out)
        left_out_add(trace, t_ns, wire, conn, (uint8_t)from);
}

void trace_shorten(struct trace *trace) { trace->shortens = true; }

/* Full segments are the middle of something long: of the first the beginning is kept, of those that
   follow nothing. */
static void bulk_leave_out(struct trace *trace, uint64_t t_ns, struct trace_wire *wire,
                           struct trace_record line, slice octets)
{
    size_t kept = wire->left_out ? 0 : SHORT_HEAD;
    if (kept) {
        segment_lines(trace, t_ns, wire, line, slice_upto(octets, kept), NOT_KEPT);
        trace_wire_end(trace, t_ns, wire, line.conn, line.side);
    }
    wire->left_out += octets.len - kept;
}

static void shortened(struct trace *trace, uint64_t t_ns, struct trace_wire *wire,
                      struct trace_record line, slice octets)
{
    slice end = octets;
    if (octets.len >= SEGMENT_BYTES_MAX) {
        bulk_leave_out(trace, t_ns, wire, line, octets);
        return;
    }
    if (wire->left_out) {
        take_until(&end, '\n'); /* a line whose beginning is left out */
        wire->left_out += octets.len - end.len;
        left_out_add(trace, t_ns, wire, line.conn, line.side);
    }
    if (end.len)
        segment_lines(trace, t_ns, wire, line, end, NOT_KEPT);
}

void trace_octets(struct trace *trace, uint64_t t_ns, struct trace_wire *wire, uint32_t conn,
                  enum side from, slice octets)
{
    if (octets.len == 0 || trace->no_octets)
        return;
    struct trace_record record = {
        .kind = TRACE_SEGMENT, .conn = conn, .side = (uint8_t)from, .text = octets
    };
    if (trace->shortens) {
        record.text = SLICE_EMPTY;
        shortened(trace, t_ns, wire, record, octets);
        return;
    }
    const struct trace_record *segment = record_add(trace, t_ns, &record, false);
    segment_lines(trace, t_ns, wire, record, segment->text, segment->number);
}

void trace_sealed_octets(struct trace *trace, uint64_t t_ns, struct trace_wire *wire,
                         uint32_t conn, enum side from, slice octets)
{
    if (octets.len == 0 || trace->no_octets)
        return;
    struct trace_record record = {
        .kind = TRACE_SEGMENT, .conn = conn, .side = (uint8_t)from, .bytes = octets.len
    };
    if (trace->shortens) {
        shortened(trace, t_ns, wire, record, octets);
        return;
    }
    record_add(trace, t_ns, &record, false);
    segment_lines(trace, t_ns, wire, record, octets, NOT_KEPT);
}

void trace_wire_free(struct trace_wire *wire)
{
    buf_free(&wire->partial);
    *wire = (struct trace_wire){ 0 };
}
