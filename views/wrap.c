/* wrap.c: see wrap.h. */
#include "views/wrap.h"

#include "views/utf8.h"

static void blanks_add(struct buf *out, size_t count)
{
    for (; count; count--)
        buf_add_char(out, ' ');
}

static size_t blanks_take(slice *words)
{
    size_t count = 0;
    while (take_char(words, ' '))
        count++;
    return count;
}

/* A word, or what stands between two gaps: a command is not broken if it fits on a line. */
static slice unit_take(slice *words, bool set_apart, size_t room)
{
    size_t end;
    if (!set_apart)
        return take_word(words);
    if (!slice_find_text(*words, SLICE("  "), &end))
        end = words->len;
    slice unit = slice_upto(*words, end);
    if (utf8_width(unit) > room)
        return take_word(words);
    *words = slice_from(*words, end);
    return unit;
}

void wrap_add(struct buf *out, slice words, size_t column, size_t indent, size_t columns)
{
    bool first = true, set_apart = false;
    blanks_take(&words);
    for (size_t gap = 0; words.len; gap = blanks_take(&words)) {
        set_apart = gap > 1 ? !set_apart : set_apart;
        slice unit = unit_take(&words, set_apart && gap > 1,
                               columns > indent ? columns - indent : 0);
        size_t width = utf8_width(unit);
        if (!first && column + gap + width > columns) {
            buf_add_char(out, '\n');
            blanks_add(out, indent);
            column = indent;
            gap = 0;
        }
        blanks_add(out, first ? 0 : gap);
        column += width + (first ? 0 : gap);
        buf_add(out, unit);
        first = false;
    }
    buf_add_char(out, '\n');
}
