/* moves.c: see moves.h. */
#include "views/moves.h"

#include <string.h>

#include "views/guide.h"

/* Does this row answer there, and no row of a dialect instead? */
static bool row_holds(const struct protocol *protocol, int from, const struct rule *rule)
{
    return (rule->from & IN(from)) &&
           (!protocol->dialect || protocol_rule(protocol, from, rule->event,
                                                (enum outcome)rule->outcome) == rule);
}

/* A failure that leads where success leads too needs no label of its own. */
static bool success_leads_there(const struct protocol *protocol, int from, const struct rule *rule)
{
    const struct rule *other;
    for (size_t i = 0; (other = protocol_row(protocol, i)) != NULL; i++)
        if (row_holds(protocol, from, other) && other->event == rule->event &&
            other->next == rule->next && outcome_is_good(other->outcome))
            return true;
    return false;
}

static bool move_is_known(const struct moves *moves, struct move move)
{
    for (size_t i = 0; i < moves->count; i++) {
        const struct move *other = &moves->at[i];
        bool same_end = other->from == move.from && other->to == move.to;
        bool same_label = other->label.event == move.label.event &&
                          other->label.failed == move.label.failed &&
                          (move.label.event != EV_ANY ||
                           other->label.outcome == move.label.outcome);
        if (same_end && same_label)
            return true;
    }
    return false;
}

static void move_add(struct moves *moves, const struct protocol *protocol, int from,
                     const struct rule *rule)
{
    struct move move = { .from = (uint8_t)from, .to = rule->next };
    move.label.event = rule->event;
    move.label.outcome = rule->outcome;
    move.label.failed = rule->event != EV_ANY && !outcome_is_good(rule->outcome) &&
                        !success_leads_there(protocol, from, rule);
    if (move_is_known(moves, move))
        return;
    must(moves->count < MOVES_MAX);
    moves->at[moves->count++] = move;
}

void moves_read(struct moves *moves, const struct protocol *protocol)
{
    moves->count = 0;
    const struct rule *rule;
    for (size_t i = 0; (rule = protocol_row(protocol, i)) != NULL; i++) {
        if (rule->next == STAY || rule->event == EV_TLS) /* a slip, no way through */
            continue;
        for (int from = 0; from < (int)protocol->state_count; from++)
            if (row_holds(protocol, from, rule) && from != rule->next)
                move_add(moves, protocol, from, rule);
    }
}

static bool label_equal(struct label a, struct label b)
{
    return a.event == b.event && a.failed == b.failed &&
           (a.event != EV_ANY || a.outcome == b.outcome);
}

/* One group for each label and end … */
static void groups_split(struct groups *groups, const struct moves *moves)
{
    groups->count = 0;
    for (size_t i = 0; i < moves->count; i++) {
        const struct move *move = &moves->at[i];
        size_t found = 0;
        while (found < groups->count && !(groups->at[found].to == move->to &&
                                          label_equal(groups->at[found].labels[0], move->label)))
            found++;
        must(found < GROUPS_MAX);
        struct group *group = &groups->at[found];
        if (found == groups->count) {
            *group = (struct group){ .to = move->to, .label_count = 1 };
            group->labels[0] = move->label;
            groups->count++;
        }
        group->froms |= IN(move->from);
    }
}

/* … then those with the same beginnings and end become one. */
void moves_group(struct groups *groups, const struct moves *moves)
{
    groups_split(groups, moves);
    size_t kept = 0;
    for (size_t i = 0; i < groups->count; i++) {
        struct group group = groups->at[i];
        size_t same = 0;
        while (same < kept &&
               !(groups->at[same].to == group.to && groups->at[same].froms == group.froms &&
                 groups->at[same].label_count < LABELS_MAX))
            same++;
        if (same < kept)
            groups->at[same].labels[groups->at[same].label_count++] = group.labels[0];
        else
            groups->at[kept++] = group;
    }
    groups->count = kept;
}

void label_add(struct buf *out, const struct protocol *protocol, struct label label)
{
    static const struct {
        int event;
        const char *words;
    } spoken[] = { { EV_DOT, "a lone dot" }, { EV_TIMEOUT, "silence" }, { EV_LOST, "a lost line" },
                   { EV_SHUTDOWN, "the server's end" },
                   { EV_ANSWER, "your answer" } };
    static const struct { /* where success leads to two states */
        int event;
        enum outcome outcome;
        const char *words;
    } cases[] = { { EV_DONE, OUT_NOTHING, "DONE without a mailbox" },
                  { EV_CHUNK, OUT_OK, "the last CHUNK" } };
    if (label.event == EV_ANY) {
        buf_add_text(out, outcome_words(label.outcome));
        return;
    }
    const char *name = protocol_event_name(protocol, label.event);
    for (size_t i = 0; i < COUNT(spoken); i++)
        if (label.event == spoken[i].event)
            name = spoken[i].words;
    for (size_t i = 0; i < COUNT(cases); i++)
        if (label.event == cases[i].event && label.outcome == cases[i].outcome)
            name = cases[i].words;
    if (label.failed && label.event == EV_ANSWER)
        name = "a wrong answer";
    else if (label.failed)
        buf_add_text(out, "failed ");
    else if (protocol->events[label.event].lacking == OUT_NEEDS_USER)
        buf_add_text(out, "USER+");
    buf_add_text(out, name);
}

size_t label_width(const struct protocol *protocol, struct label label)
{
    struct buf words = BUF_MAX(256);
    label_add(&words, protocol, label);
    size_t width = words.len;
    buf_free(&words);
    return width;
}
