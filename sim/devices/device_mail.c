/* device_mail.c: a device's mail program: its account, and a sync as a row of steps. What a
   step says to a server is in device_pop3.c and its like; what a person is told of it all is
   gathered here. */
#include "sim/devices/device_private.h"

#include <stdarg.h>

#include "base/heap.h"
#include "base/words.h"
#include "servers/auth/digest.h"
#include "servers/services_table.h"
#include "sim/devices/device.h"
#include "sim/devices/programs.h"

/* "every 1h" or "idle", at the end of the words. */
static void habits_read(struct mail_account *account, slice words)
{
    while (words.len) {
        slice word = word_take(&words);
        if (slice_is(word, "idle"))
            account->idles = true;
        if (!slice_is(word, "every"))
            continue;
        words = slice_trim(words);
        duration_read(&words, &account->every_ms);
    }
}

struct mail_account mail_account_read(slice words)
{
    struct mail_account account = { .kind = MAIL_IS_IMAP };
    word_take_if(&words, "like");
    account.program = program_take(&words);
    if (account.program) {
        const struct program *program = account.program;
        account = program->account;
        account.program = program;
    }
    words = slice_trim(words);
    if (account.kind == MAIL_IS_POP3 && duration_read(&words, &account.keep_ms)) /* pop3 keep 7d */
        account.removes = true;
    habits_read(&account, words);
    return account;
}

bool mail_words_are_imap(slice words) { return mail_account_read(words).kind == MAIL_IS_IMAP; }

bool mail_words_follow(slice words)
{
    struct mail_account account = mail_account_read(words);
    const struct imap_habit *habit = account.program ? account.program->imap : NULL;
    return account.kind == MAIL_IS_IMAP && !(habit && habit->takes);
}

struct mail_program *device_mail(struct device *device)
{
    if (device->mail)
        return device->mail;
    struct mail_program *mail = heap_take(sizeof *mail);
    mail->device = device;
    mail->account = mail_account_read(slice_of(device->program));
    mail->said = BUF_MAX(DEVICE_SAID_MAX);
    mail->read = BUF_MAX(MESSAGE_BYTES_MAX);
    device->mail = mail;
    return mail;
}

void mail_program_free(struct mail_program *mail)
{
    if (!mail)
        return;
    line_drop(mail->line);
    watch_free(mail->watch);
    pop3_sync_free(mail->pop3);
    sending_free(mail->sending);
    imap_sync_free(mail->imap);
    buf_free(&mail->read);
    buf_free(&mail->said);
    heap_give(mail);
}

const struct mail_account *mail_account(const struct mail_program *mail) { return &mail->account; }
bool mail_is_syncing(const struct mail_program *mail) { return mail->syncing; }
slice mail_said(const struct mail_program *mail) { return buf_slice(&mail->said); }
bool mail_went_well(const struct mail_program *mail) { return mail->went_well; }

/* --- for the steps ------------------------------------------------------------------------- */

slice mail_device_name(const struct mail_program *mail) { return slice_of(mail->device->name); }

int64_t mail_now_ms(const struct mail_program *mail)
{
    return (int64_t)world_now_ms(mail->device->world);
}

const char *mail_nonce(const struct mail_program *mail, struct buf *nonce)
{
    struct buf text = BUF_MAX(128);
    buf_format(&text, "%s %llu", mail->device->name,
               (unsigned long long)clock_ns(mail->device->world->clock));
    buf_clear(nonce);
    md5_hex(nonce, buf_slice(&text));
    buf_free(&text);
    return buf_text(nonce);
}

void mail_say(struct mail_program *mail, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (mail->said.len)
        buf_add_char(&mail->said, '\n');
    buf_format_list(&mail->said, format, args);
    va_end(args);
}

bool mail_turn_end(struct device *device)
{
    struct world *world = device->world;
    store_command_end(world->store, true);
    if (world->holds_commits ? !store_failed(world->store) : store_commit(world->store))
        return true;
    world->failed = true;
    return false;
}

