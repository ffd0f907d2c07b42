/* seven_bit.c: see seven_bit.h. A message is cut once into pieces (copied, put in, quoted); after
   that its text is read again from where it lies, so that a large one takes no memory. */
#include "servers/mail/seven_bit.h"

#include <string.h>

#include "base/heap.h"
#include "base/limits.h"
#include "servers/mail/encoding.h"
#include "servers/mail/header.h"
#include "servers/mail/mime.h"

#define LINE_TEXT_MAX 998  /* RFC 5322 2.1.1 */
#define READ_BYTES 4096
#define QUOTED_LINE 76

/* --- what it needs --------------------------------------------------------------------------- */

static bool any_high(slice s)
{
    unsigned char all = 0;
    for (size_t i = 0; i < s.len; i++)
        all |= (unsigned char)s.at[i];
    return all >= 0x80;
}

static void line_add(struct needs *needs, slice part)
{
    size_t len = part.len - (part.len && part.at[part.len - 1] == '\r');
    bool high = any_high(part);
    needs->eight_bit |= high;
    needs->utf8_header |= high && !needs->in_body;
    needs->line += len;
    needs->long_lines |= needs->line > LINE_TEXT_MAX;
}

void needs_add(struct needs *needs, slice piece)
{
    while (piece.len) {
        const char *end = memchr(piece.at, '\n', piece.len);
        size_t len = end ? (size_t)(end - piece.at) : piece.len;
        line_add(needs, slice_upto(piece, len));
        if (!end)
            return;
        needs->in_body |= needs->line == 0;
        needs->line = 0;
        piece = slice_from(piece, len + 1);
    }
}

static struct needs needs_of(slice text)
{
    struct needs needs = { .line = 0 };
    needs_add(&needs, text);
    return needs;
}

/* --- quoted-printable ------------------------------------------------------------------------ */

struct quoting {
    size_t column;
    char held;          /* a blank or CR, until it is known what follows; 0: none */
};

static void quoted_put(struct quoting *quoting, char c, bool as_it_is, struct buf *out)
{
    static const char hex[] = "0123456789ABCDEF";
    size_t width = as_it_is ? 1 : 3;
    if (quoting->column + width >= QUOTED_LINE) {
        buf_add_text(out, "=\r\n");
        quoting->column = 0;
    }
    quoting->column += width;
    if (as_it_is) {
        buf_add_char(out, c);
        return;
    }
    buf_add_char(out, '=');
    buf_add_char(out, hex[(unsigned char)c >> 4]);
    buf_add_char(out, hex[(unsigned char)c & 15]);
}

/* A blank that ends a line, and a CR that ends none, are written in digits. */
static void held_put(struct quoting *quoting, bool line_ends, struct buf *out)
{
    if (quoting->held)
        quoted_put(quoting, quoting->held, quoting->held != '\r' && !line_ends, out);
    quoting->held = 0;
}

static void quoted_octet(struct quoting *quoting, char c, struct buf *out)
{
    if (c == '\n') {
        if (quoting->held == '\r')
            quoting->held = 0;
        held_put(quoting, true, out);
        buf_add_text(out, "\r\n");
        quoting->column = 0;
        return;
    }
    held_put(quoting, c == '\r', out);
    if (c == '\r' || is_space((unsigned char)c))
        quoting->held = c;
    else
        quoted_put(quoting, c, c > ' ' && c <= '~' && c != '=', out);
}

static void quoted_add(struct quoting *quoting, slice octets, struct buf *out)
{
    for (size_t i = 0; i < octets.len; i++)
        quoted_octet(quoting, octets.at[i], out);
}

/* --- pieces ---------------------------------------------------------------------------------- */

enum piece_kind { PIECE_COPY, PIECE_TEXT, PIECE_QUOTED };

struct piece {
    enum piece_kind kind;
    uint64_t at, len;           /* in the message; */
    const char *text;           /* or what is put in */
};

struct seven_bit {
    struct piece *pieces;
    size_t count, room;
    uint64_t size;
    size_t now;                 /* the piece that is being written, */
    uint64_t done;              /* and how much of it was read */
    struct quoting quoting;
};

/* While it is cut. */
struct cutting {
    struct seven_bit *plan;
    slice text;
    size_t cut;                 /* what lies before it has its pieces */
    bool failed;
};

