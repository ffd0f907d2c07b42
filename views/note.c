/* note.c: one line about a known slip, and no more: a message without an empty line, a dot that
   was eaten, a command that became a line of the message, a prompt command that went to a server,
   a success that many take for something else. And "meanwhile": what other machines did. */
#include <string.h>

#include "base/said.h"
#include "base/words.h"
#include "servers/mail/encoding.h"
#include "servers/smtp/smtp_relay.h"
#include "sim/hosts/host.h"
#include "sim/language/script.h"
#include "views/clean.h"
#include "views/exchange.h"
#include "views/guide.h"
#include "views/template.h"
#include "views/translate.h"
#include "views/why.h"
#include "views/wrap.h"

#define QUEUE_LINES_MAX 12
#define QUEUE_LINE_BYTES 2048
#define INDENT 3

/* A line of it, as it is said here. */
static void line_say(struct exchange *exchange, slice text)
{
    buf_add_text(exchange->out, "   ");
    translate_add(exchange->out, exchange->front->look.language, text);
    buf_add_char(exchange->out, '\n');
}

static void note(struct exchange *exchange, const char *text)
{
    struct buf line = BUF_MAX(1024);
    buf_format(&line, SAID("note: %s"), text);
    line_say(exchange, buf_slice(&line));
    buf_free(&line);
}

/* Wrapped for the window, behind its indent. */
static void wrapped_say(struct exchange *exchange, struct buf *out, slice text)
{
    struct buf said = BUF_MAX(8192);
    translate_add(&said, exchange->front->look.language, text);
    wrap_add(out, buf_slice(&said), INDENT, INDENT, exchange->front->look.columns);
    buf_free(&said);
}

static bool has_form(const struct conn *conn, enum form form)
{
    return conn->protocol && conn->protocol->form == form;
}

/* --- single lines ------------------------------------------------------------------------- */

/* How the server reads what comes now. */
static bool server_reads(const struct exchange *exchange, const struct conn *conn, enum reads reads)
{
    const struct session *session = host_session(exchange->world, conn->number);
    return session && session->protocol->states[session->state].reads == reads;
}

/* "334 " or "+ " and a question in base64: say it in words. */
static void note_challenge(struct exchange *exchange, const struct conn *conn, slice line)
{
    struct buf text = BUF_MAX(1024), asked = BUF_MAX(4096);
    bool asks = take_prefix(&line, "334 ") || take_prefix(&line, "+ ");
    if (asks && server_reads(exchange, conn, READS_ANSWER) &&
        base64_decode(&text, slice_trim(line)) && text.len) {
        clean_add_octets(&asked, buf_slice(&text), exchange->front->look.utf8);
        buf_clear(&text);
        buf_format(&text, SAID("note: the server asks \"%s\" (base64)"), buf_text(&asked));
        line_say(exchange, buf_slice(&text));
    }
    buf_free(&asked);
    buf_free(&text);
}

static void note_dot(struct exchange *exchange, slice line)
{
    if (exchange->front->no_notes)
        return;
    if (slice_is(slice_trim(line), "."))
        note(exchange,
             SAID("a blank stands beside the dot, so the message goes on; a dot alone ends it."));
    else if (slice_starts(line, ".") && !slice_starts(line, ".."))
        note(exchange,
             SAID("the server takes a dot off the start of a line; type two to keep one."));
}

static void note_body_line(struct exchange *exchange, const struct conn *conn, slice line)
{
    static const char *const words[] = { "QUIT", "RSET", "NOOP", "HELP", "LOGOUT", "EXIT", "END" };
    if (line.len > 1)
        note_dot(exchange, line);
    slice word = take_word(&line);
    for (size_t i = 0; i < COUNT(words); i++)
        if (slice_is_nocase(word, words[i]) && slice_trim(line).len == 0 &&
            exchange->front->message_conn != conn->number) {
            exchange->front->message_conn = conn->number;
            struct buf text = BUF_MAX(256);
            buf_format(&text,
                       SAID("You are still writing the message, so \"%.*s\" became a line of it."),
                       SLICE_ARG(word));
            line_say(exchange, buf_slice(&text));
            line_say(exchange, SLICE(SAID("A line with only a dot ends the message.")));
            buf_free(&text);
        }
}

