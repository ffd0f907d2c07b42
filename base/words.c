/* words.c: see words.h. */
#include "base/words.h"

#include <string.h>

#include "base/error.h"
#include "base/limits.h"

static bool is_no_blank(unsigned char c) { return c != ' ' && c != '\t'; }

slice word_take(slice *rest)
{
    take_while(rest, is_space);
    return take_while(rest, is_no_blank);
}

slice word_peek(slice rest) { return word_take(&rest); }

bool word_take_if(slice *rest, const char *word)
{
    slice after = *rest;
    if (!slice_is(word_take(&after), word))
        return false;
    *rest = after;
    return true;
}

bool word_number(slice word, uint64_t max, uint64_t *value)
{
    return take_number(&word, max, value) && word.len == 0;
}

bool text_take(slice *rest, struct buf *text)
{
    slice after = *rest;
    take_while(&after, is_space);
    if (after.len && after.at[0] == '"') {
        if (!quoted_read(&after, text))
            return false;
        *rest = after;
        return true;
    }
    slice word = word_take(rest);
    buf_add(text, word);
    return word.len > 0;
}

bool text_is_visible(slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] < ' ' || text.at[i] > '~')
            return false;
    return true;
}

void field_set(char *to, size_t size, slice from)
{
    from = slice_upto(from, size - 1);
    if (from.len)
        memcpy(to, from.at, from.len);
    to[from.len] = '\0';
}

/* --- durations ------------------------------------------------------------------------------- */

static bool unit_take(slice *rest, uint64_t *unit_ms)
{
    static const struct {
        const char *name;
        uint64_t ms;
    } units[] = { /* the longer of two that begin alike stands first */
        { "ms", 1 },          { "seconds", 1000 },   { "second", 1000 },   { "sec", 1000 },
        { "s", 1000 },        { "minutes", 60000 },  { "minute", 60000 },  { "min", 60000 },
        { "m", 60000 },       { "hours", 3600000 },  { "hour", 3600000 },  { "h", 3600000 },
        { "days", 86400000 }, { "day", 86400000 },   { "d", 86400000 },
        { "weeks", 604800000 }, { "week", 604800000 },
    };
    slice word = *rest;
    while (take_char(&word, ' '))
        ; /* "1 day" */
    *rest = word;
    for (size_t i = 0; i < COUNT(units); i++)
        if (take_prefix_nocase(rest, units[i].name)) {
            *unit_ms = units[i].ms;
            return true;
        }
    return false;
}

bool duration_read(slice *rest, uint64_t *ms)
{
    slice after = *rest;
    uint64_t sum = 0, number = 0, unit_ms = 0, unit_before = UINT64_MAX;
    do {
        if (!take_number(&after, WAIT_MS_MAX, &number) || !unit_take(&after, &unit_ms))
            return false;
        if (unit_ms >= unit_before || number > WAIT_MS_MAX / unit_ms)
            return false; /* "5m2h", "1h1h": a slip rather than a wish */
        sum += number * unit_ms;
        unit_before = unit_ms;
    } while (after.len && is_digit((unsigned char)after.at[0]));
    if (sum > WAIT_MS_MAX || (after.len && is_no_blank((unsigned char)after.at[0])))
        return false;
    *rest = after;
    *ms = sum;
    return true;
}

/* --- texts in quotes ------------------------------------------------------------------------- */

static bool escape_hex(slice *rest, char *octet)
{
    if (rest->len < 2 || hex_value(rest->at[0]) < 0 || hex_value(rest->at[1]) < 0)
        return false;
    *octet = (char)(hex_value(rest->at[0]) * 16 + hex_value(rest->at[1]));
    *rest = slice_from(*rest, 2);
    return true;
}

static bool escape_octal(slice *rest, char *octet)
{
    int value = 0;
    size_t i = 0;
    for (; i < 3 && i < rest->len && rest->at[i] >= '0' && rest->at[i] <= '7'; i++)
        value = value * 8 + (rest->at[i] - '0');
    if (i == 0 || value > 255)
        return false;
    *octet = (char)value;
    *rest = slice_from(*rest, i);
    return true;
}

/* What follows the backslash. */
static bool escape_take(slice *rest, char *octet)
{
    static const char names[] = "abfnrtv\\'\"?", octets[] = "\a\b\f\n\r\t\v\\'\"?";
    if (rest->len == 0)
        return false;
    if (take_char(rest, 'x'))
        return escape_hex(rest, octet);
    for (size_t i = 0; i + 1 < sizeof names; i++)
        if (take_char(rest, names[i])) {
            *octet = octets[i];
            return true;
        }
    return escape_octal(rest, octet);
}

