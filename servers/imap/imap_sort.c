/* imap_sort.c: see imap_sort.h. */
#include "servers/imap/imap_sort.h"

#include <string.h>

/* --- keys ----------------------------------------------------------------------------------- */

static uint64_t first_octets(slice key)
{
    uint64_t first = 0;
    for (size_t i = 0; i < 8; i++)
        first = first << 8 | (i < key.len ? (unsigned char)key.at[i] : 0u);
    return first;
}

static void key_octet(struct buf *key, unsigned char octet, bool reverse)
{
    buf_add_char(key, (char)(reverse ? 255 - octet : octet));
}

/* Negative before positive. */
static uint64_t sign_turned(int64_t number) { return (uint64_t)number ^ (uint64_t)1 << 63; }

void sort_key_number(struct buf *key, int64_t number, bool reverse)
{
    uint64_t bits = sign_turned(number);
    for (int shift = 56; shift >= 0; shift -= 8)
        key_octet(key, (unsigned char)(bits >> shift & 255), reverse);
}

/* The NUL at its end is smaller than all that a longer text may go on with. */
void sort_key_text(struct buf *key, slice text, bool reverse)
{
    text = slice_upto(text, SORT_TEXT_MAX);
    if (!reverse)
        buf_add(key, text);
    for (size_t i = 0; reverse && i < text.len; i++)
        key_octet(key, (unsigned char)text.at[i], reverse);
    key_octet(key, 0, reverse);
}

/* --- sorting -------------------------------------------------------------------------------- */

void sort_expect(struct sort_list *list, size_t count) { list->expected = count; }

void sort_add(struct arena *arena, struct sort_list *list, slice key, uint32_t number)
{
    if (list->count == list->cap) {
        list->cap = list->cap ? list->cap * 2 : list->expected + 16;
        struct sort_entry *larger = arena_take_bare_array(arena, list->cap, sizeof *larger);
        if (list->count)
            memcpy(larger, list->entries, list->count * sizeof *larger);
        list->entries = larger;
    }
    list->entries[list->count++] =
        (struct sort_entry){ first_octets(key), key.at, (uint32_t)key.len, number };
}

static int by_key(const void *context, const void *one, const void *other)
{
    const struct sort_entry *a = one, *b = other;
    (void)context;
    if (a->first != b->first)
        return a->first < b->first ? -1 : 1;
    return slice_compare((slice){ a->key, a->key_len }, (slice){ b->key, b->key_len });
}

bool sort_step(struct arena *arena, struct sort_list *list, size_t steps)
{
    if (!list->sorting.width) {
        void *spare = arena_take_bare_array(arena, list->count, sizeof *list->entries);
        list->sorting = sorting_new(list->entries, list->count, sizeof *list->entries, spare,
                                    by_key, NULL);
    }
    bool done = sorting_step(&list->sorting, steps);
    list->entries = (struct sort_entry *)(void *)list->sorting.at;
    return done;
}
