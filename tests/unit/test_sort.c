/* test_sort.c: what is sorted is in order, and equals stay in theirs. */
#include <stdlib.h>
#include <string.h>

#include "base/slice.h"
#include "base/sort.h"
#include "tests/unit/sim_check.h"

#define MOST 300

struct pair {
    unsigned key, place;
    char rest[5];   /* no size that a machine likes */
};

static int by_key(const void *context, const void *a, const void *b)
{
    int order = (int)((const struct pair *)a)->key - (int)((const struct pair *)b)->key;
    return *(const bool *)context ? -order : order;
}

START_TEST(equals_stay_in_their_order)
{
    static struct pair pairs[MOST], spare[MOST];
    bool down = _i % 2;
    size_t count = (size_t)_i;
    for (size_t i = 0; i < count; i++)
        pairs[i] = (struct pair){ .key = (unsigned)(i * 7919 % 13), .place = (unsigned)i };
    sort_stable(pairs, count, sizeof *pairs, spare, by_key, &down);
    for (size_t i = 1; i < count; i++) {
        int order = by_key(&down, &pairs[i - 1], &pairs[i]);
        ck_assert_msg(order < 0 || (order == 0 && pairs[i - 1].place < pairs[i].place), "%zu", i);
    }
}
END_TEST

int main(void)
{
    TCase *cases = tcase_create("sort");
    tcase_add_loop_test(cases, equals_stay_in_their_order, 0, MOST);
    return run_cases("sort", cases);
}