bool quoted_read(slice *rest, struct buf *octets)
{
    slice after = *rest;
    if (!take_char(&after, '"'))
        return false;
    while (after.len && after.at[0] != '"') {
        char octet = after.at[0];
        after = slice_from(after, 1);
        if (octet == '\\' && !escape_take(&after, &octet))
            return false;
        if (!buf_add_char(octets, octet))
            return false;
    }
    if (!take_char(&after, '"'))
        return false;
    *rest = after;
    return true;
}

static const char *escape_for(char octet)
{
    switch (octet) {
    case '\r': return "\\r";
    case '\n': return "\\n";
    case '"': return "\\\"";
    case '\\': return "\\\\";
    default: return NULL;
    }
}

/* All three digits: a digit may follow. */
static void octal_add(struct buf *out, char octet)
{
    unsigned value = (unsigned char)octet;
    char digits[] = { '\\', (char)('0' + value / 64), (char)('0' + value / 8 % 8),
                      (char)('0' + value % 8) };
    buf_add(out, (slice){ digits, sizeof digits });
}

void quoted_add(struct buf *out, slice octets)
{
    size_t plain = 0; /* of what was not added yet, octets that stand for themselves */
    for (size_t i = 0; i < octets.len; i++) {
        char octet = octets.at[i];
        const char *escape = escape_for(octet);
        if (!escape && octet >= ' ' && octet <= '~')
            continue;
        buf_add(out, (slice){ octets.at + plain, i - plain });
        plain = i + 1;
        if (escape)
            buf_add_text(out, escape);
        else
            octal_add(out, octet);
    }
    buf_add(out, slice_from(octets, plain));
}

/* --- did you mean ---------------------------------------------------------------------------- */

#define GUESS_LENGTH_MAX 48
#define DISTANCE_MAX 3

static unsigned smaller(unsigned one, unsigned other) { return one < other ? one : other; }

unsigned word_distance(slice a, slice b)
{
    unsigned rows[3][GUESS_LENGTH_MAX + 1];
    if (a.len > GUESS_LENGTH_MAX || b.len > GUESS_LENGTH_MAX)
        return DISTANCE_MAX + 1;
    for (size_t k = 0; k <= b.len; k++)
        rows[0][k] = (unsigned)k;
    for (size_t i = 1; i <= a.len; i++) {
        unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3], *higher = rows[(i + 1) % 3];
        row[0] = (unsigned)i;
        for (size_t k = 1; k <= b.len; k++) {
            unsigned changed = a.at[i - 1] != b.at[k - 1];
            row[k] = smaller(smaller(above[k], row[k - 1]) + 1, above[k - 1] + changed);
            if (i > 1 && k > 1 && a.at[i - 1] == b.at[k - 2] && a.at[i - 2] == b.at[k - 1])
                row[k] = smaller(row[k], higher[k - 2] + 1);
        }
    }
    return smaller(rows[a.len % 3][b.len], DISTANCE_MAX + 1);
}

struct guess guess_begin(slice typed)
{
    unsigned limit = typed.len <= 4 ? 1 : typed.len <= 6 ? 2 : DISTANCE_MAX;
    return (struct guess){ typed, SLICE_EMPTY, limit + 1 };
}

void guess_offer(struct guess *guess, slice word)
{
    unsigned distance = word_distance(guess->typed, word);
    if (distance >= guess->distance || distance >= word.len)
        return;
    guess->distance = distance;
    guess->best = word;
}

bool guess_found(const struct guess *guess) { return guess->best.len > 0; }

/* --- names of messages ---------------------------------------------------------------------- */

void message_name_write(struct buf *out, uint64_t number)
{
    char name[16];
    size_t at = sizeof name;
    for (; number; number = (number - 1) / 26)
        name[--at] = (char)('A' + (number - 1) % 26);
    buf_add(out, (slice){ name + at, sizeof name - at });
}

bool message_name_read(slice word, uint64_t *number)
{
    uint64_t read = 0;
    for (size_t i = 0; i < word.len; i++) {
        if (!is_alpha((unsigned char)word.at[i]))
            return false;
        read = read * 26 + (uint64_t)(to_upper(word.at[i]) - 'A') + 1;
    }
    *number = read;
    return word.len > 0 && word.len <= 8;
}

void size_write(struct buf *out, uint64_t octets)
{
    static const char *const units[] = { "kB", "MB", "GB" };
    size_t unit = 0;
    if (octets < 1000) {
        buf_format(out, "%llu B", (unsigned long long)octets);
        return;
    }
    uint64_t tenths = (octets + 50) / 100;
    for (; tenths >= 10000 && unit + 1 < COUNT(units); unit++)
        tenths = (tenths + 500) / 1000;
    buf_format(out, "%llu.%llu %s", (unsigned long long)(tenths / 10),
               (unsigned long long)(tenths % 10), units[unit]);
}
