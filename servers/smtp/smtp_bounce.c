/* smtp_bounce.c: see smtp_bounce.h. */
#include "servers/smtp/smtp_bounce.h"

#include "servers/mail/address.h"
#include "servers/mail/date.h"
#include "servers/mail/header.h"
#include "servers/smtp/smtp.h"
#include "servers/smtp/smtp_deliver.h"

#define BOUNCE_BYTES_MAX (HEADER_FIELD_MAX * 4)
#define HEADERS_KEPT 16384     /* of the letter that comes back */

/* What a server said begins with three digits; what we say ourselves, with an RFC 3463 code. */
static bool is_of_server(slice reply)
{
    return reply.len >= 3 && is_digit((unsigned char)reply.at[0]) &&
           is_digit((unsigned char)reply.at[1]);
}

/* "5.1.1" out of "550 5.1.1 nobody" or "5.1.1 nobody", or a general one. */
static void status_code(struct buf *out, slice reply, bool delayed)
{
    slice rest = reply;
    if (is_of_server(reply))
        rest = slice_from(reply, 4);
    slice word = take_word(&rest);
    size_t dot = 0;
    bool enhanced = word.len >= 5 && (word.at[0] == '4' || word.at[0] == '5') &&
                    slice_find(word, '.', &dot) && dot == 1;
    for (size_t i = 0; enhanced && i < word.len; i++)
        enhanced = is_digit((unsigned char)word.at[i]) || word.at[i] == '.';
    if (enhanced)
        buf_add(out, word);
    else
        buf_add_text(out, delayed ? "4.0.0" : "5.0.0");
}

/* One line of a foreign server's words: nothing in it may end the line or the part. */
static void clean_line(struct buf *out, slice text)
{
    for (size_t i = 0; i < text.len; i++)
        buf_add_char(out, is_control((unsigned char)text.at[i]) || (unsigned char)text.at[i] > 126
                              ? '?' : text.at[i]);
}

static void header_of_bounce(struct services *services, struct buf *out,
                             const struct queued *queued, bool delayed, const char *boundary,
                             const char *bits)
{
    char id[SMTP_ID_BYTES];
    const char *name = services->policy->name;
    buf_add_text(out, "Return-Path: <>\r\nDate: ");
    date_write_5322(out, (int64_t)services->now_ms, 0);
    buf_format(out, "\r\nFrom: Mail Delivery System <postmaster@%s>\r\nTo: <%s>\r\n", name,
               queued->sender);
    buf_format(out, "Subject: %s\r\n", delayed ? "Delayed: your letter has not arrived yet"
                                               : "Undelivered: your letter comes back");
    buf_format(out, "Message-ID: <%s@%s>\r\n", smtp_id_text(services->new_id(services), id), name);
    buf_add_text(out, "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n");
    buf_format(out,
               "%sContent-Type: multipart/report; "
               "report-type=delivery-status;\r\n\tboundary=\"%s\"\r\n\r\n",
               bits, boundary);
}

static void words_for_people(struct services *services, struct buf *out,
                             const struct queued *queued, bool delayed)
{
    buf_format(out, "This is the mail server %s.\r\n\r\n", services->policy->name);
    if (delayed)
        buf_format(out, "Your letter to <%s> has been waiting here for some hours.\r\n"
                        "There is nothing to do: the server keeps trying, and tells you\r\n"
                        "if it gives up. The last try ended with:\r\n\r\n    ", queued->recipient);
    else
        buf_format(out,
                   "Your letter to <%s> could not be delivered.\r\n"
                   "The server has stopped trying. The last answer was:\r\n\r\n    ",
                   queued->recipient);
    clean_line(out, slice_of(queued->last_reply));
    buf_add_text(out, "\r\n");
}

/* RFC 3464 2: fields about the letter, an empty line, fields about the recipient. */
static void words_for_programs(struct services *services, struct buf *out,
                               const struct queued *queued, bool delayed)
{
    buf_format(out, "Reporting-MTA: dns; %s\r\nArrival-Date: ", services->policy->name);
    date_write_5322(out, queued->since_ms, 0);
    buf_format(out,
               "\r\n\r\nFinal-Recipient: rfc822; %s\r\nAction: %s\r\nStatus: ", queued->recipient,
               delayed ? "delayed" : "failed");
    status_code(out, slice_of(queued->last_reply), delayed);
    buf_format(out, "\r\nDiagnostic-Code: %s; ",
               is_of_server(slice_of(queued->last_reply)) ? "smtp" : "X-Pennypost");
    clean_line(out, slice_of(queued->last_reply));
    buf_add_text(out, "\r\nLast-Attempt-Date: ");
    date_write_5322(out, (int64_t)services->now_ms, 0);
    if (delayed) {
        buf_add_text(out, "\r\nWill-Retry-Until: ");
        date_write_5322(out, queued->since_ms + (int64_t)QUEUE_BOUNCE_MS, 0);
    }
    buf_add_text(out, "\r\n");
}

static bool returned_header(struct services *services, struct buf *head,
                            const struct queued *queued)
{
    bool read = store_letter_read(services->store, queued->message, 0, HEADERS_KEPT, head);
    head->len = header_end(buf_slice(head));
    if (head->len == 0 || head->at[head->len - 1] != '\n')
        buf_add_text(head, "\r\n");
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
                         bool delayed)
{
    char boundary[SMTP_ID_BYTES];
    struct buf head = BUF_MAX(HEADERS_KEPT + 2);
    bool read = returned_header(services, &head, queued);
    const char *bits = is_ascii(buf_slice(&head)) ? "" : "Content-Transfer-Encoding: 8bit\r\n";
    smtp_id_text(services->new_id(services), boundary);
    header_of_bounce(services, out, queued, delayed, boundary, bits);
    buf_format(out, "--%s\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n", boundary);
    words_for_people(services, out, queued, delayed);
    buf_format(out, "\r\n--%s\r\nContent-Type: message/delivery-status\r\n\r\n", boundary);
    words_for_programs(services, out, queued, delayed);
    buf_format(out, "\r\n--%s\r\nContent-Type: text/rfc822-headers\r\n%s\r\n", boundary, bits);
    buf_add(out, buf_slice(&head));
    buf_format(out, "\r\n--%s--\r\n", boundary);
    buf_free(&head);
    return read && !out->full;
}

static bool bounce_send(struct services *services, const struct queued *queued, slice text,
                        bool *sent)
{
    struct arena arena = { 0 };
    struct user user;
    slice sender = slice_of(queued->sender), local, domain;
    bool here = address_split(sender, &local, &domain) &&
                policy_has_domain(services->policy, domain);
    *sent = false;
    if (here && !store_user_find(services->store, slice_of(services->policy->name), sender, &user))
        return true;
    struct draft *draft = store_draft(services->store);
    store_draft_write(draft, text);
    int64_t message = smtp_letter_finish(services, &arena, draft, text);
    arena_free(&arena);
    *sent = message && (here ? smtp_deliver_local(services, user.id, message)
                             : smtp_deliver_queue(services, message, SLICE_EMPTY, sender));
    return *sent;
}

bool smtp_bounce(struct services *services, const struct queued *queued, bool delayed, bool *sent)
{
    struct buf text = BUF_MAX(BOUNCE_BYTES_MAX);
    *sent = false;
    if (queued->sender[0] == '\0')
        return true;
    bool good = bounce_write(services, &text, queued, delayed) &&
                bounce_send(services, queued, buf_slice(&text), sent);
    buf_free(&text);
    return good;
}
