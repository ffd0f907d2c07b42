/* timeline.c: the tree of moments, its branches, and where one may go from where. How a moment
   is reached is in timeline_play.c, what a person types for it in commands_time.c. All of this
   lies outside the world's heap: it is not turned back. See timeline.h. */
#include "sim/language/timeline_private.h"

#include <string.h>

#include "sim/hosts/inbound.h"

struct timeline *timeline_of(const struct world *world) { return world->script->timeline; }
bool timeline_plays(const struct world *world)
{
    return world->script->timeline && world->script->timeline->playing;
}

struct world *timeline_world(const struct timeline *line) { return line->world; }

/* --- moments -------------------------------------------------------------------------------- */

const struct moment *moment_shared(const struct moment *one, const struct moment *other)
{
    while (one != other) {
        if (one->depth >= other->depth)
            one = one->parent;
        else
            other = other->parent;
    }
    return one;
}

static bool is_inside(const struct world *world)
{
    uint64_t left;
    enum expects expects = world->here ? device_expects(world, world->here, &left)
                                       : EXPECTS_NOTHING;
    return expects == EXPECTS_BODY || expects == EXPECTS_LITERAL;
}

static struct moment *moment_new(struct timeline *line, slice text)
{
    struct world *world = line->world;
    struct moment *moment = arena_take(&line->arena, sizeof *moment);
    moment->parent = line->now;
    moment->line = arena_copy(&line->arena, text);
    moment->line_number = world->line_number;
    moment->depth = line->now ? line->now->depth + 1 : 0;
    moment->at_ns = clock_ns(world->clock);
    moment->trace_end = trace_end(world->trace);
    moment->inside = is_inside(world);
    line->moments++;
    return moment;
}

static struct branch *branch_find(const struct timeline *line, slice name)
{
    for (size_t i = 0; i < line->branch_count; i++)
        if (slice_is(name, line->branches[i].name))
            return &line->branches[i];
    return NULL;
}

static void branch_add(struct timeline *line, slice name, struct moment *end)
{
    GROW(line->branches, line->branch_count, line->branch_cap);
    struct branch *branch = &line->branches[line->branch_count++];
    *branch = (struct branch){ .end = end };
    memcpy(branch->name, name.at, name.len);
}

/* What comes after now, and is left for something else, stays as main.1, main.2 … */
static void future_keep(struct timeline *line)
{
    struct branch *here = &line->branches[line->branch];
    struct buf name = BUF_MAX(TIMELINE_NAME_MAX);
    if (here->end == line->now)
        return;
    for (uint64_t number = 1;; number++) {
        struct buf tail = BUF_MAX(24);
        buf_clear(&name);
        buf_format(&tail, ".%llu", (unsigned long long)number);
        buf_add(&name, slice_upto(slice_of(here->name), TIMELINE_NAME_MAX - tail.len));
        buf_add(&name, buf_slice(&tail));
        buf_free(&tail);
        if (!branch_find(line, buf_slice(&name)))
            break;
    }
    branch_add(line, buf_slice(&name), here->end);
    buf_free(&name);
}

static void moment_add(struct timeline *line, struct moment *moment)
{
    future_keep(line);
    line->cost += moment->trace_end - line->now->trace_end + RECORDS_A_LINE;
    line->now = line->branches[line->branch].end = moment;
    line->left_count = 0;
}

void timeline_ran(struct world *world, slice text, enum step_kind kind)
{
    struct timeline *line = world->script->timeline;
    if (!line || line->playing)
        return;
    struct moment *moment = moment_new(line, text);
    moment->ends_text = kind == STEP_TYPED && line->now->inside && !moment->inside;
    moment->looks = kind == STEP_LOOK;
    moment_add(line, moment);
    image_perhaps(line, moment);
}

void timeline_inbound_ended(struct world *world)
{
    struct timeline *line = world->script->timeline;
    if (!line)
        return;
    struct moment *moment = moment_new(line, SLICE("serve"));
    moment->opaque = true;
    moment_add(line, moment);
    image_keep(line, moment);
}

void timeline_history(struct world *world, slice text)
{
    struct timeline *line = world->script->timeline;
    if (line && line->playing)
        return;
    store_history_add(world->store, text);
    if (!line)
        return;
    GROW(line->history, line->history_count, line->history_cap);
    line->history[line->history_count++] = arena_copy(&line->arena, text);
}

/* --- going ---------------------------------------------------------------------------------- */

/* Redo will come back from there to here. */
static bool moment_leave(struct timeline *line, struct moment *to, struct error *why)
{
    struct moment *from = line->now;
    if (!moment_turn(line, to, why))
        return false;
    GROW(line->left, line->left_count, line->left_cap);
    line->left[line->left_count++] = from;
    return true;
}

/* One step before it. The line that opened a message is a step of its own. */
static struct moment *moment_before(const struct timeline *line, struct moment *moment)
{
    struct moment *before = moment->parent;
    while (moment->ends_text && before != line->root && before->parent->inside)
        before = before->parent;
    return before;
}

