/* imap_append.c: APPEND (RFC 3501 6.3.11, RFC 4315 3) of one message or several, all or none
   (RFC 3502), with NULs in a literal8 (RFC 3516 4.4). Messages' octets never stand in the command's
   text: each goes into a draft of the store as it comes. */
#include "servers/imap/imap.h"
#include "servers/arrival.h"
#include "servers/mail/mailbox_name.h"
#include "servers/mail/nul_free.h"

/* What is said of one message before its octets. */
struct append {
    struct imap_flags flags;
    int64_t date_ms;
    int zone_minutes;
    bool binary;
};

/* --- while the octets come ---------------------------------------------------------------- */

/* SP [flags SP] [date-time SP] "{n}" or "~{n}" */
static bool parse_append(struct session *session, struct imap_cursor *cursor,
                         struct append *append)
{
    uint64_t octets;
    *append = (struct append){ .date_ms = (int64_t)session->services->now_ms };
    if (!imap_parse_space(cursor))
        return false;
    if (imap_next_is(cursor, '(') &&
        (!imap_parse_flag_list(cursor, &append->flags) || !imap_parse_space(cursor)))
        return false;
    if (imap_next_is(cursor, '"') &&
        (!imap_parse_date_time(cursor, &append->date_ms, &append->zone_minutes) ||
         !imap_parse_space(cursor)))
        return false;
    return imap_parse_announcement(cursor, &octets, &append->binary);
}

/* Only what came since the last announcement is read: RFC 3502 knows no largest number of
   messages. */
bool imap_append_takes(struct session *session, slice args_so_far, uint64_t *max)
{
    struct imap *imap = imap_of(session);
    struct imap_cursor cursor = imap_cursor_over(&session->scratch,
                                                 slice_from(args_so_far, imap->append_at));
    struct append append;
    slice name;
    if ((imap->incoming_count == 0 && !imap_parse_astring(&cursor, &name)) ||
        !parse_append(session, &cursor, &append) || cursor.rest.len)
        return false;
    imap->append_at = args_so_far.len + 2; /* behind the CRLF */
    imap->binary_announced = append.binary;
    uint64_t taken = imap->incoming_octets;
    if (imap->incoming_count)
        taken += arrival_size(imap->incoming[imap->incoming_count - 1].arrival);
    imap->incoming_octets = taken;
    *max = APPEND_BYTES_MAX - taken < MESSAGE_BYTES_MAX ? APPEND_BYTES_MAX - taken
                                                        : MESSAGE_BYTES_MAX;
    return true;
}

void imap_append_begins(struct session *session)
{
    struct imap *imap = imap_of(session);
    if (imap->incoming_count == imap->incoming_cap) {
        size_t cap = imap->incoming_cap ? imap->incoming_cap * 2 : 8;
        struct imap_incoming *larger = arena_take_array(&imap->message, cap, sizeof *larger);
        for (size_t i = 0; i < imap->incoming_count; i++)
            larger[i] = imap->incoming[i];
        imap->incoming = larger;
        imap->incoming_cap = cap;
    }
    imap->incoming[imap->incoming_count++] =
        (struct imap_incoming){ .arrival = arrival_begin(session->services->store),
                                .binary = imap->binary_announced };
}

bool imap_octets(struct session *session, slice piece)
{
    struct imap *imap = imap_of(session);
    struct imap_incoming *incoming = &imap->incoming[imap->incoming_count - 1];
    size_t at;
    incoming->nul |= slice_find(piece, '\0', &at);
    return arrival_write(incoming->arrival, incoming->binary
                                                ? piece
                                                : crlf_feed(&incoming->crlf, piece, &imap->work));
}

void imap_append_ends(struct session *session)
{
    struct imap *imap = imap_of(session);
    for (size_t i = 0; i < imap->incoming_count; i++)
        arrival_drop(imap->incoming[i].arrival);
    imap->incoming = NULL;
    imap->incoming_count = imap->incoming_cap = imap->append_at = 0;
    imap->incoming_octets = 0;
}

/* --- when all are there ------------------------------------------------------------------- */

static bool message_keep(struct imap_incoming *incoming)
{
    incoming->message_key = arrival_finish(incoming->arrival);
    incoming->arrival = NULL;
    return incoming->message_key != 0;
}

/* In the order they came, so their uids are neighbours. False: failed. */
static bool messages_place(struct session *session, int64_t mailbox)
{
    const struct imap *imap = imap_of(session);
    for (size_t i = 0; i < imap->incoming_count; i++) {
        struct imap_incoming *incoming = &imap->incoming[i];
        if (!message_keep(incoming) ||
            !store_place(session->services->store, mailbox, incoming->message_key, incoming->bits,
                         incoming->date_ms, incoming->zone_minutes, &incoming->uid))
            return false;
    }
    return true;
}

