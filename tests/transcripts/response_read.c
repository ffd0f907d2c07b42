/* response_read.c: see response_read.h. Written from RFC 3501 section 9 alone. */
#include "tests/transcripts/response_read.h"

#include <string.h>

#include "servers/mail/encoding.h"

#define FLAGS_MAX 128

bool read_wrong(struct reading *reading, const char *what)
{
    if (!reading->wrong)
        reading->wrong = what;
    return false;
}

/* --- classes of octets ------------------------------------------------------------------------ */

bool read_is_atom_char(unsigned char c)
{
    return c > 0x20 && c < 0x7f && strchr("(){%*\"\\]", c) == NULL;
}

bool read_is_astring_char(unsigned char c) { return c == ']' || read_is_atom_char(c); }

/* --- single octets, words, numbers ------------------------------------------------------------ */

bool read_next_is(const struct reading *reading, char c)
{
    return reading->rest.len > 0 && reading->rest.at[0] == c;
}

bool read_char(struct reading *reading, char c, const char *what)
{
    return take_char(&reading->rest, c) || read_wrong(reading, what);
}

bool read_space(struct reading *reading)
{
    return read_char(reading, ' ', "one space belongs here");
}

bool read_end(struct reading *reading)
{
    return reading->rest.len == 0 || read_wrong(reading, "the response should end here");
}

bool read_word(struct reading *reading, const char *word)
{
    slice rest = reading->rest;
    if (!take_prefix_nocase(&rest, word) ||
        (rest.len && read_is_atom_char((unsigned char)rest.at[0])))
        return false;
    reading->rest = rest;
    return true;
}

slice read_atom(struct reading *reading) { return take_while(&reading->rest, read_is_atom_char); }

bool read_number(struct reading *reading, uint32_t *number)
{
    uint64_t value = 0;
    if (!take_number(&reading->rest, UINT32_MAX, &value))
        return read_wrong(reading, "a number of 32 bits belongs here");
    *number = (uint32_t)value;
    return true;
}

bool read_number64(struct reading *reading)
{
    uint64_t value = 0;
    return take_number(&reading->rest, INT64_MAX, &value) ||
           read_wrong(reading, "a number of 63 bits belongs here");
}

bool read_nz_number(struct reading *reading, uint32_t *number)
{
    if (read_next_is(reading, '0'))
        return read_wrong(reading, "an nz-number begins with 1 to 9");
    return read_number(reading, number);
}

bool read_modseq(struct reading *reading)
{
    uint64_t value = 0;
    if (read_next_is(reading, '0'))
        return read_wrong(reading, "a mod-sequence-value begins with 1 to 9");
    return take_number(&reading->rest, INT64_MAX, &value) ||
           read_wrong(reading, "a number of 63 bits belongs here");
}

/* --- strings ---------------------------------------------------------------------------------- */

static bool read_quoted(struct reading *reading, slice *raw)
{
    slice start = slice_from(reading->rest, 1);
    for (size_t i = 0; i < start.len; i++) {
        unsigned char c = (unsigned char)start.at[i];
        if (c == '"') {
            *raw = slice_upto(start, i);
            reading->rest = slice_from(start, i + 1);
            return true;
        }
        if (c == '\r' || c == '\n' || c == '\0')
            return read_wrong(reading, "a quoted string holds no CR, LF or NUL");
        if (c >= 0x80 && !reading->rev2)
            return read_wrong(reading, "a quoted string holds no 8-bit octet");
        if (c == '\\' && (++i == start.len || (start.at[i] != '"' && start.at[i] != '\\')))
            return read_wrong(reading,
                              "a backslash in a quoted string stands before \" or \\ only");
    }
    return read_wrong(reading, "a quoted string does not end");
}