void mail_say_line(struct mail_program *mail, enum line_end how, enum service_number service)
{
    const char *kind = service_table[service].title, *server = line_server(mail->line);
    mail->went_well = false;
    mail->no_network = how == LINE_NO_ANSWER;
    if (how == LINE_NO_ANSWER)
        mail_say(mail, "No network: the name service does not answer. What is here can be read.");
    else if (how == LINE_NO_NAME)
        mail_say(mail, "No %s server was found by name for %s.", kind, mail->device->domain);
    else if (how == LINE_REFUSED)
        mail_say(mail, "%s refuses the connection: it serves no %s now.", server, kind);
    else if (how == LINE_NO_REPLY)
        mail_say(mail, "%s does not answer (%s): given up after waiting.", server, kind);
}

void messages_add(struct mail_program *mail, struct buf *names, slice identity)
{
    uint64_t number = 0;
    if (!store_message_number(mail->device->world->store, identity, &number))
        return;
    buf_add_text(names, names->len ? ", " : "");
    message_name_write(names, number);
}

void device_note(struct device *device, enum device_fact fact, slice identity)
{
    struct world *world = device->world;
    uint64_t number = 0;
    if (store_message_number(world->store, identity, &number))
        trace_add(world->trace, clock_ns(world->clock),
                  &(struct trace_record){ .kind = TRACE_DEVICE, .host = device->host,
                                          .fact = (uint8_t)fact, .bytes = number,
                                          .name = slice_of(device_fact_name(fact)) });
}

void mail_note(struct mail_program *mail, enum device_fact fact, slice identity)
{
    device_note(mail->device, fact, identity);
}

static void sync_begin(struct mail_program *, bool only_sends, int64_t reading, bool again);

/* --- a sync -------------------------------------------------------------------------------- */

static void sync_end(struct mail_program *mail)
{
    struct store *store = mail->device->world->store;
    bool again = mail->again;
    mail->syncing = mail->again = false;
    if (!mail->reading) {
        store_device_synced_set(store, mail_device_name(mail), mail_now_ms(mail),
                                buf_slice(&mail->said));
        mail_turn_end(mail->device);
    }
    if (again)
        sync_begin(mail, false, 0, true);
}

void mail_sync_step(struct mail_program *mail)
{
    mail->line = NULL;
    mail->step++;
    bool goes_on = !mail->no_network;
    bool imap = mail->account.kind == MAIL_IS_IMAP;
    if (mail->step == 1 && mail->reading)
        imap_sync_begin(mail, mail->reading);
    else if (mail->step == 1)
        outbox_begin(mail);
    else if (mail->step == 2 && goes_on && imap && !mail->reading)
        imap_sync_begin(mail, 0); /* after sending too: Sent is there */
    else if (mail->step == 2 && goes_on && !imap && !mail->only_sends)
        pop3_sync_begin(mail);
    else
        sync_end(mail);
}

/* `again`: what the one before did is told too. */
static void sync_begin(struct mail_program *mail, bool only_sends, int64_t reading, bool again)
{
    must(!mail->syncing);
    if (!again) {
        buf_clear(&mail->said);
        mail->said_server = false;
    }
    mail->syncing = mail->went_well = true;
    mail->only_sends = only_sends;
    mail->reading = reading;
    mail->has_read = false;
    mail->no_network = false;
    mail->step = 0;
    mail_sync_step(mail);
}

void mail_sync_until(struct mail_program *mail, slice words)
{
    FIELD_SET(mail->until, words);
    sync_begin(mail, false, 0, false);
}
void mail_sync(struct mail_program *mail) { mail_sync_until(mail, SLICE_EMPTY); }
bool mail_was_cut(const struct mail_program *mail) { return !mail->until[0]; }
void mail_send(struct mail_program *mail) { sync_begin(mail, true, 0, false); }
void mail_fetch(struct mail_program *mail, int64_t message)
{
    mail->until[0] = '\0';
    sync_begin(mail, false, message, false);
}
bool mail_fetched(const struct mail_program *mail, slice *text)
{
    *text = buf_slice(&mail->read);
    return mail->has_read;
}
