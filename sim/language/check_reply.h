/* check_reply.h: what a person's last reply was, by the trace. */
#ifndef SIM_CHECK_REPLY_H
#define SIM_CHECK_REPLY_H

#include "base/slice.h"
#include "sim/shared.h"

/* The last line of the last reply on the device's typed connection (its latest one):
   POP3's status line, IMAP's tagged line without the tag; a challenge or a continuation
   is a reply, and so is IMAP's greeting, without its star. Empty: none. In the trace. */
slice reply_last(const struct world *, const struct device *);

#endif
