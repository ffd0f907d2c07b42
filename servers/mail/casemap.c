/* casemap.c: texts made comparable without case, as the collation i;unicode-casemap has it
   (RFC 5051): each character's title case, then taken apart: "\303\244" is A and a trema. */
#include "servers/mail/casemap_table.h"
#include "servers/mail/encoding.h"

#include <string.h>

#define EIGHT(octet) ((octet) * 0x0101010101010101u) /* the same in all of a word */
#define HIGH_BITS EIGHT(0x80)
#define BLOCK 16

/* Eight at once: the high bit of each octet tells whether it is a small letter. */
static void map_eight(char *to, uint64_t eight)
{
    uint64_t from_a = eight + EIGHT(0x80 - 'a'), after_z = eight + EIGHT(0x7f - 'z');
    uint64_t small = from_a & ~after_z & HIGH_BITS;
    eight ^= small >> 2; /* 0x20 is between a capital and its small letter */
    memcpy(to, &eight, sizeof eight);
}

/* A run of ASCII, as nearly all text is, without a call for each letter; returns how long. */
static size_t map_ascii(struct buf *out, slice text)
{
    char run[1024];
    size_t len = 0, max = text.len < sizeof run ? text.len : sizeof run;
    for (uint64_t eight; max - len >= sizeof eight; len += sizeof eight) {
        memcpy(&eight, text.at + len, sizeof eight);
        if (eight & HIGH_BITS)
            break;
        map_eight(run + len, eight);
    }
    for (; len < max && (unsigned char)text.at[len] < 0x80; len++)
        run[len] = to_upper(text.at[len]);
    buf_add(out, (slice){ run, len });
    return len;
}

/* --- the table ------------------------------------------------------------------------------ */

/* The block in which the character stands, if it stands in any; else NULL. */
static const struct casemap_block *block_of(uint32_t character)
{
    size_t low = 0, high = casemap_block_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (casemap_blocks[middle].character <= character)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? &casemap_blocks[low - 1] : NULL;
}

static bool table_add(struct buf *out, uint32_t character)
{
    const struct casemap_block *block = block_of(character);
    if (!block)
        return false;
    uint32_t here = block->character;
    size_t at = block->at;
    for (size_t i = 0; i < BLOCK && at < casemap_len; i++) {
        size_t len = casemap_octets[at] & 127u;
        bool far = casemap_octets[at++] & 128u;
        uint32_t step = casemap_octets[at++];
        if (far)
            step = step << 8 | casemap_octets[at++];
        here += step;
        if (here == character)
            return buf_add(out, (slice){ (const char *)casemap_octets + at, len }), true;
        if (here > character)
            return false;
        at += len;
    }
    return false;
}

/* Syllables of Hangul are arithmetic (Unicode 3.12): their two or three letters. */
static bool hangul_add(struct buf *out, uint32_t character)
{
    uint32_t syllable = character - 0xAC00;
    if (syllable >= 19 * 21 * 28)
        return false;
    utf8_add(out, 0x1100 + syllable / (21 * 28));
    utf8_add(out, 0x1161 + syllable / 28 % 21);
    if (syllable % 28)
        utf8_add(out, 0x11A7 + syllable % 28);
    return true;
}

void utf8_casemap(struct buf *out, slice text)
{
    while (text.len) {
        text = slice_from(text, map_ascii(out, text));
        if (text.len == 0)
            return;
        slice before = text;
        if ((unsigned char)text.at[0] < 0x80)
            continue;
        uint32_t character = utf8_next(&text);
        if (!hangul_add(out, character) && !table_add(out, character))
            buf_add(out, slice_upto(before, (size_t)(text.at - before.at)));
    }
}
