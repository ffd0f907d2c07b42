/* smtp_bounce.c: see smtp_bounce.h. */
#include "servers/smtp/smtp_bounce.h"

#include "servers/mail/address.h"
#include "servers/mail/date.h"
#include "servers/mail/encoding.h"
#include "servers/mail/header.h"
#include "servers/smtp/smtp.h"
#include "servers/smtp/smtp_deliver.h"
#include "servers/smtp/smtp_owner.h"
#include "servers/smtp/smtp_parameters.h"

#define BOUNCE_BYTES_MAX (HEADER_FIELD_MAX * 8)
#define HEADERS_KEPT 16384     /* of the message that comes back */

/* What each kind of report says: to people, to programs. */
static const struct kind {
    uint8_t notify;            /* sent if she asked for this, */
    bool unasked;              /* or if she asked for nothing */
    const char *subject, *action, *status;
    const char *words;         /* for people, before the addresses */
} kinds[] = {
    [REPORT_FAILED] = { NOTIFY_FAILURE, true, "Undelivered: your message comes back", "failed",
        "5.0.0", "Your message could not be delivered to the following address. This server\r\n"
        "has stopped trying.\r\n" },
    [REPORT_DELAYED] = { NOTIFY_DELAY, true, "Delayed: your message has not been delivered yet",
        "delayed", "4.0.0",
        "Your message has been waiting here for some hours. There is nothing to do:\r\n"
        "this server keeps trying, and tells you if it gives up.\r\n" },
    [REPORT_DELIVERED] = { NOTIFY_SUCCESS, false, "Delivered: your message is in the mailbox",
        "delivered", "2.0.0",
        "Your message is in the mailbox of the following address. You asked to be told.\r\n" },
    [REPORT_RELAYED] = { NOTIFY_SUCCESS, false, "Relayed: your message has been handed on",
        "relayed", "2.0.0", "Your message was taken by a server that tells no more of it. You asked"
        "\r\nto be told.\r\n" },
};

struct writing {
    struct services *services;
    struct buf *out;
    const struct queued *entries[RECIPIENTS_MAX];  /* of those she wants to know of */
    size_t count;
    enum report report;
    slice to;                  /* "": postmaster here */
    bool utf8;                 /* an address in it is: RFC 6533 */
    char boundary[SMTP_ID_BYTES];
};

bool smtp_report_wanted(const struct queued *queued, enum report report)
{
    uint8_t notify = queued->dsn.notify;
    return notify ? (notify & kinds[report].notify) != 0 : kinds[report].unasked;
}

/* What a server said begins with three digits; what we say ourselves, with an RFC 3463 code. */
static bool is_of_server(slice reply)
{
    return reply.len >= 3 && is_digit((unsigned char)reply.at[0]) &&
           is_digit((unsigned char)reply.at[1]);
}

/* "5.1.1" out of "550 5.1.1 nobody" or "5.1.1 nobody", or a general one. */
static void status_code(struct buf *out, slice reply, const char *general)
{
    slice rest = is_of_server(reply) ? slice_from(reply, 4) : reply;
    slice word = take_word(&rest), code = word;
    uint64_t number = 0;
    bool enhanced = word.len >= 5 && (word.at[0] == '2' || word.at[0] == '4' || word.at[0] == '5');
    enhanced = enhanced && take_number(&code, 9, &number) && take_char(&code, '.') &&
               take_number(&code, 999, &number) && take_char(&code, '.') &&
               take_number(&code, 999, &number) && code.len == 0;
    if (enhanced)
        buf_add(out, word);
    else
        buf_add_text(out, general);
}

/* One line of a foreign server's words: nothing in it may end the line or the part. UTF-8 stays
   where the report may hold it. */
static void clean_line(const struct writing *writing, slice text)
{
    bool utf8 = writing->utf8 && utf8_valid(text);
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        buf_add_char(writing->out, is_control(c) || (c > 126 && !utf8) ? '?' : text.at[i]);
    }
}

static const char *bits_of(bool ascii)
{
    return ascii ? "" : "Content-Transfer-Encoding: 8bit\r\n";
}

static void header_of_report(struct writing *writing, bool ascii)
{
    char id[SMTP_ID_BYTES];
    struct services *services = writing->services;
    const char *name = services->policy->name;
    struct buf *out = writing->out;
    buf_add_text(out, "Return-Path: <>\r\nDate: ");
    date_write_5322(out, (int64_t)services->now_ms, 0);
    buf_format(out, "\r\nFrom: Mail Delivery System <postmaster@%s>\r\nTo: <", name);
    if (writing->to.len)
        buf_add(out, writing->to);
    else
        buf_format(out, "postmaster@%s", name);
    buf_format(out, ">\r\nSubject: %s\r\n", kinds[writing->report].subject);
    buf_format(out, "Message-ID: <%s@%s>\r\n", smtp_id_text(services->new_id(services), id), name);
    buf_add_text(out, "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n");
    buf_format(out,
               "%sContent-Type: multipart/report; "
               "report-type=delivery-status;\r\n\tboundary=\"%s\"\r\n\r\n",
               bits_of(ascii), writing->boundary);
}

