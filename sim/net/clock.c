/* clock.c: the event queue, a 4-ary heap of keys. What an event does stands in a slot
   beside the heap, so that sifting moves 24 octets. A cancelled event leaves its slot at
   once and its key in the heap, until it comes to the top or half of the heap is such
   keys. See clock.h. */
#include "sim/net/clock.h"
#include "base/heap.h"
#include "base/limits.h"
#include "sim/net/random.h"

#include <string.h>

#define ORDER_BITS 40                  /* an origin's own sequence number */
#define SLOT_BITS 24                   /* of a ticket; the rest is the slot's generation */
#define SLOTS_MAX (1u << SLOT_BITS)
#define ARITY 4
#define DEAD_KEYS_MIN 64               /* fewer are not worth a rebuild */

struct key {
    uint64_t at_ns;
    uint64_t order;                    /* origin << ORDER_BITS | the origin's sequence number */
    uint64_t ticket;
};

struct slot {
    uint64_t ticket; /* generation << SLOT_BITS | index, of the event in it or the last one */
    happening *happens;                /* NULL: free */
    void *context;
    uint64_t argument;                 /* of a free slot: the next free one's index + 1 */
    enum event_class class;
};

struct clock {
    uint64_t now_ns, run;
    struct key *heap;
    size_t count, cap;                 /* count: with the dead, without the hole */
    size_t dead;                       /* keys whose event was cancelled */
    bool hole; /* heap[0] is vacant: the event that is running stood there */
    bool running;
    struct slot *slots;
    uint32_t slot_count, slot_cap;
    uint32_t free_slot;                /* index + 1; 0: none */
    uint64_t *sequences;               /* by origin */
    uint32_t origin_count;
    size_t work;                       /* pending events of class WORK */
    uint64_t instant_events;           /* run since time moved, within one call */
    uint32_t last_origin;
};

struct clock *clock_new(void)
{
    struct clock *clock = heap_take(sizeof *clock);
    return clock;
}

void clock_free(struct clock *clock)
{
    if (!clock)
        return;
    heap_give(clock->heap);
    heap_give(clock->slots);
    heap_give(clock->sequences);
    heap_give(clock);
}

uint64_t clock_ns(const struct clock *clock) { return clock->now_ns; }
uint64_t clock_events(const struct clock *clock) { return clock->run; }

/* --- the heap --------------------------------------------------------------------- */

static inline bool key_before(const struct key *one, const struct key *other)
{
    if (one->at_ns != other->at_ns)
        return one->at_ns < other->at_ns;
    must(one->order != other->order);
    return one->order < other->order;
}

static void heap_rise(struct key *heap, size_t at, struct key key)
{
    while (at > 0) {
        size_t parent = (at - 1) / ARITY;
        if (!key_before(&key, &heap[parent]))
            break;
        heap[at] = heap[parent];
        at = parent;
    }
    heap[at] = key;
}

static void heap_sink(struct key *heap, size_t count, size_t at, struct key key)
{
    for (;;) {
        size_t first = at * ARITY + 1;
        if (first >= count)
            break;
        size_t end = first + ARITY < count ? first + ARITY : count;
        size_t least = first;
        for (size_t child = first + 1; child < end; child++)
            if (key_before(&heap[child], &heap[least]))
                least = child;
        if (!key_before(&heap[least], &key))
            break;
        heap[at] = heap[least];
        at = least;
    }
    heap[at] = key;
}

/* The heap's length while the hole counts as a key. */
static size_t heap_end(const struct clock *clock)
{
    return clock->count + (clock->hole ? 1 : 0);
}

static void heap_add(struct clock *clock, struct key key)
{
    if (clock->hole) { /* most events schedule one: it takes the place of the one that runs */
        clock->hole = false;
        clock->count++;
        heap_sink(clock->heap, clock->count, 0, key);
        return;
    }
    if (clock->count == clock->cap) {
        clock->cap = clock->cap ? clock->cap * 2 : 64;
        clock->heap = heap_resize(clock->heap, clock->cap * sizeof *clock->heap);
    }
    heap_rise(clock->heap, clock->count++, key);
}

