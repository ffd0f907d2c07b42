/* protocol.c: questions about a table of rules, for the engine and for all who draw or
   test it. Executes nothing: that is session.c. */
#include "servers/protocol.h"

#include <string.h>

#include "servers/dialect.h"

static const struct {
    const char *name, *words;
} outcomes[OUTCOMES] = {
    [OUT_OK] = { "OK", "accepted" },
    [OUT_MORE] = { "MORE", "goes on" },
    [OUT_SYNTAX] = { "SYNTAX", "wrong form" },
    [OUT_WRONG_TIME] = { "WRONG_TIME", "wrong moment" },
    [OUT_UNKNOWN] = { "UNKNOWN", "no such command" },
    [OUT_UNSUPPORTED] = { "UNSUPPORTED", "a parameter that is not offered" },
    [OUT_TOO_LONG] = { "TOO_LONG", "the line is too long" },
    [OUT_TOO_BIG] = { "TOO_BIG", "too big" },
    [OUT_TOO_MANY] = { "TOO_MANY", "one too many" },
    [OUT_NEEDS_LOGIN] = { "NEEDS_LOGIN", "log in first" },
    [OUT_NEEDS_USER] = { "NEEDS_USER", "a name first" },
    [OUT_NEEDS_TLS] = { "NEEDS_TLS", "encrypt first" },
    [OUT_NEEDS_UTF8] = { "NEEDS_UTF8", "say SMTPUTF8 first" },
    [OUT_READ_ONLY] = { "READ_ONLY", "opened for reading only" },
    [OUT_BAD_LOGIN] = { "BAD_LOGIN", "name or password not right" },
    [OUT_CONTINUE] = { "CONTINUE", "the server asks" },
    [OUT_CANCELLED] = { "CANCELLED", "given up" },
    [OUT_NO_SUCH] = { "NO_SUCH", "no such thing here" },
    [OUT_EXISTS] = { "EXISTS", "it is there already" },
    [OUT_REFUSED] = { "REFUSED", "not allowed" },
    [OUT_OVER_QUOTA] = { "OVER_QUOTA", "the mailboxes are full" },
    [OUT_TRY_LATER] = { "TRY_LATER", "not now" },
    [OUT_IN_USE] = { "IN_USE", "in use by another session" },
    [OUT_BARE_NEWLINE] = { "BARE_NEWLINE", "a CR or LF alone" },
    [OUT_LOOP] = { "LOOP", "going in circles" },
    [OUT_NOTHING] = { "NONE", "nothing there" },
    [OUT_TOO_MANY_ERRORS] = { "ENOUGH", "too many errors" },
    [OUT_POLICY] = { "ORDERED", "this host was set to refuse it" },
    [OUT_FAILED] = { "FAILED", "the server's own trouble" },
    [OUT_NO_ROOM] = { "NO_ROOM", "no room to keep it" },
    [OUT_MARKED] = { "MARKED", "marked by DELE" },
};

const char *outcome_name(enum outcome outcome) { return outcomes[outcome].name; }
const char *outcome_words(enum outcome outcome) { return outcomes[outcome].words; }

bool outcome_named(slice name, enum outcome *outcome)
{
    for (size_t i = 0; i < OUTCOMES; i++)
        if (slice_is(name, outcomes[i].name)) {
            *outcome = (enum outcome)i;
            return true;
        }
    return false;
}

static bool rule_is(const struct rule *rule, int state, int event, enum outcome outcome)
{
    return rule->event == event && rule->outcome == outcome && (rule->from & IN(state));
}

static const struct rule *base_rule(const struct protocol *protocol, int state, int event,
                                    enum outcome outcome)
{
    const struct rule *shared = NULL;
    for (size_t i = 0; i < protocol->rule_count; i++) {
        const struct rule *rule = &protocol->rules[i];
        if (rule_is(rule, state, event, outcome))
            return rule;
        if (!shared && rule_is(rule, state, EV_ANY, outcome))
            shared = rule;
    }
    return shared;
}

