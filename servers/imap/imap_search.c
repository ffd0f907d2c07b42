/* imap_search.c: SEARCH: each letter is asked the cheap keys first; its header, and then
   the whole of it, are read only if the answer still depends on them. One letter at a
   time is in memory. What is in a letter's text: imap_search_text.c. How what was found is
   said: imap_search_answer.c. */
#include "servers/imap/imap_search.h"
#include "servers/mail/date.h"

enum search_cost imap_search_cost(enum search_kind kind)
{
    if (kind == KEY_BODY || kind == KEY_TEXT)
        return COST_LETTER;
    bool header = kind == KEY_HEADER || (kind >= KEY_SENTBEFORE && kind <= KEY_SENTSINCE);
    return header ? COST_HEADER : COST_ROW;
}

/* --- one letter --------------------------------------------------------------------------- */

struct asked {
    const struct imap_view *view;
    uint32_t sequence, uid;
    struct placement row;
    slice header;               /* when COST_HEADER or more is asked */
};

static bool row_answer(const struct asked *asked, const struct search_key *key)
{
    const struct placement *row = &asked->row;
    int64_t day = date_day(row->date_ms, row->zone_minutes);
    bool recent = imap_view_recent(asked->view, asked->uid);
    switch (key->kind) {
    case KEY_FLAGS: return (row->flags & key->number) == key->number;
    case KEY_NO_FLAGS: return (row->flags & key->number) == 0;
    case KEY_NEVER: return false;
    case KEY_RECENT: return recent;
    case KEY_NEW: return recent && !(row->flags & FLAG_SEEN);
    case KEY_OLD: return !recent;
    case KEY_SEQUENCES: return imap_set_has(&key->set, asked->sequence);
    case KEY_UIDS: return imap_set_has(&key->set, asked->uid);
    case KEY_LARGER: return row->size > key->number;
    case KEY_MODSEQ: return row->modseq >= key->number;
    case KEY_SMALLER: return row->size < key->number;
    case KEY_BEFORE: return day < key->day;
    case KEY_ON: return day == key->day;
    case KEY_SINCE: return day >= key->day;
    case KEY_OLDER: return row->date_ms < (key->second + 1) * 1000;
    case KEY_YOUNGER: return row->date_ms >= key->second * 1000;
    default: return true;
    }
}

static enum search_answer key_answer(const struct asked *asked, const struct search_key *key,
                                     enum search_cost upto)
{
    enum search_cost cost = imap_search_cost(key->kind);
    if (cost > upto)
        return ANSWER_UNKNOWN;
    bool yes = cost == COST_ROW ? row_answer(asked, key)
             : cost == COST_HEADER ? imap_search_header(asked->header, key) : key->found;
    return yes ? ANSWER_YES : ANSWER_NO;
}

static enum search_answer answer_not(enum search_answer answer)
{
    return answer == ANSWER_UNKNOWN ? answer : answer == ANSWER_YES ? ANSWER_NO : ANSWER_YES;
}

static enum search_answer answer_and(enum search_answer left, enum search_answer right)
{
    if (left == ANSWER_NO || right == ANSWER_NO)
        return ANSWER_NO;
    return left == ANSWER_YES && right == ANSWER_YES ? ANSWER_YES : ANSWER_UNKNOWN;
}

/* An open frame holds one answer at most, and each operator two at the top. */
static enum search_answer answer(const struct search *search, const struct asked *asked,
                                 enum search_cost upto)
{
    enum search_answer stack[SEARCH_DEPTH_MAX + 2];
    size_t height = 0;
    for (size_t i = 0; i < search->count; i++) {
        const struct search_key *key = &search->keys[i];
        enum search_answer *top = &stack[height];
        if (key->kind == KEY_NOT) {
            top[-1] = answer_not(top[-1]);
        } else if (key->kind == KEY_AND) {
            top[-2] = answer_and(top[-2], top[-1]);
            height--;
        } else if (key->kind == KEY_OR) {
            top[-2] = answer_not(answer_and(answer_not(top[-2]), answer_not(top[-1])));
            height--;
        } else {
            must(height < COUNT(stack));
            stack[height++] = key_answer(asked, key, upto);
        }
    }
    must(height == 1);
    return stack[0];
}

/* --- reading more of it ------------------------------------------------------------------- */

static slice letter_read(struct session *session, const struct placement *row, uint64_t len)
{
    struct buf *work = &imap_of(session)->work;
    buf_clear(work);
    store_letter_read(session->services->store, row->message, 0, len, work);
    return buf_slice(work);
}

static enum search_answer answer_from_letter(struct session *session, struct search *search,
                                             struct asked *asked)
{
    struct imap *imap = imap_of(session);
    struct letter letter = { .header_bytes = 0 };
    arena_reset(&imap->letter);
    store_letter(session->services->store, asked->row.message, &imap->letter, &letter);
    uint64_t header = letter.header_bytes < HEADER_BYTES_MAX ? letter.header_bytes
                                                             : HEADER_BYTES_MAX;
    asked->header = letter_read(session, &asked->row, header);
    enum search_answer known = answer(search, asked, COST_HEADER);
    if (known != ANSWER_UNKNOWN)
        return known;
    slice text = letter_read(session, &asked->row, asked->row.size);
    asked->header = slice_upto(text, (size_t)header);
    imap_search_text(&imap->letter, text, search);
    return answer(search, asked, COST_LETTER);
}

