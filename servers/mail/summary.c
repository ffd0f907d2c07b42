/* summary.c: ENVELOPE and BODYSTRUCTURE as text (RFC 3501 7.4.2). The table of parts is
   in summary_parts.c. Every string that comes from the message goes through quote.h. */
#include "servers/mail/summary.h"
#include "base/heap.h"
#include "base/limits.h"
#include "servers/mail/address.h"
#include "servers/mail/header.h"
#include "servers/mail/heading.h"
#include "servers/mail/identity.h"
#include "servers/mail/summary_parts.h"


/* A message whose texts would be too long is described once more with less of it. */
static const struct measure {
    size_t string_max, addresses_max;
} measures[] = {
    { SUMMARY_STRING_MAX, HEADER_ADDRESSES_MAX },
    { 128, 32 },
};

/* Of a message, or of one in it, in each measure: made when its header comes. */
struct envelope {
    slice text[COUNT(measures)];
    bool full[COUNT(measures)];
};

struct writer {
    struct buf out;
    struct arena arena;      /* for the addresses of one field */
    const struct measure *measure;
    bool extensions;         /* BODYSTRUCTURE, not BODY */
};

static void write_space(struct writer *writer) { buf_add_char(&writer->out, ' '); }

static void write_string(struct writer *writer, slice s)
{
    quote_string(&writer->out, slice_upto(s, writer->measure->string_max));
}

static void write_nstring(struct writer *writer, slice s)
{
    if (s.at)
        write_string(writer, s);
    else
        buf_add_text(&writer->out, "NIL");
}

/* NIL for what is not there: RFC 3501 gives "" a meaning of its own in an address. */
static void write_filled(struct writer *writer, slice s)
{
    write_nstring(writer, s.len ? s : (slice){ NULL, 0 });
}

/* --- ENVELOPE --------------------------------------------------------------------------- */

/* "(name route mailbox host)"; a group's begin has no host, its end no mailbox either. */
static void write_address(struct writer *writer, const struct address *address)
{
    if (address->kind == ADDRESS_GROUP_END) {
        buf_add_text(&writer->out, "(NIL NIL NIL NIL)");
        return;
    }
    bool group = address->kind == ADDRESS_GROUP;
    buf_add_char(&writer->out, '(');
    write_filled(writer, group ? SLICE_EMPTY : address->name);
    write_space(writer);
    write_filled(writer, address->route);
    write_space(writer);
    write_string(writer, group ? address->name : address->local);
    write_space(writer);
    if (group)
        buf_add_text(&writer->out, "NIL");
    else
        write_string(writer, address->host);
    buf_add_char(&writer->out, ')');
}

/* One field's addresses; *count are there already. */
static void write_addresses(struct writer *writer, slice value, size_t *count)
{
    struct address_reader reader = address_list(&writer->arena, value);
    struct address address;
    /* The reader stops at its own limit, and ends a group that is open then. */
    reader.count = HEADER_ADDRESSES_MAX - writer->measure->addresses_max + *count;
    while (address_next(&reader, &address)) {
        if (*count == 0)
            buf_add_char(&writer->out, '(');
        ++*count;
        write_address(writer, &address);
    }
    arena_reset(&writer->arena);
}

enum envelope_name {
    ENV_DATE, ENV_SUBJECT, ENV_FROM, ENV_SENDER, ENV_REPLY_TO, ENV_TO, ENV_CC, ENV_BCC,
    ENV_IN_REPLY_TO, ENV_MESSAGE_ID, ENV_NAMES
};

/* All fields of one name. */
struct envelope_field {
    struct header_cursor first; /* in front of the first of them */
    size_t count;
};

static size_t envelope_name_of(slice name)
{
    static const char *const names[ENV_NAMES] = {
        [ENV_DATE] = "Date", [ENV_SUBJECT] = "Subject", [ENV_FROM] = "From",
        [ENV_SENDER] = "Sender", [ENV_REPLY_TO] = "Reply-To", [ENV_TO] = "To", [ENV_CC] = "Cc",
        [ENV_BCC] = "Bcc", [ENV_IN_REPLY_TO] = "In-Reply-To", [ENV_MESSAGE_ID] = "Message-ID",
    };
    size_t i = 0;
    while (i < ENV_NAMES && !slice_is_nocase(name, names[i]))
        i++;
    return i;
}

