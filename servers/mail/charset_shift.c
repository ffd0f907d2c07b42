/* charset_shift.c: the sets in which octets mean something else after a shift: ISO 2022
   (RFC 1468, 1554, 1557), HZ (RFC 1843), UTF-7 (RFC 2152); and UTF-16 (RFC 2781), whose
   first two octets may tell the order of the others. */
#include "servers/mail/charset_private.h"

/* What is on. */
enum { ASCII, ROMAN, KATAKANA, JIS, JIS_0212, GB_2312, KOREAN };

static bool is_graphic(unsigned octet) { return octet > 0x20 && octet < 0x7F; }

/* A character of two octets of 7 bits. */
static uint32_t next_seven(struct charset_reader *reader)
{
    unsigned lead = octet_at(reader->rest, 0), trail = octet_at(reader->rest, 1);
    if (!is_graphic(lead) || !is_graphic(trail))
        return took(reader, 1, lead < 0x21 ? lead : NO_CHARACTER);
    size_t cell = (lead - 0x21u) * 94u + trail - 0x21u, wide = (lead - 1u) * 190u + trail + 0x3Fu;
    uint32_t character = reader->shift == JIS        ? charset_cell(GRID_JIS, cell)
                      : reader->shift == JIS_0212 ? charset_cell(GRID_JIS_0212, cell)
                      : reader->shift == GB_2312  ? charset_cell(GRID_GBK, wide)
                                                  : charset_cell(GRID_KOREAN, wide);
    return took(reader, 2, character ? character : NO_CHARACTER);
}

/* RFC 1468: lines end in ASCII; a shift that was lost damages one line only. */
static void line_ends(struct charset_reader *reader)
{
    if (octet_at(reader->rest, 0) == '\n')
        reader->shift = ASCII;
}

static bool take_escape(struct charset_reader *reader)
{
    static const struct {
        const char *octets;
        uint32_t shift;
    } escapes[] = {
        { "\033(B", ASCII },  { "\033(J", ROMAN },   { "\033(I", KATAKANA },
        { "\033$@", JIS },    { "\033$B", JIS },     { "\033$(D", JIS_0212 },
        { "\033$A", GB_2312 }, { "\033$(C", KOREAN }, { "\033$(@", JIS }, { "\033$(B", JIS },
    };
    for (size_t i = 0; i < COUNT(escapes); i++)
        if (take_prefix(&reader->rest, escapes[i].octets)) {
            reader->shift = escapes[i].shift;
            return true;
        }
    return false;
}

uint32_t next_2022_jp(struct charset_reader *reader)
{
    line_ends(reader);
    if (take_escape(reader))
        return CHARACTER_NONE;
    unsigned octet = octet_at(reader->rest, 0);
    if (octet >= 128)
        return took(reader, 1, NO_CHARACTER);
    if (reader->shift == KATAKANA && octet >= 0x21 && octet <= 0x5F)
        return took(reader, 1, 0xFF61 + octet - 0x21);
    if (reader->shift == ROMAN && (octet == '\\' || octet == '~'))
        return took(reader, 1, octet == '~' ? 0x203E : 0xA5);
    return reader->shift > KATAKANA ? next_seven(reader) : took(reader, 1, octet);
}

uint32_t next_2022_kr(struct charset_reader *reader)
{
    line_ends(reader);
    if (take_prefix(&reader->rest, "\033$)C"))
        return CHARACTER_NONE;
    unsigned octet = octet_at(reader->rest, 0);
    if (octet == 0x0E || octet == 0x0F) {
        reader->shift = octet == 0x0E ? KOREAN : ASCII;
        return took(reader, 1, CHARACTER_NONE);
    }
    if (octet >= 128)
        return took(reader, 1, NO_CHARACTER);
    return reader->shift == KOREAN ? next_seven(reader) : took(reader, 1, octet);
}

