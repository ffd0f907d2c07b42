/* device_imap_tell.c: what was done on the device is told to the server: marks, moves, copies of
   what was sent. Deleting is in device_imap_habit.c: programs differ in it. */
#include "sim/devices/device_imap.h"

/* --- marks --------------------------------------------------------------------------------- */

bool imap_has_marks(void *own, int next)
{
    struct imap_sync *sync = own;
    (void)next;
    return !imap_only_fetches(sync) && (sync->more || keep_to_push(sync));
}

/* One message's marks: those that are set, then those that are taken away; or all at once, over
   what is there. */
void imap_says_push(void *own)
{
    struct imap_sync *sync = own;
    struct buf flags = BUF_MAX(100);
    uint64_t set = sync->message.flags & ~sync->message.told;
    bool over = imap_overwrites(sync);
    sync->more = false;
    sync->adding = set != 0;
    sync->pushing = set ? set : sync->message.told & ~sync->message.flags;
    imap_flags_write(&flags, over ? sync->message.flags : sync->pushing);
    imap_say(sync->client, "UID STORE %u %sFLAGS.SILENT %s", sync->message.uid,
             over ? "" : sync->adding ? "+" : "-", buf_text(&flags));
    buf_free(&flags);
}

void imap_hears_push(void *own, int answer, slice text)
{
    struct imap_sync *sync = own;
    struct device_message *message = &sync->message;
    (void)text;
    if (answer != ANSWER_OK) {
        mail_say(sync->mail, "The server would not take the marks of a message in %s: told again "
                 "next time.", sync->folder.name);
        return;
    }
    message->told = sync->adding ? message->told | sync->pushing : message->told & ~sync->pushing;
    message->told = imap_overwrites(sync) ? message->flags : message->told;
    store_device_message_set(imap_store(sync), message);
    sync->more = message->told != message->flags;
    sync->told += !sync->more;
}

/* --- moves --------------------------------------------------------------------------------- */

bool imap_moves(void *own, int next)
{
    struct imap_sync *sync = own;
    struct device_folder target;
    (void)next;
    return !imap_only_fetches(sync) &&
           store_device_message_moving(imap_store(sync), sync->folder.id, 0, &sync->message) &&
           store_device_folder_by_id(imap_store(sync), sync->message.folder, &target);
}

void imap_says_move(void *own)
{
    struct imap_sync *sync = own;
    struct device_folder target = { .id = 0 };
    struct buf command = BUF_MAX(64);
    bool found = store_device_folder_by_id(imap_store(sync), sync->message.folder, &target);
    sync->copies = !(imap_client_facts(sync->client)->can & IMAP_CAN_MOVE);
    buf_format(&command, "UID %s %u", sync->copies ? "COPY" : "MOVE", sync->message.from_uid);
    imap_say_to(sync->client, buf_text(&command), found ? slice_of(target.name) : SLICE_EMPTY);
    buf_free(&command);
}

/* With its new uid it is that message; without, the other folder's turn fetches it. */
void imap_hears_move(void *own, int answer, slice text)
{
    struct imap_sync *sync = own;
    struct device_message other;
    bool ok = answer == ANSWER_OK;
    uint32_t uid = imap_client_facts(sync->client)->new_uid;
    (void)text;
    if (ok && sync->copies)
        keep_gone_add(sync, &sync->message);
    sync->message.from_folder = 0;
    sync->message.from_uid = 0;
    sync->message.uid = uid;
    if (ok && uid &&
        !store_device_message_by_uid(imap_store(sync), sync->message.folder, uid, &other))
        store_device_message_set(imap_store(sync), &sync->message);
    else
        store_device_message_remove(imap_store(sync), sync->message.id);
    sync->moved += ok;
    if (ok)
        return;
    mail_say(sync->mail, "The server would not move a message out of %s: it stays there.",
             sync->folder.name);
    /* It is no change there, and must be told of all the same. */
    store_device_modseq_set(imap_store(sync), sync->folder.id, 0);
}

/* --- what was sent ------------------------------------------------------------------------- */

/* A copy whose answer was lost may be there: none is filed into what could not be looked into. */
static uint8_t filing_find(struct imap_sync *sync)
{
    while (keep_to_file(sync, &sync->folder)) {
        if (!sync->folder.remote)
            return AT_CREATE;
        if (uids_have(&sync->known, (uint32_t)sync->folder.id))
            return AT_APPEND;
        mail_say(sync->mail, "What is in %s is not known: what waits for it is filed next time.",
                 sync->folder.name);
        sync->message.id = INT64_MAX; /* nothing more into that one */
    }
    return 0;
}

/* CREATE's row is the first of the two. */
bool imap_files(void *own, int next)
{
    struct imap_sync *sync = own;
    if (next == AT_CREATE)
        sync->found = filing_find(sync);
    return sync->found == next;
}

void imap_says_create(void *own)
{
    struct imap_sync *sync = own;
    imap_say_to(sync->client, "CREATE", slice_of(sync->folder.name));
}

void imap_hears_create(void *own, int answer, slice text)
{
    struct imap_sync *sync = own;
    (void)text;
    if (answer != ANSWER_OK) {
        mail_say(sync->mail, "The server makes no folder %s: the copy stays on this device.",
                 sync->folder.name);
        return;
    }
    sync->folder.remote = true;
    store_device_folder_set(imap_store(sync), &sync->folder);
    uids_add(&sync->known, (uint32_t)sync->folder.id);
}

void imap_says_append(void *own)
{
    struct imap_sync *sync = own;
    buf_clear(&sync->text);
    store_device_message_read(imap_store(sync), sync->message.id, &sync->text);
    imap_say_append(sync->client, slice_of(sync->folder.name), sync->message.flags,
                    sync->message.date_ms, buf_slice(&sync->text));
}

/* Without APPENDUID the folder's next turn finds it, by what it is. */
void imap_hears_append(void *own, int answer, slice text)
{
    struct imap_sync *sync = own;
    const struct imap_facts *facts = imap_client_facts(sync->client);
    struct device_folder sent;
    bool ok = answer == ANSWER_OK;
    bool known = store_device_folder_by_id(imap_store(sync), sync->message.folder, &sent);
    (void)text;
    if (ok && known && facts->new_uid &&
        (!sent.uidvalidity || sent.uidvalidity == facts->new_uidvalidity)) {
        sent.uidvalidity = facts->new_uidvalidity;
        store_device_folder_set(imap_store(sync), &sent);
        sync->message.uid = facts->new_uid;
        sync->message.told = sync->message.flags;
        store_device_message_set(imap_store(sync), &sync->message);
    }
    sync->filed += ok;
    if (!ok)
        mail_say(sync->mail, "The server would not take the copy for %s: tried again next time.",
                 sync->folder.name);
}
