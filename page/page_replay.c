/* page_replay.c: a recorded session of a real mail program in a page, in a world of its own above
   the one that was there. What is said to a line is decided in front/replay.h; a page draws the
   question and what was told from the views here. */
#include "base/words.h"
#include "page/page.h"
#include "views/json_write.h"

#define NO_WRAP 65535u           /* the page wraps by itself */

static struct desk replay_desk;

/* --- what the recording asks of this front end --------------------------------------------- */

static void said_keep(void *context, slice text)
{
    (void)context;
    buf_add(&desk->said, text);
}

static bool line_type(void *context, slice line)
{
    struct error why = { "" };
    size_t at;
    bool command = script_line_is_command(desk->world, line);
    enum line_result result = script_line(desk->world, line, &at, &why);
    (void)context;
    show_new(command);
    if (result != LINE_RUN)
        buf_format(&desk->said, "%s\n", why.text);
    return result == LINE_RUN;
}

/* A recording that comes with the program is sound: tests prove it. */
static void fault_told(void *context, const struct lesson_fault *fault)
{
    buf_format(context, "%llu: %s\n", (unsigned long long)fault->number, fault->why.text);
}

static bool enter(const struct replay_wish *wish, struct buf *said)
{
    const struct recording_text *listed = recording_find(slice_of(wish->name));
    struct recording *recording =
        recording_read(slice_of(listed->name), (slice){ (const char *)listed->at, listed->len },
                       fault_told, said);
    struct rerun *replay = recording ? replay_new(recording, page_tables, fault_told, said) : NULL;
    if (!replay)
        return false;
    if (desk->front.replay)
        desk_drop();
    desk_take(&replay_desk, replay->world, replay->timeline, replay->recording->name.at);
    desk->shown = trace_end(replay->world->trace);
    desk->front.replay = replay;
    desk->front.no_notes = true;
    desk->front.look.columns = NO_WRAP;
    desk->replayer = (struct replayer){ .front = &desk->front, .say = said_keep,
                                        .type = line_type };
    replayer_begin(&desk->replayer, true);
    if (wish->all)
        replayer_rest(&desk->replayer);
    return true;
}

void replay_follow(struct buf *said, bool *world)
{
    struct replay_wish wish = desk->front.replay_wish;
    desk->front.replay_wish = (struct replay_wish){ .what = REPLAY_NOTHING };
    if (wish.what == REPLAY_BEGINS)
        *world = enter(&wish, said) || *world;
    else if (desk->front.replay)
        replayer_after(&desk->replayer, &wish);
    buf_add(said, buf_slice(&desk->said));
    buf_clear(&desk->said);
}

/* --- looked at ----------------------------------------------------------------------------- */

static void about_add(struct buf *out, const struct recording *recording)
{
    json_put_text(out, "name", recording->name);
    json_put_text(out, "title", recording->title);
    json_put_text(out, "program", recording->program);
    json_put_text(out, "date", recording->date);
    json_put_name(out, "protocol", recording->service->protocol->name);
    json_put_count(out, "steps", recording->step_count);
}

bool view_recordings(struct buf *out, slice args)
{
    struct buf faults = BUF_MAX(4096);
    (void)args;
    json_begin(out, NULL, '[');
    for (const struct recording_text *text = recording_texts; text->name; text++) {
        struct recording *recording =
            recording_read(slice_of(text->name), (slice){ (const char *)text->at, text->len },
                           fault_told, &faults);
        if (!recording)
            continue;
        json_begin(out, NULL, '{');
        about_add(out, recording);
        json_end(out, '}');
        recording_free(recording);
    }
    json_end(out, ']');
    buf_free(&faults);
    return true;
}

static void question_add(struct buf *out, const struct rerun *replay)
{
    const struct recording *recording = replay->recording;
    slice answers[RECORDING_GUESSES_MAX + 1];
    size_t right;
    if (replay->strayed || replay->step == recording->step_count ||
        !recording->steps[replay->step].ask.len) {
        json_put_null(out, "question");
        return;
    }
    size_t count = recording_answers(recording, replay->step, answers, &right);
    json_begin(out, "question", '{');
    json_put_text(out, "text", recording->steps[replay->step].ask);
    json_begin(out, "answers", '[');
    for (size_t i = 0; i < count; i++)
        json_put_text(out, NULL, answers[i]);
    json_end(out, ']');
    json_end(out, '}');
}

/* Of a step that was played: what was asked and answered, and what was said about it. */
static void told_add(struct buf *out, const struct rerun *replay, size_t number)
{
    const struct recording_step *step = &replay->recording->steps[number];
    slice answers[RECORDING_GUESSES_MAX + 1], reason = step->differs;
    size_t right, said = replay->said[number];
    if (!step->ask.len && !step->fact.len && !reason.len)
        return;
    take_word(&reason);
    json_begin(out, NULL, '{');
    json_put_count(out, "step", number + 1);
    if (step->ask.len) {
        recording_answers(replay->recording, number, answers, &right);
        json_put_text(out, "question", step->ask);
        json_put_text(out, "answer", answers[right]);
        if (said)
            json_put_text(out, "said", answers[said - 1]);
    }
    if (step->fact.len)
        json_put_text(out, "fact", step->fact);
    if (step->differs.len)
        json_put_text(out, "differs", slice_trim(reason));
    json_end(out, '}');
}

/* Why it does not go on, if it does not. */
static void waits_add(struct buf *out, const struct rerun *replay)
{
    struct buf words = BUF_MAX(4096), line = BUF_MAX(REPLAY_LINE_MAX);
    struct rerun now = *replay;  /* looking changes nothing */
    if (now.strayed)
        replay_say_strayed(&now, &words, &desk->front.look);
    else if (now.step < now.recording->step_count && !replay_line(&now, &line))
        replay_say_stuck(&now, &words, &desk->front.look);
    json_put_truth(out, "strayed", now.strayed);
    if (words.len)
        json_put_text(out, "waits", slice_trim(buf_slice(&words)));
    buf_free(&line);
    buf_free(&words);
}

/* The recording that is under way; null: there is none. */
bool view_replay(struct buf *out, slice args)
{
    const struct rerun *replay = desk->front.replay;
    (void)args;
    if (!replay) {
        json_put_null(out, NULL);
        return true;
    }
    json_begin(out, NULL, '{');
    about_add(out, replay->recording);
    json_put_text(out, "server", replay->recording->server);
    json_put_text(out, "command", replay->recording->command);
    json_put_text(out, "situation", replay->recording->situation);
    json_put_count(out, "step", replay->step);
    json_put_count(out, "asked", replay->asked);
    json_put_count(out, "right", replay->right);
    waits_add(out, replay);
    question_add(out, replay);
    json_begin(out, "told", '[');
    for (size_t i = 0; i < replay->step; i++)
        told_add(out, replay, i);
    json_end(out, ']');
    json_end(out, '}');
    return true;
}
