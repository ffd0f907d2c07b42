/* commands_mail_show.c: `mail list` and `mail read`: messages as a mail program shows them,
   in 80 columns. What somebody else wrote reaches the answer only through text_clean. */
#include "base/words.h"
#include "servers/mail/address.h"
#include "servers/mail/columns.h"
#include "servers/mail/date.h"
#include "servers/mail/encoding.h"
#include "servers/mail/header.h"
#include "servers/mail/plain.h"
#include "sim/devices/device.h"
#include "sim/devices/device_mail.h"
#include "sim/language/commands.h"
#include "sim/language/commands_mail.h"

#define TEXT_SHOWN_MAX (256u << 10)

/* --- text of others ------------------------------------------------------------------------ */

/* Controls, marks that turn a line round, and what is no character. */
static bool is_unsafe(uint32_t character)
{
    return character < 0x20 || (character >= 0x7f && character < 0xa0) || character == 0x61c ||
           character == 0x180e || (character >= 0x200b && character <= 0x200f) ||
           (character >= 0x2028 && character <= 0x202e) ||
           (character >= 0x2060 && character <= 0x206f) || character == 0xfeff ||
           character >= 0xe0000;
}

/* What is not safe to show becomes a question mark. */
static size_t columns_of(uint32_t character)
{
    return is_unsafe(character) ? 1 : character_columns(character);
}

/* As much of the text as fits into so many columns, safe to show; what was used is taken. */
static size_t text_clean(struct buf *out, slice *text, size_t columns)
{
    size_t column = 0;
    while (text->len) {
        slice rest = *text;
        uint32_t character = utf8_next(&rest);
        if (column + columns_of(character) > columns)
            break;
        column += columns_of(character);
        utf8_add(out, character == '\t' ? ' ' : is_unsafe(character) ? '?' : character);
        *text = rest;
    }
    return column;
}

/* A column of a table: cut, or filled up with blanks. */
static void cell_add(struct buf *out, slice text, size_t columns)
{
    size_t used = text_clean(out, &text, columns);
    for (; used < columns; used++)
        buf_add_char(out, ' ');
}

/* Where to break a line: after the last blank that fits, or where the columns end. */
static slice line_take(slice *text, size_t columns)
{
    slice rest = *text;
    size_t column = 0, blank = 0, at = 0;
    while (rest.len && column <= columns) {
        at = (size_t)(rest.at - text->at);
        if (rest.at[0] == ' ')
            blank = at;
        column += columns_of(utf8_next(&rest));
    }
    if (rest.len == 0 && column <= columns)
        at = text->len;
    else if (blank > 0)
        at = blank;
    slice line = slice_upto(*text, at);
    *text = slice_from(*text, at);
    while (text->len && blank == at && text->at[0] == ' ')
        *text = slice_from(*text, 1);
    return line;
}

static void text_end_trim(struct buf *out)
{
    while (out->len && out->at[out->len - 1] == ' ')
        out->len--;
    buf_add_char(out, '\n');
}

/* Lines of text, wrapped; `indent` blanks before what goes on. */
static void text_say(struct buf *out, slice text, size_t first, size_t indent)
{
    size_t columns = COMMAND_COLUMNS - first;
    do {
        slice line = line_take(&text, columns);
        text_clean(out, &line, columns);
        text_end_trim(out);
        columns = COMMAND_COLUMNS - indent;
        for (size_t i = 0; i < indent && text.len; i++)
            buf_add_char(out, ' ');
    } while (text.len);
}

/* --- a message's header --------------------------------------------------------------------- */

static void field_text(slice block, const char *name, struct buf *text)
{
    struct header_field field;
    if (header_find(block, name, &field))
        header_text(text, field.value);
}

/* Who stands in the field: all, or for a list the first one's name. */
static void people_text(slice block, const char *name, bool all, struct buf *text)
{
    struct header_field field;
    if (!header_find(block, name, &field))
        return;
    if (all)
        addresses_text(text, field.value);
    else
        sender_text(text, field.value, SENDER_NAME);
}

static int64_t message_date(slice block, const struct device_message *message)
{
    struct header_field field;
    int64_t ms = 0;
    int zone = 0;
    bool dated = header_find(block, "Date", &field) && date_read_5322(field.value, &ms, &zone);
    return dated ? ms : message->date_ms;
}

static slice message_block(struct call *call, const struct device_message *message,
                           struct buf *text)
{
    buf_clear(text);
    store_device_message_read(call->world->store, message->id, text);
    return slice_upto(buf_slice(text), header_end(buf_slice(text)));
}

static void name_add(struct call *call, const struct device_message *message, struct buf *out)
{
    uint64_t number = 0;
    if (store_message_number(call->world->store, slice_of(message->identity), &number))
        message_name_write(out, number);
}

/* --- mail list ----------------------------------------------------------------------------- */

struct listing {
    struct call *call;
    struct buf text, cell;
    unsigned number;
};

static slice cell_of(struct listing *listing)
{
    return buf_slice(&listing->cell);
}

