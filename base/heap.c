/* heap.c: see heap.h. A heap is a row of extents from malloc, each with a second one as large
   that holds the base. Blocks are of some 300 sizes, a list of free ones for each, never joined:
   worlds ask for the same sizes again and again. All book-keeping that an image must hold lies
   at the beginning of the first extent; what lies outside only grows. */
#include "base/heap.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/spare.h"

#define ALIGN 16u
#define SMALL_MAX 1024u        /* up to here a size every 16 octets */
#define SMALL_SIZES (SMALL_MAX / ALIGN)
#define STEPS 8u               /* beyond: eight sizes for each doubling */
#define DOUBLINGS 30u          /* to 2^40 octets */
#define SIZES (SMALL_SIZES + 1 + STEPS * DOUBLINGS)
#define EXTENT_BYTES (1u << 20)
#define EXTENTS_MAX 4096

struct block {
    uint64_t size;             /* its number, and behind it: */
    uint64_t bytes;            /* what it holds at most */
};

/* At the beginning of the first extent. */
struct inside {
    size_t extent, at;         /* where the next new block begins */
    void *given[SIZES];        /* free blocks; each begins with the next one's address */
};

struct extent {
    char *now, *base;
    size_t bytes, used;        /* used: ever; what lies beyond is not zero yet */
};

struct heap {
    struct inside *inside;
    struct extent extents[EXTENTS_MAX];
    size_t count;
    struct heap *older;        /* all heaps of the program */
};

static struct heap *heaps, *entered;

/* --- which heap --------------------------------------------------------------------------- */

static bool extent_holds(const struct extent *extent, const void *at)
{
    uintptr_t from = (uintptr_t)extent->now, address = (uintptr_t)at;
    return address >= from && address - from < extent->bytes;
}

struct heap *heap_of(const void *at)
{
    for (struct heap *heap = heaps; heap; heap = heap->older)
        for (size_t i = heap->count; i > 0; i--)
            if (extent_holds(&heap->extents[i - 1], at))
                return heap;
    return NULL;
}

struct heap *heap_enter(struct heap *heap)
{
    struct heap *before = entered;
    entered = heap;
    return before;
}

/* --- beginning and ending ------------------------------------------------------------------ */

static void extent_add(struct heap *heap, size_t least)
{
    must(heap->count < EXTENTS_MAX);
    size_t bytes = EXTENT_BYTES << (heap->count < 5 ? heap->count : 5);
    while (bytes < least)
        bytes *= 2;
    struct extent *extent = &heap->extents[heap->count++];
    extent->now = spare_resize(NULL, bytes);
    extent->base = spare_resize(NULL, bytes);
    must(extent->now != NULL && extent->base != NULL);
    extent->bytes = bytes;
}

/* Up to there it is used. Only now is it made zero: a megabyte that nobody uses costs nothing, not
   even where memory is never given out as zero. */
static void extent_use(struct extent *extent, size_t end)
{
    if (extent->used >= end)
        return;
    memset(extent->now + extent->used, 0, end - extent->used);
    memset(extent->base + extent->used, 0, end - extent->used);
    extent->used = end;
}

bool heap_is_possible(void)
{
#ifdef ARENA_MALLOC
    return false;
#else
    return true;
#endif
}

struct heap *heap_new(void)
{
#ifdef ARENA_MALLOC
    return NULL;
#else
    struct heap *heap = spare_take(sizeof *heap);
    must(heap != NULL);
    extent_add(heap, EXTENT_BYTES);
    heap->inside = (struct inside *)(void *)heap->extents[0].now;
    size_t begins = (sizeof *heap->inside + ALIGN - 1) / ALIGN * ALIGN;
    extent_use(&heap->extents[0], begins);
    heap->inside->at = begins;
    heap->older = heaps;
    heaps = heap;
    return heap;
#endif
}

void heap_free(struct heap *heap)
{
    if (!heap)
        return;
    struct heap **link = &heaps;
    while (*link != heap)
        link = &(*link)->older;
    *link = heap->older;
    if (entered == heap)
        entered = NULL;
    for (size_t i = 0; i < heap->count; i++) {
        free(heap->extents[i].now);
        free(heap->extents[i].base);
    }
    free(heap);
}