static void piece_add(struct seven_bit *plan, enum piece_kind kind, uint64_t at, uint64_t len,
                      const char *text)
{
    if (len == 0)
        return;
    if (plan->count == plan->room) {
        plan->room = plan->room ? plan->room * 2 : 16;
        plan->pieces = heap_resize_near(plan, plan->pieces,
                                        plan->room * sizeof *plan->pieces);
    }
    plan->pieces[plan->count++] = (struct piece){ kind, at, len, text };
}

/* Up to there as it is; what can't go as it is ends the attempt. */
static void cut_copy(struct cutting *cutting, size_t upto)
{
    if (upto <= cutting->cut)
        return;
    slice part = slice_upto(slice_from(cutting->text, cutting->cut), upto - cutting->cut);
    struct needs needs = needs_of(part);
    cutting->failed |= needs.eight_bit || needs.long_lines;
    piece_add(cutting->plan, PIECE_COPY, cutting->cut, part.len, NULL);
    cutting->plan->size += part.len;
    cutting->cut = upto;
}

static void cut_text(struct cutting *cutting, const char *text)
{
    piece_add(cutting->plan, PIECE_TEXT, 0, strlen(text), text);
    cutting->plan->size += strlen(text);
}

static void cut_quoted(struct cutting *cutting, size_t upto)
{
    struct quoting quoting = { .column = 0 };
    struct buf out = BUF_MAX(READ_BYTES * 8);
    piece_add(cutting->plan, PIECE_QUOTED, cutting->cut, upto - cutting->cut, NULL);
    while (cutting->cut < upto) { /* only to know the size */
        size_t len = upto - cutting->cut < READ_BYTES ? upto - cutting->cut : READ_BYTES;
        quoted_add(&quoting, slice_upto(slice_from(cutting->text, cutting->cut), len), &out);
        cutting->plan->size += out.len;
        cutting->cut += len;
        buf_clear(&out);
    }
    held_put(&quoting, true, &out);
    cutting->plan->size += out.len;
    buf_free(&out);
}

/* --- parts ----------------------------------------------------------------------------------- */

static slice header_of(const struct cutting *cutting, const struct mime_part *part)
{
    return slice_upto(slice_from(cutting->text, part->header_at), part->header_len);
}

static slice body_of(const struct cutting *cutting, const struct mime_part *part)
{
    return slice_upto(slice_from(cutting->text, part->body_at), part->body_len);
}

/* Where a field can be put in at the end of a header: before its empty line. */
static size_t header_fields_end(slice header, bool *empty_line)
{
    size_t len = header.len;
    *empty_line = len > 0 && header.at[len - 1] == '\n';
    if (!*empty_line)
        return len;
    len -= len > 1 && header.at[len - 2] == '\r' ? 2 : 1;
    *empty_line = len == 0 || header.at[len - 1] == '\n';
    return *empty_line ? len : header.len;
}

/* A body in 8 bits of which nothing was said: UTF-8 if it is, else what RFC 1428 3 calls it. */
static void cut_missing_type(struct cutting *cutting, const struct mime_part *part)
{
    struct header_field field;
    slice header = header_of(cutting, part);
    if (header_find(header, "Content-Type", &field))
        return;
    if (part->parent == NULL && !header_find(header, "MIME-Version", &field))
        cut_text(cutting, "MIME-Version: 1.0\r\n");
    slice body = body_of(cutting, part);
    cut_text(cutting, !any_high(body)    ? "Content-Type: text/plain; charset=us-ascii\r\n"
                      : utf8_valid(body) ? "Content-Type: text/plain; charset=utf-8\r\n"
                                         : "Content-Type: text/plain; charset=unknown-8bit\r\n");
}

/* The header with another Content-Transfer-Encoding, all in its place but for that. */
static void cut_header(struct cutting *cutting, const struct mime_part *part, const char *encoding)
{
    slice header = header_of(cutting, part);
    struct header_field field;
    bool empty_line = false;
    size_t end = part->header_at + header_fields_end(header, &empty_line);
    if (header_find(header, "Content-Transfer-Encoding", &field)) {
        size_t at = (size_t)(field.raw.at - cutting->text.at);
        cut_copy(cutting, at);
        cut_text(cutting, encoding);
        cutting->cut = at + field.raw.len;
        cut_copy(cutting, part->header_at + part->header_len);
        return;
    }
    cut_copy(cutting, end);
    cut_missing_type(cutting, part);
    cut_text(cutting, encoding);
    if (!empty_line)
        cut_text(cutting, "\r\n");
    cut_copy(cutting, part->header_at + part->header_len);
}

