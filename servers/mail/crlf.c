/* crlf.c: see crlf.h. */
#include "servers/mail/crlf.h"

/* A CR at its end is not looked at. */
static bool lines_are_whole(slice text)
{
    size_t newlines = 0, returns = 0, at;
    text = slice_upto(text, text.len - (text.len && text.at[text.len - 1] == '\r'));
    for (slice rest = text; slice_find(rest, '\n', &at); rest = slice_from(rest, at + 1)) {
        newlines++;
        if (rest.at + at == text.at || rest.at[(ptrdiff_t)at - 1] != '\r')
            return false;
    }
    for (slice rest = text; slice_find(rest, '\r', &at); rest = slice_from(rest, at + 1))
        returns++;
    return returns == newlines;
}

slice crlf_feed(struct crlf *crlf, slice piece, struct buf *out)
{
    if (!crlf->held && lines_are_whole(piece)) {
        crlf->held = piece.len && piece.at[piece.len - 1] == '\r';
        return slice_upto(piece, piece.len - crlf->held);
    }
    buf_clear(out);
    for (size_t i = 0; i < piece.len; i++) {
        bool newline = piece.at[i] == '\n';
        if (newline || crlf->held)
            buf_add_text(out, "\r\n");
        crlf->held = piece.at[i] == '\r';
        if (!newline && !crlf->held)
            buf_add_char(out, piece.at[i]);
    }
    return buf_slice(out);
}

slice crlf_end(struct crlf *crlf)
{
    slice left = crlf->held ? SLICE("\r\n") : SLICE_EMPTY;
    crlf->held = false;
    return left;
}
