/* replay_say.c: what a person reads while a recording is stepped through. */
#include "base/words.h"
#include "lessons/replay.h"
#include "sim/language/script.h"
#include "views/clean.h"
#include "views/json_write.h"
#include "views/wrap.h"

#define INDENT 3
#define ANSWER_INDENT 8
#define WORDS_MAX (16u << 10)
#define PAUSE_MS 1000            /* a shorter one is the machine's, not the program's */

static void say(struct buf *out, const struct look *look, size_t indent, size_t hanging,
                const char *format, ...) PRINTF_LIKE(5, 6);
static void say(struct buf *out, const struct look *look, size_t indent, size_t hanging,
                const char *format, ...)
{
    struct buf words = BUF_MAX(WORDS_MAX);
    va_list args;
    va_start(args, format);
    clean_format_list(&words, look->utf8, format, args);
    va_end(args);
    for (size_t i = 0; i < indent; i++)
        buf_add_char(out, ' ');
    wrap_add(out, buf_slice(&words), indent, hanging, look->columns);
    buf_free(&words);
}

static char name_of(size_t choice) { return (char)('a' + choice); }

void replay_say_start(const struct rerun *replay, bool by_hand, struct buf *out,
                      const struct look *look)
{
    const struct recording *recording = replay->recording;
    say(out, look, 0, INDENT, "Recording %.*s: %.*s", SLICE_ARG(recording->name),
        SLICE_ARG(recording->title));
    buf_add_char(out, '\n');
    say(out, look, 1, 1, "%.*s, recorded on %.*s with %.*s. The command was:  %.*s",
        SLICE_ARG(recording->program), SLICE_ARG(recording->date), SLICE_ARG(recording->server),
        SLICE_ARG(recording->command));
    say(out, look, 1, 1, "%.*s", SLICE_ARG(recording->situation));
    buf_add_char(out, '\n');
    if (by_hand)
        say(out, look, 1, 1, "%s", "Enter plays the next line; a, b or c answers a question. While "
            "connected  :why  explains,  :undo  goes back a line,  :exit  leaves. What else you "
            "type goes to the server.");
}

void replay_say_question(const struct rerun *replay, struct buf *out, const struct look *look)
{
    const struct recording *recording = replay->recording;
    slice answers[RECORDING_GUESSES_MAX + 1];
    size_t right;
    if (replay->strayed || replay->step == recording->step_count ||
        !recording->steps[replay->step].ask.len)
        return;
    size_t count = recording_answers(recording, replay->step, answers, &right);
    buf_add_char(out, '\n');
    say(out, look, INDENT, INDENT, "%.*s", SLICE_ARG(recording->steps[replay->step].ask));
    for (size_t i = 0; i < count; i++) {
        char name[2] = { name_of(i), '\0' };
        say(out, look, INDENT + 2, ANSWER_INDENT, "%s  %.*s", name, SLICE_ARG(answers[i]));
    }
}

/* Between the line before this step and its first. */
static uint64_t pause_before(const struct recording *recording, size_t step)
{
    size_t first = recording->steps[step].first;
    return first ? recording->entries[first].at_ms - recording->entries[first - 1].at_ms : 0;
}

void replay_say_step(const struct rerun *replay, slice line, struct buf *out,
                     const struct look *look)
{
    const struct recording *recording = replay->recording;
    uint64_t pause = pause_before(recording, replay->step);
    const struct recording_entry *first =
        &recording->entries[recording->steps[replay->step].first];
    if (pause >= PAUSE_MS)
        say(out, look, INDENT, INDENT, "(%llu.%llu s pass)", (unsigned long long)(pause / 1000),
            (unsigned long long)(pause % 1000 / 100));
    if (first->auth && !slice_equal(first->text, line))
        say(out, look, INDENT, INDENT, "%s", "(The answer to a challenge is made anew: this "
            "server's challenge is another one.)");
    if (look->plain || slice_starts(line, ":send "))
        return;
    if (first->kind == ENTRY_CLIENT)
        buf_add_text(out, "C: ");
    else
        buf_add_text(out, "$ ");
    clean_add(out, first->kind == ENTRY_CLIENT && slice_starts(line, ":") ? slice_from(line, 1)
                                                                          : line, look->utf8);
    buf_add_char(out, '\n');
}

static void verdict_say(struct rerun *replay, size_t step, size_t choice, struct buf *out,
                        const struct look *look)
{
    slice answers[RECORDING_GUESSES_MAX + 1];
    size_t right;
    recording_answers(replay->recording, step, answers, &right);
    char name[2] = { name_of(choice), '\0' };
    replay->asked++;
    replay->right += choice == right;
    if (choice == right)
        say(out, look, INDENT, INDENT, "%s is right: %.*s", name, SLICE_ARG(answers[right]));
    else
        say(out, look, INDENT, INDENT, "You said %s, \"%.*s\". It is: %.*s", name,
            SLICE_ARG(answers[choice]), SLICE_ARG(answers[right]));
}

