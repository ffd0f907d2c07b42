/* sort.h: a stable merge sort of elements of any size, with a context for whoever compares. */
#ifndef BASE_SORT_H
#define BASE_SORT_H

#include <stddef.h>

/* Below 0: a stands before b. */
typedef int compare_fn(const void *context, const void *a, const void *b);
/* `spare` has room for as many elements; what it holds afterwards means nothing. */
void sort_stable(void *at, size_t count, size_t bytes, void *spare, compare_fn *,
                 const void *context);

#endif
