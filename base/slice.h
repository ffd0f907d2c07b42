/* slice.h: borrowed text. A slice points at octets that somebody else owns; it is
   valid as long as they are. It may hold NUL and need not end in one.
   The cursors below take from the front of a slice and advance it. */
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    const char *at;
    size_t len;
} slice;

/* For printf: "%.*s", SLICE_ARG(s). Only for text without NUL. */
#define SLICE_ARG(s) (int)(s).len, (s).at
#define SLICE_EMPTY ((slice){ "", 0 })
#define SLICE(literal) ((slice){ literal, sizeof(literal) - 1 })
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

slice slice_of(const char *text);
bool slice_equal(slice a, slice b);
bool slice_equal_nocase(slice a, slice b);   /* ASCII only, whatever the locale */
bool slice_is(slice s, const char *text);
bool slice_is_nocase(slice s, const char *text);
int slice_compare(slice a, slice b);         /* by octets, as memcmp; a prefix sorts first */
bool slice_starts(slice s, const char *prefix);
bool slice_starts_nocase(slice s, const char *prefix);
bool slice_find(slice s, char c, size_t *at);         /* first c; false: none */
/* linear time; text is at most FIND_TEXT_MAX; the empty one is at 0 */
bool slice_find_text(slice s, slice text, size_t *at);
static inline slice slice_from(slice s, size_t start); /* the rest; empty past the end */
static inline slice slice_upto(slice s, size_t len);  /* at most len octets */
slice slice_trim(slice s);                            /* without spaces and tabs at both ends */

/* Cursors: on success they consume what they name, else leave *s as it was. */
static inline bool take_char(slice *s, char c);
/* What some editors put before a text's first line; no part of it. */
#define BYTE_ORDER_MARK "\xEF\xBB\xBF"
bool take_prefix(slice *s, const char *prefix);
bool take_prefix_nocase(slice *s, const char *prefix);
slice take_word(slice *s); /* skips spaces, then takes up to the next space; may be empty */
slice take_until(slice *s, char c); /* up to c, which is consumed too; the whole rest without it */
static inline slice take_while(slice *s, bool (*is)(unsigned char));
/* decimal digits; false: none, or above max */
bool take_number(slice *s, uint64_t max, uint64_t *value);

/* ASCII classes that do not ask the locale. */
static inline bool is_digit(unsigned char c) { return c >= '0' && c <= '9'; }
static inline bool is_alpha(unsigned char c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; }
static inline bool is_alnum(unsigned char c) { return is_digit(c) || is_alpha(c); }
static inline bool is_space(unsigned char c) { return c == ' ' || c == '\t'; }
static inline bool is_blank(unsigned char c)     /* and what a folded line is folded with */
{
    return is_space(c) || c == '\r' || c == '\n';
}
static inline bool is_control(unsigned char c) { return c < 32 || c == 127; }
static inline char to_lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c; }
static inline int hex_value(char c)                      /* of either case; -1: it is none */
{
    c = to_lower(c);
    return is_digit((unsigned char)c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}
static inline char to_upper(char c) { return c >= 'a' && c <= 'z' ? (char)(c - 32) : c; }

/* What every parser does to every octet stands here, so that a compiler sees through it. */
static inline slice slice_from(slice s, size_t start)
{
    if (start > s.len)
        start = s.len;
    return start ? (slice){ s.at + start, s.len - start } : s; /* NULL + 0 is undefined in C */
}

static inline slice slice_upto(slice s, size_t len)
{
    return (slice){ s.at, s.len < len ? s.len : len };
}

static inline bool take_char(slice *s, char c)
{
    if (s->len == 0 || s->at[0] != c)
        return false;
    *s = slice_from(*s, 1);
    return true;
}

static inline slice take_while(slice *s, bool (*is)(unsigned char))
{
    size_t end = 0;
    while (end < s->len && is((unsigned char)s->at[end]))
        end++;
    slice taken = slice_upto(*s, end);
    *s = slice_from(*s, end);
    return taken;
}

#endif