static void words_for_people(struct writing *writing)
{
    struct buf *out = writing->out;
    buf_format(out, "This is the mail server %s.\r\n\r\n%s", writing->services->policy->name,
               kinds[writing->report].words);
    for (size_t i = 0; i < writing->count; i++) {
        const struct queued *queued = writing->entries[i];
        buf_format(out, "\r\n<%s>\r\n    ", queued->recipient);
        if (queued->remote[0])
            buf_format(out, "%s said: ", queued->remote);
        clean_line(writing, slice_of(queued->last_reply));
        buf_add_text(out, "\r\n");
    }
    if (writing->to.len == 0)
        buf_format(out, "\r\nIts sender, <%s>, cannot be told; so this goes to postmaster.\r\n",
                   writing->entries[0]->sender);
}

/* ENVID is xtext; an ORCPT whose type is utf-8 has the forms of RFC 6533 3. */
static void decoded_add(const struct writing *writing, slice text, bool unicode)
{
    struct buf plain = BUF_MAX(ORCPT_MAX);
    if (unicode)
        smtp_unitext_decode(&plain, text, writing->utf8);
    else
        smtp_xtext_decode(&plain, text);
    clean_line(writing, buf_slice(&plain));
    buf_free(&plain);
}

static void original_recipient(struct writing *writing, const struct queued *queued)
{
    slice address = slice_of(queued->dsn.orcpt);
    slice type = take_until(&address, ';');
    if (!queued->dsn.orcpt[0])
        return;
    buf_format(writing->out, "Original-Recipient: %.*s;", SLICE_ARG(type));
    decoded_add(writing, address, slice_is_nocase(type, "utf-8"));
    buf_add_text(writing->out, "\r\n");
}

/* RFC 3464 2.3. Remote-MTA is there when another server has spoken (RFC 3461 6.3). */
static void fields_of_recipient(struct writing *writing, const struct queued *queued)
{
    struct buf *out = writing->out;
    slice reply = slice_of(queued->last_reply);
    const struct kind *kind = &kinds[writing->report];
    original_recipient(writing, queued);
    buf_format(out, "Final-Recipient: %s; %s\r\nAction: %s\r\nStatus: ",
               is_utf8_address(slice_of(queued->recipient)) ? "utf-8" : "rfc822",
               queued->recipient, kind->action);
    status_code(out, reply, kind->status);
    if (queued->remote[0])
        buf_format(out, "\r\nRemote-MTA: dns; %s", queued->remote);
    if (reply.len) {
        buf_format(out, "\r\nDiagnostic-Code: %s; ", is_of_server(reply) ? "smtp" : "X-Pennypost");
        clean_line(writing, reply);
    }
    buf_add_text(out, "\r\nLast-Attempt-Date: ");
    date_write_5322(out, (int64_t)writing->services->now_ms, 0);
    if (writing->report == REPORT_DELAYED) {
        buf_add_text(out, "\r\nWill-Retry-Until: ");
        date_write_5322(out, queued->since_ms + (int64_t)QUEUE_BOUNCE_MS, 0);
    }
    buf_add_text(out, "\r\n");
}

/* RFC 3464 2: fields about the message, then, behind an empty line each, about the recipients. */
static void words_for_programs(struct writing *writing)
{
    struct buf *out = writing->out;
    const struct queued *first = writing->entries[0];
    if (first->dsn.envid[0]) {
        buf_add_text(out, "Original-Envelope-Id: ");
        decoded_add(writing, slice_of(first->dsn.envid), false);
        buf_add_text(out, "\r\n");
    }
    buf_format(out, "Reporting-MTA: dns; %s\r\nArrival-Date: ", writing->services->policy->name);
    date_write_5322(out, first->since_ms, 0);
    buf_add_text(out, "\r\n");
    for (size_t i = 0; i < writing->count; i++) {
        buf_add_text(out, "\r\n");
        fields_of_recipient(writing, writing->entries[i]);
    }
}

/* RET is for what failed (RFC 3461 4.3): of all else only the header comes back. */
static bool is_whole(const struct writing *writing)
{
    struct arena arena = { 0 };
    struct message message = { 0 };
    const struct queued *queued = writing->entries[0];
    bool whole = writing->report == REPORT_FAILED && queued->dsn.returns == RETURN_FULL &&
                 store_message(writing->services->store, queued->message_key, &arena, &message) &&
                 message.size <= RETURNED_BYTES_MAX;
    arena_free(&arena);
    return whole;
}

