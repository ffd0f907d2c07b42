/* imap_set.c: sequence sets, as ranges that are never expanded. */
#include "servers/imap/imap_parse.h"

/* --- reading ------------------------------------------------------------------------------ */

static bool parse_set_number(struct imap_cursor *cursor, uint32_t *number)
{
    *number = IMAP_STAR;
    if (take_char(&cursor->rest, '*'))
        return true;
    if (!cursor->rest.len || !is_digit((unsigned char)cursor->rest.at[0]))
        return imap_wrong(cursor, "a message set is numbers, as in 1,3:5,7:*");
    return imap_parse_nz_number(cursor, number);
}

static bool parse_range(struct imap_cursor *cursor, struct imap_range *range)
{
    if (!parse_set_number(cursor, &range->first))
        return false;
    range->last = range->first;
    if (take_char(&cursor->rest, ':') && !parse_set_number(cursor, &range->last))
        return false;
    if (range->last != IMAP_STAR && range->first > range->last) {
        uint32_t first = range->last;
        range->last = range->first;
        range->first = first;
    }
    return true;
}

/* Numbers that come in order, as nearly all do, are merged at once. */
static bool range_joins(struct imap_range *last, struct imap_range range)
{
    if (last->first == IMAP_STAR || last->last == IMAP_STAR || range.first == IMAP_STAR ||
        range.last == IMAP_STAR || range.first < last->first)
        return false;
    if (last->last != UINT32_MAX && range.first > last->last + 1)
        return false;
    if (range.last > last->last)
        last->last = range.last;
    return true;
}

struct set_maker {
    struct imap_set *set;
    size_t cap;
};

static bool set_add(struct imap_cursor *cursor, struct set_maker *maker, struct imap_range range)
{
    struct imap_set *set = maker->set;
    if (set->count && range_joins(&set->ranges[set->count - 1], range))
        return true;
    if (set->count == SEQUENCE_RANGES_MAX)
        return imap_wrong(cursor, "too many ranges in one message set");
    if (set->count == maker->cap) {
        maker->cap = maker->cap ? maker->cap * 4 : 4;
        struct imap_range *larger = arena_take_array(cursor->arena, maker->cap, sizeof *larger);
        for (size_t i = 0; i < set->count; i++)
            larger[i] = set->ranges[i];
        set->ranges = larger;
    }
    set->ranges[set->count++] = range;
    return true;
}

bool imap_parse_set(struct imap_cursor *cursor, struct imap_set *set)
{
    struct set_maker maker = { set, 0 };
    *set = (struct imap_set){ NULL, 0 };
    do {
        struct imap_range range;
        if (!parse_range(cursor, &range) || !set_add(cursor, &maker, range))
            return false;
    } while (take_char(&cursor->rest, ','));
    return true;
}

/* --- resolving ---------------------------------------------------------------------------- */

static void merge_halves(const struct imap_range *from, struct imap_range *to, size_t low,
                         size_t middle, size_t high)
{
    size_t left = low, right = middle;
    for (size_t i = low; i < high; i++) {
        bool take_left = left < middle && (right >= high || from[left].first <= from[right].first);
        to[i] = take_left ? from[left++] : from[right++];
    }
}

/* Bottom-up merge sort; the result is in one of the two arrays. */
static struct imap_range *ranges_sort(struct imap_range *ranges, struct imap_range *spare,
                                      size_t count)
{
    for (size_t width = 1; width < count; width *= 2) {
        for (size_t low = 0; low < count; low += 2 * width) {
            size_t middle = low + width < count ? low + width : count;
            size_t high = low + 2 * width < count ? low + 2 * width : count;
            merge_halves(ranges, spare, low, middle, high);
        }
        struct imap_range *sorted = spare;
        spare = ranges;
        ranges = sorted;
    }
    return ranges;
}

static struct imap_range range_without_star(struct imap_range range, uint32_t star)
{
    uint32_t first = range.first == IMAP_STAR ? star : range.first;
    uint32_t last = range.last == IMAP_STAR ? star : range.last;
    return first <= last ? (struct imap_range){ first, last } : (struct imap_range){ last, first };
}

struct imap_set imap_set_resolve(struct arena *arena, const struct imap_set *set, uint32_t star)
{
    struct imap_range *ranges = arena_take_array(arena, set->count, sizeof *ranges);
    struct imap_range *spare = arena_take_array(arena, set->count, sizeof *spare);
    size_t count = 0;
    for (size_t i = 0; i < set->count; i++) {
        struct imap_range range = set->ranges[i];
        if (star == 0 && (range.first == IMAP_STAR || range.last == IMAP_STAR))
            continue;
        ranges[count++] = range_without_star(range, star);
    }
    struct imap_set resolved = { ranges_sort(ranges, spare, count), 0 };
    for (size_t i = 0; i < count; i++) {
        struct imap_range range = resolved.ranges[i];
        if (!resolved.count || !range_joins(&resolved.ranges[resolved.count - 1], range))
            resolved.ranges[resolved.count++] = range;
    }
    return resolved;
}

bool imap_set_has(const struct imap_set *set, uint32_t number)
{
    size_t low = 0, high = set->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (set->ranges[middle].last < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low < set->count && set->ranges[low].first <= number;
}

uint32_t imap_set_largest(const struct imap_set *set)
{
    return set->count ? set->ranges[set->count - 1].last : 0;
}