/* Where the dialect allows what the base forbids, or the other way, the base has no answer. */
static bool contradicts(const struct protocol *protocol, const struct rule *rule, int state)
{
    return rule && rule->event != EV_ANY &&
           (rule->outcome == OUT_WRONG_TIME) == protocol_allows(protocol, state, rule->event);
}

const struct rule *protocol_rule(const struct protocol *protocol, int state, int event,
                                 enum outcome outcome)
{
    if (!protocol->dialect)
        return base_rule(protocol, state, event, outcome);
    const struct rule *rule = dialect_rule(protocol->dialect, state, event, outcome);
    if (rule)
        return rule;
    rule = base_rule(protocol, state, event, outcome);
    return contradicts(protocol, rule, state) ? NULL : rule;
}

/* OUT_OK: has one that runs it; OUT_WRONG_TIME: one that forbids it; else none at all. */
static enum outcome allowed_by(const struct rule *rule, int state, int event)
{
    if (rule->event != event || !(rule->from & IN(state)))
        return OUT_NOTHING;
    return rule->outcome == OUT_WRONG_TIME ? OUT_WRONG_TIME : OUT_OK;
}

bool protocol_allows(const struct protocol *protocol, int state, int event)
{
    const struct dialect *dialect = protocol->dialect;
    for (size_t i = 0; dialect && i < dialect->row_count; i++) {
        enum outcome allowed = allowed_by(&dialect->rows[i].rule, state, event);
        if (allowed != OUT_NOTHING)
            return allowed == OUT_OK;
    }
    for (size_t i = 0; i < protocol->rule_count; i++)
        if (allowed_by(&protocol->rules[i], state, event) == OUT_OK)
            return true;
    return false;
}

bool protocol_has_word(const struct protocol *protocol, slice word)
{
    for (size_t i = 0; i < protocol->capability_count; i++) {
        slice token = slice_of(protocol->capabilities[i].token);
        if (slice_equal_nocase(take_word(&token), word))
            return true;
    }
    return false;
}

bool protocol_is(const struct protocol *protocol, const struct protocol *base)
{
    return protocol && protocol->states == base->states;
}

const struct rule *protocol_row(const struct protocol *protocol, size_t number)
{
    const struct dialect *dialect = protocol->dialect;
    if (number < protocol->rule_count)
        return &protocol->rules[number];
    number -= protocol->rule_count;
    return dialect && number < dialect->row_count ? &dialect->rows[number].rule : NULL;
}

uint16_t protocol_row_number(const struct protocol *protocol, const struct rule *rule)
{
    const struct dialect *dialect = protocol->dialect;
    if (!dialect)
        return (uint16_t)(rule - protocol->rules);
    size_t number = 0;
    while (protocol_row(protocol, number) != rule)
        number++;
    return (uint16_t)((size_t)dialect->number << ROW_BITS | number);
}

int protocol_verb(const struct protocol *protocol, slice verb)
{
    for (size_t i = EV_VERBS; i < protocol->event_count; i++)
        if (protocol->events[i].verb && slice_is_nocase(verb, protocol->events[i].verb))
            return protocol->dialect && (protocol->dialect->lacks & VERB(i)) ? EV_UNKNOWN : (int)i;
    return EV_UNKNOWN;
}

int protocol_state(const struct protocol *protocol, slice name)
{
    for (size_t i = 0; i < protocol->state_count; i++)
        if (slice_is(name, protocol->states[i].name))
            return (int)i;
    return -1;
}

const char *protocol_state_meaning(const struct protocol *protocol, int state)
{
    const struct dialect *dialect = protocol->dialect;
    const char *theirs = dialect && dialect->meanings ? dialect->meanings[state] : NULL;
    return theirs ? theirs : protocol->states[state].meaning;
}

const char *protocol_event_name(const struct protocol *protocol, int event)
{
    const char *name = (size_t)event < protocol->event_count ? protocol->events[event].verb : NULL;
    return name ? name : "?";
}

