/* smtp_data.c: the message itself, from DATA to the final dot: its trace fields, its
   octets, and what becomes of it. The dots and line ends are session_read.c's.
   RFC 5321 4.1.1.4, 4.4. */
#include "servers/mail/date.h"
#include "servers/mail/header.h"
#include "servers/smtp/smtp.h"
#include "servers/smtp/smtp_bounce.h"
#include "servers/smtp/smtp_deliver.h"
#include "servers/smtp/smtp_intake.h"

#include <string.h>

/* Return-Path and Received (RFC 5321 4.4). The first is a line of its own at the very
   front: a relay sends what stands behind it. */
static void trace_fields(struct session *session, struct buf *out)
{
    struct smtp *smtp = smtp_of(session);
    struct smtp_transaction *transaction = smtp->transaction;
    bool extended = session->facts & FACT_EXTENDED, login = session->facts & FACT_LOGIN;
    char id[SMTP_ID_BYTES];
    buf_format(out, "Return-Path: <%.*s>\r\n", SLICE_ARG(transaction->sender));
    buf_format(out, "Received: from %s (%s [%s])\r\n", smtp->hello, session->peer_name,
               session->peer_address);
    bool smtp_extended = extended && protocol_is(session->protocol, &smtp_protocol);
    const char *kind = transaction->dsn.utf8 ? "UTF8" : smtp_extended ? "E" : "";
    const char *sealed = session->facts & FACT_TLS && extended ? "S" : ""; /* RFC 3848, 6531 4.3 */
    buf_format(out, "\tby %s with %s%s%s%s id %s", session->services->policy->name, kind,
               session->protocol->title, sealed, login ? "A" : "",
               smtp_id_text(transaction->id, id));
    if (transaction->recipient_count == 1) /* with more, one would read of the other: Bcc */
        buf_format(out, "\r\n\tfor <%.*s>", SLICE_ARG(transaction->recipients[0].address));
    buf_add_text(out, ";\r\n\t");
    date_write_5322(out, (int64_t)session->services->now_ms, 0);
    buf_add_text(out, "\r\n");
}

/* --- what a message is given that lacks it ------------------------------------------------- */

/* Message-ID and Date are added for who submits (RFC 6409 8.2, 8.3), in front of her header. */
static void missing_fields(struct session *session, slice head, struct buf *out)
{
    struct smtp_transaction *transaction = smtp_of(session)->transaction;
    struct header_field field;
    char id[SMTP_ID_BYTES];
    slice block = slice_upto(head, header_end(head));
    if (!header_find(block, "Message-ID", &field))
        buf_format(out, "Message-ID: <%s@%s>\r\n", smtp_id_text(transaction->id, id),
                   session->services->policy->name);
    if (!header_find(block, "Date", &field)) {
        buf_add_text(out, "Date: ");
        date_write_5322(out, (int64_t)session->services->now_ms, 0);
        buf_add_text(out, "\r\n");
    }
}

static void head_write(struct session *session)
{
    struct smtp_transaction *transaction = smtp_of(session)->transaction;
    struct buf fields = BUF_MAX(1024);
    if (transaction->head_done)
        return;
    transaction->head_done = true;
    missing_fields(session, buf_slice(&transaction->head), &fields);
    arrival_write(transaction->arrival, buf_slice(&fields));
    arrival_write(transaction->arrival, buf_slice(&transaction->head));
    buf_free(&fields);
    buf_free(&transaction->head);
}

static bool head_is_whole(slice head)
{
    size_t at = 0;
    return slice_starts(head, "\r\n") || slice_find_text(head, SLICE("\r\n\r\n"), &at);
}

/* Into the draft; of what is submitted the header waits until it can be looked at. One that is
   longer than any honest one goes on as far as it came. */
static void text_write(struct session *session, slice octets)
{
    struct smtp_transaction *transaction = smtp_of(session)->transaction;
    if (!transaction->head_done && buf_add(&transaction->head, octets)) {
        if (head_is_whole(buf_slice(&transaction->head)))
            head_write(session);
        return;
    }
    head_write(session);
    arrival_write(transaction->arrival, octets);
}

/* --- the octets ------------------------------------------------------------------------------ */

