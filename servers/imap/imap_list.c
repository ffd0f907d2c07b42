/* imap_list.c: which mailboxes there are. RFC 3501 6.3.8, RFC 5258 (LIST-EXTENDED, and the
   children's attributes of RFC 3348), RFC 5819 (RETURN (STATUS …)), 6154 (SPECIAL-USE). What is
   asked for is read in imap_list_parse.c; LSUB is imap_lsub.c's. */
#include "servers/imap/imap_list_parse.h"
#include "servers/imap/imap_write.h"
#include "servers/mail/mailbox_name.h"

#define MATCH_NS 2 /* what an octet of a name costs, about, against one of a pattern */

/* A name that may be told: a mailbox, a subscription, or what stands above one. */
struct entry {
    slice name;
    uint32_t use;
    bool exists, selectable, subscribed;
    bool parent;              /* a mailbox stands below it */
    bool matches;             /* a pattern */
    bool chosen;              /* the selection options want it */
    bool above_chosen;        /* … or one below it */
    bool above_untold;        /* … of which no pattern will tell */
};

/* In scratch. Entries are in the order of their names. */
struct list {
    struct session *session;
    struct imap_list_request request;
    size_t pattern_bytes;     /* of all patterns */
    struct entry *entries;
    size_t count, cap;
    size_t matched;           /* so many were held against the patterns */
    size_t next;              /* to be told */
    slice last_subscription;
};

/* --- the names ------------------------------------------------------------------------------ */

