/* transfer.c: see transfer.h. */
#include "servers/mail/transfer.h"

#include "servers/mail/encoding.h"

bool transfer_named(slice encoding, enum transfer *how)
{
    static const struct {
        const char *name;
        enum transfer how;
    } names[] = {
        { "7bit", TRANSFER_IDENTITY },   { "8bit", TRANSFER_IDENTITY },
        { "binary", TRANSFER_IDENTITY }, { "base64", TRANSFER_BASE64 },
        { "quoted-printable", TRANSFER_QUOTED },
    };
    *how = TRANSFER_IDENTITY;
    if (encoding.len == 0)
        return true;
    for (size_t i = 0; i < COUNT(names); i++)
        if (slice_is_nocase(encoding, names[i].name)) {
            *how = names[i].how;
            return true;
        }
    return false;
}

/* --- base64 ------------------------------------------------------------------------------- */

static void base64_add(struct transfer_reader *reader, slice body, struct buf *out)
{
    char piece[768];
    uint32_t bits = reader->bits;
    size_t n = reader->count, len = 0, i = 0;
    for (; i < body.len && body.at[i] != '='; i++) {
        int value = base64_value(body.at[i]);
        if (value < 0)
            continue;
        bits = bits << 6 | (uint32_t)value;
        if (++n < 4)
            continue;
        piece[len] = (char)(bits >> 16);
        piece[len + 1] = (char)(bits >> 8);
        piece[len + 2] = (char)bits;
        len += 3;
        n = bits = 0;
        if (len == sizeof piece) {
            buf_add(out, (slice){ piece, len });
            len = 0;
        }
    }
    buf_add(out, (slice){ piece, len });
    reader->bits = bits;
    reader->count = (uint32_t)n;
    reader->ended = i < body.len;
}

/* Of a group that is not whole: padding is often forgotten. */
static void base64_end(struct transfer_reader *reader, struct buf *out)
{
    uint32_t bits = reader->bits << (6 * (4 - reader->count));
    char two[2] = { (char)(bits >> 16), (char)(bits >> 8) };
    if (reader->count > 1)
        buf_add(out, (slice){ two, reader->count - 1 });
    reader->count = reader->bits = 0;
}

/* --- quoted-printable --------------------------------------------------------------------- */

/* It was text after all. */
static void held_keep(struct transfer_reader *reader, struct buf *out)
{
    buf_add(out, (slice){ reader->held, reader->held_len });
    reader->held_len = 0;
}

static void held_add(struct transfer_reader *reader, char c, struct buf *out)
{
    if (reader->held_len >= TRANSFER_HELD_MAX && c != '\r')
        held_keep(reader, out);
    reader->held[reader->held_len++] = c;
}

static bool held_last_is(const struct transfer_reader *reader, char c)
{
    return reader->held_len && reader->held[reader->held_len - 1] == c;
}

/* "=4": one digit more makes an octet. */
static bool held_is_half(const struct transfer_reader *reader)
{
    return reader->held_len == 2 && reader->held[0] == '=' && hex_value(reader->held[1]) >= 0;
}

/* Blanks before a line's end were added on the way; "=" before it means that there is no line end
   (RFC 2045 6.7 rules 3 and 5). */
static void held_end_line(struct transfer_reader *reader, slice line_end, struct buf *out)
{
    bool half = held_is_half(reader);
    bool soft = reader->held_len && reader->held[0] == '=' && !half;
    if (half)
        held_keep(reader, out);
    reader->held_len = 0;
    if (!soft)
        buf_add(out, line_end);
}

static void quoted_newline(struct transfer_reader *reader, struct buf *out)
{
    bool cr = held_last_is(reader, '\r');
    reader->held_len -= cr;
    held_end_line(reader, cr ? SLICE("\r\n") : SLICE("\n"), out);
}

static void quoted_equals_then(struct transfer_reader *reader, char c, struct buf *out)
{
    if (held_is_half(reader) && hex_value(c) >= 0) {
        buf_add_char(out, (char)hex_octet(reader->held[1], c));
        reader->held_len = 0;
    } else if (reader->held_len == 1 && reader->held[0] == '=' && hex_value(c) >= 0) {
        reader->held[reader->held_len++] = c;
    } else {
        held_keep(reader, out);
        buf_add_char(out, c);
    }
}

/* One octet that is not plain, or that something held waits for. */
static void quoted_octet(struct transfer_reader *reader, char c, struct buf *out)
{
    if (c == '\n') {
        quoted_newline(reader, out);
        return;
    }
    if (held_last_is(reader, '\r') ||
        (held_is_half(reader) && (c == '=' || is_space((unsigned char)c))))
        held_keep(reader, out); /* a CR alone is text, and so is "=4" */
    if (c == '=') {
        held_keep(reader, out);
        held_add(reader, c, out);
    } else if (c == '\r' || is_space((unsigned char)c)) {
        held_add(reader, c, out);
    } else {
        quoted_equals_then(reader, c, out);
    }
}

/* Plain text goes in runs: up to what is special, but for the blanks before that. */
static size_t quoted_run(const struct transfer_reader *reader, slice body)
{
    size_t len = 0;
    if (reader->held_len)
        return 0;
    while (len < body.len && body.at[len] != '=' && body.at[len] != '\r' && body.at[len] != '\n')
        len++;
    while (len && is_space((unsigned char)body.at[len - 1]))
        len--;
    return len;
}

static void quoted_add(struct transfer_reader *reader, slice body, struct buf *out)
{
    while (body.len) {
        size_t len = quoted_run(reader, body);
        if (len)
            buf_add(out, slice_upto(body, len));
        else
            quoted_octet(reader, body.at[0], out);
        body = slice_from(body, len ? len : 1);
    }
}

static void quoted_end(struct transfer_reader *reader, struct buf *out)
{
    if (held_last_is(reader, '\r'))
        held_keep(reader, out);
    held_end_line(reader, SLICE_EMPTY, out);
}

/* --- all of them -------------------------------------------------------------------------- */

void transfer_add(struct transfer_reader *reader, slice piece, struct buf *out)
{
    switch (reader->how) {
    case TRANSFER_IDENTITY: buf_add(out, piece); break;
    case TRANSFER_BASE64:
        if (!reader->ended)
            base64_add(reader, piece, out);
        break;
    case TRANSFER_QUOTED: quoted_add(reader, piece, out); break;
    }
}

void transfer_end(struct transfer_reader *reader, struct buf *out)
{
    if (reader->how == TRANSFER_BASE64)
        base64_end(reader, out);
    else if (reader->how == TRANSFER_QUOTED)
        quoted_end(reader, out);
}
