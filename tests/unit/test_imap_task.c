/* test_imap_task.c: a COPY that is done in pages and ends in the middle, because the store fails or
   the client goes, leaves nothing in the mailbox that it copied to (RFC 3501 6.4.7); what others
   put there meanwhile stays. */
#include "tests/unit/imap_lab.h"

#define MESSAGES 3000

static struct lab lab;
static size_t pauses;

static void count_pause(struct services *services, struct session *session)
{
    (void)services;
    (void)session;
    pauses++;
}

static void lab_of_many(void)
{
    struct placement row;
    uint32_t uid;
    lab_open(&lab);
    lab_message(&lab, lab.inbox, SLICE("Subject: many\r\n\r\nx\r\n"));
    ck_assert(store_placement(lab.store, lab.inbox, 1, &row));
    for (int i = 1; i < MESSAGES; i++)
        ck_assert(store_place(lab.store, lab.inbox, row.message_key, 0, i, 0, &uid));
    ck_assert(store_commit(lab.store));
    lab.services.later = count_pause;
    pauses = 0;
    lab_login(&lab, 0);
    lab_login(&lab, 1);
    lab_say(&lab, 0, "a SELECT INBOX");
}

static void lab_away(void) { lab_close(&lab); }

static uint32_t held(const char *mailbox)
{
    struct mailbox now;
    ck_assert(store_mailbox_by_id(lab.store, mailbox_id(lab.store, lab.ana, mailbox), &now));
    return now.messages;
}

static void is_sound(void)
{
    struct buf report = BUF_MAX(65536);
    ck_assert(store_commit(lab.store));
    ck_assert_msg(store_fsck(lab.store, &report), "%s", buf_text(&report));
    buf_free(&report);
}

/* Up to that pause; somebody else stores a message at each, so that the copies have holes. */
static void copy_upto(const char *command, size_t pause, const char *to)
{
    uint32_t before = held(to);
    lab_say(&lab, 0, command);
    while (pauses < pause) {
        ck_assert(session_is_busy(lab.sessions[0]));
        ck_assert_uint_gt(held(to), before);
        lab_hold(&lab, 1, "b APPEND Archive {2+}\r\n\r\n", "b OK");
        session_go_on(lab.sessions[0]);
        lab_turn(&lab);
    }
    ck_assert(session_is_busy(lab.sessions[0]));
}

static const struct {
    const char *command, *to;
    size_t pause;
    uint64_t fails_at; /* a statement behind it; 0: the client goes */
} ends[] = {
    { "s COPY 1:* Archive", "Archive", 1, 1 },  { "s COPY 1:* Archive", "Archive", 2, 2 },
    { "s COPY 1:* Archive", "Archive", 2, 90 }, { "s UID COPY 1:* Archive", "Archive", 3, 7 },
    { "s COPY 1:* INBOX", "INBOX", 2, 90 },     { "s COPY 1:* Archive", "Archive", 2, 0 },
    { "s COPY 1:* INBOX", "INBOX", 1, 0 },
};

START_TEST(an_unfinished_copy_leaves_nothing)
{
    uint32_t before = held(ends[_i].to);
    copy_upto(ends[_i].command, ends[_i].pause, ends[_i].to);
    uint32_t others = (uint32_t)ends[_i].pause - 1;
    if (ends[_i].fails_at) {
        store_fail_at(lab.store, ends[_i].fails_at);
        while (session_is_busy(lab.sessions[0])) {
            session_go_on(lab.sessions[0]);
            lab_turn(&lab);
        }
        ck_assert_msg(strstr(buf_text(&lab.said[0]), "s NO "), "%s", buf_text(&lab.said[0]));
    } else {
        lab_hang_up(&lab, 0);
        ck_assert(store_commit(lab.store));
    }
    ck_assert(store_has_left_task(lab.store));
    ck_assert(store_chores_finish(lab.store));
    ck_assert(!store_has_chores(lab.store));
    ck_assert_uint_eq(held(ends[_i].to), before + (strcmp(ends[_i].to, "INBOX") ? others : 0));
    ck_assert_uint_eq(held("INBOX"), MESSAGES);
    is_sound();
}
END_TEST

START_TEST(a_finished_copy_is_whole)
{
    copy_upto("s COPY 1:* Archive", 2, "Archive");
    while (session_is_busy(lab.sessions[0])) {
        session_go_on(lab.sessions[0]);
        lab_turn(&lab);
    }
    ck_assert_msg(strstr(buf_text(&lab.said[0]), "s OK [COPYUID "), "%s", buf_text(&lab.said[0]));
    ck_assert(!store_has_chores(lab.store));
    ck_assert_uint_eq(held("Archive"), MESSAGES + 1);
    is_sound();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("imap_task");
    TCase *tcase = tcase_create("imap_task");
    tcase_add_checked_fixture(tcase, lab_of_many, lab_away);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, an_unfinished_copy_leaves_nothing, 0, COUNT(ends));
    tcase_add_test(tcase, a_finished_copy_is_whole);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
