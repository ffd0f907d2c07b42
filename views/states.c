/* states.c: the command `states`, and the machine in sentences for those who hear it. */
#include "views/states.h"

#include "base/words.h"
#include "servers/dialects/dialects.h"
#include "servers/services_table.h"
#include "servers/store/store.h"
#include "sim/devices/device.h"
#include "sim/hosts/host.h"
#include "sim/hosts/inbound.h"
#include "views/earlier.h"
#include "views/moves.h"
#include "views/views.h"

static void list_add(struct buf *out, const char *item, size_t number, size_t count,
                     const char *last)
{
    if (number)
        buf_add_text(out, number + 1 == count ? last : ", ");
    buf_add_text(out, item);
}

static void sentence_add(struct buf *out, const struct protocol *protocol,
                         const struct group *group)
{
    size_t count = 0, number = 0;
    for (size_t i = 0; i < protocol->state_count; i++)
        count += (group->froms & IN(i)) != 0;
    buf_add_text(out, "From ");
    for (size_t i = 0; i < protocol->state_count; i++)
        if (group->froms & IN(i))
            list_add(out, protocol->states[i].name, number++, count, " or ");
    buf_add_text(out, ", ");
    for (size_t i = 0; i < group->label_count; i++) {
        struct buf word = BUF_MAX(STATES_COLUMNS);
        label_add(&word, protocol, group->labels[i]);
        list_add(out, buf_text(&word), i, group->label_count, " or ");
        buf_free(&word);
    }
    buf_format(out, " leads to %s.\n", protocol->states[group->to].name);
}

void states_tell(struct buf *out, const struct protocol *protocol, int here)
{
    struct moves moves;
    struct groups groups;
    moves_read(&moves, protocol);
    moves_group(&groups, &moves);
    if (here >= 0)
        buf_format(out, "You are in %s: %s.\n", protocol->states[here].name,
                   protocol_state_meaning(protocol, here));
    for (size_t i = 0; i < groups.count; i++)
        sentence_add(out, protocol, &groups.at[i]);
}

bool states_sentences(struct buf *out, slice answer)
{
    slice first = take_until(&answer, '\n'), rest = first;
    slice title = take_word(&rest);
    const struct protocol *protocol = protocol_for_name(take_word(&rest));
    size_t at;
    if (!slice_is(title, ":states") || !protocol)
        return false;
    if (client_sentences(out, first, answer))
        return true;
    buf_add(out, slice_trim(slice_from(first, title.len)));
    buf_add_char(out, '\n');
    struct protocol spoken = *protocol;
    for (size_t i = 1; i < DIALECTS; i++)
        if (protocol_is(protocol, dialect_numbered(i)->protocol) &&
            slice_find_text(first, slice_of(dialect_numbered(i)->title), &at))
            spoken.dialect = dialect_numbered(i);
    int here = -1;
    if (slice_find_text(answer, SLICE("[["), &at)) {
        slice name = slice_from(answer, at + 2);
        here = protocol_state(protocol, take_until(&name, ']'));
    }
    states_tell(out, &spoken, here);
    if (slice_find_text(answer, SLICE("\n it went"), &at))
        buf_add(out, slice_from(answer, at + 2));
    return true;
}

/* --- the command -------------------------------------------------------------------------- */

static const struct session *session_here(const struct call *call)
{
    const struct device *device = call->device;
    return device && device->typed_open ? host_session(call->world, device->typed_conn) : NULL;
}

/* The protocol of the last connection here: after goodbye one may still want to look. */
static const struct protocol *protocol_of_last(const struct call *call)
{
    struct conns conns = { 0 };
    conns_read(&conns, call->world->trace);
    const struct conn *conn = call->device ? conns_find(&conns, call->device->typed_conn) : NULL;
    const struct protocol *protocol = conn ? conn->protocol : NULL;
    conns_free(&conns);
    return protocol;
}

/* Whether it is sealed, and whose it is. */
static void session_add(struct call *call, const struct session *session)
{
    if (!session) {
        buf_add_text(call->out, "  (not connected)\n\n");
        return;
    }
    if (session->protocol->dialect)
        buf_format(call->out, "   as %s", session->protocol->dialect->title);
    buf_add_text(call->out, session->facts & FACT_TLS ? "   TLS on" : "   TLS off");
    struct user user;
    if (session->user && store_user_by_id(call->world->store, session->user, &user)) {
        slice name = slice_of(user.address);
        slice person = take_until(&name, '@');
        buf_format(call->out, ", logged in as %.*s", SLICE_ARG(person));
    } else {
        buf_add_text(call->out, ", not logged in");
    }
    buf_add_text(call->out, "\n\n");
}

