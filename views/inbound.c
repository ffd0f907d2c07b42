/* inbound.c: what real clients say and are told, as it is watched: each thing on a line of its
   own behind the connection's label, "[imap 3]", since many talk at once. */
#include "sim/hosts/inbound.h"

#include "base/words.h"
#include "servers/services_table.h"
#include "servers/store/store.h"
#include "servers/store/store_device.h"
#include "sim/hosts/host.h"
#include "views/clean.h"
#include "views/exchange.h"
#include "views/guide.h"
#include "views/said.h"
#include "views/utf8.h"
#include "views/why.h"

#define PAUSE_MS 1000
#define LINE_COLUMNS_MAX 2000   /* of one line that somebody said */

bool inbound_is(const struct exchange *exchange, const struct conn *conn)
{
    return conn && conn->client == inbound_number(exchange->world);
}

void inbound_note(struct exchange *exchange, const struct trace_record *record)
{
    struct conn *conn = conns_entry(&exchange->front->conns, record->conn);
    if (!inbound_is(exchange, conn))
        return;
    if (record->kind == TRACE_SEGMENT && record->side == SIDE_CLIENT)
        conn->piece = record->number + 1;
    if (record->kind == TRACE_STATE)
        conn->state = record->after;
    const struct session *session = conn->user ? NULL : host_session(exchange->world, conn->number);
    if (session)
        conn->user = session->user;
}

/* --- what is watched ----------------------------------------------------------------------- */

static const char *service_name(const struct conn *conn)
{
    const struct service *service = service_for_port(conn->port);
    return service ? service->name : "?";
}

static bool user_is(const struct world *world, int64_t id, slice word)
{
    struct user user;
    if (!id || !store_user_by_id(world->store, id, &user))
        return false;
    slice rest = slice_of(user.address);
    return slice_is_nocase(word, user.address) || slice_equal_nocase(word, take_until(&rest, '@'));
}

/* A service, a protocol, a connection's number, a person. conn may be NULL. */
static bool word_fits(const struct world *world, slice word, const struct conn *conn, int64_t user)
{
    uint64_t number = 0;
    slice rest = word;
    if (take_number(&rest, UINT32_MAX, &number) && !rest.len)
        return conn && conn->number == number;
    if (conn && (slice_is_nocase(word, service_name(conn)) ||
                 (conn->protocol && slice_is_nocase(word, conn->protocol->name))))
        return true;
    return user_is(world, user, word);
}

static bool is_watched(const struct exchange *exchange, const struct conn *conn, int64_t user)
{
    const char *only = exchange->front->watching.only;
    slice words = slice_of(only ? only : "");
    while (words.len)
        if (word_fits(exchange->world, slice_trim(take_until(&words, ',')), conn, user))
            return true;
    return !only;
}

/* --- the beginning of a line --------------------------------------------------------------- */

/* At a prompt one does something else meanwhile: of many lines only the first are shown. */
static bool line_is_left_out(struct exchange *exchange, const struct conn *conn)
{
    if (!is_watched(exchange, conn, conn->user))
        return true;
    size_t number = exchange->inbound_lines++;
    if (exchange->front->look.whole || number < INBOUND_LINES_MAX)
        return false;
    if (number == INBOUND_LINES_MAX)
        buf_add_text(exchange->out, "... and more (:log " INBOUND_NAME ")\n");
    return true;
}

static void time_begin(struct exchange *exchange)
{
    if (!exchange->front->watching.on)
        return;
    time_add_ms(exchange->out, exchange->world, exchange->now_ns);
    buf_add_char(exchange->out, ' ');
}

static void name_add(struct exchange *exchange, const struct conn *conn)
{
    time_begin(exchange);
    colour_begin(exchange, "36");
    buf_format(exchange->out, "[%s %u] ", service_name(conn), conn->number);
    colour_end(exchange);
}

/* A client or a server that took its time is seen without reading times. */
static void label_add(struct exchange *exchange, const struct conn *conn)
{
    struct conn *entry = conns_entry(&exchange->front->conns, conn->number);
    uint64_t ms = (exchange->now_ns - entry->shown_ns) / NS_PER_MS;
    bool paused = exchange->front->watching.on && entry->shown_ns && ms >= PAUSE_MS;
    entry->shown_ns = exchange->now_ns;
    if (paused) {
        name_add(exchange, conn);
        buf_format(exchange->out, "  %llu.%llu s later\n", (unsigned long long)(ms / 1000),
                   (unsigned long long)(ms % 1000 / 100));
    }
    name_add(exchange, conn);
}