static bool read_octets(struct reading *reading, slice *raw)
{
    uint32_t octets = 0;
    take_char(&reading->rest, '{');
    if (!read_number(reading, &octets) || !read_char(reading, '}', "a literal is {number}"))
        return false;
    if (!take_prefix(&reading->rest, "\r\n"))
        return read_wrong(reading, "CRLF follows a literal's count");
    if (octets > reading->rest.len)
        return read_wrong(reading, "a literal has fewer octets than it announced");
    *raw = slice_upto(reading->rest, octets);
    reading->rest = slice_from(reading->rest, octets);
    return true;
}

static bool read_literal(struct reading *reading, slice *raw)
{
    return read_octets(reading, raw) && (raw->len == 0 || !memchr(raw->at, '\0', raw->len) ||
                                         read_wrong(reading, "a literal holds no NUL"));
}

bool read_literal8(struct reading *reading, slice *raw)
{
    return read_octets(reading, raw) && ((raw->len && memchr(raw->at, '\0', raw->len)) ||
                                         read_wrong(reading, "a literal8 without NUL is a string"));
}

bool read_string(struct reading *reading, slice *raw)
{
    if (read_next_is(reading, '"'))
        return read_quoted(reading, raw);
    if (read_next_is(reading, '{'))
        return read_literal(reading, raw);
    return read_wrong(reading, "a string belongs here");
}

bool read_nstring(struct reading *reading, slice *raw, bool *nil)
{
    *nil = read_word(reading, "NIL");
    return *nil || read_string(reading, raw);
}

bool read_astring(struct reading *reading, slice *raw)
{
    if (read_next_is(reading, '"') || read_next_is(reading, '{'))
        return read_string(reading, raw);
    *raw = take_while(&reading->rest, read_is_astring_char);
    return raw->len > 0 || read_wrong(reading, "an atom or a string belongs here");
}

/* --- mailboxes -------------------------------------------------------------------------------- */

