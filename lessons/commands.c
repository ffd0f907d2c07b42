/* commands.c: how a story tells a stage what to show; see story.h. In a script that is only
   run they leave a line in the trace, and nothing else happens. */
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
    { NULL, NULL, NULL, COMPLETES_NOTHING, NULL },
};
