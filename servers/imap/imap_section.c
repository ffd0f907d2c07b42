/* imap_section.c: see imap_section.h. Parts are never taken apart here: where they stand
   was found out when the message came. */
#include "servers/imap/imap_binary.h"

#include <string.h>

#include "servers/mail/header.h"
#include "servers/mail/summary.h"

#define PIECE 16384
#define FIELDS_NS 2000  /* what it costs, about, to look for some fields, */
#define READ_NS 1500    /* … to read octets */

/* --- which octets ------------------------------------------------------------------------- */

static bool section_span(const struct imap_section *section, const struct part_span *part,
                         struct span *span)
{
    switch (section->kind) {
    case SECTION_ALL:
        *span = part->whole;
        return true;
    case SECTION_MIME:
        *span = part->mime;
        return true;
    case SECTION_TEXT:
        *span = part->text;
        return part->is_message;
    default:
        *span = part->header;
        return part->is_message;
    }
}

static bool field_is_wanted(const struct imap_section *section, slice name)
{
    bool named = false;
    for (size_t i = 0; i < section->field_count && !named; i++)
        named = slice_equal_nocase(section->fields[i], name);
    return named == (section->kind == SECTION_FIELDS);
}

static bool ends_in_empty_line(slice header)
{
    size_t len = header.len;
    if (!len || header.at[len - 1] != '\n')
        return false;
    len -= len > 1 && header.at[len - 2] == '\r' ? 2 : 1;
    return len == 0 || header.at[len - 1] == '\n';
}

/* Keeps the wanted fields of the header in work, moved together, and the empty line: it is
   included always, "except in the case of a message which has no body and no blank line". */
static void fields_keep(struct buf *work, const struct imap_section *section, bool has_body)
{
    struct header_cursor cursor = { buf_slice(work) };
    struct header_field field;
    bool delimited = has_body || ends_in_empty_line(buf_slice(work));
    size_t kept = 0;
    while (header_next(&cursor, &field)) {
        if (!field_is_wanted(section, field.name))
            continue;
        memmove(work->at + kept, field.raw.at, field.raw.len);
        kept += field.raw.len;
    }
    work->len = kept;
    if (delimited && kept && work->at[kept - 1] != '\n')
        buf_add_text(work, "\r\n");
    if (delimited)
        buf_add_text(work, "\r\n");
}

static struct imap_source fields_find(struct session *session, int64_t message_key,
                                      const struct part_span *part,
                                      const struct imap_section *section)
{
    struct buf *work = &imap_of(session)->work;
    struct span header = part->header;
    uint32_t len = header.len < HEADER_BYTES_MAX ? header.len : HEADER_BYTES_MAX;
    buf_clear(work);
    store_message_read(session->services->store, message_key, header.at, len, work);
    session_spend(session, FIELDS_NS + len);
    fields_keep(work, section, part->text.len > 0);
    return (struct imap_source){ .in_memory = true, .memory = buf_slice(work), .left = work->len };
}

static void partial_apply(const struct imap_section *section, struct imap_source *source)
{
    if (!section->partial)
        return;
    uint64_t skip = section->first < source->left ? section->first : source->left;
    source->at += skip;
    source->left -= skip;
    if (source->left > section->length)
        source->left = section->length;
    source->memory = slice_upto(slice_from(source->memory, (size_t)skip), (size_t)source->left);
}

struct imap_source imap_section_find(struct session *session, const struct placement *row,
                                     const struct message *message,
                                     const struct imap_section *section)
{
    struct imap_source source = { .message_key = row->message_key,
                                  .left = row->size,
                                  .memory = SLICE_EMPTY };
    struct part_span part;
    struct span span;
    bool fields = section->kind == SECTION_FIELDS || section->kind == SECTION_FIELDS_NOT;
    if (section->depth || section->kind != SECTION_ALL) {
        if (!summary_part(message->parts, section->path, section->depth, &part) ||
            !section_span(section, &part, &span))
            return (struct imap_source){ .nil = true, .memory = SLICE_EMPTY };
        source.at = span.at;
        source.left = span.len;
    }
    if (fields)
        source = fields_find(session, row->message_key, &part, section);
    partial_apply(section, &source);
    return source;
}

/* --- saying them -------------------------------------------------------------------------- */

static bool say_from_store(struct session *session, struct imap_source *source)
{
    struct buf *work = &imap_of(session)->work;
    uint64_t len = source->left < PIECE ? source->left : PIECE;
    buf_clear(work);
    session_spend(session, READ_NS + len / 2);
    if (!store_message_read(session->services->store, source->message_key, source->at, len, work))
        return false;
    while (work->len < len) /* a damaged world: the string must be as long as was said */
        buf_add_char(work, '?');
    session_write(session, buf_slice(work));
    source->at += len;
    source->left -= len;
    return true;
}

bool imap_source_say(struct session *session, struct imap_source *source)
{
    if (source->decoding)
        return imap_binary_say(session, source);
    if (!source->in_memory)
        return say_from_store(session, source);
    slice piece = slice_upto(source->memory, PIECE);
    session_write(session, piece);
    source->memory = slice_from(source->memory, piece.len);
    source->left -= piece.len;
    return true;
}
