/* smtp_bounce.c: see smtp_bounce.h. */
#include "servers/smtp/smtp_bounce.h"

#include "servers/mail/address.h"
#include "servers/mail/date.h"
#include "servers/mail/header.h"
#include "servers/smtp/smtp.h"
#include "servers/smtp/smtp_deliver.h"
#include "servers/smtp/smtp_parameters.h"

#include <string.h>

#define BOUNCE_BYTES_MAX (HEADER_FIELD_MAX * 4)
#define HEADERS_KEPT 16384     /* of the letter that comes back */

/* What each kind of report says: to people, to programs. */
static const struct kind {
    uint8_t notify;            /* sent if she asked for this, */
    bool unasked;              /* or if she asked for nothing */
    const char *subject, *action, *status;
    const char *before, *after;/* around the address, for people */
    const char *last;          /* before the last answer */
} kinds[] = {
    [REPORT_FAILED] = { NOTIFY_FAILURE, true, "Undelivered: your letter comes back", "failed",
        "5.0.0", "could not be delivered.\r\n",
        "The server has stopped trying. ", "The last answer was:" },
    [REPORT_DELAYED] = { NOTIFY_DELAY, true, "Delayed: your letter has not arrived yet", "delayed",
        "4.0.0", "has been waiting here for some hours.\r\n",
        "There is nothing to do: the server keeps trying, and tells you\r\n"
        "if it gives up. ", "The last try ended with:" },
    [REPORT_DELIVERED] = { NOTIFY_SUCCESS, false, "Delivered: your letter has arrived", "delivered",
        "2.0.0", "is in the mailbox. You had asked to be told.\r\n", "", "The answer was:" },
    [REPORT_RELAYED] = { NOTIFY_SUCCESS, false, "Relayed: your letter has been handed on",
        "relayed", "2.0.0", "was taken by a server that tells no more of it.\r\n"
        "You had asked to be told. ", "", "Its answer was:" },
};

static bool is_wanted(const struct queued *queued, enum report report)
{
    uint8_t notify = queued->wishes.notify;
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
    slice rest = reply;
    if (is_of_server(reply))
        rest = slice_from(reply, 4);
    slice word = take_word(&rest);
    size_t dot = 0;
    char kind = word.len >= 5 ? word.at[0] : '0';
    bool enhanced = (kind == '2' || kind == '4' || kind == '5') && slice_find(word, '.', &dot) &&
                    dot == 1;
    for (size_t i = 0; enhanced && i < word.len; i++)
        enhanced = is_digit((unsigned char)word.at[i]) || word.at[i] == '.';
    if (enhanced)
        buf_add(out, word);
    else
        buf_add_text(out, general);
}

/* One line of a foreign server's words: nothing in it may end the line or the part. */
static void clean_line(struct buf *out, slice text)
{
    for (size_t i = 0; i < text.len; i++)
        buf_add_char(out, is_control((unsigned char)text.at[i]) || (unsigned char)text.at[i] > 126
                              ? '?' : text.at[i]);
}

static void header_of_bounce(struct services *services, struct buf *out,
                             const struct queued *queued, enum report report, const char *boundary,
                             const char *bits)
{
    char id[SMTP_ID_BYTES];
    const char *name = services->policy->name;
    buf_add_text(out, "Return-Path: <>\r\nDate: ");
    date_write_5322(out, (int64_t)services->now_ms, 0);
    buf_format(out, "\r\nFrom: Mail Delivery System <postmaster@%s>\r\nTo: <%s>\r\n", name,
               queued->sender);
    buf_format(out, "Subject: %s\r\n", kinds[report].subject);
    buf_format(out, "Message-ID: <%s@%s>\r\n", smtp_id_text(services->new_id(services), id), name);
    buf_add_text(out, "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n");
    buf_format(out,
               "%sContent-Type: multipart/report; "
               "report-type=delivery-status;\r\n\tboundary=\"%s\"\r\n\r\n",
               bits, boundary);
}

static void words_for_people(struct services *services, struct buf *out,
                             const struct queued *queued, enum report report)
{
    const struct kind *kind = &kinds[report];
    buf_format(out, "This is the mail server %s.\r\n\r\nYour letter to <%s> %s%s%s\r\n\r\n    ",
               services->policy->name, queued->recipient, kind->before, kind->after, kind->last);
    clean_line(out, slice_of(queued->last_reply));
    buf_add_text(out, "\r\n");
}

/* xtext that was sound when it came. */
static void decoded_add(struct buf *out, slice xtext)
{
    struct buf text = BUF_MAX(ORCPT_MAX);
    smtp_xtext_decode(&text, xtext);
    clean_line(out, buf_slice(&text));
    buf_free(&text);
}

static void words_of_hers(struct buf *out, const struct wishes *wishes)
{
    slice address = slice_of(wishes->orcpt);
    slice type = take_until(&address, ';');
    if (!wishes->orcpt[0])
        return;
    buf_format(out, "Original-Recipient: %.*s;", SLICE_ARG(type));
    decoded_add(out, address);
    buf_add_text(out, "\r\n");
}

