/* mailbox_name.h: names of mailboxes as on IMAP's wire: modified UTF-7, "/" between
   levels, INBOX in any case. Names only; which exist is the store's affair. */
#ifndef SERVERS_MAIL_MAILBOX_NAME_H
#define SERVERS_MAIL_MAILBOX_NAME_H

#include "base/buf.h"
#include "base/slice.h"

/* May a mailbox be called so? 1 to MAILBOX_NAME_MAX octets, valid modified UTF-7, no
   control characters, no '%' or '*', no empty level, at most MAILBOX_DEPTH_MAX levels. */
bool mailbox_name_valid(slice);
/* Appends the name as the store keeps it: a first level INBOX in capitals. */
void mailbox_name_canonical(struct buf *, slice);
bool mailbox_name_is_inbox(slice);            /* INBOX itself, any case */
bool mailbox_name_same(slice a, slice b);     /* after canonical */
/* The name above: "a/b" of "a/b/c". False: it has none. */
bool mailbox_name_parent(slice name, slice *parent);
/* RFC 6154's uses by their attributes, as bits of the store: "\Sent", given without the
   backslash. False: none that is kept here (\All and \Flagged are no mailboxes). */
bool mailbox_use_named(slice name, uint32_t *use);
const char *mailbox_use_name(uint32_t use);   /* one bit: "\Sent" */
/* LIST and LSUB, both in modified UTF-7 or both in UTF-8: '*' is any text, '%' any without "/"; a
   first level INBOX without case. Time and memory are bounded whatever the pattern. */
bool mailbox_match(slice pattern, slice name);

#endif
