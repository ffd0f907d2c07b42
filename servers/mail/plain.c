/* plain.c: see plain.h. */
#include "servers/mail/plain.h"

#include "base/limits.h"
#include "servers/mail/charset.h"
#include "servers/mail/encoding.h"
#include "servers/mail/mime.h"

/* Depth first; attached letters are opened like everything else. */
static const struct mime_part *part_next(const struct mime_part *part)
{
    if (part->child)
        return part->child;
    while (part && !part->next)
        part = part->parent;
    return part ? part->next : NULL;
}

static bool is_attached(const struct mime_part *part)
{
    return part->disposition.at && slice_is_nocase(part->disposition, "attachment");
}

static bool is_text(const struct mime_part *part, const char *subtype)
{
    return part->kind == MIME_LEAF && slice_is_nocase(part->type, "text") && !is_attached(part) &&
           slice_is_nocase(part->subtype, subtype);
}

static slice part_body(slice letter, const struct mime_part *part)
{
    return slice_upto(slice_from(letter, part->body_at), part->body_len);
}

static void part_decode(slice letter, const struct mime_part *part, struct buf *octets)
{
    slice encoding = part->encoding.at ? part->encoding : SLICE("7bit");
    transfer_decode(octets, encoding, part_body(letter, part));
}

static void text_add(slice octets, const slice *charset, struct buf *utf8)
{
    struct charset_reader reader;
    charset_open_body(&reader, charset, octets);
    while (reader.rest.len)
        charset_read(&reader, utf8, reader.rest.len);
}

static void part_text(slice letter, const struct mime_part *part, struct buf *utf8)
{
    struct buf octets = BUF_MAX(2 * MESSAGE_BYTES_MAX);
    const slice *charset = mime_parameter(part, "charset");
    part_decode(letter, part, &octets);
    text_add(buf_slice(&octets), charset, utf8);
    buf_free(&octets);
}

enum plain_kind plain_read(slice letter, struct buf *utf8)
{
    static const struct {
        const char *subtype;
        enum plain_kind kind;
    } wanted[] = { { "plain", PLAIN_TEXT }, { "html", PLAIN_HTML } };
    struct arena arena = { 0 };
    enum plain_kind kind = PLAIN_NONE;
    const struct mime_part *root = mime_read(&arena, letter);
    for (size_t i = 0; i < COUNT(wanted) && kind == PLAIN_NONE; i++)
        for (const struct mime_part *part = root; part && kind == PLAIN_NONE;
             part = part_next(part))
            if (is_text(part, wanted[i].subtype)) {
                part_text(letter, part, utf8);
                kind = wanted[i].kind;
            }
    arena_free(&arena);
    return kind;
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

/* A leaf that is no text to be read, or says that it is attached. */
static bool is_attachment(const struct mime_part *part)
{
    return part->kind == MIME_LEAF && (is_attached(part) || !slice_is_nocase(part->type, "text"));
}

bool plain_attachment(struct arena *arena, slice letter, size_t number, struct attachment *found,
                      struct buf *content)
{
    const struct mime_part *part = mime_read(arena, letter);
    for (; part; part = part_next(part))
        if (is_attachment(part) && number-- == 0)
            break;
    if (!part)
        return false;
    struct buf octets = BUF_MAX(2 * MESSAGE_BYTES_MAX);
    part_decode(letter, part, &octets);
    *found = (struct attachment){ part_name(arena, part), part->type, part->subtype, octets.len };
    if (content)
        buf_add(content, buf_slice(&octets));
    buf_free(&octets);
    return true;
}
