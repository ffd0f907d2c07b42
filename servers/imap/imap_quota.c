/* imap_quota.c: how much one's mailboxes may hold. RFC 9208. All of a user's mailboxes share
   one limit, of the quota root "". Setting it is the world's affair: there is no SETQUOTA. */
#include "servers/imap/imap_write.h"
#include "servers/mail/mailbox_name.h"

#define STORAGE_UNIT 1024 /* RFC 9208 5.1 */

static void add_resource(struct buf *text, const char *name, uint64_t used, uint64_t limit)
{
    bool first = text->at[text->len - 1] == '(';
    buf_format(text, "%s%s %llu %llu", first ? "" : " ", name, (unsigned long long)used,
               (unsigned long long)limit);
}

/* What is used is rounded up, what is allowed down: who is at the limit sees it. */
static void say_quota(struct session *session, const struct quota *quota)
{
    struct buf *text = imap_begin(session, "* QUOTA \"\" (");
    if (quota->bytes)
        add_resource(text, "STORAGE", (quota->bytes_used + STORAGE_UNIT - 1) / STORAGE_UNIT,
                     quota->bytes / STORAGE_UNIT);
    if (quota->messages)
        add_resource(text, "MESSAGE", quota->messages_used, quota->messages);
    buf_add_char(text, ')');
    imap_end_line(session);
}

enum outcome imap_on_getquota(struct session *session, slice args)
{
    struct imap_cursor cursor = imap_args(session, args);
    struct quota quota;
    slice root;
    if (!imap_parse_astring(&cursor, &root) || !imap_parse_end(&cursor))
        return imap_syntax(session, &cursor);
    if (root.len || !store_quota(session->services->store, session->user, &quota))
        return imap_finish(session, OUT_NO_SUCH, TELL_ALL);
    say_quota(session, &quota);
    return imap_finish(session, OUT_OK, TELL_ALL);
}

/* The mailbox need not exist: one may ask where it would be counted (RFC 9208 4.1.2). */
enum outcome imap_on_getquotaroot(struct session *session, slice args)
{
    struct imap_cursor cursor = imap_args(session, args);
    struct quota quota;
    slice name;
    if (!imap_parse_mailbox(&cursor, &name) || !imap_parse_end(&cursor))
        return imap_syntax(session, &cursor);
    if (!mailbox_name_valid(name))
        return imap_finish(session, OUT_REFUSED, TELL_ALL);
    bool limited = store_quota(session->services->store, session->user, &quota);
    struct buf *text = imap_begin(session, "* QUOTAROOT ");
    imap_write_mailbox(session, text, name);
    buf_add_text(text, limited ? " \"\"" : "");
    imap_end_line(session);
    if (limited)
        say_quota(session, &quota);
    return imap_finish(session, OUT_OK, TELL_ALL);
}
