/* smtp_deliver.h: what becomes of a message that was accepted: into a mailbox here, or
   into the relay's queue. Used at the final dot and for bounces. */
#ifndef SERVERS_SMTP_SMTP_DELIVER_H
#define SERVERS_SMTP_SMTP_DELIVER_H

#include "base/arena.h"
#include "servers/services.h"
#include "servers/store/store.h"

/* A message of our own. Its id, 0 if it is too long or the store failed. */
int64_t smtp_message_write(struct services *, slice text);
/* Into the user's INBOX. False: the store failed. */
bool smtp_deliver_local(struct services *, int64_t user, int64_t message_key);
/* Into this host's queue, due at once. The address has a domain. NULL: no wishes. */
bool smtp_deliver_queue(struct services *, int64_t message_key, slice sender, slice recipient,
                        const struct dsn *);
/* An entry as it would stand in the queue, without an id. False: an address has no domain. */
bool smtp_queued_make(struct services *, int64_t message_key, slice sender, slice recipient,
                      const struct dsn *, struct queued *);

#endif
