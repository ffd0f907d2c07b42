/* nul_free.h: a message whose parts hold NULs, as binary bodies may (RFC 2045 6.2), written so that
   it holds none: such a body as base64. Nothing else of it changes. */
#ifndef SERVERS_MAIL_NUL_FREE_H
#define SERVERS_MAIL_NUL_FREE_H

#include "base/buf.h"
#include "base/slice.h"

/* At most MESSAGE_BYTES_MAX octets of text. False: a NUL stands where no encoding can hold it: in a
   header, between parts, in a part that does not say that it is binary; or `out` is full. */
bool nul_free_write(slice text, struct buf *out);

#endif
