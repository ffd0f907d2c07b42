/* siphash.c: see siphash.h. */
#include "base/siphash.h"

struct state {
    uint64_t a, b, c, d;     /* v0 to v3 of the paper */
};

static uint64_t turned(uint64_t word, int bits) { return word << bits | word >> (64 - bits); }

static void rounds(struct state *s, int count)
{
    for (int i = 0; i < count; i++) {
        s->a += s->b;
        s->c += s->d;
        s->b = turned(s->b, 13) ^ s->a;
        s->d = turned(s->d, 16) ^ s->c;
        s->a = turned(s->a, 32);
        s->c += s->b;
        s->a += s->d;
        s->b = turned(s->b, 17) ^ s->c;
        s->d = turned(s->d, 21) ^ s->a;
        s->c = turned(s->c, 32);
    }
}

static void word_add(struct state *s, uint64_t word)
{
    s->d ^= word;
    rounds(s, 2);
    s->a ^= word;
}

/* At most eight octets, little-endian. */
static uint64_t word_of(slice octets)
{
    uint64_t word = 0;
    for (size_t i = 0; i < octets.len; i++)
        word |= (uint64_t)(unsigned char)octets.at[i] << 8 * i;
    return word;
}

struct siphash siphash(uint64_t key_low, uint64_t key_high, slice text)
{
    struct state s = { key_low ^ 0x736F6D6570736575, key_high ^ 0x646F72616E646F6D ^ 0xEE,
                       key_low ^ 0x6C7967656E657261, key_high ^ 0x7465646279746573 };
    slice rest = text;
    for (; rest.len >= 8; rest = slice_from(rest, 8))
        word_add(&s, word_of(slice_upto(rest, 8)));
    word_add(&s, word_of(rest) | (uint64_t)text.len << 56);
    s.c ^= 0xEE;
    rounds(&s, 4);
    struct siphash hash = { .low = s.a ^ s.b ^ s.c ^ s.d };
    s.b ^= 0xDD;
    rounds(&s, 4);
    hash.high = s.a ^ s.b ^ s.c ^ s.d;
    return hash;
}
