/* device_pop3.c: fetching mail by POP3, as the account's setting says: what is new comes here,
   what is known stays where it is, and what is due is deleted there. RETR deletes nothing; to
   delete what was fetched is a habit of this program, not of the protocol. */
#include "sim/devices/device_private.h"

#include "base/heap.h"
#include "base/words.h"
#include "servers/mail/header.h"
#include "servers/mail/identity.h"
#include "servers/pop3/pop3_client.h"
#include "servers/services_table.h"
#include "sim/devices/device.h"
#include "sim/devices/programs.h"

#define NAMES_SAID_MAX 400

struct pop3_sync {
    struct mail_program *mail;
    struct pop3_job job;
    struct pop3_client *client;
    struct device_folder inbox;
    struct buf message; /* the one that is coming */
    struct buf names;   /* of those that came */
    struct buf nonce;   /* SCRAM's */
    bool cannot_keep;   /* no unique-ids, and messages are to stay there */
};

static struct store *sync_store(const struct pop3_sync *sync)
{
    return sync->mail->device->world->store;
}

/* --- what the client asks ------------------------------------------------------------------ */

/* One that was fetched before. */
static struct pop3_wish wish_known(const struct pop3_sync *sync, const struct device_uidl *known)
{
    const struct mail_account *account = &sync->mail->account;
    uint64_t age_ms = (uint64_t)(mail_now_ms(sync->mail) - known->fetched_ms);
    bool at_once = account->keep_ms == 0;
    bool due = account->removes && age_ms >= account->keep_ms &&
               (!at_once || account->memory == MEMORY_DELETES);
    return (struct pop3_wish){ false, due || (known->gone && account->carries_back) };
}

static struct pop3_wish wish(void *context, slice uidl)
{
    struct pop3_sync *sync = context;
    const struct mail_account *account = &sync->mail->account;
    struct device_uidl known;
    bool at_once = account->removes && account->keep_ms == 0;
    if (uidl.len == 0 && !at_once && account->memory != MEMORY_NONE) {
        sync->cannot_keep = true;
        return (struct pop3_wish){ false, false };
    }
    if (uidl.len == 0 ||
        !store_device_uidl(sync_store(sync), mail_device_name(sync->mail), uidl, &known))
        return (struct pop3_wish){ true, at_once };
    known.listed = true;
    store_device_uidl_set(sync_store(sync), mail_device_name(sync->mail), &known);
    if (account->memory == MEMORY_NONE)
        return (struct pop3_wish){ true, at_once };
    return wish_known(sync, &known);
}

static bool piece(void *context, slice octets)
{
    struct pop3_sync *sync = context;
    return buf_add(&sync->message, octets);
}

/* Kept for good before the next command is said: DELE may be that. */
static bool fetched(void *context, slice uidl)
{
    struct pop3_sync *sync = context;
    struct arena arena = { 0 };
    slice text = buf_slice(&sync->message);
    slice identity = message_identity(&arena, slice_upto(text, header_end(text)));
    int64_t now_ms = mail_now_ms(sync->mail);
    struct device_message message = { .folder = sync->inbox.id,
                                      .date_ms = now_ms,
                                      .fetched_ms = now_ms,
                                      .size = text.len,
                                      .whole = true };
    struct device_uidl known = { .fetched_ms = now_ms, .listed = true };
    FIELD_SET(message.uidl, uidl);
    FIELD_SET(message.identity, identity);
    FIELD_SET(known.uidl, uidl);
    bool kept = store_device_message_add(sync_store(sync), &message, text) &&
                (uidl.len == 0 ||
                 store_device_uidl_set(sync_store(sync), mail_device_name(sync->mail), &known)) &&
                mail_turn_end(sync->mail->device);
    messages_add(sync->mail, &sync->names, identity);
    mail_note(sync->mail, DID_FETCH, identity);
    arena_free(&arena);
    buf_free(&sync->message);
    return kept;
}

/* --- what came of it ----------------------------------------------------------------------- */

static void say_counts(struct pop3_sync *sync, const char *server)
{
    struct mail_program *mail = sync->mail;
    const struct pop3_counts *counts = pop3_client_counts(sync->client);
    if (counts->listed == 0 && pop3_client_ending(sync->client) != POP3_DONE)
        return;
    mail_say(mail, "POP3 at %s: %zu message%s there.", server, counts->listed,
             counts->listed == 1 ? "" : "s");
    if (counts->fetched)
        mail_say(mail, "New here: %s.",
                 sync->names.full ? "more than fit this line" : buf_text(&sync->names));
    if (sync->cannot_keep)
        mail_say(mail, "The server gives no unique-ids (UIDL): what is new can't be told, "
                       "so nothing was fetched.");
    if (counts->not_given)
        mail_say(mail, "%zu it would not give (RETR): tried again next time.", counts->not_given);
    if (counts->not_marked)
        mail_say(mail, "%zu it would not delete (DELE): they stay there.", counts->not_marked);
}

