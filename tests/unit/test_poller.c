/* test_poller.c: what poller.h promises, by both ways that it knows. */
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/poller.h"
#include "tests/unit/sim_check.h"

static struct poller *poller;
static struct ready ready[POLLER_READY_MAX];
static int one[2], other[2]; /* one[0] is looked at, one[1] is its other end */

static void begin(bool portable)
{
    poller = poller_new(portable);
    ck_assert(poller != NULL);
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, one), 0);
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, other), 0);
    ck_assert(poller_add(poller, one[0], POLLER_READS, one));
    ck_assert(poller_add(poller, other[0], POLLER_READS | POLLER_WRITES, other));
}

static void end(void)
{
    poller_free(poller);
    for (int i = 0; i < 2; i++) {
        close(one[i]);
        close(other[i]);
    }
}

START_TEST(tells_what_is_ready_and_to_whom_it_belongs)
{
    begin(_i == 1);
    ck_assert_uint_eq(poller_wait(poller, 0, NULL, ready, POLLER_READY_MAX), 1);
    ck_assert(ready[0].owner == other && ready[0].writes && !ready[0].reads);
    poller_change(poller, other[0], 0, other);
    ck_assert_uint_eq(poller_wait(poller, 0, NULL, ready, POLLER_READY_MAX), 0);
    ck_assert_int_eq(write(one[1], "x", 1), 1);
    ck_assert_int_eq(write(other[1], "x", 1), 1);
    /* the other wants nothing */
    ck_assert_uint_eq(poller_wait(poller, -1, NULL, ready, POLLER_READY_MAX), 1);
    ck_assert(ready[0].owner == one && ready[0].reads && !ready[0].writes);
    poller_change(poller, other[0], POLLER_READS, other);
    ck_assert_uint_eq(poller_wait(poller, -1, NULL, ready, POLLER_READY_MAX), 2);
    poller_remove(poller, one[0]);
    ck_assert_uint_eq(poller_wait(poller, -1, NULL, ready, POLLER_READY_MAX), 1);
    ck_assert(ready[0].owner == other && ready[0].reads);
    end();
}
END_TEST

START_TEST(an_end_is_something_to_read)
{
    begin(_i == 1);
    poller_change(poller, other[0], 0, other);
    ck_assert_int_eq(shutdown(one[1], SHUT_WR), 0);
    ck_assert_uint_eq(poller_wait(poller, -1, NULL, ready, POLLER_READY_MAX), 1);
    ck_assert(ready[0].owner == one && ready[0].reads);
    end();
}
END_TEST

/* More are ready than are told at once: none of them waits for ever. */
START_TEST(each_has_its_turn)
{
    enum { PAIRS = POLLER_READY_MAX + 44 };
    static int pairs[PAIRS][2];
    bool told[PAIRS] = { false };
    poller = poller_new(_i == 1);
    for (int i = 0; i < PAIRS; i++) {
        ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pairs[i]), 0);
        ck_assert(poller_add(poller, pairs[i][0], POLLER_WRITES, pairs[i]));
    }
    for (int round = 0; round < 3; round++) {
        size_t count = poller_wait(poller, 0, NULL, ready, POLLER_READY_MAX);
        ck_assert_uint_eq(count, POLLER_READY_MAX);
        for (size_t i = 0; i < count; i++)
            told[(int(*)[2])ready[i].owner - pairs] = true;
    }
    for (int i = 0; i < PAIRS; i++) {
        ck_assert(told[i]);
        close(pairs[i][0]);
        close(pairs[i][1]);
    }
    poller_free(poller);
}
END_TEST

static volatile sig_atomic_t came;
static void on_signal(int number) { came = number; }

/* A signal that came while it was held is let in by the wait, which ends. */
START_TEST(a_held_signal_ends_the_wait)
{
    sigset_t mask, open;
    begin(_i == 1);
    poller_change(poller, other[0], 0, other);
    signal(SIGUSR1, on_signal);
    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR1);
    sigprocmask(SIG_BLOCK, &mask, &open);
    came = 0;
    raise(SIGUSR1);
    ck_assert_int_eq(came, 0);
    ck_assert_uint_eq(poller_wait(poller, -1, &open, ready, POLLER_READY_MAX), 0);
    ck_assert_int_eq(came, SIGUSR1);
    sigprocmask(SIG_SETMASK, &open, NULL);
    end();
}
END_TEST

int main(void)
{
    TCase *cases = tcase_create("poller");
    tcase_add_loop_test(cases, tells_what_is_ready_and_to_whom_it_belongs, 0, 2);
    tcase_add_loop_test(cases, an_end_is_something_to_read, 0, 2);
    tcase_add_loop_test(cases, each_has_its_turn, 0, 2);
    tcase_add_loop_test(cases, a_held_signal_ends_the_wait, 0, 2);
    return run_cases("poller", cases);
}
