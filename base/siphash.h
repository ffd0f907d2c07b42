/* siphash.h: SipHash-2-4 with 128 bits (Aumasson and Bernstein, "SipHash: a fast short-input PRF",
   2012): a keyed hash of short texts. Who does not know the key can find no two texts with the same
   hash, nor with the same part of it. */
#ifndef BASE_SIPHASH_H
#define BASE_SIPHASH_H

#include "base/slice.h"

struct siphash {
    uint64_t low, high;      /* octets 0 to 7 and 8 to 15, little-endian */
};

struct siphash siphash(uint64_t key_low, uint64_t key_high, slice text);

#endif
