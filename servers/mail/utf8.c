/* utf8.c: UTF-8 (RFC 3629). */
#include "servers/mail/encoding.h"

#define NO_CHARACTER 0xFFFDu /* REPLACEMENT CHARACTER */

void utf8_add(struct buf *out, uint32_t character)
{
    if (character > 0x10FFFF || (character >= 0xD800 && character < 0xE000))
        character = NO_CHARACTER;
    char octets[4];
    size_t n = character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    static const unsigned char lead[5] = { 0, 0, 0xC0, 0xE0, 0xF0 };
    for (size_t i = n; i > 1; i--) {
        octets[i - 1] = (char)(0x80 | (character & 0x3F));
        character >>= 6;
    }
    octets[0] = (char)(lead[n] | character);
    buf_add(out, (slice){ octets, n });
}

/* A character at the front, strictly: its length, or 0. */
static size_t utf8_read(slice s, uint32_t *character)
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
    *character = bits;
    return n;
}

uint32_t utf8_next(slice *rest)
{
    uint32_t character = NO_CHARACTER;
    size_t n = utf8_read(*rest, &character);
    *rest = slice_from(*rest, n ? n : 1);
    return character;
}

bool utf8_valid(slice s)
{
    while (s.len) {
        uint32_t character;
        size_t n = utf8_read(s, &character);
        if (n == 0)
            return false;
        s = slice_from(s, n);
    }
    return true;
}
