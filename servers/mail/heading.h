/* heading.h: what is made of a header when a message arrives, so that SORT, THREAD and SEARCH
   need not read messages: struct heading of the store. */
#ifndef SERVERS_MAIL_HEADING_H
#define SERVERS_MAIL_HEADING_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "servers/mail/message.h"

/* Fills all of *out, slices in the arena. Never fails: what cannot be read is not there. */
void heading_make(struct arena *, slice header, struct heading *out);
/* Which text of a heading is this field's? HEADING_TEXTS: none. */
enum heading_text heading_text_of(slice field_name);

/* The next message-ID of a field's value, normalized: without <>, quotes and backslashes
   (RFC 5256 3: "01KF8"@x.example and 01KF8@x.example are the same). What is none is passed over.
   In `work`, until that changes. False: there is no more. Linear time over a whole value. */
bool message_id_next(slice *value, struct buf *work, slice *id);

#endif
