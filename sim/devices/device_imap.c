/* device_imap.c: synchronising by IMAP, a command at a time: log in, list, and for each folder
   select it, fetch flags and what is new, tell what was done here (flags, moves, deletions); at
   last file what was sent. Each step compares both sides and reads no log of actions: after a
   break the next sync goes on. device_imap_keep.c keeps what was fetched. */
#include "sim/devices/device_imap.h"

#include <string.h>
#include "base/heap.h"

#define SET_BYTES_MAX 4000          /* of uids in one command */
#define NAMES_SAID_MAX 400

static void step_next(struct imap_sync *);

static void leave(struct imap_sync *sync)
{
    sync->step = AT_LOGOUT;
    imap_say_logout(sync->client);
}

/* --- folders ------------------------------------------------------------------------------- */

static bool folder_is_next(void *context, const struct device_folder *folder)
{
    struct imap_sync *sync = context;
    if (!folder->remote || folder->id <= sync->folder.id)
        return true;
    sync->folder = *folder;
    return false;
}

static void file_next(struct imap_sync *);

void imap_folder_next(struct imap_sync *sync)
{
    int64_t before = sync->folder.id;
    store_device_folders(imap_store(sync), mail_device_name(sync->mail), folder_is_next, sync);
    sync->listed.count = sync->wanted.count = sync->asked = sync->came = 0;
    if (sync->folder.id == before) {
        sync->message.id = sync->folder.id = 0;
        file_next(sync);
        return;
    }
    sync->step = AT_SELECT;
    sync->known_modseq = imap_habit(sync) ? 0
                                          : store_device_modseq(imap_store(sync), sync->folder.id);
    sync->resyncs = imap_client_facts(sync->client)->qresync && sync->folder.uidvalidity &&
                    sync->known_modseq;
    if (sync->resyncs)
        imap_say_resync(sync->client, slice_of(sync->folder.name), sync->folder.uidvalidity,
                        sync->known_modseq);
    else
        imap_say_select(sync->client, slice_of(sync->folder.name));
}

/* What has changed was told with SELECT (QRESYNC), or is asked for (CONDSTORE), or all is. */
static void flags_ask(struct imap_sync *sync)
{
    const struct imap_facts *facts = imap_client_facts(sync->client);
    bool same = sync->folder.uidvalidity == facts->uidvalidity;
    sync->modseq = facts->highest_modseq;
    keep_validity(sync);
    sync->resyncs = sync->resyncs && same;
    bool asks_since = !sync->resyncs && same && sync->known_modseq && sync->modseq &&
                      (facts->can & IMAP_CAN_CONDSTORE);
    sync->step = AT_FLAGS;
    if (sync->resyncs || !facts->exists) {
        step_next(sync);
    } else if (asks_since) {
        sync->step = AT_UIDS;
        imap_say(sync->client, "UID SEARCH ALL");
    } else {
        imap_say(sync->client, "UID FETCH 1:* (FLAGS)");
    }
}

/* Which are there is known; how they are marked only of those that changed. */
static void uids_came(struct imap_sync *sync)
{
    keep_expunged(sync);
    sync->resyncs = true;
    sync->step = AT_FLAGS;
    imap_say(sync->client, "UID FETCH 1:* (FLAGS) (CHANGEDSINCE %llu)",
             (unsigned long long)sync->known_modseq);
}

/* The next uids as a set, neighbours as a range. */
static void set_write(struct imap_sync *sync, struct buf *set)
{
    const uint32_t *uids = sync->wanted.at;
    while (sync->asked < sync->wanted.count && set->len + 24 < set->max) {
        size_t first = sync->asked++;
        while (sync->asked < sync->wanted.count && uids[sync->asked] == uids[sync->asked - 1] + 1)
            sync->asked++;
        buf_format(set, "%s%u", set->len ? "," : "", uids[first]);
        if (sync->asked - first > 1)
            buf_format(set, ":%u", uids[sync->asked - 1]);
    }
}

static void messages_ask(struct imap_sync *sync)
{
    struct buf set = BUF_MAX(SET_BYTES_MAX);
    sync->step = AT_MESSAGES;
    set_write(sync, &set);
    sync->message.id = 0;
    bool header = sync->mail->account.headers_only;
    if (set.len)
        imap_say(sync->client, "UID FETCH %s (UID FLAGS INTERNALDATE RFC822.SIZE %s[%s])",
                 buf_text(&set), header ? "BODY.PEEK" : imap_body(sync), header ? "HEADER" : "");
    buf_free(&set);
}