void note_line(struct exchange *exchange, const struct conn *conn,
               const struct trace_record *record)
{
    if (record->side == SIDE_SERVER)
        note_challenge(exchange, conn, record->text);
    else if (has_form(conn, FORM_DIGITS) && !exchange->command &&
             server_reads(exchange, conn, READS_BODY))
        note_body_line(exchange, conn, record->text);
}

/* --- what the firings tell ---------------------------------------------------------------- */

/* The client's line that led to the firing; empty if it is not kept. */
static slice line_before(const struct exchange *exchange, const struct trace_record *firing)
{
    for (uint64_t number = firing->number; number-- > trace_first(exchange->world->trace);) {
        const struct trace_record *record = trace_at(exchange->world->trace, number);
        if (record->kind == TRACE_LINE && record->conn == firing->conn &&
            record->side == SIDE_CLIENT)
            return record->text;
    }
    return SLICE_EMPTY;
}

/* Has the line about the state advised to type it with a colon? */
static bool is_advised(const struct exchange *exchange, const struct trace_record *firing)
{
    struct why_case asked;
    why_case_of(&asked, exchange->world, conns_find(&exchange->front->conns, firing->conn), firing);
    const struct reason *reason = reason_of(&asked);
    return reason && (reason->fits == slip_prompt || reason->fits == slip_mail_program);
}

/* A prompt command was sent to the server. A lone ":" will run it. A verb that both have was meant
   for the server, but for help. */
static bool note_meant_for_us(struct exchange *exchange, const struct trace_record *firing)
{
    slice line = line_before(exchange, firing), rest = line;
    slice word = take_word(&rest);
    bool unread = firing->event == EV_UNKNOWN || firing->event == EV_DONE;
    bool advised = is_advised(exchange, firing);
    bool meant = (unread && !outcome_is_good(firing->outcome)) || slice_is(word, "help") || advised;
    if (!meant || !line_is_for_prompt(exchange->world->script->tables, line) ||
        line.len >= sizeof exchange->front->offered - 1)
        return false;
    FIELD_SET(exchange->front->offered, line);
    if (advised) {
        line_say(exchange, SLICE(SAID("Now just  :  is enough.")));
        return true;
    }
    struct buf words = BUF_MAX(4096), clean = BUF_MAX(4096);
    clean_add(&clean, line, exchange->front->look.utf8);
    buf_format(&words,
               SAID("To ask Pennypost, put a colon first:  :%s   (now, just  :  is enough)"),
               buf_text(&clean));
    buf_add_text(exchange->out, "   ");
    wrapped_say(exchange, exchange->out, buf_slice(&words));
    buf_free(&words);
    buf_free(&clean);
    return true;
}

/* What a message's lines looked like, read back from its dot. */
struct message_shape {
    size_t lines;
    bool has_empty;
    bool begins_with_field;
};

static bool is_field(slice line)
{
    size_t colon;
    if (!slice_find(line, ':', &colon) || colon == 0)
        return false;
    for (size_t i = 0; i < colon; i++)
        if (line.at[i] <= ' ' || line.at[i] > '~')
            return false;
    return true;
}

static struct message_shape message_shape_of(const struct exchange *exchange,
                                           const struct trace_record *dot)
{
    struct message_shape shape = { 0, false, false };
    bool past_dot = false;
    for (uint64_t number = dot->number; number-- > trace_first(exchange->world->trace);) {
        const struct trace_record *record = trace_at(exchange->world->trace, number);
        if (record->conn != dot->conn)
            continue;
        if (record->kind == TRACE_STATE && record->after == dot->before)
            break;
        if (record->kind != TRACE_LINE || record->side != SIDE_CLIENT)
            continue;
        if (past_dot) {
            shape.lines++;
            shape.has_empty = shape.has_empty || record->text.len == 0;
            shape.begins_with_field = is_field(record->text);
        }
        past_dot = true;
    }
    return shape;
}