const char *protocol_code_meaning(const struct protocol *protocol, slice reply)
{
    const struct code *best = NULL;
    for (size_t i = 0; i < protocol->code_count; i++) {
        const struct code *code = &protocol->codes[i];
        if (slice_starts(reply, code->text) && (!best || strlen(code->text) > strlen(best->text)))
            best = code;
    }
    return best ? best->meaning : NULL;
}

bool capability_holds(const struct capability *capability, int state, uint32_t facts)
{
    return (capability->states & IN(state)) && (facts & capability->needs) == capability->needs &&
           (facts & capability->lacks) == 0;
}

/* --- lint ------------------------------------------------------------------------------ */

static bool lint_event(const struct protocol *protocol, const struct rule *rule, struct error *why)
{
    if (rule->event == EV_ANY)
        return true;
    if (rule->event >= protocol->event_count || !protocol->events[rule->event].verb)
        return error_set(why, "%s: a row names event %d, which is not declared", protocol->name,
                         rule->event);
    const struct event *event = &protocol->events[rule->event];
    if (!event->meaning || !event->sample)
        return error_set(why, "%s: %s has no meaning or no sample", protocol->name, event->verb);
    return true;
}

static bool lint_twins(const struct protocol *protocol, size_t number, struct error *why)
{
    const struct rule *rule = &protocol->rules[number];
    for (size_t i = 0; i < number; i++) {
        const struct rule *other = &protocol->rules[i];
        if (other->event == rule->event && other->outcome == rule->outcome &&
            (other->from & rule->from))
            return error_set(why,
                             "%s: rows %zu and %zu answer the same event and outcome in one state",
                             protocol->name, i, number);
        /* A kinder text for a forbidden moment must not shadow an accepting row. */
        bool forbids = (rule->outcome == OUT_WRONG_TIME) != (other->outcome == OUT_WRONG_TIME);
        if (rule->event != EV_ANY && other->event == rule->event && forbids &&
            (other->from & rule->from))
            return error_set(why, "%s: %s is both allowed and at the wrong moment in one state",
                             protocol->name, protocol->events[rule->event].verb);
    }
    return true;
}

static bool lint_reachable(const struct protocol *protocol, struct error *why)
{
    uint32_t reached = IN(protocol->first);
    for (size_t pass = 0; pass < protocol->state_count; pass++)
        for (size_t i = 0; i < protocol->rule_count; i++)
            if ((protocol->rules[i].from & reached) && protocol->rules[i].next != STAY)
                reached |= IN(protocol->rules[i].next);
    for (size_t i = 0; i < protocol->state_count; i++)
        if (!(reached & IN(i)))
            return error_set(why, "%s: no row leads to %s", protocol->name,
                             protocol->states[i].name);
    return true;
}

bool protocol_lint(const struct protocol *protocol, struct error *why)
{
    uint32_t known = (uint32_t)((1ull << protocol->state_count) - 1);
    for (size_t i = 0; i < protocol->rule_count; i++) {
        const struct rule *rule = &protocol->rules[i];
        if (!rule->rfc || !rule->rfc[0])
            return error_set(why, "%s: row %zu names no RFC", protocol->name, i);
        if (!rule->from || (rule->from & ~known) || (rule->from & IN(protocol->closed)))
            return error_set(why, "%s: row %zu starts in no state, an unknown one or %s",
                             protocol->name, i, protocol->states[protocol->closed].name);
        if (rule->next != STAY && rule->next >= protocol->state_count)
            return error_set(why, "%s: row %zu leads to an unknown state", protocol->name, i);
        if (!lint_event(protocol, rule, why) || !lint_twins(protocol, i, why))
            return false;
    }
    for (size_t i = 0; i < protocol->state_count; i++)
        if (!protocol->states[i].name || !protocol->states[i].meaning)
            return error_set(why, "%s: state %zu has no name or meaning", protocol->name, i);
    return lint_reachable(protocol, why);
}
