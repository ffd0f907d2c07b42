/* imap_thread_command.c: THREAD (RFC 5256 3). Messages are searched as SEARCH does; those that are
   found are put together by imap_thread.c, and said as lists in each other. */
#include "servers/imap/imap_search.h"
#include "base/spare.h"
#include "servers/imap/imap_thread.h"
#include "servers/mail/encoding.h"

#define PIECE_STEPS 65536 /* some milliseconds */

/* In scratch. */
struct threading {
    struct threads *threads;
    const struct thread_node *nodes;
    uint32_t at;             /* the node that is said next; 0: all were */
    bool rising;             /* it was said, and so were its children: what ends with it? */
};

static bool parse_way(struct imap_cursor *cursor, enum thread_way *way)
{
    if (imap_take_word(cursor, "ORDEREDSUBJECT"))
        *way = THREAD_ORDEREDSUBJECT;
    else if (imap_take_word(cursor, "REFERENCES"))
        *way = THREAD_REFERENCES;
    else
        return imap_wrong(cursor, "the ways are ORDEREDSUBJECT and REFERENCES");
    return imap_parse_space(cursor);
}

/* --- what is found -------------------------------------------------------------------------- */

/* In `folded`. */
static slice subject_key(struct session *session, const struct heading *heading, bool *answers)
{
    struct imap *imap = imap_of(session);
    buf_clear(&imap->folded);
    utf8_casemap(&imap->folded, imap_search_base_subject(imap, heading, answers));
    return buf_slice(&imap->folded);
}

static bool thread_found(struct session *session, struct search *search, uint32_t sequence,
                         const struct placement *row, const struct heading *heading)
{
    struct threading *threading = search->own;
    struct heading made;
    if (threads_bytes(threading->threads) == 0)
        threads_expect(threading->threads, search->last - sequence + 1);
    if (!heading) {
        imap_search_heading(session, row, &made);
        heading = &made;
    }
    struct thread_message message = { .number = sequence,
                                    .sent_ms = imap_search_sent(row, heading) };
    message.message_id = heading->message_id;
    message.references = heading->references;
    message.subject = subject_key(session, heading, &message.answers);
    threads_add(threading->threads, &message);
    return threads_bytes(threading->threads) <= SORT_BYTES_MAX;
}

/* --- the answer: thread-list = "(" (thread-members / thread-nested) ")" --------------------- */

/* Among siblings each is a list of its own; a child alone goes on in its parent's. */
static bool is_list(const struct thread_node *nodes, uint32_t node)
{
    uint32_t parent = nodes[node].parent;
    return !parent || nodes[parent].child != node || nodes[node].next;
}

static void say_node(struct session *session, struct threading *threading)
{
    const struct thread_node *nodes = threading->nodes, *node = &nodes[threading->at];
    struct buf *text = imap_begin(session, "");
    bool first = node->parent && nodes[node->parent].child == threading->at;
    if (first && nodes[node->parent].number)
        buf_add_char(text, ' ');
    if (is_list(nodes, threading->at))
        buf_add_char(text, '(');
    if (node->number)
        buf_add_number(text, imap_search_number(imap_of(session), node->number));
    imap_flush(session);
    threading->rising = !node->child;
    if (node->child)
        threading->at = node->child;
}

static void end_node(struct session *session, struct threading *threading)
{
    const struct thread_node *nodes = threading->nodes, *node = &nodes[threading->at];
    if (is_list(nodes, threading->at))
        session_write(session, SLICE(")"));
    threading->rising = !node->next;
    threading->at = node->next ? node->next : node->parent;
}

static enum outcome thread_say(struct session *session, struct search *search)
{
    struct threading *threading = search->own;
    if (!search->told_head) {
        threading->nodes = threads_nodes(threading->threads, &threading->at);
        session_write(session, threading->at ? SLICE("* THREAD ") : SLICE("* THREAD"));
    }
    search->told_head = true;
    while (!session_output_is_high(session)) {
        if (threading->at == 0) {
            session_write(session, SLICE("\r\n"));
            return imap_search_end(session);
        }
        if (threading->rising)
            end_node(session, threading);
        else
            say_node(session, threading);
    }
    return OUT_MORE;
}

static enum outcome thread_go_on(struct session *session, struct search *search)
{
    struct threading *threading = search->own;
    if (threads_step(threading->threads, PIECE_STEPS))
        return thread_say(session, search);
    if (spare_is_used())
        return OUT_FAILED;
    session_pause(session);
    return OUT_MORE;
}

enum outcome imap_on_thread(struct session *session, slice args)
{
    struct imap_cursor cursor = imap_args(session, args);
    struct search *search = arena_take(&session->scratch, sizeof *search);
    struct threading *threading = arena_take(&session->scratch, sizeof *threading);
    enum thread_way way = THREAD_REFERENCES;
    if (!parse_way(&cursor, &way))
        return imap_syntax(session, &cursor);
    enum search_result result = imap_search_parse_program(session, &cursor, search);
    if (result != SEARCH_READ)
        return imap_search_refuse(session, &cursor, search, result);
    threading->threads = threads_new(&session->scratch, way, session->services->secret);
    search->own = threading;
    search->each = thread_found;
    search->headings = true;
    return imap_search_run(session, search, thread_go_on);
}
