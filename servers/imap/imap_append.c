/* imap_append.c: APPEND (RFC 3501 6.3.11, RFC 4315 3) of one letter or several, all or none
   (RFC 3502). Letters' octets never stand in the command's text: each goes into a draft of the
   store as it comes. */
#include "servers/imap/imap.h"
#include "servers/arrival.h"
#include "servers/mail/mailbox_name.h"

/* What is said of one letter before its "{". */
struct append {
    struct imap_flags flags;
    uint64_t bits;               /* the same in this mailbox */
    int64_t date_ms;
    int zone_minutes;
};

/* --- while the octets come ---------------------------------------------------------------- */

static bool parse_before_letter(struct imap_cursor *cursor, struct append *append)
{
    if (!imap_parse_space(cursor))
        return false;
    if (imap_next_is(cursor, '(') &&
        (!imap_parse_flag_list(cursor, &append->flags) || !imap_parse_space(cursor)))
        return false;
    return !imap_next_is(cursor, '"') ||
           (imap_parse_date_time(cursor, &append->date_ms, &append->zone_minutes) &&
            imap_parse_space(cursor));
}

/* Up to the last announcement. Where there are more letters than room, the last place is for
   all of these. */
static bool parse_append(struct session *session, struct imap_cursor *cursor, slice *name,
                         struct append *appends, size_t room, size_t *count)
{
    uint64_t octets;
    *count = 0;
    if (!imap_parse_astring(cursor, name))
        return false;
    do {
        struct append *append = &appends[*count < room ? *count : room - 1];
        *append = (struct append){ .date_ms = (int64_t)session->services->now_ms };
        if (!parse_before_letter(cursor, append) || !imap_parse_announcement(cursor, &octets))
            return false;
        ++*count;
    } while (cursor->rest.len);
    return true;
}

bool imap_append_takes(struct session *session, slice args_so_far, uint64_t *max)
{
    const struct imap *imap = imap_of(session);
    struct imap_cursor cursor = imap_cursor_over(&session->scratch, args_so_far);
    struct append append;
    uint64_t taken = 0;
    size_t count;
    slice name;
    if (!parse_append(session, &cursor, &name, &append, 1, &count) ||
        count != imap->incoming_count + 1)
        return false;
    for (size_t i = 0; i < imap->incoming_count; i++)
        taken += arrival_size(imap->incoming[i].arrival);
    *max = APPEND_BYTES_MAX - taken < MESSAGE_BYTES_MAX ? APPEND_BYTES_MAX - taken
                                                        : MESSAGE_BYTES_MAX;
    return true;
}

void imap_append_begins(struct session *session)
{
    struct imap *imap = imap_of(session);
    if (!imap->incoming)
        imap->incoming = arena_take_array(&imap->letter, IMAP_LITERALS_MAX,
                                          sizeof *imap->incoming);
    imap->incoming[imap->incoming_count++] =
        (struct imap_incoming){ .arrival = arrival_begin(session->services->store) };
}

bool imap_octets(struct session *session, slice piece)
{
    const struct imap *imap = imap_of(session);
    struct imap_incoming *incoming = &imap->incoming[imap->incoming_count - 1];
    size_t at;
    incoming->nul |= slice_find(piece, '\0', &at);
    return arrival_write(incoming->arrival, piece);
}

void imap_append_ends(struct session *session)
{
    struct imap *imap = imap_of(session);
    for (size_t i = 0; i < imap->incoming_count; i++)
        arrival_drop(imap->incoming[i].arrival);
    imap->incoming = NULL;
    imap->incoming_count = 0;
}

/* --- when all are there ------------------------------------------------------------------- */

static bool letter_keep(struct imap_incoming *incoming)
{
    incoming->message = arrival_finish(incoming->arrival);
    incoming->arrival = NULL;
    return incoming->message != 0;
}

/* In the order they came, so their uids are neighbours. False: failed. */
static bool letters_place(struct session *session, const struct append *appends, int64_t mailbox)
{
    const struct imap *imap = imap_of(session);
    for (size_t i = 0; i < imap->incoming_count; i++) {
        struct imap_incoming *incoming = &imap->incoming[i];
        if (!letter_keep(incoming) ||
            !store_place(session->services->store, mailbox, incoming->message, appends[i].bits,
                         appends[i].date_ms, appends[i].zone_minutes, &incoming->uid))
            return false;
    }
    return true;
}

static void letters_tell(struct session *session, const struct mailbox *mailbox)
{
    const struct imap *imap = imap_of(session);
    uint32_t first = imap->incoming[0].uid, last = first;
    for (size_t i = 0; i < imap->incoming_count; i++) {
        last = imap->incoming[i].uid;
        imap_tell_stored(session, mailbox->id, last, imap->incoming[i].message);
    }
    imap_tell_changed(session, mailbox->id);
    if (last == first)
        session_code(session, "[APPENDUID %u %u]", mailbox->uidvalidity, first);
    else
        session_code(session, "[APPENDUID %u %u:%u]", mailbox->uidvalidity, first, last);
}

static bool letters_fit(struct session *session)
{
    const struct imap *imap = imap_of(session);
    uint64_t bytes = 0;
    for (size_t i = 0; i < imap->incoming_count; i++)
        bytes += arrival_size(imap->incoming[i].arrival);
    return store_quota_fits(session->services->store, session->user, bytes, imap->incoming_count);
}

static enum outcome letters_store(struct session *session, struct append *appends,
                                  const struct mailbox *mailbox)
{
    if (!letters_fit(session))
        return OUT_OVER_QUOTA;
    for (size_t i = 0; i < imap_of(session)->incoming_count; i++)
        if (!imap_flag_bits(session, mailbox->id, &appends[i].flags, true, &appends[i].bits))
            return OUT_TOO_MANY;
    if (!letters_place(session, appends, mailbox->id))
        return OUT_FAILED;
    letters_tell(session, mailbox);
    return OUT_OK;
}

static enum outcome letters_append(struct session *session, slice name, struct append *appends)
{
    const struct imap *imap = imap_of(session);
    struct mailbox mailbox;
    for (size_t i = 0; i < imap->incoming_count; i++) {
        if (imap->incoming[i].nul)
            return OUT_BARE_NEWLINE;
        if (arrival_size(imap->incoming[i].arrival) == 0) {
            session_detail(session, "A letter of no octets is none");
            return OUT_REFUSED;
        }
    }
    if (imap_mailbox_find(session, name, &mailbox) && mailbox.selectable)
        return letters_store(session, appends, &mailbox);
    if (mailbox_name_valid(name))
        return OUT_NO_SUCH;
    session_detail(session, "No mailbox may be called so");
    return OUT_REFUSED;
}

enum outcome imap_on_append(struct session *session, slice args)
{
    struct imap_cursor cursor = imap_args(session, args);
    size_t count, room = imap_of(session)->incoming_count + 1;
    struct append *appends = arena_take_array(&session->scratch, room, sizeof *appends);
    slice name;
    if (!parse_append(session, &cursor, &name, appends, room, &count) ||
        count != imap_of(session)->incoming_count) {
        imap_forget_command(session);
        return imap_syntax(session, &cursor);
    }
    enum outcome outcome = letters_append(session, name, appends);
    imap_forget_command(session);
    return imap_finish(session, outcome, TELL_ALL);
}
