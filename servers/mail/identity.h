/* identity.h: what makes two copies the same letter, to people: its Message-ID (RFC 5322
   3.6.4). A letter without one is told by a hash of its header, from the first hop's
   Received field on: copies on a server and on devices then agree, and so do those on two
   servers of its way. Two such letters with the same first hop and header are one. */
#ifndef SERVERS_MAIL_IDENTITY_H
#define SERVERS_MAIL_IDENTITY_H

#include "base/arena.h"
#include "base/slice.h"

/* Printable ASCII, 1 to LETTER_IDENTITY_MAX octets, in the arena: "<1@x>" or "#…". */
slice letter_identity(struct arena *, slice header_block);

#endif