bool timeline_undo(struct timeline *line, struct timeline_undone *undone, struct error *why)
{
    struct moment *act = line->now;
    while (act != line->root && act->looks)
        act = act->parent;
    if (act == line->root && act != line->now)
        return error_set(why, "There is nothing to undo: since the beginning you have only "
                         "looked.");
    if (act == line->root)
        return error_set(why, "There is nothing to undo: this is where it began.");
    struct moment *to = moment_before(line, act);
    if (undone)
        *undone = (struct timeline_undone){ .line = act->line, .lines = act->depth - to->depth,
                                            .looks = line->now->depth - act->depth };
    return moment_leave(line, to, why);
}

bool timeline_redo(struct timeline *line, struct error *why)
{
    if (line->left_count == 0)
        return error_set(why, "There is nothing to redo: no line was undone since the last one "
                         "that ran.");
    if (!moment_turn(line, line->left[line->left_count - 1], why))
        return false;
    line->left_count--;
    return true;
}

bool timeline_restart(struct timeline *line, struct error *why)
{
    return moment_leave(line, line->root, why);
}

bool timeline_rewind(struct timeline *line, uint64_t steps, struct error *why)
{
    struct moment *to = line->now;
    uint64_t done = 0;
    for (; done < steps && to != line->root; done++)
        to = moment_before(line, to);
    if (done < steps && done == 1)
        return error_set(why, "There is one step to go back. `restart` goes to the beginning.");
    if (done < steps)
        return error_set(why, "There are %llu steps to go back, not %llu. `restart` goes to the "
                         "beginning.", (unsigned long long)done, (unsigned long long)steps);
    return moment_leave(line, to, why);
}

bool timeline_rewind_to(struct timeline *line, uint64_t at_ns, struct error *why)
{
    struct moment *to = line->now;
    if (at_ns < line->root->at_ns)
        return error_set(why, "That was before the beginning. `restart` goes there.");
    while (to->at_ns > at_ns)
        to = to->parent;
    return moment_leave(line, to, why);
}

static bool name_is_free(const struct timeline *line, slice name, struct error *why)
{
    bool digits = true;
    if (name.len == 0 || name.len > TIMELINE_NAME_MAX)
        return error_set(why, "A branch's name has 1 to %d characters.", TIMELINE_NAME_MAX);
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.at[i];
        digits = digits && is_digit(c);
        if (!is_alnum(c) && c != '-' && c != '_' && c != '.')
            return error_set(why, "A branch's name is letters, digits, '-', '_' and '.'.");
    }
    if (digits)
        return error_set(why, "A branch's name is no number: those are steps.");
    if (slice_is(name, TIMELINE_START) || slice_is(name, TIMELINE_NOW))
        return error_set(why, "\"%.*s\" is the name of a moment already.", SLICE_ARG(name));
    if (branch_find(line, name))
        return error_set(why, "There is a branch \"%.*s\" already:  go %.*s", SLICE_ARG(name),
                         SLICE_ARG(name));
    return true;
}

bool timeline_fork(struct timeline *line, slice name, struct error *why)
{
    if (!name_is_free(line, name, why))
        return false;
    if (inbound_is_on(line->world))
        timeline_inbound_ended(line->world);
    branch_add(line, name, line->now);
    line->branch = line->branch_count - 1;
    line->left_count = 0;
    return true;
}

/* So many lines after the beginning, on the branch one is on. */
static struct moment *moment_at(const struct timeline *line, uint64_t step, struct error *why)
{
    struct moment *at = line->branches[line->branch].end;
    if (step > at->depth - line->root->depth) {
        error_set(why, "This branch has %llu steps.",
                  (unsigned long long)(at->depth - line->root->depth));
        return NULL;
    }
    while (at->depth - line->root->depth > step)
        at = at->parent;
    return at;
}

static struct moment *moment_named(const struct timeline *line, slice name, struct error *why)
{
    const struct branch *branch = branch_find(line, name);
    uint64_t step;
    slice rest = name;
    if (take_number(&rest, UINT32_MAX, &step) && rest.len == 0)
        return moment_at(line, step, why);
    if (slice_is(name, TIMELINE_START))
        return line->root;
    if (slice_is(name, TIMELINE_NOW))
        return line->now;
    if (branch)
        return branch->end;
    error_set(why, "There is no branch of that name: `branches` lists them.");
    return NULL;
}

bool timeline_go(struct timeline *line, slice name, struct error *why)
{
    struct moment *to = moment_named(line, name, why);
    const struct branch *branch = branch_find(line, name);
    if (!to)
        return false;
    if (!branch)
        return moment_leave(line, to, why);
    if (!moment_turn(line, to, why))
        return false;
    line->branch = (size_t)(branch - line->branches);
    line->left_count = 0;
    return true;
}

bool timeline_visit(struct timeline *line, slice name, timeline_look *look, void *context,
                    struct error *why)
{
    struct moment *to = moment_named(line, name, why), *here = line->now;
    must(!line->visiting);
    if (!to)
        return false;
    line->visiting = true;
    bool ok = to == here || moment_reach(line, to, why);
    if (ok)
        look(context, line->world);
    if (to != here)
        ok = moment_turn(line, here, why) && ok;
    line->visiting = false;
    return ok;
}

