/* transfer.h: a body's Content-Transfer-Encoding undone as it comes, in pieces of any size: base64
   and quoted-printable (RFC 2045 6.7, 6.8), forgiving; the others stand for the octets themselves.
   The whole at once: encoding.h. */
#ifndef SERVERS_MAIL_TRANSFER_H
#define SERVERS_MAIL_TRANSFER_H

#include "base/buf.h"
#include "base/slice.h"

enum transfer { TRANSFER_IDENTITY, TRANSFER_BASE64, TRANSFER_QUOTED };
/* Of any case; none is 7bit (RFC 2045 6.1). False: nobody knows it. */
bool transfer_named(slice encoding, enum transfer *);

#define TRANSFER_HELD_MAX 250 /* blanks in a row that may turn out to end a line */

/* { how } at the start. */
struct transfer_reader {
    enum transfer how;
    uint32_t bits;             /* base64: of the group that has begun, */
    uint32_t count;            /* … so many characters */
    bool ended;                /* … its padding was seen */
    char held[TRANSFER_HELD_MAX +
              3]; /* quoted-printable: what is not decided yet: blanks, or "=" with
                                  what may belong to it, and perhaps a CR */
    size_t held_len;
};
/* Adds what they stand for: no more than they are, and what was held. */
void transfer_add(struct transfer_reader *, slice piece, struct buf *out);
void transfer_end(struct transfer_reader *, struct buf *out);

#endif
