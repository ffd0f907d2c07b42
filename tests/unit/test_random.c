/* test_random.c: the generator: fixed values, bounds, streams that do not move each other. */
#include "sim/net/random.h"
#include "tests/unit/sim_check.h"

START_TEST(values_are_for_ever)
{
    /* splitmix64's own first outputs for seed 0: its mix of 1, 2 and 3 steps. */
    ck_assert_uint_eq(random_mix(0x9e3779b97f4a7c15ull), 0xe220a8397b1dcdafull);
    ck_assert_uint_eq(random_mix(2 * 0x9e3779b97f4a7c15ull), 0x6e789e6aa1b965f4ull);
    ck_assert_uint_eq(random_mix(3 * 0x9e3779b97f4a7c15ull), 0x06c45d188009454full);
    /* FNV-1a's published test values. */
    ck_assert_uint_eq(random_hash(SLICE("")), 0xcbf29ce484222325ull);
    ck_assert_uint_eq(random_hash(SLICE("a")), 0xaf63dc4c8601ec8cull);
    ck_assert_uint_eq(random_hash(SLICE("foobar")), 0x85944171f73967e8ull);
}
END_TEST

START_TEST(draws_repeat)
{
    struct random one = random_stream(7, SLICE("laptop"), "loss");
    struct random other = random_stream(7, SLICE("laptop"), "loss");
    for (int i = 0; i < 100; i++)
        ck_assert_uint_eq(random_next(&one), random_next(&other));
    ck_assert_uint_eq(one.count, 100);
    other.count = 3; /* a draw is a function of its number alone */
    uint64_t fourth = random_next(&other);
    other.count = 3;
    ck_assert_uint_eq(random_next(&other), fourth);
}
END_TEST

START_TEST(streams_differ)
{
    struct random streams[] = {
        random_stream(7, SLICE("laptop"), "loss"), random_stream(8, SLICE("laptop"), "loss"),
        random_stream(7, SLICE("phone"), "loss"),  random_stream(7, SLICE("laptop"), "ids"),
        random_stream(7, SLICE("loss"), "laptop"), random_stream(7, SLICE(""), "laptoploss"),
    };
    uint64_t draws[COUNT(streams)];
    for (size_t i = 0; i < COUNT(streams); i++) {
        draws[i] = random_next(&streams[i]);
        for (size_t n = 0; n < i; n++)
            ck_assert_uint_ne(draws[i], draws[n]);
    }
}
END_TEST

START_TEST(below_keeps_its_bound)
{
    static const uint64_t bounds[] = {
        1, 2, 3, 10, 1000, 1ull << 32, (1ull << 63) + 1, UINT64_MAX
    };
    struct random random = random_stream(1, SLICE("x"), "below");
    for (size_t i = 0; i < COUNT(bounds); i++)
        for (int n = 0; n < 1000; n++)
            ck_assert_uint_lt(random_below(&random, bounds[i]), bounds[i]);
}
END_TEST

START_TEST(below_is_even)
{
    /* Of 60000 throws each side has 10000; five standard deviations are 456. */
    struct random random = random_stream(1, SLICE("die"), "below");
    int sides[6] = { 0 };
    for (int i = 0; i < 60000; i++)
        sides[random_below(&random, 6)]++;
    for (int i = 0; i < 6; i++) {
        ck_assert_int_gt(sides[i], 9544);
        ck_assert_int_lt(sides[i], 10456);
    }
    /* With a bound of 3/4 of 2^64 a plain modulo gives the lower third twice as often. */
    int low = 0;
    for (int i = 0; i < 30000; i++)
        low += random_below(&random, 3ull << 62) < 1ull << 62;
    ck_assert_int_gt(low, 9500);
    ck_assert_int_lt(low, 10500);
}
END_TEST

START_TEST(chance_is_a_fraction)
{
    struct random random = random_stream(1, SLICE("x"), "chance");
    int hits = 0;
    for (int i = 0; i < 20000; i++) {
        hits += random_chance(&random, 1, 20);
        ck_assert(!random_chance(&random, 0, 20));
        ck_assert(random_chance(&random, 20, 20));
    }
    ck_assert_int_gt(hits, 840);
    ck_assert_int_lt(hits, 1160);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("random");
    tcase_add_test(tests, values_are_for_ever);
    tcase_add_test(tests, draws_repeat);
    tcase_add_test(tests, streams_differ);
    tcase_add_test(tests, below_keeps_its_bound);
    tcase_add_test(tests, below_is_even);
    tcase_add_test(tests, chance_is_a_fraction);
    return run_cases("random", tests);
}
