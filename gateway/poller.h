/* poller.h: which of many descriptors can be read or written now. Asking costs as much as
   there is to tell, not as much as there are descriptors: epoll(7) where the system has it,
   else poll(2). Descriptors must not be regular files. */
#ifndef GATEWAY_POLLER_H
#define GATEWAY_POLLER_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#define POLLER_READY_MAX 256        /* told at once */

enum { POLLER_READS = 1, POLLER_WRITES = 2 };

struct ready {
    void *owner;
    bool reads;                     /* also when it has ended or is broken: reading tells */
    bool writes;
};

struct poller;

/* portable: poll(2) even where there is better. */
struct poller *poller_new(bool portable);
void poller_free(struct poller *);  /* the descriptors stay open */
/* False: no room (errno). `wants` is a sum of the two above, or 0: then nothing is told of it,
   but for a broken connection. */
bool poller_add(struct poller *, int fd, unsigned wants, void *owner);
void poller_change(struct poller *, int fd, unsigned wants, void *owner);
void poller_remove(struct poller *, int fd);          /* before it is closed */
/* Waits until something is ready, ms are over (-1: never) or a signal has come, which only
   those of `open` can (NULL: as they are). Returns how many `ready` holds, at most `max` (the
   others come first the next time); 0 after a signal. */
size_t poller_wait(struct poller *, int ms, const sigset_t *open,
                   struct ready *ready, size_t max);

#endif
