/* utf8.c: UTF-8 (RFC 3629). */
#include "servers/mail/encoding.h"

#define NO_LETTER 0xFFFDu /* REPLACEMENT CHARACTER */

void utf8_add(struct buf *out, uint32_t letter)
{
    if (letter > 0x10FFFF || (letter >= 0xD800 && letter < 0xE000))
        letter = NO_LETTER;
    char octets[4];
    size_t n = letter < 0x80 ? 1 : letter < 0x800 ? 2 : letter < 0x10000 ? 3 : 4;
    static const unsigned char lead[5] = { 0, 0, 0xC0, 0xE0, 0xF0 };
    for (size_t i = n; i > 1; i--) {
        octets[i - 1] = (char)(0x80 | (letter & 0x3F));
        letter >>= 6;
    }
    octets[0] = (char)(lead[n] | letter);
    buf_add(out, (slice){ octets, n });
}

/* A character at the front, strictly: its length, or 0. */
static size_t utf8_read(slice s, uint32_t *letter)
{
    static const uint32_t least[5] = { 0, 0, 0x80, 0x800, 0x10000 };
    unsigned char c = (unsigned char)s.at[0];
    size_t n = c < 0x80 ? 1 : c < 0xC2 ? 0 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : c < 0xF5 ? 4 : 0;
    if (n == 0 || s.len < n)
        return 0;
    uint32_t bits = n == 1 ? c : c & (0x7Fu >> n);
    for (size_t i = 1; i < n; i++) {
        unsigned char next = (unsigned char)s.at[i];
        if ((next & 0xC0) != 0x80)
            return 0;
        bits = bits << 6 | (next & 0x3Fu);
    }
    if (bits < least[n] || bits > 0x10FFFF || (bits >= 0xD800 && bits < 0xE000))
        return 0;
    *letter = bits;
    return n;
}

uint32_t utf8_next(slice *rest)
{
    uint32_t letter = NO_LETTER;
    size_t n = utf8_read(*rest, &letter);
    *rest = slice_from(*rest, n ? n : 1);
    return letter;
}

bool utf8_valid(slice s)
{
    while (s.len) {
        uint32_t letter;
        size_t n = utf8_read(s, &letter);
        if (n == 0)
            return false;
        s = slice_from(s, n);
    }
    return true;
}
