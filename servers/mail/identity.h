/* identity.h: what makes two copies the same message, to people: its Message-ID (RFC 5322
   3.6.4). A message without one is told by a hash of its header, from the first hop's
   Received field on: copies on a server and on devices then agree, and so do those on two
   servers of its way. Two such messages with the same first hop and header are one. */
#ifndef SERVERS_MAIL_IDENTITY_H
#define SERVERS_MAIL_IDENTITY_H

#include "base/arena.h"
#include "base/slice.h"

/* Printable ASCII, 1 to MESSAGE_IDENTITY_MAX octets, in the arena: "<1@x>" or "#…". */
slice message_identity(struct arena *, slice header_block);

#endif
