/* states_walk.c: how far a conversation of a device's or a server's own went, read from its lines
   in the trace: what the client said tells the step. And the command that shows it. */
#include "views/states.h"

#include <string.h>

#include "servers/client.h"
#include "servers/literal.h"
#include "servers/services_table.h"
#include "sim/devices/device.h"
#include "sim/devices/device_mail.h"
#include "sim/hosts/inbound.h"
#include "views/earlier.h"
#include "views/views.h"
#include "views/wrap.h"

#define WENT_MAX 1600 /* of the way that it went, so much is shown */
#define OPEN_LOOKED_MAX 4

struct walk {
    const struct client_table *table;
    int at;
    unsigned times;  /* in a row */
    struct buf went; /* "GREETING EHLO" */
    bool closed;
    size_t missed; /* lines that no step that may follow says */
};

static void walk_to(struct walk *walk, int step)
{
    walk->times = step == walk->at ? walk->times + 1 : 1;
    if (walk->times == 1)
        buf_format(&walk->went, " %s", walk->table->steps[step].name);
    else if (walk->times == 2)
        buf_add_text(&walk->went, " (again)");
    walk->at = step;
}

/* What the server says moves a client that has nothing to say then: 354, and the text may go. */
static void walk_hear(struct walk *walk, slice line)
{
    const struct client_table *table = walk->table;
    int answer = table->kind(line), next = -1;
    for (size_t i = 0; answer >= 0 && i < table->row_count; i++) {
        const struct client_row *row = &table->rows[i];
        if (!client_row_is_for(table, row, walk->at, answer))
            continue;
        if (next >= 0 && next != row->next)
            return;
        next = row->next;
    }
    if (next >= 0 && !table->steps[next].line)
        walk_to(walk, next);
}

static bool way_fits(slice line, slice way)
{
    slice head = take_until(&way, '*');
    char last = head.at[head.len - 1];
    size_t at = 0;
    if (!slice_equal_nocase(slice_upto(line, head.len), head))
        return false;
    return way.len ? slice_find_text(slice_from(line, head.len), way, &at)
                   : last == ' ' || last == '<' || line.len == head.len;
}

/* How much of what a step says stands there, and one more; 0: it is another's. */
static size_t line_fits(slice line, const char *wanted)
{
    slice rest = slice_of(wanted);
    size_t fits = rest.len == 0;
    while (rest.len) {
        slice way = take_until(&rest, '|');
        if (way_fits(line, way) && way.len >= fits)
            fits = way.len + 1;
    }
    return fits;
}

/* What the client says is the command of one of the steps that may follow. */
static void walk_say(struct walk *walk, slice line)
{
    const struct client_table *table = walk->table;
    size_t longest = 0;
    int next = -1;
    for (size_t i = 0; i < table->row_count; i++) {
        const struct client_row *row = &table->rows[i];
        const char *wanted = table->steps[row->next].line;
        size_t fits = (row->from & IN(walk->at)) && wanted ? line_fits(line, wanted) : 0;
        next = fits > longest ? row->next : next;
        longest = fits > longest ? fits : longest;
    }
    bool sends_text = !table->steps[walk->at].line && walk->at != table->first;
    if (next >= 0)
        walk_to(walk, next);
    else if (!sends_text)
        walk->missed++;
}

/* "a12 LOGOUT" without its tag; false: it has none. */
static bool tag_take(slice *line)
{
    uint64_t number = 0;
    return take_char(line, 'a') && take_number(line, UINT32_MAX, &number) && take_char(line, ' ');
}

static void walk_line(struct walk *walk, const struct trace_record *record, uint64_t *literal)
{
    slice line = record->text;
    bool tagged = walk->table->tagged;
    if (record->side == SIDE_CLIENT) {
        bool done = walk->table->beneath && slice_is(line, "DONE");
        if (!tagged || tag_take(&line) || done)
            walk_say(walk, line);
    } else if (!tagged || !literal_goes_on(line, trace_line_length(record), literal)) {
        walk_hear(walk, line);
    }
}

static void walk_read(struct walk *walk, const struct trace *trace, uint32_t conn)
{
    uint64_t literal = 0;
    walk->at = -1;
    walk_to(walk, walk->table->first);
    for (uint64_t number = trace_first(trace); number < trace_end(trace); number++) {
        const struct trace_record *record = trace_at(trace, number);
        if (record->conn == conn && record->kind == TRACE_LINE)
            walk_line(walk, record, &literal);
        walk->closed = walk->closed || (record->conn == conn && record->kind == TRACE_CLOSE);
    }
}

/* By the table that says it best: of its protocol there may be two. */
static void walk_best(struct walk *walk, const struct trace *trace, const struct conn *conn,
                      bool beneath)
{
    for (const struct client_table *const *at = client_tables; *at; at++) {
        struct walk other = { .table = *at, .went = BUF_MAX(COMMAND_OUTPUT_MAX) };
        if (!slice_is(slice_of(conn->protocol->name), (*at)->name) || (*at)->beneath != beneath)
            continue;
        walk_read(&other, trace, conn->number);
        bool better = !walk->table || other.missed < walk->missed;
        buf_free(better ? &walk->went : &other.went);
        *walk = better ? other : *walk;
    }
}

