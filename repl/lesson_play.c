/* lesson_play.c: a lesson without a person: its solution, somebody's answer, and lint. */
#include <string.h>

#include "lessons/course.h"
#include "lessons/sitting.h"
#include "repl/repl.h"
#include "repl/language.h"
#include "repl/terminal.h"
#include "sim/language/script.h"
#include "views/json_write.h"

#define SAID_MAX (1u << 20)
#define ANSWER_BYTES_MAX (4u << 20)

/* --- playing ------------------------------------------------------------------------------- */

/* A line that can't be read is told, and the next one is tried: people mistype. */
static bool line_play(struct repl *repl, struct sitting *sitting, slice line)
{
    struct error why = { "" };
    struct buf said = BUF_MAX(SAID_MAX);
    size_t at = 0;
    bool command = script_line_is_command(repl->world, line);
    if (!repl->options->json && !repl->front.look.plain)
        prompt_echo(repl, line);
    enum line_result result = sitting_line(sitting, line, &at, &why);
    if (!repl->options->json) {
        show_new(repl, command);
        if (result == LINE_UNREADABLE)
            show_wrapped(repl, slice_of(why.text), 3);
    }
    sitting_say_news(sitting, &said, &repl->front.look);
    if (!repl->options->json)
        terminal_draw(repl->out, buf_slice(&said));
    if (result == LINE_BROKEN)
        say_error(&why);
    buf_free(&said);
    sitting->asks = -1;
    sitting->wants = WANTS_NOTHING;
    return result != LINE_BROKEN && result != LINE_LEAVE;
}

/* --- the verdict --------------------------------------------------------------------------- */

static void goal_json(struct buf *out, const struct sitting *sitting, size_t goal)
{
    struct check_result result;
    const struct lesson_goal *asked = &sitting->lesson->goals[goal];
    bool met = sitting->goals[goal].met;
    const struct lesson_check *unmet = met ? NULL : sitting_unmet(sitting, goal, &result);
    json_begin(out, NULL, '{');
    json_put_count(out, "goal", goal + 1);
    json_put_text(out, "words", asked->words);
    json_put_truth(out, "met", met);
    if (unmet) {
        json_put_text(out, "check", unmet->text);
        json_put_name(out, "found", result.found);
    }
    json_end(out, '}');
}

static void verdict_json(struct repl *repl, const struct sitting *sitting)
{
    const struct lesson *lesson = sitting->lesson;
    struct buf out = BUF_MAX(SAID_MAX);
    json_begin(&out, NULL, '{');
    json_put_text(&out, "lesson", lesson->name);
    json_put_count(&out, "seed", sitting->world->seed);
    json_put_truth(&out, "met", sitting_is_met(sitting));
    json_begin(&out, "goals", '[');
    for (size_t i = 0; i < lesson->goal_count; i++)
        goal_json(&out, sitting, i);
    json_end(&out, ']');
    json_put_count(&out, "hints", sitting->hints);
    json_put_count(&out, "solutions", sitting->solutions);
    json_begin(&out, "mistakes", '[');
    for (size_t i = 0; i < lesson->hint_count; i++)
        if (sitting->mistake_told[i])
            json_put_text(&out, NULL, lesson->hints[i].mistake);
    json_end(&out, ']');
    json_end(&out, '}');
    buf_add_char(&out, '\n');
    terminal_octets(repl->json, buf_slice(&out));
    fflush(repl->json);
    buf_free(&out);
}

static enum exit_code verdict(struct repl *repl, const struct sitting *sitting)
{
    struct buf said = BUF_MAX(SAID_MAX);
    if (repl->json) {
        verdict_json(repl, sitting);
    } else {
        sitting_say_goals(sitting, &said, &repl->front.look);
        terminal_draw(repl->out, SLICE("\n"));
        terminal_draw(repl->out, buf_slice(&said));
    }
    buf_free(&said);
    return sitting_is_met(sitting) ? EXIT_GOOD : EXIT_CHECK;
}

