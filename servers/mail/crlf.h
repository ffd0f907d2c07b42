/* crlf.h: text that comes in pieces, its every line ended by CRLF: a lone CR or LF becomes one
   (RFC 5322 2.3: neither occurs in a message without the other). */
#ifndef SERVERS_MAIL_CRLF_H
#define SERVERS_MAIL_CRLF_H

#include "base/buf.h"
#include "base/slice.h"

struct crlf {           /* zeroed at the start of a text */
    bool held;          /* a CR came last, and is not given yet */
};

/* What goes on of this piece: a part of it, or `out`, which is cleared first. */
slice crlf_feed(struct crlf *, slice piece, struct buf *out);
slice crlf_end(struct crlf *); /* what is left to give */

#endif
