/* test_mbox.c: messages in one file: RFC 4155's example and what programs write. */
#include "servers/mail/mbox.h"

#include "tests/unit/mail_check.h"

/* The file, and the messages in it, "|" between. */
static const struct {
    const char *text, *messages;
} cases[] = {
    { "From a@b Mon Jan  5 09:00:00 2026\nSubject: x\n\nhi\n\n", "Subject: x\r\n\r\nhi\r\n|" },
    { "From a\nA: 1\n\none\n\nFrom b\nA: 2\n\ntwo\n", "A: 1\r\n\r\none\r\n|A: 2\r\n\r\ntwo\r\n|" },
    { "From a\r\nA: 1\r\n\r\none\r\n", "A: 1\r\n\r\none\r\n|" },
    /* quoted, once and twice; not quoted without an empty line before it: text */
    { "From a\nA: 1\n\n>From x\n>>From y\n> From z\nFrom w\n",
      "A: 1\r\n\r\nFrom x\r\n>From y\r\n> From z\r\nFrom w\r\n|" },
    { "From a\n\nFrom b\n", "|" "|" },
    { "From a", "|" },
    { "Subject: no mbox\n", "" },
    { "", "" },
};

START_TEST(messages_are_taken_out)
{
    struct buf all = BUF_MAX(10000);
    slice text = slice_of(cases[_i].text);
    for (;;) {
        struct buf message = BUF_MAX(10000);
        if (!mbox_take(&text, &message))
            break;
        buf_add(&all, buf_slice(&message));
        buf_add_char(&all, '|');
        buf_free(&message);
    }
    ck_assert_str_eq(buf_text(&all), cases[_i].messages);
    buf_free(&all);
}
END_TEST

START_TEST(a_message_alone_gets_line_ends)
{
    struct buf message = BUF_MAX(100);
    message_canonical(&message, SLICE("A: b\n\nc\r\nd"));
    ck_assert_str_eq(buf_text(&message), "A: b\r\n\r\nc\r\nd\r\n");
    buf_free(&message);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("mbox");
    TCase *tests = tcase_create("mbox");
    tcase_add_loop_test(tests, messages_are_taken_out, 0, COUNT(cases));
    tcase_add_test(tests, a_message_alone_gets_line_ends);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
