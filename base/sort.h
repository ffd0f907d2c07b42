/* sort.h: a stable merge sort of elements of any size, with a context for whoever compares; at
   once, or in steps, so that a million of them hold nobody up. From the bottom up: no recursion,
   n log n whatever comes. */
#ifndef BASE_SORT_H
#define BASE_SORT_H

#include <stdbool.h>
#include <stddef.h>

/* Below 0: a stands before b. */
typedef int compare_fn(const void *context, const void *a, const void *b);
/* `spare` has room for as many elements; what it holds afterwards means nothing. */
void sort_stable(void *at, size_t count, size_t bytes, void *spare, compare_fn *,
                 const void *context);

struct sorting {
    char *at, *spare;        /* they change places: `at` has the elements */
    size_t count, bytes;
    compare_fn *compare;
    const void *context;
    size_t width, low;       /* the merge that goes on: of two runs of `width`, from `low` on, */
    size_t to, left, right;  /* … to here, from here and from here */
};

/* As sort_stable, but nothing is done yet. */
struct sorting sorting_new(void *at, size_t count, size_t bytes, void *spare, compare_fn *,
                           const void *context);
/* Moves some `steps` elements. True: sorted, and `at` has them. Call again until then. */
bool sorting_step(struct sorting *, size_t steps);

#endif
