/* dots.h: a message as SMTP's DATA and POP3's RETR write it: every line ends with CRLF,
   whatever the message holds, a line that begins with a dot gets one more, and a dot alone
   ends it (RFC 5321 4.5.2, RFC 1939 3). Nothing in a message can look like its end. */
#ifndef SERVERS_MAIL_DOTS_H
#define SERVERS_MAIL_DOTS_H

#include "base/buf.h"
#include "base/slice.h"

struct dots {           /* zeroed at the start of a message */
    bool in_line;       /* something of this line was written */
    bool after_cr;      /* a CR was written as a line end; an LF now belongs to it */
    bool in_body;       /* the empty line was seen */
    uint64_t body_lines;/* ended ones, after it */
};

/* Writes a piece of the message. Stops, having used less than all, once `body_lines_max`
   lines of the body were written; returns how many octets of the piece were used. */
size_t dots_write(struct dots *, slice piece, uint64_t body_lines_max, struct buf *out);
void dots_end(struct dots *, struct buf *out);   /* ends an unfinished line, then ".\r\n" */

#endif
