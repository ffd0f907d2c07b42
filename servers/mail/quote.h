/* quote.h: the one way to write text that came from outside into an IMAP response
   (RFC 3501 4.3): nothing in it can end the string or begin a line of its own. */
#ifndef SERVERS_MAIL_QUOTE_H
#define SERVERS_MAIL_QUOTE_H

#include "base/buf.h"
#include "base/slice.h"

/* Quoted if it can be (7-bit, no CR or LF, short), else a literal: "{5}" CRLF and five
   octets. NUL, which neither may hold, becomes '?'. */
void quote_string(struct buf *, slice);
void quote_nstring(struct buf *, slice);     /* NIL if `at` is NULL */
void quote_utf8(struct buf *, slice);        /* likewise an atom or quoted, as UTF-8, which it is */
void quote_astring(struct buf *, slice);     /* an atom if it can be: mailbox names, keywords */

#endif
