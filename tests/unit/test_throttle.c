/* test_throttle.c: how long guessers wait, and who is remembered. */
#include <stdio.h>

#include "servers/auth/throttle.h"
#include "tests/unit/mail_check.h"

START_TEST(delays)
{
    static const uint32_t wanted[] = { 0, 0, 0, 1000, 2000, 4000, 8000, 16000, 16000, 16000 };
    for (uint32_t i = 0; i < COUNT(wanted); i++)
        ck_assert_uint_eq(throttle_delay_ms(i), wanted[i]);
    ck_assert_uint_eq(throttle_delay_ms(UINT32_MAX), THROTTLE_LONGEST_MS);
}
END_TEST

START_TEST(addresses)
{
    static struct throttle throttle;
    ck_assert_uint_eq(throttle_failed(&throttle, SLICE("192.0.2.1"), 1000), 1);
    ck_assert_uint_eq(throttle_failed(&throttle, SLICE("192.0.2.1"), 2000), 2);
    ck_assert_uint_eq(throttle_failed(&throttle, SLICE("192.0.2.10"), 2000), 1);
    ck_assert_uint_eq(throttle_failed(&throttle, SLICE("192.0.2.1"), 2000 + THROTTLE_FORGET_MS), 3);
    ck_assert_uint_eq(throttle_failed(&throttle, SLICE("192.0.2.1"), 2001 + 2 * THROTTLE_FORGET_MS),
                      1);
}
END_TEST

START_TEST(a_login_is_the_end_of_it)
{
    static struct throttle throttle;
    throttle_failed(&throttle, SLICE("127.0.0.1"), 1000);
    throttle_failed(&throttle, SLICE("127.0.0.1"), 1001);
    throttle_failed(&throttle, SLICE("127.0.0.10"), 1002);
    throttle_succeeded(&throttle, SLICE("127.0.0.1"));
    throttle_succeeded(&throttle, SLICE("127.0.0.2"));
    ck_assert_uint_eq(throttle_failed(&throttle, SLICE("127.0.0.1"), 1003), 1);
    ck_assert_uint_eq(throttle_failed(&throttle, SLICE("127.0.0.10"), 1004), 2);
}
END_TEST

/* The one that failed longest ago makes room, the others stay. */
START_TEST(room)
{
    static struct throttle throttle;
    char name[32];
    for (uint32_t i = 0; i <= THROTTLE_ADDRESSES_MAX; i++) {
        snprintf(name, sizeof name, "192.0.2.%u", i);
        ck_assert_uint_eq(throttle_failed(&throttle, slice_of(name), 1000 + i), 1);
    }
    ck_assert_uint_eq(throttle_failed(&throttle, SLICE("192.0.2.1"), 2000), 2);
    ck_assert_uint_eq(throttle_failed(&throttle, SLICE("192.0.2.0"), 2000), 1);
    for (uint32_t i = 0; i < 3; i++) { /* longer than any address: cut, not written past the end */
        char text[500];
        memset(text, 'x', sizeof text);
        ck_assert_uint_eq(throttle_failed(&throttle, (slice){ text, sizeof text }, 3000), i + 1);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { delays, addresses, a_login_is_the_end_of_it, room };
    return run_tests("throttle", tests, COUNT(tests));
}
