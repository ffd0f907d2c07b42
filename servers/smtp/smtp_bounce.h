/* smtp_bounce.h: the message that tells a sender what became of hers: not delivered, not yet,
   or, if she asked (RFC 3461), delivered. RFC 3464 in a multipart/report (RFC 6522); where an
   address or a header is UTF-8, in the forms of RFC 6533. */
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

/* Does the sender want to know that of this recipient? */
bool smtp_report_wanted(const struct queued *, enum report);
/* One report about all of these recipients of one message from one sender, at most RECIPIENTS_MAX;
   those of whom nothing is wanted are left out. It goes on its way with the null sender as its own.
   What had the null sender itself gets no report (RFC 5321 6.1), nor does an address of this host
   that nobody has: that something FAILED is then told to postmaster here (RFC 3461 5.2), by placing
   it in the mailbox, so that nothing can come back again. *sent: the sender was told.
   False: the store failed. */
bool smtp_report(struct services *, const struct queued *const *, size_t count, enum report,
                 bool *sent);

#endif
