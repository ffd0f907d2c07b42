/* imap_qresync.c: see imap_qresync.h. */
#include "servers/imap/imap_qresync.h"

#include "servers/imap/imap_write.h"

#define PAGE 128
#define LINE_MAX 8000 /* a VANISHED line is ended when it is longer: RFC 7162 4 asks for 8192 */

/* --- VANISHED (EARLIER) ------------------------------------------------------------------- */

static bool is_wanted(const struct imap_vanish *vanish, uint32_t uid)
{
    return uid > vanish->above && (!vanish->known || imap_set_has(vanish->known, uid));
}

/* In the order in which they went: one EXPUNGE goes through the uids upwards, so that this
   makes long ranges, and no page needs to be sorted. */
static void take_page(struct session *session, struct imap_vanish *vanish,
                      struct imap_set_writer *writer)
{
    struct expunged rows[PAGE];
    size_t count = store_expunged(session->services->store, imap_of(session)->view.mailbox,
                                  vanish->since, vanish->upto, rows, PAGE);
    for (size_t i = 0; i < count; i++) {
        vanish->since = rows[i].modseq;
        if (is_wanted(vanish, rows[i].uid))
            imap_write_set_add(writer, rows[i].uid);
    }
    vanish->ended = count < PAGE;
}

bool imap_vanish_say(struct session *session, struct imap_vanish *vanish)
{
    while (!vanish->ended) {
        if (session_output_is_high(session))
            return false;
        struct buf *text = imap_begin(session, "* VANISHED (EARLIER) ");
        struct imap_set_writer writer = { .buf = text };
        while (!vanish->ended && text->len < LINE_MAX)
            take_page(session, vanish, &writer);
        if (writer.first == 0)
            return true;
        imap_write_set_end(&writer);
        imap_end_line(session);
    }
    return true;
}

/* --- the parameter ------------------------------------------------------------------------ */

/* Numbers that ascend, no star. Ranges in order are merged when they are read. */
static bool parse_plain_set(struct imap_cursor *cursor, struct imap_set *set)
{
    if (!imap_parse_set(cursor, set))
        return false;
    for (size_t i = 0; i < set->count; i++)
        if (set->ranges[i].first == IMAP_STAR || set->ranges[i].last == IMAP_STAR)
            return imap_wrong(cursor, "no * belongs into what you know already");
    return true;
}

static uint64_t set_size(const struct imap_set *set)
{
    uint64_t size = 0;
    for (size_t i = 0; i < set->count; i++)
        size += (uint64_t)set->ranges[i].last - set->ranges[i].first + 1;
    return size;
}

static bool set_ascends(const struct imap_set *set)
{
    for (size_t i = 1; i < set->count; i++)
        if (set->ranges[i].first <= set->ranges[i - 1].last)
            return false;
    return true;
}

/* "(" numbers SP uids ")": a sample of which message had which number. */
static bool parse_sample(struct imap_cursor *cursor, struct imap_resync *resync)
{
    resync->has_sample = true;
    if (!imap_parse_char(cursor, '(') || !parse_plain_set(cursor, &resync->sample_sequences) ||
        !imap_parse_space(cursor) || !parse_plain_set(cursor, &resync->sample_uids) ||
        !imap_parse_char(cursor, ')'))
        return false;
    if (!set_ascends(&resync->sample_sequences) || !set_ascends(&resync->sample_uids))
        return imap_wrong(cursor, "numbers and their UIDs ascend");
    return set_size(&resync->sample_sequences) == set_size(&resync->sample_uids) ||
           imap_wrong(cursor, "as many UIDs as numbers belong here");
}

bool imap_parse_resync(struct session *session, struct imap_cursor *cursor,
                       struct imap_resync *resync)
{
    if (!imap_of(session)->qresync)
        return imap_wrong(cursor, "ENABLE QRESYNC comes first");
    resync->asked = true;
    if (!imap_parse_space(cursor) || !imap_parse_char(cursor, '(') ||
        !imap_parse_nz_number(cursor, &resync->uidvalidity) || !imap_parse_space(cursor) ||
        !imap_parse_modseq(cursor, &resync->modseq))
        return false;
    bool more = take_char(&cursor->rest, ' ');
    if (more && !imap_next_is(cursor, '(')) {
        resync->has_known = true;
        if (!parse_plain_set(cursor, &resync->known))
            return false;
        more = take_char(&cursor->rest, ' ');
    }
    return (!more || parse_sample(cursor, resync)) && imap_parse_char(cursor, ')');
}

/* --- the sample --------------------------------------------------------------------------- */

/* A place in a set: a range, and how far in it. */
struct set_walk {
    const struct imap_set *set;
    size_t range;
    uint32_t offset;
};