/* False: there is no room for another message now. */
static bool intake_starts(struct session *session)
{
    struct smtp_transaction *transaction = smtp_of(session)->transaction;
    struct intake *intake = session->services->intake;
    if (intake)
        transaction->intake = intake_begin(intake, slice_of(session->peer_address));
    return !intake || transaction->intake;
}

/* Counts them. False: there is no room for them. */
static bool intake_takes(struct session *session, slice octets)
{
    struct smtp_transaction *transaction = smtp_of(session)->transaction;
    if (transaction->intake &&
        !intake_add(session->services->intake, transaction->intake, octets.len))
        return false;
    transaction->taken += transaction->intake ? octets.len : 0;
    return true;
}

static void text_drop(struct smtp_transaction *transaction)
{
    arrival_drop(transaction->arrival);
    transaction->arrival = NULL;
    buf_free(&transaction->head);
}

static void arrival_starts(struct session *session)
{
    struct smtp_transaction *transaction = smtp_of(session)->transaction;
    struct buf fields = BUF_MAX(4096);
    transaction->arrival = arrival_begin(session->services->store);
    transaction->head_done = !(session->facts & FACT_SUBMISSION);
    trace_fields(session, &fields);
    arrival_write(transaction->arrival, buf_slice(&fields));
    buf_free(&fields);
}

enum outcome smtp_on_data(struct session *session, slice args)
{
    if (slice_trim(args).len)
        return OUT_SYNTAX;
    if (!intake_starts(session))
        return OUT_TRY_LATER;
    arrival_starts(session);
    return OUT_OK;
}

/* "BDAT octets" or "BDAT octets LAST" (RFC 3030 2). A number that is too long for one is a
   very large one: what follows is no command in any case. */
bool smtp_bdat_read(slice args, uint64_t *octets, bool *last)
{
    slice word = take_word(&args), rest = word, end = take_word(&args);
    if (take_while(&rest, is_digit).len == 0 || rest.len)
        return false;
    if (!take_number(&word, UINT64_MAX / 2, octets))
        *octets = UINT64_MAX / 2;
    *last = slice_is_nocase(end, "LAST");
    return (*last || end.len == 0) && slice_trim(args).len == 0;
}

bool smtp_chunk(struct session *session, slice line, uint64_t *octets)
{
    bool last = false;
    (void)session;
    *octets = 0;
    if (!slice_is_nocase(take_word(&line), "BDAT"))
        return false;
    return smtp_bdat_read(line, octets, &last) || *octets > 0; /* "BDAT 9 EVER": nine come */
}

enum outcome smtp_on_bdat(struct session *session, slice args)
{
    struct smtp_transaction *transaction = smtp_of(session)->transaction;
    uint64_t octets = 0;
    if (!smtp_bdat_read(args, &octets, &transaction->last_chunk))
        return OUT_SYNTAX;
    if (!transaction->arrival && !transaction->too_big && !transaction->no_room) {
        transaction->no_room = !intake_starts(session);
        if (!transaction->no_room)
            arrival_starts(session);
    }
    transaction->chunked += octets;
    return OUT_OK;
}

/* A CR or LF alone, or a NUL, in what BDAT brings: the message may have to go on by DATA, so
   it is refused here as there. */
static void note_bare(struct smtp_transaction *transaction, slice octets)
{
    for (size_t i = 0; i < octets.len; i++) {
        char c = octets.at[i];
        transaction->bare |= c == '\0' || (c == '\n') != transaction->after_cr;
        transaction->after_cr = c == '\r';
    }
}

/* Too much is remembered and answered at the end: the client speaks on until then. */
enum outcome smtp_on_line(struct session *session, slice args)
{
    struct smtp_transaction *transaction = smtp_of(session)->transaction;
    if (transaction->chunked)
        note_bare(transaction, args);
    if (transaction->too_big || transaction->no_room)
        return OUT_OK;
    uint64_t size = arrival_size(transaction->arrival) + transaction->head.len + args.len;
    transaction->too_big = size > MESSAGE_BYTES_MAX;
    transaction->no_room = !transaction->too_big && !intake_takes(session, args);
    if (transaction->too_big || transaction->no_room)
        text_drop(transaction);
    else
        text_write(session, args);
    return OUT_OK;
}

static bool was_given_before(const struct smtp_transaction *transaction, size_t number)
{
    int64_t user = transaction->recipients[number].user;
    for (size_t i = 0; i < number; i++)
        if (user ? transaction->recipients[i].user == user
                 : slice_equal_nocase(transaction->recipients[i].address,
                                      transaction->recipients[number].address))
            return true;
    return false;
}

