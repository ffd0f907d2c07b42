/* replay_command.c: the command `replay`. It notes what is wanted; the front end, which types the
   lines, does it when the line has ended. */
#include "base/words.h"
#include "lessons/lessons.h"
#include "lessons/replay.h"
#include "sim/shared.h"

static bool name_unknown(struct call *call, slice name)
{
    struct buf meant = BUF_MAX(4096);
    recording_meant(&meant, name);
    if (meant.len)
        call_refuse(call, name, "no recording is called that. Did you mean  replay %s ?",
                    buf_text(&meant));
    else
        call_refuse(call, name, "no recording is called that: `replay` lists them");
    buf_free(&meant);
    return false;
}

static void list(struct call *call)
{
    const struct front *front = call->world->front;
    const struct rerun *replay = front ? front->replay : NULL;
    if (replay)
        call_say(call, "%.*s: %zu of %zu steps were played. Enter or `replay next` plays the next, "
                 "`replay all` the rest.", SLICE_ARG(replay->recording->name), replay->step,
                 replay->recording->step_count);
    else
        recordings_list(call->out, COMMAND_COLUMNS);
}

/* `replay next b`, `replay all` */
static bool goes_on(struct call *call, slice rest, bool all)
{
    struct front *front = call->world->front;
    size_t choice = 0;
    rest = slice_trim(rest);
    if (!front || !front->replay)
        return call_refuse(call, call->args, "no recording is under way: `replay` lists them");
    if (rest.len && (all || !replay_choice(front->replay, rest, &choice)))
        return call_refuse(call, rest, all ? "`replay all` takes nothing after it"
                                           : "that is no answer to the question that is asked");
    front->replay_wish = (struct replay_wish){ .what = REPLAY_GOES_ON, .all = all,
                                               .choice = rest.len ? to_lower(rest.at[0]) : '\0' };
    return true;
}

/* What belongs to the person and not to the world leaves nothing in its history. */
bool replay_run(struct call *call)
{
    struct front *front = call->world->front;
    slice rest = call->args, name = take_word(&rest);
    if (slice_is(name, "next") || slice_is(name, "all")) {
        call->silent = call->forgets = goes_on(call, rest, slice_is(name, "all"));
        return call->silent;
    }
    if (name.len && !recording_find(name))
        return name_unknown(call, name);
    bool all = word_take_if(&rest, "--all");
    if (slice_trim(rest).len)
        return call_refuse(call, slice_trim(rest), "replay takes one name, and --all");
    if (name.len && (!front || !front->replays))
        return call_fact(call, "A recording is stepped through by hand: pennypost replay "
                         "%.*s", SLICE_ARG(name));
    call->silent = call->forgets = true;
    if (!name.len) {
        list(call);
        return true;
    }
    front->replay_wish = (struct replay_wish){ .what = REPLAY_BEGINS, .all = all };
    FIELD_SET(front->replay_wish.name, name);
    return true;
}
