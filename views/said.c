/* said.c: see said.h. */
#include "views/said.h"

#include "servers/dialects/dialects.h"

/* What a state did by itself when it was left: that answers no line. */
static bool ends_by_itself(const struct trace_record *firing)
{
    return firing->event == EV_RAISED && firing->before != firing->after;
}

const struct trace_record *said_last_firing(const struct trace *trace, uint32_t conn)
{
    for (uint64_t number = trace_end(trace); number-- > trace_first(trace);) {
        const struct trace_record *record = trace_at(trace, number);
        if (record->kind == TRACE_STATE && record->conn == conn && record->event != EV_LOST &&
            !ends_by_itself(record))
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

static bool is_tagged(slice line)
{
    slice tag = take_word(&line), word = take_word(&line);
    return !slice_is(tag, "*") && (slice_is(tag, "+") || slice_is(word, "OK") ||
                                   slice_is(word, "NO") || slice_is(word, "BAD"));
}

/* Is this line a status, and whole: of SMTP's lines the last, POP3's first, IMAP's with a tag? */
static bool line_is_status(const struct protocol *protocol, slice line)
{
    if (protocol->form == FORM_SIGN)
        return slice_starts(line, "+OK") || slice_starts(line, "-ERR") || slice_starts(line, "+ ");
    if (protocol->form == FORM_TAG)
        return is_tagged(line);
    return line.len < 4 || line.at[3] != '-';
}

static bool has_status(const struct protocol *protocol, const struct trace_record *firing)
{
    const char *reply = dialect_rule_at(protocol, firing->rule)->reply;
    return reply && !slice_starts(slice_of(reply), "* ");
}

#define NOBODY_KNOWS UINT64_MAX

/* Of an earlier sitting's long run of lines the middle is not kept: with several answers to come,
   nobody knows which of them stood in it. */
static bool hides_statuses(const struct trace_record *line, uint64_t due)
{
    return due > 1 && trace_line_is_sum(line);
}

/* From where on answers are to be counted: what is typed is answered before the next line is. */
static uint64_t count_from(const struct trace *trace, uint64_t number, bool typed)
{
    if (!typed)
        return trace_first(trace);
    while (number > trace_first(trace) && trace_at(trace, number - 1)->kind != TRACE_INPUT)
        number--;
    return number;
}

/* How many statuses behind the firing are to come up to its own: a client that has said several
   things at once is answered later, in order. */
static uint64_t statuses_due(const struct trace *trace, const struct trace_record *firing,
                             const struct protocol *protocol, bool typed)
{
    uint64_t due = 0, number = count_from(trace, firing->number, typed);
    for (; number <= firing->number; number++) {
        const struct trace_record *record = trace_at(trace, number);
        if (record->conn != firing->conn)
            continue;
        if (record->kind == TRACE_STATE)
            due += has_status(protocol, record);
        else if (record->kind != TRACE_LINE || record->side != SIDE_SERVER || due == 0)
            continue;
        else if (hides_statuses(record, due))
            return NOBODY_KNOWS;
        else
            due -= line_is_status(protocol, record->text);
    }
    return due;
}

slice said_by_server(const struct trace *trace, const struct trace_record *firing,
                     const struct protocol *protocol, bool typed)
{
    slice any = SLICE_EMPTY;
    uint64_t due = statuses_due(trace, firing, protocol, typed);
    if (due == NOBODY_KNOWS)
        return SLICE_EMPTY;
    for (uint64_t number = firing->number + 1; number < trace_end(trace); number++) {
        const struct trace_record *record = trace_at(trace, number);
        if (record->kind != TRACE_LINE || record->conn != firing->conn ||
            record->side != SIDE_SERVER)
            continue;
        if (hides_statuses(record, due))
            return SLICE_EMPTY;
        any = any.len ? any : record->text;
        if (due > 0 && line_is_status(protocol, record->text) && --due == 0)
            return record->text;
    }
    return any;
}
