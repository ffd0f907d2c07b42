/* imap_store.c: changing flags, and removing what is \Deleted. RFC 3501 6.4.3, 6.4.6;
   RFC 4315 2.1; RFC 7162 3.1.3. */
#include "servers/imap/imap_write.h"

#define PAGE 128
#define STORE_NS 2500      /* what a row costs, about, that is changed, */
#define LOOK_NS 600        /* … looked at, */
#define EXPUNGE_NS 8000    /* … expunged */
#define MODIFIED_MAX 32768 /* a set longer than this ends in one range: the reply is one line */

/* --- STORE -------------------------------------------------------------------------------- */

/* In scratch: a STORE on many messages goes on as its answers are taken. */
struct storing {
    struct imap_set messages;
    struct imap_walk walk;
    enum flag_change change;
    struct imap_flags flags;
    uint64_t bits;
    bool silent;
    bool knows_bits;        /* `bits` is set: when the first message is stored to */
    bool too_many;          /* keywords */
    uint64_t told_from;     /* modseq: what others changed after it is told by this command */
    uint32_t upto;          /* the last uid that was looked at */
    bool conditional;       /* UNCHANGEDSINCE was said: */
    uint64_t unchanged_since;
    struct imap_set_writer modified; /* "1,3:5", those that were changed since, in imap->work */
};

static bool parse_store_flags(struct imap_cursor *cursor, struct imap_flags *flags)
{
    if (imap_next_is(cursor, '('))
        return imap_parse_flag_list(cursor, flags);
    do {
        if (!imap_parse_flag(cursor, flags))
            return false;
    } while (take_char(&cursor->rest, ' '));
    return true;
}

/* "(UNCHANGEDSINCE n) ", or nothing. */
static bool parse_condition(struct imap_cursor *cursor, struct storing *storing)
{
    if (!take_char(&cursor->rest, '('))
        return true;
    storing->conditional = true;
    if (!imap_take_word(cursor, "UNCHANGEDSINCE"))
        return imap_wrong(cursor, "the condition is UNCHANGEDSINCE and a number");
    return imap_parse_space(cursor) && imap_parse_modseq(cursor, &storing->unchanged_since) &&
           imap_parse_char(cursor, ')') && imap_parse_space(cursor);
}

static bool parse_store(struct session *session, struct imap_cursor *cursor,
                        struct storing *storing)
{
    if (!imap_parse_messages(session, cursor, &storing->messages) || !imap_parse_space(cursor) ||
        !parse_condition(cursor, storing))
        return false;
    storing->change = take_char(&cursor->rest, '+') ? FLAGS_ADD
                    : take_char(&cursor->rest, '-') ? FLAGS_REMOVE : FLAGS_REPLACE;
    storing->silent = imap_take_word(cursor, "FLAGS.SILENT");
    if (!storing->silent && !imap_take_word(cursor, "FLAGS"))
        return imap_wrong(cursor, "say FLAGS, +FLAGS or -FLAGS, perhaps with .SILENT");
    return imap_parse_space(cursor) && parse_store_flags(cursor, &storing->flags) &&
           imap_parse_end(cursor);
}

/* Somebody changed it since: its flags stay. */
static bool condition_fails(struct session *session, struct storing *storing, uint32_t sequence,
                            const struct placement *row)
{
    if (!storing->conditional || row->expunged || row->modseq <= storing->unchanged_since)
        return false;
    imap_write_set_add(&storing->modified, imap_of(session)->uid ? row->uid : sequence);
    return true;
}

/* The set has become too long for a line: none of the rest is tried, and one range says so. It
   may name messages that were not asked for, which nobody takes for changed. */
static void refuse_the_rest(struct session *session, struct storing *storing)
{
    const struct imap *imap = imap_of(session);
    uint32_t first = imap_walk_next(&storing->walk);
    uint32_t last = imap_set_largest(&storing->messages);
    if (first == 0)
        return;
    storing->walk.range = storing->messages.count;
    imap_write_set_add(&storing->modified, imap->uid ? imap_view_uid(&imap->view, first) : first);
    storing->modified.last = imap->uid ? imap_view_uid(&imap->view, last) : last;
}

/* .SILENT trusts the client to know the flags. When this command has just told it what somebody
   else made of them, that would be what it believes last: it is told what they are now. */