static void note_message(struct exchange *exchange, const struct trace_record *dot)
{
    struct message_shape shape = message_shape_of(exchange, dot);
    if (shape.lines == 0)
        note(exchange, SAID("the dot came at once: the message is empty."));
    else if (!shape.has_empty && shape.begins_with_field)
        note(exchange,
             SAID("no empty line ended the header, so text may be taken for header fields."));
    else if (!shape.has_empty)
        note(exchange,
             SAID("no header and no empty line: readers show no subject, perhaps no text."));
}

/* A pasted message with a dot alone inside ended there; the rest was read as commands. Not if
   something else was typed in between. */
static void note_early_dot(struct exchange *exchange, const struct trace_record *firing)
{
    size_t inputs = 0;
    if (firing->event != EV_UNKNOWN)
        return;
    for (uint64_t number = firing->number;
         number-- > trace_first(exchange->world->trace) && inputs < 2;) {
        const struct trace_record *record = trace_at(exchange->world->trace, number);
        inputs += record->kind == TRACE_INPUT;
        if (record->kind != TRACE_STATE || record->conn != firing->conn)
            continue;
        if (record->event == EV_DOT)
            note(exchange,
                 SAID("the dot before this line ended the message; this was read as a command."));
        return;
    }
}

/* What went well, and is not what many take it for: once in a sitting. */
static void note_belief(struct exchange *exchange, const struct conn *conn,
                        const struct trace_record *firing)
{
    struct buf says = BUF_MAX(4096), lines = BUF_MAX(8192);
    struct why_case asked;
    if (firing->event < EV_VERBS || firing->outcome != OUT_OK)
        return;
    why_case_of(&asked, exchange->world, conn, firing);
    const struct reason *reason = reason_of(&asked);
    uint32_t bit = reason ? 1u << reason->belief : 1;
    if (bit == 1 || (exchange->front->named & bit))
        return;
    exchange->front->named |= bit;
    buf_add_text(&says, "note: ");
    reason_says(&says, &asked);
    wrapped_say(exchange, &lines, buf_slice(&says));
    buf_add_text(exchange->out, "   ");
    clean_add_drawn(exchange->out, buf_slice(&lines), false, exchange->front->look.utf8);
    buf_free(&says);
    buf_free(&lines);
}

static void note_sealed(struct exchange *exchange, const struct conn *conn)
{
    if (has_form(conn, FORM_DIGITS))
        note(exchange, SAID("from here TLS: a tap sees only sizes. All is forgotten, EHLO too."));
    else if (has_form(conn, FORM_SIGN))
        note(exchange, SAID("from here TLS: a tap sees only sizes. CAPA may say more now."));
    else
        note(exchange, SAID("from here TLS: a tap sees only sizes. CAPABILITY may say more now."));
}

static void note_firing(struct exchange *exchange, const struct trace_record *firing)
{
    const struct conn *conn = conns_find(&exchange->front->conns, firing->conn);
    bool smtp = has_form(conn, FORM_DIGITS);
    if (!exchange->command && note_meant_for_us(exchange, firing))
        return;
    if (exchange->front->no_notes)
        return;
    if (firing->outcome == OUT_OK && (conn->protocol->events[firing->event].flags & EVENT_SEALS))
        note_sealed(exchange, conn);
    else if (smtp && firing->event == EV_DOT && firing->outcome == OUT_OK)
        note_message(exchange, firing);
    else if (smtp)
        note_early_dot(exchange, firing);
    note_belief(exchange, conn, firing);
}