/* --- what was done here -------------------------------------------------------------------- */

static bool move_next(struct imap_sync *);

/* One message's marks: those that are set, then those that are taken away. */
static void push_say(struct imap_sync *sync)
{
    struct buf flags = BUF_MAX(100);
    uint64_t set = sync->message.flags & ~sync->message.told;
    sync->adding = set != 0;
    sync->pushing = set ? set : sync->message.told & ~sync->message.flags;
    imap_flags_write(&flags, sync->pushing);
    imap_say(sync->client, "UID STORE %u %cFLAGS.SILENT %s", sync->message.uid,
             sync->adding ? '+' : '-', buf_text(&flags));
    buf_free(&flags);
}

static bool push_next(struct imap_sync *sync)
{
    sync->step = AT_PUSH;
    if (!keep_to_push(sync))
        return false;
    push_say(sync);
    return true;
}

static void pushed(struct imap_sync *sync, enum imap_answer answer)
{
    struct device_message *message = &sync->message;
    if (answer == IMAP_OK) {
        message->told = sync->adding ? message->told | sync->pushing
                                     : message->told & ~sync->pushing;
        store_device_message_set(imap_store(sync), message);
        sync->told += message->told == message->flags;
    } else {
        mail_say(sync->mail, "The server would not take the marks of a message in %s: told again "
                 "next time.", sync->folder.name);
    }
    if (answer == IMAP_OK && message->told != message->flags)
        push_say(sync);
    else if (!push_next(sync))
        step_next(sync);
}

static bool move_next(struct imap_sync *sync)
{
    struct device_folder target;
    struct buf command = BUF_MAX(64);
    sync->step = AT_MOVE;
    if (!store_device_message_moving(imap_store(sync), sync->folder.id, 0, &sync->message) ||
        !store_device_folder_by_id(imap_store(sync), sync->message.folder, &target))
        return false;
    sync->copies = !(imap_client_facts(sync->client)->can & IMAP_CAN_MOVE);
    buf_format(&command, "UID %s %u", sync->copies ? "COPY" : "MOVE", sync->message.from_uid);
    imap_say_to(sync->client, buf_text(&command), slice_of(target.name));
    buf_free(&command);
    return true;
}

/* With its new uid it is that message; without, the other folder's turn fetches it. */
static void moved(struct imap_sync *sync, enum imap_answer answer)
{
    struct device_message other;
    uint32_t uid = imap_client_facts(sync->client)->new_uid;
    if (answer == IMAP_OK && sync->copies)
        keep_gone_add(sync, &sync->message);
    sync->message.from_folder = 0;
    sync->message.from_uid = 0;
    sync->message.uid = uid;
    if (answer == IMAP_OK && uid &&
        !store_device_message_by_uid(imap_store(sync), sync->message.folder, uid, &other))
        store_device_message_set(imap_store(sync), &sync->message);
    else
        store_device_message_remove(imap_store(sync), sync->message.id);
    sync->moved += answer == IMAP_OK;
    if (answer != IMAP_OK) {
        mail_say(sync->mail, "The server would not move a message out of %s: it stays there.",
                 sync->folder.name);
        /* It is no change there, and must be told of all the same. */
        store_device_modseq_set(imap_store(sync), sync->folder.id, 0);
    }
    if (!move_next(sync))
        step_next(sync);
}

/* --- what was sent ------------------------------------------------------------------------- */

static void append_say(struct imap_sync *sync)
{
    sync->step = AT_APPEND;
    buf_clear(&sync->text);
    store_device_message_read(imap_store(sync), sync->message.id, &sync->text);
    imap_say_append(sync->client, slice_of(sync->folder.name), sync->message.flags,
                    sync->message.date_ms, buf_slice(&sync->text));
}

