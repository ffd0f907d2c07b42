/* present.c: a lesson or a script before people. Any key types the next line into the live world;
   one may go back, or step aside to a prompt in the same world, and go on where one was: what was
   done aside is on a branch of its own. */
#include "repl/present.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "front/prompt.h"
#include "lessons/sitting.h"
#include "repl/keys.h"
#include "repl/terminal.h"
#include "sim/world.h"

#define PRESENT_COLUMNS 76       /* of a projector, in a size that the last row can read */
#define SAID_MAX (1u << 20)
#define ASIDES_MAX 1000u

struct presenting {
    struct repl *repl;
    struct keys keys;
    struct line {
        slice text;
        uint64_t step;           /* of the timeline, before it was typed */
    } *lines;
    size_t count, cap, next;
    char branch[TIMELINE_NAME_MAX + 1]; /* the story's own */
    unsigned asides;
};

static const char keys_said[] =
    "any key: the next line   b back   p prompt   n what comes next   q leave";

/* --- the screen ----------------------------------------------------------------------------- */

static void clear(const struct presenting *presenting)
{
    if (presenting->repl->front.look.plain)
        terminal_say(presenting->repl->out, "\n");
    else
        terminal_clear(presenting->repl->out);
}

/* What stands where the next line will come. */
static void prompt_draw(const struct presenting *presenting)
{
    struct repl *repl = presenting->repl;
    if (presenting->next == presenting->count)
        show_text(repl, " That was the last line.   b back   p prompt   q leave\n");
    else
        prompt_print(repl);
}

/* --- lines ---------------------------------------------------------------------------------- */

/* A comment is for people. While connected a line that begins with # is one like others. */
static bool caption_take(const struct repl *repl, slice line, slice *words)
{
    *words = line;
    if (take_prefix(words, ":#") || (!script_is_connected(repl->world) && take_char(words, '#'))) {
        *words = slice_trim(*words);
        return true;
    }
    return false;
}

/* Between the commands of a script. */
static void blank_pass(struct presenting *presenting)
{
    while (presenting->next < presenting->count && !script_is_connected(presenting->repl->world) &&
           !slice_trim(presenting->lines[presenting->next].text).len)
        presenting->next++;
}

/* False: it was `exit`. */
static bool line_type(struct presenting *presenting)
{
    struct repl *repl = presenting->repl;
    slice line = presenting->lines[presenting->next].text, words;
    presenting->lines[presenting->next++].step = timeline_step(repl->timeline);
    if (caption_take(repl, line, &words)) {
        show_text(repl, "\n\n");
        show_wrapped(repl, words, 1);
        show_text(repl, "\n");
        return true;
    }
    show_text(repl, "%.*s\n", SLICE_ARG(line));
    return prompt_line(repl, line);
}

/* To before the line that was typed last. */
static void line_back(struct presenting *presenting)
{
    struct repl *repl = presenting->repl;
    struct error why = { "" };
    char step[32];
    if (presenting->next == 0)
        return;
    presenting->next--;
    snprintf(step, sizeof step, "%llu",
             (unsigned long long)presenting->lines[presenting->next].step);
    if (!timeline_go(repl->timeline, slice_of(step), &why))
        say_error(&why);
    show_new(repl, false);
    if (repl->world->sitting)
        sitting_turned(repl->world->sitting);
    show_text(repl, "\n   back: before  %.*s\n",
              SLICE_ARG(presenting->lines[presenting->next].text));
}

/* --- aside ---------------------------------------------------------------------------------- */

/* A prompt in the same world, on a branch of its own; then back to where the story was. */
static void aside(struct presenting *presenting)
{
    struct repl *repl = presenting->repl;
    struct error why = { "" };
    char name[TIMELINE_NAME_MAX + 1], step[32];
    snprintf(step, sizeof step, "%llu", (unsigned long long)timeline_step(repl->timeline));
    bool forked;
    do {
        snprintf(name, sizeof name, "aside-%u", ++presenting->asides);
        forked = timeline_fork(repl->timeline, slice_of(name), &why);
    } while (!forked && presenting->asides < ASIDES_MAX);
    if (!forked) {
        say_error(&why);
        return;
    }
    keys_end(&presenting->keys);
    show_text(repl, "\n   A prompt in this world, on branch %s. `exit` goes back to the story.\n",
              name);
    prompt_loop(repl);
    serve_prompt_stop(repl);
    signal_break = 0;
    keys_begin(&presenting->keys);
    if (!timeline_go(repl->timeline, slice_of(presenting->branch), &why) ||
        !timeline_go(repl->timeline, slice_of(step), &why))
        say_error(&why);
    show_new(repl, false);
    if (repl->world->sitting)
        sitting_turned(repl->world->sitting);
    clear(presenting);
    show_text(repl, "   The story goes on where it was. What was done aside is on branch %s.\n",
              name);
}

