/* arena.h: memory by lifetime. What is allocated together is freed together; nothing
   is freed alone. Memory comes zeroed. A function that allocates takes the arena first.
   It lives where the struct arena itself does: in a world's heap or not (heap.h).
   In sanitizer builds (ARENA_MALLOC) every allocation is its own malloc, so that an
   overflow from one into the next is seen. Running out of memory ends the program. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

#include "base/error.h"
#include "base/slice.h"

struct arena_chunk;

struct arena {
    struct arena_chunk *chunks; /* newest first */
    size_t chunk_bytes;         /* what the next chunk will have; doubles up to 64 KiB */
};

/* A zeroed struct arena is an empty arena. */
void *arena_take(struct arena *, size_t bytes);                 /* aligned for any type */
/* The first of an arena that is still on the stack and will belong to what lies near `near`. */
void *arena_begin(struct arena *, const void *near, size_t bytes);
void *arena_take_array(struct arena *, size_t count, size_t bytes_each);
/* The same, not zeroed: of a large one, what is never written costs no memory. */
void *arena_take_bare_array(struct arena *, size_t count, size_t bytes_each);
slice arena_copy(struct arena *, slice);                        /* a NUL follows the copy */
slice arena_format(struct arena *, const char *format, ...) PRINTF_LIKE(2, 3); /* a NUL follows */
slice arena_format_list(struct arena *, const char *format, va_list);
void arena_reset(struct arena *);   /* frees all but one chunk, which is reused */
void arena_free(struct arena *);    /* frees all; the arena is empty and usable */

#endif
