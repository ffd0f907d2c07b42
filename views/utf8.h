/* utf8.h: reading UTF-8 and how many columns it takes on a terminal, whatever the
   locale. Strict: no overlong forms, no surrogates, nothing above U+10FFFF (RFC 3629).
   Validity of a whole text and writing UTF-8 are in servers/mail/encoding.h. */
#ifndef VIEWS_UTF8_H
#define VIEWS_UTF8_H

#include "base/buf.h"

bool utf8_take(slice *rest, uint32_t *point);  /* false: not UTF-8 here, nothing consumed */
/* The text without an unfinished character at its end; the same if its end is whole. */
slice utf8_whole(slice);
unsigned utf8_columns(uint32_t point);         /* 0 for combining marks, 2 for wide ones */
size_t utf8_width(slice);                      /* columns; an octet that is no UTF-8 counts 1 */
slice utf8_fit(slice, size_t columns);         /* as much from the front as fits */
void utf8_pad(struct buf *line, size_t column); /* blanks up to that column */
/* The line without blanks at its end goes to `out` with an LF; it is empty then. */
void utf8_line_end(struct buf *line, struct buf *out);

#endif
