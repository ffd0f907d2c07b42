/* text.c: what one exchange looks like on a terminal: the server's lines, then one line
   that shows the transition and what is legal next. Bold: a status line and a new state.
   Whatever a colour says, a word says too. */
#include "base/said.h"
#include "servers/dialects/dialects.h"
#include "sim/hosts/host.h"
#include "views/clean.h"
#include "views/exchange.h"
#include "views/guide.h"
#include "views/translate.h"
#include "views/utf8.h"
#include "views/why.h"
#include "views/wrap.h"

#define LINE_COLUMNS_MAX 2000   /* of one line that a server said; more would bury the screen */
#define GUIDE_COLUMN 31         /* where "next" begins if there is room */
#define GAP_MIN 3               /* and so much at least before it */
#define INDENT 3
#define ADVICE_MAX 200            /* octets */

static bool is_status(const struct protocol *protocol, slice line)
{
    if (!protocol || protocol->form == FORM_DIGITS)
        return true;
    if (protocol->form == FORM_SIGN)
        return slice_starts(line, "+OK") || slice_starts(line, "-ERR") || slice_starts(line, "+ ");
    size_t space;
    return !slice_starts(line, "* ") && slice_find(line, ' ', &space) &&
           (slice_starts(slice_from(line, space), " OK") ||
            slice_starts(slice_from(line, space), " NO") ||
            slice_starts(slice_from(line, space), " BAD") || slice_starts(line, "+ "));
}

void text_server_line(struct exchange *exchange, const struct conn *conn, slice line)
{
    slice shown = slice_upto(line, LINE_COLUMNS_MAX);
    bool bold = is_status(conn->protocol, line);
    if (line.len > shown.len)
        shown = utf8_whole(shown);
    if (bold)
        bold_begin(exchange);
    buf_add_text(exchange->out, "S: ");
    clean_add(exchange->out, shown, exchange->front->look.utf8);
    if (line.len > shown.len)
        buf_format(exchange->out, " ... and %zu more", line.len - shown.len);
    if (bold)
        colour_end(exchange);
    buf_add_char(exchange->out, '\n');
}

void text_client_line(struct exchange *exchange, slice line)
{
    slice shown = slice_upto(line, LINE_COLUMNS_MAX);
    buf_add_text(exchange->out, "C: ");
    clean_add(exchange->out, line.len > shown.len ? utf8_whole(shown) : shown,
              exchange->front->look.utf8);
    buf_add_char(exchange->out, '\n');
}

/* --- the line about the state ------------------------------------------------------------- */

/* A line that is being put together; the columns are counted without colours. */
struct sentence {
    struct exchange *exchange;
    size_t columns;
};

static void word_add(struct sentence *sentence, slice word)
{
    buf_add(sentence->exchange->out, word);
    sentence->columns += utf8_width(word);
}

static void words_add(struct sentence *sentence, const char *words)
{
    struct buf said = BUF_MAX(256);
    translate_add(&said, sentence->exchange->front->look.language, slice_of(words));
    word_add(sentence, buf_slice(&said));
    buf_free(&said);
}

static void state_add(struct sentence *sentence, const char *name, bool is_new)
{
    if (is_new)
        bold_begin(sentence->exchange);
    words_add(sentence, name);
    if (is_new)
        colour_end(sentence->exchange);
}

/* What is legal next goes onto the same line if it fits, else under it. */
static void guide_put(struct sentence *sentence, const struct buf *words)
{
    struct buf said = BUF_MAX(2048);
    translate_add(&said, sentence->exchange->front->look.language, buf_slice(words));
    size_t columns = sentence->exchange->front->look.columns;
    size_t used = sentence->columns + utf8_width(buf_slice(&said));
    size_t gap = sentence->columns + GAP_MIN < GUIDE_COLUMN ? GUIDE_COLUMN - sentence->columns
                                                            : GAP_MIN;
    if (used + gap > columns && used + GAP_MIN <= columns)
        gap = columns - used;
    if (said.len && used + gap <= columns) {
        for (size_t i = 0; i < gap; i++)
            word_add(sentence, SLICE(" "));
        word_add(sentence, buf_slice(&said));
    } else if (said.len) {
        struct buf under = BUF_MAX(2048);
        wrap_add(&under, buf_slice(&said), INDENT, INDENT, columns);
        buf_add_text(sentence->exchange->out, "\n   ");
        buf_add(sentence->exchange->out, slice_upto(buf_slice(&under), under.len - 1));
        buf_free(&under);
    }
    buf_free(&said);
}

