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

bool imap_overwrites(const struct imap_sync *sync)
{
    return imap_habit(sync) && imap_habit(sync)->overwrites;
}

/* --- mailboxes that are made ----------------------------------------------------------------- */

static bool folder_is_there(const struct imap_sync *sync, slice name, struct device_folder *folder)
{
    return store_device_folder(imap_store(sync), mail_device_name(sync->mail), name, false,
                               folder) &&
           folder->remote;
}

void imap_hears_list(void *own, int answer, slice text)
{
    struct imap_sync *sync = own;
    const struct imap_habit *habit = imap_habit(sync);
    (void)text;
    if (answer == ANSWER_OK)
        keep_folders(sync);
    sync->makes = slice_of(habit && habit->makes ? habit->makes : "");
}

bool imap_makes(void *own, int next)
{
    struct imap_sync *sync = own;
    struct device_folder folder;
    (void)next;
    do {
        sync->making = word_take(&sync->makes);
    } while (sync->making.len && folder_is_there(sync, sync->making, &folder));
    return sync->making.len > 0;
}

void imap_says_make(void *own)
{
    struct imap_sync *sync = own;
    if (imap_habit(sync)->uses)
        imap_say(sync->client, "CREATE \"%.*s\" (USE (\\%.*s))", SLICE_ARG(sync->making),
                 SLICE_ARG(sync->making));
    else
        imap_say_to(sync->client, "CREATE", sync->making);
}

void imap_hears_make(void *own, int answer, slice text)
{
    struct imap_sync *sync = own;
    struct device_folder folder;
    slice device = mail_device_name(sync->mail);
    (void)text;
    if (answer != ANSWER_OK ||
        !store_device_folder(imap_store(sync), device, sync->making, true, &folder))
        return;
    folder.remote = true;
    store_device_folder_set(imap_store(sync), &folder);
}

bool imap_subscribes(void *sync, int next)
{
    (void)next;
    return imap_habit(sync)->subscribes;
}

void imap_says_subscribe(void *own)
{
    struct imap_sync *sync = own;
    imap_say_to(sync->client, "SUBSCRIBE", sync->making);
}

/* --- EXPUNGE that nobody asked for ----------------------------------------------------------- */

static enum imap_purges purges(const struct imap_sync *sync)
{
    return imap_habit(sync) ? imap_habit(sync)->purges : IMAP_PURGES_NEVER;
}

bool imap_purges_first(void *sync, int next)
{
    (void)next;
    return purges(sync) == IMAP_PURGES_FIRST;
}

void imap_says_purge_first(void *own)
{
    struct imap_sync *sync = own;
    imap_say(sync->client, "EXPUNGE");
}

bool imap_purges_last(void *own, int next)
{
    struct imap_sync *sync = own;
    (void)next;
    return !sync->closed &&
           (purges(sync) == IMAP_PURGES_LAST || purges(sync) == IMAP_PURGES_CLOSE);
}

void imap_says_purge_last(void *own)
{
    struct imap_sync *sync = own;
    imap_say(sync->client, purges(sync) == IMAP_PURGES_CLOSE ? "CLOSE" : "EXPUNGE");
}

/* --- deleting -------------------------------------------------------------------------------- */

static enum imap_deletes deletes(const struct imap_sync *sync)
{
    return imap_habit(sync) ? imap_habit(sync)->deletes : IMAP_MOVES;
}

/* The uids of what is to go, from the first on. */
static void set_read(struct imap_sync *sync)
{
    buf_clear(&sync->set);
    sync->message.id = 0;
    keep_gone_uids(sync, &sync->set);
}

bool imap_takes(const struct imap_sync *sync)
{
    return imap_habit(sync) && imap_habit(sync)->takes;
}

bool imap_only_fetches(const struct imap_sync *sync) { return deletes(sync) == IMAP_FETCHES; }

/* Where there is a Trash, and this is not it: by MOVE, or COPY first. */
static uint8_t deletion_find(struct imap_sync *sync)
{
    struct device_folder trash;
    enum imap_deletes how = deletes(sync);
    bool moves = how == IMAP_MOVES && (imap_client_facts(sync->client)->can & IMAP_CAN_MOVE);
    bool copies = how == IMAP_COPIES || how == IMAP_COPIES_UID;
    sync->to_trash = false;
    if (sync->closed || how == IMAP_FETCHES)
        return 0;
    set_read(sync);
    if (!sync->set.len)
        return 0;
    bool trashes = (moves || copies) && strcmp(sync->folder.name, "Trash") != 0 &&
                   folder_is_there(sync, SLICE("Trash"), &trash);
    sync->to_trash = trashes && moves;
    return trashes && copies ? AT_COPY : AT_DELETE;
}

/* COPY's row is the first of the two. */
bool imap_deletes(void *own, int next)
{
    struct imap_sync *sync = own;
    if (next == AT_COPY)
        sync->found = deletion_find(sync);
    return sync->found == next;
}

static void say_to_trash(struct imap_sync *sync, const char *verb)
{
    struct buf command = BUF_MAX(SET_BYTES_MAX + 64);
    buf_format(&command, "UID %s %s", verb, buf_text(&sync->set));
    imap_say_to(sync->client, buf_text(&command), SLICE("Trash"));
    buf_free(&command);
}

void imap_says_copy(void *own) { say_to_trash(own, "COPY"); }

void imap_says_delete(void *own)
{
    struct imap_sync *sync = own;
    if (sync->to_trash)
        say_to_trash(sync, "MOVE");
    else
        imap_say(sync->client, "UID STORE %s +FLAGS.SILENT (\\Deleted)", buf_text(&sync->set));
}

bool imap_expunges(void *own, int next)
{
    const struct imap_sync *sync = own;
    (void)next;
    return !sync->to_trash && deletes(sync) != IMAP_MARKS;
}

void imap_says_expunge(void *own)
{
    struct imap_sync *sync = own;
    enum imap_deletes how = deletes(sync);
    bool by_uid = how == IMAP_MOVES || how == IMAP_COPIES_UID || how == IMAP_UID_EXPUNGES;
    if (by_uid && (imap_client_facts(sync->client)->can & IMAP_CAN_UIDPLUS))
        imap_say(sync->client, "UID EXPUNGE %s", buf_text(&sync->set));
    else
        imap_say(sync->client, how == IMAP_CLOSES ? "CLOSE" : "EXPUNGE");
}

/* What was copied is to be marked, what was marked to be expunged, or they are gone. */
void imap_hears_deletion(void *own, int answer, slice text)
{
    struct imap_sync *sync = own;
    (void)text;
    if (answer != ANSWER_OK) {
        mail_say(sync->mail, "The server would not delete in %s: asked again next time.",
                 sync->folder.name);
        return;
    }
    bool marked = sync->step == AT_DELETE && !sync->to_trash;
    if (sync->step == AT_COPY || marked)
        set_read(sync);
    if (sync->step == AT_COPY || (marked && deletes(sync) != IMAP_MARKS))
        return;
    keep_gone_done(sync);
    sync->closed = sync->step == AT_EXPUNGE && deletes(sync) == IMAP_CLOSES;
}
