/* quote.c: see quote.h. */
#include "servers/mail/quote.h"

#define QUOTED_MAX 1024 /* a longer string is easier to read as a literal */

static bool is_quotable(slice s, unsigned char last)
{
    if (s.len > QUOTED_MAX)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.at[i];
        if (c == 0 || c == '\r' || c == '\n' || c > last)
            return false;
    }
    return true;
}

static void write_literal(struct buf *out, slice s)
{
    buf_add_char(out, '{');
    buf_add_number(out, s.len);
    buf_add_text(out, "}\r\n");
    while (s.len) {
        size_t end = 0;
        if (!slice_find(s, '\0', &end))
            end = s.len;
        buf_add(out, slice_upto(s, end));
        if (end < s.len)
            buf_add_char(out, '?');
        s = slice_from(s, end + 1);
    }
}

static bool is_bare(unsigned char c) { return c != '"' && c != '\\'; }

static void quote(struct buf *out, slice s, unsigned char last)
{
    if (!is_quotable(s, last)) {
        write_literal(out, s);
        return;
    }
    buf_add_char(out, '"');
    while (s.len) {
        buf_add(out, take_while(&s, is_bare));
        if (s.len) {
            buf_add_char(out, '\\');
            buf_add_char(out, s.at[0]);
            s = slice_from(s, 1);
        }
    }
    buf_add_char(out, '"');
}

void quote_string(struct buf *out, slice s) { quote(out, s, 127); }

void quote_nstring(struct buf *out, slice s)
{
    if (s.at)
        quote_string(out, s);
    else
        buf_add_text(out, "NIL");
}

/* ASTRING-CHAR: an ATOM-CHAR or "]". */
static bool is_astring(unsigned char c)
{
    size_t at;
    return c > 32 && c < 127 && !slice_find(SLICE("(){%*\"\\"), (char)c, &at);
}

static void quote_unless_atom(struct buf *out, slice s, unsigned char last)
{
    slice rest = s;
    take_while(&rest, is_astring);
    /* NIL as an atom would be read as "no string at all" by some clients. */
    if (s.len && rest.len == 0 && !slice_is_nocase(s, "NIL"))
        buf_add(out, s);
    else
        quote(out, s, last);
}

void quote_astring(struct buf *out, slice s) { quote_unless_atom(out, s, 127); }

void quote_utf8(struct buf *out, slice s) { quote_unless_atom(out, s, 255); }
