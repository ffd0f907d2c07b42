/* imap_mailbox.c: making, naming and subscribing to mailboxes. RFC 3501 6.3.3 to 6.3.7;
   RFC 6154. Names are only names: they touch no file. */
#include "servers/dialect.h"
#include "servers/imap/imap_write.h"
#include "servers/mail/mailbox_name.h"

/* One name and nothing more. */
static bool parse_name(struct session *session, struct imap_cursor *cursor, slice args, slice *name)
{
    *cursor = imap_args(session, args);
    return imap_parse_mailbox(cursor, name) && imap_parse_end(cursor);
}

static enum outcome refuse_name(struct session *session)
{
    session_detail(session, "Not a valid mailbox name");
    return OUT_REFUSED;
}

/* --- CREATE, DELETE, RENAME --------------------------------------------------------------- */

/* "(USE (\Sent \Drafts))", RFC 6154 3. What is all mail or all that is flagged would be no
   mailbox here, so that is refused: *offered false. */
static bool parse_use(struct imap_cursor *cursor, uint32_t *use, bool *offered)
{
    *offered = true;
    if (!imap_parse_space(cursor) || !imap_parse_char(cursor, '('))
        return false;
    if (!imap_take_word(cursor, "USE"))
        return imap_wrong(cursor, "the one parameter is USE");
    if (!imap_parse_space(cursor) || !imap_parse_char(cursor, '('))
        return false;
    if (imap_next_is(cursor, ')')) /* for nothing in particular (RFC 6154 6) */
        return imap_parse_char(cursor, ')') && imap_parse_char(cursor, ')');
    do {
        slice name;
        uint32_t bit = 0;
        if (!imap_parse_char(cursor, '\\') || !imap_parse_atom(cursor, &name))
            return imap_wrong(cursor, "a use begins with a backslash: \\Sent");
        *offered = *offered && mailbox_use_named(name, &bit);
        *use |= bit;
    } while (take_char(&cursor->rest, ' '));
    return imap_parse_char(cursor, ')') && imap_parse_char(cursor, ')');
}

/* RFC 9051 6.3.4, 6.3.6: a mailbox that has another name than the one that the client knows it
   by. */
static void tell_name(struct session *session, slice name, slice old_name)
{
    struct mailbox mailbox;
    if (imap_of(session)->rev2 && imap_mailbox_find(session, name, &mailbox) &&
        !slice_equal(old_name, slice_of(mailbox.name)))
        imap_list_tell(session, &mailbox, old_name);
}

static enum outcome mailbox_create(struct session *session, slice name, uint32_t use)
{
    struct store *store = session->services->store;
    struct mailbox there;
    int64_t id = 0;
    if (imap_mailbox_find(session, name, &there) && there.selectable)
        return OUT_EXISTS;
    if (!store_mailbox_create(store, session->user, name, &id))
        return OUT_TOO_MANY;
    if (use && !store_mailbox_use(store, id, use))
        return OUT_FAILED;
    tell_name(session, name, name);
    return OUT_OK;
}

enum outcome imap_on_create(struct session *session, slice args)
{
    struct imap_cursor cursor = imap_args(session, args);
    uint32_t use = 0;
    bool offered = true;
    slice name;
    if (!imap_parse_mailbox(&cursor, &name) ||
        (cursor.rest.len && !parse_use(&cursor, &use, &offered)) || !imap_parse_end(&cursor))
        return imap_syntax(session, &cursor);
    if (name.len && name.at[name.len - 1] == '/') /* "names below this will follow" */
        name.len--;
    if (!mailbox_name_valid(name))
        return imap_finish(session, refuse_name(session), TELL_ALL);
    if (!offered || (use && mailbox_name_is_inbox(name)))
        return imap_finish(session, OUT_UNSUPPORTED, TELL_ALL);
    return imap_finish(session, mailbox_create(session, name, use), TELL_ALL);
}

enum outcome imap_on_delete(struct session *session, slice args)
{
    struct imap_cursor cursor;
    struct mailbox mailbox;
    slice name;
    if (!parse_name(session, &cursor, args, &name))
        return imap_syntax(session, &cursor);
    if (!imap_mailbox_find(session, name, &mailbox))
        return imap_finish(session, OUT_NO_SUCH, TELL_ALL);
    if (!store_mailbox_delete(session->services->store, mailbox.id)) {
        session_detail(session, mailbox_name_is_inbox(name)
                                    ? "INBOX stays: mail arrives there"
                                    : "Only the name is left, and mailboxes below it");
        return imap_finish(session, OUT_REFUSED, TELL_ALL);
    }
    imap_tell_changed(session, mailbox.id);
    return imap_finish(session, OUT_OK, TELL_ALL);
}

