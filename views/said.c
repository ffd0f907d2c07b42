/* said.c: see said.h. */
#include "views/said.h"

const struct trace_record *said_last_firing(const struct trace *trace, uint32_t conn)
{
    for (uint64_t number = trace_end(trace); number-- > trace_first(trace);) {
        const struct trace_record *record = trace_at(trace, number);
        if (record->kind == TRACE_STATE && record->conn == conn && record->event != EV_LOST &&
            record->event != EV_REMOVED)
            return record;
    }
    return NULL;
}

static bool line_has_verb(slice line, const char *verb)
{
    slice first = take_word(&line), second = take_word(&line);
    return slice_is_nocase(first, verb) || slice_is_nocase(second, verb);
}

/* A line without any verb of the protocol: an unknown command, however many were sent at once. */
static bool line_is_unknown(slice line, const struct protocol *protocol)
{
    slice first = take_word(&line), second = take_word(&line);
    return protocol_verb(protocol, protocol->literal ? second : first) == EV_UNKNOWN;
}

slice said_by_client(const struct trace *trace, const struct trace_record *firing,
                     const struct protocol *protocol)
{
    const char *verb = protocol_event_name(protocol, firing->event);
    slice nearest = SLICE_EMPTY;
    bool found = false;
    for (uint64_t number = firing->number; number-- > trace_first(trace);) {
        const struct trace_record *record = trace_at(trace, number);
        if (record->conn != firing->conn)
            continue;
        if (found && record->kind == TRACE_STATE)
            break;
        if (record->kind != TRACE_LINE || record->side != SIDE_CLIENT)
            continue;
        if (firing->event == EV_UNKNOWN ? line_is_unknown(record->text, protocol)
                                        : line_has_verb(record->text, verb))
            return record->text;
        if (!found)
            nearest = record->text;
        found = true;
    }
    return nearest;
}

/* POP3's status comes first, IMAP's last and labelled; of SMTP's lines the last is whole. */
static bool line_is_status(const struct protocol *protocol, slice line)
{
    if (slice_is(slice_of(protocol->name), "pop3"))
        return slice_starts(line, "+OK") || slice_starts(line, "-ERR") || slice_starts(line, "+ ");
    return !slice_starts(line, "* ") || !slice_is(slice_of(protocol->name), "imap");
}

slice said_by_server(const struct trace *trace, const struct trace_record *firing,
                     const struct protocol *protocol)
{
    slice status = SLICE_EMPTY, any = SLICE_EMPTY;
    bool first_wins = slice_is(slice_of(protocol->name), "pop3");
    for (uint64_t number = firing->number + 1; number < trace_end(trace); number++) {
        const struct trace_record *record = trace_at(trace, number);
        if (record->kind != TRACE_LINE || record->conn != firing->conn ||
            record->side != SIDE_SERVER)
            continue;
        any = any.len ? any : record->text;
        if (!line_is_status(protocol, record->text) || (first_wins && status.len))
            continue;
        status = record->text;
    }
    return status.len ? status : any;
}