static void stored_say(struct session *session, const struct storing *storing,
                       uint32_t sequence, const struct placement *row, uint64_t modseq_before)
{
    bool with_flags = !storing->silent || modseq_before > storing->told_from;
    imap_view_announce(session, row->flags);
    if (with_flags || imap_of(session)->condstore)
        imap_view_say_row(session, sequence, row, imap_of(session)->uid, with_flags);
}

/* A STORE that is not performed makes no keyword either (RFC 7162 3.1.3). */
static bool bits_know(struct session *session, struct storing *storing)
{
    storing->too_many = !storing->knows_bits &&
                        !imap_flag_bits(session, imap_of(session)->view.mailbox, &storing->flags,
                                        storing->change != FLAGS_REMOVE, &storing->bits);
    storing->knows_bits = true;
    return !storing->too_many;
}

/* Some messages at once. What others changed was told before, so that these changes' modseqs
   are the only new ones. False: there are no more. */
static bool store_page(struct session *session, struct storing *storing)
{
    struct imap_view *view = &imap_of(session)->view;
    uint32_t sequences[IMAP_PAGE];
    struct placement rows[IMAP_PAGE];
    uint64_t before = view->flags_told, modseqs[IMAP_PAGE];
    size_t count = imap_walk_page(session, &storing->walk, sequences, rows, IMAP_PAGE), kept = 0;
    if (count == 0)
        return false;
    storing->upto = rows[count - 1].uid;
    session_spend(session, count * STORE_NS);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].expunged || condition_fails(session, storing, sequences[i], &rows[i]))
            continue;
        sequences[kept] = sequences[i];
        modseqs[kept] = rows[i].modseq;
        rows[kept++] = rows[i];
    }
    if (kept && !bits_know(session, storing))
        return false;
    if (!store_flags_page(session->services->store, view->mailbox, rows, kept, storing->change,
                          storing->bits))
        return true; /* the store has failed: the command is undone */
    for (size_t i = 0; i < kept; i++)
        if (rows[i].modseq > before)
            imap_view_own_change(session, rows[i].uid, rows[i].modseq);
    if (view->flags_told > before)
        imap_tell_changed(session, view->mailbox);
    for (size_t i = 0; i < kept; i++)
        stored_say(session, storing, sequences[i], &rows[i], modseqs[i]);
    return true;
}

/* What others have expunged is passed over, as in UID STORE (RFC 3501 6.4.8): the rest was
   stored, and NO would deny that. */
static enum outcome store_end(struct session *session, struct storing *storing)
{
    struct imap *imap = imap_of(session);
    imap_write_set_end(&storing->modified);
    if (imap->work.len)
        session_code(session, "[MODIFIED %s]", buf_text(&imap->work));
    return imap_finish(session, storing->too_many ? OUT_TOO_MANY : OUT_OK,
                       TELL_FLAGS | TELL_ARRIVALS | (imap->uid ? TELL_EXPUNGES : 0u));
}

/* What is done so far is told to the store when others come in: all of it, or nothing. */
static enum outcome store_pause(struct session *session, const struct storing *storing)
{
    const struct imap_view *view = &imap_of(session)->view;
    const struct task_plan plan = {
        .kind = TASK_FLAGS, .mailbox = view->mailbox, .change = storing->change,
        .flags = storing->bits,
        .unchanged_since = storing->conditional ? storing->unchanged_since : UINT64_MAX,
    };
    if (!storing->knows_bits) /* nothing was changed */
        return OUT_MORE;
    return imap_task_pause(session, &plan, &storing->messages, storing->upto) ? OUT_MORE
                                                                              : OUT_FAILED;
}

static enum outcome store_stream(struct session *session)
{
    const struct imap *imap = imap_of(session);
    struct storing *storing = imap->command;
    if (!imap_task_goes_on(session))
        return OUT_FAILED;
    if (!imap_view_tell(session, TELL_FLAGS))
        return OUT_MORE;
    while (!session_output_is_high(session) && !session_is_spent(session)) {
        if (store_failed(session->services->store))
            return OUT_FAILED;
        if (!store_page(session, storing))
            return imap_task_done(session) ? store_end(session, storing) : OUT_FAILED;
        if (imap->work.len > MODIFIED_MAX)
            refuse_the_rest(session, storing);
    }
    return store_pause(session, storing);
}

enum outcome imap_on_store(struct session *session, slice args)
{
    struct imap *imap = imap_of(session);
    struct imap_cursor cursor = imap_args(session, args);
    struct storing *storing = arena_take(&session->scratch, sizeof *storing);
    if (!parse_store(session, &cursor, storing))
        return imap_syntax(session, &cursor);
    if (storing->conditional)
        imap_condstore(session);
    storing->told_from = imap->view.flags_told;
    storing->walk.set = &storing->messages;
    storing->modified.buf = &imap->work;
    imap->command = storing;
    session_stream(session, store_stream);
    return OUT_MORE;
}

