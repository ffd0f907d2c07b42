/* test_store_chore.c: messages that nothing refers to any more are removed some at a time, a large
   one part by part; what is referred to stays whole. */
#define _DEFAULT_SOURCE /* mkdtemp */

#include <stdlib.h>
#include <unistd.h>

#include "servers/store/store.h"
#include "tests/unit/store_check.h"

#define LARGE (3u << 20)

static struct test_clock now = { START_MS, 1 };

static int64_t large_add(struct store *store, size_t bytes)
{
    struct buf text = BUF_MAX(LARGE + 1);
    for (size_t i = 0; i < bytes; i++)
        buf_add_char(&text, (char)('a' + i % 26));
    int64_t message_key = message_add(store, buf_slice(&text));
    buf_free(&text);
    return message_key;
}

static size_t octets_left(struct store *store, int64_t message_key)
{
    struct buf text = BUF_MAX(LARGE + 1);
    ck_assert(store_message_read(store, message_key, 0, LARGE, &text));
    size_t left = text.len;
    buf_free(&text);
    return left;
}

static bool is_there(struct store *store, int64_t message_key)
{
    struct arena arena = { 0 };
    struct message message;
    bool found = store_message(store, message_key, &arena, &message);
    arena_free(&arena);
    return found;
}

START_TEST(large_messages_go_part_by_part)
{
    struct store *store = world_open(NULL, &now);
    int64_t user = user_add(store, "ana@campus.example");
    int64_t inbox = mailbox_id(store, user, "INBOX"), other = mailbox_add(store, user, "Other");
    int64_t keys[3], mailbox, to;
    struct placement rows[3];
    struct buf report = BUF_MAX(65536);
    uint32_t uid;
    for (size_t i = 0; i < COUNT(keys); i++) {
        keys[i] = large_add(store, LARGE);
        ck_assert(store_place(store, inbox, keys[i], 0, 0, 0, &uid));
    }
    ck_assert(store_place(store, other, keys[1], 0, 0, 0, &uid));
    ck_assert(store_commit(store));
    size_t count = store_placements(store, inbox, 1, UINT32_MAX, 0, false, rows, COUNT(rows));
    ck_assert_uint_eq(count, COUNT(rows));
    ck_assert(store_expunge_page(store, inbox, NULL, rows, COUNT(rows)));
    size_t before = octets_left(store, keys[2]), steps = 0, parts = 0;
    ck_assert(store_commit(store));
    ck_assert(store_has_chores(store));
    for (; store_has_chores(store); steps++) {
        ck_assert(store_chore(store, &mailbox, &to) && store_commit(store));
        size_t left = octets_left(store, keys[2]);
        ck_assert_uint_le(before - left, 1u << 20);
        parts += left < before;
        before = left;
    }
    ck_assert_uint_ge(steps, 4);
    ck_assert_uint_ge(parts, 3);
    ck_assert(!is_there(store, keys[0]) && is_there(store, keys[1]) && !is_there(store, keys[2]));
    ck_assert_uint_eq(octets_left(store, keys[1]), LARGE);
    ck_assert_msg(store_fsck(store, &report), "%s", buf_text(&report));
    buf_free(&report);
    world_close(store);
}
END_TEST

START_TEST(a_few_small_ones_go_with_their_turn)
{
    struct store *store = world_open(NULL, &now);
    int64_t inbox = mailbox_id(store, user_add(store, "ana@campus.example"), "INBOX");
    int64_t message_key = large_add(store, 100000);
    uint32_t uid;
    ck_assert(store_place(store, inbox, message_key, 0, 0, 0, &uid));
    ck_assert(store_commit(store));
    ck_assert(store_expunge(store, inbox, uid));
    ck_assert(store_commit(store));
    ck_assert(!store_has_chores(store));
    ck_assert(!is_there(store, message_key));
    world_close(store);
}
END_TEST

static void octets_keep(struct store *store, size_t bytes)
{
    int64_t key = large_add(store, bytes);
    uint32_t uid;
    ck_assert(store_place(store, mailbox_id(store, 1, "INBOX"), key, 0, 0, 0, &uid));
    ck_assert(store_commit(store));
}

/* Who comes in the middle of long work, or behind it, does not wait for all that it wrote. */
START_TEST(what_long_work_wrote_is_carried_in_steps)
{
    char directory[] = "/tmp/pennypost-chore-XXXXXX", path[64];
    ck_assert_ptr_nonnull(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/world", directory);
    struct store *store = world_open(path, &now);
    user_add(store, "ana@campus.example");
    octets_keep(store, LARGE / 2);
    ck_assert(!store_carries(store) && !store_carry(store)); /* by a commit, one day */
    store_in_pieces(store, true);
    ck_assert(store_carry(store));
    ck_assert(!store_carry(store));
    octets_keep(store, 1000);
    ck_assert(!store_carry(store)); /* too little */
    octets_keep(store, LARGE / 2);
    store_in_pieces(store, false);
    ck_assert(store_carries(store) && store_carry(store));
    octets_keep(store, LARGE / 2);
    ck_assert(!store_carry(store));
    world_close(store);
    remove(path);
    rmdir(directory);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("store_chore");
    TCase *tcase = tcase_create("store_chore");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, large_messages_go_part_by_part);
    tcase_add_test(tcase, a_few_small_ones_go_with_their_turn);
    tcase_add_test(tcase, what_long_work_wrote_is_carried_in_steps);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