static void said_add(struct exchange *exchange, const struct conn *conn, const char *words)
{
    if (line_is_left_out(exchange, conn))
        return;
    label_add(exchange, conn);
    buf_format(exchange->out, "%s\n", words);
}

/* --- what they say, and are told ----------------------------------------------------------- */

void inbound_open_show(struct exchange *exchange, const struct conn *conn)
{
    if (line_is_left_out(exchange, conn))
        return;
    label_add(exchange, conn);
    buf_format(exchange->out, "connected to %s, port %u\n",
               machine_name(exchange->world, conn->server), conn->port);
}

/* "C+": it came in one piece with the line before, unasked; the lines of a body always may. */
static const char *speaker(struct exchange *exchange, const struct conn *conn,
                           const struct trace_record *record)
{
    struct conn *entry = conns_entry(&exchange->front->conns, conn->number);
    bool same = entry->piece && entry->line_piece == entry->piece;
    bool body = conn->protocol && conn->protocol->states[conn->state].reads == READS_BODY;
    if (record->side == SIDE_SERVER)
        return "S: ";
    entry->line_piece = entry->piece;
    return same && !body && exchange->front->watching.on ? "C+ " : "C: ";
}

void inbound_line_show(struct exchange *exchange, const struct conn *conn,
                       const struct trace_record *record)
{
    slice shown = slice_upto(record->text, LINE_COLUMNS_MAX);
    const char *who = speaker(exchange, conn, record);
    if (line_is_left_out(exchange, conn))
        return;
    label_add(exchange, conn);
    buf_add_text(exchange->out, who);
    clean_add_octets(exchange->out, shown.len < record->text.len ? utf8_whole(shown) : shown,
                     exchange->front->look.utf8);
    if (shown.len < record->text.len)
        buf_format(exchange->out, " ... and %zu more", record->text.len - shown.len);
    buf_add_char(exchange->out, '\n');
}

void inbound_tls_show(struct exchange *exchange, const struct conn *conn,
                      const struct trace_record *record)
{
    if (!inbound_is(exchange, conn) || line_is_left_out(exchange, conn))
        return;
    label_add(exchange, conn);
    buf_add_text(exchange->out, record->ok ? "  TLS is on: " : "  TLS failed: ");
    clean_add(exchange->out, record->text, exchange->front->look.utf8);
    buf_add_char(exchange->out, '\n');
}

/* --- what changed -------------------------------------------------------------------------- */

/* "UID EXPUNGE": of the command that did it, whose row fires behind it. */
static void command_add(struct exchange *exchange, const struct conn *conn,
                        const struct trace_record *record)
{
    const struct trace *trace = exchange->world->trace;
    for (uint64_t number = record->number + 1; number < exchange->to; number++) {
        const struct trace_record *firing = trace_at(trace, number);
        if (firing->kind != TRACE_STATE || firing->conn != record->conn)
            continue;
        slice said = said_by_client(trace, firing, conn->protocol), first = take_word(&said);
        if (firing->event < EV_VERBS) {      /* POP3's UPDATE: QUIT began it */
            buf_add_text(exchange->out, " by ");
            clean_add(exchange->out, first, exchange->front->look.utf8);
            return;
        }
        bool uid = slice_is_nocase(take_word(&said), "UID") &&
                   (conn->protocol->events[firing->event].flags & EVENT_UID);
        buf_format(exchange->out, " by %s%s", uid ? "UID " : "",
                   protocol_event_name(conn->protocol, firing->event));
        return;
    }
}

void inbound_message_add(struct buf *out, const struct world *world, int64_t message_key,
                         uint32_t uid)
{
    uint64_t number = 0;
    buf_add_text(out, "message ");
    if (store_message_peek(world->store, message_key, &number)) {
        message_name_write(out, number);
        buf_format(out, " (UID %u)", uid);
    } else {
        buf_format(out, "with UID %u", uid);
    }
}

