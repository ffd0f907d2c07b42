/* lesson.c: the course at the prompt: a lesson begins, its words are shown, another one takes its
   place. What is met is decided in lessons/; files are lesson_files.c. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/said.h"
#include "base/words.h"
#include "front/lesson.h"
#include "lessons/course.h"
#include "lessons/handin.h"
#include "lessons/sitting.h"
#include "repl/present.h"
#include "repl/terminal.h"
#include "sim/language/script.h"

#define SAID_MAX (1u << 20)

static struct sitting *sitting_of(const struct repl *repl)
{
    return repl->world ? repl->world->sitting : NULL;
}

/* A student has an own world in each lesson. */
static uint64_t seed_of(const struct repl *repl, slice lesson)
{
    const struct course *course = repl->front.course;
    if (course && course->student[0])
        return handin_seed(slice_of(course->student), lesson);
    return repl->options && repl->options->seed ? *repl->options->seed : 1;
}

void lesson_tell_fault(void *context, const struct lesson_fault *fault)
{
    const struct lesson_teller *teller = context;
    if (fault->number)
        show_wrong_line(teller->repl, teller->file, fault->number, fault->line, fault->at,
                        fault->why.text);
    else
        terminal_error("%s: %s", teller->file, fault->why.text);
}

/* False: there is none of that name. */
static bool language_take(struct repl *repl, const char *name, struct lesson_teller *teller)
{
    struct course *course = repl->front.course;
    bool known = !name[0] || course_speak(course, slice_of(name), lesson_tell_fault, teller);
    repl->front.look.language = course->language;
    return known;
}

struct course *lesson_course_open(struct repl *repl, const char *directory)
{
    struct lesson_teller teller = { repl, "a lesson of the program" };
    if (repl->front.course)
        return repl->front.course;
    struct course *course = course_new(lesson_tell_fault, &teller);
    if (directory)
        lesson_folder_add(repl, course, directory);
    lesson_progress_read(course);
    repl->front.course = course;
    language_take(repl, course->progress.language, &teller);
    return course;
}

const char *lesson_offered(struct repl *repl, bool *begun)
{
    const struct course *course = lesson_course_open(repl, NULL);
    *begun = course->progress.count > 0;
    const struct lesson *next = course_next(course, SLICE_EMPTY);
    return next ? next->name.at : NULL;
}

/* --- showing ------------------------------------------------------------------------------- */

static void say(struct repl *repl, struct buf *said)
{
    if (said->len)
        terminal_draw(repl->out, buf_slice(said));
    fflush(repl->out);
    buf_clear(said);
}

static void start_show(struct repl *repl, struct sitting *sitting, size_t replayed)
{
    struct buf said = BUF_MAX(SAID_MAX);
    sitting_say_start(sitting, &said, &repl->front.look);
    say(repl, &said);
    if (replayed == 1)
        show_text(repl, " " SAID("You were here before: your 1 line was run again.") "\n");
    else if (replayed)
        show_text(repl, " " SAID("You were here before: your %zu lines were run again.") "\n",
                  replayed);
    buf_free(&said);
}

static void progress_note(struct repl *repl, const struct sitting *sitting, bool begins)
{
    if (lesson_note(repl->front.course, sitting, begins))
        lesson_progress_keep(repl->front.course, sitting->lesson->name);
}

/* --- beginning ----------------------------------------------------------------------------- */

/* Lines of a lesson that was left open: run again, and nothing of it is shown. */
static size_t lines_replay(struct sitting *sitting, slice lines)
{
    size_t count = 0;
    struct error why;
    while (lines.len)
        count += sitting_line_again(sitting, take_until(&lines, '\n'), &why) == LINE_RUN;
    return count;
}

static void log_end(struct repl *repl)
{
    if (repl->lesson_log > 0)
        close(repl->lesson_log);
    repl->lesson_log = 0;
}

static size_t goals_met(const struct sitting *sitting)
{
    size_t count = 0;
    for (size_t i = 0; i < sitting->lesson->goal_count; i++)
        count += sitting->goals[i].met;
    return count;
}

