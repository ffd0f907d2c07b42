/* mime.c: finds the parts of a message, line by line, in one pass, as its octets come. What a
   part's header says is read in mime_type.c. */
#include "servers/mail/mime.h"
#include "base/buf.h"
#include "base/limits.h"
#include "servers/mail/header.h"
#include "servers/mail/mime_type.h"

#include <string.h>

/* A part that is not at its end. */
struct frame {
    struct mime_part *part;
    struct mime_part **tail;   /* where its next child goes */
    slice boundary;            /* empty: none, or its closing line has come */
    bool blank;                /* it ended in a blank (forbidden, RFC 2046 5.1.1), which is gone */
};

/* So much of a line is looked at: the longest boundary, with blanks and two dashes behind it. */
#define LINE_SEEN_MAX (2 * HEADER_FIELD_MAX)

struct mime_reader {
    struct arena *arena;
    mime_header_fn *header_read;
    void *context;
    size_t size;               /* octets before the line that is read */
    struct buf line;           /* what has come of it, while it has no end: LINE_SEEN_MAX at most */
    size_t line_len;           /* … all of it */
    bool last_is_cr;           /* … its last octet */
    size_t before_end;         /* octets of the line end before it: 0 to 2 */
    bool before_empty;         /* the line before it was its end alone */
    struct buf header;         /* of the last frame, while in_header: HEADER_BYTES_MAX at most */
    uint32_t lines;            /* line ends before the line that is read */
    uint32_t parts;
    size_t depth;              /* frames in use; the last one is the part that is read */
    bool in_header;            /* of the last one */
    bool in_doubt;             /* the lines since `doubt_at` are no fields: of the header only if */
    size_t doubt_at;           /*   one follows */
    uint32_t doubt_lines;      /* `lines` then */
    struct frame frames[MIME_DEPTH_MAX + 1];
};

static const struct mime_parameter us_ascii = { { "CHARSET", 7 }, { "US-ASCII", 8 } };

static void make_plain_text(struct mime_reader *reader, struct mime_part *part)
{
    part->kind = MIME_LEAF;
    part->type = SLICE("TEXT");
    part->subtype = SLICE("PLAIN");
    part->parameters = arena_take(reader->arena, sizeof us_ascii);
    *part->parameters = us_ascii;
    part->parameter_count = 1;
}

static void make_opaque(struct mime_part *part)
{
    part->kind = MIME_LEAF;
    part->type = SLICE("APPLICATION");
    part->subtype = SLICE("OCTET-STREAM");
    part->parameter_count = 0;
    part->opaque = true;
}

static void part_begin(struct mime_reader *reader, size_t at)
{
    must(reader->depth < COUNT(reader->frames));
    struct mime_part *part = arena_take(reader->arena, sizeof *part);
    part->header_at = (uint32_t)at;
    if (reader->depth) {
        struct frame *above = &reader->frames[reader->depth - 1];
        part->parent = above->part;
        *above->tail = part;
        above->tail = &part->next;
    }
    reader->frames[reader->depth++] = (struct frame){ part, &part->child, SLICE_EMPTY, false };
    reader->parts++;
    reader->in_header = true;
    buf_clear(&reader->header);
}

static bool is_type(const struct mime_part *part, const char *type, const char *subtype)
{
    return slice_is_nocase(part->type, type) &&
           (!subtype || slice_is_nocase(part->subtype, subtype));
}

static void default_type(struct mime_reader *reader, struct mime_part *part)
{
    if (part->parent && part->parent->kind == MIME_MULTIPART &&
        is_type(part->parent, "multipart", "digest")) {
        part->type = SLICE("MESSAGE"); /* RFC 2046 5.1.5 */
        part->subtype = SLICE("RFC822");
    } else {
        make_plain_text(reader, part);
    }
}

/* An encoded message's header can't be read in place; RFC 2046 5.2.1 forbids the encodings. */
static bool is_encoded(const struct mime_part *part)
{
    return slice_is_nocase(part->encoding, "base64") ||
           slice_is_nocase(part->encoding, "quoted-printable");
}

static void boundary_set(struct frame *frame)
{
    const slice *value = mime_parameter(frame->part, "boundary");
    slice *boundary = &frame->boundary;
    *boundary = value ? *value : SLICE_EMPTY;
    while (boundary->len && is_space((unsigned char)boundary->at[boundary->len - 1]))
        boundary->len--;
    frame->blank = value && boundary->len < value->len;
}

