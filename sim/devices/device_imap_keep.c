/* device_imap_keep.c: what an IMAP program keeps of what it hears: the device's folders become
   the server's, but for what was done here and the server has not been told yet. Flags are
   merged: what changed here since the server last told wins, the rest is the server's; a program
   that overwrites takes none of the server's for what it has. */
#include <string.h>

#include "base/heap.h"
#include "servers/imap/imap_parse.h"
#include "servers/mail/header.h"
#include "servers/mail/identity.h"
#include "sim/devices/device_imap.h"
#include "base/words.h"

/* --- uids ---------------------------------------------------------------------------------- */

/* Where it stands, or would stand. */
static size_t uids_place(const struct uid_array *uids, uint32_t uid)
{
    size_t low = 0, high = uids->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (uids->at[middle] < uid)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool uids_have(const struct uid_array *uids, uint32_t uid)
{
    size_t at = uids_place(uids, uid);
    return at < uids->count && uids->at[at] == uid;
}

void uids_add(struct uid_array *uids, uint32_t uid)
{
    size_t at = uids_place(uids, uid);
    if (uids->count == DEVICE_MESSAGES_MAX || (at < uids->count && uids->at[at] == uid))
        return;
    if (uids->count == uids->cap) {
        uids->cap = uids->cap ? 2 * uids->cap : 64;
        uids->at = heap_resize(uids->at, uids->cap * sizeof *uids->at);
    }
    memmove(uids->at + at + 1, uids->at + at, (uids->count - at) * sizeof *uids->at);
    uids->at[at] = uid;
    uids->count++;
}

/* --- folders ------------------------------------------------------------------------------- */

/* One name a line: no name that is kept has a line end. */
void keep_listed(struct imap_sync *sync, const struct imap_listed *listed)
{
    struct device_folder folder;
    slice name = slice_equal_nocase(listed->name, SLICE("INBOX")) ? SLICE("INBOX") : listed->name;
    if (!listed->selectable || name.len > MAILBOX_NAME_MAX || !imap_can_quote(name) ||
        sync->folders == MAILBOXES_PER_USER_MAX)
        return;
    sync->folders++;
    buf_add(&sync->there, name);
    buf_add_char(&sync->there, '\n');
    if (!store_device_folder(imap_store(sync), mail_device_name(sync->mail), name, true, &folder) ||
        folder.remote)
        return;
    folder.remote = true;
    store_device_folder_set(imap_store(sync), &folder);
}

static bool folder_check(void *context, const struct device_folder *folder)
{
    struct imap_sync *sync = context;
    slice rest = buf_slice(&sync->there);
    while (rest.len)
        if (slice_is(take_until(&rest, '\n'), folder->name))
            return true;
    if (folder->remote)
        store_device_folder_remove(imap_store(sync), folder->id);
    return true;
}

void keep_folders(struct imap_sync *sync)
{
    store_device_folders(imap_store(sync), mail_device_name(sync->mail), folder_check, sync);
}

static bool message_forget(void *context, const struct device_message *message)
{
    struct imap_sync *sync = context;
    if (message->uid)
        store_device_message_remove(imap_store(sync), message->id);
    return true;
}

/* RFC 3501 2.3.1.1: other uids now; what is here says nothing of them. */
void keep_validity(struct imap_sync *sync)
{
    uint32_t now = imap_client_facts(sync->client)->uidvalidity;
    if (sync->folder.uidvalidity == now)
        return;
    if (sync->folder.uidvalidity) {
        store_device_messages(imap_store(sync), sync->folder.id, message_forget, sync);
        mail_say(sync->mail, "The server numbers %s anew (UIDVALIDITY): fetched again.",
                 sync->folder.name);
    }
    sync->folder.uidvalidity = now;
    store_device_folder_set(imap_store(sync), &sync->folder);
    store_device_modseq_set(imap_store(sync), sync->folder.id, 0);
}

/* --- messages ------------------------------------------------------------------------------- */

static void flags_merge(struct imap_sync *sync, struct device_message *message, uint64_t server)
{
    uint64_t added = message->flags & ~message->told, taken = message->told & ~message->flags;
    uint64_t merged = imap_overwrites(sync) ? message->flags : (server & ~taken) | added;
    if (message->told == server && message->flags == merged)
        return;
    message->told = server;
    message->flags = merged;
    store_device_message_set(imap_store(sync), message);
}

void keep_gone_add(struct imap_sync *sync, const struct device_message *moved)
{
    struct device_message there, gone = *moved;
    gone.folder = moved->from_folder;
    gone.uid = moved->from_uid;
    gone.from_folder = 0;
    gone.from_uid = 0;
    gone.whole = false;
    gone.gone = true;
    if (!store_device_message_by_uid(imap_store(sync), gone.folder, gone.uid, &there))
        store_device_message_add(imap_store(sync), &gone, SLICE_EMPTY);
}

/* A message that was filed here, and whose answer was lost: it is that one. */
static bool message_adopt(struct imap_sync *sync, const struct imap_fetched *fetched,
                          slice identity)
{
    struct device_message message;
    if (!store_device_message_waiting(imap_store(sync), sync->folder.id, identity, &message))
        return false;
    if (message.from_folder) /* it may have been copied only */
        keep_gone_add(sync, &message);
    message.uid = fetched->uid;
    message.from_folder = 0;
    message.from_uid = 0;
    message.told = fetched->flags;
    store_device_message_set(imap_store(sync), &message);
    return true;
}

/* It is to go there, and what stays here is no message of the server's. */
static void message_taken(struct imap_sync *sync, struct device_message *message)
{
    struct device_message there = *message;
    there.from_folder = message->folder;
    there.from_uid = message->uid;
    keep_gone_add(sync, &there);
    message->uid = 0;
}

static void message_new(struct imap_sync *sync, const struct imap_fetched *fetched)
{
    struct mail_program *mail = sync->mail;
    struct arena arena = { 0 };
    bool whole = !mail->account.headers_only;
    slice identity = message_identity(&arena, slice_upto(fetched->text, header_end(fetched->text)));
    struct device_message message = {
        .folder = sync->folder.id, .uid = fetched->uid, .flags = fetched->flags,
        .told = fetched->flags, .date_ms = fetched->has_date ? fetched->date_ms : mail_now_ms(mail),
        .fetched_ms = mail_now_ms(mail), .whole = whole,
        .size = whole || !fetched->has_size ? fetched->text.len : fetched->size,
    };
    FIELD_SET(message.identity, identity);
    if (imap_takes(sync))
        message_taken(sync, &message);
    if ((imap_takes(sync) || !message_adopt(sync, fetched, identity)) &&
        store_device_message_add(imap_store(sync), &message, fetched->text)) {
        mail_note(mail, whole ? DID_FETCH : DID_FETCH_HEADER, identity);
        if (strcmp(sync->folder.name, "INBOX") == 0)
            messages_add(mail, &sync->fresh, identity);
    }
    mail_turn_end(mail->device);
    arena_free(&arena);
}

static void message_known(struct imap_sync *sync, struct device_message *message,
                         const struct imap_fetched *fetched)
{
    if (fetched->has_flags)
        flags_merge(sync, message, fetched->flags);
    if (sync->step != AT_READ || !fetched->has_text)
        return;
    buf_clear(&sync->mail->read);
    buf_add(&sync->mail->read, fetched->text);
    sync->mail->has_read = !sync->mail->read.full;
}

void keep_fetched(struct imap_sync *sync, const struct imap_fetched *fetched)
{
    struct device_message message;
    struct store *store = imap_store(sync);
    if (!fetched->uid || !sync->folder.id)
        return;
    bool lists = sync->step == AT_FLAGS || (sync->step == AT_SELECT && sync->resyncs);
    if (lists)
        uids_add(&sync->listed, fetched->uid);
    if (store_device_message_by_uid(store, sync->folder.id, fetched->uid, &message))
        message_known(sync, &message, fetched);
    else if (sync->step == AT_MESSAGES && fetched->has_text && fetched->has_flags) {
        message_new(sync, fetched);
        sync->came++;
    } else if (lists && !(imap_takes(sync) && (fetched->flags & DEVICE_SEEN)) &&
             !store_device_message_moving(store, sync->folder.id, fetched->uid, &message))
        uids_add(&sync->wanted, fetched->uid);
}

static void message_drop(struct imap_sync *sync, const struct device_message *message)
{
    if (!message->gone && strcmp(sync->folder.name, "INBOX") == 0)
        messages_add(sync->mail, &sync->vanished, slice_of(message->identity));
    if (!message->gone)
        mail_note(sync->mail, DID_DROP, slice_of(message->identity));
    store_device_message_remove(imap_store(sync), message->id);
}

static bool message_check(void *context, const struct device_message *message)
{
    struct imap_sync *sync = context;
    if (message->uid && !uids_have(&sync->listed, message->uid))
        message_drop(sync, message);
    return true;
}

struct vanishing {
    struct imap_sync *sync;
    const struct imap_set *uids;
};

static bool message_vanishes(void *context, const struct device_message *message)
{
    const struct vanishing *vanishing = context;
    if (message->uid && imap_set_has(vanishing->uids, message->uid))
        message_drop(vanishing->sync, message);
    return true;
}

void keep_vanished(struct imap_sync *sync, const struct imap_set *uids)
{
    struct vanishing vanishing = { sync, uids };
    if (sync->step == AT_SELECT && sync->resyncs)
        store_device_messages(imap_store(sync), sync->folder.id, message_vanishes, &vanishing);
}

void keep_expunged(struct imap_sync *sync)
{
    if (sync->listed.count < DEVICE_MESSAGES_MAX) /* more were not looked at */
        store_device_messages(imap_store(sync), sync->folder.id, message_check, sync);
}

/* --- what is to be told -------------------------------------------------------------------- */

static bool message_to_push(void *context, const struct device_message *message)
{
    struct imap_sync *sync = context;
    bool differs = message->flags != message->told;
    if (message->id <= sync->message.id || !message->uid || message->gone || !differs)
        return true;
    sync->message = *message;
    sync->adding = true;
    return false;
}

bool keep_to_push(struct imap_sync *sync)
{
    int64_t before = sync->message.id;
    store_device_messages(imap_store(sync), sync->folder.id, message_to_push, sync);
    return sync->message.id > before;
}

/* As many as fit into one command; up to sync->message.id they are in it. */
struct gone {
    struct imap_sync *sync;
    struct buf *set;
};

static bool message_gone(void *context, const struct device_message *message)
{
    struct gone *gone = context;
    bool told = (message->told & DEVICE_DELETED) && imap_habit(gone->sync);
    if (!message->gone || !message->uid || told)
        return true;
    if (!buf_format(gone->set, "%s%u", gone->set->len ? "," : "", message->uid))
        return false;
    gone->sync->message.id = message->id;
    return true;
}

bool keep_gone_uids(struct imap_sync *sync, struct buf *set)
{
    struct gone gone = { sync, set };
    store_device_messages(imap_store(sync), sync->folder.id, message_gone, &gone);
    return set->len > 0;
}

static bool message_gone_done(void *context, const struct device_message *message)
{
    struct imap_sync *sync = context;
    if (message->id > sync->message.id)
        return false;
    bool marks = imap_habit(sync) && imap_habit(sync)->deletes == IMAP_MARKS;
    struct device_message marked = *message;
    if (!message->gone || !message->uid)
        return true;
    if (marks) { /* it is there still, and not shown here */
        marked.told |= DEVICE_DELETED;
        store_device_message_set(imap_store(sync), &marked);
    } else {
        store_device_message_remove(imap_store(sync), message->id);
    }
    sync->deleted += !marks;
    return true;
}

void keep_gone_done(struct imap_sync *sync)
{
    store_device_messages(imap_store(sync), sync->folder.id, message_gone_done, sync);
}

static bool message_to_file(void *context, const struct device_message *message)
{
    struct imap_sync *sync = context;
    if (message->uid || message->from_folder || message->gone || message->id <= sync->message.id)
        return true;
    sync->message = *message;
    return false;
}

static bool folder_to_file(void *context, const struct device_folder *folder)
{
    struct imap_sync *sync = context;
    int64_t before = sync->message.id;
    bool sent = strcmp(folder->name, "Sent") == 0;
    if ((!folder->remote && !sent) || folder->id < sync->folder.id)
        return true;
    if (folder->id > sync->folder.id)
        sync->message.id = 0;
    store_device_messages(imap_store(sync), folder->id, message_to_file, sync);
    if (sync->message.id == 0 || (folder->id == sync->folder.id && sync->message.id == before))
        return true;
    sync->folder = *folder;
    return false;
}

/* Folders come by id, and messages in them. */
bool keep_to_file(struct imap_sync *sync, struct device_folder *folder)
{
    int64_t message = sync->message.id, in = folder->id;
    if (imap_takes(sync))
        return false; /* what is here alone stays so */
    store_device_folders(imap_store(sync), mail_device_name(sync->mail), folder_to_file, sync);
    return sync->message.id && (sync->message.id != message || sync->folder.id != in);
}
