/* summary.h: what is made of a message when it arrives, so that no later question is
   slow: IMAP's ENVELOPE, BODYSTRUCTURE and BODY as text (RFC 3501 7.4.2), and a table of
   where the parts stand; and the heading that SORT, THREAD and SEARCH ask (heading.h). The
   store keeps it in struct message and does not look inside. */
#ifndef SERVERS_MAIL_SUMMARY_H
#define SERVERS_MAIL_SUMMARY_H

#include "base/arena.h"
#include "servers/mail/quote.h"
#include "servers/mail/message.h"

/* Fills all of *out, slices in the arena. Never fails on content: any octets are a
   message. False: longer than MESSAGE_BYTES_MAX. The texts may hold literals ({n}CRLF and
   n octets), so they are written out as they are; none is longer than SUMMARY_TEXT_MAX. */
bool summary_make(struct arena *, slice whole_text, struct message *out);

/* The same as the message arrives, in pieces of any size: what is left for its end takes no time
   that grows with it. Memory: what is told of it, and a header while it comes. */
struct summary_reader;
struct summary_reader *summary_begin(void);
/* False: with these it would be longer than MESSAGE_BYTES_MAX; they are not taken. */
bool summary_feed(struct summary_reader *, slice octets);
/* Fills all of *out; slices live until summary_free. Once, and nothing is fed after it. */
void summary_end(struct summary_reader *, struct message *out);
/* Received fields of the message's header: the hops it has made (RFC 5321 6.3). After the end. */
uint32_t summary_hops(const struct summary_reader *);
void summary_free(struct summary_reader *);   /* NULL is fine */

/* Octets of the message: [at, at + len). */
struct span {
    uint32_t at, len;
};
struct part_span {
    struct span whole;     /* BODY[] or BODY[n.m] */
    struct span mime;      /* BODY[n.m.MIME]; of the whole message: its header */
    bool is_leaf;          /* a part that holds no others */
    bool is_message;        /* the whole message, or a message/rfc822: then these two */
    struct span header;    /* BODY[HEADER], BODY[n.m.HEADER] */
    struct span text;      /* BODY[TEXT], BODY[n.m.TEXT] */
};
/* By part numbers (RFC 3501 6.4.5): {4, 2} is BODY[4.2]; depth 0 is the whole message.
   False: the message has no such part. */
bool summary_part(slice parts, const uint32_t *path, size_t depth, struct part_span *out);

#endif
