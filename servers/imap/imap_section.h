/* imap_section.h: where BODY[…]'s octets are. RFC 3501 6.4.5. */
#ifndef SERVERS_IMAP_IMAP_SECTION_H
#define SERVERS_IMAP_IMAP_SECTION_H

#include "servers/imap/imap.h"

/* Octets to be said as one string: of a message in the store, or in memory. */
struct imap_source {
    bool nil;               /* the message has no such part */
    bool in_memory;
    slice memory;           /* what is left of it; in imap->work */
    int64_t message_key;
    uint64_t at, left;
    /* NULL: as they are; else imap_binary.h's, left counts decoded */
    struct imap_decoding *decoding;
};

/* The partial is applied: past the end is empty, never NIL. */
struct imap_source imap_section_find(struct session *, const struct placement *,
                                     const struct message *, const struct imap_section *);
/* Says the next piece. False: the store failed. */
bool imap_source_say(struct session *, struct imap_source *);

#endif
