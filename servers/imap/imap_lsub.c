/* imap_lsub.c: what one has subscribed to, in the old way, and where one's mailboxes begin.
   RFC 3501 6.3.9; RFC 2342. LIST is imap_list.c's. */
#include "servers/imap/imap_write.h"
#include "servers/mail/mailbox_name.h"

#define MATCH_NS 2 /* what an octet of a name costs, about, against one of the pattern */
#define LOOK_NS 3  /* … to find that a parent was told */

/* In scratch. */
struct list {
    struct session *session;
    slice pattern;            /* reference and pattern, joined */
    slice *names;             /* what is subscribed to, in order */
    size_t name_count;
    size_t next;              /* to be looked at */
    slice *parents;           /* names told as parents only, at most one a subscription */
    size_t parent_count;
};

static bool parse_list(struct imap_cursor *cursor, slice *reference, slice *pattern)
{
    if (!imap_parse_astring(cursor, reference) || !imap_parse_space(cursor) ||
        !imap_parse_pattern(cursor, pattern) || !imap_parse_end(cursor))
        return false;
    return reference->len + pattern->len <= LIST_PATTERN_MAX ||
           imap_wrong(cursor, "no name and no pattern needs to be as long as that");
}

static void say_name(struct session *session, const char *attributes, slice name)
{
    struct buf *text = imap_begin(session, "* LSUB ");
    buf_format(text, "(%s) \"/\" ", attributes);
    imap_write_mailbox(session, text, name);
    imap_end_line(session);
}

static bool collect_name(void *context, slice name)
{
    struct list *list = context;
    list->names[list->name_count++] = arena_copy(&list->session->scratch, name);
    return list->name_count < MAILBOXES_PER_USER_MAX;
}

static bool is_subscribed(const struct list *list, slice name)
{
    size_t low = 0, high = list->name_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (slice_compare(list->names[middle], name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < list->name_count && slice_equal(list->names[low], name);
}

static bool parent_is_new(struct list *list, slice parent)
{
    for (size_t i = 0; i < list->parent_count; i++)
        if (slice_equal(list->parents[i], parent))
            return false;
    list->parents[list->parent_count++] = parent;
    return true;
}

static bool matches(struct list *list, slice name)
{
    session_spend(list->session, list->pattern.len * name.len * MATCH_NS);
    return mailbox_match(list->pattern, imap_mailbox_shown(list->session, name));
}

/* "%" does not reach a/b; then a is told, though nobody subscribed to it (RFC 3501 6.3.9). */
static void list_parents(struct list *list, slice name)
{
    slice parent = name;
    while (mailbox_name_parent(parent, &parent))
        if (matches(list, parent)) {
            session_spend(list->session, list->parent_count * LOOK_NS);
            if (!is_subscribed(list, parent) && parent_is_new(list, parent))
                say_name(list->session, "\\Noselect", parent);
            return;
        }
}

static void list_subscription(struct list *list, slice name)
{
    struct mailbox mailbox;
    if (matches(list, name)) {
        bool there = imap_mailbox_find(list->session, name, &mailbox) && mailbox.selectable;
        say_name(list->session, there ? "" : "\\Noselect", name);
    } else if (list->pattern.len && list->pattern.at[list->pattern.len - 1] == '%') {
        list_parents(list, name);
    }
}

static enum outcome lsub_stream(struct session *session)
{
    struct list *list = imap_of(session)->command;
    while (list->next < list->name_count) {
        if (session_is_spent(session) || session_output_is_high(session))
            return OUT_MORE;
        list_subscription(list, list->names[list->next++]);
    }
    return imap_finish(session, OUT_OK, TELL_ALL);
}

enum outcome imap_on_lsub(struct session *session, slice args)
{
    struct imap_cursor cursor = imap_args(session, args);
    struct list *list = arena_take(&session->scratch, sizeof *list);
    slice reference, pattern;
    if (!parse_list(&cursor, &reference, &pattern))
        return imap_syntax(session, &cursor);
    list->session = session;
    list->pattern = imap_list_pattern(&session->scratch, reference, pattern);
    list->names = arena_take_array(&session->scratch, MAILBOXES_PER_USER_MAX, sizeof *list->names);
    list->parents = arena_take_array(&session->scratch, MAILBOXES_PER_USER_MAX,
                                     sizeof *list->parents);
    store_subscriptions(session->services->store, session->user, collect_name, list);
    imap_of(session)->command = list;
    session_stream(session, lsub_stream);
    return OUT_MORE;
}

/* --- NAMESPACE ---------------------------------------------------------------------------- */

enum outcome imap_on_namespace(struct session *session, slice args)
{
    enum outcome outcome = imap_no_args(session, args);
    if (outcome != OUT_OK)
        return outcome;
    imap_say(session, "* NAMESPACE ((\"\" \"/\")) NIL NIL");
    return imap_finish(session, OUT_OK, TELL_ALL);
}