void note_firings(struct exchange *exchange)
{
    for (size_t i = 0; i < exchange->firing_count; i++)
        note_firing(exchange, exchange->firings[i]);
}

/* --- meanwhile ---------------------------------------------------------------------------- */

/* Where the relay of this host last connected to before that moment; 0: nowhere. */
static uint32_t relay_peer(const struct exchange *exchange, const struct trace_record *record)
{
    for (uint64_t number = record->number; number-- > exchange->from;) {
        const struct trace_record *earlier = trace_at(exchange->world->trace, number);
        if (earlier->kind == TRACE_OPEN && earlier->host == record->host && !earlier->typed)
            return earlier->peer;
    }
    return 0;
}

/* The domain follows the last "@": a part in quotes before it may hold one. */
static slice before_the_domain(slice address)
{
    for (size_t at = address.len; at-- > 0;)
        if (address.at[at] == '@')
            return slice_upto(address, at);
    return address;
}

/* What fills a line about a queue. */
struct delivery {
    const struct exchange *exchange;
    const struct trace_record *record;
    uint32_t peer;
};

static bool passed_on(const struct delivery *delivery)
{
    return delivery->record->fact == QUEUE_DELIVERED && delivery->peer;
}

static void part_fill(void *context, struct buf *out, slice name)
{
    const struct delivery *delivery = context;
    if (slice_is(name, "recipient") && passed_on(delivery))
        clean_add(out, before_the_domain(delivery->record->queued->recipient),
                  delivery->exchange->front->look.utf8);
    else if (slice_is(name, "recipient"))
        clean_add(out, delivery->record->queued->recipient, delivery->exchange->front->look.utf8);
    else
        machine_add_short(out, delivery->exchange->world,
                          slice_is(name, "peer") ? delivery->peer : delivery->record->host);
}

/* What happened, and the last reply. */
static void delivery_add(struct buf *out, struct delivery *delivery)
{
    static const char *const words[QUEUE_FACTS] = {
        [QUEUE_RETRY] = SAID("meanwhile: {host}, not delivered yet to {recipient}"),
        [QUEUE_WARNED] = SAID("meanwhile: {host}, told the sender of a delay for {recipient}"),
        [QUEUE_DELIVERED] = SAID("meanwhile: {host}, delivered to {recipient}"),
        [QUEUE_BOUNCED] =
            SAID("meanwhile: {host}, gave up and returned the message for {recipient}"),
        [QUEUE_DROPPED] = SAID("meanwhile: {host}, gave up the message for {recipient}"),
    };
    const struct trace_record *record = delivery->record;
    template_fill(out,
                  passed_on(delivery)
                      ? SAID("meanwhile: {host} -> {peer}, delivered to {recipient} "
                             "(:log {peer})")
                      : words[record->fact],
                  part_fill, delivery);
    if (!passed_on(delivery) && record->queued->reply.len) {
        buf_add_text(out, ": ");
        clean_add(out, slice_upto(record->queued->reply, 200),
                  delivery->exchange->front->look.utf8);
    }
}

static void queue_line(struct exchange *exchange, const struct trace_record *record, size_t times)
{
    struct buf what = BUF_MAX(QUEUE_LINE_BYTES), line = BUF_MAX(QUEUE_LINE_BYTES),
               said = BUF_MAX(2 * QUEUE_LINE_BYTES);
    struct delivery delivery = { exchange, record, relay_peer(exchange, record) };
    delivery_add(&what, &delivery);
    if (times > 1)
        buf_format(&line, SAID("%s (tried %zu times)"), buf_text(&what), times);
    else
        buf_add(&line, buf_slice(&what));
    translate_add(&said, exchange->front->look.language, buf_slice(&line));
    if (exchange->front->look.plain)
        buf_format(exchange->out, "%s\n", buf_text(&said));
    else
        wrap_add(exchange->out, buf_slice(&said), 0, 3, exchange->front->look.columns);
    buf_free(&what);
    buf_free(&line);
    buf_free(&said);
}

