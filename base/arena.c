/* arena.c: see arena.h. */
#include "base/arena.h"

#include <stdint.h>
#include <string.h>

#include "base/format.h"
#include "base/heap.h"

#define FIRST_CHUNK 512
#define LARGEST_CHUNK 65536
#define ALIGN 16

struct arena_chunk {
    struct arena_chunk *next;
    size_t used, size;
    max_align_t bytes[];
};

static struct arena_chunk *chunk_new(const void *near, size_t size)
{
    struct arena_chunk *chunk = heap_resize_near(near, NULL, sizeof *chunk + size);
    chunk->next = NULL;
    chunk->used = 0;
    chunk->size = size;
    return chunk;
}

static size_t chunk_size(struct arena *arena, size_t bytes)
{
#ifdef ARENA_MALLOC
    (void)arena;
    return bytes;
#else
    if (arena->chunk_bytes == 0)
        arena->chunk_bytes = FIRST_CHUNK;
    size_t size = arena->chunk_bytes;
    if (arena->chunk_bytes < LARGEST_CHUNK)
        arena->chunk_bytes *= 2;
    return bytes > size ? bytes : size;
#endif
}

static void *take_near(struct arena *arena, const void *near, size_t bytes)
{
    must(bytes < SIZE_MAX / 2);
#ifndef ARENA_MALLOC
    bytes = (bytes + ALIGN - 1) / ALIGN * ALIGN;
#endif
    struct arena_chunk *chunk = arena->chunks;
    if (!chunk || chunk->size - chunk->used < bytes || bytes == 0) {
        chunk = chunk_new(near, chunk_size(arena, bytes ? bytes : 1));
        chunk->next = arena->chunks;
        arena->chunks = chunk;
    }
    char *at = (char *)chunk->bytes + chunk->used;
    chunk->used += bytes;
    return at;
}

static const void *place_of(const struct arena *arena)
{
    return arena->chunks ? (const void *)arena->chunks : arena;
}

/* An arena that was copied to another place goes on where its chunks are. */
void *arena_take(struct arena *arena, size_t bytes)
{
    return memset(take_near(arena, place_of(arena), bytes), 0, bytes);
}

void *arena_begin(struct arena *arena, const void *near, size_t bytes)
{
    must(!arena->chunks);
    return memset(take_near(arena, near, bytes), 0, bytes);
}

void *arena_take_bare_array(struct arena *arena, size_t count, size_t bytes_each)
{
    must(bytes_each == 0 || count <= SIZE_MAX / 4 / bytes_each);
    return take_near(arena, place_of(arena), count * bytes_each);
}

void *arena_take_array(struct arena *arena, size_t count, size_t bytes_each)
{
    return memset(arena_take_bare_array(arena, count, bytes_each), 0, count * bytes_each);
}

slice arena_copy(struct arena *arena, slice s)
{
    char *at = take_near(arena, place_of(arena), s.len + 1);
    if (s.len)
        memcpy(at, s.at, s.len);
    at[s.len] = '\0';
    return (slice){ at, s.len };
}

slice arena_format_list(struct arena *arena, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    size_t length = format_list(NULL, 0, format, args);
    char *at = arena_take(arena, length + 1);
    format_list(at, length + 1, format, again);
    va_end(again);
    return (slice){ at, length };
}

slice arena_format(struct arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    slice text = arena_format_list(arena, format, args);
    va_end(args);
    return text;
}

void arena_reset(struct arena *arena)
{
#ifdef ARENA_MALLOC
    arena_free(arena);
#else
    struct arena_chunk *kept = arena->chunks;
    if (!kept)
        return;
    for (struct arena_chunk *chunk = kept->next, *next; chunk; chunk = next) {
        next = chunk->next;
        heap_give(chunk);
    }
    kept->next = NULL;
    if (kept->size > LARGEST_CHUNK) { /* one huge event must not be remembered for ever */
        arena_free(arena);
        return;
    }
    kept->used = 0;
#endif
}

void arena_free(struct arena *arena)
{
    for (struct arena_chunk *chunk = arena->chunks, *next; chunk; chunk = next) {
        next = chunk->next;
        heap_give(chunk);
    }
    *arena = (struct arena){ 0 };
}