static void refusal_words(struct buf *words, const struct exchange *exchange,
                          const struct trace_record *record)
{
    struct buf says = BUF_MAX(4096), line = BUF_MAX(4096);
    struct why_case asked;
    why_case_of(&asked, exchange->world, conns_find(&exchange->front->conns, record->conn), record);
    reason_says(&says, &asked);
    buf_format(&line, record->outcome == OUT_CANCELLED ? SAID("As you asked: %s")
                                                       : SAID("Refused: %s"),
               buf_text(&says));
    buf_clear(&says);
    translate_add(&says, exchange->front->look.language, buf_slice(&line));
    clean_add(words, buf_slice(&says), exchange->front->look.utf8);
    buf_free(&line);
    buf_free(&says);
}

/* On the line, and under it as far as it goes on; then nothing follows on its last line. */
static void refusal_add(struct sentence *sentence, const struct trace_record *record)
{
    struct buf words = BUF_MAX(4096), lines = BUF_MAX(8192);
    size_t gap = record->before == record->after ? 1 : GAP_MIN, line_end;
    refusal_words(&words, sentence->exchange, record);
    for (; gap; gap--)
        word_add(sentence, SLICE(" "));
    wrap_add(&lines, buf_slice(&words), sentence->columns, INDENT,
             sentence->exchange->front->look.columns);
    lines.len -= lines.len > 0;
    colour_begin(sentence->exchange, "33");
    buf_add(sentence->exchange->out, buf_slice(&lines));
    colour_end(sentence->exchange);
    sentence->columns += utf8_width(buf_slice(&words));
    if (slice_find(buf_slice(&lines), '\n', &line_end))
        sentence->columns = sentence->exchange->front->look.columns;
    buf_free(&words);
    buf_free(&lines);
}

static uint32_t facts_now(const struct exchange *exchange, uint32_t conn)
{
    const struct session *session = host_session(exchange->world, conn);
    return session ? session->facts : 0;
}

/* Of a literal that the server waits for. */
static uint64_t octets_awaited(const struct exchange *exchange, uint32_t conn)
{
    const struct session *session = host_session(exchange->world, conn);
    uint64_t left = 0;
    return session && session_expects(session, &left) == EXPECTS_LITERAL ? left : 0;
}

/* What `why` would advise, its first line; where that is the way on, the way on. */
static void advice_add(struct buf *words, const struct exchange *exchange,
                       const struct trace_record *record, uint32_t facts)
{
    const struct conn *conn = conns_find(&exchange->front->conns, record->conn);
    struct buf lines = BUF_MAX(8 * TRACE_LINE_MAX);
    struct why_case asked;
    why_case_of(&asked, exchange->world, conn, record);
    const struct reason *reason = reason_of(&asked);
    if (reason && reason->attempt)
        reason_attempt(&lines, &asked);
    slice rest = buf_slice(&lines);
    if (rest.len) {
        struct buf line = BUF_MAX(4 * ADVICE_MAX);
        clean_add(&line, slice_upto(take_until(&rest, '\n'), ADVICE_MAX),
                  exchange->front->look.utf8);
        buf_format(words, SAID("try  %s"), buf_text(&line));
        buf_free(&line);
    } else {
        guide_add_next(words, conn->protocol, record->after, facts);
    }
    buf_free(&lines);
}

