/* imap_parse.c: words, strings, numbers, flags, dates and sections: see imap_parse.h.
   Sequence sets are in imap_set.c. */
#include "servers/imap/imap_parse.h"

#include <string.h>

#include "servers/mail/date.h"
#include "servers/mail/encoding.h"
#include "servers/store/store.h"

#define DAY_MINUTES (24 * 60) /* RFC 3501's zone is hours and minutes: +2359 is the last */

struct imap_cursor imap_cursor_over(struct arena *arena, slice text)
{
    return (struct imap_cursor){ text, arena, "", false };
}

bool imap_wrong(struct imap_cursor *cursor, const char *wrong)
{
    cursor->wrong = wrong;
    return false;
}

/* --- single octets ------------------------------------------------------------------------ */

bool imap_is_atom_char(unsigned char c)
{
    return c > 32 && c < 127 && !memchr("(){%*\"\\]", c, 8);
}

bool imap_is_astring_char(unsigned char c) { return c == ']' || imap_is_atom_char(c); }

static bool is_pattern_char(unsigned char c)
{
    return c == '%' || c == '*' || imap_is_astring_char(c);
}

bool imap_parse_end(struct imap_cursor *cursor)
{
    if (cursor->rest.len && (unsigned char)cursor->rest.at[0] > 127)
        return imap_wrong(cursor, "letters beyond ASCII stand in \"quotes\"");
    return cursor->rest.len == 0 || imap_wrong(cursor, "nothing more belongs here");
}

bool imap_parse_space(struct imap_cursor *cursor)
{
    return take_char(&cursor->rest, ' ') || imap_wrong(cursor, "a space is missing");
}

bool imap_parse_char(struct imap_cursor *cursor, char c)
{
    if (take_char(&cursor->rest, c))
        return true;
    const char *wrong = c == '(' ? "a ( is missing" : c == ')' ? "a ) is missing"
                      : c == '[' ? "a [ is missing" : c == ']' ? "a ] is missing"
                      : "something is missing";
    return imap_wrong(cursor, wrong);
}

bool imap_next_is(const struct imap_cursor *cursor, char c)
{
    return cursor->rest.len > 0 && cursor->rest.at[0] == c;
}

bool imap_take_word(struct imap_cursor *cursor, const char *word)
{
    slice rest = cursor->rest;
    if (!take_prefix_nocase(&rest, word) ||
        (rest.len && imap_is_atom_char((unsigned char)rest.at[0])))
        return false;
    cursor->rest = rest;
    return true;
}

/* --- strings ------------------------------------------------------------------------------ */

bool imap_parse_atom(struct imap_cursor *cursor, slice *atom)
{
    *atom = take_while(&cursor->rest, imap_is_atom_char);
    return atom->len > 0 || imap_wrong(cursor, "a word is missing");
}

/* Up to the closing quote; `escapes` counts the backslashes. */
static bool quoted_extent(slice rest, size_t *len, size_t *escapes)
{
    *escapes = 0;
    for (size_t i = 0; i < rest.len; i++) {
        char c = rest.at[i];
        if (c == '"') {
            *len = i;
            return true;
        }
        if (c == '\r' || c == '\n' || c == '\0')
            return false;
        if (c != '\\')
            continue;
        if (++i == rest.len || (rest.at[i] != '"' && rest.at[i] != '\\'))
            return false;
        ++*escapes;
    }
    return false;
}

static slice quoted_unescape(struct arena *arena, slice quoted, size_t escapes)
{
    char *at = arena_take(arena, quoted.len - escapes + 1);
    size_t len = 0;
    for (size_t i = 0; i < quoted.len; i++) {
        if (quoted.at[i] == '\\')
            i++;
        at[len++] = quoted.at[i];
    }
    return (slice){ at, len };
}

/* 8-bit text is let through: people type UTF-8, and whoever needs less looks again. */
static bool parse_quoted(struct imap_cursor *cursor, slice *text)
{
    size_t len = 0, escapes = 0;
    take_char(&cursor->rest, '"');
    if (!quoted_extent(cursor->rest, &len, &escapes))
        return imap_wrong(cursor, "a quoted string does not end, or holds a stray backslash");
    *text = slice_upto(cursor->rest, len);
    if (cursor->utf8 && !utf8_valid(*text))
        return imap_wrong(cursor, "a quoted string holds octets that are no UTF-8");
    cursor->rest = slice_from(cursor->rest, len + 1);
    if (escapes)
        *text = quoted_unescape(cursor->arena, *text, escapes);
    return true;
}

