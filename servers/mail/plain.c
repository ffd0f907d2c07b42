/* plain.c: see plain.h. */
#include "servers/mail/plain.h"

#include "base/limits.h"
#include "servers/mail/address.h"
#include "servers/mail/charset.h"
#include "servers/mail/encoding.h"
#include "servers/mail/header.h"
#include "servers/mail/mime.h"

static slice part_body(slice message, const struct mime_part *part)
{
    return slice_upto(slice_from(message, part->body_at), part->body_len);
}

static void part_decode(slice message, const struct mime_part *part, struct buf *octets)
{
    slice encoding = part->encoding.at ? part->encoding : SLICE("7bit");
    transfer_decode(octets, encoding, part_body(message, part));
}

/* False: nobody here knows the set. */
static bool text_add(slice octets, const slice *charset, struct buf *utf8)
{
    struct charset_reader reader;
    bool known = charset_open_body(&reader, charset, octets);
    while (reader.rest.len)
        charset_read(&reader, utf8, reader.rest.len);
    return known;
}

/* RFC 2231 4: "utf-8'en'a%20b". Percent signs stay where no octet follows. */
static void extended_decode(slice value, struct buf *utf8)
{
    struct buf octets = BUF_MAX(HEADER_FIELD_MAX);
    slice charset = take_until(&value, '\'');
    take_until(&value, '\''); /* the language */
    while (value.len) {
        int octet = value.at[0] == '%' && value.len > 2 ? hex_octet(value.at[1], value.at[2]) : -1;
        buf_add_char(&octets, octet < 0 ? value.at[0] : (char)octet);
        value = slice_from(value, octet < 0 ? 1 : 3);
    }
    text_add(buf_slice(&octets), &charset, utf8);
    buf_free(&octets);
}

/* The last of "name=", "name*=" wins: RFC 2231's form is the one that names a character set. */
static bool name_find(const struct mime_parameter *parameters, size_t count, slice name,
                      struct buf *utf8)
{
    const slice *plain = NULL, *extended = NULL;
    for (size_t i = 0; i < count; i++) {
        slice given = parameters[i].name;
        bool star = given.len && given.at[given.len - 1] == '*';
        if (!slice_equal_nocase(slice_upto(given, given.len - star), name))
            continue;
        if (star)
            extended = &parameters[i].value;
        else
            plain = &parameters[i].value;
    }
    if (extended)
        extended_decode(*extended, utf8);
    else if (plain)
        encoded_words_decode(utf8, *plain);
    return extended || plain;
}

/* RFC 2183 2.3; without it RFC 2045's "name", as old programs have it. */
static slice part_name(struct arena *arena, const struct mime_part *part)
{
    struct buf name = BUF_MAX(4 * HEADER_FIELD_MAX);
    if (!name_find(part->disposition_parameters, part->disposition_parameter_count,
                   SLICE("filename"), &name))
        name_find(part->parameters, part->parameter_count, SLICE("name"), &name);
    slice copy = arena_copy(arena, buf_slice(&name));
    buf_free(&name);
    return copy;
}

/* --- what becomes of a part ------------------------------------------------------------------- */

static bool is_attached(const struct mime_part *part)
{
    return part->disposition.at && slice_is_nocase(part->disposition, "attachment");
}

static bool is_type(const struct mime_part *part, const char *type, const char *subtype)
{
    return slice_is_nocase(part->type, type) && slice_is_nocase(part->subtype, subtype);
}

static bool has_name(const struct mime_part *part)
{
    struct buf name = BUF_MAX(4 * HEADER_FIELD_MAX);
    bool has = name_find(part->disposition_parameters, part->disposition_parameter_count,
                         SLICE("filename"), &name) ||
               name_find(part->parameters, part->parameter_count, SLICE("name"), &name);
    buf_free(&name);
    return has;
}

/* Text to be read. Kinds that nobody knows are read as plain (RFC 2046 4.1.4), but for files. */
static bool is_text(const struct mime_part *part)
{
    if (part->kind != MIME_LEAF || is_attached(part) || !slice_is_nocase(part->type, "text"))
        return false;
    return is_type(part, "text", "plain") || is_type(part, "text", "html") || !has_name(part);
}

/* The first that holds plain text in it, or text at all: RFC 2046 5.1.4 puts the best last, but
   the plainest is what can be shown here. NULL: none. */
static struct mime_part *alternative_pick(struct mime_part *alternative)
{
    struct mime_part *text = NULL, *child = alternative->child;
    const struct mime_part *end = alternative;
    while (end && !end->next)
        end = end->parent;
    end = end ? end->next : NULL; /* what follows the whole of it */
    for (const struct mime_part *part = child; part != end; part = mime_part_after(part)) {
        if (part->parent == alternative && part != alternative->child)
            child = child->next;
        if (!is_text(part))
            continue;
        if (!is_type(part, "text", "html"))
            return child;
        text = text ? text : child;
    }
    return text;
}

/* The tree, with each alternative's pick in its note. */
static struct mime_part *tree_read(struct arena *arena, slice message)
{
    struct mime_part *root = mime_read(arena, message);
    for (struct mime_part *part = root; part;) {
        if (is_type(part, "multipart", "alternative"))
            part->note = alternative_pick(part);
        if (part->child) {
            part = part->child;
            continue;
        }
        while (part && !part->next)
            part = part->parent;
        part = part ? part->next : NULL;
    }
    return root;
}

/* Neither text nor in an enclosed message, which is listed itself. */
static bool is_listed(const struct mime_part *part)
{
    for (const struct mime_part *at = part; at->parent; at = at->parent)
        if (at->parent->kind == MIME_MESSAGE)
            return false;
    return part->kind != MIME_MULTIPART && !is_text(part);
}

