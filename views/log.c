/* log.c: the command `log`: what was said on the wire, session by session, of a device or
   of a server's host. As it was said, nothing explained. */
#include <string.h>

#include "base/words.h"
#include "servers/mail/date.h"
#include "servers/session.h"
#include "sim/devices/device.h"
#include "sim/hosts/inbound.h"
#include "sim/language/commands.h"
#include "views/clean.h"
#include "views/conns.h"
#include "views/earlier.h"
#include "views/reflow.h"
#include "views/views.h"

#define COLUMNS 80
#define SESSIONS_SHOWN 12
#define HOST_INBOUND UINT32_MAX  /* where real clients come from, in the net or not */
#define LOG_BYTES (COMMAND_OUTPUT_MAX - 65536)

/* A session's line, wrapped so that the rest stands under it. */
static void line_add(struct buf *out, const struct trace_record *record)
{
    if (trace_line_is_sum(record)) {
        buf_format(out, "   (%llu octets are not kept)\n", (unsigned long long)record->bytes);
        return;
    }
    struct buf line = BUF_MAX(TRACE_LINE_MAX * 8);
    buf_add_text(&line, record->side == SIDE_CLIENT ? "C: " : "S: ");
    clean_add(&line, record->text, true);
    buf_add_char(&line, '\n');
    reflow_add(out, buf_slice(&line), COLUMNS);
    if (record->bytes > record->text.len)
        buf_format(out, "   (cut: %llu octets)\n", (unsigned long long)record->bytes);
    buf_free(&line);
}

static void session_begin(struct call *call, const struct sight *sight, const struct conn *conn)
{
    const struct past_conn *earlier = sight->past ? &sight->past->conns[conn->number - 1] : NULL;
    const char *client = sight_name(sight, conn->client);
    buf_add_text(call->out, "--- ");
    if (strcmp(client, INBOUND_NAME) == 0) /* as the prompt and the watcher call it */
        buf_format(call->out, "%u  ", earlier ? earlier->number : conn->number);
    buf_format(call->out, "%s:%u  ", conn->protocol ? conn->protocol->name : "port", conn->port);
    buf_format(call->out, "%s -> %s  ", client, sight_name(sight, conn->server));
    if (earlier) {
        date_write_moment(call->out, sight_ms(sight, conn->opened_ns));
        buf_add_text(call->out, ", in an earlier sitting");
    } else {
        time_add(call->out, call->world, conn->opened_ns);
    }
    buf_add_char(call->out, '\n');
}

/* What of an earlier one is kept no more: all but its newest. */
static void left_out_say(struct call *call, const struct sight *sight, const struct conn *conn)
{
    struct buf thread = BUF_MAX(64);
    const struct past_conn *earlier = &sight->past->conns[conn->number - 1];
    past_conn_thread(&thread, earlier->sitting, earlier->number);
    const struct past_older *older = past_older(sight->past, buf_slice(&thread));
    if (older)
        buf_format(call->out, "    (%llu lines and events before are not kept)\n",
                   (unsigned long long)older->count);
    buf_free(&thread);
}

/* Only the client's lines, if that is asked: what it wanted, session by session. */
static void session_add(struct call *call, const struct sight *sight, const struct conn *conn,
                        bool commands)
{
    static const char *const by[] = { "the client closed the connection",
                                      "the server closed the connection", "the line was cut",
                                      "the line was dead" };
    const struct trace *trace = sight->trace;
    session_begin(call, sight, conn);
    if (sight->past)
        left_out_say(call, sight, conn);
    for (uint64_t number = trace_first(trace); number < trace_end(trace); number++) {
        const struct trace_record *record = trace_at(trace, number);
        if (record->conn != conn->number)
            continue;
        if (call->out->len > LOG_BYTES) {
            buf_add_text(call->out, "... and more than fits here\n");
            return;
        }
        if (record->kind == TRACE_LINE && (!commands || record->side == SIDE_CLIENT))
            line_add(call->out, record);
        else if (record->kind == TRACE_CLOSE)
            buf_format(call->out, "    (%s)\n", by[record->by]);
    }
}

/* The machine is asked for by its number today; real clients' has none before they come again. */
static bool conn_touches(const struct sight *sight, const struct conn *conn, uint32_t host)
{
    if (conn->number == 0)
        return false;
    if (host == HOST_INBOUND)
        return strcmp(sight_name(sight, conn->client), INBOUND_NAME) == 0;
    return sight_machine(sight, conn->client) == host ||
           sight_machine(sight, conn->server) == host;
}

