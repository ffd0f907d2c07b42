/* imap_search_answer.c: what a search found, said: "* SEARCH 2 84 882", or by RETURN
   "* ESEARCH (TAG "a1") UID COUNT 17 ALL 4:18,21,28" (RFC 4731 3.1). Each is one line, and is
   said in pieces. */
#include "servers/imap/imap_search.h"

uint32_t imap_search_number(const struct imap *imap, uint32_t sequence)
{
    return imap->uid ? imap_view_uid(&imap->view, sequence) : sequence;
}

/* UID SEARCH may tell of expunges, but not if its keys hold numbers, which would shift under the
   client's hands (RFC 7162 3.2.10.2); by the same reason UID SORT and UID THREAD. */
enum outcome imap_search_end(struct session *session)
{
    struct imap *imap = imap_of(session);
    bool uid = imap->uid && !imap->numbers;
    imap_forget_command(session);
    return imap_finish(session, OUT_OK,
                       TELL_FLAGS | TELL_ARRIVALS | (uid ? TELL_EXPUNGES : 0u));
}

/* " (MODSEQ 7)" behind the numbers; nothing if none was found (RFC 7162 3.1.5). */
void imap_search_say_modseq(struct session *session, const struct search *search)
{
    if (!search->tells_modseq || !search->modseq)
        return;
    buf_format(imap_begin(session, " ("), "MODSEQ %llu)", (unsigned long long)search->modseq);
    imap_flush(session);
    imap_note_modseq(imap_of(session), search->modseq);
}

enum outcome imap_search_say(struct session *session, struct search *search)
{
    struct imap *imap = imap_of(session);
    if (!search->told_head)
        session_write(session, SLICE("* SEARCH"));
    search->told_head = true;
    search->answered.set = &search->found.set;
    while (!session_output_is_high(session)) {
        uint32_t sequence = imap_walk_next(&search->answered);
        if (sequence == 0) {
            imap_search_say_modseq(session, search);
            session_write(session, SLICE("\r\n"));
            return imap_search_end(session);
        }
        buf_add_number(imap_begin(session, " "), imap_search_number(imap, sequence));
        imap_flush(session);
    }
    return OUT_MORE;
}

/* Of what is returned: MIN's, MAX's, the larger of both, or of all (RFC 4731 3.2). */
static uint64_t modseq_of_given(const struct search *search)
{
    uint64_t first = search->modseq_first, last = search->modseq_last;
    switch (search->gives & (GIVE_MIN | GIVE_MAX | GIVE_ALL | GIVE_COUNT)) {
    case GIVE_MIN: return first;
    case GIVE_MAX: return last;
    case GIVE_MIN | GIVE_MAX: return first > last ? first : last;
    default: return search->modseq;
    }
}

/* MIN, MAX and ALL of nothing are left out, COUNT never is (RFC 4731 3.1). */
void imap_search_say_head(struct session *session, const struct search *search)
{
    const struct imap *imap = imap_of(session);
    bool any = search->found.total > 0;
    struct buf *text = imap_begin(session, "* ESEARCH (TAG \"");
    buf_add_text(text, imap->tag);
    buf_add_text(text, imap->uid ? "\") UID" : "\")");
    if (any && (search->gives & GIVE_MIN))
        buf_format(text, " MIN %u", imap_search_number(imap, search->min));
    if (any && (search->gives & GIVE_MAX))
        buf_format(text, " MAX %u", imap_search_number(imap, search->max));
    if (search->gives & GIVE_COUNT)
        buf_format(text, " COUNT %u", search->found.total);
    if (any && (search->gives & GIVE_ALL))
        buf_add_text(text, " ALL ");
    imap_flush(session);
}

void imap_search_say_tail(struct session *session, struct search *search)
{
    imap_write_set_end(&search->writer);
    if (search->found.total > 0 && search->tells_modseq) {
        uint64_t modseq = modseq_of_given(search);
        buf_format(&imap_of(session)->text, " MODSEQ %llu", (unsigned long long)modseq);
        imap_note_modseq(imap_of(session), modseq);
    }
    imap_end_line(session);
}

enum outcome imap_search_say_extended(struct session *session, struct search *search)
{
    struct imap *imap = imap_of(session);
    if (!search->told_head && !imap_search_save(session, search))
        return OUT_TOO_MANY;
    if (search->gives == GIVE_SAVE) /* says nothing else (RFC 5182 2.1) */
        return imap_search_end(session);
    if (!search->told_head)
        imap_search_say_head(session, search);
    search->told_head = true;
    search->answered.set = &search->found.set;
    search->writer.buf = &imap->text;
    bool all = search->gives & GIVE_ALL;
    while (!session_output_is_high(session)) {
        uint32_t sequence = all ? imap_walk_next(&search->answered) : 0;
        if (sequence == 0) {
            imap_search_say_tail(session, search);
            return imap_search_end(session);
        }
        imap_write_set_add(&search->writer, imap_search_number(imap, sequence));
        imap_flush(session);
    }
    return OUT_MORE;
}