/* --- EXPUNGE ------------------------------------------------------------------------------ */

/* In scratch. */
struct expunging {
    const struct imap_set *uids; /* NULL: all */
    uint32_t next;               /* the first uid that is not looked at yet */
    bool any;                    /* something was removed */
    stream *then;
};

static bool expunge_page(struct session *session, struct expunging *expunging,
                         const struct placement *rows, size_t count)
{
    struct placement doomed[PAGE];
    int64_t mailbox = imap_of(session)->view.mailbox;
    size_t dooms = 0;
    for (size_t i = 0; i < count; i++)
        if ((rows[i].flags & FLAG_DELETED) &&
            (!expunging->uids || imap_set_has(expunging->uids, rows[i].uid)))
            doomed[dooms++] = rows[i];
    for (size_t i = 0; i < dooms; i++)
        imap_tell_removed(session, mailbox, &doomed[i]);
    session_spend(session, count * LOOK_NS + dooms * EXPUNGE_NS);
    if (!imap_view_expunge(session, doomed, dooms))
        return false;
    if (dooms) {
        expunging->any = true;
        imap_of(session)->tells_highest = true; /* RFC 7162 3.2.7 */
        imap_tell_changed(session, mailbox);
    }
    return true;
}

static enum outcome expunge_pause(struct session *session, const struct expunging *expunging)
{
    const struct imap_view *view = &imap_of(session)->view;
    struct buf uids = BUF_MAX(IMAP_COMMAND_MAX);
    struct task_plan plan = { .kind = TASK_EXPUNGE, .mailbox = view->mailbox, .marked = true };
    for (size_t i = 0; expunging->uids && i < expunging->uids->count; i++)
        buf_format(&uids, "%s%u:%u", i ? "," : "", expunging->uids->ranges[i].first,
                   expunging->uids->ranges[i].last < view->uid_told
                       ? expunging->uids->ranges[i].last : view->uid_told);
    if (!expunging->uids)
        buf_format(&uids, "1:%u", view->uid_told);
    plan.uids = buf_slice(&uids);
    bool kept = imap_task_pause(session, &plan, NULL, expunging->next - 1);
    buf_free(&uids);
    return kept ? OUT_MORE : OUT_FAILED;
}

/* Only what this session has been told of: nobody removes what she has not seen. */
static enum outcome expunge_stream(struct session *session)
{
    struct expunging *expunging = imap_of(session)->command;
    const struct imap_view *view = &imap_of(session)->view;
    struct store *store = session->services->store;
    struct placement rows[PAGE];
    if (!imap_task_goes_on(session))
        return OUT_FAILED;
    while (expunging->next <= view->uid_told) {
        if (session_is_spent(session))
            return expunging->any ? expunge_pause(session, expunging) : OUT_MORE;
        size_t count = store_placements(store, view->mailbox, expunging->next, view->uid_told, 0,
                                        false, rows, PAGE);
        if (count == 0)
            break;
        if (!expunge_page(session, expunging, rows, count))
            return OUT_FAILED;
        expunging->next = rows[count - 1].uid + 1;
    }
    if (store_failed(store) || !imap_task_done(session))
        return OUT_FAILED;
    return expunging->then(session);
}

enum outcome imap_expunge(struct session *session, const struct imap_set *uids, stream *then)
{
    struct expunging *expunging = arena_take(&session->scratch, sizeof *expunging);
    *expunging = (struct expunging){ uids, 1, false, then };
    imap_of(session)->command = expunging;
    session_stream(session, expunge_stream);
    return OUT_MORE;
}

static enum outcome expunge_end(struct session *session)
{
    return imap_finish(session, OUT_OK, TELL_ALL);
}

enum outcome imap_on_expunge(struct session *session, slice args)
{
    struct imap *imap = imap_of(session);
    struct imap_cursor cursor = imap_args(session, args);
    struct imap_set *uids = arena_take(&session->scratch, sizeof *uids);
    if ((imap->uid && !imap_parse_uids(session, &cursor, uids)) || !imap_parse_end(&cursor))
        return imap_syntax(session, &cursor);
    return imap_expunge(session, imap->uid ? uids : NULL, expunge_end);
}
