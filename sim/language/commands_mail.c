/* commands_mail.c: `mail …`: what a person does with the device's mail program. It shows what
   is on the device; only a sync talks to servers. The program itself is device_mail.c. */
#include "base/words.h"
#include "servers/mail/date.h"
#include "servers/mail/encoding.h"
#include "servers/mail/mailbox_name.h"
#include "servers/store/store.h"
#include "servers/store/store_device.h"
#include "sim/devices/device.h"
#include "sim/devices/device_mail.h"
#include "sim/devices/programs.h"
#include "sim/language/commands.h"
#include "sim/language/commands_mail.h"

/* --- what a mail call is about ------------------------------------------------------------- */

slice mail_device(const struct call *call) { return slice_of(call->device->name); }

/* After a device's change: kept as one command. */
void mail_kept(struct call *call) { store_command_end(call->world->store, true); }

static void said_say(struct call *call, slice said)
{
    while (said.len) {
        slice line = take_until(&said, '\n');
        call_say(call, "%.*s", SLICE_ARG(line));
    }
}

/* "Sent", "\"Two words\"": a folder's name as on the wire. */
bool mail_folder_name(struct call *call, slice *rest, struct buf *box)
{
    struct buf name = BUF_MAX(MAILBOX_NAME_MAX), wire = BUF_MAX(MAILBOX_NAME_MAX);
    slice where = word_peek(*rest);
    bool ok = text_take(rest, &name) && mutf7_encode(&wire, buf_slice(&name)) &&
              mailbox_name_valid(buf_slice(&wire));
    if (ok)
        mailbox_name_canonical(box, buf_slice(&wire));
    buf_free(&name);
    buf_free(&wire);
    return ok || call_refuse(call, where, "a folder's name belongs here: Sent, or \"Two words\"");
}

/* Looks for a message by what it is, in one folder or in all. */
struct looking {
    struct store *store;
    struct buf identity;
    struct device_message *message;
    bool found;
};

static bool message_look(void *context, const struct device_message *message)
{
    struct looking *looking = context;
    if (!message->gone && slice_is(buf_slice(&looking->identity), message->identity)) {
        *looking->message = *message;
        looking->found = true;
    }
    return !looking->found;
}

static bool folder_look(void *context, const struct device_folder *folder)
{
    struct looking *looking = context;
    store_device_messages(looking->store, folder->id, message_look, looking);
    return !looking->found;
}

/* By the name that it has in the whole world; `folder` NULL: the INBOX comes first. */
static bool message_named(struct call *call, uint64_t number, const struct device_folder *folder,
                         struct device_message *message)
{
    struct device_folder inbox;
    struct store *store = call->world->store;
    struct looking looking = { store, BUF_MAX(MESSAGE_IDENTITY_MAX), message, false };
    bool known = store_message_identity(store, number, &looking.identity);
    if (known && folder)
        folder_look(&looking, folder);
    else if (known && store_device_folder(store, mail_device(call), SLICE("INBOX"), false, &inbox))
        folder_look(&looking, &inbox);
    if (known && !folder && !looking.found)
        store_device_folders(store, mail_device(call), folder_look, &looking);
    buf_free(&looking.identity);
    return looking.found;
}

/* "2", "2 in Sent", "B": the message, or a refusal or fact that says what is wrong. */
bool mail_message_take(struct call *call, slice *rest, struct device_message *message, bool *there)
{
    struct device_folder folder;
    struct buf box = BUF_MAX(MAILBOX_NAME_MAX);
    uint64_t position = 0, number = 0;
    slice word = word_take(rest);
    *there = false;
    bool numbered = word_number(word, UINT32_MAX, &position) && position > 0;
    if (!numbered && !message_name_read(word, &number))
        return call_refuse(call, word,
                           "which message? `mail list` numbers them, `board` names them");
    bool in = word_take_if(rest, "in"), ok = true;
    if (in)
        ok = mail_folder_name(call, rest, &box);
    else
        buf_add_text(&box, "INBOX");
    struct store *store = call->world->store;
    bool known = ok &&
                 store_device_folder(store, mail_device(call), buf_slice(&box), false, &folder);
    if (known && numbered)
        *there = store_device_message_at(store, folder.id, position, message);
    else if (ok && !numbered && (known || !in))
        *there = message_named(call, number, in ? &folder : NULL, message);
    if (ok && !*there && numbered)
        call_fact(call, "There is no message %llu in this device's %s.",
                  (unsigned long long)position, buf_text(&box));
    else if (ok && !*there)
        call_fact(call, "%.*s is not on this device.", SLICE_ARG(word));
    buf_free(&box);
    return ok;
}