static uint32_t set_walk_here(const struct set_walk *walk)
{
    return walk->set->ranges[walk->range].first + walk->offset;
}

static uint64_t set_walk_left(const struct set_walk *walk)
{
    return (uint64_t)walk->set->ranges[walk->range].last - set_walk_here(walk) + 1;
}

static void set_walk_on(struct set_walk *walk, uint64_t length)
{
    bool ends = length == set_walk_left(walk);
    walk->range += ends;
    walk->offset = ends ? 0 : walk->offset + (uint32_t)length;
}

/* Of `count` messages from number `sequence` on, the last one whose uid is as far behind `uid`
   as its number is behind `sequence`. Uids grow at least as fast as numbers: once they are
   ahead they stay so. 0: none. */
static uint32_t last_match(const struct imap_view *view, uint32_t sequence, uint32_t uid,
                           uint32_t count)
{
    uint32_t low = 0, high = count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (imap_view_uid(view, sequence + middle) <= (uint64_t)uid + middle)
            low = middle + 1;
        else
            high = middle;
    }
    bool matches = low > 0 && imap_view_uid(view, sequence + low - 1) == uid + low - 1;
    return matches ? uid + low - 1 : 0;
}

/* Up to this uid the client has missed no expunge: as many messages stand before it here as
   there (RFC 7162 3.2.5.2). */
static uint32_t sample_matches(const struct imap_view *view, const struct imap_resync *resync)
{
    struct set_walk numbers = { .set = &resync->sample_sequences };
    struct set_walk uids = { .set = &resync->sample_uids };
    uint32_t matched = 0, count = imap_view_count(view);
    while (numbers.range < numbers.set->count && uids.range < uids.set->count) {
        uint64_t length = set_walk_left(&numbers);
        if (set_walk_left(&uids) < length)
            length = set_walk_left(&uids);
        uint32_t sequence = set_walk_here(&numbers), uid = set_walk_here(&uids);
        if (sequence > count)
            break;
        uint32_t here = length < count - sequence + 1 ? (uint32_t)length : count - sequence + 1;
        uint32_t match = last_match(view, sequence, uid, here);
        if (match)
            matched = match;
        set_walk_on(&numbers, length);
        set_walk_on(&uids, length);
    }
    return matched;
}

/* --- telling it --------------------------------------------------------------------------- */

/* In scratch. */
struct resyncing {
    struct imap_vanish vanish;
    struct imap_set known;
    uint64_t since, upto;
    uint32_t next_uid;
};

/* What was changed since this SELECT began is told by the next command, as always. */
static bool say_changes(struct session *session, struct resyncing *resyncing)
{
    struct imap_view *view = &imap_of(session)->view;
    struct placement rows[PAGE];
    size_t count;
    do {
        count = store_placements(session->services->store, view->mailbox, resyncing->next_uid,
                                 view->uid_told, resyncing->since, false, rows, PAGE);
        for (size_t i = 0; i < count; i++) {
            if (session_output_is_high(session))
                return false;
            resyncing->next_uid = rows[i].uid + 1;
            uint32_t sequence = imap_view_sequence(view, rows[i].uid);
            if (sequence == 0 || rows[i].modseq > resyncing->upto ||
                (resyncing->vanish.known && !imap_set_has(&resyncing->known, rows[i].uid)))
                continue;
            imap_view_say_row(session, sequence, &rows[i], true, true);
        }
    } while (count == PAGE);
    return true;
}

static enum outcome resync_stream(struct session *session)
{
    struct resyncing *resyncing = imap_of(session)->command;
    bool told = imap_vanish_say(session, &resyncing->vanish) && say_changes(session, resyncing);
    if (store_failed(session->services->store)) {
        imap_view_close(session);
        return OUT_FAILED;
    }
    return told ? OUT_OK : OUT_MORE;
}

enum outcome imap_resync_begin(struct session *session, const struct imap_resync *resync)
{
    struct imap *imap = imap_of(session);
    struct resyncing *resyncing = arena_take(&session->scratch, sizeof *resyncing);
    resyncing->since = resync->modseq;
    resyncing->upto = imap->view.flags_told;
    resyncing->next_uid = 1;
    if (resync->has_known)
        resyncing->known = imap_set_resolve(&session->scratch, &resync->known, 0);
    resyncing->vanish = (struct imap_vanish){
        .known = resync->has_known ? &resyncing->known : NULL,
        .above = resync->has_sample ? sample_matches(&imap->view, resync) : 0,
        .since = resync->modseq, .upto = imap->view.expunges_told,
    };
    imap->command = resyncing;
    session_stream(session, resync_stream);
    return OUT_MORE;
}
