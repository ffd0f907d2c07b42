/* states_client.c: what a client does, step by step, out of its rows; and how far a conversation
   of a device's or a server's own went, read from its lines in the trace. */
#include "views/states.h"

#include <string.h>

#include "servers/client.h"
#include "servers/services_table.h"
#include "sim/devices/device.h"
#include "sim/devices/device_mail.h"
#include "servers/pop3/pop3_client.h"
#include "servers/smtp/smtp_client.h"
#include "sim/hosts/inbound.h"
#include "views/conns.h"
#include "views/views.h"
#include "views/wrap.h"

const struct client_table *const client_tables[] = { &smtp_client_table, &pop3_client_table,
                                                     &imap_sync_table, &imap_watch_table, NULL };

#define WENT_MAX 1600 /* of the way that it went, so much is shown */
#define OPEN_LOOKED_MAX 4
#define SAME_MIN 40   /* octets of what is not said again */
#define NAME_COLUMN 15
#define MORE_COLUMN 18

/* --- the rows ----------------------------------------------------------------------------- */

/* Of every step: it is said once. */
static bool row_is_everywhere(const struct client_table *table, const struct client_row *row)
{
    return row->from == ((IN(table->step_count) - 1) & ~IN(table->over));
}

static bool cell_has_row(const struct client_table *table, const struct client_row *row, int step,
                         int answer)
{
    return (row->from & IN(step)) && row->answer == answer && !row_is_everywhere(table, row);
}

/* How the rows are said: in the drawing, and in sentences. */
struct manner {
    const char *leads, *or_to, *same, *from;
};
static const struct manner drawn = { " -> ", "/", "as ", " from " };
static const struct manner told = { " leads to ", " or ", "where it does at ", ", from " };

/* "QUIT if nobody can get the message, AUTH if it is to log in, else MAIL". Rows side by side
   with one condition are one choice. */
static void choices_add(struct buf *out, const struct client_table *table, int step, int answer,
                        const struct manner *manner)
{
    const struct client_row *last = NULL;
    for (size_t i = 0; i < table->row_count; i++) {
        const struct client_row *row = &table->rows[i];
        if (!cell_has_row(table, row, step, answer))
            continue;
        if (last && row->when && row->when == last->when)
            buf_add_text(out, manner->or_to);
        else if (last && last->when)
            buf_format(out, " if %s, %s", last->when->words, row->when ? "" : "else ");
        buf_add_text(out, table->steps[row->next].name);
        last = row;
    }
}

/* The answers in the order in which they are shown: any other one last. */
static int answer_at(const struct client_table *table, size_t number)
{
    return (int)((number + 1) % table->answer_count);
}

/* The cell before these `cells` that ends with these choices; -1: none does. */
static int cell_ending(const struct client_table *table, size_t cells, slice choices,
                       const struct manner *manner, bool *whole)
{
    int found = -1;
    for (size_t cell = 0; cell < cells && found < 0; cell++) {
        struct buf text = BUF_MAX(COMMAND_OUTPUT_MAX);
        choices_add(&text, table, (int)(cell / table->answer_count),
                    answer_at(table, cell % table->answer_count), manner);
        slice earlier = buf_slice(&text);
        size_t before = earlier.len >= choices.len ? earlier.len - choices.len : 0;
        *whole = before == 0;
        if (slice_equal(slice_from(earlier, before), choices) &&
            (*whole || slice_equal(slice_from(slice_upto(earlier, before), before - 2),
                                   SLICE(", "))))
            found = (int)cell;
        buf_free(&text);
    }
    return found;
}

/* Long choices at the end that an earlier cell ends with too are not said again. */
static void cell_add(struct buf *out, const struct client_table *table, size_t cell,
                     slice choices, const struct manner *manner)
{
    size_t number = cell % table->answer_count, skip = 0, comma = 0;
    bool whole = false;
    for (; choices.len - skip > SAME_MIN; skip += comma + 2) {
        slice rest = slice_from(choices, skip);
        int same = cell_ending(table, cell, rest, manner, &whole);
        if (same >= 0) {
            size_t which = (size_t)same % table->answer_count;
            buf_format(out, "%.*s%s%s%s", (int)skip, choices.at, skip ? "else " : "", manner->same,
                       table->steps[(size_t)same / table->answer_count].name);
            if (which != number && answer_at(table, which) != ANSWER_ANY)
                buf_format(out, " (%s)", table->answers[answer_at(table, which)].name);
            if (!whole && slice_find_text(rest, SLICE(" if "), &comma))
                buf_format(out, "%s%.*s on", manner->from, (int)comma, rest.at);
            return;
        }
        if (!slice_find_text(rest, SLICE(", "), &comma))
            break;
    }
    buf_add(out, choices);
}

