/* device_send.c: sending what is in the Outbox, by submission (RFC 6409): log in, hand over,
   one message a conversation. What a server has taken goes to Sent; what it refuses for good
   comes back as a draft; what could not be handed over stays for the next time. */
#include "sim/devices/device_private.h"

#include <string.h>

#include "base/heap.h"
#include "base/words.h"
#include "servers/mail/address.h"
#include "servers/services_table.h"
#include "servers/smtp/smtp_client.h"
#include "sim/devices/device.h"
#include "sim/devices/programs.h"

#define RECIPIENTS_HERE 10

struct sending {
    struct mail_program *mail;
    struct device_folder outbox;
    struct device_message message;    /* the one under way; by id they go */
    struct buf text, hello, nonce;
    slice recipients[RECIPIENTS_HERE];
    bool utf8;                      /* one of them is no ASCII */
    size_t recipient_count;
    struct smtp_job job;
    struct smtp_client *client;
};

static struct store *sending_store(const struct sending *sending)
{
    return sending->mail->device->world->store;
}

static bool message_piece(void *context, uint64_t offset, uint64_t len, struct buf *out)
{
    struct sending *sending = context;
    slice text = buf_slice(&sending->text);
    slice piece = offset < text.len ? slice_from(text, (size_t)offset) : SLICE_EMPTY;
    return buf_add(out, slice_upto(piece, len < piece.len ? (size_t)len : piece.len));
}

void sending_free(struct sending *sending)
{
    if (!sending)
        return;
    smtp_client_free(sending->client);
    buf_free(&sending->text);
    buf_free(&sending->hello);
    buf_free(&sending->nonce);
    heap_give(sending);
}

/* --- what came of it ----------------------------------------------------------------------- */

struct outcome_counts {
    size_t accepted, refused, later;
};

static void refusal_say(struct sending *sending, size_t recipient, slice reply, bool for_good)
{
    struct buf text = BUF_MAX(512);
    buf_add(&text, slice_upto(reply, 200));
    mail_say(sending->mail, "%.*s: %s: %s", SLICE_ARG(sending->recipients[recipient]),
             for_good ? "refused" : "not now", buf_text(&text));
    buf_free(&text);
}

static struct outcome_counts outcomes(struct sending *sending)
{
    struct outcome_counts counts = { 0, 0, 0 };
    slice first;
    smtp_client_verdict(sending->client, 0, &first);
    if (!smtp_client_logged_in(sending->client)) {
        counts.later = sending->recipient_count;
        mail_say(sending->mail, "%s gave no way to log in, or refused it: %.*s",
                 line_server(sending->mail->line), SLICE_ARG(slice_upto(first, 200)));
        return counts;
    }
    for (size_t i = 0; i < sending->recipient_count; i++) {
        slice reply;
        enum smtp_verdict verdict = smtp_client_verdict(sending->client, i, &reply);
        if (verdict == SMTP_ACCEPTED) {
            counts.accepted++;
            continue;
        }
        bool for_good = verdict == SMTP_REFUSED;
        counts.refused += for_good;
        counts.later += !for_good;
        refusal_say(sending, i, reply, for_good);
    }
    return counts;
}

/* Who is still to get it. */
static void recipients_left(struct sending *sending)
{
    struct buf left = BUF_MAX(DEVICE_RECIPIENTS_BYTES);
    for (size_t i = 0; i < sending->recipient_count; i++) {
        slice reply;
        enum smtp_verdict verdict = smtp_client_verdict(sending->client, i, &reply);
        if (verdict != SMTP_LATER)
            continue;
        buf_add_text(&left, left.len ? " " : "");
        buf_add(&left, sending->recipients[i]);
    }
    FIELD_SET(sending->message.recipients, buf_slice(&left));
    buf_free(&left);
}

static void message_move(struct sending *sending, const char *name)
{
    struct device_folder folder;
    if (!store_device_folder(sending_store(sending), mail_device_name(sending->mail),
                             slice_of(name), true, &folder))
        return;
    sending->message.folder = folder.id;
    store_device_message_set(sending_store(sending), &sending->message);
}

static void message_settle(struct sending *sending)
{
    struct mail_program *mail = sending->mail;
    struct outcome_counts counts = outcomes(sending);
    struct buf name = BUF_MAX(32);
    messages_add(mail, &name, slice_of(sending->message.identity));
    if (counts.accepted)
        mail_note(mail, DID_SEND, slice_of(sending->message.identity));
    if (counts.accepted)
        mail_say(mail, "Sent: %s, taken by %s.", buf_text(&name), line_server(mail->line));
    if (counts.later && counts.accepted) { /* the rest of them next time */
        recipients_left(sending);
        store_device_message_set(sending_store(sending), &sending->message);
    } else if (counts.later) {
        mail_say(mail, "%s stays in the Outbox; the next sync tries again.", buf_text(&name));
    } else if (counts.accepted) {
        message_move(sending, "Sent");
    } else {
        mail_say(mail, "%s is a draft again.", buf_text(&name));
        message_move(sending, "Drafts");
    }
    mail->went_well = mail->went_well && !counts.later && !counts.refused;
    buf_free(&name);
}