/* The prompt stands in this lesson from now on. */
static void sitting_take(struct repl *repl, struct sitting *sitting)
{
    struct sitting *old = sitting_of(repl);
    serve_prompt_stop(repl);
    log_end(repl);
    conns_free(&repl->front.conns);
    repl->front.conns = (struct conns){ 0 };
    repl->front.watched[0] = repl->front.offered[0] = repl->front.prefill[0] = '\0';
    repl->front.message_conn = repl->front.named = 0;
    repl->front.no_notes = sitting->lesson->no_notes;
    opening_take(repl, sitting->world, sitting->lesson->name.at);
    repl->shown = trace_end(sitting->world->trace);
    repl->timeline = sitting->timeline;
    repl->turns = timeline_turns(sitting->timeline);
    repl->continues = false;
    repl->goals_handed_in = goals_met(sitting);
    sitting_free(old);
}

/* False: the lesson can't begin, and it was told why. */
static bool lesson_enter(struct repl *repl, slice name)
{
    struct course *course = repl->front.course;
    size_t number = course_find(course, name);
    struct buf lines = BUF_MAX(1u << 26);
    must(number < course->count);
    struct lesson_teller teller = { repl, course->lessons[number]->name.at };
    uint64_t seed = seed_of(repl, course->lessons[number]->name);
    struct sitting *sitting = sitting_new(course->texts[number], seed, repl_tables,
                                          lesson_tell_fault, &teller);
    if (!sitting)
        return false;
    name = sitting->lesson->name;
    const struct progress_lesson *entry = progress_find(&course->progress, name);
    bool fresh = entry && entry->done && entry->met == entry->goals;
    if (!fresh)
        lesson_log_read(name, seed, &lines);
    sitting->world->front = &repl->front;
    size_t replayed = lines_replay(sitting, buf_slice(&lines));
    course->wants = course->changed = false;
    buf_clear(&course->say);
    sitting_take(repl, sitting);
    repl->lesson_log = lesson_log_open(name, seed, fresh || !replayed);
    progress_note(repl, sitting, !replayed);
    start_show(repl, sitting, replayed);
    buf_free(&lines);
    return true;
}

/* --- lines --------------------------------------------------------------------------------- */

enum line_result lesson_line(struct repl *repl, slice line, size_t *at, struct error *why)
{
    struct sitting *sitting = sitting_of(repl);
    if (!sitting)
        return script_line(repl->world, line, at, why);
    struct buf written = BUF_MAX(SCRIPT_LINE_MAX + 2);
    buf_add(&written, line);
    buf_add_char(&written, '\n');
    if (repl->lesson_log > 0 && !files_octets_write(repl->lesson_log, buf_slice(&written))) {
        terminal_error("this lesson's lines can't be written down any more");
        log_end(repl);
    }
    buf_free(&written);
    return sitting_line(sitting, line, at, why);
}

/* From outside: a prompt of its own, in a world of its own; `exit` comes back. */
static void lesson_visit(struct repl *repl, slice name)
{
    struct repl *own = prompt_inside(repl);
    if (lesson_enter(own, name)) {
        prompt_loop(own);
        serve_prompt_stop(own);
        log_end(own);
        struct sitting *sitting = sitting_of(own);
        own->world = NULL;
        own->timeline = NULL;
        sitting_free(sitting);
        show_text(repl, SAID("You are back in your own world.\n"));
    }
    opening_end(own, EXIT_GOOD);
    free(own);
}

static void wish_do(struct repl *repl, const char *wanted)
{
    if (!sitting_of(repl))
        lesson_visit(repl, slice_of(wanted));
    else if (wanted[0])
        lesson_enter(repl, slice_of(wanted));
    else
        show_text(repl, SAID("   There is no other lesson that is not done.\n"));
}

/* At each goal, and when it is asked for. */
static void hand_in(struct repl *repl, struct sitting *sitting)
{
    const char *student = repl->front.course ? repl->front.course->student : "";
    size_t met = goals_met(sitting);
    bool asked = sitting->hands_in;
    if (asked || (*student && met > repl->goals_handed_in))
        handin_make(repl, sitting, student, asked);
    repl->goals_handed_in = met;
    sitting->hands_in = false;
}

