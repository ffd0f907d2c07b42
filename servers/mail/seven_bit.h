/* seven_bit.h: what a message asks of the server that it goes to, and how it is written for one
   that has less: its bodies as quoted-printable (RFC 6152 3, RFC 2045 6.7), part by part, so that
   the same message arrives. Headers, signed parts and what is no sound MIME can't be written so. */
#ifndef SERVERS_MAIL_SEVEN_BIT_H
#define SERVERS_MAIL_SEVEN_BIT_H

#include "base/buf.h"
#include "base/slice.h"

/* Zeroed at the start; the message is added piece by piece. */
struct needs {
    bool eight_bit;        /* an octet above 127, anywhere: 8BITMIME */
    bool utf8_header;      /* one of them in the header at the front: SMTPUTF8 (RFC 6531 3.4) */
    bool long_lines;       /* more than 998 octets: no server takes them (RFC 5321 4.5.3.1.6) */
    bool in_body;          /* private, as is: */
    uint64_t line;         /* octets of the line so far */
};
void needs_add(struct needs *, slice piece);

/* A message in the course of being written so. Its text is asked for as it goes. */
struct seven_bit;
/* NULL: it cannot be written so. The text need not live on. */
struct seven_bit *seven_bit_new(slice text);
void seven_bit_free(struct seven_bit *);               /* NULL is allowed */
uint64_t seven_bit_size(const struct seven_bit *);     /* of all that will be written */
/* The text that seven_bit_new saw: at most `len` octets from an offset on. False: failed. */
typedef bool seven_bit_read(void *context, uint64_t offset, uint64_t len, struct buf *);
/* The next piece of it, some kilobytes; nothing at the end. False: `read` failed. */
bool seven_bit_next(struct seven_bit *, seven_bit_read *read, void *context, struct buf *out);

#endif