static bool parse_braces(struct imap_cursor *cursor, uint64_t *octets)
{
    slice rest = cursor->rest;
    if (!take_char(&rest, '{') || !take_number(&rest, UINT64_MAX / 2, octets))
        return imap_wrong(cursor, "a literal is {octets}");
    take_char(&rest, '+');
    if (!take_char(&rest, '}'))
        return imap_wrong(cursor, "a literal is {octets}");
    cursor->rest = rest;
    return true;
}

static bool parse_literal(struct imap_cursor *cursor, slice *text)
{
    uint64_t octets = 0;
    if (!parse_braces(cursor, &octets))
        return false;
    if (!take_prefix(&cursor->rest, "\r\n") || octets > cursor->rest.len)
        return imap_wrong(cursor, "a literal's octets are missing");
    *text = slice_upto(cursor->rest, (size_t)octets);
    cursor->rest = slice_from(cursor->rest, (size_t)octets);
    size_t at;
    return !slice_find(*text, '\0', &at) || imap_wrong(cursor, "a literal holds a NUL");
}

bool imap_parse_announcement(struct imap_cursor *cursor, uint64_t *octets, bool *binary)
{
    *binary = take_char(&cursor->rest, '~');
    if (!parse_braces(cursor, octets))
        return false;
    return cursor->rest.len == 0 || take_prefix(&cursor->rest, "\r\n") ||
           imap_wrong(cursor, "a literal ends its line");
}

bool imap_parse_string(struct imap_cursor *cursor, slice *text)
{
    if (imap_next_is(cursor, '"'))
        return parse_quoted(cursor, text);
    if (imap_next_is(cursor, '{'))
        return parse_literal(cursor, text);
    return imap_wrong(cursor, "a string is missing");
}

static bool parse_word_or_string(struct imap_cursor *cursor, bool (*is)(unsigned char), slice *text)
{
    if (imap_next_is(cursor, '"') || imap_next_is(cursor, '{'))
        return imap_parse_string(cursor, text);
    *text = take_while(&cursor->rest, is);
    return text->len > 0 || imap_wrong(cursor, "a word or string is missing");
}

bool imap_parse_astring(struct imap_cursor *cursor, slice *text)
{
    return parse_word_or_string(cursor, imap_is_astring_char, text);
}

/* What is no UTF-8 stays as it is: no mailbox can be called so. */
bool imap_parse_mailbox(struct imap_cursor *cursor, slice *name)
{
    if (!imap_parse_astring(cursor, name))
        return false;
    struct buf encoded = BUF_MAX(name->len * 4 + 1);
    if (cursor->utf8 && mutf7_encode(&encoded, *name))
        *name = arena_copy(cursor->arena, buf_slice(&encoded));
    buf_free(&encoded);
    return true;
}

bool imap_parse_pattern(struct imap_cursor *cursor, slice *text)
{
    return parse_word_or_string(cursor, is_pattern_char, text);
}

/* --- numbers ------------------------------------------------------------------------------ */

bool imap_parse_number(struct imap_cursor *cursor, uint32_t *number)
{
    uint64_t value = 0;
    if (!take_number(&cursor->rest, UINT32_MAX, &value))
        return imap_wrong(cursor, "a number up to 4294967295 is missing");
    *number = (uint32_t)value;
    return true;
}

bool imap_parse_nz_number(struct imap_cursor *cursor, uint32_t *number)
{
    return imap_parse_number(cursor, number) &&
           (*number > 0 || imap_wrong(cursor, "numbers begin with 1"));
}

/* --- flags -------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    uint64_t bit;
} system_flags[] = {
    { "\\Seen", FLAG_SEEN },       { "\\Answered", FLAG_ANSWERED }, { "\\Flagged", FLAG_FLAGGED },
    { "\\Deleted", FLAG_DELETED }, { "\\Draft", FLAG_DRAFT },
};

static bool parse_system_flag(struct imap_cursor *cursor, struct imap_flags *flags)
{
    for (size_t i = 0; i < COUNT(system_flags); i++)
        if (imap_take_word(cursor, system_flags[i].name)) {
            flags->system |= system_flags[i].bit;
            return true;
        }
    if (imap_take_word(cursor, "\\Recent"))
        return imap_wrong(cursor, "\\Recent is the server's to set");
    return imap_wrong(cursor, "no such flag: only \\Seen \\Answered \\Flagged \\Deleted \\Draft "
                              "begin with a backslash");
}

bool imap_parse_flag(struct imap_cursor *cursor, struct imap_flags *flags)
{
    slice keyword;
    if (imap_next_is(cursor, '\\'))
        return parse_system_flag(cursor, flags);
    if (!imap_parse_atom(cursor, &keyword))
        return imap_wrong(cursor, "a flag is missing");
    if (keyword.len > KEYWORD_NAME_MAX)
        return imap_wrong(cursor, "a keyword has at most 64 characters");
    if (flags->keyword_count == FLAGS_PER_COMMAND_MAX)
        return imap_wrong(cursor, "too many flags");
    flags->keywords[flags->keyword_count++] = keyword;
    return true;
}

bool imap_parse_flag_list(struct imap_cursor *cursor, struct imap_flags *flags)
{
    if (!imap_parse_char(cursor, '('))
        return false;
    if (take_char(&cursor->rest, ')'))
        return true;
    do {
        if (!imap_parse_flag(cursor, flags))
            return false;
    } while (take_char(&cursor->rest, ' '));
    return imap_parse_char(cursor, ')');
}

/* --- dates -------------------------------------------------------------------------------- */

