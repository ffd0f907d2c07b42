/* sim_check.h: what the tests of sim/'s core share: running their cases, comparing texts. */
#ifndef TESTS_UNIT_SIM_CHECK_H
#define TESTS_UNIT_SIM_CHECK_H

#include <check.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/slice.h"

#define ck_slice(got, want)                                                                        \
    do {                                                                                           \
        slice got_ = (got), want_ = (want);                                                        \
        if (!slice_equal(got_, want_))                                                             \
            ck_abort_msg("got \"%.*s\", not \"%.*s\"", SLICE_ARG(got_), SLICE_ARG(want_));         \
    } while (0)

static inline int run_cases(const char *name, TCase *cases)
{
    Suite *suite = suite_create(name);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
