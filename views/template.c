/* template.c: fills in a text's places. What they mean is known to whoever asks. */
#include "views/template.h"

void template_fill(struct buf *out, const char *text, template_part *part, void *context)
{
    slice rest = slice_of(text);
    while (rest.len) {
        size_t brace = rest.len;
        slice_find(rest, '{', &brace);
        buf_add(out, slice_upto(rest, brace));
        rest = slice_from(rest, brace);
        if (take_char(&rest, '{'))
            part(context, out, take_until(&rest, '}'));
    }
}