/* Where they stand, in one walk: most of a header is none of them. */
static void envelope_find(slice header, struct envelope_field fields[ENV_NAMES])
{
    struct header_cursor cursor = { header }, before = cursor;
    struct header_field field;
    for (; header_next(&cursor, &field); before = cursor) {
        size_t name = envelope_name_of(field.name);
        if (name < ENV_NAMES && fields[name].count++ == 0)
            fields[name].first = before;
    }
}

/* All fields of the name together: To twice is forbidden, and happens. */
static bool write_address_field(struct writer *writer,
                                const struct envelope_field fields[ENV_NAMES],
                                enum envelope_name name)
{
    struct header_cursor cursor = fields[name].first;
    struct header_field field;
    size_t left = fields[name].count, count = 0;
    while (left > 0 && count < writer->measure->addresses_max && header_next(&cursor, &field))
        if (envelope_name_of(field.name) == name) {
            write_addresses(writer, field.value, &count);
            left--;
        }
    if (count)
        buf_add_char(&writer->out, ')');
    return count > 0;
}

static void write_text_field(struct writer *writer, const struct envelope_field *one)
{
    struct header_cursor cursor = one->first;
    struct header_field field;
    if (one->count == 0 || !header_next(&cursor, &field)) {
        buf_add_text(&writer->out, "NIL");
        return;
    }
    struct buf line = BUF_MAX(HEADER_FIELD_MAX);
    header_unfold(&line, field.value);
    write_string(writer, buf_slice(&line));
    buf_free(&line);
}

/* RFC 3501 7.4.2: who sent it and where to answer is From's, if it is not said. */
static void write_envelope(struct writer *writer, slice header)
{
    struct envelope_field fields[ENV_NAMES] = { { .count = 0 } };
    envelope_find(slice_upto(header, HEADER_BYTES_MAX), fields);
    buf_add_char(&writer->out, '(');
    for (enum envelope_name name = ENV_DATE; name < ENV_NAMES; name++) {
        if (name != ENV_DATE)
            write_space(writer);
        if (name < ENV_FROM || name > ENV_BCC)
            write_text_field(writer, &fields[name]);
        else if (!write_address_field(writer, fields, name) &&
                 !((name == ENV_SENDER || name == ENV_REPLY_TO) &&
                   write_address_field(writer, fields, ENV_FROM)))
            buf_add_text(&writer->out, "NIL");
    }
    buf_add_char(&writer->out, ')');
}

static struct envelope *envelope_make(struct writer *writer, struct arena *arena, slice header)
{
    struct envelope *envelope = arena_take(arena, sizeof *envelope);
    for (size_t i = 0; i < COUNT(measures); i++) {
        writer->measure = &measures[i];
        buf_clear(&writer->out);
        write_envelope(writer, header);
        envelope->full[i] = writer->out.full;
        if (!writer->out.full)
            envelope->text[i] = arena_copy(arena, buf_slice(&writer->out));
    }
    return envelope;
}

/* --- BODYSTRUCTURE ----------------------------------------------------------------------- */

static void write_parameters(struct writer *writer, const struct mime_parameter *parameters,
                             size_t count)
{
    if (count == 0) {
        buf_add_text(&writer->out, "NIL");
        return;
    }
    for (size_t i = 0; i < count; i++) {
        buf_add_char(&writer->out, i ? ' ' : '(');
        write_string(writer, parameters[i].name);
        write_space(writer);
        write_string(writer, parameters[i].value);
    }
    buf_add_char(&writer->out, ')');
}

static void write_languages(struct writer *writer, const struct mime_part *part)
{
    if (part->language_count == 0)
        buf_add_text(&writer->out, "NIL");
    else if (part->language_count == 1)
        write_string(writer, part->languages[0]);
    for (size_t i = 0; part->language_count > 1 && i < part->language_count; i++) {
        buf_add_char(&writer->out, i ? ' ' : '(');
        write_string(writer, part->languages[i]);
    }
    if (part->language_count > 1)
        buf_add_char(&writer->out, ')');
}

