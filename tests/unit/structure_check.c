/* structure_check.c: see structure_check.h. */
#include "tests/unit/structure_check.h"

#include <string.h>

#define DEPTH_MAX 64

struct reader {
    slice rest, text;
    const struct message *message;
    bool extensions;
    uint32_t path[DEPTH_MAX];
    size_t depth;
    struct error *why;
};

static bool wrong(struct reader *reader, const char *what)
{
    slice near = slice_upto(reader->rest, 40);
    return error_set(reader->why, "%s before \"%.*s\"", what, SLICE_ARG(near));
}

static bool expect(struct reader *reader, const char *text)
{
    return take_prefix(&reader->rest, text) || wrong(reader, text);
}

static bool read_number(struct reader *reader, uint64_t *number)
{
    return take_number(&reader->rest, UINT32_MAX, number) || wrong(reader, "a number");
}

/* quoted = DQUOTE *QUOTED-CHAR DQUOTE; literal = "{" number "}" CRLF *CHAR8 */
static bool read_string(struct reader *reader, slice *out)
{
    slice *s = &reader->rest;
    uint64_t len = 0;
    size_t nul, i = 0;
    if (take_char(s, '{')) {
        if (!read_number(reader, &len) || !expect(reader, "}\r\n") || len > s->len)
            return wrong(reader, "a literal's octets");
        *out = slice_upto(*s, len);
        *s = slice_from(*s, len);
        return !slice_find(*out, '\0', &nul) || wrong(reader, "no NUL");
    }
    if (!take_char(s, '"'))
        return wrong(reader, "a string");
    for (; i < s->len && s->at[i] != '"'; i++) {
        if (s->at[i] == '\\' && (++i == s->len || (s->at[i] != '"' && s->at[i] != '\\')))
            return wrong(reader, "a quoted special");
        unsigned char c = (unsigned char)s->at[i];
        if (c == 0 || c == '\r' || c == '\n' || c > 127)
            return wrong(reader, "a quoted character");
    }
    *out = slice_upto(*s, i);
    *s = slice_from(*s, i);
    return expect(reader, "\"");
}

static bool read_nstring(struct reader *reader)
{
    slice ignored;
    return take_prefix(&reader->rest, "NIL") || read_string(reader, &ignored);
}

static bool read_spaced_nstrings(struct reader *reader, int count)
{
    for (int i = 0; i < count; i++)
        if (!expect(reader, " ") || !read_nstring(reader))
            return false;
    return true;
}

/* Groups must be closed: what has no host begins one, what has no mailbox either ends it. */
static bool read_addresses(struct reader *reader)
{
    bool group = false;
    if (!expect(reader, " "))
        return false;
    if (take_prefix(&reader->rest, "NIL"))
        return true;
    if (!expect(reader, "("))
        return false;
    do {
        if (!expect(reader, "(") || !read_nstring(reader) || !read_spaced_nstrings(reader, 1) ||
            !expect(reader, " "))
            return false;
        bool no_mailbox = slice_starts(reader->rest, "NIL");
        if (!read_nstring(reader) || !expect(reader, " "))
            return false;
        bool no_host = slice_starts(reader->rest, "NIL");
        if (!read_nstring(reader) || !expect(reader, ")"))
            return false;
        if ((no_mailbox && (!no_host || !group)) || (no_host && !no_mailbox && group))
            return wrong(reader, "a group in order");
        group = no_host ? !no_mailbox : group;
    } while (reader->rest.len && reader->rest.at[0] == '(');
    return expect(reader, ")") && (!group || wrong(reader, "a group's end"));
}

static bool read_envelope(struct reader *reader)
{
    if (!expect(reader, "(") || !read_nstring(reader) || !read_spaced_nstrings(reader, 1))
        return false;
    for (int i = 0; i < 6; i++)
        if (!read_addresses(reader))
            return false;
    return read_spaced_nstrings(reader, 2) && expect(reader, ")");
}

static bool read_parameters(struct reader *reader)
{
    slice ignored;
    if (take_prefix(&reader->rest, "NIL"))
        return true;
    if (!expect(reader, "("))
        return false;
    do {
        if (!read_string(reader, &ignored) || !expect(reader, " ") ||
            !read_string(reader, &ignored))
            return false;
    } while (take_char(&reader->rest, ' '));
    return expect(reader, ")");
}

/* SP disposition SP language SP location */
static bool read_extensions(struct reader *reader)
{
    slice ignored;
    if (!expect(reader, " "))
        return false;
    if (!take_prefix(&reader->rest, "NIL") &&
        !(expect(reader, "(") && read_string(reader, &ignored) && expect(reader, " ") &&
          read_parameters(reader) && expect(reader, ")")))
        return false;
    if (!expect(reader, " "))
        return false;
    if (take_char(&reader->rest, '(')) {
        do {
            if (!read_string(reader, &ignored))
                return false;
        } while (take_char(&reader->rest, ' '));
        if (!expect(reader, ")"))
            return false;
    } else if (!read_nstring(reader)) {
        return false;
    }
    return read_spaced_nstrings(reader, 1);
}

