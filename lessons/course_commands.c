/* course_commands.c: the commands of the course. They note what is wanted; the front end, which
   has the window and the files, does it when the line has ended. */
#include "base/said.h"
#include "base/words.h"
#include "lessons/course.h"
#include "lessons/lessons.h"
#include "lessons/misconception.h"
#include "lessons/sitting.h"
#include "servers/services_table.h"
#include "sim/shared.h"
#include "views/front.h"
#include "views/views.h"

#define WIDE 80

/* NULL: nobody keeps a course here, lines are played without a person. */
static struct course *course_of(struct call *call)
{
    struct front *front = call->world->front;
    return front ? front->course : NULL;
}

/* What belongs to the person and not to the world leaves nothing in its history. */
static void forget(struct call *call) { call->silent = call->forgets = true; }

/* Lines of a lesson must come to the same, whoever plays them; a script is told. */
static bool nobody_is_here(struct call *call, const char *what)
{
    if (!call->world->sitting)
        return call_fact(call, "%s", what);
    forget(call);
    return true;
}

static size_t columns_of(struct call *call)
{
    const struct front *front = call->world->front;
    return front && front->look.columns ? front->look.columns : WIDE;
}

static bool stands_alone(struct call *call)
{
    return !call->args.len ||
           call_refuse(call, call->args, SAID("`%s` takes nothing after it"), call->command->name);
}

/* --- which lesson -------------------------------------------------------------------------- */

static bool path_choose(struct call *call, struct course *course, slice rest)
{
    slice name = slice_trim(rest);
    const struct course_path *path = course_path(name);
    if (!path && !slice_is(name, "all"))
        return call_refuse(call, name, SAID("a path is lab50, vanished, school, or all"));
    forget(call);
    FIELD_SET(course->progress.path, path ? name : SLICE_EMPTY);
    course->changed = true;
    if (path)
        buf_format(&course->say, "Path %s: %s.\n", path->name, path->meaning);
    course_list(course, &course->say, columns_of(call));
    return true;
}

/* A lesson that is under way stays as it began. */
static void fault_passed(void *context, const struct lesson_fault *fault)
{
    (void)context;
    (void)fault;
}

static bool language_choose(struct call *call, struct course *course, slice rest)
{
    struct front *front = call->world->front;
    slice name = slice_trim(rest);
    if (!course_speak(course, name, fault_passed, NULL))
        return call_refuse(call, name, SAID("a language is en or de"));
    forget(call);
    course->changed = true;
    front->look.language = course->language;
    course_list(course, &course->say, columns_of(call));
    return true;
}

static bool lesson_choose(struct call *call, struct course *course, slice name)
{
    struct sitting *sitting = call->world->sitting;
    size_t at = course_find(course, name);
    struct guess guess = guess_begin(name);
    for (size_t i = 0; i < course->count; i++)
        guess_offer(&guess, course->lessons[i]->name);
    if (at == course->count && guess_found(&guess))
        return call_refuse(call, name,
                           SAID("no lesson is called that. Did you mean  lesson %.*s ?"),
                           SLICE_ARG(guess.best));
    if (at == course->count)
        return call_refuse(call, name, SAID("no lesson is called that: `lessons` lists them"));
    forget(call);
    course->wants = true;
    FIELD_SET(course->wanted, course->lessons[at]->name);
    if (sitting)
        sitting->wants = WANTS_LESSON;
    return true;
}

bool lesson_run(struct call *call)
{
    struct course *course = course_of(call);
    slice rest = call->args;
    if (!course)
        return nobody_is_here(call, "A lesson is for somebody at the prompt: pennypost lesson");
    if (word_take_if(&rest, "--path"))
        return path_choose(call, course, rest);
    if (word_take_if(&rest, "--lang"))
        return language_choose(call, course, rest);
    slice name = word_take(&rest);
    if (slice_trim(rest).len)
        return call_refuse(call, slice_trim(rest), SAID("one name, as in: lesson say-hello"));
    if (name.len)
        return lesson_choose(call, course, name);
    const struct lesson *next = course_next(course, call->world->sitting ?
                                                    call->world->sitting->lesson->name :
                                                    SLICE_EMPTY);
    if (next)
        return lesson_choose(call, course, next->name);
    forget(call);
    course_say_next(course, SLICE_EMPTY, &course->say, columns_of(call));
    return true;
}