static void listed_say(struct listing *listing, const struct device_message *message, slice block)
{
    struct buf *out = listing->call->out;
    buf_format(out, "%3u %s%s ", listing->number, message->flags & DEVICE_SEEN ? "seen" : "new ",
               message->flags & DEVICE_FLAGGED ? "!" : " ");
    name_add(listing->call, message, &listing->cell);
    cell_add(out, cell_of(listing), 4);
    buf_clear(&listing->cell);
    people_text(block, "From", false, &listing->cell);
    if (slice_is(cell_of(listing), listing->call->device->address)) { /* one's own: to whom */
        buf_clear(&listing->cell);
        buf_add_text(&listing->cell, "to ");
        people_text(block, "To", true, &listing->cell);
    }
    cell_add(out, cell_of(listing), 17);
    buf_clear(&listing->cell);
    buf_add_char(out, ' ');
    field_text(block, "Subject", &listing->cell);
    cell_add(out, cell_of(listing), 27);
    buf_clear(&listing->cell);
    buf_add_char(out, ' ');
    date_write_short(&listing->cell, message_date(block, message));
    buf_format(out, "%-9s ", buf_text(&listing->cell));
    buf_clear(&listing->cell);
    size_write(&listing->cell, message->size);
    buf_format(out, "%8s%s", buf_text(&listing->cell), message->whole ? "" : " h");
    buf_clear(&listing->cell);
    text_end_trim(out);
}

static bool message_list(void *context, const struct device_message *message)
{
    struct listing *listing = context;
    if (message->gone)
        return true;
    listing->number++;
    listed_say(listing, message, message_block(listing->call, message, &listing->text));
    return listing->call->out->len < COMMAND_OUTPUT_MAX - 65536;
}

bool mail_lists(struct call *call, slice rest)
{
    struct device_folder folder;
    struct listing listing = { call, BUF_MAX(MESSAGE_BYTES_MAX), BUF_MAX(4 * HEADER_FIELD_MAX), 0 };
    struct buf box = BUF_MAX(MAILBOX_NAME_MAX);
    bool ok = true;
    if (slice_trim(rest).len)
        ok = mail_folder_name(call, &rest, &box);
    else
        buf_add_text(&box, "INBOX");
    if (ok && slice_trim(rest).len)
        ok = call_refuse(call, slice_trim(rest), "mail list takes one folder");
    if (ok && store_device_folder(call->world->store, mail_device(call), buf_slice(&box), false,
                                  &folder))
        store_device_messages(call->world->store, folder.id, message_list, &listing);
    if (ok && listing.number == 0)
        call_say(call, "No messages are on this device, in %s. `mail sync` fetches.",
                 buf_text(&box));
    buf_free(&listing.text);
    buf_free(&listing.cell);
    buf_free(&box);
    return ok;
}

/* --- mail search --------------------------------------------------------------------------- */

struct searching {
    struct listing listing;
    struct buf wanted, folded, plain;   /* in lower case; */
    const char *folder;
    bool named;                         /* its folder was said */
    size_t found;
};

/* In who, what and the text, whatever the case. */
static bool message_has(struct searching *searching, slice text)
{
    static const char *const fields[] = { "From", "To", "Cc", "Subject" };
    slice block = slice_upto(text, header_end(text));
    size_t at;
    buf_clear(&searching->plain);
    buf_clear(&searching->folded);
    for (size_t i = 0; i < COUNT(fields); i++) {
        if (i + 1 < COUNT(fields))
            people_text(block, fields[i], true, &searching->plain);
        else
            field_text(block, fields[i], &searching->plain);
        buf_add_char(&searching->plain, '\n');
    }
    plain_read(text, &searching->plain);
    utf8_casemap(&searching->folded, buf_slice(&searching->plain));
    return slice_find_text(buf_slice(&searching->folded), buf_slice(&searching->wanted), &at);
}

static bool message_search(void *context, const struct device_message *message)
{
    struct searching *searching = context;
    struct listing *listing = &searching->listing;
    if (message->gone)
        return true;
    listing->number++;
    slice block = message_block(listing->call, message, &listing->text);
    if (!message_has(searching, buf_slice(&listing->text)))
        return true;
    if (!searching->named)
        call_say(listing->call, "in %s:", searching->folder);
    searching->named = true;
    searching->found++;
    listed_say(listing, message, block);
    return listing->call->out->len < COMMAND_OUTPUT_MAX - 65536;
}

static bool folder_search(void *context, const struct device_folder *folder)
{
    struct searching *searching = context;
    searching->folder = folder->name;
    searching->named = false;
    searching->listing.number = 0;
    return store_device_messages(searching->listing.call->world->store, folder->id, message_search,
                                searching);
}