static void header_add(struct call *call, const struct protocol *protocol,
                       const struct session *session)
{
    const struct connection *connection = session ? call->device->typed : NULL;
    buf_format(call->out, ":states  %s", protocol->name);
    if (session)
        buf_format(call->out, "  %s/%s -> %s:%u", call->device->person, call->device->name,
                   session->services->policy->name, connection ? connection_port(connection) : 0u);
    session_add(call, session);
}

/* The moves that the server's table made; and in whose way of answering it speaks. */
static void way_of(struct buf *way, const struct sight *sight, const struct conn *conn,
                   const struct dialect **dialect)
{
    const struct trace *trace = sight->trace;
    for (uint64_t number = trace_first(trace); number < trace_end(trace); number++) {
        const struct trace_record *record = trace_at(trace, number);
        if (record->kind != TRACE_STATE || record->conn != conn->number)
            continue;
        if (!way->len)
            buf_format(way, " %s", conn->protocol->states[record->before].name);
        if (record->before != record->after)
            buf_format(way, " --%s--> %s", protocol_event_name(conn->protocol, record->event),
                       conn->protocol->states[record->after].name);
        *dialect = dialect_at(record->rule) ? dialect_at(record->rule) : *dialect;
    }
    if (!way->len)
        buf_add_text(way, " (nothing of it is kept)");
}

static void server_states(struct call *call, const struct sight *sight, const struct conn *conn)
{
    struct protocol spoken = *conn->protocol;
    struct buf way = BUF_MAX(COMMAND_OUTPUT_MAX);
    const struct session *session = sight->past ? NULL : host_session(call->world, conn->number);
    way_of(&way, sight, conn, &spoken.dialect);
    if (session)
        spoken = *session->protocol;
    buf_format(call->out, ":states  %s  %s -> %s:%u", spoken.name, sight_name(sight, conn->client),
               sight_name(sight, conn->server), conn->port);
    if (session)
        session_add(call, session);
    else
        buf_format(call->out, "   connection %u, closed%s%s\n\n", sight_number(sight, conn),
                   spoken.dialect ? ", as " : "", spoken.dialect ? spoken.dialect->title : "");
    states_draw(call->out, &spoken, session ? session->state : -1);
    states_way_add(call->out, sight, conn, buf_slice(&way), 0);
    buf_free(&way);
}

/* Of connection 3, whoever opened it, in an earlier sitting too; and what its other end does. */
static bool connection_states(struct call *call, uint32_t number, bool client)
{
    struct past past;
    struct sight sight;
    (void)past_read(&past, call->world);
    const struct conn *conn = sight_conn(&sight, call->world, &past, number);
    bool known = conn && conn->protocol;
    if (known && client)
        client_states_conn(call, &sight, conn);
    else if (known)
        server_states(call, &sight, conn);
    sight_end(&sight);
    past_free(&past);
    return known || connection_unknown(call, number);
}

/* `states phone`, `states phone smtp`, `states mx.bakery.example`. */
static bool machine_states(struct call *call, slice name, slice rest)
{
    slice meant = SLICE_EMPTY, word = take_word(&rest);
    uint32_t host = machine_named(call->world, name, &meant);
    const struct protocol *protocol = protocol_for_name(word);
    if (host == 0 && meant.len)
        return call_refuse(call, name, "states does not know that. Did you mean %.*s?",
                           SLICE_ARG(meant));
    if (host == 0)
        return call_refuse(call, name,
                           "states %s, a device or host whose own conversation it is, or a "
                           "connection's number", protocol_names().text);
    if ((word.len && !protocol) || slice_trim(rest).len)
        return call_refuse(call, word, "behind a device or host: %s", protocol_names().text);
    return client_states(call, host, protocol);
}

bool states_run(struct call *call)
{
    slice rest = call->args, word = take_word(&rest), more = slice_trim(rest);
    uint64_t number = 0;
    if (word_number(word, UINT32_MAX, &number) && (!more.len || slice_is(more, "client")))
        return connection_states(call, (uint32_t)number, more.len > 0);
    const struct session *session = session_here(call);
    const struct protocol *protocol = session ? session->protocol : NULL;
    if (word.len) {
        protocol = protocol_for_name(word);
        if (!protocol || more.len)
            return machine_states(call, word, rest);
        if (session && !protocol_is(session->protocol, protocol))
            session = NULL;
        if (session)
            protocol = session->protocol;
    } else if (!protocol) {
        protocol = protocol_of_last(call);
    }
    if (!protocol)
        return call_fact(call, "Connected to nobody. Which machine?  states %s",
                         protocol_names().text);
    header_add(call, protocol, session);
    states_draw(call->out, protocol, session ? session->state : -1);
    return true;
}
