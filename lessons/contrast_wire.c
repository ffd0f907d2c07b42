/* contrast_wire.c: the lines of a step, as they went over the wire: all of them for whoever asks,
   and under the boards as many as a large screen has room for. Header fields and base64, which
   nobody reads there, are counted. */
#include "lessons/contrast.h"
#include "views/clean.h"
#include "views/conns.h"
#include "views/fold.h"
#include "views/said.h"

#define BASE64_LEAST 40              /* octets: shorter lines are read, whatever they are */
#define LINE_BYTES_MAX 200           /* of one line */

/* --- which nobody reads --------------------------------------------------------------------- */

static bool is_base64(slice line)
{
    size_t at = 0;
    return line.len >= BASE64_LEAST && !slice_find(line, ' ', &at) && !slice_find(line, '.', &at);
}

/* The line was the fold's last one. */
static bool line_is_dull(const struct fold *fold, slice line)
{
    size_t count = fold->marks.len;
    return is_base64(line) || (count && fold_mark(fold, count - 1) == FOLD_HEADER);
}

static void dull_add(struct buf *text, size_t *dull)
{
    if (*dull)
        buf_format(text, "     ... %zu line%s of headers and base64\n", *dull,
                   *dull == 1 ? "" : "s");
    *dull = 0;
}

/* --- the lines ------------------------------------------------------------------------------- */

static uint64_t step_begin(const struct variant *variant, size_t step)
{
    return step ? variant->frames[step - 1].trace_end : 0;
}

static void talkers_add(struct buf *out, const struct variant *variant, const struct conn *conn)
{
    buf_format(out, " %s -> %s\n", machine_name(variant->world, conn->client),
               machine_name(variant->world, conn->server));
}

static void line_add(struct buf *out, enum side side, slice line, bool utf8)
{
    buf_add_text(out, side == SIDE_CLIENT ? "  C: " : "  S: ");
    clean_add(out, slice_upto(line, LINE_BYTES_MAX), utf8);
    buf_add_char(out, '\n');
}

void contrast_commands_write(struct buf *out, const struct variant *variant, size_t step, bool utf8)
{
    const struct trace *trace = variant->world->trace;
    struct conns conns = { 0 };
    uint32_t conn = 0;
    conns_read(&conns, trace);
    for (uint64_t number = step_begin(variant, step); number < variant->frames[step].trace_end;
         number++) {
        const struct trace_record *record = trace_at(trace, number);
        const struct conn *one = conns_find(&conns, record->conn);
        if (record->kind != TRACE_STATE || !one || !one->protocol ||
            (record->event < EV_UNKNOWN && record->event != EV_LITERAL))
            continue;
        slice line = said_by_client(trace, record, one->protocol);
        if (!line.len) /* behind a literal, which has been told */
            continue;
        if (conn != record->conn)
            talkers_add(out, variant, one);
        conn = record->conn;
        line_add(out, SIDE_CLIENT, line, utf8);
    }
    conns_free(&conns);
}

void contrast_wire_write(struct buf *out, const struct variant *variant, size_t step, bool utf8)
{
    const struct trace *trace = variant->world->trace;
    struct conns conns = { 0 };
    struct fold fold = { .in_header = false };
    uint32_t conn = 0;
    size_t dull = 0;
    conns_read(&conns, trace);
    for (uint64_t number = step_begin(variant, step); number < variant->frames[step].trace_end;
         number++) {
        const struct trace_record *record = trace_at(trace, number);
        const struct conn *one = conns_find(&conns, record->conn);
        if (record->kind != TRACE_LINE || !one)
            continue;
        if (conn != record->conn)
            talkers_add(out, variant, one);
        conn = record->conn;
        if (record->side == SIDE_SERVER)
            fold_line(&fold, record->text);
        if (record->side == SIDE_SERVER && line_is_dull(&fold, record->text)) {
            dull++;
            continue;
        }
        dull_add(out, &dull);
        line_add(out, (enum side)record->side, record->text, utf8);
    }
    dull_add(out, &dull);
    fold_free(&fold);
    conns_free(&conns);
}
