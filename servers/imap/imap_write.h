/* imap_write.h: responses (RFC 3501 7). What came from outside goes through quote.h or
   through the functions here, so that nothing can end a line or begin one. */
#ifndef SERVERS_IMAP_IMAP_WRITE_H
#define SERVERS_IMAP_IMAP_WRITE_H

#include "servers/imap/imap.h"
#include "servers/mail/quote.h"

/* One response line, CRLF added. The format and its arguments are ours: numbers, fixed
   words, and texts that were checked. */
#define imap_say(session, ...) \
    (buf_format(imap_begin(session, ""), __VA_ARGS__), imap_end_line(session))
/* The same from parts: begin, add to imap->text, end. */
struct buf *imap_begin(struct session *, const char *start);
void imap_end_line(struct session *);          /* adds CRLF and says it */
void imap_flush(struct session *);             /* says what stands there so far, without CRLF */

/* "(\Seen Work)": by bits, keywords by the names the view announced. */
void imap_write_flags(struct buf *, const struct imap_view *, uint64_t flags, bool recent);
/* "1:3,7": ascending numbers one by one. */
struct imap_set_writer {
    struct buf *buf;
    uint32_t first, last;        /* the range that is still open; 0: none */
    bool begun;
};
void imap_write_set_add(struct imap_set_writer *, uint32_t number);
void imap_write_set_end(struct imap_set_writer *);
/* "BODY[4.2.HEADER.FIELDS (From)]<0>": as FETCH answers it; or "BINARY[4.2]". */
void imap_write_section(struct buf *, const char *item, const struct imap_section *);
/* A mailbox's name, given in modified UTF-7, as this client reads names. */
void imap_write_mailbox(struct session *, struct buf *, slice name);
/* The same octets without quotes, in scratch: what a LIST's pattern is held against. */
slice imap_mailbox_shown(struct session *, slice name);
/* "(\Seen \Recent)" of a row; \Recent is no flag of IMAP4rev2. */
void imap_write_row_flags(struct session *, struct buf *, const struct placement *);
/* Client's words for a person, in a status line: printable ASCII, short. */
void imap_write_shown(struct buf *, slice word);

#endif
