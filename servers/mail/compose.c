/* compose.c: see compose.h. */
#include "servers/mail/compose.h"

#include <string.h>

#include "base/limits.h"
#include "servers/mail/encoding.h"

#define WORD_LINE 76               /* RFC 2047 2: a line with an encoded word; RFC 2045 6.7 */
#define WORD_AROUND 12             /* "=?UTF-8?B?" and "?=" */
#define PARAMETER_LINE 60          /* octets of a value on one line */

bool compose_is_ascii(slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.at[i] > 126)
            return false;
    return true;
}

/* --- fields --------------------------------------------------------------------------------- */

static size_t column_of(const struct buf *out)
{
    size_t column = 0;
    while (column < out->len && out->at[out->len - 1 - column] != '\n')
        column++;
    return column;
}

static bool is_no_space(unsigned char c) { return !is_space(c); }

static bool needs_words(slice text)
{
    size_t at;
    if (!compose_is_ascii(text) || slice_find_text(text, SLICE("=?"), &at))
        return true;
    bool edges = text.len && (is_space((unsigned char)text.at[0]) ||
                              is_space((unsigned char)text.at[text.len - 1]));
    for (bool longest = edges; ; ) {
        take_while(&text, is_space);
        longest = longest || take_while(&text, is_no_space).len > COMPOSE_LINE_MAX - 100;
        if (longest || !text.len)
            return longest;
    }
}

/* Words as long as the line lets them be; no character is cut in two. */
static void words_write(struct buf *out, slice text)
{
    for (bool first = true; text.len; first = false) {
        if (!first)
            buf_add_text(out, "\r\n ");
        size_t column = column_of(out);
        if (column + WORD_AROUND + 8 > WORD_LINE) {
            buf_add_text(out, "\r\n ");
            column = 1;
        }
        size_t room = (WORD_LINE - column - WORD_AROUND) / 4 * 3;
        size_t len = text.len < room ? text.len : room;
        while (len < text.len && len > 1 && ((unsigned char)text.at[len] & 0xc0) == 0x80)
            len--;
        buf_add_text(out, "=?UTF-8?B?");
        base64_encode(out, slice_upto(text, len));
        buf_add_text(out, "?=");
        text = slice_from(text, len);
    }
}

/* Blanks before a word go on with it. */
static void folded_write(struct buf *out, slice text)
{
    while (text.len) {
        slice rest = text;
        size_t blanks = take_while(&rest, is_space).len;
        take_while(&rest, is_no_space);
        slice word = slice_upto(text, text.len - rest.len);
        if (blanks && blanks < word.len && column_of(out) + word.len > COMPOSE_LINE)
            buf_add_text(out, "\r\n");
        buf_add(out, word);
        text = rest;
    }
}

static void text_write(struct buf *out, slice text)
{
    if (needs_words(text))
        words_write(out, text);
    else
        folded_write(out, text);
}

void compose_text_field(struct buf *out, const char *name, slice text)
{
    buf_format(out, "%s: ", name);
    text_write(out, text);
    buf_add_text(out, "\r\n");
}

/* RFC 5322 3.2.5: words as they are, anything else in quotes. */
static void name_write(struct buf *out, slice name)
{
    bool words = true;
    for (size_t i = 0; i < name.len; i++)
        words = words && (is_alnum((unsigned char)name.at[i]) || name.at[i] == ' ');
    if (words || needs_words(name)) {
        text_write(out, name);
        return;
    }
    struct buf quoted = BUF_MAX(2 * HEADER_FIELD_MAX);
    buf_add_char(&quoted, '"');
    for (size_t i = 0; i < name.len; i++) {
        if (name.at[i] == '"' || name.at[i] == '\\')
            buf_add_char(&quoted, '\\');
        buf_add_char(&quoted, name.at[i]);
    }
    buf_add_char(&quoted, '"');
    folded_write(out, buf_slice(&quoted));
    buf_free(&quoted);
}

void compose_person_field(struct buf *out, const char *name, slice person, slice address)
{
    buf_format(out, "%s: ", name);
    if (person.len) {
        name_write(out, person);
        buf_add_text(out, column_of(out) + address.len + 3 > COMPOSE_LINE ? "\r\n <" : " <");
    }
    buf_add(out, address);
    buf_add_text(out, person.len ? ">\r\n" : "\r\n");
}

