/* device_imap_keep.c: what an IMAP program keeps of what it hears: the device's folders become
   the server's, but for what was done here and the server has not been told yet. Flags are
   merged: what changed here since the server last told wins, the rest is the server's. */
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
    if (uids->count == DEVICE_LETTERS_MAX || (at < uids->count && uids->at[at] == uid))
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

static bool letter_forget(void *context, const struct device_letter *letter)
{
    struct imap_sync *sync = context;
    if (letter->uid)
        store_device_letter_remove(imap_store(sync), letter->id);
    return true;
}

/* RFC 3501 2.3.1.1: other uids now; what is here says nothing of them. */
void keep_validity(struct imap_sync *sync)
{
    uint32_t now = imap_client_facts(sync->client)->uidvalidity;
    if (sync->folder.uidvalidity == now)
        return;
    if (sync->folder.uidvalidity) {
        store_device_letters(imap_store(sync), sync->folder.id, letter_forget, sync);
        mail_say(sync->mail, "The server numbers %s anew (UIDVALIDITY): fetched again.",
                 sync->folder.name);
    }
    sync->folder.uidvalidity = now;
    store_device_folder_set(imap_store(sync), &sync->folder);
    store_device_modseq_set(imap_store(sync), sync->folder.id, 0);
}

/* --- letters ------------------------------------------------------------------------------- */

static void flags_merge(struct imap_sync *sync, struct device_letter *letter, uint64_t server)
{
    uint64_t added = letter->flags & ~letter->told, taken = letter->told & ~letter->flags;
    uint64_t merged = (server & ~taken) | added;
    if (letter->told == server && letter->flags == merged)
        return;
    letter->told = server;
    letter->flags = merged;
    store_device_letter_set(imap_store(sync), letter);
}

void keep_gone_add(struct imap_sync *sync, const struct device_letter *moved)
{
    struct device_letter there, gone = *moved;
    gone.folder = moved->from_folder;
    gone.uid = moved->from_uid;
    gone.from_folder = 0;
    gone.from_uid = 0;
    gone.whole = false;
    gone.gone = true;
    if (!store_device_letter_by_uid(imap_store(sync), gone.folder, gone.uid, &there))
        store_device_letter_add(imap_store(sync), &gone, SLICE_EMPTY);
}

/* A letter that was filed here, and whose answer was lost: it is that one. */
static bool letter_adopt(struct imap_sync *sync, const struct imap_fetched *fetched, slice identity)
{
    struct device_letter letter;
    if (!store_device_letter_waiting(imap_store(sync), sync->folder.id, identity, &letter))
        return false;
    if (letter.from_folder) /* it may have been copied only */
        keep_gone_add(sync, &letter);
    letter.uid = fetched->uid;
    letter.from_folder = 0;
    letter.from_uid = 0;
    letter.told = fetched->flags;
    store_device_letter_set(imap_store(sync), &letter);
    return true;
}

static void letter_new(struct imap_sync *sync, const struct imap_fetched *fetched)
{
    struct mail_program *mail = sync->mail;
    struct arena arena = { 0 };
    bool whole = !mail->account.headers_only;
    slice identity = letter_identity(&arena, slice_upto(fetched->text, header_end(fetched->text)));
    struct device_letter letter = {
        .folder = sync->folder.id, .uid = fetched->uid, .flags = fetched->flags,
        .told = fetched->flags, .date_ms = fetched->has_date ? fetched->date_ms : mail_now_ms(mail),
        .fetched_ms = mail_now_ms(mail), .whole = whole,
        .size = whole || !fetched->has_size ? fetched->text.len : fetched->size,
    };
    FIELD_SET(letter.identity, identity);
    if (!letter_adopt(sync, fetched, identity) &&
        store_device_letter_add(imap_store(sync), &letter, fetched->text)) {
        mail_note(mail, whole ? DID_FETCH : DID_FETCH_HEADER, identity);
        if (strcmp(sync->folder.name, "INBOX") == 0)
            letters_add(mail, &sync->fresh, identity);
    }
    mail_turn_end(mail->device);
    arena_free(&arena);
}

static void letter_known(struct imap_sync *sync, struct device_letter *letter,
                         const struct imap_fetched *fetched)
{
    if (fetched->has_flags)
        flags_merge(sync, letter, fetched->flags);
    if (sync->step != AT_READ || !fetched->has_text)
        return;
    buf_clear(&sync->mail->read);
    buf_add(&sync->mail->read, fetched->text);
    sync->mail->has_read = !sync->mail->read.full;
}

void keep_fetched(struct imap_sync *sync, const struct imap_fetched *fetched)
{
    struct device_letter letter;
    struct store *store = imap_store(sync);
    if (!fetched->uid || !sync->folder.id)
        return;
    bool lists = sync->step == AT_FLAGS || (sync->step == AT_SELECT && sync->resyncs);
    if (lists)
        uids_add(&sync->listed, fetched->uid);
    if (store_device_letter_by_uid(store, sync->folder.id, fetched->uid, &letter))
        letter_known(sync, &letter, fetched);
    else if (sync->step == AT_LETTERS && fetched->has_text && fetched->has_flags) {
        letter_new(sync, fetched);
        sync->came++;
    } else if (lists &&
             !store_device_letter_moving(store, sync->folder.id, fetched->uid, &letter))
        uids_add(&sync->wanted, fetched->uid);
}