static void heap_fill_hole(struct clock *clock)
{
    if (!clock->hole)
        return;
    clock->hole = false;
    if (clock->count > 0)
        heap_sink(clock->heap, clock->count, 0, clock->heap[clock->count]);
}

/* --- the slots -------------------------------------------------------------------- */

static uint32_t slot_take(struct clock *clock)
{
    if (clock->free_slot) {
        uint32_t index = clock->free_slot - 1;
        clock->free_slot = (uint32_t)clock->slots[index].argument;
        return index;
    }
    must(clock->slot_count < SLOTS_MAX);
    if (clock->slot_count == clock->slot_cap) {
        clock->slot_cap = clock->slot_cap ? clock->slot_cap * 2 : 64;
        clock->slots = heap_resize(clock->slots, clock->slot_cap * sizeof *clock->slots);
    }
    clock->slots[clock->slot_count].ticket = clock->slot_count;
    return clock->slot_count++;
}

static void slot_give(struct clock *clock, struct slot *slot)
{
    if (slot->class == WORK)
        clock->work--;
    slot->happens = NULL;
    slot->argument = clock->free_slot;
    clock->free_slot = (uint32_t)(slot - clock->slots) + 1;
}

/* The slot of an event that is still to come, or NULL. */
static struct slot *slot_of(const struct clock *clock, uint64_t ticket)
{
    uint64_t index = ticket & (SLOTS_MAX - 1);
    if (ticket == 0 || index >= clock->slot_count)
        return NULL;
    struct slot *slot = &clock->slots[index];
    return slot->happens && slot->ticket == ticket ? slot : NULL;
}

/* --- scheduling ------------------------------------------------------------------- */

static uint64_t origin_next(struct clock *clock, uint32_t origin)
{
    if (origin >= clock->origin_count) {
        must(origin < 1u << (64 - ORDER_BITS));
        uint32_t count =
            origin + 1 > clock->origin_count * 2 ? origin + 1 : clock->origin_count * 2;
        clock->sequences = heap_resize(clock->sequences, count * sizeof *clock->sequences);
        memset(clock->sequences + clock->origin_count, 0,
               (count - clock->origin_count) * sizeof *clock->sequences);
        clock->origin_count = count;
    }
    uint64_t sequence = clock->sequences[origin]++;
    must(sequence < 1ull << ORDER_BITS);
    return (uint64_t)origin << ORDER_BITS | sequence;
}

uint64_t clock_at(struct clock *clock, uint32_t origin, uint64_t at_ns, enum event_class class,
                  happening *happens, void *context, uint64_t argument)
{
    must(at_ns >= clock->now_ns);
    must(happens != NULL);
    uint64_t order = origin_next(clock, origin);
    uint32_t index = slot_take(clock);
    struct slot *slot = &clock->slots[index];
    uint64_t ticket = slot->ticket + SLOTS_MAX; /* generations start at 1: no ticket is 0 */
    *slot = (struct slot){ ticket, happens, context, argument, class };
    if (class == WORK)
        clock->work++;
    heap_add(clock, (struct key){ at_ns, order, ticket });
    return ticket;
}

/* Puts the heap together again without the keys of cancelled events. */
static void heap_rebuild(struct clock *clock)
{
    heap_fill_hole(clock);
    size_t kept = 0;
    for (size_t i = 0; i < clock->count; i++)
        if (slot_of(clock, clock->heap[i].ticket))
            clock->heap[kept++] = clock->heap[i];
    clock->count = kept;
    clock->dead = 0;
    if (kept < 2)
        return;
    for (size_t i = (kept - 2) / ARITY + 1; i-- > 0;)
        heap_sink(clock->heap, kept, i, clock->heap[i]);
}

void clock_cancel(struct clock *clock, uint64_t ticket)
{
    struct slot *slot = slot_of(clock, ticket);
    if (!slot)
        return;
    slot_give(clock, slot);
    clock->dead++;
    if (clock->dead >= DEAD_KEYS_MIN && clock->dead > clock->count / 2)
        heap_rebuild(clock);
}