static int modified_value(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* One shifted run of modified UTF-7, after its "&" and up to its "-" (RFC 3501 5.1.3):
   whole UTF-16, nothing that could stand for itself, surrogates in pairs. */
static bool shift_is_good(slice run)
{
    uint32_t bits = 0, high = 0;
    unsigned held = 0;
    for (size_t i = 0; i < run.len; i++) {
        int value = modified_value(run.at[i]);
        if (value < 0)
            return false;
        bits = bits << 6 | (uint32_t)value;
        held += 6;
        if (held < 16)
            continue;
        held -= 16;
        uint32_t unit = bits >> held & 0xffff;
        bool low = unit >= 0xdc00 && unit < 0xe000;
        if ((unit >= 0x20 && unit < 0x7f) || low != (high != 0))
            return false;
        high = unit >= 0xd800 && unit < 0xdc00;
    }
    return !high && held < 6 && (bits & ((1u << held) - 1)) == 0;
}

static bool is_modified_utf7(slice name)
{
    bool after_shift = false;
    while (name.len) {
        unsigned char c = (unsigned char)name.at[0];
        if (c < 0x20 || c >= 0x7f)
            return false;
        name = slice_from(name, 1);
        if (c != '&') {
            after_shift = false;
            continue;
        }
        size_t end = 0;
        if (!slice_find(name, '-', &end))
            return false;
        if (end && (after_shift || !shift_is_good(slice_upto(name, end))))
            return false;
        after_shift = end > 0;
        name = slice_from(name, end + 1);
    }
    return true;
}

bool read_mailbox(struct reading *reading)
{
    slice name;
    slice before = reading->rest;
    if (!read_astring(reading, &name))
        return false;
    if (reading->rev2 ? utf8_valid(name) : is_modified_utf7(name))
        return true;
    reading->rest = before;
    return read_wrong(reading, "a mailbox's name is in modified UTF-7");
}

/* --- dates ------------------------------------------------------------------------------------ */

static bool two_digits(slice *text, unsigned low, unsigned high)
{
    if (text->len < 2 || !is_digit((unsigned char)text->at[0]) ||
        !is_digit((unsigned char)text->at[1]))
        return false;
    unsigned value = (unsigned)(text->at[0] - '0') * 10 + (unsigned)(text->at[1] - '0');
    *text = slice_from(*text, 2);
    return value >= low && value <= high;
}

static bool month_name(slice *text)
{
    static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    for (size_t i = 0; i < COUNT(months); i++)
        if (take_prefix_nocase(text, months[i]))
            return true;
    return false;
}

/* Inside the quotes: " 5-Jan-2026 09:00:00 +0000". */
static bool date_time_is_good(slice text)
{
    bool day = text.len >= 2 && text.at[0] == ' ' && text.at[1] >= '1' && text.at[1] <= '9';
    if (day)
        text = slice_from(text, 2);
    else if (!two_digits(&text, 1, 31))
        return false;
    if (!take_char(&text, '-') || !month_name(&text) || !take_char(&text, '-') ||
        !two_digits(&text, 0, 99) || !two_digits(&text, 0, 99) || !take_char(&text, ' '))
        return false;
    if (!two_digits(&text, 0, 23) || !take_char(&text, ':') || !two_digits(&text, 0, 59) ||
        !take_char(&text, ':') || !two_digits(&text, 0, 60) || !take_char(&text, ' '))
        return false;
    return (take_char(&text, '+') || take_char(&text, '-')) && two_digits(&text, 0, 23) &&
           two_digits(&text, 0, 59) && text.len == 0;
}

bool read_date_time(struct reading *reading)
{
    slice text;
    slice before = reading->rest;
    if (!read_next_is(reading, '"'))
        return read_wrong(reading, "a date-time is quoted");
    if (!read_quoted(reading, &text))
        return false;
    if (date_time_is_good(text))
        return true;
    reading->rest = before;
    return read_wrong(reading, "a date-time is \"dd-Mon-yyyy hh:mm:ss +zzzz\"");
}

/* --- flags ------------------------------------------------------------------------------------ */

static bool flag_is_known(slice flag, const char *also)
{
    static const char *const known[] = { "\\Answered", "\\Flagged", "\\Deleted", "\\Seen",
                                         "\\Draft" };
    for (size_t i = 0; i < COUNT(known); i++)
        if (slice_is_nocase(flag, known[i]))
            return true;
    return also && slice_is_nocase(flag, also);
}

static bool read_flag(struct reading *reading, const char *also, slice *flag)
{
    slice start = reading->rest;
    bool system = take_char(&reading->rest, '\\');
    slice name = read_atom(reading);
    if (system && name.len == 0 && read_next_is(reading, '*')) {
        reading->rest = slice_from(reading->rest, 1);
        name.len = 1;
    }
    *flag = slice_upto(start, name.len + system);
    if (name.len == 0)
        return read_wrong(reading, "a flag belongs here");
    if (!system || flag_is_known(*flag, also))
        return true;
    reading->rest = start;
    return read_wrong(reading, "no such flag here");
}

bool read_flags(struct reading *reading, const char *also)
{
    slice flags[FLAGS_MAX];
    size_t count = 0;
    if (!read_char(reading, '(', "a list of flags begins with ("))
        return false;
    if (take_char(&reading->rest, ')'))
        return true;
    do {
        if (count == FLAGS_MAX)
            return read_wrong(reading, "too many flags");
        if (!read_flag(reading, also, &flags[count]))
            return false;
        for (size_t i = 0; i < count; i++)
            if (slice_equal_nocase(flags[i], flags[count]))
                return read_wrong(reading, "the same flag twice");
        count++;
    } while (take_char(&reading->rest, ' '));
    return read_char(reading, ')', "a list of flags ends with )");
}

/* --- uid sets --------------------------------------------------------------------------------- */

bool read_uid_set(struct reading *reading, uint64_t *count)
{
    *count = 0;
    do {
        uint32_t first = 0, last = 0;
        if (!read_nz_number(reading, &first))
            return false;
        last = first;
        if (take_char(&reading->rest, ':') && !read_nz_number(reading, &last))
            return false;
        *count += last >= first ? (uint64_t)last - first + 1 : (uint64_t)first - last + 1;
    } while (take_char(&reading->rest, ','));
    return true;
}
