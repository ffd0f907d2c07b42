/* imap_sort.h: keys that are compared octet by octet, and numbers in their order. */
#ifndef SERVERS_IMAP_IMAP_SORT_H
#define SERVERS_IMAP_IMAP_SORT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/slice.h"
#include "base/sort.h"

struct sort_entry {
    uint64_t first;          /* the key's first eight octets, as a number: most often enough */
    const char *key;
    uint32_t key_len;
    uint32_t number;
};
struct sort_list {
    struct sort_entry *entries;
    size_t count, cap, expected;
    struct sorting sorting;  /* of `entries`, once that has begun */
};

/* Before the first one: about as many will come. Their room is taken at once, since to move them to
   a larger one takes long; what stays empty of it costs no memory. */
void sort_expect(struct sort_list *, size_t count);
/* The key must live as long. Entries with equal keys stay in the order in which they came. */
void sort_add(struct arena *, struct sort_list *, slice key, uint32_t number);
/* Moves some `steps` entries. True: `entries` are sorted. Call again until then. */
bool sort_step(struct arena *, struct sort_list *, size_t steps);

/* Parts of a key. Octets that begin a number or a text in one key stand beside such ones in all
   others. With `reverse` this part counts the other way round. */
void sort_key_number(struct buf *, int64_t number, bool reverse);
void sort_key_text(struct buf *, slice text, bool reverse); /* without NUL; at most SORT_TEXT_MAX */

#endif
