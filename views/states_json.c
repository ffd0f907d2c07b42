/* states_json.c: a protocol's machine and where a session stands in it, as data: the executed
   table, what is legal now, the transition that was just made. Keys are an interface; new ones come
   last. */
#include "servers/session.h"
#include "servers/dialects/dialects.h"
#include "servers/store/store.h"
#include "sim/devices/device.h"
#include "views/guide.h"
#include "views/json_write.h"
#include "views/states.h"

static const char *reads_word(enum reads reads)
{
    static const char *const words[] = { "command", "text", "octets", "answer", "done", "nothing" };
    return words[reads];
}

/* Steps from the first state on the good way; -1: none leads there. */
static void depths_read(const struct protocol *protocol, int depths[STATES_MAX])
{
    for (size_t i = 0; i < STATES_MAX; i++)
        depths[i] = -1;
    depths[protocol->first] = 0;
    for (int depth = 0; depth < STATES_MAX; depth++)
        for (int state = 0; state < (int)protocol->state_count; state++)
            for (int event = EV_ANY + 1;
                 depths[state] == depth && event < (int)protocol->event_count; event++) {
                int to = guide_target(protocol, state, event);
                if (to >= 0 && depths[to] < 0)
                    depths[to] = depth + 1;
            }
}

static void states_add(struct buf *out, const struct protocol *protocol)
{
    int depths[STATES_MAX];
    depths_read(protocol, depths);
    json_begin(out, "states", '[');
    for (size_t i = 0; i < protocol->state_count; i++) {
        const struct state *state = &protocol->states[i];
        json_begin(out, NULL, '{');
        json_put_name(out, "name", state->name);
        json_put_name(out, "meaning", protocol_state_meaning(protocol, (int)i));
        json_put_name(out, "reads", reads_word(state->reads));
        if (depths[i] >= 0)
            json_put_number(out, "depth", depths[i]);
        else
            json_put_null(out, "depth");
        json_end(out, '}');
    }
    json_end(out, ']');
}

static void event_add(struct buf *out, const struct event *event)
{
    json_put_name(out, "verb", event->verb);
    json_put_name(out, "sample", event->sample);
    json_put_name(out, "meaning", event->meaning);
}

static void events_add(struct buf *out, const struct protocol *protocol)
{
    json_begin(out, "events", '[');
    for (size_t i = EV_ANY + 1; i < protocol->event_count; i++) {
        if (!protocol->events[i].verb)
            continue;
        json_begin(out, NULL, '{');
        event_add(out, &protocol->events[i]);
        json_put_truth(out, "command", i >= EV_VERBS);
        json_end(out, '}');
    }
    json_end(out, ']');
}

/* A row that changes the state, or that is the good one of an event that stays. */
static void rule_add(struct buf *out, const struct protocol *protocol, const struct rule *rule)
{
    bool good = outcome_is_good(rule->outcome);
    for (size_t from = 0; from < protocol->state_count; from++) {
        size_t to = rule->next == STAY ? from : rule->next;
        const struct rule *wins = protocol_rule(protocol, (int)from, rule->event, rule->outcome);
        if (!(rule->from & IN(from)) || wins != rule || (to == from && !good))
            continue;
        json_begin(out, NULL, '{');
        json_put_name(out, "from", protocol->states[from].name);
        json_put_name(out, "to", protocol->states[to].name);
        json_put_name(out, "event",
                      rule->event == EV_ANY ? "ANY" : protocol_event_name(protocol, rule->event));
        json_put_name(out, "outcome", outcome_name(rule->outcome));
        json_put_truth(out, "good", good);
        json_put_truth(out, "stays", to == from);
        json_put_name(out, "rfc", rule->rfc);
        json_end(out, '}');
    }
}

static void moves_add(struct buf *out, const struct protocol *protocol)
{
    json_begin(out, "moves", '[');
    const struct rule *rule;
    for (size_t i = 0; (rule = protocol_row(protocol, i)) != NULL; i++)
        rule_add(out, protocol, rule);
    json_end(out, ']');
}

