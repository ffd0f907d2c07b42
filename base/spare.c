/* spare.c: see spare.h. */
#include "base/spare.h"

#include <stdlib.h>

#define PART_MIN 16             /* less than this part is nothing to fall back on */

static void *put_by;
static bool used;
static uint64_t count, fails_at;

static bool fails(void) { return ++count == fails_at; }

/* True: ask again. */
static bool fall_back(void)
{
    used = true;
    if (!put_by)
        return false;
    free(put_by);
    put_by = NULL;
    return true;
}

void *spare_take(size_t bytes)
{
    size_t some = bytes ? bytes : 1;
    void *at = fails() ? NULL : calloc(1, some);
    return at || !fall_back() ? at : calloc(1, some);
}

void *spare_resize(void *at, size_t bytes)
{
    size_t some = bytes ? bytes : 1;
    void *larger = fails() ? NULL : realloc(at, some);
    return larger || !fall_back() ? larger : realloc(at, some);
}

bool spare_put_by(size_t bytes)
{
    if (!bytes || !put_by) {
        free(put_by);
        put_by = NULL;
        for (size_t some = bytes; some >= bytes / PART_MIN && some && !put_by; some /= 2)
            put_by = malloc(some);
        used = bytes && !put_by;
    }
    return !used;
}

bool spare_is_used(void) { return used; }

void spare_fail_at(uint64_t n)
{
    count = 0;
    fails_at = n;
}

uint64_t spare_count(void) { return count; }