/* A copy whose answer was lost may be there: none is filed into what could not be looked into. */
static void file_next(struct imap_sync *sync)
{
    while (keep_to_file(sync, &sync->folder)) {
        if (!sync->folder.remote) {
            sync->step = AT_CREATE;
            imap_say_to(sync->client, "CREATE", slice_of(sync->folder.name));
            return;
        }
        if (uids_have(&sync->known, (uint32_t)sync->folder.id)) {
            append_say(sync);
            return;
        }
        mail_say(sync->mail, "What is in %s is not known: what waits for it is filed next time.",
                 sync->folder.name);
        sync->message.id = INT64_MAX; /* nothing more into that one */
    }
    leave(sync);
}

static void created(struct imap_sync *sync, enum imap_answer answer)
{
    if (answer != IMAP_OK) {
        mail_say(sync->mail, "The server makes no folder %s: the copy stays on this device.",
                 sync->folder.name);
        leave(sync);
        return;
    }
    sync->folder.remote = true;
    store_device_folder_set(imap_store(sync), &sync->folder);
    uids_add(&sync->known, (uint32_t)sync->folder.id);
    append_say(sync);
}

/* Without APPENDUID the folder's next turn finds it, by what it is. */
static void filed(struct imap_sync *sync, enum imap_answer answer)
{
    const struct imap_facts *facts = imap_client_facts(sync->client);
    struct device_folder sent;
    bool known = store_device_folder_by_id(imap_store(sync), sync->message.folder, &sent);
    if (answer == IMAP_OK && known && facts->new_uid &&
        (!sent.uidvalidity || sent.uidvalidity == facts->new_uidvalidity)) {
        sent.uidvalidity = facts->new_uidvalidity;
        store_device_folder_set(imap_store(sync), &sent);
        sync->message.uid = facts->new_uid;
        sync->message.told = sync->message.flags;
        store_device_message_set(imap_store(sync), &sync->message);
    }
    sync->filed += answer == IMAP_OK;
    if (answer != IMAP_OK)
        mail_say(sync->mail, "The server would not take the copy for %s: tried again next time.",
                 sync->folder.name);
    file_next(sync);
}

/* --- the steps ----------------------------------------------------------------------------- */

/* RFC 7162: QRESYNC must be enabled before it is used. */
static void logged_in(struct imap_sync *sync)
{
    struct device_message message;
    bool enables = sync->step != AT_ENABLE && !imap_habit(sync) &&
                   (imap_client_facts(sync->client)->can & IMAP_CAN_QRESYNC);
    if (!sync->reading && enables) {
        sync->step = AT_ENABLE;
        imap_say(sync->client, "ENABLE QRESYNC");
    } else if (!sync->reading) {
        sync->step = AT_LIST;
        imap_say(sync->client, "LIST \"\" \"*\"");
    } else if (store_device_message(imap_store(sync), sync->reading, &message) &&
               store_device_folder_by_id(imap_store(sync), message.folder, &sync->folder)) {
        sync->message = message;
        sync->step = AT_SELECT;
        imap_say_select(sync->client, slice_of(sync->folder.name));
    } else {
        leave(sync);
    }
}

static void selected(struct imap_sync *sync, enum imap_answer answer)
{
    uint32_t now = imap_client_facts(sync->client)->uidvalidity;
    if (!sync->reading && answer == IMAP_OK) {
        if (!imap_purge_first(sync))
            flags_ask(sync);
    } else if (!sync->reading) {
        mail_say(sync->mail, "The server would not open %s.", sync->folder.name);
        sync->mail->went_well = false;
        imap_folder_next(sync);
    } else if (answer == IMAP_OK && now == sync->folder.uidvalidity) {
        sync->step = AT_READ;
        imap_say(sync->client, "UID FETCH %u (UID %s[])", sync->message.uid, imap_body(sync));
    } else {
        leave(sync);
    }
}

static void greeted(struct imap_sync *sync)
{
    if (imap_client_facts(sync->client)->can & IMAP_CAN_NO_LOGIN) {
        sync->refused = true;
        leave(sync);
        return;
    }
    sync->step = AT_LOGIN;
    imap_say_login(sync->client, slice_of(sync->mail->device->person),
                   slice_of(sync->mail->device->password));
}

/* All that the folder holds was heard: the next sync asks for what changes from here on. */
static void folder_is_known(struct imap_sync *sync)
{
    bool all = sync->listed.count < DEVICE_MESSAGES_MAX && sync->came >= sync->wanted.count;
    if (sync->modseq && all)
        store_device_modseq_set(imap_store(sync), sync->folder.id, sync->modseq);
    uids_add(&sync->known, (uint32_t)sync->folder.id);
}

