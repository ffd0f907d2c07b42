/* throttle.h: whoever guesses passwords waits for each answer, longer each time. Counts
   failed logins by client address, over all sessions of a host, until one succeeds from there; a
   session counts its own.
   A right password is answered at once: nobody is locked out by a stranger who shares her
   address. Not here: the waiting itself, which is the world's (services.h: delay). */
#ifndef SERVERS_AUTH_THROTTLE_H
#define SERVERS_AUTH_THROTTLE_H

#include "base/limits.h"
#include "base/slice.h"

struct throttle_entry {
    char address[64];
    uint32_t failures;
    uint64_t last_ms;          /* when it last failed */
};

/* All zero is an empty one. The address that failed longest ago makes room for a new one. */
struct throttle {
    struct throttle_entry entries[THROTTLE_ADDRESSES_MAX];
};

/* One more failure from there. How many there were lately, with this one. */
uint32_t throttle_failed(struct throttle *, slice address, uint64_t now_ms);
/* Somebody has logged in from there: what failed before was a slip, and is forgotten. */
void throttle_succeeded(struct throttle *, slice address);
/* How long the answer to the n-th failure is kept back. */
uint32_t throttle_delay_ms(uint32_t failures);

#endif
