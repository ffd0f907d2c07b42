/* check_rule.c: `check rule ...`: has a rule fired on a device, in one of these states? By the
   trace alone. */
#include "servers/services_table.h"
#include "servers/session.h"
#include "sim/devices/device.h"
#include "sim/language/check_private.h"

static bool event_is_known(slice name)
{
    const struct protocol *protocol = NULL;
    while ((protocol = protocol_next(protocol)))
        for (size_t event = 1; event < protocol->event_count; event++)
            if (protocol->events[event].verb && slice_is(name, protocol->events[event].verb))
                return true;
    return false;
}

/* Connections of this device, with what they speak: STATE records name them by number. */
struct spoken {
    uint32_t conn;
    const struct protocol *protocol;
    bool fired;
};

/* "MAILED|ADDRESSED": each is a state of some protocol; the first that is none is the fault. */
static bool states_are_known(slice states, slice *fault)
{
    while (states.len) {
        slice state = take_until(&states, '|');
        const struct protocol *protocol = NULL;
        bool known = false;
        while ((protocol = protocol_next(protocol)) != NULL)
            known |= protocol_state(protocol, state) >= 0;
        *fault = state;
        if (!known)
            return false;
    }
    return true;
}

/* No states: any. */
static bool state_is_one(const struct protocol *protocol, int before, slice states)
{
    bool is = states.len == 0;
    while (states.len && !is)
        is = protocol_state(protocol, take_until(&states, '|')) == before;
    return is;
}

/* What is asked of the trace. */
struct wanted_rule {
    slice event;
    enum outcome outcome;
    slice states;
    uint64_t sessions;  /* in so many, at least */
};

/* How often, and in how many sessions. */
struct firings {
    uint64_t times, sessions;
};

static bool rule_is(const struct spoken *spoken, const struct trace_record *record,
                    const struct wanted_rule *wanted)
{
    return spoken->protocol &&
           slice_is(wanted->event, protocol_event_name(spoken->protocol, record->event)) &&
           state_is_one(spoken->protocol, record->before, wanted->states);
}

static struct firings rule_fired(const struct check *check, const struct device *device,
                                 const struct wanted_rule *wanted)
{
    struct firings fired = { 0, 0 };
    struct buf table = BUF_MAX(64u << 20);
    const struct world *world = check->world;
    for (uint64_t number = trace_first(world->trace); number < trace_end(world->trace); number++) {
        const struct trace_record *record = trace_at(world->trace, number);
        if (record->kind == TRACE_OPEN && record->host == device->host) {
            struct spoken spoken = { record->conn, protocol_for_name(record->text),
                                     false };
            buf_add(&table, (slice){ (const char *)&spoken, sizeof spoken });
        }
        if (record->kind != TRACE_STATE || record->outcome != wanted->outcome ||
            number < check->from)
            continue;
        struct spoken *all = (struct spoken *)(void *)table.at;
        for (size_t i = table.len / sizeof *all; i-- > 0;)
            if (all[i].conn == record->conn) {
                if (!rule_is(&all[i], record, wanted))
                    break;
                fired.times++;
                fired.sessions += !all[i].fired;
                all[i].fired = true;
                break;
            }
    }
    buf_free(&table);
    return fired;
}

/* "READY|MAILED", or "2 sessions" */
static bool rule_where(struct check *check, struct wanted_rule *wanted)
{
    slice word = word_take(&check->rest), fault = word;
    if (word_number(word, UINT32_MAX, &wanted->sessions)) {
        slice unit = word_take(&check->rest);
        return slice_is(unit, "sessions") || check_wrong(check, unit, "`sessions` belongs here");
    }
    wanted->states = word;
    return (word.len && states_are_known(word, &fault)) ||
           check_wrong(check, fault, "a state belongs here: rule MAIL WRONG_TIME in READY");
}

static void firings_found(struct check *check, const struct wanted_rule *wanted,
                          struct firings fired)
{
    uint64_t count = wanted->sessions ? fired.sessions : fired.times;
    if (count)
        buf_format(&check->found, "%s%llu %s%s", wanted->sessions ? "in " : "",
                   (unsigned long long)count, wanted->sessions ? "session" : "time",
                   count == 1 ? "" : "s");
    else
        buf_add_text(&check->found, "never");
}

bool check_rule(struct check *check, const struct device *device)
{
    struct wanted_rule wanted = { word_take(&check->rest), OUT_OK, SLICE_EMPTY, 0 };
    slice word = word_peek(check->rest);
    if (!event_is_known(wanted.event))
        return check_wrong(check, wanted.event,
                           "no protocol here has an event of that name: MAIL, RCPT, DOT");
    word_take(&check->rest);
    if (!outcome_named(word, &wanted.outcome))
        return check_wrong(check, word, "an outcome belongs here: OK, WRONG_TIME, SYNTAX, NO_SUCH");
    if (word_take_if(&check->rest, "in") && !rule_where(check, &wanted))
        return false;
    if (!check_ended(check))
        return false;
    if (!device)
        return check_wrong(check, SLICE_EMPTY, "this world has no device");
    struct firings fired = rule_fired(check, device, &wanted);
    check->ok = fired.times > 0 && fired.sessions >= wanted.sessions;
    firings_found(check, &wanted, fired);
    return true;
}