static void differs_say(const struct rerun *replay, size_t step,
                        const struct replay_unlike *unlike, struct buf *out,
                        const struct look *look)
{
    slice reason = replay->recording->steps[step].differs, date = take_word(&reason);
    slice theirs = unlike->recorded, ours = unlike->ours;
    if (unlike->state.len) {
        theirs = unlike->state;
        ours = unlike->our_state;
    }
    say(out, look, INDENT, INDENT, "%s",
        "The server here answers otherwise than the recorded one.");
    say(out, look, INDENT, 13, "Recorded: %.*s", SLICE_ARG(theirs.len ? theirs : SLICE("nothing")));
    say(out, look, INDENT, 13, "Here:     %.*s", SLICE_ARG(ours.len ? ours : SLICE("nothing")));
    if (date.len)
        say(out, look, INDENT, INDENT, "Known since %.*s: %.*s", SLICE_ARG(date),
            SLICE_ARG(slice_trim(reason)));
}

void replay_say_after(struct rerun *replay, size_t step, const size_t *choice, uint64_t from,
                      struct buf *out, const struct look *look)
{
    const struct recording_step *played = &replay->recording->steps[step];
    struct replay_unlike unlike;
    replay->said[step] = choice && played->ask.len ? (unsigned char)(1 + *choice) : 0;
    if (choice && played->ask.len)
        verdict_say(replay, step, *choice, out, look);
    else if (played->ask.len)
        say(out, look, INDENT, INDENT, "A usual guess here:  %.*s", SLICE_ARG(played->guesses[0]));
    if (played->fact.len)
        say(out, look, INDENT, INDENT, "%.*s", SLICE_ARG(played->fact));
    bool differs = replay_differs(replay, step, from, &unlike);
    replay->unlike[step] = differs && !played->differs.len;
    if (differs)
        differs_say(replay, step, &unlike, out, look);
}

void replay_say_strayed(struct rerun *replay, struct buf *out, const struct look *look)
{
    bool connected = script_is_connected(replay->world);
    replay->told_strayed = true;
    say(out, look, INDENT, INDENT, "That is not in the recording: it waits at step %zu of %zu.  %s"
        "  takes your line back; or go on by yourself.", replay->step + 1,
        replay->recording->step_count, connected ? ":undo" : "undo");
}

void replay_say_stuck(const struct rerun *replay, struct buf *out, const struct look *look)
{
    bool connected = script_is_connected(replay->world);
    say(out, look, INDENT, INDENT, "The recording can't go on: in it the connection is %s here, "
        "and this server %s it.", connected ? "closed" : "open",
        connected ? "has not closed" : "has closed");
}

void replay_say_stopped(const struct rerun *replay, struct buf *out, const struct look *look)
{
    say(out, look, INDENT, INDENT, "It stops here: %zu of %zu steps were played.", replay->step,
        replay->recording->step_count);
}

size_t replay_unlikes(const struct rerun *replay)
{
    size_t count = 0;
    for (size_t i = 0; i < replay->recording->step_count; i++)
        count += replay->unlike[i];
    return count;
}

void replay_say_end(const struct rerun *replay, struct buf *out, const struct look *look)
{
    size_t unlike = replay_unlikes(replay);
    buf_add_char(out, '\n');
    say(out, look, 1, 1, "The recording of %.*s ends here, after %zu steps.",
        SLICE_ARG(replay->recording->program), replay->recording->step_count);
    if (replay->asked)
        say(out, look, 1, 1, "You answered %u of its questions, %u of them right.", replay->asked,
            replay->right);
    if (unlike)
        say(out, look, 1, 1, "In %zu step%s this server answered otherwise than the recorded one.",
            unlike, unlike == 1 ? "" : "s");
}

void replay_json(const struct rerun *replay, struct buf *out)
{
    const struct recording *recording = replay->recording;
    size_t questions = 0;
    for (size_t i = 0; i < recording->step_count; i++)
        questions += recording->steps[i].ask.len > 0;
    json_begin(out, NULL, '{');
    json_put_name(out, "kind", "replay");
    json_put_text(out, "name", recording->name);
    json_put_text(out, "program", recording->program);
    json_put_text(out, "date", recording->date);
    json_put_count(out, "steps", recording->step_count);
    json_put_count(out, "played", replay->step);
    json_put_count(out, "questions", questions);
    json_put_count(out, "unlike", replay_unlikes(replay));
    json_begin(out, "unlike_lines", '[');
    for (size_t i = 0; i < recording->step_count; i++)
        if (replay->unlike[i])
            json_put_count(out, NULL, recording->entries[recording->steps[i].first].number);
    json_end(out, ']');
    json_end(out, '}');
    buf_add_char(out, '\n');
}