static bool ended(struct call *call, slice rest)
{
    rest = slice_trim(rest);
    return rest.len == 0 || call_refuse(call, rest, "the line should have ended before this");
}

/* --- mail ---------------------------------------------------------------------------------- */

static void habit_say(struct call *call, const struct mail_account *account)
{
    if (account->idles)
        call_pair(call, 10, "",
                  "it stays connected, in IDLE, and synchronises when the server tells");
    else if (account->every_ms)
        call_pair(call, 10, "", "it synchronises by itself, so often");
    else
        call_pair(call, 10, "", "it synchronises by hand only: mail sync");
}

static void setting_say(struct call *call)
{
    const struct mail_account *account = mail_account(device_mail(call->device));
    const struct program *program = account->program;
    const char *means = program ? program->does : "";
    if (program && !program_is_named(program) && account->keep_ms)
        means = "what is fetched is deleted on the server that long afterwards";
    call_pair(call, 10, " Setting", "%s: %s", call->device->program, means);
    habit_say(call, account);
}

static bool folder_say(void *context, const struct device_folder *folder)
{
    struct call *call = context;
    struct device_count count;
    struct buf size = BUF_MAX(32), name = BUF_MAX(4 * MAILBOX_NAME_MAX);
    if (!store_device_count(call->world->store, folder->id, &count))
        return false;
    if (!mutf7_decode(&name, slice_of(folder->name)))
        buf_add_text(&name, folder->name);
    size_write(&size, count.octets);
    call_pair(call, 10, " Here", "%s: %llu message%s, %llu new, %llu to read offline, %s",
              buf_text(&name), (unsigned long long)count.messages, count.messages == 1 ? "" : "s",
              (unsigned long long)count.unseen, (unsigned long long)count.whole, buf_text(&size));
    buf_free(&size);
    buf_free(&name);
    return true;
}

static bool mail_alone(struct call *call)
{
    int64_t synced_ms = 0;
    struct buf said = BUF_MAX(DEVICE_SAID_MAX), when = BUF_MAX(64);
    bool imap = mail_account(device_mail(call->device))->kind == MAIL_IS_IMAP;
    call_say(call, "The mail program of %s: %s for %s.", call->device->name, imap ? "IMAP" : "POP3",
             call->device->address);
    setting_say(call);
    store_device_folders(call->world->store, mail_device(call), folder_say, call);
    if (store_device_synced(call->world->store, mail_device(call), &synced_ms, &said)) {
        slice rest = buf_slice(&said);
        date_write_short(&when, synced_ms);
        call_pair(call, 10, " Synced", "%s", buf_text(&when));
        while (rest.len) {
            slice line = take_until(&rest, '\n');
            call_pair(call, 10, "", "%.*s", SLICE_ARG(line));
        }
    } else {
        call_pair(call, 10, " Synced", "never; `mail sync` does it");
    }
    buf_free(&said);
    buf_free(&when);
    return true;
}

/* --- mail sync ----------------------------------------------------------------------------- */

void mail_report(struct call *call)
{
    const struct mail_program *mail = device_mail(call->device);
    said_say(call, mail_said(mail));
    if (!mail_said(mail).len)
        call_say(call, "Nothing was to be done.");
    call->ok = mail_went_well(mail) && !mail_is_syncing(mail);
}

