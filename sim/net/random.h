/* random.h: the only randomness. Counter-based: a draw is a hash of (seed, stream,
   count), so a stream for one purpose never moves another's draws, and adding a host
   moves nobody else's. */
#ifndef SIM_RANDOM_H
#define SIM_RANDOM_H

#include "base/slice.h"

struct random {
    uint64_t seed, stream, count;
};

uint64_t random_mix(uint64_t);                                    /* a good 64-bit scrambler */
uint64_t random_hash(slice text);                                 /* for stream names; FNV-1a */
struct random random_stream(uint64_t seed, slice owner, const char *purpose);
uint64_t random_next(struct random *);
/* 0 .. bound-1, bound > 0, unbiased */
uint64_t random_below(struct random *, uint64_t bound);
bool random_chance(struct random *, uint32_t numerator, uint32_t denominator);

#endif
