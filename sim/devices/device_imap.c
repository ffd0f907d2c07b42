/* device_imap.c: synchronising by IMAP, a command at a time: log in, list, and for each folder
   select it, fetch flags and what is new, tell what was done here (flags, moves, deletions); at
   last file what was sent. Each step compares both sides and reads no log of actions: after a
   break the next sync goes on. What follows which answer is device_imap_table.c; what programs do
   in their own way device_imap_habit.c; device_imap_keep.c keeps what was fetched. */
#include "sim/devices/device_imap.h"

#include <string.h>
#include "base/heap.h"

#define SET_BYTES_MAX 4000          /* of uids in one command */
#define NAMES_SAID_MAX 400

static const struct imap_facts *facts_of(const struct imap_sync *sync)
{
    return imap_client_facts(sync->client);
}

/* --- logging in ---------------------------------------------------------------------------- */

bool imap_takes_no_login(void *sync, int next)
{
    (void)next;
    return facts_of(sync)->can & IMAP_CAN_NO_LOGIN;
}

void imap_hears_greeting(void *own, int answer, slice text)
{
    struct imap_sync *sync = own;
    (void)answer;
    (void)text;
    sync->refused = imap_takes_no_login(sync, AT_LOGOUT);
}

void imap_says_login(void *own)
{
    struct imap_sync *sync = own;
    imap_say_login(sync->client, slice_of(sync->mail->device->person),
                   slice_of(sync->mail->device->password));
}

void imap_hears_login(void *own, int answer, slice text)
{
    struct imap_sync *sync = own;
    (void)text;
    if (answer == ANSWER_OK)
        return;
    sync->refused = true;
    mail_say(sync->mail, "The server refused the name or the password: %.*s",
             SLICE_ARG(slice_upto(imap_client_text(sync->client), 120)));
}

bool imap_capabilities_are_unknown(void *sync, int next)
{
    (void)next;
    return !facts_of(sync)->can_known;
}

void imap_says_capability(void *own)
{
    struct imap_sync *sync = own;
    imap_say(sync->client, "CAPABILITY");
}

/* RFC 7162: QRESYNC must be enabled before it is used. */
bool imap_enables(void *own, int next)
{
    const struct imap_sync *sync = own;
    (void)next;
    return !sync->reading && !imap_habit(sync) && (facts_of(sync)->can & IMAP_CAN_QRESYNC);
}

void imap_says_enable(void *own)
{
    struct imap_sync *sync = own;
    imap_say(sync->client, "ENABLE QRESYNC");
}

bool imap_is_reading(void *own, int next)
{
    const struct imap_sync *sync = own;
    (void)next;
    return sync->reading != 0;
}

bool imap_is_whole_sync(void *own, int next) { return !imap_is_reading(own, next); }

void imap_says_list(void *own)
{
    struct imap_sync *sync = own;
    imap_say(sync->client, "LIST \"\" \"*\"");
}

/* --- one message, to be read --------------------------------------------------------------- */

bool imap_finds_message(void *own, int next)
{
    struct imap_sync *sync = own;
    struct device_message message;
    (void)next;
    if (!store_device_message(imap_store(sync), sync->reading, &message) ||
        !store_device_folder_by_id(imap_store(sync), message.folder, &sync->folder))
        return false;
    sync->message = message;
    return true;
}

bool imap_same_numbers(void *own, int next)
{
    const struct imap_sync *sync = own;
    return imap_is_reading(own, next) && facts_of(sync)->uidvalidity == sync->folder.uidvalidity;
}

void imap_says_read(void *own)
{
    struct imap_sync *sync = own;
    imap_say(sync->client, "UID FETCH %u (UID %s[])", sync->message.uid, imap_body(sync));
}

/* --- folders ------------------------------------------------------------------------------- */

static bool folder_is_next(void *context, const struct device_folder *folder)
{
    struct imap_sync *sync = context;
    bool inbox = imap_takes(sync) || imap_only_fetches(sync);
    bool passes = inbox && strcmp(folder->name, "INBOX") != 0;
    if (!folder->remote || folder->id <= sync->folder.id || passes)
        return true;
    sync->folder = *folder;
    return false;
}