static void ending_add(struct sentence *sentence, const struct protocol *protocol,
                       const struct trace_record *record)
{
    struct buf words = BUF_MAX(1024);
    uint32_t facts = facts_now(sentence->exchange, record->conn);
    uint64_t left = octets_awaited(sentence->exchange, record->conn);
    if (left) {
        buf_format(&words, SAID("now %llu octets; a line end counts as 2 (:octets TEXT counts)"),
                   (unsigned long long)left);
    } else if (outcome_is_good(record->outcome)) {
        guide_add(&words, protocol, record->after, facts);
    } else if (record->after != protocol->closed) {
        advice_add(&words, sentence->exchange, record, facts);
        buf_add_text(&words, words.len ? "     :why" : ":why");
    }
    guide_put(sentence, &words);
    buf_free(&words);
}

/* A line of news that has no transition to show: the body's end of a lost line; one of many
   recipients whom LMTP answers for, whose own reply says so. */
static bool is_silent(const struct protocol *protocol, const struct trace_record *record)
{
    bool passes = record->before == record->after && outcome_is_good(record->outcome) &&
                  protocol->states[record->after].reads == READS_NOTHING;
    return record->event == EV_LOST || passes;
}

/* "READY --MAIL--> MAILED", going on for as long as the moves follow from each other. */
static size_t moves_add(struct sentence *sentence, const struct protocol *protocol, size_t from)
{
    const struct exchange *exchange = sentence->exchange;
    const struct trace_record *const *firings = exchange->firings;
    size_t i = from;
    state_add(sentence, protocol->states[firings[i]->before].name, false);
    bool listens = exchange->front->look.listens;
    for (;; i++) {
        struct buf move = BUF_MAX(256);
        buf_format(&move, listens ? SAID(", by %s now") : " --%s-->",
                   protocol_event_name(protocol, firings[i]->event));
        words_add(sentence, buf_text(&move));
        word_add(sentence, SLICE(" "));
        buf_free(&move);
        state_add(sentence, protocol->states[firings[i]->after].name, true);
        size_t next = i + 1;
        while (next + 1 < exchange->firing_count && firings[next]->conn == firings[i]->conn &&
               is_silent(protocol, firings[next]))
            next++;
        bool follows = next < exchange->firing_count &&
                       firings[next]->before == firings[i]->after &&
                       firings[next]->after != firings[next]->before &&
                       firings[next]->event < EV_VERBS && outcome_is_good(firings[i]->outcome) &&
                       firings[next]->conn == firings[i]->conn;
        if (!follows)
            return i;
        i = next - 1;
    }
}

/* Another server's answer is no rule of ours. */
static void whose_add(struct sentence *sentence, const struct protocol *protocol,
                      const struct trace_record *record)
{
    if (!dialect_answered(protocol, record->rule))
        return;
    word_add(sentence, SLICE(" "));
    struct buf whose = BUF_MAX(256);
    buf_format(&whose, SAID("(as %s)"), dialect_at(record->rule)->title);
    words_add(sentence, buf_text(&whose));
    buf_free(&whose);
}

static void goes_on(struct sentence *sentence, const struct protocol *protocol,
                    const struct trace_record *record, bool last)
{
    if (!outcome_is_good(record->outcome))
        refusal_add(sentence, record);
    if (last)
        ending_add(sentence, protocol, record);
    buf_add_char(sentence->exchange->out, '\n');
}

void text_firings(struct exchange *exchange)
{
    for (size_t i = 0; i < exchange->firing_count; i++) {
        const struct trace_record *record = exchange->firings[i];
        const struct protocol *protocol = firing_protocol(exchange, record);
        struct sentence sentence = { exchange, 0 };
        if (is_silent(protocol, record))
            continue;
        word_add(&sentence, SLICE("   "));
        if (record->before != record->after) {
            i = moves_add(&sentence, protocol, i);
            record = exchange->firings[i];
        } else {
            state_add(&sentence, protocol->states[record->before].name, record->event == EV_OPENED);
            words_add(&sentence, record->event == EV_OPENED ? "" : SAID(", stays."));
        }
        whose_add(&sentence, protocol, record);
        goes_on(&sentence, protocol, record, i + 1 == exchange->firing_count);
    }
}
