/* replay.c: a recording at the prompt, in a world of its own, and without a person. What is said
   and where one stands is decided in lessons/replay.h. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/words.h"
#include "front/prompt.h"
#include "lessons/course.h"
#include "lessons/replay.h"
#include "repl/repl.h"
#include "repl/terminal.h"

#define SAID_MAX (1u << 20)

static void draw(struct repl *repl, struct buf *said)
{
    if (said->len)
        terminal_draw(repl->out, buf_slice(said));
    fflush(repl->out);
    buf_free(said);
}

typedef void say_fn(const struct rerun *, struct buf *, const struct look *);

static void tell(struct repl *repl, say_fn *say)
{
    struct buf said = BUF_MAX(SAID_MAX);
    say(repl->front.replay, &said, &repl->front.look);
    draw(repl, &said);
}

/* --- a step -------------------------------------------------------------------------------- */

/* The line is typed for the person. False: the environment failed. */
static bool line_type(struct repl *repl, slice line)
{
    struct rerun *replay = repl->front.replay;
    struct buf said = BUF_MAX(SAID_MAX);
    struct error why = { "" };
    size_t at;
    replay_say_step(replay, line, &said, &repl->front.look);
    draw(repl, &said);
    bool command = script_line_is_command(repl->world, line);
    enum line_result result = script_line(repl->world, line, &at, &why);
    bool alive = show_new(repl, command);
    if (result != LINE_RUN)
        say_error(&why);
    return result == LINE_RUN && alive;
}

/* False: there is no next step that can be played, and it was said why; or nobody reads on. */
static bool step_play(struct repl *repl, const size_t *choice)
{
    struct rerun *replay = repl->front.replay;
    struct buf line = BUF_MAX(REPLAY_LINE_MAX), said = BUF_MAX(SAID_MAX);
    size_t step = replay->step;
    uint64_t from = trace_end(repl->world->trace);
    bool played = step < replay->recording->step_count && replay_line(replay, &line);
    if (!played)
        tell(repl, step < replay->recording->step_count ? replay_say_stuck : replay_say_end);
    else
        played = line_type(repl, buf_slice(&line));
    buf_free(&line);
    if (!played)
        return false;
    replay_look(replay);
    replay_say_after(replay, step, choice, from, &said, &repl->front.look);
    draw(repl, &said);
    return true;
}

static void stray_tell(struct repl *repl)
{
    struct buf said = BUF_MAX(SAID_MAX);
    replay_say_strayed(repl->front.replay, &said, &repl->front.look);
    draw(repl, &said);
}

/* False: it stopped before its end, and it was said where. */
static bool rest_play(struct repl *repl)
{
    struct rerun *replay = repl->front.replay;
    size_t count = replay->recording->step_count, before = SIZE_MAX;
    bool played = true;
    while (played && !signal_leave && !signal_break && replay->step != before &&
           replay->step < count) {
        before = replay->step;
        played = step_play(repl, NULL);
    }
    signal_break = 0;
    if (replay->strayed)
        stray_tell(repl);
    else if (played)
        tell(repl, replay->step == count ? replay_say_end : replay_say_stopped);
    return played && replay->step == count;
}

/* A step at the prompt; behind it what comes next. */
static void step_at_prompt(struct repl *repl, const size_t *choice)
{
    struct rerun *replay = repl->front.replay;
    if (!step_play(repl, choice))
        return;
    if (replay->step == replay->recording->step_count)
        tell(repl, replay_say_end);
    tell(repl, replay_say_question);
}

/* --- lines at the prompt ------------------------------------------------------------------- */

bool replay_takes(struct repl *repl, slice line)
{
    struct rerun *replay = repl->front.replay;
    size_t choice;
    if (!replay)
        return false;
    if (replay->strayed) { /* Enter is for the recording: nothing goes to the server unasked */
        if (slice_trim(line).len || prompt_target(repl->world) == TARGET_TEXT)
            return false;
        stray_tell(repl);
        return true;
    }
    bool answers = replay_choice(replay, line, &choice);
    if (!answers && slice_trim(line).len)
        return false;
    repl->replay_step = SIZE_MAX;
    step_at_prompt(repl, answers ? &choice : NULL);
    repl->replay_step = replay->step;
    return true;
}

static void wish_do(struct repl *repl, const struct replay_wish *wish)
{
    size_t choice = (size_t)(wish->choice - 'a');
    if (repl->front.replay->strayed) {
        stray_tell(repl);
        return;
    }
    if (wish->all)
        rest_play(repl);
    else
        step_at_prompt(repl, wish->choice ? &choice : NULL);
    repl->replay_step = repl->front.replay->step;
}

/* The person typed a line: it went along, strayed, or went back. */
static void line_follow(struct repl *repl)
{
    struct rerun *replay = repl->front.replay;
    replay_look(replay);
    if (replay->strayed && !replay->told_strayed)
        stray_tell(repl);
    bool moved = !replay->strayed && (replay->turned || replay->step != repl->replay_step);
    repl->replay_step = replay->strayed ? SIZE_MAX : replay->step;
    if (!moved)
        return;
    show_text(repl, "   Next is step %zu of %zu.\n", replay->step + 1,
              replay->recording->step_count);
    tell(repl, replay_say_question);
}

