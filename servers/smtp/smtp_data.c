/* smtp_data.c: the letter itself, from DATA to the final dot: its trace fields, its
   octets, and what becomes of it. The dots and line ends are session_read.c's.
   RFC 5321 4.1.1.4, 4.4. */
#include "servers/mail/date.h"
#include "servers/mail/header.h"
#include "servers/smtp/smtp.h"
#include "servers/smtp/smtp_deliver.h"

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
    buf_format(out, "\tby %s with %s id %s", session->services->policy->name,
               login ? "ESMTPA" : extended ? "ESMTP" : "SMTP", smtp_id_text(letter->id, id));
    if (letter->recipient_count == 1) /* with more, one would read of the other: Bcc */
        buf_format(out, "\r\n\tfor <%.*s>", SLICE_ARG(letter->recipients[0].address));
    buf_add_text(out, ";\r\n\t");
    date_write_5322(out, (int64_t)session->services->now_ms, 0);
    buf_add_text(out, "\r\n");
}

enum outcome smtp_on_data(struct session *session, slice args)
{
    struct smtp_transaction *letter = smtp_of(session)->letter;
    struct buf fields = BUF_MAX(4096);
    if (slice_trim(args).len)
        return OUT_SYNTAX;
    letter->draft = store_draft(session->services->store);
    trace_fields(session, &fields);
    store_draft_write(letter->draft, buf_slice(&fields));
    buf_free(&fields);
    return OUT_OK;
}

/* Too much is remembered and answered at the dot: the client speaks on until then. */
enum outcome smtp_on_line(struct session *session, slice args)
{
    struct smtp_transaction *letter = smtp_of(session)->letter;
    if (letter->too_big)
        return OUT_OK;
    if (store_draft_size(letter->draft) + args.len > MESSAGE_BYTES_MAX) {
        letter->too_big = true;
        store_draft_drop(letter->draft);
        letter->draft = NULL;
        return OUT_OK;
    }
    store_draft_write(letter->draft, args);
    return OUT_OK;
}

static uint32_t count_hops(slice text)
{
    struct header_cursor cursor = { slice_upto(text, header_end(text)) };
    struct header_field field;
    uint32_t hops = 0;
    while (header_next(&cursor, &field))
        hops += slice_is_nocase(field.name, "Received");
    return hops;
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

static bool hand_out(struct services *services, const struct smtp_transaction *letter,
                     int64_t message)
{
    for (size_t i = 0; i < letter->recipient_count; i++) {
        const struct smtp_recipient *to = &letter->recipients[i];
        if (was_given_before(letter, i))
            continue;
        if (to->user ? !smtp_deliver_local(services, to->user, message)
                     : !smtp_deliver_queue(services, message, letter->sender, to->address))
            return false;
    }
    return true;
}

static enum outcome letter_accept(struct session *session)
{
    struct smtp_transaction *letter = smtp_of(session)->letter;
    char id[SMTP_ID_BYTES];
    if (letter->too_big)
        return OUT_TOO_BIG;
    if (session_body_is_bare(session))
        return OUT_BARE_NEWLINE;
    slice text = store_draft_text(letter->draft, &session->scratch);
    if (count_hops(text) > HOPS_MAX)
        return OUT_LOOP;
    int64_t message = smtp_letter_finish(session->services, &session->scratch, letter->draft, text);
    letter->draft = NULL;
    if (!message || !hand_out(session->services, letter, message))
        return OUT_FAILED;
    session_detail(session, "%s", smtp_id_text(letter->id, id));
    return OUT_OK;
}

enum outcome smtp_on_dot(struct session *session, slice args)
{
    (void)args;
    enum outcome outcome = letter_accept(session);
    smtp_letter_drop(session);
    return outcome;
}
