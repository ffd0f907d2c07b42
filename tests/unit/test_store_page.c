/* test_store_page.c: what changes many messages in one step leaves what the same changes leave
   when they are made one message at a time: rows, counters, modseqs, uids, the list of removals. */
#include "servers/store/store.h"
#include "tests/unit/store_check.h"

#define MESSAGES 60
#define STEPS 600
#define ROWS_MAX 4096

static struct test_clock now = { START_MS, 1 }, dice = { 0, 7 };

struct pair {
    struct store *store;
    int64_t paged[2], single[2]; /* a mailbox, and where its copies go */
    int runs, holes, kept, fed;  /* counted: a walk without them proves nothing */
};

static uint32_t roll(uint32_t sides) { return (uint32_t)(clock_random(&dice) % sides); }

/* The same in both: rows of the paged one from a place on, some left out. */
static size_t rows_some(struct pair *pair, struct placement *rows)
{
    struct placement all[MESSAGES * 2];
    size_t some = 0;
    uint32_t density = 1 + roll(8);
    size_t count = store_placements(pair->store, pair->paged[0], 1 + roll(MESSAGES), UINT32_MAX, 0,
                                    true, all, 1 + roll(COUNT(all)));
    for (size_t i = 0; i < count; i++)
        if (density == 8 || roll(density) == 0)
            rows[some++] = all[i];
    for (size_t i = 0; i + 1 < some; i++) {
        pair->runs += rows[i + 1].uid == rows[i].uid + 1;
        pair->holes += rows[i + 1].uid != rows[i].uid + 1;
    }
    return some;
}

static void flags_both(struct pair *pair, struct placement *rows, size_t count)
{
    static const uint64_t flags[] = { FLAG_SEEN, FLAG_DELETED, FLAG_SEEN | FLAG_FLAGGED, 0,
                                      (uint64_t)1 << FLAG_KEYWORD_SHIFT | FLAG_DRAFT };
    enum flag_change change = (enum flag_change)roll(3);
    uint64_t bits = flags[roll(COUNT(flags))];
    for (size_t i = 0; i < count; i++) {
        struct placement after;
        ck_assert(store_flags(pair->store, pair->single[0], rows[i].uid, change, bits, &after));
    }
    ck_assert(store_flags_page(pair->store, pair->paged[0], rows, count, change, bits));
    for (size_t i = 0; i < count; i++) {
        struct placement row;
        ck_assert(store_placement(pair->store, pair->paged[0], rows[i].uid, &row));
        ck_assert_uint_eq(row.flags, rows[i].flags);
        ck_assert_uint_eq(row.modseq, rows[i].modseq);
    }
}

static void expunge_both(struct pair *pair, const struct placement *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ck_assert(store_expunge(pair->store, pair->single[0], rows[i].uid) != rows[i].expunged);
    ck_assert(store_expunge_page(pair->store, pair->paged[0], NULL, rows, count));
}

static void copy_both(struct pair *pair, const struct placement *rows, size_t count)
{
    uint32_t first = 0, uid, said = 0;
    for (size_t i = 0; i < count; i++)
        if (store_copy(pair->store, pair->single[0], rows[i].uid, pair->single[1], &uid) && !said)
            said = uid;
    ck_assert(store_copy_page(pair->store, pair->paged[0], rows, count, pair->paged[1], &first));
    ck_assert_uint_eq(first, said);
}