static bool leads_on(const struct guide *guide, int event)
{
    for (size_t i = 0; i < guide->next_count; i++)
        if (guide->next[i] == event)
            return true;
    return false;
}

void states_legal_json(struct buf *out, const struct protocol *protocol, int state, uint32_t facts)
{
    struct guide guide;
    guide_read(&guide, protocol, state, facts);
    json_begin(out, "legal", '[');
    for (int event = EV_ANY + 1; event < (int)protocol->event_count; event++) {
        if (!guide_runs(protocol, state, facts, event))
            continue;
        json_begin(out, NULL, '{');
        event_add(out, &protocol->events[event]);
        json_put_name(out, "to", protocol->states[guide_target(protocol, state, event)].name);
        json_put_truth(out, "next", leads_on(&guide, event));
        json_put_truth(out, "command", event >= EV_VERBS);
        json_end(out, '}');
    }
    json_end(out, ']');
    json_begin(out, "blocked", '[');
    for (int event = EV_VERBS; event < (int)protocol->event_count; event++) {
        const struct event *declared = &protocol->events[event];
        if (!declared->verb || guide_target(protocol, state, event) < 0 ||
            guide_runs(protocol, state, facts, event))
            continue;
        bool lacks = (facts & declared->when) == declared->when &&
                     (facts & declared->needs) != declared->needs;
        json_begin(out, NULL, '{');
        json_put_name(out, "verb", declared->verb);
        json_put_name(out, "why", lacks ? outcome_words(declared->lacking) : "not offered here");
        json_end(out, '}');
    }
    json_end(out, ']');
}

/* The last transition of that connection. */
static void made_add(struct buf *out, const struct world *world, const struct protocol *protocol,
                     uint32_t conn)
{
    for (uint64_t number = trace_end(world->trace); number-- > trace_first(world->trace);) {
        const struct trace_record *record = trace_at(world->trace, number);
        if (record->kind != TRACE_STATE || record->conn != conn)
            continue;
        json_begin(out, "made", '{');
        json_put_name(out, "from", protocol->states[record->before].name);
        json_put_name(out, "event", protocol_event_name(protocol, record->event));
        json_put_name(out, "outcome", outcome_name(record->outcome));
        json_put_name(out, "to", protocol->states[record->after].name);
        json_put_name(out, "rfc", dialect_rule_at(protocol, record->rule)->rfc);
        json_put_number(out, "n", (int64_t)number);
        json_end(out, '}');
        return;
    }
    json_put_null(out, "made");
}

static void user_add(struct buf *out, const struct world *world, const struct session *session)
{
    struct user user;
    if (!session || !session->user || !store_user_by_id(world->store, session->user, &user)) {
        json_put_null(out, "user");
        return;
    }
    slice name = slice_of(user.address);
    json_put_text(out, "user", take_until(&name, '@'));
}

void states_json(struct buf *out, const struct world *world, const struct protocol *protocol,
                 const struct session *session, uint32_t conn)
{
    uint32_t facts = session ? session->facts : 0;
    json_begin(out, NULL, '{');
    json_put_name(out, "protocol", protocol->name);
    json_put_name(out, "title", protocol->title);
    json_put_name(out, "rfc", protocol->rfc);
    json_put_name(out, "here", session ? protocol->states[session->state].name : NULL);
    json_put_truth(out, "connected", session != NULL);
    json_put_truth(out, "tls", (facts & FACT_TLS) != 0);
    user_add(out, world, session);
    states_add(out, protocol);
    events_add(out, protocol);
    moves_add(out, protocol);
    if (session) {
        states_legal_json(out, protocol, session->state, facts);
    } else {
        json_begin(out, "legal", '[');
        json_end(out, ']');
        json_begin(out, "blocked", '[');
        json_end(out, ']');
    }
    if (conn)
        made_add(out, world, protocol, conn);
    else
        json_put_null(out, "made");
    json_end(out, '}');
}
