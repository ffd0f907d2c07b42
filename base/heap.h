/* heap.h: memory that can be set back. What belongs to one world is taken from one heap, so
   that a moment of the world is an image of the heap: everything in it, at its addresses.
   A heap keeps one such image, its *base*: heap_mark makes the present the base and gives the
   difference to the base before, heap_revert makes the base the present, heap_apply goes over
   a difference, in either direction. Nothing outside may point into a heap that is set back,
   but for what was there in both images.

   Where memory comes from is decided by who owns it: what hangs on something in a heap (a buf,
   an arena) lives in the same heap, found by address; what hangs on the stack or on a front
   end's structure does not. An object of its own lives in the heap that was entered last.
   With none entered all of this is malloc and free.
   In sanitizer builds (ARENA_MALLOC) every block is its own malloc, so that an overflow from one
   into the next is seen: heap_new gives NULL there, and nothing can be set back.
   Running out of memory (spare.h) ends the program, but where one asked. */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct heap;

bool heap_is_possible(void);                 /* has this build heaps that can be set back? */
struct heap *heap_new(void);                 /* NULL: this build has none */
void heap_free(struct heap *);               /* with all that is in it; NULL is allowed */
/* From here on objects live there; NULL: in none. Returns the one before, to be entered again. */
struct heap *heap_enter(struct heap *);
struct heap *heap_of(const void *);          /* NULL: it lies in none */

void *heap_take(size_t bytes);               /* zeroed; from the heap that was entered */
void *heap_take_bare(size_t bytes);           /* the same, not zeroed */
void *heap_take_near(const void *near, size_t bytes); /* zeroed; where `near` lies */
/* NULL: heap_take. Stays in its heap. The new part is not zeroed. */
void *heap_resize(void *, size_t bytes);
void *heap_resize_near(const void *near, void *, size_t bytes); /* NULL: where `near` lies */
/* Like the two, but NULL when there is no memory outside of heaps; near NULL: the heap that was
   entered. */
void *heap_ask(const void *near, void *, size_t bytes);
void heap_give(void *);                      /* NULL is allowed */

/* --- setting back ------------------------------------------------------------------------ */

struct delta;                                /* what differs between two images */

struct delta *heap_mark(struct heap *);      /* the caller's, until delta_free */
void heap_revert(struct heap *);
/* From one of its two images to the other; base and present are the one, then the other. */
void heap_apply(struct heap *, const struct delta *);
uint64_t heap_bytes(const struct heap *);    /* in use at most so far: what an image is */
size_t delta_bytes(const struct delta *);
void delta_free(struct delta *);             /* NULL is allowed */

#endif
