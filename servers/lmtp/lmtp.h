/* lmtp.h: LMTP's server end (RFC 2033): SMTP for the last step, into the mailbox, without a queue.
   When a command is allowed and what is answered: lmtp_table.c. What it does: SMTP's files, and
   lmtp_commands.c where LMTP does it otherwise: each recipient is answered for by itself. */
#ifndef SERVERS_LMTP_LMTP_H
#define SERVERS_LMTP_LMTP_H

#include "servers/smtp/smtp.h"

extern const struct protocol lmtp_protocol;

/* While recipient after recipient is answered for: the same for all that have come so far. */
struct lmtp {
    struct smtp smtp;                        /* first: SMTP's handlers take it for theirs */
    enum outcome whole;                      /* of the message: OUT_OK, it can be kept */
    uint64_t size;                           /* octets */
    int64_t message_key;                     /* in the store, once a mailbox has it; 0 */
    size_t answered;                         /* recipients */
    enum outcome outcomes[RECIPIENTS_MAX];   /* what they were answered */
};

handler lmtp_on_rcpt, lmtp_on_dot, lmtp_on_chunk, lmtp_on_bdat, lmtp_on_recipient;

#endif
