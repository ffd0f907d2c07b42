/* imap_sort_command.c: SORT (RFC 5256 3), and SORT RETURN (RFC 5267 3). Messages are searched as
   SEARCH does; those that are found get a key by their criteria, from their rows and headings. */
#include "servers/imap/imap_search.h"
#include "base/spare.h"
#include "servers/imap/imap_sort.h"
#include "servers/mail/encoding.h"

#define PIECE_MOVES 65536 /* some milliseconds */

enum criterion { BY_ARRIVAL, BY_CC, BY_DATE, BY_FROM, BY_SIZE, BY_SUBJECT, BY_TO };

/* In scratch. */
struct sort {
    struct {
        enum criterion by;
        bool reverse;
    } criteria[SORT_CRITERIA_MAX];
    size_t count;
    struct sort_list list;
    size_t bytes;            /* of keys */
    size_t told;             /* of the sorted entries */
};

/* --- the criteria --------------------------------------------------------------------------- */

static const struct {
    const char *name;
    enum criterion by;
} names[] = {
    { "ARRIVAL", BY_ARRIVAL }, { "CC", BY_CC }, { "DATE", BY_DATE }, { "FROM", BY_FROM },
    { "SIZE", BY_SIZE }, { "SUBJECT", BY_SUBJECT }, { "TO", BY_TO },
};

static bool parse_criterion(struct imap_cursor *cursor, struct sort *sort)
{
    bool reverse = imap_take_word(cursor, "REVERSE");
    if (reverse && !imap_parse_space(cursor))
        return false;
    for (size_t i = 0; i < COUNT(names); i++) {
        if (!imap_take_word(cursor, names[i].name))
            continue;
        if (sort->count == SORT_CRITERIA_MAX)
            return imap_wrong(cursor, "at most 16 criteria");
        sort->criteria[sort->count].by = names[i].by;
        sort->criteria[sort->count++].reverse = reverse;
        return true;
    }
    return imap_wrong(cursor, "the criteria are ARRIVAL CC DATE FROM SIZE SUBJECT TO, each perhaps "
                              "after REVERSE");
}

static bool parse_criteria(struct imap_cursor *cursor, struct sort *sort)
{
    if (!imap_parse_char(cursor, '('))
        return false;
    do {
        if (!parse_criterion(cursor, sort))
            return false;
    } while (take_char(&cursor->rest, ' '));
    return imap_parse_char(cursor, ')') && imap_parse_space(cursor);
}

/* --- keys ----------------------------------------------------------------------------------- */

/* What is not there is the empty text, which comes first. */
static void key_text(struct imap *imap, slice text, bool reverse)
{
    buf_clear(&imap->folded);
    utf8_casemap(&imap->folded, slice_upto(text, SORT_TEXT_MAX));
    sort_key_text(&imap->text, buf_slice(&imap->folded), reverse);
}

static void key_add(struct imap *imap, enum criterion by, bool reverse,
                    const struct placement *row, const struct heading *heading)
{
    bool answers;
    switch (by) {
    case BY_ARRIVAL: sort_key_number(&imap->text, row->date_ms, reverse); break;
    case BY_DATE: sort_key_number(&imap->text, imap_search_sent(row, heading), reverse); break;
    case BY_SIZE: sort_key_number(&imap->text, (int64_t)row->size, reverse); break;
    case BY_CC: key_text(imap, heading->boxes[BOX_CC], reverse); break;
    case BY_FROM: key_text(imap, heading->boxes[BOX_FROM], reverse); break;
    case BY_TO: key_text(imap, heading->boxes[BOX_TO], reverse); break;
    default:
        key_text(imap, imap_search_base_subject(imap, heading, &answers), reverse);
    }
}