static bool returned_part(const struct writing *writing, struct buf *part, bool whole)
{
    uint64_t most = whole ? RETURNED_BYTES_MAX : HEADERS_KEPT;
    bool read = store_message_read(writing->services->store, writing->entries[0]->message_key, 0,
                                   most, part);
    if (!whole)
        part->len = header_end(buf_slice(part));
    if (part->len == 0 || part->at[part->len - 1] != '\n')
        buf_add_text(part, "\r\n");
    return read;
}

/* RFC 6533 6: a header in UTF-8 is message/global's. One that is 8-bit and no UTF-8 has no name. */
static const char *type_of_returned(slice part, bool whole)
{
    slice head = slice_upto(part, header_end(part));
    bool utf8 = is_utf8_address(head) && utf8_valid(head);
    if (whole)
        return utf8 ? "message/global" : "message/rfc822";
    return utf8 ? "message/global-headers" : "text/rfc822-headers";
}

/* RFC 6522: for people, for programs, and what it is about. A part that is not ASCII makes the
   whole 8-bit (RFC 2045 6.4). */
static bool report_write(struct writing *writing)
{
    bool whole = is_whole(writing);
    struct buf part = BUF_MAX((whole ? RETURNED_BYTES_MAX : HEADERS_KEPT) + 2);
    bool read = returned_part(writing, &part, whole);
    bool ascii = !is_utf8_address(buf_slice(&part));
    struct buf *out = writing->out;
    smtp_id_text(writing->services->new_id(writing->services), writing->boundary);
    header_of_report(writing, ascii && !writing->utf8);
    buf_format(out, "--%s\r\nContent-Type: text/plain; charset=%s\r\n%s\r\n", writing->boundary,
               writing->utf8 ? "utf-8" : "us-ascii", bits_of(!writing->utf8));
    words_for_people(writing);
    buf_format(out, "\r\n--%s\r\nContent-Type: message/%s\r\n%s\r\n", writing->boundary,
               writing->utf8 ? "global-delivery-status" : "delivery-status",
               bits_of(!writing->utf8));
    words_for_programs(writing);
    buf_format(out, "\r\n--%s\r\nContent-Type: %s\r\n%s\r\n", writing->boundary,
               type_of_returned(buf_slice(&part), whole), bits_of(ascii));
    buf_add(out, buf_slice(&part));
    buf_format(out, "\r\n--%s--\r\n", writing->boundary);
    buf_free(&part);
    return read && !out->full;
}

/* 0: the store failed. */
static int64_t report_file(struct writing *writing)
{
    return report_write(writing) ? smtp_message_write(writing->services, buf_slice(writing->out))
                                 : 0;
}

static bool report_to_postmaster(struct writing *writing)
{
    int64_t user = smtp_postmaster(writing->services), message_key = 0;
    writing->to = SLICE_EMPTY;
    if (user)
        message_key = report_file(writing);
    return message_key && smtp_deliver_local(writing->services, user, message_key);
}

static bool report_send(struct writing *writing, bool *sent)
{
    const struct queued *first = writing->entries[0];
    const struct dsn dsn = { .utf8 = first->dsn.utf8 };
    slice sender = slice_of(first->sender);
    int64_t user = 0;
    enum owner owner = sender.len ? smtp_owner(writing->services, sender, &user) : OWNER_NOBODY;
    if (owner == OWNER_NOBODY)
        return writing->report != REPORT_FAILED || report_to_postmaster(writing);
    writing->to = sender;
    int64_t message_key = report_file(writing);
    *sent = message_key &&
            (user ? smtp_deliver_local(writing->services, user, message_key)
                  : smtp_deliver_queue(writing->services, message_key, SLICE_EMPTY, sender, &dsn));
    return *sent;
}

bool smtp_report(struct services *services, const struct queued *const *entries, size_t count,
                 enum report report, bool *sent)
{
    struct buf text = BUF_MAX(BOUNCE_BYTES_MAX + RETURNED_BYTES_MAX);
    struct writing writing = { .services = services, .out = &text, .report = report };
    *sent = false;
    must(count <= RECIPIENTS_MAX);
    for (size_t i = 0; i < count; i++) {
        const struct queued *queued = entries[i];
        if (!smtp_report_wanted(queued, report))
            continue;
        writing.entries[writing.count++] = queued;
        writing.utf8 |= is_utf8_address(slice_of(queued->recipient)) ||
                        is_utf8_address(slice_of(queued->sender)) ||
                        is_utf8_address(slice_of(queued->dsn.orcpt));
    }
    bool good = writing.count == 0 || report_send(&writing, sent);
    buf_free(&text);
    return good;
}
