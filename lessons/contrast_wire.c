/* contrast_wire.c: the lines of a step, as they went over the wire: all of them for whoever asks,
   and under the boards as many as a large screen has room for. Header fields and base64, which
   nobody reads there, are counted. */
#include "lessons/contrast.h"
#include "views/clean.h"
#include "views/conns.h"
#include "views/fold.h"
#include "views/utf8.h"

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

void contrast_wire_write(struct buf *out, const struct variant *variant, size_t step, bool utf8)
{
    const struct trace *trace = variant->world->trace;
    struct conns conns = { 0 };
    struct fold fold = { .in_header = false };
    uint64_t from = step ? variant->frames[step - 1].trace_end : 0;
    uint32_t conn = 0;
    size_t dull = 0;
    conns_read(&conns, trace);
    for (uint64_t number = from; number < variant->frames[step].trace_end; number++) {
        const struct trace_record *record = trace_at(trace, number);
        const struct conn *one = conns_find(&conns, record->conn);
        if (record->kind != TRACE_LINE || !one)
            continue;
        if (conn != record->conn)
            buf_format(out, " %s -> %s\n", machine_name(variant->world, one->client),
                       machine_name(variant->world, one->server));
        conn = record->conn;
        if (record->side == SIDE_SERVER)
            fold_line(&fold, record->text);
        if (record->side == SIDE_SERVER && line_is_dull(&fold, record->text)) {
            dull++;
            continue;
        }
        dull_add(out, &dull);
        buf_add_text(out, record->side == SIDE_CLIENT ? "  C: " : "  S: ");
        clean_add(out, slice_upto(record->text, LINE_BYTES_MAX), utf8);
        buf_add_char(out, '\n');
    }
    dull_add(out, &dull);
    fold_free(&fold);
    conns_free(&conns);
}