static void outbox_next(struct sending *);

static void sending_ended(void *context, enum line_end how)
{
    struct sending *sending = context;
    struct mail_program *mail = sending->mail;
    bool done = mail->no_network;
    if (how == LINE_TALKED) {
        message_settle(sending);
    } else {
        mail_say_line(mail, how, SERVICE_SUBMISSION);
        mail_say(mail, "What is to be sent waits in the Outbox.");
        done = true;
    }
    mail_turn_end(mail->device);
    if (done) {
        mail->sending = NULL;
        sending_free(sending);
        mail_sync_step(mail);
        return;
    }
    outbox_next(sending);
}

/* --- handing over -------------------------------------------------------------------------- */

static void end_input(void *client, slice octets) { smtp_client_input(client, octets); }
static slice end_output(void *client) { return smtp_client_output(client); }
static void end_sent(void *client, size_t octets) { smtp_client_sent(client, octets); }
static bool end_is_over(const void *client) { return smtp_client_is_over(client); }
static void end_lost(void *client)
{
    if (!smtp_client_is_over(client))
        smtp_client_lost(client, SLICE("4.4.2 the connection was lost"));
}

static void recipients_read(struct sending *sending)
{
    slice rest = slice_of(sending->message.recipients);
    sending->recipient_count = 0;
    sending->utf8 = false;
    for (slice word = address_take(&rest); word.len && sending->recipient_count < RECIPIENTS_HERE;
         word = address_take(&rest)) {
        sending->recipients[sending->recipient_count++] = word;
        sending->utf8 = sending->utf8 || is_utf8_address(word);
    }
}

/* What the device calls itself in EHLO: its full name, or as the program has it. */
static void hello_write(struct sending *sending, const struct smtp_habit *habit)
{
    const struct device *device = sending->mail->device;
    const struct net *net = device->world->net;
    const char *hello = habit ? habit->hello : "";
    buf_clear(&sending->hello);
    if (strcmp(hello, "HOST") == 0)
        buf_add_text(&sending->hello, device->name);
    else if (strcmp(hello, "ADDRESS") == 0)
        buf_format(&sending->hello, "[%s]", net_host_address(net, device->host));
    else if (strcmp(hello, "DOMAIN") == 0)
        buf_add_text(&sending->hello, device->domain);
    else
        buf_add_text(&sending->hello, habit ? hello : net_host_name(net, device->host));
}

static void hand_over(struct sending *sending)
{
    static const struct client_end end = { end_input, end_output, end_sent, end_lost, end_is_over,
                                           NULL };
    struct device *device = sending->mail->device;
    buf_clear(&sending->text);
    store_device_message_read(sending_store(sending), sending->message.id, &sending->text);
    recipients_read(sending);
    const struct program *program = sending->mail->account.program;
    const struct smtp_habit *habit = program ? program->smtp : NULL;
    hello_write(sending, habit);
    sending->job = (struct smtp_job){
        .habit = habit,
        .nonce = slice_of(mail_nonce(sending->mail, &sending->nonce)),
        .hello = buf_slice(&sending->hello),
        .sender = slice_of(device->address),
        .recipients = sending->recipients,
        .recipient_count = sending->recipient_count,
        .utf8 = sending->utf8,
        .size = sending->text.len,
        .read = message_piece,
        .context = sending,
        .name = slice_of(device->person),
        .password = slice_of(device->password),
    };
    smtp_client_free(sending->client);
    sending->client = smtp_client_new(&sending->job);
    sending->mail->line =
        line_dial(device, SERVICE_SUBMISSION, &end, sending->client, sending_ended, sending);
}

static bool message_is_next(void *context, const struct device_message *message)
{
    struct sending *sending = context;
    if (message->gone || message->id <= sending->message.id || !message->recipients[0])
        return true;
    sending->message = *message;
    return false;
}

static void outbox_next(struct sending *sending)
{
    int64_t before = sending->message.id;
    store_device_messages(sending_store(sending), sending->outbox.id, message_is_next, sending);
    if (sending->message.id > before) {
        hand_over(sending);
        return;
    }
    struct mail_program *mail = sending->mail;
    mail->sending = NULL;
    sending_free(sending);
    mail_sync_step(mail);
}

void outbox_begin(struct mail_program *mail)
{
    struct sending *sending = heap_take(sizeof *sending);
    sending->mail = mail;
    sending->text = BUF_MAX(MESSAGE_BYTES_MAX);
    sending->hello = BUF_MAX(DOMAIN_MAX + 2);
    sending->nonce = BUF_MAX(64);
    mail->sending = sending;
    store_device_folder(sending_store(sending), mail_device_name(mail), SLICE("Outbox"), false,
                        &sending->outbox);
    outbox_next(sending);
}
