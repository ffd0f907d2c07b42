/* sort.c: see sort.h. */
#include "base/sort.h"

#include <stdbool.h>
#include <string.h>

void sort_stable(void *at, size_t count, size_t bytes, void *spare, compare_fn *compare,
                 const void *context)
{
    size_t half = count / 2;
    char *to = spare, *left = at, *right = left + half * bytes;
    const char *middle = right, *end = left + count * bytes;
    if (count < 2)
        return;
    sort_stable(left, half, bytes, spare, compare, context);
    sort_stable(right, count - half, bytes, spare, compare, context);
    for (; left < middle || right < end; to += bytes) {
        bool first = left < middle && (right == end || compare(context, left, right) <= 0);
        char **from = first ? &left : &right;
        memcpy(to, *from, bytes);
        *from += bytes;
    }
    memcpy(at, spare, count * bytes);
}
