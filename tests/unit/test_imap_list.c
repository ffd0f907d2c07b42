/* test_imap_list.c: LIST and LSUB against many names and patterns that take long work in pieces,
   others are served between them, and the answer is that of the same command in one go. */
#include "tests/unit/imap_lab.h"

#define NAMES 200
#define STARS 240

static struct lab lab;
static size_t pauses;

static void count_pause(struct services *services, struct session *session)
{
    (void)services;
    (void)session;
    pauses++;
}

static void lab_of_names(void)
{
    lab_open(&lab);
    for (int i = 0; i < NAMES; i++) {
        struct buf name = BUF_MAX(MAILBOX_NAME_MAX);
        int64_t id;
        buf_format(&name, "%c/", 'a' + i % 5);
        for (int k = 0; k < STARS; k++)
            buf_add_char(&name, 'a');
        buf_add_number(&name, (uint64_t)i);
        ck_assert(store_mailbox_create(lab.store, lab.ana, buf_slice(&name), &id));
        if (i % 2)
            ck_assert(store_subscribe(lab.store, lab.ana, buf_slice(&name), true));
        buf_free(&name);
    }
    ck_assert(store_commit(lab.store));
    lab_login(&lab, 0);
    lab_login(&lab, 1);
}

static void lab_away(void) { lab_close(&lab); }

/* `before`, many wildcards, `after`. */
static void say_wild(const char *before, const char *after)
{
    struct buf line = BUF_MAX(8192);
    buf_add_text(&line, before);
    for (int i = 0; i < STARS; i++)
        buf_add_text(&line, "*a");
    buf_add_text(&line, after);
    buf_clear(&lab.said[0]);
    lab_say(&lab, 0, buf_text(&line));
    buf_free(&line);
}

static const struct {
    const char *before, *after;
    size_t lines;
} long_ones[] = {
    { "a LIST \"\" ", "*", NAMES },
    { "a LIST (SUBSCRIBED RECURSIVEMATCH) \"\" (none ", "*)", NAMES / 2 },
    { "a LSUB \"\" ", "*", NAMES / 2 },
    { "a LSUB \"\" ", "*b%", 0 },
};

START_TEST(long_lists_let_others_in)
{
    struct buf whole = BUF_MAX(LAB_SAID_MAX);
    size_t lines = 0;
    lab.services.later = NULL;
    say_wild(long_ones[_i].before, long_ones[_i].after);
    buf_add(&whole, buf_slice(&lab.said[0]));
    for (const char *at = buf_text(&whole); (at = strstr(at, "* L")) != NULL; at++)
        lines++;
    ck_assert_uint_eq(lines, long_ones[_i].lines);
    lab.services.later = count_pause;
    pauses = 0;
    say_wild(long_ones[_i].before, long_ones[_i].after);
    while (session_is_busy(lab.sessions[0])) {
        lab_expect(&lab, 1, "b NOOP", "b OK NOOP completed\r\n");
        session_go_on(lab.sessions[0]);
        lab_turn(&lab);
    }
    ck_assert_uint_gt(pauses, 2);
    ck_assert_str_eq(buf_text(&lab.said[0]), buf_text(&whole));
    buf_free(&whole);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("imap_list");
    TCase *tcase = tcase_create("imap_list");
    tcase_add_checked_fixture(tcase, lab_of_names, lab_away);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, long_lists_let_others_in, 0, COUNT(long_ones));
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