uint32_t next_hz(struct charset_reader *reader)
{
    line_ends(reader);
    if (take_prefix(&reader->rest, "~{") || take_prefix(&reader->rest, "~}")) {
        reader->shift = reader->rest.at[-1] == '{' ? GB_2312 : ASCII;
        return CHARACTER_NONE;
    }
    if (take_prefix(&reader->rest, "~\n"))
        return CHARACTER_NONE;
    if (reader->shift == ASCII && take_prefix(&reader->rest, "~~"))
        return '~';
    unsigned octet = octet_at(reader->rest, 0);
    if (octet >= 128)
        return took(reader, 1, NO_CHARACTER);
    return reader->shift == GB_2312 ? next_seven(reader) : took(reader, 1, octet);
}

/* --- Unicode --------------------------------------------------------------------------------- */

static bool is_high(uint32_t unit) { return unit >= 0xD800 && unit < 0xDC00; }
static bool is_low(uint32_t unit) { return unit >= 0xDC00 && unit < 0xE000; }

enum { BEGIN, BIG, LITTLE };

static uint32_t unit_at(const struct charset_reader *reader, size_t at)
{
    unsigned one = octet_at(reader->rest, at), two = octet_at(reader->rest, at + 1);
    return reader->shift == LITTLE ? two << 8 | one : one << 8 | two;
}

static uint32_t next_unit(struct charset_reader *reader)
{
    if (reader->rest.len < 2)
        return took(reader, 1, NO_CHARACTER);
    uint32_t unit = unit_at(reader, 0);
    if (!is_high(unit) || reader->rest.len < 4 || !is_low(unit_at(reader, 2)))
        return took(reader, 2, unit); /* half a pair is no character to utf8_add */
    uint32_t low = unit_at(reader, 2);
    return took(reader, 4, 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00));
}

uint32_t next_utf16(struct charset_reader *reader)
{
    if (reader->shift != BEGIN)
        return next_unit(reader);
    reader->shift = BIG; /* RFC 2781 4.3 */
    if (take_prefix(&reader->rest, "\376\377"))
        return CHARACTER_NONE;
    if (take_prefix(&reader->rest, "\377\376")) {
        reader->shift = LITTLE;
        return CHARACTER_NONE;
    }
    return next_unit(reader);
}

uint32_t next_utf16le(struct charset_reader *reader)
{
    bool begins = reader->shift == BEGIN;
    reader->shift = LITTLE;
    return begins && take_prefix(&reader->rest, "\377\376") ? CHARACTER_NONE : next_unit(reader);
}

static int sextet(unsigned octet)
{
    size_t at = 0;
    static const char values[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    return slice_find((slice){ values, 64 }, (char)octet, &at) ? (int)at : -1;
}

/* A unit of UTF-16 is complete: `high` waits for its other half. */
static uint32_t unit_done(struct charset_reader *reader, uint32_t unit)
{
    uint32_t high = reader->high;
    reader->high = is_high(unit) ? unit : 0;
    if (is_high(unit))
        return high ? NO_CHARACTER : CHARACTER_NONE;
    if (is_low(unit) && high)
        return 0x10000 + ((high - 0xD800) << 10) + (unit - 0xDC00);
    return unit;
}

enum { DIRECT, BASE64 };

uint32_t next_utf7(struct charset_reader *reader)
{
    unsigned octet = octet_at(reader->rest, 0);
    if (reader->shift == DIRECT) {
        if (take_prefix(&reader->rest, "+-"))
            return '+';
        if (octet != '+')
            return took(reader, 1, octet < 128 ? octet : NO_CHARACTER);
        reader->shift = BASE64;
        reader->bits = reader->count = reader->high = 0;
        return took(reader, 1, CHARACTER_NONE);
    }
    int value = sextet(octet);
    if (value < 0) {
        reader->shift = DIRECT;
        if (octet == '-')
            reader->rest = slice_from(reader->rest, 1);
        return reader->high ? NO_CHARACTER : CHARACTER_NONE;
    }
    reader->bits = (reader->bits << 6 | (uint32_t)value) & 0x3FFFFF;
    reader->count += 6;
    if (reader->count < 16)
        return took(reader, 1, CHARACTER_NONE);
    reader->count -= 16;
    return took(reader, 1, unit_done(reader, reader->bits >> reader->count & 0xFFFF));
}
