/* smtp_data.c: the letter itself, from DATA to the final dot: its trace fields, its
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
    struct smtp_transaction *letter = smtp->letter;
    bool extended = session->facts & FACT_EXTENDED, login = session->facts & FACT_LOGIN;
    char id[SMTP_ID_BYTES];
    buf_format(out, "Return-Path: <%.*s>\r\n", SLICE_ARG(letter->sender));
    buf_format(out, "Received: from %s (%s [%s])\r\n", smtp->hello, session->peer_name,
               session->peer_address);
    const char *base = letter->wishes.utf8 ? "UTF8SMTP" : extended ? "ESMTP" : "SMTP";
    const char *sealed = session->facts & FACT_TLS && extended ? "S" : ""; /* RFC 3848, 6531 4.3 */
    buf_format(out, "\tby %s with %s%s%s id %s", session->services->policy->name, base, sealed,
               login ? "A" : "", smtp_id_text(letter->id, id));
    if (letter->recipient_count == 1) /* with more, one would read of the other: Bcc */
        buf_format(out, "\r\n\tfor <%.*s>", SLICE_ARG(letter->recipients[0].address));
    buf_add_text(out, ";\r\n\t");
    date_write_5322(out, (int64_t)session->services->now_ms, 0);
    buf_add_text(out, "\r\n");
}

/* --- what a message is given that lacks it ------------------------------------------------- */

/* Message-ID and Date are added for who submits (RFC 6409 8.2, 8.3), in front of her header. */
static void missing_fields(struct session *session, slice head, struct buf *out)
{
    struct smtp_transaction *letter = smtp_of(session)->letter;
    struct header_field field;
    char id[SMTP_ID_BYTES];
    slice block = slice_upto(head, header_end(head));
    if (!header_find(block, "Message-ID", &field))
        buf_format(out, "Message-ID: <%s@%s>\r\n", smtp_id_text(letter->id, id),
                   session->services->policy->name);
    if (!header_find(block, "Date", &field)) {
        buf_add_text(out, "Date: ");
        date_write_5322(out, (int64_t)session->services->now_ms, 0);
        buf_add_text(out, "\r\n");
    }
}

static void head_write(struct session *session)
{
    struct smtp_transaction *letter = smtp_of(session)->letter;
    struct buf fields = BUF_MAX(1024);
    if (letter->head_done)
        return;
    letter->head_done = true;
    missing_fields(session, buf_slice(&letter->head), &fields);
    arrival_write(letter->arrival, buf_slice(&fields));
    arrival_write(letter->arrival, buf_slice(&letter->head));
    buf_free(&fields);
    buf_free(&letter->head);
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
    struct smtp_transaction *letter = smtp_of(session)->letter;
    if (!letter->head_done && buf_add(&letter->head, octets)) {
        if (head_is_whole(buf_slice(&letter->head)))
            head_write(session);
        return;
    }
    head_write(session);
    arrival_write(letter->arrival, octets);
}

/* --- the octets ------------------------------------------------------------------------------ */

/* False: there is no room for another message now. */
static bool intake_starts(struct session *session)
{
    struct smtp_transaction *letter = smtp_of(session)->letter;
    struct intake *intake = session->services->intake;
    if (intake)
        letter->intake = intake_begin(intake, slice_of(session->peer_address));
    return !intake || letter->intake;
}

/* Counts them. False: there is no room for them. */
static bool intake_takes(struct session *session, slice octets)
{
    struct smtp_transaction *letter = smtp_of(session)->letter;
    if (letter->intake && !intake_add(session->services->intake, letter->intake, octets.len))
        return false;
    letter->taken += letter->intake ? octets.len : 0;
    return true;
}

static void text_drop(struct smtp_transaction *letter)
{
    arrival_drop(letter->arrival);
    letter->arrival = NULL;
    buf_free(&letter->head);
}

static void arrival_starts(struct session *session)
{
    struct smtp_transaction *letter = smtp_of(session)->letter;
    struct buf fields = BUF_MAX(4096);
    letter->arrival = arrival_begin(session->services->store);
    letter->head_done = !(session->facts & FACT_SUBMISSION);
    trace_fields(session, &fields);
    arrival_write(letter->arrival, buf_slice(&fields));
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
static bool read_bdat(slice args, uint64_t *octets, bool *last)
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
    return read_bdat(line, octets, &last) || *octets > 0; /* "BDAT 9 EVER": nine come */
}

enum outcome smtp_on_bdat(struct session *session, slice args)
{
    struct smtp_transaction *letter = smtp_of(session)->letter;
    uint64_t octets = 0;
    if (!read_bdat(args, &octets, &letter->last_chunk))
        return OUT_SYNTAX;
    if (!letter->arrival && !letter->too_big && !letter->no_room) {
        letter->no_room = !intake_starts(session);
        if (!letter->no_room)
            arrival_starts(session);
    }
    letter->chunked += octets;
    return OUT_OK;
}

/* A CR or LF alone, or a NUL, in what BDAT brings: the letter may have to go on by DATA, so
   it is refused here as there. */