void lesson_after(struct repl *repl)
{
    struct course *course = repl->front.course;
    struct sitting *sitting = sitting_of(repl);
    struct buf said = BUF_MAX(SAID_MAX);
    char wanted[64];
    bool noted;
    if (course)
        say(repl, &course->say);
    if (course && course->changed)
        lesson_progress_keep(course, SLICE_EMPTY);
    if (sitting) {
        lesson_news(course, sitting, &repl->front, &said, &noted);
        if (noted)
            lesson_progress_keep(course, sitting->lesson->name);
        say(repl, &said);
        hand_in(repl, sitting);
    }
    buf_free(&said);
    if (lesson_takes_wish(course, sitting, wanted))
        wish_do(repl, wanted);
}

/* --- the command line ---------------------------------------------------------------------- */

static enum exit_code preview(struct repl *repl, const char *file)
{
    struct buf text = BUF_MAX(LESSON_BYTES_MAX), said = BUF_MAX(SAID_MAX);
    struct lesson_teller teller = { repl, file };
    enum exit_code result = EXIT_TROUBLE;
    if (lesson_file_read(repl, file, &text)) {
        struct sitting *sitting = sitting_new(buf_slice(&text), seed_of(repl, SLICE_EMPTY),
                                              repl_tables, lesson_tell_fault, &teller);
        result = sitting ? EXIT_GOOD : EXIT_USAGE;
        if (sitting) {
            sitting_say_start(sitting, &said, &repl->front.look);
            buf_add_char(&said, '\n');
            sitting_say_all(sitting, &said, &repl->front.look);
            say(repl, &said);
        }
        sitting_free(sitting);
    }
    buf_free(&text);
    buf_free(&said);
    return result;
}

/* Before people: nothing of it is kept, neither as the teacher's progress nor as typed lines. */
static enum exit_code show(struct repl *repl, size_t number)
{
    struct course *course = repl->front.course;
    struct lesson_teller teller = { repl, course->lessons[number]->name.at };
    struct sitting *sitting = sitting_new(course->texts[number],
                                          seed_of(repl, course->lessons[number]->name), repl_tables,
                                          lesson_tell_fault, &teller);
    if (!sitting)
        return EXIT_USAGE;
    signals_begin(true);
    sitting_take(repl, sitting);
    repl->front.course = NULL;
    enum exit_code result = present_lesson(repl, sitting);
    repl->front.course = course;
    repl->world = NULL;
    repl->timeline = NULL;
    sitting_free(sitting);
    return result;
}

static enum exit_code play(struct repl *repl, const struct lesson_options *wanted, size_t number)
{
    const struct course *course = repl->front.course;
    struct lesson_teller teller = { repl, course->lessons[number]->name.at };
    uint64_t seed = seed_of(repl, course->lessons[number]->name);
    struct sitting *sitting = sitting_new(course->texts[number], seed, repl_tables,
                                          lesson_tell_fault, &teller);
    if (!sitting)
        return EXIT_USAGE;
    opening_take(repl, sitting->world, teller.file);
    repl->shown = trace_end(sitting->world->trace);
    repl->timeline = sitting->timeline;
    repl->turns = timeline_turns(sitting->timeline);
    /* Somebody else's lines: there is no front end that could write files or open ports. */
    sitting->world->front = NULL;
    sitting->world->script->told = NULL;
    sitting->world->script->hand_over = NULL;
    enum exit_code result = wanted->answer ? lesson_answer(repl, sitting, wanted->answer)
                                           : lesson_solve(repl, sitting);
    repl->world = NULL;
    repl->timeline = NULL;
    sitting_free(sitting);
    return result;
}

static enum exit_code prompt_in_lesson(struct repl *repl, slice name)
{
    bool asks = isatty(STDIN_FILENO) != 0;
    signals_begin(asks);
    repl->prompts = true;
    if (!lesson_enter(repl, name))
        return EXIT_USAGE;
    prompt_loop(repl);
    serve_prompt_stop(repl);
    log_end(repl);
    struct sitting *sitting = sitting_of(repl);
    bool met = sitting_is_met(sitting);
    if (repl->front.course->student[0] && (!met || goals_met(sitting) != repl->goals_handed_in))
        handin_make(repl, sitting, repl->front.course->student, false);
    repl->world = NULL;
    repl->timeline = NULL;
    sitting_free(sitting);
    return met || asks ? EXIT_GOOD : EXIT_CHECK;
}

