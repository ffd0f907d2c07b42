/* commands.c: how a story tells a stage what to show; see story.h. In a script that is only
   run they leave a line in the trace, and nothing else happens. The commands of the course are
   in course_commands.c. */
#include "lessons/lessons.h"
#include "lessons/story.h"

static bool note_run(struct call *call)
{
    if (call->args.len == 0)
        return call_refuse(call, call->args, "words belong here: %s", call->command->usage);
    call_say(call, "%.*s", SLICE_ARG(call->args));
    return true;
}

static bool variants_run(struct call *call)
{
    slice rest = call->args, taken[STORY_VARIANTS_MAX];
    struct error why;
    size_t count = 0;
    bool named = false;
    while (slice_trim(rest).len) {
        slice word = take_word(&rest);
        if (slice_is(word, "of")) {
            named = take_word(&rest).len > 0;
            continue;
        }
        if (!variant_joins(word, taken, count, &why))
            return call_refuse(call, word, "%s", why.text);
        taken[count++] = word;
    }
    if (count == 1 || (count == 0 && !named))
        return call_refuse(call, call->args, "two settings or more are compared, as in: variants "
                           "pop3-delete imap");
    return note_run(call);
}

const struct command lesson_commands[] = {
    { "step", "step TITLE", "in a story: what the lines up to the next step do", COMPLETES_NOTHING,
      note_run },
    { "ask", "ask QUESTION", "in a story: to ask the room before the next step",
      COMPLETES_NOTHING, note_run },
    { "variants", "variants SETTING SETTING [of ADDRESS]",
      "in a story: the settings of the devices that `contrast` compares, and whose mailbox",
      COMPLETES_NOTHING, variants_run },
    { "lesson", "lesson [NAME] [--path PATH]",
      "begins a lesson in a world of its own; alone it goes on where you were; paths: lab50, "
      "vanished, school, all",
      COMPLETES_LESSON, lesson_run },
    { "lessons", "lessons", "lists the lessons, and which are done", COMPLETES_NOTHING,
      lessons_run },
    { "progress", "progress", "what you have done in the course so far", COMPLETES_NOTHING,
      progress_run },
    { "goal", "goal", "in a lesson: what is met, and what is still open and why",
      COMPLETES_NOTHING, goal_run },
    { "hint", "hint", "in a lesson: helps a little, and a little more each time",
      COMPLETES_NOTHING, hint_run },
    { "solution", "solution",
      "in a lesson: puts the next line of the solution into your input; Enter runs it",
      COMPLETES_NOTHING, solution_run },
    { "handin", "handin",
      "in a lesson with --student ID: writes what you have done to a file, to be handed in",
      COMPLETES_NOTHING, handin_run },
    { "predict", "predict [WORDS]", "in a lesson: what you think will come; alone it skips",
      COMPLETES_NOTHING, predict_run },
    { "skip", "skip", "in a lesson: goes to the next one, and leaves this one as it is",
      COMPLETES_NOTHING, skip_run },
    { "replay", "replay [NAME [--all] | next [a|b|c] | all]",
      "steps through a recorded session of a real mail program, in a world of its own: Enter plays "
      "the next line; alone it lists them",
      COMPLETES_RECORDING, replay_run },
    { "why", "why [CONNECTION | DEVICE MESSAGE]",
      "explains the last reply: meaning, cause, rule, RFC, and the lesson about it; `why 3`: the "
      "last refusal on connection 3, a real client's too; `why phone B`: why that device shows "
      "that message, or not",
      COMPLETES_DEVICE, why_and_lesson_run },
    { NULL, NULL, NULL, COMPLETES_NOTHING, NULL },
};
