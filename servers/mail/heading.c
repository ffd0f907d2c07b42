/* heading.c: see heading.h. */
#include "servers/mail/heading.h"

#include "servers/mail/address.h"
#include "servers/mail/date.h"
#include "servers/mail/header.h"

static const char *const text_names[HEADING_TEXTS] = {
    [TEXT_SUBJECT] = "Subject", [TEXT_FROM] = "From", [TEXT_TO] = "To", [TEXT_CC] = "Cc",
    [TEXT_BCC] = "Bcc",
};

enum heading_text heading_text_of(slice field_name)
{
    size_t i = 0;
    while (i < HEADING_TEXTS && !slice_is_nocase(field_name, text_names[i]))
        i++;
    return (enum heading_text)i;
}

/* --- message-IDs (RFC 5322 3.6.4) ----------------------------------------------------------- */

/* Behind the "<". Takes what it looked at, but for a "<": there another may begin. */
static bool take_id(slice *rest, struct buf *work)
{
    bool quoted = false, at = false;
    size_t left = 0;
    for (size_t i = 0; i < rest->len; i++) {
        char c = rest->at[i];
        bool ends = !quoted && (c == '<' || c == '>' || is_blank((unsigned char)c));
        if (ends || is_control((unsigned char)c)) {
            *rest = slice_from(*rest, c == '<' ? i : i + 1);
            return c == '>' && at && left > 0 && work->len > left + 1 && !work->full;
        }
        if (c == '"' && !at) {
            quoted = !quoted;
            continue;
        }
        if (c == '\\' && quoted && i + 1 < rest->len)
            c = rest->at[++i];
        else if (c == '@' && !quoted && !at) {
            at = true;
            left = work->len;
        }
        buf_add_char(work, c);
    }
    *rest = SLICE_EMPTY;
    return false;
}

bool message_id_next(slice *value, struct buf *work, slice *id)
{
    size_t at;
    while (slice_find(*value, '<', &at)) {
        *value = slice_from(*value, at + 1);
        buf_clear(work);
        if (take_id(value, work)) {
            *id = buf_slice(work);
            return true;
        }
    }
    *value = SLICE_EMPTY;
    return false;
}

/* The last REFERENCES_MAX of them: who is nearest stands last. */
static slice references_of(struct arena *arena, slice value, size_t max)
{
    struct buf all = BUF_MAX(HEADER_FIELD_MAX * 2), work = BUF_MAX(MESSAGE_ID_MAX);
    slice id, found;
    size_t count = 0, at;
    value = slice_upto(value, HEADER_FIELD_MAX);
    for (; count < max && message_id_next(&value, &work, &id); count++) {
        buf_add(&all, id);
        buf_add_char(&all, '\n');
    }
    for (found = buf_slice(&all); count > REFERENCES_MAX; count--)
        if (slice_find(found, '\n', &at))
            found = slice_from(found, at + 1);
    found = arena_copy(arena, found);
    buf_free(&all);
    buf_free(&work);
    return found;
}

/* --- texts, addresses, the date -------------------------------------------------------------- */

static slice box_of(struct arena *arena, slice value)
{
    struct arena work = { 0 };
    struct address_reader reader = address_list(&work, value);
    struct address address;
    slice box = SLICE_EMPTY;
    if (address_next(&reader, &address))
        box = address.kind == ADDRESS_GROUP ? address.name : address.local;
    box = arena_copy(arena, box);
    arena_free(&work);
    return box;
}

/* The first field of each name. */
enum once { ONCE_DATE, ONCE_REFERENCES, ONCE_IN_REPLY_TO, ONCE_MESSAGE_ID, ONCE_NAMES };

static void keep_once(slice once[ONCE_NAMES], const struct header_field *field)
{
    static const char *const names[ONCE_NAMES] = {
        [ONCE_DATE] = "Date", [ONCE_REFERENCES] = "References",
        [ONCE_IN_REPLY_TO] = "In-Reply-To", [ONCE_MESSAGE_ID] = "Message-ID",
    };
    for (size_t i = 0; i < ONCE_NAMES; i++)
        if (!once[i].at && slice_is_nocase(field->name, names[i]))
            once[i] = field->value;
}

static void read_once(struct arena *arena, const slice once[ONCE_NAMES], struct heading *out)
{
    int zone = 0;
    if (once[ONCE_DATE].at)
        out->dated = date_read_sent(once[ONCE_DATE], &out->sent_ms, &zone);
    out->sent_zone = zone;
    out->references = references_of(arena, once[ONCE_REFERENCES], SIZE_MAX);
    if (out->references.len == 0)
        out->references = references_of(arena, once[ONCE_IN_REPLY_TO], 1);
    out->message_id = references_of(arena, once[ONCE_MESSAGE_ID], 1);
    if (out->message_id.len)
        out->message_id.len--; /* without its LF */
}

static void read_field(struct arena *arena, const struct header_field *field,
                       struct heading *out, struct buf texts[HEADING_TEXTS])
{
    static const enum heading_box boxes[HEADING_TEXTS] = {
        [TEXT_SUBJECT] = HEADING_BOXES, [TEXT_FROM] = BOX_FROM, [TEXT_TO] = BOX_TO,
        [TEXT_CC] = BOX_CC, [TEXT_BCC] = HEADING_BOXES,
    };
    enum heading_text text = heading_text_of(field->name);
    if (text == HEADING_TEXTS)
        return;
    if (out->texts[text].at)
        buf_add_char(&texts[text], '\n');
    out->texts[text] = SLICE_EMPTY; /* it is there */
    header_text(&texts[text], field->value);
    if (boxes[text] != HEADING_BOXES && !out->boxes[boxes[text]].len)
        out->boxes[boxes[text]] = box_of(arena, field->value);
}

void heading_make(struct arena *arena, slice header, struct heading *out)
{
    struct buf texts[HEADING_TEXTS];
    slice once[ONCE_NAMES] = { { 0 } };
    struct header_cursor cursor = { slice_upto(header, HEADER_BYTES_MAX) };
    struct header_field field;
    *out = (struct heading){ .dated = false };
    for (size_t i = 0; i < HEADING_TEXTS; i++)
        texts[i] = BUF_MAX(HEADER_BYTES_MAX * 4);
    while (header_next(&cursor, &field)) {
        read_field(arena, &field, out, texts);
        keep_once(once, &field);
    }
    for (size_t i = 0; i < HEADING_TEXTS; i++) {
        if (out->texts[i].at)
            out->texts[i] = arena_copy(arena, buf_slice(&texts[i]));
        buf_free(&texts[i]);
    }
    read_once(arena, once, out);
}