bool lessons_run(struct call *call)
{
    struct course *course = course_of(call);
    if (!stands_alone(call))
        return false;
    if (!course)
        return nobody_is_here(call, "The lessons are listed at the prompt: pennypost lessons");
    forget(call);
    course_list(course, &course->say, columns_of(call));
    return true;
}

bool progress_run(struct call *call)
{
    struct course *course = course_of(call);
    if (!stands_alone(call))
        return false;
    if (!course)
        return nobody_is_here(call, "Progress is kept at the prompt: pennypost lesson");
    forget(call);
    course_progress(course, &course->say, columns_of(call));
    return true;
}

/* --- in a lesson --------------------------------------------------------------------------- */

/* The lesson under way; NULL: there is none, and the answer says so. Its words are drawn for the
   window, so they are no answer of the world's; the line is in the history, but no step of the
   world: `undo` goes past it. */
static struct sitting *sitting_of(struct call *call)
{
    struct sitting *sitting = call->world->sitting;
    if (!sitting) {
        call_fact(call, SAID("No lesson is under way here.  lesson  begins one."));
        return NULL;
    }
    call->silent = true;
    return sitting;
}

bool goal_run(struct call *call)
{
    if (!stands_alone(call))
        return false;
    struct sitting *sitting = sitting_of(call);
    if (sitting)
        sitting->shows_goals = true;
    return true;
}

bool hint_run(struct call *call)
{
    if (!stands_alone(call))
        return false;
    struct sitting *sitting = sitting_of(call);
    if (sitting)
        sitting->shows_hint = true;
    return true;
}

bool solution_run(struct call *call)
{
    if (!stands_alone(call))
        return false;
    struct sitting *sitting = sitting_of(call);
    if (sitting)
        sitting->shows_solution = true;
    return true;
}

/* Somebody has typed on, past the question: that is no guess, and must not be lost unseen. */
static bool looks_like_command(const struct world *world, slice words)
{
    slice first = take_word(&words);
    const struct protocol *protocol = NULL;
    bool verb = false;
    while ((protocol = protocol_next(protocol)) != NULL)
        verb |= protocol_verb(protocol, first) != EV_UNKNOWN;
    return first.len && (verb || command_find(world->script->tables, first));
}

bool handin_run(struct call *call)
{
    if (!stands_alone(call))
        return false;
    struct sitting *sitting = call->world->sitting;
    if (!sitting)
        return call_fact(call, SAID("No lesson is under way here.  lesson  begins one."));
    forget(call);
    sitting->hands_in = true;
    return true;
}

bool predict_run(struct call *call)
{
    struct sitting *sitting = sitting_of(call);
    if (!sitting || sitting->asks < 0)
        return true;
    bool command = looks_like_command(call->world, call->args);
    bool guessed = call->args.len && !command;
    FIELD_SET(sitting->predictions[sitting->asks], guessed ? call->args : SLICE_EMPTY);
    sitting->predictions_made += guessed;
    sitting->predicted = call->args.len > 0;
    sitting->predicted_command = command;
    sitting->asks = -1;
    return true;
}

bool skip_run(struct call *call)
{
    struct sitting *sitting = call->world->sitting;
    if (!stands_alone(call))
        return false;
    if (!sitting)
        return call_fact(call, SAID("No lesson is under way here.  lesson  begins one."));
    forget(call);
    sitting->wants = WANTS_SKIP;
    return true;
}


/* --- why ----------------------------------------------------------------------------------- */

/* views/ explains the reply; what people believe, and which lesson corrects it, is known here. */
bool why_and_lesson_run(struct call *call)
{
    struct why_case asked;
    bool understood = why_run(call);
    if (!understood || call->args.len || !call->world->sitting ||
        !why_last(call->world, call->device, &asked))
        return understood;
    const struct misconception *found = misconception_of(&asked);
    if (found) {
        call_pair(call, 9, SAID(" Belief"), SAID("\"%s\": many think so. %s"), found->belief,
                  found->truth);
        call_pair(call, 9, SAID(" Lesson"), "%s", found->lesson);
    }
    return true;
}
