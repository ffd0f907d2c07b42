/* plain.h: what a mail program puts on the screen of a letter: its text in UTF-8, and what
   is attached. RFC 2045 to 2049. What is no text is only named. */
#ifndef SERVERS_MAIL_PLAIN_H
#define SERVERS_MAIL_PLAIN_H

#include "base/arena.h"
#include "base/buf.h"

enum plain_kind {
    PLAIN_TEXT,        /* the letter's text/plain part, or all of a letter that is one part */
    PLAIN_HTML,        /* there is none: its HTML, as it is written */
    PLAIN_NONE         /* no text at all */
};
/* Octets that are no text in its character set are U+FFFD; controls are kept. */
enum plain_kind plain_read(slice letter, struct buf *utf8);

struct attachment {
    slice name;        /* UTF-8; "" if it has none */
    slice type, subtype;
    size_t octets;     /* decoded */
};
/* The number-th (from 0), its content decoded into `content` (NULL: only counted). */
bool plain_attachment(struct arena *, slice letter, size_t number, struct attachment *,
                      struct buf *content);

#endif