static void mailboxes_are_equal(struct pair *pair, int64_t one, int64_t other)
{
    static struct placement rows[2][ROWS_MAX];
    static struct expunged gone[2][ROWS_MAX];
    const int64_t mailboxes[2] = { one, other };
    struct mailbox as[2];
    size_t counts[2], gones[2];
    for (size_t i = 0; i < 2; i++) {
        counts[i] = store_changes(pair->store, mailboxes[i], 0, rows[i], ROWS_MAX);
        gones[i] = store_expunged(pair->store, mailboxes[i], 0, UINT64_MAX, gone[i], ROWS_MAX);
        as[i] = mailbox_now(pair->store, mailboxes[i]);
    }
    ck_assert_uint_lt(counts[0], ROWS_MAX);
    ck_assert_uint_eq(counts[0], counts[1]);
    ck_assert_uint_eq(gones[0], gones[1]);
    for (size_t i = 0; i < counts[0]; i++) {
        ck_assert_uint_eq(rows[0][i].uid, rows[1][i].uid);
        ck_assert_uint_eq(rows[0][i].flags, rows[1][i].flags);
        ck_assert_uint_eq(rows[0][i].modseq, rows[1][i].modseq);
        ck_assert_int_eq(rows[0][i].message_key, rows[1][i].message_key);
        ck_assert_int_eq(rows[0][i].expunged, rows[1][i].expunged);
        pair->kept += rows[0][i].expunged;
    }
    for (size_t i = 0; i < gones[0]; i++) {
        ck_assert_uint_eq(gone[0][i].uid, gone[1][i].uid);
        ck_assert_uint_eq(gone[0][i].modseq, gone[1][i].modseq);
    }
    ck_assert_uint_eq(as[0].highest_modseq, as[1].highest_modseq);
    ck_assert_uint_eq(as[0].uidnext, as[1].uidnext);
    ck_assert_uint_eq(as[0].messages, as[1].messages);
    ck_assert_uint_eq(as[0].unseen, as[1].unseen);
    ck_assert_uint_eq(store_first_unseen(pair->store, one), store_first_unseen(pair->store, other));
    ck_assert_uint_eq(as[0].bytes, as[1].bytes);
}

static int by_modseq(const void *left, const void *right)
{
    const struct placement *one = left, *other = right;
    return (one->modseq > other->modseq) - (one->modseq < other->modseq);
}

/* What leads to changes says what a look at every row would: in order, in pages of any size, and by
   uid. */
static void feed_is_plain(struct pair *pair, int64_t mailbox)
{
    static struct placement plain[ROWS_MAX], fed[ROWS_MAX], some[ROWS_MAX];
    uint64_t highest = mailbox_now(pair->store, mailbox).highest_modseq;
    uint64_t since = highest - roll((uint32_t)(highest < 300 ? highest : 300));
    size_t all = store_placements(pair->store, mailbox, 1, UINT32_MAX, 0, true, plain, ROWS_MAX);
    size_t changed = 0, count = 0, got, page = 1 + roll(9);
    for (size_t i = 0; i < all; i++)
        if (plain[i].modseq > since)
            plain[changed++] = plain[i];
    got = store_placements(pair->store, mailbox, 1, UINT32_MAX, since, true, some, ROWS_MAX);
    ck_assert_uint_eq(got, changed);
    for (size_t i = 0; i < got; i++)
        ck_assert_uint_eq(some[i].uid, plain[i].uid);
    qsort(plain, changed, sizeof *plain, by_modseq);
    while (count + page < ROWS_MAX &&
           (got = store_changes(pair->store, mailbox, since, fed + count, page)) > 0) {
        count += got;
        since = fed[count - 1].modseq;
    }
    ck_assert_uint_eq(count, changed);
    for (size_t i = 0; i < count; i++) {
        ck_assert_uint_eq(fed[i].uid, plain[i].uid);
        ck_assert_uint_eq(fed[i].modseq, plain[i].modseq);
        ck_assert_uint_eq(fed[i].flags, plain[i].flags);
        ck_assert_int_eq(fed[i].expunged, plain[i].expunged);
    }
    pair->fed += (int)changed;
}

/* A look at every row, too. */
static void counts_are_plain(struct pair *pair, int64_t mailbox)
{
    static struct placement rows[ROWS_MAX];
    uint64_t messages = 0, bytes = 0, found = 0, octets = 0;
    uint32_t first = 0;
    size_t all = store_placements(pair->store, mailbox, 1, UINT32_MAX, 0, false, rows, ROWS_MAX);
    for (size_t i = 0; i < all; i++) {
        if (first == 0 && !(rows[i].flags & FLAG_SEEN))
            first = rows[i].uid;
        found += (rows[i].flags & FLAG_DELETED) != 0;
        octets += rows[i].flags & FLAG_DELETED ? rows[i].size : 0;
    }
    ck_assert_uint_eq(store_first_unseen(pair->store, mailbox), first);
    ck_assert(store_deleted(pair->store, mailbox, &messages, &bytes));
    ck_assert_uint_eq(messages, found);
    ck_assert_uint_eq(bytes, octets);
}

