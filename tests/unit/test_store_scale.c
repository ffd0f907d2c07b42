/* test_store_scale.c: no question's work grows with the mailbox. Counted in steps of
   SQLite's machine, not in time: the same operation in a small world and in a large one. */
#include "servers/store/store.h"
#include "servers/store/store_private.h"
#include "sim/shared.h"
#include "tests/unit/store_check.h"

#define SMALL 200
#define LARGE 2000

static struct test_clock now = { START_MS, 1 };

struct scaled {
    struct store *store;
    int64_t user, inbox, other, message_key;
    uint32_t count;
};

static int steps_taken(struct store *store)
{
    int steps = 0;
    for (size_t i = 0; i < STORE_STATEMENTS_MAX; i++)
        if (store->statements[i].prepared)
            steps += sqlite3_stmt_status(store->statements[i].prepared, SQLITE_STMTSTATUS_VM_STEP,
                                         1);
    return steps;
}

static struct scaled scaled_make(uint32_t count)
{
    struct scaled world = { .store = world_open(NULL, &now), .count = count };
    char address[40];
    struct queued queued = { .host = "mail.campus.example", .recipient = "a@b", .domain = "b" };
    int64_t id = 0;
    uint32_t uid = 0;
    world.user = user_add(world.store, "ana@campus.example");
    world.inbox = mailbox_id(world.store, world.user, "INBOX");
    world.other = mailbox_add(world.store, world.user, "Other");
    world.message_key = queued.message_key = message_add(world.store, SLICE("text"));
    for (uint32_t i = 0; i < count; i++) {
        uint64_t flags = i + 1 < count ? FLAG_SEEN : 0; /* the first unseen one is the last */
        ck_assert(store_place(world.store, world.inbox, world.message_key, flags, 0, 0, &uid));
        queued.next_ms = i;
        ck_assert(store_queue_add(world.store, &queued, &id));
        snprintf(address, sizeof address, "user%u@campus.example", (unsigned)i);
        ck_assert(store_greylist(world.store, SLICE("h"), slice_of(address), SLICE("s"),
                                 SLICE("r"), 1, &id));
        ck_assert(store_history_add(world.store, slice_of(address)));
        if (i % 8 == 0)
            user_add(world.store, address);
        if (i % 16 == 0)
            ck_assert(store_expunge(world.store, world.inbox, uid / 2 + 1));
    }
    ck_assert(store_commit(world.store));
    return world;
}

static void run_place(struct scaled *world)
{
    uint32_t uid;
    ck_assert(store_place(world->store, world->inbox, world->message_key, 0, 0, 0, &uid));
}

static void run_deliver(struct scaled *world)
{
    place_text(world->store, world->inbox, "new", 0);
    ck_assert(store_commit(world->store));
}

static void run_look(struct scaled *world)
{
    struct mailbox mailbox = mailbox_now(world->store, world->inbox);
    ck_assert_uint_eq(store_first_unseen(world->store, world->inbox), world->count);
    ck_assert(store_mailbox_find(world->store, world->user, SLICE("inbox"), &mailbox));
}

static void run_placement(struct scaled *world)
{
    struct placement placement;
    ck_assert(store_placement(world->store, world->inbox, world->count - 1, &placement));
}

static void run_page(struct scaled *world)
{
    struct placement page[8];
    ck_assert_uint_eq(store_placements(world->store, world->inbox, world->count - 3, UINT32_MAX, 0,
                                       false, page, 8), 4);
}

static void run_flags(struct scaled *world)
{
    ck_assert(store_flags(world->store, world->inbox, world->count - 1, FLAGS_ADD, FLAG_FLAGGED,
                          NULL));
}

static void run_changes(struct scaled *world)
{
    struct placement page[8];
    uint64_t since = mailbox_now(world->store, world->inbox).highest_modseq;
    ck_assert(store_flags(world->store, world->inbox, world->count - 1, FLAGS_REPLACE, 0, NULL));
    ck_assert(store_flags(world->store, world->inbox, world->count, FLAGS_REPLACE, 4, NULL));
    ck_assert_uint_eq(store_changes(world->store, world->inbox, since, page, 8), 2);
    ck_assert_uint_eq(store_placements(world->store, world->inbox, 1, UINT32_MAX, since, true, page,
                                       8), 2);
}

