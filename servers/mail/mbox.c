/* mbox.c: see mbox.h. */
#include "servers/mail/mbox.h"

bool mbox_is(slice text) { return slice_starts(text, "From "); }

/* A line without its LF or CRLF. */
static slice line_take(slice *text)
{
    slice line = take_until(text, '\n');
    if (line.len && line.at[line.len - 1] == '\r')
        line.len--;
    return line;
}

/* One or more ">" before "From ". */
static bool line_is_quoted(slice line)
{
    slice rest = line;
    while (take_char(&rest, '>'))
        continue;
    return rest.len < line.len && slice_starts(rest, "From ");
}

bool mbox_take(slice *text, struct buf *message)
{
    bool empty_before = false;
    if (!mbox_is(*text))
        return false;
    line_take(text);
    while (text->len && !(empty_before && mbox_is(*text)) &&
           !(message->len == 0 && mbox_is(*text))) {
        slice line = line_take(text);
        empty_before = line.len == 0;
        buf_add(message, slice_from(line, line_is_quoted(line)));
        buf_add_text(message, "\r\n");
    }
    if (empty_before)
        message->len -= 2; /* the empty line before the next "From " is the file's */
    return true;
}

void message_canonical(struct buf *message, slice text)
{
    while (text.len) {
        buf_add(message, line_take(&text));
        buf_add_text(message, "\r\n");
    }
}
