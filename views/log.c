/* log.c: the command `log`: what was said on the wire, session by session, of a device or
   of a server's host. As it was said, nothing explained. */
#include "base/words.h"
#include "servers/session.h"
#include "sim/devices/device.h"
#include "sim/hosts/inbound.h"
#include "sim/language/commands.h"
#include "views/clean.h"
#include "views/conns.h"
#include "views/utf8.h"
#include "views/views.h"

#define COLUMNS 80
#define SESSIONS_SHOWN 12
#define LOG_BYTES (COMMAND_OUTPUT_MAX - 65536)

/* A session's line, wrapped so that the rest stands under it. */
static void line_add(struct buf *out, const struct trace_record *record)
{
    struct buf clean = BUF_MAX(TRACE_LINE_MAX * 8);
    clean_add(&clean, record->text, true);
    slice rest = buf_slice(&clean);
    buf_add_text(out, record->side == SIDE_CLIENT ? "C: " : "S: ");
    for (bool first = true; first || rest.len; first = false) {
        slice fits = utf8_fit(rest, COLUMNS - 3);
        buf_add_text(out, first ? "" : "   ");
        buf_add(out, fits);
        buf_add_char(out, '\n');
        rest = slice_from(rest, fits.len);
    }
    if (record->bytes > record->text.len)
        buf_format(out, "   (cut: %llu octets)\n", (unsigned long long)record->bytes);
    buf_free(&clean);
}

static void session_begin(struct call *call, const struct conn *conn)
{
    buf_add_text(call->out, "--- ");
    if (conn->client == inbound_number(call->world)) /* as the prompt and the watcher call it */
        buf_format(call->out, "%u  ", conn->number);
    buf_format(call->out, "%s:%u  ", conn->protocol ? conn->protocol->name : "port", conn->port);
    buf_format(call->out, "%s -> ", machine_name(call->world, conn->client));
    buf_format(call->out, "%s  ", machine_name(call->world, conn->server));
    time_add(call->out, call->world, conn->opened_ns);
    buf_add_char(call->out, '\n');
}

/* Only the client's lines, if that is asked: what it wanted, session by session. */
static void session_add(struct call *call, const struct conn *conn, bool commands)
{
    static const char *const by[] = { "the client closed the connection",
                                      "the server closed the connection", "the line was cut",
                                      "the line was dead" };
    const struct trace *trace = call->world->trace;
    session_begin(call, conn);
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

static bool conn_touches(const struct conn *conn, uint32_t host)
{
    return conn->number != 0 && (conn->client == host || conn->server == host);
}

static void silence_say(struct call *call, uint32_t host)
{
    struct buf when = BUF_MAX(64);
    const char *name = machine_name(call->world, host);
    if (unknown_before(&when, call->world))
        call_say(call, "Nobody has talked with %s since %s. What was said before is not kept.",
                 name, buf_text(&when));
    else
        call_say(call, "Nobody has talked with %s yet.", name);
    buf_free(&when);
}

bool connection_unknown(struct call *call, uint32_t number)
{
    return call_fact(call, "Nothing is known of a connection %u: `log " INBOUND_NAME
                     "` tells which there were.", number);
}

/* A connection by its number, as "[imap 3]" has it. */
static bool connection_add(struct call *call, uint32_t number, bool commands)
{
    struct conns conns = { 0 };
    conns_read(&conns, call->world->trace);
    const struct conn *conn = conns_find(&conns, number);
    bool found = conn != NULL;
    if (found)
        session_add(call, conn, commands);
    conns_free(&conns);
    return found || connection_unknown(call, number);
}

static void sessions_add(struct call *call, uint32_t host, bool commands)
{
    struct conns conns = { 0 };
    size_t count = 0, number = 0;
    conns_read(&conns, call->world->trace);
    for (size_t i = 0; i < conns.count; i++)
        count += conn_touches(&conns.at[i], host);
    if (count > SESSIONS_SHOWN)
        buf_format(call->out, "... %zu earlier sessions\n", count - SESSIONS_SHOWN);
    for (size_t i = 0; i < conns.count; i++)
        if (conn_touches(&conns.at[i], host) && ++number + SESSIONS_SHOWN > count)
            session_add(call, &conns.at[i], commands);
    conns_free(&conns);
    if (count == 0)
        silence_say(call, host);
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
    if (host == 0 && meant.len)
        return call_refuse(call, name, "no device or host is called that. Did you mean %.*s?",
                           SLICE_ARG(meant));
    if (host == 0)
        return call_refuse(call, name,
                           "no device or host is called that (`hosts` tells what there is)");
    sessions_add(call, host, commands);
    return true;
}
