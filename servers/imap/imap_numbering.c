/* imap_numbering.c: see imap_numbering.h. Tables with open addressing. One that is full stays, and
   a larger one comes beside it: nothing is ever moved, so no text takes longer than others. */
#include "servers/imap/imap_numbering.h"

#include "base/siphash.h"

#define FIRST_PLACES 64u

struct numbering_table {
    struct numbering_table *older;
    uint32_t *places;        /* numbers; 0: free */
    struct siphash *hashes;     /* of the numbers from `first` on */
    uint32_t mask, first, count, cap;
};

/* Where it stands, or could. */
static uint32_t *place_of(const struct numbering_table *table, struct siphash hash)
{
    uint32_t at = (uint32_t)hash.low & table->mask;
    for (; table->places[at]; at = (at + 1) & table->mask) {
        struct siphash there = table->hashes[table->places[at] - table->first];
        if (there.low == hash.low && there.high == hash.high)
            break;
    }
    return &table->places[at];
}

static void table_add(struct arena *arena, struct numbering *numbering)
{
    struct numbering_table *table = arena_take(arena, sizeof *table);
    uint32_t places = numbering->tables ? (numbering->tables->mask + 1) * 2 : FIRST_PLACES;
    while (places / 4 * 3 < numbering->expected && !numbering->tables)
        places *= 2;
    *table = (struct numbering_table){ .older = numbering->tables, .mask = places - 1,
                                       .first = numbering->count + 1, .cap = places / 4 * 3 };
    table->places = arena_take_array(arena, places, sizeof *table->places);
    table->hashes = arena_take_bare_array(arena, table->cap, sizeof *table->hashes);
    numbering->tables = table;
    numbering->bytes += places * sizeof *table->places;
}

uint32_t numbering_of(struct arena *arena, struct numbering *numbering, slice text)
{
    struct siphash hash = siphash(numbering->secret, 0, text);
    for (const struct numbering_table *table = numbering->tables; table; table = table->older)
        if (*place_of(table, hash))
            return *place_of(table, hash);
    if (!numbering->tables || numbering->tables->count == numbering->tables->cap)
        table_add(arena, numbering);
    struct numbering_table *newest = numbering->tables;
    newest->hashes[newest->count++] = hash;
    numbering->bytes += sizeof hash;
    return *place_of(newest, hash) = ++numbering->count;
}