bool mail_searches(struct call *call, slice rest)
{
    struct searching searching = {
        .listing = { call, BUF_MAX(MESSAGE_BYTES_MAX), BUF_MAX(4 * HEADER_FIELD_MAX), 0 },
        .wanted = BUF_MAX(FIND_TEXT_MAX), .folded = BUF_MAX(8 * MESSAGE_BYTES_MAX),
        .plain = BUF_MAX(4 * MESSAGE_BYTES_MAX),
    };
    rest = slice_trim(rest);
    utf8_casemap(&searching.wanted, rest);
    bool ok = rest.len && !searching.wanted.full;
    if (!ok)
        call_refuse(call, rest, "for which text? mail search lunch");
    if (ok)
        store_device_folders(call->world->store, mail_device(call), folder_search, &searching);
    if (ok && !searching.found)
        call_say(call, "Nothing on this device has that text.");
    buf_free(&searching.listing.text);
    buf_free(&searching.listing.cell);
    buf_free(&searching.wanted);
    buf_free(&searching.folded);
    buf_free(&searching.plain);
    return ok;
}

/* --- mail read ----------------------------------------------------------------------------- */

static void header_say(struct call *call, slice block)
{
    enum { PEOPLE = 3 };
    static const char *const fields[] = { "From", "To", "Cc", "Date", "Subject" };
    struct buf value = BUF_MAX(4 * HEADER_FIELD_MAX);
    for (size_t i = 0; i < COUNT(fields); i++) {
        buf_clear(&value);
        if (i < PEOPLE)
            people_text(block, fields[i], true, &value);
        else
            field_text(block, fields[i], &value);
        if (value.len == 0)
            continue;
        buf_format(call->out, "%-7s  ", fields[i]);
        text_say(call->out, buf_slice(&value), 9, 9);
    }
    buf_add_char(call->out, '\n');
    buf_free(&value);
}

static void body_say(struct call *call, slice message)
{
    struct buf text = BUF_MAX(4 * MESSAGE_BYTES_MAX);
    enum plain_kind kind = plain_read(message, &text);
    slice rest = slice_upto(buf_slice(&text), TEXT_SHOWN_MAX);
    if (kind != PLAIN_TEXT)
        call_say(call, kind == PLAIN_HTML ? "(It is written in HTML only. As it stands:)"
                                          : "(There is no text in it.)");
    while (rest.len) {
        slice line = take_until(&rest, '\n');
        if (line.len && line.at[line.len - 1] == '\r')
            line.len--;
        text_say(call->out, line, 0, 0);
    }
    if (text.len > TEXT_SHOWN_MAX)
        call_say(call, "... and more than is shown here.");
    buf_free(&text);
}

static void attachments_say(struct call *call, slice message)
{
    struct arena arena = { 0 };
    struct attachment found;
    for (size_t i = 0; i < MIME_PARTS_MAX; i++) {
        struct buf line = BUF_MAX(4 * HEADER_FIELD_MAX);
        bool there = plain_attachment(&arena, message, i, &found, NULL);
        if (there) {
            buf_add_text(&line, "Attached: ");
            buf_add(&line, found.name.len ? found.name : SLICE("(without a name)"));
            buf_format(&line, ", %.*s/%.*s, ", SLICE_ARG(found.type), SLICE_ARG(found.subtype));
            size_write(&line, found.octets);
            text_say(call->out, buf_slice(&line), 0, 10);
        }
        buf_free(&line);
        arena_reset(&arena);
        if (!there)
            break;
    }
    arena_free(&arena);
}

/* Of a message of which the header is here, the text comes from the server, to be looked at. */
static bool rest_fetch(struct call *call, const struct device_message *message)
{
    struct mail_program *mail = device_mail(call->device);
    slice text, said;
    if (mail_is_syncing(mail)) {
        call_fact(call, "Only the header is on this device, and its mail program is busy: read it "
                  "again when it has ended.");
        return false;
    }
    mail_fetch(mail, message->id);
    call_settle(call);
    if (mail_fetched(mail, &text)) {
        if (mail_account(mail)->on_demand)
            store_device_message_fill(call->world->store, message->id, text);
        mail_kept(call);
        body_say(call, text);
        attachments_say(call, text);
        return true;
    }
    call->ok = false;
    call_say(call, "(Only the header is on this device, and the text did not come from the "
             "server.)");
    for (said = mail_said(mail); said.len;) {
        slice line = take_until(&said, '\n');
        call_say(call, "%.*s", SLICE_ARG(line));
    }
    return false;
}

/* False: only its header could be shown. */
static bool message_say(struct call *call, const struct device_message *message)
{
    struct buf text = BUF_MAX(MESSAGE_BYTES_MAX);
    bool shown = message->whole;
    header_say(call, message_block(call, message, &text));
    if (message->whole) {
        body_say(call, buf_slice(&text));
        attachments_say(call, buf_slice(&text));
    } else {
        shown = rest_fetch(call, message);
    }
    buf_free(&text);
    return shown;
}

bool mail_reads(struct call *call, slice rest)
{
    struct device_message message;
    bool there;
    if (!mail_message_take(call, &rest, &message, &there))
        return false;
    if (!there)
        return true;
    if (slice_trim(rest).len)
        return call_refuse(call, slice_trim(rest), "mail read takes one number");
    call_begins(call);
    if (!message_say(call, &message)) {
        device_note(call->device, DID_MISS, slice_of(message.identity));
        return true;
    }
    if (!store_device_message(call->world->store, message.id, &message))
        return true;
    message.flags |= DEVICE_SEEN;
    store_device_message_set(call->world->store, &message);
    mail_kept(call);
    return true;
}