static struct dsn dsn_of(const struct smtp_transaction *transaction,
                               const struct smtp_recipient *to)
{
    struct dsn dsn = transaction->dsn;
    dsn.notify = to->notify;
    memcpy(dsn.orcpt, to->orcpt.at, to->orcpt.len);
    dsn.orcpt[to->orcpt.len] = '\0';
    return dsn;
}

/* Who of them asked to hear that the message is in a mailbox is told of all at once. */
static bool report_delivered(struct session *session, const struct smtp_transaction *transaction,
                             int64_t message_key)
{
    static const char said[] = "2.1.5 delivered";
    struct queued *entries = arena_take_array(&session->scratch, transaction->recipient_count,
                                              sizeof *entries);
    const struct queued *told[RECIPIENTS_MAX];
    size_t count = 0;
    bool sent = false;
    for (size_t i = 0; i < transaction->recipient_count; i++) {
        const struct smtp_recipient *to = &transaction->recipients[i];
        const struct dsn dsn = dsn_of(transaction, to);
        if (!to->user || !(to->notify & NOTIFY_SUCCESS) || was_given_before(transaction, i))
            continue;
        smtp_queued_make(session->services, message_key, transaction->sender, to->address, &dsn,
                         &entries[count]);
        memcpy(entries[count].last_reply, said, sizeof said);
        told[count] = &entries[count];
        count++;
    }
    return count == 0 ||
           smtp_report(session->services, told, count, REPORT_DELIVERED, &sent);
}

static bool hand_over(struct services *services, const struct smtp_transaction *transaction,
                      const struct smtp_recipient *to, int64_t message_key)
{
    const struct dsn dsn = dsn_of(transaction, to);
    return to->user
               ? smtp_deliver_local(services, to->user, message_key)
               : smtp_deliver_queue(services, message_key, transaction->sender, to->address, &dsn);
}

static bool hand_out(struct session *session, const struct smtp_transaction *transaction,
                     int64_t message_key)
{
    for (size_t i = 0; i < transaction->recipient_count; i++)
        if (!was_given_before(transaction, i) &&
            !hand_over(session->services, transaction, &transaction->recipients[i], message_key))
            return false;
    return report_delivered(session, transaction, message_key);
}

enum outcome smtp_message_check(struct session *session)
{
    struct smtp_transaction *transaction = smtp_of(session)->transaction;
    if (transaction->too_big || transaction->no_room)
        return transaction->too_big ? OUT_TOO_BIG : OUT_TRY_LATER;
    if (transaction->chunked ? transaction->bare || transaction->after_cr
                             : session_body_is_bare(session))
        return OUT_BARE_NEWLINE;
    head_write(session);
    return arrival_hops(transaction->arrival) > HOPS_MAX ? OUT_LOOP : OUT_OK;
}

static enum outcome message_accept(struct session *session)
{
    struct smtp_transaction *transaction = smtp_of(session)->transaction;
    char id[SMTP_ID_BYTES];
    enum outcome outcome = smtp_message_check(session);
    if (outcome != OUT_OK)
        return outcome;
    int64_t message_key = arrival_finish(transaction->arrival);
    transaction->arrival = NULL;
    if (!message_key || !hand_out(session, transaction, message_key))
        return OUT_FAILED;
    session_detail(session, "%s", smtp_id_text(transaction->id, id));
    return OUT_OK;
}

/* The announced octets are there. After a LAST one it is as after the dot. */
enum outcome smtp_on_chunk(struct session *session, slice args)
{
    struct smtp_transaction *transaction = smtp_of(session)->transaction;
    if (transaction->last_chunk)
        return smtp_on_dot(session, args);
    if (!transaction->too_big && !transaction->no_room) {
        session_detail(session, "%llu", (unsigned long long)transaction->chunked);
        return OUT_CONTINUE;
    }
    enum outcome outcome = transaction->too_big ? OUT_TOO_BIG : OUT_TRY_LATER;
    smtp_message_drop(session);
    return outcome;
}

enum outcome smtp_on_dot(struct session *session, slice args)
{
    (void)args;
    enum outcome outcome = message_accept(session);
    smtp_message_drop(session);
    return outcome;
}
