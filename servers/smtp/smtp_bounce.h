/* smtp_bounce.h: the letter that tells a sender what became of hers: not delivered, or
   not yet. RFC 3464 in a multipart/report (RFC 6522). */
#ifndef SERVERS_SMTP_SMTP_BOUNCE_H
#define SERVERS_SMTP_SMTP_BOUNCE_H

#include "servers/services.h"
#include "servers/store/store.h"

/* Writes it and sends it on its way, with the null sender as its own. Nothing is sent
   for a letter that had the null sender itself (RFC 5321 6.1), and nothing to an address
   here that nobody has. *sent says which. False: the store failed. */
bool smtp_bounce(struct services *, const struct queued *, bool delayed, bool *sent);

#endif