/* --- a world of its own -------------------------------------------------------------------- */

/* NULL: it was said why not. */
static struct rerun *replay_open(struct repl *repl, const char *name)
{
    const struct recording_text *listed = recording_find(slice_of(name));
    struct lesson_teller teller = { repl, name };
    struct buf text = BUF_MAX(RECORDING_BYTES_MAX);
    struct error why = { "" };
    bool read = listed || opening_file_read(name, &text, &why);
    struct recording *recording = NULL;
    if (!read)
        say_error(&why);
    else
        recording = recording_read(slice_of(name), listed ? (slice){ (const char *)listed->at,
                                                                     listed->len }
                                                          : buf_slice(&text),
                                   lesson_tell_fault, &teller);
    buf_free(&text);
    return recording ? replay_new(recording, repl_tables, lesson_tell_fault, &teller) : NULL;
}

static void replay_take(struct repl *repl, struct rerun *replay)
{
    opening_take(repl, replay->world, replay->recording->name.at);
    repl->front.replay = replay;
    repl->front.replays = true;
    repl->front.no_notes = true;
    repl->shown = trace_end(replay->world->trace);
    repl->timeline = replay->timeline;
    repl->turns = timeline_turns(replay->timeline);
    repl->replay_step = 0;
}

static void replay_leave(struct repl *repl)
{
    struct rerun *replay = repl->front.replay;
    serve_prompt_stop(repl);
    repl->world = NULL;
    repl->timeline = NULL;
    repl->front.replay = NULL;
    replay_free(replay);
}

static void begin_show(struct repl *repl, bool by_hand)
{
    struct buf said = BUF_MAX(SAID_MAX);
    replay_say_start(repl->front.replay, by_hand, &said, &repl->front.look);
    if (by_hand)
        replay_say_question(repl->front.replay, &said, &repl->front.look);
    draw(repl, &said);
}

/* From outside: a prompt of its own, in a world of its own; `exit` comes back. */
static void replay_visit(struct repl *repl, const struct replay_wish *wish)
{
    struct repl *own = prompt_inside(repl);
    struct rerun *replay = replay_open(repl, wish->name);
    if (replay) {
        replay_take(own, replay);
        begin_show(own, true);
        if (wish->all)
            rest_play(own);
        prompt_loop(own);
        replay_leave(own);
        show_text(repl, "You are back where you were.\n");
    }
    opening_end(own, EXIT_GOOD);
    free(own);
}

void replay_after(struct repl *repl)
{
    struct replay_wish wish = repl->front.replay_wish;
    repl->front.replay_wish = (struct replay_wish){ .what = REPLAY_NOTHING };
    if (wish.what == REPLAY_BEGINS)
        replay_visit(repl, &wish);
    else if (repl->front.replay && wish.what == REPLAY_GOES_ON)
        wish_do(repl, &wish);
    else if (repl->front.replay)
        line_follow(repl);
}

/* --- the command line ---------------------------------------------------------------------- */

static enum exit_code play_through(struct repl *repl)
{
    struct buf said = BUF_MAX(SAID_MAX);
    bool ended = rest_play(repl);
    const struct rerun *replay = repl->front.replay;
    if (repl->json) {
        replay_json(replay, &said);
        terminal_octets(repl->json, buf_slice(&said));
        fflush(repl->json);
    }
    buf_free(&said);
    return ended && !replay_unlikes(replay) ? EXIT_GOOD : EXIT_CHECK;
}

static enum exit_code recordings_show(struct repl *repl)
{
    struct buf said = BUF_MAX(SAID_MAX);
    recordings_list(&said, repl->front.look.columns);
    draw(repl, &said);
    return EXIT_GOOD;
}

static bool is_known(const char *name)
{
    struct buf meant = BUF_MAX(4096);
    if (recording_find(slice_of(name)) || access(name, R_OK) == 0)
        return true;
    recording_meant(&meant, slice_of(name));
    if (meant.len)
        terminal_error("no recording is called %s. Did you mean %s?", name, buf_text(&meant));
    else
        terminal_error("no recording is called %s: `pennypost replay` lists them", name);
    buf_free(&meant);
    return false;
}

enum exit_code replay_main(const struct options *options, const char *name, bool all)
{
    static struct repl repl;
    bool through = all || options->plain || options->json;
    bool asks = !through && isatty(STDIN_FILENO) != 0;
    if (options->world || options->seed || options->fresh) {
        terminal_error("a recording has its own world: replay takes no --world, --seed or --fresh");
        return EXIT_USAGE;
    }
    show_begin(&repl, options, asks);
    if (!name)
        return recordings_show(&repl);
    struct rerun *replay = is_known(name) ? replay_open(&repl, name) : NULL;
    if (!replay)
        return EXIT_USAGE;
    signals_begin(asks);
    replay_take(&repl, replay);
    repl.prompts = !through;
    if (!through)
        lesson_course_open(&repl, NULL);
    enum exit_code result = EXIT_GOOD;
    begin_show(&repl, !through);
    if (through)
        result = play_through(&repl);
    else
        prompt_loop(&repl);
    replay_leave(&repl);
    course_free(repl.front.course);
    repl.front.course = NULL;
    return opening_end(&repl, result);
}