enum exit_code lesson_solve(struct repl *repl, struct sitting *sitting)
{
    const struct lesson *lesson = sitting->lesson;
    for (size_t i = 0; i < lesson->goal_count; i++)
        for (size_t j = 0; j < lesson->goals[i].solution.count; j++)
            line_play(repl, sitting, lesson->goals[i].solution.at[j].text);
    return verdict(repl, sitting);
}

enum exit_code lesson_answer(struct repl *repl, struct sitting *sitting, const char *file)
{
    struct buf text = BUF_MAX(ANSWER_BYTES_MAX);
    if (!lesson_file_read(repl, file, &text)) {
        buf_free(&text);
        return EXIT_TROUBLE;
    }
    slice rest = buf_slice(&text);
    bool goes_on = true;
    while (goes_on && rest.len) {
        slice line = take_until(&rest, '\n');
        if (line.len && line.at[line.len - 1] == '\r')
            line.len--;
        goes_on = line_play(repl, sitting, line);
    }
    buf_free(&text);
    return verdict(repl, sitting);
}

/* --- lint ---------------------------------------------------------------------------------- */

/* A translation that a world cannot tell from the English lesson is not played again. */
static bool text_lint(struct repl *repl, slice text, struct lesson_teller *teller)
{
    static const uint64_t three[] = { 1, 2, 3 };
    const uint64_t *seeds = repl->options->seed ? repl->options->seed : three;
    size_t count = repl->options->seed ? 1 : COUNT(three);
    switch (translation_check(text, seeds, count, lesson_tell_fault, teller)) {
    case TRANSLATION_WRONG:
        return false;
    case TRANSLATION_ALIKE:
        return lesson_texts_prove(text, seeds, count, lesson_tell_fault, teller);
    case TRANSLATION_NONE:
    case TRANSLATION_ANSWERS:
        break;
    }
    return lesson_prove(text, repl_tables, seeds, count, lesson_tell_fault, teller);
}

static bool file_lint(struct repl *repl, struct course *course, const char *file)
{
    struct buf text = BUF_MAX(LESSON_BYTES_MAX);
    struct lesson_teller teller = { repl, file };
    bool ok = lesson_file_read(repl, file, &text);
    slice kept = ok ? arena_copy(&course->arena, buf_slice(&text)) : SLICE_EMPTY;
    ok = ok && course_add(course, kept, lesson_tell_fault, &teller) &&
         text_lint(repl, kept, &teller);
    buf_free(&text);
    return ok;
}

/* What is missing is told and is no fault; what is stale is one. */
static bool language_lint(struct course *course, const char *name)
{
    struct buf report = BUF_MAX(1u << 20);
    const struct language *language = language_open(&course->arena, slice_of(name));
    if (!language) {
        terminal_error("there is no translation into %s", name);
        return false;
    }
    size_t faults = language_check(language, &report);
    terminal_draw(stdout, buf_slice(&report));
    buf_free(&report);
    return faults == 0;
}

enum exit_code lint_main(const struct options *options, const struct lesson_options *wanted,
                         char **files, int count)
{
    static struct repl repl;
    bool ok = true;
    show_begin(&repl, options, false);
    struct lesson_teller teller = { &repl, "the course" };
    struct course *course = course_new(lesson_tell_fault, &teller);
    if (wanted->course)
        lesson_folder_add(&repl, course, wanted->course);
    for (int i = 0; i < count; i++) {
        bool good = file_lint(&repl, course, files[i]);
        if (good)
            terminal_say(stdout, "%s: good\n", files[i]);
        ok = ok && good;
    }
    if (wanted->language)
        ok = language_lint(course, wanted->language) && ok;
    ok = course_needs_check(course, lesson_tell_fault, &teller) && ok;
    course_free(course);
    return ok ? EXIT_GOOD : EXIT_CHECK;
}