/* The answers that the step has rows for. */
static void cells_add(struct buf *out, const struct client_table *table, int step,
                      const struct manner *manner)
{
    size_t start = out->len;
    for (size_t number = 0; number < table->answer_count; number++) {
        int answer = answer_at(table, number);
        bool first = out->len == start;
        struct buf choices = BUF_MAX(COMMAND_OUTPUT_MAX);
        choices_add(&choices, table, step, answer, manner);
        if (choices.len) {
            buf_add_text(out, first ? "" : "; ");
            buf_add_text(out, answer != ANSWER_ANY ? table->answers[answer].name
                              : first              ? "any answer"
                                                   : "any other answer");
            buf_add_text(out, manner->leads);
            cell_add(out, table, (size_t)step * table->answer_count + number,
                     buf_slice(&choices), manner);
        }
        buf_free(&choices);
    }
}

static void everywhere_add(struct buf *out, const struct client_table *table, const char *format)
{
    for (size_t i = 0; i < table->row_count; i++)
        if (row_is_everywhere(table, &table->rows[i]))
            buf_format(out, format, table->answers[table->rows[i].answer].name,
                       table->steps[table->rows[i].next].name);
}

static void step_draw(struct buf *out, const struct client_table *table, int step, bool here)
{
    struct buf cells = BUF_MAX(COMMAND_OUTPUT_MAX);
    size_t start = out->len;
    buf_format(out, here ? " [[%s]]" : " (%s)", table->steps[step].name);
    do
        buf_add_char(out, ' ');
    while (out->len - start < NAME_COLUMN);
    cells_add(&cells, table, step, &drawn);
    if (!cells.len)
        buf_add_text(&cells, table->steps[step].meaning);
    wrap_add(out, buf_slice(&cells), out->len - start, MORE_COLUMN, STATES_COLUMNS);
    buf_free(&cells);
}

void client_draw(struct buf *out, const struct client_table *table, int here)
{
    for (int step = 0; step < (int)table->step_count; step++)
        step_draw(out, table, step, step == here);
    everywhere_add(out, table, " anywhere: %s -> %s\n");
    if (here >= 0)
        buf_format(out, " at [[%s]] it %s\n", table->steps[here].name, table->steps[here].meaning);
}

void client_tell(struct buf *out, const struct client_table *table, int here)
{
    struct buf line = BUF_MAX(COMMAND_OUTPUT_MAX), cells = BUF_MAX(COMMAND_OUTPUT_MAX);
    if (here >= 0)
        buf_format(out, "It is at %s: it %s.\n", table->steps[here].name,
                   table->steps[here].meaning);
    for (int step = 0; step < (int)table->step_count; step++) {
        buf_clear(&line);
        buf_clear(&cells);
        cells_add(&cells, table, step, &told);
        buf_format(&line, "At %s it %s%s%s.", table->steps[step].name, table->steps[step].meaning,
                   cells.len ? ": " : "", buf_text(&cells));
        wrap_add(out, buf_slice(&line), 0, 0, STATES_COLUMNS);
    }
    everywhere_add(out, table, "At every step %s leads to %s.\n");
    buf_free(&line);
    buf_free(&cells);
}

bool client_sentences(struct buf *out, slice name, slice role, slice answer)
{
    const struct client_table *const *at = client_tables;
    while (*at && !(slice_is(name, (*at)->name) && slice_is(role, (*at)->role)))
        at++;
    size_t mark = 0;
    int here = -1;
    if (slice_find_text(answer, SLICE("[["), &mark) && *at) {
        slice step = slice_from(answer, mark + 2);
        here = client_step_named(*at, take_until(&step, ']'));
    }
    if (*at)
        client_tell(out, *at, here);
    if (*at && slice_find_text(answer, SLICE("\n it went:"), &mark))
        buf_add(out, slice_from(answer, mark + 2));
    return *at != NULL;
}

/* --- a conversation ----------------------------------------------------------------------- */

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
    if (next >= 0)
        walk_to(walk, next);
    walk->missed += next < 0;
}