/* RFC 3464 2: fields about the letter, an empty line, fields about the recipient. */
static void words_for_programs(struct services *services, struct buf *out,
                               const struct queued *queued, enum report report)
{
    slice reply = slice_of(queued->last_reply);
    if (queued->wishes.envid[0]) {
        buf_add_text(out, "Original-Envelope-Id: ");
        decoded_add(out, slice_of(queued->wishes.envid));
        buf_add_text(out, "\r\n");
    }
    buf_format(out, "Reporting-MTA: dns; %s\r\nArrival-Date: ", services->policy->name);
    date_write_5322(out, queued->since_ms, 0);
    buf_add_text(out, "\r\n\r\n");
    words_of_hers(out, &queued->wishes);
    buf_format(out, "Final-Recipient: %s; %s\r\nAction: %s\r\nStatus: ",
               is_utf8_address(slice_of(queued->recipient)) ? "utf-8" : "rfc822",
               queued->recipient, kinds[report].action);
    status_code(out, reply, kinds[report].status);
    if (reply.len) {
        buf_format(out, "\r\nDiagnostic-Code: %s; ", is_of_server(reply) ? "smtp" : "X-Pennypost");
        clean_line(out, reply);
    }
    buf_add_text(out, "\r\nLast-Attempt-Date: ");
    date_write_5322(out, (int64_t)services->now_ms, 0);
    if (report == REPORT_DELAYED) {
        buf_add_text(out, "\r\nWill-Retry-Until: ");
        date_write_5322(out, queued->since_ms + (int64_t)QUEUE_BOUNCE_MS, 0);
    }
    buf_add_text(out, "\r\n");
}

/* RET is for what failed (RFC 3461 4.3): of all else only the header comes back. */
static bool is_whole(struct services *services, const struct queued *queued, enum report report)
{
    struct arena arena = { 0 };
    struct letter letter = { 0 };
    bool whole = report == REPORT_FAILED && queued->wishes.returns == RETURN_FULL &&
                 store_letter(services->store, queued->message, &arena, &letter) &&
                 letter.size <= RETURNED_BYTES_MAX;
    arena_free(&arena);
    return whole;
}

static bool returned_part(struct services *services, struct buf *part, const struct queued *queued,
                          bool whole)
{
    uint64_t most = whole ? RETURNED_BYTES_MAX : HEADERS_KEPT;
    bool read = store_letter_read(services->store, queued->message, 0, most, part);
    if (!whole)
        part->len = header_end(buf_slice(part));
    if (part->len == 0 || part->at[part->len - 1] != '\n')
        buf_add_text(part, "\r\n");
    return read;
}

static bool is_ascii(slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.at[i] > 127)
            return false;
    return true;
}

/* RFC 6522: for people, for programs, and what it is about. An odd header makes the whole
   8-bit (RFC 2045 6.4). */
static bool bounce_write(struct services *services, struct buf *out, const struct queued *queued,
                         enum report report)
{
    char boundary[SMTP_ID_BYTES];
    bool whole = is_whole(services, queued, report);
    struct buf head = BUF_MAX((whole ? RETURNED_BYTES_MAX : HEADERS_KEPT) + 2);
    bool read = returned_part(services, &head, queued, whole);
    bool ascii = is_ascii(buf_slice(&head)) && is_ascii(slice_of(queued->recipient));
    const char *bits = ascii ? "" : "Content-Transfer-Encoding: 8bit\r\n";
    smtp_id_text(services->new_id(services), boundary);
    header_of_bounce(services, out, queued, report, boundary, bits);
    buf_format(out, "--%s\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n", boundary);
    words_for_people(services, out, queued, report);
    buf_format(out, "\r\n--%s\r\nContent-Type: message/delivery-status\r\n\r\n", boundary);
    words_for_programs(services, out, queued, report);
    buf_format(out, "\r\n--%s\r\nContent-Type: %s\r\n%s\r\n", boundary,
               whole ? "message/rfc822" : "text/rfc822-headers", bits);
    buf_add(out, buf_slice(&head));
    buf_format(out, "\r\n--%s--\r\n", boundary);
    buf_free(&head);
    return read && !out->full;
}

static bool bounce_send(struct services *services, const struct queued *queued, slice text,
                        bool *sent)
{
    struct user user;
    slice sender = slice_of(queued->sender), local, domain;
    const struct wishes wishes = { .utf8 = queued->wishes.utf8 };
    bool here = address_split(sender, &local, &domain) &&
                policy_has_domain(services->policy, domain);
    *sent = false;
    if (here && !store_user_find(services->store, slice_of(services->policy->name), sender, &user))
        return true;
    int64_t message = smtp_letter_write(services, text);
    *sent = message && (here ? smtp_deliver_local(services, user.id, message)
                             : smtp_deliver_queue(services, message, SLICE_EMPTY, sender, &wishes));
    return *sent;
}

bool smtp_bounce(struct services *services, const struct queued *queued, enum report report,
                 bool *sent)
{
    struct buf text = BUF_MAX(BOUNCE_BYTES_MAX + RETURNED_BYTES_MAX);
    *sent = false;
    if (queued->sender[0] == '\0' || !is_wanted(queued, report))
        return true;
    bool good = bounce_write(services, &text, queued, report) &&
                bounce_send(services, queued, buf_slice(&text), sent);
    buf_free(&text);
    return good;
}

bool smtp_report_delivered(struct services *services, int64_t message, slice sender,
                           slice recipient, const struct wishes *wishes)
{
    struct queued queued;
    bool sent = false;
    smtp_queued_make(services, message, sender, recipient, wishes, &queued);
    memcpy(queued.last_reply, "2.1.5 delivered", sizeof "2.1.5 delivered");
    return smtp_bounce(services, &queued, REPORT_DELIVERED, &sent);
}