/* --- running ---------------------------------------------------------------------- */

/* The next event that was not cancelled; false: none. */
static bool clock_peek(struct clock *clock, struct slot **slot)
{
    heap_fill_hole(clock);
    while (clock->count > 0) {
        *slot = slot_of(clock, clock->heap[0].ticket);
        if (*slot)
            return true;
        clock->dead--;
        clock->count--;
        clock->hole = true;
        heap_fill_hole(clock);
    }
    return false;
}

static uint64_t *allowed; /* outside of every heap: it is not set back */

static void clock_run(struct clock *clock, struct slot *slot)
{
    struct slot event = *slot;
    const struct key *key = &clock->heap[0];
    must(!clock->running); /* an event must not run other events */
    must(key->at_ns >= clock->now_ns);
    if (key->at_ns > clock->now_ns)
        clock->instant_events = 0;
    clock->instant_events++;
    clock->last_origin = (uint32_t)(key->order >> ORDER_BITS);
    clock->now_ns = key->at_ns;
    clock->run++;
    slot_give(clock, slot);
    clock->count--;
    clock->hole = true;
    clock->running = true;
    event.happens(event.context, event.argument);
    clock->running = false;
    if (allowed && *allowed)
        --*allowed;
}

bool clock_step(struct clock *clock)
{
    struct slot *slot;
    if (!clock_peek(clock, &slot))
        return false;
    clock_run(clock, slot);
    return true;
}

void clock_allow(uint64_t *events) { allowed = events; }

static bool clock_loops(const struct clock *clock, struct error *why)
{
    if (allowed && !*allowed) {
        error_set(why, "this takes more events than are allowed here");
        return true;
    }
    if (clock->instant_events <= EVENTS_PER_INSTANT_MAX)
        return false;
    error_set(why, "more than %d events at %llu ns without time moving; the last was host %u's: "
              "two programs answer each other for ever", EVENTS_PER_INSTANT_MAX,
              (unsigned long long)clock->now_ns, (unsigned)clock->last_origin);
    return true;
}

bool clock_settle(struct clock *clock, struct error *why)
{
    struct slot *slot;
    clock->instant_events = 0;
    while (clock->work > 0 && clock_peek(clock, &slot)) {
        clock_run(clock, slot);
        if (clock_loops(clock, why))
            return false;
    }
    return true;
}

bool clock_run_due(struct clock *clock, uint64_t at_ns, struct error *why)
{
    struct slot *slot;
    must(at_ns >= clock->now_ns);
    clock->instant_events = 0;
    while (clock_peek(clock, &slot) && clock->heap[0].at_ns <= at_ns) {
        clock_run(clock, slot);
        if (clock_loops(clock, why))
            return false;
    }
    clock->now_ns = at_ns;
    return true;
}

bool clock_run_until(struct clock *clock, uint64_t at_ns, struct error *why)
{
    return clock_run_due(clock, at_ns, why) && clock_settle(clock, why);
}

/* --- looking at what is pending --------------------------------------------------- */

bool clock_next(struct clock *clock, uint64_t *at_ns)
{
    struct slot *slot;
    must(!clock->running);
    if (!clock_peek(clock, &slot))
        return false;
    *at_ns = clock->heap[0].at_ns;
    return true;
}

uint64_t clock_digest(const struct clock *clock)
{
    uint64_t sum = 0; /* a sum, since the heap's order is not the events' */
    for (size_t i = clock->hole ? 1 : 0; i < heap_end(clock); i++) {
        const struct key *key = &clock->heap[i];
        const struct slot *slot = slot_of(clock, key->ticket);
        if (slot)
            sum += random_mix(random_mix(random_mix(key->at_ns + 1) ^ key->order) +
                              (uint64_t)slot->class + 1);
    }
    return sum;
}

void clock_set(struct clock *clock, uint64_t now_ns)
{
    must(clock->count == clock->dead);
    clock->now_ns = now_ns;
}
