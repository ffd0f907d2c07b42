/* dialect.c: see dialect.h. That rows of a dialect go first is protocol.c's. */
#include "servers/dialect.h"

#include <string.h>

#include "base/limits.h"

static const struct manners own = {
    .bad_commands_max = BAD_COMMANDS_MAX,
    .bad_logins_max = BAD_LOGINS_MAX,
    .slow_after = NEVER,
};

const struct manners *protocol_manners(const struct protocol *protocol)
{
    return protocol->dialect ? &protocol->dialect->manners : &own;
}

struct protocol dialect_protocol(const struct protocol *base, const struct dialect *dialect)
{
    struct protocol spoken = *base;
    spoken.dialect = dialect;
    if (dialect->capabilities) {
        spoken.capabilities = dialect->capabilities;
        spoken.capability_count = dialect->capability_count;
    }
    if (dialect->line_max)
        spoken.line_max = dialect->line_max;
    return spoken;
}

const struct rule *dialect_rule(const struct dialect *dialect, int state, int event,
                                enum outcome outcome)
{
    const struct rule *shared = NULL;
    for (size_t i = 0; i < dialect->row_count; i++) {
        const struct rule *rule = &dialect->rows[i].rule;
        if (rule->outcome != outcome || !(rule->from & IN(state)))
            continue;
        if (rule->event == event)
            return rule;
        if (rule->event == EV_ANY && !shared)
            shared = rule;
    }
    return shared;
}

/* --- lint ------------------------------------------------------------------------------ */

static const char *cell_name(const struct dialect *dialect, const struct rule *rule)
{
    return rule->event == EV_ANY ? "any command"
                                 : protocol_event_name(dialect->protocol, rule->event);
}

static bool lint_twins(const struct dialect *dialect, size_t number, struct error *why)
{
    const struct rule *rule = &dialect->rows[number].rule;
    for (size_t i = 0; i < number; i++) {
        const struct rule *other = &dialect->rows[i].rule;
        bool forbids = (rule->outcome == OUT_WRONG_TIME) != (other->outcome == OUT_WRONG_TIME);
        if (other->event == rule->event && (other->from & rule->from) &&
            (other->outcome == rule->outcome || (forbids && rule->event != EV_ANY)))
            return error_set(why, "%s: rows %zu and %zu, %s, contradict each other in one state",
                             dialect->title, i, number, cell_name(dialect, rule));
    }
    return true;
}

static bool replies_agree(const struct rule *rule, const struct rule *other)
{
    return other && rule->next == other->next && !rule->reply == !other->reply &&
           (!rule->reply || strcmp(rule->reply, other->reply) == 0);
}

/* In some state it must say something else than the base. */
static bool lint_differs(const struct dialect *dialect, const struct rule *rule, struct error *why)
{
    for (size_t state = 0; state < dialect->protocol->state_count; state++)
        if ((rule->from & IN(state)) &&
            !replies_agree(rule, protocol_rule(dialect->protocol, (int)state, rule->event,
                                               (enum outcome)rule->outcome)))
            return true;
    return error_set(why, "%s: %s %s says what the base says", dialect->title,
                     cell_name(dialect, rule), outcome_name((enum outcome)rule->outcome));
}

/* A verb that the dialect alone allows in this state has an answer there to every outcome that
   its handler has in the base. */
static bool lint_whole(const struct dialect *dialect, int state, int event, struct error *why)
{
    const struct protocol *base = dialect->protocol;
    struct protocol spoken = dialect_protocol(base, dialect);
    if (protocol_allows(base, state, event) || !protocol_allows(&spoken, state, event))
        return true;
    for (size_t i = 0; i < base->rule_count; i++) {
        const struct rule *rule = &base->rules[i];
        if (rule->event == event && rule->outcome != OUT_WRONG_TIME &&
            !protocol_rule(&spoken, state, event, (enum outcome)rule->outcome))
            return error_set(why, "%s: %s in %s has no answer to %s", dialect->title,
                             protocol_event_name(base, event), base->states[state].name,
                             outcome_name((enum outcome)rule->outcome));
    }
    return true;
}

bool dialect_lint(const struct dialect *dialect, struct error *why)
{
    const struct protocol *base = dialect->protocol;
    for (size_t i = 0; i < dialect->row_count; i++) {
        const struct rule *rule = &dialect->rows[i].rule;
        if (!rule->rfc || (rule->from & IN(base->closed)) || !rule->from)
            return error_set(why, "%s: row %zu has no RFC or no state", dialect->title, i);
        if (rule->event >= base->event_count || (rule->event && !base->events[rule->event].verb))
            return error_set(why, "%s: row %zu names no event", dialect->title, i);
        if (rule->next != STAY && rule->next >= base->state_count)
            return error_set(why, "%s: row %zu leads to an unknown state", dialect->title, i);
        if (!lint_twins(dialect, i, why) || !lint_differs(dialect, rule, why))
            return false;
    }
    for (int state = 0; state < (int)base->state_count; state++)
        for (int event = EV_VERBS; event < (int)base->event_count; event++)
            if (!lint_whole(dialect, state, event, why))
                return false;
    return true;
}
