/* plain.h: what a mail program puts on the screen of a message: its texts in UTF-8, and what else
   is in it. RFC 2045 to 2049. Every part is shown, or listed to be saved; two exceptions: the
   other forms of a text that is shown (RFC 2046 5.1.4), and what is in an enclosed message, which
   is listed as a whole and whose texts are shown. */
#ifndef SERVERS_MAIL_PLAIN_H
#define SERVERS_MAIL_PLAIN_H

#include "base/arena.h"
#include "base/buf.h"

enum plain_kind {
    PLAIN_TEXT,        /* the message's texts in their order, enclosed messages' too */
    PLAIN_HTML,        /* there is HTML only: as it is written */
    PLAIN_NONE         /* no text at all */
};
/* Octets that are no text in its character set are U+FFFD; controls are kept. */
enum plain_kind plain_read(slice message, struct buf *utf8);

struct attachment {
    slice name;        /* UTF-8; "" if it has none */
    slice type, subtype;
    size_t octets;     /* decoded */
};
/* A part that is not shown, or an enclosed message: the number-th (from 0), its content decoded
   into `content` (NULL: only counted). */
bool plain_attachment(struct arena *, slice message, size_t number, struct attachment *,
                      struct buf *content);

#endif
