/* test_format.c: the core's own printing says what libc's says, of every form that it knows, with
   too little room too. */
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/format.h"
#include "tests/unit/mail_check.h"

static void PRINTF_LIKE(1, 2) same(const char *format, ...)
{
    char ours[300], theirs[300];
    static const size_t rooms[] = { 0, 1, 2, 7, sizeof ours };
    for (size_t i = 0; i < COUNT(rooms); i++) {
        va_list args, again;
        memset(ours, '#', sizeof ours);
        memset(theirs, '#', sizeof theirs);
        va_start(args, format);
        va_copy(again, args);
        size_t length = format_list(ours, rooms[i], format, args);
        int expected = vsnprintf(theirs, rooms[i], format, again);
        va_end(again);
        va_end(args);
        ck_assert_uint_eq(length, (size_t)expected);
        ck_assert_mem_eq(ours, theirs, sizeof ours);
    }
}

START_TEST(numbers_are_as_libc_writes_them)
{
    static const long long values[] = { 0, 1, -1, 9, 10, -10, 255, 4096, INT_MAX, INT_MIN,
                                        LLONG_MAX, LLONG_MIN };
    for (size_t i = 0; i < COUNT(values); i++) {
        long long n = values[i];
        same("%d|%i|%5d|%-5d|%05d|%1d", (int)n, (int)n, (int)n, (int)n, (int)n, (int)n);
        same("%u %x %X %08x", (unsigned)n, (unsigned)n, (unsigned)n, (unsigned)n);
        same("%ld %lu %lx", (long)n, (unsigned long)n, (unsigned long)n);
        same("%lld %llu %016llx %25lld %-25lld|", n, (unsigned long long)n, (unsigned long long)n,
             n, n);
        same("%zu %4zu %*d %*d", (size_t)n, (size_t)n, 6, (int)n, -6, (int)n);
    }
}
END_TEST

START_TEST(texts_are_as_libc_writes_them)
{
#ifdef ARENA_MALLOC /* the sanitizer's vsnprintf looks for the NUL all the same */
    static const char open[] = "abc";
#else
    static const char open[3] = { 'a', 'b', 'c' }; /* no NUL stands behind it */
#endif
    same("%s", "");
    same("plain, 100%% plain");
    same("%s, %10s, %-10s|", "post", "post", "post");
    same("%.*s|%.2s|%.0s|%5.2s|%-5.2s|", 3, open, open, open, open, open);
    same("%.*s", -1, "negative: the whole of it");
    same("%c%3c%-3c|", 'x', 'y', 'z');
    same("%s %d", "both", 7);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { numbers_are_as_libc_writes_them, texts_are_as_libc_writes_them };
    return run_tests("format", tests, COUNT(tests));
}
