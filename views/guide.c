/* guide.c: see guide.h. How far a state is from the start (its depth) tells forward from
   back: a command that leads deeper leads on. */
#include "views/guide.h"

#include <string.h>

#include "base/said.h"

#define NEXT_SHOWN 4
#define ALSO_SHOWN 3
#define UNREACHED 255

bool outcome_is_good(enum outcome outcome)
{
    return outcome == OUT_OK || outcome == OUT_CONTINUE || outcome == OUT_NOTHING ||
           outcome == OUT_MORE;
}

static int rule_target(const struct protocol *protocol, int state, int event, enum outcome outcome)
{
    const struct rule *rule = protocol_rule(protocol, state, event, outcome);
    if (!rule || rule->event == EV_ANY)
        return -1;
    return rule->next == STAY ? state : rule->next;
}

int guide_target(const struct protocol *protocol, int state, int event)
{
    int target = rule_target(protocol, state, event, OUT_OK);
    return target >= 0 ? target : rule_target(protocol, state, event, OUT_CONTINUE);
}

/* What is advertised at some time, and not with these facts, is not to be had now. */
static bool event_is_to_be_had(const struct protocol *protocol, uint32_t facts, int event)
{
    bool named = false;
    for (size_t i = 0; i < protocol->capability_count; i++) {
        const struct capability *capability = &protocol->capabilities[i];
        for (size_t k = 0; k < COUNT(capability->events); k++) {
            if (capability->events[k] != event)
                continue;
            named = true;
            if ((facts & capability->needs) == capability->needs && !(facts & capability->lacks))
                return true;
        }
    }
    return !named;
}

bool guide_runs(const struct protocol *protocol, int state, uint32_t facts, int event)
{
    const struct event *declared = &protocol->events[event];
    if (!declared->verb || guide_target(protocol, state, event) < 0)
        return false;
    bool applies = (facts & declared->when) == declared->when;
    if (event >= EV_VERBS && !event_is_to_be_had(protocol, facts, event))
        return false;
    return !applies || (facts & declared->needs) == declared->needs;
}

/* --- depths ------------------------------------------------------------------------------- */

static void depths_read(const struct protocol *protocol, uint8_t depths[STATES_MAX])
{
    memset(depths, UNREACHED, STATES_MAX);
    depths[protocol->first] = 0;
    for (uint8_t depth = 0; depth < STATES_MAX; depth++)
        for (int state = 0; state < (int)protocol->state_count; state++) {
            if (depths[state] != depth)
                continue;
            for (int event = EV_ANY + 1; event < (int)protocol->event_count; event++) {
                int target = guide_target(protocol, state, event);
                if (target >= 0 && target != protocol->closed && depths[target] == UNREACHED)
                    depths[target] = (uint8_t)(depth + 1);
            }
        }
}

static bool state_is_for_work(const struct protocol *protocol, int state)
{
    enum reads reads = protocol->states[state].reads;
    return reads == READS_COMMAND || reads == READS_BODY;
}

static bool leads_deeper(const struct protocol *protocol, const uint8_t *depths, int state,
                         int event)
{
    int target = guide_target(protocol, state, event);
    return target >= 0 && target != protocol->closed && state_is_for_work(protocol, target) &&
           depths[target] > depths[state];
}

/* --- what to show ------------------------------------------------------------------------- */

/* The command that brings a missing fact, named by the outcome of its lack. */
static int event_that_helps(const struct protocol *protocol, const struct event *declared)
{
    static const struct {
        enum outcome lacking;
        const char *verb;
    } helps[] = { { OUT_NEEDS_USER, "USER" }, { OUT_NEEDS_LOGIN, "AUTH" } };
    for (size_t i = 0; i < COUNT(helps); i++)
        if (declared->lacking == helps[i].lacking)
            return protocol_verb(protocol, slice_of(helps[i].verb));
    return EV_UNKNOWN;
}

static void event_add(uint8_t *events, size_t *count, int event)
{
    for (size_t i = 0; i < *count; i++)
        if (events[i] == event)
            return;
    if (*count < GUIDE_EVENTS_MAX)
        events[(*count)++] = (uint8_t)event;
}

static bool next_has(const struct guide *guide, int event)
{
    return memchr(guide->next, event, guide->next_count) != NULL;
}

/* What is for this state: not allowed in any that comes before it. */
static bool event_is_of_state(const struct protocol *protocol, const uint8_t *depths, int state,
                              int event)
{
    for (int other = 0; other < (int)protocol->state_count; other++)
        if (depths[other] < depths[state] && guide_target(protocol, other, event) >= 0)
            return false;
    return true;
}

static void next_read(struct guide *guide, const struct protocol *protocol, const uint8_t *depths,
                      int state, uint32_t facts)
{
    for (int event = EV_VERBS; event < (int)protocol->event_count; event++) {
        if (!protocol->events[event].verb || !leads_deeper(protocol, depths, state, event))
            continue;
        if (guide_runs(protocol, state, facts, event)) {
            event_add(guide->next, &guide->next_count, event);
            continue;
        }
        int help = event_that_helps(protocol, &protocol->events[event]);
        if (help != EV_UNKNOWN && guide_runs(protocol, state, facts, help))
            event_add(guide->next, &guide->next_count, help);
    }
}