/* Is `name` below the mailbox that is to be renamed? */
static bool is_below(slice name, const struct mailbox *mailbox)
{
    slice above = name;
    while (mailbox_name_parent(above, &above))
        if (mailbox_name_same(above, slice_of(mailbox->name)))
            return true;
    return false;
}

static enum outcome mailbox_rename(struct session *session, slice from, slice to)
{
    struct mailbox mailbox, there;
    if (!imap_mailbox_find(session, from, &mailbox))
        return OUT_NO_SUCH;
    if (!mailbox_name_valid(to))
        return refuse_name(session);
    if (imap_mailbox_find(session, to, &there))
        return OUT_EXISTS;
    if (is_below(to, &mailbox) && !mailbox_name_is_inbox(from)) {
        session_detail(session, "A mailbox cannot stand below itself");
        return OUT_REFUSED;
    }
    if (!store_mailbox_rename(session->services->store, mailbox.id, to)) {
        session_detail(session, "The new names would be too long or too many");
        return OUT_REFUSED;
    }
    imap_tell_changed(session, mailbox.id);
    if (!mailbox_name_is_inbox(from)) /* which is there still */
        tell_name(session, to, from);
    return OUT_OK;
}

/* Of a large INBOX: its messages go in pages, and OK is said when all have gone. */
static enum outcome rename_stream(struct session *session)
{
    struct store *store = session->services->store;
    int64_t changed[2] = { 0 };
    while (store_has_left_task(store) && !session_is_spent(session)) {
        if (!store_chore(store, &changed[0], &changed[1]))
            return OUT_FAILED;
        for (size_t i = 0; i < COUNT(changed); i++)
            if (changed[i])
                imap_tell_changed(session, changed[i]);
        session_spend(session, PIECE_NS / 2);
    }
    return store_has_left_task(store) ? OUT_MORE : imap_finish(session, OUT_OK, TELL_ALL);
}

enum outcome imap_on_rename(struct session *session, slice args)
{
    struct imap_cursor cursor = imap_args(session, args);
    slice from, to;
    if (!imap_parse_mailbox(&cursor, &from) || !imap_parse_space(&cursor) ||
        !imap_parse_mailbox(&cursor, &to) || !imap_parse_end(&cursor))
        return imap_syntax(session, &cursor);
    if (mailbox_name_is_inbox(from) && session_manners(session)->keeps_inbox) {
        session_detail(session, "Renaming INBOX isn't supported");
        return imap_finish(session, OUT_REFUSED, TELL_ALL);
    }
    enum outcome outcome = mailbox_rename(session, from, to);
    if (outcome != OUT_OK || !mailbox_name_is_inbox(from))
        return imap_finish(session, outcome, TELL_ALL);
    session_stream(session, rename_stream);
    return OUT_MORE;
}

/* --- SUBSCRIBE, UNSUBSCRIBE --------------------------------------------------------------- */

static bool count_name(void *context, slice name)
{
    (void)name;
    return ++*(size_t *)context < MAILBOXES_PER_USER_MAX;
}

enum outcome imap_on_subscribe(struct session *session, slice args)
{
    struct store *store = session->services->store;
    struct imap_cursor cursor;
    struct mailbox mailbox;
    slice name;
    size_t count = 0;
    if (!parse_name(session, &cursor, args, &name))
        return imap_syntax(session, &cursor);
    if (!imap_mailbox_find(session, name, &mailbox))
        return imap_finish(session, OUT_NO_SUCH, TELL_ALL);
    store_subscriptions(store, session->user, count_name, &count);
    if (count >= MAILBOXES_PER_USER_MAX)
        return imap_finish(session, OUT_TOO_MANY, TELL_ALL);
    bool done = store_subscribe(store, session->user, slice_of(mailbox.name), true);
    return imap_finish(session, done ? OUT_OK : OUT_FAILED, TELL_ALL);
}

/* The name need not exist any more, nor ever have been subscribed to. */
enum outcome imap_on_unsubscribe(struct session *session, slice args)
{
    struct imap_cursor cursor;
    slice name;
    if (!parse_name(session, &cursor, args, &name))
        return imap_syntax(session, &cursor);
    bool done = store_subscribe(session->services->store, session->user, name, false);
    return imap_finish(session, done ? OUT_OK : OUT_NO_SUCH, TELL_ALL);
}