/* "a12 LOGOUT" without its tag; false: it has none. */
static bool tag_take(slice *line)
{
    uint64_t number = 0;
    return take_char(line, 'a') && take_number(line, UINT32_MAX, &number) && take_char(line, ' ');
}

static void walk_read(struct walk *walk, const struct trace *trace, uint32_t conn)
{
    walk->at = -1;
    walk_to(walk, walk->table->first);
    for (uint64_t number = trace_first(trace); number < trace_end(trace); number++) {
        const struct trace_record *record = trace_at(trace, number);
        if (record->conn != conn)
            continue;
        walk->closed = walk->closed || record->kind == TRACE_CLOSE;
        slice line = record->text;
        if (record->kind == TRACE_LINE && record->side == SIDE_SERVER)
            walk_hear(walk, line);
        else if (record->kind == TRACE_LINE && (!walk->table->tagged || tag_take(&line)))
            walk_say(walk, line);
    }
}

/* By the table that says it best: of its protocol there may be two. */
static void walk_best(struct walk *walk, const struct trace *trace, const struct conn *conn)
{
    for (const struct client_table *const *at = client_tables; *at; at++) {
        struct walk other = { .table = *at, .went = BUF_MAX(COMMAND_OUTPUT_MAX) };
        if (!slice_is(slice_of(conn->protocol->name), (*at)->name))
            continue;
        walk_read(&other, trace, conn->number);
        bool better = !walk->table || other.missed < walk->missed;
        buf_free(better ? &walk->went : &other.went);
        *walk = better ? other : *walk;
    }
}

static void way_add(struct buf *out, slice way)
{
    struct buf went = BUF_MAX(COMMAND_OUTPUT_MAX);
    slice shown = way.len > WENT_MAX ? slice_from(way, way.len - WENT_MAX) : way;
    if (shown.len < way.len)
        take_word(&shown);
    buf_format(&went, "it went:%s%.*s", shown.len < way.len ? " ..." : "", SLICE_ARG(shown));
    buf_add_char(out, ' ');
    wrap_add(out, buf_slice(&went), 1, 4, STATES_COLUMNS);
    buf_free(&went);
}

static void conversation_add(struct call *call, const struct conn *conn)
{
    struct walk walk = { .table = NULL };
    walk_best(&walk, call->world->trace, conn);
    buf_format(call->out, ":states  %s %s  %s -> %s:%u   connection %u, %s\n\n",
               walk.table->name, walk.table->role, machine_name(call->world, conn->client),
               machine_name(call->world, conn->server), conn->port, conn->number,
               walk.closed ? "closed" : "open");
    client_draw(call->out, walk.table, walk.at);
    way_add(call->out, buf_slice(&walk.went));
    buf_free(&walk.went);
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
static bool client_is_ours(const struct world *world, const struct conn *conn)
{
    return conn->number && conn->protocol && table_of(conn->protocol) && !conn->typed &&
           strcmp(machine_name(world, conn->client), INBOUND_NAME) != 0;
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
static const struct conn *conn_of(const struct world *world, const struct conns *conns,
                                  uint32_t host, const struct protocol *wanted)
{
    const struct conn *last = NULL;
    size_t looked = 0;
    for (size_t i = conns->count; i > 0 && looked < OPEN_LOOKED_MAX; i--) {
        const struct conn *conn = &conns->at[i - 1];
        if (conn->client != host || !client_is_ours(world, conn) ||
            (wanted && conn->protocol != wanted))
            continue;
        if (conn_is_open(world->trace, conn->number))
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

bool client_states(struct call *call, uint32_t host, const struct protocol *wanted)
{
    struct conns conns = { 0 };
    const struct device *device = device_at(call->world, host);
    const struct protocol *protocol = wanted ? wanted : protocol_of(device);
    conns_read(&conns, call->world->trace);
    const struct conn *conn = conn_of(call->world, &conns, host, wanted);
    if (conn) {
        conversation_add(call, conn);
    } else {
        buf_format(call->out, ":states  %s client  %s   (no conversation is known)\n\n",
                   protocol->name, machine_name(call->world, host));
        client_draw(call->out, table_of(protocol), -1);
    }
    conns_free(&conns);
    return true;
}

bool client_states_conn(struct call *call, const struct conn *conn)
{
    if (!client_is_ours(call->world, conn))
        return call_fact(call, "Connection %u is a person's or a real program's: no table says "
                         "what they do.", conn->number);
    conversation_add(call, conn);
    return true;
}
