/* slice.c: comparing, searching and taking from borrowed text. */
#include "base/slice.h"
#include "base/error.h"
#include "base/limits.h"

#include <string.h>

slice slice_of(const char *text)
{
    return text ? (slice){ text, strlen(text) } : SLICE_EMPTY;
}

bool slice_equal(slice a, slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

bool slice_equal_nocase(slice a, slice b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (to_lower(a.at[i]) != to_lower(b.at[i]))
            return false;
    return true;
}

bool slice_is(slice s, const char *text) { return slice_equal(s, slice_of(text)); }
bool slice_is_nocase(slice s, const char *text) { return slice_equal_nocase(s, slice_of(text)); }

int slice_compare(slice a, slice b)
{
    size_t shorter = a.len < b.len ? a.len : b.len;
    int order = shorter ? memcmp(a.at, b.at, shorter) : 0;
    if (order != 0)
        return order;
    return (a.len > b.len) - (a.len < b.len);
}

bool slice_starts(slice s, const char *prefix)
{
    return slice_equal(slice_upto(s, strlen(prefix)), slice_of(prefix));
}

bool slice_starts_nocase(slice s, const char *prefix)
{
    return slice_equal_nocase(slice_upto(s, strlen(prefix)), slice_of(prefix));
}

bool slice_find(slice s, char c, size_t *at)
{
    const char *found = s.len ? memchr(s.at, c, s.len) : NULL;
    if (!found)
        return false;
    *at = (size_t)(found - s.at);
    return true;
}

/* How far the text's own prefix reaches at each of its octets (Knuth-Morris-Pratt). */
static void prefix_table(slice text, uint16_t *reach)
{
    uint16_t matched = 0;
    reach[0] = 0;
    for (size_t i = 1; i < text.len; i++) {
        while (matched > 0 && text.at[i] != text.at[matched])
            matched = reach[matched - 1];
        if (text.at[i] == text.at[matched])
            matched++;
        reach[i] = matched;
    }
}

/* Knuth-Morris-Pratt: every octet once, whatever stands there. */
static bool find_by_table(slice s, slice text, size_t *at)
{
    uint16_t reach[FIND_TEXT_MAX];
    prefix_table(text, reach);
    uint16_t matched = 0;
    for (size_t i = 0; i < s.len; i++) {
        while (matched > 0 && s.at[i] != text.at[matched])
            matched = reach[matched - 1];
        if (s.at[i] == text.at[matched])
            matched++;
        if (matched == text.len) {
            *at = i + 1 - text.len;
            return true;
        }
    }
    return false;
}

/* The octet of the text that is probably the rarest elsewhere. */
static size_t rarest(slice text)
{
    const slice often = SLICE("vkbpygfwm,.ucdlhrsnioaet 0123456789=");
    size_t best = 0, best_rank = often.len + 1;
    for (size_t i = 0; i < text.len; i++) {
        size_t at = 0;
        size_t rank = slice_find(often, to_lower(text.at[i]), &at) ? at + 1 : 0;
        if (rank < best_rank) {
            best = i;
            best_rank = rank;
        }
    }
    return best;
}

/* Goes from one rare octet to the next; when too many lead to nothing, by the table. */
bool slice_find_text(slice s, slice text, size_t *at)
{
    must(text.len <= FIND_TEXT_MAX);
    *at = 0;
    if (text.len == 0)
        return true;
    size_t rare = rarest(text), in_vain = 0;
    for (size_t i = 0; i + text.len <= s.len; i++) {
        const char *found = memchr(s.at + i + rare, text.at[rare], s.len - text.len - i + 1);
        if (!found)
            return false;
        i = (size_t)(found - s.at) - rare;
        if (memcmp(s.at + i, text.at, text.len) == 0) {
            *at = i;
            return true;
        }
        in_vain += text.len;
        if (in_vain > 4096 + i) {
            bool is = find_by_table(slice_from(s, i), text, at);
            *at += i;
            return is;
        }
    }
    return false;
}

slice slice_trim(slice s)
{
    while (s.len && is_space((unsigned char)s.at[0]))
        s = slice_from(s, 1);
    while (s.len && is_space((unsigned char)s.at[s.len - 1]))
        s.len--;
    return s;
}

bool take_prefix(slice *s, const char *prefix)
{
    if (!slice_starts(*s, prefix))
        return false;
    *s = slice_from(*s, strlen(prefix));
    return true;
}

bool take_prefix_nocase(slice *s, const char *prefix)
{
    if (!slice_starts_nocase(*s, prefix))
        return false;
    *s = slice_from(*s, strlen(prefix));
    return true;
}

slice take_word(slice *s)
{
    while (take_char(s, ' '))
        ;
    size_t end = 0;
    if (!slice_find(*s, ' ', &end))
        end = s->len;
    slice word = slice_upto(*s, end);
    *s = slice_from(*s, end);
    return word;
}

slice take_until(slice *s, char c)
{
    size_t end = 0;
    slice taken = *s;
    if (!slice_find(*s, c, &end)) {
        *s = slice_from(*s, s->len);
        return taken;
    }
    *s = slice_from(*s, end + 1);
    return slice_upto(taken, end);
}

bool take_number(slice *s, uint64_t max, uint64_t *value)
{
    uint64_t n = 0;
    size_t i = 0;
    for (; i < s->len && is_digit((unsigned char)s->at[i]); i++) {
        uint64_t digit = (uint64_t)(s->at[i] - '0');
        if (n > (max - digit) / 10 || digit > max)
            return false;
        n = n * 10 + digit;
    }
    if (i == 0)
        return false;
    *s = slice_from(*s, i);
    *value = n;
    return true;
}
