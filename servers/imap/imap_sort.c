/* imap_sort.c: see imap_sort.h. A merge sort from the bottom up: stable, without recursion,
   n log n whatever comes. */
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
    for (size_t i = 0; i < text.len && i < SORT_TEXT_MAX; i++)
        key_octet(key, (unsigned char)text.at[i], reverse);
    key_octet(key, 0, reverse);
}

/* --- sorting -------------------------------------------------------------------------------- */

void sort_expect(struct sorting *sorting, size_t count) { sorting->expected = count; }

static void entry_add(struct arena *arena, struct sorting *sorting, struct sort_entry entry)
{
    if (sorting->count == sorting->cap) {
        sorting->cap = sorting->cap ? sorting->cap * 2 : sorting->expected + 16;
        struct sort_entry *larger = arena_take_bare_array(arena, sorting->cap, sizeof *larger);
        if (sorting->count)
            memcpy(larger, sorting->entries, sorting->count * sizeof *larger);
        sorting->entries = larger;
    }
    sorting->entries[sorting->count++] = entry;
}

void sort_add(struct arena *arena, struct sorting *sorting, slice key, uint32_t number)
{
    entry_add(arena, sorting,
              (struct sort_entry){ first_octets(key), key.at, (uint32_t)key.len, number });
}

void sort_add_number(struct arena *arena, struct sorting *sorting, int64_t key, uint32_t number)
{
    entry_add(arena, sorting, (struct sort_entry){ sign_turned(key), "", 0, number });
}

static bool is_after(const struct sort_entry *a, const struct sort_entry *b)
{
    if (a->first != b->first)
        return a->first > b->first;
    return slice_compare((slice){ a->key, a->key_len }, (slice){ b->key, b->key_len }) > 0;
}

static size_t at_most(size_t value, size_t max) { return value < max ? value : max; }

/* One entry to its place. */
static void merge_one(struct sorting *sorting, size_t middle, size_t high)
{
    const struct sort_entry *from = sorting->entries;
    bool takes_left = sorting->left < middle &&
                      (sorting->right >= high || !is_after(&from[sorting->left],
                                                           &from[sorting->right]));
    sorting->spare[sorting->at++] = from[takes_left ? sorting->left++ : sorting->right++];
}

/* All runs of this width were merged. */
static void next_width(struct sorting *sorting)
{
    struct sort_entry *sorted = sorting->spare;
    sorting->spare = sorting->entries;
    sorting->entries = sorted;
    sorting->low = sorting->at = 0;
    sorting->width *= 2;
}

bool sort_step(struct arena *arena, struct sorting *sorting, size_t steps)
{
    size_t count = sorting->count, moved = 0;
    if (!sorting->spare && count > 1)
        sorting->spare = arena_take_bare_array(arena, count, sizeof *sorting->spare);
    if (sorting->width == 0)
        sorting->width = 1;
    while (sorting->width < count) {
        size_t middle = at_most(sorting->low + sorting->width, count);
        size_t high = at_most(middle + sorting->width, count);
        if (sorting->at == sorting->low) {
            sorting->left = sorting->low;
            sorting->right = middle;
        }
        for (; sorting->at < high && moved < steps; moved++)
            merge_one(sorting, middle, high);
        if (sorting->at < high)
            return false;
        sorting->low = high;
        if (high == count)
            next_width(sorting);
    }
    return true;
}