/* The header is known: what kind of part is it, and what comes first in its body? */
static void header_done(struct mime_reader *reader, size_t body_at)
{
    struct frame *frame = &reader->frames[reader->depth - 1];
    struct mime_part *part = frame->part;
    part->header_len = (uint32_t)body_at - part->header_at;
    part->body_at = (uint32_t)body_at;
    part->body_lines = reader->lines; /* until the part's end is known */
    reader->in_header = false;
    slice header = slice_upto(buf_slice(&reader->header), part->header_len);
    mime_fields_read(reader->arena, part, header);
    if (!part->type.len)
        default_type(reader, part);
    if (reader->header_read)
        reader->header_read(reader->context, part, header);
    bool multipart = is_type(part, "multipart", NULL);
    bool is_message = is_type(part, "message", "rfc822");
    if (!multipart && !is_message)
        return;
    bool full = reader->depth == COUNT(reader->frames) || reader->parts >= MIME_PARTS_MAX;
    if (full || (is_message && is_encoded(part))) {
        make_opaque(part);
    } else if (is_message) {
        part->kind = MIME_MESSAGE;
        part_begin(reader, body_at);
    } else {
        boundary_set(frame);
        part->kind = MIME_MULTIPART;
    }
}

/* Where the header ends after all: before the lines in doubt. They begin an enclosed message's
   header, too, which thus is empty. */
static void doubt_end(struct mime_reader *reader)
{
    uint32_t lines = reader->lines;
    reader->lines = reader->doubt_lines;
    while (reader->in_header)
        header_done(reader, reader->doubt_at);
    reader->lines = lines;
    reader->in_doubt = false;
}

/* The part ends at `end`, before which stand `lines` line ends, with `whole` one right before. */
static void part_end(struct mime_reader *reader, struct mime_part *part, uint32_t end,
                     uint32_t lines, bool whole)
{
    if (part->header_at > end)
        part->header_at = end;
    if (part->body_at > end) {
        part->body_at = end;
        part->body_lines = lines;
    }
    part->header_len = part->body_at - part->header_at;
    part->body_len = end - part->body_at;
    part->body_lines = lines - part->body_lines;
    if (part->body_len && !whole)
        part->body_lines++;
    if (part->kind == MIME_MULTIPART && !part->child)
        make_plain_text(reader, part);
}

/* All parts below `depth` end where the line at `at` begins. The line end before a
   boundary is the boundary's; but the outermost of the parts keeps its header whole. */
static void parts_end(struct mime_reader *reader, size_t depth, size_t at, bool at_boundary)
{
    if (reader->in_header && reader->in_doubt)
        doubt_end(reader);
    while (reader->in_header)
        header_done(reader, at); /* which may begin an attached message's header */
    reader->in_doubt = false;
    size_t end = at;
    if (at_boundary)
        end -= reader->before_end;
    bool whole = at_boundary ? reader->before_empty : reader->before_end > 0;
    if (reader->depth > depth && end < reader->frames[depth].part->body_at)
        end = reader->frames[depth].part->body_at;
    while (reader->depth > depth)
        part_end(reader, reader->frames[--reader->depth].part, (uint32_t)end,
                 reader->lines - (end < at), whole);
}

/* Is the line a boundary of an open multipart? Its depth, or 0. It need only begin with it
   (RFC 2046 5.1.1, the note to implementors): so of those that fit the longest is meant, and
   of equal ones the innermost. */
static size_t boundary_depth(const struct mime_reader *reader, slice line, bool *closing)
{
    size_t found = 0, longest = 0;
    if (!take_prefix(&line, "--"))
        return 0;
    for (size_t depth = reader->depth; depth > 0; depth--) {
        slice boundary = reader->frames[depth - 1].boundary;
        /* The first octet alone tells nearly always: a line of dashes is hostile. */
        if (boundary.len <= longest || boundary.len > line.len || boundary.at[0] != line.at[0] ||
            !slice_equal(slice_upto(line, boundary.len), boundary))
            continue;
        found = depth;
        longest = boundary.len;
    }
    line = slice_from(line, longest);
    if (found && reader->frames[found - 1].blank)
        take_while(&line, is_space); /* "--b --" */
    *closing = take_prefix(&line, "--");
    return found;
}

/* Did the line move the tree? Else it belongs to the part that is read. */
static bool read_boundary(struct mime_reader *reader, slice line, size_t at, size_t after)
{
    bool closing = false;
    size_t depth = boundary_depth(reader, line, &closing);
    if (!depth || reader->parts >= MIME_PARTS_MAX)
        return false;
    parts_end(reader, depth, at, true);
    if (closing)
        reader->frames[depth - 1].boundary = SLICE_EMPTY;
    else
        part_begin(reader, after);
    return true;
}

