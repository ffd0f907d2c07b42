/* dots.c: see dots.h. */
#include "servers/mail/dots.h"

static void line_end(struct dots *dots, struct buf *out)
{
    buf_add_text(out, "\r\n");
    if (dots->in_body)
        dots->body_lines++;
    else if (!dots->in_line)
        dots->in_body = true;
    dots->in_line = false;
}

/* Up to the next line end: what needs no thought is copied in one go. */
static size_t plain_run(slice rest)
{
    size_t run = 0;
    while (run < rest.len && rest.at[run] != '\r' && rest.at[run] != '\n')
        run++;
    return run;
}

size_t dots_write(struct dots *dots, slice piece, uint64_t body_lines_max, struct buf *out)
{
    slice rest = piece;
    while (rest.len && !(dots->in_body && dots->body_lines >= body_lines_max)) {
        bool swallowed = dots->after_cr && rest.at[0] == '\n';
        dots->after_cr = !swallowed && rest.at[0] == '\r';
        if (swallowed) {
            rest = slice_from(rest, 1);
            continue;
        }
        if (rest.at[0] == '\r' || rest.at[0] == '\n') {
            line_end(dots, out);
            rest = slice_from(rest, 1);
            continue;
        }
        if (!dots->in_line && rest.at[0] == '.')
            buf_add_char(out, '.');
        size_t run = plain_run(rest);
        buf_add(out, slice_upto(rest, run));
        dots->in_line = true;
        rest = slice_from(rest, run);
    }
    return piece.len - rest.len;
}

void dots_end(struct dots *dots, struct buf *out)
{
    if (dots->in_line)
        buf_add_text(out, "\r\n");
    buf_add_text(out, ".\r\n");
}