/* How many of the sight's connections the machine has to do with. */
static size_t conns_touching(const struct sight *sight, uint32_t host)
{
    size_t count = 0;
    for (size_t i = 0; i < sight->conns.count; i++)
        count += conn_touches(sight, &sight->conns.at[i], host);
    return count;
}

static void sessions_add(struct call *call, const struct sight *sight, uint32_t host, size_t skip,
                         bool commands)
{
    for (size_t i = 0; i < sight->conns.count; i++) {
        const struct conn *conn = &sight->conns.at[i];
        if (!conn_touches(sight, conn, host))
            continue;
        if (skip)
            skip--;
        else
            session_add(call, sight, conn, commands);
    }
}

/* Of a server's sessions each client has its own. */
static bool left_out_of(struct call *call, const struct past *past, uint32_t host)
{
    struct buf threads = BUF_MAX(300);
    buf_add_text(&threads, "client ");
    if (host == HOST_INBOUND)
        buf_add_text(&threads, INBOUND_NAME);
    else if (device_at(call->world, host))
        buf_add_text(&threads, net_host_name(call->world->net, host));
    bool any = earlier_left_out(call, past, buf_slice(&threads), "connections");
    buf_free(&threads);
    return any;
}

static void silence_say(struct call *call, const char *name, bool unknown)
{
    if (unknown)
        call_say(call, "Of a talk with %s nothing is kept.", name);
    else
        call_say(call, "Nobody has talked with %s yet.", name);
}

static void all_sessions_add(struct call *call, uint32_t host, bool commands)
{
    struct past past;
    struct sight earlier, now;
    (void)past_read(&past, call->world);
    sight_begin(&earlier, call->world, &past);
    sight_begin(&now, call->world, NULL);
    size_t before = conns_touching(&earlier, host), count = before + conns_touching(&now, host);
    bool unknown = earlier_unknown(call, &past);
    unknown = left_out_of(call, &past, host) || unknown;
    size_t skip = count > SESSIONS_SHOWN ? count - SESSIONS_SHOWN : 0;
    if (skip)
        buf_format(call->out, "... %zu earlier sessions\n", skip);
    sessions_add(call, &earlier, host, skip < before ? skip : before, commands);
    sessions_add(call, &now, host, skip > before ? skip - before : 0, commands);
    if (count == 0)
        silence_say(call, host == HOST_INBOUND ? INBOUND_NAME : machine_name(call->world, host),
                    unknown);
    sight_end(&earlier);
    sight_end(&now);
    past_free(&past);
}

bool connection_unknown(struct call *call, uint32_t number)
{
    return call_fact(call, "Nothing is known of a connection %u: `log " INBOUND_NAME
                     "` tells which there were.", number);
}

/* A connection by its number, as "[imap 3]" has it; if none has it now, the last that had. */
static bool connection_add(struct call *call, uint32_t number, bool commands)
{
    struct past past;
    struct sight sight;
    (void)past_read(&past, call->world);
    const struct conn *conn = sight_conn(&sight, call->world, &past, number);
    if (conn)
        session_add(call, &sight, conn, commands);
    sight_end(&sight);
    past_free(&past);
    return conn || connection_unknown(call, number);
}

bool log_run(struct call *call)
{
    slice rest = call->args, name = take_word(&rest), meant = SLICE_EMPTY;
    bool commands = word_take_if(&rest, "commands");
    if (slice_trim(rest).len)
        return call_refuse(call, slice_trim(rest),
                           "log takes one name, of a device or a host, or a "
                           "connection's number, and `commands`");
    uint64_t number = 0;
    if (word_number(name, UINT32_MAX, &number))
        return connection_add(call, (uint32_t)number, commands);
    uint32_t host = name.len       ? machine_named(call->world, name, &meant)
                    : call->device ? call->device->host
                                   : 0;
    if (host == 0 && slice_is_nocase(name, INBOUND_NAME))
        host = HOST_INBOUND;
    if (host == 0 && meant.len)
        return call_refuse(call, name, "no device or host is called that. Did you mean %.*s?",
                           SLICE_ARG(meant));
    if (host == 0)
        return call_refuse(call, name,
                           "no device or host is called that (`hosts` tells what there is)");
    all_sessions_add(call, host == inbound_number(call->world) ? HOST_INBOUND : host, commands);
    return true;
}
