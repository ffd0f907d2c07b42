/* imap_search_ask.c: one message is asked. First the keys that its row answers; then those that
   its heading does; its header, and then the whole of it, are read only if the answer still
   depends on them. What is in a message's text: imap_search_text.c. */
#include "servers/imap/imap_search.h"
#include "servers/mail/base_subject.h"
#include "servers/mail/date.h"
#include "servers/mail/header.h"
#include "servers/mail/heading.h"

enum search_cost imap_search_cost(enum search_kind kind)
{
    switch (kind) {
    case KEY_BODY:
    case KEY_TEXT: return COST_MESSAGE;
    case KEY_HEADER: return COST_HEADER;
    case KEY_HEADING:
    case KEY_SENTBEFORE:
    case KEY_SENTON:
    case KEY_SENTSINCE: return COST_HEADING;
    default: return COST_ROW;
    }
}

struct asked {
    struct session *session;
    uint32_t sequence;
    const struct placement *row;
    const struct heading *heading;  /* when COST_HEADING or more is asked */
    slice header;                   /* when COST_HEADER or more is asked */
};

/* What it costs to ask, about. */
#define KEY_NS 10
#define FOLD_NS 2    /* an octet that is folded and looked through, */
#define MESSAGE_NS 2000 /* a message of which something is read, */
#define READ_NS 2    /* … an octet of it, */
#define TEXT_NS 8    /* … that is decoded and looked through */

/* --- one key -------------------------------------------------------------------------------- */

