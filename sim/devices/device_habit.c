/* device_habit.c: what a mail program does by itself: it synchronises every so often, or stays in
   IDLE (device_watch.c); and what becomes of what it holds when its account is set up anew. */
#include "sim/devices/device_private.h"

#include "base/words.h"
#include "sim/devices/device.h"

/* --- habits -------------------------------------------------------------------------------- */

void mail_sync_wish(struct mail_program *mail)
{
    if (mail->syncing)
        mail->again = true;
    else
        mail_sync(mail);
}

static void on_time(void *context, uint64_t argument);

static void next_time(struct mail_program *mail)
{
    struct clock *clock = mail->device->world->clock;
    mail->ticket = clock_at(clock, mail->device->host,
                            clock_ns(clock) + mail->account.every_ms * NS_PER_MS, TIMER, on_time,
                            mail, 0);
}

/* One that still runs is enough. */
static void on_time(void *context, uint64_t argument)
{
    struct mail_program *mail = context;
    (void)argument;
    if (!mail->syncing)
        mail_sync(mail);
    next_time(mail);
}

void mail_habits_begin(struct mail_program *mail)
{
    clock_cancel(mail->device->world->clock, mail->ticket);
    mail->ticket = 0;
    watch_end(mail);
    if (mail->account.every_ms)
        next_time(mail);
    if (mail->account.idles)
        watch_begin(mail);
}

void mail_online(struct mail_program *mail)
{
    if (!mail->account.idles)
        return;
    watch_end(mail);
    watch_begin(mail);
}

/* --- another account ----------------------------------------------------------------------- */

struct moving {
    struct mail_program *mail;
    int64_t folder;                  /* "Kept here"; 0: it was IMAP's, and goes */
    uint64_t moved, dropped;
};

static struct store *own_store(const struct moving *moving)
{
    return moving->mail->device->world->store;
}

/* POP3's messages may be nowhere else: they stay, in a folder of their own. */
static bool message_keep(void *context, const struct device_message *message)
{
    struct moving *moving = context;
    struct device_message kept = *message;
    kept.folder = moving->folder;
    kept.uidl[0] = '\0';
    store_device_message_set(own_store(moving), &kept);
    moving->moved++;
    return true;
}

/* IMAP's are copies of what the server has, but for what was not told it yet. */
static bool message_drop(void *context, const struct device_message *message)
{
    struct moving *moving = context;
    if (!message->uid)
        return true;
    device_note(moving->mail->device, DID_DROP, slice_of(message->identity));
    store_device_message_remove(own_store(moving), message->id);
    moving->dropped++;
    return true;
}

static bool folder_leave(void *context, const struct device_folder *folder)
{
    struct moving *moving = context;
    struct device_folder left = *folder;
    if (folder->remote)
        store_device_messages(own_store(moving), folder->id, message_drop, moving);
    left.remote = false;
    left.uidvalidity = 0;
    return store_device_folder_set(own_store(moving), &left);
}

static void account_leave(struct mail_program *mail)
{
    struct moving moving = { .mail = mail };
    struct store *store = own_store(&moving);
    struct device_folder inbox, kept;
    slice name = mail_device_name(mail);
    if (mail->account.kind == MAIL_IS_IMAP) {
        store_device_folders(store, name, folder_leave, &moving);
    } else if (store_device_folder(store, name, SLICE("INBOX"), false, &inbox) &&
               store_device_folder(store, name, SLICE("Kept here"), true, &kept)) {
        moving.folder = kept.id;
        store_device_messages(store, inbox.id, message_keep, &moving);
        store_device_uidls_begin(store, name);
        store_device_uidls_end(store, name);
    }
    if (moving.moved)
        mail_say(mail,
                 "What POP3 had fetched is in the folder \"Kept here\": %llu messages, on this "
                 "device alone.",
                 (unsigned long long)moving.moved);
    if (moving.dropped)
        mail_say(mail,
                 "What was here of the IMAP account was a copy, and is dropped: %llu messages; "
                 "the server has them.",
                 (unsigned long long)moving.dropped);
}

void mail_setup(struct mail_program *mail, slice program, bool lives)
{
    struct mail_account account = mail_account_read(program);
    must(!mail->syncing);
    buf_clear(&mail->said);
    if (lives && account.kind != mail->account.kind)
        account_leave(mail);
    FIELD_SET(mail->device->program, program);
    mail->account = account;
    if (lives) {
        mail_turn_end(mail->device);
        mail_habits_begin(mail);
    }
}