static void messages_tell(struct session *session, const struct mailbox *mailbox)
{
    const struct imap *imap = imap_of(session);
    uint32_t first = imap->incoming[0].uid, last = first;
    for (size_t i = 0; i < imap->incoming_count; i++) {
        last = imap->incoming[i].uid;
        imap_tell_stored(session, mailbox->id, last, imap->incoming[i].message_key);
    }
    imap_tell_changed(session, mailbox->id);
    if (last == first)
        session_code(session, "[APPENDUID %u %u]", mailbox->uidvalidity, first);
    else
        session_code(session, "[APPENDUID %u %u:%u]", mailbox->uidvalidity, first, last);
}

static bool messages_fit(struct session *session)
{
    const struct imap *imap = imap_of(session);
    uint64_t bytes = 0;
    for (size_t i = 0; i < imap->incoming_count; i++)
        bytes += arrival_size(imap->incoming[i].arrival);
    return store_quota_fits(session->services->store, session->user, bytes, imap->incoming_count);
}

/* What was said of each is read once more, now that the mailbox is known whose flags these are.
   False: too many keywords. */
static bool messages_know(struct session *session, struct imap_cursor *said, int64_t mailbox)
{
    const struct imap *imap = imap_of(session);
    for (size_t i = 0; i < imap->incoming_count; i++) {
        struct imap_incoming *incoming = &imap->incoming[i];
        struct append append;
        parse_append(session, said, &append);
        incoming->date_ms = append.date_ms;
        incoming->zone_minutes = append.zone_minutes;
        if (!imap_flag_bits(session, mailbox, &append.flags, true, &incoming->bits))
            return false;
    }
    return true;
}

static enum outcome messages_store(struct session *session, struct imap_cursor *said,
                                  const struct mailbox *mailbox)
{
    if (!messages_fit(session))
        return OUT_OVER_QUOTA;
    if (!messages_know(session, said, mailbox->id))
        return OUT_TOO_MANY;
    if (!messages_place(session, mailbox->id))
        return OUT_FAILED;
    messages_tell(session, mailbox);
    return OUT_OK;
}

/* What holds a NUL is kept as base64: FETCH could not say it otherwise to who asks for BODY[]
   (RFC 3516 6). In one go, as all of APPEND. */
static enum outcome message_encode(struct session *session, struct imap_incoming *incoming)
{
    struct store *store = session->services->store;
    struct buf text = BUF_MAX(MESSAGE_BYTES_MAX), encoded = text;
    uint64_t size = arrival_size(incoming->arrival);
    int64_t message_key = arrival_finish(incoming->arrival);
    incoming->arrival = arrival_begin(store);
    enum outcome outcome = OUT_FAILED;
    if (message_key && store_message_read(store, message_key, 0, size, &text))
        outcome = nul_free_write(buf_slice(&text), &encoded) ? OUT_OK : OUT_UNSUPPORTED;
    if (encoded.full) {
        session_detail(session, "With its NULs in base64 it is larger than %u octets",
                       MESSAGE_BYTES_MAX);
        outcome = OUT_REFUSED;
    } else if (outcome == OUT_OK && !arrival_write(incoming->arrival, buf_slice(&encoded))) {
        outcome = OUT_FAILED;
    }
    buf_free(&text);
    buf_free(&encoded);
    return outcome;
}

static enum outcome messages_append(struct session *session, slice name, struct imap_cursor *said)
{
    const struct imap *imap = imap_of(session);
    struct mailbox mailbox;
    for (size_t i = 0; i < imap->incoming_count; i++) {
        struct imap_incoming *incoming = &imap->incoming[i];
        if (incoming->nul && !incoming->binary)
            return OUT_BARE_NEWLINE;
        if (!arrival_write(incoming->arrival, crlf_end(&incoming->crlf)))
            return OUT_FAILED;
        enum outcome encoded = incoming->nul ? message_encode(session, incoming) : OUT_OK;
        if (encoded != OUT_OK)
            return encoded;
        if (arrival_size(incoming->arrival) == 0) {
            session_detail(session, "A message of no octets is none");
            return OUT_REFUSED;
        }
    }
    if (imap_mailbox_find(session, name, &mailbox) && mailbox.selectable)
        return messages_store(session, said, &mailbox);
    if (mailbox_name_valid(name))
        return OUT_NO_SUCH;
    session_detail(session, "Not a valid mailbox name");
    return OUT_REFUSED;
}

enum outcome imap_on_append(struct session *session, slice args)
{
    const struct imap *imap = imap_of(session);
    struct imap_cursor cursor = imap_args(session, args);
    struct append append;
    slice name;
    size_t count = 0;
    bool good = imap_parse_mailbox(&cursor, &name);
    struct imap_cursor said = cursor;
    do {
        good = good && parse_append(session, &cursor, &append);
        count++;
    } while (good && cursor.rest.len);
    if (!good || count != imap->incoming_count) {
        imap_forget_command(session);
        return imap_syntax(session, &cursor);
    }
    enum outcome outcome = messages_append(session, name, &said);
    imap_forget_command(session);
    return imap_finish(session, outcome, TELL_ALL);
}
