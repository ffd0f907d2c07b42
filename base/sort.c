/* sort.c: see sort.h. */
#include "base/sort.h"

#include <stdint.h>
#include <string.h>

struct sorting sorting_new(void *at, size_t count, size_t bytes, void *spare, compare_fn *compare,
                           const void *context)
{
    return (struct sorting){ .at = at, .spare = spare, .count = count, .bytes = bytes,
                             .compare = compare, .context = context, .width = 1 };
}

static size_t at_most(size_t value, size_t max) { return value < max ? value : max; }

static const char *element(const struct sorting *sorting, size_t i)
{
    return sorting->at + i * sorting->bytes;
}

/* One element to its place. */
static void merge_one(struct sorting *sorting, size_t middle, size_t high)
{
    size_t *from = &sorting->right;
    if (sorting->left < middle &&
        (sorting->right >= high ||
         sorting->compare(sorting->context, element(sorting, sorting->left),
                          element(sorting, sorting->right)) <= 0))
        from = &sorting->left;
    memcpy(sorting->spare + sorting->to++ * sorting->bytes, element(sorting, (*from)++),
           sorting->bytes);
}

/* All runs of this width were merged. */
static void next_width(struct sorting *sorting)
{
    char *sorted = sorting->spare;
    sorting->spare = sorting->at;
    sorting->at = sorted;
    sorting->low = sorting->to = 0;
    sorting->width *= 2;
}

bool sorting_step(struct sorting *sorting, size_t steps)
{
    size_t count = sorting->count, moved = 0;
    while (sorting->width < count) {
        size_t middle = at_most(sorting->low + sorting->width, count);
        size_t high = at_most(middle + sorting->width, count);
        if (sorting->to == sorting->low) {
            sorting->left = sorting->low;
            sorting->right = middle;
        }
        for (; sorting->to < high && moved < steps; moved++)
            merge_one(sorting, middle, high);
        if (sorting->to < high)
            return false;
        sorting->low = high;
        if (high == count)
            next_width(sorting);
    }
    return true;
}

void sort_stable(void *at, size_t count, size_t bytes, void *spare, compare_fn *compare,
                 const void *context)
{
    struct sorting sorting = sorting_new(at, count, bytes, spare, compare, context);
    sorting_step(&sorting, SIZE_MAX);
    if (sorting.at != at)
        memcpy(at, sorting.at, count * bytes);
}