static void say_deleted(struct pop3_sync *sync)
{
    static const char *const next_time[] = {
        [MEMORY_DELETES] = "asked again next time",
        [MEMORY_SKIPS] = "what is still there stays there, since this program has it",
        [MEMORY_NONE] = "what is still there is fetched again",
    };
    const struct pop3_counts *counts = pop3_client_counts(sync->client);
    enum pop3_ending ending = pop3_client_ending(sync->client);
    if (!counts->marked)
        return;
    if (ending == POP3_DONE)
        mail_say(sync->mail, "Deleted there: %zu (DELE, and QUIT was answered).", counts->marked);
    else if (ending == POP3_LOST || ending == POP3_RUBBISH)
        mail_say(sync->mail,
                 "%zu had been marked there (DELE); without an answer to QUIT nobody "
                 "knows: %s.",
                 counts->marked, next_time[sync->mail->account.memory]);
}

static void say_ending(struct pop3_sync *sync, const char *server)
{
    static const char *const endings[] = {
        [POP3_UNSURE] = "The server could not delete all that was marked:",
        [POP3_BUSY] = "The mailbox is in use by another POP3 session; try again later:",
        [POP3_NO_LOGIN] = "The server refused the name or the password:",
        [POP3_NO_WAY] = "The server offers no login that this program takes:",
        [POP3_REFUSED] = "The server refused:",
        [POP3_RUBBISH] = "What came from the server was no POP3. Its last good answer:",
        [POP3_STOPPED] = "A message could not be kept here; it stays on the server:",
        [POP3_LOST] = "The connection was lost. What had come whole is kept. Last heard:",
    };
    enum pop3_ending ending = pop3_client_ending(sync->client);
    struct buf reply = BUF_MAX(200);
    if (ending == POP3_DONE)
        return;
    sync->mail->went_well = false;
    buf_add(&reply, slice_upto(pop3_client_reply(sync->client), 120));
    mail_say(sync->mail, "%s (%s) %s", endings[ending], server, buf_text(&reply));
    buf_free(&reply);
}

static void ended(void *context, enum line_end how)
{
    struct pop3_sync *sync = context;
    struct mail_program *mail = sync->mail;
    const char *server = line_server(mail->line);
    enum pop3_ending ending = pop3_client_ending(sync->client);
    /* Only a whole list tells what is no longer there. */
    if (ending == POP3_DONE || ending == POP3_UNSURE)
        store_device_uidls_end(sync_store(sync), mail_device_name(mail));
    bool talked = pop3_client_reply(sync->client).len > 0 || how == LINE_TALKED;
    if (how != LINE_TALKED)
        mail_say_line(mail, how, SERVICE_POP3);
    if (talked && (how == LINE_TALKED || pop3_client_counts(sync->client)->fetched))
        say_counts(sync, server);
    if (how == LINE_TALKED)
        say_ending(sync, server);
    say_deleted(sync);
    mail->pop3 = NULL;
    pop3_sync_free(sync);
    mail_sync_step(mail);
}

/* --- the client's end, for a line ---------------------------------------------------------- */

static void end_input(void *client, slice octets) { pop3_client_input(client, octets); }
static slice end_output(void *client) { return pop3_client_output(client); }
static void end_sent(void *client, size_t octets) { pop3_client_sent(client, octets); }
static void end_lost(void *client) { pop3_client_lost(client); }
static bool end_is_over(const void *client) { return pop3_client_is_over(client); }

void pop3_sync_free(struct pop3_sync *sync)
{
    if (!sync)
        return;
    pop3_client_free(sync->client);
    buf_free(&sync->message);
    buf_free(&sync->names);
    buf_free(&sync->nonce);
    heap_give(sync);
}

void pop3_sync_begin(struct mail_program *mail)
{
    static const struct client_end end = { end_input, end_output,  end_sent,
                                           end_lost,  end_is_over, NULL };
    struct pop3_sync *sync = heap_take(sizeof *sync);
    sync->mail = mail;
    sync->message = BUF_MAX(MESSAGE_BYTES_MAX);
    sync->names = BUF_MAX(NAMES_SAID_MAX);
    sync->nonce = BUF_MAX(64);
    sync->job = (struct pop3_job){
        .habit = mail->account.program ? mail->account.program->pop3 : NULL,
        .name = slice_of(mail->device->person),
        .password = slice_of(mail->device->password),
        .nonce = slice_of(mail_nonce(mail, &sync->nonce)),
        .context = sync,
        .wish = wish,
        .piece = piece,
        .fetched = fetched,
    };
    sync->client = pop3_client_new(&sync->job);
    slice device = mail_device_name(mail);
    store_device_folder(sync_store(sync), device, SLICE("INBOX"), true, &sync->inbox);
    store_device_uidls_begin(sync_store(sync), device);
    mail->pop3 = sync;
    mail->line = line_dial(mail->device, SERVICE_POP3, &end, sync->client, ended, sync);
    line_until(mail->line, mail->until);
}
