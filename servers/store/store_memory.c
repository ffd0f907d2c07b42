/* store_memory.c: where SQLite's memory comes from: the heap of the store that it works for, so
   that a world in memory, with its pages, statements and cursors, is part of the heap's images.
   SQLite does not say for whom it asks; who calls it enters the store's heap before. */
#include "servers/store/store_private.h"

#include "base/heap.h"

#define HEAD_BYTES 16 /* before each block: its size, since SQLite asks for it */

/* NULL: SQLite knows what to do then. */
static void *head_write(void *at, int bytes)
{
    if (!at)
        return NULL;
    *(uint64_t *)at = (uint64_t)bytes;
    return (char *)at + HEAD_BYTES;
}

static void *head_of(void *at) { return (char *)at - HEAD_BYTES; }

static void *memory_take(int bytes)
{
    return head_write(heap_ask(NULL, NULL, (size_t)bytes + HEAD_BYTES), bytes);
}

static void memory_give(void *at) { heap_give(at ? head_of(at) : NULL); }

static void *memory_resize(void *at, int bytes)
{
    return head_write(heap_ask(NULL, head_of(at), (size_t)bytes + HEAD_BYTES), bytes);
}

static int memory_size(void *at) { return at ? (int)*(uint64_t *)head_of(at) : 0; }
static int memory_round(int bytes) { return (bytes + 7) & ~7; }

static int memory_begin(void *unused)
{
    (void)unused;
    return SQLITE_OK;
}

static void memory_end(void *unused) { (void)unused; }

void store_memory_prepare(void)
{
    static const sqlite3_mem_methods methods = {
        memory_take, memory_give, memory_resize, memory_size, memory_round,
        memory_begin, memory_end, NULL,
    };
    sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
}
