/* charset_asian.c: the sets in which a character is one, two or four octets, and every octet
   under 128 that begins one is ASCII. */
#include "servers/mail/charset_private.h"

static bool in(unsigned octet, unsigned first, unsigned last)
{
    return octet >= first && octet <= last;
}

/* --- China, Taiwan, Korea -------------------------------------------------------------------- */

/* GB 18030's four octets: those that are no character of two come in Unicode's order. */
static uint32_t next_four(struct charset_reader *reader)
{
    slice s = reader->rest;
    if (!in(octet_at(s, 2), 0x81, 0xFE) || !in(octet_at(s, 3), 0x30, 0x39))
        return took(reader, 1, NO_CHARACTER);
    uint32_t number = (((octet_at(s, 0) - 0x81) * 10 + octet_at(s, 1) - 0x30) * 126 +
                       octet_at(s, 2) - 0x81) * 10 + octet_at(s, 3) - 0x30;
    if (number >= 189000) /* over 1114111 utf8_add knows no character */
        return took(reader, 4, 0x10000 + number - 189000);
    if (number > 39419)
        return took(reader, 4, NO_CHARACTER);
    size_t at = 0;
    while (at + 1 < gb18030_range_count && gb18030_ranges[at + 1].number <= number)
        at++;
    return took(reader, 4, gb18030_ranges[at].character + number - gb18030_ranges[at].number);
}

uint32_t next_gbk(struct charset_reader *reader)
{
    unsigned lead = octet_at(reader->rest, 0), trail = octet_at(reader->rest, 1);
    if (lead < 128)
        return took(reader, 1, lead);
    if (lead == 0x80 || lead == 0xFF) /* 0x80 is the euro sign on Windows */
        return took(reader, 1, lead == 0x80 ? 0x20AC : NO_CHARACTER);
    if (in(trail, 0x30, 0x39))
        return next_four(reader);
    bool fits = in(trail, 0x40, 0x7E) || in(trail, 0x80, 0xFE);
    return took_pair(reader, GRID_GBK, fits,
                     (lead - 0x81) * 190u + trail - (trail > 0x7F ? 0x41u : 0x40u));
}

uint32_t next_big5(struct charset_reader *reader)
{
    unsigned lead = octet_at(reader->rest, 0), trail = octet_at(reader->rest, 1);
    if (lead < 128)
        return took(reader, 1, lead);
    bool fits = in(lead, 0xA1, 0xF9) && (in(trail, 0x40, 0x7E) || in(trail, 0xA1, 0xFE));
    return took_pair(reader, GRID_BIG5, fits,
                     (lead - 0xA1u) * 157u + trail - (trail > 0x7F ? 0x62u : 0x40u));
}

uint32_t next_korean(struct charset_reader *reader)
{
    unsigned lead = octet_at(reader->rest, 0), trail = octet_at(reader->rest, 1);
    if (lead < 128)
        return took(reader, 1, lead);
    return took_pair(reader, GRID_KOREAN, in(lead, 0x81, 0xFD) && in(trail, 0x41, 0xFE),
                     (lead - 0x81u) * 190u + trail - 0x41u);
}

/* --- Japan ----------------------------------------------------------------------------------- */

uint32_t next_shift_jis(struct charset_reader *reader)
{
    unsigned lead = octet_at(reader->rest, 0), trail = octet_at(reader->rest, 1);
    if (lead < 128)
        return took(reader, 1, lead);
    if (in(lead, 0xA1, 0xDF)) /* narrow katakana */
        return took(reader, 1, 0xFF61 + lead - 0xA1);
    bool fits = lead != 0x80 && lead != 0xA0 && lead <= 0xFC &&
                (in(trail, 0x40, 0x7E) || in(trail, 0x80, 0xFC));
    return took_pair(reader, GRID_JIS, fits,
                     (lead - (lead < 0xA0 ? 0x81u : 0xC1u)) * 188u + trail -
                         (trail > 0x7F ? 0x41u : 0x40u));
}

uint32_t next_euc_jp(struct charset_reader *reader)
{
    unsigned lead = octet_at(reader->rest, 0), trail = octet_at(reader->rest, 1);
    if (lead < 128)
        return took(reader, 1, lead);
    if (lead == 0x8E && in(trail, 0xA1, 0xDF))
        return took(reader, 2, 0xFF61 + trail - 0xA1);
    if (lead == 0x8F && in(trail, 0xA1, 0xFE) && in(octet_at(reader->rest, 2), 0xA1, 0xFE)) {
        uint32_t character = charset_cell(GRID_JIS_0212,
                                       (trail - 0xA1) * 94u + octet_at(reader->rest, 2) - 0xA1);
        return took(reader, 3, character ? character : NO_CHARACTER);
    }
    return took_pair(reader, GRID_JIS, in(lead, 0xA1, 0xFE) && in(trail, 0xA1, 0xFE),
                     (lead - 0xA1u) * 94u + trail - 0xA1u);
}