/* Where nothing leads on: what this state is for, what is done to messages first. */
static void next_for_work(struct guide *guide, const struct protocol *protocol,
                          const uint8_t *depths, int state, uint32_t facts)
{
    for (int pass = 0; pass < 2; pass++)
        for (int event = EV_VERBS; event < (int)protocol->event_count; event++) {
            bool to_messages = protocol->events[event].flags & EVENT_UID;
            if (to_messages == (pass == 0) && guide_runs(protocol, state, facts, event) &&
                guide_target(protocol, state, event) == state &&
                event_is_of_state(protocol, depths, state, event))
                event_add(guide->next, &guide->next_count, event);
        }
}

/* Smaller is likelier to be wanted now. */
static int also_rank(const struct protocol *protocol, const uint8_t *depths, int state, int event)
{
    int target = guide_target(protocol, state, event);
    for (int other = 0; other < (int)protocol->state_count; other++)
        if (depths[other] < depths[state] && leads_deeper(protocol, depths, other, event))
            return 5;
    if (target == state)
        return depths[state] && event_is_of_state(protocol, depths, state, event) ? 0 : 3;
    if (target == protocol->closed || protocol->states[target].reads == READS_NOTHING)
        return 2;
    return depths[target] < depths[state] ? 1 : 4;
}

void guide_read(struct guide *guide, const struct protocol *protocol, int state, uint32_t facts)
{
    uint8_t depths[STATES_MAX];
    *guide = (struct guide){ .next_count = 0 };
    depths_read(protocol, depths);
    next_read(guide, protocol, depths, state, facts);
    if (guide->next_count == 0)
        next_for_work(guide, protocol, depths, state, facts);
    for (int rank = 0; rank <= 5; rank++)
        for (int event = EV_VERBS; event < (int)protocol->event_count; event++)
            if (guide_runs(protocol, state, facts, event) && !next_has(guide, event) &&
                also_rank(protocol, depths, state, event) == rank)
                event_add(guide->also, &guide->also_count, event);
}

bool guide_path(const struct protocol *protocol, int state, int event, uint8_t path[STATES_MAX],
                size_t *count)
{
    int came_from[STATES_MAX], came_by[STATES_MAX], queue[STATES_MAX];
    size_t read = 0, written = 0;
    for (size_t i = 0; i < STATES_MAX; i++)
        came_from[i] = -1;
    came_from[state] = state;
    queue[written++] = state;
    while (read < written) {
        int at = queue[read++];
        if (guide_target(protocol, at, event) >= 0) {
            *count = 0;
            for (int back = at; back != state; back = came_from[back])
                (*count)++;
            size_t slot = *count;
            for (int back = at; back != state; back = came_from[back])
                path[--slot] = (uint8_t)came_by[back];
            return true;
        }
        for (int by = EV_ANY + 1; by < (int)protocol->event_count; by++) {
            int target = protocol->events[by].verb ? rule_target(protocol, at, by, OUT_OK) : -1;
            if (target < 0 || target == protocol->closed || came_from[target] >= 0)
                continue;
            came_from[target] = at;
            came_by[target] = by;
            queue[written++] = target;
        }
    }
    return false;
}

/* --- in words ----------------------------------------------------------------------------- */

/* "RCPT DATA" */
static struct buf verbs_of(const struct protocol *protocol, const uint8_t *events, size_t count)
{
    struct buf verbs = BUF_MAX(256);
    for (size_t i = 0; i < count; i++)
        buf_format(&verbs, "%s%s", i ? " " : "", protocol->events[events[i]].verb);
    return verbs;
}

static bool words_for_reads(struct buf *out, const struct protocol *protocol, int state)
{
    switch (protocol->states[state].reads) {
    case READS_BODY:
        buf_add_text(out, SAID("now the message; a line with only a dot ends it"));
        return true;
    case READS_OCTETS:
        buf_add_text(out, SAID("now the octets that were announced; each line end counts two"));
        return true;
    case READS_ANSWER:
        buf_add_text(out, SAID("now your answer in base64 (:base64 TEXT), or * to give up"));
        return true;
    case READS_DONE: buf_add_text(out, SAID("news comes by itself; DONE ends it")); return true;
    case READS_NOTHING: return true;
    case READS_COMMAND: break;
    }
    return false;
}

static size_t next_add(struct buf *out, const struct protocol *protocol, const struct guide *guide)
{
    size_t shown = guide->next_count < NEXT_SHOWN ? guide->next_count : NEXT_SHOWN;
    if (shown) {
        struct buf verbs = verbs_of(protocol, guide->next, shown);
        buf_format(out, SAID("next %s"), buf_text(&verbs));
        buf_free(&verbs);
    }
    return guide->next_count - shown;
}

void guide_add_next(struct buf *out, const struct protocol *protocol, int state, uint32_t facts)
{
    struct guide guide;
    if (words_for_reads(out, protocol, state))
        return;
    guide_read(&guide, protocol, state, facts);
    next_add(out, protocol, &guide);
}

void guide_add(struct buf *out, const struct protocol *protocol, int state, uint32_t facts)
{
    struct guide guide;
    if (words_for_reads(out, protocol, state))
        return;
    guide_read(&guide, protocol, state, facts);
    size_t more = next_add(out, protocol, &guide);
    size_t shown = guide.also_count < ALSO_SHOWN ? guide.also_count : ALSO_SHOWN;
    more += guide.also_count - shown;
    if (shown) {
        struct buf verbs = verbs_of(protocol, guide.also, shown);
        buf_add_text(out, guide.next_count ? "     " : "");
        buf_format(out, SAID("also %s"), buf_text(&verbs));
        buf_free(&verbs);
    }
    if (more)
        buf_format(out, " (+%zu :help)", more);
}
