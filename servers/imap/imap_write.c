/* imap_write.c: see imap_write.h. */
#include "servers/imap/imap_write.h"

#include "servers/mail/encoding.h"

#define SHOWN_MAX 40

/* --- lines -------------------------------------------------------------------------------- */

struct buf *imap_begin(struct session *session, const char *start)
{
    struct buf *text = &imap_of(session)->text;
    buf_clear(text);
    buf_add_text(text, start);
    return text;
}

void imap_flush(struct session *session)
{
    struct buf *text = &imap_of(session)->text;
    session->out.full |= text->full; /* a world's file may hold a summary that nobody here made */
    session_write(session, buf_slice(text));
    buf_clear(text);
}

void imap_end_line(struct session *session)
{
    buf_add_text(&imap_of(session)->text, "\r\n");
    imap_flush(session);
}

/* --- pieces ------------------------------------------------------------------------------- */

static void add_spaced(struct buf *buf, bool *first, slice word)
{
    if (!*first)
        buf_add_char(buf, ' ');
    *first = false;
    buf_add(buf, word);
}

void imap_write_flags(struct buf *buf, const struct imap_view *view, uint64_t flags, bool recent)
{
    static const struct {
        uint64_t bit;
        const char *name;
    } system[] = {
        { FLAG_ANSWERED, "\\Answered" }, { FLAG_FLAGGED, "\\Flagged" },
        { FLAG_DELETED, "\\Deleted" },   { FLAG_SEEN, "\\Seen" },
        { FLAG_DRAFT, "\\Draft" },
    };
    bool first = true;
    buf_add_char(buf, '(');
    for (size_t i = 0; i < COUNT(system); i++)
        if (flags & system[i].bit)
            add_spaced(buf, &first, slice_of(system[i].name));
    if (recent)
        add_spaced(buf, &first, SLICE("\\Recent"));
    for (size_t i = 0; i < view->keyword_count; i++)
        if (flags >> (FLAG_KEYWORD_SHIFT + i) & 1)
            add_spaced(buf, &first, view->keywords[i]);
    buf_add_char(buf, ')');
}

void imap_write_row_flags(struct session *session, struct buf *text, const struct placement *row)
{
    const struct imap *imap = imap_of(session);
    imap_write_flags(text, &imap->view, row->flags,
                     !imap->rev2 && imap_view_recent(&imap->view, row->uid));
}

slice imap_mailbox_shown(struct session *session, slice name)
{
    struct buf shown = BUF_MAX(MAILBOX_NAME_MAX * 3 + 1);
    if (imap_of(session)->rev2 && mutf7_decode(&shown, name))
        name = arena_copy(&session->scratch, buf_slice(&shown));
    buf_free(&shown);
    return name;
}

void imap_write_mailbox(struct session *session, struct buf *text, slice name)
{
    if (imap_of(session)->rev2)
        quote_utf8(text, imap_mailbox_shown(session, name));
    else
        quote_astring(text, name);
}

static void set_close_range(struct imap_set_writer *writer)
{
    if (!writer->first)
        return;
    if (writer->begun)
        buf_add_char(writer->buf, ',');
    writer->begun = true;
    buf_add_number(writer->buf, writer->first);
    if (writer->last != writer->first) {
        buf_add_char(writer->buf, ':');
        buf_add_number(writer->buf, writer->last);
    }
}

void imap_write_set_add(struct imap_set_writer *writer, uint32_t number)
{
    if (writer->first && number == writer->last + 1) {
        writer->last = number;
        return;
    }
    set_close_range(writer);
    writer->first = writer->last = number;
}

void imap_write_set_end(struct imap_set_writer *writer)
{
    set_close_range(writer);
    writer->first = 0;
}

static void write_fields(struct buf *buf, const struct imap_section *section)
{
    bool first = true;
    buf_add_text(buf, " (");
    for (size_t i = 0; i < section->field_count; i++) {
        if (!first)
            buf_add_char(buf, ' ');
        first = false;
        quote_astring(buf, section->fields[i]);
    }
    buf_add_char(buf, ')');
}

void imap_write_section(struct buf *buf, const char *item, const struct imap_section *section)
{
    static const char *const kinds[] = {
        [SECTION_ALL] = "",
        [SECTION_HEADER] = "HEADER",
        [SECTION_FIELDS] = "HEADER.FIELDS",
        [SECTION_FIELDS_NOT] = "HEADER.FIELDS.NOT",
        [SECTION_TEXT] = "TEXT",
        [SECTION_MIME] = "MIME",
    };
    buf_format(buf, "%s[", item);
    for (size_t i = 0; i < section->depth; i++) {
        if (i)
            buf_add_char(buf, '.');
        buf_add_number(buf, section->path[i]);
    }
    if (section->depth && section->kind != SECTION_ALL)
        buf_add_char(buf, '.');
    buf_add_text(buf, kinds[section->kind]);
    if (section->kind == SECTION_FIELDS || section->kind == SECTION_FIELDS_NOT)
        write_fields(buf, section);
    buf_add_char(buf, ']');
    if (section->partial)
        buf_format(buf, "<%u>", section->first);
}

void imap_write_shown(struct buf *buf, slice word)
{
    for (size_t i = 0; i < word.len && i < SHOWN_MAX; i++) {
        unsigned char c = (unsigned char)word.at[i];
        buf_add_char(buf, c > 32 && c < 127 ? to_upper((char)c) : '?');
    }
    if (word.len > SHOWN_MAX)
        buf_add_text(buf, "...");
}
