/* replay.c: a recording at the prompt, in a world of its own, and without a person. What is said
   to a line is decided in front/replay.h. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/words.h"
#include "lessons/course.h"
#include "repl/repl.h"
#include "repl/terminal.h"

/* --- what the recording asks of this front end ---------------------------------------------- */

static void said_draw(void *context, slice text)
{
    const struct repl *repl = context;
    terminal_draw(repl->out, text);
    fflush(repl->out);
}

static bool line_type(void *context, slice line)
{
    struct repl *repl = context;
    struct error why = { "" };
    size_t at;
    bool command = script_line_is_command(repl->world, line);
    enum line_result result = script_line(repl->world, line, &at, &why);
    bool alive = show_new(repl, command);
    if (result != LINE_RUN)
        say_error(&why);
    return result == LINE_RUN && alive;
}

static bool key_stops(void *context)
{
    bool stops = signal_leave || signal_break;
    (void)context;
    signal_break = 0;
    return stops;
}

static void replayer_join(struct repl *repl)
{
    repl->replayer = (struct replayer){ .front = &repl->front, .say = said_draw,
                                        .type = line_type, .stops = key_stops, .context = repl };
}

bool replay_takes(struct repl *repl, slice line)
{
    return repl->front.replay && replayer_takes(&repl->replayer, line);
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
    replayer_join(repl);
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

/* From outside: a prompt of its own, in a world of its own; `exit` comes back. */
static void replay_visit(struct repl *repl, const struct replay_wish *wish)
{
    struct repl *own = prompt_inside(repl);
    struct rerun *replay = replay_open(repl, wish->name);
    if (replay) {
        replay_take(own, replay);
        replayer_begin(&own->replayer, true);
        if (wish->all)
            replayer_rest(&own->replayer);
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
    else if (repl->front.replay)
        replayer_after(&repl->replayer, &wish);
}

/* --- the command line ---------------------------------------------------------------------- */

static enum exit_code play_through(struct repl *repl)
{
    struct buf said = BUF_MAX(REPLAY_SAID_MAX);
    bool ended = replayer_rest(&repl->replayer);
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
    struct buf said = BUF_MAX(REPLAY_SAID_MAX);
    recordings_list(&said, repl->front.look.columns);
    said_draw(repl, buf_slice(&said));
    buf_free(&said);
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
    replayer_begin(&repl.replayer, !through);
    if (through)
        result = play_through(&repl);
    else
        prompt_loop(&repl);
    replay_leave(&repl);
    course_free(repl.front.course);
    repl.front.course = NULL;
    return opening_end(&repl, result);
}