/* " disposition language location": the same for every kind of part. */
static void write_extensions(struct writer *writer, const struct mime_part *part)
{
    write_space(writer);
    if (part->disposition.at) {
        buf_add_char(&writer->out, '(');
        write_string(writer, part->disposition);
        write_space(writer);
        write_parameters(writer, part->disposition_parameters,
                         part->disposition_parameter_count);
        buf_add_char(&writer->out, ')');
    } else {
        buf_add_text(&writer->out, "NIL");
    }
    write_space(writer);
    write_languages(writer, part);
    write_space(writer);
    write_nstring(writer, part->location);
}

static void write_made(struct writer *writer, const struct envelope *envelope)
{
    size_t measure = (size_t)(writer->measure - measures);
    if (envelope->full[measure])
        writer->out.full = true;
    else
        buf_add(&writer->out, envelope->text[measure]);
}

static void write_body(struct writer *writer, const struct mime_part *part);

static void write_multipart(struct writer *writer, const struct mime_part *part)
{
    for (const struct mime_part *child = part->child; child; child = child->next)
        write_body(writer, child);
    write_space(writer);
    write_string(writer, part->subtype);
    if (!writer->extensions)
        return;
    write_space(writer);
    write_parameters(writer, part->parameters, part->parameter_count);
    write_extensions(writer, part);
}

/* "type subtype (parameters) id description encoding octets" */
static void write_basic(struct writer *writer, const struct mime_part *part)
{
    write_string(writer, part->type);
    write_space(writer);
    write_string(writer, part->subtype);
    write_space(writer);
    write_parameters(writer, part->parameters, part->parameter_count);
    write_space(writer);
    write_nstring(writer, part->id);
    write_space(writer);
    write_nstring(writer, part->description);
    write_space(writer);
    write_string(writer, part->encoding.len ? part->encoding : SLICE("7BIT"));
    write_space(writer);
    buf_add_number(&writer->out, part->body_len);
}

/* Calls itself at most MIME_DEPTH_MAX deep: mime_read makes no deeper tree. */
static void write_body(struct writer *writer, const struct mime_part *part)
{
    if (writer->out.full)
        return;
    buf_add_char(&writer->out, '(');
    if (part->kind == MIME_MULTIPART) {
        write_multipart(writer, part);
        buf_add_char(&writer->out, ')');
        return;
    }
    write_basic(writer, part);
    if (part->kind == MIME_MESSAGE) {
        write_space(writer);
        write_made(writer, part->child->note);
        write_space(writer);
        write_body(writer, part->child);
    }
    if (part->kind == MIME_MESSAGE || slice_is_nocase(part->type, "text")) {
        write_space(writer);
        buf_add_number(&writer->out, part->body_lines);
    }
    if (writer->extensions) {
        write_space(writer);
        write_nstring(writer, part->md5);
        write_extensions(writer, part);
    }
    buf_add_char(&writer->out, ')');
}

/* --- the message ---------------------------------------------------------------------------- */

/* False: too long even in the smallest measure. */
static bool write_measured(struct writer *writer, const struct mime_part *part)
{
    for (size_t i = 0; i < COUNT(measures); i++) {
        writer->measure = &measures[i];
        buf_clear(&writer->out);
        write_body(writer, part);
        if (!writer->out.full)
            return true;
    }
    return false;
}

static bool write_structures(struct arena *arena, struct writer *writer,
                             const struct mime_part *part, struct message *out)
{
    writer->extensions = true;
    if (!write_measured(writer, part))
        return false;
    out->structure = arena_copy(arena, buf_slice(&writer->out));
    writer->extensions = false;
    must(write_measured(writer, part)); /* shorter than the one before */
    out->body = arena_copy(arena, buf_slice(&writer->out));
    return true;
}

/* A message of which too much would have to be said: one part, not looked into. */
static struct mime_part opaque_message(const struct mime_part *message)
{
    return (struct mime_part){
        .kind = MIME_LEAF, .opaque = true,
        .header_at = message->header_at, .header_len = message->header_len,
        .body_at = message->body_at, .body_len = message->body_len,
        .body_lines = message->body_lines,
        .type = SLICE("APPLICATION"), .subtype = SLICE("OCTET-STREAM"),
    };
}