bool timeline_compare(const struct timeline *line, slice one, slice other,
                      struct timeline_apart *apart, struct error *why)
{
    const struct moment *ends[2] = { moment_named(line, one, why), NULL };
    ends[1] = ends[0] ? moment_named(line, other, why) : NULL;
    if (!ends[1])
        return false;
    const struct moment *shared = moment_shared(ends[0], ends[1]);
    *apart = (struct timeline_apart){ .shared = shared->depth - line->root->depth };
    for (size_t i = 0; i < 2; i++) {
        apart->steps[i] = ends[i]->depth - line->root->depth;
        for (const struct moment *at = ends[i]; at != shared; at = at->parent)
            apart->lines[i] = at->line;
    }
    return true;
}

void timeline_begin_here(struct timeline *line)
{
    must(!line->playing && !line->visiting);
    if (!store_commit(line->world->store))
        line->world->failed = true;
    line->root = line->now;
    line->branches[0] = (struct branch){ TIMELINE_MAIN, line->now };
    line->branch_count = 1;
    line->branch = line->left_count = 0;
    image_keep(line, line->now);
}

/* --- what there is --------------------------------------------------------------------------- */

const char *timeline_name(const struct timeline *line) { return line->branches[line->branch].name; }
uint64_t timeline_step(const struct timeline *line) { return line->now->depth - line->root->depth; }
slice timeline_last_line(const struct timeline *line)
{
    return line->now == line->root ? SLICE_EMPTY : line->now->line;
}
uint64_t timeline_turns(const struct timeline *line) { return line->turns; }
uint64_t timeline_kept(const struct timeline *line) { return line->kept; }
uint64_t timeline_history_before(const struct timeline *line) { return line->history_kept; }

uint64_t timeline_steps(const struct timeline *line)
{
    return line->branches[line->branch].end->depth - line->root->depth;
}

size_t timeline_branches(const struct timeline *line, struct timeline_branch *out, size_t max)
{
    const struct moment *here = line->branches[line->branch].end;
    size_t count = line->branch_count < max ? line->branch_count : max;
    for (size_t i = 0; i < count; i++) {
        const struct branch *branch = &line->branches[i];
        const struct moment *shared = moment_shared(branch->end, here);
        out[i] = (struct timeline_branch){
            .here = i == line->branch,
            .steps = branch->end->depth - line->root->depth,
            .shared = shared->depth - line->root->depth,
            .at_ns = branch->end->at_ns,
        };
        for (const struct moment *at = branch->end; at != shared; at = at->parent)
            out[i].first = at->line;
        memcpy(out[i].name, branch->name, sizeof out[i].name);
    }
    return line->branch_count;
}

bool timeline_lines(const struct timeline *line, timeline_line *each, void *context)
{
    size_t count = (size_t)line->now->depth;
    const struct moment **way = malloc((count + 1) * sizeof(const struct moment *));
    bool goes_on = true;
    must(way != NULL);
    const struct moment *at = line->now;
    for (size_t i = count; i > 0; at = at->parent)
        way[--i] = at;
    for (size_t i = 0; i < count && goes_on; i++)
        goes_on = each(context, way[i]->line);
    free(way);
    return goes_on;
}

struct timeline_figures timeline_figures(const struct timeline *line)
{
    return (struct timeline_figures){
        .moments = line->moments, .images = line->image_count, .image_bytes = line->image_bytes,
        .world_bytes = line->heap ? heap_bytes(line->heap) : 0, .played = line->played,
    };
}

/* --- beginning and ending -------------------------------------------------------------------- */

static bool world_make(struct timeline *line, const struct timeline_start *start,
                       struct error *why)
{
    line->heap = heap_new();
    line->world = world_new_in(line->heap, start->path, start->seed, start->tables, line->script,
                               line->name, why);
    return line->world != NULL;
}

struct timeline *timeline_open(const struct timeline_start *start, struct error *why)
{
    struct timeline *line = calloc(1, sizeof *line);
    must(line != NULL);
    line->script = arena_copy(&line->arena, start->script);
    line->name = arena_copy(&line->arena, start->name);
    line->seldom = start->seldom;
    if (!world_make(line, start, why)) {
        timeline_close(line);
        return NULL;
    }
    line->seed = line->world->seed;
    line->history_kept = store_history_count(line->world->store);
    line->world->script->timeline = line;
    line->first = line->root = line->now = moment_new(line, SLICE_EMPTY);
    branch_add(line, SLICE(TIMELINE_MAIN), line->now);
    image_keep(line, line->now);
    return line;
}

void timeline_close(struct timeline *line)
{
    if (!line)
        return;
    struct heap *before = heap_enter(line->heap);
    world_free(line->world);
    heap_enter(before == line->heap ? NULL : before);
    heap_free(line->heap);
    while (line->images) {
        struct image *image = line->images;
        line->images = image->older;
        delta_free(image->delta);
        free(image);
    }
    arena_free(&line->arena);
    free(line->branches);
    free(line->left);
    free(line->history);
    free(line);
}
