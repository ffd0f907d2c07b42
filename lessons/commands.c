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
    struct buf words = BUF_MAX(VARIANT_NAME_BYTES);
    slice rest = call->args;
    bool ok = true;
    while (ok && slice_trim(rest).len) {
        slice word = take_word(&rest);
        if (slice_is(word, "of")) {
            take_word(&rest);
            continue;
        }
        ok = variant_words(word, &words) ||
             call_refuse(call, word, "a setting is pop3-delete, pop3-keep, pop3-keep-7d, imap, "
                         "imap-headers or imap-on-demand");
    }
    buf_free(&words);
    return ok && note_run(call);
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
