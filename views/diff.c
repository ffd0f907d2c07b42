/* diff.c: the command `diff`: looks at two moments of a world and compares what it has seen. */
#include "views/diff.h"

#include "base/sort.h"
#include "base/words.h"
#include "servers/store/store.h"
#include "sim/language/commands.h"
#include "sim/world.h"
#include "views/views.h"

/* --- comparing ------------------------------------------------------------------------------ */

/* As people read them: the messages of a mailbox by name. */
static int by_telling(const void *context, const void *a, const void *b)
{
    (void)context;
    const struct diff_fact *one = &((const struct difference *)a)->fact,
                           *other = &((const struct difference *)b)->fact;
    int order = one->where != other->where ? (int)one->where - (int)other->where
                                           : slice_compare(one->what, other->what);
    if (!order && one->number != other->number)
        order = one->number < other->number ? -1 : 1;
    return order ? order : diff_fact_compare(one, other);
}

/* Both lists are in order, so one way through them finds what is in one of them only. */
static size_t facts_merge(const struct diff *diff, struct difference *out, bool *names_differ)
{
    const struct diff_side *a = &diff->sides[0], *b = &diff->sides[1];
    size_t i = 0, k = 0, count = 0;
    while (i < a->count || k < b->count) {
        int order = i == a->count ? 1 : k == b->count ? -1
                                      : diff_fact_compare(&a->facts[i], &b->facts[k]);
        const struct diff_fact *here = order <= 0 ? &a->facts[i] : NULL,
                               *there = order >= 0 ? &b->facts[k] : NULL;
        i += here != NULL;
        k += there != NULL;
        if (here && there && here->number != there->number)
            *names_differ = true;
        if (here && there && slice_equal(here->value, there->value))
            continue;
        out[count].fact = here ? *here : *there;
        out[count].other = there ? there->value : SLICE_EMPTY;
        if (!here)
            out[count].fact.value = SLICE_EMPTY;
        count++;
    }
    return count;
}

static void diff_compare(struct diff *diff)
{
    size_t most = diff->sides[0].count + diff->sides[1].count;
    struct arena *arena = &diff->sides[0].arena;
    struct difference *found = arena_take_array(arena, most + 1, sizeof *found);
    void *spare = arena_take_array(arena, most + 1, sizeof *found);
    diff->count = facts_merge(diff, found, &diff->names_differ);
    sort_stable(found, diff->count, sizeof *found, spare, by_telling, NULL);
    diff->differences = found;
    for (size_t i = 1; i < diff->count; i++) {
        const struct diff_fact *fact = &found[i].fact, *before = &found[i - 1].fact;
        diff->names_differ |= fact->number && fact->number == before->number &&
                              !slice_equal(fact->identity, before->identity);
    }
}

/* --- the command ---------------------------------------------------------------------------- */

/* Looking gives messages their names, and of the present nothing may stay. */
static void side_look(void *context, struct world *world)
{
    diff_gather(context, world);
    if (store_has_changed(world->store))
        store_lose(world->store);
}

static void diff_tell(struct call *call, struct diff *diff)
{
    diff_compare(diff);
    diff_write(call->out, diff);
    call->data = BUF_MAX(COMMAND_OUTPUT_MAX);
    diff_json(&call->data, diff);
}

bool diff_run(struct call *call)
{
    struct error why = { "" };
    struct diff diff = { 0 };
    slice rest = call->args, one = word_take(&rest), other = word_take(&rest);
    if (!one.len || slice_trim(rest).len)
        return call_refuse(call, one.len ? slice_trim(rest) : one,
                           "which two? diff main try compares two branches, diff main one with "
                           "now, diff 3 7 two steps (`branches` lists them)");
    if (!other.len)
        other = SLICE(TIMELINE_NOW);
    struct timeline *timeline = call_turns(call);
    if (!timeline)
        return true;
    if (!timeline_compare(timeline, one, other, &diff.apart, &why))
        return call_refuse(call, call->args, "%s", why.text);
    diff.sides[0].name = arena_copy(&diff.sides[0].arena, one);
    diff.sides[1].name = arena_copy(&diff.sides[1].arena, other);
    if (timeline_visit(timeline, one, side_look, &diff.sides[0], &why) &&
        timeline_visit(timeline, other, side_look, &diff.sides[1], &why))
        diff_tell(call, &diff);
    else
        call_fact(call, "%s", why.text);
    diff_side_free(&diff.sides[0]);
    diff_side_free(&diff.sides[1]);
    return call_turned(call);
}
