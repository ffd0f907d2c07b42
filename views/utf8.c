/* utf8.c: see utf8.h. */
#include "views/utf8.h"

#include "servers/mail/columns.h"

unsigned utf8_columns(uint32_t point) { return character_columns(point); }

/* How many octets a first octet announces; 0: it is none. */
static size_t octets_announced(unsigned char first)
{
    if (first < 0x80)
        return 1;
    if (first >= 0xc2 && first <= 0xdf)
        return 2;
    if (first >= 0xe0 && first <= 0xef)
        return 3;
    return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
}

bool utf8_take(slice *rest, uint32_t *point)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    static const unsigned char first_bits[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
    if (rest->len == 0)
        return false;
    const unsigned char *at = (const unsigned char *)rest->at;
    size_t octets = octets_announced(at[0]);
    if (octets == 0 || octets > rest->len)
        return false;
    uint32_t value = at[0] & first_bits[octets];
    for (size_t i = 1; i < octets; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return false;
        value = value << 6 | (at[i] & 0x3f);
    }
    if (value < least[octets] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
        return false;
    *rest = slice_from(*rest, octets);
    *point = value;
    return true;
}

slice utf8_whole(slice text)
{
    for (size_t back = 1; back <= 3 && back <= text.len; back++) {
        unsigned char octet = (unsigned char)text.at[text.len - back];
        if ((octet & 0xc0) == 0x80)
            continue;
        return octets_announced(octet) > back ? slice_upto(text, text.len - back) : text;
    }
    return text;
}

slice utf8_fit(slice text, size_t columns)
{
    slice rest = text;
    size_t used = 0;
    while (rest.len) {
        slice before = rest;
        uint32_t point;
        size_t takes = 1;
        if (utf8_take(&rest, &point))
            takes = utf8_columns(point);
        else
            rest = slice_from(rest, 1);
        if (used + takes > columns)
            return slice_upto(text, (size_t)(before.at - text.at));
        used += takes;
    }
    return text;
}

size_t utf8_width(slice text)
{
    size_t columns = 0;
    uint32_t point;
    while (text.len) {
        if (utf8_take(&text, &point)) {
            columns += utf8_columns(point);
        } else {
            columns++;
            text = slice_from(text, 1);
        }
    }
    return columns;
}

void utf8_pad(struct buf *line, size_t column)
{
    for (size_t used = utf8_width(buf_slice(line)); used < column; used++)
        buf_add_char(line, ' ');
}

void utf8_line_end(struct buf *line, struct buf *out)
{
    while (line->len && line->at[line->len - 1] == ' ')
        line->len--;
    buf_add(out, buf_slice(line));
    buf_add_char(out, '\n');
    buf_clear(line);
}