static void note_bare(struct smtp_transaction *letter, slice octets)
{
    for (size_t i = 0; i < octets.len; i++) {
        char c = octets.at[i];
        letter->bare |= c == '\0' || (c == '\n') != letter->after_cr;
        letter->after_cr = c == '\r';
    }
}

/* Too much is remembered and answered at the end: the client speaks on until then. */
enum outcome smtp_on_line(struct session *session, slice args)
{
    struct smtp_transaction *letter = smtp_of(session)->letter;
    if (letter->chunked)
        note_bare(letter, args);
    if (letter->too_big || letter->no_room)
        return OUT_OK;
    uint64_t size = arrival_size(letter->arrival) + letter->head.len + args.len;
    letter->too_big = size > MESSAGE_BYTES_MAX;
    letter->no_room = !letter->too_big && !intake_takes(session, args);
    if (letter->too_big || letter->no_room)
        text_drop(letter);
    else
        text_write(session, args);
    return OUT_OK;
}

static bool was_given_before(const struct smtp_transaction *letter, size_t number)
{
    int64_t user = letter->recipients[number].user;
    for (size_t i = 0; i < number; i++)
        if (user ? letter->recipients[i].user == user
                 : slice_equal_nocase(letter->recipients[i].address,
                                      letter->recipients[number].address))
            return true;
    return false;
}

static struct wishes wishes_of(const struct smtp_transaction *letter,
                               const struct smtp_recipient *to)
{
    struct wishes wishes = letter->wishes;
    wishes.notify = to->notify;
    memcpy(wishes.orcpt, to->orcpt.at, to->orcpt.len);
    wishes.orcpt[to->orcpt.len] = '\0';
    return wishes;
}

/* Who of them asked to hear that the message is in a mailbox is told of all at once. */
static bool report_delivered(struct session *session, const struct smtp_transaction *letter,
                             int64_t message)
{
    static const char said[] = "2.1.5 delivered";
    struct queued *entries = arena_take_array(&session->scratch, letter->recipient_count,
                                              sizeof *entries);
    const struct queued *told[RECIPIENTS_MAX];
    size_t count = 0;
    bool sent = false;
    for (size_t i = 0; i < letter->recipient_count; i++) {
        const struct smtp_recipient *to = &letter->recipients[i];
        const struct wishes wishes = wishes_of(letter, to);
        if (!to->user || !(to->notify & NOTIFY_SUCCESS) || was_given_before(letter, i))
            continue;
        smtp_queued_make(session->services, message, letter->sender, to->address, &wishes,
                         &entries[count]);
        memcpy(entries[count].last_reply, said, sizeof said);
        told[count] = &entries[count];
        count++;
    }
    return count == 0 ||
           smtp_report(session->services, told, count, REPORT_DELIVERED, &sent);
}

static bool hand_over(struct services *services, const struct smtp_transaction *letter,
                      const struct smtp_recipient *to, int64_t message)
{
    const struct wishes wishes = wishes_of(letter, to);
    return to->user ? smtp_deliver_local(services, to->user, message)
                    : smtp_deliver_queue(services, message, letter->sender, to->address, &wishes);
}

static bool hand_out(struct session *session, const struct smtp_transaction *letter,
                     int64_t message)
{
    for (size_t i = 0; i < letter->recipient_count; i++)
        if (!was_given_before(letter, i) &&
            !hand_over(session->services, letter, &letter->recipients[i], message))
            return false;
    return report_delivered(session, letter, message);
}

static enum outcome letter_accept(struct session *session)
{
    struct smtp_transaction *letter = smtp_of(session)->letter;
    char id[SMTP_ID_BYTES];
    if (letter->too_big || letter->no_room)
        return letter->too_big ? OUT_TOO_BIG : OUT_TRY_LATER;
    if (letter->chunked ? letter->bare || letter->after_cr : session_body_is_bare(session))
        return OUT_BARE_NEWLINE;
    head_write(session);
    if (arrival_hops(letter->arrival) > HOPS_MAX)
        return OUT_LOOP;
    int64_t message = arrival_finish(letter->arrival);
    letter->arrival = NULL;
    if (!message || !hand_out(session, letter, message))
        return OUT_FAILED;
    session_detail(session, "%s", smtp_id_text(letter->id, id));
    return OUT_OK;
}

/* The announced octets are there. After a LAST one it is as after the dot. */
enum outcome smtp_on_chunk(struct session *session, slice args)
{
    struct smtp_transaction *letter = smtp_of(session)->letter;
    if (letter->last_chunk)
        return smtp_on_dot(session, args);
    if (!letter->too_big && !letter->no_room) {
        session_detail(session, "%llu", (unsigned long long)letter->chunked);
        return OUT_CONTINUE;
    }
    enum outcome outcome = letter->too_big ? OUT_TOO_BIG : OUT_TRY_LATER;
    smtp_letter_drop(session);
    return outcome;
}

enum outcome smtp_on_dot(struct session *session, slice args)
{
    (void)args;
    enum outcome outcome = letter_accept(session);
    smtp_letter_drop(session);
    return outcome;
}