bool imap_parse_date_time(struct imap_cursor *cursor, int64_t *ms, int *zone_minutes)
{
    slice text;
    if (!imap_next_is(cursor, '"') || !parse_quoted(cursor, &text) ||
        !date_read_imap(text, ms, zone_minutes) || *zone_minutes <= -DAY_MINUTES ||
        *zone_minutes >= DAY_MINUTES)
        return imap_wrong(cursor, "a date is \"05-Jan-2026 09:00:00 +0000\"");
    return true;
}

bool imap_parse_date(struct imap_cursor *cursor, int64_t *day)
{
    slice text;
    if (!imap_parse_astring(cursor, &text) || !date_read_imap_day(text, day))
        return imap_wrong(cursor, "a date is 5-Jan-2026");
    return true;
}

/* --- sections ----------------------------------------------------------------------------- */

/* 4.2. or 4.2]: stops at the word or the bracket. */
static bool parse_section_path(struct imap_cursor *cursor, struct imap_section *section)
{
    while (cursor->rest.len && is_digit((unsigned char)cursor->rest.at[0])) {
        if (section->depth == MIME_DEPTH_MAX)
            return imap_wrong(cursor, "no message has parts as deep as this");
        if (!imap_parse_nz_number(cursor, &section->path[section->depth++]))
            return false;
        if (!take_char(&cursor->rest, '.'))
            return true;
        if (imap_next_is(cursor, ']'))
            break;
    }
    return !imap_next_is(cursor, ']') || section->depth == 0 ||
           imap_wrong(cursor, "a part's number ends in no dot");
}

static bool parse_section_fields(struct imap_cursor *cursor, struct imap_section *section)
{
    section->fields = arena_take_array(cursor->arena, FETCH_ITEMS_MAX, sizeof *section->fields);
    if (!imap_parse_space(cursor) || !imap_parse_char(cursor, '('))
        return false;
    do {
        if (section->field_count == FETCH_ITEMS_MAX)
            return imap_wrong(cursor, "too many field names");
        if (!imap_parse_astring(cursor, &section->fields[section->field_count++]))
            return false;
    } while (take_char(&cursor->rest, ' '));
    return imap_parse_char(cursor, ')');
}

static bool parse_section_text(struct imap_cursor *cursor, struct imap_section *section)
{
    if (imap_next_is(cursor, ']'))
        return true;
    if (section->depth && cursor->rest.at[-1] != '.')
        return imap_wrong(cursor, "a dot is missing after a part's number");
    if (imap_take_word(cursor, "HEADER.FIELDS.NOT")) {
        section->kind = SECTION_FIELDS_NOT;
        return parse_section_fields(cursor, section);
    }
    if (imap_take_word(cursor, "HEADER.FIELDS")) {
        section->kind = SECTION_FIELDS;
        return parse_section_fields(cursor, section);
    }
    if (imap_take_word(cursor, "HEADER"))
        section->kind = SECTION_HEADER;
    else if (imap_take_word(cursor, "TEXT"))
        section->kind = SECTION_TEXT;
    else if (section->depth && imap_take_word(cursor, "MIME"))
        section->kind = SECTION_MIME;
    else
        return imap_wrong(cursor,
                          "a section is HEADER, HEADER.FIELDS (names), "
                          "HEADER.FIELDS.NOT (names), TEXT, a part's number or number.MIME");
    return true;
}

static bool parse_partial(struct imap_cursor *cursor, struct imap_section *section)
{
    if (!take_char(&cursor->rest, '<'))
        return true;
    section->partial = true;
    if (!imap_parse_number(cursor, &section->first) || !take_char(&cursor->rest, '.') ||
        !imap_parse_nz_number(cursor, &section->length) || !take_char(&cursor->rest, '>'))
        return imap_wrong(cursor, "a partial is <first octet.how many>");
    return true;
}

bool imap_parse_section(struct imap_cursor *cursor, struct imap_section *section)
{
    *section = (struct imap_section){ .kind = SECTION_ALL };
    return imap_parse_char(cursor, '[') && parse_section_path(cursor, section) &&
           parse_section_text(cursor, section) && imap_parse_char(cursor, ']') &&
           parse_partial(cursor, section);
}
