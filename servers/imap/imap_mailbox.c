/* imap_mailbox.c: making, naming, subscribing and counting mailboxes. RFC 3501 6.3.3 to
   6.3.7 and 6.3.10. Names are only names: they touch no file. */
#include "servers/imap/imap_write.h"
#include "servers/mail/mailbox_name.h"

/* One name and nothing more. */
static bool parse_name(struct session *session, struct imap_cursor *cursor, slice args, slice *name)
{
    *cursor = imap_args(session, args);
    return imap_parse_astring(cursor, name) && imap_parse_end(cursor);
}

static enum outcome refuse_name(struct session *session)
{
    session_detail(session, "No mailbox may be called so");
    return OUT_REFUSED;
}

/* --- CREATE, DELETE, RENAME --------------------------------------------------------------- */

enum outcome imap_on_create(struct session *session, slice args)
{
    struct imap_cursor cursor;
    struct mailbox there;
    slice name;
    int64_t id = 0;
    if (!parse_name(session, &cursor, args, &name))
        return imap_syntax(session, &cursor);
    if (name.len && name.at[name.len - 1] == '/') /* "names below this will follow" */
        name.len--;
    if (!mailbox_name_valid(name))
        return imap_finish(session, refuse_name(session), TELL_ALL);
    enum outcome outcome = OUT_OK;
    if (imap_mailbox_find(session, name, &there) && there.selectable)
        outcome = OUT_EXISTS;
    else if (!store_mailbox_create(session->services->store, session->user, name, &id))
        outcome = OUT_TOO_MANY;
    return imap_finish(session, outcome, TELL_ALL);
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
    return OUT_OK;
}

enum outcome imap_on_rename(struct session *session, slice args)
{
    struct imap_cursor cursor = imap_args(session, args);
    slice from, to;
    if (!imap_parse_astring(&cursor, &from) || !imap_parse_space(&cursor) ||
        !imap_parse_astring(&cursor, &to) || !imap_parse_end(&cursor))
        return imap_syntax(session, &cursor);
    return imap_finish(session, mailbox_rename(session, from, to), TELL_ALL);
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

/* --- STATUS ------------------------------------------------------------------------------- */

enum status_item {
    STATUS_MESSAGES,
    STATUS_RECENT,
    STATUS_UIDNEXT,
    STATUS_UIDVALIDITY,
    STATUS_UNSEEN,
    STATUS_ITEMS
};

static const char *const status_names[STATUS_ITEMS] = {
    [STATUS_MESSAGES] = "MESSAGES", [STATUS_RECENT] = "RECENT", [STATUS_UIDNEXT] = "UIDNEXT",
    [STATUS_UIDVALIDITY] = "UIDVALIDITY", [STATUS_UNSEEN] = "UNSEEN",
};

/* Letters that no session has been shown yet. */
static uint32_t count_recent(struct session *session, const struct mailbox *mailbox)
{
    uint32_t count = 0;
    if (mailbox->recent_from >= mailbox->uidnext)
        return 0;
    struct uid_list *list = store_uids(session->services->store, mailbox->id);
    while (list && count < list->count &&
           list->uids[list->count - 1 - count] >= mailbox->recent_from)
        count++;
    uid_list_release(list);
    return count;
}

static uint32_t status_value(struct session *session, const struct mailbox *mailbox,
                             enum status_item item)
{
    switch (item) {
    case STATUS_MESSAGES: return mailbox->messages;
    case STATUS_RECENT: return count_recent(session, mailbox);
    case STATUS_UIDNEXT: return mailbox->uidnext;
    case STATUS_UIDVALIDITY: return mailbox->uidvalidity;
    default: return mailbox->unseen;
    }
}

/* Each once, in the order asked for. */
static bool parse_status_items(struct imap_cursor *cursor, enum status_item *items, size_t *count)
{
    *count = 0;
    do {
        size_t i = 0;
        while (i < STATUS_ITEMS && !imap_take_word(cursor, status_names[i]))
            i++;
        if (i == STATUS_ITEMS)
            return imap_wrong(cursor, "it tells MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN");
        bool known = false;
        for (size_t other = 0; other < *count; other++)
            known |= items[other] == (enum status_item)i;
        if (!known)
            items[(*count)++] = (enum status_item)i;
    } while (take_char(&cursor->rest, ' '));
    return true;
}

enum outcome imap_on_status(struct session *session, slice args)
{
    struct imap_cursor cursor = imap_args(session, args);
    enum status_item items[STATUS_ITEMS];
    struct mailbox mailbox;
    size_t count;
    slice name;
    if (!imap_parse_astring(&cursor, &name) || !imap_parse_space(&cursor) ||
        !imap_parse_char(&cursor, '(') || !parse_status_items(&cursor, items, &count) ||
        !imap_parse_char(&cursor, ')') || !imap_parse_end(&cursor))
        return imap_syntax(session, &cursor);
    if (!imap_mailbox_find(session, name, &mailbox) || !mailbox.selectable)
        return imap_finish(session, OUT_NO_SUCH, TELL_ALL);
    struct buf *text = imap_begin(session, "* STATUS ");
    quote_astring(text, slice_of(mailbox.name));
    for (size_t i = 0; i < count; i++)
        buf_format(text, " %s%s %u", i ? "" : "(", status_names[items[i]],
                   status_value(session, &mailbox, items[i]));
    buf_add_char(text, ')');
    imap_end_line(session);
    return imap_finish(session, OUT_OK, TELL_ALL);
}
