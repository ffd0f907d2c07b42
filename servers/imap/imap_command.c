/* imap_command.c: what handlers have in common: how a command ends, its messages, its
   mailbox, its flags. */
#include "servers/imap/imap.h"

/* Where the cursor stands, and why that is wrong. A space too many is what people type and
   don't see: it is named before anything that it makes wrong. */
enum outcome imap_syntax(struct session *session, const struct imap_cursor *cursor)
{
    const struct imap *imap = imap_of(session);
    const char *wrong = cursor->wrong;
    size_t at = imap->args.len - cursor->rest.len, literal = 0;
    bool literals = slice_find(imap->args, '\n', &literal);
    bool after_space = at ? imap->args.at[at - 1] == ' ' : imap->args_spaced;
    if (!literals && (cursor->rest.len ? slice_is(cursor->rest, " ") : after_space)) {
        wrong = "the line ends with a space";
        at -= cursor->rest.len == 0;
    } else if (!literals && after_space && cursor->rest.at[0] == ' ') {
        wrong = "there are two spaces where one belongs";
    }
    session_detail(session, "Cannot read this %s at %s %zu: %s",
                   protocol_event_name(session->protocol, session->running),
                   literals ? "octet" : "column", imap->args_at + at + 1, wrong);
    return OUT_SYNTAX;
}

enum outcome imap_no_args(struct session *session, slice args)
{
    struct imap_cursor cursor = imap_args(session, args);
    return imap_parse_end(&cursor) ? OUT_OK : imap_syntax(session, &cursor);
}

struct imap_cursor imap_args(struct session *session, slice args)
{
    struct imap *imap = imap_of(session);
    imap->args = arena_copy(&session->scratch, args);
    struct imap_cursor cursor = imap_cursor_over(&session->scratch, imap->args);
    cursor.utf8 = imap->rev2;
    return cursor;
}

/* --- the end of a command ----------------------------------------------------------------- */

static enum outcome finish_stream(struct session *session)
{
    struct imap *imap = imap_of(session);
    if (!imap_view_tell(session, imap->tells))
        return OUT_MORE;
    imap_say_resume_point(session);
    return imap->after;
}

enum outcome imap_finish(struct session *session, enum outcome outcome, unsigned tells)
{
    struct imap *imap = imap_of(session);
    if (store_failed(session->services->store))
        return OUT_FAILED; /* what was changed will be undone: there is nothing to tell */
    if (imap_view_tell(session, tells)) {
        imap_say_resume_point(session);
        return outcome;
    }
    imap->after = outcome;
    imap->tells = tells;
    session_stream(session, finish_stream);
    return OUT_MORE;
}

/* --- mailboxes ---------------------------------------------------------------------------- */

bool imap_mailbox_find(struct session *session, slice name, struct mailbox *mailbox)
{
    return store_mailbox_find(session->services->store, session->user, name, mailbox);
}

void imap_tell_changed(struct session *session, int64_t mailbox)
{
    if (session->services->changed)
        session->services->changed(session->services, mailbox);
}

void imap_tell_stored(struct session *session, int64_t mailbox, uint32_t uid, int64_t message_key)
{
    if (session->services->stored)
        session->services->stored(session->services, mailbox, uid, message_key);
}

void imap_tell_removed(struct session *session, int64_t mailbox, const struct placement *row)
{
    if (session->services->removed)
        session->services->removed(session->services, session, mailbox, row->uid, row->message_key);
}

bool imap_flag_bits(struct session *session, int64_t mailbox, const struct imap_flags *flags,
                    bool make, uint64_t *bits)
{
    *bits = flags->system;
    for (size_t i = 0; i < flags->keyword_count; i++) {
        uint64_t bit = 0;
        if (store_keyword(session->services->store, mailbox, flags->keywords[i], make, &bit))
            *bits |= bit;
        else if (make)
            return false;
    }
    return true;
}

/* --- messages ----------------------------------------------------------------------------- */

static bool sequences_resolve(struct imap_cursor *cursor, const struct imap_view *view,
                              struct imap_set *set)
{
    uint32_t count = imap_view_count(view);
    if (count == 0)
        return imap_wrong(cursor, "this mailbox holds no message");
    *set = imap_set_resolve(cursor->arena, set, count);
    return imap_set_largest(set) <= count ||
           imap_wrong(cursor, "there are fewer messages than that");
}

/* Uids that are not here are left out, and that is no error (RFC 3501 6.4.8). */
void imap_uids_to_sequences(const struct imap_view *view, struct imap_set *set)
{
    size_t kept = 0;
    for (size_t i = 0; i < set->count; i++) {
        uint32_t last = set->ranges[i].last;
        uint32_t before = imap_view_below(view, set->ranges[i].first);
        uint32_t upto = imap_view_below(view, last) + (imap_view_sequence(view, last) != 0);
        if (before < upto)
            set->ranges[kept++] = (struct imap_range){ before + 1, upto };
    }
    set->count = kept;
}

bool imap_parse_uid_set(struct session *session, struct imap_cursor *cursor, struct imap_set *set)
{
    return imap_take_saved(&imap_of(session)->view, cursor, set) || imap_parse_set(cursor, set);
}

struct imap_set imap_uids_resolve(struct arena *arena, const struct imap_view *view,
                                  const struct imap_set *set)
{
    uint32_t count = imap_view_count(view);
    return imap_set_resolve(arena, set, count ? imap_view_uid(view, count) : 0);
}

bool imap_parse_uids(struct session *session, struct imap_cursor *cursor, struct imap_set *set)
{
    if (!imap_parse_uid_set(session, cursor, set))
        return false;
    *set = imap_uids_resolve(cursor->arena, &imap_of(session)->view, set);
    return true;
}

bool imap_parse_messages(struct session *session, struct imap_cursor *cursor, struct imap_set *set)
{
    const struct imap *imap = imap_of(session);
    if (!imap->uid && !imap_next_is(cursor, '$'))
        return imap_parse_set(cursor, set) && sequences_resolve(cursor, &imap->view, set);
    if (!imap_parse_uids(session, cursor, set))
        return false;
    imap_uids_to_sequences(&imap->view, set);
    return true;
}

uint32_t imap_walk_next(struct imap_walk *walk)
{
    if (walk->range == walk->set->count)
        return 0;
    struct imap_range range = walk->set->ranges[walk->range];
    uint32_t here = walk->next ? walk->next : range.first;
    walk->next = here + 1;
    if (here == range.last) {
        walk->next = 0;
        walk->range++;
    }
    return here;
}

uint32_t imap_walk_last(const struct imap_walk *walk, uint32_t here)
{
    return walk->next ? walk->set->ranges[walk->range].last : here;
}

void imap_walk_skip(struct imap_walk *walk, uint32_t to)
{
    if (walk->next && to >= walk->set->ranges[walk->range].last) {
        walk->next = 0;
        walk->range++;
    } else if (walk->next && to >= walk->next) {
        walk->next = to + 1;
    }
}
