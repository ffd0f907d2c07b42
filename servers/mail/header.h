/* header.h: the fields of a header block, in order, with where they stand. What the
   values mean is for address.h, date.h and mime.h.
   Lines end at LF, a CR before it belongs to the line end: messages that came in by
   APPEND may hold bare LFs. The header ends at the empty line, or before the first line
   that can be no field if no field follows it, so that a message without the empty line keeps its
   body; a line without a colon among the fields is passed over (as Dovecot does). A first
   line "From …" (mbox) belongs to the header and is no field. */
#ifndef SERVERS_MAIL_HEADER_H
#define SERVERS_MAIL_HEADER_H

#include "base/buf.h"
#include "base/slice.h"

/* All three are parts of the block: offsets are differences of pointers. */
struct header_field {
    slice name;        /* "Subject" */
    slice value;       /* what follows the colon, folded, without the last line end */
    slice raw;         /* the whole field with its last line end */
};
struct header_cursor {
    slice rest;        /* begin with { block } */
};
bool header_next(struct header_cursor *, struct header_field *);
/* The first of that name, case does not matter. */
bool header_find(slice block, const char *name, struct header_field *);

/* Octets of the header at the front of a message, the empty line included if there is one. */
size_t header_end(slice text);

/* The value on one line, without the blanks around it: RFC 5322 2.2.3. */
void header_unfold(struct buf *, slice value);
/* For people: unfolded, encoded words decoded, always UTF-8; control characters and
   broken octets are U+FFFD. */
void header_text(struct buf *, slice value);

/* White space, folds and comments, which may nest (RFC 5322 3.2.2): skipped. */
void skip_cfws(slice *rest);
/* The sign, with what may be skipped around it. False: something else stands there. */
bool take_sign(slice *rest, char sign);

/* What a line, without its end, is to a header. */
enum header_line { HEADER_FIELD, HEADER_MORE, HEADER_EMPTY, HEADER_ENVELOPE, HEADER_NOT };
enum header_line header_line_kind(slice line, bool first);
/* Takes a line from the front; `line` is without its end, what was taken is with it. */
slice header_take_line(slice *rest, slice *line);

#endif