/* The step is done and there was nothing more of its kind: the next kind. */
static void step_next(struct imap_sync *sync)
{
    switch (sync->step) {
    case AT_FLAGS:
        if (!sync->resyncs)
            keep_expunged(sync);
        messages_ask(sync);
        if (sync->wanted.count)
            return;
        folder_is_known(sync);
        sync->message.id = 0;
        if (push_next(sync))
            return;
        /* fall through */
    case AT_PUSH:
        if (move_next(sync))
            return;
        /* fall through */
    case AT_MOVE:
        if (!imap_delete_next(sync))
            imap_folder_leave(sync);
        return;
    default:
        leave(sync);
    }
}

static void messages_came(struct imap_sync *sync, enum imap_answer answer)
{
    if (answer == IMAP_OK && sync->asked < sync->wanted.count) {
        messages_ask(sync);
        return;
    }
    if (answer == IMAP_OK)
        folder_is_known(sync);
    sync->message.id = 0;
    if (!push_next(sync))
        step_next(sync);
}

/* Nothing is known of it now: nothing is changed. */
static void folder_unknown(struct imap_sync *sync)
{
    mail_say(sync->mail, "The server would not say what is in %s.", sync->folder.name);
    sync->mail->went_well = false;
    imap_folder_next(sync);
}

static void folder_answered(struct imap_sync *sync, enum imap_answer answer)
{
    switch (sync->step) {
    case AT_SELECT: selected(sync, answer); return;
    case AT_FLAGS:
        if (answer == IMAP_OK)
            step_next(sync);
        else
            folder_unknown(sync);
        return;
    case AT_UIDS:
        if (answer == IMAP_OK)
            uids_came(sync);
        else
            folder_unknown(sync);
        return;
    case AT_MESSAGES: messages_came(sync, answer); return;
    case AT_PUSH: pushed(sync, answer); return;
    case AT_MOVE: moved(sync, answer); return;
    case AT_PURGE_FIRST: flags_ask(sync); return;
    case AT_PURGE_LAST: imap_folder_next(sync); return;
    case AT_COPY:
    case AT_DELETE:
    case AT_EXPUNGE: imap_deleted(sync, answer); return;
    case AT_CREATE: created(sync, answer); return;
    case AT_APPEND: filed(sync, answer); return;
    default: leave(sync);
    }
}

static void answered(void *context, enum imap_answer answer, slice text)
{
    struct imap_sync *sync = context;
    (void)text;
    if (sync->step == AT_GREETING) {
        greeted(sync);
    } else if (sync->step == AT_LOGIN && answer != IMAP_OK) {
        sync->refused = true;
        mail_say(sync->mail, "The server refused the name or the password: %.*s",
                 SLICE_ARG(slice_upto(imap_client_text(sync->client), 120)));
        leave(sync);
    } else if (sync->step == AT_LOGIN && !imap_client_facts(sync->client)->can_known) {
        sync->step = AT_CAPABILITY;
        imap_say(sync->client, "CAPABILITY");
    } else if (sync->step == AT_LOGIN || sync->step == AT_CAPABILITY ||
               sync->step == AT_ENABLE) {
        logged_in(sync);
    } else if (sync->step == AT_LIST) {
        if (answer == IMAP_OK)
            keep_folders(sync);
        imap_make_next(sync);
    } else if (sync->step == AT_MAKE || sync->step == AT_SUBSCRIBE) {
        imap_made(sync, answer);
    } else {
        folder_answered(sync, answer);
    }
}

static void listed(void *context, const struct imap_listed *what)
{
    struct imap_sync *sync = context;
    if (sync->step == AT_LIST)
        keep_listed(sync, what);
}

static void fetched(void *context, const struct imap_fetched *what) { keep_fetched(context, what); }
static void vanished(void *context, const struct imap_set *uids) { keep_vanished(context, uids); }

static void found(void *context, uint32_t uid)
{
    struct imap_sync *sync = context;
    if (sync->step == AT_UIDS)
        uids_add(&sync->listed, uid);
}

/* --- what came of it ----------------------------------------------------------------------- */

static void names_say(struct imap_sync *sync, const char *what, struct buf *names)
{
    if (names->len)
        mail_say(sync->mail, "%s: %s%s.", what, buf_text(names), names->full ? " and more" : "");
}

