/* charset.c: the character sets of European mail, to UTF-8, and lower case. */
#include "servers/mail/encoding.h"

#include <string.h>

#define EIGHT(octet) ((octet) * 0x0101010101010101u) /* the same in all of a word */
#define HIGH_BITS EIGHT(0x80)
#define NO_LETTER 0xFFFDu /* REPLACEMENT CHARACTER */

/* windows-1252's own letters, where ISO 8859-1 has control characters. */
static const uint16_t windows_1252[32] = {
    0x20AC, NO_LETTER, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
    0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, NO_LETTER, 0x017D, NO_LETTER,
    NO_LETTER, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
    0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, NO_LETTER, 0x017E, 0x0178,
};

/* Where ISO 8859-15 is not ISO 8859-1. */
static uint32_t latin_9(unsigned char c)
{
    switch (c) {
    case 0xA4: return 0x20AC;
    case 0xA6: return 0x0160;
    case 0xA8: return 0x0161;
    case 0xB4: return 0x017D;
    case 0xB8: return 0x017E;
    case 0xBC: return 0x0152;
    case 0xBD: return 0x0153;
    case 0xBE: return 0x0178;
    default: return c;
    }
}

static uint32_t latin_1(unsigned char c) { return c; }
static uint32_t ascii(unsigned char c) { return c < 128 ? c : NO_LETTER; }
static uint32_t windows(unsigned char c)
{
    return c >= 0x80 && c < 0xA0 ? windows_1252[c - 0x80] : c;
}

typedef uint32_t letter_of(unsigned char);

static const struct charset {
    const char *name;
    letter_of *letter; /* NULL: it is UTF-8 */
} charsets[] = {
    { "utf-8", NULL }, { "utf8", NULL },
    { "us-ascii", ascii }, { "ascii", ascii }, { "ansi_x3.4-1968", ascii },
    { "iso-8859-1", latin_1 }, { "iso8859-1", latin_1 }, { "iso_8859-1", latin_1 },
    { "latin1", latin_1 }, { "l1", latin_1 },
    { "iso-8859-15", latin_9 }, { "iso8859-15", latin_9 }, { "iso_8859-15", latin_9 },
    { "latin-9", latin_9 }, { "latin9", latin_9 },
    { "windows-1252", windows }, { "cp1252", windows },
};

static const struct charset *charset_find(slice name)
{
    for (size_t i = 0; i < COUNT(charsets); i++)
        if (slice_is_nocase(name, charsets[i].name))
            return &charsets[i];
    return NULL;
}

/* How much at the front is ASCII, which all sets here have in common. */
static size_t ascii_len(slice text)
{
    size_t len = 0;
    for (uint64_t eight; text.len - len >= sizeof eight; len += sizeof eight) {
        memcpy(&eight, text.at + len, sizeof eight);
        if (eight & HIGH_BITS)
            break;
    }
    while (len < text.len && (unsigned char)text.at[len] < 0x80)
        len++;
    return len;
}

bool charset_known(slice charset) { return charset_find(charset) != NULL; }

bool charset_to_utf8(struct buf *out, slice charset, slice text)
{
    const struct charset *found = charset_find(charset);
    if (!found)
        return false;
    while (text.len) {
        size_t same = ascii_len(text);
        buf_add(out, slice_upto(text, same));
        text = slice_from(text, same);
        if (text.len && !found->letter) {
            utf8_add(out, utf8_next(&text));
        } else if (text.len) {
            utf8_add(out, found->letter((unsigned char)text.at[0]));
            text = slice_from(text, 1);
        }
    }
    return true;
}

/* --- UTF-8 (RFC 3629) --------------------------------------------------------------- */

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

/* Capitals in runs: every letter of the run, or every second one, has its small letter
   so far away. */
static const struct capitals {
    uint16_t first, last;
    uint8_t step;
    int16_t away;
} capitals[] = {
    { 'A', 'Z', 1, 32 },
    { 0xC0, 0xD6, 1, 32 }, { 0xD8, 0xDE, 1, 32 },                   /* Latin-1 */
    { 0x100, 0x12E, 2, 1 }, { 0x130, 0x130, 1, -199 },              /* Latin Extended-A; İ is i */
    { 0x132, 0x136, 2, 1 }, { 0x139, 0x147, 2, 1 }, { 0x14A, 0x176, 2, 1 },
    { 0x178, 0x178, 1, -121 }, { 0x179, 0x17D, 2, 1 }, { 0x17F, 0x17F, 1, -268 },
    { 0x386, 0x386, 1, 38 }, { 0x388, 0x38A, 1, 37 },               /* Greek */
    { 0x38C, 0x38C, 1, 64 }, { 0x38E, 0x38F, 1, 63 },
    { 0x391, 0x3A1, 1, 32 }, { 0x3A3, 0x3AB, 1, 32 }, { 0x3C2, 0x3C2, 1, 1 },
    { 0x400, 0x40F, 1, 80 }, { 0x410, 0x42F, 1, 32 },               /* Cyrillic */
    { 0x460, 0x480, 2, 1 }, { 0x48A, 0x4BE, 2, 1 }, { 0x4C0, 0x4C0, 1, 15 },
    { 0x4C1, 0x4CD, 2, 1 }, { 0x4D0, 0x52E, 2, 1 },
};

static uint32_t letter_lower(uint32_t letter)
{
    for (size_t i = 0; i < COUNT(capitals) && letter >= capitals[i].first; i++) {
        const struct capitals *run = &capitals[i];
        if (letter <= run->last && (letter - run->first) % run->step == 0)
            return (uint32_t)((int32_t)letter + run->away);
    }
    return letter;
}

/* Eight at once: the high bit of each octet tells whether it is a capital. */
static void fold_eight(char *to, const char *from)
{
    uint64_t eight;
    memcpy(&eight, from, sizeof eight);
    uint64_t from_a = eight + EIGHT(0x80 - 'A'), after_z = eight + EIGHT(0x7f - 'Z');
    uint64_t capitals_are = from_a & ~after_z & HIGH_BITS;
    eight |= capitals_are >> 2; /* 0x20 is between a capital and its small letter */
    memcpy(to, &eight, sizeof eight);
}

/* A run of ASCII, as nearly all text is, without a call for each letter; returns how long. */
static size_t fold_ascii(struct buf *out, slice text)
{
    char run[1024];
    size_t len = ascii_len(slice_upto(text, sizeof run)), i = 0;
    for (; len - i >= 8; i += 8)
        fold_eight(run + i, text.at + i);
    for (; i < len; i++)
        run[i] = to_lower(text.at[i]);
    buf_add(out, (slice){ run, len });
    return len;
}

void utf8_fold(struct buf *out, slice text)
{
    while (text.len) {
        uint32_t letter = 0;
        size_t ascii = fold_ascii(out, text);
        text = slice_from(text, ascii);
        if (ascii)
            continue;
        size_t n = utf8_read(text, &letter);
        if (n == 0)
            buf_add_char(out, text.at[0]);
        else
            utf8_add(out, letter_lower(letter));
        text = slice_from(text, n ? n : 1);
    }
}
