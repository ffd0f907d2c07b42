/* unpack.c: takes the module out of the page: a WebAssembly module of its own, of 3 KB, without
   imports. What comes in is a text, seven bits a character (bundle.sh says how), of a .lzma file as
   xz writes it: its end marked, pb=0. It begins at unpack_text; octets come out from unpack_at on.
   A damaged text traps, here or where the memory ends. */
#include <stdbool.h>
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(#name)))
#define APART        __attribute__((noinline)) /* a browser makes faster what is called often */
#define PAGE_BYTES   65536u
#define CHUNK        65536u
#define LONGEST      273u
#define HEADER       13 /* a properties' octet, sizes */
#define LITERAL_LC   4

enum {
    MATCH = 0, REP = 192, REP0 = 204, REP1 = 216, REP2 = 228, SHORT = 240, SLOT = 432, NEAR = 688,
    ALIGN = 816, LENGTH = 832, REP_LENGTH = 1346, LITERAL = 1860,
    CHOICES = LITERAL + (768 << LITERAL_LC)
};

extern uint8_t __heap_base;
static const uint8_t *in;             /* the text */
static uint8_t *begin, *out;          /* what came out so far */
static uint16_t half[CHOICES];        /* of 2,048: how likely a choice is 0 */
static uint32_t range, code, state, back[4], bits, held, lc;

/* Seven bits; the three that HTML changes come with the next seven in two octets, U+0100 on. */
static uint32_t seven(void)
{
    static const uint8_t never[3] = { 0, 13, 60 };
    static int32_t next = -1;
    if (next >= 0) {
        uint32_t value = (uint32_t)next;
        next = -1;
        return value;
    }
    uint32_t octet = *in++;
    if (octet < 128)
        return octet;
    uint32_t sign = (octet & 31) << 6 | (*in++ & 63);
    next = (int32_t)(sign & 127);
    uint32_t which = (sign >> 7) - 2;
    if (which > 2)
        __builtin_trap();
    return never[which];
}

APART static uint32_t octet(void)
{
    while (bits < 8) {
        held = held << 7 | seven();
        bits += 7;
    }
    bits -= 8;
    return held >> bits & 255;
}

static inline void more(void)
{
    if (range < 1u << 24) {
        range <<= 8;
        code = code << 8 | octet();
    }
}

static inline __attribute__((always_inline)) uint32_t bit(uint32_t i)
{
    more();
    uint32_t bound = (range >> 11) * half[i];
    if (code < bound) {
        range = bound;
        half[i] += (2048 - half[i]) >> 5;
        return 0;
    }
    range -= bound;
    code -= bound;
    half[i] -= half[i] >> 5;
    return 1;
}

/* The same where there is no loop of them. */
APART static uint32_t choice(uint32_t i) { return bit(i); }

APART static uint32_t tree(uint32_t base, uint32_t depth)
{
    uint32_t at = 1;
    for (uint32_t i = 0; i < depth; i++)
        at = at << 1 | bit(base + at);
    return at - (1u << depth);
}

APART static uint32_t backward(uint32_t base, uint32_t depth)
{
    uint32_t at = 1, value = 0;
    for (uint32_t i = 0; i < depth; i++) {
        uint32_t is = bit(base + at);
        at = at << 1 | is;
        value |= is << i;
    }
    return value;
}

static uint32_t direct(uint32_t count)
{
    uint32_t value = 0;
    for (; count; count--) {
        more();
        range >>= 1;
        uint32_t is = code >= range;
        if (is)
            code -= range;
        value = value << 1 | is;
    }
    return value;
}

APART static uint32_t length(uint32_t base)
{
    if (!choice(base))
        return 2 + tree(base + 2, 3);
    return choice(base + 1) ? 18 + tree(base + 258, 8) : 10 + tree(base + 130, 3);
}

APART static void literal(void)
{
    uint32_t base = LITERAL + 768 * ((out > begin ? out[-1] : 0u) >> (8 - lc)), at = 1;
    if (state >= 7) {
        uint32_t like = out[-1 - (int32_t)back[0]], side;
        do {
            side = like >> 7 & 1;
            like <<= 1;
            at = at << 1 | bit(base + (1 + side) * 256 + at);
        } while (at < 256 && (at & 1) == side);
    }
    while (at < 256)
        at = at << 1 | bit(base + at);
    *out++ = (uint8_t)at;
    state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
}

/* How far back, less one. */
static uint32_t distance(uint32_t slot)
{
    if (slot < 4)
        return slot;
    uint32_t count = (slot >> 1) - 1, base = (2 | (slot & 1)) << count;
    if (slot < 14)
        return base + backward(NEAR + base - slot, count);
    uint32_t high = direct(count - 4) << 4;
    return base + high + backward(ALIGN, 4);
}

/* One of the last four, which becomes the last. Returns how many octets. */
static uint32_t again(void)
{
    uint32_t which = 0;
    if (!choice(REP0 + state)) {
        if (!choice(SHORT + (state << 4))) {
            state = state < 7 ? 9 : 11;
            return 1;
        }
    } else
        which = !choice(REP1 + state) ? 1 : 2 + choice(REP2 + state);
    uint32_t to = back[which];
    for (; which; which--)
        back[which] = back[which - 1];
    back[0] = to;
    state = state < 7 ? 8 : 11;
    return length(REP_LENGTH);
}

static uint32_t match(void)
{
    for (int i = 3; i; i--)
        back[i] = back[i - 1];
    uint32_t count = length(LENGTH);
    back[0] = distance(tree(SLOT + ((count < 6 ? count - 2 : 3) << 6), 6));
    state = state < 7 ? 7 : 10;
    return count;
}

/* A literal, or octets that were there before. False: it was the end. */
APART static bool symbol(void)
{
    if (!choice(MATCH + (state << 4))) {
        literal();
        return true;
    }
    uint32_t count = choice(REP + state) ? again() : match();
    if (back[0] == UINT32_MAX)
        return false;
    if (back[0] >= (uint32_t)(out - begin))
        __builtin_trap();
    const uint8_t *from = out - back[0] - 1;
    for (; count; count--)
        *out++ = *from++;
    return true;
}

EXPORT(unpack_text) uint8_t *unpack_text(void) { return &__heap_base; }
EXPORT(unpack_at) uint8_t *unpack_at(void) { return begin; }
EXPORT(unpack_length) uint32_t unpack_length(void) { return (uint32_t)(out - begin); }

/* The text is there, and so long. */
EXPORT(unpack_begin) void unpack_begin(uint32_t len)
{
    in = &__heap_base;
    begin = out = &__heap_base + len + 16;
    for (uint32_t i = 0; i < CHOICES; i++)
        half[i] = 1024;
    lc = octet();
    if (lc > LITERAL_LC)
        __builtin_trap();
    for (int i = 1; i < HEADER + 1; i++)
        octet();
    range = UINT32_MAX;
    for (int i = 0; i < 4; i++)
        code = code << 8 | octet();
}

/* Some more of it. False: that was all. */
EXPORT(unpack_more) bool unpack_more(void)
{
    uintptr_t end = (uintptr_t)(out + CHUNK + LONGEST), size = __builtin_wasm_memory_size(0);
    if (end > size * PAGE_BYTES)
        __builtin_wasm_memory_grow(0, (end - size * PAGE_BYTES) / PAGE_BYTES + 1);
    for (const uint8_t *enough = out + CHUNK; out < enough;)
        if (!symbol())
            return false;
    return true;
}