static void done_say(struct imap_sync *sync, const char *server)
{
    struct mail_program *mail = sync->mail;
    if (!mail->said_server)
        mail_say(mail, "IMAP at %s: %zu folder%s.", server, sync->folders,
                 sync->folders == 1 ? "" : "s");
    mail->said_server = true;
    names_say(sync, "New here", &sync->fresh);
    names_say(sync, "Gone there, so here", &sync->vanished);
    if (sync->told)
        mail_say(mail, "Told the server: new marks of %zu message%s.", sync->told,
                 sync->told == 1 ? "" : "s");
    if (sync->moved)
        mail_say(mail, "Moved there: %zu.", sync->moved);
    if (sync->deleted)
        mail_say(mail, "Deleted there: %zu.", sync->deleted);
    if (sync->filed)
        mail_say(mail, "Filed there: %zu.", sync->filed);
}

static void end_say(struct imap_sync *sync, const char *server)
{
    static const char *const endings[] = {
        [IMAP_BYE] = "closed the connection: ",
        [IMAP_RUBBISH] = "said something that is no IMAP; what came before is kept.",
        [IMAP_UNSAYABLE] = "was told nothing more: a name or the password holds octets that cannot "
                           "be written in quotes.",
        [IMAP_LOST] = "was lost in the middle; what came whole is kept.",
    };
    enum imap_ending ending = imap_client_ending(sync->client);
    if (ending == IMAP_DONE) {
        sync->mail->went_well = sync->mail->went_well && !sync->refused;
        return;
    }
    sync->mail->went_well = false;
    mail_say(sync->mail, "%s %s%.*s", server, endings[ending],
             ending == IMAP_BYE ? (int)slice_upto(imap_client_text(sync->client), 120).len : 0,
             imap_client_text(sync->client).at ? imap_client_text(sync->client).at : "");
}

static void ended(void *context, enum line_end how)
{
    struct imap_sync *sync = context;
    struct mail_program *mail = sync->mail;
    const char *server = line_server(mail->line);
    if (how != LINE_TALKED)
        mail_say_line(mail, how, SERVICE_IMAP);
    if (!sync->reading && !sync->refused && sync->step > AT_LIST)
        done_say(sync, server);
    if (how == LINE_TALKED)
        end_say(sync, server);
    mail_turn_end(mail->device);
    mail->imap = NULL;
    imap_sync_free(sync);
    mail_sync_step(mail);
}

/* --- the client's end, for a line ---------------------------------------------------------- */

static void end_input(void *client, slice octets) { imap_client_input(client, octets); }
static slice end_output(void *client) { return imap_client_output(client); }
static void end_sent(void *client, size_t octets) { imap_client_sent(client, octets); }
static void end_lost(void *client) { imap_client_lost(client); }
static bool end_is_over(const void *client) { return imap_client_is_over(client); }
static bool end_rests(const void *client) { return imap_client_idles(client); }

const struct client_end imap_line_end = { end_input, end_output, end_sent, end_lost, end_is_over,
                                          end_rests };

void imap_sync_free(struct imap_sync *sync)
{
    if (!sync)
        return;
    imap_client_free(sync->client);
    heap_give(sync->listed.at);
    heap_give(sync->wanted.at);
    heap_give(sync->known.at);
    buf_free(&sync->text);
    buf_free(&sync->fresh);
    buf_free(&sync->vanished);
    buf_free(&sync->there);
    heap_give(sync);
}

void imap_sync_begin(struct mail_program *mail, int64_t reading)
{
    struct imap_sync *sync = heap_take(sizeof *sync);
    sync->mail = mail;
    sync->reading = reading;
    sync->text = BUF_MAX(MESSAGE_BYTES_MAX);
    sync->fresh = sync->vanished = BUF_MAX(NAMES_SAID_MAX);
    sync->there = BUF_MAX(MAILBOXES_PER_USER_MAX * (MAILBOX_NAME_MAX + 1));
    sync->owner = (struct imap_owner){ sync, listed, fetched, answered, NULL, vanished, found };
    sync->client = imap_client_new(&sync->owner);
    mail->imap = sync;
    mail->line = line_dial(mail->device, SERVICE_IMAP, &imap_line_end, sync->client, ended, sync);
    line_until(mail->line, mail->until);
}