static bool sort_found(struct session *session, struct search *search, uint32_t sequence,
                       const struct placement *row, const struct heading *heading)
{
    struct sort *sort = search->own;
    struct heading made;
    if (sort->bytes == 0)
        sort_expect(&sort->list, search->last - sequence + 1);
    if (!heading && search->headings) {
        imap_search_heading(session, row, &made);
        heading = &made;
    }
    struct buf *text = imap_begin(session, "");
    for (size_t i = 0; i < sort->count; i++)
        key_add(imap_of(session), sort->criteria[i].by, sort->criteria[i].reverse, row, heading);
    sort->bytes += text->len + 2 * sizeof(struct sort_entry); /* and its place in the spare */
    slice key = arena_copy(&session->scratch, buf_slice(text));
    sort_add(&session->scratch, &sort->list, key, sequence);
    return sort->bytes <= SORT_BYTES_MAX;
}

/* --- the answer ----------------------------------------------------------------------------- */

static uint32_t sorted_number(struct session *session, const struct sort *sort, size_t i)
{
    return imap_search_number(imap_of(session), sort->list.entries[i].number);
}

static uint64_t modseq_now(struct session *session, uint32_t sequence)
{
    const struct imap_view *view = &imap_of(session)->view;
    struct placement row = { .modseq = 0 };
    store_placement(session->services->store, view->mailbox, imap_view_uid(view, sequence), &row);
    return row.modseq;
}

/* MIN and MAX are the first and the last in this order (RFC 5267 3.1). */
static void find_ends(struct session *session, struct search *search)
{
    const struct sort *sort = search->own;
    size_t count = sort->list.count;
    if (count) {
        search->min = sort->list.entries[0].number;
        search->max = sort->list.entries[count - 1].number;
    }
    if (count && search->tells_modseq) {
        search->modseq_first = modseq_now(session, search->min);
        search->modseq_last = modseq_now(session, search->max);
    }
}

static enum outcome sort_end(struct session *session, struct search *search)
{
    if (search->gives) {
        imap_search_say_tail(session, search);
    } else {
        imap_search_say_modseq(session, search);
        session_write(session, SLICE("\r\n"));
    }
    return imap_search_end(session);
}

static enum outcome sort_say(struct session *session, struct search *search)
{
    struct sort *sort = search->own;
    if (!search->told_head) {
        find_ends(session, search);
        if (!imap_search_save(session, search))
            return OUT_TOO_MANY;
        if (search->gives == GIVE_SAVE)
            return imap_search_end(session);
        if (search->gives)
            imap_search_say_head(session, search);
        else
            session_write(session, SLICE("* SORT"));
    }
    search->told_head = true;
    search->writer.buf = &imap_of(session)->text;
    while (!session_output_is_high(session)) {
        bool tells = !search->gives || (search->gives & GIVE_ALL);
        if (!tells || sort->told == sort->list.count)
            return sort_end(session, search);
        uint32_t number = sorted_number(session, sort, sort->told++);
        if (search->gives)
            imap_write_set_add(&search->writer, number);
        else
            buf_add_number(imap_begin(session, " "), number);
        imap_flush(session);
    }
    return OUT_MORE;
}

static enum outcome sort_go_on(struct session *session, struct search *search)
{
    struct sort *sort = search->own;
    if (sort_step(&session->scratch, &sort->list, PIECE_MOVES))
        return sort_say(session, search);
    if (spare_is_used())
        return OUT_FAILED;
    session_pause(session);
    return OUT_MORE;
}

/* --- the command ---------------------------------------------------------------------------- */

static bool needs_headings(const struct sort *sort)
{
    for (size_t i = 0; i < sort->count; i++)
        if (sort->criteria[i].by != BY_ARRIVAL && sort->criteria[i].by != BY_SIZE)
            return true;
    return false;
}

enum outcome imap_on_sort(struct session *session, slice args)
{
    struct imap_cursor cursor = imap_args(session, args);
    struct search *search = arena_take(&session->scratch, sizeof *search);
    struct sort *sort = arena_take(&session->scratch, sizeof *sort);
    if (!imap_search_parse_return(&cursor, search) || !parse_criteria(&cursor, sort))
        return imap_syntax(session, &cursor);
    enum search_result result = imap_search_parse_program(session, &cursor, search);
    if (result != SEARCH_READ)
        return imap_search_refuse(session, &cursor, search, result);
    search->own = sort;
    search->each = sort_found;
    search->headings = needs_headings(sort);
    return imap_search_run(session, search, sort_go_on);
}