static uint32_t return_path_bytes(slice header)
{
    struct header_cursor cursor = { slice_upto(header, HEADER_BYTES_MAX) };
    struct header_field field;
    bool leads = header_next(&cursor, &field) && field.raw.at == header.at &&
                 slice_is_nocase(field.name, "Return-Path");
    return leads ? (uint32_t)field.raw.len : 0;
}

/* --- as it arrives ------------------------------------------------------------------------- */

struct summary_reader {
    struct arena arena;          /* what is kept until the end */
    struct mime_reader *mime;
    struct writer writer;
    struct message message;        /* what its header says */
    struct heading heading;
    uint64_t size;
    uint32_t hops;
};

static uint32_t count_hops(slice header)
{
    struct header_cursor cursor = { header };
    struct header_field field;
    uint32_t hops = 0;
    while (header_next(&cursor, &field))
        hops += slice_is_nocase(field.name, "Received");
    return hops;
}

static void header_read(void *context, struct mime_part *part, slice header)
{
    struct summary_reader *reader = context;
    if (part->parent && part->parent->kind != MIME_MESSAGE)
        return;
    part->note = envelope_make(&reader->writer, &reader->arena, header);
    if (part->parent)
        return;
    reader->message.path_bytes = return_path_bytes(header);
    reader->message.identity = message_identity(&reader->arena, header);
    heading_make(&reader->arena, header, &reader->heading);
    reader->hops = count_hops(header);
}

struct summary_reader *summary_begin(void)
{
    struct summary_reader *reader = heap_take(sizeof *reader);
    reader->writer.out = BUF_MAX(SUMMARY_TEXT_MAX);
    reader->mime = mime_begin(&reader->arena, header_read, reader);
    return reader;
}

bool summary_feed(struct summary_reader *reader, slice octets)
{
    if (octets.len > MESSAGE_BYTES_MAX - reader->size)
        return false;
    reader->size += octets.len;
    mime_feed(reader->mime, octets);
    return true;
}

void summary_end(struct summary_reader *reader, struct message *out)
{
    const struct mime_part *message = mime_end(reader->mime);
    struct mime_part opaque = opaque_message(message);
    const struct envelope *envelope = message->note;
    reader->mime = NULL;
    *out = reader->message;
    out->size = reader->size;
    out->header_bytes = message->header_len;
    must(!envelope->full[0] || !envelope->full[1]);
    out->envelope = envelope->text[envelope->full[0] ? 1 : 0];
    if (!write_structures(&reader->arena, &reader->writer, message, out)) {
        message = &opaque;
        must(write_structures(&reader->arena, &reader->writer, message, out));
    }
    out->parts = parts_write(&reader->arena, message);
    out->heading = &reader->heading;
}

uint32_t summary_hops(const struct summary_reader *reader) { return reader->hops; }

void summary_free(struct summary_reader *reader)
{
    if (!reader)
        return;
    if (reader->mime)
        mime_drop(reader->mime);
    buf_free(&reader->writer.out);
    arena_free(&reader->writer.arena);
    arena_free(&reader->arena);
    heap_give(reader);
}

static slice kept(struct arena *arena, slice s) { return s.at ? arena_copy(arena, s) : s; }

static const struct heading *heading_kept(struct arena *arena, const struct heading *from)
{
    struct heading *heading = arena_take(arena, sizeof *heading);
    *heading = *from;
    for (size_t i = 0; i < HEADING_TEXTS; i++)
        heading->texts[i] = kept(arena, from->texts[i]);
    for (size_t i = 0; i < HEADING_BOXES; i++)
        heading->boxes[i] = kept(arena, from->boxes[i]);
    heading->references = kept(arena, from->references);
    heading->message_id = kept(arena, from->message_id);
    return heading;
}

bool summary_make(struct arena *arena, slice whole_text, struct message *out)
{
    struct summary_reader *reader = summary_begin();
    bool fits = summary_feed(reader, whole_text);
    if (fits) {
        summary_end(reader, out);
        out->envelope = kept(arena, out->envelope);
        out->structure = kept(arena, out->structure);
        out->body = kept(arena, out->body);
        out->parts = kept(arena, out->parts);
        out->identity = kept(arena, out->identity);
        out->heading = heading_kept(arena, out->heading);
    }
    summary_free(reader);
    return fits;
}