void compose_addresses_field(struct buf *out, const char *name, slice addresses)
{
    buf_format(out, "%s: ", name);
    for (bool first = true; addresses.len; first = false) {
        slice one = slice_trim(take_until(&addresses, ','));
        bool fits = column_of(out) + one.len + 2 <= COMPOSE_LINE;
        buf_add_text(out, first ? "" : fits ? ", " : ",\r\n ");
        buf_add(out, one);
    }
    buf_add_text(out, "\r\n");
}

/* RFC 2231 7: what an attribute may hold without a code. */
static bool needs_no_code(unsigned char c)
{
    size_t at;
    return is_alnum(c) || (c > 32 && slice_find(SLICE("-._~!#$&+^`{}|"), (char)c, &at));
}

static void extended_write(struct buf *out, const char *name, slice value)
{
    struct buf code = BUF_MAX(4 * HEADER_FIELD_MAX);
    for (size_t i = 0; i < value.len; i++)
        if (needs_no_code((unsigned char)value.at[i]))
            buf_add_char(&code, value.at[i]);
        else
            buf_format(&code, "%%%02X", (unsigned)(unsigned char)value.at[i]);
    slice rest = buf_slice(&code);
    bool several = rest.len > PARAMETER_LINE;
    for (unsigned n = 0; n == 0 || rest.len; n++) {
        size_t len = rest.len < PARAMETER_LINE ? rest.len : PARAMETER_LINE;
        while (len < rest.len && len > 2 && (rest.at[len - 1] == '%' || rest.at[len - 2] == '%'))
            len--;
        buf_format(out, ";\r\n %s", name);
        if (several)
            buf_format(out, "*%u", n);
        buf_format(out, "*=%s%.*s", n ? "" : "utf-8''", SLICE_ARG(slice_upto(rest, len)));
        rest = slice_from(rest, len);
    }
    buf_free(&code);
}

void compose_parameter(struct buf *out, const char *name, slice value)
{
    size_t at;
    bool plain = compose_is_ascii(value) && value.len <= PARAMETER_LINE &&
                 !slice_find(value, '"', &at) && !slice_find(value, '\\', &at) &&
                 !slice_find_text(value, SLICE("=?"), &at);
    if (plain)
        buf_format(out, "; %s=\"%.*s\"", name, SLICE_ARG(value));
    else
        extended_write(out, name, value);
}

/* --- text ------------------------------------------------------------------------------------- */

static slice line_take(slice *text)
{
    slice line = take_until(text, '\n');
    if (line.len && line.at[line.len - 1] == '\r')
        line.len--;
    return line;
}

/* RFC 2045 6.7: every line at most 76 with its soft end. */
static void quoted_printable_write(struct buf *out, slice text)
{
    while (text.len) {
        slice line = line_take(&text);
        size_t column = 0;
        for (size_t i = 0; i < line.len; i++) {
            unsigned char c = (unsigned char)line.at[i];
            bool blank = c == ' ' || c == '\t';
            bool plain = (c > 32 && c < 127 && c != '=') || (blank && i + 1 < line.len);
            if (column + (plain ? 1 : 3) > WORD_LINE - 1) {
                buf_add_text(out, "=\r\n");
                column = 0;
            }
            if (plain)
                buf_add_char(out, (char)c);
            else
                buf_format(out, "=%02X", c);
            column += plain ? 1 : 3;
        }
        buf_add_text(out, "\r\n");
    }
}

static bool has_long_lines(slice text)
{
    while (text.len)
        if (line_take(&text).len > COMPOSE_LINE_MAX)
            return true;
    return false;
}

/* Lines end in CRLF, the last one too. */
static void lines_write(struct buf *out, slice text)
{
    while (text.len) {
        buf_add(out, line_take(&text));
        buf_add_text(out, "\r\n");
    }
}

void compose_text_part(struct buf *out, const char *subtype, slice text)
{
    bool ascii = compose_is_ascii(text), longs = has_long_lines(text);
    buf_format(out, "Content-Type: text/%s; charset=%s\r\n", subtype, ascii ? "us-ascii" : "utf-8");
    if (longs)
        buf_add_text(out, "Content-Transfer-Encoding: quoted-printable\r\n");
    else if (!ascii)
        buf_add_text(out, "Content-Transfer-Encoding: 8bit\r\n");
    buf_add_text(out, "\r\n");
    if (longs)
        quoted_printable_write(out, text);
    else
        lines_write(out, text);
}
