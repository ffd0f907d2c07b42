/* summary.h: what is made of a letter when it arrives, so that no later question is
   slow: IMAP's ENVELOPE, BODYSTRUCTURE and BODY as text (RFC 3501 7.4.2), and a table of
   where the parts stand; and the heading that SORT, THREAD and SEARCH ask (heading.h). The
   store keeps it in struct letter and does not look inside. */
#ifndef SERVERS_MAIL_SUMMARY_H
#define SERVERS_MAIL_SUMMARY_H

#include "base/arena.h"
#include "servers/mail/quote.h"
#include "servers/store/store.h"

/* Fills all of *out, slices in the arena. Never fails on content: any octets are a
   letter. False: longer than MESSAGE_BYTES_MAX. The texts may hold literals ({n}CRLF and
   n octets), so they are written out as they are; none is longer than SUMMARY_TEXT_MAX. */
bool summary_make(struct arena *, slice whole_text, struct letter *out);

/* Octets of the letter: [at, at + len). */
struct span {
    uint32_t at, len;
};
struct part_span {
    struct span whole;     /* BODY[] or BODY[n.m] */
    struct span mime;      /* BODY[n.m.MIME]; of the whole letter: its header */
    bool is_letter;        /* the whole letter, or a message/rfc822: then these two */
    struct span header;    /* BODY[HEADER], BODY[n.m.HEADER] */
    struct span text;      /* BODY[TEXT], BODY[n.m.TEXT] */
};
/* By part numbers (RFC 3501 6.4.5): {4, 2} is BODY[4.2]; depth 0 is the whole letter.
   False: the letter has no such part. */
bool summary_part(slice parts, const uint32_t *path, size_t depth, struct part_span *out);

#endif