static bool mail_syncs(struct call *call, slice rest)
{
    struct mail_program *mail = device_mail(call->device);
    bool until = word_take_if(&rest, "until");
    slice words = until ? slice_trim(rest) : SLICE_EMPTY;
    if (until && (!words.len || words.len >= UNTIL_BYTES_MAX || !text_is_visible(words)))
        return call_refuse(call, words, "until which command? QUIT, RETR 3, EXPUNGE");
    if (!until && !ended(call, rest))
        return false;
    call_begins(call);
    if (!mail_is_syncing(mail))
        mail_sync_until(mail, words);
    call_settle(call);
    mail_report(call);
    if (until && !mail_was_cut(mail))
        call_say(call, "It never came to %.*s: the connection was not lost.", SLICE_ARG(words));
    return true;
}

/* --- mail delete --------------------------------------------------------------------------- */

/* The message is not shown any more, POP3's goes now; the next sync tells the server. */
static void message_delete(struct call *call, struct device_message *message)
{
    struct store *store = call->world->store;
    struct device_uidl known;
    if (message->from_folder) { /* on its way here: it is deleted where it was */
        message->folder = message->from_folder;
        message->uid = message->from_uid;
        message->from_folder = 0;
        message->from_uid = 0;
    }
    if (message->uid) {
        message->gone = true;
        store_device_message_set(store, message);
        return;
    }
    if (message->uidl[0] &&
        store_device_uidl(store, mail_device(call), slice_of(message->uidl), &known)) {
        known.gone = true;
        store_device_uidl_set(store, mail_device(call), &known);
    }
    store_device_message_remove(store, message->id);
}

static bool mail_deletes(struct call *call, slice rest)
{
    struct device_message message;
    bool there;
    if (!mail_message_take(call, &rest, &message, &there) || (there && !ended(call, rest)))
        return false;
    if (!there)
        return true;
    call_begins(call);
    device_note(call->device, DID_DELETE, slice_of(message.identity));
    message_delete(call, &message);
    mail_kept(call);
    call_say(call, "Deleted on %s. If the server still has it, the next sync deletes it there.",
             call->device->name);
    return true;
}

/* --- mail flag, unflag, unread, move ------------------------------------------------------ */

static bool marks(struct call *call, slice rest, uint64_t set, uint64_t taken)
{
    struct device_message message;
    bool there;
    if (!mail_message_take(call, &rest, &message, &there) || (there && !ended(call, rest)))
        return false;
    if (!there)
        return true;
    call_begins(call);
    message.flags = (message.flags | set) & ~taken;
    store_device_message_set(call->world->store, &message);
    mail_kept(call);
    call_say(call, message.uid ? "Marked here; the next sync tells the server."
                              : "Marked, on this device.");
    return true;
}

static bool mail_flags(struct call *call, slice rest)
{
    return marks(call, rest, DEVICE_FLAGGED, 0);
}
static bool mail_unflags(struct call *call, slice rest)
{
    return marks(call, rest, 0, DEVICE_FLAGGED);
}
static bool mail_unreads(struct call *call, slice rest)
{
    return marks(call, rest, 0, DEVICE_SEEN);
}

/* IMAP: from where it was on the server, or back to there. */
static void message_move(struct device_message *message, int64_t target)
{
    if (message->uid) {
        message->from_folder = message->folder;
        message->from_uid = message->uid;
        message->uid = 0;
    }
    message->folder = target;
    if (message->from_folder == target) {
        message->uid = message->from_uid;
        message->from_folder = 0;
        message->from_uid = 0;
    }
}

/* It waits for its APPEND. What lies in a folder that is only on the device does not: moved to
   one of the server's it is as new there as what was imported. */
static bool is_underway(struct call *call, const struct device_message *message)
{
    struct device_folder folder;
    return !message->uid && !message->from_folder &&
           store_device_folder_by_id(call->world->store, message->folder, &folder) && folder.remote;
}

static void moved_say(struct call *call, struct device_message *message, slice box)
{
    struct device_folder folder;
    bool imap = mail_account(device_mail(call->device))->kind == MAIL_IS_IMAP;
    if (!store_device_folder(call->world->store, mail_device(call), box, !imap, &folder) ||
        (imap && !folder.remote)) {
        call_fact(call, "The server has no folder of that name, as far as this device knows.");
        return;
    }
    if (imap && is_underway(call, message)) {
        call_fact(call, "That message is not on the server yet: sync first.");
        return;
    }
    message_move(message, folder.id);
    store_device_message_set(call->world->store, message);
    mail_kept(call);
    call_say(call, imap ? "Moved here; the next sync tells the server."
                        : "Moved, on this device only: POP3 knows no folders.");
}