static bool span_inside(struct span inner, struct span outer)
{
    return inner.at >= outer.at && (uint64_t)inner.at + inner.len <= (uint64_t)outer.at + outer.len;
}

static uint64_t lines_of(slice body)
{
    uint64_t lines = body.len && body.at[body.len - 1] != '\n';
    for (size_t i = 0; i < body.len; i++)
        lines += body.at[i] == '\n';
    return lines;
}

static bool part_here(struct reader *reader, struct part_span *part)
{
    struct span all = { 0, (uint32_t)reader->text.len };
    if (!summary_part(reader->message->parts, reader->path, reader->depth, part))
        return wrong(reader, "a part in the table");
    bool inside = span_inside(part->whole, all) && span_inside(part->mime, all);
    if (part->is_message)
        inside = inside && span_inside(part->header, part->whole) &&
                 span_inside(part->text, part->whole) &&
                 part->header.len + part->text.len == part->whole.len;
    return inside || wrong(reader, "a part inside of the text");
}

static bool read_message_body(struct reader *reader);

/* lines are read where the grammar has them, and compared. */
static bool read_lines(struct reader *reader, const struct part_span *part)
{
    uint64_t lines;
    slice body = slice_upto(slice_from(reader->text, part->whole.at), part->whole.len);
    return expect(reader, " ") && read_number(reader, &lines) &&
           (lines == lines_of(body) || wrong(reader, "true lines"));
}

static bool read_single(struct reader *reader)
{
    slice type, subtype, ignored;
    uint64_t octets;
    struct part_span part;
    if (!part_here(reader, &part) || !expect(reader, "(") || !read_string(reader, &type) ||
        !expect(reader, " ") || !read_string(reader, &subtype) || !expect(reader, " ") ||
        !read_parameters(reader) || !read_spaced_nstrings(reader, 2) || !expect(reader, " ") ||
        !read_string(reader, &ignored) || !expect(reader, " ") || !read_number(reader, &octets))
        return false;
    if (octets != part.whole.len)
        return wrong(reader, "true octets");
    bool is_message = slice_is_nocase(type, "message") && slice_is_nocase(subtype, "rfc822");
    if (is_message != part.is_message)
        return wrong(reader, "a message in the table too");
    if (is_message && !(expect(reader, " ") && read_envelope(reader) && expect(reader, " ") &&
                     read_message_body(reader) && read_lines(reader, &part)))
        return false;
    if (slice_is_nocase(type, "text") && !read_lines(reader, &part))
        return false;
    if (reader->extensions && !(read_spaced_nstrings(reader, 1) && read_extensions(reader)))
        return false;
    return expect(reader, ")");
}

/* Calls itself through read_part, at most DEPTH_MAX deep. */
static bool read_part(struct reader *reader);

static bool read_multipart(struct reader *reader)
{
    slice ignored;
    struct part_span part;
    if (reader->depth + 2 >= DEPTH_MAX)
        return wrong(reader, "a bounded depth");
    if (!expect(reader, "("))
        return false;
    size_t here = reader->depth++;
    for (uint32_t n = 1; reader->rest.len && reader->rest.at[0] == '('; n++) {
        reader->path[here] = n;
        if (!read_part(reader))
            return false;
    }
    reader->path[here]++;
    if (summary_part(reader->message->parts, reader->path, reader->depth, &part))
        return wrong(reader, "no more parts in the table than said");
    reader->depth = here;
    if (!expect(reader, " ") || !read_string(reader, &ignored))
        return false;
    if (reader->extensions &&
        !(expect(reader, " ") && read_parameters(reader) && read_extensions(reader)))
        return false;
    return expect(reader, ")");
}

static bool read_part(struct reader *reader)
{
    return slice_starts(reader->rest, "((") ? read_multipart(reader) : read_single(reader);
}

static bool read_message_body(struct reader *reader)
{
    if (slice_starts(reader->rest, "(("))
        return read_multipart(reader);
    if (reader->depth + 2 >= DEPTH_MAX)
        return wrong(reader, "a bounded depth");
    reader->path[reader->depth++] = 1;
    bool good = read_single(reader);
    reader->depth--;
    return good;
}

static bool at_end(struct reader *reader)
{
    return reader->rest.len == 0 || wrong(reader, "the end");
}

bool structure_check(slice text, const struct message *message, struct error *why)
{
    struct reader reader = { .text = text, .message = message, .why = why };
    struct part_span whole;
    if (!part_here(&reader, &whole))
        return false;
    if (!whole.is_message || whole.whole.len != text.len || message->size != text.len ||
        whole.header.len != message->header_bytes || message->path_bytes > message->header_bytes)
        return error_set(why, "the message's own sizes are wrong");
    reader.rest = message->envelope;
    if (!read_envelope(&reader) || !at_end(&reader))
        return false;
    reader.rest = message->body;
    if (!read_message_body(&reader) || !at_end(&reader))
        return false;
    reader.rest = message->structure;
    reader.extensions = true;
    return read_message_body(&reader) && at_end(&reader);
}