static bool row_answer(const struct asked *asked, const struct search_key *key)
{
    const struct imap_view *view = &imap_of(asked->session)->view;
    const struct placement *row = asked->row;
    int64_t day = date_day(row->date_ms, row->zone_minutes);
    switch (key->kind) {
    case KEY_FLAGS: return (row->flags & key->number) == key->number;
    case KEY_NO_FLAGS: return (row->flags & key->number) == 0;
    case KEY_NEVER: return false;
    case KEY_RECENT: return imap_view_recent(view, row->uid);
    case KEY_NEW: return !(row->flags & FLAG_SEEN) && imap_view_recent(view, row->uid);
    case KEY_OLD: return !imap_view_recent(view, row->uid);
    case KEY_SEQUENCES: return imap_set_has(&key->set, asked->sequence);
    case KEY_UIDS: return imap_set_has(&key->set, row->uid);
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

/* SENT…: the day as it was written, where it was written. */
static bool heading_answer(const struct asked *asked, const struct search_key *key)
{
    const struct heading *heading = asked->heading;
    if (key->kind == KEY_HEADING) {
        slice shown = heading->texts[key->heading];
        session_spend(asked->session, KEY_NS + shown.len * FOLD_NS);
        return shown.at && (key->text.len == 0 ||
                            imap_search_holds(shown, key->text, &imap_of(asked->session)->folded));
    }
    int64_t day = date_day(heading->sent_ms, heading->sent_zone);
    if (!heading->dated)
        return false;
    return key->kind == KEY_SENTBEFORE ? day < key->day
         : key->kind == KEY_SENTON ? day == key->day : day >= key->day;
}

static enum search_answer key_answer(const struct asked *asked, const struct search_key *key,
                                     enum search_cost upto)
{
    bool yes;
    enum search_cost cost = imap_search_cost(key->kind);
    if (cost > upto)
        return ANSWER_UNKNOWN;
    switch (cost) {
    case COST_ROW: yes = row_answer(asked, key); break;
    case COST_HEADING: yes = heading_answer(asked, key); break;
    default: yes = key->found; break;
    }
    return yes ? ANSWER_YES : ANSWER_NO;
}

/* --- all keys -------------------------------------------------------------------------------- */

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

/* --- reading more of it ---------------------------------------------------------------------- */

static slice message_read(struct session *session, const struct placement *row, uint64_t len)
{
    struct buf *work = &imap_of(session)->work;
    buf_clear(work);
    store_message_read(session->services->store, row->message_key, 0, len, work);
    session_spend(session, MESSAGE_NS + work->len * READ_NS);
    return buf_slice(work);
}

/* Nearly all messages are one chunk of the store, and headers end in the first. */
static slice header_read(struct session *session, const struct placement *row)
{
    slice text = message_read(session, row, MESSAGE_CHUNK_BYTES);
    slice header = slice_upto(text, header_end(text));
    if (header.len == text.len && text.len < row->size) {
        text = message_read(session, row, HEADER_BYTES_MAX);
        header = slice_upto(text, header_end(text));
    }
    arena_reset(&imap_of(session)->message);
    return header;
}

void imap_search_heading(struct session *session, const struct placement *row,
                         struct heading *heading)
{
    heading_make(&imap_of(session)->message, header_read(session, row), heading);
}

int64_t imap_search_sent(const struct placement *row, const struct heading *heading)
{
    return heading->dated ? heading->sent_ms : row->date_ms;
}

slice imap_search_base_subject(struct imap *imap, const struct heading *heading, bool *answers)
{
    slice fields = heading->texts[TEXT_SUBJECT];
    return base_subject(&imap->work, fields.at ? take_until(&fields, '\n') : SLICE_EMPTY, answers);
}

static enum search_answer answer_from_message(struct search *search, struct asked *asked)
{
    struct session *session = asked->session;
    struct heading made;
    asked->header = header_read(session, asked->row);
    size_t header = asked->header.len;
    if (!asked->heading) {
        heading_make(&imap_of(session)->message, asked->header, &made);
        asked->heading = &made;
    }
    session_spend(session, imap_search_headers(asked->header, search, &imap_of(session)->folded));
    enum search_answer known = answer(search, asked, COST_HEADER);
    if (known != ANSWER_UNKNOWN)
        return known;
    slice text = buf_slice(&imap_of(session)->work);
    if (text.len < asked->row->size) {
        text = message_read(session, asked->row, asked->row->size);
    }
    session_spend(session, text.len * TEXT_NS);
    asked->header = slice_upto(text, header);
    imap_search_text(&imap_of(session)->message, text, search);
    return answer(search, asked, COST_MESSAGE);
}

bool imap_search_ask(struct session *session, struct search *search, uint32_t sequence,
                     const struct placement *row, const struct heading *heading)
{
    struct asked asked = { session, sequence, row, heading, SLICE_EMPTY };
    session_spend(session, search->count * KEY_NS);
    enum search_answer known = answer(search, &asked, COST_ROW);
    if (known == ANSWER_UNKNOWN && heading)
        known = answer(search, &asked, COST_HEADING);
    if (known == ANSWER_UNKNOWN)
        known = answer_from_message(search, &asked);
    return known == ANSWER_YES;
}

/* --- which messages need not be asked --------------------------------------------------------- */

static struct imap_range key_bounds(const struct imap_view *view, const struct search_key *key)
{
    uint32_t count = imap_view_count(view);
    if (key->kind != KEY_SEQUENCES && key->kind != KEY_UIDS)
        return (struct imap_range){ 1, count };
    if (key->set.count == 0)
        return (struct imap_range){ 1, 0 };
    struct imap_range bounds = { key->set.ranges[0].first, imap_set_largest(&key->set) };
    if (key->kind == KEY_UIDS) {
        uint32_t last = bounds.last;
        bounds.first = imap_view_below(view, bounds.first) + 1;
        bounds.last = imap_view_below(view, last) + (imap_view_sequence(view, last) != 0);
    }
    return bounds;
}

void imap_search_bounds(const struct imap_view *view, const struct search *search, uint32_t *first,
                        uint32_t *last)
{
    struct imap_range stack[SEARCH_DEPTH_MAX + 2];
    size_t height = 0;
    for (size_t i = 0; i < search->count; i++) {
        enum search_kind kind = search->keys[i].kind;
        struct imap_range *top = &stack[height];
        if (kind == KEY_NOT) {
            top[-1] = (struct imap_range){ 1, imap_view_count(view) };
        } else if (kind == KEY_AND || kind == KEY_OR) {
            bool grows = kind == KEY_OR;
            if ((top[-1].first < top[-2].first) == grows)
                top[-2].first = top[-1].first;
            if ((top[-1].last > top[-2].last) == grows)
                top[-2].last = top[-1].last;
            height--;
        } else {
            must(height < COUNT(stack));
            stack[height++] = key_bounds(view, &search->keys[i]);
        }
    }
    must(height == 1);
    *first = stack[0].first;
    *last = stack[0].last;
}
