/* imap_search.c: SEARCH: the messages of the mailbox are asked one after another, in pieces, so
   that other sessions have their turn; what was found is kept as ranges. How one message is asked:
   imap_search_ask.c. How what was found is said: imap_search_answer.c. */
#include "servers/imap/imap_search.h"

#include "base/spare.h"

#define ROW_NS 300          /* what a row costs, about, before it is asked */
#define HEADING_NS 1600     /* … with its heading */
#define EACH_NS 1000        /* what SORT and THREAD make of one that was found */

/* --- what was found -------------------------------------------------------------------------- */

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
bool imap_search_save(struct session *session, const struct search *search)
{
    struct imap_view *view = &imap_of(session)->view;
    const struct imap_set *found = &search->found.set;
    unsigned gives = search->gives & (GIVE_MIN | GIVE_MAX | GIVE_ALL | GIVE_COUNT);
    if (!(search->gives & GIVE_SAVE))
        return true;
    if (found->count == 0 || !gives || (gives & (GIVE_ALL | GIVE_COUNT)))
        return imap_saved_keep(view, found);
    uint32_t min = search->min, max = search->max;
    struct imap_range ends[] = { { min < max ? min : max, 0 }, { min < max ? max : min, 0 } };
    ends[0].last = ends[0].first;
    ends[1].last = ends[1].first;
    uint32_t wanted = gives & GIVE_MIN ? min : max;
    struct imap_set both = { ends[0].first == wanted ? ends : ends + 1, 1 };
    if (gives == (GIVE_MIN | GIVE_MAX) && min != max)
        both = (struct imap_set){ ends, 2 };
    return imap_saved_keep(view, &both);
}

static enum outcome answer_stream(struct session *session)
{
    struct search *search = imap_of(session)->command;
    return search->then(session, search);
}

/* --- asking ----------------------------------------------------------------------------------- */

static void note_modseq(struct search *search, uint64_t modseq)
{
    if (!search->found.total)
        search->modseq_first = modseq;
    search->modseq_last = modseq;
    if (modseq > search->modseq)
        search->modseq = modseq;
}

static void note_found(struct session *session, struct search *search, uint32_t sequence,
                       const struct placement *row, const struct heading *heading)
{
    note_modseq(search, row->modseq);
    search->max = sequence;
    if (!search->found.total)
        search->min = sequence;
    found_add(&session->scratch, &search->found, sequence);
    session_spend(session, search->each ? EACH_NS : 0);
    if (search->each && !search->each(session, search, sequence, row, heading))
        search->too_many = search->enough = true;
    if ((search->gives | GIVE_SAVE) == (GIVE_MIN | GIVE_SAVE) && !search->each)
        search->enough = true;
}

struct piece {
    struct session *session;
    struct search *search;
    bool more;
};

/* Both lists ascend: a row that this session was not told of is passed over, and so is a message
   whose row is gone. */
static bool on_row(void *context, const struct placement *row, const struct heading *heading)
{
    struct piece *piece = context;
    struct search *search = piece->search;
    const struct imap_view *view = &imap_of(piece->session)->view;
    while (search->next <= search->last && imap_view_uid(view, search->next) < row->uid)
        search->next++;
    if (search->next > search->last)
        return false;
    if (imap_view_uid(view, search->next) == row->uid) {
        uint32_t sequence = search->next++;
        if (imap_search_ask(piece->session, search, sequence, row, heading))
            note_found(piece->session, search, sequence, row, heading);
    }
    session_spend(piece->session, search->headings ? HEADING_NS : ROW_NS);
    piece->more = !search->enough && search->next <= search->last;
    return piece->more && !session_is_spent(piece->session);
}

/* A search that is answered by NO has saved that nothing was found (RFC 5182 2.1). */
static enum outcome search_fail(struct session *session, const struct search *search,
                                enum outcome outcome)
{
    if (search->gives & GIVE_SAVE)
        imap_saved_clear(&imap_of(session)->view);
    return outcome;
}

static enum outcome search_stream(struct session *session)
{
    struct search *search = imap_of(session)->command;
    const struct imap_view *view = &imap_of(session)->view;
    struct piece piece = { session, search, false };
    if (!search->enough && search->next <= search->last)
        store_headings(session->services->store, view->mailbox, imap_view_uid(view, search->next),
                       imap_view_uid(view, search->last), search->headings, on_row, &piece);
    if (store_failed(session->services->store) || spare_is_used())
        return search_fail(session, search, OUT_FAILED);
    if (piece.more && session_is_spent(session))
        return OUT_MORE;
    if (search->too_many)
        return search_fail(session, search, OUT_REFUSED);
    session_stream(session, answer_stream);
    return OUT_MORE;
}

enum outcome imap_search_run(struct session *session, struct search *search,
                             search_answer_fn *then)
{
    struct imap *imap = imap_of(session);
    imap_search_bounds(&imap->view, search, &search->next, &search->last);
    search->then = then;
    imap->command = search;
    for (size_t i = 0; i < search->count; i++)
        search->headings |= imap_search_cost(search->keys[i].kind) == COST_HEADING;
    if (search->tells_modseq)
        imap_condstore(session);
    session_stream(session, search_stream);
    return OUT_MORE;
}

enum outcome imap_search_refuse(struct session *session, const struct imap_cursor *cursor,
                                const struct search *search, enum search_result result)
{
    if (result == SEARCH_SYNTAX)
        return imap_syntax(session, cursor);
    return search_fail(session, search,
                       result == SEARCH_CHARSET ? OUT_UNSUPPORTED : OUT_TOO_BIG);
}

enum outcome imap_on_search(struct session *session, slice args)
{
    struct imap_cursor cursor = imap_args(session, args);
    struct search *search = arena_take(&session->scratch, sizeof *search);
    enum search_result result = imap_search_parse(session, &cursor, search);
    if (result != SEARCH_READ)
        return imap_search_refuse(session, &cursor, search, result);
    if (imap_of(session)->rev2 && !search->gives)
        search->gives = GIVE_ALL; /* RFC 9051 6.4.4 */
    return imap_search_run(session, search,
                           search->gives ? imap_search_say_extended : imap_search_say);
}
