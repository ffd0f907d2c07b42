/* imap_search.c: SEARCH: each letter is asked the cheap keys first; its header, and then
   the whole of it, are read only if the answer still depends on them. One letter at a
   time is in memory. What is in a letter's text: imap_search_text.c. */
#include "servers/imap/imap_search.h"
#include "servers/imap/imap_write.h"
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
    if (known == ANSWER_YES && asked.row.modseq > search->modseq)
        search->modseq = asked.row.modseq;
    return known == ANSWER_YES;
}

/* --- all of them -------------------------------------------------------------------------- */

static enum outcome search_stream(struct session *session)
{
    struct imap *imap = imap_of(session);
    struct search *search = imap->command;
    bool uid = imap->uid;
    while (!session_output_is_high(session)) {
        uint32_t sequence = imap_walk_next(&search->walk);
        if (sequence == 0) {
            if (search->tells_modseq && search->modseq) {
                buf_format(imap_begin(session, " ("), "MODSEQ %llu)",
                           (unsigned long long)search->modseq);
                imap_flush(session);
                imap_note_modseq(imap, search->modseq);
            }
            session_write(session, SLICE("\r\n"));
            imap_forget_command(session);
            return imap_finish(session, OUT_OK,
                               TELL_FLAGS | TELL_ARRIVALS | (uid ? TELL_EXPUNGES : 0u));
        }
        if (!letter_matches(session, search, sequence))
            continue;
        buf_format(imap_begin(session, " "), "%u",
                   uid ? imap_view_uid(&imap->view, sequence) : sequence);
        imap_flush(session);
    }
    return OUT_MORE;
}

static enum outcome search_begin(struct session *session, struct search *search)
{
    struct imap *imap = imap_of(session);
    uint32_t count = imap_view_count(&imap->view);
    search->range = (struct imap_range){ 1, count };
    search->all = (struct imap_set){ &search->range, count ? 1 : 0 };
    search->walk.set = &search->all;
    imap->command = search;
    if (search->tells_modseq)
        imap_condstore(session);
    session_write(session, SLICE("* SEARCH"));
    session_stream(session, search_stream);
    return OUT_MORE;
}

enum outcome imap_on_search(struct session *session, slice args)
{
    struct imap_cursor cursor = imap_args(session, args);
    struct search *search = arena_take(&session->scratch, sizeof *search);
    switch (imap_search_parse(session, &cursor, search)) {
    case SEARCH_SYNTAX: return imap_syntax(session, &cursor);
    case SEARCH_CHARSET: return OUT_UNSUPPORTED;
    case SEARCH_TOO_LONG: return OUT_TOO_BIG;
    default: return search_begin(session, search);
    }
}
