/* signals.c: what the program hears from outside. A handler only raises a flag; the loops in
   prompt.c, prompt_readline.c and run.c look at it. */
#include <stddef.h>

#include "repl/repl.h"

volatile sig_atomic_t signal_leave, signal_break, signal_resize, signal_continue;

/* Three times without being heard: something is busy, and the person wants out. */
#define BREAKS_BEFORE_END 3

/* Asked a second time, it goes at once: whatever is busy does not look at the flag. */
static void on_leave(int number)
{
    if (signal_leave) {
        signal(number, SIG_DFL);
        raise(number);
    }
    signal_leave = 1;
}

static void on_break(int number)
{
    signal_break++;
    if (signal_break >= BREAKS_BEFORE_END) {
        signal(number, SIG_DFL);
        raise(number);
    }
}

static void on_resize(int number)
{
    (void)number;
    signal_resize = 1;
}

static void on_continue(int number)
{
    (void)number;
    signal_continue = 1;
}

static void signal_set(int number, void (*react)(int))
{
    struct sigaction action = { .sa_handler = react };
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, NULL);
}

void signals_begin(bool asks)
{
    signal_set(SIGTERM, on_leave);
    signal_set(SIGHUP, on_leave);
    signal_set(SIGINT, asks ? on_break : on_leave);
    signal_set(SIGWINCH, on_resize);
    signal_set(SIGCONT, on_continue);
    signal_set(SIGPIPE, SIG_IGN);
    signal_set(SIGXFSZ, SIG_IGN); /* a limit on a file's size is a full disk, no end */
}

void signals_hold(sigset_t *before)
{
    static const int numbers[] = { SIGTERM, SIGHUP, SIGINT, SIGWINCH, SIGCONT };
    sigset_t mask;
    sigemptyset(&mask);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        sigaddset(&mask, numbers[i]);
    sigprocmask(SIG_BLOCK, &mask, before);
}

void signals_let(const sigset_t *before) { sigprocmask(SIG_SETMASK, before, NULL); }
