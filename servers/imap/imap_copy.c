/* imap_copy.c: COPY and MOVE, in one piece: all or nothing. RFC 3501 6.4.7, RFC 6851,
   and the new uids of RFC 4315 3. */
#include "servers/imap/imap_write.h"

#define CODE_MAX 32768 /* a longer COPYUID is left out: it would be no line any more */

struct copying {
    struct imap_set messages;
    struct mailbox to;
};

static enum outcome copy_parse(struct session *session, slice args, struct copying *copying)
{
    struct imap_cursor cursor = imap_args(session, args);
    slice name;
    if (!imap_parse_messages(session, &cursor, &copying->messages) || !imap_parse_space(&cursor) ||
        !imap_parse_astring(&cursor, &name) || !imap_parse_end(&cursor))
        return imap_syntax(session, &cursor);
    if (!imap_mailbox_find(session, name, &copying->to) || !copying->to.selectable)
        return OUT_NO_SUCH;
    return OUT_OK;
}

static bool has_room(const struct copying *copying)
{
    uint64_t count = copying->to.messages;
    for (size_t i = 0; i < copying->messages.count; i++)
        count += copying->messages.ranges[i].last - copying->messages.ranges[i].first + 1u;
    return count <= MAILBOX_MESSAGES_MAX;
}

/* Those that others expunged cannot be copied: UID COPY passes over them, COPY refuses
   before anything is changed (RFC 2180 4.4.2). */
static bool all_there(struct session *session, const struct imap_set *messages)
{
    struct imap_walk walk = { .set = messages };
    uint32_t sequences[IMAP_PAGE];
    struct placement rows[IMAP_PAGE];
    for (size_t count; (count = imap_walk_page(session, &walk, sequences, rows, IMAP_PAGE)) != 0;)
        for (size_t i = 0; i < count; i++)
            if (rows[i].expunged)
                return false;
    return true;
}

/* What is copied counts twice, what is moved as before. */
static bool is_within_quota(struct session *session, const struct imap_set *messages)
{
    struct store *store = session->services->store;
    struct imap_walk walk = { .set = messages };
    uint32_t sequences[IMAP_PAGE];
    struct placement rows[IMAP_PAGE];
    struct quota quota;
    uint64_t bytes = 0, more = 0;
    if (!store_quota(store, session->user, &quota))
        return true; /* there is none: the usual case */
    for (size_t count; (count = imap_walk_page(session, &walk, sequences, rows, IMAP_PAGE)) != 0;)
        for (size_t i = 0; i < count; i++) {
            bytes += rows[i].expunged ? 0 : rows[i].size;
            more += !rows[i].expunged;
        }
    return store_quota_fits(store, session->user, bytes, more);
}

struct copied {
    struct imap_set_writer from, to; /* uids there and here */
};

/* Some copied at once; expunged here too if it is a MOVE. False: the store failed. */
static bool copy_page(struct session *session, const struct copying *copying, bool moves,
                      struct placement *rows, size_t count, struct copied *copied)
{
    struct store *store = session->services->store;
    int64_t from = imap_of(session)->view.mailbox;
    uint32_t uid = 0;
    if (!store_copy_page(store, from, rows, count, copying->to.id, &uid))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (rows[i].expunged)
            continue;
        imap_tell_stored(session, copying->to.id, uid, rows[i].message);
        if (moves)
            imap_tell_removed(session, from, &rows[i]);
        imap_write_set_add(&copied->from, rows[i].uid);
        imap_write_set_add(&copied->to, uid++);
    }
    return !moves || imap_view_expunge(session, rows, count);
}

/* "[COPYUID 9 1:3 7:9]" in *code; empty if nothing was copied. */
static bool copy_all(struct session *session, const struct copying *copying, bool moves,
                     struct buf *code)
{
    const struct imap_view *view = &imap_of(session)->view;
    struct buf news = BUF_MAX(CODE_MAX);
    struct copied copied = { { .buf = code }, { .buf = &news } };
    uint32_t sequences[IMAP_PAGE];
    struct placement rows[IMAP_PAGE];
    bool good = true;
    struct imap_walk walk = { .set = &copying->messages };
    buf_format(code, "[COPYUID %u ", copying->to.uidvalidity);
    for (size_t count;
         good && (count = imap_walk_page(session, &walk, sequences, rows, IMAP_PAGE)) != 0;)
        good = copy_page(session, copying, moves, rows, count, &copied);
    bool any = copied.from.first != 0;
    imap_write_set_end(&copied.from);
    imap_write_set_end(&copied.to);
    buf_add_char(code, ' ');
    buf_add(code, buf_slice(&news));
    buf_add_char(code, ']');
    if (!any || code->full || news.full)
        buf_clear(code);
    buf_free(&news);
    if (any)
        imap_tell_changed(session, copying->to.id);
    if (any && moves)
        imap_tell_changed(session, view->mailbox);
    imap_of(session)->tells_highest = imap_of(session)->moved = any && moves;
    return good && !store_failed(session->services->store);
}

static enum outcome copy_or_move(struct session *session, slice args, bool moves, struct buf *code)
{
    struct copying copying = { .messages = { NULL, 0 } };
    enum outcome outcome = copy_parse(session, args, &copying);
    if (outcome != OUT_OK)
        return outcome;
    if (!imap_of(session)->uid && !all_there(session, &copying.messages))
        return OUT_REFUSED;
    if (!has_room(&copying))
        return OUT_TOO_MANY;
    if (!moves && !is_within_quota(session, &copying.messages))
        return OUT_OVER_QUOTA;
    return copy_all(session, &copying, moves, code) ? OUT_OK : OUT_FAILED;
}

enum outcome imap_on_copy(struct session *session, slice args)
{
    struct buf code = BUF_MAX(CODE_MAX);
    enum outcome outcome = copy_or_move(session, args, false, &code);
    session_code(session, "%s", buf_text(&code));
    buf_free(&code);
    return outcome == OUT_SYNTAX ? outcome : imap_finish(session, outcome, TELL_ALL);
}

/* The new uids are told before the EXPUNGEs (RFC 6851 4.3). */
enum outcome imap_on_move(struct session *session, slice args)
{
    struct buf code = BUF_MAX(CODE_MAX);
    enum outcome outcome = copy_or_move(session, args, true, &code);
    if (outcome == OUT_OK && code.len)
        session_write(session,
                      arena_format(&session->scratch, "* OK %s Moved\r\n", buf_text(&code)));
    buf_free(&code);
    return outcome == OUT_SYNTAX ? outcome : imap_finish(session, outcome, TELL_ALL);
}