static bool is_identity(slice encoding)
{
    return encoding.at == NULL || encoding.len == 0 || slice_is_nocase(encoding, "7bit") ||
           slice_is_nocase(encoding, "8bit") || slice_is_nocase(encoding, "binary");
}

/* RFC 2045 6.4: multiparts and messages take no encoding; RFC 6532 3.7 lets message/global. */
static bool may_be_encoded(const struct cutting *cutting, const struct mime_part *part)
{
    struct header_field field;
    bool typed = header_find(header_of(cutting, part), "Content-Type", &field);
    slice type = typed ? slice_trim(field.value) : SLICE("text/plain");
    if (slice_starts_nocase(type, "message/"))
        return slice_starts_nocase(type, "message/global");
    return !slice_starts_nocase(type, "multipart/") && !part->opaque && is_identity(part->encoding);
}

static void cut_leaf(struct cutting *cutting, const struct mime_part *part)
{
    struct needs needs = needs_of(body_of(cutting, part));
    if (!needs.eight_bit && !needs.long_lines) {
        cut_copy(cutting, part->body_at + part->body_len);
        return;
    }
    cutting->failed |= !may_be_encoded(cutting, part);
    if (cutting->failed)
        return;
    cut_header(cutting, part, "Content-Transfer-Encoding: quoted-printable\r\n");
    cut_quoted(cutting, part->body_at + part->body_len);
}

/* By MIME_DEPTH_MAX at most. A signature is over the octets as they were (RFC 1847 2.1). */
static void cut_part(struct cutting *cutting, const struct mime_part *part)
{
    if (cutting->failed)
        return;
    if (part->kind == MIME_LEAF) {
        cut_leaf(cutting, part);
        return;
    }
    struct needs needs = needs_of(body_of(cutting, part));
    bool changes = needs.eight_bit || needs.long_lines;
    cutting->failed |= changes && slice_is_nocase(part->type, "multipart") &&
                       slice_is_nocase(part->subtype, "signed");
    if (part->encoding.at && !slice_is_nocase(part->encoding, "7bit"))
        cut_header(cutting, part, "Content-Transfer-Encoding: 7bit\r\n");
    for (const struct mime_part *child = part->child; child; child = child->next)
        cut_part(cutting, child);
    cut_copy(cutting, part->body_at + part->body_len);
}

struct seven_bit *seven_bit_new(slice text)
{
    struct arena arena = { 0 };
    struct cutting cutting = { .plan = heap_take(sizeof *cutting.plan), .text = text };
    if (text.len <= MESSAGE_BYTES_MAX)
        cut_part(&cutting, mime_read(&arena, text));
    cut_copy(&cutting, text.len);
    arena_free(&arena);
    if (!cutting.failed && text.len <= MESSAGE_BYTES_MAX)
        return cutting.plan;
    seven_bit_free(cutting.plan);
    return NULL;
}

void seven_bit_free(struct seven_bit *plan)
{
    if (!plan)
        return;
    heap_give(plan->pieces);
    heap_give(plan);
}

uint64_t seven_bit_size(const struct seven_bit *plan) { return plan->size; }

static bool piece_read(struct seven_bit *plan, const struct piece *piece, seven_bit_read *read,
                       void *context, struct buf *out)
{
    uint64_t left = piece->len - plan->done;
    struct buf octets = BUF_MAX(READ_BYTES);
    bool good = read(context, piece->at + plan->done, left < READ_BYTES ? left : READ_BYTES,
                     &octets) && octets.len > 0;
    plan->done += octets.len;
    if (piece->kind == PIECE_COPY)
        buf_add(out, buf_slice(&octets));
    else
        quoted_add(&plan->quoting, buf_slice(&octets), out);
    buf_free(&octets);
    return good;
}

bool seven_bit_next(struct seven_bit *plan, seven_bit_read *read, void *context, struct buf *out)
{
    size_t before = out->len;
    while (plan->now < plan->count && out->len == before) {
        const struct piece *piece = &plan->pieces[plan->now];
        if (piece->kind == PIECE_TEXT) {
            buf_add_text(out, piece->text);
            plan->done = piece->len;
        } else if (!piece_read(plan, piece, read, context, out)) {
            return false;
        }
        if (plan->done < piece->len)
            continue;
        held_put(&plan->quoting, true, out);
        plan->quoting.column = 0;
        plan->done = 0;
        plan->now++;
    }
    return true;
}