static void run_expunge(struct scaled *world)
{
    struct view *view = store_view_open(world->store, world->inbox, 1);
    ck_assert(store_expunge(world->store, world->inbox, world->count));
    ck_assert(store_commit(world->store));
    store_view_close(view);
    ck_assert(store_commit(world->store));
}

static void run_copy(struct scaled *world)
{
    uint32_t uid;
    ck_assert(store_copy(world->store, world->inbox, world->count, world->other, &uid));
}

static void run_read(struct scaled *world)
{
    struct buf out = BUF_MAX(100);
    ck_assert(store_message_read(world->store, world->message_key, 0, 100, &out));
    buf_free(&out);
}

static void run_user(struct scaled *world)
{
    struct user user;
    ck_assert(store_user_find(world->store, SLICE("mail.campus.example"), SLICE("USER8"), &user));
    ck_assert(store_user_by_address(world->store, SLICE("user16@campus.example"), &user));
}

static void run_queue(struct scaled *world)
{
    struct queued due[4];
    int64_t next;
    ck_assert_uint_eq(store_queue_due(world->store, SLICE("mail.campus.example"), 1000, due, 4), 4);
    ck_assert(store_queue_next(world->store, SLICE("mail.campus.example"), &next));
    ck_assert(store_queue_remove(world->store, due[3].id));
    ck_assert(store_commit(world->store));
}

static void run_greylist(struct scaled *world)
{
    int64_t first;
    ck_assert(store_greylist(world->store, SLICE("h"), SLICE("new"), SLICE("s"), SLICE("r"), 9,
                             &first));
}

static void run_recent(struct scaled *world)
{
    uint32_t first;
    ck_assert(store_recent_claim(world->store, world->inbox, &first));
    ck_assert(store_history_add(world->store, SLICE("x")));
}

static const struct {
    const char *name;
    void (*run)(struct scaled *);
} operations[] = {
    { "place", run_place }, { "deliver", run_deliver }, { "look", run_look },
    { "placement", run_placement }, { "page", run_page }, { "flags", run_flags },
    { "changes", run_changes }, { "expunge", run_expunge }, { "copy", run_copy },
    { "read", run_read }, { "user", run_user }, { "queue", run_queue },
    { "greylist", run_greylist }, { "recent", run_recent },
};

static int measure(size_t operation, uint32_t count)
{
    struct scaled world = scaled_make(count);
    steps_taken(world.store);
    operations[operation].run(&world);
    int steps = steps_taken(world.store);
    world_close(world.store);
    return steps;
}

START_TEST(work_does_not_grow_with_the_world)
{
    int small = measure((size_t)_i, SMALL), large = measure((size_t)_i, LARGE);
    ck_assert_int_gt(small, 0);
    ck_assert_msg(large <= small + small / 2 + 20, "%s: %d steps among %d, %d among %d",
                  operations[_i].name, small, SMALL, large, LARGE);
}
END_TEST

/* The steps it takes to tell the last change of a mailbox. */
static int changes_cost(const struct scaled *world)
{
    struct placement rows[16];
    struct mailbox inbox;
    ck_assert(store_mailbox_by_id(world->store, world->inbox, &inbox));
    steps_taken(world->store);
    ck_assert_uint_eq(store_changes(world->store, world->inbox, inbox.highest_modseq - 1, rows,
                                    COUNT(rows)), 1);
    return steps_taken(world->store);
}

/* A file may come from a stranger: runs of changes that claim to be long, and newer than all. */
START_TEST(runs_of_a_stranger_cost_no_more)
{
    struct scaled world = scaled_make(LARGE);
    int before = changes_cost(&world);
    char sql[300];
    snprintf(sql, sizeof sql, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
             " WHERE i < 500) INSERT INTO change SELECT %lld, 1000000000000 + i, %d,"
             " 1000000000000, 1 FROM n", (long long)world.inbox, LARGE);
    ck_assert(store_tamper(world.store, sql, NULL));
    int after = changes_cost(&world);
    ck_assert_msg(after <= 2 * before, "%d steps, and %d with a stranger's runs", before, after);
    store_close(world.store);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("store_scale");
    TCase *tcase = tcase_create("store_scale");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, work_does_not_grow_with_the_world, 0, (int)COUNT(operations));
    tcase_add_test(tcase, runs_of_a_stranger_cost_no_more);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