void states_way_add(struct buf *out, const struct sight *sight, const struct conn *conn, slice way,
                    size_t missed)
{
    struct buf went = BUF_MAX(COMMAND_OUTPUT_MAX);
    slice shown = way.len > WENT_MAX ? slice_from(way, way.len - WENT_MAX) : way;
    if (shown.len < way.len)
        take_word(&shown);
    buf_add_text(&went, "it went");
    if (sight->past) {
        buf_add_text(&went, ", ");
        earlier_add(&went, sight, sight->past->conns[conn->number - 1].sitting);
    }
    buf_format(&went, ":%s%.*s", shown.len < way.len ? " ..." : "", SLICE_ARG(shown));
    if (missed && sight->past)
        buf_add_text(&went, " (not all of its lines are kept)");
    else if (missed)
        buf_format(&went, " (and %zu line%s that no row leads to)", missed,
                   missed == 1 ? "" : "s");
    buf_add_char(out, ' ');
    wrap_add(out, buf_slice(&went), 1, 4, STATES_COLUMNS);
    buf_free(&went);
}

static void conversation_add(struct call *call, const struct sight *sight, const struct conn *conn)
{
    for (int beneath = 0; beneath < 2; beneath++) {
        struct walk walk = { .table = NULL };
        walk_best(&walk, sight->trace, conn, beneath);
        if (!walk.table)
            return;
        buf_format(call->out, "%s:states  %s %s  %s -> %s:%u   connection %u, %s\n\n",
                   beneath ? "\n" : "", walk.table->name, walk.table->role,
                   sight_name(sight, conn->client), sight_name(sight, conn->server), conn->port,
                   sight_number(sight, conn), walk.closed || sight->past ? "closed" : "open");
        client_draw(call->out, walk.table, walk.at);
        states_way_add(call->out, sight, conn, buf_slice(&walk.went), walk.missed);
        buf_free(&walk.went);
    }
}

/* --- the command -------------------------------------------------------------------------- */

/* The first of its protocol. */
static const struct client_table *table_of(const struct protocol *protocol)
{
    for (const struct client_table *const *at = client_tables; *at; at++)
        if (slice_is(slice_of(protocol->name), (*at)->name))
            return *at;
    return NULL;
}

/* A device's or a server's; not a person's, and not a real program's. */
static bool client_is_ours(const struct sight *sight, const struct conn *conn)
{
    return conn->number && conn->protocol && table_of(conn->protocol) && !conn->typed &&
           strcmp(sight_name(sight, conn->client), INBOUND_NAME) != 0;
}

static bool conn_is_open(const struct trace *trace, uint32_t number)
{
    for (uint64_t at = trace_end(trace); at-- > trace_first(trace);) {
        const struct trace_record *record = trace_at(trace, at);
        if (record->conn == number && (record->kind == TRACE_CLOSE || record->kind == TRACE_OPEN))
            return record->kind == TRACE_OPEN;
    }
    return false;
}

/* The last one that this machine opened by itself, or one of the last few that is still open. */
static const struct conn *conn_of(const struct sight *sight, uint32_t host,
                                  const struct protocol *wanted)
{
    const struct conn *last = NULL;
    size_t looked = 0;
    for (size_t i = sight->conns.count; i > 0 && looked < OPEN_LOOKED_MAX; i--) {
        const struct conn *conn = &sight->conns.at[i - 1];
        if (!client_is_ours(sight, conn) || sight_machine(sight, conn->client) != host ||
            (wanted && conn->protocol != wanted))
            continue;
        if (!sight->past && conn_is_open(sight->trace, conn->number))
            return conn;
        last = last ? last : conn;
        looked++;
    }
    return last;
}

/* What it would do: a device fetches as its words say, a server only sends. */
static const struct protocol *protocol_of(const struct device *device)
{
    if (!device)
        return protocol_for_name(SLICE("smtp"));
    return protocol_for_name(mail_words_are_imap(slice_of(device->program)) ? SLICE("imap")
                                                                            : SLICE("pop3"));
}

/* The last one of this sitting, else of an earlier one. False: there is none. */
static bool last_conversation_add(struct call *call, uint32_t host, const struct protocol *wanted)
{
    struct past past;
    struct sight sight;
    (void)past_read(&past, call->world);
    sight_begin(&sight, call->world, NULL);
    const struct conn *conn = conn_of(&sight, host, wanted);
    if (!conn) {
        sight_end(&sight);
        sight_begin(&sight, call->world, &past);
        conn = conn_of(&sight, host, wanted);
    }
    if (conn)
        conversation_add(call, &sight, conn);
    sight_end(&sight);
    past_free(&past);
    return conn != NULL;
}

bool client_states(struct call *call, uint32_t host, const struct protocol *wanted)
{
    const struct protocol *protocol = wanted ? wanted : protocol_of(device_at(call->world, host));
    if (!last_conversation_add(call, host, wanted)) {
        buf_format(call->out, ":states  %s client  %s   (no conversation is known)\n\n",
                   protocol->name, machine_name(call->world, host));
        client_draw(call->out, table_of(protocol), -1);
    }
    return true;
}

bool client_states_conn(struct call *call, const struct sight *sight, const struct conn *conn)
{
    if (!client_is_ours(sight, conn))
        return call_fact(call, "Connection %u is a person's or a real program's: no table says "
                         "what they do.", sight_number(sight, conn));
    conversation_add(call, sight, conn);
    return true;
}
