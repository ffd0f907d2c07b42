/* mutf7.c: modified UTF-7, in which IMAP writes mailbox names (RFC 3501 5.1.3). "&" opens
   a run of base64 with "," for "/", which holds UTF-16 and ends in "-"; "&-" is "&". */
#include "servers/mail/encoding.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

static bool is_plain(unsigned char c) { return c >= 32 && c < 127 && c != '&'; }

static int value_of(char c)
{
    size_t at = 0;
    return slice_find((slice){ alphabet, 64 }, c, &at) ? (int)at : -1;
}

/* UTF-16 to characters: `high` waits for its other half. */
static bool unit_decode(struct buf *out, uint32_t unit, uint32_t *high)
{
    bool is_low = unit >= 0xDC00 && unit < 0xE000;
    if (is_low != (*high != 0))
        return false;
    if (unit >= 0xD800 && unit < 0xDC00) {
        *high = unit;
        return true;
    }
    utf8_add(out, is_low ? 0x10000 + ((*high - 0xD800) << 10) + (unit - 0xDC00) : unit);
    *high = 0;
    return true;
}

/* The base64 between "&" and "-". */
static bool run_decode(struct buf *out, slice run)
{
    uint32_t bits = 0, high = 0;
    unsigned count = 0;
    for (size_t i = 0; i < run.len; i++) {
        int value = value_of(run.at[i]);
        if (value < 0)
            return false;
        bits = (bits << 6 | (uint32_t)value) & 0xFFFFFF;
        count += 6;
        if (count < 16)
            continue;
        count -= 16;
        if (!unit_decode(out, bits >> count & 0xFFFF, &high))
            return false;
    }
    return high == 0;
}

static bool decode_loose(struct buf *out, slice name)
{
    while (name.len) {
        slice plain = take_while(&name, is_plain);
        buf_add(out, plain);
        if (name.len == 0)
            break;
        size_t end;
        if (!take_char(&name, '&') || !slice_find(name, '-', &end))
            return false;
        if (end == 0)
            buf_add_char(out, '&');
        else if (!run_decode(out, slice_upto(name, end)))
            return false;
        name = slice_from(name, end + 1);
    }
    return true;
}

static void unit_encode(struct buf *out, uint32_t unit, uint32_t *bits, unsigned *count)
{
    *bits = *bits << 16 | unit;
    *count += 16;
    while (*count >= 6) {
        *count -= 6;
        buf_add_char(out, alphabet[*bits >> *count & 63]);
    }
    *bits &= (1u << *count) - 1;
}

/* From a character that is not plain to the next that is. */
static void run_encode(struct buf *out, slice *rest)
{
    uint32_t bits = 0;
    unsigned count = 0;
    buf_add_char(out, '&');
    while (rest->len && !is_plain((unsigned char)rest->at[0]) && rest->at[0] != '&') {
        uint32_t character = utf8_next(rest);
        if (character >= 0x10000) {
            unit_encode(out, 0xD800 + ((character - 0x10000) >> 10), &bits, &count);
            character = 0xDC00 + ((character - 0x10000) & 0x3FF);
        }
        unit_encode(out, character, &bits, &count);
    }
    if (count)
        buf_add_char(out, alphabet[bits << (6 - count) & 63]);
    buf_add_char(out, '-');
}

bool mutf7_encode(struct buf *out, slice utf8)
{
    if (!utf8_valid(utf8))
        return false;
    while (utf8.len) {
        buf_add(out, take_while(&utf8, is_plain));
        if (take_char(&utf8, '&'))
            buf_add_text(out, "&-");
        else if (utf8.len)
            run_encode(out, &utf8);
    }
    return true;
}

/* Whatever is no canonical form is told by writing it again: padding bits, base64 for
   plain letters, two runs where one would do. */
bool mutf7_decode(struct buf *out, slice name)
{
    struct buf text = BUF_MAX(name.len * 3 + 1), again = BUF_MAX(name.len * 4 + 1);
    bool valid = decode_loose(&text, name) && mutf7_encode(&again, buf_slice(&text)) &&
                 slice_equal(buf_slice(&again), name);
    if (valid)
        buf_add(out, buf_slice(&text));
    buf_free(&text);
    buf_free(&again);
    return valid;
}

bool mutf7_valid(slice name)
{
    struct buf text = BUF_MAX(name.len * 3 + 1);
    bool valid = mutf7_decode(&text, name);
    buf_free(&text);
    return valid;
}
