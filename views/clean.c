/* clean.c: see clean.h. */
#include "views/clean.h"
#include "views/utf8.h"

#define TAB_COLUMNS 8

struct range {
    uint32_t first, last;
};

/* Controls, and what Unicode's DerivedCoreProperties.txt calls Default_Ignorable_Code_Point or
   Bidi_Control, but for what shapes the character beside it: the joiners U+200C and U+200D and
   the variation selectors U+FE00 to U+FE0F, which Persian, Hindi and emoji are written with. */
static const struct range unsafe[] = {
    { 0x0000, 0x001f }, { 0x007f, 0x009f },   { 0x00ad, 0x00ad },   { 0x034f, 0x034f },
    { 0x061c, 0x061c }, { 0x115f, 0x1160 },   { 0x17b4, 0x17b5 },   { 0x180b, 0x180f },
    { 0x200b, 0x200b }, { 0x200e, 0x200f },   { 0x2028, 0x202e },   { 0x2060, 0x206f },
    { 0x3164, 0x3164 }, { 0xfeff, 0xfeff },   { 0xffa0, 0xffa0 },   { 0xfff0, 0xfffb },
    { 0xfffe, 0xffff }, { 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a }, { 0xe0000, 0xe0fff },
};

static bool point_is_safe(uint32_t point)
{
    for (size_t i = 0; i < COUNT(unsafe) && point >= unsafe[i].first; i++)
        if (point <= unsafe[i].last)
            return false;
    return true;
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

/* Does what is written for the rest begin as one of the escapes does behind its backslash? */
static bool looks_escaped(slice rest)
{
    uint32_t point;
    return rest.len && (slice_find(SLICE("nrtxuU\\"), rest.at[0], &(size_t){ 0 }) ||
                        !utf8_take(&rest, &point) || !point_is_safe(point));
}

void clean_add_octets(struct buf *out, slice octets, bool utf8)
{
    while (octets.len) {
        if (octets.at[0] == '\\' && looks_escaped(slice_from(octets, 1)))
            buf_add_char(out, '\\');
        character_add(out, &octets, utf8);
    }
}

/* The colours that views set: ESC [ digits m. Of anything else that begins with ESC nothing. */
static slice colour_of(slice text)
{
    slice rest = text;
    if (!take_prefix(&rest, "\033["))
        return SLICE_EMPTY;
    while (rest.len && (is_digit((unsigned char)rest.at[0]) || rest.at[0] == ';'))
        rest = slice_from(rest, 1);
    return take_char(&rest, 'm') ? slice_upto(text, text.len - rest.len) : SLICE_EMPTY;
}

void clean_add_drawn(struct buf *out, slice drawn, bool colours, bool utf8)
{
    size_t column = 0;
    while (drawn.len) {
        slice colour = colours ? colour_of(drawn) : SLICE_EMPTY;
        if (colour.len) {
            buf_add(out, colour);
            drawn = slice_from(drawn, colour.len);
        } else if (take_char(&drawn, '\n')) {
            buf_add_char(out, '\n');
            column = 0;
        } else if (take_char(&drawn, '\t')) {
            do
                buf_add_char(out, ' ');
            while (++column % TAB_COLUMNS);
        } else {
            column += character_add(out, &drawn, utf8);
        }
    }
}

/* --- printf, with texts made safe ---------------------------------------------------------- */

/* One conversion of `format`, from its %: what is printed for it. A text is cleaned. */
static const char *conversion_add(struct buf *out, bool utf8, const char *format, va_list *list)
{
    static const char *const known[] = { "%%", "%.*s", "%s", "%d", "%u", "%zu", "%ld", "%llu" };
    size_t which = 0;
    slice rest = slice_of(format);
    while (which < COUNT(known) && !take_prefix(&rest, known[which]))
        which++;
    must(which < COUNT(known));
    int columns = which == 1 ? va_arg(*list, int) : 0;
    const char *text = which == 1 || which == 2 ? va_arg(*list, const char *) : NULL;
    switch (which) {
    case 0: buf_add_char(out, '%'); break;
    case 1: clean_add(out, (slice){ text, (size_t)columns }, utf8); break;
    case 2: clean_add(out, slice_of(text), utf8); break;
    case 3: buf_format(out, "%d", va_arg(*list, int)); break;
    case 4: buf_format(out, "%u", va_arg(*list, unsigned)); break;
    case 5: buf_format(out, "%zu", va_arg(*list, size_t)); break;
    case 6: buf_format(out, "%ld", va_arg(*list, long)); break;
    default: buf_format(out, "%llu", va_arg(*list, unsigned long long)); break;
    }
    return rest.at;
}

void clean_format_list(struct buf *out, bool utf8, const char *format, va_list list)
{
    va_list own;
    va_copy(own, list);
    while (*format)
        if (*format == '%')
            format = conversion_add(out, utf8, format, &own);
        else
            buf_add_char(out, *format++);
    va_end(own);
}
