/* lmtp_commands.c: what LMTP does otherwise than SMTP (RFC 2033 4.2, 4.3). There is no queue here:
   what cannot be delivered now is refused now, and stays in the client's queue. */
#include "servers/lmtp/lmtp.h"

#include "servers/smtp/smtp_deliver.h"

static struct lmtp *lmtp_of(struct session *session) { return session->own; }

/* A full mailbox is no reason to refuse here: it is answered for behind the message, when there
   may be room again. Nor is the client a stranger: no greylisting. */
enum outcome lmtp_on_rcpt(struct session *session, slice args)
{
    struct smtp_rcpt rcpt = { .user = 0 };
    enum outcome outcome = smtp_rcpt_read(session, args, &rcpt);
    if (outcome == OUT_OK)
        smtp_rcpt_add(session, &rcpt);
    return outcome;
}

/* The octets are there, good or bad: whoever has sent them hears it once for each recipient. */
enum outcome lmtp_on_dot(struct session *session, slice args)
{
    struct lmtp *lmtp = lmtp_of(session);
    (void)args;
    lmtp->whole = smtp_message_check(session);
    if (lmtp->whole == OUT_BARE_NEWLINE)
        lmtp->whole = OUT_REFUSED; /* one fault, however many hear of it: it counts once at most */
    lmtp->size = lmtp->whole == OUT_OK ? arrival_size(lmtp->smtp.transaction->arrival) : 0;
    lmtp->message_key = 0;
    lmtp->answered = 0;
    return OUT_OK;
}

/* A LAST one without any recipient is answered as often as there are recipients: never. */
enum outcome lmtp_on_bdat(struct session *session, slice args)
{
    uint64_t octets = 0;
    bool last = false;
    if (lmtp_of(session)->smtp.transaction->recipient_count)
        return smtp_on_bdat(session, args);
    if (!smtp_bdat_read(args, &octets, &last))
        return OUT_SYNTAX;
    if (!last)
        return OUT_REFUSED;
    smtp_message_drop(session);
    return OUT_NOTHING;
}

enum outcome lmtp_on_chunk(struct session *session, slice args)
{
    bool last = lmtp_of(session)->smtp.transaction->last_chunk;
    return last ? lmtp_on_dot(session, args) : smtp_on_chunk(session, args);
}

/* --- recipient by recipient ------------------------------------------------------------------ */

/* The message is finished for the first mailbox that has room, and undone with it if that fails:
   then there is none for the others. */
static enum outcome deliver(struct session *session, int64_t user)
{
    struct lmtp *lmtp = lmtp_of(session);
    struct smtp_transaction *transaction = lmtp->smtp.transaction;
    struct services *services = session->services;
    const bool first = transaction->arrival != NULL;
    if (!store_quota_fits(services->store, user, lmtp->size, 1))
        return OUT_OVER_QUOTA;
    if (first)
        lmtp->message_key = arrival_finish(transaction->arrival);
    transaction->arrival = NULL;
    if (lmtp->message_key && smtp_deliver_local(services, user, lmtp->message_key))
        return OUT_OK;
    enum outcome outcome = store_is_full(services->store) ? OUT_NO_ROOM : OUT_FAILED;
    lmtp->whole = first ? outcome : lmtp->whole;
    return outcome;
}

/* Named twice, a mailbox gets one copy; its recipients are answered alike. */
static enum outcome deliver_once(struct session *session, size_t number)
{
    const struct lmtp *lmtp = lmtp_of(session);
    const struct smtp_recipient *recipients = lmtp->smtp.transaction->recipients;
    for (size_t i = 0; i < number; i++)
        if (recipients[i].user == recipients[number].user)
            return lmtp->outcomes[i];
    return deliver(session, recipients[number].user);
}

/* The next recipient is answered for, each in a savepoint of its own; then the message is over. */
enum outcome lmtp_on_recipient(struct session *session, slice args)
{
    struct lmtp *lmtp = lmtp_of(session);
    const struct smtp_transaction *transaction = lmtp->smtp.transaction;
    (void)args;
    if (lmtp->answered == transaction->recipient_count) {
        smtp_message_drop(session);
        return OUT_NOTHING;
    }
    size_t number = lmtp->answered++;
    session_detail(session, "%.*s", SLICE_ARG(transaction->recipients[number].address));
    enum outcome outcome = lmtp->whole == OUT_OK ? deliver_once(session, number) : lmtp->whole;
    return lmtp->outcomes[number] = outcome;
}
