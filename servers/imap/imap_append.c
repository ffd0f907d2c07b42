/* imap_append.c: APPEND (RFC 3501 6.3.11, RFC 4315 3). The letter's octets never stand in
   the command's text: they go into a draft of the store as they come. */
#include "servers/imap/imap.h"
#include "servers/mail/mailbox_name.h"
#include "servers/mail/summary.h"

struct append {
    slice name;
    struct imap_flags flags;
    int64_t date_ms;
    int zone_minutes;
};

/* Up to the letter's "{". */
static bool parse_before_letter(struct imap_cursor *cursor, struct append *append)
{
    if (!imap_parse_astring(cursor, &append->name) || !imap_parse_space(cursor))
        return false;
    if (imap_next_is(cursor, '(') &&
        (!imap_parse_flag_list(cursor, &append->flags) || !imap_parse_space(cursor)))
        return false;
    if (imap_next_is(cursor, '"') &&
        (!imap_parse_date_time(cursor, &append->date_ms, &append->zone_minutes) ||
         !imap_parse_space(cursor)))
        return false;
    return true;
}

static struct append append_now(const struct session *session)
{
    return (struct append){ .date_ms = (int64_t)session->services->now_ms, .zone_minutes = 0 };
}

bool imap_append_takes(struct session *session, slice args_so_far)
{
    struct imap_cursor cursor = imap_cursor_over(&session->scratch, args_so_far);
    struct append append = append_now(session);
    uint64_t octets;
    return parse_before_letter(&cursor, &append) && imap_parse_announcement(&cursor, &octets) &&
           cursor.rest.len == 0;
}

/* The letter's id; 0: failed. */
static int64_t letter_keep(struct session *session)
{
    struct imap *imap = imap_of(session);
    struct letter letter;
    slice text = store_draft_text(imap->draft, &imap->letter);
    if (!summary_make(&imap->letter, text, &letter))
        return 0;
    int64_t message = store_draft_finish(imap->draft, &letter);
    imap->draft = NULL;
    return message;
}

static enum outcome letter_place(struct session *session, const struct append *append,
                                 const struct mailbox *mailbox)
{
    uint64_t bits = 0;
    uint32_t uid = 0;
    if (!imap_flag_bits(session, mailbox->id, &append->flags, true, &bits))
        return OUT_TOO_MANY;
    int64_t message = letter_keep(session);
    if (!message || !store_place(session->services->store, mailbox->id, message, bits,
                                 append->date_ms, append->zone_minutes, &uid))
        return OUT_FAILED;
    imap_tell_stored(session, mailbox->id, uid, message);
    imap_tell_changed(session, mailbox->id);
    session_code(session, "[APPENDUID %u %u]", mailbox->uidvalidity, uid);
    return OUT_OK;
}

static enum outcome letter_append(struct session *session, const struct append *append)
{
    const struct imap *imap = imap_of(session);
    struct mailbox mailbox;
    if (imap->draft_nul)
        return OUT_BARE_NEWLINE;
    if (store_draft_size(imap->draft) == 0) {
        session_detail(session, "A letter of no octets is none");
        return OUT_REFUSED;
    }
    if (imap_mailbox_find(session, append->name, &mailbox) && mailbox.selectable)
        return letter_place(session, append, &mailbox);
    if (mailbox_name_valid(append->name))
        return OUT_NO_SUCH;
    session_detail(session, "No mailbox may be called so");
    return OUT_REFUSED;
}

enum outcome imap_on_append(struct session *session, slice args)
{
    struct imap_cursor cursor = imap_args(session, args);
    struct append append = append_now(session);
    uint64_t octets;
    if (!parse_before_letter(&cursor, &append) || !imap_parse_announcement(&cursor, &octets) ||
        !imap_parse_end(&cursor) || !imap_of(session)->draft) {
        imap_forget_command(session);
        return imap_syntax(session, &cursor);
    }
    enum outcome outcome = letter_append(session, &append);
    imap_forget_command(session);
    return imap_finish(session, outcome, TELL_ALL);
}