static struct pair pair_make(void)
{
    struct pair pair = { .store = world_open(NULL, &now) };
    int64_t user = user_add(pair.store, "ana@campus.example");
    uint64_t bit;
    pair.paged[0] = mailbox_add(pair.store, user, "paged");
    pair.paged[1] = mailbox_add(pair.store, user, "paged copies");
    pair.single[0] = mailbox_add(pair.store, user, "single");
    pair.single[1] = mailbox_add(pair.store, user, "single copies");
    ck_assert(store_keyword(pair.store, pair.paged[0], SLICE("red"), true, &bit));
    ck_assert(store_keyword(pair.store, pair.single[0], SLICE("red"), true, &bit));
    return pair;
}

static void messages_add(struct pair *pair, uint32_t count)
{
    uint32_t uid;
    for (uint32_t i = 0; i < count; i++) {
        int64_t message_key = message_add(pair->store, SLICE("text"));
        uint64_t flags = roll(2) ? FLAG_SEEN : 0;
        ck_assert(store_place(pair->store, pair->paged[0], message_key, flags, 1, 0, &uid));
        ck_assert(store_place(pair->store, pair->single[0], message_key, flags, 1, 0, &uid));
    }
}

START_TEST(a_page_is_the_same_as_its_messages)
{
    struct pair pair = pair_make();
    struct view *views[2] = { NULL, NULL };
    for (int step = 0; step < STEPS; step++) {
        struct placement rows[MESSAGES * 2];
        messages_add(&pair, step % 50 == 0 ? MESSAGES / 2 : roll(3));
        size_t count = rows_some(&pair, rows);
        switch (roll(6)) {
        case 0: expunge_both(&pair, rows, count / 4); break;
        case 1: copy_both(&pair, rows, count / 8); break;
        default: flags_both(&pair, rows, count); break;
        }
        ck_assert(store_commit(pair.store));
        mailboxes_are_equal(&pair, pair.paged[0], pair.single[0]);
        mailboxes_are_equal(&pair, pair.paged[1], pair.single[1]);
        for (size_t i = 0; i < 2; i++) {
            feed_is_plain(&pair, pair.paged[i]);
            counts_are_plain(&pair, pair.paged[i]);
        }
        if (step % 20 == 0)
            check_sound(pair.store);
        if (step % 40 == 0) {
            uint64_t modseq = mailbox_now(pair.store, pair.paged[0]).highest_modseq;
            store_view_close(views[0]);
            store_view_close(views[1]);
            views[0] = store_view_open(pair.store, pair.paged[0], modseq);
            views[1] = store_view_open(pair.store, pair.single[0], modseq);
        }
    }
    store_view_close(views[0]);
    store_view_close(views[1]);
    ck_assert_int_gt(pair.runs, STEPS);
    ck_assert_int_gt(pair.holes, STEPS);
    ck_assert_int_gt(pair.kept, STEPS);
    ck_assert_int_gt(pair.fed, STEPS);
    world_close(pair.store);
}
END_TEST

/* A stranger's run stands where the next change is written. */
START_TEST(a_run_in_the_way_is_replaced)
{
    struct pair pair = pair_make();
    messages_add(&pair, MESSAGES);
    ck_assert(store_commit(pair.store));
    struct placement row, told[2];
    ck_assert_uint_eq(store_changes(pair.store, pair.paged[0], 0, &row, 1), 1);
    uint64_t highest = mailbox_now(pair.store, pair.paged[0]).highest_modseq;
    char sql[200];
    snprintf(sql, sizeof sql, "INSERT INTO change VALUES (%lld, %llu, 4294967295, 9999999, 1)",
             (long long)pair.paged[0], (unsigned long long)highest + 1);
    ck_assert(store_tamper(pair.store, sql, NULL));
    ck_assert(store_flags_page(pair.store, pair.paged[0], &row, 1, FLAGS_ADD, FLAG_FLAGGED));
    ck_assert(store_commit(pair.store));
    ck_assert_uint_eq(store_changes(pair.store, pair.paged[0], highest, told, COUNT(told)), 1);
    ck_assert_uint_eq(told[0].uid, row.uid);
    store_close(pair.store);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { a_page_is_the_same_as_its_messages,
                                   a_run_in_the_way_is_replaced };
    int failed;
    run_suite("store_page", tests, COUNT(tests), &failed);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