static void letter_drop(struct imap_sync *sync, const struct device_letter *letter)
{
    if (!letter->gone && strcmp(sync->folder.name, "INBOX") == 0)
        letters_add(sync->mail, &sync->vanished, slice_of(letter->identity));
    if (!letter->gone)
        mail_note(sync->mail, DID_DROP, slice_of(letter->identity));
    store_device_letter_remove(imap_store(sync), letter->id);
}

static bool letter_check(void *context, const struct device_letter *letter)
{
    struct imap_sync *sync = context;
    if (letter->uid && !uids_have(&sync->listed, letter->uid))
        letter_drop(sync, letter);
    return true;
}

struct vanishing {
    struct imap_sync *sync;
    const struct imap_set *uids;
};

static bool letter_vanishes(void *context, const struct device_letter *letter)
{
    const struct vanishing *vanishing = context;
    if (letter->uid && imap_set_has(vanishing->uids, letter->uid))
        letter_drop(vanishing->sync, letter);
    return true;
}

void keep_vanished(struct imap_sync *sync, const struct imap_set *uids)
{
    struct vanishing vanishing = { sync, uids };
    if (sync->step == AT_SELECT && sync->resyncs)
        store_device_letters(imap_store(sync), sync->folder.id, letter_vanishes, &vanishing);
}

void keep_expunged(struct imap_sync *sync)
{
    if (sync->listed.count < DEVICE_LETTERS_MAX) /* more were not looked at */
        store_device_letters(imap_store(sync), sync->folder.id, letter_check, sync);
}

/* --- what is to be told -------------------------------------------------------------------- */

static bool letter_to_push(void *context, const struct device_letter *letter)
{
    struct imap_sync *sync = context;
    bool differs = letter->flags != letter->told;
    if (letter->id <= sync->letter.id || !letter->uid || letter->gone || !differs)
        return true;
    sync->letter = *letter;
    sync->adding = true;
    return false;
}

bool keep_to_push(struct imap_sync *sync)
{
    int64_t before = sync->letter.id;
    store_device_letters(imap_store(sync), sync->folder.id, letter_to_push, sync);
    return sync->letter.id > before;
}

/* As many as fit into one command; up to sync->letter.id they are in it. */
struct gone {
    struct imap_sync *sync;
    struct buf *set;
};

static bool letter_gone(void *context, const struct device_letter *letter)
{
    struct gone *gone = context;
    if (!letter->gone || !letter->uid)
        return true;
    if (!buf_format(gone->set, "%s%u", gone->set->len ? "," : "", letter->uid))
        return false;
    gone->sync->letter.id = letter->id;
    return true;
}

bool keep_gone_uids(struct imap_sync *sync, struct buf *set)
{
    struct gone gone = { sync, set };
    store_device_letters(imap_store(sync), sync->folder.id, letter_gone, &gone);
    return set->len > 0;
}

static bool letter_gone_done(void *context, const struct device_letter *letter)
{
    struct imap_sync *sync = context;
    if (letter->id > sync->letter.id)
        return false;
    if (letter->gone && letter->uid) {
        store_device_letter_remove(imap_store(sync), letter->id);
        sync->deleted++;
    }
    return true;
}

void keep_gone_done(struct imap_sync *sync)
{
    store_device_letters(imap_store(sync), sync->folder.id, letter_gone_done, sync);
}

static bool letter_to_file(void *context, const struct device_letter *letter)
{
    struct imap_sync *sync = context;
    if (letter->uid || letter->from_folder || letter->gone || letter->id <= sync->letter.id)
        return true;
    sync->letter = *letter;
    return false;
}

static bool folder_to_file(void *context, const struct device_folder *folder)
{
    struct imap_sync *sync = context;
    int64_t before = sync->letter.id;
    bool sent = strcmp(folder->name, "Sent") == 0;
    if ((!folder->remote && !sent) || folder->id < sync->folder.id)
        return true;
    if (folder->id > sync->folder.id)
        sync->letter.id = 0;
    store_device_letters(imap_store(sync), folder->id, letter_to_file, sync);
    if (sync->letter.id == 0 || (folder->id == sync->folder.id && sync->letter.id == before))
        return true;
    sync->folder = *folder;
    return false;
}

/* Folders come by id, and letters in them. */
bool keep_to_file(struct imap_sync *sync, struct device_folder *folder)
{
    int64_t letter = sync->letter.id, in = folder->id;
    store_device_folders(imap_store(sync), mail_device_name(sync->mail), folder_to_file, sync);
    return sync->letter.id && (sync->letter.id != letter || sync->folder.id != in);
}
