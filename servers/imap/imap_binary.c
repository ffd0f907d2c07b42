/* imap_binary.c: see imap_binary.h. */
#include "servers/imap/imap_binary.h"

#include <string.h>

#include "servers/mail/mime.h"
#include "servers/mail/summary.h"

#define PIECE 16384
#define READ_NS 1500    /* what it costs, about, to read a piece, … */
#define HEADER_NS 2000  /* … to look for a header's field */

static slice encoding_of(struct session *session, int64_t message_key, struct span header)
{
    struct imap *imap = imap_of(session);
    uint32_t len = header.len < HEADER_BYTES_MAX ? header.len : HEADER_BYTES_MAX;
    buf_clear(&imap->work);
    store_message_read(session->services->store, message_key, header.at, len, &imap->work);
    session_spend(session, HEADER_NS + len);
    return mime_encoding(&imap->message, buf_slice(&imap->work));
}

bool imap_binary_find(struct session *session, const struct placement *row,
                      const struct message *message, const struct imap_section *section,
                      struct imap_binary *binary)
{
    struct part_span part;
    *binary = (struct imap_binary){ .section = section };
    binary->nil = !summary_part(message->parts, section->path, section->depth, &part);
    if (binary->nil)
        return true;
    struct imap_decoding *begin = &binary->begin;
    begin->message_key = row->message_key;
    begin->at = part.whole.at;
    begin->left = part.whole.len;
    if (part.is_leaf &&
        !transfer_named(encoding_of(session, row->message_key, part.mime), &begin->reader.how))
        return false;
    binary->now = *begin;
    return true;
}

/* Adds what the next octets stand for. False: the store failed. */
static bool decode_piece(struct session *session, struct imap_decoding *decoding, struct buf *out)
{
    struct buf *work = &imap_of(session)->work;
    uint64_t len = decoding->left < PIECE ? decoding->left : PIECE;
    buf_clear(work);
    session_spend(session, READ_NS + len);
    if (!store_message_read(session->services->store, decoding->message_key, decoding->at, len,
                            work))
        return false;
    transfer_add(&decoding->reader, buf_slice(work), out);
    decoding->at += len;
    decoding->left -= len;
    if (decoding->left == 0)
        transfer_end(&decoding->reader, out);
    return true;
}

static slice asked_of(const struct imap_section *section, uint64_t at, slice octets)
{
    uint64_t first = section->partial ? section->first : 0;
    uint64_t end = section->partial ? first + section->length : UINT64_MAX;
    if (at + octets.len <= first || at >= end)
        return SLICE_EMPTY;
    size_t skip = first > at ? (size_t)(first - at) : 0;
    uint64_t upto = end - at;
    return slice_from(slice_upto(octets, upto < octets.len ? (size_t)upto : octets.len), skip);
}

bool imap_binary_measured(struct session *session, struct imap_binary *binary)
{
    struct buf out = BUF_MAX(PIECE + TRANSFER_HELD_MAX + 8);
    if (binary->now.left == 0)
        return true;
    bool good = decode_piece(session, &binary->now, &out);
    slice asked = asked_of(binary->section, binary->total, buf_slice(&out));
    binary->nul |= asked.len && memchr(asked.at, '\0', asked.len);
    binary->total += out.len;
    buf_free(&out);
    return good && binary->now.left == 0;
}

struct imap_source imap_binary_source(struct imap_binary *binary)
{
    const struct imap_section *section = binary->section;
    uint64_t skip = section->partial ? section->first : 0;
    skip = skip < binary->total ? skip : binary->total;
    uint64_t left = binary->total - skip;
    binary->now = binary->begin;
    binary->now.skip = skip;
    return (struct imap_source){
        .nil = binary->nil, .memory = SLICE_EMPTY, .decoding = &binary->now,
        .left = section->partial && section->length < left ? section->length : left,
    };
}

bool imap_binary_say(struct session *session, struct imap_source *source)
{
    struct imap_decoding *decoding = source->decoding;
    struct buf out = BUF_MAX(PIECE + TRANSFER_HELD_MAX + 8);
    bool ended = decoding->left == 0;
    bool good = ended || decode_piece(session, decoding, &out);
    if (ended) /* a damaged world: the string must be as long as was said */
        buf_add_char(&out, '?');
    uint64_t skip = decoding->skip < out.len ? decoding->skip : out.len;
    slice octets = slice_from(buf_slice(&out), (size_t)skip);
    decoding->skip -= skip;
    if (octets.len > source->left)
        octets = slice_upto(octets, (size_t)source->left);
    session_write(session, octets);
    source->left -= octets.len;
    buf_free(&out);
    return good;
}
