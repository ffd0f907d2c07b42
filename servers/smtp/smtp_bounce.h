/* smtp_bounce.h: the letter that tells a sender what became of hers: not delivered, not yet,
   or, if she asked (RFC 3461), delivered. RFC 3464 in a multipart/report (RFC 6522). */
#ifndef SERVERS_SMTP_SMTP_BOUNCE_H
#define SERVERS_SMTP_SMTP_BOUNCE_H

#include "servers/services.h"
#include "servers/store/store.h"

enum report {
    REPORT_FAILED,
    REPORT_DELAYED,
    REPORT_DELIVERED,
    REPORT_RELAYED     /* to a server that reports nothing */
};

/* Writes it and sends it on its way, with the null sender as its own. Nothing is sent
   for a letter that had the null sender itself (RFC 5321 6.1), nothing that she did not
   want to hear, and nothing to an address here that nobody has. *sent says which. False:
   the store failed. */
bool smtp_bounce(struct services *, const struct queued *, enum report, bool *sent);
/* A letter for somebody here is in her mailbox. False: the store failed. */
bool smtp_report_delivered(struct services *, int64_t message, slice sender, slice recipient,
                           const struct wishes *);

#endif
