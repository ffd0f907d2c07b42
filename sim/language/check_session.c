/* check_session.c: `check session ...`: in which state a typed session is, which it has visited,
   who ended it, on which port it is, how much came. By the trace alone. */
#include "base/words.h"
#include "servers/services_table.h"
#include "servers/session.h"
#include "sim/devices/device.h"
#include "sim/language/check_private.h"

struct session_states {
    uint32_t conn;       /* 0: there was none */
    int now;
    uint32_t visited;    /* bits */
    uint64_t marks;      /* POP3: DELE has marked so many, and no RSET has unmarked them */
    uint16_t port;
    uint64_t told;       /* octets that came from the server */
    bool closed;
    enum trace_by by;    /* who closed it */
};

static void marks_count(struct session_states *states, const struct protocol *protocol,
                        const struct trace_record *record)
{
    slice event = slice_of(protocol_event_name(protocol, record->event));
    if (record->outcome != OUT_OK || !slice_is(slice_of(protocol->name), "pop3"))
        return;
    if (slice_is(event, "RSET"))
        states->marks = 0;
    states->marks += slice_is(event, "DELE");
}

/* The device's latest typed session of that protocol, by the trace alone. */
static struct session_states session_states(const struct check *check, const struct device *device,
                                            const struct protocol *protocol)
{
    struct session_states states = { .now = protocol->first };
    const struct trace *trace = check->world->trace;
    for (uint64_t number = trace_first(trace); number < trace_end(trace); number++) {
        const struct trace_record *record = trace_at(trace, number);
        bool counts = number >= check->from;
        if (record->kind == TRACE_OPEN && record->typed && record->host == device->host &&
            slice_is(record->text, protocol->name))
            states = (struct session_states){ .conn = record->conn, .port = record->port,
                                              .now = protocol->first,
                                              .visited = counts ? IN(protocol->first) : 0 };
        if (!states.conn || record->conn != states.conn)
            continue;
        if (record->kind == TRACE_CLOSE) {
            states.closed = counts;
            states.by = record->by;
        } else if (record->kind == TRACE_SEGMENT && record->side == SIDE_SERVER) {
            states.told += record->text.len ? record->text.len : record->bytes;
        } else if (record->kind == TRACE_STATE) {
            states.now = record->after;
            states.visited |= counts ? IN(record->before) | IN(record->after) : 0;
            marks_count(&states, protocol, record);
        }
    }
    return states;
}

static bool state_take(struct check *check, const struct protocol *protocol, int *state)
{
    slice word = word_take(&check->rest);
    *state = protocol_state(protocol, word);
    if (*state >= 0)
        return check_ended(check);
    struct buf names = BUF_MAX(512);
    for (size_t i = 0; i < protocol->state_count; i++)
        buf_format(&names, " %s", protocol->states[i].name);
    call_refuse(check->call, word, "the states of %s are%s", protocol->title, buf_text(&names));
    buf_free(&names);
    return false;
}

static const char *const ended_by[] = {
    [BY_CLIENT] = "client", [BY_SERVER] = "server", [BY_CUT] = "cut", [BY_TIMEOUT] = "timeout",
};

/* "ended by cut" */
static bool session_ended(struct check *check, const struct session_states *states)
{
    slice by = word_take_if(&check->rest, "by") ? word_take(&check->rest) : SLICE_EMPTY;
    for (size_t i = 0; i < COUNT(ended_by); i++)
        if (slice_is(by, ended_by[i])) {
            check->ok = states->closed && states->by == i;
            buf_add_text(&check->found, !states->conn ? "no such session"
                                        : states->closed ? ended_by[states->by] : "it is open");
            return check_ended(check);
        }
    return check_wrong(check, by,
                       "`by client`, `by server`, `by cut` or `by timeout` belongs here");
}

static bool session_state(struct check *check, const struct session_states *states,
                          const struct protocol *protocol, const char *device, bool is)
{
    int state = 0;
    if (!state_take(check, protocol, &state))
        return false;
    check->ok = states->conn && (is ? states->now == state : (states->visited & IN(state)) != 0);
    if (!states->conn)
        buf_format(&check->found, "no %s session on %s", protocol->name, device);
    else if (is)
        buf_format(&check->found, "%s", protocol->states[states->now].name);
    for (size_t i = 0; states->conn && !is && i < protocol->state_count; i++)
        if (states->visited & IN(i))
            buf_format(&check->found, "%s%s", check->found.len ? " " : "",
                       protocol->states[i].name);
    return true;
}

/* "marks 1 message" */
static bool session_marks(struct check *check, const struct session_states *states,
                          const struct protocol *protocol, slice word)
{
    uint64_t wanted = 0;
    if (!slice_is(slice_of(protocol->name), "pop3"))
        return check_wrong(check, word, "only POP3 marks messages for the time of a session");
    if (!check_count_take(check, &wanted))
        return false;
    check_count_found(check, wanted, states->marks);
    check->ok = check->ok && states->conn;
    return true;
}

/* "uses port 465", "took at most 2000 octets" */
static bool session_number(struct check *check, const struct session_states *states, bool port)
{
    uint64_t wanted = 0;
    slice words = word_peek(check->rest);
    bool form = port ? word_take_if(&check->rest, "port")
                     : word_take_if(&check->rest, "at") && word_take_if(&check->rest, "most");
    if (!form)
        return check_wrong(check, words, port ? "`port` belongs here: uses port 465"
                                              : "`at most` belongs here: took at most 2000 octets");
    slice word = word_take(&check->rest), unit = word_peek(check->rest);
    if (!word_number(word, UINT32_MAX, &wanted))
        return check_wrong(check, word, "a number belongs here");
    if (!port && !word_take_if(&check->rest, "octets"))
        return check_wrong(check, unit, "`octets` belongs here");
    check->ok = states->conn && (port ? states->port == wanted : states->told <= wanted);
    if (!states->conn)
        buf_add_text(&check->found, "no such session");
    else if (port)
        buf_format(&check->found, "port %u", states->port);
    else
        buf_format(&check->found, "%llu octets", (unsigned long long)states->told);
    return check_ended(check);
}

bool check_session(struct check *check, const struct device *device)
{
    slice name = word_take(&check->rest);
    const struct protocol *protocol = protocol_for_name(name);
    if (!protocol)
        return call_refuse(check->call, name, "a protocol belongs here: %s", protocol_names().text);
    if (!device)
        return check_wrong(check, SLICE_EMPTY, "this world has no device");
    struct session_states states = session_states(check, device, protocol);
    slice word = word_take(&check->rest);
    if (slice_is(word, "ended"))
        return session_ended(check, &states);
    if (slice_is(word, "marks"))
        return session_marks(check, &states, protocol, word);
    if (slice_is(word, "uses") || slice_is(word, "took"))
        return session_number(check, &states, slice_is(word, "uses"));
    bool is = slice_is(word, "is");
    if (!is && !slice_is(word, "visited"))
        return check_wrong(check, word,
                           "`is`, `visited`, `ended`, `uses`, `took` or `marks` belongs here");
    return session_state(check, &states, protocol, device->name, is);
}
