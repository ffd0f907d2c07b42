/* utf8.c: see utf8.h. The ranges are Unicode's East Asian Wide and its marks without
   advance, joined where a gap holds nothing that mail would carry. */
#include "views/utf8.h"

struct range {
    uint32_t first, last;
};

static const struct range marks[] = {
    { 0x0300, 0x036f }, { 0x0483, 0x0489 }, { 0x0591, 0x05bd }, { 0x05bf, 0x05bf },
    { 0x05c1, 0x05c2 }, { 0x05c4, 0x05c5 }, { 0x05c7, 0x05c7 }, { 0x0610, 0x061a },
    { 0x064b, 0x065f }, { 0x0670, 0x0670 }, { 0x06d6, 0x06dc }, { 0x06df, 0x06e4 },
    { 0x06e7, 0x06e8 }, { 0x06ea, 0x06ed }, { 0x0711, 0x0711 }, { 0x0730, 0x074a },
    { 0x07a6, 0x07b0 }, { 0x0900, 0x0902 }, { 0x093a, 0x093a }, { 0x093c, 0x093c },
    { 0x0941, 0x0948 }, { 0x094d, 0x094d }, { 0x0951, 0x0957 }, { 0x0e31, 0x0e31 },
    { 0x0e34, 0x0e3a }, { 0x0e47, 0x0e4e }, { 0x1ab0, 0x1aff }, { 0x1dc0, 0x1dff },
    { 0x200b, 0x200f }, { 0x202a, 0x202e }, { 0x2060, 0x2064 }, { 0x20d0, 0x20ff },
    { 0x302a, 0x302d }, { 0x3099, 0x309a }, { 0xfe00, 0xfe0f }, { 0xfe20, 0xfe2f },
    { 0xe0100, 0xe01ef },
};

static const struct range wide[] = {
    { 0x1100, 0x115f },   { 0x231a, 0x231b },   { 0x2329, 0x232a },   { 0x23e9, 0x23ec },
    { 0x23f0, 0x23f0 },   { 0x23f3, 0x23f3 },   { 0x25fd, 0x25fe },   { 0x2614, 0x2615 },
    { 0x2648, 0x2653 },   { 0x267f, 0x267f },   { 0x2693, 0x2693 },   { 0x26a1, 0x26a1 },
    { 0x26aa, 0x26ab },   { 0x26bd, 0x26be },   { 0x26c4, 0x26c5 },   { 0x26ce, 0x26ce },
    { 0x26d4, 0x26d4 },   { 0x26ea, 0x26ea },   { 0x26f2, 0x26f3 },   { 0x26f5, 0x26f5 },
    { 0x26fa, 0x26fa },   { 0x26fd, 0x26fd },   { 0x2705, 0x2705 },   { 0x270a, 0x270b },
    { 0x2728, 0x2728 },   { 0x274c, 0x274c },   { 0x274e, 0x274e },   { 0x2753, 0x2755 },
    { 0x2757, 0x2757 },   { 0x2795, 0x2797 },   { 0x27b0, 0x27b0 },   { 0x27bf, 0x27bf },
    { 0x2b1b, 0x2b1c },   { 0x2b50, 0x2b50 },   { 0x2b55, 0x2b55 },   { 0x2e80, 0x303e },
    { 0x3041, 0x4dbf },   { 0x4e00, 0xa4cf },   { 0xa960, 0xa97c },   { 0xac00, 0xd7a3 },
    { 0xf900, 0xfaff },   { 0xfe10, 0xfe19 },   { 0xfe30, 0xfe6f },   { 0xff00, 0xff60 },
    { 0xffe0, 0xffe6 },   { 0x16fe0, 0x18cff }, { 0x1b000, 0x1b2ff }, { 0x1f004, 0x1f004 },
    { 0x1f0cf, 0x1f0cf }, { 0x1f18e, 0x1f18e }, { 0x1f191, 0x1f19a }, { 0x1f200, 0x1f64f },
    { 0x1f680, 0x1f6ff }, { 0x1f900, 0x1f9ff }, { 0x1fa70, 0x1faff }, { 0x20000, 0x3fffd },
};

static bool range_has(const struct range *ranges, size_t count, uint32_t point)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (point > ranges[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && point >= ranges[low].first;
}

unsigned utf8_columns(uint32_t point)
{
    if (point < 0x300)
        return 1;
    if (range_has(marks, COUNT(marks), point))
        return 0;
    return range_has(wide, COUNT(wide), point) ? 2 : 1;
}

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
