/* commands_time.c: undo, redo, restart, rewind, fork, branches and go: what is typed, and what
   is answered. They leave nothing in the trace; the history has them, as all that was typed. */
#include "base/said.h"
#include "base/words.h"
#include "servers/mail/date.h"
#include "servers/store/store.h"
#include "sim/language/commands.h"
#include "sim/language/timeline.h"

#define BRANCHES_MAX 256
#define LINE_SHOWN_MAX 48        /* of somebody's line, in an answer */
#define DAY_MS 86400000u

struct timeline *call_turns(struct call *call)
{
    struct timeline *timeline = timeline_of(call->world);
    call->silent = call->forgets = true;
    if (!timeline)
        call_fact(call, "The time of this world only moves on: its file is larger than %u MB, "
                  "or `pennypost serve` writes to it, or it is a recording. A smaller world can be "
                  "turned back at the prompt.",
                  WORLD_TURNED_BYTES_MAX >> 20);
    return timeline;
}

/* Said when all is done: the line belongs into the history that goes on from there. */
bool call_turned(struct call *call)
{
    timeline_history(call->world, call->line);
    if (!store_commit(call->world->store))
        call->world->failed = true;
    return true;
}

/* A server's line may be anything; call_say makes it printable. */
static slice line_shown(slice line) { return slice_upto(line, LINE_SHOWN_MAX); }

/* `sentence` has a %s for it. */
static void say_line(struct call *call, const char *sentence, slice line)
{
    struct buf shown = BUF_MAX(LINE_SHOWN_MAX + 8);
    buf_format(&shown, "%.*s%s", SLICE_ARG(line_shown(line)),
               line.len > LINE_SHOWN_MAX ? " ..." : "");
    call_say(call, sentence, buf_text(&shown));
    buf_free(&shown);
}

static void say_where(struct call *call, struct timeline *timeline)
{
    struct buf now = BUF_MAX(64);
    slice last = timeline_last_line(timeline);
    date_write_5322(&now, (int64_t)world_now_ms(call->world), 0);
    if (script_is_steered(call->world)) {
        call_say(call, "On branch %s. It is %s.", timeline_name(timeline), buf_text(&now));
        buf_free(&now);
        return;
    }
    uint64_t step = timeline_step(timeline), steps = timeline_steps(timeline);
    call_say(call, SAID("Step %llu of %llu on %s. It is %s."), (unsigned long long)step,
             (unsigned long long)steps, timeline_name(timeline), buf_text(&now));
    if (step && !last.len)
        call_say(call, SAID("The last line is an empty one."));
    else if (step)
        say_line(call, SAID("The last line is:  %s"), last);
    else
        call_say(call, SAID("No line has run yet."));
    buf_free(&now);
}

static bool time_turned(struct call *call, struct timeline *timeline, bool done,
                        const struct error *why)
{
    if (done)
        say_where(call, timeline);
    else
        call_fact(call, "%s", why->text);
    return call_turned(call);
}

static bool stands_alone(struct call *call)
{
    return call->args.len == 0 ||
           call_refuse(call, call->args, SAID("`%s` takes nothing after it"), call->command->name);
}

static void say_undone(struct call *call, const struct timeline_undone *undone)
{
    if (undone->lines > 1)
        call_say(call, SAID("Taken back: %llu lines, a whole message or literal."),
                 (unsigned long long)undone->lines);
    else if (undone->looks)
        say_line(call, SAID("Taken back:  %s (and the looks after it)"), undone->line);
    else
        say_line(call, SAID("Taken back:  %s"), undone->line);
}

bool command_undo(struct call *call)
{
    struct error why = { "" };
    struct timeline_undone undone;
    if (!stands_alone(call))
        return false;
    struct timeline *timeline = call_turns(call);
    if (!timeline)
        return true;
    bool done = timeline_undo(timeline, &undone, &why);
    if (done)
        say_undone(call, &undone);
    return time_turned(call, timeline, done, &why);
}

bool command_redo(struct call *call)
{
    struct error why = { "" };
    if (!stands_alone(call))
        return false;
    struct timeline *timeline = call_turns(call);
    return !timeline || time_turned(call, timeline, timeline_redo(timeline, &why), &why);
}

bool command_restart(struct call *call)
{
    struct error why = { "" };
    if (!stands_alone(call))
        return false;
    struct timeline *timeline = call_turns(call);
    return !timeline || time_turned(call, timeline, timeline_restart(timeline, &why), &why);
}

/* --- rewind ----------------------------------------------------------------------------------- */

struct back {
    uint64_t steps;          /* or, if 0, */
    uint64_t at_ns;          /* to this moment */
    bool early;              /* before the trace began */
};

