/* imap_copy.c: COPY and MOVE: all or nothing, in pages. RFC 3501 6.4.7, RFC 6851,
   and the new uids of RFC 4315 3. */
#include "servers/imap/imap_write.h"

#define CODE_MAX 32768 /* a longer COPYUID is left out: it would be no line any more */
#define LOOK_NS 600    /* what a row costs, about, that is looked at, */
#define COPY_NS 5000   /* … copied, */
#define MOVE_NS 10000  /* … moved */

enum stage { LOOKING, COUNTING, COPYING };

/* In scratch. What was copied stands in imap->work and imap->folded. */
struct copying {
    struct imap_set messages;
    struct mailbox to;
    bool moves;
    enum stage stage;
    struct imap_walk walk;
    uint64_t bytes, more;            /* COUNTING: what the mailboxes would hold */
    struct imap_set_writer from, news; /* uids there and here */
    bool any;
    uint32_t upto;                   /* the last uid of the last page */
};

static enum outcome copy_parse(struct session *session, slice args, struct copying *copying)
{
    struct imap_cursor cursor = imap_args(session, args);
    slice name;
    if (!imap_parse_messages(session, &cursor, &copying->messages) || !imap_parse_space(&cursor) ||
        !imap_parse_mailbox(&cursor, &name) || !imap_parse_end(&cursor))
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

static struct task_plan copy_plan(struct session *session, const struct copying *copying)
{
    return (struct task_plan){
        .kind = copying->moves ? TASK_MOVE : TASK_COPY,
        .mailbox = imap_of(session)->view.mailbox, .to = copying->to.id,
    };
}

/* Should it fail later, these have to go. */
static void copy_placed(struct session *session, const struct copying *copying, uint32_t first,
                        uint32_t count)
{
    const struct task_plan plan = copy_plan(session, copying);
    if (copying->moves)
        return;
    imap_task_begin(session, &plan, &copying->messages);
    store_task_placed(imap_of(session)->task, first, count);
}

/* Some copied at once; expunged here too if it is a MOVE. False: the store failed, or there is no
   mailbox to copy to any more. */
static bool copy_page(struct session *session, struct copying *copying, struct placement *rows,
                      size_t count)
{
    struct store *store = session->services->store;
    struct imap *imap = imap_of(session);
    int64_t from = imap->view.mailbox;
    uint32_t first = 0, uid;
    session_spend(session, count * (copying->moves ? MOVE_NS : COPY_NS));
    if (!store_copy_page(store, from, rows, count, copying->to.id, &first))
        return false;
    uid = first;
    for (size_t i = 0; i < count; i++) {
        if (rows[i].expunged)
            continue;
        imap_tell_stored(session, copying->to.id, uid, rows[i].message_key);
        if (copying->moves)
            imap_tell_removed(session, from, &rows[i]);
        copying->any = true;
        if (imap->work.len < CODE_MAX && imap->folded.len < CODE_MAX) {
            imap_write_set_add(&copying->from, rows[i].uid);
            imap_write_set_add(&copying->news, uid);
        }
        uid++;
    }
    if (uid > first)
        copy_placed(session, copying, first, uid - first);
    return !copying->moves || imap_view_expunge(session, rows, count);
}

/* "[COPYUID 9 1:3 7:9]": COPY's OK has it; MOVE tells it before its EXPUNGEs (RFC 6851 4.3). */
static void say_code(struct session *session, struct copying *copying)
{
    struct imap *imap = imap_of(session);
    imap_write_set_end(&copying->from);
    imap_write_set_end(&copying->news);
    if (!copying->any || imap->work.len + imap->folded.len + 32 > CODE_MAX)
        return;
    session_code(session, "[COPYUID %u %s %s]", copying->to.uidvalidity, buf_text(&imap->work),
                 buf_text(&imap->folded));
    if (!copying->moves)
        return;
    session_write(session, arena_format(&session->scratch, "* OK %.*s Moved\r\n",
                                        SLICE_ARG(session->code)));
    session->code = SLICE_EMPTY;
}

static void tell_others(struct session *session, const struct copying *copying)
{
    if (copying->any)
        imap_tell_changed(session, copying->to.id);
    if (copying->any && copying->moves)
        imap_tell_changed(session, imap_of(session)->view.mailbox);
}

static enum outcome copy_end(struct session *session, struct copying *copying)
{
    struct imap *imap = imap_of(session);
    if (store_failed(session->services->store) || !imap_task_done(session))
        return OUT_FAILED;
    tell_others(session, copying);
    say_code(session, copying);
    imap->tells_highest = imap->moved = copying->any && copying->moves;
    return imap_finish(session, OUT_OK, TELL_ALL);
}

static enum outcome copy_refuse(struct session *session, enum outcome outcome)
{
    return imap_finish(session, outcome, TELL_ALL);
}

/* Others have their turn: what is done so far is told to the store. */
static enum outcome copy_pause(struct session *session, const struct copying *copying)
{
    const struct task_plan plan = copy_plan(session, copying);
    if (copying->stage != COPYING || !copying->any)
        return OUT_MORE;
    tell_others(session, copying);
    return imap_task_pause(session, &plan, &copying->messages, copying->upto) ? OUT_MORE
                                                                              : OUT_FAILED;
}

/* Those that others expunged cannot be copied: UID COPY passes over them, COPY refuses
   before anything is changed (RFC 2180 4.4.2). */
static bool look_at_page(struct copying *copying, const struct placement *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (rows[i].expunged && copying->stage == LOOKING)
            return false;
        copying->bytes += rows[i].expunged ? 0 : rows[i].size;
        copying->more += !rows[i].expunged;
    }
    return true;
}

