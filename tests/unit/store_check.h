/* store_check.h: what the tests of servers/store share: a clock that stands still, worlds
   in memory and in files of a directory of their own, messages placed in one line. */
#ifndef TESTS_UNIT_STORE_CHECK_H
#define TESTS_UNIT_STORE_CHECK_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "servers/store/store.h"

#define START_MS 1767603600000u /* Monday 2026-01-05 09:00 UTC */

struct test_clock {
    uint64_t now_ms;
    uint64_t random;
};

static inline uint64_t clock_now(void *context) { return ((struct test_clock *)context)->now_ms; }

/* splitmix64 */
static inline uint64_t clock_random(void *context)
{
    uint64_t mixed = ((struct test_clock *)context)->random += 0x9e3779b97f4a7c15u;
    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebu;
    return mixed ^ mixed >> 31;
}

static inline struct store_clock clock_of(struct test_clock *clock)
{
    return (struct store_clock){ clock_now, clock_random, clock };
}

static inline struct store *world_open(const char *path, struct test_clock *clock)
{
    struct error why = { "" };
    struct store *store = store_open(path, clock_of(clock), &why);
    ck_assert_msg(store != NULL, "%s", why.text);
    return store;
}

static inline void check_sound(struct store *store)
{
    struct buf report = BUF_MAX(65536);
    bool sound = store_fsck(store, &report);
    ck_assert_msg(sound, "%s", buf_text(&report));
    buf_free(&report);
}

static inline void world_close(struct store *store)
{
    ck_assert(store_commit(store));
    check_sound(store);
    store_close(store);
}

static inline uint64_t digest_of(struct store *store)
{
    uint64_t digest = 0;
    ck_assert(store_digest(store, &digest));
    return digest;
}

static inline int64_t user_add(struct store *store, const char *address)
{
    int64_t id = 0;
    ck_assert(store_user_add(store, slice_of(address), SLICE("mail.campus.example"),
                             SLICE("tulip"), &id));
    return id;
}

static inline int64_t mailbox_id(struct store *store, int64_t user, const char *name)
{
    struct mailbox mailbox;
    ck_assert_msg(store_mailbox_find(store, user, slice_of(name), &mailbox), "no %s", name);
    return mailbox.id;
}

static inline struct mailbox mailbox_now(struct store *store, int64_t id)
{
    struct mailbox mailbox;
    ck_assert(store_mailbox_by_id(store, id, &mailbox));
    return mailbox;
}

static inline int64_t mailbox_add(struct store *store, int64_t user, const char *name)
{
    int64_t id = 0;
    ck_assert(store_mailbox_create(store, user, slice_of(name), &id));
    return id;
}

static inline struct message message_plain(void)
{
    return (struct message){ .header_bytes = 0, .envelope = SLICE("(NIL)"),
        .structure = SLICE("(TEXT)"), .body = SLICE("(text)"), .parts = SLICE("\0\1\2") };
}

static inline struct heading heading_plain(void)
{
    return (struct heading){ .dated = true, .sent_ms = 5, .sent_zone = -90,
        .boxes = { SLICE("ana"), SLICE("bo"), SLICE("cem") }, .message_id = SLICE("1@a"),
        .references = SLICE("2@a\n3@a\n"),
        .texts = { SLICE("s"), SLICE("f"), SLICE("t"), SLICE("c"), SLICE("b") } };
}

static inline int64_t message_add(struct store *store, slice text)
{
    struct message message = message_plain();
    struct draft *draft = store_draft(store);
    ck_assert(store_draft_write(draft, text));
    int64_t message_key = store_draft_finish(draft, &message);
    ck_assert_int_gt(message_key, 0);
    return message_key;
}

static inline uint32_t place_text(struct store *store, int64_t mailbox, const char *text,
                                  uint64_t flags)
{
    uint32_t uid = 0;
    int64_t message_key = message_add(store, slice_of(text));
    ck_assert(store_place(store, mailbox, message_key, flags, (int64_t)START_MS, 60, &uid));
    return uid;
}

static inline void run_suite(const char *name, const TTest *const *tests, size_t count, int *failed)
{
    Suite *suite = suite_create(name);
    TCase *tcase = tcase_create(name);
    tcase_set_timeout(tcase, 60);
    for (size_t i = 0; i < count; i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    *failed = srunner_ntests_failed(runner);
    srunner_free(runner);
}

#endif
