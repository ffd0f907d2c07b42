/* replay.c: see replay.h. */
#include "front/replay.h"

#include "base/words.h"
#include "front/prompt.h"

static void said_give(struct replayer *replayer, struct buf *said)
{
    if (said->len)
        replayer->say(replayer->context, buf_slice(said));
    buf_free(said);
}

typedef void say_fn(const struct rerun *, struct buf *, const struct look *);

static void tell(struct replayer *replayer, say_fn *say)
{
    struct buf said = BUF_MAX(REPLAY_SAID_MAX);
    say(replayer->front->replay, &said, &replayer->front->look);
    said_give(replayer, &said);
}

static void stray_tell(struct replayer *replayer)
{
    struct buf said = BUF_MAX(REPLAY_SAID_MAX);
    replay_say_strayed(replayer->front->replay, &said, &replayer->front->look);
    said_give(replayer, &said);
}

void replayer_begin(struct replayer *replayer, bool by_hand)
{
    struct buf said = BUF_MAX(REPLAY_SAID_MAX);
    const struct rerun *replay = replayer->front->replay;
    replay_say_start(replay, by_hand, &said, &replayer->front->look);
    if (by_hand)
        replay_say_question(replay, &said, &replayer->front->look);
    said_give(replayer, &said);
    replayer->next = 0;
}

/* --- a step -------------------------------------------------------------------------------- */

/* False: there is no next step that can be played, and it was said why; or it could not be run. */
static bool step_play(struct replayer *replayer, const size_t *choice)
{
    struct rerun *replay = replayer->front->replay;
    const struct look *look = &replayer->front->look;
    struct buf line = BUF_MAX(REPLAY_LINE_MAX), said = BUF_MAX(REPLAY_SAID_MAX);
    size_t step = replay->step;
    uint64_t from = trace_end(replay->world->trace);
    bool played = step < replay->recording->step_count && replay_line(replay, &line);
    if (!played) {
        tell(replayer, step < replay->recording->step_count ? replay_say_stuck : replay_say_end);
    } else {
        replay_say_step(replay, buf_slice(&line), &said, look);
        said_give(replayer, &said);
        played = replayer->type(replayer->context, buf_slice(&line));
    }
    buf_free(&line);
    if (!played)
        return false;
    replay_look(replay);
    replay_say_after(replay, step, choice, from, &said, look);
    said_give(replayer, &said);
    return true;
}

bool replayer_rest(struct replayer *replayer)
{
    struct rerun *replay = replayer->front->replay;
    size_t count = replay->recording->step_count, before = SIZE_MAX;
    bool played = true;
    while (played && replay->step != before && replay->step < count &&
           !(replayer->stops && replayer->stops(replayer->context))) {
        before = replay->step;
        played = step_play(replayer, NULL);
    }
    if (replay->strayed)
        stray_tell(replayer);
    else if (played)
        tell(replayer, replay->step == count ? replay_say_end : replay_say_stopped);
    replayer->next = replay->step;
    return played && replay->step == count;
}

/* A step by hand; behind it what comes next. */
static void step_by_hand(struct replayer *replayer, const size_t *choice)
{
    struct rerun *replay = replayer->front->replay;
    replayer->next = SIZE_MAX;
    if (step_play(replayer, choice)) {
        if (replay->step == replay->recording->step_count)
            tell(replayer, replay_say_end);
        tell(replayer, replay_say_question);
    }
    replayer->next = replay->step;
}

/* --- lines --------------------------------------------------------------------------------- */

bool replayer_takes(struct replayer *replayer, slice line)
{
    struct rerun *replay = replayer->front->replay;
    size_t choice;
    if (replay->strayed) { /* Enter is for the recording: nothing goes to the server unasked */
        if (slice_trim(line).len || prompt_target(replay->world) == TARGET_TEXT)
            return false;
        stray_tell(replayer);
        return true;
    }
    bool answers = replay_choice(replay, line, &choice);
    if (!answers && slice_trim(line).len)
        return false;
    step_by_hand(replayer, answers ? &choice : NULL);
    return true;
}

static void wish_do(struct replayer *replayer, const struct replay_wish *wish)
{
    size_t choice = (size_t)(wish->choice - 'a');
    if (replayer->front->replay->strayed) {
        stray_tell(replayer);
        return;
    }
    if (wish->all)
        replayer_rest(replayer);
    else
        step_by_hand(replayer, wish->choice ? &choice : NULL);
}

void replayer_after(struct replayer *replayer, const struct replay_wish *wish)
{
    struct rerun *replay = replayer->front->replay;
    struct buf said = BUF_MAX(REPLAY_SAID_MAX);
    if (wish->what == REPLAY_GOES_ON) {
        wish_do(replayer, wish);
        return;
    }
    replay_look(replay);
    if (replay->strayed && !replay->told_strayed)
        stray_tell(replayer);
    bool moved = !replay->strayed && (replay->turned || replay->step != replayer->next);
    replayer->next = replay->strayed ? SIZE_MAX : replay->step;
    if (!moved)
        return;
    buf_format(&said, "   Next is step %zu of %zu.\n", replay->step + 1,
               replay->recording->step_count);
    replay_say_question(replay, &said, &replayer->front->look);
    said_give(replayer, &said);
}
