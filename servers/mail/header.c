/* header.c: see header.h. */
#include "servers/mail/header.h"
#include "base/limits.h"
#include "servers/mail/encoding.h"

slice header_take_line(slice *rest, slice *line)
{
    size_t end = 0;
    bool ended = slice_find(*rest, '\n', &end);
    slice taken = slice_upto(*rest, ended ? end + 1 : rest->len);
    *line = slice_upto(taken, ended ? end : taken.len);
    if (ended && line->len && line->at[line->len - 1] == '\r')
        line->len--;
    *rest = slice_from(*rest, taken.len);
    return taken;
}

static bool is_field_name(unsigned char c) { return c > 32 && c < 127 && c != ':'; }

/* Takes "Subject:" and the blanks that old mail has before the colon. A longer name is none. */
static bool take_name(slice *line, slice *name)
{
    slice rest = slice_upto(*line, HEADER_FIELD_MAX);
    *name = take_while(&rest, is_field_name);
    take_while(&rest, is_space);
    if (name->len == 0 || !take_char(&rest, ':'))
        return false;
    *line = slice_from(*line, (size_t)(rest.at - line->at));
    return true;
}

/* Of a field `name`, and `value`: what follows the colon. */
static enum header_line line_read(slice line, bool first, slice *name, slice *value)
{
    *value = line;
    if (line.len == 0)
        return HEADER_EMPTY;
    if (is_space((unsigned char)line.at[0]))
        return first ? HEADER_NOT : HEADER_MORE;
    if (take_name(value, name))
        return HEADER_FIELD;
    bool mbox = slice_starts(line, "From ") || slice_starts(line, ">From ");
    return first && mbox ? HEADER_ENVELOPE : HEADER_NOT;
}

enum header_line header_line_kind(slice line, bool first)
{
    slice name, value;
    return line_read(line, first, &name, &value);
}

size_t header_end(slice text)
{
    slice rest = text, line;
    bool first = true, in_doubt = false;
    size_t doubt_at = 0; /* the lines since then are no fields */
    while (rest.len) {
        slice before = rest;
        header_take_line(&rest, &line);
        enum header_line kind = header_line_kind(line, first);
        if (kind == HEADER_EMPTY)
            break;
        if (kind == HEADER_NOT && first)
            return 0;
        if (kind == HEADER_NOT && !in_doubt)
            doubt_at = text.len - before.len;
        in_doubt = kind == HEADER_NOT || (in_doubt && kind != HEADER_FIELD);
        first = false;
    }
    return in_doubt ? doubt_at : text.len - rest.len;
}

/* The lines that continue a field; `end` is set to the last line's end without CRLF. */
static void take_more(slice *rest, const char **end)
{
    slice line;
    while (rest->len && is_space((unsigned char)rest->at[0])) {
        header_take_line(rest, &line);
        *end = line.at + line.len;
    }
}

bool header_next(struct header_cursor *cursor, struct header_field *field)
{
    while (cursor->rest.len) {
        slice before = cursor->rest, line;
        header_take_line(&cursor->rest, &line);
        enum header_line kind = line_read(line, true, &field->name, &field->value);
        if (kind == HEADER_EMPTY)
            break;
        const char *end = line.at + line.len;
        take_more(&cursor->rest, &end);
        if (kind != HEADER_FIELD)
            continue;
        field->value.len = (size_t)(end - field->value.at);
        field->raw = slice_upto(before, before.len - cursor->rest.len);
        return true;
    }
    cursor->rest = slice_upto(cursor->rest, 0);
    return false;
}

bool header_find(slice block, const char *name, struct header_field *field)
{
    struct header_cursor cursor = { block };
    while (header_next(&cursor, field))
        if (slice_is_nocase(field->name, name))
            return true;
    return false;
}

static bool is_inside(unsigned char c) { return c != '\r' && c != '\n'; }

void header_unfold(struct buf *out, slice value)
{
    value = slice_upto(value, HEADER_FIELD_MAX);
    take_while(&value, is_blank);
    while (value.len && is_blank((unsigned char)value.at[value.len - 1]))
        value.len--;
    while (value.len) {
        buf_add(out, take_while(&value, is_inside));
        if (value.len && value.at[0] == '\r' && !slice_starts(value, "\r\n"))
            buf_add_char(out, ' ');
        value = slice_from(value, 1);
    }
}

/* What must not reach a screen: control characters, and those that turn the direction. */
static bool is_shown(uint32_t character)
{
    if (character < 32 || (character >= 127 && character < 160))
        return false;
    return !(character >= 0x2028 && character <= 0x202E) &&
           !(character >= 0x2066 && character <= 0x2069);
}

/* Shown as it stands: printable ASCII without encoded words. */
static bool is_plain(slice line)
{
    bool question = false;
    for (size_t i = 0; i < line.len; i++) {
        unsigned char c = (unsigned char)line.at[i];
        if (c < 32 || c > 126)
            return false;
        question |= c == '?' && i > 0 && line.at[i - 1] == '=';
    }
    return !question;
}

void header_text(struct buf *out, slice value)
{
    struct buf line = BUF_MAX(HEADER_FIELD_MAX), text = BUF_MAX(HEADER_FIELD_MAX * 3 + 1);
    header_unfold(&line, value);
    if (is_plain(buf_slice(&line))) {
        buf_add(out, buf_slice(&line));
        buf_free(&line);
        return;
    }
    encoded_words_decode(&text, buf_slice(&line));
    slice rest = buf_slice(&text);
    while (rest.len) {
        uint32_t character = utf8_next(&rest);
        if (character == '\t')
            character = ' ';
        utf8_add(out, is_shown(character) ? character : 0xFFFD);
    }
    buf_free(&line);
    buf_free(&text);
}

void skip_cfws(slice *s)
{
    size_t i = 0, depth = 0;
    for (; i < s->len; i++) {
        char c = s->at[i];
        if (c == '(')
            depth++;
        else if (depth && c == '\\' && i + 1 < s->len)
            i++;
        else if (depth && c == ')')
            depth--;
        else if (!depth && !is_space((unsigned char)c) && c != '\r' && c != '\n')
            break;
    }
    *s = slice_from(*s, i);
}

bool take_sign(slice *s, char sign)
{
    skip_cfws(s);
    if (!take_char(s, sign))
        return false;
    skip_cfws(s);
    return true;
}
