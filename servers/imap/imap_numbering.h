/* imap_numbering.h: texts get numbers, from 1 on: the same text the same number. Of a text only a
   keyed hash of 128 bits is kept, so that a million of them stay small; that two share one does not
   happen. Who does not know the secret cannot choose texts that make it slow. */
#ifndef SERVERS_IMAP_IMAP_NUMBERING_H
#define SERVERS_IMAP_IMAP_NUMBERING_H

#include "base/arena.h"

struct numbering_table;
struct numbering {
    uint64_t secret;
    uint32_t count;          /* numbers given */
    size_t expected;         /* about as many texts will come; or 0 */
    size_t bytes;            /* what it takes */
    struct numbering_table *tables; /* the newest first */
};

/* In the arena. */
uint32_t numbering_of(struct arena *, struct numbering *, slice text);

#endif
