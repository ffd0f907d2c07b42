/* commands_mail_file.c: `mail save` and `mail import`: attachments out of a message, messages into
   a folder. Files are the front end's: it takes what is handed over, and turns a file's name into
   the octets that stand here, so that a saved script needs no file. */
#include "base/words.h"
#include "servers/mail/header.h"
#include "servers/mail/identity.h"
#include "servers/mail/mbox.h"
#include "servers/mail/plain.h"
#include "sim/devices/device_mail.h"
#include "sim/language/commands.h"
#include "sim/language/commands_mail.h"
#include "sim/language/script.h"

/* --- mail save N [PART] [to FILE] ---------------------------------------------------------- */

#define FILE_NAME_MAX 200

/* A name from mail is no path: what is before a slash goes, controls and a leading dot too. */
static void name_clean(struct buf *out, slice name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        if (c == '/' || c == '\\')
            buf_clear(out);
        else if (!is_control((unsigned char)c) && !(out->len == 0 && c == '.'))
            buf_add_char(out, c);
    }
    if (out->len == 0)
        buf_add_text(out, "attachment");
}

/* The one that is meant: by number from 1, by name, or the first. */
static bool part_find(struct arena *arena, slice message, slice wanted, struct attachment *found,
                      struct buf *content)
{
    uint64_t number = 0;
    bool numbered = word_number(wanted, MIME_PARTS_MAX, &number);
    for (size_t i = 0; i < MIME_PARTS_MAX; i++) {
        if (!plain_attachment(arena, message, i, found, NULL))
            return false;
        if (!wanted.len || slice_equal(wanted, found->name) || (numbered && i + 1 == number))
            return plain_attachment(arena, message, i, found, content);
    }
    return false;
}

struct saving {
    struct buf wanted, file;
};

static bool saving_take(struct call *call, slice rest, struct saving *saving)
{
    slice where = word_peek(rest);
    bool ok = true;
    if (where.len && !slice_is(where, "to")) {
        ok = slice_starts(where, "\"") ? quoted_read(&rest, &saving->wanted)
                                       : buf_add(&saving->wanted, word_take(&rest));
        if (!ok)
            return call_refuse(call, where, "which attachment? its number, or its name in quotes");
    }
    if (word_take_if(&rest, "to"))
        buf_add(&saving->file, slice_trim(rest));
    else if (slice_trim(rest).len)
        ok = call_refuse(call, slice_trim(rest), "to which file? mail save 2 to notes.txt");
    return ok;
}

static void attachment_say(struct call *call, const struct device_message *message,
                           struct saving *saving)
{
    struct arena arena = { 0 };
    struct attachment found;
    struct buf text = BUF_MAX(MESSAGE_BYTES_MAX), content = BUF_MAX(MESSAGE_BYTES_MAX);
    store_device_message_read(call->world->store, message->id, &text);
    if (!message->whole) {
        call_fact(call, "Only the header of that message is on this device.");
    } else if (!part_find(&arena, buf_slice(&text), buf_slice(&saving->wanted), &found, &content)) {
        bool none = !plain_attachment(&arena, buf_slice(&text), 0, &found, NULL);
        call_fact(call, none ? "That message has no attachment: it is text alone."
                             : "That message has no such attachment (`mail read` lists them).");
    } else {
        if (saving->file.len == 0)
            name_clean(&saving->file, found.name);
        slice name = found.name.len ? slice_upto(found.name, 200) : SLICE("(without a name)");
        call_say(call, "%.*s, %.*s/%.*s, %zu octets.", SLICE_ARG(name),
                 SLICE_ARG(found.type), SLICE_ARG(found.subtype), content.len);
        if (call->world->script->hand_over)
            call->world->script->hand_over(call->world, buf_slice(&saving->file),
                                           buf_slice(&content));
    }
    buf_free(&text);
    buf_free(&content);
    arena_free(&arena);
}

bool mail_saves(struct call *call, slice rest)
{
    struct device_message message;
    struct saving saving = { BUF_MAX(FILE_NAME_MAX), BUF_MAX(4096) };
    if (script_is_steered(call->world))
        return call_refuse(call, call->args, "who steers from outside has no file here to save to");
    bool there, ok = mail_message_take(call, &rest, &message, &there) &&
                     saving_take(call, slice_trim(rest), &saving);
    if (ok && there)
        attachment_say(call, &message, &saving);
    buf_free(&saving.wanted);
    buf_free(&saving.file);
    return ok;
}

/* --- mail import "OCTETS" [FOLDER] --------------------------------------------------------- */

static bool message_import(struct call *call, const struct device_folder *folder, slice octets)
{
    struct arena arena = { 0 };
    int64_t now_ms = (int64_t)world_now_ms(call->world);
    struct device_message message = { .folder = folder->id, .date_ms = now_ms, .fetched_ms = now_ms,
                                    .size = octets.len, .whole = true };
    FIELD_SET(message.identity, message_identity(&arena, slice_upto(octets, header_end(octets))));
    bool added = octets.len && store_device_message_add(call->world->store, &message, octets);
    if (added)
        device_note(call->device, DID_IMPORT, slice_of(message.identity));
    arena_free(&arena);
    return added;
}

static size_t messages_import(struct call *call, const struct device_folder *folder, slice octets)
{
    size_t count = 0;
    bool several = mbox_is(octets);
    for (;;) {
        struct buf message = BUF_MAX(MESSAGE_BYTES_MAX);
        bool there = several ? mbox_take(&octets, &message) : count == 0;
        if (there && !several)
            message_canonical(&message, octets);
        count += there && message_import(call, folder, buf_slice(&message));
        buf_free(&message);
        if (!there || !several)
            return count;
    }
}

bool mail_imports(struct call *call, slice rest)
{
    struct buf octets = BUF_MAX(SCRIPT_LINE_MAX), box = BUF_MAX(MAILBOX_NAME_MAX);
    struct device_folder folder;
    slice where = slice_trim(rest);
    bool ok = (slice_starts(where, "\"") && quoted_read(&where, &octets)) ||
              call_refuse(call, where, "which file? mail import messages.mbox");
    if (ok && slice_trim(where).len)
        ok = mail_folder_name(call, &where, &box);
    else
        buf_add_text(&box, "INBOX");
    if (ok && slice_trim(where).len)
        ok = call_refuse(call, slice_trim(where), "the line should have ended before this");
    if (ok) {
        call_begins(call);
        size_t count = 0;
        if (store_device_folder(call->world->store, mail_device(call), buf_slice(&box), true,
                                &folder))
            count = messages_import(call, &folder, buf_slice(&octets));
        mail_kept(call);
        bool imap = mail_account(device_mail(call->device))->kind == MAIL_IS_IMAP;
        call_say(call, "Imported into %s: %zu message%s%s.", buf_text(&box), count,
                 count == 1 ? "" : "s",
                 imap ? "; the next sync files them on the server, if it has that folder" : "");
    }
    buf_free(&octets);
    buf_free(&box);
    return ok;
}