static void note_modseq(struct search *search, uint64_t modseq)
{
    if (!search->found.total)
        search->modseq_first = modseq;
    search->modseq_last = modseq;
    if (modseq > search->modseq)
        search->modseq = modseq;
}

static bool letter_matches(struct session *session, struct search *search, uint32_t sequence)
{
    const struct imap_view *view = &imap_of(session)->view;
    struct asked asked = { .view = view, .sequence = sequence, .uid = imap_view_uid(view, sequence),
                           .header = SLICE_EMPTY };
    if (!store_placement(session->services->store, view->mailbox, asked.uid, &asked.row))
        return false;
    enum search_answer known = answer(search, &asked, COST_ROW);
    if (known == ANSWER_UNKNOWN)
        known = answer_from_letter(session, search, &asked);
    if (known == ANSWER_YES)
        note_modseq(search, asked.row.modseq);
    return known == ANSWER_YES;
}

/* --- all of them -------------------------------------------------------------------------- */

static void found_add(struct arena *arena, struct search_found *found, uint32_t sequence)
{
    struct imap_set *set = &found->set;
    found->total++;
    if (set->count && set->ranges[set->count - 1].last + 1 == sequence) {
        set->ranges[set->count - 1].last = sequence;
        return;
    }
    if (set->count == found->cap) {
        found->cap = found->cap ? found->cap * 4 : 16;
        struct imap_range *larger = arena_take_array(arena, found->cap, sizeof *larger);
        for (size_t i = 0; i < set->count; i++)
            larger[i] = set->ranges[i];
        set->ranges = larger;
    }
    set->ranges[set->count++] = (struct imap_range){ sequence, sequence };
}

/* MIN and MAX, alone or together, save no more than they return (RFC 5182 2.1). */
static bool found_save(struct session *session, const struct search *search)
{
    struct imap_view *view = &imap_of(session)->view;
    const struct imap_set *found = &search->found.set;
    unsigned gives = search->gives & (GIVE_MIN | GIVE_MAX | GIVE_ALL | GIVE_COUNT);
    if (store_failed(session->services->store)) {
        imap_saved_clear(view);
        return true; /* the answer will say so */
    }
    if (found->count == 0 || !gives || (gives & (GIVE_ALL | GIVE_COUNT)))
        return imap_saved_keep(view, found);
    uint32_t min = found->ranges[0].first, max = imap_set_largest(found);
    struct imap_range ends[] = { { min, min }, { max, max } };
    struct imap_set both = { gives & GIVE_MIN ? ends : ends + 1, 1 };
    if (gives == (GIVE_MIN | GIVE_MAX) && min != max)
        both.count = 2;
    return imap_saved_keep(view, &both);
}

static enum outcome answer_stream(struct session *session)
{
    struct search *search = imap_of(session)->command;
    return search->then(session, search);
}

static enum outcome search_stream(struct session *session)
{
    struct search *search = imap_of(session)->command;
    uint32_t sequence = 0;
    bool enough = false;
    while (!enough && (sequence = imap_walk_next(&search->walk)) != 0)
        if (letter_matches(session, search, sequence)) {
            found_add(&session->scratch, &search->found, sequence);
            enough = (search->gives | GIVE_SAVE) == (GIVE_MIN | GIVE_SAVE);
        }
    if ((search->gives & GIVE_SAVE) && !found_save(session, search))
        return OUT_TOO_MANY;
    session_stream(session, answer_stream);
    return OUT_MORE;
}

enum outcome imap_search_run(struct session *session, struct search *search,
                             search_answer_fn *then)
{
    struct imap *imap = imap_of(session);
    uint32_t count = imap_view_count(&imap->view);
    search->range = (struct imap_range){ 1, count };
    search->all = (struct imap_set){ &search->range, count ? 1 : 0 };
    search->walk.set = &search->all;
    search->then = then;
    imap->command = search;
    if (search->tells_modseq)
        imap_condstore(session);
    session_stream(session, search_stream);
    return OUT_MORE;
}

/* A search that is answered by NO has saved that nothing was found (RFC 5182 2.1). */
enum outcome imap_search_refuse(struct session *session, const struct imap_cursor *cursor,
                                const struct search *search, enum search_result result)
{
    if (result == SEARCH_SYNTAX)
        return imap_syntax(session, cursor);
    if (search->gives & GIVE_SAVE)
        imap_saved_clear(&imap_of(session)->view);
    return result == SEARCH_CHARSET ? OUT_UNSUPPORTED : OUT_TOO_BIG;
}

enum outcome imap_on_search(struct session *session, slice args)
{
    struct imap_cursor cursor = imap_args(session, args);
    struct search *search = arena_take(&session->scratch, sizeof *search);
    enum search_result result = imap_search_parse(session, &cursor, search);
    if (result != SEARCH_READ)
        return imap_search_refuse(session, &cursor, search, result);
    return imap_search_run(session, search,
                           search->gives ? imap_search_say_extended : imap_search_say);
}