bool inbound_mailbox_begin(struct exchange *exchange, const struct conn *conn, int64_t id)
{
    const struct world *world = exchange->world;
    struct mailbox mailbox;
    struct user user;
    if (!exchange->front->watching.on || !store_mailbox_by_id(world->store, id, &mailbox) ||
        !store_user_by_id(world->store, mailbox.user, &user) ||
        !is_watched(exchange, conn, mailbox.user))
        return false;
    if (inbound_is(exchange, conn))
        label_add(exchange, conn);
    else
        time_begin(exchange);
    buf_add_text(exchange->out, "  ");
    slice rest = slice_of(user.address);
    clean_add(exchange->out, take_until(&rest, '@'), exchange->front->look.utf8);
    buf_add_char(exchange->out, ' ');
    clean_add(exchange->out, slice_of(mailbox.name), exchange->front->look.utf8);
    buf_add_text(exchange->out, ": ");
    return true;
}

void inbound_change_show(struct exchange *exchange, const struct trace_record *record)
{
    const struct conn *conn = conns_find(&exchange->front->conns, record->conn);
    if (record->kind == TRACE_STORED)
        inbound_flags_arrival(exchange, record);
    if (!inbound_mailbox_begin(exchange, conn, record->mailbox))
        return;
    inbound_message_add(exchange->out, exchange->world, record->message_key, record->uid);
    buf_add_text(exchange->out, record->kind == TRACE_STORED ? " stored" : " removed");
    if (record->kind == TRACE_REMOVED && inbound_is(exchange, conn) && conn->protocol)
        command_add(exchange, conn, record);
    buf_add_char(exchange->out, '\n');
}

/* --- what it moves ------------------------------------------------------------------------- */

/* In one line what `why` would say was the cause. */
static void refusal_show(struct exchange *exchange, const struct conn *conn,
                         const struct trace_record *record)
{
    struct buf words = BUF_MAX(4096);
    struct why_case asked;
    if (line_is_left_out(exchange, conn))
        return;
    why_case_of(&asked, exchange->world, conn, record);
    asked.tables = NULL; /* a mail program means no command of ours */
    reason_says(&words, &asked);
    label_add(exchange, conn);
    colour_begin(exchange, "33");
    buf_add_text(exchange->out, "  Refused: ");
    clean_add(exchange->out, buf_slice(&words), exchange->front->look.utf8);
    colour_end(exchange);
    buf_add_char(exchange->out, '\n');
    buf_free(&words);
}

static void move_add(struct exchange *exchange, const struct protocol *protocol,
                     const struct trace_record *record)
{
    const char *before = protocol->states[record->before].name;
    const char *after = protocol->states[record->after].name;
    const char *event = protocol_event_name(protocol, record->event);
    if (exchange->front->look.plain) {
        buf_format(exchange->out, "= %s -> %s (%s, %s)\n", before, after, event,
                   outcome_name(record->outcome));
        return;
    }
    buf_format(exchange->out, "  %s", before);
    if (record->before == record->after) {
        buf_format(exchange->out, ", stays (%s)\n", event);
        return;
    }
    buf_format(exchange->out, " --%s--> ", event);
    bold_begin(exchange);
    buf_add_text(exchange->out, after);
    colour_end(exchange);
    buf_add_char(exchange->out, '\n');
}

void inbound_state_show(struct exchange *exchange, const struct conn *conn,
                        const struct trace_record *record)
{
    exchange->now_ns = record->t_ns;
    if (!conn->protocol || line_is_left_out(exchange, conn))
        return;
    label_add(exchange, conn);
    move_add(exchange, conn->protocol, record);
    if (!outcome_is_good(record->outcome))
        refusal_show(exchange, conn, record);
    else
        inbound_flags_show(exchange, conn);
}

void inbound_close_show(struct exchange *exchange, const struct conn *conn, enum trace_by by)
{
    static const char *const words[] = {
        [BY_CLIENT] = "The client closed the connection.",
        [BY_SERVER] = "The server closed the connection.",
        [BY_CUT] = "The connection was reset: nobody said goodbye.",
        [BY_TIMEOUT] = "The connection timed out: nothing came back.",
    };
    said_add(exchange, conn, words[by]);
}
