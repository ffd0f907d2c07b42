/* test_clock.c: order of events, cancelling, work and timers, loops without time, and a
   random walk beside a plain list that is searched. */
#include "sim/net/clock.h"
#include "base/limits.h"
#include "sim/net/random.h"
#include "tests/unit/sim_check.h"

static struct clock *watch;
static struct buf said;
static struct error why;

static void setup(void)
{
    watch = clock_new();
    said = BUF_MAX(65536);
    why.text[0] = '\0';
}

static void teardown(void)
{
    clock_free(watch);
    buf_free(&said);
}

/* Its context is a message, its argument a number: "a7@20 " is said at 20. */
static void say(void *context, uint64_t argument)
{
    buf_format(&said, "%s%llu@%llu ", (char *)context, (unsigned long long)argument,
               (unsigned long long)clock_ns(watch));
}

static uint64_t at(uint32_t origin, uint64_t at_ns, enum event_class class, char *message)
{
    return clock_at(watch, origin, at_ns, class, say, message, origin);
}

START_TEST(order_is_time_origin_sequence)
{
    at(2, 10, WORK, "c");
    at(2, 10, WORK, "d");
    at(1, 10, WORK, "b");
    at(70000, 10, WORK, "e");
    at(2, 5, WORK, "a");
    at(0, 11, WORK, "f");
    at(0, 11, WORK, "g");
    while (clock_step(watch))
        ;
    ck_assert_str_eq(buf_text(&said), "a2@5 b1@10 c2@10 d2@10 e70000@10 f0@11 g0@11 ");
    ck_assert_uint_eq(clock_events(watch), 7);
    ck_assert_uint_eq(clock_ns(watch), 11);
}
END_TEST

START_TEST(settle_runs_work_and_what_is_due_on_the_way)
{
    at(1, 10, WORK, "w");
    at(1, 20, TIMER, "t");
    at(1, 30, WORK, "v");
    at(1, 40, TIMER, "u");
    ck_assert(clock_settle(watch, &why));
    ck_assert_str_eq(buf_text(&said), "w1@10 t1@20 v1@30 ");
    ck_assert_uint_eq(clock_ns(watch), 30);
    uint64_t next_ns = 0;
    ck_assert(clock_next(watch, &next_ns));
    ck_assert_uint_eq(next_ns, 40);
    ck_assert(clock_settle(watch, &why)); /* nothing to do: no time passes */
    ck_assert_uint_eq(clock_ns(watch), 30);
}
END_TEST

static void leave_work(void *context, uint64_t argument)
{
    (void)context;
    at(1, clock_ns(watch) + argument, WORK, "left");
}

START_TEST(run_until_includes_the_moment_and_finishes_its_work)
{
    at(1, 99, TIMER, "a");
    clock_at(watch, 1, 100, TIMER, leave_work, NULL, 50);
    at(1, 120, TIMER, "b");
    at(1, 151, TIMER, "c");
    ck_assert(clock_run_until(watch, 100, &why));
    ck_assert_str_eq(buf_text(&said), "a1@99 b1@120 left1@150 ");
    ck_assert_uint_eq(clock_ns(watch), 150);
    ck_assert(clock_run_until(watch, 1000, &why)); /* time passes also when nothing happens */
    ck_assert_uint_eq(clock_ns(watch), 1000);
    uint64_t next_ns;
    ck_assert(!clock_next(watch, &next_ns));
    ck_assert(!clock_step(watch));
}
END_TEST

START_TEST(run_due_leaves_what_is_due_later)
{
    uint64_t next_ns = 0;
    at(1, 99, TIMER, "a");
    at(1, 100, WORK, "b");
    uint64_t soon = clock_at(watch, 1, 110, TIMER, leave_work, NULL, 50);
    at(1, 120, WORK, "c");
    ck_assert(clock_run_due(watch, 100, &why));
    ck_assert_str_eq(buf_text(&said), "a1@99 b1@100 ");
    ck_assert_uint_eq(clock_ns(watch), 100);
    ck_assert(clock_next(watch, &next_ns));
    ck_assert_uint_eq(next_ns, 110);
    clock_cancel(watch, soon);
    ck_assert(clock_next(watch, &next_ns)); /* of either class, and never a cancelled one */
    ck_assert_uint_eq(next_ns, 120);
    ck_assert(clock_run_due(watch, 100, &why));
    ck_assert_uint_eq(clock_ns(watch), 100);
}
END_TEST

