/* plain.c: see plain.h. */
#include "servers/mail/plain.h"

#include "base/limits.h"
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

static void text_add(slice octets, slice charset, struct buf *utf8)
{
    if (charset_to_utf8(utf8, charset, octets))
        return;
    while (octets.len) /* an unknown set: as far as it is UTF-8 */
        utf8_add(utf8, utf8_next(&octets));
}

static void part_text(slice letter, const struct mime_part *part, struct buf *utf8)
{
    struct buf octets = BUF_MAX(2 * MESSAGE_BYTES_MAX);
    const slice *charset = mime_parameter(part, "charset");
    part_decode(letter, part, &octets);
    text_add(buf_slice(&octets), charset ? *charset : SLICE("utf-8"), utf8);
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

static slice part_name(struct arena *arena, const struct mime_part *part)
{
    struct buf name = BUF_MAX(4 * HEADER_FIELD_MAX);
    const slice *given = mime_parameter(part, "name");
    for (size_t i = 0; i < part->disposition_parameter_count; i++)
        if (slice_is_nocase(part->disposition_parameters[i].name, "filename"))
            given = &part->disposition_parameters[i].value;
    if (given)
        encoded_words_decode(&name, *given);
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