/* The first that does not come before the name. */
static size_t entry_place(const struct list *list, slice name)
{
    size_t low = 0, high = list->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (slice_compare(list->entries[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct entry *entry_find(struct list *list, slice name)
{
    size_t at = entry_place(list, name);
    return at < list->count && slice_equal(list->entries[at].name, name) ? &list->entries[at]
                                                                         : NULL;
}

static bool add_mailbox(void *context, const struct mailbox *mailbox)
{
    struct list *list = context;
    if (list->count == list->cap)
        return false;
    list->entries[list->count++] = (struct entry){
        .name = arena_copy(&list->session->scratch, slice_of(mailbox->name)),
        .use = mailbox->use,
        .exists = true,
        .selectable = mailbox->selectable,
    };
    return true;
}

static void add_name(struct list *list, slice name, bool subscribed)
{
    if (list->count < list->cap)
        list->entries[list->count++] = (struct entry){ .name = name, .subscribed = subscribed };
}

/* A subscription needs no mailbox (RFC 3501 6.3.6), and what stands above it none either.
   They come by name, so what two have above them in common was there the last time. */
static bool add_subscription(void *context, slice name)
{
    struct list *list = context;
    slice last = list->last_subscription;
    name = arena_copy(&list->session->scratch, name);
    add_name(list, name, true);
    if (list->request.select & LIST_RECURSIVEMATCH)
        for (slice above = name; mailbox_name_parent(above, &above);)
            if (last.len <= above.len || last.at[above.len] != '/' ||
                !slice_equal(slice_upto(last, above.len), above))
                add_name(list, above, false);
    list->last_subscription = name;
    return true;
}

static void entries_merge(struct entry *to, const struct entry *left, size_t left_count,
                          const struct entry *right, size_t right_count)
{
    while (left_count || right_count)
        if (!right_count || (left_count && slice_compare(left->name, right->name) <= 0)) {
            *to++ = *left++;
            left_count--;
        } else {
            *to++ = *right++;
            right_count--;
        }
}

static void entries_sort(struct list *list)
{
    struct entry *from = list->entries;
    struct entry *to = arena_take_array(&list->session->scratch, list->count + 1, sizeof *to);
    for (size_t run = 1; run < list->count; run *= 2) {
        for (size_t at = 0; at < list->count; at += 2 * run) {
            size_t left = list->count - at < run ? list->count - at : run;
            size_t right = list->count - at - left < run ? list->count - at - left : run;
            entries_merge(to + at, from + at, left, from + at + left, right);
        }
        list->entries = to;
        to = from;
        from = list->entries;
    }
}

/* What is known of one name from several sides becomes one entry. */
static void entries_join(struct list *list)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        const struct entry *entry = &list->entries[i];
        struct entry *last = kept ? &list->entries[kept - 1] : NULL;
        if (!last || !slice_equal(last->name, entry->name)) {
            list->entries[kept++] = *entry;
            continue;
        }
        last->use |= entry->use;
        last->exists |= entry->exists;
        last->selectable |= entry->selectable;
        last->subscribed |= entry->subscribed;
    }
    list->count = kept;
}

static bool entry_matches(const struct list *list, const struct entry *entry)
{
    slice shown = imap_mailbox_shown(list->session, entry->name);
    for (size_t i = 0; i < list->request.pattern_count; i++)
        if (mailbox_match(list->request.patterns[i], shown))
            return true;
    return false;
}

static bool entry_is_chosen(const struct list *list, const struct entry *entry)
{
    unsigned select = list->request.select;
    if (!(select & LIST_SUBSCRIBED) && !entry->exists)
        return false;
    return (!(select & LIST_SUBSCRIBED) || entry->subscribed) &&
           (!(select & LIST_SPECIAL_USE) || entry->use);
}

static void mark_parents(struct list *list, const struct entry *entry)
{
    for (slice above = entry->name; mailbox_name_parent(above, &above);) {
        struct entry *parent = entry_find(list, above);
        if (!parent)
            continue;
        parent->parent |= entry->exists;
        parent->above_chosen |= entry->chosen;
        parent->above_untold |= entry->chosen && !entry->matches;
    }
}

static void entries_read(struct list *list)
{
    struct session *session = list->session;
    bool subscribed = (list->request.select | list->request.returns) & LIST_SUBSCRIBED;
    bool above = list->request.select & LIST_RECURSIVEMATCH;
    list->cap = MAILBOXES_PER_USER_MAX * (1u + subscribed * (above ? MAILBOX_DEPTH_MAX : 1u));
    list->entries = arena_take_array(&session->scratch, list->cap, sizeof *list->entries);
    store_mailboxes(session->services->store, session->user, add_mailbox, list);
    if (subscribed)
        store_subscriptions(session->services->store, session->user, add_subscription, list);
    entries_sort(list);
    entries_join(list);
    for (size_t i = 0; i < list->request.pattern_count; i++)
        list->pattern_bytes += list->request.patterns[i].len;
}

/* --- one line ------------------------------------------------------------------------------- */

static void add_attribute(struct buf *text, bool *first, const char *attribute)
{
    buf_format(text, "%s%s", *first ? "" : " ", attribute);
    *first = false;
}

static void add_attributes(struct buf *text, const struct list *list, const struct entry *entry)
{
    bool first = true;
    if (!entry->exists)
        add_attribute(text, &first, "\\NonExistent");
    else if (!entry->selectable)
        add_attribute(text, &first, "\\Noselect");
    if (entry->subscribed && ((list->request.select | list->request.returns) & LIST_SUBSCRIBED))
        add_attribute(text, &first, "\\Subscribed");
    if (entry->exists || (list->request.returns & LIST_CHILDREN)) /* RFC 5258 4 */
        add_attribute(text, &first, entry->parent ? "\\HasChildren" : "\\HasNoChildren");
    for (uint32_t bit = 1; bit <= USE_LAST; bit <<= 1)
        if (entry->use & bit)
            add_attribute(text, &first, mailbox_use_name(bit));
}

static void entry_say(struct list *list, const struct entry *entry, bool childinfo)
{
    struct session *session = list->session;
    struct mailbox mailbox;
    struct buf *text = imap_begin(session, "* LIST (");
    add_attributes(text, list, entry);
    buf_add_text(text, ") \"/\" ");
    imap_write_mailbox(session, text, entry->name);
    if (childinfo) /* names base options, and SUBSCRIBED is the only one there is (RFC 5258 6) */
        buf_add_text(text, " (\"CHILDINFO\" (\"SUBSCRIBED\"))");
    imap_end_line(session);
    if ((list->request.returns & LIST_STATUS) && entry->selectable && entry->chosen &&
        imap_mailbox_find(session, entry->name, &mailbox))
        imap_say_status(session, &mailbox, &list->request.status);
}

/* --- a line that was not asked for ---------------------------------------------------------- */

static bool note_parent(void *context, const struct mailbox *mailbox)
{
    struct entry *entry = context;
    slice above = slice_of(mailbox->name);
    while (!entry->parent && mailbox_name_parent(above, &above))
        entry->parent = slice_equal(above, entry->name);
    return !entry->parent;
}

void imap_list_tell(struct session *session, const struct mailbox *mailbox, slice old_name)
{
    const struct list list = { .session = session };
    struct entry entry = { .name = slice_of(mailbox->name), .use = mailbox->use, .exists = true,
                           .selectable = mailbox->selectable };
    store_mailboxes(session->services->store, session->user, note_parent, &entry);
    struct buf *text = imap_begin(session, "* LIST (");
    add_attributes(text, &list, &entry);
    buf_add_text(text, ") \"/\" ");
    imap_write_mailbox(session, text, entry.name);
    if (!slice_equal(old_name, entry.name)) {
        buf_add_text(text, " (\"OLDNAME\" (");
        imap_write_mailbox(session, text, old_name);
        buf_add_text(text, "))");
    }
    imap_end_line(session);
}

/* --- all of them ---------------------------------------------------------------------------- */

static enum outcome list_stream(struct session *session)
{
    struct list *list = imap_of(session)->command;
    while (list->next < list->count && !session_output_is_high(session)) {
        const struct entry *entry = &list->entries[list->next++];
        bool recursive = list->request.select & LIST_RECURSIVEMATCH;
        if (entry->matches && (entry->chosen || (recursive && entry->above_untold)))
            entry_say(list, entry, recursive && entry->above_chosen);
    }
    return list->next < list->count ? OUT_MORE : imap_finish(session, OUT_OK, TELL_ALL);
}

/* False: others have their turn first. */
static bool entries_match(struct list *list)
{
    for (; list->matched < list->count; list->matched++) {
        struct entry *entry = &list->entries[list->matched];
        if (session_is_spent(list->session))
            return false;
        entry->matches = entry_matches(list, entry);
        entry->chosen = entry_is_chosen(list, entry);
        session_spend(list->session, list->pattern_bytes * entry->name.len * MATCH_NS);
    }
    return true;
}

static enum outcome match_stream(struct session *session)
{
    struct list *list = imap_of(session)->command;
    if (!entries_match(list))
        return OUT_MORE;
    for (size_t i = 0; i < list->count; i++)
        mark_parents(list, &list->entries[i]);
    session_stream(session, list_stream);
    return OUT_MORE;
}

enum outcome imap_on_list(struct session *session, slice args)
{
    struct imap_cursor cursor = imap_args(session, args);
    struct list *list = arena_take(&session->scratch, sizeof *list);
    list->session = session;
    if (!imap_parse_list(&cursor, &list->request) || !imap_parse_end(&cursor))
        return imap_syntax(session, &cursor);
    if (!list->request.extended && list->request.patterns[0].len == 0) {
        imap_say(session, "* LIST (\\Noselect) \"/\" \"\""); /* "which character separates?" */
        return imap_finish(session, OUT_OK, TELL_ALL);
    }
    entries_read(list);
    imap_of(session)->command = list;
    session_stream(session, match_stream);
    return OUT_MORE;
}
