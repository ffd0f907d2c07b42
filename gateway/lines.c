/* lines.c: see lines.h. */
#include "gateway/lines.h"

struct lines lines_of(size_t kept_max) { return (struct lines){ .kept = BUF_MAX(kept_max) }; }

void lines_free(struct lines *lines) { buf_free(&lines->kept); }

bool lines_add(struct lines *lines, slice octets)
{
    buf_drop_front(&lines->kept, lines->start);
    lines->start = 0;
    return buf_add(&lines->kept, octets);
}

static slice rest_of(const struct lines *lines)
{
    return slice_from(buf_slice(&lines->kept), lines->start);
}

static slice without_cr(slice line)
{
    if (line.len && line.at[line.len - 1] == '\r')
        line.len--;
    return line;
}

/* Up to its LF, or all there is. */
static bool line_end(const struct lines *lines, size_t *len)
{
    slice unseen = slice_from(rest_of(lines), lines->looked);
    size_t at = unseen.len;
    bool ended = slice_find(unseen, '\n', &at);
    *len = lines->looked + (ended ? at : unseen.len);
    return ended;
}

enum lines_next lines_take(struct lines *lines, size_t max, slice *line)
{
    for (;;) {
        size_t len = 0;
        slice rest = rest_of(lines);
        bool ended = line_end(lines, &len), skipped = lines->skipping;
        lines->looked = ended || skipped ? 0 : len;
        if (!ended && !skipped && len <= max)
            return LINES_NONE;
        lines->looked = 0;
        lines->start += len + ended;
        lines->skipping = !ended;
        if (skipped && !ended)
            return LINES_NONE;
        if (!skipped && len > max)
            return LINES_LONG;
        if (!skipped) {
            *line = without_cr(slice_upto(rest, len));
            return LINES_ONE;
        }
    }
}

bool lines_has(const struct lines *lines)
{
    size_t len = 0;
    return line_end(lines, &len);
}