static bool mail_moves(struct call *call, slice rest)
{
    struct device_message message;
    struct buf box = BUF_MAX(MAILBOX_NAME_MAX);
    bool there, ok = mail_message_take(call, &rest, &message, &there);
    ok = ok && (!there || (mail_folder_name(call, &rest, &box) && ended(call, rest)));
    if (ok && there) {
        call_begins(call);
        moved_say(call, &message, buf_slice(&box));
    }
    buf_free(&box);
    return ok;
}

/* --- mail setup ---------------------------------------------------------------------------- */

/* The sentence `setup NAME WORDS`, of the device that one is on. */
static bool mail_sets_up(struct call *call, slice rest)
{
    struct buf line = BUF_MAX(512);
    bool known = false;
    size_t at = 0;
    rest = slice_trim(rest);
    if (!rest.len)
        return mail_alone(call);
    buf_format(&line, "setup %s %.*s", call->device->name, SLICE_ARG(slice_upto(rest, 256)));
    bool ok = sentence_run(call->world, buf_slice(&line), call, &known, &at, call->why);
    size_t begins = line.len - slice_upto(rest, 256).len;
    call->at = (size_t)(rest.at - call->args.at) + (at > begins ? at - begins : 0);
    buf_free(&line);
    if (ok) {
        said_say(call, mail_said(device_mail(call->device)));
        setting_say(call);
    }
    return ok;
}

/* --- which --------------------------------------------------------------------------------- */

const struct subcommand mail_words[] = {
    { "sync", "mail sync [until COMMAND]",
      "fetches what is new, and tells the server what was done here; with `until QUIT` the "
      "connection is lost when the program is about to say that",
      COMPLETES_NOTHING, mail_syncs },
    { "list", "mail list [FOLDER]", "shows what is on this device", COMPLETES_NOTHING, mail_lists },
    { "read", "mail read N", "shows one, and marks it as read", COMPLETES_MESSAGE, mail_reads },
    { "write", "mail write TO subject \"TEXT\" text \"TEXT\" [attach \"NAME\" \"TEXT\"]",
      "sends one, or keeps it in the Outbox until the network is back", COMPLETES_USER,
      mail_writes },
    { "delete", "mail delete N", "here at once; the next sync tells the server", COMPLETES_MESSAGE,
      mail_deletes },
    { "flag", "mail flag N", "marks it with a star; the next sync tells", COMPLETES_MESSAGE,
      mail_flags },
    { "unflag", "mail unflag N", "takes the star off", COMPLETES_MESSAGE, mail_unflags },
    { "unread", "mail unread N", "marks it as not read", COMPLETES_MESSAGE, mail_unreads },
    { "move", "mail move N FOLDER", "into another folder; the next sync tells", COMPLETES_MESSAGE,
      mail_moves },
    { "search", "mail search TEXT", "looks through what is on this device", COMPLETES_NOTHING,
      mail_searches },
    { "setup", "mail setup [WORDS]", "sets its account: imap idle, pop3 keep 7d (help device)",
      COMPLETES_NOTHING, mail_sets_up },
    { "save", "mail save N [PART] [to FILE]", "writes an attachment to a file", COMPLETES_MESSAGE,
      mail_saves },
    { "import", "mail import FILE [FOLDER]", "takes an .eml or an mbox", COMPLETES_FILE,
      mail_imports },
    { NULL, NULL, NULL, COMPLETES_NOTHING, NULL },
};

bool command_mail(struct call *call)
{
    if (!call->device)
        return call_fact(call, "This world has no device yet.");
    if (!call->args.len)
        return mail_alone(call);
    if (slice_starts_nocase(call->args, "from:"))
        return call_refuse(call, call->args, "MAIL FROM is for a mail server, and you are "
                           "connected to none: telnet mail smtp");
    return subcommand_run(call, mail_words, "a mail program has other words: sync, list, read, "
                          "write (`help mail`)");
}