static const struct trace_record *queue_next(const struct exchange *exchange, uint64_t *number)
{
    while (*number < exchange->to) {
        const struct trace_record *record = trace_at(exchange->world->trace, (*number)++);
        if (record->kind == TRACE_QUEUE)
            return record;
    }
    return NULL;
}

/* The same message was tried again and got the same answer: days of it are one line. */
static bool same_again(const struct trace_record *record, const struct trace_record *next)
{
    return next && record->fact == QUEUE_RETRY && next->fact == QUEUE_RETRY &&
           record->host == next->host && slice_equal(record->text, next->text);
}

void note_queue(struct exchange *exchange)
{
    uint64_t number = exchange->from;
    size_t count = 0, times = 1;
    const struct trace_record *next, *record = queue_next(exchange, &number);
    for (; record; record = next) {
        next = queue_next(exchange, &number);
        if (same_again(record, next)) {
            times++;
            continue;
        }
        if (count++ < QUEUE_LINES_MAX || exchange->front->look.whole)
            queue_line(exchange, record, times);
        times = 1;
    }
    if (count > QUEUE_LINES_MAX && !exchange->front->look.whole) {
        struct buf line = BUF_MAX(256);
        buf_format(&line, SAID("meanwhile: %zu more like these"), count - QUEUE_LINES_MAX);
        translate_add(exchange->out, exchange->front->look.language, buf_slice(&line));
        buf_add_char(exchange->out, '\n');
        buf_free(&line);
    }
}

/* --- what mail programs did by themselves -------------------------------------------------- */

/* Not what the person has just asked this device for. */
static bool device_acted_alone(const struct exchange *exchange, const struct trace_record *record)
{
    bool tells = record->fact == DID_FETCH || record->fact == DID_FETCH_HEADER ||
                 record->fact == DID_DROP;
    return record->kind == TRACE_DEVICE && tells &&
           !(exchange->asked_mail && record->host == exchange->device);
}

static void device_line(struct exchange *exchange, uint32_t host, uint8_t fact, struct buf *names)
{
    const char *machine = machine_name(exchange->world, host);
    struct buf line = BUF_MAX(256), shown = BUF_MAX(64);
    buf_format(&shown, "%s%s", buf_text(names), names->full ? " ..." : "");
    buf_format(&line,
               fact == DID_FETCH_HEADER ? SAID("meanwhile: %s has the header of %s (:log %s)")
               : fact == DID_DROP       ? SAID("meanwhile: %s dropped %s (:log %s)")
                                        : SAID("meanwhile: %s fetched %s (:log %s)"),
               machine, buf_text(&shown), machine);
    translate_add(exchange->out, exchange->front->look.language, buf_slice(&line));
    buf_add_char(exchange->out, '\n');
    buf_free(&line);
    buf_free(&shown);
}

/* Neighbours of the same device and kind are one line. */
void note_devices(struct exchange *exchange)
{
    const struct trace *trace = exchange->world->trace;
    const struct trace_record *before = NULL;
    struct buf names = BUF_MAX(40);
    for (uint64_t number = exchange->from; number < exchange->to; number++) {
        const struct trace_record *record = trace_at(trace, number);
        if (record->kind == TRACE_INPUT)
            exchange->asked_mail = slice_starts(record->text, "mail ") ||
                                   slice_starts(record->text, ":mail ");
        if (!device_acted_alone(exchange, record))
            continue;
        if (before && (before->host != record->host || before->fact != record->fact)) {
            device_line(exchange, before->host, before->fact, &names);
            buf_clear(&names);
        }
        struct buf name = BUF_MAX(24);
        message_name_write(&name, record->bytes);
        buf_format(&names, "%s%s", names.len ? ", " : "", buf_text(&name));
        buf_free(&name);
        before = record;
    }
    if (before)
        device_line(exchange, before->host, before->fact, &names);
    buf_free(&names);
}
