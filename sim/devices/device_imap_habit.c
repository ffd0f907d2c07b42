/* device_imap_habit.c: what programs do differently by IMAP: which mailboxes they make, how they
   delete, and whether they say EXPUNGE unasked. EXPUNGE and CLOSE remove all that is marked
   \Deleted, whoever marked it; UID EXPUNGE (RFC 4315) what it is told. */
#include "sim/devices/device_imap.h"

#include <string.h>

#include "base/words.h"

#define SET_BYTES_MAX 4000          /* of uids in one command */

const char *imap_body(const struct imap_sync *sync)
{
    return imap_habit(sync) && imap_habit(sync)->seen_by_fetch ? "BODY" : "BODY.PEEK";
}

/* --- mailboxes that are made ----------------------------------------------------------------- */

static bool folder_is_there(const struct imap_sync *sync, slice name, struct device_folder *folder)
{
    return store_device_folder(imap_store(sync), mail_device_name(sync->mail), name, false,
                               folder) &&
           folder->remote;
}

void imap_make_next(struct imap_sync *sync)
{
    struct device_folder folder;
    const struct imap_habit *habit = imap_habit(sync);
    if (sync->step == AT_LIST)
        sync->makes = slice_of(habit && habit->makes ? habit->makes : "");
    do {
        sync->making = word_take(&sync->makes);
    } while (sync->making.len && folder_is_there(sync, sync->making, &folder));
    if (!sync->making.len) {
        imap_folder_next(sync);
        return;
    }
    sync->step = AT_MAKE;
    if (habit->uses)
        imap_say(sync->client, "CREATE \"%.*s\" (USE (\\%.*s))", SLICE_ARG(sync->making),
                 SLICE_ARG(sync->making));
    else
        imap_say_to(sync->client, "CREATE", sync->making);
}

void imap_made(struct imap_sync *sync, enum imap_answer answer)
{
    struct device_folder folder;
    slice device = mail_device_name(sync->mail);
    if (sync->step == AT_MAKE && answer == IMAP_OK &&
        store_device_folder(imap_store(sync), device, sync->making, true, &folder)) {
        folder.remote = true;
        store_device_folder_set(imap_store(sync), &folder);
    }
    if (sync->step == AT_MAKE && answer == IMAP_OK && imap_habit(sync)->subscribes) {
        sync->step = AT_SUBSCRIBE;
        imap_say_to(sync->client, "SUBSCRIBE", sync->making);
    } else {
        sync->step = AT_SUBSCRIBE;
        imap_make_next(sync);
    }
}

/* --- EXPUNGE that nobody asked for ----------------------------------------------------------- */

bool imap_purge_first(struct imap_sync *sync)
{
    if (!imap_habit(sync) || imap_habit(sync)->purges != IMAP_PURGES_FIRST)
        return false;
    sync->step = AT_PURGE_FIRST;
    imap_say(sync->client, "EXPUNGE");
    return true;
}

void imap_folder_leave(struct imap_sync *sync)
{
    enum imap_purges purges = imap_habit(sync) ? imap_habit(sync)->purges : IMAP_PURGES_NEVER;
    if (purges != IMAP_PURGES_LAST && purges != IMAP_PURGES_CLOSE) {
        imap_folder_next(sync);
        return;
    }
    sync->step = AT_PURGE_LAST;
    imap_say(sync->client, purges == IMAP_PURGES_CLOSE ? "CLOSE" : "EXPUNGE");
}

/* --- deleting -------------------------------------------------------------------------------- */

static enum imap_deletes deletes(const struct imap_sync *sync)
{
    return imap_habit(sync) ? imap_habit(sync)->deletes : IMAP_MOVES;
}

static void mark_say(struct imap_sync *sync, slice set)
{
    sync->step = AT_DELETE;
    sync->to_trash = false;
    imap_say(sync->client, "UID STORE %.*s +FLAGS.SILENT (\\Deleted)", SLICE_ARG(set));
}

/* Where there is a Trash, and this is not it. */
static bool trash_say(struct imap_sync *sync, slice set)
{
    struct device_folder trash;
    enum imap_deletes how = deletes(sync);
    bool moves = how == IMAP_MOVES && (imap_client_facts(sync->client)->can & IMAP_CAN_MOVE);
    bool copies = how == IMAP_COPIES || how == IMAP_COPIES_UID;
    if ((!moves && !copies) || strcmp(sync->folder.name, "Trash") == 0 ||
        !folder_is_there(sync, SLICE("Trash"), &trash))
        return false;
    struct buf command = BUF_MAX(SET_BYTES_MAX + 64);
    sync->step = moves ? AT_DELETE : AT_COPY;
    sync->to_trash = moves;
    buf_format(&command, "UID %s %.*s", moves ? "MOVE" : "COPY", SLICE_ARG(set));
    imap_say_to(sync->client, buf_text(&command), SLICE("Trash"));
    buf_free(&command);
    return true;
}

bool imap_delete_next(struct imap_sync *sync)
{
    struct buf set = BUF_MAX(SET_BYTES_MAX);
    sync->step = AT_DELETE;
    sync->message.id = 0;
    bool any = keep_gone_uids(sync, &set);
    if (any && !trash_say(sync, buf_slice(&set)))
        mark_say(sync, buf_slice(&set));
    buf_free(&set);
    return any;
}

static void expunge_say(struct imap_sync *sync, slice set)
{
    enum imap_deletes how = deletes(sync);
    bool by_uid = how == IMAP_MOVES || how == IMAP_COPIES_UID || how == IMAP_UID_EXPUNGES;
    sync->step = AT_EXPUNGE;
    if (by_uid && (imap_client_facts(sync->client)->can & IMAP_CAN_UIDPLUS))
        imap_say(sync->client, "UID EXPUNGE %.*s", SLICE_ARG(set));
    else
        imap_say(sync->client, how == IMAP_CLOSES ? "CLOSE" : "EXPUNGE");
}

static void delete_refused(struct imap_sync *sync)
{
    mail_say(sync->mail, "The server would not delete in %s: asked again next time.",
             sync->folder.name);
    imap_folder_next(sync);
}

void imap_deleted(struct imap_sync *sync, enum imap_answer answer)
{
    struct buf set = BUF_MAX(SET_BYTES_MAX);
    bool marked = sync->step == AT_DELETE && !sync->to_trash;
    bool closed = sync->step == AT_EXPUNGE && deletes(sync) == IMAP_CLOSES;
    if (answer == IMAP_OK && (sync->step == AT_COPY || marked)) {
        sync->message.id = 0;
        keep_gone_uids(sync, &set);
    }
    if (answer != IMAP_OK) {
        delete_refused(sync);
    } else if (sync->step == AT_COPY) {
        mark_say(sync, buf_slice(&set));
    } else if (marked && deletes(sync) != IMAP_MARKS) {
        expunge_say(sync, buf_slice(&set));
    } else {
        keep_gone_done(sync);
        if (closed)
            imap_folder_next(sync);
        else if (!imap_delete_next(sync))
            imap_folder_leave(sync);
    }
    buf_free(&set);
}