START_TEST(cancelled_events_do_not_run)
{
    uint64_t first = at(1, 10, WORK, "a");
    at(1, 20, TIMER, "b");
    uint64_t third = at(1, 30, WORK, "c");
    clock_cancel(watch, 0);
    clock_cancel(watch, first);
    clock_cancel(watch, first);
    ck_assert(clock_step(watch));
    clock_cancel(watch, third); /* it was the last work: settling has nothing to wait for */
    ck_assert(clock_settle(watch, &why));
    ck_assert_str_eq(buf_text(&said), "b1@20 ");
    ck_assert_uint_eq(clock_ns(watch), 20);
    ck_assert_uint_eq(clock_digest(watch), 0);
}
END_TEST

START_TEST(old_tickets_are_ignored)
{
    uint64_t fired = at(1, 10, WORK, "a");
    ck_assert(clock_step(watch));
    uint64_t again = at(1, 20, WORK, "b"); /* takes the same place in memory */
    ck_assert_uint_ne(fired, again);
    clock_cancel(watch, fired);
    ck_assert(clock_step(watch));
    ck_assert_str_eq(buf_text(&said), "a1@10 b1@20 ");
    clock_cancel(watch, again);
    clock_cancel(watch, UINT64_MAX);
    ck_assert(!clock_step(watch));
}
END_TEST

struct suicide {
    uint64_t own, other;
};

static void cancel_both(void *context, uint64_t argument)
{
    struct suicide *tickets = context;
    (void)argument;
    clock_cancel(watch, tickets->own); /* it runs: nothing to cancel */
    clock_cancel(watch, tickets->other);
    at(3, clock_ns(watch), WORK, "after");
}

START_TEST(an_event_may_cancel_itself_and_others)
{
    struct suicide tickets;
    tickets.own = clock_at(watch, 1, 10, WORK, cancel_both, &tickets, 0);
    tickets.other = at(2, 10, WORK, "never");
    ck_assert(clock_settle(watch, &why));
    ck_assert_str_eq(buf_text(&said), "after3@10 ");
}
END_TEST

static void echo(void *context, uint64_t argument)
{
    clock_at(watch, 9, clock_ns(watch) + argument, WORK, echo, context, argument);
}

START_TEST(a_loop_without_time_is_named)
{
    clock_at(watch, 9, 77, WORK, echo, NULL, 0);
    ck_assert(!clock_settle(watch, &why));
    ck_assert_uint_eq(clock_events(watch), EVENTS_PER_INSTANT_MAX + 1);
    ck_assert_ptr_nonnull(strstr(why.text, "host 9"));
    ck_assert_ptr_nonnull(strstr(why.text, "77 ns"));
    ck_assert(!clock_run_until(watch, 100, &why));
}
END_TEST

static void count_down(void *context, uint64_t left)
{
    uint64_t *instants = context;
    if (left % 3 == 0)
        ++*instants;
    if (left > 0)
        clock_at(watch, 1, clock_ns(watch) + (left % 3 == 0), WORK, count_down, instants, left - 1);
}

START_TEST(many_events_while_time_moves_are_no_loop)
{
    uint64_t instants = 0;
    clock_at(watch, 1, 0, WORK, count_down, &instants, 3 * (uint64_t)EVENTS_PER_INSTANT_MAX);
    ck_assert(clock_settle(watch, &why));
    ck_assert_uint_eq(instants, EVENTS_PER_INSTANT_MAX + 1);
}
END_TEST

START_TEST(digest_is_of_what_is_pending_not_of_the_heap)
{
    enum { HOSTS = 50, EACH = 40 };
    uint64_t junk[HOSTS * EACH];
    struct clock *other = clock_new();
    for (uint32_t origin = 0; origin < HOSTS; origin++)
        for (uint32_t i = 0; i < EACH; i++)
            clock_at(watch, origin, 1000 - i * 7 % 100, i % 2 ? WORK : TIMER, say, "x", 0);
    for (uint32_t i = 0; i < EACH;
         i++) /* the same keys, another way in, with others that go again */
        for (uint32_t origin = HOSTS; origin-- > 0;) {
            clock_at(other, origin, 1000 - i * 7 % 100, i % 2 ? WORK : TIMER, say, "y", 1);
            junk[origin * EACH + i] = clock_at(other, HOSTS, 500 + i, WORK, say, "z", 2);
        }
    ck_assert_uint_ne(clock_digest(watch), clock_digest(other));
    for (size_t i = 0; i < COUNT(junk); i++)
        clock_cancel(other, junk[i]);
    ck_assert_uint_eq(clock_digest(watch), clock_digest(other));
    ck_assert_uint_eq(clock_digest(watch), 0xab3e3e3ea8693c94ull);
    clock_free(other);
    uint64_t before = clock_digest(watch);
    clock_step(watch);
    ck_assert_uint_ne(clock_digest(watch), before);
}
END_TEST

