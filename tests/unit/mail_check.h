/* mail_check.h: what the tests of servers/mail and servers/auth share. */
#ifndef TESTS_UNIT_MAIL_CHECK_H
#define TESTS_UNIT_MAIL_CHECK_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/slice.h"

#define ck_slice(got, want)                                                              \
    do {                                                                                 \
        slice ck_got = (got), ck_want = (want);                                          \
        ck_assert_msg(slice_equal(ck_got, ck_want), "found \"%.*s\" (%zu), not \"%.*s\"", \
                      (int)ck_got.len, ck_got.len ? ck_got.at : "", ck_got.len,          \
                      (int)ck_want.len, ck_want.len ? ck_want.at : "");                  \
    } while (0)

/* The first `len` octets of s, in memory of exactly that size: reading on is seen. */
static inline slice cut_new(slice s, size_t len)
{
    char *at = malloc(len ? len : 1);
    ck_assert_ptr_nonnull(at);
    if (len)
        memcpy(at, s.at, len);
    return (slice){ at, len };
}

static inline void cut_free(slice s) { free((char *)(uintptr_t)s.at); }

/* Runs every test function of the list. */
static inline int run_tests(const char *name, const TTest *const *tests, size_t count)
{
    Suite *suite = suite_create(name);
    TCase *tcase = tcase_create(name);
    for (size_t i = 0; i < count; i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
