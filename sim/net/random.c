/* random.c: see random.h. The scrambler is splitmix64's finalizer; its stream is the
   golden-ratio sequence, here indexed instead of stepped. */
#include "sim/net/random.h"
#include "base/error.h"

#define GOLDEN 0x9e3779b97f4a7c15ull

uint64_t random_mix(uint64_t word)
{
    word ^= word >> 30;
    word *= 0xbf58476d1ce4e5b9ull;
    word ^= word >> 27;
    word *= 0x94d049bb133111ebull;
    return word ^ (word >> 31);
}

uint64_t random_hash(slice text)
{
    uint64_t hash = 0xcbf29ce484222325ull;
    for (size_t i = 0; i < text.len; i++)
        hash = (hash ^ (unsigned char)text.at[i]) * 0x100000001b3ull;
    return hash;
}

struct random random_stream(uint64_t seed, slice owner, const char *purpose)
{
    uint64_t stream = random_mix(random_hash(owner) + GOLDEN) ^ random_hash(slice_of(purpose));
    return (struct random){ .seed = seed, .stream = random_mix(stream) };
}

uint64_t random_next(struct random *random)
{
    uint64_t start = random_mix(random->seed + GOLDEN) ^ random->stream;
    return random_mix(random_mix(start) + ++random->count * GOLDEN);
}

uint64_t random_below(struct random *random, uint64_t bound)
{
    must(bound > 0);
    /* The lowest 2^64 mod bound draws would favour small results; they are drawn again. */
    uint64_t unfair = (0 - bound) % bound;
    uint64_t draw;
    do
        draw = random_next(random);
    while (draw < unfair);
    return draw % bound;
}

bool random_chance(struct random *random, uint32_t numerator, uint32_t denominator)
{
    return random_below(random, denominator) < numerator;
}