START_TEST(digest_tells_time_origin_sequence_and_class)
{
    uint64_t digests[5];
    for (size_t i = 0; i < COUNT(digests); i++) {
        struct clock *one = clock_new();
        if (i == 4)
            clock_cancel(one, clock_at(one, 1, 10, WORK, say, "", 0));
        clock_at(one, i == 1 ? 2 : 1, i == 2 ? 11 : 10, i == 3 ? TIMER : WORK, say, "", 0);
        digests[i] = clock_digest(one);
        for (size_t n = 0; n < i; n++)
            ck_assert_uint_ne(digests[i], digests[n]);
        clock_free(one);
    }
}
END_TEST

START_TEST(set_moves_an_empty_clock)
{
    clock_cancel(watch, at(1, 5, WORK, "a"));
    clock_set(watch, 1000);
    ck_assert_uint_eq(clock_ns(watch), 1000);
    at(1, 1000, WORK, "b");
    ck_assert(clock_settle(watch, &why));
    ck_assert_str_eq(buf_text(&said), "b1@1000 ");
}
END_TEST

/* --- a random walk, beside a list that is searched -------------------------------- */

enum { WALK_EVENTS = 4000 };

static struct walked {
    uint64_t at_ns, ticket;
    uint32_t origin;
    bool pending;
} walked[WALK_EVENTS];
static size_t walk_count, walk_run;
static struct random dice;

/* Events are numbered in order of scheduling, so the number stands for the sequence. */
static size_t walk_least(void)
{
    size_t least = WALK_EVENTS;
    for (size_t i = 0; i < walk_count; i++) {
        const struct walked *one = &walked[i], *best = least < WALK_EVENTS ? &walked[least] : NULL;
        if (one->pending && (!best || one->at_ns < best->at_ns ||
                             (one->at_ns == best->at_ns && one->origin < best->origin)))
            least = i;
    }
    return least;
}

static void walk_on(void *context, uint64_t number)
{
    ck_assert_uint_eq(number, walk_least());
    ck_assert_uint_eq(clock_ns(watch), walked[number].at_ns);
    walked[number].pending = false;
    walk_run++;
    for (uint64_t born = random_below(&dice, 4); born > 0 && walk_count < WALK_EVENTS; born--) {
        struct walked *one = &walked[walk_count];
        one->origin = (uint32_t)random_below(&dice, 6);
        one->at_ns = clock_ns(watch) + random_below(&dice, 30);
        one->pending = true;
        one->ticket =
            clock_at(watch, one->origin, one->at_ns, WORK, walk_on, context, walk_count++);
    }
    for (uint64_t dead = random_below(&dice, 3); dead > 0; dead--) {
        struct walked *one = &walked[random_below(&dice, walk_count)];
        clock_cancel(watch, one->ticket);
        one->pending = false;
    }
}

START_TEST(a_walk_agrees_with_a_list)
{
    size_t run = 0;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        clock_free(watch);
        watch = clock_new();
        dice = random_stream(seed, SLICE("walk"), "clock");
        walked[0] = (struct walked){ .pending = true };
        walk_count = 1;
        walk_run = 0;
        walked[0].ticket = clock_at(watch, 0, 0, WORK, walk_on, NULL, 0);
        ck_assert(clock_settle(watch, &why));
        ck_assert_uint_eq(walk_least(), WALK_EVENTS);
        ck_assert(!clock_step(watch));
        ck_assert_uint_eq(walk_run, clock_events(watch));
        run += walk_run;
    }
    ck_assert_uint_gt(run, 10000);
}
END_TEST

int main(void)
{
    TCase *cases = tcase_create("clock");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, order_is_time_origin_sequence);
    tcase_add_test(cases, settle_runs_work_and_what_is_due_on_the_way);
    tcase_add_test(cases, run_until_includes_the_moment_and_finishes_its_work);
    tcase_add_test(cases, run_due_leaves_what_is_due_later);
    tcase_add_test(cases, cancelled_events_do_not_run);
    tcase_add_test(cases, old_tickets_are_ignored);
    tcase_add_test(cases, an_event_may_cancel_itself_and_others);
    tcase_add_test(cases, a_loop_without_time_is_named);
    tcase_add_test(cases, many_events_while_time_moves_are_no_loop);
    tcase_add_test(cases, digest_is_of_what_is_pending_not_of_the_heap);
    tcase_add_test(cases, digest_tells_time_origin_sequence_and_class);
    tcase_add_test(cases, set_moves_an_empty_clock);
    tcase_add_test(cases, a_walk_agrees_with_a_list);
    return run_cases("clock", cases);
}