/* "09:30" or "09:30:15": the last such time of day. */
static bool read_time_of_day(slice *rest, uint64_t *ms)
{
    uint64_t hours = 0, minutes = 0, seconds = 0;
    slice word = word_take(rest);
    bool ok = take_number(&word, 23, &hours) && take_char(&word, ':') &&
              take_number(&word, 59, &minutes) &&
              (word.len == 0 || (take_char(&word, ':') && take_number(&word, 59, &seconds)));
    *ms = ((hours * 60 + minutes) * 60 + seconds) * 1000;
    return ok && word.len == 0;
}

static void back_to(const struct world *world, uint64_t ago_ms, struct back *back)
{
    uint64_t now_ns = clock_ns(world->clock);
    back->early = ago_ms > now_ns / NS_PER_MS;
    back->at_ns = back->early ? 0 : now_ns - ago_ms * NS_PER_MS;
}

static bool read_back(const struct world *world, slice args, struct back *back)
{
    slice rest = args;
    uint64_t ms = 0;
    *back = (struct back){ 0 };
    if (take_number(&rest, UINT32_MAX, &back->steps) && rest.len == 0)
        return back->steps > 0;
    back->steps = 0;
    rest = args;
    if (duration_read(&rest, &ms) && slice_trim(rest).len == 0) {
        back_to(world, ms, back);
        return true;
    }
    rest = args;
    if (!read_time_of_day(&rest, &ms) || slice_trim(rest).len)
        return false;
    back_to(world, (world_now_ms(world) % DAY_MS + DAY_MS - ms) % DAY_MS, back);
    return true;
}

bool command_rewind(struct call *call)
{
    struct error why = { "" };
    struct back back;
    if (!read_back(call->world, call->args, &back))
        return call_refuse(call, call->args,
                           SAID("how far? rewind 3 goes three steps back, rewind 2h "
                                "two hours, rewind 09:30 to that time"));
    struct timeline *timeline = call_turns(call);
    if (!timeline)
        return true;
    bool done = false;
    if (back.early)
        error_set(&why, SAID("That was before the beginning. `restart` goes there."));
    else
        done = back.steps ? timeline_rewind(timeline, back.steps, &why)
                          : timeline_rewind_to(timeline, back.at_ns, &why);
    return time_turned(call, timeline, done, &why);
}

/* --- branches --------------------------------------------------------------------------------- */

bool command_fork(struct call *call)
{
    struct error why = { "" };
    struct timeline *timeline = call_turns(call);
    if (!timeline)
        return true;
    if (!timeline_fork(timeline, call->args, &why))
        return call_refuse(call, call->args, "%s", why.text);
    call_say(call, SAID("From here on you are on branch %.*s."), SLICE_ARG(call->args));
    return call_turned(call);
}

bool command_go(struct call *call)
{
    struct error why = { "" };
    struct timeline *timeline = call_turns(call);
    if (!timeline)
        return true;
    if (!timeline_go(timeline, call->args, &why))
        return call_refuse(call, call->args, "%s", why.text);
    if (script_is_steered(call->world))
        call_say(call, "What was done since the last fork is not kept.");
    return time_turned(call, timeline, true, &why);
}

static void say_branch(struct call *call, const struct timeline_branch *branch)
{
    struct buf left = BUF_MAX(TIMELINE_NAME_MAX + 8), date = BUF_MAX(64);
    buf_format(&left, "%c %s", branch->here ? '*' : ' ', branch->name);
    date_write_5322(&date, call->world->epoch_ms + (int64_t)(branch->at_ns / NS_PER_MS), 0);
    bool steered = script_is_steered(call->world);
    if (steered)
        call_pair(call, 16, buf_text(&left), "as it was %s%s", buf_text(&date),
                  branch->here ? ": you are on it" : "");
    else
        call_pair(call, 16, buf_text(&left), "%llu step%s, ends %s%s",
                  (unsigned long long)branch->steps, branch->steps == 1 ? "" : "s", buf_text(&date),
                  branch->here ? ": you are on it" : "");
    if (!steered && !branch->here && branch->shared < branch->steps)
        call_pair(call, 16, "", "goes its own way after step %llu",
                  (unsigned long long)branch->shared);
    buf_free(&left);
    buf_free(&date);
}

bool command_branches(struct call *call)
{
    struct timeline_branch branches[BRANCHES_MAX];
    if (!stands_alone(call))
        return false;
    struct timeline *timeline = call_turns(call);
    if (!timeline)
        return true;
    size_t count = timeline_branches(timeline, branches, BRANCHES_MAX);
    for (size_t i = 0; i < count && i < BRANCHES_MAX; i++)
        say_branch(call, &branches[i]);
    if (count > BRANCHES_MAX)
        call_say(call, "... and %zu more", count - BRANCHES_MAX);
    say_where(call, timeline);
    return call_turned(call);
}