bool imap_folder_is_left(void *own, int next)
{
    struct imap_sync *sync = own;
    int64_t before = sync->folder.id;
    (void)next;
    store_device_folders(imap_store(sync), mail_device_name(sync->mail), folder_is_next, sync);
    sync->listed.count = sync->wanted.count = sync->asked = sync->came = 0;
    sync->closed = false;
    if (sync->folder.id != before)
        return true;
    sync->message.id = sync->folder.id = 0;
    return false;
}

void imap_says_select(void *own)
{
    struct imap_sync *sync = own;
    slice name = slice_of(sync->folder.name);
    if (!sync->reading) {
        sync->known_modseq =
            imap_habit(sync) ? 0 : store_device_modseq(imap_store(sync), sync->folder.id);
        sync->resyncs =
            facts_of(sync)->qresync && sync->folder.uidvalidity && sync->known_modseq;
    }
    if (sync->resyncs)
        imap_say_resync(sync->client, name, sync->folder.uidvalidity, sync->known_modseq);
    else
        imap_say_select(sync->client, name, imap_habit(sync) && imap_habit(sync)->examines);
}

/* All that the folder holds was heard: the next sync asks for what changes from here on. */
static void folder_is_known(struct imap_sync *sync)
{
    bool all = sync->listed.count < DEVICE_MESSAGES_MAX && sync->came >= sync->wanted.count;
    if (sync->modseq && all)
        store_device_modseq_set(imap_store(sync), sync->folder.id, sync->modseq);
    uids_add(&sync->known, (uint32_t)sync->folder.id);
}

/* Which messages are there, and how they are marked, is known. */
static void flags_are_known(struct imap_sync *sync)
{
    if (!sync->resyncs)
        keep_expunged(sync);
    if (!sync->wanted.count)
        folder_is_known(sync);
    sync->message.id = 0;
}

/* Nothing is known of it now: nothing is changed. */
static void folder_is_unknown(struct imap_sync *sync, const char *format)
{
    struct buf said = BUF_MAX(MAILBOX_NAME_MAX + 100);
    buf_format(&said, "%s %s.", format, sync->folder.name);
    mail_say(sync->mail, "%s", buf_text(&said));
    sync->mail->went_well = false;
    buf_free(&said);
}

/* What has changed was told with SELECT (QRESYNC), or is asked for (CONDSTORE), or all is. */
static void flags_begin(struct imap_sync *sync)
{
    const struct imap_facts *facts = facts_of(sync);
    bool same = sync->folder.uidvalidity == facts->uidvalidity;
    sync->modseq = facts->highest_modseq;
    keep_validity(sync);
    sync->resyncs = sync->resyncs && same;
    bool asks_since = !sync->resyncs && same && sync->known_modseq && sync->modseq &&
                      (facts->can & IMAP_CAN_CONDSTORE);
    sync->since = false;
    sync->asks = sync->resyncs || !facts->exists ? 0 : asks_since ? AT_UIDS : AT_FLAGS;
    if (!sync->asks)
        flags_are_known(sync);
}

void imap_hears_select(void *own, int answer, slice text)
{
    struct imap_sync *sync = own;
    (void)text;
    if (sync->reading)
        return;
    if (answer != ANSWER_OK)
        folder_is_unknown(sync, "The server would not open");
    else if (!imap_purges_first(sync, AT_PURGE_FIRST))
        flags_begin(sync);
}

void imap_hears_purge(void *own, int answer, slice text)
{
    (void)answer;
    (void)text;
    flags_begin(own);
}

bool imap_asks(void *own, int next)
{
    const struct imap_sync *sync = own;
    return sync->asks == next;
}

void imap_says_uids(void *own)
{
    struct imap_sync *sync = own;
    imap_say(sync->client, "UID SEARCH ALL");
}