/* False: the line is no part of the header and must be read again. */
static bool read_header_line(struct mime_reader *reader, slice line, size_t at, size_t after)
{
    bool first = at == reader->frames[reader->depth - 1].part->header_at;
    enum header_line kind = header_line_kind(line, first);
    if (kind == HEADER_NOT && first) {
        header_done(reader, at);
        return false;
    }
    if (kind == HEADER_NOT && !reader->in_doubt) {
        reader->in_doubt = true;
        reader->doubt_at = at;
        reader->doubt_lines = reader->lines;
    } else if (kind == HEADER_FIELD) {
        reader->in_doubt = false;
    } else if (kind == HEADER_EMPTY && reader->in_doubt) {
        doubt_end(reader);
    } else if (kind == HEADER_EMPTY) {
        reader->lines++; /* the body begins after this line */
        header_done(reader, after);
        reader->lines--;
    }
    return true;
}

/* --- octets --------------------------------------------------------------------------------- */

static void line_read(struct mime_reader *reader, slice seen, size_t len, size_t end)
{
    size_t at = reader->size, after = at + len;
    seen = slice_upto(slice_upto(seen, len - end), LINE_SEEN_MAX);
    bool moved = read_boundary(reader, seen, at, after);
    while (!moved && reader->in_header && !read_header_line(reader, seen, at, after))
        ;
    reader->lines += end > 0;
    reader->size = after;
    reader->before_end = end;
    reader->before_empty = len == end;
}

/* The line's octets so far, without copying what is whole. */
static slice line_join(struct mime_reader *reader, slice piece)
{
    if (reader->line_len == 0)
        return piece;
    buf_add(&reader->line, slice_upto(piece, LINE_SEEN_MAX + 2 - reader->line.len));
    return buf_slice(&reader->line);
}

struct mime_reader *mime_begin(struct arena *arena, mime_header_fn *header_read, void *context)
{
    struct mime_reader *reader = arena_take(arena, sizeof *reader);
    reader->arena = arena;
    reader->header_read = header_read;
    reader->context = context;
    reader->line = BUF_MAX(LINE_SEEN_MAX + 2);
    reader->header = BUF_MAX(HEADER_BYTES_MAX);
    part_begin(reader, 0);
    return reader;
}

/* A CR at the end of the line that was cut off: is the LF behind it one line end with it? */
static bool ends_in_cr(const struct mime_reader *reader, slice piece)
{
    if (piece.len > 1)
        return piece.at[piece.len - 2] == '\r';
    return reader->last_is_cr;
}

void mime_feed(struct mime_reader *reader, slice octets)
{
    must(octets.len <= MESSAGE_BYTES_MAX - reader->size - reader->line_len);
    while (octets.len) {
        size_t newline = 0;
        bool ended = slice_find(octets, '\n', &newline);
        slice piece = slice_upto(octets, ended ? newline + 1 : octets.len);
        octets = slice_from(octets, piece.len);
        if (reader->in_header)
            buf_add(&reader->header, slice_upto(piece, HEADER_BYTES_MAX - reader->header.len));
        if (!ended) {
            buf_add(&reader->line, slice_upto(piece, LINE_SEEN_MAX + 2 - reader->line.len));
            reader->line_len += piece.len;
            reader->last_is_cr = piece.at[piece.len - 1] == '\r';
            return;
        }
        size_t end = ends_in_cr(reader, piece) ? 2 : 1, len = reader->line_len + piece.len;
        line_read(reader, line_join(reader, piece), len, end);
        reader->line_len = 0;
        reader->last_is_cr = false;
        buf_clear(&reader->line);
    }
}

void mime_drop(struct mime_reader *reader)
{
    buf_free(&reader->line);
    buf_free(&reader->header);
}

struct mime_part *mime_end(struct mime_reader *reader)
{
    struct mime_part *message = reader->frames[0].part;
    if (reader->line_len)
        line_read(reader, buf_slice(&reader->line), reader->line_len, 0);
    parts_end(reader, 0, reader->size, false);
    mime_drop(reader);
    return message;
}

struct mime_part *mime_read(struct arena *arena, slice text)
{
    struct mime_reader *reader = mime_begin(arena, NULL, NULL);
    mime_feed(reader, text);
    return mime_end(reader);
}

const struct mime_part *mime_part_after(const struct mime_part *part)
{
    if (part->child)
        return part->child;
    while (part && !part->next)
        part = part->parent;
    return part ? part->next : NULL;
}