/* Which one: the one that was named, or the next of the path. course->count: it was told. */
static size_t lesson_wanted(struct repl *repl, const char *name)
{
    struct course *course = repl->front.course;
    const struct lesson *next = course_next(course, SLICE_EMPTY);
    size_t number = course_find(course, name ? slice_of(name) : next ? next->name : SLICE_EMPTY);
    if (number < course->count)
        return number;
    struct guess guess = guess_begin(slice_of(name ? name : ""));
    for (size_t i = 0; i < course->count; i++)
        guess_offer(&guess, course->lessons[i]->name);
    if (!name)
        terminal_error("every lesson is done. `pennypost lesson NAME` begins one again");
    else if (guess_found(&guess))
        terminal_error("no lesson is called %s. Did you mean %.*s?", name,
                SLICE_ARG(guess.best));
    else
        terminal_error("no lesson is called %s: `pennypost lessons` lists them",
                name);
    return course->count;
}

static bool path_choose(struct repl *repl, const char *name)
{
    struct course *course = repl->front.course;
    const struct course_path *path = course_path(slice_of(name));
    if (!path && strcmp(name, "all") != 0) {
        terminal_error("a path is lab50, vanished, school or all, not %s", name);
        return false;
    }
    FIELD_SET(course->progress.path, slice_of(path ? name : ""));
    lesson_progress_keep(course, SLICE_EMPTY);
    return true;
}

static bool language_choose(struct repl *repl, const char *name)
{
    struct lesson_teller teller = { repl, "a translation" };
    if (!language_take(repl, name, &teller)) {
        terminal_error("a language is en or de, not %s", name);
        return false;
    }
    lesson_progress_keep(repl->front.course, SLICE_EMPTY);
    return true;
}

/* With the student, the path and the language that are wanted. NULL: it was said why not. */
static struct course *course_begin(struct repl *repl, const struct lesson_options *wanted)
{
    if (wanted->student && !student_is_good(slice_of(wanted->student))) {
        terminal_error("%s", STUDENT_RULE);
        return NULL;
    }
    if (wanted->student)
        lesson_files_student(wanted->student);
    struct course *course = lesson_course_open(repl, wanted->course);
    FIELD_SET(course->student, slice_of(wanted->student ? wanted->student : ""));
    bool chosen = (!wanted->path || path_choose(repl, wanted->path)) &&
                  (!wanted->language || language_choose(repl, wanted->language));
    return chosen ? course : NULL;
}

static enum exit_code lesson_begin(struct repl *repl, const struct lesson_options *wanted,
                                   const char *name)
{
    struct course *course = course_begin(repl, wanted);
    if (!course)
        return EXIT_USAGE;
    size_t number = lesson_wanted(repl, name);
    if (number == course->count)
        return EXIT_USAGE;
    if (wanted->present)
        return show(repl, number);
    if (wanted->solve || wanted->answer)
        return play(repl, wanted, number);
    return prompt_in_lesson(repl, course->lessons[number]->name);
}

enum exit_code lesson_main(const struct options *options, const struct lesson_options *wanted,
                           const char *name)
{
    static struct repl repl;
    show_begin(&repl, options, isatty(STDIN_FILENO) != 0);
    enum exit_code result = wanted->preview ? preview(&repl, wanted->preview)
                                            : lesson_begin(&repl, wanted, name);
    course_free(repl.front.course);
    repl.front.course = NULL;
    return opening_end(&repl, result);
}

enum exit_code lessons_main(const struct options *options, const struct lesson_options *wanted)
{
    static struct repl repl;
    struct buf said = BUF_MAX(SAID_MAX);
    show_begin(&repl, options, false);
    struct course *course = course_begin(&repl, wanted);
    if (!course)
        return EXIT_USAGE;
    if (options->json)
        course_json(course, &said);
    else
        course_list(course, &said, repl.front.look.columns);
    if (options->json)
        terminal_octets(stdout, buf_slice(&said));
    else
        terminal_draw(stdout, buf_slice(&said));
    buf_free(&said);
    course_free(course);
    return fflush(stdout) == 0 ? EXIT_GOOD : EXIT_TROUBLE;
}