/* --- keys ----------------------------------------------------------------------------------- */

static void next_say(const struct presenting *presenting)
{
    struct repl *repl = presenting->repl;
    if (presenting->next == presenting->count)
        return;
    show_text(repl, "\n   line %zu of %zu:  %.*s\n", presenting->next + 1, presenting->count,
              SLICE_ARG(presenting->lines[presenting->next].text));
}

/* The room was asked what will happen, and answered aloud: the next key goes on. */
static bool question_ends(const struct presenting *presenting)
{
    struct sitting *sitting = presenting->repl->world->sitting;
    if (!sitting || sitting->asks < 0)
        return false;
    sitting->asks = -1;
    show_text(presenting->repl, "\n");
    return true;
}

/* False: it is over. */
static bool key_use(struct presenting *presenting, int key)
{
    switch (key) {
    case KEY_LEAVE:
    case 'q': return false;
    case KEY_NONE: break;
    case 'b':
    case KEY_BACK: line_back(presenting); break;
    case 'p': aside(presenting); break;
    case 'n': next_say(presenting); break;
    case 'c': clear(presenting); break;
    case 'h':
    case '?': show_text(presenting->repl, "\n   %s\n", keys_said); break;
    default:
        if (question_ends(presenting))
            break;
        if (presenting->next == presenting->count)
            return true;
        if (!line_type(presenting))
            return false;
    }
    blank_pass(presenting);
    prompt_draw(presenting);
    return true;
}

/* --- beginning ------------------------------------------------------------------------------ */

static void line_add(struct presenting *presenting, slice text)
{
    if (presenting->count == presenting->cap) {
        presenting->cap = presenting->cap ? presenting->cap * 2 : 64;
        presenting->lines = realloc(presenting->lines, presenting->cap * sizeof(struct line));
        must(presenting->lines != NULL);
    }
    presenting->lines[presenting->count++] = (struct line){ .text = text };
}

static bool begins(struct presenting *presenting)
{
    struct repl *repl = presenting->repl;
    if (!keys_open(&presenting->keys) || !repl->timeline) {
        terminal_error(repl->timeline ? "--present needs a terminal for its keys"
                                      : "--present needs a world whose time can be turned");
        return false;
    }
    repl->columns_most = PRESENT_COLUMNS;
    show_ask_columns(repl);
    repl->asks = repl->prompts = true;
    repl->front.no_notes = repl->front.look.presents = true;
    FIELD_SET(presenting->branch, slice_of(timeline_name(repl->timeline)));
    clear(presenting);
    return true;
}

static enum exit_code present(struct presenting *presenting)
{
    show_text(presenting->repl, " %s\n\n", keys_said);
    keys_begin(&presenting->keys);
    blank_pass(presenting);
    prompt_draw(presenting);
    while (!signal_leave && key_use(presenting, key_read(&presenting->keys)))
        continue;
    keys_end(&presenting->keys);
    signal_break = 0;
    show_text(presenting->repl, "\n");
    free(presenting->lines);
    return EXIT_GOOD;
}

enum exit_code present_lesson(struct repl *repl, struct sitting *sitting)
{
    struct presenting presenting = { .repl = repl };
    struct buf said = BUF_MAX(SAID_MAX);
    if (!begins(&presenting))
        return EXIT_USAGE;
    for (size_t i = 0; i < sitting->lesson->goal_count; i++)
        for (size_t j = 0; j < sitting->lesson->goals[i].solution.count; j++)
            line_add(&presenting, sitting->lesson->goals[i].solution.at[j].text);
    sitting_say_start(sitting, &said, &repl->front.look);
    terminal_draw(repl->out, buf_slice(&said));
    buf_free(&said);
    return present(&presenting);
}

enum exit_code present_text(struct repl *repl, slice text)
{
    struct presenting presenting = { .repl = repl };
    if (!begins(&presenting))
        return EXIT_USAGE;
    while (text.len) {
        slice line = take_until(&text, '\n');
        if (line.len && line.at[line.len - 1] == '\r')
            line.len--;
        line_add(&presenting, line);
    }
    return present(&presenting);
}