/* Which are there is known; how they are marked is asked only of those that changed. */
void imap_hears_uids(void *own, int answer, slice text)
{
    struct imap_sync *sync = own;
    (void)text;
    if (answer != ANSWER_OK) {
        folder_is_unknown(sync, "The server would not say what is in");
        return;
    }
    keep_expunged(sync);
    sync->resyncs = sync->since = true;
}

void imap_says_flags(void *own)
{
    struct imap_sync *sync = own;
    if (sync->since)
        imap_say(sync->client, "UID FETCH 1:* (FLAGS) (CHANGEDSINCE %llu)",
                 (unsigned long long)sync->known_modseq);
    else
        imap_say(sync->client, "UID FETCH 1:* (FLAGS)");
}

void imap_hears_flags(void *own, int answer, slice text)
{
    struct imap_sync *sync = own;
    (void)text;
    if (answer == ANSWER_OK)
        flags_are_known(sync);
    else
        folder_is_unknown(sync, "The server would not say what is in");
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

bool imap_wants_messages(void *own, int next)
{
    const struct imap_sync *sync = own;
    (void)next;
    return sync->asked < sync->wanted.count;
}

void imap_says_messages(void *own)
{
    struct imap_sync *sync = own;
    struct buf set = BUF_MAX(SET_BYTES_MAX);
    bool header = sync->mail->account.headers_only;
    set_write(sync, &set);
    imap_say(sync->client, "UID FETCH %s (UID FLAGS INTERNALDATE RFC822.SIZE %s[%s])",
             buf_text(&set), header ? "BODY.PEEK" : imap_body(sync), header ? "HEADER" : "");
    buf_free(&set);
}

void imap_hears_messages(void *own, int answer, slice text)
{
    struct imap_sync *sync = own;
    (void)text;
    sync->message.id = 0;
    if (answer == ANSWER_OK && !imap_wants_messages(sync, AT_MESSAGES))
        folder_is_known(sync);
}

/* --- what comes ---------------------------------------------------------------------------- */

void imap_says_logout(void *own)
{
    struct imap_sync *sync = own;
    imap_say_logout(sync->client);
}

/* "a3 OK …"; BYE ends it, and so does the answer to LOGOUT, which follows it. */
int imap_answer_kind(slice line)
{
    slice tag = take_word(&line), word = take_word(&line);
    if (slice_is(tag, "*") && slice_is_nocase(word, "BYE"))
        return ANSWER_ENDED;
    if (!slice_starts(tag, "a"))
        return -1;
    return slice_is_nocase(word, "OK")                                   ? ANSWER_OK
           : slice_is_nocase(word, "NO") || slice_is_nocase(word, "BAD") ? ANSWER_NO
                                                                         : -1;
}

int imap_answer_of(enum imap_answer answer)
{
    return answer == IMAP_OK || answer == IMAP_GREETED ? ANSWER_OK : ANSWER_NO;
}

static void answered(void *context, enum imap_answer answer, slice text)
{
    struct imap_sync *sync = context;
    client_hear(&imap_sync_table, sync, &sync->step, imap_answer_of(answer), text);
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
    client_move(&imap_sync_table, sync, &sync->step, ANSWER_ENDED);
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
    buf_free(&sync->set);
    heap_give(sync);
}

void imap_sync_begin(struct mail_program *mail, int64_t reading)
{
    struct imap_sync *sync = heap_take(sizeof *sync);
    sync->mail = mail;
    sync->reading = reading;
    sync->text = BUF_MAX(MESSAGE_BYTES_MAX);
    sync->fresh = sync->vanished = BUF_MAX(NAMES_SAID_MAX);
    sync->set = BUF_MAX(SET_BYTES_MAX);
    sync->there = BUF_MAX(MAILBOXES_PER_USER_MAX * (MAILBOX_NAME_MAX + 1));
    sync->owner = (struct imap_owner){ sync, listed, fetched, answered, NULL, vanished, found };
    sync->client = imap_client_new(&sync->owner);
    mail->imap = sync;
    mail->line = line_dial(mail->device, SERVICE_IMAP, &imap_line_end, sync->client, ended, sync);
    line_until(mail->line, mail->until);
}
