/* nul_free.c: see nul_free.h. */
#include "servers/mail/nul_free.h"

#include "servers/mail/encoding.h"
#include "servers/mail/header.h"
#include "servers/mail/mime.h"

#define LINE_OCTETS 57 /* 76 characters of base64: RFC 2045 6.8 */

struct writing {
    slice text;
    size_t done;        /* what lies before it is written */
    struct buf *out;
};

static bool has_nul(slice octets)
{
    size_t at;
    return slice_find(octets, '\0', &at);
}

/* Up to there as it is. */
static bool write_copy(struct writing *writing, size_t upto)
{
    slice part = slice_upto(slice_from(writing->text, writing->done), upto - writing->done);
    writing->done = upto;
    return !has_nul(part) && buf_add(writing->out, part);
}

static void write_base64(struct writing *writing, size_t upto)
{
    while (writing->done < upto) {
        size_t left = upto - writing->done, len = left < LINE_OCTETS ? left : LINE_OCTETS;
        base64_encode(writing->out, slice_upto(slice_from(writing->text, writing->done), len));
        writing->done += len;
        if (writing->done < upto)
            buf_add_text(writing->out, "\r\n");
    }
}

static bool write_part(struct writing *writing, const struct mime_part *part)
{
    struct header_field field;
    slice body = slice_upto(slice_from(writing->text, part->body_at), part->body_len);
    if (part->kind != MIME_LEAF || !has_nul(body))
        return true;
    slice header = slice_upto(slice_from(writing->text, part->header_at), part->header_len);
    if (!slice_is_nocase(part->encoding, "binary") ||
        !header_find(header, "Content-Transfer-Encoding", &field))
        return false;
    size_t at = (size_t)(field.raw.at - writing->text.at);
    bool good = write_copy(writing, at);
    writing->done = at + field.raw.len;
    buf_add_text(writing->out, "Content-Transfer-Encoding: base64\r\n");
    good = good && write_copy(writing, part->body_at);
    write_base64(writing, part->body_at + part->body_len);
    return good;
}

bool nul_free_write(slice text, struct buf *out)
{
    struct arena arena = { 0 };
    struct writing writing = { .text = text, .out = out };
    bool good = true;
    const struct mime_part *part = mime_read(&arena, text);
    for (; part && good; part = mime_part_after(part))
        good = write_part(&writing, part);
    good = good && write_copy(&writing, text.len);
    arena_free(&arena);
    return good && !out->full;
}