uint64_t heap_bytes(const struct heap *heap)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < heap->count; i++)
        bytes += heap->extents[i].used;
    return bytes;
}

/* --- blocks --------------------------------------------------------------------------------- */

/* The number of the size that holds so many octets, and how many it holds. */
static size_t size_number(size_t bytes, size_t *holds)
{
    must((uint64_t)bytes < (uint64_t)1 << 40 && bytes <= SIZE_MAX / 2);
    if (bytes <= SMALL_MAX) {
        size_t number = bytes ? (bytes + ALIGN - 1) / ALIGN : 1;
        *holds = number * ALIGN;
        return number;
    }
    size_t doubling = 0;
    while (bytes > (size_t)SMALL_MAX << (doubling + 1))
        doubling++;
    size_t from = (size_t)SMALL_MAX << doubling, step = from / STEPS;
    size_t steps = (bytes - from + step - 1) / step; /* 1 to STEPS */
    *holds = from + steps * step;
    return SMALL_SIZES + doubling * STEPS + steps;
}

static void *block_new(struct heap *heap, size_t number, size_t holds)
{
    struct inside *inside = heap->inside;
    size_t need = sizeof(struct block) + holds;
    while (heap->extents[inside->extent].bytes - inside->at < need) {
        if (inside->extent + 1 == heap->count)
            extent_add(heap, need);
        inside->extent++;
        inside->at = 0;
    }
    struct extent *extent = &heap->extents[inside->extent];
    struct block *block = (struct block *)(void *)(extent->now + inside->at);
    inside->at += need;
    extent_use(extent, inside->at);
    *block = (struct block){ number, holds };
    return block + 1;
}

static void *take_from(struct heap *heap, size_t bytes)
{
    size_t holds, number = size_number(bytes, &holds);
    void *at = heap->inside->given[number];
    if (!at)
        return block_new(heap, number, holds);
    memcpy(&heap->inside->given[number], at, sizeof(void *));
    return at;
}

static struct block *block_of(void *at)
{
    return (struct block *)at - 1;
}

static void give_to(struct heap *heap, void *at)
{
    struct block *block = block_of(at);
    must(block->size < SIZES);
    memcpy(at, &heap->inside->given[block->size], sizeof(void *));
    heap->inside->given[block->size] = at;
}

static void *resize_in(struct heap *heap, void *at, size_t bytes)
{
    if (!heap) {
        at = spare_resize(at, bytes);
        must(at != NULL);
        return at;
    }
    size_t holds = (size_t)block_of(at)->bytes;
    if (bytes <= holds)
        return at;
    void *larger = memcpy(take_from(heap, bytes), at, holds);
    give_to(heap, at);
    return larger;
}

static void *take_in(struct heap *heap, size_t bytes)
{
    void *at = heap ? take_from(heap, bytes) : spare_take(bytes);
    must(at != NULL);
    return heap ? memset(at, 0, bytes) : at;
}

void *heap_take(size_t bytes) { return take_in(entered, bytes); }
void *heap_take_bare(size_t bytes)
{
    return entered ? take_from(entered, bytes) : resize_in(NULL, NULL, bytes);
}

void *heap_take_near(const void *near, size_t bytes) { return take_in(heap_of(near), bytes); }

void *heap_resize(void *at, size_t bytes)
{
    return at ? resize_in(heap_of(at), at, bytes) : heap_take(bytes);
}

void *heap_resize_near(const void *near, void *at, size_t bytes)
{
    struct heap *heap = heap_of(at ? at : near);
    return heap && !at ? take_from(heap, bytes) : resize_in(heap, at, bytes);
}

void *heap_ask(const void *near, void *at, size_t bytes)
{
    struct heap *heap = at || near ? heap_of(at ? at : near) : entered;
    if (!heap)
        return spare_resize(at, bytes);
    return at ? resize_in(heap, at, bytes) : take_from(heap, bytes);
}

void heap_give(void *at)
{
    struct heap *heap = at ? heap_of(at) : NULL;
    if (heap)
        give_to(heap, at);
    else
        free(at);
}

/* --- images --------------------------------------------------------------------------------- */

#define PAGE 4096u             /* looked at in one go */
#define GAP 16u                /* equal octets that end a run: a run's head costs as much */
#define FIRST_BYTES 4096u

