/* clean.c: see clean.h. */
#include "views/clean.h"
#include "views/utf8.h"

#define TAB_COLUMNS 8

static bool point_is_safe(uint32_t point)
{
    if (point < 0x20 || (point >= 0x7f && point <= 0x9f))
        return false;
    if (point == 0x061c || point == 0x180e || point == 0x200b || point == 0x200e || point == 0x200f)
        return false;
    if (point >= 0x2028 && point <= 0x202e)
        return false;
    if (point >= 0x2060 && point <= 0x206f)
        return false;
    if (point == 0xfeff || (point >= 0xfff9 && point <= 0xfffb) ||
        (point >= 0xfffe && point <= 0xffff))
        return false;
    return point < 0xe0000 || point > 0xe007f;
}

static void escape_add(struct buf *out, uint32_t point)
{
    if (point == '\r')
        buf_add_text(out, "\\r");
    else if (point == '\n')
        buf_add_text(out, "\\n");
    else if (point == '\t')
        buf_add_text(out, "\\t");
    else if (point < 0x100)
        buf_format(out, "\\x%02X", (unsigned)point);
    else if (point < 0x10000)
        buf_format(out, "\\u%04X", (unsigned)point);
    else
        buf_format(out, "\\U%08X", (unsigned)point);
}

/* One character of it, and how many columns it took. */
static size_t character_add(struct buf *out, slice *rest, bool utf8)
{
    size_t before = out->len;
    slice start = *rest;
    uint32_t point;
    if (!utf8_take(rest, &point)) {
        buf_format(out, "\\x%02X", (unsigned)(unsigned char)rest->at[0]);
        *rest = slice_from(*rest, 1);
        return out->len - before;
    }
    if (point_is_safe(point) && (utf8 || point < 0x80)) {
        buf_add(out, slice_upto(start, start.len - rest->len));
        return utf8_columns(point);
    }
    escape_add(out, point);
    return out->len - before;
}

void clean_add(struct buf *out, slice line, bool utf8)
{
    size_t column = 0;
    while (line.len) {
        if (!take_char(&line, '\t')) {
            column += character_add(out, &line, utf8);
            continue;
        }
        do
            buf_add_char(out, ' ');
        while (++column % TAB_COLUMNS);
    }
}

void clean_add_octets(struct buf *out, slice octets, bool utf8)
{
    while (octets.len)
        character_add(out, &octets, utf8);
}
