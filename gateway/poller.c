/* poller.c: see poller.h. */
#ifdef __linux__
#define _GNU_SOURCE /* ppoll */
#endif
#include "gateway/poller.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/epoll.h>
#endif

#include "base/error.h"
#include "base/slice.h"
#include "base/spare.h"

struct poller {
    int epoll;                      /* -1: poll(2), and what follows is used */
    struct pollfd *polled;
    void **owners;                  /* of the same places */
    size_t count, cap;
    size_t next;                    /* where looking begins, so that each has its turn */
};

/* --- epoll -------------------------------------------------------------------------------- */

#ifdef __linux__
static int epoll_begin(void) { return epoll_create1(EPOLL_CLOEXEC); }

static bool epoll_say(const struct poller *poller, int operation, int fd, unsigned wants,
                      void *owner)
{
    struct epoll_event event = {
        .events = (wants & POLLER_READS ? (uint32_t)EPOLLIN : 0u) |
                  (wants & POLLER_WRITES ? (uint32_t)EPOLLOUT : 0u),
        .data = { .ptr = owner },
    };
    return epoll_ctl(poller->epoll, operation, fd, &event) == 0;
}

static size_t epoll_ask(const struct poller *poller, int ms, const sigset_t *open,
                        struct ready *ready, size_t max)
{
    struct epoll_event events[POLLER_READY_MAX];
    int count = epoll_pwait(poller->epoll, events, (int)max, ms, open);
    for (int i = 0; i < count; i++)
        ready[i] = (struct ready){
            .owner = events[i].data.ptr,
            .reads = events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR),
            .writes = events[i].events & EPOLLOUT,
        };
    return count > 0 ? (size_t)count : 0;
}
#else
enum { EPOLL_CTL_ADD, EPOLL_CTL_MOD, EPOLL_CTL_DEL };
static int epoll_begin(void) { return -1; }
static bool epoll_say(const struct poller *poller, int operation, int fd, unsigned wants,
                      void *owner)
{
    (void)poller, (void)operation, (void)fd, (void)wants, (void)owner;
    return false;
}
static size_t epoll_ask(const struct poller *poller, int ms, const sigset_t *open,
                        struct ready *ready, size_t max)
{
    (void)poller, (void)ms, (void)open, (void)ready, (void)max;
    return 0;
}
#endif

/* --- poll --------------------------------------------------------------------------------- */

static short poll_events(unsigned wants)
{
    return (short)((wants & POLLER_READS ? POLLIN : 0) | (wants & POLLER_WRITES ? POLLOUT : 0));
}

static size_t poll_place(const struct poller *poller, int fd)
{
    size_t at = 0;
    while (poller->polled[at].fd != fd)
        must(++at < poller->count);
    return at;
}

static void poll_add(struct poller *poller, int fd, unsigned wants, void *owner)
{
    if (poller->count == poller->cap) {
        poller->cap = poller->cap ? poller->cap * 2 : 16;
        poller->polled = spare_resize(poller->polled, poller->cap * sizeof *poller->polled);
        poller->owners = spare_resize(poller->owners, poller->cap * sizeof *poller->owners);
        must(poller->polled != NULL && poller->owners != NULL);
    }
    poller->polled[poller->count] = (struct pollfd){ .fd = fd, .events = poll_events(wants) };
    poller->owners[poller->count++] = owner;
}

static int poll_wait(struct poller *poller, int ms, const sigset_t *open)
{
#ifdef __linux__
    struct timespec time = { ms / 1000, ms % 1000 * 1000000L };
    return ppoll(poller->polled, (nfds_t)poller->count, ms < 0 ? NULL : &time, open);
#else
    sigset_t before;
    if (open)
        sigprocmask(SIG_SETMASK, open, &before);
    int count = poll(poller->polled, (nfds_t)poller->count, ms);
    if (open)
        sigprocmask(SIG_SETMASK, &before, NULL);
    return count;
#endif
}

static size_t poll_ask(struct poller *poller, int ms, const sigset_t *open,
                       struct ready *ready, size_t max)
{
    size_t found = 0, looked = 0;
    if (poll_wait(poller, ms, open) <= 0)
        return 0;
    for (; looked < poller->count && found < max; looked++) {
        size_t at = (poller->next + looked) % poller->count;
        short events = poller->polled[at].revents;
        if (events)
            ready[found++] = (struct ready){
                .owner = poller->owners[at],
                .reads = events & (POLLIN | POLLHUP | POLLERR),
                .writes = events & POLLOUT,
            };
    }
    poller->next = (poller->next + looked) % poller->count;
    return found;
}

/* --- either ------------------------------------------------------------------------------- */

struct poller *poller_new(bool portable)
{
    struct poller *poller = spare_take(sizeof *poller);
    must(poller != NULL);
    poller->epoll = portable ? -1 : epoll_begin();
    return poller;
}

void poller_free(struct poller *poller)
{
    if (!poller)
        return;
    if (poller->epoll >= 0)
        close(poller->epoll);
    free(poller->polled);
    free(poller->owners);
    free(poller);
}

bool poller_add(struct poller *poller, int fd, unsigned wants, void *owner)
{
    if (poller->epoll >= 0)
        return epoll_say(poller, EPOLL_CTL_ADD, fd, wants, owner);
    poll_add(poller, fd, wants, owner);
    return true;
}

void poller_change(struct poller *poller, int fd, unsigned wants, void *owner)
{
    if (poller->epoll >= 0)
        must(epoll_say(poller, EPOLL_CTL_MOD, fd, wants, owner));
    else
        poller->polled[poll_place(poller, fd)].events = poll_events(wants);
}

void poller_remove(struct poller *poller, int fd)
{
    if (poller->epoll >= 0) {
        must(epoll_say(poller, EPOLL_CTL_DEL, fd, 0, NULL));
        return;
    }
    size_t at = poll_place(poller, fd);
    poller->polled[at] = poller->polled[--poller->count];
    poller->owners[at] = poller->owners[poller->count];
}

size_t poller_wait(struct poller *poller, int ms, const sigset_t *open,
                   struct ready *ready, size_t max)
{
    must(max > 0 && max <= POLLER_READY_MAX);
    return poller->epoll >= 0 ? epoll_ask(poller, ms, open, ready, max)
                              : poll_ask(poller, ms, open, ready, max);
}