/* A run of octets that differ, as they lie in the delta: its octets (the one exclusive-or the
   other) follow, filled up to eight. */
struct run {
    uint32_t extent, bytes;
    uint64_t at;
};

struct delta {
    char *runs;
    size_t bytes, cap;
};

static void delta_add(struct delta *delta, const struct extent *extent, struct run run)
{
    size_t need = sizeof run + run.bytes;
    if (delta->cap - delta->bytes < need) {
        while (delta->cap - delta->bytes < need)
            delta->cap = delta->cap ? delta->cap * 2 : FIRST_BYTES;
        delta->runs = spare_resize(delta->runs, delta->cap);
        must(delta->runs != NULL);
    }
    memcpy(delta->runs + delta->bytes, &run, sizeof run);
    uint64_t *out = (uint64_t *)(void *)(delta->runs + delta->bytes + sizeof run);
    const uint64_t *now = (const uint64_t *)(const void *)(extent->now + run.at);
    const uint64_t *base = (const uint64_t *)(const void *)(extent->base + run.at);
    for (size_t i = 0; i < run.bytes / sizeof *out; i++)
        out[i] = now[i] ^ base[i];
    delta->bytes += need;
}

/* The runs of one page that differs somewhere; all is read in words of eight octets. */
static void page_compare(struct delta *delta, const struct extent *extent, uint32_t number,
                         size_t from, size_t bytes)
{
    const uint64_t *now = (const uint64_t *)(const void *)(extent->now + from);
    const uint64_t *base = (const uint64_t *)(const void *)(extent->base + from);
    size_t words = bytes / sizeof *now;
    for (size_t i = 0; i < words; i++) {
        if (now[i] == base[i])
            continue;
        size_t end = i + 1, equal = 0;
        for (size_t j = end; j < words && equal * sizeof *now < GAP; j++) {
            equal = now[j] == base[j] ? equal + 1 : 0;
            if (!equal)
                end = j + 1;
        }
        delta_add(delta, extent, (struct run){ number, (uint32_t)((end - i) * sizeof *now),
                                               from + i * sizeof *now });
        i = end;
    }
}

/* Each page that is not as it was, with its octets (a multiple of eight). */
#define EACH_CHANGED_PAGE(heap, number, extent, at, len)                                       \
    for (size_t number = 0; number < (heap)->count; number++)                                  \
        for (struct extent *extent = &(heap)->extents[number]; extent; extent = NULL)          \
            for (size_t at = 0, len; at < extent->used &&                                      \
                 (len = extent->used - at < PAGE ? extent->used - at : PAGE, true); at += len) \
                if (memcmp(extent->now + at, extent->base + at, len) != 0)

struct delta *heap_mark(struct heap *heap)
{
    struct delta *delta = spare_take(sizeof *delta);
    must(delta != NULL);
    EACH_CHANGED_PAGE(heap, number, extent, at, len)
    {
        page_compare(delta, extent, (uint32_t)number, at, len);
        memcpy(extent->base + at, extent->now + at, len);
    }
    if (delta->bytes) {
        delta->runs = spare_resize(delta->runs, delta->bytes);
        must(delta->runs != NULL);
        delta->cap = delta->bytes;
    }
    return delta;
}

void heap_revert(struct heap *heap)
{
    EACH_CHANGED_PAGE(heap, number, extent, at, len)
        memcpy(extent->now + at, extent->base + at, len);
}

void heap_apply(struct heap *heap, const struct delta *delta)
{
    for (size_t at = 0; at < delta->bytes;) {
        struct run run;
        memcpy(&run, delta->runs + at, sizeof run);
        const uint64_t *differs = (const uint64_t *)(const void *)(delta->runs + at + sizeof run);
        uint64_t *now = (uint64_t *)(void *)(heap->extents[run.extent].now + run.at);
        uint64_t *base = (uint64_t *)(void *)(heap->extents[run.extent].base + run.at);
        for (size_t i = 0; i < run.bytes / sizeof *now; i++)
            base[i] = now[i] ^= differs[i];
        at += sizeof run + run.bytes;
    }
}

size_t delta_bytes(const struct delta *delta) { return delta->bytes; }

void delta_free(struct delta *delta)
{
    if (delta)
        free(delta->runs);
    free(delta);
}
