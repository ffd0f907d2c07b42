/* imap_sort.h: numbers in the order of keys that are compared octet by octet. Made of arrays and
   merged in steps, so that a million of them hold nobody up. */
#ifndef SERVERS_IMAP_IMAP_SORT_H
#define SERVERS_IMAP_IMAP_SORT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/slice.h"

struct sort_entry {
    uint64_t first;          /* the key's first eight octets, as a number: most often enough */
    const char *key;
    uint32_t key_len;
    uint32_t number;
};

struct sorting {
    struct sort_entry *entries, *spare;
    size_t count, cap;
    size_t expected;
    size_t width, low;       /* the merge that goes on: of two runs of `width`, from `low` on, */
    size_t at, left, right;  /* … to here, from here and from here */
};

/* Before the first one: about as many will come. Their room is taken at once, since to move them to
   a larger one takes long; what stays empty of it costs no memory. */
void sort_expect(struct sorting *, size_t count);
/* The key must live as long. Entries with equal keys stay in the order in which they came. */
void sort_add(struct arena *, struct sorting *, slice key, uint32_t number);
/* The same by a number alone. */
void sort_add_number(struct arena *, struct sorting *, int64_t key, uint32_t number);
/* Moves some `steps` entries. True: sorted. Call again until then. */
bool sort_step(struct arena *, struct sorting *, size_t steps);

/* Parts of a key. Octets that begin a number or a text in one key stand beside such ones in all
   others. With `reverse` this part counts the other way round. */
void sort_key_number(struct buf *, int64_t number, bool reverse);
void sort_key_text(struct buf *, slice text, bool reverse); /* without NUL; at most SORT_TEXT_MAX */

#endif