/* --- text ------------------------------------------------------------------------------------- */

/* RFC 3676 4: lines that end in a blank go on, if they are quoted alike. */
static void flowed_add(struct buf *utf8, slice text, bool delete_space)
{
    size_t depth_before = 0;
    bool goes_on = false;
    while (text.len) {
        slice line = take_until(&text, '\n');
        if (line.len && line.at[line.len - 1] == '\r')
            line.len--;
        size_t depth = 0;
        while (take_char(&line, '>'))
            depth++;
        take_char(&line, ' '); /* stuffed */
        bool signature = slice_is(line, "-- ");
        bool joins = goes_on && depth == depth_before && !signature;
        if (goes_on && !joins)
            buf_add_text(utf8, "\r\n");
        for (size_t i = 0; !joins && i < depth; i++)
            buf_add_text(utf8, i + 1 < depth ? ">" : "> ");
        goes_on = !signature && line.len && line.at[line.len - 1] == ' ' && text.len;
        buf_add(utf8, slice_upto(line, line.len - (goes_on && delete_space)));
        if (!goes_on)
            buf_add_text(utf8, "\r\n");
        depth_before = depth;
    }
}

static bool parameter_is(const struct mime_part *part, const char *name, const char *value)
{
    const slice *given = mime_parameter(part, name);
    return given && slice_is_nocase(*given, value);
}

static void part_text(slice message, const struct mime_part *part, struct buf *utf8)
{
    struct buf octets = BUF_MAX(2 * MESSAGE_BYTES_MAX), text = BUF_MAX(4 * MESSAGE_BYTES_MAX);
    const slice *charset = mime_parameter(part, "charset");
    part_decode(message, part, &octets);
    if (!text_add(buf_slice(&octets), charset, &text))
        buf_format(utf8, "(Its character set is not known: %.*s. As far as it is UTF-8:)\r\n",
                   SLICE_ARG(slice_upto(*charset, 60)));
    if (parameter_is(part, "format", "flowed"))
        flowed_add(utf8, buf_slice(&text), parameter_is(part, "delsp", "yes"));
    else
        buf_add(utf8, buf_slice(&text));
    buf_free(&octets);
    buf_free(&text);
}

/* What comes next begins on a line of its own. */
static void line_end(struct buf *utf8)
{
    if (utf8->len && utf8->at[utf8->len - 1] != '\n')
        buf_add_text(utf8, "\r\n");
}

/* Who wrote the enclosed message, and about what. */
static void enclosed_head(slice message, const struct mime_part *enclosed, struct buf *utf8)
{
    static const char *const names[] = { "From", "To", "Date", "Subject" };
    slice header = slice_upto(slice_from(message, enclosed->header_at), enclosed->header_len);
    struct header_field field;
    line_end(utf8);
    buf_add_text(utf8, "--- enclosed message ---\r\n");
    for (size_t i = 0; i < COUNT(names); i++) {
        if (!header_find(slice_upto(header, HEADER_BYTES_MAX), names[i], &field))
            continue;
        buf_format(utf8, "%s: ", names[i]);
        if (i < 2)
            addresses_text(utf8, field.value);
        else
            header_text(utf8, field.value);
        buf_add_text(utf8, "\r\n");
    }
    buf_add_text(utf8, "\r\n");
}

static bool is_shown(const struct mime_part *part)
{
    bool picked = is_text(part);
    for (const struct mime_part *at = part; picked && at->parent; at = at->parent)
        picked = !is_type(at->parent, "multipart", "alternative") || at->parent->note == at;
    return picked;
}

static enum plain_kind kind_of(const struct mime_part *root)
{
    enum plain_kind kind = PLAIN_NONE;
    for (const struct mime_part *part = root; part; part = mime_part_after(part)) {
        if (part->kind == MIME_MESSAGE || (is_shown(part) && !is_type(part, "text", "html")))
            return PLAIN_TEXT;
        if (is_shown(part))
            kind = PLAIN_HTML;
    }
    return kind;
}

enum plain_kind plain_read(slice message, struct buf *utf8)
{
    struct arena arena = { 0 };
    const struct mime_part *root = tree_read(&arena, message);
    enum plain_kind kind = kind_of(root);
    for (const struct mime_part *part = root; part; part = mime_part_after(part)) {
        if (part->kind == MIME_MESSAGE)
            enclosed_head(message, part->child, utf8);
        if (!is_shown(part))
            continue;
        line_end(utf8);
        if (kind == PLAIN_TEXT && is_type(part, "text", "html"))
            buf_add_text(utf8, "(In HTML, as it stands:)\r\n");
        part_text(message, part, utf8);
    }
    arena_free(&arena);
    return kind;
}

/* --- the other parts -------------------------------------------------------------------------- */

bool plain_attachment(struct arena *arena, slice message, size_t number, struct attachment *found,
                      struct buf *content)
{
    const struct mime_part *part = tree_read(arena, message);
    for (; part; part = mime_part_after(part))
        if (is_listed(part) && number-- == 0)
            break;
    if (!part)
        return false;
    struct buf octets = BUF_MAX(2 * MESSAGE_BYTES_MAX);
    if (part->kind == MIME_MESSAGE)
        buf_add(&octets, part_body(message, part));
    else
        part_decode(message, part, &octets);
    *found = (struct attachment){ part_name(arena, part), part->type, part->subtype, octets.len };
    if (content)
        buf_add(content, buf_slice(&octets));
    buf_free(&octets);
    return true;
}
