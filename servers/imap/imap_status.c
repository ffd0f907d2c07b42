/* imap_status.c: counting in a mailbox without opening it. RFC 3501 6.3.10; RFC 7162 3.1.7;
   RFC 7889, 8438, 9208. */
#include "servers/imap/imap_status.h"

#include "servers/imap/imap_write.h"

static const char *const names[STATUS_ITEMS] = {
    [STATUS_MESSAGES] = "MESSAGES", [STATUS_RECENT] = "RECENT",
    [STATUS_UIDNEXT] = "UIDNEXT",   [STATUS_UIDVALIDITY] = "UIDVALIDITY",
    [STATUS_UNSEEN] = "UNSEEN",     [STATUS_SIZE] = "SIZE",
    [STATUS_APPENDLIMIT] = "APPENDLIMIT", [STATUS_HIGHESTMODSEQ] = "HIGHESTMODSEQ",
    [STATUS_DELETED] = "DELETED",         [STATUS_DELETED_STORAGE] = "DELETED-STORAGE",
};

static bool items_have(const struct imap_status_items *items, size_t item)
{
    for (size_t i = 0; i < items->count; i++)
        if (items->items[i] == (enum imap_status_item)item)
            return true;
    return false;
}

bool imap_parse_status_items(struct imap_cursor *cursor, struct imap_status_items *items)
{
    items->count = 0;
    if (!imap_parse_char(cursor, '('))
        return false;
    do {
        size_t i = 0;
        while (i < STATUS_ITEMS && !imap_take_word(cursor, names[i]))
            i++;
        if (i == STATUS_ITEMS)
            return imap_wrong(cursor, "it tells MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN SIZE "
                                      "APPENDLIMIT HIGHESTMODSEQ DELETED DELETED-STORAGE");
        if (!items_have(items, i))
            items->items[items->count++] = (enum imap_status_item)i;
    } while (take_char(&cursor->rest, ' '));
    return imap_parse_char(cursor, ')');
}

/* Messages that no session has been shown yet. */
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

/* Of the mailbox that is open, no further than this session has been told. */
static uint64_t highest_modseq(struct session *session, const struct mailbox *mailbox)
{
    const struct imap_view *view = &imap_of(session)->view;
    return mailbox->id == view->mailbox ? view->expunges_told : mailbox->highest_modseq;
}

static uint64_t count_deleted(struct session *session, const struct mailbox *mailbox, bool octets)
{
    uint64_t messages = 0, bytes = 0;
    store_deleted(session->services->store, mailbox->id, &messages, &bytes);
    return octets ? bytes : messages;
}

static uint64_t value_of(struct session *session, const struct mailbox *mailbox,
                         enum imap_status_item item)
{
    switch (item) {
    case STATUS_MESSAGES: return mailbox->messages;
    case STATUS_RECENT: return count_recent(session, mailbox);
    case STATUS_UIDNEXT: return mailbox->uidnext;
    case STATUS_UIDVALIDITY: return mailbox->uidvalidity;
    case STATUS_SIZE: return mailbox->bytes;
    case STATUS_HIGHESTMODSEQ: return highest_modseq(session, mailbox);
    case STATUS_APPENDLIMIT: return MESSAGE_BYTES_MAX;
    case STATUS_DELETED: return count_deleted(session, mailbox, false);
    case STATUS_DELETED_STORAGE: return count_deleted(session, mailbox, true);
    default: return mailbox->unseen;
    }
}

void imap_say_status(struct session *session, const struct mailbox *mailbox,
                     const struct imap_status_items *items)
{
    if (items_have(items, STATUS_HIGHESTMODSEQ))
        imap_condstore(session);
    struct buf *text = imap_begin(session, "* STATUS ");
    imap_write_mailbox(session, text, slice_of(mailbox->name));
    for (size_t i = 0; i < items->count; i++)
        buf_format(text, " %s%s %llu", i ? "" : "(", names[items->items[i]],
                   (unsigned long long)value_of(session, mailbox, items->items[i]));
    buf_add_char(text, ')');
    imap_end_line(session);
}

enum outcome imap_on_status(struct session *session, slice args)
{
    struct imap_cursor cursor = imap_args(session, args);
    struct imap_status_items items;
    struct mailbox mailbox;
    slice name;
    if (!imap_parse_mailbox(&cursor, &name) || !imap_parse_space(&cursor) ||
        !imap_parse_status_items(&cursor, &items) || !imap_parse_end(&cursor))
        return imap_syntax(session, &cursor);
    if (!imap_mailbox_find(session, name, &mailbox) || !mailbox.selectable)
        return imap_finish(session, OUT_NO_SUCH, TELL_ALL);
    imap_say_status(session, &mailbox, &items);
    return imap_finish(session, OUT_OK, TELL_ALL);
}
