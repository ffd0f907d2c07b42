/* imap_status.h: what STATUS tells, for STATUS itself and for LIST's RETURN (STATUS …). */
#ifndef SERVERS_IMAP_IMAP_STATUS_H
#define SERVERS_IMAP_IMAP_STATUS_H

#include "servers/imap/imap.h"

enum imap_status_item {
    STATUS_MESSAGES,
    STATUS_RECENT,
    STATUS_UIDNEXT,
    STATUS_UIDVALIDITY,
    STATUS_UNSEEN,
    STATUS_SIZE,         /* RFC 8438 */
    STATUS_APPENDLIMIT,  /* RFC 7889 */
    STATUS_HIGHESTMODSEQ, /* RFC 7162 */
    STATUS_DELETED,      /* RFC 9208 4.1.4: what EXPUNGE would free */
    STATUS_DELETED_STORAGE,
    STATUS_ITEMS
};

/* Each once, in the order asked for. */
struct imap_status_items {
    enum imap_status_item items[STATUS_ITEMS];
    size_t count;
};
bool imap_parse_status_items(struct imap_cursor *, struct imap_status_items *); /* "(…)" */
void imap_say_status(struct session *, const struct mailbox *, const struct imap_status_items *);

#endif
