/* imap_select.c: opening a mailbox and leaving it. RFC 3501 6.3.1, 6.3.2, 6.4.1, 6.4.2;
   RFC 3691; RFC 7162 3.1.8, 3.2.5, 3.2.11. */
#include "servers/imap/imap_qresync.h"
#include "servers/imap/imap_write.h"

/* How many are new to all, and which is the first unseen: IMAP4rev1 alone. */
static void say_recent(struct session *session, const struct mailbox *mailbox)
{
    const struct imap_view *view = &imap_of(session)->view;
    uint32_t first = store_first_unseen(session->services->store, mailbox->id);
    uint32_t unseen = first ? imap_view_sequence(view, first) : 0;
    imap_say(session, "* %u RECENT", imap_view_recents(view));
    if (unseen)
        imap_say(session, "* OK [UNSEEN %u] Message %u is the first unseen", unseen, unseen);
}

/* In the order of RFC 3501's own example. */
static void say_mailbox(struct session *session, const struct mailbox *mailbox, slice name)
{
    const struct imap_view *view = &imap_of(session)->view;
    imap_say(session, "* %u EXISTS", imap_view_count(view));
    if (imap_of(session)->rev2)
        imap_list_tell(session, mailbox, name);
    else
        say_recent(session, mailbox);
    imap_say(session, "* OK [UIDVALIDITY %u] UIDs valid",
             mailbox->uidvalidity);
    imap_say(session, "* OK [UIDNEXT %u] Predicted next UID",
             mailbox->uidnext);
    imap_say(session, "* OK [HIGHESTMODSEQ %llu] Highest",
             (unsigned long long)view->expunges_told);
    imap_view_say_flags(session);
}

/* SP "(" parameters ")", or nothing. */
static bool parse_parameters(struct session *session, struct imap_cursor *cursor, bool *condstore,
                             struct imap_resync *resync)
{
    if (!take_char(&cursor->rest, ' '))
        return imap_parse_end(cursor);
    if (!take_char(&cursor->rest, '('))
        return imap_wrong(cursor, "parameters stand in parentheses");
    do {
        if (imap_take_word(cursor, "CONDSTORE"))
            *condstore = true;
        else if (!imap_take_word(cursor, "QRESYNC"))
            return imap_wrong(cursor, "the parameters are CONDSTORE and QRESYNC");
        else if (!imap_parse_resync(session, cursor, resync))
            return false;
    } while (take_char(&cursor->rest, ' '));
    return imap_parse_char(cursor, ')') && imap_parse_end(cursor);
}

static enum outcome mailbox_open(struct session *session, slice args, bool writable)
{
    struct imap_cursor cursor = imap_args(session, args);
    struct mailbox mailbox;
    slice name;
    bool condstore = false;
    struct imap_resync resync = { .asked = false };
    if (!imap_parse_mailbox(&cursor, &name) ||
        !parse_parameters(session, &cursor, &condstore, &resync))
        return imap_syntax(session, &cursor);
    if (imap_of(session)->view.mailbox)
        imap_say(session, "* OK [CLOSED] Previous mailbox closed");
    imap_view_close(session);
    if (condstore)
        imap_condstore(session);
    if (!imap_mailbox_find(session, name, &mailbox))
        return OUT_NO_SUCH;
    if (!mailbox.selectable)
        return OUT_REFUSED;
    if (!imap_view_open(session, &mailbox, writable)) {
        imap_view_close(session);
        return OUT_FAILED;
    }
    say_mailbox(session, &mailbox, name);
    /* A client that knew another mailbox by this name starts from nothing. */
    if (resync.asked && resync.uidvalidity == mailbox.uidvalidity)
        return imap_resync_begin(session, &resync);
    return OUT_OK;
}

enum outcome imap_on_select(struct session *session, slice args)
{
    return mailbox_open(session, args, true);
}

enum outcome imap_on_examine(struct session *session, slice args)
{
    return mailbox_open(session, args, false);
}

enum outcome imap_on_check(struct session *session, slice args)
{
    enum outcome outcome = imap_no_args(session, args);
    return outcome == OUT_OK ? imap_finish(session, OUT_OK, TELL_ALL) : outcome;
}

static enum outcome close_end(struct session *session)
{
    imap_view_close(session);
    return OUT_OK;
}

static enum outcome close_now(struct session *session)
{
    const struct imap *imap = imap_of(session);
    imap_say_resume_point(session);
    return imap->view.writable ? imap_expunge(session, NULL, close_end) : close_end(session);
}

static enum outcome close_stream(struct session *session)
{
    return imap_view_tell(session, TELL_FLAGS) ? close_now(session) : OUT_MORE;
}

/* Removes what is \Deleted and tells nobody here: the mailbox is not looked at any more. No
   HIGHESTMODSEQ is told (RFC 7162 3.2.8): a client with QRESYNC goes on from what it knew before,
   and hears then of what CLOSE has removed. Others' flags it is told first, as always. */
enum outcome imap_on_close(struct session *session, slice args)
{
    enum outcome outcome = imap_no_args(session, args);
    if (outcome != OUT_OK)
        return outcome;
    if (!imap_of(session)->qresync)
        return close_now(session);
    session_stream(session, close_stream);
    return OUT_MORE;
}

enum outcome imap_on_unselect(struct session *session, slice args)
{
    enum outcome outcome = imap_no_args(session, args);
    if (outcome == OUT_OK)
        imap_view_close(session);
    return outcome;
}