/* All rows were seen: OUT_OK goes on with the next stage. What is copied counts twice, what is
   moved as before. */
static enum outcome stage_end(struct session *session, struct copying *copying)
{
    struct store *store = session->services->store;
    struct quota quota;
    bool limited = !copying->moves && store_quota(store, session->user, &quota);
    if (copying->stage == LOOKING && !has_room(copying))
        return OUT_TOO_MANY;
    if (limited && !store_quota_fits(store, session->user, copying->bytes, copying->more))
        return OUT_OVER_QUOTA;
    copying->walk = (struct imap_walk){ .set = &copying->messages };
    copying->stage = COPYING;
    return OUT_OK;
}

static enum outcome copy_stream(struct session *session)
{
    struct copying *copying = imap_of(session)->command;
    uint32_t sequences[IMAP_PAGE];
    struct placement rows[IMAP_PAGE];
    if (!imap_task_goes_on(session))
        return OUT_FAILED;
    while (!session_is_spent(session)) {
        size_t count = imap_walk_page(session, &copying->walk, sequences, rows, IMAP_PAGE);
        if (count == 0 && copying->stage == COPYING)
            return copy_end(session, copying);
        enum outcome outcome = count ? OUT_OK : stage_end(session, copying);
        if (outcome != OUT_OK)
            return copy_refuse(session, outcome);
        if (count == 0)
            continue;
        session_spend(session, count * LOOK_NS);
        copying->upto = rows[count - 1].uid;
        if (copying->stage != COPYING && !look_at_page(copying, rows, count))
            return copy_refuse(session, OUT_REFUSED);
        if (copying->stage == COPYING && !copy_page(session, copying, rows, count))
            return OUT_FAILED;
    }
    return copy_pause(session, copying);
}

static enum outcome copy_or_move(struct session *session, slice args, bool moves)
{
    struct imap *imap = imap_of(session);
    struct copying *copying = arena_take(&session->scratch, sizeof *copying);
    struct quota quota;
    enum outcome outcome = copy_parse(session, args, copying);
    if (outcome == OUT_SYNTAX)
        return outcome;
    if (outcome != OUT_OK)
        return copy_refuse(session, outcome);
    bool counts = !moves && store_quota(session->services->store, session->user, &quota);
    copying->moves = moves;
    copying->walk.set = &copying->messages;
    copying->stage = imap->uid ? COUNTING : LOOKING;
    if (imap->uid && !has_room(copying))
        return copy_refuse(session, OUT_TOO_MANY);
    if (imap->uid && !counts)
        copying->stage = COPYING; /* nobody has to look first */
    buf_clear(&imap->work);
    buf_clear(&imap->folded);
    copying->from.buf = &imap->work;
    copying->news.buf = &imap->folded;
    imap->command = copying;
    session_stream(session, copy_stream);
    return OUT_MORE;
}

enum outcome imap_on_copy(struct session *session, slice args)
{
    return copy_or_move(session, args, false);
}

enum outcome imap_on_move(struct session *session, slice args)
{
    return copy_or_move(session, args, true);
}
