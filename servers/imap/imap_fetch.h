/* imap_fetch.h: what a FETCH asks for, as it was read (imap_fetch_parse.c) and as it is answered
   (imap_fetch.c). */
#ifndef SERVERS_IMAP_IMAP_FETCH_H
#define SERVERS_IMAP_IMAP_FETCH_H

#include "servers/imap/imap.h"

enum imap_item_kind {
    ITEM_FLAGS,
    ITEM_INTERNALDATE,
    ITEM_SIZE,
    ITEM_ENVELOPE,
    ITEM_BODYSTRUCTURE,
    ITEM_BODY,
    ITEM_UID,
    ITEM_MODSEQ,
    ITEM_RFC822,                      /* a section by an old name */
    ITEM_SECTION,
    ITEM_BINARY,
    ITEM_BINARY_SIZE
};

struct imap_item {
    enum imap_item_kind kind;
    const char *name;                 /* as answered, before a section */
    const struct imap_section *section;
};

struct imap_request {
    struct imap_item items[FETCH_ITEMS_MAX + 2]; /* and UID and MODSEQ, unasked */
    size_t item_count;
    bool sees;                        /* an item sets \Seen */
    bool decodes;                     /* an item is BINARY or its size */
    struct imap_set messages;         /* sequence numbers */
    bool changes_only;                /* CHANGEDSINCE was said: */
    uint64_t changed_since;
    bool tells_vanished;              /* VANISHED was said: first these */
    struct imap_set asked;            /* uids as they were asked for */
};
/* The whole of FETCH's arguments. */
bool imap_parse_fetch(struct session *, struct imap_cursor *, struct imap_request *);
bool imap_request_has(const struct imap_request *, enum imap_item_kind);

#endif
